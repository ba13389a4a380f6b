package goals

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"

	"osusume/bench/scale"
	"osusume/bench/synthetic"
	"osusume/recommend"
	"osusume/recommend/engine"
)

const (
	ingestItems = 100_000
	// agreementMoments is how often during a stream published lists are compared,
	// agreementLists how many items are looked at each time.
	agreementMoments = 3
	agreementLists   = 300
)

// measureIngest is the engine's part of goal 6: events per second on one core, and
// how much of the lists that are served meanwhile is what lists made at that
// moment would hold.
func measureIngest(ctx context.Context, o *options) ([]Check, error) {
	note := fmt.Sprintf("%s items, %s events in Views of %s", scale.Count(o.ingestItems), scale.Count(o.ingestEvents), scale.Count(scale.Batch))
	rate := Check{Goal: 6, What: "events applied on one core", Bound: atLeast(200_000, "events/s")}
	agreement := Check{
		Goal: 6, What: "top 10 as published beside exact now", Bound: atLeast(0.93, ""),
		Note: fmt.Sprintf("related lists of %d items as often visited, at %d moments", agreementLists, agreementMoments),
	}
	var wall []float64
	for round := range o.rounds {
		r, w, moments, err := o.ingestOnce(ctx, round == 0)
		if err != nil {
			return nil, err
		}
		rate.Values, wall = append(rate.Values, r), append(wall, w)
		agreement.Values = append(agreement.Values, moments...)
	}
	rate.Note = note + "; per second of processor time; by the clock " + amount(median(wall), "events/s")
	return []Check{rate, agreement}, nil
}

// ingestOnce streams a shop into an empty index and returns events per second of
// processor time and by the clock.
func (o *options) ingestOnce(ctx context.Context, compare bool) (rate, wall float64, agreement []float64, err error) {
	shop := synthetic.New(synthetic.Config{Items: o.ingestItems, Seed: o.seed})
	w, err := scale.NewWriter(engine.Settings{})
	if err != nil {
		return 0, 0, nil, err
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	runtime.GC() // what others left behind is not paid for here
	done, due := 0, o.ingestEvents/agreementMoments
	for batch := range scale.Events(shop, o.ingestEvents, scale.Batch) {
		if err := ctx.Err(); err != nil {
			return 0, 0, nil, err
		}
		done += len(batch)
		now := scale.Moment(shop, done)
		w.Apply(batch, now)
		o.progress("ingest into the engine", done, o.ingestEvents)
		if compare && done >= due {
			due += o.ingestEvents / agreementMoments
			share, err := o.agree(shop, w, done)
			if err != nil {
				return 0, 0, nil, err
			}
			agreement = append(agreement, share)
		}
	}
	return float64(done) / w.CPU.Seconds(), float64(done) / w.Wall.Seconds(), agreement, nil
}

// agree compares lists of the newest View with those of a copy of the index whose
// lists are all made anew.
func (o *options) agree(shop *synthetic.Shop, w *scale.Writer, done int) (float64, error) {
	o.progress("compare with exact lists", 0, 0)
	var state bytes.Buffer
	if err := w.Index().Encode(&state); err != nil {
		return 0, err
	}
	exact, err := engine.DecodeIndex(&state, engine.Settings{})
	if err != nil {
		return 0, err
	}
	now := scale.Moment(shop, done)
	exact.Refresh(now, nil)
	fresh := exact.Publish(now)
	r := rand.New(rand.NewPCG(o.seed, uint64(done)))
	items := make([]string, agreementLists)
	for i := range items {
		items[i] = synthetic.ItemID(shop.Visited(r))
	}
	return agreementOf(w.View(), fresh, items), nil
}

// agreementOf is the mean share of the top ten of a's related lists that b's hold
// too; items without a list in either do not count. 1 when none has one.
func agreementOf(a, b *engine.View, items []string) float64 {
	sum, n := 0.0, 0
	for _, item := range items {
		for _, kind := range []recommend.RelatedKind{recommend.AlsoBought, recommend.AlsoViewed, recommend.BoughtTogether} {
			was, is := related(a, kind, item), related(b, kind, item)
			most := max(len(was), len(is))
			if most == 0 {
				continue
			}
			both := 0
			for id := range is {
				if was[id] {
					both++
				}
			}
			sum += float64(both) / float64(most)
			n++
		}
	}
	if n == 0 {
		return 1
	}
	return sum / float64(n)
}

// related are the items of a list that come from counts, not from fillers.
func related(v *engine.View, kind recommend.RelatedKind, item string) map[string]bool {
	answer, err := v.Related(kind, &recommend.Request{ItemID: item, Limit: 10})
	if err != nil {
		return nil // not heard of yet
	}
	ids := make(map[string]bool)
	for _, it := range answer.Items {
		if it.Stage == recommend.StageRelated {
			ids[it.ItemID] = true
		}
	}
	return ids
}
