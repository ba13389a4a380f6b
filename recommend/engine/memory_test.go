package engine_test

import (
	"testing"
	"time"

	"osusume/bench/synthetic"
	"osusume/recommend"
	"osusume/recommend/engine"
)

// sold are the events of a synthetic shop.
func sold() (records []recommend.Record, last time.Time) {
	shop := synthetic.New(synthetic.Config{Items: 2000, Customers: 3000})
	for e := range shop.Events(120_000) {
		records = append(records, recommend.Record{Kind: recommend.RecordEvent, Event: e, Received: e.Time})
	}
	return records, records[len(records)-1].Event.Time
}

// filled is an index of a synthetic shop with a limit of memory.
func filled(t *testing.T, limit int64) *engine.View {
	t.Helper()
	x := newIndex(t, engine.Settings{MaxBytes: limit})
	records, last := sold()
	for from := 0; from < len(records); from += 5000 {
		to := min(from+5000, len(records))
		x.Apply(uint64(to), records[from:to])
		x.Refresh(last, func() bool { return true })
	}
	x.Refresh(last, nil)
	x.RefreshPopularity()
	return x.Publish(last)
}

func sum(bytes map[string]int64) (total int64) {
	for _, n := range bytes {
		total += n
	}
	return total
}

// TestMemoryLimitHolds: with two thirds and with half of the memory it would take,
// the index stays within the limit and goes on answering with full lists.
func TestMemoryLimitHolds(t *testing.T) {
	if raceDetector {
		t.Skip("hundreds of thousands of events, on one goroutine: not with -race")
	}
	free := filled(t, 0).Stats()
	if free.DroppedPairs != 0 || free.MaxBytes != 0 {
		t.Fatalf("without a limit %d pairs are dropped", free.DroppedPairs)
	}
	for _, part := range []float64{0.67, 0.5} {
		limit := int64(part * float64(sum(free.Bytes)))
		holds(t, filled(t, limit), limit)
	}
}

// holds tells whether a View that had to drop pairs is within its limit and answers
// with full lists.
func holds(t *testing.T, v *engine.View, limit int64) {
	t.Helper()
	s := v.Stats()
	if got := sum(s.Bytes); got > limit {
		t.Errorf("%d bytes (%v), the limit is %d", got, s.Bytes, limit)
	}
	if s.DroppedPairs == 0 {
		t.Errorf("within %d bytes: nothing was dropped", limit)
	}
	for c := range 50 {
		a, err := v.Recommend(&recommend.Request{CustomerID: synthetic.CustomerID(c), Limit: 20})
		if err != nil || len(a.Items) != 20 {
			t.Fatalf("%d items, %v", len(a.Items), err)
		}
	}
}

// TestMemoryLimitHoldsForBatches: counting a log anew drops what does not fit while
// it counts, not afterwards.
func TestMemoryLimitHoldsForBatches(t *testing.T) {
	if raceDetector {
		t.Skip("hundreds of thousands of events, on one goroutine: not with -race")
	}
	records, last := sold()
	build := func(limit int64) *engine.View {
		b := engine.NewBatch(newIndex(t, engine.Settings{MaxBytes: limit}))
		b.Apply(uint64(len(records)), records)
		x := b.Done()
		if limit > 0 && x.CountsDropped() == 0 {
			t.Errorf("within %d bytes: all pairs were counted", limit)
		}
		x.Refresh(last, nil)
		return x.Publish(last)
	}
	limit := sum(build(0).Stats().Bytes) / 2
	holds(t, build(limit), limit)
}

// TestPruningIsSpread: no event waits for all rows of pairs to be pruned, and yet the
// limit holds all the time. Within half of the memory hundreds of thousands of pairs
// go, a few rows with each event.
func TestPruningIsSpread(t *testing.T) {
	if raceDetector {
		t.Skip("hundreds of thousands of events, on one goroutine: not with -race")
	}
	limit := sum(filled(t, 0).Stats().Bytes) / 2
	x := newIndex(t, engine.Settings{MaxBytes: limit})
	records, last := sold()
	longest, rests, most := int64(0), 0, int64(0)
	for seq := range records {
		before := x.Dropped()
		x.Apply(uint64(seq+1), records[seq:seq+1])
		dropped := x.Dropped() - before
		longest = max(longest, dropped)
		if dropped == 0 && before > 0 {
			rests++
		}
		if seq%1000 == 0 {
			most = max(most, x.Bytes())
			x.Refresh(last, func() bool { return true })
		}
	}
	if x.Dropped() < 100_000 {
		t.Fatalf("%d pairs are dropped", x.Dropped())
	}
	if most > limit {
		t.Errorf("%d bytes at most, the limit is %d", most, limit)
	}
	if most := x.Dropped() / 20; longest > most {
		t.Errorf("%d of %d pairs are dropped with one event, want at most %d", longest, x.Dropped(), most)
	}
	if rests == 0 {
		t.Error("every event pays for pruning")
	}
}
