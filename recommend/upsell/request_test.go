package upsell_test

import (
	"errors"
	"math"
	"testing"
	"time"

	"osusume/recommend"
	"osusume/recommend/upsell"
)

func wantError(t *testing.T, err error, code recommend.Code, field string) {
	t.Helper()
	var e *recommend.Error
	if !errors.As(err, &e) || e.Code != code || e.Field != field || e.Message == "" {
		t.Errorf("error %v, want %s of %s", err, code, field)
	}
}

func TestRequestIsChecked(t *testing.T) {
	tests := []struct {
		name   string
		change func(r *upsell.Request)
		code   recommend.Code
		field  string
	}{
		{"no surface", func(r *upsell.Request) { r.Surface = "" }, recommend.CodeInvalid, "surface"},
		{"product without item", func(r *upsell.Request) { r.ItemID = "" }, recommend.CodeInvalid, "item_id"},
		{"unknown item", func(r *upsell.Request) { r.ItemID = "unheard-of" }, recommend.CodeNotFound, "item_id"},
		{"limit below", func(r *upsell.Request) { r.Limit = -1 }, recommend.CodeInvalid, "limit"},
		{"limit above", func(r *upsell.Request) { r.Limit = recommend.MaxLimit + 1 }, recommend.CodeInvalid, "limit"},
		{"no time", func(r *upsell.Request) { r.Now = time.Time{} }, recommend.CodeInvalid, "now"},
		{"long cart", func(r *upsell.Request) { r.Cart = make([]upsell.CartLine, recommend.MaxEventItems+1) }, recommend.CodeInvalid, "cart"},
		{"long order", func(r *upsell.Request) { r.Order = make([]string, recommend.MaxEventItems+1) }, recommend.CodeInvalid, "order"},
		{"quantity", func(r *upsell.Request) { r.Cart = []upsell.CartLine{{}, {Quantity: -1}} }, recommend.CodeInvalid, "cart[1].quantity"},
		{"price", func(r *upsell.Request) {
			r.Cart = []upsell.CartLine{{Price: recommend.Money{Amount: -1, Currency: "JPY"}}}
		}, recommend.CodeInvalid, "cart[0].price"},
		{"subtotal", func(r *upsell.Request) { r.Subtotal.Amount = 1 }, recommend.CodeInvalid, "subtotal"},
		{"threshold", func(r *upsell.Request) {
			r.FreeShipping = recommend.Money{Amount: recommend.MaxAmount + 1, Currency: "JPY"}
		}, recommend.CodeInvalid, "free_shipping"},
	}
	s := newShop(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := upsell.Request{Surface: upsell.SurfaceProduct, ItemID: "phone-128", Now: noon}
			if _, err := suggester(t).Suggest(&r, s); err != nil {
				t.Fatal(err)
			}
			tt.change(&r)
			_, err := suggester(t).Suggest(&r, s)
			wantError(t, err, tt.code, tt.field)
		})
	}
}

func TestSettingsAreChecked(t *testing.T) {
	tests := []struct {
		name     string
		settings upsell.Settings
		field    string
	}{
		{"negative", upsell.Settings{PriorWeight: -1}, "prior_weight"},
		{"not a number", upsell.Settings{FitWidth: math.NaN()}, "fit_width"},
		{"infinite", upsell.Settings{GapFactor: math.Inf(1)}, "gap_factor"},
		{"band inside out", upsell.Settings{MinPriceRatio: 1.7}, "max_price_ratio"},
		{"band below", upsell.Settings{MinPriceRatio: 0.9}, "max_price_ratio"},
		{"margin of a category", upsell.Settings{CategoryMargins: map[string]float64{"Goods": 1.1}}, "category_margins"},
		{"cool-down", upsell.Settings{CoolDown: -time.Hour}, "cool_down"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := upsell.New(tt.settings)
			wantError(t, err, recommend.CodeInvalid, tt.field)
		})
	}
}

// TestMixedMargins: a difference is as good as its weaker side.
func TestMixedMargins(t *testing.T) {
	a := ask{
		request: upsell.Request{Surface: upsell.SurfaceProduct, ItemID: "phone-128"},
		change: func(s *shop) {
			edit("phone-128", func(it *recommend.Item) { it.Cost = recommend.Money{} })(s)
			edit("phone-256", func(it *recommend.Item) { it.Cost = yen(60_000) })(s)
		},
	}
	_, answer := a.suggest(t)
	got := answer.Suggestions[0].Score
	near(t, "margin", got.MarginDelta, 32_000-0.3*80_000, 1e-9)
	if got.MarginSource != upsell.MarginDefault {
		t.Errorf("the margin is of %s", got.MarginSource)
	}
}

func TestDefaultMargins(t *testing.T) {
	s := newShop(t)
	coffee := s.goods["coffee"]
	coffee.Cost = recommend.Money{}
	s.goods["coffee"] = coffee
	s.freeze()
	c := &upsell.Customer{Purchases: []upsell.Purchase{{Item: s.at("coffee"), At: ago(30)}}}
	tests := []struct {
		name    string
		margins map[string]float64
		want    float64 // of 700 yen
	}{
		{"of all", nil, 210},
		{"of the root", map[string]float64{"Goods": 0.4}, 280},
		{"of the leaf before the root", map[string]float64{"Goods": 0.4, "Goods/Coffee": 0.5}, 350},
		{"of another", map[string]float64{"Goods/Tea": 0.5}, 210},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			u, err := upsell.New(upsell.Settings{CategoryMargins: tt.margins})
			if err != nil {
				t.Fatal(err)
			}
			answer, err := u.Suggest(&upsell.Request{Surface: upsell.SurfaceAccount, Now: noon, Customer: c}, s)
			if err != nil || len(answer.Suggestions) != 1 {
				t.Fatal(answer, err)
			}
			got := answer.Suggestions[0].Score
			near(t, "margin", got.MarginDelta, tt.want, 1e-9)
			if got.MarginSource != upsell.MarginDefault {
				t.Errorf("the margin is of %s", got.MarginSource)
			}
		})
	}
}
