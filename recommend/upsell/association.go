package upsell

import "math"

// Association is a 2x2 table of customers: Both bought A and B, OfA bought A,
// OfB bought B, All bought anything.
type Association struct {
	Both, OfA, OfB, All uint32
}

// Confidence is P(B|A) = n_AB / n_A, 0 when nobody bought A.
func (t Association) Confidence() float64 { return ratio(float64(t.Both), float64(t.OfA)) }

// Lift is n_AB * N / (n_A * n_B), 0 when either was bought by nobody.
func (t Association) Lift() float64 {
	return ratio(float64(t.Both)*float64(t.All), float64(t.OfA)*float64(t.OfB))
}

// G2 is Dunning's log-likelihood ratio of the table (Accurate Methods for the
// Statistics of Surprise and Coincidence, 1993): 2 * sum of observed * ln(observed
// / expected) over its four cells. It is 0 for a table that cannot be, such as
// one with more pairs than customers.
func (t Association) G2() float64 {
	both, a, b, n := float64(t.Both), float64(t.OfA), float64(t.OfB), float64(t.All)
	cells := [...]struct{ seen, row, column float64 }{
		{both, a, b},
		{a - both, a, n - b},
		{b - both, n - a, b},
		{n - a - b + both, n - a, n - b},
	}
	sum := 0.0
	for _, c := range cells {
		if c.seen < 0 {
			return 0
		}
		if c.seen > 0 {
			sum += c.seen * math.Log(c.seen*n/(c.row*c.column))
		}
	}
	return max(2*sum, 0)
}

// complement reports whether the table is evidence that B goes with A
// (retention specification, section 3): enough customers, more often than by
// chance, and not by accident.
func (s *Settings) complement(t Association) bool {
	return t.Both >= s.MinTogether && t.Lift() > s.MinLift && t.G2() >= s.MinG2
}

// ratio is a/b, 0 where b is 0.
func ratio(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}
