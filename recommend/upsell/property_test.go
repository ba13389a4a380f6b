package upsell_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"osusume/recommend"
	"osusume/recommend/upsell"
)

// drawn is a source of random shops and requests. Its seed is drawn by rapid;
// the rest is even, so that most shops have something to suggest.
type drawn struct{ *rand.Rand }

func draw(t *rapid.T) drawn {
	return drawn{rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))}
}

func pick[T any](d drawn, of ...T) T { return of[d.IntN(len(of))] }

func (d drawn) some(ids []string, most int) []string {
	var list []string
	for range d.IntN(most + 1) {
		list = append(list, pick(d, ids...))
	}
	return list
}

// shop makes a shop of few families, leaf categories and prices, so that every
// rule has something to do.
func (d drawn) shop() (*shop, []string) {
	var ids []string
	for i := range 6 + d.IntN(10) {
		ids = append(ids, fmt.Sprintf("i%02d", i))
	}
	s := &shop{
		buyers: 1000, goods: map[string]recommend.Item{},
		viewed: map[[2]string]upsell.Choice{}, bought: map[[2]string]upsell.Choice{},
		compared: map[[2]string]uint32{}, together: map[string][]with{}, repeats: map[string]upsell.Repeats{},
	}
	for _, id := range ids {
		it := recommend.Item{
			ID:       id,
			GroupID:  pick(d, "", "", "g1", "g2"),
			Family:   pick(d, "", "f1", "f1", "f2"),
			Role:     pick[recommend.Role](d, "", "main", "main", "accessory", "consumable", "plan", "plan"),
			Rating:   pick(d, 0, 4, 4.1, 4.2, 4.3),
			Category: pick(d, nil, []string{"a"}, []string{"a", "b"}, []string{"c"}),
			Attributes: map[string]string{
				"k": pick(d, "", "1GB", "2GB", "3000MB", "much"),
			},
			UpgradeAxes:    []recommend.UpgradeAxis{{Key: "k", HigherIsBetter: d.IntN(6) > 0}},
			CompatibleWith: pick(d, nil, nil, []string{"g1"}, []string{"k=2GB"}, []string{"i00", "i01"}),
			Unavailable:    d.IntN(8) == 0,
		}
		if price := 250 * int64(pick(d, 0, 1, 2, 3, 4, 5, 6, 7, 8)); price > 0 {
			it.Price = yen(price)
			if d.IntN(2) == 0 {
				it.Cost = yen(d.Int64N(price + 100))
			}
		}
		s.goods[id] = it
		buyers := 1 + d.Uint32N(200)
		repeaters := d.Uint32N(buyers)
		s.repeats[id] = upsell.Repeats{
			Buyers: buyers, Repeaters: repeaters, RateSum: float64(repeaters) / 30,
			RateSquares: float64(repeaters) / 450, Gaps: uint64(repeaters), GapDays: 30 * float64(repeaters),
		}
	}
	for range 3 {
		set := recommend.Item{ID: pick(d, ids...) + "-set", BundleOf: []string{pick(d, ids...), pick(d, ids...)}}
		sum := s.goods[set.BundleOf[0]].Price.Amount + s.goods[set.BundleOf[1]].Price.Amount
		set.Price = yen(sum * int64(pick(d, 88, 96, 98, 100, 105)) / 100)
		s.goods[set.ID] = set
	}
	for _, a := range ids {
		for _, b := range ids {
			if a == b {
				continue
			}
			pair := [2]string{a, b}
			s.viewed[pair] = upsell.Choice{Chose: d.Uint32N(100), Of: 100, Base: 0.2}
			s.bought[pair] = upsell.Choice{Chose: d.Uint32N(100), Of: 100, Base: 0.2}
			s.compared[pair] = d.Uint32N(100)
			if d.IntN(2) == 0 {
				s.together[a] = append(s.together[a], with{
					item: b, both: 1 + d.Uint32N(40), a: 100, b: 50, after: d.Uint32N(20), before: d.Uint32N(20),
					substitute: d.IntN(6) == 0,
				})
			}
		}
	}
	s.freeze()
	return s, ids
}

func (d drawn) request(s *shop, ids []string) upsell.Request {
	r := upsell.Request{
		Surface: pick(
			d, upsell.SurfaceProduct, upsell.SurfaceCart, upsell.SurfacePostPurchase, upsell.SurfaceAccount, upsell.SurfaceEmail,
		),
		ItemID: pick(d, ids...), Cart: cartOf(d.some(ids, 3)...), Order: d.some(ids, 2), Exclude: d.some(ids, 2),
		FreeShipping: yen(3000), Now: noon, Limit: d.IntN(12),
	}
	if d.IntN(2) == 0 {
		c := &upsell.Customer{NextTier: &upsell.Tier{Name: recommend.Text{"en": "Gold"}, Gap: yen(2000)}}
		for range d.IntN(8) {
			c.Purchases = append(c.Purchases, upsell.Purchase{Item: s.at(pick(d, ids...)), At: ago(float64(d.IntN(120) - 3))})
		}
		sortPurchases(c.Purchases)
		for _, id := range d.some(ids, 2) {
			c.Dismissed = append(c.Dismissed, upsell.Dismissal{Item: s.at(id), At: ago(float64(d.IntN(60)))})
		}
		for _, id := range ids {
			if s.goods[id].Role == recommend.RolePlan {
				c.Usage = append(c.Usage, upsell.Usage{Plan: s.at(id), Used: 9, Limit: 10, Overage: yen(300)})
			}
		}
		r.Customer = c
	}
	return r
}

// TestWhatIsNeverSuggested states the rules anew, without the order the code
// tries them in.
func TestWhatIsNeverSuggested(t *testing.T) {
	u := suggester(t)
	kinds := map[upsell.Kind]int{}
	rapid.Check(t, func(t *rapid.T) {
		d := draw(t)
		s, ids := d.shop()
		for range 50 {
			r := d.request(s, ids)
			checkNever(t, u, s, r, kinds)
		}
	})
	// A kind that never came up was not checked; these come up dozens of times.
	t.Log(kinds)
	for _, k := range []upsell.Kind{
		upsell.KindUpgrade, upsell.KindAccessory, upsell.KindCartThreshold,
		upsell.KindBuyAgain, upsell.KindBundle,
	} {
		if !t.Failed() && kinds[k] == 0 {
			t.Errorf("no %s in %v", k, kinds)
		}
	}
}

func checkNever(t *rapid.T, u *upsell.Suggester, s *shop, r upsell.Request, kinds map[upsell.Kind]int) {
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
	for _, g := range answer.Suggestions {
		it := s.snapshot.Item(g.Item)
		fail := func(why string) { t.Fatalf("%s %s: %s", g.Kind, it.ID, why) }
		if seen[g.Item] {
			fail("twice")
		}
		seen[g.Item] = true
		kinds[g.Kind]++
		if !slices.Contains(answer.Kinds, g.Kind) {
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
		d := draw(t)
		s, ids := d.shop()
		for range 20 {
			r := d.request(s, ids)
			first, err := u.Suggest(&r, s)
			if err != nil {
				t.Fatal(err)
			}
			for _, list := range s.together {
				slices.Reverse(list)
			}
			slices.Reverse(r.Cart)
			slices.Reverse(r.Order)
			slices.Reverse(r.Exclude)
			second, err := u.Suggest(&r, s)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(first, second) {
				t.Fatalf("another answer:\n%s", cmp.Diff(first, second))
			}
		}
	})
}
