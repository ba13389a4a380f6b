package coupons

import "math"

// value is the model that ranks offers: a weighted sum of their features.
type value [features]float64

func (v *value) of(x *[features]float64) float64 {
	sum := 0.0
	for i, w := range v {
		sum += w * x[i]
	}
	return sum
}

// choice is one redemption: what could be chosen and which was.
type choice struct {
	options []option
	chosen  int
}

const (
	// ridge is the precision of the prior of a weight, whose mean is 0.
	ridge = 1
	// sweeps over all weights, at most, and the step below which they end.
	sweeps  = 200
	minStep = 1e-4
)

// fit chooses the weights under which the choices are most likely: the
// conditional logit model (McFadden, Conditional Logit Analysis of Qualitative
// Choice Behavior, 1974), P(i) = exp(w·x_i) / sum_j exp(w·x_j), with a normal
// prior. The likelihood is concave; Newton's method goes through the weights one by
// one.
func fit(choices []choice) value {
	var w value
	for range sweeps {
		largest := 0.0
		for f := range w {
			slope, curve := -ridge*w[f], float64(ridge)
			for i := range choices {
				c := &choices[i]
				mean, square := w.moments(c, f)
				slope += c.options[c.chosen].x[f] - mean
				curve += square - mean*mean
			}
			// A long step may overshoot where the curve is nearly flat.
			step := max(-1, min(1, slope/curve))
			w[f] += step
			largest = max(largest, math.Abs(step))
		}
		if largest < minStep {
			break
		}
	}
	return w
}

// leastShare stands for a coupon of which nothing is sold at all.
const leastShare = 1e-6

// priors are tried one after the other.
var priors = [...]prior{
	{0.5, 0.1},
	{0.5, 0.5},
	{0.5, 2},
	{1, 0.1},
	{1, 0.5},
	{1, 2},
	{2, 0.1},
	{2, 0.5},
	{2, 2},
	{10, 0.5},
	{10, 2},
	{10, 10},
}

// setShare fills in the feature that depends on the prior.
func setShare(list []asked, p prior) {
	for i := range list {
		for k := range list[i].options {
			o := &list[i].options[k]
			o.x[fShare] = math.Log(leastShare + o.share(p))
		}
	}
}

// likelihood is the logarithm of the probability of all choices.
func (v *value) likelihood(choices []choice) float64 {
	total := 0.0
	for i := range choices {
		c := &choices[i]
		top := v.of(&c.options[c.chosen].x)
		sum := 0.0
		for k := range c.options {
			sum += math.Exp(v.of(&c.options[k].x) - top)
		}
		total -= math.Log(sum)
	}
	return total
}

// moments returns the expectation of a feature, and of its square, over the
// options of a choice.
func (v *value) moments(c *choice, feature int) (mean, square float64) {
	top := math.Inf(-1)
	for i := range c.options {
		top = max(top, v.of(&c.options[i].x))
	}
	sum := 0.0
	for i := range c.options {
		p := math.Exp(v.of(&c.options[i].x) - top)
		x := c.options[i].x[feature]
		sum += p
		mean += p * x
		square += p * x * x
	}
	return mean / sum, square / sum
}
