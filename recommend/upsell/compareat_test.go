package upsell_test

import (
	"testing"
	"time"

	"osusume/recommend"
	"osusume/recommend/upsell"
)

// sold is a period at a price from one number of days ago until another; until
// 0 it still is.
func sold(price int64, from, until float64) recommend.PricePeriod {
	p := recommend.PricePeriod{Price: yen(price), From: ago(from)}
	if until > 0 {
		p.To = ago(until)
	}
	return p
}

func TestCompare(t *testing.T) {
	const second = 1.0 / 86400
	tests := []struct {
		name    string
		list    int64
		history []recommend.PricePeriod
		why     upsell.Refusal
		price   int64
	}{
		{"sold at it for eight weeks", 1000, []recommend.PricePeriod{sold(1000, 100, 1), sold(800, 1, 0)}, "", 1000},
		{"nothing to compare with", 0, nil, upsell.RefusalNoPrice, 0},
		{"only cheaper before", 0, []recommend.PricePeriod{sold(700, 100, 1), sold(800, 1, 0)}, upsell.RefusalNoPrice, 0},
		{"list price as now", 800, nil, upsell.RefusalNotHigher, 0},
		{"list price below", 700, nil, upsell.RefusalNotHigher, 0},
		{"list price nobody ever paid", 1000, nil, upsell.RefusalShare, 0},
		{"list price of another time", 1000, []recommend.PricePeriod{sold(1000, 200, 56), sold(800, 56, 0)}, upsell.RefusalShare, 0},
		{"half of the eight weeks is not more than half", 1000, []recommend.PricePeriod{sold(800, 100, 35), sold(1000, 35, 7), sold(800, 7, 0)}, upsell.RefusalShare, 0},
		{"a second more than half", 1000, []recommend.PricePeriod{sold(800, 100, 35+second), sold(1000, 35+second, 7), sold(800, 7, 0)}, "", 1000},
		{"in two periods", 1000, []recommend.PricePeriod{sold(1000, 56, 40), sold(800, 40, 20), sold(1000, 20, 5), sold(800, 5, 0)}, "", 1000},
		{"last sold thirteen days ago", 1000, []recommend.PricePeriod{sold(1000, 56, 13), sold(800, 13, 0)}, "", 1000},
		{"last sold two weeks ago", 1000, []recommend.PricePeriod{sold(1000, 56, 14), sold(800, 14, 0)}, upsell.RefusalStale, 0},
		{"a new item, most of three weeks", 1000, []recommend.PricePeriod{sold(1000, 21, 6), sold(800, 6, 0)}, "", 1000},
		{"a new item, two weeks to the second", 1000, []recommend.PricePeriod{sold(1000, 20, 6), sold(800, 6, 0)}, "", 1000},
		{"a new item, a second less", 1000, []recommend.PricePeriod{sold(1000, 20, 6+second), sold(800, 6+second, 0)}, upsell.RefusalShort, 0},
		{"not on sale meanwhile", 1000, []recommend.PricePeriod{sold(1000, 100, 40), sold(1000, 12, 1), sold(800, 1, 0)}, upsell.RefusalShare, 0},
		{"another price than the list's", 1000, []recommend.PricePeriod{sold(990, 100, 1), sold(800, 1, 0)}, upsell.RefusalShare, 0},
		{"planned periods do not count", 1000, []recommend.PricePeriod{{Price: yen(800), From: ago(100), To: ago(-1)}, {Price: yen(1000), From: ago(-1), To: ago(-90)}}, upsell.RefusalShare, 0},
		{"without a list price the history speaks", 0, []recommend.PricePeriod{sold(1200, 200, 90), sold(1000, 90, 1), sold(800, 1, 0)}, "", 1000},
		{"and says why not", 0, []recommend.PricePeriod{sold(1200, 200, 90), sold(1000, 90, 20), sold(800, 20, 0)}, upsell.RefusalStale, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			it := recommend.Item{ID: "a", Price: yen(800), PriceHistory: tt.history}
			if tt.list != 0 {
				it.ListPrice = yen(tt.list)
			}
			if len(tt.history) > 0 {
				if err := it.Validate(); err != nil {
					t.Fatal(err)
				}
			}
			got := upsell.Compare(&it, noon)
			want := upsell.CompareAt{Why: tt.why}
			if tt.why == "" {
				want = upsell.CompareAt{Allowed: true, Price: yen(tt.price)}
			}
			if got != want {
				t.Errorf("%+v, want %+v", got, want)
			}
		})
	}
	dollars := recommend.Item{ID: "a", Price: yen(800), ListPrice: recommend.Money{Amount: 1000, Currency: "USD"}}
	if got := upsell.Compare(&dollars, noon); got.Why != upsell.RefusalNotHigher {
		t.Errorf("yen against dollars: %+v", got)
	}
	if got := upsell.Compare(&recommend.Item{ID: "a"}, time.Time{}); got.Why != upsell.RefusalNoPrice {
		t.Errorf("without a price: %+v", got)
	}
}
