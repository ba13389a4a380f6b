// Package profile keeps what each visitor did, as compact lines in time order,
// and who a visitor is.
//
// Every count of the index is a sum over visitors of a function of their lines
// (package cooccur), so the lines are the state and the counts only its shadow:
// merging an anonymous visit into a customer, a late event, or an erasure is
// "subtract the old lines, add the new".
//
// A visitor is known by nodes: customer ids, anonymous ids, session ids and,
// when nothing else is given, order ids. Nodes are interned in one Dict with a
// prefix per kind. Order and session nodes double as the group number of a
// line, so merging visitors renumbers nothing.
package profile

import (
	"slices"
	"time"

	"osusume/recommend"
	"osusume/recommend/snapshot"
)

// Line is one item of one event. 16 bytes.
type Line struct {
	Item uint32
	Time uint32 // Unix seconds
	// Group is the node of the order (purchases, refunds) or session (the
	// rest); 0 is none.
	Group    uint32
	Quantity uint16 // saturating
	Kind     recommend.EventType
}

// Bought reports whether the line says the visitor wanted the item enough to
// take it: a purchase, or a rating where there are no purchases.
func (l Line) Bought() bool { return l.Kind == recommend.Purchase || l.Kind == recommend.Rating }

// Browsed reports whether the line is a step of a session.
func (l Line) Browsed() bool {
	switch l.Kind {
	case recommend.ViewItem, recommend.AddToCart, recommend.SelectItem, recommend.AddToWishlist:
		return true
	default:
		return false
	}
}

// SessionGap splits lines without a session id into sessions.
const SessionGap = uint32(30 * time.Minute / time.Second)

// Visitor is one person or device.
type Visitor struct {
	// Lines are in time order; lines of equal time in order of arrival.
	// Readers never see a line change: changes in the middle make a new slice.
	Lines []Line
	// Shown are the newest impressions, in time order: items of lists the
	// visitor was shown. They count for nothing but rotation.
	Shown []Line
	// Merged is the visitor this one became part of, plus one; 0 when none.
	Merged uint32
	// Seen counts all lines ever, dropped ones included.
	Seen uint32
	// Known is set for visitors with a customer id.
	Known bool
}

// Insert returns lines with added put in their places (added must be in time
// order), and the index of the first place that changed.
func Insert(lines, added []Line) ([]Line, int) {
	if len(added) == 0 {
		return lines, len(lines)
	}
	if len(lines) == 0 || lines[len(lines)-1].Time <= added[0].Time {
		return append(lines, added...), len(lines)
	}
	first, _ := slices.BinarySearchFunc(lines, added[0].Time, func(l Line, t uint32) int {
		if l.Time <= t {
			return -1
		}
		return 1
	})
	out := make([]Line, 0, len(lines)+len(added))
	out = append(out, lines[:first]...)
	rest := lines[first:]
	for len(rest) > 0 && len(added) > 0 {
		if rest[0].Time <= added[0].Time {
			out, rest = append(out, rest[0]), rest[1:]
		} else {
			out, added = append(out, added[0]), added[1:]
		}
	}
	return append(append(out, rest...), added...), first
}

// Node kinds are prefixes of the keys in the Dict.
const (
	customerNode  = "c:"
	anonymousNode = "a:"
	sessionNode   = "s:"
	orderNode     = "o:"
)

const noVisitor = ^uint32(0)

// Visitors is the writer's side.
type Visitors struct {
	nodes snapshot.Dict
	// owner is the visitor of each node, noVisitor for pure group nodes.
	owner    snapshot.Array[uint32]
	visitors snapshot.Array[Visitor]
}

// NewVisitors returns an empty set; node 0 is taken so that 0 means none.
func NewVisitors() *Visitors {
	v := &Visitors{}
	v.node("", "")
	return v
}

// Len is the number of visitors, merged ones included.
func (v *Visitors) Len() int { return v.visitors.Len() }

// Lines returns the lines of a visitor.
func (v *Visitors) Lines(id uint32) []Line { return v.visitors.At(id).Lines }

// SetLines replaces the lines of a visitor.
func (v *Visitors) SetLines(id uint32, lines []Line) { v.visitors.Ptr(id).Lines = lines }

// Dropped counts added lines of a visitor and returns how many of the oldest
// of its length lines to drop so that at most limit stay, 0 while they may all
// stay. It drops an eighth of the limit at a time, at points that depend on the
// number of lines ever seen and not on how they arrived. A negative limit keeps
// all.
func (v *Visitors) Dropped(id uint32, added, length, limit int) int {
	p := v.visitors.Ptr(id)
	p.Seen += uint32(added)
	if limit < 0 || int(p.Seen) <= limit {
		return 0
	}
	step := max(limit/8, 1)
	keep := limit - step + (int(p.Seen)-limit-1)%step + 1
	return max(length-keep, 0)
}

// maxShown bounds the impressions kept per visitor.
const maxShown = 200

// Show adds impressions of a visitor, in time order.
func (v *Visitors) Show(id uint32, lines []Line) {
	p := v.visitors.Ptr(id)
	shown, _ := Insert(p.Shown, lines)
	if len(shown) > 2*maxShown {
		shown = slices.Clone(shown[len(shown)-maxShown:])
	}
	p.Shown = shown
}

func (v *Visitors) node(prefix, id string) uint32 {
	n := v.nodes.Intern(prefix + id)
	if int(n) == v.owner.Len() {
		v.owner.Append(noVisitor)
	}
	return n
}

// Find follows merges to the visitor that holds the lines.
func (v *Visitors) Find(id uint32) uint32 {
	for m := v.visitors.At(id).Merged; m != 0; m = v.visitors.At(id).Merged {
		id = m - 1
	}
	return id
}

func (v *Visitors) of(node uint32) uint32 {
	if node == 0 || v.owner.At(node) == noVisitor {
		return noVisitor
	}
	return v.Find(v.owner.At(node))
}

func (v *Visitors) link(node, visitor uint32) {
	if node != 0 && v.owner.At(node) != visitor {
		v.owner.Set(node, visitor)
	}
}

// Identity is what an event says about who and where.
type Identity struct {
	Visitor uint32
	// Session and Order are group nodes, 0 when not given.
	Session, Order uint32
	// NewOrder is set when no event named this order before.
	NewOrder bool
}

// Resolve finds or makes the visitor of e, links all its ids to it and calls
// merge(from, into) for every anonymous visitor that turns out to be the same
// person; merge must move the lines. Rules: a customer id decides; an anonymous
// id, session or order that belonged to nobody known becomes the customer's,
// history included, so that an order told by the browser and by the server is
// one; an anonymous id or session that belonged to another customer is
// re-pointed from now on, without history, an order is not. Without a customer
// id, the anonymous id decides, then the session, then the order.
func (v *Visitors) Resolve(e *recommend.Event, merge func(from, into uint32)) Identity {
	var c, a, s, o uint32
	if e.CustomerID != "" {
		c = v.node(customerNode, e.CustomerID)
	}
	if e.AnonymousID != "" {
		a = v.node(anonymousNode, e.AnonymousID)
	}
	if e.SessionID != "" {
		s = v.node(sessionNode, e.SessionID)
	}
	known := v.nodes.Len()
	if e.OrderID != "" {
		o = v.node(orderNode, e.OrderID)
	}
	newOrder := v.nodes.Len() > known
	id := noVisitor
	switch {
	case c != 0:
		id = v.of(c)
	default:
		for _, n := range [...]uint32{a, s, o} {
			w := v.of(n)
			if w == noVisitor {
				continue
			}
			if id == noVisitor || (v.visitors.At(w).Known && !v.visitors.At(id).Known) {
				id = w
			}
		}
	}
	if id == noVisitor {
		id = v.visitors.Append(Visitor{Known: c != 0})
	}
	v.link(c, id)
	for _, n := range [...]uint32{a, s, o} {
		w := v.of(n)
		if n != 0 && w != noVisitor && w != id && !v.visitors.At(w).Known {
			merge(w, id)
			v.Show(id, v.visitors.At(w).Shown)
			gone := v.visitors.Ptr(w)
			gone.Merged, gone.Lines, gone.Shown = id+1, nil, nil
		}
		// An order stays with the customer who placed it.
		if n != o || v.of(o) == noVisitor {
			v.link(n, id)
		}
	}
	return Identity{Visitor: id, Session: s, Order: o, NewOrder: newOrder}
}

// OrderGroup returns the group node of a purchase without an order id: its
// event stands for the order.
func (v *Visitors) OrderGroup(eventID string) uint32 { return v.node("e:", eventID) }

// Bytes estimates the memory of all visitors; linear in their number.
func (v *Visitors) Bytes() int64 {
	n := int64(v.nodes.Len())*(16+4+6+24) + int64(v.visitors.Len())*40
	for id := range uint32(v.visitors.Len()) {
		n += int64(cap(v.visitors.At(id).Lines)) * 16
	}
	return n
}

// Freeze returns the current state for readers.
func (v *Visitors) Freeze() Frozen {
	return Frozen{nodes: v.nodes.Freeze(), owner: v.owner.Freeze(), visitors: v.visitors.Freeze()}
}

// Frozen is an immutable state of Visitors.
type Frozen struct {
	nodes    snapshot.FrozenDict
	owner    snapshot.Frozen[uint32]
	visitors snapshot.Frozen[Visitor]
}

// Len is the number of visitors, merged ones included.
func (f Frozen) Len() int { return f.visitors.Len() }

// Visitor returns visitor id, following merges; read only.
func (f Frozen) Visitor(id uint32) *Visitor {
	r := f.visitors.Ref(id)
	for r.Merged != 0 {
		r = f.visitors.Ref(r.Merged - 1)
	}
	return r
}

func (f Frozen) byNode(prefix, id string) (*Visitor, uint32) {
	if id == "" || len(id) > recommend.MaxIDBytes {
		return nil, 0
	}
	var buf [recommend.MaxIDBytes + 2]byte
	key := append(append(buf[:0], prefix...), id...)
	n, ok := f.nodes.LookupBytes(key)
	if !ok || f.owner.At(n) == noVisitor {
		return nil, n
	}
	return f.Visitor(f.owner.At(n)), n
}

// All calls fn with the lines of every visitor that has some, by visitor id.
func (f Frozen) All(fn func(lines []Line)) {
	for id := range uint32(f.visitors.Len()) {
		if lines := f.visitors.Ref(id).Lines; len(lines) > 0 {
			fn(lines)
		}
	}
}

// Customer returns the visitor with a customer id, nil when unknown.
func (f Frozen) Customer(id string) *Visitor { v, _ := f.byNode(customerNode, id); return v }

// Anonymous returns the visitor with an anonymous id, nil when unknown.
func (f Frozen) Anonymous(id string) *Visitor { v, _ := f.byNode(anonymousNode, id); return v }

// Session returns the visitor of a session and the session's group node, nil
// when unknown.
func (f Frozen) Session(id string) (*Visitor, uint32) { return f.byNode(sessionNode, id) }

// Each calls fn for every visitor that is not merged away, with the keys of its
// nodes in ascending order and a way to name groups, for digests.
func (v *Visitors) Each(fn func(keys []string, lines []Line, group func(uint32) string)) {
	keys := make([][]string, v.visitors.Len())
	for n := range uint32(v.nodes.Len()) {
		if id := v.of(n); id != noVisitor {
			keys[id] = append(keys[id], v.nodes.Key(n))
		}
	}
	for id := range keys {
		if len(keys[id]) > 0 {
			slices.Sort(keys[id])
			fn(keys[id], v.visitors.At(uint32(id)).Lines, v.nodes.Key)
		}
	}
}

// All calls fn with the lines of every visitor that has some, in no set order.
func (v *Visitors) All(fn func(lines []Line)) {
	for id := range uint32(v.visitors.Len()) {
		if lines := v.visitors.At(id).Lines; len(lines) > 0 {
			fn(lines)
		}
	}
}
