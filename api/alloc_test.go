package api

import (
	"net/http"
	"runtime/debug"
	"slices"
	"testing"

	"github.com/labstack/echo/v4"

	"osusume/recommend"
)

// TestAllocations bounds what a request allocates on our side of the engine.
// Echo by itself takes 1 for a static answer, for its Content-Type.
func TestAllocations(t *testing.T) {
	if info, ok := debug.ReadBuildInfo(); ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"}) {
		t.Skip("pools lose on purpose under the race detector")
	}
	var server *Server
	c := newClient(t, func(cfg *Config) { server = New(*cfg) })
	c.handler = server.Handler()
	fillShared(c)
	blob := make([]byte, 1024)
	server.echo.GET("/static", func(c echo.Context) error { return answerJSON(c, blob) })
	view := c.shop.View()
	engineAllocs := testing.AllocsPerRun(200, func() {
		if _, err := view.Recommend(&recommend.Request{CustomerID: "c1", Limit: 3, Locale: "ja"}); err != nil {
			t.Fatal(err)
		}
	})
	for _, x := range []struct {
		name, target, tag string
		most              float64
		status            int
	}{
		{"around a handler", "/static", "", 0, 200},
		{"recommend beyond the engine", "/recommend?customer_id=c1&limit=3", "", engineAllocs, 200},
		{"recommend with fields beyond the engine", "/recommend?customer_id=c1&limit=3&fields=title,price", "", engineAllocs, 200},
		{"related, kept", "/related/beans?limit=3", "", 0, 200},
		{"popular, kept", "/popular?limit=3", "", 0, 200},
		{"popular, not modified", "/popular?limit=3", "*", 0, 304},
	} {
		t.Run(x.name, func(t *testing.T) {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, x.target, nil)
			if err != nil {
				t.Fatal(err)
			}
			if x.tag != "" {
				r.Header.Set("If-None-Match", x.tag)
			}
			w := &discard{header: http.Header{}}
			got := testing.AllocsPerRun(200, func() {
				clear(w.header)
				c.handler.ServeHTTP(w, r)
			})
			if w.status != x.status {
				t.Fatalf("status %d", w.status)
			}
			// One in 64 requests makes ids for the others.
			if got > x.most+0.5 {
				t.Errorf("%v allocations, want at most %v", got, x.most)
			}
		})
	}
}
