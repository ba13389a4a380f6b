package weight

import (
	"math"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// serial runs work for each item in turn.
func serial(n int, work func(worker, item int)) {
	for i := range n {
		work(0, i)
	}
}

// drawMatrix draws a few cases over a few items.
func drawMatrix(t *rapid.T, value func(*rapid.T) float32) *Matrix {
	items := rapid.IntRange(1, 8).Draw(t, "items")
	rows := make([][]Cell, rapid.IntRange(0, 14).Draw(t, "cases"))
	for r := range rows {
		for i := range items {
			if rapid.IntRange(0, 2).Draw(t, "in") == 0 {
				rows[r] = append(rows[r], Cell{uint32(i), value(t)})
			}
		}
	}
	return NewMatrix(items, rows)
}

func decayed(t *rapid.T) float32 {
	return rapid.SampledFrom([]float32{1, 1, 0.5, 0.25, 0.7}).Draw(t, "value")
}

// dense is the Gram matrix, item by item.
func dense(m *Matrix) [][]float64 {
	x := make([][]float64, len(m.rowEnds))
	for r := range x {
		x[r] = make([]float64, m.items)
		for _, c := range m.row(uint32(r)) {
			x[r][c.Item] = float64(c.Value)
		}
	}
	g := make([][]float64, m.items)
	for i := range g {
		g[i] = make([]float64, m.items)
		for j := range g[i] {
			for r := range x {
				g[i][j] += x[r][i] * x[r][j]
			}
		}
	}
	return g
}

func TestGramEqualsDense(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := drawMatrix(t, decayed)
		want := dense(m)
		for name, parallel := range map[string]func(int, func(int, int)){"serial": serial, "parallel": Parallel} {
			g := NewGram(m, parallel)
			for i := range want {
				got := make([]float64, len(want))
				got[i] = float64(g.diag[i])
				for n, c := range g.rows[i] {
					got[c.Item] = float64(c.Value)
					if n > 0 && g.rows[i][n-1].Item >= c.Item {
						t.Fatalf("%s: row %d is not sorted: %v", name, i, g.rows[i])
					}
				}
				for j := range want {
					if math.Abs(got[j]-want[i][j]) > 1e-5 {
						t.Fatalf("%s: G[%d][%d] = %v, want %v", name, i, j, got[j], want[i][j])
					}
				}
			}
		}
	})
}

// objective is what SLIM minimises for target j, up to a constant:
// 1/2 w'Gw - w'g_j + L1 sum(w) + 1/2 L2 |w|².
func objective(g [][]float64, j int, p Learned, w []float64) float64 {
	var f float64
	for a := range w {
		f += p.L1*w[a] + p.L2*w[a]*w[a]/2 - w[a]*g[a][j]
		for b := range w {
			f += w[a] * g[a][b] * w[b] / 2
		}
	}
	return f
}

// reference minimises the objective by projected gradient steps of 1/trace: slow
// and simple, and not the way the solver goes.
func reference(g [][]float64, j int, p Learned) []float64 {
	w := make([]float64, len(g))
	step := p.L2
	for i := range g {
		step += g[i][i]
	}
	if step == 0 {
		return w
	}
	for range 20_000 {
		next := make([]float64, len(w))
		for a := range w {
			grad := p.L1 + p.L2*w[a] - g[a][j]
			for b := range w {
				grad += g[a][b] * w[b]
			}
			if a != j {
				next[a] = max(0, w[a]-grad/step)
			}
		}
		w = next
	}
	return w
}

func drawLearned(t *rapid.T) Learned {
	return Learned{
		L1: rapid.SampledFrom([]float64{0, 0.1, 0.5, 1}).Draw(t, "l1"),
		L2: rapid.SampledFrom([]float64{0.5, 1, 5, 50}).Draw(t, "l2"),
	}
}

// weightsOf spreads a solution over all items and checks its form.
func weightsOf(t *rapid.T, items int, j uint32, cells []Cell) []float64 {
	w := make([]float64, items)
	for n, c := range cells {
		if c.Item == j || !(c.Value > 0) || math.IsInf(float64(c.Value), 0) {
			t.Fatalf("weight %v of %d for target %d", c.Value, c.Item, j)
		}
		if n > 0 && cells[n-1].Item >= c.Item {
			t.Fatalf("weights are not by ascending item: %v", cells)
		}
		w[c.Item] = float64(c.Value)
	}
	return w
}

// The solver's weights minimise the objective: no worse than the reference, and
// the conditions of Karush, Kuhn and Tucker hold.
func TestSolverIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := drawMatrix(t, decayed)
		p := drawLearned(t)
		g := dense(m)
		s := NewSolver(NewGram(m, serial), p, byNumber)
		for j := range m.items {
			w := weightsOf(t, m.items, uint32(j), s.Solve(uint32(j), nil))
			want := reference(g, j, p)
			if got, best := objective(g, j, p, w), objective(g, j, p, want); got > best+1e-5 {
				t.Fatalf("target %d: objective %v, the reference reaches %v (%v against %v)", j, got, best, w, want)
			}
			for a := range w {
				if math.Abs(w[a]-want[a]) > 2e-3 {
					t.Fatalf("target %d: weights %v, want %v", j, w, want)
				}
				if a == j {
					continue
				}
				slope := p.L1 + p.L2*w[a] - g[a][j]
				for b := range w {
					slope += g[a][b] * w[b]
				}
				// At 0 the objective may only rise; inside it is flat. The
				// tolerance is the solver's, times the curvature.
				slack := 1e-3 * (g[a][a] + p.L2)
				if slope < -slack || (w[a] > 0 && slope > slack) {
					t.Fatalf("target %d: slope %v at w[%d] = %v", j, slope, a, w[a])
				}
			}
		}
	})
}

// By hand: item 1 goes with item 0 in 3 of its 4 cases. With one candidate the
// solution is (G01 - L1) / (G11 + L2) = (3 - 1) / (4 + 2).
func TestSolverByHand(t *testing.T) {
	m := NewMatrix(2, [][]Cell{{{0, 1}, {1, 1}}, {{0, 1}, {1, 1}}, {{0, 1}, {1, 1}}, {{1, 1}}})
	s := NewSolver(NewGram(m, serial), Learned{L1: 1, L2: 2}, byNumber)
	if diff := gocmp.Diff([]Cell{{1, 1. / 3}}, s.Solve(0, nil)); diff != "" {
		t.Errorf("target 0 (-want +got)\n%s", diff)
	}
	// For target 1: (3 - 1) / (3 + 2).
	if diff := gocmp.Diff([]Cell{{0, 0.4}}, s.Solve(1, nil)); diff != "" {
		t.Errorf("target 1 (-want +got)\n%s", diff)
	}
	// A penalty above the correlation leaves nothing.
	if got := NewSolver(NewGram(m, serial), Learned{L1: 3, L2: 2}, byNumber).Solve(0, nil); got != nil {
		t.Errorf("weights %v, want none", got)
	}
}

// Starting from any earlier weights, even wrong ones or of items that are no
// candidates any more, ends in the same place.
func TestWarmStart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := drawMatrix(t, decayed)
		p := drawLearned(t)
		s := NewSolver(NewGram(m, serial), p, byNumber)
		for j := range uint32(m.items) {
			cold := s.Solve(j, nil)
			var start []Cell
			for i := range uint32(10) {
				if i != j && rapid.Bool().Draw(t, "start with") {
					start = append(start, Cell{i, rapid.Float32Range(0, 2).Draw(t, "weight")})
				}
			}
			a, b := weightsOf(t, m.items, j, cold), weightsOf(t, m.items, j, s.Solve(j, start))
			for i := range a {
				if math.Abs(a[i]-b[i]) > 2e-3 {
					t.Fatalf("target %d: %v from nothing, %v from %v", j, a, b, start)
				}
			}
		}
	})
}

// Whatever the values, weights are finite and positive, and solving ends.
func TestSolverIsFinite(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := drawMatrix(t, func(t *rapid.T) float32 {
			return rapid.SampledFrom([]float32{1e-38, 1e-20, 1e-3, 1, 1e6, 1e18, math.MaxFloat32}).Draw(t, "value")
		})
		p := Learned{
			L1:         rapid.SampledFrom([]float64{0, 1e-9, 1, 1e8}).Draw(t, "l1"),
			L2:         rapid.SampledFrom([]float64{0, 1e-9, 1, 1e8}).Draw(t, "l2"),
			Candidates: rapid.IntRange(0, 4).Draw(t, "candidates"),
		}
		s := NewSolver(NewGram(m, serial), p, byNumber)
		for j := range uint32(m.items) {
			got := s.Solve(j, nil)
			weightsOf(t, m.items, j, got)
			if p.Candidates > 0 && len(got) > p.Candidates {
				t.Fatalf("%d weights from %d candidates", len(got), p.Candidates)
			}
			// The solver holds nothing back from the target before.
			if again := s.Solve(j, nil); !slices.Equal(got, again) {
				t.Fatalf("solved twice: %v and %v", got, again)
			}
		}
	})
}

// The candidates are the items most cosine-similar to the target.
func TestCandidatesAreTheMostSimilar(t *testing.T) {
	// Cosines with item 0, which is in 4 cases: item 1 4/sqrt(4*8) = 0.71,
	// item 2 2/sqrt(4*2) = 0.71 (as good, but of a higher id), item 3
	// 1/sqrt(4*1) = 0.5.
	rows := [][]Cell{{{0, 1}, {1, 1}, {2, 1}, {3, 1}}, {{0, 1}, {1, 1}, {2, 1}}, {{0, 1}, {1, 1}}, {{0, 1}, {1, 1}}}
	for range 4 {
		rows = append(rows, []Cell{{1, 1}})
	}
	m := NewMatrix(4, rows)
	for _, tt := range []struct {
		keep int
		want []uint32
	}{{1, []uint32{1}}, {2, []uint32{1, 2}}, {3, []uint32{1, 2, 3}}} {
		s := NewSolver(NewGram(m, serial), Learned{L2: 1e3, Candidates: tt.keep}, byNumber)
		var got []uint32
		for _, c := range s.Solve(0, nil) {
			got = append(got, c.Item)
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%d candidates: weights of %v, want %v", tt.keep, got, tt.want)
		}
	}
}
