package eval

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"

	"osusume/bench/datasets"
	"osusume/recommend"
	"osusume/recommend/engine"
)

// Exam is the questions of a task over events that need not be files: what to
// learn from, and what to ask then. It serves to compare many settings; Run
// measures one.
type Exam struct{ exam *exam }

// NewExam sets the questions of a task: about test, or for baskets about cases.
// Events are oldest first. minPrefix is for sessions, 0 is DefaultMinPrefix.
// Errors are ErrNoCase when nothing can be asked.
func NewExam(task Task, train, test []recommend.Event, cases []datasets.Basket, minPrefix int) (*Exam, error) {
	if len(train) == 0 || (task != Baskets && len(test) == 0) {
		return nil, ErrNoCase
	}
	if minPrefix == 0 {
		minPrefix = DefaultMinPrefix
	}
	trained, tested := newHistory(train), newHistory(test)
	var x *exam
	switch task {
	case Purchases:
		x = purchases(trained, tested)
	case Baskets:
		x = baskets(trained, cases)
	case Sessions:
		x = sessions(trained, tested, minPrefix)
	case Ratings:
		x = ratings(trained, tested)
	default:
		return nil, fmt.Errorf("unknown task %q", task)
	}
	for v := range x.variants {
		if len(x.variants[v].list) > 0 {
			return &Exam{x}, nil
		}
	}
	return nil, ErrNoCase
}

// Sample keeps at most about limit cases of each variant: whole units, drawn by
// seed, until there are as many.
func (x *Exam) Sample(limit int, seed uint64) {
	for v := range x.exam.variants {
		q := &x.exam.variants[v]
		if len(q.list) <= limit {
			continue
		}
		groups := clusterCases((&Variant{Cases: casesOf(q)}).units())
		cases := make([]int, groups.count)
		for _, u := range groups.of {
			cases[u]++
		}
		keep, kept := make([]bool, groups.count), 0
		rng := rand.New(rand.NewPCG(seed, 0x73616d706c65))
		for _, u := range rng.Perm(groups.count) {
			if kept >= limit {
				break
			}
			keep[u] = true
			kept += cases[u]
		}
		list := make([]question, 0, kept)
		for i := range q.list {
			if keep[groups.of[i]] {
				list = append(list, q.list[i])
			}
		}
		q.list = list
	}
}

// Cases is the number of questions of a variant.
func (x *Exam) Cases(variant string) int {
	if q := x.exam.questions(variant); q != nil {
		return len(q.list)
	}
	return 0
}

// Learn returns what an engine with these settings answers from after the train
// events, as of the moment of the questions. progress may be nil.
func (x *Exam) Learn(ctx context.Context, settings engine.Settings, progress func(step string, done, total int)) (*engine.View, error) {
	if progress == nil {
		progress = func(string, int, int) {}
	}
	return train(ctx, settings, x.exam, progress)
}

// Ask puts the questions of a variant to a model, on all cores, and returns the
// metrics per case, without lists and intervals.
func (x *Exam) Ask(ctx context.Context, view *engine.View, variant, model string) (Variant, error) {
	q := x.exam.questions(variant)
	if q == nil {
		return Variant{}, fmt.Errorf("no variant %q", variant)
	}
	v := Variant{Name: variant, Cases: make([]Case, len(q.list)), Metrics: make([]Metric, len(q.measures))}
	for m := range q.measures {
		v.Metrics[m] = Metric{Name: q.measures[m].name, Values: make([]float64, len(q.list))}
	}
	const chunk = 64
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for start := 0; start < len(q.list); start += chunk {
		group.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			for i := start; i < min(start+chunk, len(q.list)); i++ {
				asked := &q.list[i]
				request := asked.request
				request.Model = model
				answer, err := view.Recommend(&request)
				if err != nil {
					return fmt.Errorf("ask case %d of %s: %w", i, asked.Unit, err)
				}
				hits := make([]bool, len(answer.Items))
				for k := range answer.Items {
					_, hits[k] = slices.BinarySearch(asked.truth, answer.Items[k].ItemID)
				}
				v.Cases[i] = asked.Case
				for m := range q.measures {
					v.Metrics[m].Values[i] = q.measures[m].of(hits, len(asked.truth))
				}
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return Variant{}, err
	}
	for m := range v.Metrics {
		v.Metrics[m].Mean = mean(v.Metrics[m].Values)
	}
	return v, nil
}

// ReadEvents reads the events of an events CSV, oldest first, and how many rows
// could not be read. tell, which may be nil, hears how many were read so far.
func ReadEvents(path string, tell func(rows int)) (events []recommend.Event, skipped int, err error) {
	h, err := readHistory("train", path, tell)
	if err != nil {
		return nil, 0, err
	}
	return h.events, h.skipped, nil
}

// questions returns those of a variant, nil when there are none.
func (x *exam) questions(variant string) *questions {
	for i := range x.variants {
		if x.variants[i].variant == variant {
			return &x.variants[i]
		}
	}
	return nil
}

// newHistory takes events, oldest first.
func newHistory(events []recommend.Event) *history {
	h := &history{events: events, items: make(itemSet)}
	for i := range events {
		for k := range events[i].Items {
			h.items.add(events[i].Items[k].ItemID)
		}
	}
	return h
}
