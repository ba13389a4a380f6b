package engine_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"osusume/recommend"
	"osusume/recommend/engine"
)

// A shop's page tells an order with the device, its back end the same order with
// the customer: that is one order, in whatever order the two arrive.
func TestOrderToldByPageAndBackEnd(t *testing.T) {
	order := func(id string, who recommend.Event) recommend.Record {
		e := recommend.Event{
			ID: id, Type: recommend.Purchase, Time: shopStart, OrderID: "o1", CustomerID: who.CustomerID, AnonymousID: who.AnonymousID,
			Items: []recommend.EventItem{{ItemID: "phone", Quantity: 1}, {ItemID: "case", Quantity: 1}},
		}
		return recommend.Record{Kind: recommend.RecordEvent, Event: e}
	}
	page := order("page", recommend.Event{AnonymousID: "device"})
	backEnd := order("back end", recommend.Event{CustomerID: "ann"})
	both := order("both", recommend.Event{CustomerID: "ann", AnonymousID: "device"})
	tests := []struct {
		name    string
		records []recommend.Record
	}{
		{"page first", []recommend.Record{page, backEnd}},
		{"back end first", []recommend.Record{backEnd, page}},
		{"both at once", []recommend.Record{both}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			x := newIndex(t, engine.Settings{})
			x.Apply(uint64(len(tt.records)), tt.records)
			v := published(t, x)
			for name, get := range map[string]string{"customer": "ann", "device": "device"} {
				c, ok := v.Customer(get, 10)
				if !ok || c.Orders != 1 || len(c.Recent) != 2 {
					t.Errorf("%s: %+v, want one order of two lines", name, c)
				}
			}
			a, err := v.Related(recommend.BoughtTogether, &recommend.Request{ItemID: "phone"})
			if err != nil {
				t.Fatal(err)
			}
			stats := v.Stats()
			if stats.OrderPairs != 2 || stats.CustomerPairs != 2 {
				t.Errorf("%+v, want one pair both ways", stats)
			}
			// One order is below the floor of two, so that no pair is shown as
			// bought together.
			if a.Items[0].Stage == recommend.StageRelated {
				t.Errorf("%+v, want no relation from a single order", a.Items[0])
			}
		})
	}
}

// Weights so small that they vanish list no item twice.
func TestVanishingWeights(t *testing.T) {
	long := shopNow.AddDate(0, 0, -1260) // 90 half-lives of the session weights
	var records []recommend.Record
	view := func(at time.Time, visitor, session string, items ...string) {
		for n, i := range items {
			records = append(records, recommend.Record{Kind: recommend.RecordEvent, Event: recommend.Event{
				Type: recommend.ViewItem, Time: at.Add(time.Duration(n) * time.Second), AnonymousID: visitor, SessionID: session,
				Items: []recommend.EventItem{{ItemID: i}},
			}})
		}
	}
	view(long, "then", "s1", "a", "x", "b", "x")
	for n := range 20 {
		view(shopNow.Add(-time.Hour), "now", "s"+string(rune('A'+n)), "p", "q", "r")
	}
	s := engine.Settings{}
	s.Counts.SessionHalfLifeDays = 14
	s.Models = map[string]engine.Model{"fading": {Signals: []engine.Signal{{
		From: engine.FromSession, HalfLifeDays: 1, Weights: engine.DefaultModels()["session_new"].Signals[0].Weights,
	}}}}
	x := newIndex(t, s)
	x.Apply(uint64(len(records)), records)
	a, err := published(t, x).Recommend(&recommend.Request{AnonymousID: "then", Model: "fading", Repeat: recommend.RepeatAllow})
	if err != nil {
		t.Fatal(err)
	}
	seen := make(map[string]int)
	for _, it := range a.Items {
		seen[it.ItemID]++
	}
	want := map[string]int{"a": 1, "b": 1, "p": 1, "q": 1, "r": 1, "x": 1}
	if diff := cmp.Diff(want, seen); diff != "" {
		t.Errorf("times listed (-want +got)\n%s", diff)
	}
}
