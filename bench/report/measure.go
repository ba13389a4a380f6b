package report

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"osusume/bench/eval"
	"osusume/recommend/engine"
)

// Options of a report.
type Options struct {
	Jobs []Job
	// Config is a YAML file of engine settings; with it the report is about the
	// "tuned" models and compares them with the defaults too.
	Config string
	// Quick asks a sample only and leaves the neighbours' sweep out.
	Quick bool
	// NoTimings leaves measured times out, so that the same inputs give the
	// same bytes.
	NoTimings bool
	MinPrefix int
	Seed      uint64
	Date      time.Time
	Machine   Machine
	// Progress is told what is being done; it may be nil.
	Progress func(step string, done, total int)
}

// quickUnits is how many customers, baskets or sessions a quick report asks.
const quickUnits = 300

// keptNeighbours are the steps of the neighbours' sweep.
func keptNeighbours() []int { return []int{20, 50, 100, 200} }

// Measure runs everything a report shows. It takes minutes on large files.
func Measure(ctx context.Context, o *Options) (*Report, error) {
	if len(o.Jobs) == 0 {
		return nil, errors.New("nothing to report on: name a folder or the files of a task")
	}
	r := &Report{Date: o.Date, Seed: o.Seed, Machine: o.Machine, NoTimings: o.NoTimings}
	if o.Quick {
		r.Sample = quickUnits
	}
	var settings *engine.Settings
	if o.Config != "" {
		file, err := describe("config", o.Config)
		if err != nil {
			return nil, err
		}
		if settings, err = eval.ReadSettings(o.Config); err != nil {
			return nil, err
		}
		r.Config = &file
	}
	for i := range o.Jobs {
		t, err := measure(ctx, o, i, settings)
		if o.Jobs[i].Found && errors.Is(err, eval.ErrNoCase) {
			r.LeftOut = append(r.LeftOut, fmt.Sprintf("%s of %s", o.Jobs[i].Task, o.Jobs[i].Name))
			continue
		}
		if err != nil {
			return nil, err
		}
		r.Tasks = append(r.Tasks, *t)
	}
	if len(r.Tasks) == 0 {
		return nil, fmt.Errorf("report: %w: %s", eval.ErrNoCase, strings.Join(r.LeftOut, ", "))
	}
	return r, nil
}

func measure(ctx context.Context, o *Options, at int, settings *engine.Settings) (*Task, error) {
	job := &o.Jobs[at]
	what := "read"
	files, err := job.files()
	if err != nil {
		return nil, err
	}
	cfg := eval.Config{Task: job.Task, Train: job.Train, Test: job.Test, Cases: job.Cases, Items: job.Items, Seed: o.Seed}
	if job.Task == eval.Sessions {
		cfg.MinPrefix = o.MinPrefix
	}
	cfg.Progress = func(step string, done, total int) {
		if o.Progress != nil {
			o.Progress(fmt.Sprintf("%d of %d, %s, %s: %s", at+1, len(o.Jobs), job.Task, what, step), done, total)
		}
	}
	trial, err := eval.Open(cfg)
	if err != nil {
		return nil, fmt.Errorf("report on %s: %w", job.Name, err)
	}
	if o.Quick {
		trial.Sample(quickUnits)
	}
	t := &Task{
		Name: job.Name, Task: job.Task, Files: files,
		Events: trial.Events(), People: trial.People(),
		Uses: trial.Uses(), Known: make(map[string][]int),
	}
	t.From, t.To, t.Asked = trial.Span()
	for _, n := range trial.Skipped() {
		t.Skipped += n
	}
	t.Items = len(t.Uses)

	if settings != nil {
		what = "tuned"
		own, err := trial.Shop(ctx, what, settings)
		if err != nil {
			return nil, err
		}
		t.Models = append(t.Models, own)
	}
	what = eval.DefaultModel
	own, err := trial.Shop(ctx, what, nil)
	if err != nil {
		return nil, err
	}
	t.Models = append(t.Models, own)
	t.Own = len(t.Models)
	what = "plain models"
	plain, err := trial.Plain(ctx, plainModels(job.Task))
	if err != nil {
		return nil, err
	}
	t.Models = append(t.Models, plain...)
	if !o.Quick {
		what = "neighbours"
		t.Kept = keptNeighbours()
		if t.Neighbours, err = trial.Neighbours(ctx, settings, t.Kept); err != nil {
			return nil, err
		}
	}
	for _, v := range t.variants() {
		t.Known[v.Name] = trial.Known(v.Name)
	}
	t.Answering = trial.Answering(settings)
	t.Settings, err = settingsText(settings, t.Answering)
	return t, err
}

// settingsText writes the models that answer, as a configuration file would.
func settingsText(settings *engine.Settings, answering map[string]string) (string, error) {
	models := engine.DefaultModels()
	if settings != nil {
		maps.Copy(models, settings.Models)
	}
	var shown yaml.MapSlice
	for _, name := range slices.Compact(slices.Sorted(maps.Values(answering))) {
		shown = append(shown, yaml.MapItem{Key: name, Value: models[name]})
	}
	text, err := yaml.Marshal(yaml.MapSlice{{Key: "models", Value: shown}})
	if err != nil {
		return "", fmt.Errorf("write settings: %w", err)
	}
	return string(text), nil
}
