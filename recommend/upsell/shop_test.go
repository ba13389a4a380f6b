package upsell_test

import (
	"slices"
	"testing"
	"time"

	"osusume/recommend"
	"osusume/recommend/catalog"
	"osusume/recommend/upsell"
)

// shop is a small hand-made shop and what its customers did, by external ids.
type shop struct {
	goods    map[string]recommend.Item
	viewed   map[[2]string]upsell.Choice
	bought   map[[2]string]upsell.Choice
	compared map[[2]string]uint32
	together map[string][]with
	repeats  map[string]upsell.Repeats
	buyers   uint32
	snapshot *catalog.Snapshot
}

// with is one pair of together.
type with struct {
	item          string
	both, a, b    uint32
	after, before uint32
	substitute    bool
}

func yen(n int64) recommend.Money { return recommend.Money{Amount: n, Currency: "JPY"} }

func (s *shop) freeze() {
	c := catalog.New()
	for _, it := range s.goods {
		c.Put(it)
	}
	s.snapshot = c.Snapshot()
}

func (s *shop) at(id string) uint32 {
	i, ok := s.snapshot.Lookup(id)
	if !ok {
		panic("the shop has no " + id)
	}
	return i
}

func (s *shop) pair(a, b uint32) [2]string { return [2]string{s.snapshot.ID(a), s.snapshot.ID(b)} }

func (s *shop) Catalog() *catalog.Snapshot       { return s.snapshot }
func (s *shop) Viewed(a, b uint32) upsell.Choice { return s.viewed[s.pair(a, b)] }
func (s *shop) Bought(a, b uint32) upsell.Choice { return s.bought[s.pair(a, b)] }
func (s *shop) Compared(a, b uint32) uint32      { return s.compared[s.pair(a, b)] }
func (s *shop) Buyers() uint32                   { return s.buyers }
func (s *shop) Repeats(i uint32) (_, _ upsell.Repeats) {
	return s.repeats[s.snapshot.ID(i)], upsell.Repeats{}
}

func (s *shop) Together(a uint32, buf []upsell.Pair) []upsell.Pair {
	for _, w := range s.together[s.snapshot.ID(a)] {
		buf = append(buf, upsell.Pair{
			Item: s.at(w.item), Both: w.both, OfA: w.a, OfB: w.b,
			After: w.after, Before: w.before, Substitute: w.substitute,
		})
	}
	return buf
}

func (s *shop) Bundles(i uint32, buf []uint32) []uint32 {
	for _, it := range s.goods {
		for _, part := range it.BundleOf {
			if part == s.snapshot.ID(i) {
				buf = append(buf, s.at(it.ID))
			}
		}
	}
	return buf
}

func phone(id, group string, price, cost int64, rating float64, storage, battery string) recommend.Item {
	return recommend.Item{
		ID: id, GroupID: group, Family: "kaze", Category: []string{"Electronics", "Phones"}, Role: recommend.RoleMain,
		Price: yen(price), Cost: yen(cost), Rating: rating, RatingCount: 100,
		Attributes: map[string]string{"storage": storage, "battery": battery, "size": "6.1"},
		UpgradeAxes: []recommend.UpgradeAxis{
			{Key: "storage", Label: recommend.Text{"ja": "ストレージ", "en": "Storage"}, HigherIsBetter: true},
			{Key: "battery", Label: recommend.Text{"ja": "電池", "en": "Battery"}, HigherIsBetter: true},
		},
	}
}

func good(id, leaf string, role recommend.Role, price, cost int64, fits ...string) recommend.Item {
	return recommend.Item{
		ID: id, Category: []string{"Goods", leaf}, Role: role, Price: yen(price), Cost: yen(cost), CompatibleWith: fits,
	}
}

func plan(id string, price int64, data string) recommend.Item {
	return recommend.Item{
		ID: id, Family: "mobile", Role: recommend.RolePlan, Price: yen(price), Cost: yen(price / 2),
		Attributes:  map[string]string{"data": data},
		UpgradeAxes: []recommend.UpgradeAxis{{Key: "data", HigherIsBetter: true}},
	}
}

// newShop sells phones with what belongs to them, coffee, kettles and plans.
func newShop(t *testing.T) *shop {
	t.Helper()
	main, accessory, consumable := recommend.RoleMain, recommend.RoleAccessory, recommend.RoleConsumable
	s := &shop{
		buyers: 10_000,
		goods:  map[string]recommend.Item{},
		viewed: map[[2]string]upsell.Choice{
			{"phone-128", "phone-256"}: {Chose: 180, Of: 1000, Base: 0.1},
			{"phone-128", "phone-pro"}: {Chose: 120, Of: 1000, Base: 0.1},
		},
		bought: map[[2]string]upsell.Choice{
			{"phone-128", "phone-pro"}: {Chose: 12, Of: 60, Base: 0.1},
		},
		compared: map[[2]string]uint32{{"phone-128", "phone-256"}: 400},
		together: map[string][]with{
			// P(case|phone) = 0.3 and the other way round 0.4.
			"phone-128": {
				{item: "case-a", both: 120, a: 400, b: 300},
				{item: "case-b", both: 60, a: 400, b: 200},
				{item: "case-other", both: 80, a: 400, b: 200},
				{item: "film", both: 100, a: 400, b: 500},
				{item: "dock", both: 100, a: 400, b: 200},
				{item: "tablet", both: 100, a: 400, b: 200, substitute: true},
				{item: "magazine", both: 12, a: 400, b: 300}, // as often as by chance
				{item: "strap", both: 2, a: 400, b: 2},       // G2 12.9, but of two
				{item: "at-a-loss", both: 100, a: 400, b: 200},
				{item: "phone-256", both: 20, a: 400, b: 100},
			},
			"case-a": {{item: "phone-128", both: 120, a: 300, b: 400}, {item: "film", both: 90, a: 300, b: 500}},
			"kettle": {
				{item: "tea", both: 60, a: 300, b: 500},
				{item: "mug", both: 90, a: 300, b: 600},
				{item: "spoon", both: 80, a: 300, b: 400},
			},
			// Without roles, what people buy first is not what follows.
			"rice":        {{item: "rice-cooker", both: 50, a: 200, b: 100, after: 2, before: 40}},
			"rice-cooker": {{item: "rice", both: 50, a: 100, b: 200, after: 40, before: 2}},
		},
		repeats: map[string]upsell.Repeats{
			"coffee":  {Buyers: 200, Repeaters: 100, RateSum: 100.0 / 30, RateSquares: 100.0 / 900 * 1.5, Gaps: 300, GapDays: 9000},
			"tea":     {Buyers: 200, Repeaters: 60, RateSum: 60.0 / 30, RateSquares: 60.0 / 900 * 1.5, Gaps: 100, GapDays: 3000},
			"mug":     {Buyers: 200, Repeaters: 10, RateSum: 10.0 / 30, RateSquares: 10.0 / 900 * 1.5, Gaps: 10, GapDays: 300},
			"novelty": {Buyers: 4, Repeaters: 2, RateSum: 2.0 / 30, RateSquares: 2.0 / 900 * 1.5, Gaps: 2, GapDays: 60},
		},
	}
	out := phone("phone-out", "out", 95_000, 70_000, 4.6, "256GB", "4,000mAh")
	out.Stock = new(int64)
	careful := good("phone-care", "Phones", recommend.RolePlan, 88_000, 1_000)
	careful.Family, careful.Rating = "kaze", 5
	dock := good("dock", "Docks", accessory, 9_800, 5_000)
	dock.Family = "kaze"
	set := recommend.Item{ID: "phone-set", Price: yen(81_900), BundleOf: []string{"phone-128", "case-a", "film"}}
	for _, it := range []recommend.Item{
		phone("phone-128", "phone", 80_000, 68_000, 4.5, "128GB", "4,000mAh"),
		phone("phone-256", "phone", 92_000, 75_000, 4.6, "256GB", "4,000mAh"),
		phone("phone-pro", "pro", 110_000, 90_000, 4.7, "0.25TB", "5,000mAh"),
		phone("phone-thin-margin", "thin", 100_000, 91_000, 4.9, "512GB", "4,000mAh"),
		phone("phone-slim", "slim", 90_000, 60_000, 4.9, "512GB", "3,500mAh"),
		phone("phone-disliked", "disliked", 90_000, 60_000, 4.2, "512GB", "4,000mAh"),
		phone("phone-max", "max", 140_000, 90_000, 4.9, "1TB", "6,000mAh"),
		phone("phone-same", "same", 90_000, 60_000, 4.5, "128GB", "4,000mAh"),
		phone("phone-dollar", "dollar", 90_000, 60_000, 4.9, "512GB", "4,000mAh"),
		out, careful, dock, set,
		good("case-a", "Cases", accessory, 2_980, 1_200, "phone", "size=6.1"),
		good("case-b", "Cases", accessory, 2_480, 1_000, "phone"),
		good("case-other", "Cases", accessory, 9_980, 1_000, "other-phone"),
		good("film", "Films", accessory, 1_480, 500, "size=6.1"),
		good("tablet", "Tablets", main, 50_000, 30_000),
		good("magazine", "Magazines", main, 900, 100),
		good("strap", "Straps", accessory, 5_000, 100),
		good("at-a-loss", "Gifts", accessory, 500, 600),
		good("kettle", "Kettles", main, 4_520, 3_000),
		good("tea", "Tea", consumable, 600, 300, "kettle"),
		good("mug", "Mugs", "", 980, 400),
		good("spoon", "Spoons", "", 300, 100),
		good("coffee", "Coffee", consumable, 700, 300),
		good("novelty", "Novelties", "", 700, 300),
		good("rice", "Rice", "", 3_000, 2_000),
		good("rice-cooker", "Cookers", "", 30_000, 20_000),
		plan("plan-3", 1_000, "3GB"), plan("plan-20", 2_000, "20GB"), plan("plan-50", 3_000, "50GB"),
	} {
		s.goods[it.ID] = it
	}
	dollar := s.goods["phone-dollar"]
	dollar.Price.Currency, dollar.Cost.Currency = "USD", "USD"
	dollar.Price.Amount, dollar.Cost.Amount = 9_000_000, 6_000_000
	s.goods["phone-dollar"] = dollar
	for id := range s.goods {
		// Every other model has been chosen too: only the rules keep it out.
		if _, ok := s.viewed[[2]string{"phone-128", id}]; !ok {
			s.viewed[[2]string{"phone-128", id}] = upsell.Choice{Chose: 4, Of: 1000, Base: 0.1}
		}
	}
	s.freeze()
	return s
}

var noon = time.Date(2026, 6, 15, 3, 0, 0, 0, time.UTC) // in Tokyo

func ago(days float64) time.Time { return noon.Add(-time.Duration(days * 24 * float64(time.Hour))) }

func suggester(t testing.TB) *upsell.Suggester {
	t.Helper()
	s, err := upsell.New(upsell.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func sortPurchases(list []upsell.Purchase) {
	slices.SortFunc(list, func(a, b upsell.Purchase) int { return a.At.Compare(b.At) })
}
