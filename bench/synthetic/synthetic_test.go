package synthetic_test

import (
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

func TestItems(t *testing.T) {
	shop := synthetic.New(synthetic.Config{Items: 100})
	for i := range 100 {
		it := shop.Item(i)
		if err := it.Validate(); err != nil {
			t.Fatalf("item %d: %v", i, err)
		}
	}
}
