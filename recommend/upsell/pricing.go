package upsell

import (
	"math"
	"slices"
	"strings"

	"osusume/recommend"
	"osusume/recommend/itemset"
)

// Fit is how a price at percentile pct suits a customer who buys at percentile
// q: exp(-max(0, pct-q)^2 / (2 width^2)) (retention specification, section 3).
// A cheaper item than usual fits fully.
func Fit(pct, q, width float64) float64 {
	over := max(0, pct-q)
	return math.Exp(-over * over / (2 * width * width))
}

// Affinity is the percentile a customer buys at: (sum of the percentiles of
// the purchases + prior * 0.5) / (number + prior).
func Affinity(percentiles []float64, prior float64) float64 {
	sum := 0.5 * prior
	for _, p := range percentiles {
		sum += p
	}
	return ratio(sum, float64(len(percentiles))+prior)
}

// Shrunk is the probability of a choice, (chose + m * base) / (of + m): with
// few customers it stays near the base rate.
func Shrunk(c Choice, m float64) float64 {
	return min(1, ratio(float64(c.Chose)+m*c.Base, float64(c.Of)+m))
}

// maxPool bounds the prices a percentile is taken from. Of a larger pool every
// k-th member counts.
const maxPool = 1024

// prices are sorted prices of the items that an item is compared with.
type prices []float64

// poolOf is the pool of an item, its family or without one its leaf category,
// and whether it has any.
func (w *work) poolOf(item uint32) (members *itemset.Members, ok bool) {
	if f := w.cat.Family(item); f != 0 {
		return w.cat.InFamily(f), true
	}
	if l := w.cat.Leaf(item); l != 0 {
		return w.cat.InLeaf(l), true
	}
	return nil, false
}

// pricesOf returns the sorted prices of those members of a pool that can stand
// in for an item, by role and currency; valid until the next call.
func (w *work) pricesOf(members *itemset.Members, item uint32) prices {
	step := members.Count()/maxPool + 1
	w.pool = w.pool[:0]
	k := 0
	for i := range members.All() {
		if p := w.cat.Price(i); k%step == 0 && !math.IsNaN(p) && w.comparable(item, i) {
			w.pool = append(w.pool, p)
		}
		k++
	}
	slices.Sort(w.pool)
	return w.pool
}

// comparable reports whether two items that have prices are alike in role and
// currency.
func (w *work) comparable(a, b uint32) bool {
	return sameRole(w.cat.Role(a), w.cat.Role(b)) && w.cat.Item(a).Price.Currency == w.cat.Item(b).Price.Currency
}

// percentile is the share of the pool that is cheaper than price, half of what
// costs the same included; 0.5 where there is nothing to compare with.
func (p prices) percentile(price float64) float64 {
	if len(p) == 0 || math.IsNaN(price) {
		return 0.5
	}
	below, _ := slices.BinarySearch(p, price)
	upTo := below
	for upTo < len(p) && p[upTo] == price {
		upTo++
	}
	return (float64(below) + float64(upTo)) / 2 / float64(len(p))
}

// affinity is what the customer pays among the items that anchor is compared
// with.
func (w *work) affinity(anchor uint32, pool prices) float64 {
	w.paid = w.paid[:0]
	if c := w.req.Customer; c != nil {
		family, leaf := w.cat.Family(anchor), w.cat.Leaf(anchor)
		for _, p := range c.Purchases {
			if int(p.Item) >= w.cat.Len() || p.At.After(w.req.Now) {
				continue
			}
			alike := family != 0 && w.cat.Family(p.Item) == family ||
				family == 0 && leaf != 0 && w.cat.Leaf(p.Item) == leaf
			if price := w.cat.Price(p.Item); alike && !math.IsNaN(price) && w.comparable(anchor, p.Item) {
				w.paid = append(w.paid, pool.percentile(price))
			}
		}
	}
	return Affinity(w.paid, w.set.AffinityPrior)
}

// margin is what the shop earns on one item, in minor units, and where that
// comes from. Cost counts in the terms of the price, tax included. An item
// without a price earns nothing.
func (s *Settings) margin(it *recommend.Item) (float64, MarginSource) {
	if it.Cost != (recommend.Money{}) && it.Cost.Currency == it.Price.Currency {
		return float64(it.Price.Amount - it.Cost.Amount), MarginCost
	}
	return float64(it.Price.Amount) * s.marginRate(it.Category), MarginDefault
}

func (s *Settings) marginRate(category []string) float64 {
	if len(s.CategoryMargins) > 0 {
		for n := len(category); n > 0; n-- {
			if rate, ok := s.CategoryMargins[strings.Join(category[:n], "/")]; ok {
				return rate
			}
		}
	}
	return s.MarginRate
}

// marginDelta is what the shop earns on b beyond a.
func (s *Settings) marginDelta(a, b *recommend.Item) (float64, MarginSource) {
	ma, from := s.margin(a)
	mb, source := s.margin(b)
	if from == MarginDefault {
		source = MarginDefault
	}
	return mb - ma, source
}
