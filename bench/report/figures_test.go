package report

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"osusume/bench/eval"
)

// ten items, i0 taken most.
func tenUses() map[string]eval.Use {
	uses := make(map[string]eval.Use)
	for i, id := range []string{"i0", "i1", "i2", "i3", "i4", "i5", "i6", "i7", "i8", "i9"} {
		uses[id] = eval.Use{Taken: []int{40, 20, 10, 10, 5, 5, 5, 5, 0, 0}[i], People: 1}
	}
	return uses
}

func TestPopularityDeciles(t *testing.T) {
	part := popularityDeciles(tenUses())
	want := map[string]int{"i0": 0, "i1": 1, "i2": 2, "i3": 3, "i4": 4, "i5": 5, "i6": 6, "i7": 7, "i8": 8, "i9": 9}
	if diff := cmp.Diff(want, part); diff != "" {
		t.Errorf("deciles (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]float64{.4, .2, .1, .1, .05, .05, .05, .05, 0, 0}, takenShare(tenUses(), part), approximately); diff != "" {
		t.Errorf("share of what was taken (-want +got):\n%s", diff)
	}
	v := &eval.Variant{Lists: [][]string{{"i0", "i1", "i9"}, {"i0", "stray", "i0"}}}
	// Of the first two places: i0, i1, i0; the stray item is in no decile.
	if diff := cmp.Diff([]float64{2.0 / 3, 1.0 / 3, 0, 0, 0, 0, 0, 0, 0, 0}, shownShare(v, 2, part), approximately); diff != "" {
		t.Errorf("share of what is shown (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(make([]float64, deciles), takenShare(nil, nil)); diff != "" {
		t.Errorf("share in an empty shop (-want +got):\n%s", diff)
	}
}

func TestSegments(t *testing.T) {
	for _, task := range eval.Tasks() {
		for _, variant := range []string{"all", "new", "cart", "item"} {
			_, segments := segmentsOf(task, variant)
			for n := 1; n < 300 && segments != nil; n++ {
				in := 0
				for _, s := range segments {
					if s.has(n) {
						in++
					}
				}
				if in != 1 {
					t.Errorf("%s %s: %d known is in %d segments", task, variant, n, in)
				}
			}
		}
	}
	if _, segments := segmentsOf(eval.Baskets, "item"); segments != nil {
		t.Errorf("segments of cases with one item each: %v", segments)
	}
}

func TestBySegment(t *testing.T) {
	v := &eval.Variant{
		Cases:   []eval.Case{{Unit: "a"}, {Unit: "b"}, {Unit: "c"}},
		Metrics: []eval.Metric{{Name: "hr@10", Values: []float64{1, 0, 0.5}}},
	}
	got := bySegment(v, "hr@10", []int{2, 4, 7}, []segment{{"1–5", 1, 5}, {">5", 6, 0}}, 1)
	want := []segmentMean{{N: 2, Mean: 0.5, CI: eval.Interval{Low: 0, High: 1}}, {N: 1, Mean: 0.5, CI: eval.Interval{Low: 0.5, High: 0.5}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("segments (-want +got):\n%s", diff)
	}
}
