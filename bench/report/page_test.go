package report

import (
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"osusume/bench/eval"
)

// resultOf is a result of one variant with a hit rate per case.
func resultOf(model string, hits ...float64) eval.Result {
	v := eval.Variant{Name: "cart"}
	sum := 0.0
	for i, h := range hits {
		v.Cases = append(v.Cases, eval.Case{Unit: strconv.Itoa(i)})
		v.Lists = append(v.Lists, []string{"i"})
		sum += h
	}
	v.Metrics = []eval.Metric{
		{Name: "hr@10", Mean: sum / float64(len(hits)), CI: &eval.Interval{Low: 0.25, High: 0.75}, Values: hits},
		{Name: "coverage@10", Mean: 0.125},
		{Name: "novelty@10", Mean: 3, CI: &eval.Interval{Low: 2, High: 4}, Values: hits},
	}
	return eval.Result{Task: eval.Baskets, Model: model, Seed: 1, Variants: []eval.Variant{v}}
}

// taskOf is one with an own model that is right three times in four, and plain
// ones that are worse on every case, equal, and right where it is wrong.
func taskOf() *Task {
	return &Task{
		Name: "shop", Task: eval.Baskets, Own: 1, Answering: map[string]string{"cart": "cart"},
		Models: []eval.Result{
			resultOf("default", 0.75, 0.75, 0.75, 0.75),
			resultOf("popularity", 0.25, 0.25, 0.25, 0.25),
			resultOf("cosine", 0.75, 0.75, 0.75, 0.75),
			resultOf("jaccard", 1, 1, 1, 1),
			resultOf("llr", 1, 0.5, 1, 0.5),
		},
		Uses:  map[string]eval.Use{"i": {Taken: 1, People: 1}},
		Known: map[string][]int{"cart": {1, 1, 4, 4}},
	}
}

func TestVariantTable(t *testing.T) {
	task := taskOf()
	got, err := variantTable(task, task.variants()[0])
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"coverage@10", "novelty@10"}, got.Columns); diff != "" {
		t.Errorf("columns beside hr@10 (-want +got):\n%s", diff)
	}
	type row struct{ model, value, gain, span, note string }
	var rows []row
	for _, r := range got.Rows {
		rows = append(rows, row{r.Model, r.Primary.Value, r.Gain.Value, r.Gain.Span, r.Gain.Note})
	}
	// How much better the own model is than each other: resampled cases of
	// equal differences always give that difference; those of llr, ±1/4, are
	// their mean of 0 ± 1/4 at the most.
	want := []row{
		{"default", "0.750", "", "", ""},
		{"popularity", "0.250", "+0.5000", "+0.5000 to +0.5000", "better"},
		{"cosine", "0.750", "+0.0000", "+0.0000 to +0.0000", "no clear difference"},
		{"jaccard", "1.000", "−0.2500", "−0.2500 to −0.2500", "worse"},
		{"llr", "0.750", "+0.0000", "−0.2500 to +0.2500", "no clear difference"},
	}
	if diff := cmp.Diff(want, rows, cmp.AllowUnexported(row{})); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]cell{{Value: "0.125"}, {Value: "3.00", Span: "2.00–4.00"}}, got.Rows[0].Cells); diff != "" {
		t.Errorf("other metrics (-want +got):\n%s", diff)
	}
	const finding = "default reaches hr@10 0.750; the best plain model, jaccard, 1.000. Difference −0.250 (−25.0 %): the interval of the difference leaves out 0."
	if got.Finding != finding {
		t.Errorf("finding %q, want %q", got.Finding, finding)
	}
}

func TestBestPlain(t *testing.T) {
	task := taskOf()
	if got := task.bestPlain("cart"); got.Model != "jaccard" {
		t.Errorf("best plain model = %s, want jaccard", got.Model)
	}
	task.Models = task.Models[:3]
	task.Models[2] = resultOf("cosine", 0.25, 0.25, 0.25, 0.25)
	if got := task.bestPlain("cart"); got.Model != "popularity" {
		t.Errorf("of equals = %s, want the first", got.Model)
	}
	var names []string
	for _, r := range task.shownModels("cart") {
		names = append(names, r.Model)
	}
	if diff := cmp.Diff([]string{"default", "popularity"}, names); diff != "" {
		t.Errorf("models in figures (-want +got):\n%s", diff)
	}
	if got := task.bestPlain("none"); got != nil {
		t.Errorf("best plain model of a variant that is not there = %s", got.Model)
	}
}

// TestNeighboursFigure: the change is against 100 neighbours, wherever that
// stands among the numbers.
func TestNeighboursFigure(t *testing.T) {
	task := taskOf()
	task.Kept = []int{20, 100}
	task.Neighbours = []eval.Result{resultOf("20", 0.5, 0.5, 0.5, 0.5), resultOf("100", 0.75, 0.75, 0.75, 0.75)}
	f, err := neighboursFigure(task)
	if err != nil {
		t.Fatal(err)
	}
	want := table{Head: []string{"variant", "metric", "20", "100"}, Rows: [][]string{{"Whole cart", "hr@10", "0.5000", "0.7500"}}}
	if diff := cmp.Diff(&want, f.Table); diff != "" {
		t.Errorf("table (-want +got):\n%s", diff)
	}
	// 20 neighbours are a quarter worse, and a little above 0 is always shown.
	svg := string(f.Panels[0].SVG)
	if !strings.Contains(svg, ">−0.3<") || !strings.Contains(svg, ">+0.1<") || strings.Contains(svg, ">+0.2<") {
		t.Errorf("the axis does not run from −0.3 to +0.1:\n%s", svg)
	}
	task.Kept = []int{20, 50}
	if _, err := neighboursFigure(task); err == nil {
		t.Error("drew a change against 100 neighbours without their result")
	}
}

// TestSegmentFigure: small segments are left out, and with one left there is
// nothing to compare.
func TestSegmentFigure(t *testing.T) {
	task := taskOf()
	if f := segmentFigure(task); len(f.Panels) != 0 || len(f.Table.Rows) != 0 {
		t.Errorf("segments of two cases each were drawn: %+v", f.Table.Rows)
	}
	hits, known := make([]float64, 20), make([]int, 20)
	for i := range hits {
		known[i] = 1
		if i >= 10 {
			hits[i], known[i] = 1, 4
		}
	}
	task.Models = []eval.Result{resultOf("default", hits...)}
	task.Known["cart"] = known
	f := segmentFigure(task)
	want := [][]string{
		{"Whole cart", "1–2", "10", "default", "0.0000", "0.0000 to 0.0000"},
		{"Whole cart", "3–5", "10", "default", "1.0000", "1.0000 to 1.0000"},
	}
	if diff := cmp.Diff(want, f.Table.Rows); diff != "" {
		t.Errorf("segments (-want +got):\n%s", diff)
	}
	if len(f.Panels) != 1 {
		t.Errorf("%d panels, want 1", len(f.Panels))
	}
}
