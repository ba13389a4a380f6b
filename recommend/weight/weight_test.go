package weight

import (
	"cmp"
	"math"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"osusume/recommend"
	"osusume/recommend/cooccur"
	"osusume/recommend/profile"
)

// near compares weights: float32 has 7 digits, the expectations 5.
func near(got, want float64) bool { return math.Abs(got-want) <= 2e-5*max(1, math.Abs(want)) }

func byNumber(a, b uint32) bool { return a < b }

// orders counts one order per row, each by a customer of its own.
func orders(rows ...[]uint32) *cooccur.Counts {
	c := cooccur.New(cooccur.Settings{}, nil)
	c.Grow(10)
	for n, row := range rows {
		var lines []profile.Line
		for _, item := range row {
			lines = append(lines, profile.Line{Item: item, Time: 1e9, Group: uint32(n + 1), Kind: recommend.Purchase})
		}
		c.Add(lines, 0)
	}
	return c
}

func TestClosedForms(t *testing.T) {
	// Item 0 is in 4 orders, item 1 in 3, item 2 in 1, item 3 in 2 of 8;
	// 0 and 1 together in 3, 0 and 2 in 1, 0 and 3 in 1.
	c := orders([]uint32{0, 1}, []uint32{0, 1, 2}, []uint32{0, 1}, []uint32{0, 3}, []uint32{3}, []uint32{4}, []uint32{4}, []uint32{5})
	tests := []struct {
		name string
		spec Spec
		want map[uint32]float64 // neighbours of item 0
	}{
		{"cooccurrence", Spec{Formula: Cooccurrence}, map[uint32]float64{1: 3, 2: 1, 3: 1}},
		{"conditional", Spec{Formula: Conditional}, map[uint32]float64{1: 3. / 4, 2: 1. / 4, 3: 1. / 4}},
		{"conditional, floor of 2", Spec{Formula: Conditional, MinSupport: 2}, map[uint32]float64{1: 3. / 4}},
		{"conditional, floor of 4", Spec{Formula: Conditional, MinSupport: 4}, map[uint32]float64{}},
		// C / sqrt(ci cj): 3/sqrt(12), 1/sqrt(4), 1/sqrt(8).
		{"cosine", Spec{Formula: Cosine}, map[uint32]float64{1: 0.866025, 2: 0.5, 3: 0.353553}},
		// 3/(sqrt(12)+2), 1/(2+2), 1/(sqrt(8)+2).
		{"cosine, shrunk by 2", Spec{Formula: Cosine, Shrink: 2}, map[uint32]float64{1: 0.549038, 2: 0.25, 3: 0.207107}},
		// 3/(4+3-3), 1/(4+1-1), 1/(4+2-1).
		{"jaccard", Spec{Formula: Jaccard}, map[uint32]float64{1: 0.75, 2: 0.25, 3: 0.2}},
		// 0 and 1: table 3, 1, 0, 4. G2 = 2 (3 ln(3*8/(4*3)) + 1 ln(1*8/(4*5))
		// + 4 ln(4*8/(4*5))) = 2 (2.079442 - 0.916291 + 1.880015) = 6.086332.
		// 0 and 2: table 1, 3, 0, 4: 2 (ln 2 + 3 ln(24/28) + 4 ln(32/28))
		// = 2 (0.693147 - 0.462452 + 0.534126) = 1.529642.
		// 0 and 3 are together as often as by chance, 4*2/8 = 1: no neighbour.
		{"llr", Spec{Formula: LLR}, map[uint32]float64{1: 6.086332, 2: 1.529642}},
		{"root of llr", Spec{Formula: LLR, Root: true}, map[uint32]float64{1: 2.467049, 2: 1.236787}},
		// Until they are learned, SLIM weights are cosines.
		{"slim", Spec{Formula: SLIM}, map[uint32]float64{1: 0.866025, 2: 0.5, 3: 0.353553}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.spec.Over = "orders"
			b := Builder{Less: byNumber}
			got := build(&b, c, tt.spec, time.Unix(2e9, 0))
			cells := got.Cells()
			if len(cells) != len(tt.want) {
				t.Fatalf("list %+v, want %v", cells, tt.want)
			}
			for n, cell := range cells {
				j := cell.Item
				if want, ok := tt.want[j]; !ok || !near(float64(cell.Value), want) {
					t.Errorf("weight of %d is %v, want %v", j, cell.Value, tt.want[j])
				}
				if got.Supports()[n] != c.Support(cooccur.Orders, 0, j) {
					t.Errorf("support of %d is %d, want %d", j, got.Supports()[n], c.Support(cooccur.Orders, 0, j))
				}
				if n > 0 && (cells[n-1].Value < cell.Value || (cells[n-1].Value == cell.Value && cells[n-1].Item > j)) {
					t.Errorf("order of %+v: want weight falling, then id", cells)
				}
			}
		})
	}
}

// The value of G2 for the bigram "the swiss" in Dunning 1993, table 2, from its
// counts k(AB) 110, k(A~B) 2442, k(~AB) 111, k(~A~B) 29114, published as 270.72.
func TestG2Published(t *testing.T) {
	const kAB, kA, kB, rest = 110., 2442., 111., 29114.
	if got := G2(kAB, kAB+kA, kAB+kB, kAB+kA+kB+rest); math.Abs(got-270.72) > 0.005 {
		t.Errorf("G2 = %.2f, want 270.72", got)
	}
}

func TestG2Edges(t *testing.T) {
	tests := []struct {
		name                string
		both, ci, cj, n, g2 float64
	}{
		{"as by chance", 1, 4, 2, 8, 0},
		{"rarer than by chance", 1, 5, 5, 10, 0},
		{"never together", 0, 5, 5, 10, 0},
		{"nothing at all", 0, 0, 0, 0, 0},
		{"always together in every case", 10, 10, 10, 10, 0},
		// k12 = k21 = 0: 2 (5 ln 2 + 5 ln 2) = 20 ln 2.
		{"always together in half of the cases", 5, 5, 5, 10, 20 * math.Ln2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := G2(tt.both, tt.ci, tt.cj, tt.n); !near(got, tt.g2) {
				t.Errorf("G2 = %v, want %v", got, tt.g2)
			}
		})
	}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 1<<31).Draw(t, "n")
		ci, cj := rapid.IntRange(0, n).Draw(t, "ci"), rapid.IntRange(0, n).Draw(t, "cj")
		both := rapid.IntRange(max(0, ci+cj-n), min(ci, cj)).Draw(t, "both")
		got := G2(float64(both), float64(ci), float64(cj), float64(n))
		if !(got >= 0) || math.IsInf(got, 0) {
			t.Fatalf("G2(%d, %d, %d, %d) = %v", both, ci, cj, n, got)
		}
		if back := G2(float64(both), float64(cj), float64(ci), float64(n)); !near(back, got) {
			t.Fatalf("G2 is not symmetric: %v and %v", got, back)
		}
	})
}

func TestSteps(t *testing.T) {
	base := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	c := cooccur.New(cooccur.Settings{StepLambda: 2, SessionHalfLifeDays: 20}, nil)
	c.Grow(4)
	session := func(group uint32, at time.Time, items ...uint32) {
		var lines []profile.Line
		for _, i := range items {
			lines = append(lines, profile.Line{Item: i, Time: uint32(at.Unix()), Group: group, Kind: recommend.ViewItem})
		}
		c.Add(lines, 0)
	}
	session(1, base, 0, 1, 2)
	session(2, base.AddDate(0, 0, 20), 1, 0)
	// Seen from day 40: session 1 weighs 1/4, session 2 1/2; steps one apart
	// weigh 1, two apart exp(-1/2) = 0.606531.
	// From item 0: after, 1: 1/4 and 2: 0.606531/4 = 0.151633; before, 1: 1/2.
	// With Backward 0.4: M1 = 0.25 + 0.4*0.5 = 0.45, M2 = 0.151633,
	// row sum (0.25 + 0.151633) + 0.4*0.5 = 0.601633.
	tests := []struct {
		name string
		spec Spec
		want map[uint32]float64
	}{
		{"as they are", Spec{Backward: 0.4}, map[uint32]float64{1: 0.45, 2: 0.151633}},
		{"forward only", Spec{}, map[uint32]float64{1: 0.25, 2: 0.151633}},
		// 0.45 / (0.601633 + 1), 0.151633 / 1.601633.
		{"by row", Spec{Backward: 0.4, RowPower: 1, Shrink: 1}, map[uint32]float64{1: 0.280963, 2: 0.094674}},
		// Item 1 is in 2 sessions: 0.45/sqrt(2); item 2 in 1.
		{"by column", Spec{Backward: 0.4, ColumnPower: 0.5}, map[uint32]float64{1: 0.318198, 2: 0.151633}},
		{"floor of 2 sessions", Spec{Backward: 0.4, MinSupport: 2}, map[uint32]float64{1: 0.45}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.spec.Formula = Steps
			b := Builder{Less: byNumber}
			got := build(&b, c, tt.spec, base.AddDate(0, 0, 40))
			weights := make(map[uint32]float64)
			for _, c := range got.Cells() {
				weights[c.Item] = float64(c.Value)
			}
			// Decay is kept to 8 bits and steps to 2^-12: within 2^-9.
			if !gocmp.Equal(weights, tt.want, gocmp.Comparer(func(a, b float64) bool { return math.Abs(a-b) < 1e-3 })) {
				t.Errorf("weights %v, want %v", weights, tt.want)
			}
		})
	}
}

func build(b *Builder, c *cooccur.Counts, spec Spec, now time.Time) List {
	b.Gather(c, spec.Kind(), 0)
	return b.Build(c, &spec, 0, now)
}

func TestBuildLearned(t *testing.T) {
	b := Builder{Less: byNumber}
	// Item 0 is in an order with 1 once, with 2 and 3 twice, never with 4.
	c := orders([]uint32{0, 2, 3, 5}, []uint32{0, 1, 2, 3})
	cells := []Cell{{1, 0.25}, {2, 0.5}, {3, 0.5}, {4, 0.75}}
	got := b.BuildLearned(c, &Spec{Formula: SLIM, Over: "orders", Neighbours: 2}, 0, cells)
	// 4 has no support to explain it with; 2 and 3 tie and stand by id.
	if diff := gocmp.Diff([]Cell{{2, 0.5}, {3, 0.5}}, got.Cells()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if diff := gocmp.Diff([]uint32{2, 2}, got.Supports()); diff != "" || got.Of() != 2 {
		t.Errorf("of %d, supports (-want +got)\n%s", got.Of(), diff)
	}
	if got := b.BuildLearned(c, &Spec{Formula: SLIM, Over: "orders"}, 0, nil); got.Len() != 0 {
		t.Errorf("list of nothing: %+v", got)
	}
}

func TestNeighboursKept(t *testing.T) {
	row := []uint32{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}
	c := orders(row, row[:3])
	for _, tt := range []struct{ keep, want int }{{0, 9}, {-1, 9}, {1, 1}, {4, 4}, {50, 9}} {
		b := Builder{Less: byNumber}
		got := build(&b, c, Spec{Formula: Cooccurrence, Over: "orders", Neighbours: tt.keep}, time.Time{})
		if got.Len() != tt.want {
			t.Errorf("Neighbours %d keeps %d, want %d", tt.keep, got.Len(), tt.want)
		}
		// 1 and 2 go with 0 twice; the rest once, by id.
		for k, c := range got.Cells() {
			if c.Item != row[k+1] {
				t.Errorf("Neighbours %d keeps %v, want the first of %v", tt.keep, got.Cells(), row[1:])
				break
			}
		}
	}
}

// The best are those that sorting everything would put first.
func TestTopEqualsSort(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 200).Draw(t, "candidates")
		distinct := rapid.IntRange(1, 40).Draw(t, "distinct weights")
		var b Builder
		rank := make([]int, n) // of the external ids, unlike the dense ones
		for i := range rank {
			rank[i] = i * 7919 % n
		}
		b.Less = func(x, y uint32) bool { return cmp.Or(rank[x]-rank[y], int(x)-int(y)) < 0 }
		for i := range n {
			w := float64(rapid.IntRange(1, distinct).Draw(t, "weight"))
			b.candidates = append(b.candidates, candidate{item: uint32(i), support: uint32(i), weight: w})
		}
		want := slices.Clone(b.candidates)
		slices.SortFunc(want, func(x, y candidate) int {
			if x.weight != y.weight {
				return cmp.Compare(y.weight, x.weight)
			}
			return cmp.Or(rank[x.item]-rank[y.item], int(x.item)-int(y.item))
		})
		keep := rapid.IntRange(0, n+2).Draw(t, "keep")
		got := b.top(keep)
		if !slices.Equal(got, want[:min(keep, n)]) {
			t.Fatalf("top %d of %d\n got %v\nwant %v", keep, n, got, want[:min(keep, n)])
		}
	})
}

func TestValidateSpec(t *testing.T) {
	tests := []struct {
		name string
		spec Spec
		ok   bool
	}{
		{"cosine over orders", Spec{Formula: Cosine, Over: "orders"}, true},
		{"steps need no kind", Spec{Formula: Steps}, true},
		{"steps over sessions", Spec{Formula: Steps, Over: "sessions"}, true},
		{"steps over orders", Spec{Formula: Steps, Over: "orders"}, false},
		{"no kind", Spec{Formula: Cosine}, false},
		{"unknown kind", Spec{Formula: Cosine, Over: "carts"}, false},
		{"unknown formula", Spec{Formula: "magic", Over: "orders"}, false},
		{"no formula", Spec{Over: "orders"}, false},
		{"NaN", Spec{Formula: Cosine, Over: "orders", Shrink: math.NaN()}, false},
		{"infinite", Spec{Formula: Steps, RowPower: math.Inf(1)}, false},
		{"negative", Spec{Formula: Steps, Backward: -0.1}, false},
		{"negative penalty", Spec{Formula: SLIM, Over: "orders", Learned: Learned{L2: -1}}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if err := tt.spec.Validate(); (err == nil) != tt.ok {
				t.Errorf("Validate = %v, want ok %v", err, tt.ok)
			}
		})
	}
}
