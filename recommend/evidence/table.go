package evidence

import (
	"cmp"
	"slices"
	"unsafe"
)

// counts are what is counted of one pair.
type counts interface{ [1]uint32 | [3]uint32 }

// row has the pairs of one id, by the other id; none of them is all 0. Readers of
// a frozen row share its entries.
type row[C counts] struct {
	entries []entry[C]
	made    uint32 // the epoch in which entries was made
}

type entry[C counts] struct {
	other uint32
	n     C
}

func (r *row[C]) find(other uint32) (int, bool) {
	return slices.BinarySearchFunc(r.entries, other, func(e entry[C], o uint32) int { return cmp.Compare(e.other, o) })
}

// table holds directed pairs.
type table[C counts] struct {
	rows  sparse[row[C]]
	epoch uint32
	pairs int
	held  int64 // bytes of all entries
}

// add adds delta, of which negative numbers wrap, to the pair (a, b).
func (t *table[C]) add(a, b uint32, delta C) {
	r := t.rows.ptr(a)
	size := int64(cap(r.entries))
	i, found := r.find(b)
	if r.made != t.epoch || r.entries == nil {
		r.entries, r.made = append(make([]entry[C], 0, len(r.entries)+1), r.entries...), t.epoch
	}
	if !found {
		r.entries = slices.Insert(r.entries, i, entry[C]{other: b})
		t.pairs++
	}
	e := &r.entries[i]
	for k := range len(delta) {
		e.n[k] += delta[k]
	}
	var zero C
	if e.n == zero {
		r.entries = slices.Delete(r.entries, i, i+1)
		t.pairs--
		if len(r.entries) == 0 {
			r.entries = nil
		}
	}
	t.held += (int64(cap(r.entries)) - size) * int64(unsafe.Sizeof(entry[C]{}))
}

func (t *table[C]) bytes() int64 { return t.rows.bytes() + t.held }

func (t *table[C]) freeze() frozenTable[C] {
	t.epoch++ // come round after 2^32 freezes; a row untouched for as many is shared with nobody
	return frozenTable[C]{t.rows.freeze()}
}

type frozenTable[C counts] struct{ rows frozenSparse[row[C]] }

func (f frozenTable[C]) row(a uint32) []entry[C] {
	if r := f.rows.ref(a); r != nil {
		return r.entries
	}
	return nil
}

func (f frozenTable[C]) get(a, b uint32) (n C) {
	if r := f.rows.ref(a); r != nil {
		if i, ok := r.find(b); ok {
			n = r.entries[i].n
		}
	}
	return n
}
