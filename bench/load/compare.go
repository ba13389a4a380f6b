package load

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// Comparison is two servers under the same load in turns.
type Comparison struct {
	A string `json:"a"` // what was measured
	B string `json:"b"` // what it was held against
	// Slices of A and B, in the order of their pairs.
	SlicesA []Result `json:"slices_a"`
	SlicesB []Result `json:"slices_b"`
	// Figures hold medians over the slices.
	RPS Ratio `json:"rps"`
	P50 Ratio `json:"p50_ms"`
	P99 Ratio `json:"p99_ms"`
	CPU Ratio `json:"server_cpu_us"`
	Cut bool  `json:"cut,omitempty"`
}

// Ratio compares the medians of a figure. Low and High are the quartiles of the
// pairs' own ratios: how much the machine's noise moves them.
type Ratio struct {
	A     float64 `json:"a"`
	B     float64 `json:"b"`
	Ratio float64 `json:"ratio"` // A / B; 0 if B is
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
}

// sliceWarmup fills a slice's connections before it counts.
const sliceWarmup = 200 * time.Millisecond

// Other is the server that is held against the one of a Config. PID is as there.
type Other struct {
	URL, Name string
	PID       int
}

// RunComparison measures the server of cfg, called name, and another in turns of
// length slice, until both together took cfg.Duration. The pairs begin with the
// one and the other in turn (A B, B A, ...), so that a drift of the machine
// favours neither. nameA and nameB are for the reader.
func RunComparison(ctx context.Context, cfg Config, name string, other Other, slice time.Duration, progress func(step string, done, total int)) (Comparison, error) {
	out := Comparison{A: name, B: other.Name}
	if slice <= 0 {
		return out, fmt.Errorf("slice %v: want more than 0", slice)
	}
	if progress == nil {
		progress = func(string, int, int) {}
	}
	total := orDefault(cfg.Duration, 10*time.Second)
	pairs := max(int(total/(2*slice)), 1)
	one := cfg
	one.Duration = slice
	own := Other{URL: cfg.URL, PID: cfg.PID}
	measure := func(of Other, pair int) (Result, error) {
		one.URL, one.PID, one.Warmup, one.Seed = of.URL, of.PID, min(sliceWarmup, slice), cfg.Seed+uint64(pair)
		return Run(ctx, one)
	}
	// A turn for each that does not count: caches fill, clocks go up.
	for _, of := range []Other{own, other} {
		if _, err := measure(of, -1); err != nil {
			return out, err
		}
	}
	for p := range pairs {
		progress("pairs of slices", p, pairs)
		first, second := own, other
		if p%2 == 1 {
			first, second = second, first
		}
		x, err := measure(first, p)
		if err != nil {
			return out, err
		}
		y, err := measure(second, p)
		if err != nil {
			return out, err
		}
		if x.Cut || y.Cut {
			break
		}
		if p%2 == 1 {
			x, y = y, x
		}
		out.SlicesA, out.SlicesB = append(out.SlicesA, x), append(out.SlicesB, y)
	}
	out.Cut = ctx.Err() != nil
	out.RPS = out.ratio(func(r *Result) float64 { return r.RPS })
	out.P50 = out.ratio(func(r *Result) float64 { return r.Latency.P50 })
	out.P99 = out.ratio(func(r *Result) float64 { return r.Latency.P99 })
	out.CPU = out.ratio(func(r *Result) float64 { return r.ServerCPU })
	return out, nil
}

func (c *Comparison) ratio(figure func(*Result) float64) Ratio {
	var a, b, each []float64
	for i := range c.SlicesA {
		x, y := figure(&c.SlicesA[i]), figure(&c.SlicesB[i])
		a, b = append(a, x), append(b, y)
		if y > 0 {
			each = append(each, x/y)
		}
	}
	var r Ratio
	if len(a) == 0 {
		return r
	}
	r.A, r.B = median(a), median(b)
	if r.B > 0 {
		r.Ratio = r.A / r.B
	}
	if len(each) > 0 {
		slices.Sort(each)
		r.Low, r.High = each[(len(each)-1)/4], each[len(each)-1-(len(each)-1)/4]
	}
	return r
}

// errorsOf sums the failures of slices.
func errorsOf(results []Result) (bad int64) {
	for i := range results {
		bad += results[i].Bad
	}
	return bad
}
