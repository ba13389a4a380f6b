package engine

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"osusume/recommend"
	"osusume/recommend/weight"
)

// benchNow is the clock of the benchmarks, benchNear the neighbours per item.
var benchNow = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

const benchNear = 100

// zipf draws ranks below n whose chances fall as 1/(rank+1).
func zipf(r *rand.Rand, n int) int {
	return min(int(math.Exp(r.Float64()*math.Log(float64(n)+1)))-1, n-1)
}

func seeded() *rand.Rand { return rand.New(rand.NewPCG(20260601, 7)) }

// benchIndex is an index of n items whose lists are drawn instead of learned, and
// one customer "L5", "L20" and "L50" each with that many bought items, some of
// them more popular than others.
func benchIndex(b *testing.B, n int) *Index {
	b.Helper()
	spec := weight.Spec{Formula: weight.Cosine, Over: "orders"}
	x, err := NewIndex(Settings{
		Newcomers:  Newcomers{Days: -1},
		Models:     map[string]Model{"bench": {Signals: []Signal{{From: FromBought, Weights: spec, HalfLifeDays: 60}}}},
		Placements: map[string]Placement{"bench": {Model: "bench", Bought: BoughtNever}},
	})
	if err != nil {
		b.Fatal(err)
	}
	r := seeded()
	for i := range n {
		x.intern(fmt.Sprintf("item-%07d", i*7919%n))
	}
	for _, length := range []int{5, 20, 50} {
		e := recommend.Event{
			ID: fmt.Sprint("e", length), Type: recommend.Purchase, Time: benchNow.Add(-time.Hour),
			CustomerID: fmt.Sprint("L", length), OrderID: fmt.Sprint("o", length),
		}
		taken := make(map[int]bool)
		for len(taken) < length {
			if i := zipf(r, n); !taken[i] {
				taken[i] = true
				e.Items = append(e.Items, recommend.EventItem{ItemID: x.catalog.Snapshot().ID(uint32(i))})
			}
		}
		x.Apply(uint64(length), []recommend.Record{{Kind: recommend.RecordEvent, Event: e}})
	}
	x.Refresh(benchNow, nil)
	set := x.sets[x.set(spec)]
	for i := range uint32(n) {
		cells, supports := make([]weight.Cell, benchNear), make([]uint32, benchNear)
		for k := range benchNear {
			cells[k], supports[k] = weight.Cell{Item: uint32(zipf(r, n)), Value: 1 / float32(k+2)}, uint32(benchNear-k)
		}
		set.lists.Set(i, weight.MakeList(cells, supports, 2*benchNear))
	}
	return x
}

// benchSizes runs f for shops of 10,000, 100,000 and, unless -short, a million
// items, and for each customer of benchIndex.
func benchSizes(b *testing.B, f func(b *testing.B, v *View, customer string)) {
	for _, n := range []int{1e4, 1e5, 1e6} {
		if n > 1e5 && testing.Short() {
			continue
		}
		b.Run(fmt.Sprintf("items=%d", n), func(b *testing.B) {
			v := benchIndex(b, n).Publish(benchNow)
			for _, length := range []int{5, 20, 50} {
				b.Run(fmt.Sprintf("L=%d", length), func(b *testing.B) {
					b.ReportAllocs()
					f(b, v, fmt.Sprint("L", length))
				})
			}
		})
	}
}

// BenchmarkRecommend is a whole answer: profile, scores, top 20, reasons.
func BenchmarkRecommend(b *testing.B) {
	benchSizes(b, func(b *testing.B, v *View, customer string) {
		req := recommend.Request{CustomerID: customer, Placement: "bench", Limit: 20}
		for b.Loop() {
			a, err := v.Recommend(&req)
			if err != nil || len(a.Items) != 20 {
				b.Fatal(len(a.Items), err)
			}
		}
	})
}

// benchProfile is the profile BenchmarkRecommend scores with, and its lists.
func benchProfile(b *testing.B, v *View, customer string) (*model, []profileItem, *frozenLists) {
	b.Helper()
	m := v.model("bench")
	s := v.borrow()
	defer v.giveBack(s)
	p := v.profile(s, &m.signals[0], v.visitors.Customer(customer), nil)
	return m, p, &v.lists[m.signals[0].set]
}

// BenchmarkScore is the accumulation and the top 20 alone: what may not allocate.
func BenchmarkScore(b *testing.B) {
	benchSizes(b, func(b *testing.B, v *View, customer string) {
		m, _, _ := benchProfile(b, v, customer)
		visitor := v.visitors.Customer(customer)
		s := v.borrow()
		if err := s.filter.Compile(v.catalog, &recommend.Filter{}); err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			v.score(s, m, visitor)
			s.top.reset(20)
			v.rank(s, m)
			if !s.top.full() {
				b.Fatal("short")
			}
			s.zero()
			s.names = v.catalog
		}
	})
}

// BenchmarkFloor reads every neighbour and weight once and nothing else: no
// scoring can be faster. Four sums keep it from waiting for its own additions.
func BenchmarkFloor(b *testing.B) {
	benchSizes(b, func(b *testing.B, v *View, customer string) {
		_, p, lists := benchProfile(b, v, customer)
		for b.Loop() {
			var sums [4]uint32
			for _, pi := range p {
				cells := lists.of(pi.item).Cells()
				for ; len(cells) >= 4; cells = cells[4:] {
					sums[0] += cells[0].Item ^ math.Float32bits(cells[0].Value)
					sums[1] += cells[1].Item ^ math.Float32bits(cells[1].Value)
					sums[2] += cells[2].Item ^ math.Float32bits(cells[2].Value)
					sums[3] += cells[3].Item ^ math.Float32bits(cells[3].Value)
				}
				for _, c := range cells {
					sums[0] += c.Item ^ math.Float32bits(c.Value)
				}
			}
			if sums == [4]uint32{} {
				b.Fatal("nothing read")
			}
		}
	})
}

// BenchmarkMap scores into a Go map and sorts: the way one would first write it.
func BenchmarkMap(b *testing.B) {
	benchSizes(b, func(b *testing.B, v *View, customer string) {
		_, p, lists := benchProfile(b, v, customer)
		for b.Loop() {
			scores := make(map[uint32]float32)
			for _, pi := range p {
				for _, c := range lists.of(pi.item).Cells() {
					scores[c.Item] += pi.weight * c.Value
				}
			}
			all := make([]scored, 0, len(scores))
			for j, score := range scores {
				all = append(all, scored{j, score})
			}
			slices.SortFunc(all, func(x, y scored) int {
				if before(v.catalog, x, y) {
					return -1
				}
				return 1
			})
			if len(all) < 20 {
				b.Fatal("short")
			}
		}
	})
}

// benchEvents are sessions and orders of Zipf customers on Zipf items, in time
// order.
func benchEvents(n, items int) []recommend.Record {
	r := seeded()
	records := make([]recommend.Record, n)
	for k := range records {
		e := recommend.Event{
			ID: fmt.Sprint("e", k), Type: recommend.ViewItem, Time: benchNow.Add(time.Duration(k-n) * time.Second),
			CustomerID: fmt.Sprint("c", zipf(r, 50_000)), SessionID: fmt.Sprint("s", k/5),
			Items: []recommend.EventItem{{ItemID: fmt.Sprint("i", zipf(r, items))}},
		}
		if k%10 == 9 {
			e.Type, e.SessionID, e.OrderID = recommend.Purchase, "", fmt.Sprint("o", k)
			for range r.IntN(6) {
				e.Items = append(e.Items, recommend.EventItem{ItemID: fmt.Sprint("i", zipf(r, items))})
			}
		}
		records[k] = recommend.Record{Kind: recommend.RecordEvent, Event: e}
	}
	return records
}

// BenchmarkApply applies 20,000 events to an empty index in the batches of a busy
// shop.
func BenchmarkApply(b *testing.B) {
	for _, batch := range []int{1, 256} {
		b.Run(fmt.Sprintf("batch=%d", batch), func(b *testing.B) {
			b.ReportAllocs()
			records := benchEvents(20_000, 10_000)
			events := 0
			for b.Loop() {
				x, err := NewIndex(Settings{})
				if err != nil {
					b.Fatal(err)
				}
				for from := 0; from < len(records); from += batch {
					to := min(from+batch, len(records))
					x.Apply(uint64(to), records[from:to])
				}
				events += len(records)
			}
			b.ReportMetric(float64(events)/b.Elapsed().Seconds(), "events/s")
		})
	}
}

// BenchmarkRefresh brings every list of an item up to date, of all default models.
func BenchmarkRefresh(b *testing.B) {
	b.ReportAllocs()
	x, err := NewIndex(Settings{})
	if err != nil {
		b.Fatal(err)
	}
	records := benchEvents(50_000, 5_000)
	x.Apply(uint64(len(records)), records)
	items := 0
	for b.Loop() {
		x.drifted = true // all of them
		items += x.catalog.Len()
		if !x.Refresh(benchNow, nil) {
			b.Fatal("items left behind")
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(items), "ns/item")
}

// BenchmarkPublish publishes a shop of 100,000 items after one event.
func BenchmarkPublish(b *testing.B) {
	x := benchIndex(b, 1e5)
	x.RefreshPopularity()
	x.Publish(benchNow)
	b.Run("one event", func(b *testing.B) {
		b.ReportAllocs()
		seq := x.seq
		for b.Loop() {
			seq++
			x.Apply(seq, []recommend.Record{{Kind: recommend.RecordEvent, Event: recommend.Event{
				Type: recommend.ViewItem, Time: benchNow, CustomerID: "L5",
				Items: []recommend.EventItem{{ItemID: "item-0000007"}},
			}}})
			if x.Publish(benchNow).Seq() != seq {
				b.Fatal("not published")
			}
		}
	})
	b.Run("popularity", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			x.popStale = true
			x.RefreshPopularity()
		}
	})
}
