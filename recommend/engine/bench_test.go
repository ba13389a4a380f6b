package engine

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"osusume/recommend"
	"osusume/recommend/cooccur"
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

// benchCustomers is how many customers of each kind take turns, so that neither
// their lists nor their histories stay in the caches.
const benchCustomers = 512

// benchIndex is an index of n items whose lists are drawn instead of learned, and
// customers "L5-0", "L20-0", "L50-0" and so on, each with that many bought items,
// some of them more popular than others.
func benchIndex(b *testing.B, n int) *Index {
	b.Helper()
	spec := weight.Spec{Formula: weight.Cosine, Over: "orders"}
	x, err := NewIndex(Settings{
		Newcomers:  Newcomers{Days: -1},
		Counts:     cooccur.Settings{OrderWindow: 1, CustomerWindow: 1},
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
	seq := uint64(0)
	for _, length := range []int{5, 20, 50} {
		for c := range benchCustomers {
			name := fmt.Sprintf("L%d-%d", length, c)
			e := recommend.Event{
				ID: "e" + name, Type: recommend.Purchase, Time: benchNow.Add(-time.Hour), CustomerID: name, OrderID: "o" + name,
			}
			taken := make(map[int]bool)
			for len(taken) < length {
				if i := zipf(r, n); !taken[i] {
					taken[i] = true
					e.Items = append(e.Items, recommend.EventItem{ItemID: x.catalog.Snapshot().ID(uint32(i))})
				}
			}
			seq++
			x.Apply(seq, []recommend.Record{{Kind: recommend.RecordEvent, Event: e}})
		}
	}
	x.Refresh(benchNow, nil)
	set := x.sets[x.set(spec)]
	for i := range uint32(n) {
		cells, supports := make([]weight.Cell, benchNear), make([]uint32, benchNear)
		for k := range benchNear {
			cells[k], supports[k] = weight.Cell{Item: uint32(zipf(r, n)), Value: 1 / float32(k+2)}, uint32(benchNear-k)
		}
		set.put(i, weight.MakeList(cells, supports, 2*benchNear))
	}
	return x
}

// benchSizes runs f for shops of 10,000, 100,000 and, unless -short, a million
// items, and for the customers of benchIndex.
func benchSizes(b *testing.B, f func(b *testing.B, v *View, customers []string)) {
	for _, n := range []int{1e4, 1e5, 1e6} {
		if n > 1e5 && testing.Short() {
			continue
		}
		var v *View
		b.Run(fmt.Sprintf("items=%d", n), func(b *testing.B) {
			for _, length := range []int{5, 20, 50} {
				b.Run(fmt.Sprintf("L=%d", length), func(b *testing.B) {
					if v == nil {
						v = benchIndex(b, n).Publish(benchNow)
					}
					customers := make([]string, benchCustomers)
					for c := range customers {
						customers[c] = fmt.Sprintf("L%d-%d", length, c)
					}
					b.ReportAllocs()
					f(b, v, customers)
				})
			}
		})
	}
}

// BenchmarkRecommend is a whole answer: profile, scores, top 10, reasons.
func BenchmarkRecommend(b *testing.B) {
	benchSizes(b, func(b *testing.B, v *View, customers []string) {
		k := 0
		for b.Loop() {
			req := recommend.Request{CustomerID: customers[k%len(customers)], Placement: "bench"}
			k++
			a, err := v.Recommend(&req)
			if err != nil || len(a.Items) != 10 {
				b.Fatal(len(a.Items), err)
			}
		}
	})
}

// benchProfiles are the profiles of the customers, and the lists they are scored
// with.
func benchProfiles(v *View, customers []string) (m *model, profiles [][]profileItem, lists *frozenLists) {
	m = v.model("bench")
	s := v.borrow()
	defer v.giveBack(s)
	for _, c := range customers {
		profiles = append(profiles, v.profile(s, &m.signals[0], v.visitors.Customer(c), nil))
	}
	return m, profiles, &v.lists[m.signals[0].set]
}

// BenchmarkScore is the accumulation and the top 10 alone: what may not allocate.
func BenchmarkScore(b *testing.B) {
	benchSizes(b, func(b *testing.B, v *View, customers []string) {
		m, profiles, lists := benchProfiles(v, customers)
		s := v.borrow()
		defer v.giveBack(s)
		if err := s.filter.Compile(v.catalog, &recommend.Filter{}); err != nil {
			b.Fatal(err)
		}
		k := 0
		for b.Loop() {
			s.near = lists.appendOf(s.near[:0], profiles[k%len(profiles)])
			v.accumulate(s, s.near, profiles[k%len(profiles)])
			k++
			s.top.reset(10)
			v.rank(s, m)
			s.selection.end()
			if !s.top.full() {
				b.Fatal("short")
			}
			s.clear()
		}
	})
}

// BenchmarkProfile builds the profile of a customer out of the history.
func BenchmarkProfile(b *testing.B) {
	benchSizes(b, func(b *testing.B, v *View, customers []string) {
		m := v.model("bench")
		s := v.borrow()
		defer v.giveBack(s)
		var out []profileItem
		k := 0
		for b.Loop() {
			out = v.profile(s, &m.signals[0], v.visitors.Customer(customers[k%len(customers)]), out[:0])
			k++
		}
	})
}

// BenchmarkFloor reads every neighbour and weight once and nothing else: no
// scoring can be faster. Four sums keep it from waiting for its own additions.
func BenchmarkFloor(b *testing.B) {
	benchSizes(b, func(b *testing.B, v *View, customers []string) {
		_, profiles, lists := benchProfiles(v, customers)
		var sums [4]uint32
		k := 0
		for b.Loop() {
			for _, pi := range profiles[k%len(profiles)] {
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
			k++
		}
		if sums == [4]uint32{} {
			b.Fatal("nothing read")
		}
	})
}

// BenchmarkMap scores into a Go map and sorts: the way one would first write it.
func BenchmarkMap(b *testing.B) {
	benchSizes(b, func(b *testing.B, v *View, customers []string) {
		_, profiles, lists := benchProfiles(v, customers)
		k := 0
		for b.Loop() {
			scores := make(map[uint32]float32)
			for _, pi := range profiles[k%len(profiles)] {
				for _, c := range lists.of(pi.item).Cells() {
					scores[c.Item] += pi.weight * c.Value
				}
			}
			k++
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
			if len(all) < 10 {
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
				Type: recommend.ViewItem, Time: benchNow, CustomerID: "L5-0",
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
