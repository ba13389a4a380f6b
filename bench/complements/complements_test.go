package complements

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"osusume/bench/datasets"
	"osusume/recommend"
	"osusume/recommend/engine"
)

func quiet(string, int, int) {}

func TestFamilies(t *testing.T) {
	titles := map[string]string{
		"jumbo red":    "JUMBO BAG RED RETROSPOT",
		"jumbo pink":   "JUMBO  BAG PINK POLKADOT",
		"cases 72":     "PACK OF 72 RETROSPOT CAKE CASES",
		"cases 60":     "60 TEATIME FAIRY CAKE CASES",
		"holder white": "WHITE HANGING HEART T-LIGHT HOLDER",
		"holder glass": "GLASS STAR FROSTED T-LIGHT HOLDER",
		"heart":        "FELT HANGING HEART",
		"umbrella":     "RED RETROSPOT UMBRELLA",
		"umbrella set": "SET/2 CHILDREN'S UMBRELLAS",
		"alone":        "FELTCRAFT PRINCESS KIT",
		"nothing":      "SET OF 6 RED SPOTTY",
	}
	want := map[string]string{
		"jumbo red": "jumbo bag", "jumbo pink": "jumbo bag",
		"cases 72": "cake case", "cases 60": "cake case",
		// "hanging heart" is shared by as many titles, but stands before.
		"holder white": "tlight holder", "holder glass": "tlight holder", "heart": "hanging heart",
		"umbrella": "umbrella", "umbrella set": "umbrella",
		"alone": "feltcraft princess kit",
	}
	if diff := cmp.Diff(want, Families(titles)); diff != "" {
		t.Errorf("families (-want +got):\n%s", diff)
	}
}

func TestVariants(t *testing.T) {
	tests := []struct {
		a, b string
		want bool
	}{
		{"85123A", "85123B", true},
		{"85123", "85123A", true},
		{"85123A", "85123A", false},
		{"85123A", "85124A", false},
	}
	for _, tt := range tests {
		if got := Variants(tt.a, tt.b); got != tt.want {
			t.Errorf("Variants(%s, %s) = %t", tt.a, tt.b, got)
		}
	}
}

func TestScore(t *testing.T) {
	second := 1 / math.Log2(3)
	tests := []struct {
		name        string
		list, right []string
		places      int
		gain, share float64
	}{
		{"first of one", []string{"a"}, []string{"a"}, 1, 1, 1},
		{"second of two places", []string{"x", "a"}, []string{"a"}, 2, second, 0.5},
		{"one of two", []string{"a"}, []string{"a", "b"}, 1, 1 / (1 + second), 1},
		{"a list shorter than its places", []string{"a"}, []string{"a"}, 4, 1, 0.25},
		{"nothing", nil, []string{"a"}, 3, 0, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			gain, share := score(tt.list, tt.right, tt.places)
			if math.Abs(gain-tt.gain) > 1e-12 || share != tt.share {
				t.Errorf("got %v, %v, want %v, %v", gain, share, tt.gain, tt.share)
			}
		})
	}
}

// hill writes a shop in which kettles are bought with one another and with tea:
// 40 customers buy two kettles, tea and, half of them, a cup; 60 others buy bread.
func hill(t *testing.T) (train string) {
	t.Helper()
	var b strings.Builder
	b.WriteString("event,time,customer_id,session_id,order_id,item_id,quantity,price,value\n")
	buy := func(who int, item string) {
		fmt.Fprintf(&b, "purchase,2020-01-01T%02d:%02d:00Z,c%d,,o%d,%s,1,,\n", who/60, who%60, who, who, item)
	}
	for who := range 100 {
		if who >= 40 {
			buy(who, "bread")
			continue
		}
		for _, item := range []string{"kettle red", "kettle blue", "tea"} {
			buy(who, item)
		}
		if who%2 == 0 {
			buy(who, "cup")
		}
	}
	train = filepath.Join(t.TempDir(), "train.csv")
	if err := os.WriteFile(train, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return train
}

// learned is what the engine answers from after the train file.
func learned(t *testing.T, train string, families map[string]string) *engine.View {
	t.Helper()
	events, err := readEvents(train)
	if err != nil {
		t.Fatal(err)
	}
	view, err := learn(t.Context(), events, families, quiet)
	if err != nil {
		t.Fatal(err)
	}
	return view
}

func TestMeasure(t *testing.T) {
	families := map[string]string{"kettle red": "kettle", "kettle blue": "kettle", "tea": "tea", "cup": "cup", "bread": "bread"}
	view := learned(t, hill(t), families)
	// Weights are learned in 32 bits, and in which small orders count a little more.
	about := cmpopts.EquateApprox(0, 0.002)
	cases := []datasets.Basket{
		{Invoice: "1", Seed: "kettle red", Rest: []string{"kettle blue", "tea"}},
		{Invoice: "2", Seed: "bread", Rest: []string{"tea"}}, // goes with nothing
	}
	answered, err := ask(context.Background(), view, cases, families, quiet)
	if err != nil {
		t.Fatal(err)
	}
	want := []question{{
		invoice: "1", seed: "kettle red", rest: []string{"kettle blue", "tea"},
		lists: [len(rankings)][]string{
			{"tea", "cup"},
			{"kettle blue", "tea"},
			{"kettle blue", "tea"},
			{"tea", "cup"},
			{"tea", "cup"},
			{"tea", "cup"},
			{"tea", "cup"},
		},
		told: []float64{1, 0.5},
	}}
	if diff := cmp.Diff(want, answered, cmp.AllowUnexported(question{}), about); diff != "" {
		t.Errorf("questions (-want +got):\n%s", diff)
	}

	r, err := Measure(context.Background(), view, cases, families, 1, quiet)
	if err != nil {
		t.Fatal(err)
	}
	if r.Answered != 1 || r.Cases != 2 || math.Abs(r.Told-0.75) > 0.001 {
		t.Errorf("counts: %+v", r)
	}
	// Of two cases with three items to be found, one is of the seed's family.
	sizes := Sizes{Items: 5, Families: 1, InFamilies: 2, Median: 2, P90: 2, Max: 2, Rest: 1. / 3}
	if r.Families != sizes {
		t.Errorf("families: %+v, want %+v", r.Families, sizes)
	}
	if got, want := r.Substitutes[0], (Substitutes{Name: "complements", Pairs: 2, Right: 1}); got != want {
		t.Errorf("complements: %+v, want %+v", got, want)
	}
	if got, want := r.Substitutes[1], (Substitutes{Name: "co-occurrence, orders", Pairs: 2, Family: 1, Right: 2, RightFamily: 1}); got != want {
		t.Errorf("co-occurrence: %+v, want %+v", got, want)
	}
	// Of the rest "kettle blue, tea" complements find the one, at the first place.
	of := 1 / (1 + 1/math.Log2(3))
	for _, row := range r.Rows {
		ndcg, share := of, 0.5
		switch {
		case row.Truth == truthRest && strings.HasPrefix(row.Name, "co-"):
			ndcg, share = 1, 1
		case row.Truth == truthOthers && strings.HasPrefix(row.Name, "co-"):
			ndcg, share = 1/math.Log2(3), 0.5
		case row.Truth == truthOthers:
			ndcg = 1
		}
		if math.Abs(row.NDCG-ndcg) > 1e-12 || row.Precision != share {
			t.Errorf("%s by %s: %v, %v, want %v, %v", row.Name, row.Truth, row.NDCG, row.Precision, ndcg, share)
		}
	}

	var table, text bytes.Buffer
	if err := r.writeTable(&table); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(table.String(), "complements: 1 of 2 cases answered by both") {
		t.Errorf("table:\n%s", &table)
	}
	if err := r.writeJSON(&text); err != nil {
		t.Fatal(err)
	}
	var back Result
	if err := json.Unmarshal(text.Bytes(), &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(r, back); diff != "" {
		t.Errorf("JSON (-written +read):\n%s", diff)
	}
}

// TestOnlineRetail holds the claims on real baskets: complements foresee more of
// other families than raw co-occurrence, and are never of the family.
func TestOnlineRetail(t *testing.T) {
	if testing.Short() || raceDetector {
		t.Skip("takes half a minute: not with -short or -race")
	}
	dir := filepath.Join("..", "..", "..", "shared", "data", "online_retail")
	cases, err := datasets.ReadBaskets(filepath.Join(dir, "baskets.csv.gz"))
	if err != nil {
		t.Skipf("the data is not part of the project: %v", err)
	}
	titles, err := readTitles(t.Context(), filepath.Join(dir, "online_retail_until_2011-11-09.csv.gz"))
	if err != nil {
		t.Fatal(err)
	}
	families := Families(titles)
	view := learned(t, filepath.Join(dir, "train.csv.gz"), families)
	r, err := Measure(t.Context(), view, cases, families, 1, quiet)
	if err != nil {
		t.Fatal(err)
	}
	if r.Answered < 1150 {
		t.Errorf("%d cases answered, want 1,150", r.Answered)
	}
	if f := r.Families; f.Max > f.Items/20 || f.Rest > 0.1 {
		t.Errorf("families: %+v; they would leave little to foresee", f)
	}
	for _, s := range r.Substitutes {
		if s.Pairs != r.Substitutes[0].Pairs {
			t.Errorf("%+v; complements show %d", s, r.Substitutes[0].Pairs)
		}
	}
	if s := r.Substitutes[0]; s.Family != 0 || s.Pairs < 10_000 {
		t.Errorf("complements: %+v", s)
	}
	if s := r.Substitutes[1]; s.Family < s.Pairs/10 {
		t.Errorf("co-occurrence: %+v; the family would not matter", s)
	}
	for _, row := range r.Rows {
		better := strings.HasPrefix(row.Name, "co-occurrence") || row.Name == "complements by customers"
		if row.Truth == truthOthers && better && row.Gain.CI[0] <= 0 {
			t.Errorf("complements against %s: NDCG %v", row.Name, row.Gain)
		}
	}
}

func TestFamiliesBy(t *testing.T) {
	titles := map[string]string{"85123A": "WHITE LANTERN", "85123B": "RED CUP", "85124": "BLUE CUP", "POST": "POSTAGE"}
	for _, c := range []struct {
		by   string
		want map[string]string
	}{
		{byTitles, map[string]string{"85123A": "lantern", "85123B": "cup", "85124": "cup", "POST": "postage"}},
		{byCodes, map[string]string{"85123A": "85123", "85123B": "85123", "85124": "85124"}},
	} {
		got, err := familiesBy(c.by, titles)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("by %s (-want +got):\n%s", c.by, diff)
		}
	}
	if _, err := familiesBy("colour", titles); err == nil {
		t.Error("families by colour: no error")
	}
}

func TestHoldOut(t *testing.T) {
	at := func(text string) time.Time {
		day, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return day
	}
	order := func(id, when string, items ...string) recommend.Event {
		e := recommend.Event{Type: recommend.Purchase, Time: at(when), OrderID: id, CustomerID: "c"}
		for _, item := range items {
			e.Items = append(e.Items, recommend.EventItem{ItemID: item})
		}
		return e
	}
	events := []recommend.Event{
		order("1", "2020-01-01T10:00:00Z", "a", "b", "c"),
		order("2", "2020-01-02T23:59:59Z", "d"),
		order("3", "2020-01-03T00:00:00Z", "b", "new", "a"),
		order("4", "2020-01-03T08:00:00Z", "a", "new"), // only one is known
		order("5", "2020-01-04T08:00:00Z", "d"),
		order("5", "2020-01-04T08:00:00Z", "c", "d"),
	}
	before, cases, err := holdOut(events, "2020-01-03")
	if err != nil {
		t.Fatal(err)
	}
	if len(before) != 2 {
		t.Errorf("%d events before, want 2", len(before))
	}
	whole := map[string][]string{"3": {"a", "b"}, "5": {"c", "d"}}
	if len(cases) != len(whole) {
		t.Errorf("cases: %+v", cases)
	}
	for _, c := range cases {
		items := append([]string{c.Seed}, c.Rest...)
		slices.Sort(items)
		if diff := cmp.Diff(whole[c.Invoice], items); diff != "" {
			t.Errorf("order %s (-want +got):\n%s", c.Invoice, diff)
		}
	}
	for _, from := range []string{"yesterday", "2020-01-01", "2020-01-05"} {
		if _, _, err := holdOut(events, from); err == nil {
			t.Errorf("from %s: no error", from)
		}
	}
}

func TestCommandRefuses(t *testing.T) {
	none := filepath.Join(t.TempDir(), "none")
	for name, args := range map[string][]string{
		"no files":     {},
		"extra":        {"extra"},
		"no cases":     {"--train", none, "--online-retail", none},
		"both cases":   {"--train", none, "--online-retail", none, "--cases", none, "--from", "2020-01-01"},
		"missing file": {"--train", none, "--cases", none, "--online-retail", none},
	} {
		cmd := Command()
		cmd.SetArgs(args)
		cmd.SetOut(&bytes.Buffer{})
		cmd.SetErr(&bytes.Buffer{})
		if err := cmd.Execute(); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
