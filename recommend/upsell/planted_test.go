package upsell_test

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"osusume/recommend"
	"osusume/recommend/upsell"
)

// ask is one case: who asks where, and all that must be suggested in order.
// Whatever is not in want must not be suggested.
type ask struct {
	name    string
	change  func(s *shop) // of the shop, before the request
	request upsell.Request
	history map[string][]float64 // item: days ago it was bought
	dismiss map[string]float64   // item: days ago
	usage   *upsell.Usage
	plan    string // of usage
	tier    *upsell.Tier
	want    []string
}

func (a *ask) customer(s *shop) *upsell.Customer {
	if a.history == nil && a.dismiss == nil && a.usage == nil && a.tier == nil {
		return nil
	}
	c := &upsell.Customer{NextTier: a.tier}
	for id, days := range a.history {
		for _, d := range days {
			c.Purchases = append(c.Purchases, upsell.Purchase{Item: s.at(id), At: ago(d)})
		}
	}
	sortPurchases(c.Purchases)
	for id, d := range a.dismiss {
		c.Dismissed = append(c.Dismissed, upsell.Dismissal{Item: s.at(id), At: ago(d)})
	}
	if a.usage != nil {
		u := *a.usage
		u.Plan = s.at(a.plan)
		c.Usage = append(c.Usage, u)
	}
	return c
}

func (a *ask) suggest(t *testing.T) (*shop, upsell.Answer) {
	t.Helper()
	s := newShop(t)
	if a.change != nil {
		a.change(s)
		s.freeze()
	}
	req := a.request
	req.Now = noon
	req.Customer = a.customer(s)
	answer, err := suggester(t).Suggest(&req, s)
	if err != nil {
		t.Fatal(err)
	}
	return s, answer
}

func listed(s *shop, answer upsell.Answer) []string {
	var list []string
	for _, g := range answer.Suggestions {
		list = append(list, string(g.Kind)+" "+s.snapshot.ID(g.Item))
	}
	return list
}

func cartOf(ids ...string) []upsell.CartLine {
	var lines []upsell.CartLine
	for _, id := range ids {
		lines = append(lines, upsell.CartLine{ItemID: id, Quantity: 1})
	}
	return lines
}

func edit(id string, change func(it *recommend.Item)) func(s *shop) {
	return func(s *shop) {
		it := s.goods[id]
		change(&it)
		s.goods[id] = it
	}
}

// What looking at phone-128 brings to somebody unknown. EV of phone-256 is
// 182/1020 * 5,000 = 892 yen. phone-pro has 122/1020 * 8,000 but its price is
// at percentile (7+8)/2/9 = 0.833, so that the fit is exp(-0.333^2/0.125) =
// 0.41. The case earns 0.3 * 1,780, the film 0.25 * 980, and the other case is
// of the same leaf category.
var viewing = []string{
	"upgrade phone-256", "upgrade phone-pro",
	"accessory case-a", "accessory film", "bundle phone-set",
}

func TestPlanted(t *testing.T) {
	product := func(id string) upsell.Request {
		return upsell.Request{Surface: upsell.SurfaceProduct, ItemID: id}
	}
	cart := func(ids ...string) upsell.Request {
		return upsell.Request{Surface: upsell.SurfaceCart, Cart: cartOf(ids...), FreeShipping: yen(5_000)}
	}
	account := upsell.Request{Surface: upsell.SurfaceAccount}
	tests := []ask{
		{name: "phone viewed", request: product("phone-128"), want: viewing},
		{
			name: "phone viewed by somebody who buys dear", request: product("phone-128"),
			history: map[string][]float64{"phone-max": {800, 850, 900, 950, 1000, 1050, 1100, 1150, 1200, 1250}},
			// Ten purchases at percentile 0.944 make q = 0.842: 110,000 yen, at 0.833,
			// fit fully, and 8,000 * 122/1020 is 957 yen.
			want: []string{"upgrade phone-pro", "upgrade phone-256", "accessory case-a", "accessory film", "bundle phone-set"},
		},
		{
			name: "dearest model viewed: nothing above it", request: product("phone-max"), want: nil,
		},
		{
			name: "better model sold out", request: product("phone-128"),
			change: edit("phone-256", func(it *recommend.Item) { it.Unavailable = true }),
			want:   []string{"upgrade phone-pro", "accessory case-a", "accessory film", "bundle phone-set"},
		},
		{
			name: "dearer with a smaller margin, until it earns more", request: product("phone-128"),
			change: edit("phone-thin-margin", func(it *recommend.Item) { it.Cost = yen(60_000) }),
			want:   []string{"upgrade phone-256", "upgrade phone-pro", "upgrade phone-thin-margin", "accessory case-a", "accessory film", "bundle phone-set"},
		},
		{
			name: "worse on an axis, until its battery is as good", request: product("phone-128"),
			change: edit("phone-slim", func(it *recommend.Item) { it.Attributes["battery"] = "4000 mAh" }),
			want:   []string{"upgrade phone-256", "upgrade phone-pro", "upgrade phone-slim", "accessory case-a", "accessory film", "bundle phone-set"},
		},
		{
			name: "rated far lower, until it is not", request: product("phone-128"),
			change: edit("phone-disliked", func(it *recommend.Item) { it.Rating = 4.3 }),
			want:   []string{"upgrade phone-256", "upgrade phone-pro", "upgrade phone-disliked", "accessory case-a", "accessory film", "bundle phone-set"},
		},
		{
			name: "dearer without a benefit, until people choose it", request: product("phone-128"),
			change: func(s *shop) {
				s.viewed[[2]string{"phone-128", "phone-same"}] = upsell.Choice{Chose: 5, Of: 1000, Base: 0.1}
			},
			want: []string{"upgrade phone-256", "upgrade phone-pro", "upgrade phone-same", "accessory case-a", "accessory film", "bundle phone-set"},
		},
		{
			name: "better on paper, but of a thousand who had the choice none took it", request: product("phone-128"),
			change: func(s *shop) {
				s.viewed[[2]string{"phone-128", "phone-256"}] = upsell.Choice{Of: 1000, Base: 0.1}
			},
			want: []string{"upgrade phone-pro", "accessory case-a", "accessory film", "bundle phone-set"},
		},
		{
			name: "new model: the base rate stands in while few had the choice", request: product("phone-128"),
			change: func(s *shop) {
				s.viewed[[2]string{"phone-128", "phone-256"}] = upsell.Choice{Of: 30, Base: 0.3}
			},
			// p = 6/50 of 5,000 is 600.
			want: []string{"upgrade phone-256", "upgrade phone-pro", "accessory case-a", "accessory film", "bundle phone-set"},
		},
		{
			name: "no evidence in the family at all", request: product("phone-128"),
			change: func(s *shop) { s.viewed = nil },
			want:   []string{"accessory case-a", "accessory film", "bundle phone-set"},
		},
		{
			name: "no evidence that anything goes with it", request: product("phone-128"),
			change: func(s *shop) { s.together = nil },
			want:   []string{"upgrade phone-256", "upgrade phone-pro"},
		},
		{
			name: "better model owned, and so its variants", request: product("phone-128"),
			history: map[string][]float64{"phone-256": {400}},
			want:    []string{"upgrade phone-pro", "accessory case-a", "accessory film"},
		},
		{
			name: "a variant of the better model owned", request: product("phone-128"),
			change: func(s *shop) {
				s.goods["phone-pro-red"] = phone("phone-pro-red", "pro", 150_000, 90_000, 4.7, "256GB", "5,000mAh")
			},
			history: map[string][]float64{"phone-pro-red": {400}},
			want:    []string{"upgrade phone-256", "accessory case-a", "accessory film", "bundle phone-set"},
		},
		{
			name: "case dismissed in another channel last week", request: product("phone-128"),
			dismiss: map[string]float64{"case-a": 7},
			want:    []string{"upgrade phone-256", "upgrade phone-pro", "accessory film", "accessory case-b"},
		},
		{
			name: "case dismissed long ago", request: product("phone-128"),
			dismiss: map[string]float64{"case-a": 31}, want: viewing,
		},
		{
			name: "this phone dismissed: no other storage of it either", request: product("phone-128"),
			dismiss: map[string]float64{"phone-128": 7},
			want:    []string{"upgrade phone-pro", "accessory case-a", "accessory film", "bundle phone-set"},
		},
		{
			name: "better model delivered to this clock from the future", request: product("phone-128"),
			history: map[string][]float64{"phone-256": {-1}}, want: viewing,
		},
		{
			name: "equal worth goes by id", request: product("phone-128"),
			change: func(s *shop) {
				s.together["phone-128"] = []with{{item: "film", both: 120, a: 400, b: 500}, {item: "case-a", both: 120, a: 400, b: 300}}
				edit("film", func(it *recommend.Item) { it.Price, it.Cost = yen(2_980), yen(1_200) })(s)
			},
			want: []string{"upgrade phone-256", "upgrade phone-pro", "accessory case-a", "accessory film"},
		},
		{
			name: "variants without a family", request: product("towel-s"),
			change: towels, want: []string{"upgrade towel-l"},
		},
		{
			name: "excluded by the shop", request: upsell.Request{Surface: upsell.SurfaceProduct, ItemID: "phone-128", Exclude: []string{"phone-256", "film", "nowhere"}},
			want: []string{"upgrade phone-pro", "accessory case-a"},
		},
		{
			name: "case already in the cart: no second one", request: upsell.Request{Surface: upsell.SurfaceProduct, ItemID: "phone-128", Cart: cartOf("case-b")},
			want: []string{"upgrade phone-256", "upgrade phone-pro", "accessory film"},
		},
		{
			name: "case viewed: no phone for it", request: product("case-a"),
			want: []string{"accessory film"},
		},
		{
			name: "rice viewed: the cooker comes first", request: product("rice"), want: nil,
		},
		{
			name: "cooker viewed: rice follows", request: product("rice-cooker"), want: []string{"accessory rice"},
		},
		{
			name:    "phone bought yesterday: what belongs to it, no better phone",
			request: upsell.Request{Surface: upsell.SurfacePostPurchase}, history: map[string][]float64{"phone-128": {1}},
			want: []string{"accessory case-a", "accessory film"},
		},
		{
			name:    "phone just bought, named by the request",
			request: upsell.Request{Surface: upsell.SurfacePostPurchase, Order: []string{"phone-128", "film"}},
			want:    []string{"accessory case-a"},
		},
		{
			name:    "phone bought eight days ago is no recent purchase",
			request: upsell.Request{Surface: upsell.SurfacePostPurchase}, history: map[string][]float64{"phone-128": {8}},
			want: nil,
		},
		{
			name: "phone bought yesterday, its page seen again", request: product("phone-128"),
			history: map[string][]float64{"phone-128": {1}},
			want:    []string{"accessory case-a", "accessory film"},
		},
		{
			name: "phone bought yesterday: no better one by way of a variant of another family", request: product("phone-128"),
			change:  edit("phone-128", func(it *recommend.Item) { it.Family = "phones of last year" }),
			history: map[string][]float64{"phone-max": {1}},
			want:    []string{"accessory dock", "accessory case-a", "accessory film", "bundle phone-set"},
		},
		{
			name: "phone bought yesterday: no upgrade in the account", request: account,
			history: map[string][]float64{"phone-128": {1}}, want: nil,
		},
		{
			name: "phone bought two years ago: the next one", request: account,
			history: map[string][]float64{"phone-128": {600}}, want: []string{"upgrade phone-pro"},
		},
		{
			name: "phone bought longer ago than people move on", request: account,
			history: map[string][]float64{"phone-128": {731}}, want: nil,
		},
		{
			name: "phone replaced since", request: account,
			history: map[string][]float64{"phone-128": {600}, "phone-max": {100}}, want: nil,
		},
		{
			name: "cart 480 yen short of free shipping", request: cart("kettle"),
			want: []string{"accessory mug", "accessory spoon", "cart_threshold tea"},
		},
		{
			name: "cart of three, 440 yen short", request: upsell.Request{
				Surface: upsell.SurfaceCart, Cart: []upsell.CartLine{{ItemID: "kettle", Quantity: 3, Price: yen(1_520)}}, FreeShipping: yen(5_000),
			},
			want: []string{"accessory mug", "accessory spoon", "cart_threshold tea"},
		},
		{
			name: "cart of two currencies is short of nothing", request: upsell.Request{
				Surface: upsell.SurfaceCart, FreeShipping: yen(5_000),
				Cart: []upsell.CartLine{{ItemID: "rice", Price: recommend.Money{Amount: 1, Currency: "USD"}}, {ItemID: "kettle"}},
			},
			want: []string{"accessory mug", "accessory tea", "accessory spoon"},
		},
		{
			name: "what reaches free shipping is not an accessory as well", request: cart("kettle"),
			change: edit("tea", func(it *recommend.Item) { it.Category = nil }),
			want:   []string{"accessory mug", "accessory spoon", "cart_threshold tea"},
		},
		{
			name: "cart with free shipping", request: cart("kettle", "mug"),
			want: []string{"accessory tea", "accessory spoon"},
		},
		{
			name: "cart short, and coffee is due", request: cart("kettle"),
			history: map[string][]float64{"coffee": {61, 30}},
			want:    []string{"accessory mug", "accessory spoon", "cart_threshold tea", "cart_threshold coffee"},
		},
		{
			name: "cart 600 yen short of gold", request: upsell.Request{Surface: upsell.SurfaceCart, Cart: cartOf("kettle")},
			tier: &upsell.Tier{Name: recommend.Text{"ja": "ゴールド", "en": "Gold"}, Gap: yen(5_120)},
			want: []string{"accessory mug", "accessory spoon", "tier_nudge tea"},
		},
		{
			name: "cart with a line of unknown price is short of nothing",
			request: upsell.Request{
				Surface: upsell.SurfaceCart, Cart: cartOf("kettle", "unheard-of"), FreeShipping: yen(5_000),
			},
			want: []string{"accessory mug", "accessory tea", "accessory spoon"},
		},
		{
			name: "a larger pack of what is used up is no next model", request: account,
			history: map[string][]float64{"coffee": {400}},
			change: func(s *shop) {
				for id, price := range map[string]int64{"coffee": 700, "coffee-large": 1_000} {
					it := good(id, "Coffee", recommend.RoleConsumable, price, 300)
					it.Family, it.Rating = "coffee", float64(price)/200
					s.goods[id] = it
				}
				s.bought[[2]string{"coffee", "coffee-large"}] = upsell.Choice{Chose: 40, Of: 100, Base: 0.1}
			},
			want: nil,
		},
		{
			name: "coffee due", request: account, history: map[string][]float64{"coffee": {90, 60, 30}},
			want: []string{"buy_it_again coffee"},
		},
		{
			name: "coffee due, and an order with a clock ahead of ours", request: account,
			history: map[string][]float64{"coffee": {60, 30, -1}}, want: []string{"buy_it_again coffee"},
		},
		{
			name: "coffee not due yet", request: account, history: map[string][]float64{"coffee": {70, 40, 10}}, want: nil,
		},
		{
			name: "coffee given up", request: account, history: map[string][]float64{"coffee": {160, 130, 100}}, want: nil,
		},
		{
			name: "coffee bought once, due by what others do", request: account,
			history: map[string][]float64{"coffee": {29}}, want: []string{"buy_it_again coffee"},
		},
		{
			name: "coffee dismissed", request: account, history: map[string][]float64{"coffee": {90, 60, 30}},
			dismiss: map[string]float64{"coffee": 1}, want: nil,
		},
		{
			name: "mugs are not bought again", request: account, history: map[string][]float64{"mug": {60, 30}}, want: nil,
		},
		{
			name: "two repeaters are no pattern", request: account, history: map[string][]float64{"novelty": {60, 30}}, want: nil,
		},
		{
			name: "coffee before tea, by the rate", request: upsell.Request{Surface: upsell.SurfaceEmail},
			history: map[string][]float64{"coffee": {60, 30}, "tea": {60, 30}},
			want:    []string{"buy_it_again coffee", "buy_it_again tea"},
		},
		{
			name: "plan at 80 % of its limit", request: account,
			usage: &upsell.Usage{Used: 2.4, Limit: 3}, plan: "plan-3", want: []string{"plan_upgrade plan-20"},
		},
		{
			name: "plan at 79 %", request: account,
			usage: &upsell.Usage{Used: 2.37, Limit: 3}, plan: "plan-3", want: nil,
		},
		{
			name: "larger plan taken out three days ago", request: account,
			history: map[string][]float64{"plan-3": {3}},
			usage:   &upsell.Usage{Used: 3, Limit: 3}, plan: "plan-3", want: nil,
		},
		{
			name: "largest plan in use: nothing above it", request: account,
			usage: &upsell.Usage{Used: 50, Limit: 50}, plan: "plan-50", want: nil,
		},
		{
			name: "a cheaper plan with more, and a device of the family, are no larger plans", request: account,
			change: func(s *shop) {
				cheap := plan("plan-cheap", 900, "80GB")
				cheap.Cost = yen(1)
				device := plan("router", 1_500, "80GB")
				device.Role = recommend.RoleMain
				s.goods["plan-cheap"], s.goods["router"] = cheap, device
			},
			usage: &upsell.Usage{Used: 3, Limit: 3}, plan: "plan-3", want: []string{"plan_upgrade plan-20"},
		},
		{
			name: "a dearer plan with no more, and one that is slower", request: account,
			change: func(s *shop) {
				s.goods["plan-20"] = plan("plan-20", 2_000, "3GB")
				slow := plan("plan-50", 3_000, "50GB")
				slow.Attributes["speed"] = "1Mbps"
				s.goods["plan-50"] = slow
				fast := s.goods["plan-3"]
				fast.Attributes["speed"] = "1Gbps"
				fast.UpgradeAxes = append(fast.UpgradeAxes, recommend.UpgradeAxis{Key: "speed", HigherIsBetter: true})
				s.goods["plan-3"] = fast
			},
			usage: &upsell.Usage{Used: 3, Limit: 3}, plan: "plan-3", want: nil,
		},
		{
			name: "overage above the difference of prices", request: account,
			usage: &upsell.Usage{Used: 1, Limit: 0, Overage: yen(1_500)}, plan: "plan-3", want: []string{"plan_upgrade plan-20"},
		},
		{
			name: "overage of just the difference", request: account,
			usage: &upsell.Usage{Used: 1, Limit: 0, Overage: yen(1_000)}, plan: "plan-3", want: nil,
		},
		{
			name: "bundle that saves nothing", request: product("phone-128"),
			change: edit("phone-set", func(it *recommend.Item) { it.Price = yen(84_460) }),
			want:   viewing[:4],
		},
		{
			name: "bundle that earns no more than the phone alone", request: product("phone-128"),
			// 14,760 less 6,560 saved is 8,200, over a tenth of 77,900.
			change: edit("phone-set", func(it *recommend.Item) { it.Price = yen(77_900) }),
			want:   viewing[:4],
		},
		{
			name: "bundle under the margin floor", request: product("phone-128"),
			// 500 + 1,780 + 980 less 2,560 is 700: more than the phone's 500, but no
			// tenth of 81,900.
			change: edit("phone-128", func(it *recommend.Item) { it.Cost = yen(79_500) }),
			want:   []string{"upgrade phone-256", "upgrade phone-pro", "upgrade phone-thin-margin", "accessory case-a", "accessory film"},
		},
		{
			name: "bundle with a part that two bought with the phone", request: product("phone-128"),
			change: func(s *shop) { s.together["phone-128"][0].both = 2 },
			want:   []string{"upgrade phone-256", "upgrade phone-pro", "accessory film", "accessory case-b"},
		},
		{
			name: "bundle of what is in the cart already", request: cart("phone-128", "case-a", "film"),
			change: edit("phone-set", func(it *recommend.Item) { it.Cost = yen(1) }),
			want:   nil,
		},
		{
			name: "phone viewed is sold out itself", request: product("phone-128"),
			change: edit("phone-128", func(it *recommend.Item) { it.Unavailable = true }),
			want:   viewing[:4],
		},
		{
			name: "bundle of one", request: product("phone-128"),
			change: edit("phone-set", func(it *recommend.Item) { it.BundleOf = []string{"phone-128"}; it.Price = yen(79_000) }),
			want:   viewing[:4],
		},
		{
			name: "bundle with a part twice", request: product("phone-128"),
			change: edit("phone-set", func(it *recommend.Item) {
				it.BundleOf, it.Price = []string{"phone-128", "case-a", "case-a"}, yen(84_000)
			}),
			want: viewing[:4],
		},
		{
			name: "bundle with a part sold out", request: product("phone-128"),
			change: edit("film", func(it *recommend.Item) { it.Unavailable = true }),
			want:   viewing[:3],
		},
		{
			name: "limit", request: upsell.Request{Surface: upsell.SurfaceProduct, ItemID: "phone-128", Limit: 3},
			want: viewing[:3],
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, answer := tt.suggest(t)
			if diff := cmp.Diff(tt.want, listed(s, answer)); diff != "" {
				t.Errorf("suggested (-want +got):\n%s", diff)
			}
		})
	}
}

// towels are two sizes of one item, with no family.
func towels(s *shop) {
	for _, size := range []struct {
		id, cm string
		price  int64
	}{{"towel-s", "60cm", 1_000}, {"towel-l", "1.2m", 1_500}} {
		it := good(size.id, "Towels", "", size.price, size.price/2)
		it.GroupID, it.Attributes = "towel", map[string]string{"length": size.cm}
		it.UpgradeAxes = []recommend.UpgradeAxis{{Key: "length", HigherIsBetter: true}}
		s.goods[it.ID] = it
	}
	s.goods["towel-silk"] = good("towel-silk", "Towels", "", 9_000, 4_000)
	s.viewed[[2]string{"towel-s", "towel-l"}] = upsell.Choice{Chose: 10, Of: 100, Base: 0.1}
}

// TestFitWithoutFamily: prices compare within the leaf category, where towels
// cost 1,000, 1,000, 1,500 and 9,000 yen and towel-l is at (2+3)/2/4 = 0.625.
func TestFitWithoutFamily(t *testing.T) {
	tests := []struct {
		name    string
		history map[string][]float64
		q       float64
	}{
		{"somebody unknown", nil, 0.5},
		// Five purchases at (0+2)/2/4 = 0.25.
		{"who buys the cheapest", map[string][]float64{"towel-old": {100, 200, 300, 400, 500}}, (5*0.25 + 1.5) / 8},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := ask{
				request: upsell.Request{Surface: upsell.SurfaceProduct, ItemID: "towel-s"}, history: tt.history,
				change: func(s *shop) {
					towels(s)
					s.goods["towel-old"] = good("towel-old", "Towels", "", 1_000, 500)
				},
			}
			s, answer := a.suggest(t)
			if len(answer.Suggestions) != 1 {
				t.Fatalf("suggested %v", listed(s, answer))
			}
			over := 0.625 - tt.q
			near(t, "price fit", answer.Suggestions[0].Score.PriceFit, math.Exp(-over*over/0.125), 1e-9)
		})
	}
}

// TestProposition checks one answer down to its parts and texts.
func TestProposition(t *testing.T) {
	a := ask{
		request: upsell.Request{Surface: upsell.SurfaceProduct, ItemID: "phone-128"},
		change: edit("phone-256", func(it *recommend.Item) {
			it.ListPrice = yen(99_800)
			it.PriceHistory = []recommend.PricePeriod{
				{Price: yen(99_800), From: ago(100), To: ago(10)}, {Price: yen(92_000), From: ago(10)},
			}
		}),
	}
	s, answer := a.suggest(t)
	if diff := cmp.Diff([]upsell.Kind{upsell.KindUpgrade, upsell.KindAccessory, upsell.KindBundle}, answer.Kinds); diff != "" {
		t.Fatalf("kinds (-want +got):\n%s", diff)
	}
	up := answer.Suggestions[0]
	// The main items of the family cost 80, 90, 90, 90, 92, 95, 100, 110 and 140
	// thousand yen: 92,000 is at (4+5)/2/9 = 0.5, where somebody unknown buys.
	p := 182.0 / 1020
	want := upsell.Suggestion{
		Kind: upsell.KindUpgrade, Item: s.at("phone-256"), From: s.at("phone-128"), Price: yen(92_000),
		Value: upsell.Value{
			PriceDelta: yen(12_000),
			FeatureGains: []upsell.FeatureGain{{
				Key: "storage", Label: recommend.Text{"ja": "ストレージ", "en": "Storage"}, From: "128GB", To: "256GB",
			}},
			Rating: 4.6, Savings: yen(7_800), SavingsPercent: 7, // 7,800/99,800 = 7.8 %
			CompareAt: upsell.CompareAt{Allowed: true, Price: yen(99_800)},
		},
		Score: upsell.Score{P: p, PriceFit: 1, MarginDelta: 5_000, EV: p * 5_000, MarginSource: upsell.MarginCost},
	}
	near(t, "EV", up.Score.EV, 892.156862745098, 1e-9)
	reasons := up.Reasons
	up.Reasons = nil
	close := cmp.Comparer(func(a, b float64) bool { return math.Abs(a-b) < 1e-9*max(1, math.Abs(a)) })
	if diff := cmp.Diff(want, up, close); diff != "" {
		t.Errorf("upgrade (-want +got):\n%s", diff)
	}
	type told struct {
		Code upsell.Code
		N    uint32
		JA   string
	}
	tell := func(reasons []upsell.Reason) (list []told) {
		for i := range reasons {
			list = append(list, told{reasons[i].Code, reasons[i].N, reasons[i].Text("ja")})
		}
		return list
	}
	if diff := cmp.Diff([]told{
		{upsell.CodeViewedBought, 1000, "この商品を見て購入した人の18%がこちらを選びました"},
		{upsell.CodePriceDelta, 0, "+¥12,000で"},
		{upsell.CodeFeatureGain, 0, "ストレージが128GB→256GBに"},
		{upsell.CodeCompared, 400, "400人がこの商品と見比べています"},
		{upsell.CodeSavings, 0, "以前の価格より¥7,800お得(7%)"},
	}, tell(reasons)); diff != "" {
		t.Errorf("reasons of the upgrade (-want +got):\n%s", diff)
	}

	film := answer.Suggestions[3]
	near(t, "EV of the film", film.Score.EV, 0.25*980, 1e-9)
	if diff := cmp.Diff([]told{
		{upsell.CodeTogether, 400, "購入者の25%が一緒に購入しています"},
		{upsell.CodeCompatible, 0, "対応商品です"},
	}, tell(film.Reasons)); diff != "" {
		t.Errorf("reasons of the film (-want +got):\n%s", diff)
	}
	if c := film.Value.CompareAt; c.Allowed || c.Why != upsell.RefusalNoPrice || film.Value.Savings != (recommend.Money{}) {
		t.Errorf("the film is compared at %+v and saves %v", c, film.Value.Savings)
	}

	set := answer.Suggestions[4]
	// Margins 12,000 + 1,780 + 980 less 2,560, of which the phone earns 12,000;
	// the rarer part is the film, 100 of 400.
	near(t, "margin of the set", set.Score.MarginDelta, 200, 1e-9)
	near(t, "EV of the set", set.Score.EV, 50, 1e-9)
	if diff := cmp.Diff([]told{{upsell.CodeBundleSavings, 0, "セットで¥2,560お得(3%)"}}, tell(set.Reasons)); diff != "" {
		t.Errorf("reasons of the set (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]uint32{s.at("phone-128"), s.at("case-a"), s.at("film")}, set.Parts); diff != "" {
		t.Errorf("parts of the set (-want +got):\n%s", diff)
	}
}

// TestNoReasonWithoutGround: few buyers are not told of, and nothing is said to
// fit that does not say so itself.
func TestNoReasonWithoutGround(t *testing.T) {
	a := ask{
		request: upsell.Request{Surface: upsell.SurfaceProduct, ItemID: "rice-cooker"},
		change: func(s *shop) {
			s.together["rice-cooker"] = []with{{item: "rice", both: 20, a: 49, b: 200}}
		},
	}
	_, answer := a.suggest(t)
	if len(answer.Suggestions) != 1 || len(answer.Suggestions[0].Reasons) != 0 {
		t.Errorf("suggested %+v", answer.Suggestions)
	}
}

// TestFewCompared: who compared is counted, and told only of enough.
func TestFewCompared(t *testing.T) {
	for n, told := range map[uint32]bool{49: false, 50: true} {
		a := ask{
			request: upsell.Request{Surface: upsell.SurfaceProduct, ItemID: "phone-128"},
			change:  func(s *shop) { s.compared[[2]string{"phone-128", "phone-256"}] = n },
		}
		_, answer := a.suggest(t)
		got := false
		for _, r := range answer.Suggestions[0].Reasons {
			got = got || r.Code == upsell.CodeCompared
		}
		if got != told {
			t.Errorf("%d who compared are told: %v", n, got)
		}
	}
}

func TestPropositionOfRepeats(t *testing.T) {
	tests := []struct {
		name    string
		bought  []float64
		code    upsell.Code
		text    string
		dueDays float64 // from now
	}{
		{"by habit", []float64{90, 60, 30}, upsell.CodeReplenish, "前回の購入から約30日。そろそろ補充の時期です", 0},
		{"a little early", []float64{84, 54, 24}, upsell.CodeReplenish, "前回の購入から約30日。そろそろ補充の時期です", 6},
		{"late", []float64{110, 80, 50}, upsell.CodeOverdue, "前回の購入から50日。いつもは約30日ごとのご購入です", -20},
		{"by others", []float64{30}, upsell.CodeTypical, "くり返し購入している人は約30日ごとに購入しています", 0},
		{"two orders of one day are one", []float64{30.5, 30}, upsell.CodeTypical, "くり返し購入している人は約30日ごとに購入しています", -0.5},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := ask{request: upsell.Request{Surface: upsell.SurfaceAccount}, history: map[string][]float64{"coffee": tt.bought}}
			s, answer := a.suggest(t)
			if len(answer.Suggestions) != 1 {
				t.Fatalf("suggested %v", listed(s, answer))
			}
			got := answer.Suggestions[0]
			if r := got.Reasons[0]; r.Code != tt.code || r.Text("ja") != tt.text {
				t.Errorf("%s: %s", r.Code, r.Text("ja"))
			}
			if want := ago(-tt.dueDays); got.Due.Sub(want).Abs() > time.Second {
				t.Errorf("due %v, want %v", got.Due, want)
			}
		})
	}
}

func TestPropositionOfPlan(t *testing.T) {
	a := ask{
		request: upsell.Request{Surface: upsell.SurfaceAccount}, plan: "plan-3",
		usage: &upsell.Usage{Used: 4.5, Limit: 3, Overage: yen(1_800)},
	}
	_, answer := a.suggest(t)
	got := answer.Suggestions[0]
	if got.Value.Savings != yen(800) || got.Value.PriceDelta != yen(1_000) {
		t.Errorf("saves %v for %v more", got.Value.Savings, got.Value.PriceDelta)
	}
	var codes []upsell.Code
	for _, r := range got.Reasons {
		codes = append(codes, r.Code)
	}
	if diff := cmp.Diff([]upsell.Code{upsell.CodePlanSavings, upsell.CodePlanUsage, upsell.CodePriceDelta, upsell.CodeFeatureGain}, codes); diff != "" {
		t.Errorf("reasons (-want +got):\n%s", diff)
	}
	if got := got.Reasons[1].Text("ja"); got != "上限の150%をご利用です" {
		t.Error(got)
	}
}

func TestGapsAreTold(t *testing.T) {
	a := ask{
		request: upsell.Request{Surface: upsell.SurfaceCart, Cart: cartOf("rice"), FreeShipping: yen(5_000)},
		tier:    &upsell.Tier{Name: recommend.Text{"ja": "ゴールド", "en": "Gold"}, Gap: yen(10_000)},
	}
	_, answer := a.suggest(t)
	var texts []string
	for i := range answer.Gaps {
		texts = append(texts, answer.Gaps[i].Reason.Text("en"))
	}
	want := []string{"¥2,000 away from free shipping", "¥7,000 more to reach Gold"}
	if diff := cmp.Diff(want, texts); diff != "" || len(answer.Suggestions) != 0 {
		t.Errorf("%d suggestions, gaps (-want +got):\n%s", len(answer.Suggestions), diff)
	}
}

func TestEvidenceFloor(t *testing.T) {
	tests := []struct {
		chose, of uint32
		percent   int
		told      bool
	}{
		{5, 50, 10, true},
		{5, 49, 0, false},
		{4, 50, 0, false},
		{9, 1000, 0, false},
		{10, 1000, 1, true},
		{199, 1000, 19, true},
		{60, 60, 100, true},
		{61, 60, 0, false},
	}
	for _, tt := range tests {
		if p, ok := upsell.Percent(tt.chose, tt.of); p != tt.percent || ok != tt.told {
			t.Errorf("%d of %d: %d %%, told %v", tt.chose, tt.of, p, ok)
		}
	}
}
