package engine_test

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"osusume/recommend"
	"osusume/recommend/engine"
)

// arrivalShop is a shop of two aisles, tea and paint, whose visitors keep to one
// of them, and a new item in each. Nobody has seen the new items.
type arrivalShop struct {
	t       *testing.T
	records []recommend.Record
	now     time.Time
}

const (
	newTea   = "tea-new"
	newPaint = "paint-new"
)

func newArrivalShop(t *testing.T) *arrivalShop {
	t.Helper()
	s := &arrivalShop{t: t, now: shopNow}
	start := s.now.AddDate(0, -6, 0)
	put := func(item recommend.Item, at time.Time) {
		s.records = append(s.records, recommend.Record{Kind: recommend.RecordItemPut, Item: item, Received: at})
	}
	// Titles name a kind and a colour; a colour says nothing about taste.
	colours := []string{"red", "green", "blue", "white", "black", "grey"}
	for _, aisle := range []string{"tea", "paint"} {
		for k := range 18 {
			put(recommend.Item{
				ID: fmt.Sprintf("%s%02d", aisle, k), Category: []string{aisle},
				Title: recommend.Text{"en": fmt.Sprintf("%s %s number%d", colours[k%6], aisle, k)},
			}, start)
		}
	}
	for c := range 120 {
		aisle := []string{"tea", "paint"}[c%2]
		for k := range 5 {
			s.buy(fmt.Sprintf("c%d", c), fmt.Sprintf("%s%02d", aisle, (c/2+k*(1+c%3))%18), s.now.AddDate(0, 0, -100+c%60+k))
		}
	}
	put(recommend.Item{ID: newTea, Title: recommend.Text{"en": "tea novelty"}}, s.now.AddDate(0, 0, -1))
	put(recommend.Item{ID: newPaint, Category: []string{"paint"}}, s.now.AddDate(0, 0, -1))
	return s
}

func (s *arrivalShop) event(typ recommend.EventType, who, item string, at time.Time) {
	n := len(s.records)
	e := recommend.Event{
		ID: fmt.Sprintf("e%d", n), Type: typ, Time: at, CustomerID: who, SessionID: "s-" + who,
		Items: []recommend.EventItem{{ItemID: item, Quantity: 1}},
	}
	if typ == recommend.Purchase {
		e.OrderID = fmt.Sprintf("o%d", n)
	}
	s.records = append(s.records, recommend.Record{Kind: recommend.RecordEvent, Event: e, Received: at})
}

// buy looks at an item and buys it.
func (s *arrivalShop) buy(who, item string, at time.Time) {
	s.event(recommend.ViewItem, who, item, at.Add(-time.Minute))
	s.event(recommend.Purchase, who, item, at)
}

func (s *arrivalShop) view(settings engine.Settings) *engine.View {
	s.t.Helper()
	x := newIndex(s.t, settings)
	x.Apply(uint64(len(s.records)), s.records)
	x.Refresh(s.now, nil)
	x.Learn()
	x.RefreshPopularity()
	return x.Publish(s.now)
}

func (s *arrivalShop) list(v *engine.View, req recommend.Request) recommend.Answer {
	s.t.Helper()
	a, err := v.Recommend(&req)
	if err != nil {
		s.t.Fatal(err)
	}
	return a
}

func position(a recommend.Answer, item string) int {
	return slices.IndexFunc(a.Items, func(r recommend.Recommendation) bool { return r.ItemID == item })
}

// exploring is home with another share of places for new arrivals.
func exploring(share float64) engine.Settings {
	home := engine.DefaultPlacements()["home"]
	home.Explore = share
	return engine.Settings{Placements: map[string]engine.Placement{"home": home}}
}

// TestNewcomerReachesWhoItFits: the new tea is like other teas by one word of
// its title, the new paint by its category; each reaches those who buy the like
// and nobody else, for the reason that it is like one of them.
func TestNewcomerReachesWhoItFits(t *testing.T) {
	s := newArrivalShop(t)
	v := s.view(exploring(0.5))
	for c := range 20 {
		fits, other, aisle := newTea, newPaint, "tea"
		if c%2 == 1 {
			fits, other, aisle = newPaint, newTea, "paint"
		}
		a := s.list(v, recommend.Request{CustomerID: fmt.Sprintf("c%d", c)})
		place := position(a, fits)
		if place < 0 || position(a, other) >= 0 {
			t.Fatalf("c%d, who buys %s, gets %v", c, aisle, a.Items)
		}
		got := a.Items[place]
		if got.Stage != recommend.StageExplore || len(got.Reasons) != 1 || got.Reasons[0].Code != recommend.ReasonNewArrival || got.Reasons[0].ItemID[:3] != aisle[:3] {
			t.Errorf("%s is there for %+v", fits, got)
		}
	}
}

// TestPriceBandDecidesAmongTheLike: a new tea of a price band is most like the
// tea of that band, and an item with nothing in common but its price is like
// none.
func TestPriceBandDecidesAmongTheLike(t *testing.T) {
	yen := func(n int64) recommend.Money { return recommend.Money{Amount: n, Currency: "JPY"} }
	s := newArrivalShop(t)
	put := func(item recommend.Item, at time.Time) {
		s.records = append(s.records, recommend.Record{Kind: recommend.RecordItemPut, Item: item, Received: at})
	}
	for k := range 18 {
		price := yen(500)
		if k == 4 {
			price = yen(1400)
		}
		put(recommend.Item{ID: fmt.Sprintf("tea%02d", k), Category: []string{"tea"}, Price: price}, s.now.AddDate(0, -1, 0))
	}
	put(recommend.Item{ID: newTea, Category: []string{"tea"}, Price: yen(1200)}, s.now.AddDate(0, 0, -1))
	put(recommend.Item{ID: "plain", Price: yen(1400)}, s.now.AddDate(0, 0, -1))
	v := s.view(exploring(0.5))
	for c := 0; c < 20; c += 2 {
		a := s.list(v, recommend.Request{CustomerID: fmt.Sprintf("c%d", c), Limit: 30})
		place := position(a, newTea)
		if place < 0 || a.Items[place].Stage != recommend.StageExplore || a.Items[place].Reasons[0].ItemID != "tea04" {
			t.Fatalf("c%d gets %+v", c, a.Items)
		}
		if k := position(a, "plain"); k >= 0 && a.Items[k].Stage == recommend.StageExplore {
			t.Fatalf("c%d gets an item for its price alone: %+v", c, a.Items[k])
		}
	}
}

// TestNewcomerShareIsBounded: over 1,000 visitors, no list holds more new
// arrivals than the whole number above the share of places, and on average they
// hold the share. Of several places all but one must be earned by score, so
// where they are not, there are fewer.
func TestNewcomerShareIsBounded(t *testing.T) {
	s := newArrivalShop(t)
	for k := range 20 { // plenty to choose from
		s.records = append(s.records, recommend.Record{Kind: recommend.RecordItemPut, Received: s.now.AddDate(0, 0, -1), Item: recommend.Item{
			ID: fmt.Sprintf("fresh%02d", k), Category: []string{[]string{"tea", "paint"}[k%2]},
		}})
	}
	known := make(map[string]bool)
	for _, r := range s.records {
		known[r.Item.ID] = r.Received.After(s.now.AddDate(0, 0, -2)) && r.Kind == recommend.RecordItemPut
	}
	for _, tt := range []struct {
		share  float64
		limit  int
		earned bool
	}{{0.1, 10, false}, {0.05, 10, false}, {0.03, 8, false}, {0.25, 10, true}, {0.5, 4, true}} {
		t.Run(fmt.Sprintf("%v of %d", tt.share, tt.limit), func(t *testing.T) {
			v := s.view(exploring(tt.share))
			total, most := 0, 0
			for k := range 1000 {
				// Guests who look at a tea, each with an id of their own.
				a := s.list(v, recommend.Request{AnonymousID: fmt.Sprintf("guest%d", k), SessionItems: []string{"tea03"}, Limit: tt.limit, Model: "discover"})
				n := 0
				for _, it := range a.Items {
					if known[it.ItemID] {
						n++
					}
				}
				total, most = total+n, max(most, n)
			}
			want := tt.share * float64(tt.limit)
			mean := float64(total) / 1000
			// Four standard errors of the part that is drawn.
			part := want - math.Floor(want)
			if slack := 4*math.Sqrt(part*(1-part)/1000) + 1e-9; mean > want+slack || (!tt.earned && mean < want-slack) {
				t.Errorf("lists hold %.3f new arrivals, want %.3f within %.3f", mean, want, slack)
			}
			if float64(most) > math.Ceil(want) {
				t.Errorf("a list holds %d new arrivals, at most %v are allowed", most, math.Ceil(want))
			}
		})
	}
}

// TestExplorationIsSwitchedOff: by the request, by the placement and by the
// settings, and then the lists are those of a shop without new items.
func TestExplorationIsSwitchedOff(t *testing.T) {
	s := newArrivalShop(t)
	off := exploring(0.5)
	off.Newcomers.Days = -1
	tests := []struct {
		name     string
		settings engine.Settings
		request  recommend.Request
		want     bool
	}{
		{"on", exploring(0.5), recommend.Request{}, true},
		{"the request", exploring(0.5), recommend.Request{NoExplore: true}, false},
		{"the placement", exploring(0), recommend.Request{}, false},
		{"the settings", off, recommend.Request{}, false},
	}
	var lists [][]recommend.Recommendation
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v := s.view(tt.settings)
			found := 0
			for c := range 120 {
				tt.request.CustomerID = fmt.Sprintf("c%d", c)
				a := s.list(v, tt.request)
				if position(a, newTea) >= 0 || position(a, newPaint) >= 0 {
					found++
				}
				if c == 0 && !tt.want {
					lists = append(lists, a.Items)
				}
			}
			if (found > 0) != tt.want {
				t.Errorf("%d of 120 lists hold a new arrival", found)
			}
		})
	}
	for _, l := range lists[1:] {
		if diff := cmp.Diff(lists[0], l); diff != "" {
			t.Errorf("two ways to switch it off differ:\n%s", diff)
		}
	}
}

// TestFirstClickShapesTheNextList: somebody nobody has heard of clicks on one
// item, and the next list is about it.
func TestFirstClickShapesTheNextList(t *testing.T) {
	s := newArrivalShop(t)
	x := newIndex(t, engine.Settings{})
	x.Apply(uint64(len(s.records)), s.records)
	x.Refresh(s.now, nil)
	x.Learn()
	x.RefreshPopularity()
	ofAisle := func(a recommend.Answer, aisle string) int {
		n := 0
		for _, it := range a.Items {
			if it.ItemID[:3] == aisle[:3] {
				n++
			}
		}
		return n
	}
	for _, click := range []string{"tea05", "paint05"} {
		who := "first-" + click
		req := recommend.Request{CustomerID: who, Limit: 6}
		before := s.list(x.Publish(s.now), req)
		n := len(s.records)
		s.event(recommend.ViewItem, who, click, s.now.Add(-time.Minute))
		x.Apply(uint64(len(s.records)), s.records[n:])
		// Nothing is refreshed or learned between the click and the list.
		after := s.list(x.Publish(s.now), req)
		if had, has := ofAisle(before, click), ofAisle(after, click); has != 6 || had == 6 {
			t.Errorf("after a click on %s, %d of 6 items are of its aisle, before it %d: %v", click, has, had, after.Items)
		}
	}
}
