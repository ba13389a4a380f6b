package weight

import (
	"math"
	"slices"
)

// Cell is one entry of a case × item matrix.
type Cell struct {
	Item  uint32
	Value float32 // finite, > 0
}

// Matrix is a sparse case × item matrix X: a case is a customer or an order.
// Both orders of its cells are kept.
type Matrix struct {
	items   int
	rows    []Cell // by case
	rowEnds []int
	cols    []caseCell // by item
	colEnds []int
}

type caseCell struct {
	row   uint32
	value float32
}

// NewMatrix takes the rows of X; no row may name an item twice.
func NewMatrix(items int, rows [][]Cell) *Matrix {
	m := &Matrix{items: items, colEnds: make([]int, items+1)}
	for _, row := range rows {
		m.rows = append(m.rows, row...)
		m.rowEnds = append(m.rowEnds, len(m.rows))
		for _, c := range row {
			m.colEnds[c.Item+1]++
		}
	}
	for i := range items {
		m.colEnds[i+1] += m.colEnds[i]
	}
	next := slices.Clone(m.colEnds[:items])
	m.cols = make([]caseCell, len(m.rows))
	for r := range rows {
		for _, c := range rows[r] {
			m.cols[next[c.Item]] = caseCell{uint32(r), c.Value}
			next[c.Item]++
		}
	}
	return m
}

// Items is the number of columns.
func (m *Matrix) Items() int { return m.items }

func (m *Matrix) row(r uint32) []Cell {
	start := 0
	if r > 0 {
		start = m.rowEnds[r-1]
	}
	return m.rows[start:m.rowEnds[r]]
}

func (m *Matrix) col(i uint32) []caseCell { return m.cols[m.colEnds[i]:m.colEnds[i+1]] }

// Gram is the sparse Gram matrix G = XᵀX, one sorted row per item.
type Gram struct {
	rows [][]Cell
	diag []float32
}

// gramWorker has the scratch space for one row of G.
type gramWorker struct {
	sums    []float64
	touched []uint32
}

// NewGram multiplies X with itself. workers runs its argument for every item,
// in parallel or not; see Parallel.
func NewGram(x *Matrix, workers func(items int, work func(worker, item int))) *Gram {
	g := &Gram{rows: make([][]Cell, x.items), diag: make([]float32, x.items)}
	scratch := make([]gramWorker, MaxWorkers)
	workers(x.items, func(worker, item int) {
		s := &scratch[worker]
		if s.sums == nil {
			s.sums = make([]float64, x.items)
		}
		s.touched = s.touched[:0]
		for _, c := range x.col(uint32(item)) {
			for _, other := range x.row(c.row) {
				if s.sums[other.Item] == 0 {
					s.touched = append(s.touched, other.Item)
				}
				s.sums[other.Item] += float64(c.value) * float64(other.Value)
			}
		}
		slices.Sort(s.touched)
		row := make([]Cell, 0, len(s.touched))
		for _, j := range s.touched {
			v := float32(s.sums[j])
			s.sums[j] = 0
			switch {
			case j == uint32(item):
				g.diag[item] = v
			case v > 0 && !math.IsInf(float64(v), 0):
				row = append(row, Cell{j, v})
			}
		}
		g.rows[item] = row
	})
	return g
}
