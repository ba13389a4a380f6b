package live_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"osusume/recommend"
	"osusume/recommend/live"
	"osusume/store"
)

// benchEvent is a view or an order of one of 100,000 items by one of 30,000
// customers, popular items far more often.
func benchEvent(k uint64) recommend.Event {
	r := k * 0x9e3779b97f4a7c15
	u := float64(r>>11) / (1 << 53)
	item := int(100_000 * u * u * u)
	customer := (r >> 7) % 30_000
	e := recommend.Event{
		ID: fmt.Sprintf("01J%013d", k), Type: recommend.ViewItem, Time: noon.Add(-time.Hour + time.Duration(k)*time.Microsecond),
		CustomerID: fmt.Sprintf("customer-%05d", customer), SessionID: fmt.Sprintf("session-%05d-%d", customer, k/500_000), Channel: "web",
		Items: []recommend.EventItem{{ItemID: fmt.Sprintf("item-%06d", item), Quantity: 1}},
	}
	if k%10 == 9 {
		e.Type, e.OrderID = recommend.Purchase, fmt.Sprintf("order-%09d", k)
		e.Items[0].Price = recommend.Money{Amount: 1980, Currency: "JPY"}
	}
	return e
}

// BenchmarkIngest sends events to a shop on disk, every commit synced: one by one
// from 256 callers and by the thousand from 8. Acknowledgements wait for their
// View, as they do for HTTP.
func BenchmarkIngest(b *testing.B) {
	for _, x := range []struct{ callers, batch, total int }{{256, 1, 40_000}, {8, 1000, 240_000}} {
		b.Run(fmt.Sprintf("callers=%d/events=%d", x.callers, x.batch), func(b *testing.B) {
			log, err := store.Open(b.TempDir(), store.Options{})
			if err != nil {
				b.Fatal(err)
			}
			defer log.Close()
			l, err := live.Open(b.Context(), live.Config{Log: log, Clock: atNoon})
			if err != nil {
				b.Fatal(err)
			}
			defer l.Close()
			var next atomic.Uint64
			waits := make([][]time.Duration, x.callers)
			for b.Loop() {
				var wg sync.WaitGroup
				for c := range x.callers {
					wg.Go(func() {
						for range x.total / x.callers / x.batch {
							events := make([]recommend.Event, x.batch)
							first := next.Add(uint64(x.batch))
							for i := range events {
								events[i] = benchEvent(first + uint64(i))
							}
							began := time.Now()
							if _, _, err := l.Ingest(context.Background(), events); err != nil {
								b.Error(err)
								return
							}
							waits[c] = append(waits[c], time.Since(began))
						}
					})
				}
				wg.Wait()
			}
			all := slices.Concat(waits...)
			slices.Sort(all)
			b.ReportMetric(float64(len(all)*x.batch)/b.Elapsed().Seconds(), "events/s")
			b.ReportMetric(float64(all[len(all)/2].Microseconds())/1000, "p50-ms")
			b.ReportMetric(float64(all[len(all)*99/100].Microseconds())/1000, "p99-ms")
		})
	}
}
