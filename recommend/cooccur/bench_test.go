package cooccur_test

import (
	"bytes"
	"fmt"
	"runtime"
	"sync"
	"testing"

	"osusume/bench/synthetic"
	"osusume/recommend"
	"osusume/recommend/cooccur"
	"osusume/recommend/profile"
)

// shop is the lines of a synthetic shop, by visitor and in order of arrival.
type shop struct {
	items, events int
	visitors      [][]profile.Line
	order         []int // visitor of each event
	lines         []int // lines of each event
}

var shops sync.Map // shared by the benchmarks of a run

func newShop(items, events int) *shop {
	key := [2]int{items, events}
	if s, ok := shops.Load(key); ok {
		return s.(*shop)
	}
	s := &shop{items: items, events: events}
	visitors, groups, ids := make(map[string]int), make(map[string]uint32), make(map[string]uint32)
	for e := range synthetic.New(synthetic.Config{Items: items}).Events(events) {
		v, ok := visitors[e.CustomerID]
		if !ok {
			v = len(s.visitors)
			visitors[e.CustomerID] = v
			s.visitors = append(s.visitors, nil)
		}
		id := e.SessionID
		if e.Type == recommend.Purchase {
			id = e.OrderID
		}
		if groups[id] == 0 {
			groups[id] = uint32(len(groups) + 1)
		}
		for i := range e.Items {
			item, ok := ids[e.Items[i].ItemID]
			if !ok {
				item = uint32(len(ids))
				ids[e.Items[i].ItemID] = item
			}
			s.visitors[v] = append(s.visitors[v], profile.Line{
				Item: item, Time: uint32(e.Time.Unix()), Group: groups[id], Quantity: 1, Kind: e.Type,
			})
		}
		s.order, s.lines = append(s.order, v), append(s.lines, len(e.Items))
	}
	shops.Store(key, s)
	return s
}

// addAll adds what came event by event, a thousand events at a time.
func (s *shop) addAll(c *cooccur.Counts) {
	const batch = 1000
	have, more := make([]int, len(s.visitors)), make(map[int]int)
	var order []int
	for n, v := range s.order {
		if more[v] == 0 {
			order = append(order, v)
		}
		more[v] += s.lines[n]
		if (n+1)%batch == 0 || n+1 == len(s.order) {
			for _, v := range order {
				c.Add(s.visitors[v][:have[v]+more[v]], have[v])
				have[v] += more[v]
			}
			clear(more)
			order = order[:0]
		}
	}
}

func pairsOf(c *cooccur.Counts) int64 {
	return c.Pairs(cooccur.Orders) + c.Pairs(cooccur.Customers) + c.Pairs(cooccur.Sessions)
}

func (s *shop) build(workers int) *cooccur.Counts {
	return cooccur.Build(cooccur.Settings{}, s.items, len(s.visitors), func(v int) []profile.Line { return s.visitors[v] }, workers, 0)
}

func report(b *testing.B, s *shop, c *cooccur.Counts) {
	b.ReportMetric(float64(s.events)*float64(b.N)/b.Elapsed().Seconds(), "events/s")
	b.ReportMetric(float64(c.Bytes())/float64(pairsOf(c)), "B/pair")
}

// The same events one way and the other: batches of a thousand events as they
// come, visitor by visitor, and all at once on one and more cores.
func BenchmarkCount(b *testing.B) {
	for _, items := range []int{1e4, 1e5, 1e6} {
		s := newShop(items, 1e6)
		b.Run(fmt.Sprintf("items=%d/as=batches", items), func(b *testing.B) {
			var c *cooccur.Counts
			for b.Loop() {
				c = cooccur.New(cooccur.Settings{}, nil)
				c.Grow(items)
				s.addAll(c)
			}
			report(b, s, c)
		})
		b.Run(fmt.Sprintf("items=%d/as=visitors", items), func(b *testing.B) {
			var c *cooccur.Counts
			for b.Loop() {
				c = cooccur.New(cooccur.Settings{}, nil)
				c.Grow(items)
				for _, lines := range s.visitors {
					c.Add(lines, 0)
				}
			}
			report(b, s, c)
		})
		for _, workers := range []int{1, runtime.GOMAXPROCS(0)} {
			b.Run(fmt.Sprintf("items=%d/as=build-%d", items, workers), func(b *testing.B) {
				var c *cooccur.Counts
				for b.Loop() {
					c = s.build(workers)
				}
				report(b, s, c)
			})
		}
	}
}

func BenchmarkImage(b *testing.B) {
	s := newShop(1e5, 1e6)
	c := s.build(2)
	data := image(b, c)
	b.Run("write", func(b *testing.B) {
		b.SetBytes(int64(len(data)))
		for b.Loop() {
			var w bytes.Buffer
			w.Grow(len(data))
			if err := c.WriteImage(&w); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(len(data))/float64(pairsOf(c)), "B/pair")
	})
	b.Run("read", func(b *testing.B) {
		b.SetBytes(int64(len(data)))
		for b.Loop() {
			if _, err := cooccur.ReadImage(cooccur.Settings{}, data); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(pairsOf(c))*float64(b.N)/b.Elapsed().Seconds(), "pairs/s")
	})
	for _, workers := range []int{1, runtime.GOMAXPROCS(0)} {
		b.Run(fmt.Sprintf("read-from-%d", workers), func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			for b.Loop() {
				if _, err := cooccur.ReadImageFrom(cooccur.Settings{}, bytes.NewReader(data), int64(len(data)), workers); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkBytes(b *testing.B) {
	for _, items := range []int{1e3, 1e6} {
		b.Run(fmt.Sprintf("items=%d", items), func(b *testing.B) {
			c := cooccur.New(cooccur.Settings{}, nil)
			c.Grow(items)
			for b.Loop() {
				c.Bytes()
			}
		})
	}
}

func BenchmarkPrune(b *testing.B) {
	s := newShop(1e5, 1e6)
	data := image(b, s.build(2))
	for b.Loop() {
		b.StopTimer()
		c, err := cooccur.ReadImage(cooccur.Settings{}, data)
		if err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		c.Prune(c.Bytes() * 8 / 10)
	}
}

// TestBytes holds Bytes against what the heap grew by.
func TestBytes(t *testing.T) {
	s := newShop(2e3, 1e5) // pairs outweigh items
	heap := func() int64 {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	tests := []struct {
		name string
		make func() *cooccur.Counts
	}{
		{"added", func() *cooccur.Counts {
			c := cooccur.New(cooccur.Settings{}, nil)
			c.Grow(s.items)
			s.addAll(c)
			return c
		}},
		{"built", func() *cooccur.Counts { return s.build(2) }},
		{"read", func() *cooccur.Counts {
			c, err := cooccur.ReadImage(cooccur.Settings{}, image(t, s.build(2)))
			if err != nil {
				t.Fatal(err)
			}
			return c
		}},
		{"pruned", func() *cooccur.Counts {
			c := s.build(2)
			c.Prune(c.Bytes() * 3 / 4)
			return c
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			before := heap()
			c := tt.make()
			grown, got := heap()-before, c.Bytes()
			if got < grown*85/100 || got > grown*115/100 {
				t.Errorf("Bytes %d, the heap grew by %d", got, grown)
			}
			runtime.KeepAlive(c)
		})
	}
}
