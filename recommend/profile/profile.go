// Package profile keeps what each visitor did, as compact lines in time order,
// and who a visitor is.
//
// Every count of the index is a sum over visitors of a function of their lines
// (package cooccur), so the lines are the state and the counts only its shadow:
// merging an anonymous visit into a customer, a late event, or an erasure is
// "subtract the old lines, add the new".
//
// A visitor is known by names, customer ids, and by nodes: anonymous ids, session
// ids and, when nothing else is given, order ids. Names are kept, since people
// ask who a list is for. Of a node nothing is kept but a 64-bit hash (SipHash-2-4
// with a random key of this state), 17 bytes with its place in a table and 4 for
// its visitor: nobody asks for its text again. Two of 60 million nodes are taken
// for one with a chance of 1 in 10,000, and nobody who does not know the key can
// make it happen; what would come of it is what comes of two strangers with one
// session id. Order and session nodes double as the group number of a line, so
// merging visitors renumbers nothing.
//
// Memory: 56 bytes and 16 a line for a visitor, 18 bytes and its own for a name,
// 21 for a node.
package profile

import (
	"fmt"
	"slices"
	"strconv"
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
	*rare
	// link says what became of the visitor: joined and the visitor this one
	// became part of, or perhaps known and how many others became part of it.
	link uint32
	// seen counts all lines ever, dropped ones included.
	seen uint32
}

// rare is what few visitors have; never changed in place.
type rare struct {
	// Shown are the newest impressions, in time order: items of lists the
	// visitor was shown. They count for nothing but rotation.
	Shown []Line
}

const (
	joined    = 1 << 31 // the rest of link is a visitor
	known     = 1 << 30 // the visitor has a customer id
	linkValue = known - 1
	// maxVisitors is what a link can name.
	maxVisitors = linkValue
)

func (p Visitor) known() bool { return p.link&(joined|known) == known }

// into returns the visitor this one became part of, if it did.
func (p Visitor) into() (id uint32, ok bool) { return p.link & linkValue, p.link&joined != 0 }

// others is how many visitors became part of this one.
func (p Visitor) others() uint32 { return p.link & linkValue }

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

const noVisitor = ^uint32(0)

// Visitors is the writer's side.
type Visitors struct {
	names snapshot.Names
	// named is the visitor of each name.
	named snapshot.Array[uint32]
	key   hashKey
	nodes snapshot.Hashes
	// owner is the visitor of each node, noVisitor for pure group nodes.
	owner    snapshot.Array[uint32]
	visitors snapshot.Array[Visitor]
	none     *rare // of everybody who has nothing rare
	held     int64 // bytes of all histories
}

// NewVisitors returns an empty set.
func NewVisitors() *Visitors {
	v := &Visitors{key: newHashKey(), none: &rare{}}
	v.node(v.key.hash(noNode, "")) // node 0 is taken, so that 0 means none
	return v
}

// Len is the number of visitors, merged ones included.
func (v *Visitors) Len() int { return v.visitors.Len() }

// Lines returns the lines of a visitor.
func (v *Visitors) Lines(id uint32) []Line { return v.visitors.At(id).Lines }

// SetLines replaces the lines of a visitor.
func (v *Visitors) SetLines(id uint32, lines []Line) {
	p := v.visitors.Ptr(id)
	v.held -= v.historyBytes(p)
	p.Lines = lines
	v.held += v.historyBytes(p)
}

// Dropped counts added lines of a visitor and returns how many of the oldest
// of its length lines to drop so that at most limit stay, 0 while they may all
// stay. It drops an eighth of the limit at a time, at points that depend on the
// number of lines ever seen and not on how they arrived. A negative limit keeps
// all.
func (v *Visitors) Dropped(id uint32, added, length, limit int) int {
	p := v.visitors.Ptr(id)
	p.seen += uint32(added)
	if limit < 0 || int(p.seen) <= limit {
		return 0
	}
	step := max(limit/8, 1)
	keep := limit - step + (int(p.seen)-limit-1)%step + 1
	return max(length-keep, 0)
}

// maxShown bounds the impressions kept per visitor.
const maxShown = 200

// Show adds impressions of a visitor, in time order.
func (v *Visitors) Show(id uint32, lines []Line) {
	if len(lines) == 0 {
		return
	}
	p := v.visitors.Ptr(id)
	shown, _ := Insert(p.Shown, lines)
	if len(shown) > 2*maxShown {
		shown = slices.Clone(shown[len(shown)-maxShown:])
	}
	v.held -= v.historyBytes(p)
	p.rare = &rare{Shown: shown}
	v.held += v.historyBytes(p)
}

func (v *Visitors) node(hash uint64) uint32 {
	n := v.nodes.Intern(hash)
	if int(n) == v.owner.Len() {
		v.owner.Append(noVisitor)
	}
	return n
}

// Find follows merges to the visitor that holds the lines, and shortens the way
// for those to come.
func (v *Visitors) Find(id uint32) uint32 {
	root := id
	for {
		into, ok := v.visitors.At(root).into()
		if !ok {
			break
		}
		root = into
	}
	for id != root {
		into, _ := v.visitors.At(id).into()
		if into != root {
			v.visitors.Ptr(id).link = joined | root
		}
		id = into
	}
	return root
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

// customer returns the visitor with a customer id, noVisitor when it is new.
// The caller names the visitor of a new one before anything else.
func (v *Visitors) customer(id string, hash uint64) uint32 {
	if n := v.names.InternHashed(id, hash); int(n) < v.named.Len() {
		return v.named.At(n) // known visitors are never merged away
	}
	return noVisitor
}

// Keys are the hashes of the ids of an event, for one that is given.
type Keys struct{ customer, anonymous, session, order uint64 }

// Keys returns the keys of e. It may be called beside one other method.
func (v *Visitors) Keys(e *recommend.Event) (k Keys) {
	if e.CustomerID != "" {
		k.customer = v.names.Hash(e.CustomerID)
	}
	if e.AnonymousID != "" {
		k.anonymous = v.key.hash(anonymousNode, e.AnonymousID)
	}
	if e.SessionID != "" {
		k.session = v.key.hash(sessionNode, e.SessionID)
	}
	if e.OrderID != "" {
		k.order = v.key.hash(orderNode, e.OrderID)
	}
	return k
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
func (v *Visitors) Resolve(e *recommend.Event, k Keys, merge func(from, into uint32)) Identity {
	var a, s, o uint32
	if e.AnonymousID != "" {
		a = v.node(k.anonymous)
	}
	if e.SessionID != "" {
		s = v.node(k.session)
	}
	before := v.nodes.Len()
	if e.OrderID != "" {
		o = v.node(k.order)
	}
	newOrder := v.nodes.Len() > before
	id := noVisitor
	switch {
	case e.CustomerID != "":
		if id = v.customer(e.CustomerID, k.customer); id == noVisitor {
			id = v.add(known)
			v.named.Append(id)
		}
	default:
		for _, n := range [...]uint32{a, s, o} {
			w := v.of(n)
			if w == noVisitor {
				continue
			}
			if id == noVisitor || (v.isKnown(w) && !v.isKnown(id)) {
				id = w
			}
		}
		if id == noVisitor {
			id = v.add(0)
		}
	}
	for _, n := range [...]uint32{a, s, o} {
		if w := v.of(n); w != noVisitor && w != id && !v.isKnown(w) {
			id = v.merge(w, id, merge)
		}
		// An order stays with the customer who placed it.
		if n != o || v.of(o) == noVisitor {
			v.link(n, id)
		}
	}
	return Identity{Visitor: id, Session: s, Order: o, NewOrder: newOrder}
}

// add makes a visitor.
func (v *Visitors) add(link uint32) uint32 {
	if v.visitors.Len() >= maxVisitors {
		panic(fmt.Sprintf("profile: more than %d visitors", maxVisitors))
	}
	return v.visitors.Append(Visitor{rare: v.none, link: link})
}

func (v *Visitors) isKnown(id uint32) bool { p := v.visitors.At(id); return p.known() }

// merge makes one visitor of the stranger w and of id, and returns which of the
// two it is: the known one, else the one more strangers have become part of, so
// that no way to a visitor is longer than the logarithm of their number.
func (v *Visitors) merge(w, id uint32, move func(from, into uint32)) uint32 {
	if gone, stays := v.visitors.At(w), v.visitors.At(id); !stays.known() && gone.others() > stays.others() {
		w, id = id, w
	}
	move(w, id)
	gone := v.visitors.At(w)
	v.Show(id, gone.Shown)
	v.held -= v.historyBytes(v.visitors.Ptr(w))
	*v.visitors.Ptr(w) = Visitor{rare: v.none, link: joined | id}
	v.visitors.Ptr(id).link += gone.others() + 1
	return id
}

// OrderGroup returns the group node of a purchase without an order id: its
// event stands for the order.
func (v *Visitors) OrderGroup(eventID string) uint32 { return v.node(v.key.hash(eventNode, eventID)) }

// Bytes is the memory of all visitors, without what only readers of older states
// still hold.
func (v *Visitors) Bytes() int64 {
	return v.names.Bytes() + v.named.Bytes() + v.nodes.Bytes() + v.owner.Bytes() + v.visitors.Bytes() + v.held
}

// historyBytes is the memory of what a visitor did and was shown.
func (v *Visitors) historyBytes(p *Visitor) int64 {
	n := int64(cap(p.Lines)) * lineBytes
	if p.rare != v.none {
		n += rareBytes + int64(cap(p.Shown))*lineBytes
	}
	return n
}

const lineBytes, rareBytes = 16, 24

// Freeze returns the current state for readers.
func (v *Visitors) Freeze() Frozen {
	return Frozen{
		names: v.names.Freeze(), named: v.named.Freeze(),
		key: v.key, nodes: v.nodes.Freeze(), owner: v.owner.Freeze(), visitors: v.visitors.Freeze(),
	}
}

// Frozen is an immutable state of Visitors.
type Frozen struct {
	names    snapshot.FrozenNames
	named    snapshot.Frozen[uint32]
	key      hashKey
	nodes    snapshot.FrozenHashes
	owner    snapshot.Frozen[uint32]
	visitors snapshot.Frozen[Visitor]
}

// Len is the number of visitors, merged ones included.
func (f Frozen) Len() int { return f.visitors.Len() }

// Visitor returns visitor id, following merges; read only.
func (f Frozen) Visitor(id uint32) *Visitor {
	r := f.visitors.Ref(id)
	for into, ok := r.into(); ok; into, ok = r.into() {
		r = f.visitors.Ref(into)
	}
	return r
}

func (f Frozen) byNode(kind nodeKind, id string) (*Visitor, uint32) {
	if id == "" || len(id) > recommend.MaxIDBytes {
		return nil, 0
	}
	n, ok := f.nodes.Lookup(f.key.hash(kind, id))
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
func (f Frozen) Customer(id string) *Visitor {
	n, ok := f.names.Lookup(id)
	if !ok {
		return nil
	}
	return f.Visitor(f.named.At(n))
}

// Anonymous returns the visitor with an anonymous id, nil when unknown.
func (f Frozen) Anonymous(id string) *Visitor { v, _ := f.byNode(anonymousNode, id); return v }

// Session returns the visitor of a session and the session's group node, nil
// when unknown.
func (f Frozen) Session(id string) (*Visitor, uint32) { return f.byNode(sessionNode, id) }

// Each calls fn for every visitor that is not merged away, with what it is known
// by, its customer id and the number of its nodes, and a way to tell its groups
// apart, for digests: groups are numbered as they are asked for, "" is none.
func (v *Visitors) Each(fn func(keys []string, lines []Line, group func(uint32) string)) {
	customer, nodes := make([]string, v.visitors.Len()), make([]int, v.visitors.Len())
	for n := range uint32(v.names.Len()) {
		customer[v.named.At(n)] = v.names.Name(n)
	}
	for n := range uint32(v.nodes.Len()) {
		if id := v.of(n); id != noVisitor {
			nodes[id]++
		}
	}
	for id := range uint32(v.visitors.Len()) {
		p := v.visitors.At(id)
		if _, gone := p.into(); gone {
			continue
		}
		numbers := map[uint32]string{0: ""}
		fn([]string{customer[id], strconv.Itoa(nodes[id])}, p.Lines, func(g uint32) string {
			name, ok := numbers[g]
			if !ok {
				name = strconv.Itoa(len(numbers))
				numbers[g] = name
			}
			return name
		})
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
