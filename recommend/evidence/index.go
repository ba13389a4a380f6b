package evidence

import (
	"osusume/recommend/profile"
	"osusume/recommend/snapshot"
)

// Index is the writer's side of all counts. It belongs to one goroutine.
type Index struct {
	cfg Settings
	// base are the facts in force, changes those that a recount under way brings,
	// later those that wait for the next one.
	base           []Facts
	changes, later map[uint32]Facts
	changing       itemBits // the keys of changes
	// used are the items of all lines ever counted.
	used itemBits
	mode recountMode
	next uint32 // visitors below are behind the recount

	pairs       table[[3]uint32] // by item: Sub, Upg, Cmp
	items       sparse[itemCounts]
	leafOrder   table[[1]uint32] // by leaf
	itemOrder   table[[1]uint32] // by item
	buyers      snapshot.Array[uint32]
	repeats     sparse[repeats]
	leafRepeats sparse[leafRepeats]

	// Of the walk over one visitor.
	facts                  factBook
	oldRefunds, newRefunds refunds
	changed                stamps
	days                   []Rhythm
	family                 familyWalk
	order                  orderWalk
}

// itemCounts is what is counted of one item in its family.
type itemCounts struct{ chosen, boughtOn, switched, upgraded uint32 }

// New returns empty counts.
func New(s Settings) *Index { return &Index{cfg: s.WithDefaults()} }

// Settings returns the settings in force.
func (x *Index) Settings() Settings { return x.cfg }

// Update replaces the lines of a visitor. old must be the lines it had after the
// Update before, nil for none; the first elements of old and now, as many as
// first says, are the same. An erased visitor, or one that became part of
// another, has no lines now.
func (x *Index) Update(visitor uint32, old, now []profile.Line, first int) {
	book := factBook{base: x.base}
	if visitor >= x.next {
		if x.mode == counting {
			return // counted as a whole when its turn comes
		}
	} else if x.mode == changing {
		book.changes = x.changes
	}
	x.move(book, old, now, first)
}

// move takes old out and puts now in.
func (x *Index) move(book factBook, old, now []profile.Line, first int) {
	for i := first; i < len(now); i++ {
		x.used.set(now[i].Item)
	}
	x.facts = book
	x.oldRefunds.find(old)
	x.newRefunds.find(now)
	x.families(old, now, first)
	x.orders(old, now, first)
	x.rhythms(old, now, first)
}

// Bytes is the memory of all counts and facts, without the scratch space that
// grows with one visitor and without what only readers of older Views hold. Cheap.
func (x *Index) Bytes() int64 {
	n := 12*int64(cap(x.base)) + 8*int64(cap(x.used)+cap(x.changing)) + 32*int64(len(x.changes)+len(x.later))
	n += x.pairs.bytes() + x.items.bytes() + x.leafOrder.bytes() + x.itemOrder.bytes()
	n += x.buyers.Bytes() + x.repeats.bytes() + x.leafRepeats.bytes()
	return n + x.changed.bytes() + x.family.bytes() + x.order.at.bytes()
}

// Pairs is the number of directed pairs with evidence, those of Then left out.
func (x *Index) Pairs() int { return x.pairs.pairs }

// Freeze returns the current counts for readers; it costs what changed.
func (x *Index) Freeze() View {
	return View{
		pairs: x.pairs.freeze(), items: x.items.freeze(),
		leafOrder: x.leafOrder.freeze(), itemOrder: x.itemOrder.freeze(),
		buyers: x.buyers.Freeze(), repeats: x.repeats.freeze(), leafRepeats: x.leafRepeats.freeze(),
		complete: x.mode != counting,
	}
}
