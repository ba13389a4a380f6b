package evidence

import (
	"iter"

	"osusume/recommend/snapshot"
)

// View is an immutable state of an Index for any number of readers. Items and
// leaves it has never heard of count 0. The zero value is empty.
type View struct {
	pairs       frozenTable[[3]uint32]
	items       frozenSparse[itemCounts]
	leafOrder   frozenTable[[1]uint32]
	itemOrder   frozenTable[[1]uint32]
	buyers      snapshot.Frozen[uint32]
	repeats     frozenSparse[repeats]
	leafRepeats frozenSparse[leafRepeats]
	complete    bool
}

// Pair is the evidence of a directed pair (A, B) of one family or item group, in
// distinct customers; see the package documentation.
type Pair struct {
	Sub uint32 // looked at A, bought B within days, never A
	Upg uint32 // bought A, later B
	Cmp uint32 // looked at both in one session; the same in both directions
}

func pairOf(n [3]uint32) Pair { return Pair{Sub: n[0], Upg: n[1], Cmp: n[2]} }

// Item is the evidence of one item, in distinct customers.
type Item struct {
	// Chosen looked at the item and bought it or a relative within days: what
	// Pair.Sub is a part of.
	Chosen uint32
	// BoughtOn bought the item and later, in another order, it or a relative:
	// what Pair.Upg is a part of.
	BoughtOn uint32
}

// Complete reports whether every visitor is counted; if not, counts are lower
// bounds.
func (v View) Complete() bool { return v.complete }

// Pair returns the evidence of (a, b).
func (v View) Pair(a, b uint32) Pair { return pairOf(v.pairs.get(a, b)) }

// Others iterates over all items with evidence beside a, ascending.
func (v View) Others(a uint32) iter.Seq2[uint32, Pair] {
	return func(yield func(uint32, Pair) bool) {
		for _, e := range v.pairs.row(a) {
			if !yield(e.other, pairOf(e.n)) {
				return
			}
		}
	}
}

// Item returns the evidence of a.
func (v View) Item(a uint32) Item {
	if c := v.items.ref(a); c != nil {
		return Item{Chosen: c.chosen, BoughtOn: c.boughtOn}
	}
	return Item{}
}

// Pool is the evidence of several items together, such as of a family.
type Pool struct {
	// Choosers and OnBuyers are how many of the items have Chosen and BoughtOn.
	Choosers, OnBuyers int
	// Chosen, Switched, BoughtOn and Upgraded are the sums of Item.Chosen, Pair.Sub,
	// Item.BoughtOn and Pair.Upg; the pairs' with whatever item.
	Chosen, Switched, BoughtOn, Upgraded uint64
}

// Pool sums up the evidence of items; its cost is linear in their number.
func (v View) Pool(items iter.Seq[uint32]) Pool {
	var p Pool
	for i := range items {
		c := v.items.ref(i)
		if c == nil {
			continue
		}
		if c.chosen > 0 {
			p.Choosers++
		}
		if c.boughtOn > 0 {
			p.OnBuyers++
		}
		p.Chosen += uint64(c.chosen)
		p.Switched += uint64(c.switched)
		p.BoughtOn += uint64(c.boughtOn)
		p.Upgraded += uint64(c.upgraded)
	}
	return p
}

// SubRate is the base rate of Sub: the chance that whoever looked at one item of
// the pool and bought in it chose one certain other item, the mean over all pairs
// weighed by Chosen. 0 without evidence, at most 1.
func (p Pool) SubRate() float64 { return baseRate(p.Switched, p.Chosen, p.Choosers) }

// UpgRate is the base rate of Upg, likewise.
func (p Pool) UpgRate() float64 { return baseRate(p.Upgraded, p.BoughtOn, p.OnBuyers) }

func baseRate(pairs, cases uint64, items int) float64 {
	if cases == 0 {
		return 0
	}
	// An item that was only ever the one bought counts too: hence at least one.
	return min(float64(pairs)/(float64(cases)*float64(max(items-1, 1))), 1)
}

// LeafThen is how many customers bought in leaf category a for the first time
// before, and in another order than, the first time in b. Ordinals are those of
// package catalog.
func (v View) LeafThen(a, b uint32) uint32 { return v.leafOrder.get(a, b)[0] }

// ItemThen is the same of two items of different leaves, 0 unless
// Settings.ItemOrder is set.
func (v View) ItemThen(a, b uint32) uint32 { return v.itemOrder.get(a, b)[0] }

// Repeat returns how item a is bought again.
func (v View) Repeat(a uint32) Repeat {
	var r Repeat
	if p := v.repeats.ref(a); p != nil {
		r = p.told(0)
	}
	if int(a) < v.buyers.Len() {
		r.Buyers = v.buyers.At(a)
	}
	return r
}

// LeafRepeat returns the sums of Repeat over all items of a leaf category: who
// bought two of them counts as two buyers.
func (v View) LeafRepeat(leaf uint32) Repeat {
	if p := v.leafRepeats.ref(leaf); p != nil {
		return p.told(p.buyers)
	}
	return Repeat{}
}
