package goals

import (
	"context"
	"fmt"
	"runtime"
	"strconv"
	"time"

	"osusume/bench/scale"
	"osusume/bench/synthetic"
	"osusume/recommend"
	"osusume/recommend/engine"
)

// measureMemory is goal 10.
func measureMemory(ctx context.Context, o *options) ([]Check, error) {
	pairs, err := o.pairBytes(ctx)
	if err != nil {
		return nil, err
	}
	customers, err := o.customerBytes(ctx)
	if err != nil {
		return nil, err
	}
	limit, err := o.limitHolds(ctx)
	if err != nil {
		return nil, err
	}
	return []Check{pairs, customers, limit}, nil
}

// limitHolds fills a shop twice, the second time with two thirds of the memory the
// first took, and compares the most it ever took with that limit.
func (o *options) limitHolds(ctx context.Context) (Check, error) {
	c := Check{Goal: 10, What: "most memory of the index over its limit", Bound: atMost(1, "x")}
	items, events := min(o.memoryItems, 20_000), min(o.memoryEvents, 500_000)
	fill := func(limit int64) (most, last, dropped int64, err error) {
		w, err := scale.NewWriter(engine.Settings{MaxBytes: limit})
		if err != nil {
			return 0, 0, 0, err
		}
		done := 0
		for batch := range scale.Events(synthetic.New(synthetic.Config{Items: items, Seed: o.seed}), events, scale.Batch) {
			if err := ctx.Err(); err != nil {
				return 0, 0, 0, err
			}
			w.Apply(batch, batch[len(batch)-1].Event.Time)
			done += len(batch)
			o.progress("fill within a limit", done, events)
			last = 0
			for _, n := range w.View().Stats().Bytes {
				last += n
			}
			most = max(most, last)
		}
		return most, last, w.View().Stats().DroppedPairs, nil
	}
	_, free, _, err := fill(0)
	if err != nil {
		return c, err
	}
	limit := free / 3 * 2
	most, last, dropped, err := fill(limit)
	if err != nil {
		return c, err
	}
	c.Values = []float64{float64(most) / float64(limit)}
	c.Note = fmt.Sprintf("%s items, %s events: %s without a limit; limited to %s it ends at %s with %s directed pairs dropped",
		scale.Count(items), scale.Count(events), amount(float64(free)/1e6, "MB"), amount(float64(limit)/1e6, "MB"),
		amount(float64(last)/1e6, "MB"), scale.Count(int(dropped)))
	return c, nil
}

// pairBytes fills a shop in a process of its own and shares what the heap holds,
// apart from histories and catalog, among the pairs.
func (o *options) pairBytes(ctx context.Context) (Check, error) {
	c := Check{Goal: 10, What: "bytes per directed pair", Bound: atMost(40, "B")}
	r, err := scale.Run(ctx, &scale.Options{
		Items: []int{o.memoryItems}, Events: []int{o.memoryEvents}, Seed: o.seed, Requests: 1, NoLog: true,
		Memory: scale.Available() / 4 * 3, Command: o.scaleCommand, Progress: o.progress,
	})
	if err != nil {
		return c, err
	}
	s := &r.Sizes[0]
	if s.Skipped != "" {
		c.Reason = s.Skipped
		return c, nil
	}
	held := s.HeapBytes - s.Bytes["profiles"] - s.Bytes["catalog"]
	c.Values = []float64{float64(held) / float64(s.DirectedPairs)}
	c.Note = fmt.Sprintf("%s items, %s events, %s pairs: the heap without histories and catalog; counts and lists alone, by the index's own account, %s",
		scale.Count(s.Items), scale.Count(s.Events), amount(float64(s.DirectedPairs), ""), amount(s.PairBytes, "B"))
	return c, nil
}

// customerBytes fills an index with customers who came once.
func (o *options) customerBytes(ctx context.Context) (Check, error) {
	c := Check{Goal: 10, What: "bytes per customer who came once", Bound: atMost(100, "B")}
	alone, err := o.idle(ctx, false)
	if err != nil {
		return c, err
	}
	sessions, err := o.idle(ctx, true)
	if err != nil {
		return c, err
	}
	c.Values = []float64{alone}
	c.Note = fmt.Sprintf("%s customers with one view each, on the heap; %s when the view also names a session", scale.Count(o.idleCustomers), amount(sessions, "B"))
	return c, nil
}

// idle returns heap bytes per customer with a single view.
func (o *options) idle(ctx context.Context, sessions bool) (float64, error) {
	x, err := engine.NewIndex(engine.Settings{})
	if err != nil {
		return 0, err
	}
	const items = 1000
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	var seq uint64
	view := func(customer, session, item string) recommend.Record {
		return recommend.Record{Kind: recommend.RecordEvent, Received: now, Event: recommend.Event{
			ID: "e" + strconv.FormatUint(seq, 10), Type: recommend.ViewItem, Time: now, CustomerID: customer, SessionID: session,
			Items: []recommend.EventItem{{ItemID: item, Quantity: 1}},
		}}
	}
	batch := make([]recommend.Record, 0, scale.Batch)
	apply := func() {
		seq += uint64(len(batch))
		x.Apply(seq, batch)
		clear(batch)
		batch = batch[:0]
	}
	for i := range items { // the catalog is there before
		batch = append(batch, view("first", "", "i"+strconv.Itoa(i)))
	}
	apply()
	x.Refresh(now, nil)
	before := scale.Heap()
	for c := range o.idleCustomers {
		session := ""
		if sessions {
			session = "s" + strconv.Itoa(c)
		}
		batch = append(batch, view("c"+strconv.Itoa(c), session, "i"+strconv.Itoa(c%items)))
		if len(batch) == cap(batch) || c == o.idleCustomers-1 {
			if err := ctx.Err(); err != nil {
				return 0, err
			}
			apply()
			o.progress("customers who came once", c+1, o.idleCustomers)
		}
	}
	held := scale.Heap() - before
	runtime.KeepAlive(x)
	return float64(held) / float64(o.idleCustomers), nil
}
