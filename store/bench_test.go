package store

import (
	"context"
	"fmt"
	"testing"
	"time"

	"osusume/recommend"
	"osusume/store/storetest"
)

// benchEvents are one-item purchases such as a shop sends.
func benchEvents(n, from int) []recommend.Record {
	records := make([]recommend.Record, n)
	at := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	for i := range records {
		k := from + i
		records[i] = recommend.Record{
			Kind: recommend.RecordEvent,
			Event: recommend.Event{
				ID: fmt.Sprintf("01J%013d", k), Type: recommend.Purchase, Time: at.Add(time.Duration(k) * time.Second),
				CustomerID: fmt.Sprintf("customer-%05d", k%30_000), SessionID: fmt.Sprintf("session-%07d", k/3),
				OrderID: fmt.Sprintf("order-%07d", k/3), Channel: "web",
				Items: []recommend.EventItem{{
					ItemID: fmt.Sprintf("%05d", k%5000), Quantity: 1, Price: recommend.Money{Amount: 1980, Currency: "JPY"},
				}},
			},
			Received: at.Add(time.Duration(k)*time.Second + 35*time.Millisecond),
		}
	}
	return records
}

func BenchmarkAppend(b *testing.B) {
	for _, size := range []int{1, 100, 1000, 10_000} {
		b.Run(fmt.Sprintf("events=%d", size), func(b *testing.B) {
			s, err := Open(b.TempDir(), Options{})
			if err != nil {
				b.Fatal(err)
			}
			defer s.Close()
			b.ReportAllocs()
			k := 0
			for b.Loop() {
				b.StopTimer()
				batch := benchEvents(size, k)
				k += size
				b.StartTimer()
				if _, err := s.Append(batch); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(k)/b.Elapsed().Seconds(), "events/s")
		})
	}
}

func BenchmarkReplay(b *testing.B) {
	for _, size := range []int{1, 1000} {
		b.Run(fmt.Sprintf("batch=%d", size), func(b *testing.B) {
			s, err := Open(b.TempDir(), Options{})
			if err != nil {
				b.Fatal(err)
			}
			defer s.Close()
			n := 0
			for range max(1000, 100_000/max(size, 100)) {
				if _, err := s.Append(benchEvents(size, n)); err != nil {
					b.Fatal(err)
				}
				n += size
			}
			b.ReportAllocs()
			for b.Loop() {
				got := 0
				err := s.Replay(context.Background(), 1, func(uint64, *recommend.Record) error {
					got++
					return nil
				})
				if err != nil || got != n {
					b.Fatalf("%d records, %v", got, err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/event")
		})
	}
}

func BenchmarkDecode(b *testing.B) {
	for _, c := range []struct {
		name string
		rec  recommend.Record
	}{
		{"event, 1 item", benchEvents(1, 1)[0]},
		{"event, 100 items", storetest.LargeBatch(1, 100)[0]},
		{"item", storetest.Samples()[3]},
	} {
		b.Run(c.name, func(b *testing.B) {
			payload := encodeAll(b, []recommend.Record{c.rec})
			var dec decoder
			var rec recommend.Record
			b.ReportAllocs()
			b.SetBytes(int64(len(payload)))
			for b.Loop() {
				r := reader{s: payload}
				if err := dec.decode(&r, &rec); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkEncode(b *testing.B) {
	rec := benchEvents(1, 1)[0]
	var buf []byte
	b.ReportAllocs()
	for b.Loop() {
		var err error
		if buf, err = appendRecord(buf[:0], &rec); err != nil {
			b.Fatal(err)
		}
	}
}
