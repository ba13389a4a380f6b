package catalog

import (
	"iter"
	"slices"
	"strings"

	"osusume/recommend"
	"osusume/recommend/itemset"
	"osusume/recommend/snapshot"
)

// Snapshot is an immutable state of a Catalog for any number of readers. What
// its methods return is shared: read only. Dense ids at or beyond Len panic,
// except in Deleted and in the sets.
type Snapshot struct {
	ids             snapshot.FrozenDict
	items           snapshot.Frozen[*recommend.Item]
	facts           snapshot.Frozen[facts]
	order           frozenOrder
	shown, eligible *itemset.Set
	categories      frozenIndex
	categoryOrder   frozenOrder
	leaves          snapshot.Frozen[entry]
	tags            frozenIndex
	groups          frozenIndex
	families        frozenIndex
	brands          frozenIndex
	bundles         frozenIndex
	bytes           int64
}

// Len is the number of interned items, deleted ones included.
func (s *Snapshot) Len() int { return s.ids.Len() }

// Lookup returns the dense id of an interned item, deleted or not.
func (s *Snapshot) Lookup(id string) (uint32, bool) { return s.ids.Lookup(id) }

// ID returns the external id.
func (s *Snapshot) ID(i uint32) string { return s.ids.Key(i) }

// Item returns the item, never nil. For an item that is nothing but its id it
// is made anew at every call.
func (s *Snapshot) Item(i uint32) *recommend.Item {
	if it := s.items.At(i); it != nil {
		return it
	}
	return &recommend.Item{ID: s.ids.Key(i)}
}

// Role is the role of the item; unlike Item it never allocates.
func (s *Snapshot) Role(i uint32) recommend.Role {
	if it := s.items.At(i); it != nil {
		return it.Role
	}
	return recommend.RoleNone
}

// Deleted reports whether the item must never be shown. Unknown ids count as
// deleted.
func (s *Snapshot) Deleted(i uint32) bool { return !s.shown.Has(i) }

// Shown holds the items that are not deleted, available or not.
func (s *Snapshot) Shown() *itemset.Set { return s.shown }

// Eligible holds the shown items that are available and in stock.
func (s *Snapshot) Eligible() *itemset.Set { return s.eligible }

// Category returns the shown items at or below a path such as
// "Audio/Headphones", nil when there are none.
func (s *Snapshot) Category(path string) *itemset.Members { return s.categories.of(path) }

// Tag returns the shown items that carry the tag, nil when there are none.
func (s *Snapshot) Tag(tag string) *itemset.Members { return s.tags.of(tag) }

// Categories lists every path that has members, sorted by bytes.
func (s *Snapshot) Categories() []string {
	var list []string
	for o := range s.categoryOrder.all() {
		if at(s.categories.members, o+1) != nil {
			list = append(list, s.categories.names.Key(o))
		}
	}
	return list
}

// Price is the item's price in major units, NaN when unknown.
func (s *Snapshot) Price(i uint32) float64 { return s.facts.Ref(i).price }

// Leaf is the ordinal of the item's full category path, 0 without one. It
// stays when the item is deleted.
func (s *Snapshot) Leaf(i uint32) uint32 { return s.facts.Ref(i).leaf }

// Group is the ordinal of the item's group of variants, 0 without one.
func (s *Snapshot) Group(i uint32) uint32 { return s.facts.Ref(i).group }

// Family is the ordinal of the item's family of models, 0 without one.
func (s *Snapshot) Family(i uint32) uint32 { return s.facts.Ref(i).family }

// Brand is the ordinal of the item's brand, 0 without one.
func (s *Snapshot) Brand(i uint32) uint32 { return s.facts.Ref(i).brand }

// InLeaf returns the shown items whose full path is the leaf's, nil when there
// are none.
func (s *Snapshot) InLeaf(leaf uint32) *itemset.Members { return at(s.leaves, leaf) }

// InGroup returns the shown items of a group, nil when there are none.
func (s *Snapshot) InGroup(group uint32) *itemset.Members { return at(s.groups.members, group) }

// InFamily returns the shown items of a family, nil when there are none.
func (s *Snapshot) InFamily(family uint32) *itemset.Members { return at(s.families.members, family) }

// InBrand returns the shown items of a brand, nil when there are none.
func (s *Snapshot) InBrand(brand uint32) *itemset.Members { return at(s.brands.members, brand) }

// Bundles returns the shown items whose BundleOf names an item by its external
// id, nil when there are none.
func (s *Snapshot) Bundles(id string) *itemset.Members { return s.bundles.of(id) }

// Less orders items by the bytes of their external ids: the rule for ties.
func (s *Snapshot) Less(a, b uint32) bool { return s.ids.Key(a) < s.ids.Key(b) }

// List returns at most limit shown items in the order of their external ids,
// from the first one greater than after.
func (s *Snapshot) List(after string, limit int) []*recommend.Item {
	if limit <= 0 {
		return nil
	}
	list := make([]*recommend.Item, 0, min(limit, s.Len()))
	for i := range s.order.after(s.ids, after) {
		if !s.shown.Has(i) {
			continue
		}
		list = append(list, s.Item(i))
		if len(list) == limit {
			break
		}
	}
	return list
}

// ByID iterates over the eligible items in the order of their external ids.
func (s *Snapshot) ByID() iter.Seq[uint32] { return s.InOrder(s.eligible) }

// InOrder iterates over the members of a set in the order of their external
// ids.
func (s *Snapshot) InOrder(set *itemset.Set) iter.Seq[uint32] {
	return func(yield func(uint32) bool) {
		// Few members are sorted on the spot instead of walking all items.
		if n := set.Count(); n < s.Len()/64 {
			few := set.AppendTo(make([]uint32, 0, n))
			slices.SortFunc(few, func(a, b uint32) int { return strings.Compare(s.ids.Key(a), s.ids.Key(b)) })
			for _, i := range few {
				if !yield(i) {
					return
				}
			}
			return
		}
		for i := range s.order.all() {
			if set.Has(i) && !yield(i) {
				return
			}
		}
	}
}

// Bytes estimates the memory of the state from lengths.
func (s *Snapshot) Bytes() int64 { return s.bytes }
