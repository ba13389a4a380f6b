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
	// BoughtBreadth and BrowsedBreadth are how many distinct items a visitor may
	// buy and browse with whole votes; each doubling beyond halves those of a buyer
	// and quarters those of a browser. Defaults 32 and 128.
	BoughtBreadth  int `yaml:"bought_breadth,omitempty"`
	BrowsedBreadth int `yaml:"browsed_breadth,omitempty"`
	// Sittings is how many sessions a visitor may have with whole votes; each
	// doubling beyond quarters them. Default 32.
	Sittings int `yaml:"sittings,omitempty"`
	// Revisits is how often a session's steps may come back to an item. Default 1.
	Revisits int `yaml:"revisits,omitempty"`
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
	def(&s.BoughtBreadth, 32)
	def(&s.BrowsedBreadth, 128)
	def(&s.Sittings, 32)
	def(&s.Revisits, 1)
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
	Pair
	// After is the decayed weight of j coming after i, Before of j before i,
	// both relative to the landmark. Like a vote, each visitor counts once, in
	// the first session with both, for as much as their vote.
	After, Before float64
}

// Counts holds all counts. It belongs to the writer.
type Counts struct {
	cfg       Settings
	orders    []row[Pair]
	customers []row[Pair]
	sessions  []row[Session]
	// single is in how many orders, customers, sessions each item occurs;
	// total how many there are.
	single [Kinds][]uint32
	total  [Kinds]uint32
	// viewers is how many visitors browsed each item, viewings their sum.
	viewers  []uint32
	viewings uint64
	// mass is the sum of the votes of each item's pairs, partners how many there
	// are; votes is the mass of all items.
	mass     [Kinds][]uint64
	partners [Kinds][]uint32
	votes    [Kinds]uint64
	// occurs is the sum of single over all items.
	occurs [Kinds]uint64
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
	c.orders = append(c.orders, make([]row[Pair], n-len(c.orders))...)
	c.customers = append(c.customers, make([]row[Pair], n-len(c.customers))...)
	c.sessions = append(c.sessions, make([]row[Session], n-len(c.sessions))...)
	for k := range c.single {
		c.partners[k] = append(c.partners[k], make([]uint32, n-len(c.partners[k]))...)
		c.mass[k] = append(c.mass[k], make([]uint64, n-len(c.mass[k]))...)
		c.single[k] = append(c.single[k], make([]uint32, n-len(c.single[k]))...)
	}
	c.viewers = append(c.viewers, make([]uint32, n-len(c.viewers))...)
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
	before, votes := c.votesOf(lines, from)
	if from > 0 && votes != before {
		c.apply(lines[:from], 0, -sign)
		from = 0
	}
	delta := uint32(sign)
	c.walk.visit(lines, from, &c.cfg, events{
		single: func(k Kind, item uint32) {
			c.single[k][item] += delta
			c.occurs[k] += uint64(sign)
			c.touched(item)
		},
		total: func(k Kind) { c.total[k] += delta },
		pair: func(k Kind, i, j uint32, first bool) {
			c.touched(i)
			c.touched(j)
			var a, b *Pair
			switch k {
			case Orders:
				a, b = c.orders[i].at(j), c.orders[j].at(i)
			case Customers:
				a, b = c.customers[i].at(j), c.customers[j].at(i)
			default:
				a, b = &c.sessions[i].at(j).Pair, &c.sessions[j].at(i).Pair
			}
			vote := sign * (VoteUnit >> votes.halvings(k))
			items := [...]uint32{i, j}
			for n, p := range [...]*Pair{a, b} {
				item := items[n]
				change := supportChange(&p.Support, delta)
				c.pairs[k] += change
				c.partners[k][item] += uint32(change)
				if first {
					if votes.halvings(k) <= vouching {
						p.Visitors += delta
					}
					p.Votes += uint32(vote)
					c.mass[k][item] += uint64(vote)
					c.votes[k] += uint64(vote)
				}
			}
		},
		repeat: func(item uint32) { c.repeaters[item] += delta },
		day: func(k Kind, item uint32, old, now int32) {
			h := &c.days[k][item]
			if old >= 0 {
				h.add(old, -int32(sign))
			} else if k == Sessions {
				c.viewers[item] += delta
				c.viewings += uint64(sign)
			}
			h.add(now, int32(sign))
		},
		step: func(i, j uint32, d int, at uint32) {
			c.touched(i)
			c.touched(j)
			if d > len(c.steps) {
				return
			}
			// Steps halved stay multiples of the same unit.
			step := math.Round(math.Ldexp(c.steps[d-1], stepBits-votes.browsing))
			w := float64(sign) * math.Ldexp(step, -stepBits) * significant(c.forward(int64(at)))
			c.sessions[i].at(j).After += w
			c.sessions[j].at(i).Before += w
		},
	})
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

// Visitors is the number of distinct visitors who took item in a case of the
// kind.
func (c *Counts) Visitors(k Kind, item uint32) uint32 {
	if k == Sessions {
		return c.viewers[item]
	}
	return c.single[Customers][item]
}

// Pair returns the evidence that two items go together.
func (c *Counts) Pair(k Kind, i, j uint32) Pair {
	switch k {
	case Orders:
		p, _ := c.orders[i].get(j)
		return p
	case Customers:
		p, _ := c.customers[i].get(j)
		return p
	default:
		s, _ := c.sessions[i].get(j)
		return s.Pair
	}
}

// Support is the number of orders, customers or sessions with both.
func (c *Counts) Support(k Kind, i, j uint32) uint32 { return c.Pair(k, i, j).Support }

// Each calls fn for every item with support beside item, in no order.
func (c *Counts) Each(k Kind, item uint32, fn func(other uint32, p Pair)) {
	r := &c.orders[item]
	switch k {
	case Sessions:
		for i := range c.sessions[item].entries {
			if e := &c.sessions[item].entries[i]; e.val.Support != 0 {
				fn(e.key-1, e.val.Pair)
			}
		}
		return
	case Customers:
		r = &c.customers[item]
	}
	for i := range r.entries {
		if e := &r.entries[i]; e.val.Support != 0 {
			fn(e.key-1, e.val)
		}
	}
}

// EachSession calls fn for every item with session evidence beside item.
func (c *Counts) EachSession(item uint32, fn func(other uint32, s Session)) {
	for i := range c.sessions[item].entries {
		if e := &c.sessions[item].entries[i]; e.val.Support != 0 {
			fn(e.key-1, e.val)
		}
	}
}

// Bytes estimates the memory of all rows.
func (c *Counts) Bytes() int64 {
	var n int64
	for i := range c.orders {
		n += int64(16*cap(c.orders[i].entries) + 16*cap(c.customers[i].entries) + 32*cap(c.sessions[i].entries))
	}
	return n + int64(len(c.orders))*(3*32+52)
}

// WriteItem writes down all counts of item, in the order of the names, for
// digests.
func (c *Counts) WriteItem(w io.Writer, item uint32, name func(uint32) string) {
	for k := range Kinds {
		fmt.Fprintf(w, " %s %d:", k, c.Single(k, item))
		var others []uint32
		c.Each(k, item, func(other uint32, _ Pair) { others = append(others, other) })
		slices.SortFunc(others, func(a, b uint32) int { return strings.Compare(name(a), name(b)) })
		for _, j := range others {
			fmt.Fprintf(w, " %q %+v", name(j), c.Pair(k, item, j))
			if k == Sessions {
				s, _ := c.sessions[item].get(j)
				fmt.Fprintf(w, " %x %x", math.Float64bits(s.After), math.Float64bits(s.Before))
			}
		}
		fmt.Fprintf(w, " votes %d for %d days %v\n", c.mass[k][item], c.partners[k][item], c.days[k][item])
	}
	fmt.Fprintf(w, " viewers %d repeaters %d\n", c.viewers[item], c.repeaters[item])
}
