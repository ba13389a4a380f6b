package eval

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"osusume/recommend/cooccur"
	"osusume/recommend/engine"
	"osusume/recommend/weight"
)

// The names of models. DefaultModel is what the placements of the settings
// answer with; the others are plain models, each by itself, to compare with.
const (
	DefaultModel = "default"

	popularity   = "popularity"
	recent       = "recent"
	personal     = "personal"
	cooccurrence = "cooccurrence"
	conditional  = "conditional"
	cosine       = "cosine"
	jaccard      = "jaccard"
	llr          = "llr"
	session      = "session"
)

// Models lists the names of models a task can be measured with, besides those
// that settings define.
func Models(t Task) []string {
	names := []string{DefaultModel, popularity, recent}
	if t == Purchases || t == Ratings {
		names = append(names, personal)
	}
	names = append(names, cooccurrence, conditional, cosine, jaccard, llr)
	if t == Sessions {
		names = append(names, session)
	}
	return names
}

// plan is the settings of an engine and the model that answers each variant.
type plan struct {
	settings engine.Settings
	// models holds by variant the Model of its requests; "" leaves it to the
	// placement.
	models map[string]string
}

// The prefixes of models that are measured here beside a shop's own.
const (
	plainModel    = "bench "
	baselineModel = "bench popularity"
)

// planFor makes the plan of a model. Plain models count without windows and do
// not fill their lists from elsewhere, so that they are what their name says.
func planFor(t Task, name string, base *engine.Settings) (plan, error) {
	p := plan{models: make(map[string]string)}
	if base != nil {
		p.settings = *base
	}
	p.settings.Models = maps.Clone(p.settings.Models)
	if p.settings.Models == nil {
		p.settings.Models = make(map[string]engine.Model)
	}
	p.settings.Models[baselineModel] = popularModel(0)

	if name == "" || name == DefaultModel {
		return p, nil
	}
	if base != nil {
		if _, ok := base.Models[name]; ok {
			for _, v := range t.variantNames() {
				p.models[v] = name
			}
			return p, nil
		}
		return plan{}, fmt.Errorf("--model %s: the settings of --config are for --model %s or a model they define (%s)",
			name, DefaultModel, strings.Join(slices.Sorted(maps.Keys(base.Models)), ", "))
	}
	if !slices.Contains(Models(t), name) {
		return plan{}, fmt.Errorf("--model %s: task %s can be measured with %s", name, t, strings.Join(Models(t), ", "))
	}
	p.settings.Counts = cooccur.Settings{OrderWindow: -1, CustomerWindow: -1, SessionWindow: -1, BoughtBreadth: -1, BrowsedBreadth: -1, Revisits: -1, Sittings: -1}
	p.settings.MaxLines = -1
	for _, v := range t.variantNames() {
		m := plain(t, v, name)
		m.NoFallback = true
		p.models[v] = plainModel + name + " " + v
		p.settings.Models[p.models[v]] = m
	}
	return p, nil
}

// popularModel ranks by distinct buyers (or viewers, in a shop without
// purchases) of the last days; 0 is all time.
func popularModel(days int) engine.Model {
	return engine.Model{Recent: engine.Recent{Weight: 1, Days: days}, NoFallback: true}
}

func plain(t Task, variant, name string) engine.Model {
	switch name {
	case popularity:
		return popularModel(0)
	case recent:
		return popularModel(7)
	case personal:
		// Ties of equally many lines go to what sells; a share of the month's
		// best is far below one line.
		return engine.Model{
			Personal: engine.Personal{Weight: 1, Lines: true},
			Recent:   engine.Recent{Weight: 1e-3, Days: 30},
		}
	}
	return engine.Model{Signals: []engine.Signal{plainSignal(t, variant, name)}}
}

// plainSignal is one kind of neighbours with the profile that suits the task.
// The parameters are those of the reference models the harness is checked
// against.
func plainSignal(t Task, variant, name string) engine.Signal {
	isNew := variant == variantNew
	var s engine.Signal
	switch t {
	case Purchases:
		s = engine.Signal{From: engine.FromBought, HalfLifeDays: 20, MaxItems: -1}
		s.Weights = weight.Spec{Formula: formula(name), Over: "orders", Neighbours: -1, Raw: true}
	case Ratings:
		s = engine.Signal{From: engine.FromBought, Binary: true, MaxItems: -1}
		s.Weights = weight.Spec{Formula: formula(name), Over: "customers", Neighbours: -1, Raw: true}
	case Baskets:
		s = engine.Signal{From: engine.FromCart, MaxItems: -1}
		s.Weights = weight.Spec{Formula: formula(name), Over: "orders", Neighbours: 100, Raw: true}
	case Sessions:
		s = engine.Signal{From: engine.FromSession, MaxItems: 10, StepDecay: 3}
		s.Weights = weight.Spec{Formula: formula(name), Over: "sessions", Neighbours: -1, Raw: true}
	}
	switch {
	case t == Sessions && name == cooccurrence && isNew:
		s.StepDecay = 1
	case t == Sessions && name == session:
		s.StepDecay, s.MaxItems = 2, 20
		s.Weights.Neighbours = 100
		s.Weights.Shrink, s.Weights.ColumnPower = 10, 0.05
		if isNew {
			s.Weights.Backward, s.Weights.RowPower = 0.8, 0.6
		} else {
			s.Weights.Backward, s.Weights.RowPower = 0.3, 1
			s.Self = 0.3
		}
	case t == Purchases && name == cosine && !isNew:
		s.Weights.Shrink = 20
	case t == Purchases && name == llr && !isNew:
		s.Weights.Root = true
	case t == Purchases && name == llr:
		s.Weights.Neighbours = 100
	}
	return s
}

func formula(name string) weight.Formula {
	switch name {
	case conditional:
		return weight.Conditional
	case cosine:
		return weight.Cosine
	case jaccard:
		return weight.Jaccard
	case llr:
		return weight.LLR
	case session:
		return weight.Steps
	default:
		return weight.Cooccurrence
	}
}
