package weight

import (
	"math"
	"slices"
)

// Learned are the parameters of weights that need all cases at once and are
// computed in the background. Both start from the matrix X of cases (customers
// or orders) and items, whose cells are
//
//	2^(-age/HalfLifeDays) * (items of the case / mean items of a case)^(-CasePower/2)
//
// so that with a CasePower above 0 a bulk buyer's row counts for less.
//
// SLIM (Ning and Karypis, "SLIM: sparse linear methods for top-N recommender
// systems", ICDM 2011) minimises per target item j
//
//	1/2 |x_j - X w|² + L1 |w|₁ + 1/2 L2 |w|²   with w >= 0, w_j = 0
//
// over the Candidates items most cosine-similar to j. All terms come from the
// Gram matrix, so the solver never sees a customer.
//
// Walk is the chance to come from item i over one of its cases to item j, less
// popular items preferred: (sum over cases of x_i x_j) / (sum of x_i²) divided by
// (sum of x_j²)^ItemPower, here with cells to the power 1/2 in their decay
// (P3alpha: Cooper et al., WWW 2014; RP3beta: Paudel et al., TiiS 7(1), 2016).
type Learned struct {
	// HalfLifeDays decays a cell by the age of its newest event; 0 is none.
	HalfLifeDays float64 `yaml:"half_life_days,omitempty"`
	CasePower    float64 `yaml:"case_power,omitempty"`
	// SLIM only.
	L1         float64 `yaml:"l1,omitempty"`
	L2         float64 `yaml:"l2,omitempty"`
	Candidates int     `yaml:"candidates,omitempty"` // 0 is 200
	// Walk only.
	ItemPower float64 `yaml:"item_power,omitempty"`
}

const (
	defaultCandidates = 200
	// The solver stops when no weight of a sweep moved by more than
	// tolerance of the largest weight, and after maxSweeps in any case, so its
	// time per item is bounded by candidates² x maxSweeps.
	tolerance = 1e-4
	maxSweeps = 60
)

// Solver solves for one target after the other; it keeps scratch space and
// belongs to one goroutine.
type Solver struct {
	gram       *Gram
	p          Learned
	builder    Builder
	candidates []candidate // of builder
	place      []int32     // of an item among the candidates, -1 for none
	g          []float64   // candidates x candidates
	residual   []float64
	w          []float64
}

// NewSolver returns a solver over g. less breaks ties between candidates.
func NewSolver(g *Gram, p Learned, less func(a, b uint32) bool) *Solver {
	if p.Candidates <= 0 {
		p.Candidates = defaultCandidates
	}
	s := &Solver{gram: g, p: p, builder: Builder{Less: less}, place: make([]int32, len(g.rows))}
	for i := range s.place {
		s.place[i] = -1
	}
	return s
}

// Solve returns the weights of target j, by ascending source item, all > 0 and
// finite. start, which may be nil, is an earlier solution to start from.
func (s *Solver) Solve(j uint32, start []Cell) []Cell {
	s.choose(j)
	m := len(s.candidates)
	if m == 0 {
		return nil
	}
	s.gather()
	s.w = resize(s.w, m)
	for _, c := range start {
		if int(c.Item) < len(s.place) && s.place[c.Item] >= 0 {
			k := int(s.place[c.Item])
			s.w[k] = float64(c.Value)
			for n := range m {
				s.residual[n] -= s.w[k] * s.g[k*m+n]
			}
		}
	}
	s.descend(m)
	var out []Cell
	for k, c := range s.candidates {
		s.place[c.item] = -1
		if w := float32(s.w[k]); w > 1e-6 && !math.IsInf(float64(w), 0) {
			out = append(out, Cell{c.item, w})
		}
	}
	slices.SortFunc(out, func(a, b Cell) int { return int(int64(a.Item) - int64(b.Item)) })
	return out
}

// choose picks the items most cosine-similar to j and notes their places.
func (s *Solver) choose(j uint32) {
	b := &s.builder
	b.candidates = b.candidates[:0]
	for _, c := range s.gram.rows[j] {
		norm := math.Sqrt(float64(s.gram.diag[j]) * float64(s.gram.diag[c.Item]))
		// The solution of an item that correlates less than L1 is 0.
		if norm > 0 && float64(c.Value) > s.p.L1 {
			b.candidates = append(b.candidates, candidate{item: c.Item, weight: float64(c.Value) / norm})
		}
	}
	s.candidates = b.top(s.p.Candidates)
	s.residual = resize(s.residual, len(s.candidates))
	for k, c := range s.candidates {
		s.place[c.item] = int32(k)
	}
	for _, c := range s.gram.rows[j] {
		if k := s.place[c.Item]; k >= 0 {
			s.residual[k] = float64(c.Value)
		}
	}
}

// gather fills the candidates' part of G.
func (s *Solver) gather() {
	m := len(s.candidates)
	s.g = resize(s.g, m*m)
	for k, c := range s.candidates {
		row := s.g[k*m : (k+1)*m]
		for _, other := range s.gram.rows[c.item] {
			if n := s.place[other.Item]; n >= 0 {
				row[n] = float64(other.Value)
			}
		}
		row[k] = float64(s.gram.diag[c.item])
	}
}

// descend runs cyclic coordinate descent; residual_k is the correlation of
// candidate k with what the other weights leave unexplained of the target.
func (s *Solver) descend(m int) {
	w, residual := s.w[:m], s.residual[:m]
	for range maxSweeps {
		var moved, largest float64
		for k := range m {
			row := s.g[k*m : (k+1)*m]
			old := w[k]
			next := max(0, residual[k]+row[k]*old-s.p.L1) / (row[k] + s.p.L2)
			if next == old || math.IsNaN(next) || math.IsInf(next, 0) {
				largest = max(largest, old)
				continue
			}
			w[k] = next
			step := next - old
			for n := range row {
				residual[n] -= step * row[n]
			}
			moved, largest = max(moved, math.Abs(step)), max(largest, next)
		}
		if moved <= tolerance*largest {
			return
		}
	}
}

// resize returns a zeroed slice of n.
func resize(s []float64, n int) []float64 {
	if cap(s) < n {
		return make([]float64, n)
	}
	s = s[:n]
	clear(s)
	return s
}
