package api

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"osusume/recommend/engine"
	"osusume/recommend/live"
	"osusume/recommend/offer"
)

// shopCollector reads the writer, the published View and the store once per
// scrape, so that the figures of one scrape belong together and nothing is
// counted twice.
type shopCollector struct {
	clock  func() time.Time
	status func() live.Status
	view   func() *engine.View
	store  func() StoreStats
	start  func() live.Progress
	offers func() offer.Totals
	// answers may return nil.
	answers func() *answerCache

	acknowledged, applied, lag, queued, failed *prometheus.Desc
	dirty, learning, publishes                 *prometheus.Desc
	items, eligible, visitors, pairs           *prometheus.Desc
	indexBytes, age                            *prometheus.Desc
	storeBytes, storeSeq, checkpointSeq        *prometheus.Desc
	checkpointsDropped                         *prometheus.Desc
	cacheLookups, notModified                  *prometheus.Desc
	startShare, startSeconds, startRecords     *prometheus.Desc
	reservations, redemptions                  *prometheus.Desc
}

// indexParts is the closed set of the index_bytes label, beside partCaches,
// partIDs and labelOther.
var indexParts = [...]string{"pairs", "lists", "profiles", "catalog", "evidence"}

// partCaches are the rendered answers, partIDs the filter in front of the event ids.
const (
	partCaches = "caches"
	partIDs    = "event_ids"
)

func newShopCollector(cfg MetricsConfig) *shopCollector {
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc(name, help, labels, nil)
	}
	if cfg.View == nil {
		cfg.View = func() *engine.View { return nil }
	}
	return &shopCollector{
		clock:  cfg.Clock,
		status: cfg.Status,
		view:   cfg.View,
		store:  cfg.StoreStats,
		start:  cfg.Start,
		offers: cfg.Offers,

		startShare:   desc("osusume_start_replayed_ratio", "Part of the log after the checkpoint that is replayed, 0 to 1."),
		startRecords: desc("osusume_start_replayed_records", "Records replayed from the log at the start."),
		startSeconds: desc("osusume_start_seconds", "Seconds the start has taken, standing still once the shop is ready."),

		reservations: desc("osusume_offer_reservations_open", "Places under the caps and budgets of offers that are reserved and neither confirmed nor released."),
		redemptions:  desc("osusume_offer_redemptions_total", "Offers redeemed, over all the ledger."),

		cacheLookups: desc("osusume_answer_cache_lookups_total", "Lists of /related and /popular looked up among those rendered before, by result.", "result"),
		notModified:  desc("osusume_answers_not_modified_total", "Lists answered with 304: the client had them already."),

		acknowledged: desc("osusume_ingest_acknowledged_seq", "Newest sequence number that is durable and acknowledged."),
		applied:      desc("osusume_ingest_applied_seq", "Newest sequence number in the published View."),
		lag:          desc("osusume_ingest_lag_records", "Records acknowledged and not yet in the published View."),
		queued:       desc("osusume_ingest_queued_records", "Records received that wait for their commit."),
		failed:       desc("osusume_ingest_failed", "1 when ingest has stopped for good after an error, else 0."),

		dirty:     desc("osusume_index_dirty_items", "Items whose neighbour lists wait to be ranked again."),
		learning:  desc("osusume_learning_items", "Items whose weights are being learned in the background now."),
		publishes: desc("osusume_view_publishes_total", "Views published since the start."),

		items:      desc("osusume_index_items", "Items known to the index, deleted ones excepted."),
		eligible:   desc("osusume_index_eligible_items", "Items that may be shown now: available and in stock."),
		visitors:   desc("osusume_index_visitors", "Customers and anonymous visitors with a profile."),
		pairs:      desc("osusume_index_pairs", "Directed item pairs with support, by what they were counted in.", "kind"),
		indexBytes: desc("osusume_index_bytes", "Bytes held by the index, estimated from lengths, by part.", "part"),
		age:        desc("osusume_index_age_seconds", "Seconds since the published View was made."),

		storeBytes:         desc("osusume_store_bytes", "Bytes on disk, by part of the store.", "part"),
		storeSeq:           desc("osusume_store_last_seq", "Newest sequence number in the event log."),
		checkpointSeq:      desc("osusume_store_checkpoint_seq", "Newest sequence number the checkpoint includes, 0 without one."),
		checkpointsDropped: desc("osusume_store_checkpoints_dropped_total", "Damaged checkpoints found and dropped."),
	}
}

// Describe implements prometheus.Collector.
func (s *shopCollector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range [...]*prometheus.Desc{
		s.acknowledged, s.applied, s.lag, s.queued, s.failed, s.dirty, s.learning, s.publishes,
		s.items, s.eligible, s.visitors, s.pairs, s.indexBytes, s.age,
		s.storeBytes, s.storeSeq, s.checkpointSeq, s.checkpointsDropped,
		s.cacheLookups, s.notModified,
		s.startShare, s.startRecords, s.startSeconds,
		s.reservations, s.redemptions,
	} {
		ch <- d
	}
}

// Collect implements prometheus.Collector.
func (s *shopCollector) Collect(ch chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	counter := func(d *prometheus.Desc, v float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, v, labels...)
	}
	if s.start != nil {
		p := s.start()
		gauge(s.startShare, p.Percent()/100)
		gauge(s.startRecords, float64(p.Done))
		gauge(s.startSeconds, p.Elapsed.Seconds())
	}
	if s.offers != nil {
		t := s.offers()
		gauge(s.reservations, float64(t.Open))
		counter(s.redemptions, float64(t.Redemptions))
	}
	if s.status != nil {
		st := s.status()
		gauge(s.acknowledged, float64(st.Acknowledged))
		gauge(s.applied, float64(st.Applied))
		gauge(s.lag, float64(lag(st)))
		gauge(s.queued, float64(st.QueuedRecords))
		gauge(s.dirty, float64(st.DirtyItems))
		gauge(s.learning, float64(st.LearningItems))
		counter(s.publishes, float64(st.Views))
		failed := 0.0
		if st.Failed != nil {
			failed = 1
		}
		gauge(s.failed, failed)
	}
	if v := s.view(); v != nil {
		s.collectIndex(v.Stats(), v.AsOf(), gauge)
	}
	if a := s.answers(); a != nil {
		gauge(s.indexBytes, float64(a.bytes.Load()), partCaches)
		counter(s.cacheLookups, float64(a.hits.Load()), "hit")
		counter(s.cacheLookups, float64(a.misses.Load()), "miss")
		counter(s.notModified, float64(a.notModified.Load()))
	}
	if s.store != nil {
		st := s.store()
		gauge(s.storeBytes, float64(st.LSMBytes), "lsm")
		gauge(s.storeBytes, float64(st.ValueLogBytes), "value_log")
		gauge(s.storeBytes, float64(st.CheckpointBytes), "checkpoint")
		gauge(s.indexBytes, float64(st.FilterBytes), partIDs)
		gauge(s.storeSeq, float64(st.LastSeq))
		gauge(s.checkpointSeq, float64(st.CheckpointSeq))
		counter(s.checkpointsDropped, float64(st.CheckpointsDropped))
	}
}

func (s *shopCollector) collectIndex(st engine.Stats, asOf time.Time, gauge func(*prometheus.Desc, float64, ...string)) {
	gauge(s.items, float64(st.Items))
	gauge(s.eligible, float64(st.EligibleItems))
	gauge(s.visitors, float64(st.Visitors))
	gauge(s.pairs, float64(st.OrderPairs), "order")
	gauge(s.pairs, float64(st.CustomerPairs), "customer")
	gauge(s.pairs, float64(st.SessionPairs), "session")
	var all, named int64
	for _, n := range st.Bytes {
		all += n
	}
	for _, part := range indexParts {
		named += st.Bytes[part]
		gauge(s.indexBytes, float64(st.Bytes[part]), part)
	}
	gauge(s.indexBytes, float64(all-named), labelOther)
	if !asOf.IsZero() {
		gauge(s.age, max(0, s.clock().Sub(asOf).Seconds()))
	}
}

func (s *shopCollector) placements() []string {
	if v := s.view(); v != nil {
		return v.Placements()
	}
	return nil
}

// lag is how many acknowledged records the View does not include yet. The two
// figures are read one after the other, so the View may seem to be ahead.
func lag(st live.Status) uint64 {
	if st.Applied >= st.Acknowledged {
		return 0
	}
	return st.Acknowledged - st.Applied
}
