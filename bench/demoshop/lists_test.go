package demoshop

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"testing"
)

// testPersonas ranks items for each persona by plain item-to-item cosine over
// customers who touched them: the stories must show in the simplest of models.
func (h *history) testPersonas(t *testing.T) {
	touched := map[string]map[string]bool{} // item -> customers
	items := map[string]map[string]bool{}   // customer -> items
	touch := func(list map[string][]purchased) {
		for who, lines := range list {
			for _, p := range lines {
				if touched[p.item] == nil {
					touched[p.item] = map[string]bool{}
				}
				touched[p.item][who] = true
				if items[who] == nil {
					items[who] = map[string]bool{}
				}
				items[who][p.item] = true
			}
		}
	}
	touch(h.bought)
	touch(h.viewed)
	for _, p := range h.truth.Personas {
		score := map[string]float64{}
		for _, known := range slices.Sorted(maps.Keys(items[p.CustomerID])) {
			common := map[string]int{}
			for who := range touched[known] {
				for other := range items[who] {
					common[other]++
				}
			}
			for other, n := range common {
				if !items[p.CustomerID][other] {
					score[other] += float64(n) / math.Sqrt(float64(len(touched[known])*len(touched[other])))
				}
			}
		}
		ranked := slices.SortedFunc(maps.Keys(score), func(a, b string) int {
			return cmp.Or(cmp.Compare(score[b], score[a]), cmp.Compare(a, b))
		})
		hits, want := 0, 6
		for _, id := range ranked[:10] {
			if h.in(id, p.Expect) {
				hits++
			}
		}
		if p.CustomerID == "c-newphone" {
			want = 2 // of the very items; substitutes are as good for this model
		}
		t.Logf("%s: %d of 10 as expected: %v", p.CustomerID, hits, ranked[:10])
		if hits < want {
			t.Errorf("%s: %d of 10 in %v: %v", p.CustomerID, hits, p.Expect, ranked[:10])
		}
	}
}

// TestPhoneAccessoriesFillItsOrders holds what the package doc promises for
// the phone: counted over orders, what goes with it comes first.
func TestPhoneAccessoriesFillItsOrders(t *testing.T) {
	h := read(Config{Seed: 1})
	const phone = "phone-aozora-8-128"
	with := map[string]int{}
	for _, items := range h.orders {
		if slices.Contains(items, phone) {
			for _, it := range items {
				with[it]++
			}
		}
	}
	n := with[phone]
	delete(with, phone)
	ranked := slices.SortedFunc(maps.Keys(with), func(a, b string) int {
		return cmp.Or(cmp.Compare(with[b], with[a]), cmp.Compare(a, b))
	})
	if n < 40 || ranked[0] != "film-aozora-8" {
		t.Errorf("%d orders, first %v", n, ranked[:5])
	}
	for _, id := range ranked[:5] {
		if !slices.ContainsFunc(h.truth.Accessories, func(a Accessory) bool { return a.Main == phone && a.With == id }) {
			t.Errorf("%s is among the first five of %v, planted is something else", id, ranked)
		}
	}
}
