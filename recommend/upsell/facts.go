package upsell

import "osusume/recommend/catalog"

// Facts is what the shop knows, as one immutable state. All counts are of
// distinct customers. Items are dense ids of Catalog; asking about an item
// without evidence gives zeros. Implementations must not change between calls
// of one Suggest.
type Facts interface {
	Catalog() *catalog.Snapshot

	// Viewed is the evidence that viewers of a chose b: Chose is sub(a,b),
	// customers who viewed a, bought b within 7 days and did not buy a; Of is
	// the viewers of a who within 7 days bought anything of its family or group.
	Viewed(a, b uint32) Choice
	// Bought is the evidence that owners of a moved on to b: Chose is upg(a,b),
	// customers who bought a and b in a later order within 730 days; Of is the
	// buyers of a who bought on in its family or group.
	Bought(a, b uint32) Choice
	// Compared is cmp(a,b): customers who viewed both in one session.
	Compared(a, b uint32) uint32

	// Buyers is N, the customers who bought anything.
	Buyers() uint32
	// Together appends to buf the items bought by customers who bought a, each
	// once and without a itself, in any fixed order.
	Together(a uint32, buf []Pair) []Pair

	// Repeats is how an item is bought again, and how its leaf category is, the
	// item included.
	Repeats(item uint32) (own, category Repeats)

	// Bundles appends to buf the items whose BundleOf names the item.
	Bundles(item uint32, buf []uint32) []uint32
}

// Choice says that Chose of Of customers took one item. Base is the rate to
// assume where Of is small: in the family of the item, the mean share of one
// model among those who bought on.
type Choice struct {
	Chose, Of uint32
	Base      float64 // 0 to 1
}

// Pair is the evidence that item B goes with an item A.
type Pair struct {
	Item uint32 // B
	// Both bought A and B (n_AB), OfA bought A (n_A), OfB bought B (n_B).
	Both, OfA, OfB uint32
	// Share is P(B|A) over orders: how probable an order with A holds B, 0 to 1; 0
	// where orders say nothing of the pair.
	Share float64
	// After bought B strictly after A, Before strictly before; customers who
	// bought both in one order alone are in neither.
	After, Before uint32
	// Substitute marks pairs that are viewed together in sessions, or of which
	// viewers of A buy B: those compete with each other.
	Substitute bool
}

// chance is P(B|A): over orders, since what is suggested is to go into one; where they
// say nothing, over customers.
func (p *Pair) chance() float64 {
	if p.Share > 0 {
		return min(p.Share, 1)
	}
	return min(ratio(float64(p.Both), float64(p.OfA)), 1)
}

// Repeats sums how customers buy one item, or the items of one category,
// again. A repeater bought it in at least two orders; a repeater's rate is
// (orders - 1) / days from the first to the last.
type Repeats struct {
	Buyers, Repeaters uint32
	// RateSum and RateSquares sum the repeaters' rates per day and their squares.
	RateSum, RateSquares float64
	// Gaps is how many times somebody bought it again, GapDays the days between.
	Gaps    uint64
	GapDays float64
}
