package live_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"osusume/recommend"
	"osusume/recommend/engine"
	"osusume/recommend/live"
	"osusume/store"
)

// TestWaitingPopularityIsNoBusyLoop lets a count of what sells take long, by 300 new
// arrivals that are compared with 800 items each, so that it waits for its turn
// many times. The writer rests meanwhile, and publishes for records and now and
// then for lists.
func TestWaitingPopularityIsNoBusyLoop(t *testing.T) {
	ctx := context.Background()
	var rounds atomic.Int64 // the writer asks for the time once in each
	l := open(t, live.Config{
		Log: store.NewMemory(), LearnShare: -1,
		Settings: engine.Settings{Newcomers: engine.Newcomers{Buyers: 1}},
		Clock: func() time.Time {
			rounds.Add(1)
			return noon
		},
	})
	const sold, fresh = 800, 300
	items := make([]recommend.Item, sold+fresh)
	for i := range items {
		items[i] = recommend.Item{ID: fmt.Sprintf("i%d", i), Category: []string{"shoes"}, Brand: "b"}
	}
	if _, err := l.PutItems(ctx, items); err != nil {
		t.Fatal(err)
	}
	buy := func(id, item string) recommend.Event { return bought(id, "c-"+id, item) }
	events := make([]recommend.Event, sold)
	for i := range events {
		events[i] = buy(fmt.Sprintf("e%d", i), fmt.Sprintf("i%d", i))
	}
	ingest(t, l, events...)

	poll := time.NewTicker(time.Millisecond)
	defer poll.Stop()
	late := time.After(time.Minute)
	waitForBestseller := func(item string) {
		t.Helper()
		for {
			answer, err := l.View().Popular(&recommend.PopularQuery{Limit: 1})
			if err != nil {
				t.Fatal(err)
			}
			if len(answer.Items) > 0 && answer.Items[0].ItemID == item {
				return
			}
			select {
			case <-poll.C:
			case <-late:
				t.Fatalf("popularity is still behind after %d rounds of the writer", rounds.Load())
			}
		}
	}
	// One more each time, so that each becomes the bestseller in its turn.
	for records := int64(20); records < 23; records++ {
		item := fmt.Sprintf("i%d", records)
		began, roundsBefore, viewsBefore := time.Now(), rounds.Load(), l.Status().Views
		for k := range records {
			ingest(t, l, buy(fmt.Sprintf("%s-%d", item, k), item))
		}
		waitForBestseller(item)
		took := time.Since(began)
		// The count waits 8 ms for what it may do in 2; one View for each record and
		// one each 20 ms for lists. For each record the caller asks for the time too.
		made, views := rounds.Load()-roundsBefore, int64(l.Status().Views-viewsBefore)
		if most := 4*records + took.Milliseconds()/4 + 20; made > most {
			t.Errorf("%d rounds of the writer in %v, want at most %d", made, took, most)
		}
		if most := records + took.Milliseconds()/20 + 5; views > most {
			t.Errorf("%d Views for %d records in %v, want at most %d", views, records, took, most)
		}
	}
}
