package tune

import (
	"context"
	"errors"
	"math"
	"slices"

	"osusume/bench/eval"
	"osusume/recommend/cooccur"
	"osusume/recommend/engine"
)

// change is one parameter in which the best model differs from the default.
type change struct {
	axis     axis
	from, to float64
	// loss is what going back costs, paired over the cases; se its standard
	// error.
	loss, se float64
	worth    eval.Difference
	kept     bool
}

// simplify takes back what does not clearly help: while the model stays within
// one standard error of the best, parameters return to their defaults, those
// that cost least first; and the whole model does unless it is better than the
// default by more than one standard error. It returns the changes looked at.
func (s *search) simplify(ctx context.Context, c *contender, seed uint64) ([]change, error) {
	best, err := s.pooled(ctx, &c.component, s.counts, c.best.Model())
	if err != nil {
		return nil, err
	}
	found := s.changes(c)
	looked := found[:0]
	for _, ch := range found {
		d := c.best.with(&ch.axis, ch.from)
		if !s.ready(d) && !s.affords(len(specsOf(d.Model()))*len(s.cuts)) {
			ch.kept = true // there is no time to see whether it matters
			looked = append(looked, ch)
			continue
		}
		s.tell(c.describe("without "+ch.axis.name, ch.from))
		v, err := s.pooled(ctx, &c.component, s.counts, d.Model())
		if errors.Is(err, errSpent) {
			ch.kept = true
			looked = append(looked, ch)
			continue
		}
		if err != nil {
			return nil, err
		}
		ch.loss, ch.se = paired(&best, &v)
		if ch.worth, err = eval.Compare(&best, &v, objective, seed); err != nil {
			return nil, err
		}
		looked = append(looked, ch)
	}
	slices.SortStableFunc(looked, func(a, b change) int {
		switch {
		case a.loss < b.loss:
			return -1
		case a.loss > b.loss:
			return 1
		default:
			return 0
		}
	})
	now := c.best
	for k := range looked {
		ch := &looked[k]
		if ch.kept || ch.loss > ch.se {
			ch.kept = true
			continue
		}
		d := now.with(&ch.axis, ch.from)
		if !s.ready(d) && !s.affords(len(specsOf(d.Model()))*len(s.cuts)) {
			ch.kept = true
			continue
		}
		v, err := s.pooled(ctx, &c.component, s.counts, d.Model())
		if errors.Is(err, errSpent) {
			ch.kept = true
			continue
		}
		if err != nil {
			return nil, err
		}
		if loss, se := paired(&best, &v); loss > se {
			ch.kept = true
			continue
		}
		now = d
	}
	c.best = now
	return looked, nil
}

// changes lists how the best model differs from the default.
func (s *search) changes(c *contender) []change {
	var out []change
	add := func(axes []axis) {
		for _, a := range axes {
			from, to := a.value(c.base), a.value(c.best)
			same := func(o change) bool { return o.axis.name == a.name }
			if from != to && !slices.ContainsFunc(out, same) {
				out = append(out, change{axis: a, from: from, to: to})
			}
		}
	}
	// What hangs on a switched-off signal or factor goes with its switch.
	add(c.axes(c.best, c.base, s.has))
	off := func(a axis) bool { return a.value(c.best) == 0 && a.value(c.base) != 0 }
	for _, a := range c.axes(c.base, c.base, s.has) {
		if off(a) {
			add([]axis{a})
		}
	}
	for k := 0; k < len(out); k++ {
		if sub := out[k].axis; sub.within != "" && slices.ContainsFunc(out, func(o change) bool {
			return o.axis.name == sub.within && o.from == 0
		}) {
			out = slices.Delete(out, k, k+1)
			k--
		}
	}
	return out
}

// simplifyCounts takes the counts back to their defaults where the components
// together do not lose more than one standard error by it.
func (s *search) simplifyCounts(ctx context.Context) error {
	if !s.tunesCounts {
		return nil
	}
	for _, a := range countsAxes(s.counts) {
		def := a.value(cooccur.Settings{})
		if a.value(s.counts) == def {
			continue
		}
		counts := a.with(s.counts, def)
		if !s.affords(len(specsOf(s.bests()...)) * len(s.cuts)) {
			return nil
		}
		for cut := range s.cuts {
			s.plan(cut, counts, s.bests()...)
		}
		loss, variance := 0.0, 0.0
		for _, c := range s.contenders {
			best, err := s.pooled(ctx, &c.component, s.counts, c.best.Model())
			if err != nil {
				return err
			}
			v, err := s.pooled(ctx, &c.component, counts, c.best.Model())
			if err != nil {
				return err
			}
			l, se := paired(&best, &v)
			scale := max(best.Metrics[0].Mean, 1e-9)
			loss += l / scale
			variance += se * se / scale / scale
		}
		if loss <= math.Sqrt(variance) {
			s.counts = counts
		}
	}
	return nil
}

// verdict is a tuned model beside its default.
type verdict struct {
	model      engine.Model
	first, now eval.Variant
	gain       eval.Difference
}

// compare measures the default and what was chosen for c, and goes back to the
// default where the difference is within one standard error. first is measured
// under the default counts.
func (s *search) compare(ctx context.Context, c *contender, counts cooccur.Settings, seed uint64) (verdict, error) {
	first, err := s.pooled(ctx, &c.component, counts, c.base.Model())
	if err != nil {
		return verdict{}, err
	}
	now, err := s.pooled(ctx, &c.component, s.counts, c.best.Model())
	if err != nil {
		return verdict{}, err
	}
	if gain, se := paired(&now, &first); gain <= se && s.counts == counts {
		c.best, now = c.base, first
	}
	gain, err := eval.Compare(&now, &first, objective, seed)
	if err != nil {
		return verdict{}, err
	}
	return verdict{model: c.best.Model(), first: first, now: now, gain: gain}, nil
}

// paired returns the mean of a minus b over the cases and its standard error,
// which takes the cases of a unit for one draw.
func paired(a, b *eval.Variant) (diff, se float64) {
	va, vb := a.Metrics[0].Values, b.Metrics[0].Values
	if len(va) == 0 {
		return 0, 0
	}
	n := float64(len(va))
	for i := range va {
		diff += (va[i] - vb[i]) / n
	}
	// Summed in the order of the cases: equal inputs give equal bits.
	place := make(map[string]int)
	var sums []float64
	for i, c := range a.Cases {
		k, ok := place[c.Unit]
		if !ok {
			k = len(sums)
			place[c.Unit] = k
			sums = append(sums, 0)
		}
		sums[k] += va[i] - vb[i] - diff
	}
	for _, v := range sums {
		se += v * v
	}
	return diff, math.Sqrt(se) / n
}
