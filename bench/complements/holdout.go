package complements

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
	"time"

	"osusume/bench/datasets"
	"osusume/recommend"
)

// holdOut splits events, which are in order, at the beginning of a day (UTC): those
// before it, and a case for each later order that holds at least two items known by
// then. The seed is drawn by the order's id, so that it is the same in every run.
func holdOut(events []recommend.Event, day string) (before []recommend.Event, cases []datasets.Basket, err error) {
	from, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return nil, nil, fmt.Errorf("--from: must be a day such as 2011-10-10, got %q", day)
	}
	cut, _ := slices.BinarySearchFunc(events, from, func(e recommend.Event, at time.Time) int { return cmp.Compare(e.Time.UnixNano(), at.UnixNano()) })
	before = events[:cut]
	known := make(map[string]bool)
	for i := range before {
		for _, l := range before[i].Items {
			known[l.ItemID] = true
		}
	}
	orders := make(map[string]map[string]bool)
	for i := range events[cut:] {
		e := &events[cut+i]
		if e.Type != recommend.Purchase || e.OrderID == "" {
			continue
		}
		if orders[e.OrderID] == nil {
			orders[e.OrderID] = make(map[string]bool)
		}
		for _, l := range e.Items {
			if known[l.ItemID] {
				orders[e.OrderID][l.ItemID] = true
			}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(orders)) {
		items := slices.Sorted(maps.Keys(orders[id]))
		if len(items) < 2 {
			continue
		}
		h := fnv.New32a()
		_, _ = h.Write([]byte(id)) // never fails
		k := int(h.Sum32() % uint32(len(items)))
		seed := items[k]
		cases = append(cases, datasets.Basket{Invoice: id, Seed: seed, Rest: slices.Delete(items, k, k+1)})
	}
	if len(before) == 0 || len(cases) == 0 {
		return nil, nil, fmt.Errorf("--from: %s leaves %d events to learn from and %d orders to ask for", day, len(before), len(cases))
	}
	return before, cases, nil
}
