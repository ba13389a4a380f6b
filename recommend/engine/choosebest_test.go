package engine

import (
	"cmp"
	"slices"
	"strconv"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"osusume/recommend/catalog"
)

// TestSelectionAgainstSort holds a selection against sorting all candidates; the
// scores are few, so that most of them tie. Some are below 0.
func TestSelectionAgainstSort(t *testing.T) {
	const items = 700
	c := catalog.New()
	for i := range items {
		c.Intern(strconv.Itoa((i * 389) % items)) // dense ids in no order of the external ones
	}
	names := c.Snapshot()
	rapid.Check(t, func(t *rapid.T) {
		k := rapid.SampledFrom([]int{1, 2, 10, 30}).Draw(t, "k")
		n := rapid.IntRange(0, items).Draw(t, "candidates")
		grades := rapid.IntRange(1, 6).Draw(t, "grades")
		var sel, lazy selection
		sel.begin(names, k)
		lazy.begin(names, k)
		defer sel.end()
		var all []scored
		for i := range n {
			s := scored{uint32(i), float32((i*i*31+i*7)%grades-1) / 2}
			all = append(all, s)
			if sel.wants(s.score) {
				sel.add(s)
				lazy.add(s)
			}
			if len(sel.found) > reach(k) {
				t.Fatalf("%d candidates held", len(sel.found))
			}
		}
		slices.SortFunc(all, func(a, b scored) int {
			return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(names.ID(a.item), names.ID(b.item)))
		})
		all = all[:min(len(all), k)]
		var top topList
		top.reset(k)
		sel.into(&top)
		got := slices.Clone(top.heap)
		slices.Reverse(got)
		if diff := gocmp.Diff(all, got, gocmp.AllowUnexported(scored{}), cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}
		lazy.settle()
		ordered := rapid.IntRange(0, len(all)).Draw(t, "in order")
		for i := range ordered {
			lazy.first(i)
			if got := lazy.best()[i]; got != all[i] {
				t.Fatalf("place %d: %v, want %v", i, got, all[i])
			}
		}
	})
}
