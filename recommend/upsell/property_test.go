package upsell_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"osusume/recommend"
	"osusume/recommend/upsell"
)

// drawShop makes a shop of few families, leaf categories and prices, so that
// every rule has something to do.
func drawShop(t *rapid.T) (*shop, []string) {
	n := rapid.IntRange(2, 14).Draw(t, "items")
	var ids []string
	for i := range n {
		ids = append(ids, fmt.Sprintf("i%02d", i))
	}
	count := func(most uint32) uint32 { return rapid.Uint32Range(0, most).Draw(t, "count") }
	s := &shop{
		buyers: 1000, goods: map[string]recommend.Item{},
		viewed: map[[2]string]upsell.Choice{}, bought: map[[2]string]upsell.Choice{},
		compared: map[[2]string]uint32{}, together: map[string][]with{}, repeats: map[string]upsell.Repeats{},
	}
	for _, id := range ids {
		price := rapid.Int64Range(0, 8).Draw(t, "price") * 250
		it := recommend.Item{
			ID:       id,
			GroupID:  rapid.SampledFrom([]string{"", "g1", "g2"}).Draw(t, "group"),
			Family:   rapid.SampledFrom([]string{"", "f1", "f2"}).Draw(t, "family"),
			Role:     rapid.SampledFrom([]recommend.Role{"", "main", "accessory", "consumable", "plan"}).Draw(t, "role"),
			Rating:   float64(rapid.IntRange(0, 5).Draw(t, "rating")),
			Category: rapid.SampledFrom([][]string{nil, {"a"}, {"a", "b"}, {"c"}}).Draw(t, "category"),
			Attributes: map[string]string{
				"k": rapid.SampledFrom([]string{"", "1GB", "2GB", "3000MB", "much"}).Draw(t, "k"),
			},
			UpgradeAxes:    []recommend.UpgradeAxis{{Key: "k", HigherIsBetter: rapid.Bool().Draw(t, "up")}},
			CompatibleWith: rapid.SampledFrom([][]string{nil, nil, {"g1"}, {"k=2GB"}, {"i00", "i01"}}).Draw(t, "fits"),
			Unavailable:    rapid.IntRange(0, 5).Draw(t, "gone") == 0,
		}
		if price > 0 {
			it.Price = yen(price)
			if rapid.Bool().Draw(t, "cost known") {
				it.Cost = yen(rapid.Int64Range(0, price+250).Draw(t, "cost"))
			}
		}
		if rapid.IntRange(0, 3).Draw(t, "bundle") == 0 {
			it.BundleOf = rapid.SliceOfN(rapid.SampledFrom(ids), 2, 4).Draw(t, "parts")
		}
		s.goods[id] = it
		buyers := count(200)
		repeaters := min(buyers, count(100))
		s.repeats[id] = upsell.Repeats{
			Buyers: buyers, Repeaters: repeaters, RateSum: float64(repeaters) / 30,
			RateSquares: float64(repeaters) / 450, Gaps: uint64(repeaters), GapDays: 30 * float64(repeaters),
		}
	}
	for _, a := range ids {
		for _, b := range ids {
			if a == b {
				continue
			}
			s.viewed[[2]string{a, b}] = upsell.Choice{Chose: count(100), Of: 100, Base: 0.2}
			s.bought[[2]string{a, b}] = upsell.Choice{Chose: count(100), Of: 100, Base: 0.2}
			if both := count(40); both > 0 {
				s.together[a] = append(s.together[a], with{
					item: b, both: both, a: 100, b: 50, after: count(20), before: count(20),
					substitute: rapid.IntRange(0, 5).Draw(t, "substitute") == 0,
				})
			}
		}
	}
	s.freeze()
	return s, ids
}

func drawRequest(t *rapid.T, s *shop, ids []string) upsell.Request {
	id := rapid.SampledFrom(ids)
	r := upsell.Request{
		Surface: rapid.SampledFrom([]upsell.Surface{
			upsell.SurfaceProduct, upsell.SurfaceCart, upsell.SurfacePostPurchase, upsell.SurfaceAccount, upsell.SurfaceEmail,
		}).Draw(t, "surface"),
		ItemID: id.Draw(t, "item"), Cart: cartOf(rapid.SliceOfN(id, 0, 3).Draw(t, "cart")...),
		Order:   rapid.SliceOfN(id, 0, 2).Draw(t, "order"),
		Exclude: rapid.SliceOfN(id, 0, 2).Draw(t, "exclude"), FreeShipping: yen(3000), Now: noon,
		Limit: rapid.IntRange(0, 12).Draw(t, "limit"),
	}
	if rapid.Bool().Draw(t, "known") {
		c := &upsell.Customer{NextTier: &upsell.Tier{Gap: yen(2000)}}
		for range rapid.IntRange(0, 8).Draw(t, "purchases") {
			c.Purchases = append(c.Purchases, upsell.Purchase{
				Item: s.at(id.Draw(t, "bought")), At: ago(float64(rapid.IntRange(-3, 120).Draw(t, "days"))),
			})
		}
		sortPurchases(c.Purchases)
		for range rapid.IntRange(0, 2).Draw(t, "dismissals") {
			c.Dismissed = append(c.Dismissed, upsell.Dismissal{
				Item: s.at(id.Draw(t, "dismissed")), At: ago(float64(rapid.IntRange(0, 60).Draw(t, "days"))),
			})
		}
		c.Usage = []upsell.Usage{{Plan: s.at(id.Draw(t, "plan")), Used: 9, Limit: 10, Overage: yen(300)}}
		r.Customer = c
	}
	return r
}

// TestWhatIsNeverSuggested states the rules anew, without the order the code
// tries them in.
func TestWhatIsNeverSuggested(t *testing.T) {
	u := suggester(t)
	rapid.Check(t, func(t *rapid.T) {
		s, ids := drawShop(t)
		r := drawRequest(t, s, ids)
		answer, err := u.Suggest(&r, s)
		if err != nil {
			t.Fatal(err)
		}
		limit := r.Limit
		if limit == 0 {
			limit = recommend.DefaultLimit
		}
		if len(answer.Suggestions) > limit {
			t.Fatalf("%d suggestions, limit %d", len(answer.Suggestions), limit)
		}
		seen := map[uint32]bool{}
		for i, g := range answer.Suggestions {
			it := s.snapshot.Item(g.Item)
			fail := func(why string) { t.Fatalf("%s %s: %s", g.Kind, it.ID, why) }
			if seen[g.Item] {
				fail("twice")
			}
			seen[g.Item] = true
			if i > 0 && !slices.Contains(answer.Kinds, g.Kind) {
				fail("of a kind that is not named")
			}
			if !it.Eligible() {
				fail("not to be bought now")
			}
			if !(g.Score.EV > 0) || math.IsInf(g.Score.EV, 0) || !(g.Score.P > 0 && g.Score.P <= 1) || !(g.Score.PriceFit > 0 && g.Score.PriceFit <= 1) {
				fail(fmt.Sprintf("scored %+v", g.Score))
			}
			if slices.Contains(r.Exclude, it.ID) {
				fail("excluded")
			}
			for _, l := range r.Cart {
				c := s.goods[l.ItemID]
				if c.ID == it.ID || c.GroupID != "" && c.GroupID == it.GroupID {
					fail("in the cart, or a variant")
				}
				if g.Kind == upsell.KindAccessory && len(c.Category) > 0 && slices.Equal(c.Category, it.Category) {
					fail("of a leaf category in the cart")
				}
			}
			if r.Customer != nil {
				never(&r, s, g, it, fail)
			}
			if g.From != upsell.NoItem {
				from := s.snapshot.Item(g.From)
				related := from.Family != "" && from.Family == it.Family || from.GroupID != "" && from.GroupID == it.GroupID
				switch g.Kind {
				case upsell.KindUpgrade:
					if ratio := float64(it.Price.Amount) / float64(from.Price.Amount); !related || ratio < 1.05 || ratio > 1.6 {
						fail("no upgrade of " + from.ID)
					}
					if _, worse := upsell.CompareAxes(from, it); worse || it.Rating > 0 && it.Rating < from.Rating-0.2 {
						fail("worse than " + from.ID)
					}
				case upsell.KindAccessory:
					if related || len(from.Category) > 0 && slices.Equal(from.Category, it.Category) {
						fail("a substitute of " + from.ID)
					}
				}
			}
			for _, reason := range g.Reasons {
				if reason.N > 0 && reason.N < 50 {
					fail("tells of few")
				}
				if reason.Text("ja") == "" || reason.Text("en") == "" {
					fail("without text: " + string(reason.Code))
				}
			}
		}
	})
}

// never states what must not be suggested to a known customer.
func never(r *upsell.Request, s *shop, g upsell.Suggestion, it *recommend.Item, fail func(string)) {
	for _, p := range r.Customer.Purchases {
		b := s.snapshot.Item(p.Item)
		if p.At.After(r.Now) {
			continue
		}
		if b.ID == it.ID && g.Kind != upsell.KindBuyAgain && g.Kind != upsell.KindCartThreshold && g.Kind != upsell.KindTierNudge {
			fail("owned")
		}
		if g.Kind == upsell.KindUpgrade && r.Now.Sub(p.At).Hours() <= 7*24 && b.Family != "" && b.Family == it.Family {
			fail("an upgrade of what was just bought")
		}
	}
	for _, d := range r.Customer.Dismissed {
		if s.snapshot.Item(d.Item).ID == it.ID && r.Now.Sub(d.At).Hours() < 30*24 {
			fail("dismissed")
		}
	}
}

// TestSameAnswer: the order evidence comes in does not show, nor does asking
// twice.
func TestSameAnswer(t *testing.T) {
	u := suggester(t)
	rapid.Check(t, func(t *rapid.T) {
		s, ids := drawShop(t)
		r := drawRequest(t, s, ids)
		first, err := u.Suggest(&r, s)
		if err != nil {
			t.Fatal(err)
		}
		for _, list := range s.together {
			slices.Reverse(list)
		}
		slices.Reverse(r.Cart)
		slices.Reverse(r.Exclude)
		second, err := u.Suggest(&r, s)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(first, second); diff != "" {
			t.Fatalf("another answer:\n%s", diff)
		}
	})
}
