package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"osusume/bench/demoshop"
	"osusume/recommend"
	"osusume/recommend/engine"
	"osusume/recommend/upsell"
)

// upsellDemo is the demo shop and what some visitors did besides.
func upsellDemo(t *testing.T) *engine.View {
	t.Helper()
	shop := demoshop.New(demoshop.Config{Seed: demoSeed, End: demoEnd()})
	index, err := engine.NewIndex(engine.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	var records []recommend.Record
	for _, it := range shop.Items() {
		records = append(records, recommend.Record{Kind: recommend.RecordItemPut, Item: it, Received: demoEnd().AddDate(-1, 0, 0)})
	}
	for e := range shop.Events() {
		records = append(records, recommend.Record{Kind: recommend.RecordEvent, Event: e})
	}
	for i, e := range []recommend.Event{
		{Type: recommend.Feedback, CustomerID: "t-dismissed", Channel: "line", Value: -1, Items: []recommend.EventItem{{ItemID: "phone-aozora-8-256", Quantity: 1}}},
		{Type: recommend.Purchase, CustomerID: "t-returned", OrderID: "t-1", Items: []recommend.EventItem{{ItemID: "phone-aozora-8-128", Quantity: 1}}},
		{Type: recommend.Refund, CustomerID: "t-returned", OrderID: "t-1", Items: []recommend.EventItem{{ItemID: "phone-aozora-8-128", Quantity: 1}}},
	} {
		e.ID, e.Time = fmt.Sprint("t-event-", i), demoEnd().AddDate(0, 0, -2)
		records = append(records, recommend.Record{Kind: recommend.RecordEvent, Event: e})
	}
	index.Apply(uint64(len(records)), records)
	index.Refresh(demoEnd(), nil)
	index.Learn()
	index.RefreshPopularity()
	return index.Publish(demoEnd())
}

// upsellCase is what must, and what must not, be suggested. A suggestion is "kind item"
// with the code of a reason it must have, if any; what is never suggested is a
// beginning of that or, after "*", of the item alone.
type upsellCase struct {
	name  string
	req   engine.UpsellRequest
	must  []string
	never []string
	gap   int64 // of the only threshold that the cart is short of
}

func onProduct(customer, item string) engine.UpsellRequest {
	return engine.UpsellRequest{CustomerID: customer, Request: upsell.Request{Surface: upsell.SurfaceProduct, ItemID: item}}
}

func onAccount(customer string) engine.UpsellRequest {
	return engine.UpsellRequest{CustomerID: customer, Request: upsell.Request{Surface: upsell.SurfaceAccount}}
}

func afterOrder(customer string, items ...string) engine.UpsellRequest {
	return engine.UpsellRequest{CustomerID: customer, Request: upsell.Request{Surface: upsell.SurfacePostPurchase, Order: items}}
}

func inCart(customer string, freeFrom int64, items ...string) engine.UpsellRequest {
	r := engine.UpsellRequest{CustomerID: customer, Request: upsell.Request{Surface: upsell.SurfaceCart}}
	if freeFrom > 0 {
		r.FreeShipping = recommend.Money{Amount: freeFrom, Currency: "JPY"}
	}
	for _, id := range items {
		r.Cart = append(r.Cart, upsell.CartLine{ItemID: id})
	}
	return r
}

func usingPlan(plan string, used, limit float64, overage int64) engine.UpsellRequest {
	r := onAccount("t-plan")
	u := engine.PlanUsage{PlanID: plan, Used: used, Limit: limit}
	if overage > 0 {
		u.Overage = recommend.Money{Amount: overage, Currency: "JPY"}
	}
	r.Usage = []engine.PlanUsage{u}
	return r
}

func nearTier(gap int64, items ...string) engine.UpsellRequest {
	r := inCart("", 0, items...)
	r.NextTier = &upsell.Tier{Name: recommend.Text{"ja": "ゴールド", "en": "Gold"}, Gap: recommend.Money{Amount: gap, Currency: "JPY"}}
	return r
}

func upsellCases() []upsellCase {
	return []upsellCase{
		{
			name: "a phone is looked at: the better one, for what others chose",
			req:  onProduct("", "phone-aozora-8-128"),
			must: []string{"upgrade phone-aozora-8-256 VIEWED_A_BOUGHT_B", "upgrade phone-aozora-8-256 PRICE_DELTA", "upgrade phone-aozora-8-256 FEATURE_GAIN"},
			// No other phone goes with a phone, and no older or smaller one is better.
			never: []string{"accessory phone-", "upgrade phone-aozora-7", "upgrade phone-komorebi", "upgrade phone-origami"},
		},
		{
			name: "and what belongs to it, cut for it",
			req:  onProduct("", "phone-aozora-8-128"),
			must: []string{
				"accessory film-aozora-8 COMPATIBLE", "accessory film-aozora-8 BOUGHT_TOGETHER", "accessory case-aozora-8-clear COMPATIBLE",
				"accessory charger-usbc-20w", "accessory plan-data-20", "accessory care-phone",
			},
			never: []string{"*film-aozora-7", "*case-aozora-7", "*case-komorebi", "accessory case-aozora-8-black", "*tablet"},
		},
		{
			name: "and the set that saves",
			req:  onProduct("", "phone-aozora-8-128"),
			must: []string{"bundle set-aozora-8 BUNDLE_SAVINGS"},
		},
		{
			name:  "last year's phone: this year's, and never what is sold no more",
			req:   onProduct("", "phone-aozora-7-128"),
			must:  []string{"upgrade phone-aozora-8-128 FEATURE_GAIN"},
			never: []string{"*phone-aozora-6"},
		},
		{
			name:  "the dearest phone of its family has no better one",
			req:   onProduct("", "phone-aozora-8-pro-512"),
			never: []string{"upgrade "},
		},
		{
			name:  "bought yesterday: what protects it, never another phone",
			req:   afterOrder("c-newphone"),
			must:  []string{"accessory film-aozora-8", "accessory case-aozora-8-clear"},
			never: []string{"upgrade ", "*phone-", "bundle "},
		},
		{
			name:  "bought yesterday, on its own page",
			req:   onProduct("c-newphone", "phone-aozora-8-128"),
			must:  []string{"accessory film-aozora-8"},
			never: []string{"upgrade ", "bundle set-aozora-8"},
		},
		{name: "bought yesterday: the account says nothing of a better phone", req: onAccount("c-newphone"), never: []string{"upgrade "}},
		{
			name: "given back: the phone is not owned",
			req:  onProduct("t-returned", "phone-aozora-8-128"),
			must: []string{"upgrade phone-aozora-8-256", "bundle set-aozora-8"},
		},
		{
			name:  "not wanted, said in another channel",
			req:   onProduct("t-dismissed", "phone-aozora-8-128"),
			must:  []string{"accessory film-aozora-8"},
			never: []string{"*phone-aozora-8-256"},
		},
		{
			name:  "beans every three weeks are due",
			req:   onAccount("c-coffee"),
			must:  []string{"buy_it_again beans-ethiopia-200 REPLENISH"},
			never: []string{"*dripper", "*server", "*beans-guatemala"},
		},
		{
			name:  "the cat's food is due, the dog's never",
			req:   onAccount("c-cat"),
			must:  []string{"buy_it_again catfood-salmon-1kg REPLENISH"},
			never: []string{"*dogfood", "*leash", "*tower-cat"},
		},
		{name: "six months of silence: the habit has ended", req: onAccount("c-away"), never: []string{"buy_it_again "}},
		{
			name: "a camera of last year, its owner comes back",
			req:  onAccount("c-photo"),
			must: []string{"upgrade camera-hikari-m2 FEATURE_GAIN"},
			// That one costs more than half as much again.
			never: []string{"*camera-hikari-m2-pro", "*lens-18-55"},
		},
		{name: "a console, its owner later", req: onAccount("c-gamer"), must: []string{"upgrade console-mugen-1tb"}, never: []string{"*game-ninja-kage"}},
		{name: "the stroller for a bigger child", req: onAccount("c-newparent"), must: []string{"upgrade stroller-ayumi-2", "buy_it_again diaper-s"}},
		{
			name:  "480 yen short of free shipping",
			req:   inCart("", 2960, "dripper-cone-ceramic"),
			must:  []string{"cart_threshold filter-cone-02 FREE_SHIPPING_GAP"},
			never: []string{"upgrade ", "cart_threshold kettle"},
			gap:   480,
		},
		{name: "shipping is free already", req: inCart("", 2480, "dripper-cone-ceramic"), must: []string{"accessory filter-cone-02"}, never: []string{"cart_threshold "}},
		{
			name: "what is due fills the cart",
			req:  inCart("c-coffee", 4280, "dripper-wave"),
			must: []string{"cart_threshold beans-ethiopia-200 REPLENISH"},
			gap:  1000,
		},
		{name: "500 yen short of gold", req: nearTier(2980, "dripper-cone-ceramic"), must: []string{"tier_nudge filter-cone-02 TIER_GAP"}, gap: 500},
		{
			name:  "a camera in the cart: a lens, not another camera",
			req:   inCart("", 0, "camera-hikari-m1"),
			must:  []string{"accessory lens-18-55", "bundle set-hikari-m1"},
			never: []string{"*camera-"},
		},
		{name: "with the lens in the cart: no second one", req: inCart("", 0, "camera-hikari-m1", "lens-18-55"), never: []string{"*lens-", "bundle set-hikari-m1"}},
		{
			name:  "a taste for coffee is no reason to sell a machine with a dripper",
			req:   inCart("", 0, "dripper-cone-ceramic"),
			must:  []string{"accessory filter-cone-02"},
			never: []string{"*espresso", "*siphon", "*coffeemaker", "*dripper"},
		},
		{name: "a case does not call for a phone", req: onProduct("", "case-aozora-8-clear"), must: []string{"accessory film-aozora-8"}, never: []string{"*phone-"}},
		{name: "17 of 20 GB used", req: usingPlan("plan-data-20", 17, 20, 0), must: []string{"plan_upgrade plan-data-50 PLAN_USAGE"}},
		{name: "5 of 20 GB used", req: usingPlan("plan-data-20", 5, 20, 0), never: []string{"plan_upgrade "}},
		{name: "more paid beyond the plan than the next costs", req: usingPlan("plan-data-20", 20, 20, 1500), must: []string{"plan_upgrade plan-data-50 PLAN_SAVINGS"}},
		{name: "the largest plan", req: usingPlan("plan-data-50", 50, 50, 5000), never: []string{"plan_upgrade "}},
		{
			name: "reduced last week: the former price may be told",
			req:  onProduct("", "phone-aozora-7-128"),
			must: []string{"upgrade phone-aozora-7-256 SAVINGS"},
		},
		{name: "somebody unknown", req: onAccount("t-nobody"), never: []string{"*"}},
		{name: "who only ever looked", req: onAccount("c-looking"), never: []string{"*"}},
	}
}

// TestDemoUpsell lists what the demo shop must and must not suggest.
func TestDemoUpsell(t *testing.T) {
	view := upsellDemo(t)
	for _, c := range upsellCases() {
		t.Run(c.name, func(t *testing.T) {
			answer, err := view.Upsell(&c.req)
			if err != nil {
				t.Fatal(err)
			}
			var told []string
			for i := range answer.Suggestions {
				s := &answer.Suggestions[i]
				line := string(s.Kind) + " " + s.ItemID
				for _, r := range s.Reasons {
					line += " " + string(r.Code)
				}
				told = append(told, line)
				checkSuggestion(t, view, s)
			}
			has := func(s string) bool {
				words := strings.Fields(s)
				return slices.ContainsFunc(told, func(line string) bool {
					got := strings.Fields(line)
					return got[0] == words[0] && got[1] == words[1] && (len(words) < 3 || slices.Contains(got[2:], words[2]))
				})
			}
			for _, s := range c.must {
				if !has(s) {
					t.Errorf("%q is missing", s)
				}
			}
			for _, prefix := range c.never {
				for _, line := range told {
					if item, ok := strings.CutPrefix(prefix, "*"); ok && strings.HasPrefix(strings.Fields(line)[1], item) || strings.HasPrefix(line, prefix) {
						t.Errorf("%q must not be there", line)
					}
				}
			}
			short := int64(0)
			for i := range answer.Gaps {
				short += answer.Gaps[i].Amount.Amount
			}
			if short != c.gap || len(answer.Gaps) > 1 {
				t.Errorf("short of %+v, want %d yen", answer.Gaps, c.gap)
			}
			if t.Failed() {
				t.Logf("suggested:\n%s", strings.Join(told, "\n"))
			}
		})
	}
}

// checkSuggestion holds what is true of every suggestion.
func checkSuggestion(t *testing.T, view *engine.View, s *engine.Suggestion) {
	t.Helper()
	it, ok := view.Item(s.ItemID)
	if !ok || !it.Eligible() {
		t.Errorf("%s cannot be bought", s.ItemID)
		return
	}
	if !(s.Score.EV > 0) || s.Price != it.Price {
		t.Errorf("%s at %v for %v, worth %v", s.ItemID, it.Price, s.Price, s.Score)
	}
	if s.Value.Savings.Amount > 0 && s.Kind != upsell.KindBundle && s.Kind != upsell.KindPlanUpgrade && !s.Value.CompareAt.Allowed {
		t.Errorf("%s: a saving that may not be told", s.ItemID)
	}
	for i := range s.Reasons {
		r := &s.Reasons[i]
		for _, locale := range [...]string{"ja", "en"} {
			if r.Text(locale) == "" {
				t.Errorf("%s: %s has no text in %s", s.ItemID, r.Code, locale)
			}
		}
		if r.Params.Percent > 0 && r.N > 0 && r.N < 50 {
			t.Errorf("%s: a share of %d customers is told", s.ItemID, r.N)
		}
	}
}
