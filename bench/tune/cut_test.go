package tune

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"osusume/bench/datasets"
	"osusume/bench/eval"
	"osusume/recommend"
)

func buy(day float64, who, order string, items ...string) recommend.Event {
	e := recommend.Event{
		Type: recommend.Purchase, CustomerID: who, OrderID: order,
		Time: dayZero.Add(time.Duration(day * 24 * float64(time.Hour))),
	}
	for _, id := range items {
		e.Items = append(e.Items, recommend.EventItem{ItemID: id, Quantity: 1})
	}
	return e
}

// days lists which day of the fixture each event is on.
func days(events []recommend.Event) []int {
	var out []int
	for i := range events {
		out = append(out, int(events[i].Time.Sub(dayZero).Hours()/24))
	}
	return out
}

func TestTimeWindows(t *testing.T) {
	line := func(n int, step float64) []recommend.Event {
		var events []recommend.Event
		for k := range n {
			events = append(events, buy(float64(k)*step, "a", fmt.Sprint(k), "x"))
		}
		return events
	}
	type window struct{ train, first, last int }
	tests := map[string]struct {
		events []recommend.Event
		want   []window // events in train, first and last day of test
	}{
		// A tenth of 100 days is 10: from day 90, 80 and 70 on.
		"a tenth of a short history": {line(101, 1), []window{{90, 90, 100}, {80, 80, 89}, {70, 70, 79}}},
		// A tenth of 1000 days would be 100.
		"thirty days of a long one": {line(101, 10), []window{{97, 970, 1000}, {94, 940, 960}, {91, 910, 930}}},
		"one moment":                {line(5, 0), nil},
		"nothing":                   {nil, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var got []window
			for _, p := range timeWindows(tt.events) {
				d := days(p.test)
				got = append(got, window{len(p.train), d[0], d[len(d)-1]})
			}
			if diff := cmp.Diff(tt.want, got, cmp.AllowUnexported(window{})); diff != "" {
				t.Errorf("windows (-want +got):\n%s", diff)
			}
		})
	}
}

// TestTimeWindowsNeverLookAhead: whatever is learned from is older than all
// that is asked about, and nothing is asked about twice.
func TestTimeWindowsNeverLookAhead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		hours := rapid.SliceOfN(rapid.IntRange(0, 2000), 1, 60).Draw(t, "hours")
		slices.Sort(hours)
		var events []recommend.Event
		for k, h := range hours {
			events = append(events, buy(float64(h)/24, "a", fmt.Sprint(k), "x"))
		}
		seen := make(map[string]bool)
		for _, p := range timeWindows(events) {
			newest := p.train[len(p.train)-1].Time
			for i := range p.test {
				if !p.test[i].Time.After(newest) {
					t.Fatalf("asks about %v after learning until %v", p.test[i].Time, newest)
				}
				if seen[p.test[i].OrderID] {
					t.Fatalf("asks about %s twice", p.test[i].OrderID)
				}
				seen[p.test[i].OrderID] = true
			}
		}
	})
}

func view(session string, minute int, item string) recommend.Event {
	return recommend.Event{
		Type: recommend.ViewItem, SessionID: session, Time: dayZero.Add(time.Duration(minute) * time.Minute),
		Items: []recommend.EventItem{{ItemID: item, Quantity: 1}},
	}
}

func TestSessionCuts(t *testing.T) {
	// 100 sessions that overlap: session s has steps at minutes 10 s and
	// 10 s + 15. 3.5 % of 100 are 4.
	var events []recommend.Event
	for s := range 100 {
		events = append(events, view(fmt.Sprintf("s%02d", s), 10*s, "x"))
		if s > 0 {
			events = append(events, view(fmt.Sprintf("s%02d", s-1), 10*s+5, "y"))
		}
	}
	events = append(events, buy(1, "a", "late", "x"))
	var got [][2][]string
	for _, p := range sessionCuts(events) {
		names := func(events []recommend.Event) []string {
			var out []string
			for i := range events {
				out = append(out, events[i].SessionID)
			}
			slices.Sort(out)
			return slices.Compact(out)
		}
		train := names(p.train)
		got = append(got, [2][]string{{train[0], train[len(train)-1]}, names(p.test)})
	}
	want := [][2][]string{
		{{"s00", "s95"}, {"s96", "s97", "s98", "s99"}},
		{{"s00", "s91"}, {"s92", "s93", "s94", "s95"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("sessions (-want +got):\n%s", diff)
	}
}

func TestRatingFold(t *testing.T) {
	var events []recommend.Event
	for i := range 10 {
		for k := range ratingParts * (i + 1) {
			events = append(events, buy(float64(k), fmt.Sprint(i, " ", k), "", fmt.Sprint("r", i)))
		}
	}
	held := make(map[string]int)
	for fold := range ratingParts {
		train, test := ratingFold(events, fold, 1)
		if len(train)+len(test) != len(events) {
			t.Errorf("fold %d has %d and %d of %d ratings", fold, len(train), len(test), len(events))
		}
		items := make(map[string]int)
		for i := range test {
			held[test[i].CustomerID]++
			items[test[i].Items[0].ItemID]++
		}
		for i := range 10 {
			if got := items[fmt.Sprint("r", i)]; got != i+1 {
				t.Errorf("fold %d holds out %d ratings of item %d, want %d", fold, got, i, i+1)
			}
		}
	}
	for who, n := range held {
		if n != 1 {
			t.Errorf("rating %q is held out in %d folds", who, n)
		}
	}
	if len(held) != len(events) {
		t.Errorf("%d of %d ratings were held out", len(held), len(events))
	}
}

func TestBasketCases(t *testing.T) {
	train := []recommend.Event{buy(0, "a", "o0", "a", "b", "c", "d")}
	refund := buy(1, "a", "o4", "a", "b")
	refund.Type = recommend.Refund
	test := []recommend.Event{
		buy(1, "a", "o1", "a", "b", "new"),
		buy(1, "b", "o2", "c"), // of one item
		buy(1, "c", "o3", "a", "b"),
		buy(1, "c", "o3", "c", "d", "a"), // the same order
		refund,
	}
	cases := basketCases(train, test, 1)
	orders := map[string][]string{"o1": {"a", "b"}, "o3": {"a", "b", "c", "d"}}
	asked := make(map[string]int)
	hidden := make(map[string]bool)
	for _, b := range cases {
		asked[b.Invoice]++
		hidden[b.Invoice+b.Hidden] = true
		all := func(some []string, one string) []string {
			return slices.Sorted(slices.Values(append(slices.Clone(some), one)))
		}
		if diff := cmp.Diff(orders[b.Invoice], all(b.Cart, b.Hidden)); diff != "" {
			t.Errorf("cart and hidden of %s (-want +got):\n%s", b.Invoice, diff)
		}
		if diff := cmp.Diff(orders[b.Invoice], all(b.Rest, b.Seed)); diff != "" {
			t.Errorf("seed and rest of %s (-want +got):\n%s", b.Invoice, diff)
		}
	}
	if diff := cmp.Diff(map[string]int{"o1": 2, "o3": 2}, asked); diff != "" {
		t.Errorf("cases by order (-want +got):\n%s", diff)
	}
	if len(hidden) != 4 {
		t.Errorf("%d different items hidden, want 4", len(hidden))
	}
	if diff := cmp.Diff(cases, basketCases(train, test, 1)); diff != "" {
		t.Errorf("second time (-first +second):\n%s", diff)
	}
	many := []recommend.Event{buy(1, "a", "o9", "a", "b", "c", "d")}
	differs := func(seed uint64) bool {
		return !cmp.Equal(basketCases(train, many, 1), basketCases(train, many, seed), cmp.AllowUnexported(datasets.Basket{}))
	}
	if !slices.ContainsFunc([]uint64{2, 3, 4, 5}, differs) {
		t.Error("the seed does not matter")
	}
}

func TestEvidence(t *testing.T) {
	tests := map[string]struct {
		events []recommend.Event
		want   evidence
	}{
		"orders":        {[]recommend.Event{buy(0, "a", "o", "x", "y")}, evidence{orders: true, visitor: true}},
		"single items":  {[]recommend.Event{buy(0, "a", "o", "x")}, evidence{visitor: true}},
		"with browsing": {[]recommend.Event{view("s", 0, "x"), buy(0, "a", "o", "x", "y")}, evidence{orders: true, sessions: true, visitor: true}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, evidenceOf(eval.Purchases, tt.events), cmp.AllowUnexported(evidence{})); diff != "" {
				t.Errorf("evidence (-want +got):\n%s", diff)
			}
		})
	}
}
