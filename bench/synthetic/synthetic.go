// Package synthetic makes shops of any size for measuring speed and memory: what
// they sell means nothing, but sizes and skews are those of a shop. Items are
// drawn with Zipf's law, customers less unequally, a session keeps to one shelf
// most of the time, and some sessions end in an order.
//
// A shop is a function of its Config alone and takes next to no memory, so that
// ten million items and fifty million events can be streamed. For the quality of
// lists see package demoshop, whose customers have tastes.
package synthetic

import (
	"iter"
	"math"
	"math/rand/v2"
	"strconv"
	"time"

	"osusume/recommend"
)

// Config is the size of a shop. Zero values take the defaults.
type Config struct {
	Items     int // default 100,000
	Customers int // default as many as items, at least 1,000
	Seed      uint64
	// Start is the time of the first event; default 2026-01-01. Events come Every,
	// default 100 ms.
	Start time.Time
	Every time.Duration
}

// Shop makes items and events.
type Shop struct{ cfg Config }

// New returns the shop of cfg.
func New(cfg Config) *Shop {
	if cfg.Items <= 0 {
		cfg.Items = 100_000
	}
	if cfg.Customers <= 0 {
		cfg.Customers = max(cfg.Items, 1000)
	}
	if cfg.Start.IsZero() {
		cfg.Start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	if cfg.Every <= 0 {
		cfg.Every = 100 * time.Millisecond
	}
	return &Shop{cfg: cfg}
}

// Config returns the sizes in force.
func (s *Shop) Config() Config { return s.cfg }

// ItemID is the id of item i, 0 for the best seller; the others stand on shelves
// in no order of sales (see Shop.Visited).
func ItemID(i int) string { return "i" + strconv.Itoa(i) }

// CustomerID is the id of customer c, 0 for the busiest.
func CustomerID(c int) string { return "c" + strconv.Itoa(c) }

const (
	shelf   = 64 // items
	session = 5  // events, of which the last may be an order
)

// Zipf draws ranks below n whose chances fall as 1/(rank+1).
func Zipf(r *rand.Rand, n int) int {
	return min(int(math.Exp(r.Float64()*math.Log(float64(n)+1)))-1, n-1)
}

// Visitor draws a customer: the busiest k of n make the share (k/n)^(2/3) of all
// sessions.
func (s *Shop) Visitor(r *rand.Rand) int {
	return min(int(float64(s.cfg.Customers)*math.Pow(r.Float64(), 1.5)), s.cfg.Customers-1)
}

// scattered spreads the ranks of popularity over the shelves, one to one: rank
// 0, 1, 2 stand on different shelves.
func (s *Shop) scattered(rank int) int {
	shelves := (s.cfg.Items + shelf - 1) / shelf
	if i := rank%shelves*shelf + rank/shelves; i < s.cfg.Items {
		return i
	}
	return rank
}

// Visited draws an item as often as events name it.
func (s *Shop) Visited(r *rand.Rand) int {
	return s.onShelf(r, s.scattered(Zipf(r, s.cfg.Items))/shelf*shelf)
}

// onShelf draws an item for a visitor of the shelf that begins at item first.
func (s *Shop) onShelf(r *rand.Rand, first int) int {
	i := s.scattered(Zipf(r, s.cfg.Items))
	if r.IntN(10) < 8 {
		i = min(first+Zipf(r, shelf), s.cfg.Items-1)
	}
	return i
}

// Item returns catalog entry i.
func (s *Shop) Item(i int) recommend.Item {
	return recommend.Item{
		ID: ItemID(i), Title: recommend.Text{"en": "Item " + strconv.Itoa(i), "ja": "商品" + strconv.Itoa(i)},
		Category: []string{"Aisle " + strconv.Itoa(i/shelf/50), "Shelf " + strconv.Itoa(i/shelf)},
		Brand:    "Brand " + strconv.Itoa(i%97),
		Price:    recommend.Money{Amount: int64(300 + i*7919%20000), Currency: "JPY"},
	}
}

// Events streams the first n events of the shop, in time order. Every fifth
// event ends a session; one session in two ends in an order of one to three
// items, the rest are views.
func (s *Shop) Events(n int) iter.Seq[recommend.Event] {
	return func(yield func(recommend.Event) bool) {
		r := rand.New(rand.NewPCG(s.cfg.Seed, 0x0503))
		var customer, sessionID string
		var aisle int
		for k := range n {
			if k%session == 0 {
				customer, sessionID = CustomerID(s.Visitor(r)), "s"+strconv.Itoa(k/session)
				aisle = s.scattered(Zipf(r, s.cfg.Items)) / shelf * shelf
			}
			e := recommend.Event{
				ID: "e" + strconv.Itoa(k), Type: recommend.ViewItem,
				Time:       s.cfg.Start.Add(time.Duration(k) * s.cfg.Every),
				CustomerID: customer, SessionID: sessionID,
			}
			lines := 1
			if k%(2*session) == 2*session-1 {
				e.Type, e.OrderID, e.SessionID = recommend.Purchase, "o"+strconv.Itoa(k), ""
				lines = 1 + r.IntN(3)
			}
			e.Items = make([]recommend.EventItem, 0, lines)
			for range lines {
				i := s.onShelf(r, aisle)
				e.Items = append(e.Items, recommend.EventItem{
					ItemID: ItemID(i), Quantity: 1, Price: recommend.Money{Amount: int64(300 + i*7919%20000), Currency: "JPY"},
				})
			}
			if !yield(e) {
				return
			}
		}
	}
}
