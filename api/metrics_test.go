package api

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"osusume/recommend"
	"osusume/recommend/engine"
	"osusume/recommend/live"
	"osusume/recommend/offer"
)

var metricsNow = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// fullMetrics returns metrics of which every family of the shop exists, with
// figures that tell the sources apart.
func fullMetrics(t *testing.T) *Metrics {
	t.Helper()
	m := NewMetrics(MetricsConfig{
		Version: "test",
		Clock:   func() time.Time { return metricsNow },
		Status: func() live.Status {
			return live.Status{Acknowledged: 120, Applied: 100, QueuedRecords: 7, DirtyItems: 3, LearningItems: 4, Views: 9}
		},
		StoreStats: func() StoreStats {
			return StoreStats{LSMBytes: 1000, ValueLogBytes: 2000, CheckpointBytes: 300, LastSeq: 120, CheckpointSeq: 90, CheckpointsDropped: 1, FilterBytes: 64}
		},
		Offers: func() offer.Totals { return offer.Totals{Open: 2, Redemptions: 30} },
	})
	m.named = func() []string { return []string{"cart", "home", "item"} }
	m.registry.MustRegister(fixedIndex{
		shop: newShopCollector(MetricsConfig{Clock: m.clock}),
		stats: engine.Stats{
			Items: 10, EligibleItems: 8, Visitors: 5, OrderPairs: 11, CustomerPairs: 12, SessionPairs: 13,
			Bytes: map[string]int64{"pairs": 100, "lists": 200, "profiles": 300, "catalog": 400, "evidence": 60, "scratch": 50},
		},
		asOf: metricsNow.Add(-1500 * time.Millisecond),
	})
	return m
}

// fixedIndex exports given figures the way a View's are.
type fixedIndex struct {
	shop  *shopCollector
	stats engine.Stats
	asOf  time.Time
}

func (f fixedIndex) Describe(chan<- *prometheus.Desc) {}

func (f fixedIndex) Collect(ch chan<- prometheus.Metric) {
	f.shop.collectIndex(f.stats, f.asOf, func(d *prometheus.Desc, v float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	})
}

// samples flattens what the registry exports to name{label="value",...}: value.
// A histogram appears with its count and sum.
func samples(t *testing.T, m *Metrics) map[string]float64 {
	t.Helper()
	families, err := m.registry.Gather()
	if err != nil {
		t.Fatalf("gather: %v", err)
	}
	out := map[string]float64{}
	for _, f := range families {
		for _, s := range f.GetMetric() {
			labels := make([]string, 0, len(s.GetLabel()))
			for _, l := range s.GetLabel() {
				labels = append(labels, fmt.Sprintf("%s=%q", l.GetName(), l.GetValue()))
			}
			key := ""
			if len(labels) > 0 {
				key = "{" + strings.Join(labels, ",") + "}"
			}
			switch {
			case s.GetHistogram() != nil:
				out[f.GetName()+"_count"+key] = float64(s.GetHistogram().GetSampleCount())
				out[f.GetName()+"_sum"+key] = s.GetHistogram().GetSampleSum()
			case s.GetCounter() != nil:
				out[f.GetName()+key] = s.GetCounter().GetValue()
			default:
				out[f.GetName()+key] = s.GetGauge().GetValue()
			}
		}
	}
	return out
}

// samplesNamed keeps the samples whose name starts with one of the prefixes.
func samplesNamed(all map[string]float64, prefixes ...string) map[string]float64 {
	out := map[string]float64{}
	for k, v := range all {
		for _, p := range prefixes {
			if strings.HasPrefix(k, p) {
				out[k] = v
			}
		}
	}
	return out
}

// metricsServer has a few routes that end in every way a handler can.
func metricsServer(m *Metrics) *echo.Echo {
	e := echo.New()
	e.HTTPErrorHandler = func(err error, c echo.Context) {
		status := http.StatusInternalServerError
		if he := (*echo.HTTPError)(nil); errors.As(err, &he) {
			status = he.Code
		}
		_ = c.NoContent(status)
	}
	e.Use(m.Middleware())
	e.GET("/items/:item_id", func(c echo.Context) error {
		switch c.Param("item_id") {
		case "gone":
			return echo.ErrNotFound
		case "odd":
			return c.NoContent(799)
		case "broken":
			return errors.New("broken")
		default:
			return c.NoContent(http.StatusOK)
		}
	})
	e.POST("/events", func(c echo.Context) error { return c.NoContent(http.StatusOK) })
	e.GET("/panic", func(echo.Context) error { panic("handler") })
	return e
}

func callRoute(e *echo.Echo, method, target string) {
	e.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(method, target, nil))
}

func TestMetricsRequests(t *testing.T) {
	m := NewMetrics(MetricsConfig{})
	e := metricsServer(m)
	callRoute(e, http.MethodGet, "/items/a")
	callRoute(e, http.MethodGet, "/items/b")
	callRoute(e, http.MethodGet, "/items/gone")
	callRoute(e, http.MethodGet, "/items/broken")
	callRoute(e, http.MethodGet, "/items/odd")
	callRoute(e, http.MethodDelete, "/items/a")
	callRoute(e, http.MethodGet, "/nowhere/"+strings.Repeat("x", 50))
	callRoute(e, "BREW", "/events")

	got := samplesNamed(samples(t, m), "osusume_http_requests_total", "osusume_http_requests_in_flight", "osusume_http_request_duration_seconds_count")
	want := map[string]float64{
		`osusume_http_requests_total{code="200",method="GET",route="/items/{item_id}"}`:    2,
		`osusume_http_requests_total{code="404",method="GET",route="/items/{item_id}"}`:    1,
		`osusume_http_requests_total{code="500",method="GET",route="/items/{item_id}"}`:    1,
		`osusume_http_requests_total{code="other",method="GET",route="/items/{item_id}"}`:  1,
		`osusume_http_requests_total{code="405",method="DELETE",route="/items/{item_id}"}`: 1,
		`osusume_http_requests_total{code="404",method="GET",route="unmatched"}`:           1,
		`osusume_http_requests_total{code="405",method="other",route="/events"}`:           1,

		`osusume_http_request_duration_seconds_count{class="2xx",method="GET",route="/items/{item_id}"}`:    2,
		`osusume_http_request_duration_seconds_count{class="4xx",method="GET",route="/items/{item_id}"}`:    1,
		`osusume_http_request_duration_seconds_count{class="5xx",method="GET",route="/items/{item_id}"}`:    1,
		`osusume_http_request_duration_seconds_count{class="other",method="GET",route="/items/{item_id}"}`:  1,
		`osusume_http_request_duration_seconds_count{class="4xx",method="DELETE",route="/items/{item_id}"}`: 1,
		`osusume_http_request_duration_seconds_count{class="4xx",method="GET",route="unmatched"}`:           1,
		`osusume_http_request_duration_seconds_count{class="4xx",method="other",route="/events"}`:           1,

		`osusume_http_requests_in_flight`: 0,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("samples (-want +got):\n%s", diff)
	}
}

func TestMetricsCountsPanics(t *testing.T) {
	m := NewMetrics(MetricsConfig{})
	e := metricsServer(m)
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic was swallowed; recovering is another middleware's work")
			}
		}()
		callRoute(e, http.MethodGet, "/panic")
	}()
	got := samplesNamed(samples(t, m), "osusume_http_requests")
	want := map[string]float64{
		`osusume_http_requests_total{code="500",method="GET",route="/panic"}`: 1,
		`osusume_http_requests_in_flight`:                                     0,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("samples (-want +got):\n%s", diff)
	}
}

func TestMetricsTimesRequests(t *testing.T) {
	now := metricsNow
	m := NewMetrics(MetricsConfig{Clock: func() time.Time { return now }})
	e := echo.New()
	e.Use(m.Middleware())
	e.GET("/slow", func(c echo.Context) error {
		now = now.Add(250 * time.Millisecond)
		return c.NoContent(http.StatusOK)
	})
	callRoute(e, http.MethodGet, "/slow")
	got := samples(t, m)[`osusume_http_request_duration_seconds_sum{class="2xx",method="GET",route="/slow"}`]
	if got != 0.25 {
		t.Errorf("duration sum = %v s, want 0.25", got)
	}
}

func TestMetricsRecommendation(t *testing.T) {
	const absent = -1
	type stages = []recommend.Stage
	tests := []struct {
		name         string
		placement    string
		stages       stages
		items, limit int
		want         map[string]float64
	}{
		{"personal and full", "cart", stages{recommend.StageCart, recommend.StageSimilar}, 10, 10, map[string]float64{
			`lists_total{placement="cart"}`:                   1,
			`list_items_count{placement="cart"}`:              1,
			`list_items_sum{placement="cart"}`:                10,
			`stages_total{placement="cart",stage="cart"}`:     1,
			`stages_total{placement="cart",stage="similar"}`:  1,
			`stages_total{placement="cart",stage="trending"}`: 0,
			`fallbacks_total{placement="cart"}`:               0,
			`empty_total{placement="cart"}`:                   0,
			`short_total{placement="cart"}`:                   0,
			`lists_total{placement="other"}`:                  absent,
		}},
		{"filled up by bestsellers, default placement", "", stages{recommend.StageForYou, recommend.StageBestseller}, 4, 10, map[string]float64{
			`lists_total{placement="home"}`:     1,
			`fallbacks_total{placement="home"}`: 1,
			`short_total{placement="home"}`:     1,
			`empty_total{placement="home"}`:     0,
		}},
		{"two fallback stages are one fallback", "home", stages{recommend.StageTrending, recommend.StageCatalog}, 10, 10, map[string]float64{
			`fallbacks_total{placement="home"}`: 1,
		}},
		{"trending is a fallback", "home", stages{recommend.StageTrending}, 10, 10, map[string]float64{
			`fallbacks_total{placement="home"}`: 1,
		}},
		{"catalog is a fallback", "home", stages{recommend.StageCatalog}, 10, 10, map[string]float64{
			`fallbacks_total{placement="home"}`: 1,
		}},
		{"similar is not a fallback", "home", stages{recommend.StageSimilar}, 10, 10, map[string]float64{
			`fallbacks_total{placement="home"}`: 0,
		}},
		{"a new arrival is not a fallback", "home", stages{recommend.StageForYou, recommend.StageExplore}, 10, 10, map[string]float64{
			`stages_total{placement="home",stage="explore"}`: 1,
			`fallbacks_total{placement="home"}`:              0,
		}},
		{"popular asks for popularity", PlacementPopular, stages{recommend.StageBestseller}, 10, 10, map[string]float64{
			`lists_total{placement="popular"}`:     1,
			`fallbacks_total{placement="popular"}`: 0,
		}},
		{"empty", "item", nil, 0, 10, map[string]float64{
			`empty_total{placement="item"}`:    1,
			`short_total{placement="item"}`:    1,
			`list_items_sum{placement="item"}`: 0,
		}},
		{"default limit", "item", stages{recommend.StageRelated}, 9, 0, map[string]float64{
			`short_total{placement="item"}`: 1,
			`empty_total{placement="item"}`: 0,
		}},
		{"unknown placement and stage", "c-12345", stages{"invented"}, 1, 1, map[string]float64{
			`lists_total{placement="other"}`:                1,
			`stages_total{placement="other",stage="other"}`: 1,
			`lists_total{placement="c-12345"}`:              absent,
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := NewMetrics(MetricsConfig{})
			m.named = func() []string { return []string{"cart", "home", "item"} }
			m.Recommendation(tt.placement, tt.stages, tt.items, tt.limit)
			got := samples(t, m)
			for key, want := range tt.want {
				v, ok := got["osusume_recommendation_"+key]
				if !ok {
					v = absent
				}
				if v != want {
					t.Errorf("%s = %v, want %v", key, v, want)
				}
			}
		})
	}
}

func TestMetricsEvents(t *testing.T) {
	m := NewMetrics(MetricsConfig{})
	m.Event(recommend.ViewItem, recommend.Accepted)
	m.Event(recommend.ViewItem, recommend.Accepted)
	m.Event(recommend.Purchase, recommend.Duplicate)
	m.Event(recommend.Feedback, recommend.Rejected) // the last name
	m.Event(recommend.EventUnknown, recommend.Rejected)
	m.Event(recommend.EventType(200), recommend.Rejected)
	m.Event(recommend.Purchase, recommend.Status("invented"))

	got := samplesNamed(samples(t, m), "osusume_events_total")
	if want := 3 * (len(recommend.EventNames()) + 1); len(got) != want {
		t.Errorf("%d series, want %d: every name and verdict from the start", len(got), want)
	}
	for key, v := range got {
		if v == 0 {
			delete(got, key)
		}
	}
	want := map[string]float64{
		`osusume_events_total{event="view_item",verdict="accepted"}`: 2,
		`osusume_events_total{event="purchase",verdict="duplicate"}`: 1,
		`osusume_events_total{event="feedback",verdict="rejected"}`:  1,
		`osusume_events_total{event="unknown",verdict="rejected"}`:   2,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("samples (-want +got):\n%s", diff)
	}
}

func TestMetricsShop(t *testing.T) {
	m := fullMetrics(t)
	m.Committed(40, 3*time.Millisecond)
	m.Committed(2, 5*time.Millisecond)
	m.Published(2 * time.Millisecond)
	got := samplesNamed(samples(t, m), "osusume_ingest", "osusume_index", "osusume_learning", "osusume_store", "osusume_view", "osusume_commit", "osusume_build")
	want := map[string]float64{
		"osusume_ingest_acknowledged_seq":             120,
		"osusume_ingest_applied_seq":                  100,
		"osusume_ingest_lag_records":                  20, // 120 - 100
		"osusume_ingest_queued_records":               7,
		"osusume_ingest_failed":                       0,
		"osusume_index_dirty_items":                   3,
		"osusume_learning_items":                      4,
		"osusume_view_publishes_total":                9,
		"osusume_index_items":                         10,
		"osusume_index_eligible_items":                8,
		"osusume_index_visitors":                      5,
		`osusume_index_pairs{kind="order"}`:           11,
		`osusume_index_pairs{kind="customer"}`:        12,
		`osusume_index_pairs{kind="session"}`:         13,
		`osusume_index_bytes{part="pairs"}`:           100,
		`osusume_index_bytes{part="lists"}`:           200,
		`osusume_index_bytes{part="profiles"}`:        300,
		`osusume_index_bytes{part="catalog"}`:         400,
		`osusume_index_bytes{part="other"}`:           50, // 1110 - 1060
		"osusume_index_age_seconds":                   1.5,
		`osusume_index_bytes{part="evidence"}`:        60,
		`osusume_index_bytes{part="event_ids"}`:       64,
		`osusume_store_bytes{part="lsm"}`:             1000,
		`osusume_store_bytes{part="value_log"}`:       2000,
		`osusume_store_bytes{part="checkpoint"}`:      300,
		"osusume_store_last_seq":                      120,
		"osusume_store_checkpoint_seq":                90,
		"osusume_store_checkpoints_dropped_total":     1,
		"osusume_commit_duration_seconds_count":       2,
		"osusume_commit_duration_seconds_sum":         0.008,
		"osusume_commit_records_count":                2,
		"osusume_commit_records_sum":                  42,
		"osusume_view_publish_duration_seconds_count": 1,
		"osusume_view_publish_duration_seconds_sum":   0.002,
		fmt.Sprintf("osusume_build_info{goversion=%q,version=%q}", runtime.Version(), "test"): 1,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("samples (-want +got):\n%s", diff)
	}
}

func TestMetricsIngestFailed(t *testing.T) {
	m := NewMetrics(MetricsConfig{Status: func() live.Status {
		// Applied ahead of Acknowledged: the two are read one after the other.
		return live.Status{Failed: errors.New("disk"), Acknowledged: 1, Applied: 2}
	}})
	got := samplesNamed(samples(t, m), "osusume_ingest_failed", "osusume_ingest_lag")
	want := map[string]float64{"osusume_ingest_failed": 1, "osusume_ingest_lag_records": 0}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("samples (-want +got):\n%s", diff)
	}
}

func TestMetricsLint(t *testing.T) {
	m := fullMetrics(t)
	callRoute(metricsServer(m), http.MethodGet, "/items/a")
	m.Recommendation("home", []recommend.Stage{recommend.StageForYou}, 10, 10)
	problems, err := testutil.GatherAndLint(m.registry)
	if err != nil {
		t.Fatalf("lint: %v", err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
}

// TestMetricsClosedLabels sends what a hostile client can and then looks at
// every label value of every series.
func TestMetricsClosedLabels(t *testing.T) {
	m := fullMetrics(t)
	e := metricsServer(m)
	for i := range 200 {
		id := fmt.Sprintf("evil-%d", i)
		for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodOptions, fmt.Sprintf("EVIL%d", i)} {
			callRoute(e, method, "/items/"+id)
			callRoute(e, method, "/"+id)
			callRoute(e, method, "/items/"+id+"/"+id+"?customer_id="+id)
			callRoute(e, method, "/events/%2e%2e/"+id)
		}
		m.Recommendation(id, []recommend.Stage{recommend.Stage(id)}, i, i)
		m.Event(recommend.EventType(i), recommend.Status(id))
		m.Event(recommend.EventType(i), recommend.Rejected)
	}
	m.Decision(&offer.Decision{Counts: offer.Counts{offer.Shown: 2, offer.HoldoutOffer: 1}})
	if got := testutil.ToFloat64(m.decisions[offer.Shown]); got != 2 {
		t.Errorf("%v offers counted as shown, want 2", got)
	}
	if got := testutil.ToFloat64(m.decisions[offer.HoldoutOffer]); got != 1 {
		t.Errorf("%v ghosts counted, want 1", got)
	}
	var reasons []string
	for _, reason := range offer.ReasonOrder() {
		reasons = append(reasons, reason.String())
	}
	closed := map[string][]string{
		"route":     {"/items/{item_id}", "/events", "/panic", routeUnmatched},
		"method":    {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", labelOther},
		"code":      {"200", "204", "404", "405", "500", labelOther},
		"class":     {"1xx", "2xx", "3xx", "4xx", "5xx", labelOther},
		"placement": {"cart", "home", "item", PlacementRelated, PlacementPopular, labelOther},
		"stage":     {"for_you", "session", "cart", "related", "similar", "explore", "trending", "bestseller", "catalog", "pinned", labelOther},
		"event":     append(recommend.EventNames(), "unknown"),
		"verdict":   {"accepted", "duplicate", "rejected"},
		"reason":    reasons,
		"kind":      {"order", "customer", "session"},
		"part":      {"pairs", "lists", "profiles", "catalog", "evidence", labelOther, "caches", "event_ids", "lsm", "value_log", "checkpoint"},
	}
	families, err := m.registry.Gather()
	if err != nil {
		t.Fatalf("gather: %v", err)
	}
	seen := 0
	for _, f := range families {
		if !strings.HasPrefix(f.GetName(), "osusume_") || f.GetName() == "osusume_build_info" {
			continue
		}
		for _, s := range f.GetMetric() {
			for _, l := range s.GetLabel() {
				seen++
				if !slices.Contains(closed[l.GetName()], l.GetValue()) {
					t.Errorf("%s: label %s=%q is outside its closed set", f.GetName(), l.GetName(), l.GetValue())
				}
			}
		}
	}
	if seen == 0 {
		t.Error("no labels seen")
	}
	// 3 paths by at most 4 method labels.
	if n := len(*m.routes.Load()); n > 12 {
		t.Errorf("%d route series kept after hostile requests, want at most 12", n)
	}
}

func TestMetricsNil(t *testing.T) {
	var m *Metrics
	m.Committed(1, time.Second)
	m.Published(time.Second)
	m.Event(recommend.ViewItem, recommend.Accepted)
	m.Recommendation("home", nil, 0, 10)
	rec := httptest.NewRecorder()
	metricsServer(m).ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/items/a", nil))
	if rec.Code != http.StatusOK {
		t.Errorf("status = %d, want 200", rec.Code)
	}
	rec = httptest.NewRecorder()
	m.Handler().ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	if rec.Code != http.StatusNotFound {
		t.Errorf("status of a nil handler = %d, want 404", rec.Code)
	}
}

// TestMetricsParallel lets the first uses of series collide.
func TestMetricsParallel(t *testing.T) {
	m := fullMetrics(t)
	e := metricsServer(m)
	const workers, rounds = 8, 50
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for range rounds {
				callRoute(e, http.MethodGet, "/items/a")
				m.Recommendation("home", []recommend.Stage{recommend.StageForYou}, 10, 10)
				m.Event(recommend.ViewItem, recommend.Accepted)
			}
		})
	}
	wg.Wait()
	got := samples(t, m)
	for _, key := range []string{
		`osusume_http_requests_total{code="200",method="GET",route="/items/{item_id}"}`,
		`osusume_recommendation_lists_total{placement="home"}`,
		`osusume_events_total{event="view_item",verdict="accepted"}`,
	} {
		if got[key] != workers*rounds {
			t.Errorf("%s = %v, want %d", key, got[key], workers*rounds)
		}
	}
}

func TestMetricsAllocations(t *testing.T) {
	m := fullMetrics(t)
	h := m.Middleware()(func(echo.Context) error { return nil })
	c := echo.New().NewContext(httptest.NewRequest(http.MethodGet, "/items/a", nil), httptest.NewRecorder())
	c.SetPath("/items/:item_id")
	stages := []recommend.Stage{recommend.StageForYou, recommend.StageTrending}
	if n := testing.AllocsPerRun(100, func() {
		_ = h(c)
		m.Recommendation("home", stages, 10, 10)
		m.Event(recommend.ViewItem, recommend.Accepted)
	}); n != 0 {
		t.Errorf("%v allocations per counted request, want 0", n)
	}
}

func BenchmarkMetricsMiddleware(b *testing.B) {
	m := NewMetrics(MetricsConfig{})
	h := m.Middleware()(func(echo.Context) error { return nil })
	c := echo.New().NewContext(httptest.NewRequest(http.MethodGet, "/items/a", nil), httptest.NewRecorder())
	c.SetPath("/items/:item_id")
	b.ReportAllocs()
	for b.Loop() {
		_ = h(c)
	}
}
