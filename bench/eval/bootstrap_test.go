package eval

import (
	"math"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// coins are n cases of units of their own, 1 in a share of 0.3 of them.
func coins(n int) (units []string, values []float64) {
	for i := range n {
		units = append(units, strconv.Itoa(i))
		if i%10 < 3 {
			values = append(values, 1)
		} else {
			values = append(values, 0)
		}
	}
	return units, values
}

func TestIntervalOfAShare(t *testing.T) {
	units, values := coins(1000)
	got := clusterCases(units).interval(values, 1)
	// The standard error is sqrt(0.3 * 0.7 / 1000) = 0.01449; 1.96 of it is 0.0284.
	want := Interval{Low: 0.3 - 0.0284, High: 0.3 + 0.0284}
	if diff := cmp.Diff(want, got, cmpopts.EquateApprox(0, 0.004)); diff != "" {
		t.Errorf("interval (-want +got):\n%s", diff)
	}
	if again := clusterCases(units).interval(values, 1); again != got {
		t.Errorf("the same seed gives %v, then %v", got, again)
	}
	if other := clusterCases(units).interval(values, 2); other == got {
		t.Errorf("another seed gives the same interval %v", got)
	}
}

// TestIntervalOfClusters: ten equal cases of one unit are no more evidence than
// one case.
func TestIntervalOfClusters(t *testing.T) {
	units, values := coins(100)
	var manyUnits []string
	var manyValues []float64
	for i := range units {
		for range 10 {
			manyUnits = append(manyUnits, units[i])
			manyValues = append(manyValues, values[i])
		}
	}
	want := clusterCases(units).interval(values, 7)
	got := clusterCases(manyUnits).interval(manyValues, 7)
	if diff := cmp.Diff(want, got, cmpopts.EquateApprox(0, 1e-12)); diff != "" {
		t.Errorf("interval (-want +got):\n%s", diff)
	}
}

func TestIntervalOfFew(t *testing.T) {
	tests := map[string]struct {
		units  []string
		values []float64
		want   Interval
	}{
		"no case":  {nil, nil, Interval{}},
		"one case": {[]string{"a"}, []float64{0.25}, Interval{0.25, 0.25}},
		"one unit": {[]string{"a", "a"}, []float64{0, 1}, Interval{0.5, 0.5}},
		// Drawn twice: a and a give 1, b and b 0, one of each 3/4.
		"units of unequal size": {[]string{"a", "a", "a", "b"}, []float64{1, 1, 1, 0}, Interval{0, 1}},
		"equal for all":         {[]string{"a", "b", "c"}, []float64{0.5, 0.5, 0.5}, Interval{0.5, 0.5}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := clusterCases(tt.units).interval(tt.values, 1); got != tt.want {
				t.Errorf("interval = %v, want %v", got, tt.want)
			}
		})
	}
}

func TestQuantile(t *testing.T) {
	tests := map[string]struct {
		sorted  []float64
		q, want float64
	}{
		"none":          {nil, 0.5, 0},
		"one":           {[]float64{3}, 0.99, 3},
		"middle of odd": {[]float64{1, 2, 9}, 0.5, 2},
		"between two":   {[]float64{1, 2}, 0.25, 1.25},
		"the greatest":  {[]float64{1, 2, 3}, 1, 3},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := quantile(tt.sorted, tt.q); math.Abs(got-tt.want) > 1e-12 {
				t.Errorf("quantile(%v, %v) = %v, want %v", tt.sorted, tt.q, got, tt.want)
			}
		})
	}
}

// variantOf has one case per value.
func variantOf(values []float64) *Variant {
	v := &Variant{Name: "all", Metrics: []Metric{{Name: "hr@10", Mean: mean(values), Values: values}, {Name: coverageName}}}
	for i := range values {
		v.Cases = append(v.Cases, Case{Unit: strconv.Itoa(i)})
	}
	return v
}

// TestCompare: cases differ far more from each other than the two models do on
// each, so only a paired comparison sees that one is better.
func TestCompare(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	var weak, strong []float64
	for range 200 {
		ease := rng.Float64()
		weak = append(weak, ease)
		strong = append(strong, ease+0.02)
	}
	a, b := variantOf(strong), variantOf(weak)
	got, err := Compare(a, b, "hr@10", 1)
	if err != nil {
		t.Fatal(err)
	}
	want := Difference{Mean: 0.02, CI: Interval{0.02, 0.02}}
	if diff := cmp.Diff(want, got, cmpopts.EquateApprox(0, 1e-9)); diff != "" {
		t.Errorf("difference (-want +got):\n%s", diff)
	}
	if !got.Significant() {
		t.Error("a difference that every case shows is not significant")
	}
	alone := clusterCases(a.units()).interval(strong, 1)
	if alone.Low > mean(weak) {
		t.Errorf("the interval %v of one result alone leaves out the other's mean %v: the test shows nothing", alone, mean(weak))
	}
	same, err := Compare(a, a, "hr@10", 1)
	if err != nil || same.Significant() {
		t.Errorf("a result compared with itself: %v, %v", same, err)
	}
}

func TestCompareRefuses(t *testing.T) {
	v := variantOf([]float64{0, 1})
	tests := map[string]struct {
		other  *Variant
		metric string
	}{
		"a metric that is not there":   {variantOf([]float64{0, 1}), "ndcg@10"},
		"a metric that is no mean":     {variantOf([]float64{0, 1}), coverageName},
		"results of unequal questions": {variantOf([]float64{0, 1, 1}), "hr@10"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if d, err := Compare(v, tt.other, tt.metric, 1); err == nil {
				t.Errorf("Compare = %v, want an error", d)
			}
		})
	}
}
