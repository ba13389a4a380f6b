package weight

import "math"

// Walker computes Walk weights; it keeps scratch space and belongs to one
// goroutine.
type Walker struct {
	gram    *Gram
	spec    Spec
	builder Builder
}

// NewWalker returns a walker over g. less breaks ties between items.
func NewWalker(g *Gram, spec Spec, less func(a, b uint32) bool) *Walker {
	return &Walker{gram: g, spec: spec, builder: Builder{Less: less}}
}

// From returns the weights from item i to its neighbours, the best of them, as
// many as the spec keeps; all > 0 and finite.
func (w *Walker) From(i uint32) []Cell {
	w.builder.candidates = w.builder.candidates[:0]
	mass := float64(w.gram.diag[i]) + w.spec.Shrink
	for _, c := range w.gram.rows[i] {
		weight := float64(c.Value) / mass
		if w.spec.Learned.ItemPower > 0 {
			weight /= math.Pow(float64(w.gram.diag[c.Item]), w.spec.Learned.ItemPower)
		}
		w.builder.add(&Spec{}, c.Item, 1, weight)
	}
	best := w.builder.top(w.spec.keep(len(w.gram.rows[i])))
	out := make([]Cell, len(best))
	for k, c := range best {
		out[k] = Cell{c.item, float32(c.weight)}
	}
	return out
}
