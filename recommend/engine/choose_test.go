package engine_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"osusume/recommend"
	"osusume/recommend/engine"
)

// ware is an item of a hand-made shop. With the model of the tests its score is
// buyers over the most buyers of any.
type ware struct {
	id, category, group string
	buyers              int
}

// aisles has three wares in A, two in B, one in C and two in no category:
//
//	id     a1   a2   a3   b1   n1   b2   c1   n2
//	score  1.0  0.9  0.7  0.6  0.5  0.3  0.2  0.1
var aisles = []ware{
	{"a1", "A", "", 10},
	{"a2", "A", "", 9},
	{"a3", "A", "", 7},
	{"b1", "B", "", 6},
	{"n1", "", "", 5},
	{"b2", "B", "", 3},
	{"c1", "C", "", 2},
	{"n2", "", "", 1},
}

// sizes has three variants of one thing, two of another, and one of its own.
var sizes = []ware{
	{"g1", "", "g", 10},
	{"g2", "", "g", 9},
	{"g3", "", "g", 7},
	{"h1", "", "h", 6},
	{"h2", "", "h", 5},
	{"x1", "", "", 3},
}

// chooseView is a shop where those wares were bought two months ago, so that
// nothing is new or trending, with a placement "slot" that shows what sells.
func chooseView(t *testing.T, wares []ware, slot engine.Placement, more ...recommend.Event) *engine.View {
	t.Helper()
	long := shopNow.AddDate(0, 0, -60)
	var records []recommend.Record
	for _, w := range wares {
		it := recommend.Item{ID: w.id, GroupID: w.group}
		if w.category != "" {
			it.Category = []string{"All", w.category}
		}
		records = append(records, recommend.Record{Kind: recommend.RecordItemPut, Item: it, Received: long})
		for n := range w.buyers {
			records = append(records, recommend.Record{Kind: recommend.RecordEvent, Event: recommend.Event{
				ID: fmt.Sprint(w.id, n), Type: recommend.Purchase, Time: long, CustomerID: fmt.Sprint("buyer", n),
				OrderID: fmt.Sprint("order", n), Items: []recommend.EventItem{{ItemID: w.id, Quantity: 1}},
			}})
		}
	}
	for n, e := range more {
		e.ID, e.CustomerID = fmt.Sprint("more", n), "ann"
		records = append(records, recommend.Record{Kind: recommend.RecordEvent, Event: e})
	}
	slot.Model = "sells"
	x := newIndex(t, engine.Settings{
		Newcomers:  engine.Newcomers{Days: -1},
		Models:     map[string]engine.Model{"sells": {Recent: engine.Recent{Weight: 1}}},
		Placements: map[string]engine.Placement{"slot": slot},
	})
	x.Apply(uint64(len(records)), records)
	return published(t, x)
}

// did is an event of the customer ann, some hours ago.
func did(kind recommend.EventType, hoursAgo int, items ...string) recommend.Event {
	e := recommend.Event{Type: kind, Time: shopNow.Add(-time.Duration(hoursAgo) * time.Hour)}
	for _, id := range items {
		e.Items = append(e.Items, recommend.EventItem{ItemID: id, Quantity: 1})
	}
	return e
}

// listed is the answer as "a1 b1 | a2": what was scored, then what filled up.
func listed(t *testing.T, v *engine.View, req recommend.Request) string {
	t.Helper()
	req.Placement = "slot"
	answer, err := v.Recommend(&req)
	if err != nil {
		t.Fatal(err)
	}
	var words []string
	for k, it := range answer.Items {
		if it.Score == 0 && (k == 0 || answer.Items[k-1].Score > 0) {
			words = append(words, "|")
		}
		words = append(words, it.ItemID)
	}
	return strings.Join(words, " ")
}

// The lists of everything in order of score.
const aislesRanked, sizesRanked = "a1 a2 a3 b1 n1 b2 c1 n2", "g1 g2 g3 h1 h2 x1"

func TestChooseDiversity(t *testing.T) {
	share := func(d float64) *float64 { return &d }
	tests := []struct {
		name  string
		slot  float64
		asked *float64
		limit int
		want  string
	}{
		{"0 ranks by score", 0, share(0), 10, aislesRanked},
		// a1 1.0; b1 .6 (a2 .9/2 = .45, n1 .5); n1 .5; a2 .45; now a3 is .7/4 = .175
		// and b2 .3/2 = .15: c1 .2; a3; b2; n2 .1.
		{"0.5 halves each further one", 0, share(0.5), 10, "a1 b1 n1 a2 c1 a3 b2 n2"},
		{"0.5 cut short", 0, share(0.5), 4, "a1 b1 n1 a2"},
		// Items without a category are like nothing else.
		{"1 takes a category again last", 0, share(1), 10, "a1 b1 n1 c1 n2 a2 a3 b2"},
		{"1 cut short", 0, share(1), 6, "a1 b1 n1 c1 n2 a2"},
		{"the placement's", 0.5, nil, 10, "a1 b1 n1 a2 c1 a3 b2 n2"},
		{"the request's 0 goes first", 0.5, share(0), 10, aislesRanked},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v := chooseView(t, aisles, engine.Placement{Diversity: tt.slot})
			if got := listed(t, v, recommend.Request{Diversity: tt.asked, Limit: tt.limit}); got != tt.want {
				t.Errorf("the list is %q, want %q", got, tt.want)
			}
		})
	}
}

// TestChooseBounds: after | stands what came in when the bounds gave way, most
// buyers first.
func TestChooseBounds(t *testing.T) {
	half := 0.5
	tests := []struct {
		name  string
		wares []ware
		slot  engine.Placement
		req   recommend.Request
		want  string
	}{
		{"no bound on categories", aisles, engine.Placement{}, recommend.Request{}, aislesRanked},
		{"1 per category", aisles, engine.Placement{}, recommend.Request{MaxPerCategory: 1, Limit: 5}, "a1 b1 n1 c1 n2"},
		{"1 per category gives way", aisles, engine.Placement{}, recommend.Request{MaxPerCategory: 1, Limit: 7}, "a1 b1 n1 c1 n2 | a2 a3"},
		{"2 per category", aisles, engine.Placement{}, recommend.Request{MaxPerCategory: 2}, "a1 a2 b1 n1 b2 c1 n2 | a3"},
		{"the placement's categories", aisles, engine.Placement{MaxPerCategory: 1}, recommend.Request{Limit: 3}, "a1 b1 n1"},
		{"the request's categories", aisles, engine.Placement{MaxPerCategory: 1}, recommend.Request{MaxPerCategory: 2, Limit: 3}, "a1 a2 b1"},
		{"-1 lifts categories", aisles, engine.Placement{MaxPerCategory: 1}, recommend.Request{MaxPerCategory: -1}, aislesRanked},
		// As with diversity alone, but a2, a3 and b2 stay out while others are left.
		{"with diversity", aisles, engine.Placement{}, recommend.Request{MaxPerCategory: 1, Diversity: &half, Limit: 6}, "a1 b1 n1 c1 n2 | a2"},
		{"1 per group unasked", sizes, engine.Placement{}, recommend.Request{Limit: 3}, "g1 h1 x1"},
		{"1 per group gives way", sizes, engine.Placement{}, recommend.Request{Limit: 5}, "g1 h1 x1 | g2 g3"},
		{"2 per group", sizes, engine.Placement{}, recommend.Request{MaxPerGroup: 2}, "g1 g2 h1 h2 x1 | g3"},
		{"the placement's groups", sizes, engine.Placement{MaxPerGroup: 2}, recommend.Request{Limit: 4}, "g1 g2 h1 h2"},
		{"-1 lifts groups", sizes, engine.Placement{}, recommend.Request{MaxPerGroup: -1}, sizesRanked},
		{"the placement's -1 lifts groups", sizes, engine.Placement{MaxPerGroup: -1}, recommend.Request{}, sizesRanked},
		{"1 asked of a placement of -1", sizes, engine.Placement{MaxPerGroup: -1}, recommend.Request{MaxPerGroup: 1, Limit: 2}, "g1 h1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := listed(t, chooseView(t, tt.wares, tt.slot), tt.req); got != tt.want {
				t.Errorf("the list is %q, want %q", got, tt.want)
			}
		})
	}
}

// TestChooseFillsWithinBounds: what fills a list keeps to the bounds as well,
// while others are left. The model knows nothing of a guest.
func TestChooseFillsWithinBounds(t *testing.T) {
	for _, tt := range []struct {
		limit int
		want  string
	}{{3, "a1 b1 n1"}, {5, "a1 b1 n1 c1 n2"}, {8, "a1 b1 n1 c1 n2 a2 a3 b2"}} {
		v := chooseView(t, aisles, engine.Placement{})
		got := listed(t, v, recommend.Request{Model: "discover", MaxPerCategory: 1, Limit: tt.limit})
		if want := "| " + tt.want; got != want {
			t.Errorf("the list of %d is %q, want %q", tt.limit, got, want)
		}
	}
}

func TestChooseHidesVariants(t *testing.T) {
	bought := did(recommend.Purchase, 500, "g2")
	tests := []struct {
		name   string
		slot   engine.Placement
		events []recommend.Event
		req    recommend.Request
		want   string
	}{
		{"nobody", engine.Placement{}, nil, recommend.Request{}, sizesRanked},
		{"the item looked at", engine.Placement{}, nil, recommend.Request{ItemID: "g2"}, "h1 h2 x1"},
		{"the cart", engine.Placement{}, nil, recommend.Request{Cart: []string{"x1", "h1"}}, "g1 g2 g3"},
		{"the cart of the visitor", engine.Placement{}, []recommend.Event{did(recommend.AddToCart, 5, "h2")}, recommend.Request{}, "g1 g2 g3 x1"},
		{"bought", engine.Placement{}, []recommend.Event{bought}, recommend.Request{}, "h1 h2 x1"},
		{"bought, never again", engine.Placement{Bought: engine.BoughtNever}, []recommend.Event{bought}, recommend.Request{}, "h1 h2 x1"},
		{"bought, always again", engine.Placement{Bought: engine.BoughtAlways}, []recommend.Event{bought}, recommend.Request{}, sizesRanked},
		{"bought, repeats allowed", engine.Placement{Bought: engine.BoughtNever}, []recommend.Event{bought}, recommend.Request{Repeat: recommend.RepeatAllow}, sizesRanked},
		{"bought, repeats excluded", engine.Placement{Bought: engine.BoughtAlways}, []recommend.Event{bought}, recommend.Request{Repeat: recommend.RepeatExclude}, "h1 h2 x1"},
		{"only viewed", engine.Placement{}, []recommend.Event{did(recommend.ViewItem, 5, "g2")}, recommend.Request{}, sizesRanked},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.req.CustomerID, tt.req.MaxPerGroup = "ann", -1
			// Hidden items stay out even where the list stays short.
			if got := listed(t, chooseView(t, sizes, tt.slot, tt.events...), tt.req); got != tt.want {
				t.Errorf("the list is %q, want %q", got, tt.want)
			}
		})
	}
}

// shownEach is a list with a2 in it, shown once in each of those hours.
func shownEach(fromHoursAgo, times int) []recommend.Event {
	var events []recommend.Event
	for n := range times {
		events = append(events, did(recommend.ViewItemList, fromHoursAgo-n, "a2"))
	}
	return events
}

func TestChooseRotation(t *testing.T) {
	click := func(hoursAgo int) recommend.Event { return did(recommend.SelectItem, hoursAgo, "a2") }
	tests := []struct {
		name   string
		events []recommend.Event
		rotate float64
		visits string // who asks
		score  float64
		want   string
	}{
		{"never shown", nil, 0.1, "ann", 0.9, aislesRanked},
		{"10 times, nobody clicked", shownEach(20, 10), 0.1, "ann", 0.9 / 2, "a1 a3 b1 n1 a2 b2 c1 n2"},
		{"a click restores", append(shownEach(20, 10), click(5)), 0.1, "ann", 0.9, aislesRanked},
		{"a click with the last one", append(shownEach(20, 10), click(11)), 0.1, "ann", 0.9, aislesRanked},
		// Shown 20 to 11 hours ago; after the click 15 hours ago 4 are left: .9/1.4.
		{"a click in between", append(shownEach(20, 10), click(15)), 0.1, "ann", 0.9 / 1.4, "a1 a3 a2 b1 n1 b2 c1 n2"},
		{"a click before", append(shownEach(20, 10), click(30)), 0.1, "ann", 0.9 / 2, "a1 a3 b1 n1 a2 b2 c1 n2"},
		{"over two weeks ago", shownEach(15*24, 10), 0.1, "ann", 0.9, aislesRanked},
		{"somebody else", shownEach(20, 10), 0.1, "buyer99", 0.9, aislesRanked},
		{"switched off", shownEach(20, 10), 0, "ann", 0.9, aislesRanked},
		// 1 + 0.5*10 = 6: .15.
		{"stronger", shownEach(20, 10), 0.5, "ann", 0.9 / 6, "a1 a3 b1 n1 b2 c1 a2 n2"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v := chooseView(t, aisles, engine.Placement{Rotate: tt.rotate}, tt.events...)
			answer, err := v.Recommend(&recommend.Request{CustomerID: tt.visits, Placement: "slot"})
			if err != nil {
				t.Fatal(err)
			}
			var ids []string
			for _, it := range answer.Items {
				ids = append(ids, it.ItemID)
				if it.ItemID == "a2" && math.Abs(it.Score-tt.score) > 1e-6 {
					t.Errorf("a2 scores %v, want %v", it.Score, tt.score)
				}
			}
			if diff := cmp.Diff(tt.want, strings.Join(ids, " ")); diff != "" {
				t.Errorf("the list (-want +got)\n%s", diff)
			}
		})
	}
}
