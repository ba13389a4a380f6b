package cooccur_test

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"osusume/recommend/cooccur"
	"osusume/recommend/profile"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// image is all counts as bytes.
func image(t interface{ Fatal(...any) }, c *cooccur.Counts) []byte {
	var b bytes.Buffer
	if err := c.WriteImage(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Building from nothing, with any number of workers, is adding one by one, and
// goes on as that does.
func TestBuildIsAddingOneByOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cfg := drawCounts(t)
		cfg.BoughtBreadth, cfg.BrowsedBreadth, cfg.Sittings = 2, 2, 2
		// Enough to fill chunks, so that there is something to merge twice.
		visitors := make([][]profile.Line, rapid.SampledFrom([]int{0, 20, 200, 3000}).Draw(t, "visitors"))
		few := [][]profile.Line{drawLines(t, 60), drawLines(t, 60), drawLines(t, 60), nil}
		mergeCells := rapid.SampledFrom([]int{1, 2000, 1 << 20}).Draw(t, "merge cells")
		for v := range visitors {
			visitors[v] = few[v%len(few)]
		}
		want := counted(cfg, visitors...)
		got := cooccur.BuildMerging(cfg, items, len(visitors), func(v int) []profile.Line { return visitors[v] },
			rapid.IntRange(0, 4).Draw(t, "workers"), mergeCells)
		more := drawLines(t, 60)
		for range 2 {
			if diff := cmp.Diff(written(want), written(got)); diff != "" {
				t.Fatalf("(-want +got)\n%s", diff)
			}
			if !bytes.Equal(image(t, want), image(t, got)) {
				t.Fatal("the images differ")
			}
			for k := range cooccur.Kinds {
				if want.Total(k) != got.Total(k) || want.Pairs(k) != got.Pairs(k) || want.Expected(k, 0, 1) != got.Expected(k, 0, 1) {
					t.Fatalf("%s: the sums differ", k)
				}
				for i := range uint32(items) {
					if want.Background(k, i, 0.5) != got.Background(k, i, 0.5) {
						t.Fatalf("%s: the background of %d differs", k, i)
					}
				}
			}
			want.Add(more, 0)
			got.Add(more, 0)
		}
	})
}
