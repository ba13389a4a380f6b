package upsell

import "osusume/recommend"

// IsComplement is the test of a pair under the default settings.
func IsComplement(t Association) bool {
	s := Settings{}.withDefaults()
	return s.complement(t)
}

// Scored is the score of a candidate and whether it is suggested.
func Scored(p, fit, margin float64) (Score, bool) { return scored(p, fit, margin, MarginCost) }

// Percent is the share that may be told under the default settings.
func Percent(chose, of uint32) (int, bool) {
	s := Settings{}.withDefaults()
	return s.percent(chose, of)
}

// Quantity is what a text is read as.
func Quantity(s string) (value float64, unit string, ok bool) {
	q, ok := parseQuantity(s)
	return q.value, q.unit, ok
}

// CompareAxes says along how many axes b is better than a, and whether it is
// worse along any.
func CompareAxes(a, b *recommend.Item) (gained int, worse bool) { return axes(a, b) }

// Percentile is the place of a price among sorted prices.
func Percentile(sorted []float64, price float64) float64 { return prices(sorted).percentile(price) }
