package placement

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"osusume/recommend"
	"osusume/recommend/condition"
)

var now = time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)

func mustCompile(t testing.TB, rules ...Rule) *Set {
	t.Helper()
	var compiled []Compiled
	for _, r := range rules {
		c, err := Compile(r, now)
		if err != nil {
			t.Fatalf("rule %s: %v", r.ID, err)
		}
		compiled = append(compiled, c)
	}
	return NewSet(compiled)
}

// items are named a, b, c, ...; those in caps are of the brand Aozora.
func items(names string) []*recommend.Item {
	var out []*recommend.Item
	for _, name := range names {
		it := &recommend.Item{ID: string(name), Brand: "Other"}
		if strings.ToUpper(it.ID) == it.ID {
			it.Brand = "Aozora"
		}
		out = append(out, it)
	}
	return out
}

func shown(e Effect) string {
	var b strings.Builder
	for _, s := range e.Shown {
		b.WriteString(s.Item.ID)
	}
	return b.String()
}

const (
	aozora = "item.brand == 'Aozora'"
	always = "true"
)

func TestApply(t *testing.T) {
	boost := func(id string, factor float64, cond string) Rule {
		return Rule{ID: id, Action: Boost, Factor: factor, Condition: cond}
	}
	pin := func(id string, position, priority int, items ...string) Rule {
		return Rule{ID: id, Action: Pin, ItemIDs: items, Position: position, Priority: priority}
	}
	tests := []struct {
		name, candidates string
		limit            int
		rules            []Rule
		want             string
	}{
		{"filter", "aBcDe", 5, []Rule{{ID: "f", Action: Filter, Condition: aozora}}, "BD"},
		{"hide", "aBcDe", 5, []Rule{{ID: "h", Action: Hide, Condition: aozora}}, "ace"},
		{"limit", "aBcDe", 2, []Rule{{ID: "h", Action: Hide, Condition: aozora}}, "ac"},
		// D stands as if in place 4/3 = 1.33, behind a and before b.
		{"boost", "abcDe", 5, []Rule{boost("b", 3, aozora)}, "aDbce"},
		// 4/4 = 1, as a; who was first stays first.
		{"boost to a tie", "abcDe", 5, []Rule{boost("b", 4, aozora)}, "aDbce"},
		// 4/(2*3) = 0.67.
		{"boosts multiply", "abcDe", 5, []Rule{boost("b", 3, aozora), boost("c", 2, always+" && "+aozora)}, "Dabce"},
		{"boost of all", "abcDe", 5, []Rule{boost("b", 3, always)}, "abcDe"},
		{"bury", "AbCde", 5, []Rule{{ID: "b", Action: Bury, Condition: aozora}}, "bdeAC"},
		{"bury is stronger than boost", "AbCde", 5, []Rule{boost("x", 50, aozora), {ID: "b", Action: Bury, Condition: aozora}}, "bdeAC"},
		{"pin a candidate", "abcde", 5, []Rule{pin("p", 2, 0, "e")}, "aebcd"},
		{"pin another item", "abcde", 5, []Rule{pin("p", 1, 0, "z")}, "zabcd"},
		{"pins keep their order", "abcde", 5, []Rule{pin("p", 1, 0, "z", "c")}, "zcabd"},
		{"two pins of one place", "abc", 5, []Rule{pin("p", 1, 0, "x"), pin("q", 1, 5, "y")}, "yxabc"},
		{"pin below the limit", "abc", 2, []Rule{pin("p", 9, 0, "x")}, "ab"},
		{"pin beyond the end of the list", "abc", 9, []Rule{pin("p", 9, 0, "x")}, "abcx"},
		{"pin of what may not be shown", "abc", 3, []Rule{pin("p", 1, 0, "!")}, "abc"},
		{"pin of what is hidden", "aBc", 3, []Rule{pin("p", 1, 0, "B"), {ID: "h", Action: Hide, Condition: aozora}}, "ac"},
		{"pin of another item that is hidden", "abc", 3, []Rule{pin("p", 1, 0, "Z"), {ID: "h", Action: Hide, Condition: aozora}}, "abc"},
		{"pin of a buried item", "AbC", 3, []Rule{pin("p", 1, 0, "C"), {ID: "h", Action: Bury, Condition: aozora}}, "CbA"},
		{"pin whose condition does not hold", "abc", 3, []Rule{{ID: "p", Action: Pin, ItemIDs: []string{"c"}, Condition: "customer.tier == 'gold'"}}, "abc"},
		{"an unknown does not pass a filter", "abc", 3, []Rule{{ID: "f", Action: Filter, Condition: "item.price > 0"}}, ""},
		{"an unknown is not hidden", "abc", 3, []Rule{{ID: "f", Action: Hide, Condition: "item.price > 0"}}, "abc"},
		{"nothing to choose from", "", 3, []Rule{pin("p", 1, 0, "x")}, "x"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			rules := mustCompile(t, tt.rules...).InForce("home", now)
			e := rules.Apply(items(tt.candidates), condition.Input{}, tt.limit, func(id string) *recommend.Item {
				if id == "!" {
					return nil
				}
				return items(id)[0]
			})
			if got := shown(e); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestApplyTellsWhy(t *testing.T) {
	rules := mustCompile(t,
		Rule{ID: "boost", Action: Boost, Factor: 2, Condition: aozora},
		Rule{ID: "hide", Action: Hide, Condition: "item.id == 'c'"},
		Rule{ID: "pin", Action: Pin, ItemIDs: []string{"z", "D"}, Priority: 9},
	).InForce("home", now)
	e := rules.Apply(items("abcDE"), condition.Input{}, 5, func(id string) *recommend.Item { return items(id)[0] })
	type place struct {
		ID    string
		From  int
		Rules []string
	}
	var got []place
	for _, s := range e.Shown {
		got = append(got, place{s.Item.ID, s.From, s.Rules})
	}
	// E stands at 5/2 = 2.5, behind b at 2.
	want := []place{{"z", -1, []string{"pin"}}, {"D", 3, []string{"boost", "pin"}}, {"a", 0, nil}, {"b", 1, nil}, {"E", 4, []string{"boost"}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]Removed{{From: 2, Rule: "hide"}}, e.Removed); diff != "" {
		t.Errorf("removed (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"pin", "boost", "hide"}, rules.IDs()); diff != "" {
		t.Errorf("rules (-want +got):\n%s", diff)
	}
}

func TestInForce(t *testing.T) {
	at := func(s string) time.Time {
		v, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	r := Rule{ID: "r", Action: Hide, Condition: always, Placements: []string{"home", "cart"}, StartsAt: at("2026-07-01T00:00:00+09:00"), EndsAt: at("2026-08-01T00:00:00+09:00")}
	set := mustCompile(t, r)
	for _, tt := range []struct {
		slot, when string
		want       bool
	}{
		{"home", "2026-06-30T23:59:59.999+09:00", false},
		{"home", "2026-07-01T00:00:00+09:00", true},
		{"cart", "2026-07-31T23:59:59.999+09:00", true},
		{"home", "2026-08-01T00:00:00+09:00", false},
		{"item", "2026-07-15T00:00:00+09:00", false},
	} {
		if got := set.InForce(tt.slot, at(tt.when)) != nil; got != tt.want {
			t.Errorf("%s at %s: %v, want %v", tt.slot, tt.when, got, tt.want)
		}
	}
	r.Status = Paused
	if mustCompile(t, r).InForce("home", at("2026-07-15T00:00:00Z")) != nil {
		t.Error("a paused rule is in force")
	}
	if set.With(Compiled{&rule{Rule: r}}).InForce("home", at("2026-07-15T00:00:00Z")) != nil {
		t.Error("With does not replace the rule of the same id")
	}
}

// Whatever the rules, no item is shown twice, none that was removed, and no
// more than asked for; a candidate is left out only for want of room.
func TestApplyProperties(t *testing.T) {
	conditions := []string{always, aozora, "item.id == 'c'", "item.id in ['a', 'D']", "!(" + aozora + ")", "item.price > 5"}
	rapid.Check(t, func(rt *rapid.T) {
		var rules []Rule
		for i := range rapid.IntRange(1, 5).Draw(rt, "rules") {
			r := Rule{
				ID:       fmt.Sprint("r", i),
				Action:   rapid.SampledFrom([]Action{Filter, Hide, Boost, Bury, Pin}).Draw(rt, "action"),
				Priority: rapid.IntRange(-2, 2).Draw(rt, "priority"),
			}
			switch r.Action {
			case Pin:
				r.ItemIDs = rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a", "B", "c", "x", "Y"}), 1, 3, rapid.ID).Draw(rt, "items")
				r.Position = rapid.IntRange(0, 8).Draw(rt, "position")
			case Boost:
				r.Factor = rapid.Float64Range(1.1, 10).Draw(rt, "factor")
				fallthrough
			default:
				r.Condition = rapid.SampledFrom(conditions).Draw(rt, "condition")
			}
			rules = append(rules, r)
		}
		candidates := items("aBcDeF"[:rapid.IntRange(0, 6).Draw(rt, "candidates")])
		limit := rapid.IntRange(1, 8).Draw(rt, "limit")
		set := mustCompile(t, rules...)
		apply := func() Effect {
			return set.InForce("home", now).Apply(candidates, condition.Input{}, limit, func(id string) *recommend.Item { return items(id)[0] })
		}
		e := apply()
		if diff := cmp.Diff(e, apply()); diff != "" {
			rt.Fatalf("the same question, another answer:\n%s", diff)
		}
		if len(e.Shown) > limit {
			rt.Fatalf("%d shown, limit %d", len(e.Shown), limit)
		}
		seen := map[string]bool{}
		fromCandidates := 0
		for _, s := range e.Shown {
			if seen[s.Item.ID] {
				rt.Fatalf("%s is shown twice", s.Item.ID)
			}
			seen[s.Item.ID] = true
			if s.From >= 0 {
				fromCandidates++
				if candidates[s.From] != s.Item {
					rt.Fatalf("%s is not candidate %d", s.Item.ID, s.From)
				}
			}
		}
		for _, r := range e.Removed {
			if seen[candidates[r.From].ID] {
				rt.Fatalf("%s is removed and shown", candidates[r.From].ID)
			}
		}
		if len(e.Shown) < limit && fromCandidates+len(e.Removed) != len(candidates) {
			rt.Fatalf("%d shown and %d removed of %d, though there is room", fromCandidates, len(e.Removed), len(candidates))
		}
	})
}

func TestAskAbout(t *testing.T) {
	rules := mustCompile(t, Rule{ID: "r", Action: Hide, Condition: "cart.total > 5 && item.price > 5"}).InForce("home", now)
	var asks []string
	for _, family := range []string{"customer.", "cart.", "item."} {
		if rules.AskAbout(family) {
			asks = append(asks, family)
		}
	}
	if !slices.Equal(asks, []string{"cart.", "item."}) {
		t.Errorf("asks about %v", asks)
	}
}

func BenchmarkApply(b *testing.B) {
	var rules []Rule
	for i := range 20 {
		rules = append(rules, Rule{ID: fmt.Sprint("r", i), Action: Boost, Factor: 2, Condition: fmt.Sprintf("item.brand == 'B%d' && item.price < 5000", i)})
	}
	set := mustCompile(b, rules...).InForce("home", now)
	var candidates []*recommend.Item
	for i := range 50 {
		candidates = append(candidates, &recommend.Item{ID: fmt.Sprint(i), Brand: fmt.Sprint("B", i%30), Price: recommend.Money{Amount: int64(100 * i), Currency: "JPY"}})
	}
	b.ReportAllocs()
	for b.Loop() {
		set.Apply(candidates, condition.Input{}, 10, func(string) *recommend.Item { return nil })
	}
}
