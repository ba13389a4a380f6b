package upsell_test

import (
	"fmt"
	"testing"

	"osusume/recommend"
	"osusume/recommend/catalog"
	"osusume/recommend/upsell"
)

// bigFacts is a family of models in which everything has evidence, and
// complements of the first one.
type bigFacts struct {
	cat   *catalog.Snapshot
	pairs []upsell.Pair
}

func (f *bigFacts) Catalog() *catalog.Snapshot { return f.cat }
func (f *bigFacts) Viewed(_, b uint32) upsell.Choice {
	return upsell.Choice{Chose: 10 + b, Of: 1000, Base: 0.1}
}
func (f *bigFacts) Bought(a, b uint32) upsell.Choice { return f.Viewed(a, b) }
func (f *bigFacts) Compared(_, _ uint32) uint32      { return 100 }
func (f *bigFacts) Buyers() uint32                   { return 100_000 }
func (f *bigFacts) Together(_ uint32, buf []upsell.Pair) []upsell.Pair {
	return append(buf, f.pairs...)
}
func (f *bigFacts) Bundles(_ uint32, buf []uint32) []uint32 { return buf }
func (f *bigFacts) Repeats(uint32) (own, category upsell.Repeats) {
	own = upsell.Repeats{Buyers: 200, Repeaters: 100, RateSum: 100.0 / 30, RateSquares: 100.0 / 900 * 1.5, Gaps: 300, GapDays: 9000}
	return own, own
}

func newBigFacts(models, complements int) *bigFacts {
	c := catalog.New()
	f := &bigFacts{}
	for i := range models {
		it := phone(fmt.Sprintf("model-%03d", i), fmt.Sprintf("model-%03d", i), 80_000+int64(i)*900, 60_000+int64(i)*500, 4.5,
			fmt.Sprintf("%dGB", 128+i), fmt.Sprintf("%d,%03dmAh", 4+i/10, i))
		c.Put(it)
	}
	for i := range complements {
		it := good(fmt.Sprintf("part-%03d", i), fmt.Sprintf("Leaf %d", i%40), recommend.RoleAccessory, 1000+int64(i)*10, 500, "model-000", "size=6.1")
		pair := upsell.Pair{Item: c.Put(it), Both: 100 + uint32(i), OfA: 1000, OfB: 2000}
		f.pairs = append(f.pairs, pair)
	}
	f.cat = c.Snapshot()
	return f
}

// BenchmarkSuggest answers for a family of 50 models and 100 complements, with
// a customer of 100 purchases.
func BenchmarkSuggest(b *testing.B) {
	f := newBigFacts(50, 100)
	model, _ := f.cat.Lookup("model-000")
	customer := &upsell.Customer{Purchases: []upsell.Purchase{{Item: model, At: ago(500)}}}
	for i := range 100 {
		customer.Purchases = append(customer.Purchases, upsell.Purchase{Item: f.pairs[i%25].Item, At: ago(400 - float64(i)*3.9)})
	}
	u := suggester(b)
	requests := []upsell.Request{
		{Surface: upsell.SurfaceProduct, ItemID: "model-000"},
		{Surface: upsell.SurfaceCart, Cart: cartOf("model-000", "model-010", "model-020"), FreeShipping: yen(300_000)},
		{Surface: upsell.SurfaceAccount},
	}
	for _, r := range requests {
		r.Now, r.Customer = noon, customer
		b.Run("surface="+string(r.Surface), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				answer, err := u.Suggest(&r, f)
				if err != nil || len(answer.Suggestions) == 0 {
					b.Fatal(answer, err)
				}
			}
		})
	}
}
