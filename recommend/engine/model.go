package engine

import (
	"fmt"
	"maps"
	"slices"
	"weak"

	"osusume/recommend"
	"osusume/recommend/weight"
)

// model is a Model with its lists and tables resolved to places in a View.
type model struct {
	name    string
	cfg     Model
	signals []signal
	figures int // place in figures.of, -1 for a model without trend
	recent  int // place in windows, -1 for none
}

// scaling is what figures depend on; models with equal ones share them.
type scaling struct {
	Trend
	recent int // place in windows, -1 for none
}

type signal struct {
	Signal
	set int // place in View.lists
}

// compile resolves models and relations to list sets, sharing those with equal
// specs.
func (x *Index) compile() {
	var scalings []scaling
	for _, name := range slices.Sorted(maps.Keys(x.cfg.Models)) {
		// A set is made for every spec, so resolving cannot fail.
		m, _ := resolve(name, x.cfg.Models[name], func(w weight.Spec) int { return x.set(w) }, &scalings)
		x.models = append(x.models, m)
	}
	x.related = make(map[recommend.RelatedKind]int)
	for _, kind := range slices.Sorted(maps.Keys(x.cfg.Related)) {
		x.related[kind] = x.set(x.cfg.Related[kind])
	}
}

// resolve looks up the places of a model's lists and figures; place
// returns a negative number for a spec without lists.
func resolve(name string, cfg Model, place func(weight.Spec) int, scalings *[]scaling) (model, error) {
	m := model{name: name, cfg: cfg, figures: -1, recent: -1}
	for _, sig := range cfg.Signals {
		if sig.Scale == 0 {
			sig.Scale = 1
		}
		if sig.MaxItems == 0 {
			sig.MaxItems = 50
		}
		set := place(sig.Weights)
		if set < 0 {
			return m, fmt.Errorf("model %s: no lists for weights %+v", name, sig.Weights)
		}
		m.signals = append(m.signals, signal{Signal: sig, set: set})
	}
	if cfg.Recent.Weight > 0 {
		m.recent = windowIndex(cfg.Recent.Days)
	}
	if t := cfg.Trend.withDefaults(); t.Power > 0 {
		m.cfg.Trend = t
		s := scaling{t, m.recent}
		if m.figures = slices.Index(*scalings, s); m.figures < 0 {
			m.figures = len(*scalings)
			*scalings = append(*scalings, s)
		}
	}
	return m, nil
}

// WithModels returns a View that also answers with the given models, for trying
// out parameters without learning anew. Their weights must be those of models
// the View has.
func (v *View) WithModels(models map[string]Model) (*View, error) {
	out := *v
	cfg := *v.settings
	cfg.Models = over(maps.Clone(cfg.Models), models)
	cfg.setLengths()
	out.settings = &cfg
	out.models = slices.Clone(v.models)
	var scalings []scaling
	for _, m := range v.models {
		if m.figures >= len(scalings) {
			scalings = append(scalings, make([]scaling, m.figures+1-len(scalings))...)
		}
		if m.figures >= 0 {
			scalings[m.figures] = scaling{m.cfg.Trend, m.recent}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(models)) {
		if err := models[name].validate(); err != nil {
			return nil, fmt.Errorf("model %s: %w", name, err)
		}
		m, err := resolve(name, cfg.Models[name], func(w weight.Spec) int {
			return slices.IndexFunc(v.lists, func(l frozenLists) bool { return l.spec == w })
		}, &scalings)
		if err != nil {
			return nil, err
		}
		out.models = slices.DeleteFunc(out.models, func(old model) bool { return old.name == name })
		out.models = append(out.models, m)
	}
	p := *v.popular
	p.figures = p.figuresFor(out.models)
	out.popular = &p
	out.self = weak.Make(&out)
	return &out, nil
}

// set returns the place of the lists of spec.
func (x *Index) set(spec weight.Spec) int {
	for i, s := range x.sets {
		if s.spec == spec {
			return i
		}
	}
	set := &listSet{spec: spec, kind: spec.Kind(), scale: 1}
	if spec.IsLearned() {
		set.learned = &learned{}
	}
	x.sets = append(x.sets, set)
	return len(x.sets) - 1
}

func (t Trend) withDefaults() Trend {
	if t.Days == 0 {
		t.Days = 10
	}
	if t.BaseDays == 0 {
		t.BaseDays = 365
	}
	return t
}
