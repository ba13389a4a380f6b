package engine_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"osusume/recommend"
	"osusume/recommend/engine"
	"osusume/recommend/upsell"
)

// upsellDay is the last day of the shop below.
var upsellDay = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

// upsellShop sells two phones, what goes with them and coffee.
type upsellShop struct {
	events []recommend.Record
	n      int
}

func (s *upsellShop) put(it recommend.Item) {
	s.events = append(s.events, recommend.Record{Kind: recommend.RecordItemPut, Received: upsellDay.AddDate(-1, 0, 0), Item: it})
}

// did lets a customer do something so many days before upsellDay. Each call is an
// order or session of its own unless in names one.
func (s *upsellShop) did(customer string, daysAgo float64, kind recommend.EventType, in string, items ...string) {
	s.value(customer, daysAgo, kind, in, 0, items...)
}

func (s *upsellShop) value(customer string, daysAgo float64, kind recommend.EventType, in string, value float64, items ...string) {
	s.n++
	e := recommend.Event{
		ID: fmt.Sprint("e", s.n), Type: kind, CustomerID: customer, Value: value,
		Time: upsellDay.Add(-time.Duration(daysAgo * 24 * float64(time.Hour))),
	}
	if in == "" {
		in = e.ID
	}
	switch kind {
	case recommend.Purchase, recommend.Refund:
		e.OrderID = in
	default:
		e.SessionID = in
	}
	for _, id := range items {
		e.Items = append(e.Items, recommend.EventItem{ItemID: id, Quantity: 1})
	}
	s.events = append(s.events, recommend.Record{Kind: recommend.RecordEvent, Event: e})
}

func (s *upsellShop) view(t *testing.T) *engine.View {
	t.Helper()
	x := newIndex(t, engine.Settings{})
	x.Apply(uint64(len(s.events)), s.events)
	x.Refresh(upsellDay, nil)
	x.RefreshPopularity()
	return x.Publish(upsellDay)
}

func upsellYen(n int64) recommend.Money { return recommend.Money{Amount: n, Currency: "JPY"} }

// newUpsellShop has 100 customers. Of those who looked at the phone, 40 bought it,
// 20 of them with the case, and 15 left with the better one. 30 buy coffee every ten
// days, three times. 30 look at both cases, and only two bought both.
func newUpsellShop() *upsellShop {
	s := &upsellShop{}
	for _, it := range []recommend.Item{
		{ID: "phone", Family: "kaze", Price: upsellYen(80_000), Cost: upsellYen(60_000), Attributes: map[string]string{"gb": "128"}, Category: []string{"Phones"}, Role: recommend.RoleMain},
		{ID: "phone-plus", Family: "kaze", Price: upsellYen(92_000), Cost: upsellYen(66_000), Attributes: map[string]string{"gb": "256"}, Category: []string{"Phones"}, Role: recommend.RoleMain},
		{ID: "case", Price: upsellYen(2_000), Cost: upsellYen(600), Category: []string{"Cases"}, Role: recommend.RoleAccessory, CompatibleWith: []string{"phone"}},
		{ID: "sleeve", Price: upsellYen(2_500), Cost: upsellYen(600), Category: []string{"Sleeves"}},
		{ID: "mug", Price: upsellYen(1_500), Cost: upsellYen(500), Category: []string{"Mugs"}},
		{ID: "coffee", Price: upsellYen(1_200), Cost: upsellYen(500), Category: []string{"Coffee"}, Role: recommend.RoleConsumable},
		{ID: "set", Price: upsellYen(81_000), Cost: upsellYen(60_600), BundleOf: []string{"phone", "case"}},
		{ID: "old-set", Price: upsellYen(81_000), BundleOf: []string{"phone", "sleeve"}},
	} {
		if it.Family != "" {
			it.UpgradeAxes = []recommend.UpgradeAxis{{Key: "gb", HigherIsBetter: true}}
		}
		s.put(it)
	}
	s.events = append(s.events, recommend.Record{Kind: recommend.RecordItemDelete, Item: recommend.Item{ID: "old-set"}})
	for k := range 100 {
		c := fmt.Sprintf("c%02d", k)
		switch {
		case k < 20:
			s.did(c, 60, recommend.ViewItem, "look"+c, "phone", "case")
			s.did(c, 60, recommend.Purchase, "", "phone", "case")
		case k < 40:
			s.did(c, 60, recommend.ViewItem, "", "phone")
			s.did(c, 59, recommend.Purchase, "", "phone")
		case k < 55:
			s.did(c, 60, recommend.ViewItem, "both"+c, "phone", "phone-plus")
			s.did(c, 58, recommend.Purchase, "", "phone-plus")
		case k < 85:
			for _, ago := range []float64{50, 40, 30} {
				s.did(c, ago, recommend.Purchase, "", "coffee")
			}
			s.did(c, 20, recommend.ViewItem, "compare"+c, "case", "sleeve")
		default:
			s.did(c, 20, recommend.Purchase, "", "sleeve")
		}
	}
	// Two took both, and ten of those with a phone buy mugs as well.
	s.did("c00", 90, recommend.Purchase, "", "sleeve", "case")
	s.did("c01", 90, recommend.Purchase, "", "sleeve", "case")
	for k := range 10 {
		s.did(fmt.Sprintf("c%02d", k), 55, recommend.Purchase, "", "mug")
	}
	return s
}

func TestUpsellFacts(t *testing.T) {
	v := newUpsellShop().view(t)
	f := v.UpsellFacts()
	at := func(id string) uint32 {
		i, ok := f.Catalog().Lookup(id)
		if !ok {
			t.Fatalf("no item %q", id)
		}
		return i
	}
	phone, plus, box, sleeve, coffee := at("phone"), at("phone-plus"), at("case"), at("sleeve"), at("coffee")
	pair := func(a, b uint32) upsell.Pair {
		for _, p := range f.Together(a, nil) {
			if p.Item == b {
				return p
			}
		}
		return upsell.Pair{}
	}
	own, category := f.Repeats(coffee)
	// 30 customers bought coffee 3 times over 20 days: 2 gaps each, a rate of 2/20.
	rate := 6554.0 / 65536 // 0.1 in the units it is counted in
	repeats := upsell.Repeats{
		Buyers: 30, Repeaters: 30, RateSum: 30 * rate, RateSquares: 30 * rate * rate, Gaps: 60, GapDays: 600,
	}
	for _, c := range []struct {
		name      string
		got, want any
	}{
		{"buyers", f.Buyers(), uint32(100)},
		// 15 of the 55 who looked at the phone and bought in its family; the base is
		// 15 / (70 + 55 who chose among the two) of one other model each.
		{"viewed", f.Viewed(phone, plus), upsell.Choice{Chose: 15, Of: 55, Base: 15.0 / 70}},
		{"viewed, the other way", f.Viewed(plus, phone), upsell.Choice{Chose: 0, Of: 15, Base: 15.0 / 70}},
		{"bought", f.Bought(phone, plus), upsell.Choice{}},
		{"compared", f.Compared(plus, phone), uint32(15)},
		// Two had a case before the phone.
		{"together", pair(phone, box), upsell.Pair{Item: box, Both: 20, OfA: 40, OfB: 20, Share: 0.5, Before: 2}},
		// Two of the 22 orders with a case.
		{"substitute", pair(box, sleeve), upsell.Pair{Item: sleeve, Both: 2, OfA: 20, OfB: 17, Share: 1. / 11, Substitute: true}},
		{"a taste, never in one order", pair(phone, at("mug")), upsell.Pair{}},
		{"never together", pair(phone, coffee), upsell.Pair{}},
		{"repeats", own, repeats},
		{"repeats of the leaf", category, repeats},
		{"bundles", f.Bundles(phone, nil), []uint32{at("set")}},
		{"no bundles", f.Bundles(coffee, nil), []uint32(nil)},
	} {
		if diff := cmp.Diff(c.want, c.got, cmpopts.EquateApprox(0, 1e-6)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

// TestUpsellShare: how probable it is that an order holds two items goes by orders,
// whoever else buys both; recent orders count for more once weights are learned.
func TestUpsellShare(t *testing.T) {
	// 20 customers order a grinder with beans a year ago, 20 others with filters, all
	// of them last month. Ten of the first order a grinder alone, three times. 30 buy a
	// scale as well, in other orders, and one of them with a grinder.
	s := &upsellShop{}
	for _, id := range []string{"grinder", "beans", "filters", "scale"} {
		s.put(recommend.Item{ID: id, Price: upsellYen(1000), Category: []string{id}})
	}
	for k := range 20 {
		s.did(fmt.Sprint("early", k), 360, recommend.Purchase, "", "grinder", "beans")
		s.did(fmt.Sprint("late", k), 30, recommend.Purchase, "", "grinder", "filters")
		if k < 10 {
			for again := range 3 {
				s.did(fmt.Sprint("early", k), float64(300+again), recommend.Purchase, "", "grinder")
			}
		}
		if k < 15 {
			s.did(fmt.Sprint("early", k), 200, recommend.Purchase, "", "scale")
			s.did(fmt.Sprint("late", k), 20, recommend.Purchase, "", "scale")
		}
	}
	s.did("late0", 10, recommend.Purchase, "", "grinder", "scale")

	withoutItemModel := engine.Settings{Placements: map[string]engine.Placement{"item": {Model: "popularity"}}}
	for _, c := range []struct {
		name           string
		settings       engine.Settings
		learn          bool
		beans, filters float64
	}{
		// Of 71 orders with a grinder 20 hold beans, 20 filters and one a scale.
		{"counted", engine.Settings{}, false, 20. / 71, 20. / 71},
		{"no model that goes by orders", withoutItemModel, true, 20. / 71, 20. / 71},
		// Half of the weight is gone after 120 days; see below for the sum.
		{"learned", engine.Settings{}, true, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			x := newIndex(t, c.settings)
			x.Apply(uint64(len(s.events)), s.events)
			x.Refresh(upsellDay, nil)
			if c.learn {
				x.Learn()
			}
			x.RefreshPopularity()
			v := x.Publish(upsellDay)
			f := v.UpsellFacts()
			grinder, _ := f.Catalog().Lookup("grinder")
			got := map[string]upsell.Pair{}
			for _, p := range f.Together(grinder, nil) {
				got[f.Catalog().ID(p.Item)] = p
			}
			if _, found := got["scale"]; found {
				t.Error("a scale was in one order with a grinder, and goes with it")
			}
			// 40 customers bought a grinder, however often.
			if p := got["beans"]; p.Both != 20 || p.OfA != 40 {
				t.Errorf("%d of %d customers bought beans, want 20 of 40", p.Both, p.OfA)
			}
			beans, filters := got["beans"].Share, got["filters"].Share
			if c.beans == 0 {
				// 330 days are 2.75 half-lives: 2^2.75 = 6.7 times as much.
				if ratio := filters / beans; ratio < 5 || ratio > 8 {
					t.Errorf("recent orders count %v times as much: %v and %v", ratio, filters, beans)
				}
				if sum := filters + beans; sum > 41./71 || sum < 36./71 {
					t.Errorf("shares sum up to %v, want those of orders but for the scale's", sum)
				}
				return
			}
			// The mean over the whole list is that of orders, the scale's part of it too.
			if diff := cmp.Diff([]float64{c.beans, c.filters}, []float64{beans, filters}, cmpopts.EquateApprox(0.05, 0)); diff != "" {
				t.Errorf("shares (-want +got):\n%s", diff)
			}
		})
	}
}

// kinds lists suggestions as "kind item".
func kinds(t *testing.T, v *engine.View, req engine.UpsellRequest) []string {
	t.Helper()
	answer, err := v.Upsell(&req)
	if err != nil {
		t.Fatal(err)
	}
	list := []string{}
	for _, s := range answer.Suggestions {
		list = append(list, string(s.Kind)+" "+s.ItemID)
	}
	return list
}

func productPage(customer, item string) engine.UpsellRequest {
	return engine.UpsellRequest{CustomerID: customer, Request: upsell.Request{Surface: upsell.SurfaceProduct, ItemID: item}}
}

func TestUpsell(t *testing.T) {
	s := newUpsellShop()
	s.did("owner", 30, recommend.Purchase, "o1", "phone", "case")
	s.did("returner", 30, recommend.Purchase, "o2", "phone-plus")
	s.did("returner", 20, recommend.Refund, "o2", "phone-plus")
	s.did("fresh", 2, recommend.Purchase, "", "phone")
	s.did("drinker", 19, recommend.Purchase, "", "coffee")
	s.did("drinker", 9, recommend.Purchase, "", "coffee")
	v := s.view(t)
	account := func(customer string) engine.UpsellRequest {
		return engine.UpsellRequest{CustomerID: customer, Request: upsell.Request{Surface: upsell.SurfaceAccount}}
	}
	for _, c := range []struct {
		name string
		req  engine.UpsellRequest
		want []string
	}{
		{"a stranger", productPage("", "phone"), []string{"upgrade phone-plus", "accessory case", "bundle set"}},
		{"an owner of the case", productPage("owner", "phone"), []string{"upgrade phone-plus"}},
		{"who gave it back", productPage("returner", "phone"), []string{"upgrade phone-plus", "accessory case", "bundle set"}},
		{"just bought", productPage("fresh", "phone"), []string{"accessory case"}},
		{
			"after the order",
			engine.UpsellRequest{CustomerID: "fresh", Request: upsell.Request{Surface: upsell.SurfacePostPurchase}},
			[]string{"accessory case"},
		},
		{"due", account("drinker"), []string{"buy_it_again coffee"}},
		{"nothing due", account("nobody"), []string{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, kinds(t, v, c.req)); diff != "" {
				t.Errorf("suggestions (-want +got):\n%s", diff)
			}
		})
	}
}

func TestUpsellNames(t *testing.T) {
	v := newUpsellShop().view(t)
	answer, err := v.Upsell(&engine.UpsellRequest{Request: upsell.Request{Surface: upsell.SurfaceProduct, ItemID: "phone"}})
	if err != nil {
		t.Fatal(err)
	}
	set := answer.Suggestions[len(answer.Suggestions)-1]
	if set.ItemID != "set" || set.FromID != "phone" || !slices.Equal(set.PartIDs, []string{"phone", "case"}) {
		t.Errorf("bundle %q from %q of %q", set.ItemID, set.FromID, set.PartIDs)
	}
	if answer.AppliedSeq != v.Seq() || !answer.AsOf.Equal(upsellDay) {
		t.Errorf("state %d as of %v", answer.AppliedSeq, answer.AsOf)
	}
}

// TestUpsellDismissed: who does not want an item does not see it for 30 days, on any
// surface and whatever the channel they said so in, unless they change their mind.
func TestUpsellDismissed(t *testing.T) {
	s := newUpsellShop()
	for _, customer := range []string{"no", "long-ago", "changed", "again", "nothing-said"} {
		s.did(customer, 100, recommend.Login, "")
	}
	s.value("no", 3, recommend.Feedback, "", -1, "phone-plus", "case")
	s.value("long-ago", 31, recommend.Feedback, "", -1, "phone-plus")
	s.value("changed", 3, recommend.Feedback, "", -1, "phone-plus")
	s.value("changed", 2, recommend.Feedback, "", 1, "phone-plus")
	s.value("again", 3, recommend.Feedback, "", 1, "phone-plus")
	s.value("again", 2, recommend.Feedback, "", -0.5, "phone-plus")
	s.value("nothing-said", 3, recommend.Feedback, "", 0, "phone-plus")
	v := s.view(t)
	for customer, want := range map[string]bool{"no": false, "long-ago": true, "changed": true, "again": false, "nothing-said": true} {
		t.Run(customer, func(t *testing.T) {
			got := kinds(t, v, productPage(customer, "phone"))
			if slices.Contains(got, "upgrade phone-plus") != want {
				t.Errorf("the upgrade shows: %v, want %v; got %v", !want, want, got)
			}
		})
	}
	if got := kinds(t, v, engine.UpsellRequest{CustomerID: "no", Request: upsell.Request{Surface: upsell.SurfaceCart, Cart: []upsell.CartLine{{ItemID: "phone"}}}}); len(got) > 0 {
		t.Errorf("dismissed on one page, shown on another: %v", got)
	}
	// Opinions count for nothing else.
	quiet := newUpsellShop()
	if diff := cmp.Diff(quiet.view(t).Stats().SessionPairs, v.Stats().SessionPairs); diff != "" {
		t.Errorf("pairs (-without +with):\n%s", diff)
	}
}
