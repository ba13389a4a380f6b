package eval

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"osusume/bench/datasets"
	"osusume/recommend/engine"
)

// Config is one run. Train and Task are required; which other files are follows
// from the task.
type Config struct {
	Task Task
	// Train and Test are events CSVs; Cases are those of the baskets task.
	Train, Test, Cases string
	// Items is a CSV of item_id and category, for the diversity of lists; it may
	// be empty.
	Items string
	// MinPrefix is the first place of a session that is asked for, counted from
	// 0, so the number of items known before it. 0 is 2.
	MinPrefix int
	// Model is one of Models(Task) or of Settings.Models; empty is DefaultModel.
	Model string
	// Settings of the engine; nil takes its defaults.
	Settings *engine.Settings
	// Seed of the bootstrap: equal seeds give equal intervals.
	Seed uint64
	// Progress is told what is being done and how far it is; total is 0 when
	// unknown. It may be nil.
	Progress func(step string, done, total int)
}

// DefaultMinPrefix is the least number of items known of a session.
const DefaultMinPrefix = 2

// ErrNoCase says that the files of a task leave nothing to ask.
var ErrNoCase = errors.New("no case")

// Run trains an engine and measures its answers. Errors name the command line
// option to change.
func Run(ctx context.Context, cfg Config) (Result, error) {
	if cfg.Progress == nil {
		cfg.Progress = func(string, int, int) {}
	}
	if err := cfg.validate(); err != nil {
		return Result{}, err
	}
	if cfg.Model == "" {
		cfg.Model = DefaultModel
	}
	p, err := planFor(cfg.Task, cfg.Model, cfg.Settings)
	if err != nil {
		return Result{}, err
	}
	x, skipped, err := read(&cfg)
	if err != nil {
		return Result{}, err
	}
	if err := x.check(cfg.Task); err != nil {
		return Result{}, err
	}
	lists, err := breadthFor(&cfg, x)
	if err != nil {
		return Result{}, err
	}

	started := time.Now()
	view, err := train(ctx, p.settings, x, cfg.Progress)
	if err != nil {
		return Result{}, err
	}
	r := Result{
		Task: cfg.Task, Model: cfg.Model, Seed: cfg.Seed, CatalogItems: len(x.train.items),
		TrainSeconds: time.Since(started).Seconds(), SkippedRows: skipped,
	}
	var took []float64
	for i := range x.variants {
		q := &x.variants[i]
		a, err := ask(ctx, view, q, p.models[q.variant], cfg.Progress)
		if err != nil {
			return Result{}, err
		}
		took = append(took, a.micros...)
		r.Variants = append(r.Variants, judge(q, a.lists, len(x.train.items), cfg.Seed))
		lists.describe(&r.Variants[i], cfg.Seed)
	}
	slices.Sort(took)
	r.Score = Latency{P50: quantile(took, 0.5), P99: quantile(took, 0.99)}
	if cfg.Model == popularity {
		return r, nil
	}
	for i := range x.variants {
		q := &x.variants[i]
		a, err := ask(ctx, view, q, baselineModel, cfg.Progress)
		if err != nil {
			return Result{}, err
		}
		r.Popularity = append(r.Popularity, judge(q, a.lists, len(x.train.items), cfg.Seed))
		lists.describe(&r.Popularity[i], cfg.Seed)
	}
	return r, nil
}

// check reports an exam without any question.
func (x *exam) check(t Task) error {
	if slices.ContainsFunc(x.variants, func(q questions) bool { return len(q.list) > 0 }) {
		return nil
	}
	return fmt.Errorf("task %s has %w: the files share no customer, session or item; are --train and --test of the same shop and in order?", t, ErrNoCase)
}

func (c *Config) validate() error {
	if !slices.Contains(Tasks(), c.Task) {
		return fmt.Errorf("--task %q: want one of %v", c.Task, Tasks())
	}
	if c.Train == "" {
		return fmt.Errorf("--train: task %s learns from an events CSV; name it", c.Task)
	}
	switch {
	case c.Task == Baskets && c.Cases == "":
		return fmt.Errorf("--cases: task %s needs a CSV with the columns invoice,cart,hidden,seed,rest; name it", c.Task)
	case c.Task != Baskets && c.Test == "":
		return fmt.Errorf("--test: task %s asks about an events CSV later than --train; name it", c.Task)
	case c.Task == Baskets && c.Test != "":
		return fmt.Errorf("--test: task %s takes its cases from --cases alone; leave --test out", c.Task)
	case c.Task != Baskets && c.Cases != "":
		return fmt.Errorf("--cases: task %s takes its cases from --test; leave --cases out", c.Task)
	case c.MinPrefix < 0:
		return fmt.Errorf("--min-prefix %d: want at least 1", c.MinPrefix)
	case c.MinPrefix > 0 && c.Task != Sessions:
		return fmt.Errorf("--min-prefix: only task %s has prefixes; leave it out", Sessions)
	}
	return nil
}

// read reads the files of the task and sets its questions.
func read(cfg *Config) (*exam, map[string]int, error) {
	skipped := make(map[string]int)
	open := func(flag, path string) (*history, error) {
		h, err := readHistory(flag, path, func(rows int) { cfg.Progress("read --"+flag, rows, 0) })
		if err == nil && h.skipped > 0 {
			skipped[path] = h.skipped
		}
		return h, err
	}
	trained, err := open("train", cfg.Train)
	if err != nil {
		return nil, nil, err
	}
	if cfg.Task == Baskets {
		cases, err := datasets.ReadBaskets(cfg.Cases)
		if err != nil {
			return nil, nil, fmt.Errorf("read --cases: %w", err)
		}
		return baskets(trained, cases), skipped, nil
	}
	test, err := open("test", cfg.Test)
	if err != nil {
		return nil, nil, err
	}
	switch cfg.Task {
	case Purchases:
		return purchases(trained, test), skipped, nil
	case Ratings:
		return ratings(trained, test), skipped, nil
	default:
		first := cfg.MinPrefix
		if first == 0 {
			first = DefaultMinPrefix
		}
		return sessions(trained, test, first), skipped, nil
	}
}
