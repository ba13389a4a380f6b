package upsell_test

import (
	"math"
	"testing"

	"osusume/recommend/upsell"
)

func TestPercentile(t *testing.T) {
	pool := []float64{1, 2, 2, 2, 5}
	tests := []struct {
		pool  []float64
		price float64
		want  float64
	}{
		{pool, 0, 0},
		{pool, 1, 0.1},     // none below, one like it
		{pool, 2, 2.5 / 5}, // one below, three like it
		{pool, 3, 4.0 / 5}, // four below
		{pool, 9, 1},       // all below
		{nil, 9, 0.5},      // nothing to compare with
		{pool, math.NaN(), 0.5},
	}
	for _, tt := range tests {
		if got := upsell.Percentile(tt.pool, tt.price); got != tt.want {
			t.Errorf("%v among %v is at %v, want %v", tt.price, tt.pool, got, tt.want)
		}
	}
}

// TestZeroDenominators: no evidence gives numbers, not NaN.
func TestZeroDenominators(t *testing.T) {
	none := upsell.Association{}
	alpha, beta, ok := upsell.GammaPrior(upsell.Repeats{}, upsell.Repeats{}, 20)
	for what, got := range map[string]float64{
		"confidence": none.Confidence(), "lift": none.Lift(), "G2": none.G2(),
		"p": upsell.Shrunk(upsell.Choice{}, 0), "affinity": upsell.Affinity(nil, 0),
		"lambda": upsell.ReplenishRate(0, 0, 0, 0, 0, 0), "alpha": alpha, "beta": beta,
		"impossible G2": upsell.Association{Both: 9, OfA: 2, OfB: 3, All: 4}.G2(),
	} {
		if got != 0 {
			t.Errorf("%s of nothing is %v", what, got)
		}
	}
	if ok {
		t.Error("a prior of nothing")
	}
}

func TestGammaPrior(t *testing.T) {
	// Rates 0.02, 0.03, 0.04 per day: mean 0.03, variance 0.0001, so that
	// alpha = 0.0009/0.0001 = 9 and beta = 0.03/0.0001 = 300 days.
	three := upsell.Repeats{Repeaters: 3, RateSum: 0.09, RateSquares: 0.0004 + 0.0009 + 0.0016}
	// Ten of the same rate 0.03 have no variance: a hundredth of the squared
	// mean stands for it, alpha = 100.
	alike := upsell.Repeats{Repeaters: 10, RateSum: 0.3, RateSquares: 10 * 0.0009}
	one := upsell.Repeats{Repeaters: 1, RateSum: 0.5, RateSquares: 0.25}
	many := upsell.Repeats{Repeaters: 300, RateSum: 9, RateSquares: 0.29}
	tests := []struct {
		name          string
		own, category upsell.Repeats
		prior         float64
		alpha, beta   float64
		ok            bool
	}{
		{"of its own", three, upsell.Repeats{}, 20, 9, 300, true},
		{"all alike", alike, upsell.Repeats{}, 20, 100, 100 / 0.03, true},
		{"one alone", one, upsell.Repeats{}, 20, 0, 0, false},
		// 20 like the category's mean 0.03: its sums by 20/300 are 0.6 and
		// 0.019333; mean 0.03, variance (0.0193333-20*0.0009)/19 = 7.0175e-5.
		{"the category's", upsell.Repeats{}, many, 20, 0.0009 / (0.00133333333333333 / 19), 0.03 / (0.00133333333333333 / 19), true},
		// Together 21 repeaters: sum 1.1, squares 0.269333; mean 0.0523810.
		{
			"shrunk to the category", one, many, 20,
			math.Pow(1.1/21, 2) / ((0.25 + 0.29/15 - 21*math.Pow(1.1/21, 2)) / 20),
			1.1 / 21 / ((0.25 + 0.29/15 - 21*math.Pow(1.1/21, 2)) / 20), true,
		},
		{"not a number", upsell.Repeats{Repeaters: 3, RateSum: math.NaN(), RateSquares: 1}, upsell.Repeats{}, 20, 0, 0, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			alpha, beta, ok := upsell.GammaPrior(tt.own, tt.category, tt.prior)
			near(t, "alpha", alpha, tt.alpha, 1e-9)
			near(t, "beta", beta, tt.beta, 1e-9)
			if ok != tt.ok {
				t.Errorf("ok is %v", ok)
			}
		})
	}
}
