package scale

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"time"

	"osusume/bench/synthetic"
	"osusume/recommend"
	"osusume/recommend/engine"
)

// Config is one size.
type Config struct {
	Items, Events int
	Seed          uint64
	// Dir is where the log is written; empty leaves log, rebuild and restart out.
	Dir string
	// Requests is how many are timed per placement; 0 is 2,000.
	Requests int
	// Progress is told what is being done; it may be nil.
	Progress func(step string, done, total int)
}

const defaultRequests = 2000

// Measure runs one size in this process. While events are applied the process is
// held to one core.
func Measure(ctx context.Context, cfg Config) (Size, error) {
	if cfg.Requests == 0 {
		cfg.Requests = defaultRequests
	}
	if cfg.Progress == nil {
		cfg.Progress = func(string, int, int) {}
	}
	shop := synthetic.New(synthetic.Config{Items: cfg.Items, Seed: cfg.Seed})
	s := Size{Items: cfg.Items, Events: cfg.Events}
	if err := s.measureIndex(ctx, &cfg, shop); err != nil {
		return s, err
	}
	if cfg.Dir != "" {
		log, err := measureLog(ctx, &cfg, shop)
		if err != nil {
			return s, err
		}
		s.Log = log
	}
	s.PeakBytes = Peak()
	return s, nil
}

func (s *Size) measureIndex(ctx context.Context, cfg *Config, shop *synthetic.Shop) error {
	before := Heap()
	w, err := NewWriter(engine.Settings{})
	if err != nil {
		return err
	}
	if err := s.ingest(ctx, cfg, shop, w); err != nil {
		return err
	}
	cfg.Progress("re-rank every list", 0, 0)
	now := Moment(shop, cfg.Events)
	s.RefreshSeconds = w.CatchUp(now).Seconds()
	s.count(w.View().Stats())
	s.HeapBytes = Heap() - before
	if err := s.ask(ctx, cfg, shop, w.View()); err != nil {
		return err
	}
	runtime.KeepAlive(w)
	return nil
}

// Moment is when event n of the shop would come.
func Moment(shop *synthetic.Shop, n int) time.Time {
	c := shop.Config()
	return c.Start.Add(time.Duration(n) * c.Every)
}

// ingest puts the catalog and the events into the index.
func (s *Size) ingest(ctx context.Context, cfg *Config, shop *synthetic.Shop, w *Writer) error {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for batch := range Items(shop, Batch) {
		if err := ctx.Err(); err != nil {
			return err
		}
		w.Apply(batch, shop.Config().Start)
		cfg.Progress("put items", int(w.seq), cfg.Items)
	}
	s.CatalogSeconds = w.Wall.Seconds()
	w.Wall, w.CPU = 0, 0
	done := 0
	for batch := range Events(shop, cfg.Events, Batch) {
		if err := ctx.Err(); err != nil {
			return err
		}
		done += len(batch)
		w.Apply(batch, Moment(shop, done))
		cfg.Progress("apply events", done, cfg.Events)
	}
	s.IngestRate = float64(done) / w.Wall.Seconds()
	s.IngestCPURate = float64(done) / w.CPU.Seconds()
	s.BehindItems = w.Index().Dirty()
	return nil
}

// Items cuts the catalog of a shop into batches of records. A batch is valid until
// the next.
func Items(shop *synthetic.Shop, batch int) func(yield func([]recommend.Record) bool) {
	return func(yield func([]recommend.Record) bool) {
		c := shop.Config()
		records := make([]recommend.Record, 0, batch)
		for i := range c.Items {
			records = append(records, recommend.Record{Kind: recommend.RecordItemPut, Item: shop.Item(i), Received: c.Start})
			if len(records) == batch || i == c.Items-1 {
				if !yield(records) {
					return
				}
				records = records[:0]
			}
		}
	}
}

// Events cuts the first n events of a shop into batches of records. A batch is
// valid until the next.
func Events(shop *synthetic.Shop, n, batch int) func(yield func([]recommend.Record) bool) {
	return func(yield func([]recommend.Record) bool) {
		records := make([]recommend.Record, 0, batch)
		for e := range shop.Events(n) {
			records = append(records, recommend.Record{Kind: recommend.RecordEvent, Event: e, Received: e.Time})
			if len(records) == batch {
				if !yield(records) {
					return
				}
				records = records[:0]
			}
		}
		if len(records) > 0 {
			yield(records)
		}
	}
}

// count takes over the sizes of the index.
func (s *Size) count(st engine.Stats) {
	s.Visitors = st.Visitors
	s.DirectedPairs = st.OrderPairs + st.CustomerPairs + st.SessionPairs
	s.Bytes = st.Bytes
	s.PairBytes = over(st.Bytes["pairs"]+st.Bytes["lists"], s.DirectedPairs)
	s.VisitorBytes = over(st.Bytes["profiles"], int64(st.Visitors))
	s.ItemBytes = over(st.Bytes["catalog"], int64(st.Items))
}

func over(a, b int64) float64 {
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}

// ask times requests on the View, placement by placement.
func (s *Size) ask(ctx context.Context, cfg *Config, shop *synthetic.Shop, v *engine.View) error {
	r := rand.New(rand.NewPCG(cfg.Seed, 0xa5c))
	for _, placement := range v.Placements() {
		cfg.Progress("ask for "+placement, 0, 0)
		took := make([]time.Duration, 0, cfg.Requests)
		for k := range cfg.Requests + cfg.Requests/10 {
			if err := ctx.Err(); err != nil {
				return err
			}
			req := Draw(r, shop, placement)
			began := time.Now()
			_, err := v.Recommend(&req)
			d := time.Since(began)
			if err != nil {
				return fmt.Errorf("ask for %s: %w", placement, err)
			}
			if k >= cfg.Requests/10 { // the first ones warm up
				took = append(took, d)
			}
		}
		slices.Sort(took)
		s.Requests = append(s.Requests, Request{Placement: placement, P50: Micros(took, 0.5), P99: Micros(took, 0.99)})
	}
	return nil
}

// Draw makes a request for a placement: a visitor by how often visitors come and,
// where a page has them, an item, a cart of two or a session of three.
func Draw(r *rand.Rand, shop *synthetic.Shop, placement string) recommend.Request {
	item := func() string { return synthetic.ItemID(shop.Visited(r)) }
	req := recommend.Request{CustomerID: synthetic.CustomerID(shop.Visitor(r)), Placement: placement}
	switch placement {
	case "item":
		req.ItemID = item()
	case "cart", "post_purchase":
		req.Cart = []string{item(), item()}
	case "session":
		req.SessionItems = []string{item(), item(), item()}
	}
	return req
}

// Micros is a quantile of sorted times, in microseconds; 0 of none.
func Micros(sorted []time.Duration, q float64) float64 {
	if len(sorted) == 0 {
		return 0
	}
	i := min(int(q*float64(len(sorted))), len(sorted)-1)
	return float64(sorted[i].Nanoseconds()) / 1e3
}
