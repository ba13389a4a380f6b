package eval

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"osusume/recommend"
	"osusume/recommend/engine"
)

// Trial is a task read from its files once, to put the same questions to one
// model after the other.
type Trial struct {
	cfg     Config
	exam    *exam
	skipped map[string]int
	lists   *breadth
}

// Open reads the files of a task. Config.Model and Settings play no part.
// Errors wrap ErrNoCase when they leave nothing to ask.
func Open(cfg Config) (*Trial, error) {
	if cfg.Progress == nil {
		cfg.Progress = func(string, int, int) {}
	}
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	x, skipped, err := read(&cfg)
	if err != nil {
		return nil, err
	}
	if err := x.check(cfg.Task); err != nil {
		return nil, err
	}
	lists, err := breadthFor(&cfg, x)
	if err != nil {
		return nil, err
	}
	return &Trial{cfg: cfg, exam: x, skipped: skipped, lists: lists}, nil
}

// Sample keeps the questions of about n units (customers, baskets, sessions)
// per variant, evenly spread over the file, and reports whether any were
// dropped.
func (t *Trial) Sample(n int) bool {
	dropped := false
	for i := range t.exam.variants {
		q := &t.exam.variants[i]
		units := clusterCases((&Variant{Cases: casesOf(q)}).units())
		if units.count <= n {
			continue
		}
		dropped = true
		kept := make([]question, 0, len(q.list))
		for k := range q.list {
			// Of every count/n units the first.
			if u := units.of[k]; u*n/units.count != (u-1)*n/units.count || u == 0 {
				kept = append(kept, q.list[k])
			}
		}
		q.list = kept
	}
	return dropped
}

// MeanInterval is the bootstrap interval of the mean of values; units name whom
// each came from, and whole units are drawn.
func MeanInterval(units []string, values []float64, seed uint64) Interval {
	return clusterCases(units).interval(values, seed)
}

func casesOf(q *questions) []Case {
	cases := make([]Case, len(q.list))
	for i := range q.list {
		cases[i] = q.list[i].Case
	}
	return cases
}

// Events, People and Uses tell of the train file: its events, the distinct
// people the task's popularity is counted over, and how each item was used.
func (t *Trial) Events() int          { return len(t.exam.train.events) }
func (t *Trial) People() int          { return t.lists.usage.people }
func (t *Trial) Uses() map[string]Use { return maps.Clone(t.lists.usage.items) }

// Span is the time of the oldest and the newest event of train, and the time
// the questions are asked at.
func (t *Trial) Span() (from, to, asked time.Time) {
	return t.exam.train.events[0].Time, t.exam.train.end(), t.exam.now
}

// Skipped counts rows that could not be read, by file.
func (t *Trial) Skipped() map[string]int { return maps.Clone(t.skipped) }

// Known returns for each case of a variant how much there is to go by: distinct
// items in the customer's train history, items of the session so far, items in
// the cart.
func (t *Trial) Known(variant string) []int {
	var had map[string]itemSet
	for i := range t.exam.variants {
		q := &t.exam.variants[i]
		if q.variant != variant {
			continue
		}
		known := make([]int, len(q.list))
		for k := range q.list {
			r := &q.list[k].request
			switch {
			case r.CustomerID != "":
				if had == nil {
					_, had = wantedBy(t.exam.train)
				}
				known[k] = len(had[r.CustomerID])
			case len(r.SessionItems) > 0:
				known[k] = len(r.SessionItems)
			case r.ItemID != "":
				known[k] = 1
			default:
				known[k] = len(r.Cart)
			}
		}
		return known
	}
	return nil
}

// Shop measures what the placements of the settings answer with; nil settings
// are the defaults. The result carries the given name.
func (t *Trial) Shop(ctx context.Context, name string, settings *engine.Settings) (Result, error) {
	p := plan{}
	if settings != nil {
		p.settings = *settings
	}
	p.settings.Models = withModel(p.settings.Models, baselineModel, popularModel(0))
	rs, err := t.measure(ctx, p.settings, []entrant{{name: name}})
	if err != nil {
		return Result{}, err
	}
	return rs[0], nil
}

// Plain measures the plain models with the given names, out of Models. They
// share one index, so TrainSeconds is the same for all of them: what counting
// and ranking for all of them took.
func (t *Trial) Plain(ctx context.Context, names []string) ([]Result, error) {
	var settings engine.Settings
	var entrants []entrant
	for _, name := range names {
		p, err := planFor(t.cfg.Task, name, nil)
		if err != nil {
			return nil, err
		}
		if name == DefaultModel {
			return nil, fmt.Errorf("measure %s: no plain model", name)
		}
		entrants = append(entrants, entrant{name: name, models: p.models})
		maps.Copy(p.settings.Models, settings.Models)
		settings = p.settings
	}
	// No placement is asked, so nothing need be learned for them.
	for name := range engine.DefaultModels() {
		settings.Models = withModel(settings.Models, name, engine.Model{})
	}
	return t.measure(ctx, settings, entrants)
}

// Neighbours measures the models behind the placements with each number of
// neighbours kept per item, everything else as in settings. Results are named
// by the number.
func (t *Trial) Neighbours(ctx context.Context, settings *engine.Settings, counts []int) ([]Result, error) {
	var s engine.Settings
	if settings != nil {
		s = *settings
	}
	models, _ := effective(settings)
	answering := t.Answering(settings)
	entrants := make([]entrant, len(counts))
	s.Models = maps.Clone(s.Models)
	for i, n := range counts {
		entrants[i] = entrant{name: strconv.Itoa(n), models: make(map[string]string)}
		for v := range t.exam.variants {
			q := &t.exam.variants[v]
			if len(q.list) == 0 {
				continue
			}
			m, ok := models[answering[q.variant]]
			if !ok {
				return nil, fmt.Errorf("measure neighbours: no model %q answers %s", answering[q.variant], q.variant)
			}
			m.Signals = slices.Clone(m.Signals)
			for k := range m.Signals {
				m.Signals[k].Weights.Neighbours = n
			}
			name := fmt.Sprintf("%s%s with %d neighbours", plainModel, answering[q.variant], n)
			s.Models = withModel(s.Models, name, m)
			entrants[i].models[q.variant] = name
		}
	}
	// The placements' own models are not asked.
	for name := range models {
		s.Models[name] = engine.Model{}
	}
	return t.measure(ctx, s, entrants)
}

// effective returns all models and placements of settings, defaults included.
func effective(settings *engine.Settings) (map[string]engine.Model, map[string]engine.Placement) {
	models, placements := engine.DefaultModels(), engine.DefaultPlacements()
	if settings != nil {
		maps.Copy(models, settings.Models)
		maps.Copy(placements, settings.Placements)
	}
	return models, placements
}

// Answering returns by variant the name of the model that a shop with these
// settings answers with.
func (t *Trial) Answering(settings *engine.Settings) map[string]string {
	_, placements := effective(settings)
	names := make(map[string]string)
	for i := range t.exam.variants {
		q := &t.exam.variants[i]
		if len(q.list) == 0 {
			continue
		}
		r := &q.list[0].request
		slot := r.Placement
		if slot == "" {
			slot = engine.DefaultPlacement
		}
		p := placements[slot]
		names[q.variant] = p.Model
		if r.Repeat == recommend.RepeatExclude && p.New != "" {
			names[q.variant] = p.New
		}
	}
	return names
}

func withModel(models map[string]engine.Model, name string, m engine.Model) map[string]engine.Model {
	out := maps.Clone(models)
	if out == nil {
		out = make(map[string]engine.Model)
	}
	out[name] = m
	return out
}

// entrant is one of several models of an index: by variant the model of its
// requests, "" for the placement's.
type entrant struct {
	name   string
	models map[string]string
}

// measure trains one index and puts all questions to each entrant.
func (t *Trial) measure(ctx context.Context, settings engine.Settings, entrants []entrant) ([]Result, error) {
	started := time.Now()
	view, err := train(ctx, settings, t.exam, t.cfg.Progress)
	if err != nil {
		return nil, err
	}
	seconds := time.Since(started).Seconds()
	results := make([]Result, 0, len(entrants))
	for _, e := range entrants {
		r := Result{
			Task: t.cfg.Task, Model: e.name, Seed: t.cfg.Seed, CatalogItems: len(t.exam.train.items),
			TrainSeconds: seconds, SkippedRows: t.skipped,
		}
		var took []float64
		for i := range t.exam.variants {
			q := &t.exam.variants[i]
			a, err := ask(ctx, view, q, e.models[q.variant], t.cfg.Progress)
			if err != nil {
				return nil, fmt.Errorf("model %s: %w", e.name, err)
			}
			took = append(took, a.micros...)
			v := judge(q, a.lists, len(t.exam.train.items), t.cfg.Seed)
			t.lists.describe(&v, t.cfg.Seed)
			r.Variants = append(r.Variants, v)
		}
		slices.Sort(took)
		r.Score = Latency{P50: quantile(took, 0.5), P99: quantile(took, 0.99)}
		results = append(results, r)
	}
	return results, nil
}
