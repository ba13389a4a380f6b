package cooccur

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
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

// KindSet is a set of kinds, a bit for each.
type KindSet uint8

// AllKinds holds every kind.
const AllKinds KindSet = 1<<Kinds - 1

// Has reports whether k is in the set.
func (s KindSet) Has(k Kind) bool { return s&(1<<k) != 0 }

// String returns the kind's plural noun.
func (k Kind) String() string {
	return [...]string{"orders", "customers", "sessions"}[k]
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
	cfg Settings
	tally
	rows   [Kinds][]row
	shards [shards]shard
	// mass is the sum of the votes of each item's pairs, partners how many there
	// are; votes is the mass of all items.
	mass     [Kinds][]uint64
	partners [Kinds][]uint32
	votes    [Kinds]uint64
	pairs    [Kinds]int64 // directed pairs with support
	// touched receives every item whose row or single count changed.
	touched func(item uint32, kinds KindSet)
	walk    walker
	ahead   uint64 // keeps touchAhead from being optimised away
	// pruned is set once pairs were dropped: counts are lower bounds since.
	pruned bool
	prune  prune
	// dropped is how many directed pairs Build left out.
	dropped int64
	// bounds is the error bound of each item, without pruned empty.
	bounds [Kinds][]uint32
}

// New returns empty counts; touched may be nil.
func New(cfg Settings, touched func(item uint32, kinds KindSet)) *Counts {
	c := &Counts{cfg: cfg.WithDefaults()}
	c.OnTouch(touched)
	c.walk.cfg, c.walk.weights = &c.cfg, newWeights(&c.cfg)
	return c
}

// OnTouch has touched called, from now on, for every item whose pairs or cases
// change, once per Add or Remove or twice, with the kinds that did; nil for none.
func (c *Counts) OnTouch(touched func(item uint32, kinds KindSet)) {
	if touched == nil {
		touched = func(uint32, KindSet) {}
	}
	c.touched = touched
}

// Settings returns the settings in force.
func (c *Counts) Settings() Settings { return c.cfg }

// Grow makes room for n items.
func (c *Counts) Grow(n int) {
	if n <= c.Len() {
		return
	}
	c.tally.grow(n)
	for k := range Kinds {
		c.rows[k] = extend(c.rows[k], n)
		c.partners[k] = extend(c.partners[k], n)
		c.mass[k] = extend(c.mass[k], n)
	}
	if c.pruned {
		c.growBounds()
	}
	c.walk.grow(n)
}

// Len is the number of items there is room for.
func (c *Counts) Len() int { return len(c.rows[Orders]) }

// Single is the number of orders, customers or sessions with item.
func (c *Counts) Single(k Kind, item uint32) uint32 { return c.single[k][item] }

// Total is the number of orders, customers or sessions.
func (c *Counts) Total(k Kind) uint32 { return c.total[k] }

// Repeaters is the number of visitors who bought item in two orders or more.
func (c *Counts) Repeaters(item uint32) uint32 { return c.repeaters[item] }

// Since is the number of visitors whose newest purchase (Customers) or browsing
// (Sessions) of item is on day (days since 1970, UTC) or later.
func (c *Counts) Since(k Kind, item uint32, day int32) uint32 { return c.days(k, item).since(day) }

// Dropped is how many directed pairs Build has dropped to stay within its budget.
func (c *Counts) Dropped() int64 { return c.dropped }

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
	return c.entry(k, i, j).Pair
}

func (c *Counts) entry(k Kind, i, j uint32) Session {
	width, r := k.width(), &c.rows[k][i]
	place, found := r.find(hashOf(j), width)
	if !found {
		return Session{}
	}
	return c.shard(i).wide[k].load(r.cells[place*width:(place+1)*width], width)
}

// Support is the number of orders, customers or sessions with both.
func (c *Counts) Support(k Kind, i, j uint32) uint32 { return c.Pair(k, i, j).Support }

// Each calls fn for every item with support beside item, in no order.
func (c *Counts) Each(k Kind, item uint32, fn func(other uint32, p Pair)) {
	width, cells, wide := k.width(), c.rows[k][item].cells, &c.shard(item).wide[k]
	for n := 0; n < len(cells); n += width {
		if cells[n] == 0 {
			continue
		}
		if s := wide.load(cells[n:n+width], width); s.Support != 0 {
			fn(itemOf(uint32(cells[n]>>32)), s.Pair)
		}
	}
}

// EachSession calls fn for every item with session evidence beside item.
func (c *Counts) EachSession(item uint32, fn func(other uint32, s Session)) {
	cells, wide := c.rows[Sessions][item].cells, &c.shard(item).wide[Sessions]
	for n := 0; n < len(cells); n += 2 {
		if cells[n] == 0 {
			continue
		}
		if s := wide.load(cells[n:n+2], 2); s.Support != 0 {
			fn(itemOf(uint32(cells[n]>>32)), s)
		}
	}
}

// Bytes is the memory of all counts, without the scratch space of a walk over
// one visitor. Its cost does not depend on how much was counted.
func (c *Counts) Bytes() int64 {
	n := c.tally.bytes() + int64(cap(c.walk.numbers))*8
	for k := range Kinds {
		n += int64(cap(c.rows[k]))*32 + int64(cap(c.mass[k]))*8 + int64(cap(c.partners[k])+cap(c.bounds[k]))*4
	}
	for i := range c.shards {
		s := &c.shards[i]
		n += s.pairBytes() + s.dayBytes
	}
	return n
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
				s := c.entry(k, item, j)
				fmt.Fprintf(w, " %x %x", math.Float64bits(s.After), math.Float64bits(s.Before))
			}
		}
		fmt.Fprintf(w, " votes %d for %d days %v\n", c.mass[k][item], c.partners[k][item], c.days(k, item))
	}
	fmt.Fprintf(w, " viewers %d repeaters %d\n", c.viewers[item], c.repeaters[item])
}
