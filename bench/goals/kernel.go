package goals

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"osusume/bench/scale"
	"osusume/bench/synthetic"
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

// shape is a shop with drawn lists: neighbour ids and weights, and the profiles of
// customers.
type shape struct {
	items    int
	ids      []uint32  // neighbours of item i at [i*neighbours, (i+1)*neighbours)
	weights  []float32 // of ids
	profiles [][]uint32
}

func newShape(items int, seed uint64) *shape {
	r := rand.New(rand.NewPCG(seed, uint64(items)))
	lists := min(items, kernelLists)
	s := &shape{
		items: items, ids: make([]uint32, lists*neighbours), weights: make([]float32, lists*neighbours),
		profiles: make([][]uint32, kernelCustomers),
	}
	// Popular items stand anywhere, as ids follow when an item was first heard of.
	place := func(rank, n int) uint32 { return uint32(uint64(rank) * 2654435761 % uint64(n)) }
	for i := range s.ids {
		s.ids[i] = place(synthetic.Zipf(r, items), items)
		s.weights[i] = 1 / float32(i%neighbours+2)
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

// near returns the neighbours of an item and their weights.
func (s *shape) near(item uint32) ([]uint32, []float32) {
	from := int(item) * neighbours
	return s.ids[from : from+neighbours : from+neighbours], s.weights[from : from+neighbours : from+neighbours]
}

// A scorer answers a customer; what it returns keeps the work from being dropped.
type scorer func(profile []uint32) float32

// floor reads every neighbour and weight once and adds them up: no scoring can be
// faster.
func (s *shape) floor(profile []uint32) float32 {
	var ids uint32
	var sum float32
	for _, i := range profile {
		near, weights := s.near(i)
		for n, j := range near {
			ids += j
			sum += weights[n]
		}
	}
	return sum + float32(ids&1)
}

// reference scores into a Go map and sorts: the way one would first write it.
func (s *shape) reference(profile []uint32) float32 {
	type scored struct {
		item  uint32
		score float32
	}
	scores := make(map[uint32]float32)
	for _, i := range profile {
		near, weights := s.near(i)
		for n, j := range near {
			scores[j] += weights[n]
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

// kernelOf returns the scorer that serves, nil while there is none to measure by
// itself.
func kernelOf(*shape) scorer { return nil }

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
	kernel := kernelOf(s)
	var floor, reference, own []float64
	for range max(o.rounds, 3) {
		if err := ctx.Err(); err != nil {
			return err
		}
		o.progress("score among "+scale.Count(items)+" items", 0, 0)
		f, m := s.time(s.floor, o.kernelTime), s.time(s.reference, o.kernelTime)
		floor, reference = append(floor, f), append(reference, m)
		if kernel == nil {
			continue
		}
		k := s.time(kernel, o.kernelTime)
		own = append(own, k)
		over.Values, faster.Values = append(over.Values, k/f), append(faster.Values, m/k)
	}
	over.Note = fmt.Sprintf("reading alone %s, a Go map %s", amount(median(floor), "µs"), amount(median(reference), "µs"))
	if kernel == nil {
		over.Reason = "there is no scoring kernel to measure by itself yet"
		faster.Reason = over.Reason
		return nil
	}
	over.Note += ", scoring " + amount(median(own), "µs")
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
