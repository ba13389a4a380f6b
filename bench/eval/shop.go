package eval

import (
	"context"
	"fmt"
	"time"

	"osusume/recommend"
	"osusume/recommend/engine"
	"osusume/recommend/weight"
)

// trainBatch is how many events are applied between two looks at the context.
const trainBatch = 5000

// train feeds the writer that serves with the train events and returns what it
// publishes for requests at x.now.
func train(ctx context.Context, settings engine.Settings, x *exam, progress func(string, int, int)) (*engine.View, error) {
	index, err := engine.NewIndex(settings)
	if err != nil {
		return nil, fmt.Errorf("train: %w", err)
	}
	events := x.train.events
	records := make([]recommend.Record, 0, trainBatch)
	for done := 0; done < len(events); {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("train: %w", err)
		}
		records = records[:0]
		for _, e := range events[done:min(done+trainBatch, len(events))] {
			records = append(records, recommend.Record{Kind: recommend.RecordEvent, Event: e, Received: e.Time})
		}
		done += len(records)
		index.Apply(uint64(done), records)
		progress("learn events", done, len(events))
	}
	most := 0
	ready := index.Refresh(x.now, func() bool {
		left := index.Dirty()
		most = max(most, left)
		if left%100 == 0 {
			progress("rank neighbours", most-left, most)
		}
		return ctx.Err() == nil
	})
	if !ready {
		return nil, fmt.Errorf("train: %w", ctx.Err())
	}
	if err := learn(ctx, index, progress); err != nil {
		return nil, err
	}
	index.Refresh(x.now, func() bool { return true }) // cuts the learned lists
	index.RefreshPopularity()
	return index.Publish(x.now), nil
}

// learn does what Index.Learn does, but tells how far it is and stops with ctx.
func learn(ctx context.Context, index *engine.Index, progress func(string, int, int)) error {
	for set := range index.Sets() {
		progress("learn weights", set, index.Sets())
		job := index.LearnJob(set)
		if job == nil {
			continue
		}
		job.Solve(func(n int, work func(worker, item int)) {
			weight.Parallel(n, func(worker, item int) {
				if ctx.Err() == nil {
					work(worker, item)
				}
			})
		})
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("train: %w", err)
		}
		index.Install(job)
	}
	return nil
}

// answers are lists of item ids, best first, and what each cost.
type answers struct {
	lists  [][]string
	micros []float64
}

// ask puts all questions to the view, one after the other so that the times are
// those of one request by itself.
func ask(ctx context.Context, view *engine.View, q *questions, model string, progress func(string, int, int)) (answers, error) {
	a := answers{lists: make([][]string, len(q.list)), micros: make([]float64, len(q.list))}
	for i := range q.list {
		if i%100 == 0 {
			if err := ctx.Err(); err != nil {
				return answers{}, fmt.Errorf("ask: %w", err)
			}
			progress("ask "+q.variant, i, len(q.list))
		}
		request := q.list[i].request
		request.Model = model
		started := time.Now()
		answer, err := view.Recommend(&request)
		a.micros[i] = float64(time.Since(started).Nanoseconds()) / 1e3
		if err != nil {
			return answers{}, fmt.Errorf("ask case %d of %s: %w", i, q.list[i].Unit, err)
		}
		list := make([]string, len(answer.Items))
		for k := range answer.Items {
			list[k] = answer.Items[k].ItemID
		}
		a.lists[i] = list
	}
	return a, nil
}

// judge measures the answers to q.
func judge(q *questions, lists [][]string, catalogItems int, seed uint64) Variant {
	v := Variant{Name: q.variant, Lists: lists, Cases: make([]Case, len(q.list))}
	hits := make([][]bool, len(q.list))
	shown := make(itemSet)
	for i := range q.list {
		v.Cases[i] = q.list[i].Case
		hits[i] = q.list[i].judge(lists[i])
		for _, item := range lists[i][:min(coverageCut, len(lists[i]))] {
			shown.add(item)
		}
	}
	groups := clusterCases(v.units())
	for _, m := range q.measures {
		values := make([]float64, len(q.list))
		for i := range values {
			values[i] = m.of(hits[i], len(q.list[i].truth))
		}
		ci := groups.interval(values, seed)
		v.Metrics = append(v.Metrics, Metric{Name: m.name, Mean: mean(values), CI: &ci, Values: values})
	}
	if q.coverage {
		share := 0.0
		if catalogItems > 0 {
			share = float64(len(shown)) / float64(catalogItems)
		}
		v.Metrics = append(v.Metrics, Metric{Name: coverageName, Mean: share})
	}
	return v
}
