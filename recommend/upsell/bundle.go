package upsell

import (
	"slices"

	"osusume/recommend"
)

// MinParts and MaxParts bound the items of a bundle.
const (
	MinParts = 2
	MaxParts = 4
)

// Saved is what a bundle costs less than its parts, and the share of their sum
// in whole percent, rounded down. ok is false unless it saves anything.
func Saved(sum, price int64) (amount int64, percent int, ok bool) {
	amount = sum - price
	if amount <= 0 || price < 0 {
		return 0, 0, false
	}
	return amount, int(100 * amount / sum), true
}

// findBundles chooses bundles that hold an anchor: of 2 to 4 items, all to be
// bought now, none owned, at least one not in the cart, cheaper than their sum
// and with a margin of at least BundleMargin of the price. The parts not there
// yet must go with the anchor like complements, and be of no leaf category in
// the cart; p is the least P(part|anchor) of them.
func (w *work) findBundles() {
	var list []candidate
	var ids []uint32
	for _, a := range w.anchors {
		ids = w.facts.Bundles(a, ids[:0])
		if len(ids) == 0 {
			continue
		}
		w.pairs = w.facts.Together(a, w.pairs[:0])
		for _, b := range ids {
			if int(b) >= w.cat.Len() || !w.open(b) || w.owned.hasVariant(w.cat, b) {
				continue
			}
			if c, ok := w.bundle(a, b); ok {
				list = append(list, c)
			}
		}
	}
	w.keep(list, recommend.MaxLimit)
}

// parts returns the known items of a bundle, nil unless there are 2 to 4
// distinct ones and no others.
func (w *work) parts(it *recommend.Item) []uint32 {
	if len(it.BundleOf) < MinParts || len(it.BundleOf) > MaxParts {
		return nil
	}
	list := make([]uint32, 0, len(it.BundleOf))
	for _, id := range it.BundleOf {
		i, ok := w.cat.Lookup(id)
		if !ok || slices.Contains(list, i) {
			return nil
		}
		list = append(list, i)
	}
	return list
}

// present reports whether the item is looked at or in the cart.
func (w *work) present(i uint32) bool {
	return slices.Contains(w.anchors, i) || slices.ContainsFunc(w.cart, func(c cartItem) bool { return c.item == i })
}

// leafInCart reports whether the cart holds something of the item's leaf
// category.
func (w *work) leafInCart(i uint32) bool {
	l := w.cat.Leaf(i)
	return l != 0 && slices.ContainsFunc(w.cart, func(c cartItem) bool { return w.cat.Leaf(c.item) == l })
}

// bundle is the candidate for bundle b of anchor a, whose pairs are in w.pairs.
func (w *work) bundle(a, b uint32) (candidate, bool) {
	it := w.cat.Item(b)
	parts := w.parts(it)
	if !slices.Contains(parts, a) {
		return candidate{}, false
	}
	var sum int64
	margin, earned, p := 0.0, 0.0, 1.0
	source := MarginCost
	missing := 0
	var weakest evidence
	for _, part := range parts {
		item := w.cat.Item(part)
		if item.Price == (recommend.Money{}) || item.Price.Currency != it.Price.Currency ||
			!w.cat.Eligible().Has(part) || w.owned.hasVariant(w.cat, part) {
			return candidate{}, false
		}
		sum += item.Price.Amount
		m, from := w.set.margin(item)
		if from == MarginDefault {
			source = MarginDefault
		}
		margin += m
		if w.present(part) {
			earned += m
			continue
		}
		missing++
		k := slices.IndexFunc(w.pairs, func(p Pair) bool { return p.Item == part })
		if !w.open(part) || k < 0 || w.pairs[k].Both < w.set.MinTogether ||
			w.leafInCart(part) || !w.goesWith(a, &w.pairs[k]) {
			return candidate{}, false
		}
		pair := &w.pairs[k]
		if c := pair.chance(); c < p || weakest.of == 0 {
			p, weakest = min(c, p), evidence{CodeTogether, pair.Both, pair.OfA}
		}
	}
	saved, _, ok := Saved(sum, it.Price.Amount)
	if !ok || missing == 0 {
		return candidate{}, false
	}
	margin -= float64(saved)
	if it.Cost != (recommend.Money{}) && it.Cost.Currency == it.Price.Currency {
		margin = float64(it.Price.Amount - it.Cost.Amount)
	}
	if margin < w.set.BundleMargin*float64(it.Price.Amount) {
		return candidate{}, false
	}
	score, worth := scored(p, 1, margin-earned, source)
	return candidate{
		kind: KindBundle, item: b, from: a, rank: score.EV, score: score, evidence: weakest, saved: saved,
	}, worth
}
