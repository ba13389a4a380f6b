package eval

import (
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"osusume/bench/datasets"
	"osusume/bench/demoshop"
	"osusume/recommend"
	"osusume/recommend/engine"
)

// The golden files say what the default settings answer and how good that is,
// so that a change in ranking shows in a diff. Where a change is meant, write
// them anew and judge the diff:
//
//	go test ./bench/eval -run Golden -update
var update = flag.Bool("update", false, "write the golden files of quality anew")

// compareGolden compares text with a golden file, or writes it.
func compareGolden(t *testing.T, name, text string) {
	t.Helper()
	file := filepath.Join("testdata", "golden", name)
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v (write it with -update)", err)
	}
	if diff := changedLines(string(want), text); diff != "" {
		t.Errorf("quality differs from %s; if that is meant, run with -update (-golden +now):\n%s", file, diff)
	}
}

// changedLines is what differs between two texts, line by line, below the last
// line before it that is not indented.
func changedLines(before, after string) string {
	a, b := strings.Split(before, "\n"), strings.Split(after, "\n")
	// same[i][j] is the length of the longest common part of a[i:] and b[j:].
	same := make([][]int, len(a)+1)
	for i := range same {
		same[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				same[i][j] = same[i+1][j+1] + 1
			} else {
				same[i][j] = max(same[i+1][j], same[i][j+1])
			}
		}
	}
	var out strings.Builder
	heading := ""
	line := func(sign, text string) {
		if heading != "" {
			fmt.Fprintf(&out, "  %s\n", heading)
			heading = ""
		}
		fmt.Fprintf(&out, "%s %s\n", sign, text)
	}
	for i, j := 0, 0; i < len(a) || j < len(b); {
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j]:
			if a[i] != "" && a[i][0] != ' ' {
				heading = a[i]
			}
			i, j = i+1, j+1
		case j == len(b) || i < len(a) && same[i+1][j] >= same[i][j+1]:
			line("-", a[i])
			i++
		default:
			line("+", b[j])
			j++
		}
	}
	return out.String()
}

func TestChangedLines(t *testing.T) {
	const golden = "all\n  hr 0.1\n  mrr 0.2\n\nnew\n  hr 0.3\n"
	tests := map[string]struct{ now, want string }{
		"nothing":       {golden, ""},
		"one figure":    {"all\n  hr 0.1\n  mrr 0.4\n\nnew\n  hr 0.3\n", "  all\n-   mrr 0.2\n+   mrr 0.4\n"},
		"a line gone":   {"all\n  hr 0.1\n  mrr 0.2\n\nnew\n", "  new\n-   hr 0.3\n"},
		"a line more":   {golden + "old\n", "  new\n+ old\n"},
		"in both parts": {"all\n  hr 0\n  mrr 0.2\n\nnew\n", "  all\n-   hr 0.1\n+   hr 0\n  new\n-   hr 0.3\n"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, changedLines(golden, tt.now)); diff != "" {
				t.Errorf("changed lines (-want +got):\n%s", diff)
			}
		})
	}
}

// writeQuality writes one line per metric of each variant, to three digits.
func writeQuality(b *strings.Builder, heading string, variants []Variant) {
	for _, v := range variants {
		fmt.Fprintf(b, "%s, %s, %s cases\n", heading, v.Name, thousands(len(v.Cases)))
		for _, m := range v.Metrics {
			fmt.Fprintf(b, "  %-12s %.3f\n", m.Name, m.Mean)
		}
	}
}

// demoTestDays is the length of the demo shop's test: its last month.
const demoTestDays = 30

// demoHistories cuts the demo shop's year before its last month.
func demoHistories(shop *demoshop.Shop) (before, after *history) {
	before, after = &history{items: make(itemSet)}, &history{items: make(itemSet)}
	var cut time.Time
	for e := range shop.Events() {
		if cut.IsZero() {
			cut = e.Time.Add((demoshop.Days - demoTestDays) * 24 * time.Hour)
		}
		h := before
		if !e.Time.Before(cut) {
			h = after
		}
		h.events = append(h.events, e)
		for i := range e.Items {
			h.items.add(e.Items[i].ItemID)
		}
	}
	return before, after
}

// demoBaskets hides one item of each later order with several, and picks one
// to start from.
func demoBaskets(train, test *history) []datasets.Basket {
	rng := rand.New(rand.NewPCG(1, 1))
	var cases []datasets.Basket
	for i := range test.events {
		e := &test.events[i]
		if e.Type != recommend.Purchase {
			continue
		}
		var items []string
		for k := range e.Items {
			if id := e.Items[k].ItemID; train.items.has(id) && !slices.Contains(items, id) {
				items = append(items, id)
			}
		}
		if len(items) < 2 {
			continue
		}
		hidden, seed := rng.IntN(len(items)), rng.IntN(len(items))
		cases = append(cases, datasets.Basket{
			Invoice: e.OrderID,
			Hidden:  items[hidden], Cart: slices.Delete(slices.Clone(items), hidden, hidden+1),
			Seed: items[seed], Rest: slices.Delete(slices.Clone(items), seed, seed+1),
		})
	}
	return cases
}

// TestGoldenDemo holds the lists and the quality of the demo shop.
func TestGoldenDemo(t *testing.T) {
	if testing.Short() {
		t.Skip("learns a shop of 150,000 events twice: not with -short")
	}
	shop := demoshop.New(demoshop.Config{})
	var b strings.Builder
	b.WriteString("Quality of the default settings on the demo shop: learned from eleven months,\nasked about the twelfth.\n\n")
	demoQuality(t, &b, shop)
	b.WriteString("\nThe first five of some lists, learned from the whole year.\n")
	demoLists(t, &b, shop)
	compareGolden(t, "demo.txt", b.String())
}

func demoQuality(t *testing.T, b *strings.Builder, shop *demoshop.Shop) {
	before, after := demoHistories(shop)
	categories := make(map[string][]string)
	for _, item := range shop.Items() {
		categories[item.ID] = item.Category
	}
	quiet := func(string, int, int) {}
	x := purchases(before, after)
	view, err := train(t.Context(), engine.Settings{}, x, quiet)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range []struct {
		task Task
		exam *exam
	}{
		{Purchases, x},
		{Baskets, baskets(before, demoBaskets(before, after))},
		{Sessions, sessions(before, after, DefaultMinPrefix)},
	} {
		lists := breadthOf(e.task, before, categories)
		for i := range e.exam.variants {
			q := &e.exam.variants[i]
			a, err := ask(t.Context(), view, q, "", quiet)
			if err != nil {
				t.Fatal(err)
			}
			v := judge(q, a.lists, len(before.items), 1)
			lists.describe(&v, 1)
			writeQuality(b, string(e.task), []Variant{v})
		}
	}
}

// demoLists writes the answers to requests that a shopkeeper can judge.
func demoLists(t *testing.T, b *strings.Builder, shop *demoshop.Shop) {
	view := demoView(t, shop)
	answer := func(title string, a recommend.Answer, err error) {
		if err != nil {
			t.Fatalf("%s: %v", title, err)
		}
		fmt.Fprintf(b, "\n%s\n", title)
		for _, item := range a.Items {
			fmt.Fprintf(b, "  %s\n", item.ItemID)
		}
	}
	for _, p := range shop.Truth().Personas {
		a, err := view.Recommend(&recommend.Request{CustomerID: p.CustomerID, Limit: 5})
		answer("home of "+p.CustomerID, a, err)
	}
	for _, kind := range []recommend.RelatedKind{recommend.BoughtTogether, recommend.AlsoBought, recommend.AlsoViewed, recommend.Similar} {
		for _, item := range []string{"phone-aozora-8-128", "dripper-cone-ceramic"} {
			a, err := view.Related(kind, &recommend.Request{ItemID: item, Limit: 5})
			answer(string(kind)+" of "+item, a, err)
		}
	}
	for _, cart := range [][]string{
		{"dripper-cone-ceramic", "server-glass"},
		{"camera-hikari-m1", "lens-18-55"},
		{"stroller-ayumi-1"},
		{"console-mugen-512", "game-hoshi-densetsu"},
	} {
		a, err := view.Recommend(&recommend.Request{Cart: cart, Placement: "cart", Limit: 5})
		answer("cart of "+strings.Join(cart, ", "), a, err)
	}
	for _, seen := range [][]string{
		{"pen-shizuku-f", "pen-nagare-f", "ink-asagao"},
		{"phone-aozora-8-128", "phone-aozora-7-128", "phone-aozora-8-256"},
		{"catfood-salmon-1kg"},
	} {
		a, err := view.Recommend(&recommend.Request{SessionItems: seen, Placement: "session", Limit: 5})
		answer("session of "+strings.Join(seen, ", "), a, err)
	}
	a, err := view.Recommend(&recommend.Request{Limit: 5})
	answer("home of nobody in particular", a, err)
	a, err = view.Popular(&recommend.PopularQuery{WindowDays: 10, Trending: true, Limit: 5})
	answer("trending for 10 days", a, err)
}

// demoView learns the shop as it is: catalog and all events.
func demoView(t *testing.T, shop *demoshop.Shop) *engine.View {
	t.Helper()
	index, err := engine.NewIndex(engine.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	var seq uint64
	var records []recommend.Record
	apply := func() {
		seq += uint64(len(records))
		index.Apply(seq, records)
		records = nil
	}
	var end time.Time
	for _, item := range shop.Items() {
		records = append(records, recommend.Record{Kind: recommend.RecordItemPut, Item: item})
	}
	for e := range shop.Events() {
		records = append(records, recommend.Record{Kind: recommend.RecordEvent, Event: e, Received: e.Time})
		end = e.Time
		if len(records) >= trainBatch {
			apply()
		}
	}
	apply()
	index.Refresh(end, func() bool { return true })
	index.Learn()
	index.RefreshPopularity()
	return index.Publish(end)
}

// TestGoldenShared holds the quality on real shops' data.
func TestGoldenShared(t *testing.T) {
	tasks := realTasks(sharedData(t))
	var b strings.Builder
	b.WriteString("Quality of the default settings on real shops' data.\n\n")
	for _, task := range Tasks() {
		trial := openTrial(t, tasks[task])
		// What other placements answer with need not be learned here.
		answering := slices.Collect(maps.Values(trial.Answering(nil)))
		settings := &engine.Settings{Models: make(map[string]engine.Model)}
		for name := range engine.DefaultModels() {
			if !slices.Contains(answering, name) {
				settings.Models[name] = engine.Model{}
			}
		}
		r, err := trial.Shop(t.Context(), DefaultModel, settings)
		if err != nil {
			t.Fatal(err)
		}
		writeQuality(&b, string(task), r.Variants)
	}
	compareGolden(t, "shared.txt", b.String())
}
