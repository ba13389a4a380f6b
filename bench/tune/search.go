package tune

import (
	"context"
	"errors"
	"slices"

	"osusume/recommend/cooccur"
	"osusume/recommend/engine"
	"osusume/recommend/weight"
)

const (
	// leastGain is by what share of its value the objective must rise for a
	// step to be taken; less is noise whatever the data.
	leastGain = 0.0005
	// hopeless is how far behind on the newest cut a model may be to be tried
	// on the others as well.
	hopeless = 0.005
	// passes bounds how often the axes are gone through in one climb. The first
	// goes once, so that what needs learning gets its turn soon.
	passes = 3
	// rounds bounds the search where nothing else does.
	rounds = 20
	// batch is about how much is learned at once: list sets, closed forms
	// counting a quarter.
	batch = 6
	// finalists of the newest cut are learned on all, besides their combination.
	finalists = 2
)

// contender is the best model so far of one component.
type contender struct {
	component
	base, best draft
	// means of best, by cut; total is over the cases of all cuts.
	means []float64
	total float64
	// first is the total of the default.
	first float64
	tried map[string]*attempts
}

// attempts is what was seen along one axis.
type attempts struct {
	values []float64
	// gain is the best seen over the model of the moment, in the objective,
	// on all cuts.
	gain float64
}

// search is the state of one run.
type search struct {
	*lab
	has        evidence
	counts     cooccur.Settings
	contenders []*contender
	// tunesCounts: the task depends on settings of the counts.
	tunesCounts bool
	countsTried map[string]*attempts
}

// start measures the defaults.
func (s *search) start(ctx context.Context) error {
	for cut := range s.cuts {
		s.plan(cut, s.counts, s.bests()...)
	}
	for _, c := range s.contenders {
		if err := s.settle(ctx, c, s.counts, c.best); err != nil {
			return err
		}
		c.first = c.total
	}
	return nil
}

// bests lists the best models of all components.
func (s *search) bests() []engine.Model {
	var models []engine.Model
	for _, c := range s.contenders {
		models = append(models, c.best.Model())
	}
	return models
}

// settle makes d the best of c.
func (s *search) settle(ctx context.Context, c *contender, counts cooccur.Settings, d draft) error {
	means := make([]float64, len(s.cuts))
	for cut := range means {
		var err error
		if means[cut], err = s.mean(ctx, &c.component, cut, counts, d.Model()); err != nil {
			return err
		}
	}
	c.best, c.means, c.total = d, means, s.total(c, means)
	return nil
}

// total is the mean over the cases of all cuts.
func (s *search) total(c *contender, means []float64) float64 {
	sum, n := 0.0, 0
	for cut, m := range means {
		cases := s.cuts[cut].Cases(c.variant)
		sum += m * float64(cases)
		n += cases
	}
	return sum / float64(max(n, 1))
}

// run searches until nothing gets better or the budget is spent.
func (s *search) run(ctx context.Context) error {
	for round := range rounds {
		better := false
		climb := func(ctx context.Context) (bool, error) { return s.climb(ctx, min(1+round, passes)) }
		for _, step := range []func(context.Context) (bool, error){climb, s.relearn, s.tryCounts} {
			ok, err := step(ctx)
			if errors.Is(err, errSpent) {
				return nil
			}
			if err != nil {
				return err
			}
			better = better || ok
		}
		if !better {
			return nil
		}
	}
	return nil
}

// climb goes along the axes that can be tried on what is learned, the
// components taking turns.
func (s *search) climb(ctx context.Context, passes int) (bool, error) {
	better := false
	still := make([]bool, len(s.contenders)) // nothing moved in the last pass
	for range passes {
		axes, most := make([][]axis, len(s.contenders)), 0
		for k, c := range s.contenders {
			if !still[k] {
				axes[k] = c.axes(c.best, c.base, s.has)
				most = max(most, len(axes[k]))
				still[k] = true
			}
		}
		for i := range most {
			for k, c := range s.contenders {
				if i >= len(axes[k]) {
					continue
				}
				moved, err := s.along(ctx, c, &axes[k][i])
				if moved {
					still[k], better = false, true
				}
				if err != nil {
					return better, err
				}
			}
		}
	}
	return better, nil
}

// along moves c along an axis for as long as it gets better.
func (s *search) along(ctx context.Context, c *contender, a *axis) (bool, error) {
	for _, step := range [...]int{1, -1} {
		moved := false
		for at := a.place(a.value(c.best)) + step; at >= 0 && at < len(a.ladder); at += step {
			d := c.best.with(a, a.ladder[at])
			if !s.ready(d) {
				break
			}
			ok, err := s.beats(ctx, c, a.name, a.ladder[at], d)
			if err != nil {
				return moved, err
			}
			if !ok {
				break
			}
			moved = true
		}
		if moved {
			return true, nil
		}
	}
	return false, nil
}

// ready reports whether d can be tried without learning.
func (s *search) ready(d draft) bool {
	for cut := range s.cuts {
		if s.find(cut, s.counts, d.Model()) == nil {
			return false
		}
	}
	return true
}

// beats tries d, which differs from the best in the named axis, and makes it
// the best if it is better.
func (s *search) beats(ctx context.Context, c *contender, axis string, value float64, d draft) (bool, error) {
	s.tell(c.describe(axis, value))
	seen := c.attempt(axis)
	if !slices.Contains(seen.values, value) {
		seen.values = append(seen.values, value)
	}
	newest, err := s.mean(ctx, &c.component, 0, s.counts, d.Model())
	if err != nil || newest < c.means[0]*(1-hopeless) {
		return false, err
	}
	means := make([]float64, len(s.cuts))
	means[0] = newest
	for cut := 1; cut < len(means); cut++ {
		if means[cut], err = s.mean(ctx, &c.component, cut, s.counts, d.Model()); err != nil {
			return false, err
		}
	}
	total := s.total(c, means)
	seen.gain = max(seen.gain, total-c.total)
	if total <= c.total*(1+leastGain) {
		return false, nil
	}
	c.best, c.means, c.total = d, means, total
	return true, nil
}

func (c *contender) attempt(axis string) *attempts {
	if c.tried[axis] == nil {
		c.tried[axis] = &attempts{}
	}
	return c.tried[axis]
}

// proposal is one value that needs lists of its own.
type proposal struct {
	c     *contender
	axis  axis
	value float64
	draft draft
	gain  float64 // on the newest cut
}

// relearn tries the neighbours of the best models that need lists to be
// learned.
func (s *search) relearn(ctx context.Context) (bool, error) {
	proposals := s.proposals()
	for start := 0; start < len(proposals); {
		end, models := start, []engine.Model(nil)
		for end < len(proposals) && (end == start || cost(specsOf(append(models, proposals[end].draft.Model())...)) <= batch) {
			models = append(models, proposals[end].draft.Model())
			end++
		}
		for len(models) > 1 && !s.affords(len(specsOf(models...))) {
			models = models[:len(models)-1]
			end--
		}
		if !s.affords(len(specsOf(models...))) {
			return false, errSpent
		}
		s.plan(0, s.counts, models...)
		for k := start; k < end; k++ {
			p := &proposals[k]
			s.tell(p.c.describe(p.axis.name, p.value))
			mean, err := s.mean(ctx, &p.c.component, 0, s.counts, p.draft.Model())
			if err != nil {
				return false, err
			}
			p.gain = mean - p.c.means[0]
			if seen := p.c.attempt(p.axis.name); !slices.Contains(seen.values, p.value) {
				seen.values = append(seen.values, p.value)
			}
		}
		start = end
	}
	better := false
	for _, c := range s.contenders {
		ok, err := s.promote(ctx, c, proposals)
		better = better || ok
		if err != nil {
			return better, err
		}
	}
	return better, nil
}

// proposals lists the neighbours that cannot be tried on what is learned, the
// components taking turns. All scales of a signal need the same lists, so every
// other one is proposed; a climb finds those between.
func (s *search) proposals() []proposal {
	var by [][]proposal
	for _, c := range s.contenders {
		var of []proposal
		for _, a := range c.axes(c.best, c.base, s.has) {
			at := a.place(a.value(c.best))
			for k, v := range a.ladder {
				near := k == at-1 || k == at+1
				if k == at || (a.slot && (k-at)%2 != 0) || (!a.slot && !near) {
					continue
				}
				d := c.best.with(&a, v)
				if !s.ready(d) {
					of = append(of, proposal{c: c, axis: a, value: v, draft: d})
				}
			}
		}
		by = append(by, of)
	}
	var out []proposal
	for k := 0; ; k++ {
		found := false
		for _, of := range by {
			if k < len(of) {
				out, found = append(out, of[k]), true
			}
		}
		if !found {
			return out
		}
	}
}

// cost is how much learning the specs is, in learned list sets.
func cost(specs []weight.Spec) float64 {
	sum := 0.0
	for _, s := range specs {
		if s.Formula == weight.SLIM || s.Formula == weight.Walk {
			sum++
		} else {
			sum += 0.25
		}
	}
	return sum
}

// promote learns the best proposals for c, and all of them together, on every
// cut.
func (s *search) promote(ctx context.Context, c *contender, proposals []proposal) (bool, error) {
	var good []proposal
	for _, p := range proposals {
		if p.c != c || p.gain <= leastGain*c.means[0] {
			continue
		}
		// One value per axis.
		if k := slices.IndexFunc(good, func(o proposal) bool { return o.axis.name == p.axis.name }); k >= 0 {
			if p.gain > good[k].gain {
				good[k] = p
			}
			continue
		}
		good = append(good, p)
	}
	slices.SortStableFunc(good, func(a, b proposal) int {
		switch {
		case a.gain > b.gain:
			return -1
		case a.gain < b.gain:
			return 1
		default:
			return 0
		}
	})
	start := c.best
	better := false
	if len(good) > 1 {
		all := start
		for k := range good[:min(4, len(good))] {
			all = all.with(&good[k].axis, good[k].value)
		}
		if !s.affords(len(specsOf(all.Model())) * len(s.cuts)) {
			return false, errSpent
		}
		ok, err := s.beats(ctx, c, "several at once", float64(len(good)), all)
		better = better || ok
		if err != nil {
			return better, err
		}
	}
	for k := range good[:min(finalists, len(good))] {
		p := &good[k]
		if !s.affords(len(specsOf(p.draft.Model())) * (len(s.cuts) - 1)) {
			return better, errSpent
		}
		ok, err := s.beats(ctx, c, p.axis.name, p.value, p.draft)
		better = better || ok
		if err != nil {
			return better, err
		}
	}
	return better, nil
}

// countsAxis is a setting of the counts: all lists follow from it.
type countsAxis struct {
	name   string
	ladder []float64
	field  func(*cooccur.Settings) *float64
}

func countsAxes(now cooccur.Settings) []countsAxis {
	axes := []countsAxis{
		{"step lambda", []float64{0.5, 0.75, 1, 1.5, 2, 3, 5}, func(s *cooccur.Settings) *float64 { return &s.StepLambda }},
		{"session half-life days", []float64{14, 20, 30, 45, 60, 80, 120, 200, 400}, func(s *cooccur.Settings) *float64 { return &s.SessionHalfLifeDays }},
	}
	full, def := now.WithDefaults(), cooccur.Settings{}.WithDefaults()
	for k := range axes {
		a := &axes[k]
		a.ladder = ladder(a.ladder, *a.field(&full), *a.field(&def))
	}
	return axes
}

// value is what the axis is, default included.
func (a *countsAxis) value(s cooccur.Settings) float64 {
	s = s.WithDefaults()
	return *a.field(&s)
}

// with returns s with the value changed; a default is written as 0.
func (a *countsAxis) with(s cooccur.Settings, v float64) cooccur.Settings {
	if v == a.value(cooccur.Settings{}) {
		v = 0
	}
	*a.field(&s) = v
	return s
}

// tryCounts goes along the axes of the counts. A step is taken when the
// components together gain: the sum of their relative gains counts.
func (s *search) tryCounts(ctx context.Context) (bool, error) {
	if !s.tunesCounts {
		return false, nil
	}
	better := false
	for _, a := range countsAxes(s.counts) {
		for _, step := range [...]int{1, -1} {
			moved := false
			for at := slices.Index(a.ladder, a.value(s.counts)) + step; at >= 0 && at < len(a.ladder); at += step {
				ok, err := s.beatsCounts(ctx, &a, a.ladder[at])
				if err != nil {
					return better, err
				}
				if !ok {
					break
				}
				moved = true
			}
			if moved {
				better = true
				break
			}
		}
	}
	return better, nil
}

func (s *search) beatsCounts(ctx context.Context, a *countsAxis, value float64) (bool, error) {
	s.tell("counts: " + a.name + " " + number(value))
	seen := s.countsTried[a.name]
	if seen == nil {
		seen = &attempts{}
		s.countsTried[a.name] = seen
	}
	if !slices.Contains(seen.values, value) {
		seen.values = append(seen.values, value)
	}
	counts := a.with(s.counts, value)
	means := make([][]float64, len(s.contenders))
	for cut := range s.cuts {
		if !s.affords(len(specsOf(s.bests()...))) {
			return false, errSpent
		}
		s.plan(cut, counts, s.bests()...)
		gain := 0.0
		for k, c := range s.contenders {
			m, err := s.mean(ctx, &c.component, cut, counts, c.best.Model())
			if err != nil {
				return false, err
			}
			means[k] = append(means[k], m)
			gain += relative(m, c.means[cut])
		}
		if cut == 0 && gain < -hopeless {
			return false, nil
		}
	}
	gain := 0.0
	for k, c := range s.contenders {
		gain += relative(s.total(c, means[k]), c.total)
	}
	seen.gain = max(seen.gain, gain/float64(len(s.contenders)))
	if gain <= leastGain*float64(len(s.contenders)) {
		return false, nil
	}
	s.counts = counts
	for k, c := range s.contenders {
		c.means, c.total = means[k], s.total(c, means[k])
	}
	return true, nil
}

// relative is by what share of the old the new value is more; 0 when both are.
func relative(now, old float64) float64 {
	if old <= 0 {
		return max(now, 0)
	}
	return now/old - 1
}
