package cooccur_test

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"osusume/recommend"
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
			rapid.IntRange(0, 4).Draw(t, "workers"), mergeCells, 0)
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

// With a budget rows are cut as they grow: no count is above the exact one or short of
// it by more than the error bound, the best of a row stays, and once there are enough
// pairs the rows take about what they may.
func TestBuildWithinBudget(t *testing.T) {
	const n = 3000
	cfg := cooccur.Settings{}
	r := rand.New(rand.NewPCG(1, 2))
	visitors := make([][]profile.Line, 6000)
	for v := range visitors {
		lines := make([]profile.Line, 20)
		for k := range lines {
			item := uint32(r.IntN(n))
			if r.IntN(3) > 0 { // one of ten friends of a leader that the visitor likes
				item = uint32(v%50*10 + r.IntN(10))
			}
			lines[k] = profile.Line{Item: item, Time: uint32(k * 60), Group: 1 + uint32(v), Quantity: 1, Kind: recommend.Purchase}
			if k%2 == 0 {
				lines[k].Kind = recommend.ViewItem
			}
		}
		visitors[v] = lines
	}
	lines := func(v int) []profile.Line { return visitors[v] }
	exact := cooccur.Build(cfg, n, len(visitors), lines, 2, 0)
	whole := exact.Bytes()
	for _, test := range []struct {
		name   string
		budget int64
		cut    bool
	}{
		{"more than enough", 2 * whole, false},
		{"half", whole / 2, true},
		{"next to nothing", 1, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := cooccur.BuildMerging(cfg, n, len(visitors), lines, 2, 4000, test.budget)
			if cut := got.Dropped() > 0; cut != test.cut {
				t.Fatalf("%d pairs dropped", got.Dropped())
			}
			if !test.cut {
				if diff := cmp.Diff(written(exact), written(got)); diff != "" {
					t.Fatalf("(-want +got)\\n%s", diff)
				}
				return
			}
			t.Logf("%d of %d bytes with a budget of %d; %d pairs dropped", got.Bytes(), whole, test.budget, got.Dropped())
			if got.Bytes() >= whole*3/4 {
				t.Errorf("%d bytes, exactly %d", got.Bytes(), whole)
			}
			kept, best := 0, 0
			for k := range cooccur.Kinds {
				pairs := int64(0)
				for i := range uint32(n) {
					got.Each(k, i, func(j uint32, p cooccur.Pair) {
						pairs++
						want := exact.Pair(k, i, j)
						if p.Support > want.Support || p.Votes > want.Votes || p.Visitors > want.Visitors {
							t.Fatalf("%s %d-%d: %+v, exactly %+v", k, i, j, p, want)
						}
					})
					exact.Each(k, i, func(j uint32, want cooccur.Pair) {
						p := got.Pair(k, i, j)
						if want.Support-p.Support > got.ErrorBound(k, i) {
							t.Fatalf("%s %d-%d: %+v, exactly %+v, bound %d", k, i, j, p, want, got.ErrorBound(k, i))
						}
						if want.Support >= 20 {
							best++
							if 10*p.Support >= 9*want.Support {
								kept++
							}
						}
					})
				}
				if got.Pairs(k) != pairs {
					t.Fatalf("%s: %d pairs, said to be %d", k, pairs, got.Pairs(k))
				}
			}
			if best == 0 || kept < best*9/10 {
				t.Errorf("%d of the %d best pairs have nine tenths of their support", kept, best)
			}
		})
	}
}

func TestNth(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.SliceOfN(rapid.IntRange(0, rapid.SampledFrom([]int{1, 10, 1000}).Draw(t, "most")), 1, 200).Draw(t, "s")
		n := rapid.IntRange(0, len(s)-1).Draw(t, "n")
		want := slices.Sorted(slices.Values(s))[n]
		if got := cooccur.Nth(slices.Clone(s), n); got != want {
			t.Fatalf("nth(%v, %d) = %d, want %d", s, n, got, want)
		}
	})
}
