package api

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"osusume/recommend"
)

// benchEvents are events as storefronts send them: mostly views, some orders.
func benchEvents(n int) []string {
	out := make([]string, n)
	for i := range out {
		at := testNow.Add(-time.Duration(n-i) * time.Second).Format(time.RFC3339)
		who := fmt.Sprintf(`"customer_id":"customer-%06d","session_id":"s-%07d","time":"%s"`, i%997, i/7, at)
		if i%10 == 9 {
			out[i] = fmt.Sprintf(`{"event":"purchase","event_id":"order-%d",%s,"order_id":"%d","currency":"JPY","items":[`+
				`{"item_id":"item-%05d","quantity":1,"price":1480},{"item_id":"item-%05d","quantity":2,"price":580}]}`, i, who, i, i%211, i%307)
			continue
		}
		out[i] = fmt.Sprintf(`{"event":"view_item","event_id":"view-%d",%s,"items":[{"item_id":"item-%05d"}]}`, i, who, i%503)
	}
	return out
}

// acceptAll acknowledges events without storing them, so that what is measured
// ends where live begins.
type acceptAll struct {
	Shop
	seq uint64
}

func (a *acceptAll) Ingest(_ context.Context, events []recommend.Event) ([]recommend.Verdict, uint64, error) {
	out := make([]recommend.Verdict, len(events))
	for i := range events {
		a.seq++
		out[i] = recommend.Verdict{Status: recommend.Accepted, EventID: events[i].ID, Seq: a.seq}
	}
	return out, a.seq, nil
}

func BenchmarkDecodeEvent(b *testing.B) {
	events := benchEvents(1000)
	raw := make([][]byte, len(events))
	for i := range events {
		raw[i] = []byte(events[i])
	}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		if _, err := decodeEvent(raw[i%len(raw)], testNow); err != nil {
			b.Fatal(err)
		}
		i++
	}
}

// BenchmarkPostEvents measures whole requests but for storing.
func BenchmarkPostEvents(b *testing.B) {
	shop := &acceptAll{}
	handler := New(Config{Shop: shop, Clock: func() time.Time { return testNow }, Metrics: NewMetrics(MetricsConfig{})}).Handler()
	for _, x := range []struct {
		name, contentType, body string
		events                  int
	}{
		{"one", "application/json", benchEvents(1)[0], 1},
		{"array=1000", "application/json", "[" + strings.Join(benchEvents(1000), ",") + "]", 1000},
		{"ndjson=1000", "application/x-ndjson", strings.Join(benchEvents(1000), "\n"), 1000},
		{"ndjson=20000", "application/x-ndjson", strings.Join(benchEvents(20000), "\n"), 20000},
	} {
		b.Run(x.name, func(b *testing.B) {
			body := bytes.NewReader([]byte(x.body))
			r, err := http.NewRequestWithContext(b.Context(), http.MethodPost, "/events", nil)
			if err != nil {
				b.Fatal(err)
			}
			r.Header.Set("Content-Type", x.contentType)
			r.Body, r.ContentLength = io.NopCloser(body), body.Size()
			w := &discard{header: http.Header{}}
			b.SetBytes(body.Size())
			b.ReportAllocs()
			for b.Loop() {
				body.Reset([]byte(x.body))
				clear(w.header)
				handler.ServeHTTP(w, r)
			}
			if w.status != http.StatusOK {
				b.Fatalf("status %d", w.status)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*x.events), "ns/event")
		})
	}
}
