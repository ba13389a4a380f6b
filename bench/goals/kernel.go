package goals

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"osusume/bench/scale"
	"osusume/bench/synthetic"
	"osusume/recommend/engine"
	"osusume/recommend/weight"
)

// The shape of goal 1.
const (
	profileItems = 20
	neighbours   = 100
	topItems     = 10
	// kernelCustomers take turns, so that no list stays in a cache that would not
	// stay there in a shop.
	kernelCustomers = 1024
	// kernelLists bounds how many lists are kept: more take memory and show nothing
	// new, since none of them fits a cache. Neighbours are of all items.
	kernelLists = 1_000_000
)

// shape is a shop with drawn lists, and the profiles of customers.
type shape struct {
	items    int
	lists    []weight.List
	profiles [][]uint32
}

func newShape(items int, seed uint64) *shape {
	r := rand.New(rand.NewPCG(seed, uint64(items)))
	lists := min(items, kernelLists)
	s := &shape{items: items, lists: make([]weight.List, lists), profiles: make([][]uint32, kernelCustomers)}
	// Popular items stand anywhere, as ids follow when an item was first heard of.
	place := func(rank, n int) uint32 { return uint32(uint64(rank) * 2654435761 % uint64(n)) }
	cells, supports := make([]weight.Cell, neighbours), make([]uint32, neighbours)
	for i := range s.lists {
		for k := range cells {
			cells[k] = weight.Cell{Item: place(synthetic.Zipf(r, items), items), Value: 1 / (float32(k+2) + r.Float32())}
		}
		s.lists[i] = weight.MakeList(cells, supports, 1)
	}
	for c := range s.profiles {
		profile := make([]uint32, 0, profileItems)
		for len(profile) < profileItems {
			if i := place(synthetic.Zipf(r, lists), lists); !slices.Contains(profile, i) {
				profile = append(profile, i)
			}
		}
		s.profiles[c] = profile
	}
	return s
}

// A scorer answers a customer; what it returns keeps the work from being dropped.
type scorer func(profile []uint32) float32

// floor reads every neighbour and weight once and does nothing else: no scoring
// can be faster. Four sums keep it from waiting for its own additions.
func (s *shape) floor(profile []uint32) float32 {
	var sums [4]uint32
	for _, i := range profile {
		cells := s.lists[i].Cells()
		for ; len(cells) >= 4; cells = cells[4:] {
			sums[0] += cells[0].Item ^ math.Float32bits(cells[0].Value)
			sums[1] += cells[1].Item ^ math.Float32bits(cells[1].Value)
			sums[2] += cells[2].Item ^ math.Float32bits(cells[2].Value)
			sums[3] += cells[3].Item ^ math.Float32bits(cells[3].Value)
		}
	}
	return float32(sums[0]^sums[1]^sums[2]^sums[3]) + 1
}

// reference scores into a Go map and sorts: the way one would first write it.
func (s *shape) reference(profile []uint32) float32 {
	type scored struct {
		item  uint32
		score float32
	}
	scores := make(map[uint32]float32)
	for _, i := range profile {
		for _, c := range s.lists[i].Cells() {
			scores[c.Item] += c.Value
		}
	}
	all := make([]scored, 0, len(scores))
	for j, score := range scores {
		all = append(all, scored{j, score})
	}
	slices.SortFunc(all, func(a, b scored) int {
		switch {
		case a.score > b.score:
			return -1
		case a.score < b.score:
			return 1
		default:
			return int(a.item) - int(b.item)
		}
	})
	return all[min(topItems, len(all))-1].score
}

// measureKernel is goal 1: kernel, floor and map in turns on the same lists.
func measureKernel(ctx context.Context, o *options) ([]Check, error) {
	var checks []Check
	for _, items := range []int{100_000, 1_000_000, 10_000_000} {
		limit := 3.2
		if items > 1_000_000 {
			limit = 4.5
		}
		over := Check{Goal: 1, What: scale.Count(items) + " items: over reading alone", Bound: atMost(limit, "x")}
		faster := Check{Goal: 1, What: scale.Count(items) + " items: faster than a Go map", Bound: atLeast(5, "x")}
		if !slices.Contains(o.kernelItems, items) {
			over.Reason = "left out by --quick"
		} else if err := o.compareKernel(ctx, items, &over, &faster); err != nil {
			return nil, err
		}
		checks = append(checks, over)
		if items == 1_000_000 {
			checks = append(checks, faster)
		}
	}
	return checks, nil
}

// compareKernel fills in both checks for a shop of so many items.
func (o *options) compareKernel(ctx context.Context, items int, over, faster *Check) error {
	o.progress("draw lists for "+scale.Count(items)+" items", 0, 0)
	s := newShape(items, o.seed)
	kernel := engine.NewKernel(items, s.lists, topItems)
	var floor, reference, own []float64
	for range max(o.rounds, 3) {
		if err := ctx.Err(); err != nil {
			return err
		}
		o.progress("score among "+scale.Count(items)+" items", 0, 0)
		f, m := s.time(s.floor, o.kernelTime), s.time(s.reference, o.kernelTime)
		floor, reference = append(floor, f), append(reference, m)
		k := s.time(kernel.Score, o.kernelTime)
		own = append(own, k)
		over.Values, faster.Values = append(over.Values, k/f), append(faster.Values, m/k)
	}
	over.Note = fmt.Sprintf("reading alone %s, a Go map %s, scoring %s",
		amount(median(floor), "µs"), amount(median(reference), "µs"), amount(median(own), "µs"))
	return nil
}

// time returns microseconds per customer.
func (s *shape) time(score scorer, atLeast time.Duration) float64 {
	var sink float32
	n := 0
	began := time.Now()
	for time.Since(began) < atLeast {
		for _, p := range s.profiles {
			sink += score(p)
		}
		n += len(s.profiles)
	}
	took := time.Since(began)
	if sink == 0 {
		return 0 // cannot be: weights are positive
	}
	return float64(took.Nanoseconds()) / 1e3 / float64(n)
}
