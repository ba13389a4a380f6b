package cooccur

import (
	"math"
	"time"
)

// landmark is where forward weights are 1.
var landmark = time.Date(2010, 1, 1, 0, 0, 0, 0, time.UTC).Unix()

// forward is 2^((t-landmark)/half-life).
func (s *Settings) forward(t int64) float64 {
	return math.Exp2(float64(t-landmark) / 86400 / s.SessionHalfLifeDays)
}

// Decay scales forward weights to now: a session at now weighs 1.
func (c *Counts) Decay(now time.Time) float64 { return 1 / c.cfg.forward(now.Unix()) }

// A term of a session sum is a step weight, a multiple of 2^-stepBits, times a
// forward weight of forwardBits significant bits, so that sums stay exact.
const (
	stepBits    = 12
	forwardBits = 8
)

// significant rounds w to forwardBits significant bits.
func significant(w float64) float64 {
	frac, exp := math.Frexp(w)
	return math.Ldexp(math.Round(frac*(1<<forwardBits)), exp-forwardBits)
}

// weights has the terms of the session sums.
type weights struct {
	cfg *Settings
	// steps is exp(-(d-1)/lambda), quantised, by d-1.
	steps []float64
	// terms are the steps of a visitor whose votes are halved so often, times the
	// forward weight of that time.
	terms    []float64
	time     uint32
	halvings int
	known    bool
}

func newWeights(cfg *Settings) weights {
	w := weights{cfg: cfg}
	for d := range min(cfg.StepWindow, 1000) {
		s := math.Round(math.Exp(-float64(d)/cfg.StepLambda) * (1 << stepBits))
		if s == 0 {
			break
		}
		w.steps = append(w.steps, s/(1<<stepBits))
	}
	w.terms = make([]float64, len(w.steps))
	return w
}

// at returns the weights at a time of steps 1, 2, ... apart. The slice is valid
// until the next call.
func (w *weights) at(time uint32, halvings int) []float64 {
	if w.known && time == w.time && halvings == w.halvings {
		return w.terms
	}
	forward := significant(w.cfg.forward(int64(time)))
	for d, s := range w.steps {
		// Steps halved stay multiples of the same unit.
		step := math.Round(math.Ldexp(s, stepBits-halvings))
		w.terms[d] = math.Ldexp(step, -stepBits) * forward
	}
	w.time, w.halvings, w.known = time, halvings, true
	return w.terms
}
