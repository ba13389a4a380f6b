package demoshop

import (
	"iter"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"osusume/recommend"
)

// Days is the length of the shop's history.
const Days = 365

// Defaults of Config.
const (
	DefaultItems     = 700
	DefaultCustomers = 3000
	DefaultEvents    = 150_000
)

// minEvents keeps room for the personas' stories, and eventsPerCustomer for
// every customer's first visit.
const (
	minEvents         = 2000
	eventsPerCustomer = 25
)

// Config chooses a shop. Its zero value is the standard demo.
type Config struct {
	// Seed chooses popularity, people and everything they do; ids, titles and
	// prices stay.
	Seed uint64
	// End is the moment the history stops: all events are before it. Zero is
	// 2026-07-01 00:00 in Japan.
	End time.Time
	// Items is the wanted size of the catalog. The hand-written shelves (about
	// 610 items) are always there; books fill up the rest.
	Items int
	// Customers counts known customers, personas included. It is cut to one
	// for every 25 events.
	Customers int
	// Events is the exact number of events, at least 2,000.
	Events int
}

// Shop is one generated shop. It does not change; its methods may be called
// at the same time.
type Shop struct {
	cfg    Config
	goods  []good
	sets   []recommend.Item
	rooms  []room
	halls  []hall
	byID   map[string]int
	people []person
	truth  Truth
}

// New lays out the shop. It panics only when the tables of this package
// contradict each other.
func New(cfg Config) *Shop {
	if cfg.End.IsZero() {
		cfg.End = time.Date(2026, time.June, 30, 15, 0, 0, 0, time.UTC)
	}
	cfg.End = cfg.End.UTC().Truncate(time.Second)
	if cfg.Items <= 0 {
		cfg.Items = DefaultItems
	}
	if cfg.Events <= 0 {
		cfg.Events = DefaultEvents
	}
	cfg.Events = max(cfg.Events, minEvents)
	if cfg.Customers <= 0 {
		cfg.Customers = DefaultCustomers
	}
	cfg.Customers = max(len(personas()), min(cfg.Customers, cfg.Events/eventsPerCustomer))

	st, err := stock(rand.New(rand.NewPCG(cfg.Seed, 1)), cfg.Items)
	if err != nil {
		panic("demoshop: " + err.Error())
	}
	s := &Shop{cfg: cfg, goods: st.goods, rooms: st.rooms, halls: st.halls, byID: st.byID}
	for i := range s.goods {
		if g := &s.goods[i]; g.reduced > 0 {
			g.item.PriceHistory = priceHistory(&g.item, g.reduced, cfg.End)
		}
	}
	for _, b := range bundles() {
		s.sets = append(s.sets, s.bundle(&b))
	}
	s.people = crowd(rand.New(rand.NewPCG(cfg.Seed, 2)), cfg.Customers, s.halls)
	s.truth = s.plantedTruth()
	return s
}

// Items returns the catalog in shelf order, the sets last. The caller may keep it but must
// not write to the maps and slices inside.
func (s *Shop) Items() []recommend.Item {
	items := make([]recommend.Item, len(s.goods), len(s.goods)+len(s.sets))
	for i := range s.goods {
		items[i] = s.goods[i].item
	}
	return append(items, s.sets...)
}

// EventCount is the number of events Events yields.
func (s *Shop) EventCount() int { return s.cfg.Events }

// Events yields the year's events in time order, the same ones on every call.
// Memory is bounded by the customers and one day, not by the events.
func (s *Shop) Events() iter.Seq[recommend.Event] {
	return func(yield func(recommend.Event) bool) {
		newSimulation(s).run(yield)
	}
}

// day returns when day d starts; days are counted back from the end.
func (s *Shop) day(d int) time.Time {
	return s.cfg.End.Add(-time.Duration(Days-d) * 24 * time.Hour)
}

// japan is the shop's wall clock: no summer time, so a fixed zone is exact.
func japan() *time.Location { return time.FixedZone("JST", 9*60*60) }

// quotas returns how many events there are up to the end of each day: more at
// weekends and before the new year, and a third more at the end than at the
// start, for the shop grows.
func (s *Shop) quotas() []int {
	jst := japan()
	sums := make([]float64, Days)
	total := 0.0
	for d := range Days {
		noon := s.day(d).Add(12 * time.Hour).In(jst)
		w := 0.85 + 0.3*float64(d)/Days
		switch noon.Weekday() {
		case time.Saturday, time.Sunday:
			w *= 1.25
		default:
		}
		switch noon.Month() {
		case time.December:
			w *= 1.3
		case time.November:
			w *= 1.1
		default:
		}
		total += w
		sums[d] = total
	}
	quota := make([]int, Days)
	for d := range quota {
		quota[d] = int(math.Round(float64(s.cfg.Events) * sums[d] / total))
	}
	quota[Days-1] = s.cfg.Events
	return quota
}

func (s *Shop) mustFind(ids []string) []int {
	goods := make([]int, len(ids))
	for i, id := range ids {
		g, ok := s.byID[id]
		if !ok {
			panic("demoshop: no item " + id)
		}
		goods[i] = g
	}
	return slices.Clip(goods)
}
