package datasets

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"osusume/recommend"
)

// join runs lines through orders and writes each event as "order: items".
func join(t testing.TB, window int64, lines []line) []string {
	t.Helper()
	var got []string
	o := newOrders(window, func(p *parcel) error {
		s := p.event.OrderID + ":"
		for _, it := range p.event.Items {
			s += " " + it.ItemID
		}
		got = append(got, s)
		if len(p.lines) != len(p.event.Items) {
			t.Errorf("%s has %d lines", s, len(p.lines))
		}
		return nil
	})
	for i := range lines {
		if err := o.add(&lines[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := o.release(true); err != nil {
		t.Fatal(err)
	}
	if len(o.open) != 0 || len(o.queue) != 0 {
		t.Errorf("%d orders and %d events are left", len(o.open), len(o.queue))
	}
	return got
}

func orderLine(order, item string) line {
	return line{
		event:   recommend.Event{Type: recommend.Purchase, Time: testNow, CustomerID: "c", OrderID: order},
		item:    recommend.EventItem{ItemID: item, Quantity: 1},
		hasItem: true,
	}
}

func TestOrdersWindow(t *testing.T) {
	in := []line{orderLine("1", "a"), orderLine("2", "b"), orderLine("1", "c"), orderLine("2", "d"), orderLine("1", "e")}
	tests := []struct {
		window int64
		want   []string
	}{
		{100, []string{"1: a c e", "2: b d"}},
		// Row 4 is 3 after order 1 began: it is closed, row 5 begins it anew.
		{3, []string{"1: a c", "2: b d", "1: e"}},
		{1, []string{"1: a", "2: b", "1: c", "2: d", "1: e"}},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, join(t, tt.window, in)); diff != "" {
			t.Errorf("window %d (-want +got):\n%s", tt.window, diff)
		}
	}
}

func TestOrdersSplitWhereAnEventIsFull(t *testing.T) {
	var in []line
	for i := range recommend.MaxEventItems + 1 {
		in = append(in, orderLine("1", fmt.Sprint(i)))
	}
	var sizes []int
	o := newOrders(orderWindow, func(p *parcel) error { sizes = append(sizes, len(p.event.Items)); return nil })
	for i := range in {
		if err := o.add(&in[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := o.release(true); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]int{recommend.MaxEventItems, 1}, sizes); diff != "" {
		t.Errorf("sizes (-want +got):\n%s", diff)
	}
}

// No line is lost or made, whatever the window; and with a window as long as
// the file, each order is one event.
func TestOrdersKeepEveryLine(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(0, 60).Draw(rt, "n")
		window := rapid.Int64Range(1, 70).Draw(rt, "window")
		want := make(map[string]int)
		distinct := make(map[string]bool)
		var in []line
		for i := range n {
			l := orderLine(rapid.SampledFrom([]string{"", "1", "2", "3", "4"}).Draw(rt, "order"), fmt.Sprint(i))
			in = append(in, l)
			want[l.event.OrderID+"/"+l.item.ItemID]++
			if l.event.OrderID == "" {
				distinct["single "+l.item.ItemID] = true
			} else {
				distinct[l.event.OrderID] = true
			}
		}
		got := make(map[string]int)
		events := 0
		last := int64(-1)
		o := newOrders(window, func(p *parcel) error {
			events++
			if p.opened <= last {
				rt.Fatalf("event of row %d after that of row %d", p.opened, last)
			}
			last = p.opened
			for _, it := range p.event.Items {
				got[p.event.OrderID+"/"+it.ItemID]++
			}
			return nil
		})
		for i := range in {
			if err := o.add(&in[i]); err != nil {
				rt.Fatal(err)
			}
			if int64(len(o.queue)) > window {
				rt.Fatalf("%d events wait, the window is %d", len(o.queue), window)
			}
		}
		if err := o.release(true); err != nil {
			rt.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			rt.Fatalf("lines (-in +out):\n%s", diff)
		}
		if window > int64(n) && events != len(distinct) {
			rt.Fatalf("%d events, want %d", events, len(distinct))
		}
	})
}

func TestIdentities(t *testing.T) {
	base := recommend.Event{
		Type: recommend.Purchase, Time: testNow, CustomerID: "c", OrderID: "o",
		Items: []recommend.EventItem{{ItemID: "a", Quantity: 1, Price: pounds(100)}, {ItemID: "b", Quantity: 1}},
	}
	// Ids are on disk in every shop that imported: they must not change.
	const want = "imp-WpPabGGsGPqBo3hBL6gFcQ"
	ids := newIdentities(100)
	first := ids.name(&base)
	if first != want {
		t.Errorf("id %s, want %s", first, want)
	}
	second := ids.name(&base)
	again := newIdentities(100)
	if a, b := again.name(&base), again.name(&base); a != first || b != second || a == b {
		t.Errorf("ids %s %s, then %s %s; want the same two, different from each other", first, second, a, b)
	}

	seen := map[string]string{first: "base", second: "repeat"}
	changes := map[string]func(e *recommend.Event){
		"type":           func(e *recommend.Event) { e.Type = recommend.Refund },
		"time":           func(e *recommend.Event) { e.Time = e.Time.Add(time.Second) },
		"milliseconds":   func(e *recommend.Event) { e.Time = e.Time.Add(time.Millisecond) },
		"customer":       func(e *recommend.Event) { e.CustomerID = "d" },
		"anonymous":      func(e *recommend.Event) { e.CustomerID, e.AnonymousID = "", "c" },
		"session":        func(e *recommend.Event) { e.SessionID = "s" },
		"order":          func(e *recommend.Event) { e.OrderID = "p" },
		"shifted ids":    func(e *recommend.Event) { e.CustomerID, e.OrderID = "co", "" },
		"channel":        func(e *recommend.Event) { e.Channel = "app" },
		"recommendation": func(e *recommend.Event) { e.RecommendationID = "r" },
		"value":          func(e *recommend.Event) { e.Value = 1 },
		"item":           func(e *recommend.Event) { e.Items[0].ItemID = "z" },
		"order of items": func(e *recommend.Event) { e.Items[0], e.Items[1] = e.Items[1], e.Items[0] },
		"fewer items":    func(e *recommend.Event) { e.Items = e.Items[:1] },
		"quantity":       func(e *recommend.Event) { e.Items[0].Quantity = 2 },
		"price":          func(e *recommend.Event) { e.Items[0].Price.Amount++ },
		"currency":       func(e *recommend.Event) { e.Items[0].Price.Currency = "USD" },
	}
	for name, change := range changes {
		e := base
		e.Items = append([]recommend.EventItem(nil), base.Items...)
		change(&e)
		id := newIdentities(100).name(&e)
		if other, ok := seen[id]; ok {
			t.Errorf("another %s gives the same id as %s", name, other)
		}
		seen[id] = name
		if err := recommend.ValidateID("event_id", id); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Repeats are known over at least the horizon, and memory stays within two.
func TestIdentitiesHorizon(t *testing.T) {
	event := func(n int) *recommend.Event {
		return &recommend.Event{Type: recommend.Login, Time: testNow, CustomerID: fmt.Sprint(n)}
	}
	const horizon = 10
	ids := newIdentities(horizon)
	first := ids.name(event(0))
	for n := range horizon {
		ids.name(event(n + 1))
	}
	if id := ids.name(event(0)); id == first {
		t.Errorf("a repeat within the horizon has the id of the first")
	}
	for n := range 5 * horizon {
		ids.name(event(100 + n))
		if len(ids.recent) > horizon || len(ids.older) > horizon {
			t.Fatalf("%d and %d counts kept, want at most %d each", len(ids.recent), len(ids.older), horizon)
		}
	}
	if id := ids.name(event(0)); id != first {
		t.Errorf("far beyond the horizon the count begins anew: got %s, want %s", id, first)
	}
}
