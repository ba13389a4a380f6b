package catalog_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"

	"osusume/recommend"
	"osusume/recommend/catalog"
)

func benchItem(rng *rand.Rand, k int) recommend.Item {
	leaf := rng.IntN(200)
	return recommend.Item{
		ID:       fmt.Sprintf("sku-%08x", uint32(k)*2654435761), // in no order
		Title:    recommend.Text{"ja": "商品の名前", "en": "Name of the item"},
		Category: []string{fmt.Sprint("root", leaf%10), fmt.Sprint("leaf", leaf)},
		Brand:    fmt.Sprint("brand", rng.IntN(500)),
		Tags:     []string{fmt.Sprint("tag", rng.IntN(1000))},
		Price:    recommend.Money{Amount: rng.Int64N(10_000), Currency: "JPY"},
	}
}

func benchCatalog(n int) *catalog.Catalog {
	rng := rand.New(rand.NewPCG(1, 1))
	c := catalog.New()
	for k := range n {
		c.Put(benchItem(rng, k))
	}
	return c
}

// BenchmarkFill puts all items of a new catalog.
func BenchmarkFill(b *testing.B) {
	for _, n := range []int{10_000, 100_000} {
		b.Run(fmt.Sprintf("items=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				benchCatalog(n)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/item")
		})
	}
}

// BenchmarkPatch changes one price, stock or category and publishes.
func BenchmarkPatch(b *testing.B) {
	const n = 100_000
	c := benchCatalog(n)
	rng := rand.New(rand.NewPCG(2, 2))
	change := map[string]func(*recommend.Item){
		"price":    func(it *recommend.Item) { it.Price.Amount++ },
		"stock":    func(it *recommend.Item) { it.Unavailable = !it.Unavailable },
		"category": func(it *recommend.Item) { it.Category = []string{fmt.Sprint("root", rng.IntN(10))} },
	}
	for _, name := range []string{"price", "stock", "category"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				it := *c.Snapshot().Item(rng.Uint32N(n))
				change[name](&it)
				c.Put(it)
			}
		})
	}
}

func BenchmarkList(b *testing.B) {
	s := benchCatalog(100_000).Snapshot()
	b.ReportAllocs()
	for b.Loop() {
		if len(s.List("sku-8", 100)) != 100 {
			b.Fatal("short list")
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	const n = 100_000
	in := encode(b, benchCatalog(n))
	b.SetBytes(int64(len(in)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := catalog.Decode(bytes.NewReader(in)); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/item")
}
