// Package engine answers requests from one immutable View of the index, and
// holds the writer's Index that Views are made from.
//
// A request is answered in steps: the placement chooses a model; the model's
// signals turn the visitor's history, session or cart into a profile and add up
// neighbour weights in a dense accumulator; filters and hidden items are tested
// only for what could enter the list; trending items, bestsellers and finally
// anything eligible fill what is missing; the strongest contribution to each
// item becomes its reason. Everything a request reads hangs off one View, so
// the same request on the same View gives the same answer, and no reader ever
// waits for the writer.
package engine

import (
	"maps"
	"slices"
	"time"
	"weak"

	"osusume/recommend"
	"osusume/recommend/catalog"
	"osusume/recommend/cooccur"
	"osusume/recommend/evidence"
	"osusume/recommend/profile"
	"osusume/recommend/snapshot"
	"osusume/recommend/upsell"
	"osusume/recommend/weight"
)

// View is an immutable snapshot of the whole index, for any number of readers.
type View struct {
	settings  *Settings
	catalog   *catalog.Snapshot
	visitors  profile.Frozen
	evidence  evidence.View
	suggester *upsell.Suggester
	popular   *popularity
	newcomers newcomers
	models    []model
	related   map[recommend.RelatedKind]int
	lists     []frozenLists
	seq       uint64
	asOf      time.Time
	stats     Stats
	scratch   *scratchPool
	self      weak.Pointer[View]
}

// frozenLists is a listSet for readers.
type frozenLists struct {
	snapshot.Frozen[weight.List]
	spec  weight.Spec
	scale float32
	kind  cooccur.Kind
}

// of returns the neighbours of item, an empty list for items that came later.
func (f *frozenLists) of(item uint32) weight.List {
	if int(item) >= f.Len() {
		return weight.List{}
	}
	return f.At(item)
}

// Weak identifies the View without keeping it. It is there to be compared: whoever
// follows it while the garbage collector is at work keeps the View for longer.
func (v *View) Weak() weak.Pointer[View] {
	if v.self == (weak.Pointer[View]{}) {
		return weak.Make(v) // not made by Publish
	}
	return v.self
}

// Seq is the newest record the View includes.
func (v *View) Seq() uint64 { return v.seq }

// AsOf is the moment the View was made; ages and windows are relative to it.
func (v *View) AsOf() time.Time { return v.asOf }

// Item returns the catalog entry and whether the item is known and not deleted.
func (v *View) Item(id string) (*recommend.Item, bool) {
	i, ok := v.catalog.Lookup(id)
	if !ok || v.catalog.Deleted(i) {
		return nil, false
	}
	return v.catalog.Item(i), true
}

// Items lists known items by id, after the given one, at most limit.
func (v *View) Items(after string, limit int) []*recommend.Item {
	return v.catalog.List(after, limit)
}

// Categories lists the category paths that have items, sorted.
func (v *View) Categories() []string { return v.catalog.Categories() }

// Placements lists the accepted placement names, sorted.
func (v *View) Placements() []string { return slices.Sorted(maps.Keys(v.settings.Placements)) }

// Models lists the accepted model names, sorted.
func (v *View) Models() []string { return slices.Sorted(maps.Keys(v.settings.Models)) }

// Stats are the sizes of the index.
type Stats struct {
	Items, EligibleItems, Visitors int
	// Pairs counts directed pairs with support, by kind of count.
	OrderPairs, CustomerPairs, SessionPairs int64
	// Bytes by part, estimated from lengths: "pairs", "lists", "profiles",
	// "catalog", "evidence".
	Bytes map[string]int64
	// MaxBytes is the limit of their sum, 0 for none; DroppedPairs how many
	// directed pairs were given up to keep it.
	MaxBytes, DroppedPairs int64
}

// Stats returns the sizes of the View; cheap.
func (v *View) Stats() Stats { return v.stats }

// Customer returns what is known of a visitor by customer id, else by anonymous
// id, with at most limit interactions, newest first.
func (v *View) Customer(id string, limit int) (recommend.Customer, bool) {
	p := v.visitors.Customer(id)
	if p == nil {
		p = v.visitors.Anonymous(id)
	}
	if p == nil {
		return recommend.Customer{}, false
	}
	c := recommend.Customer{ID: id, Counts: make(map[string]int)}
	bought, visited, orders := map[uint32]bool{}, map[uint32]bool{}, map[uint32]bool{}
	for k := len(p.Lines) - 1; k >= 0; k-- {
		l := p.Lines[k]
		c.Counts[l.Kind.String()]++
		at := time.Unix(int64(l.Time), 0).UTC()
		if c.LastSeen.IsZero() {
			c.LastSeen = at
		}
		c.FirstSeen = at
		switch {
		case l.Kind == recommend.Purchase:
			bought[l.Item] = true
			orders[l.Group] = true
		case l.Browsed():
			visited[l.Item] = true
		}
		if len(c.Recent) < limit {
			c.Recent = append(c.Recent, recommend.Interaction{Type: l.Kind, Time: at, ItemID: v.catalog.ID(l.Item)})
		}
	}
	c.Orders, c.DistinctItemsBought, c.DistinctItemsVisited = len(orders), len(bought), len(visited)
	return c, true
}
