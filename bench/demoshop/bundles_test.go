package demoshop

import (
	"testing"
	"time"

	"osusume/recommend"
)

// TestSets: every set is of known parts, cheaper than them, still earns a tenth, and
// bonds tie each further part to the first.
func TestSets(t *testing.T) {
	shop := New(Config{})
	bonds := map[[2]string]bool{}
	for _, a := range shop.Truth().Accessories {
		bonds[[2]string{a.Main, a.With}] = true
	}
	items := map[string]recommend.Item{}
	for _, it := range shop.Items() {
		items[it.ID] = it
	}
	if len(shop.sets) == 0 {
		t.Fatal("no sets")
	}
	for _, set := range shop.sets {
		if err := set.Validate(); err != nil {
			t.Errorf("%s: %v", set.ID, err)
		}
		var sum int64
		for i, part := range set.BundleOf {
			sum += items[part].Price.Amount
			if i > 0 && !bonds[[2]string{set.BundleOf[0], part}] {
				t.Errorf("%s: nothing ties %s to %s", set.ID, part, set.BundleOf[0])
			}
		}
		if saved := sum - set.Price.Amount; saved <= 0 || saved*5 > sum {
			t.Errorf("%s saves %d of %d", set.ID, saved, sum)
		}
		if margin := set.Price.Amount - set.Cost.Amount; margin*10 < set.Price.Amount {
			t.Errorf("%s earns %d of %d", set.ID, margin, set.Price.Amount)
		}
	}
	for e := range shop.Events() {
		for _, it := range e.Items {
			if len(items[it.ItemID].BundleOf) > 0 {
				t.Fatalf("event %s knows the set %s", e.ID, it.ItemID)
			}
		}
	}
}

// TestPriceHistories: what has a list price was sold at it, and every kind of
// reduction is there.
func TestPriceHistories(t *testing.T) {
	shop := New(Config{})
	kinds := map[int]int{}
	for _, it := range shop.Items() {
		if (it.ListPrice == recommend.Money{}) != (len(it.PriceHistory) == 0) {
			t.Errorf("%s has list price %v and %d periods", it.ID, it.ListPrice, len(it.PriceHistory))
		}
		if len(it.PriceHistory) == 0 {
			continue
		}
		before, now := it.PriceHistory[0], it.PriceHistory[1]
		if err := it.Validate(); err != nil || before.Price != it.ListPrice || now.Price != it.Price || !now.To.IsZero() {
			t.Errorf("%s at %v, once %v: %+v, %v", it.ID, it.Price, it.ListPrice, it.PriceHistory, err)
		}
		kinds[int(shop.cfg.End.Sub(now.From)/(24*time.Hour))]++
	}
	for _, days := range []int{reducedLately, reducedBefore, reducedLongAgo} {
		if kinds[days] < 3 {
			t.Errorf("%d items were reduced %d days ago", kinds[days], days)
		}
	}
}
