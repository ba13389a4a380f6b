package load

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"
)

// Ramp is what a server does as the load grows.
type Ramp struct {
	// Saturation is the rate of a closed loop of 64 connections, where the
	// ramp's rates are derived from it.
	Saturation float64  `json:"saturation_rps,omitempty"`
	Steps      []Result `json:"steps"` // by rate
	// Knee is the highest rate that was answered in time before one that was
	// not; Why says what happened there. 0 if not even the first rate was.
	Knee float64 `json:"knee_rps"`
	Why  string  `json:"why"`
	Cut  bool    `json:"cut,omitempty"`
}

const (
	rampStart  = 0.15 // of the saturation rate
	rampFactor = 1.3
	rampSteps  = 24
	rampHalves = 2    // steps between the last good rate and the first bad one
	keptUp     = 0.95 // of the offered rate
	explosion  = 10.0 // times the median p99 of the good steps so far
	leastBad   = 10.0 // ms: a p99 below it is never an explosion
	mostErrors = 0.01
)

// RunRamp offers rates that grow by 30 % a step of cfg.Duration each, from
// cfg.Rate or, if that is 0, from a part of the saturation rate, until the
// server does not keep up; then it tries rates in between.
func RunRamp(ctx context.Context, cfg Config, progress func(step string, done, total int)) (Ramp, error) {
	if progress == nil {
		progress = func(string, int, int) {}
	}
	var out Ramp
	rate := cfg.Rate
	if rate == 0 {
		closed := cfg
		closed.Clients = 0
		r, err := Run(ctx, closed)
		if err != nil {
			return out, err
		}
		if r.Good == 0 && !r.Cut {
			return out, fmt.Errorf("find the saturation rate: no answer was good: %v", r.Errors)
		}
		out.Saturation = r.RPS
		rate = max(math.Round(r.RPS*rampStart), 1)
	}
	good, bad, halves := 0.0, 0.0, 0
	for n := 0; n < rampSteps && halves <= rampHalves && ctx.Err() == nil; n++ {
		progress(fmt.Sprintf("%.0f a second", rate), n, rampSteps)
		step := cfg
		step.Rate, step.Seed = rate, cfg.Seed+uint64(n)
		r, err := Run(ctx, step)
		if err != nil {
			return out, err
		}
		if r.Cut {
			break
		}
		why := out.fault(&r)
		out.Steps = append(out.Steps, r)
		if why == "" {
			good = rate
		} else {
			bad, out.Why = rate, fmt.Sprintf("at %.0f a second %s", rate, why)
		}
		switch {
		case bad == 0:
			rate = math.Round(rate * rampFactor)
		case good == 0:
			halves = rampHalves + 1 // nothing below to find
		default:
			halves++
			rate = math.Round(math.Sqrt(good * bad))
		}
	}
	out.Knee, out.Cut = good, ctx.Err() != nil
	if out.Why == "" {
		out.Why = "every rate tried was answered in time"
	}
	slices.SortStableFunc(out.Steps, func(a, b Result) int { return int(a.Rate - b.Rate) })
	if len(out.Steps) == 0 && !out.Cut {
		return out, errors.New("ramp: no step was measured")
	}
	return out, nil
}

// fault says why a step was not answered in time, "" if it was.
func (p *Ramp) fault(r *Result) string {
	offered := r.Good + r.Bad + r.Unsent
	if offered == 0 {
		return "nothing was offered"
	}
	if bad := float64(r.Bad) / float64(offered); bad > mostErrors {
		return fmt.Sprintf("%.1f %% failed", bad*100)
	}
	// Against what the schedule really held: a Poisson process has its own chance.
	if share := float64(r.Good) / float64(offered); share < keptUp {
		return fmt.Sprintf("%.0f %% were answered", share*100)
	}
	var usual []float64
	for _, s := range p.Steps {
		usual = append(usual, s.Latency.P99)
	}
	if len(usual) == 0 {
		return ""
	}
	if limit := max(explosion*median(usual), leastBad); r.Latency.P99 > limit {
		return fmt.Sprintf("p99 was %.1f ms, more than %.1f", r.Latency.P99, limit)
	}
	return ""
}

// median of at least one value.
func median(values []float64) float64 {
	s := slices.Sorted(slices.Values(values))
	n := len(s)
	return (s[(n-1)/2] + s[n/2]) / 2
}

// rampStep is how long a step of a ramp takes unless told.
const rampStep = 5 * time.Second
