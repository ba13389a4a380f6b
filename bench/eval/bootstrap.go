package eval

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
)

// Resamples is the number of bootstrap samples behind an interval.
const Resamples = 1000

// Interval is a 95 % percentile bootstrap interval (Efron, Tibshirani, "An
// Introduction to the Bootstrap", 1993, chapter 13).
type Interval struct {
	Low, High float64
}

// clusters groups cases by the unit they came from, in order of appearance:
// resampling draws whole units, because cases of one session depend on each
// other.
type clusters struct {
	// of is the cluster of each case.
	of    []int
	count int
}

func clusterCases(units []string) clusters {
	c := clusters{of: make([]int, len(units))}
	seen := make(map[string]int, len(units))
	for i, u := range units {
		n, ok := seen[u]
		if !ok {
			n = len(seen)
			seen[u] = n
		}
		c.of[i] = n
	}
	c.count = len(seen)
	return c
}

// interval returns the interval of the mean of values, one per case.
func (c clusters) interval(values []float64, seed uint64) Interval {
	if c.count == 0 {
		return Interval{}
	}
	sums, sizes := make([]float64, c.count), make([]int, c.count)
	for i, v := range values {
		sums[c.of[i]] += v
		sizes[c.of[i]]++
	}
	rng := rand.New(rand.NewPCG(seed, 0x6f737573756d65))
	means := make([]float64, Resamples)
	for s := range means {
		sum, n := 0.0, 0
		for range c.count {
			u := rng.IntN(c.count)
			sum += sums[u]
			n += sizes[u]
		}
		means[s] = sum / float64(n)
	}
	slices.Sort(means)
	return Interval{Low: quantile(means, 0.025), High: quantile(means, 0.975)}
}

// quantile interpolates between the order statistics of sorted values; 0 when
// there are none.
func quantile(sorted []float64, q float64) float64 {
	if len(sorted) == 0 {
		return 0
	}
	at := q * float64(len(sorted)-1)
	below := int(math.Floor(at))
	above := min(below+1, len(sorted)-1)
	return sorted[below] + (at-float64(below))*(sorted[above]-sorted[below])
}

// Difference is how much better one result is than another on the same cases.
type Difference struct {
	Mean float64
	CI   Interval
}

// Significant reports whether the interval leaves out 0.
func (d Difference) Significant() bool { return d.CI.Low > 0 || d.CI.High < 0 }

// Compare returns a minus b in one metric with a paired bootstrap interval:
// both are measured on the same resampled cases, so what makes a case easy for
// both cancels out. It fails when the two were not asked the same.
func Compare(a, b *Variant, metric string, seed uint64) (Difference, error) {
	va, vb := a.perCase(metric), b.perCase(metric)
	if va == nil || vb == nil {
		return Difference{}, fmt.Errorf("compare results: no values of %q per case", metric)
	}
	if !slices.Equal(a.Cases, b.Cases) {
		return Difference{}, fmt.Errorf("compare results: %d and %d cases are not the same ones", len(a.Cases), len(b.Cases))
	}
	diff := make([]float64, len(va))
	for i := range diff {
		diff[i] = va[i] - vb[i]
	}
	return Difference{Mean: mean(diff), CI: clusterCases(a.units()).interval(diff, seed)}, nil
}

func mean(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}
