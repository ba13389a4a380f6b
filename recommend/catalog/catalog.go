// Package catalog holds what a shop sells: the dense id of every item, its
// attributes, price and availability, and for each attribute the items that
// carry it.
//
// One writer owns a Catalog and changes it in place; Snapshot hands readers an
// immutable state and costs what changed since the last one: pages of the
// arrays (package snapshot), blocks of the order by external id, and those
// member sets that an item entered or left.
//
// Words: an item is *interned* once its id is known, from the catalog or from
// an event; it is *deleted* after Delete and until the next Put, and then never
// shown again, but it keeps its dense id and attributes, because what visitors
// did with it is still learned from. An item is *shown* when it is not
// deleted and *eligible* when it can also be bought now.
//
// Invariants:
//   - dense ids are given in the order of first appearance and never change;
//     Encode keeps them;
//   - Shown and Eligible of a Snapshot have its Len; an item is eligible only
//     if it is shown;
//   - the members of categories, tags, leaves, groups, families and brands are
//     exactly the shown items that carry them, the bundles of an item exactly
//     the shown items whose BundleOf names it;
//   - ordinals of leaves, groups, families and brands start at 1, stay the same
//     for the life of a Catalog, and mean nothing beyond it.
//
// A category path is the joined list of its segments ("Audio/Headphones"). An
// item is a member of every path from its root to its leaf.
//
// Cost for n items: Intern and Put O(log n) and the item's attributes;
// Snapshot O(n/256) pointers at most; lookups O(1); Less one string comparison.
package catalog

import (
	"math"
	"slices"
	"strings"

	"osusume/recommend"
	"osusume/recommend/itemset"
	"osusume/recommend/snapshot"
)

// Catalog is the writer's side. It is not safe for concurrent use.
type Catalog struct {
	ids snapshot.Dict
	// items holds nil for an item that is nothing but its id.
	items snapshot.Array[*recommend.Item]
	facts snapshot.Array[facts]
	blank recommend.Item // stands for such an item; never changed
	order order
	// words holds one copy of each short string that many items share.
	words snapshot.Dict

	shown, eligible mask

	// categories holds the items at or below each path, leaves those whose
	// full path it is; both go by the ordinals of categories.
	categories    index
	categoryOrder order // of ordinals - 1
	leaves        snapshot.Array[entry]
	tags          index
	groups        index
	families      index
	brands        index
	// bundles holds the bundles that name each item id in their BundleOf, known
	// or not.
	bundles index

	// epoch counts snapshots: a set marked with an older epoch is shared with
	// readers and cloned before it changes.
	epoch uint64
	dirty bool
	last  *Snapshot
	bytes int64 // of items and member sets, estimated
}

// facts are what scoring asks about every candidate.
type facts struct {
	price                      float64 // major units, NaN unknown
	leaf, group, family, brand uint32  // ordinals from 1, 0 none
}

// mask is a set over all items that readers may share.
type mask struct {
	set    *itemset.Set
	shared bool
}

func (m *mask) own() *itemset.Set {
	if m.shared {
		m.set = m.set.Clone()
		m.shared = false
	}
	return m.set
}

func (m *mask) put(i uint32, member bool) {
	switch {
	case m.set.Has(i) == member:
	case member:
		m.own().Set(i)
	default:
		m.own().Clear(i)
	}
}

// New returns an empty catalog.
func New() *Catalog {
	return &Catalog{
		shown:    mask{set: itemset.New(0)},
		eligible: mask{set: itemset.New(0)},
		dirty:    true,
	}
}

// Len is the number of interned items, deleted ones included.
func (c *Catalog) Len() int { return c.ids.Len() }

// Lookup returns the dense id of an interned item, deleted or not.
func (c *Catalog) Lookup(id string) (uint32, bool) { return c.ids.Lookup(id) }

// ID returns the external id of an item.
func (c *Catalog) ID(i uint32) string { return c.ids.Key(i) }

// Relatives returns the ordinals of an item's family, group and leaf category, 0
// for none.
func (c *Catalog) Relatives(i uint32) (family, group, leaf uint32) {
	f := c.facts.At(i)
	return f.family, f.group, f.leaf
}

// Intern returns the dense id of the item with the given external id. A new
// one is eligible and has no attributes.
func (c *Catalog) Intern(id string) uint32 {
	if i, ok := c.ids.Lookup(id); ok {
		return i
	}
	i := c.append(id, nil, true)
	c.order.insert(&c.ids, i)
	return i
}

// NoItem is the dense id of no item.
const NoItem = snapshot.None

// LookupAll sets found to the dense ids of the items with the given external ids,
// NoItem for those that have none.
func (c *Catalog) LookupAll(ids []string, found []uint32) { c.ids.LookupAll(ids, found) }

// append adds an item that is not interned yet; the caller orders it.
func (c *Catalog) append(id string, item *recommend.Item, shown bool) uint32 {
	// The id may be a piece of a large request: keep only its own bytes.
	i := c.ids.Intern(strings.Clone(id))
	c.items.Append(nil)
	c.facts.Append(facts{price: math.NaN()})
	n := c.ids.Len()
	c.shown.own().Grow(n)
	c.eligible.own().Grow(n)
	c.bytes += int64(len(id)) + perItemBytes
	c.dirty = true
	c.replace(i, item, shown)
	return i
}

// Put creates the item or replaces it as a whole, and undeletes it. The
// catalog keeps a copy. It returns the dense id.
func (c *Catalog) Put(item recommend.Item) uint32 {
	i := c.Intern(item.ID)
	c.replace(i, c.keep(i, &item), true)
	return i
}

// Delete removes the item from everything shown until it is Put again. It
// reports false when the item is unknown or deleted already.
func (c *Catalog) Delete(id string) bool {
	i, ok := c.ids.Lookup(id)
	if !ok || !c.shown.set.Has(i) {
		return false
	}
	c.replace(i, c.items.At(i), false)
	return true
}

// replace makes item (nil: nothing but its id) the state of i and brings all
// masks and members up to date.
func (c *Catalog) replace(i uint32, item *recommend.Item, shown bool) {
	c.dirty = true
	old, was := c.items.At(i), c.shown.set.Has(i)
	if item != old {
		c.bytes += itemBytes(item) - itemBytes(old)
		c.items.Set(i, item)
	}
	c.shown.put(i, shown)
	c.eligible.put(i, shown && (item == nil || item.Eligible()))

	if item == nil {
		item = &c.blank
	}
	if old == nil {
		old = &c.blank
	}
	now := facts{price: math.NaN()}
	if item.Price != (recommend.Money{}) {
		now.price = item.Price.Major()
	}
	before := c.facts.At(i)
	now.leaf = c.moveCategory(i, before.leaf, old.Category, item.Category, was, shown)
	now.group = c.move(&c.groups, i, before.group, item.GroupID, was, shown)
	now.family = c.move(&c.families, i, before.family, item.Family, was, shown)
	now.brand = c.move(&c.brands, i, before.brand, item.Brand, was, shown)
	c.moveNames(&c.tags, i, old.Tags, item.Tags, was, shown)
	c.moveNames(&c.bundles, i, old.BundleOf, item.BundleOf, was, shown)
	if now != before {
		c.facts.Set(i, now)
	}
}

// move takes item i from ordinal from to the one of name and returns it.
func (c *Catalog) move(x *index, i, from uint32, name string, was, shown bool) uint32 {
	to := x.ordinal(name)
	if was && (from != to || !shown) {
		c.leave(&x.members, from, i)
	}
	if shown && (from != to || !was) {
		c.join(&x.members, to, i)
	}
	return to
}

func (c *Catalog) moveCategory(i, from uint32, old, path []string, was, shown bool) uint32 {
	if was == shown && slices.Equal(old, path) {
		return from
	}
	if was {
		c.leave(&c.leaves, from, i)
		for p := range paths(old) {
			c.leave(&c.categories.members, c.category(p), i)
		}
	}
	to := c.category(strings.Join(path, "/"))
	if shown {
		c.join(&c.leaves, to, i)
		for p := range paths(path) {
			c.join(&c.categories.members, c.category(p), i)
		}
	}
	return to
}

// category returns the ordinal of a path, giving it the next one and its place
// among the sorted paths when it is new.
func (c *Catalog) category(path string) uint32 {
	known := c.categories.names.Len()
	o := c.categories.ordinal(path)
	if c.categories.names.Len() > known {
		c.categoryOrder.insert(&c.categories.names, o-1)
	}
	return o
}

// moveNames takes item i from the members of the old names to those of names.
func (c *Catalog) moveNames(x *index, i uint32, old, names []string, was, shown bool) {
	if was {
		for _, n := range old {
			if !shown || !slices.Contains(names, n) {
				c.leave(&x.members, x.ordinal(n), i)
			}
		}
	}
	if shown {
		for _, n := range names {
			if !was || !slices.Contains(old, n) {
				c.join(&x.members, x.ordinal(n), i)
			}
		}
	}
}

// Snapshot returns the present state for readers; the same one when nothing
// changed since the last.
func (c *Catalog) Snapshot() *Snapshot {
	if !c.dirty && c.last != nil {
		return c.last
	}
	c.shown.shared, c.eligible.shared = true, true
	s := &Snapshot{
		ids:           c.ids.Freeze(),
		items:         c.items.Freeze(),
		facts:         c.facts.Freeze(),
		order:         c.order.freeze(),
		shown:         c.shown.set,
		eligible:      c.eligible.set,
		categories:    c.categories.freeze(),
		categoryOrder: c.categoryOrder.freeze(),
		leaves:        c.leaves.Freeze(),
		tags:          c.tags.freeze(),
		groups:        c.groups.freeze(),
		families:      c.families.freeze(),
		brands:        c.brands.freeze(),
		bundles:       c.bundles.freeze(),
		bytes:         c.bytes + c.shown.set.Bytes() + c.eligible.set.Bytes(),
	}
	c.epoch++
	c.dirty = false
	c.last = s
	return s
}
