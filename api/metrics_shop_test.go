package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"osusume/recommend/engine"
	"osusume/recommend/live"
	"osusume/store"
)

// measuredClient serves an empty shop whose writer reports to the metrics, the
// way the binary wires it.
func measuredClient(t *testing.T, change ...func(*Config)) (*client, *Metrics) {
	t.Helper()
	clock := func() time.Time { return testNow }
	var shop *live.Live
	m := NewMetrics(MetricsConfig{
		Version: "test", Clock: clock,
		Status: func() live.Status { return shop.Status() },
		View:   func() *engine.View { return shop.View() },
	})
	memory := store.NewMemory()
	shop, err := live.Open(context.Background(), live.Config{Log: memory, Documents: memory, Decisions: memory, Clock: clock, Observer: m})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := shop.Close(); err != nil {
			t.Errorf("close shop: %v", err)
		}
	})
	wire := func(cfg *Config) { cfg.Shop, cfg.Metrics = shop, m }
	return newClient(t, append([]func(*Config){wire}, change...)...), m
}

func TestMetricsOfAShop(t *testing.T) {
	c, m := measuredClient(t)
	c.ok(http.MethodPost, "/items", `[{"item_id":"a"},{"item_id":"b","available":false}]`)
	c.ok(http.MethodPost, "/events", `[
		{"event":"view_item","event_id":"e1","customer_id":"c1","items":[{"item_id":"a"}]},
		{"event":"view_item","event_id":"e1","customer_id":"c1","items":[{"item_id":"a"}]},
		{"event":"purchase","event_id":"e2","customer_id":"c1","items":[{"item_id":"a","quantity":-1}]}
	]`)
	if err := c.shop.Refresh(context.Background()); err != nil {
		t.Fatal(err)
	}
	c.get("/recommend?customer_id=c9&limit=5")
	c.get("/related/a?limit=5")
	c.get("/popular?limit=5")

	got := samples(t, m)
	for key, want := range map[string]float64{
		`osusume_events_total{event="view_item",verdict="accepted"}`:            1,
		`osusume_events_total{event="view_item",verdict="duplicate"}`:           1,
		`osusume_ingest_acknowledged_seq`:                                       3, // two items, one event
		`osusume_ingest_applied_seq`:                                            3,
		`osusume_ingest_lag_records`:                                            0,
		`osusume_ingest_failed`:                                                 0,
		`osusume_commit_records_sum`:                                            4, // the duplicate shared the commit
		`osusume_index_items`:                                                   2,
		`osusume_index_eligible_items`:                                          1,
		`osusume_index_visitors`:                                                1,
		`osusume_index_age_seconds`:                                             0, // the clock stands still
		`osusume_recommendation_lists_total{placement="home"}`:                  1,
		`osusume_recommendation_fallbacks_total{placement="home"}`:              1, // an unknown customer
		`osusume_recommendation_short_total{placement="home"}`:                  1, // one item for five places
		`osusume_recommendation_lists_total{placement="related"}`:               1,
		`osusume_recommendation_lists_total{placement="popular"}`:               1,
		`osusume_recommendation_fallbacks_total{placement="popular"}`:           0,
		`osusume_http_requests_total{code="200",method="POST",route="/events"}`: 1,
	} {
		if v, ok := got[key]; !ok || v != want {
			t.Errorf("%s = %v (exported: %v), want %v", key, v, ok, want)
		}
	}
	rejected := 0.0
	for key, v := range samplesNamed(got, "osusume_events_total") {
		if strings.Contains(key, `verdict="rejected"`) {
			rejected += v
		}
	}
	if rejected != 1 {
		t.Errorf("%v events counted as rejected, want 1", rejected)
	}
	if got["osusume_view_publishes_total"] < 1 || got["osusume_view_publish_duration_seconds_count"] < 1 {
		t.Error("no View counted")
	}
}

var pathParameter = regexp.MustCompile(`\{\w+\}`)

// TestMetricsOfHostileRequests sends made-up names everywhere a client can put
// one, to the real routes.
func TestMetricsOfHostileRequests(t *testing.T) {
	c, m := measuredClient(t)
	var routes []string
	for path := range c.contract.doc.Paths.Map() {
		routes = append(routes, path)
	}
	for i := range 20 {
		id := fmt.Sprintf("evil-%d", i)
		for _, route := range routes {
			path := pathParameter.ReplaceAllString(route, id)
			c.get(path + "?placement=" + id + "&model=" + id)
			c.send(http.MethodPost, path, `{"placement":"`+id+`","event":"`+id+`"}`)
			c.get(path + "/" + id)
		}
		c.get("/recommend?customer_id=" + id)
		c.send("EVIL", "/"+id, "")
	}
	allowed := map[string][]string{
		"route":     append(routes, routeUnmatched),
		"method":    {"GET", "POST", labelOther},
		"placement": append(c.shop.View().Placements(), PlacementRelated, PlacementPopular, labelOther),
	}
	families, err := m.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		for _, s := range f.GetMetric() {
			for _, l := range s.GetLabel() {
				values, closed := allowed[l.GetName()]
				if closed && !slices.Contains(values, l.GetValue()) || strings.Contains(strings.ToLower(l.GetValue()), "evil") {
					t.Errorf("%s: label %s=%q came from a request", f.GetName(), l.GetName(), l.GetValue())
				}
			}
		}
	}
}

// failedShop is a shop whose ingest has stopped.
type failedShop struct{ Shop }

func (s failedShop) Status() live.Status {
	st := s.Shop.Status()
	st.Failed = errors.New("write /secret/path: broken")
	return st
}

// TestOpsRoutes holds the operators' routes to the contract, through the
// whole server.
func TestOpsRoutes(t *testing.T) {
	c, _ := measuredClient(t)
	for _, path := range []string{"/healthz", "/readyz", "/metrics", "/openapi.yaml", "/docs"} {
		if a := c.get(path); a.status != http.StatusOK || len(a.body) == 0 {
			t.Errorf("%s: status %d, %d bytes", path, a.status, len(a.body))
		}
	}
	c, _ = measuredClient(t, func(cfg *Config) { cfg.Shop = failedShop{cfg.Shop} })
	p := c.refused(c.get("/readyz"), http.StatusServiceUnavailable, "")
	if p.Code != "unavailable" || !strings.Contains(p.Detail, "ingest has stopped") || strings.Contains(p.Detail, "secret") {
		t.Errorf("problem = %+v, want the reason without its inner cause", p)
	}
	if a := c.get("/healthz"); a.status != http.StatusOK {
		t.Errorf("/healthz: status %d while ingest is stopped, want 200", a.status)
	}
}
