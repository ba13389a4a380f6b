package synthetic_test

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"osusume/bench/synthetic"
	"osusume/recommend"
)

func TestEvents(t *testing.T) {
	const n = 20_000
	cfg := synthetic.Config{Items: 1000, Customers: 300, Seed: 3}
	all := slices.Collect(synthetic.New(cfg).Events(n))
	if diff := cmp.Diff(all[:500], slices.Collect(synthetic.New(cfg).Events(500))); diff != "" {
		t.Fatalf("a shorter stream is not the beginning of a longer one:\n%s", diff)
	}
	var last time.Time
	orders, items, sold := 0, make(map[string]bool), make(map[string]int)
	for k, e := range all {
		if err := e.Validate(e.Time); err != nil {
			t.Fatalf("event %d: %v", k, err)
		}
		if !e.Time.After(last) {
			t.Fatalf("event %d is at %v, after %v", k, e.Time, last)
		}
		last = e.Time
		if e.Type == recommend.Purchase {
			orders++
		}
		for _, it := range e.Items {
			items[it.ItemID] = true
			sold[it.ItemID]++
		}
	}
	if orders != n/10 {
		t.Errorf("%d orders, want %d", orders, n/10)
	}
	if len(items) < 900 || len(items) > 1000 {
		t.Errorf("%d of 1,000 items occur", len(items))
	}
	if top := sold[synthetic.ItemID(0)]; top < n/100 {
		t.Errorf("the best seller occurs %d times", top)
	}
}

// TestVisited holds that items are drawn as often as events name them: the counts of
// the hundred best sellers in two samples of the same size are close.
func TestVisited(t *testing.T) {
	const n = 200_000
	shop := synthetic.New(synthetic.Config{Items: 1000, Seed: 3})
	sold, drawn, total := make(map[string]int), make(map[string]int), 0
	for e := range shop.Events(n) {
		for _, it := range e.Items {
			sold[it.ItemID]++
			total++
		}
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range total {
		drawn[synthetic.ItemID(shop.Visited(r))]++
	}
	best := slices.SortedFunc(maps.Keys(sold), func(a, b string) int { return sold[b] - sold[a] })
	for _, id := range best[:100] {
		if ratio := float64(drawn[id]) / float64(sold[id]); ratio < 0.7 || ratio > 1.4 {
			t.Errorf("%s is drawn %d times and named by events %d times", id, drawn[id], sold[id])
		}
	}
}

func TestItems(t *testing.T) {
	shop := synthetic.New(synthetic.Config{Items: 100})
	for i := range 100 {
		it := shop.Item(i)
		if err := it.Validate(); err != nil {
			t.Fatalf("item %d: %v", i, err)
		}
	}
}
