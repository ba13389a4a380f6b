package engine

import (
	"maps"
	"slices"

	"osusume/recommend"
	"osusume/recommend/weight"
)

// model is a Model with its lists and tables resolved to places in a View.
type model struct {
	name    string
	cfg     Model
	signals []signal
	trend   int // place in popularity.trends, -1 for none
	recent  int // place in windows, -1 for none
}

type signal struct {
	Signal
	set int // place in View.lists
}

// compile resolves models and relations to list sets, sharing those with equal
// specs.
func (x *Index) compile() {
	trends := make(map[Trend]int)
	for _, name := range slices.Sorted(maps.Keys(x.cfg.Models)) {
		cfg := x.cfg.Models[name]
		m := model{name: name, cfg: cfg, trend: -1, recent: -1}
		for _, sig := range cfg.Signals {
			if sig.Scale == 0 {
				sig.Scale = 1
			}
			if sig.MaxItems == 0 {
				sig.MaxItems = 50
			}
			m.signals = append(m.signals, signal{Signal: sig, set: x.set(sig.Weights)})
		}
		if t := cfg.Trend.withDefaults(); t.Power > 0 {
			if _, ok := trends[t]; !ok {
				trends[t] = len(trends)
			}
			m.cfg.Trend, m.trend = t, trends[t]
		}
		if cfg.Recent.Weight > 0 {
			m.recent = windowIndex(cfg.Recent.Days)
		}
		x.models = append(x.models, m)
	}
	x.related = make(map[recommend.RelatedKind]int)
	for _, kind := range slices.Sorted(maps.Keys(x.cfg.Related)) {
		x.related[kind] = x.set(x.cfg.Related[kind])
	}
}

// set returns the place of the lists of spec.
func (x *Index) set(spec weight.Spec) int {
	if spec.Neighbours == 0 {
		spec.Neighbours = weight.DefaultNeighbours
	}
	if spec.Formula == weight.Steps {
		spec.Over = "sessions"
	}
	for i, s := range x.sets {
		if s.spec == spec {
			return i
		}
	}
	set := &listSet{spec: spec, scale: 1}
	if spec.Formula == weight.SLIM {
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
