package cooccur

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"

	"osusume/recommend/profile"
)

// Kind is one of the three ways items go together.
type Kind uint8

// The kinds.
const (
	Orders    Kind = iota // in the same order
	Customers             // bought by the same visitor, ever
	Sessions              // browsed in the same session
	Kinds
)

// String returns the kind's plural noun.
func (k Kind) String() string {
	return [...]string{"orders", "customers", "sessions"}[k]
}

// Settings bound and shape the counts. The zero value takes the defaults; -1
// lifts a window.
type Settings struct {
	// OrderWindow, CustomerWindow and SessionWindow bound how far apart in
	// order of first appearance two distinct items of one order, customer or
	// session may be to count as a pair, so that no bulk buyer or bot weighs
	// more than its window. Defaults 250, 250, 50.
	OrderWindow    int `yaml:"order_window,omitempty"`
	CustomerWindow int `yaml:"customer_window,omitempty"`
	SessionWindow  int `yaml:"session_window,omitempty"`
	// StepWindow and StepLambda shape the directional session weight
	// exp(-(d-1)/StepLambda) for d <= StepWindow steps apart. Defaults 40, 1.5.
	StepWindow int     `yaml:"step_window,omitempty"`
	StepLambda float64 `yaml:"step_lambda,omitempty"`
	// SessionHalfLifeDays is the half-life of a session's weight, at least 14.
	// Default 80.
	SessionHalfLifeDays float64 `yaml:"session_half_life_days,omitempty"`
}

// WithDefaults returns s with its zero values replaced.
func (s Settings) WithDefaults() Settings {
	def := func(v *int, d int) {
		switch {
		case *v == 0:
			*v = d
		case *v < 0:
			*v = math.MaxInt
		}
	}
	def(&s.OrderWindow, 250)
	def(&s.CustomerWindow, 250)
	def(&s.SessionWindow, 50)
	def(&s.StepWindow, 40)
	if s.StepLambda <= 0 {
		s.StepLambda = 1.5
	}
	if s.SessionHalfLifeDays <= 0 {
		s.SessionHalfLifeDays = 80
	}
	s.SessionHalfLifeDays = max(s.SessionHalfLifeDays, 14)
	return s
}

// Session is the session evidence of a directed pair (i, j).
type Session struct {
	// Support is the number of sessions with both.
	Support uint32
	// After is the decayed weight of j coming after i, Before of j before i,
	// both relative to the landmark.
	After, Before float64
}

// Counts holds all counts. It belongs to the writer.
type Counts struct {
	cfg       Settings
	orders    []row[uint32]
	customers []row[uint32]
	sessions  []row[Session]
	// single is in how many orders, customers, sessions each item occurs;
	// total how many there are.
	single [Kinds][]uint32
	total  [Kinds]uint32
	// repeaters bought the item in two orders or more.
	repeaters []uint32
	// days holds, per item, how many visitors bought (Customers) or browsed
	// (Sessions) it last on which day.
	days  [Kinds][]histogram
	pairs [Kinds]int64 // directed pairs with support
	steps []float64    // exp(-(d-1)/lambda), quantised, by d-1
	// touched receives every item whose row or single count changed.
	touched func(item uint32)
	walk    walker
}

// New returns empty counts; touched may be nil.
func New(cfg Settings, touched func(item uint32)) *Counts {
	c := &Counts{cfg: cfg.WithDefaults(), touched: touched}
	if touched == nil {
		c.touched = func(uint32) {}
	}
	for d := range min(c.cfg.StepWindow, 1000) {
		w := math.Round(math.Exp(-float64(d)/c.cfg.StepLambda) * (1 << stepBits))
		if w == 0 {
			break
		}
		c.steps = append(c.steps, w/(1<<stepBits))
	}
	return c
}

// Settings returns the settings in force.
func (c *Counts) Settings() Settings { return c.cfg }

// landmark is where forward weights are 1.
var landmark = time.Date(2010, 1, 1, 0, 0, 0, 0, time.UTC).Unix()

// forward is 2^((t-landmark)/half-life).
func (c *Counts) forward(t int64) float64 {
	return math.Exp2(float64(t-landmark) / 86400 / c.cfg.SessionHalfLifeDays)
}

// Decay scales forward weights to now: a session at now weighs 1.
func (c *Counts) Decay(now time.Time) float64 { return 1 / c.forward(now.Unix()) }

// A term of a session sum is a step weight, a multiple of 2^-stepBits, times a
// forward weight of forwardBits significant bits, so that sums stay exact.
const (
	stepBits    = 12
	forwardBits = 8
)

// significant rounds w to forwardBits significant bits.
func significant(w float64) float64 {
	frac, exp := math.Frexp(w)
	return math.Ldexp(math.Round(frac*(1<<forwardBits)), exp-forwardBits)
}

// Grow makes room for n items.
func (c *Counts) Grow(n int) {
	if n <= len(c.orders) {
		return
	}
	c.orders = append(c.orders, make([]row[uint32], n-len(c.orders))...)
	c.customers = append(c.customers, make([]row[uint32], n-len(c.customers))...)
	c.sessions = append(c.sessions, make([]row[Session], n-len(c.sessions))...)
	for k := range c.single {
		c.single[k] = append(c.single[k], make([]uint32, n-len(c.single[k]))...)
	}
	c.repeaters = append(c.repeaters, make([]uint32, n-len(c.repeaters))...)
	for k := range c.days {
		c.days[k] = append(c.days[k], make([]histogram, n-len(c.days[k]))...)
	}
	c.walk.grow(n)
}

// Len is the number of items there is room for.
func (c *Counts) Len() int { return len(c.orders) }

// Add counts the lines from index from on, given all lines of the visitor
// before them.
func (c *Counts) Add(lines []profile.Line, from int) { c.apply(lines, from, 1) }

// Remove takes back all that Add(lines, 0) counted.
func (c *Counts) Remove(lines []profile.Line) { c.apply(lines, 0, -1) }

func (c *Counts) apply(lines []profile.Line, from, sign int) {
	if from >= len(lines) {
		return
	}
	delta := uint32(sign)
	c.walk.visit(lines, from, &c.cfg, events{
		single: func(k Kind, item uint32) {
			c.single[k][item] += delta
			c.touched(item)
		},
		total: func(k Kind) { c.total[k] += delta },
		pair: func(k Kind, i, j uint32) {
			c.touched(i)
			c.touched(j)
			switch k {
			case Orders:
				c.count(&c.orders[i], &c.orders[j], i, j, delta, Orders)
			case Customers:
				c.count(&c.customers[i], &c.customers[j], i, j, delta, Customers)
			default:
				a, b := c.sessions[i].at(j), c.sessions[j].at(i)
				c.pairs[Sessions] += supportChange(&a.Support, delta) + supportChange(&b.Support, delta)
			}
		},
		repeat: func(item uint32) { c.repeaters[item] += delta },
		day: func(k Kind, item uint32, old, now int32) {
			h := &c.days[k][item]
			if old >= 0 {
				h.add(old, -int32(sign))
			}
			h.add(now, int32(sign))
		},
		step: func(i, j uint32, d int, at uint32) {
			c.touched(i)
			c.touched(j)
			if d > len(c.steps) {
				return
			}
			w := float64(sign) * c.steps[d-1] * significant(c.forward(int64(at)))
			c.sessions[i].at(j).After += w
			c.sessions[j].at(i).Before += w
		},
	})
}

func (c *Counts) count(ri, rj *row[uint32], i, j, delta uint32, k Kind) {
	c.pairs[k] += supportChange(ri.at(j), delta) + supportChange(rj.at(i), delta)
}

// supportChange adds delta to n and returns by how many the number of pairs
// with support changed.
func supportChange(n *uint32, delta uint32) int64 {
	before := *n
	*n += delta
	switch {
	case before == 0 && *n != 0:
		return 1
	case before != 0 && *n == 0:
		return -1
	default:
		return 0
	}
}

// Single is the number of orders, customers or sessions with item.
func (c *Counts) Single(k Kind, item uint32) uint32 { return c.single[k][item] }

// Total is the number of orders, customers or sessions.
func (c *Counts) Total(k Kind) uint32 { return c.total[k] }

// Repeaters is the number of visitors who bought item in two orders or more.
func (c *Counts) Repeaters(item uint32) uint32 { return c.repeaters[item] }

// Since is the number of visitors whose newest purchase (Customers) or browsing
// (Sessions) of item is on day (days since 1970, UTC) or later.
func (c *Counts) Since(k Kind, item uint32, day int32) uint32 { return c.days[k][item].since(day) }

// Pairs is the number of directed pairs with support.
func (c *Counts) Pairs(k Kind) int64 { return c.pairs[k] }

// Support is the number of orders, customers or sessions with both.
func (c *Counts) Support(k Kind, i, j uint32) uint32 {
	switch k {
	case Orders:
		n, _ := c.orders[i].get(j)
		return n
	case Customers:
		n, _ := c.customers[i].get(j)
		return n
	default:
		s, _ := c.sessions[i].get(j)
		return s.Support
	}
}

// Each calls fn for every item with support beside item, in no order.
func (c *Counts) Each(k Kind, item uint32, fn func(other, support uint32)) {
	r := &c.orders[item]
	switch k {
	case Sessions:
		s := &c.sessions[item]
		for i, key := range s.keys {
			if key != 0 && s.vals[i].Support != 0 {
				fn(key-1, s.vals[i].Support)
			}
		}
		return
	case Customers:
		r = &c.customers[item]
	}
	for i, key := range r.keys {
		if key != 0 && r.vals[i] != 0 {
			fn(key-1, r.vals[i])
		}
	}
}

// EachSession calls fn for every item with session evidence beside item.
func (c *Counts) EachSession(item uint32, fn func(other uint32, s Session)) {
	r := &c.sessions[item]
	for i, key := range r.keys {
		if key != 0 && r.vals[i].Support != 0 {
			fn(key-1, r.vals[i])
		}
	}
}

// Bytes estimates the memory of all rows.
func (c *Counts) Bytes() int64 {
	var n int64
	for i := range c.orders {
		n += int64(8*cap(c.orders[i].keys) + 8*cap(c.customers[i].keys) + 28*cap(c.sessions[i].keys))
	}
	return n + int64(len(c.orders))*(3*56+12)
}

// WriteItem writes down all counts of item, in the order of the names, for
// digests.
func (c *Counts) WriteItem(w io.Writer, item uint32, name func(uint32) string) {
	for k := range Kinds {
		fmt.Fprintf(w, " %s %d:", k, c.Single(k, item))
		var others []uint32
		c.Each(k, item, func(other, _ uint32) { others = append(others, other) })
		slices.SortFunc(others, func(a, b uint32) int { return strings.Compare(name(a), name(b)) })
		for _, j := range others {
			fmt.Fprintf(w, " %q %d", name(j), c.Support(k, item, j))
			if k == Sessions {
				s, _ := c.sessions[item].get(j)
				fmt.Fprintf(w, " %x %x", math.Float64bits(s.After), math.Float64bits(s.Before))
			}
		}
		fmt.Fprintf(w, " days %v\n", c.days[k][item])
	}
	fmt.Fprintf(w, " repeaters %d\n", c.repeaters[item])
}
