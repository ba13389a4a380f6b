package offer

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"osusume/recommend/condition"
)

// arms makes a set of offers a, b, c ... of one priority.
func arms(t testing.TB, margins []int64) *Set {
	t.Helper()
	offers := make([]Offer, len(margins))
	for i, m := range margins {
		offers[i] = Offer{ID: string(rune('a' + i)), Status: Active, MarginYen: m}
	}
	set, err := NewSet(offers)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func thompson(decision string, most int, outcomes map[string]Outcomes) *Request {
	return &Request{
		DecisionID: decision, MaxOffers: most, Ranking: Thompson, Input: &condition.Input{Now: noon},
		Outcomes: func(id string) Outcomes { return outcomes[id] },
	}
}

// TestThompsonVectors: the share of decisions in which each offer comes first is
// the probability that it is the best.
func TestThompsonVectors(t *testing.T) {
	text, err := os.ReadFile("testdata/abtest.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Thompson []struct {
			Arms  [][2]int64
			Value []int64
			PBest []float64 `json:"p_best"`
		}
	}
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Thompson) != 3 {
		t.Fatalf("%d cases, want 3", len(file.Thompson))
	}
	const decisions = 40_000
	for _, tt := range file.Thompson {
		t.Run(fmt.Sprint(tt.Arms, tt.Value), func(t *testing.T) {
			margins := make([]int64, len(tt.Arms))
			copy(margins, tt.Value)
			set, outcomes := arms(t, margins), map[string]Outcomes{}
			for i, arm := range tt.Arms { // Beta(1 + accepted, 1 + views - accepted)
				outcomes[string(rune('a'+i))] = Outcomes{Views: arm[0] + arm[1] - 2, Accepted: arm[0] - 1}
			}
			first := map[string]int{}
			for n := range decisions {
				d := Decide(set, thompson(fmt.Sprint("d_", n), 1, outcomes), past{})
				first[d.Shown[0].ID]++
			}
			for i, want := range tt.PBest {
				got := float64(first[string(rune('a'+i))]) / decisions
				if error := math.Sqrt(want * (1 - want) / decisions); math.Abs(got-want) > 4*error {
					t.Errorf("arm %d comes first in %.4f, want %.4f +- %.4f", i, got, want, 4*error)
				}
			}
		})
	}
}

// TestThompsonRepeats: the same question has the same answer; another decision
// or seed may have another.
func TestThompsonRepeats(t *testing.T) {
	set := arms(t, make([]int64, 6))
	order := func(r *Request) string {
		out := ""
		for _, o := range Decide(set, r, past{}).Shown {
			out += o.ID
		}
		return out
	}
	orders := map[string]int{}
	for n := range 100 {
		id := fmt.Sprint("d", n)
		got := order(thompson(id, 6, nil))
		if again := order(thompson(id, 6, nil)); again != got {
			t.Fatalf("%s: %s, then %s", id, got, again)
		}
		seeded := thompson("any", 6, nil)
		seeded.Seed = id
		if again := order(seeded); again != got {
			t.Fatalf("%s as a seed: %s, want %s", id, again, got)
		}
		orders[got]++
	}
	if len(orders) < 50 {
		t.Errorf("%d orders of six in 100 decisions, want most of them different", len(orders))
	}
	// What is drawn now is what was drawn by earlier versions.
	if got, want := order(thompson("d_9", 6, nil)), "aefdcb"; got != want {
		t.Errorf("d_9: %s, want %s", got, want)
	}
}

// TestThompsonPriority: chance orders within a priority only, and everything else
// is asked as ever.
func TestThompsonPriority(t *testing.T) {
	set, err := NewSet([]Offer{
		{ID: "a", Status: Active, Priority: 2, ExclusivityGroup: "g"},
		{ID: "b", Status: Active, Priority: 2, ExclusivityGroup: "g"},
		{ID: "c", Status: Active, Priority: 2, HoldoutBP: 10_000},
		{ID: "d", Status: Paused, Priority: 2},
		{ID: "e", Status: Active, Priority: 1, ExclusivityGroup: "g"},
		{ID: "f", Status: Active, Priority: 1},
		{ID: "g", Status: Active, Priority: 0, MarginYen: 5},
		{ID: "h", Status: Active, Priority: -1},
	})
	if err != nil {
		t.Fatal(err)
	}
	firsts := map[string]int{}
	for n := range 40 {
		r := thompson(fmt.Sprint("d", n), 3, nil)
		r.VisitorID = "ann"
		brief := Decide(set, r, past{})
		r.Explain = true
		d := Decide(set, r, past{})
		reasons, lost := map[string]Reason{}, map[string]string{}
		for _, v := range d.Trace {
			reasons[v.Offer.ID], lost[v.Offer.ID] = v.Reason, v.LostTo
			if drawn := v.Draw != nil; drawn != (v.Reason == Shown || v.Reason == ExclusivityLost || v.Reason == SlotLimit) {
				t.Fatalf("%s with %s: drawn is %t", v.Offer.ID, v.Reason, drawn)
			}
		}
		first, second := "a", "b"
		if d.Shown[0].ID == "b" {
			first, second = "b", "a"
		}
		firsts[first]++
		want := map[string]Reason{
			first: Shown, second: ExclusivityLost, "c": HoldoutOffer, "d": NotActive, "e": ExclusivityLost, "f": Shown, "g": Shown, "h": SlotLimit,
		}
		if diff := cmp.Diff(want, reasons); diff != "" {
			t.Fatalf("reasons (-want +got):\n%s", diff)
		}
		if lost[second] != first || lost["e"] != first {
			t.Fatalf("lost to %v, want %s", lost, first)
		}
		if !slices.EqualFunc(d.Trace, set.Offers(), func(v Verdict, o *Offer) bool { return v.Offer == o }) {
			t.Fatal("the trace is not in the set's order")
		}
		if !slices.Equal(d.Shown, brief.Shown) || d.Counts != brief.Counts {
			t.Fatal("another decision without explanation")
		}
	}
	if firsts["a"] < 10 || firsts["b"] < 10 {
		t.Errorf("first were %v, want both often", firsts)
	}
}

// TestThompsonMargins: margins count where all offers of the race have one.
func TestThompsonMargins(t *testing.T) {
	outcomes := map[string]Outcomes{"a": {Views: 1000, Accepted: 30}, "b": {Views: 1000, Accepted: 45}}
	for _, tt := range []struct {
		name    string
		margins []int64
		first   string // in most decisions
	}{
		{"no margins", []int64{0, 0}, "b"},
		{"only one", []int64{1_000_000, 0}, "b"},
		{"both", []int64{1200, 700}, "a"},
	} {
		n := 0
		for i := range 100 {
			r := thompson(fmt.Sprint("d", i), 1, outcomes)
			r.Explain = true
			d := Decide(arms(t, tt.margins), r, past{})
			if d.Shown[0].ID == tt.first {
				n++
			}
			for k, v := range d.Trace {
				want := v.Draw.Share
				if tt.first == "a" {
					want *= float64(tt.margins[k])
				}
				if v.Draw.Expected != want || v.Draw.Outcomes != outcomes[v.Offer.ID] {
					t.Fatalf("%s: %+v", tt.name, *v.Draw)
				}
			}
		}
		if n < 60 {
			t.Errorf("%s: %s comes first in %d of 100", tt.name, tt.first, n)
		}
	}
}

// TestDrawProperties: a share is a share whatever has happened, and is drawn
// again the same.
func TestDrawProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		views := rapid.Int64Range(0, 1<<40).Draw(t, "views")
		o := Outcomes{Views: views, Accepted: rapid.Int64Range(0, views).Draw(t, "accepted")}
		seed, id := rapid.String().Draw(t, "seed"), rapid.String().Draw(t, "id")
		got := draw(seed, id, o)
		if !(got >= 0 && got <= 1) || got != draw(seed, id, o) {
			t.Fatalf("drew %v of %+v", got, o)
		}
	})
}

// BenchmarkThompson draws for 20 offers of one priority.
func BenchmarkThompson(b *testing.B) {
	offers := make([]Offer, 20)
	for i := range offers {
		offers[i] = Offer{ID: fmt.Sprint("offer-", i), Status: Active}
	}
	set, err := NewSet(offers)
	if err != nil {
		b.Fatal(err)
	}
	r := thompson("d", 3, nil)
	r.Outcomes = func(string) Outcomes { return Outcomes{Views: 1000, Accepted: 30} }
	b.ReportAllocs()
	for b.Loop() {
		Decide(set, r, past{})
	}
}
