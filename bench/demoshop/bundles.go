package demoshop

import (
	"fmt"

	"osusume/recommend"
)

// bundle is a set of things at one price. No event knows it: nobody has bought one
// yet, and what speaks for it is that its parts are bought together.
type bundle struct {
	id, ja, en string
	yen        int64 // for all parts, tax included
	parts      []string
}

// bundles lists what is sold as a set, of things that bonds tie together.
func bundles() []bundle {
	return []bundle{
		{"set-aozora-8", "アオゾラ8 はじめてセット", "Aozora 8 starter set", 91980, []string{"phone-aozora-8-128", "case-aozora-8-clear", "film-aozora-8"}},
		{"set-hikari-m1", "ヒカリM1 標準ズームセット", "Hikari M1 zoom set", 114800, []string{"camera-hikari-m1", "lens-18-55"}},
		{"set-drip", "ハンドドリップ入門セット", "Hand drip starter set", 4680, []string{"dripper-cone-ceramic", "filter-cone-02", "server-glass"}},
		{"set-mugen", "ムゲン 2人用セット", "Mugen set for two", 54800, []string{"console-mugen-512", "controller-mugen"}},
		{"set-camp", "はじめてのキャンプセット", "First camp set", 28980, []string{"tent-mori-2", "groundsheet-2", "sleepingbag-3s"}},
	}
}

// bundle makes the catalog entry; it costs the shop what its parts do.
func (s *Shop) bundle(b *bundle) recommend.Item {
	it := recommend.Item{
		ID: b.id, Title: recommend.Text{"ja": b.ja, "en": b.en}, Category: []string{"Sets"}, Role: recommend.RoleMain,
		TaxRate: 0.10, Price: recommend.Money{Amount: b.yen, Currency: "JPY"},
		Attributes: map[string]string{"category_ja": "セット"}, BundleOf: b.parts, Tags: []string{"set"},
		Cost: recommend.Money{Currency: "JPY"},
	}
	var sum int64
	for _, g := range s.mustFind(b.parts) {
		it.Cost.Amount += s.goods[g].item.Cost.Amount
		sum += s.goods[g].item.Price.Amount
	}
	if sum <= b.yen {
		panic(fmt.Sprintf("demoshop: the set %s costs %d and its parts %d", b.id, b.yen, sum))
	}
	return it
}
