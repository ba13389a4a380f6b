package tune

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"osusume/bench/eval"
	"osusume/recommend"
	"osusume/recommend/cooccur"
	"osusume/recommend/engine"
	"osusume/recommend/weight"
)

// errSpent says that the search has used up what it may.
var errSpent = errors.New("budget spent")

// lab tries models on the cuts. It keeps the indexes it learned, so that many
// models can be tried on one.
type lab struct {
	cuts    []*eval.Exam
	base    engine.Settings
	journal *journal
	clock   func() time.Time
	// until is when to stop, zero for never; trials is how many more means may
	// be asked for, negative for any number.
	until  time.Time
	trials int
	asked  int
	// learned is how many list sets were learned, in what time altogether.
	learned  int
	learning time.Duration
	// views are those learned lately, by cut, the last used last.
	views [][]*learnedView
	tell  func(what string)
}

// learnedView is an index frozen after learning. It may be planned only: what
// can be tried without learning anew must not depend on what a journal already
// knows, or a resumed run would take other steps.
type learnedView struct {
	counts cooccur.Settings
	specs  []weight.Spec
	view   *engine.View // nil while nothing was measured on it
}

// keptViews is how many indexes are kept per cut.
const keptViews = 6

// trialModel is the name of the model being tried.
const trialModel = "tried"

// specsOf collects what the models' lists follow from.
func specsOf(models ...engine.Model) []weight.Spec {
	var specs []weight.Spec
	for _, m := range models {
		for _, s := range m.Signals {
			if !slices.Contains(specs, s.Weights) {
				specs = append(specs, s.Weights)
			}
		}
	}
	return specs
}

// find returns a kept index with all lists of the models, nil when there is
// none.
func (l *lab) find(cut int, counts cooccur.Settings, models ...engine.Model) *learnedView {
	specs := specsOf(models...)
	kept := l.views[cut]
	for i := len(kept) - 1; i >= 0; i-- {
		v := kept[i]
		lacks := func(s weight.Spec) bool { return !slices.Contains(v.specs, s) }
		if v.counts != counts || slices.ContainsFunc(specs, lacks) {
			continue
		}
		l.views[cut] = append(slices.Delete(kept, i, i+1), v)
		return v
	}
	return nil
}

// plan returns an index with all lists of the models, one still to be learned
// if there is none.
func (l *lab) plan(cut int, counts cooccur.Settings, models ...engine.Model) *learnedView {
	if v := l.find(cut, counts, models...); v != nil {
		return v
	}
	v := &learnedView{counts: counts, specs: specsOf(models...)}
	kept := append(l.views[cut], v)
	l.views[cut] = slices.Delete(kept, 0, max(0, len(kept)-keptViews))
	return v
}

// learn fills in the index of v.
func (l *lab) learn(ctx context.Context, cut int, v *learnedView) error {
	if v.view != nil {
		return nil
	}
	s := l.base
	s.Counts = v.counts
	s.Placements = nil
	s.Models = make(map[string]engine.Model)
	// Nothing is learned that is not asked for.
	for name := range engine.DefaultModels() {
		s.Models[name] = engine.Model{}
	}
	related := weight.Spec{Formula: weight.Conditional, Over: "orders", MinSupport: 2}
	for k, spec := range v.specs {
		related = v.specs[0]
		s.Models[fmt.Sprintf("lists %d", k)] = engine.Model{Signals: []engine.Signal{{From: engine.FromBought, Weights: spec}}}
	}
	s.Related = make(map[recommend.RelatedKind]weight.Spec)
	for kind := range engine.DefaultRelated() {
		s.Related[kind] = related
	}
	within, cancel := ctx, context.CancelFunc(func() {})
	if !l.until.IsZero() {
		within, cancel = context.WithTimeout(ctx, l.until.Sub(l.clock()))
	}
	defer cancel()
	started := l.clock()
	view, err := l.cuts[cut].Learn(within, s, func(string, int, int) { l.tell("") })
	if err != nil {
		if ctx.Err() == nil && within.Err() != nil {
			return errSpent
		}
		return err
	}
	l.learning += l.clock().Sub(started)
	l.learned += max(len(v.specs), 1)
	v.view = view
	return nil
}

// values measures a model on one cut.
func (l *lab) values(ctx context.Context, c *component, cut int, counts cooccur.Settings, m engine.Model) (eval.Variant, error) {
	index := l.plan(cut, counts, m)
	if err := l.learn(ctx, cut, index); err != nil {
		return eval.Variant{}, err
	}
	l.tell("")
	view, err := index.view.WithModels(map[string]engine.Model{trialModel: m})
	if err != nil {
		return eval.Variant{}, fmt.Errorf("try %s: %w", c.model, err)
	}
	v, err := l.cuts[cut].Ask(ctx, view, c.variant, trialModel)
	if err != nil {
		return eval.Variant{}, err
	}
	score := c.score(&v)
	return score, l.journal.note(keyOf(c, cut, counts, m), score.Metrics[0].Mean)
}

// pooled measures a model on all cuts.
func (l *lab) pooled(ctx context.Context, c *component, counts cooccur.Settings, m engine.Model) (eval.Variant, error) {
	out := eval.Variant{Name: c.variant, Metrics: []eval.Metric{{Name: objective}}}
	for cut := range l.cuts {
		v, err := l.values(ctx, c, cut, counts, m)
		if err != nil {
			return eval.Variant{}, err
		}
		for _, one := range v.Cases {
			// The same customer may be asked in several cuts.
			one.Number += cut << 32
			out.Cases = append(out.Cases, one)
		}
		out.Metrics[0].Values = append(out.Metrics[0].Values, v.Metrics[0].Values...)
	}
	for _, value := range out.Metrics[0].Values {
		out.Metrics[0].Mean += value / float64(len(out.Cases))
	}
	return out, nil
}

// spend takes one trial off the budget.
func (l *lab) spend() error {
	if l.trials == 0 || (!l.until.IsZero() && !l.clock().Before(l.until)) {
		return errSpent
	}
	if l.trials > 0 {
		l.trials--
	}
	l.asked++
	return nil
}

// mean returns what values would give on average, from the journal if it is
// there. Each call is a trial, noted or not, so that a resumed run does what an
// uninterrupted one does.
func (l *lab) mean(ctx context.Context, c *component, cut int, counts cooccur.Settings, m engine.Model) (float64, error) {
	if err := l.spend(); err != nil {
		return 0, err
	}
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	l.plan(cut, counts, m)
	if mean, ok := l.journal.means[keyOf(c, cut, counts, m)]; ok {
		return mean, nil
	}
	v, err := l.values(ctx, c, cut, counts, m)
	if err != nil {
		return 0, err
	}
	return v.Metrics[0].Mean, nil
}

// affords reports whether learning n list sets fits into the time left, by what
// it took so far.
func (l *lab) affords(n int) bool {
	if l.until.IsZero() || l.learned == 0 {
		return true
	}
	return l.clock().Add(time.Duration(n) * l.learning / time.Duration(l.learned)).Before(l.until)
}
