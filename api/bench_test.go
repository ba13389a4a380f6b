package api

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"osusume/bench/demoshop"
	"osusume/recommend"
	"osusume/recommend/live"
	"osusume/store"
)

// discard is the cheapest ResponseWriter that behaves like one: it counts.
type discard struct {
	header http.Header
	status int
	bytes  int
}

func (d *discard) Header() http.Header { return d.header }

func (d *discard) WriteHeader(status int) { d.status = status }

func (d *discard) Write(b []byte) (int, error) {
	d.bytes += len(b)
	return len(b), nil
}

// BenchmarkHandler measures whole requests, from the router to the last byte,
// without a connection; the demo shop answers. The static rows send a kilobyte
// that was there before: by bare Echo, and through everything around our routes.
func BenchmarkHandler(b *testing.B) {
	now := time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC)
	server := New(benchConfig(b, now))
	bare := echo.New()
	blob := []byte(`"` + strings.Repeat("x", 1022) + `"`)
	static := func(c echo.Context) error { return c.Blob(http.StatusOK, mediaJSONType, blob) }
	bare.GET("/static", static)
	server.echo.GET("/static", static)
	server.echo.GET("/static-sent", func(c echo.Context) error { return answerJSON(c, blob) })
	for _, x := range []struct {
		name, target string
		handler      http.Handler
	}{
		{"static-bare", "/static", bare},
		{"static", "/static", server.Handler()},
		{"static-sent", "/static-sent", server.Handler()},
		{"recommend", "/recommend?customer_id=c-coffee&limit=10", server.Handler()},
		{"recommend-fields", "/recommend?customer_id=c-coffee&limit=10&fields=title,price", server.Handler()},
		{"recommend-explain", "/recommend?customer_id=c-coffee&limit=10&explain=true", server.Handler()},
		{"recommend-nobody", "/recommend?limit=10", server.Handler()},
		{"related", "/related/phone-aozora-8-128?limit=10", server.Handler()},
		{"popular", "/popular?limit=10", server.Handler()},
		{"healthz", "/healthz", server.Handler()},
	} {
		b.Run(x.name, func(b *testing.B) {
			r, err := http.NewRequestWithContext(b.Context(), http.MethodGet, x.target, nil)
			if err != nil {
				b.Fatal(err)
			}
			w := &discard{header: http.Header{}}
			b.ReportAllocs()
			for b.Loop() {
				clear(w.header)
				x.handler.ServeHTTP(w, r)
			}
			if w.status != http.StatusOK || w.bytes == 0 {
				b.Fatalf("status %d, %d bytes", w.status, w.bytes)
			}
		})
	}
}

// benchConfig is the demo shop with all its history, in memory.
func benchConfig(b *testing.B, now time.Time) Config {
	b.Helper()
	shop := demoshop.New(demoshop.Config{Seed: 1})
	clock := func() time.Time { return now }
	writer, err := live.Open(context.Background(), live.Config{Log: store.NewMemory(), Clock: clock, LearnShare: 1})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := writer.Close(); err != nil {
			b.Error(err)
		}
	})
	if _, err := writer.PutItems(b.Context(), shop.Items()); err != nil {
		b.Fatal(err)
	}
	var batch []recommend.Event
	flush := func() {
		if _, _, err := writer.Ingest(b.Context(), batch); err != nil {
			b.Fatal(err)
		}
		batch = batch[:0]
	}
	for e := range shop.Events() {
		if batch = append(batch, e); len(batch) == 5000 {
			flush()
		}
	}
	flush()
	if err := writer.Refresh(b.Context()); err != nil {
		b.Fatal(err)
	}
	return Config{
		Shop: writer, Clock: clock,
		Metrics: NewMetrics(MetricsConfig{Status: writer.Status, View: writer.View, Clock: clock}),
	}
}
