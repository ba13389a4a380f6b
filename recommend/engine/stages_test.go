package engine

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"osusume/bench/synthetic"
	"osusume/recommend"
)

// The shop that stages are timed in: visitors who, weighed by how often they come,
// have about 18 items in their profiles, and lists of at most 50 neighbours.
const (
	shopCustomers = 100_000
	shopEvents    = 1_500_000
	shopNear      = 50
	shopAsked     = 4096 // requests that take turns
)

// shopView is a synthetic shop with a catalog and a month of events.
func shopView(tb testing.TB, items, customers, events int) (*View, []recommend.Request) {
	tb.Helper()
	month := 30 * 24 * time.Hour
	shop := synthetic.New(synthetic.Config{
		Items: items, Customers: customers, Seed: 1,
		Start: benchNow.Add(-month), Every: month / time.Duration(events),
	})
	x, err := NewIndex(Settings{Neighbours: shopNear})
	if err != nil {
		tb.Fatal(err)
	}
	batch, seq := NewBatch(x), uint64(0)
	apply := func(r recommend.Record) {
		seq++
		batch.Apply(seq, []recommend.Record{r})
	}
	for i := range items {
		apply(recommend.Record{Kind: recommend.RecordItemPut, Item: shop.Item(i), Received: shop.Config().Start})
	}
	for e := range shop.Events(events) {
		apply(recommend.Record{Kind: recommend.RecordEvent, Event: e})
	}
	x = batch.Done()
	x.Refresh(benchNow, nil)
	x.RefreshPopularity()
	r := seeded()
	requests := make([]recommend.Request, shopAsked)
	for k := range requests {
		requests[k] = recommend.Request{
			CustomerID: synthetic.CustomerID(shop.Visitor(r)), ItemID: synthetic.ItemID(shop.Visited(r)),
		}
	}
	return x.Publish(benchNow), requests
}

// stages times the steps of an answer one by one.
type stages struct {
	names []string
	took  [][]time.Duration
	began time.Time
	next  int
	// Sizes of what was worked on, summed.
	items, cells, touched, arrivals int
}

func (t *stages) begin() { t.next, t.began = 0, time.Now() }

// lap ends a step. Steps come in the same order every time.
func (t *stages) lap(name string) {
	now := time.Now()
	if t.next == len(t.names) {
		t.names, t.took = append(t.names, name), append(t.took, nil)
	}
	t.took[t.next] = append(t.took[t.next], now.Sub(t.began))
	t.next++
	t.began = time.Now() // keeping the time is no step
}

// median is that of a step over the requests: a machine that does other work at
// times moves it little.
func (t *stages) median(step int) time.Duration {
	slices.Sort(t.took[step])
	return t.took[step][len(t.took[step])/2]
}

// count adds up the sizes of what is worked on, between steps.
func (t *stages) count(v *View, s *scratch, m *model) {
	for k := range m.signals {
		t.items += len(s.profiles[k])
		for _, pi := range s.profiles[k] {
			t.cells += v.lists[m.signals[k].set].of(pi.item).Len()
		}
	}
	t.touched += len(s.touched)
	t.began = time.Now()
}

// staged is Recommend for the home page, step by step; a test holds the two
// together.
func (t *stages) staged(v *View, req *recommend.Request) recommend.Answer {
	place, limit := v.settings.Placements[DefaultPlacement], recommend.DefaultLimit
	t.begin()
	bounds, err := boundsOf(req, place)
	if err != nil {
		panic(err)
	}
	s := v.borrow()
	if err := s.filter.Compile(v.catalog, &req.Filter); err != nil {
		panic(err)
	}
	who := v.subject(req)
	t.lap("visitor")
	v.context(s, req, who)
	t.lap("context")
	v.hideKnown(s, req, place, who.visitor)
	m := v.model(modelOf(req, place, s, who.visitor))
	t.lap("hide")
	v.profiles(s, m, who.visitor)
	t.lap("profile")
	v.addNeighbours(s, m)
	t.lap("accumulate")
	v.addHabits(s, m, who.visitor)
	if place.Rotate > 0 && who.visitor != nil {
		v.rotate(s, place.Rotate, who.visitor)
	}
	t.lap("habits")
	t.count(v, s, m)
	arrival := scored{item: noItem}
	if bounds.newcomers = v.explores(place.Explore, limit, req); bounds.newcomers > 0 {
		arrival = v.scoreNewcomers(s)
	}
	t.arrivals += len(s.arrivals) + len(s.fresh)
	t.lap("newcomers")
	l := list{v: v, s: s, limit: limit, req: req, bounds: bounds}
	s.top.reset(bounds.pool(limit))
	s.selection.sums = v.sum(s, m, s.selection.sums[:0])
	t.lap("sums")
	v.pickScored(s, m)
	t.lap("pick")
	chosen := l.tryNewcomer(l.choose(), arrival)
	t.lap("choose")
	l.addRanked(m, who.visitor, chosen)
	t.lap("reasons")
	l.fill()
	a := l.answer(m.name)
	t.lap("fill")
	v.giveBack(s)
	t.lap("zero")
	return a
}

// BenchmarkStages times the steps of /recommend where a request meets the memory of
// the one before: by itself, with everything in the caches, each takes less. The
// steps are metrics of their own, in nanoseconds of a request, and so are the
// numbers of profile items, their neighbours, candidates and new arrivals.
func BenchmarkStages(b *testing.B) {
	for _, items := range []int{1e5, 1e6} {
		if items > 1e5 && testing.Short() {
			continue
		}
		b.Run(fmt.Sprintf("items=%d", items), func(b *testing.B) {
			v, requests := shopView(b, items, shopCustomers, shopEvents)
			b.Run("whole", func(b *testing.B) {
				b.ReportAllocs()
				k := 0
				var t stages
				for b.Loop() {
					t.begin()
					if a, err := v.Recommend(&requests[k%len(requests)]); err != nil || len(a.Items) == 0 {
						b.Fatal(len(a.Items), err)
					}
					t.lap("whole")
					k++
				}
				b.ReportMetric(float64(t.median(0).Nanoseconds()), "median-ns")
			})
			b.Run("steps", func(b *testing.B) {
				var t stages
				k := 0
				for b.Loop() {
					t.staged(v, &requests[k%len(requests)])
					k++
				}
				per := func(n float64) float64 { return n / float64(k) }
				for i, name := range t.names {
					b.ReportMetric(float64(t.median(i).Nanoseconds()), name+"-ns")
				}
				b.ReportMetric(per(float64(t.items)), "items")
				b.ReportMetric(per(float64(t.cells)), "cells")
				b.ReportMetric(per(float64(t.touched)), "touched")
				b.ReportMetric(per(float64(t.arrivals)), "arrivals")
			})
		})
	}
}

// The steps that are timed are those of an answer.
func TestStagesAnswerAsRecommend(t *testing.T) {
	v, requests := shopView(t, 3000, 300, 30_000)
	for k := range requests[:500] {
		want, err := v.Recommend(&requests[k])
		if err != nil {
			t.Fatal(err)
		}
		var s stages
		if diff := cmp.Diff(want, s.staged(v, &requests[k])); diff != "" {
			t.Fatalf("%+v (-Recommend +staged):\n%s", requests[k], diff)
		}
	}
}
