package api

import (
	"net/http"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"osusume/recommend"
	"osusume/recommend/engine"
	"osusume/recommend/live"
	"osusume/recommend/offer"
)

// The placement labels of the lists that are asked for by route instead of by
// placement.
const (
	PlacementRelated = "related"
	PlacementPopular = "popular"
)

// labelOther stands for every value outside a label's closed set.
const labelOther = "other"

// routeUnmatched is the route label of requests no route answers.
const routeUnmatched = "unmatched"

// MetricsConfig says where the gauges come from. Every field may be left out:
// what cannot be read is not exported. The functions are called at each scrape
// and must be safe for concurrent use; Status and View may be called before
// the shop is open, View then returns nil.
type MetricsConfig struct {
	Version    string
	Status     func() live.Status
	View       func() *engine.View
	StoreStats func() StoreStats
	// Offers are what the ledger of offers holds.
	Offers func() offer.Totals
	// Start tells how far the start of the shop is.
	Start func() live.Progress
	// Clock defaults to time.Now; it dates the index and times requests.
	Clock func() time.Time
}

// StoreStats are the sizes of the store, in bytes where not said otherwise.
type StoreStats struct {
	LSMBytes, ValueLogBytes, CheckpointBytes int64
	// FilterBytes is the memory of the filter in front of the event ids.
	FilterBytes int64
	// LastSeq is the newest durable sequence, CheckpointSeq the newest one the
	// checkpoint includes (0: none).
	LastSeq, CheckpointSeq uint64
	// CheckpointsDropped counts damaged checkpoints found and thrown away.
	CheckpointsDropped uint64
}

// Metrics counts what the server does and exports it for Prometheus from a
// registry of its own.
//
// Every label value comes from a closed set: route templates, methods, status
// codes, placements, stages, event names, verdicts. Nothing a client sends
// becomes a label, so the number of series is bounded however hostile the
// requests are.
//
// A nil *Metrics is valid and counts nothing. All methods are safe for
// concurrent use; the counting ones take no lock once a series exists.
type Metrics struct {
	registry *prometheus.Registry
	clock    func() time.Time
	// named lists the placements of the View, nil before there is one.
	named func() []string
	// answers is the cache of the newest Server, nil for none.
	answers atomic.Pointer[answerCache]

	requests *prometheus.CounterVec
	duration *prometheus.HistogramVec
	inFlight prometheus.Gauge

	lists     *prometheus.CounterVec
	listItems *prometheus.HistogramVec
	stages    *prometheus.CounterVec
	fallbacks *prometheus.CounterVec
	empty     *prometheus.CounterVec
	short     *prometheus.CounterVec

	// events is indexed by event type (the last place is for unknown names)
	// and verdict; fixed after NewMetrics.
	events [][verdicts]prometheus.Counter
	// decisions is fixed after NewMetrics.
	decisions map[offer.Reason]prometheus.Counter

	commitDuration  prometheus.Histogram
	commitRecords   prometheus.Histogram
	publishDuration prometheus.Histogram

	// routes and placements are copied on write under mu and read without it.
	mu         sync.Mutex
	routes     atomic.Pointer[map[routeKey]*routeSeries]
	placements atomic.Pointer[map[string]*placementSeries]
}

var _ live.Observer = (*Metrics)(nil)

// Bucket bounds. A scored list takes tens of microseconds, a commit a few
// milliseconds, a stalled disk seconds.
var (
	requestBuckets = []float64{.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}
	writerBuckets  = []float64{.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30}
	batchBuckets   = []float64{1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000, 50000}
	listBuckets    = []float64{0, 1, 2, 5, 10, 20, 30, 50, 100}
)

// NewMetrics returns metrics with every series of a known, closed label set
// already present at zero, so that rates work from the first scrape.
func NewMetrics(cfg MetricsConfig) *Metrics {
	if cfg.Clock == nil {
		cfg.Clock = time.Now
	}
	shop := newShopCollector(cfg)
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		clock:    cfg.Clock,
		named:    shop.placements,

		requests: counters("osusume_http_requests_total", "HTTP requests answered, by route template, method and status code.", "route", "method", "code"),
		duration: histograms("osusume_http_request_duration_seconds", "Seconds from the first byte read to the answer written, by route template, method and status class.", requestBuckets, "route", "method", "class"),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{Name: "osusume_http_requests_in_flight", Help: "HTTP requests being answered now."}),

		lists:     counters("osusume_recommendation_lists_total", "Lists answered, by placement.", "placement"),
		listItems: histograms("osusume_recommendation_list_items", "Items in an answered list, by placement.", listBuckets, "placement"),
		stages:    counters("osusume_recommendation_stages_total", "Lists to which a stage contributed at least one item, by placement and stage.", "placement", "stage"),
		fallbacks: counters("osusume_recommendation_fallbacks_total", "Lists that needed trending items, bestsellers or the bare catalog to be filled, by placement.", "placement"),
		empty:     counters("osusume_recommendation_empty_total", "Lists answered with no item at all, by placement.", "placement"),
		short:     counters("osusume_recommendation_short_total", "Lists answered with fewer items than asked for, empty ones included, by placement.", "placement"),

		commitDuration:  prometheus.NewHistogram(prometheus.HistogramOpts{Name: "osusume_commit_duration_seconds", Help: "Seconds to make one group of records durable, fsync included.", Buckets: writerBuckets}),
		commitRecords:   prometheus.NewHistogram(prometheus.HistogramOpts{Name: "osusume_commit_records", Help: "Records that shared one commit, duplicates included.", Buckets: batchBuckets}),
		publishDuration: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "osusume_view_publish_duration_seconds", Help: "Seconds to make one View of the index and publish it.", Buckets: writerBuckets}),
	}
	shop.answers = m.answers.Load
	m.routes.Store(&map[routeKey]*routeSeries{})
	m.placements.Store(&map[string]*placementSeries{})

	events := counters("osusume_events_total", "Events received, by event name and verdict.", "event", "verdict")
	for _, name := range append(recommend.EventNames(), "unknown") {
		var row [verdicts]prometheus.Counter
		for v, label := range verdictNames {
			row[v] = events.WithLabelValues(name, label)
		}
		m.events = append(m.events, row)
	}
	decisions, byReason := newDecisionCounters()
	m.decisions = byReason
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name:        "osusume_build_info",
		Help:        "Always 1; the labels say which build is running.",
		ConstLabels: prometheus.Labels{"version": cfg.Version, "goversion": runtime.Version()},
	})
	build.Set(1)

	m.registry.MustRegister(
		m.requests, m.duration, m.inFlight,
		m.lists, m.listItems, m.stages, m.fallbacks, m.empty, m.short,
		events, decisions, m.commitDuration, m.commitRecords, m.publishDuration,
		build, shop,
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	return m
}

func counters(name, help string, labels ...string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
}

func histograms(name, help string, buckets []float64, labels ...string) *prometheus.HistogramVec {
	return prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: name, Help: help, Buckets: buckets}, labels)
}

// Handler serves the Prometheus text format, gzipped when asked for.
func (m *Metrics) Handler() http.Handler {
	if m == nil {
		return http.NotFoundHandler()
	}
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// watch exports the figures of a cache. Of several Servers that share m, those
// of the newest are shown.
func (m *Metrics) watch(answers *answerCache) {
	if m != nil {
		m.answers.Store(answers)
	}
}

// Committed implements live.Observer.
func (m *Metrics) Committed(records int, took time.Duration) {
	if m == nil {
		return
	}
	m.commitRecords.Observe(float64(records))
	m.commitDuration.Observe(took.Seconds())
}

// Published implements live.Observer.
func (m *Metrics) Published(took time.Duration) {
	if m == nil {
		return
	}
	m.publishDuration.Observe(took.Seconds())
}

// The verdict labels, in the order of Metrics.events.
const (
	verdictAccepted = iota
	verdictDuplicate
	verdictRejected
	verdicts
)

var verdictNames = [verdicts]string{string(recommend.Accepted), string(recommend.Duplicate), string(recommend.Rejected)}

// Event counts one entry of an ingest request. An entry rejected before its
// name was understood has the type recommend.EventUnknown.
func (m *Metrics) Event(t recommend.EventType, s recommend.Status) {
	if m == nil {
		return
	}
	row := m.events[len(m.events)-1]
	if i := int(t) - 1; i >= 0 && i < len(m.events)-1 {
		row = m.events[i]
	}
	switch s {
	case recommend.Accepted:
		row[verdictAccepted].Inc()
	case recommend.Duplicate:
		row[verdictDuplicate].Inc()
	case recommend.Rejected:
		row[verdictRejected].Inc()
	}
}

// placementSeries are the resolved series of one placement.
type placementSeries struct {
	lists, fallbacks, empty, short prometheus.Counter
	items                          prometheus.Observer
	// stages is in the order of stageNames; the last place is "other".
	stages [len(stageNames) + 1]prometheus.Counter
}

// stageNames is the closed set of stage labels, in the order they are tried.
var stageNames = [...]recommend.Stage{
	recommend.StageForYou, recommend.StageSession, recommend.StageCart, recommend.StageRelated,
	recommend.StageSimilar, recommend.StageExplore,
	recommend.StageTrending, recommend.StageBestseller, recommend.StageCatalog,
	recommend.StagePinned,
}

// The stages from firstFallback to lastFallback fill what knowing the visitor
// left empty.
const firstFallback, lastFallback = 6, 8

// Recommendation counts one list: the stages that filled it, its length in
// items and the length asked for (0: recommend.DefaultLimit). placement is a placement of the View,
// PlacementRelated or PlacementPopular; empty is "home", any other name is
// counted as "other". Popular lists are never fallbacks: popularity is what
// they were asked for.
func (m *Metrics) Recommendation(placement string, stages []recommend.Stage, items, limit int) {
	if m == nil {
		return
	}
	if limit == 0 {
		limit = recommend.DefaultLimit
	}
	p := m.placement(placement)
	p.lists.Inc()
	p.items.Observe(float64(items))
	fallback := false
	for _, s := range stages {
		i := slices.Index(stageNames[:], s)
		if i < 0 {
			i = len(stageNames)
		} else if i >= firstFallback && i <= lastFallback {
			fallback = true
		}
		p.stages[i].Inc()
	}
	if fallback && placement != PlacementPopular {
		p.fallbacks.Inc()
	}
	if items == 0 {
		p.empty.Inc()
	}
	if items < limit {
		p.short.Inc()
	}
}

func (m *Metrics) placement(name string) *placementSeries {
	if name == "" {
		name = "home"
	}
	if p, ok := (*m.placements.Load())[name]; ok {
		return p
	}
	if !m.knownPlacement(name) {
		name = labelOther
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	known := *m.placements.Load()
	if p, ok := known[name]; ok {
		return p
	}
	p := &placementSeries{
		lists:     m.lists.WithLabelValues(name),
		fallbacks: m.fallbacks.WithLabelValues(name),
		empty:     m.empty.WithLabelValues(name),
		short:     m.short.WithLabelValues(name),
		items:     m.listItems.WithLabelValues(name),
	}
	for i, s := range stageNames {
		p.stages[i] = m.stages.WithLabelValues(name, string(s))
	}
	p.stages[len(stageNames)] = m.stages.WithLabelValues(name, labelOther)
	m.placements.Store(with(known, name, p))
	return p
}

func (m *Metrics) knownPlacement(name string) bool {
	if name == "home" || name == PlacementRelated || name == PlacementPopular {
		return true
	}
	return slices.Contains(m.named(), name)
}

// routeKey is a normalised method and Echo's path template ("" unmatched).
type routeKey struct{ method, path string }

// routeSeries are the resolved series of one route and method. Codes and
// classes appear with their first answer.
type routeSeries struct {
	route, method string
	codes         [maxCode - minCode + 2]atomic.Pointer[prometheus.Counter]
	classes       [6]atomic.Pointer[prometheus.Observer]
}

// HTTP status codes run from minCode to maxCode; the place after maxCode is
// "other", which shows a handler that sends none of them.
const (
	minCode = 100
	maxCode = 599
)

// Middleware counts and times every request. Place it outside the middleware
// that recovers from panics: it hands a handler's error to the error handler
// itself, so as to see the status the client sees, and returns nil then.
func (m *Metrics) Middleware() echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		if m == nil {
			return next
		}
		return func(c echo.Context) error {
			start := m.clock()
			m.inFlight.Inc()
			status := http.StatusInternalServerError // what a panic that passes through ends as
			defer func() {
				m.inFlight.Dec()
				m.route(c.Request().Method, c.Path()).observe(m, status, m.clock().Sub(start))
			}()
			if err := next(c); err != nil {
				c.Error(err)
			}
			status = c.Response().Status
			return nil
		}
	}
}

func (m *Metrics) route(method, path string) *routeSeries {
	key := routeKey{method: methodLabel(method), path: path}
	if r, ok := (*m.routes.Load())[key]; ok {
		return r
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	known := *m.routes.Load()
	if r, ok := known[key]; ok {
		return r
	}
	r := &routeSeries{route: routeLabel(path), method: key.method}
	m.routes.Store(with(known, key, r))
	return r
}

func (r *routeSeries) observe(m *Metrics, status int, took time.Duration) {
	code, class := maxCode-minCode+1, 0
	if status >= minCode && status <= maxCode {
		code, class = status-minCode, status/100
	}
	counter := r.codes[code].Load()
	if counter == nil {
		label := labelOther
		if class > 0 {
			label = strconv.Itoa(status)
		}
		c := m.requests.WithLabelValues(r.route, r.method, label)
		counter = &c
		r.codes[code].Store(counter)
	}
	(*counter).Inc()

	histogram := r.classes[class].Load()
	if histogram == nil {
		label := labelOther
		if class > 0 {
			label = strconv.Itoa(class) + "xx"
		}
		h := m.duration.WithLabelValues(r.route, r.method, label)
		histogram = &h
		r.classes[class].Store(histogram)
	}
	(*histogram).Observe(took.Seconds())
}

// routeLabel writes Echo's template (/items/:item_id) as openapi.yaml does.
func routeLabel(path string) string {
	if path == "" {
		return routeUnmatched
	}
	if !strings.Contains(path, ":") {
		return path
	}
	parts := strings.Split(path, "/")
	for i, p := range parts {
		if name, ok := strings.CutPrefix(p, ":"); ok {
			parts[i] = "{" + name + "}"
		}
	}
	return strings.Join(parts, "/")
}

func methodLabel(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return method
	default:
		return labelOther
	}
}

// with returns a copy of m that also holds key.
func with[K comparable, V any](m map[K]V, key K, value V) *map[K]V {
	out := make(map[K]V, len(m)+1)
	for k, v := range m {
		out[k] = v
	}
	out[key] = value
	return &out
}
