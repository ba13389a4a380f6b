package filter_test

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"

	"osusume/recommend"
	"osusume/recommend/catalog"
	"osusume/recommend/filter"
)

// benchShop has 50 leaves of uneven size below 10 roots, and tags from common
// to rare.
func benchShop(n int) *catalog.Snapshot {
	rng := rand.New(rand.NewPCG(1, 2))
	zipf := rand.NewZipf(rng, 1.2, 1, 49)
	c := catalog.New()
	for i := range n {
		leaf := zipf.Uint64()
		c.Put(recommend.Item{
			ID:       strconv.Itoa(i),
			Category: []string{fmt.Sprint("root", leaf%10), fmt.Sprint("leaf", leaf)},
			Tags:     []string{fmt.Sprint("tag", zipf.Uint64())},
			Price:    recommend.Money{Amount: rng.Int64N(10_000), Currency: "JPY"},
		})
	}
	return c.Snapshot()
}

var filters = []struct {
	name   string
	filter recommend.Filter
}{
	{"empty", recommend.Filter{}},
	{"2 categories 1 tag", recommend.Filter{Category: []string{"root0", "root1/leaf1"}, Tags: []string{"tag0"}}},
	{"rare leaf", recommend.Filter{Category: []string{"root9/leaf49"}}},
	{"price", recommend.Filter{PriceMax: price(5000)}},
}

func BenchmarkCompile(b *testing.B) {
	for _, n := range []int{10_000, 100_000, 1_000_000} {
		s := benchShop(n)
		for _, f := range filters {
			b.Run(fmt.Sprintf("items=%d/%s", n, f.name), func(b *testing.B) {
				b.ReportAllocs()
				var c filter.Compiled
				for b.Loop() {
					if err := c.Compile(s, &f.filter); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// BenchmarkAllows tests 4,096 random items an iteration.
func BenchmarkAllows(b *testing.B) {
	const n = 100_000
	s := benchShop(n)
	rng := rand.New(rand.NewPCG(2, 2))
	items := make([]uint32, 4096)
	for k := range items {
		items[k] = rng.Uint32N(n)
	}
	for _, f := range filters {
		for _, exclusions := range []int{0, 1000} {
			b.Run(fmt.Sprintf("%s/excluded=%d", f.name, exclusions), func(b *testing.B) {
				b.ReportAllocs()
				var c filter.Compiled
				if err := c.Compile(s, &f.filter); err != nil {
					b.Fatal(err)
				}
				for range exclusions {
					c.Exclude(rng.Uint32N(n))
				}
				mask, bare := c.Mask(), c.Bare()
				passed := 0
				for b.Loop() {
					for _, i := range items {
						if mask.Has(i) && (bare || c.Allows(i)) {
							passed++
						}
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(items)), "ns/item")
				_ = passed
			})
		}
	}
}
