// Package cooccur counts what goes together: per pair of items, in how many
// orders, by how many customers and in how many sessions both occur, and, for
// sessions, how strongly one follows the other.
//
// All counts are a sum over visitors of one function of their lines (Walk), so
// adding and subtracting a visitor are exact inverses and the order of visitors
// does not matter. Supports are integers. The decayed session weights are
// float64 sums of terms with 20 significant bits over one fixed landmark (forward
// decay: Cormode, Shkapenyuk, Srivastava, Xu, "Forward decay: a practical time
// decay model for streaming systems", ICDE 2009). Of a float64's 53 bits that
// leaves 33 for the age and the number of a pair's terms: a million sessions
// within 13 half-lives, or a thousand within 23, add up exactly and with it in
// any order. The landmark never moves; readers scale by the age of the row.
//
// Beside the supports, each pair has votes, so that nobody weighs more for being
// loud: a visitor has one vote per pair, given in the first order or session
// that has both, and votes are halved for each doubling of what the visitor
// takes beyond what most people do (Settings.BoughtBreadth, BrowsedBreadth,
// Sittings): the influence of one visitor on all pairs of an item is bounded,
// however many orders, sessions or lines there are. Session weights count as
// votes do, and a session comes back to an item once. What weights make of the
// votes is in package weight.
//
// A row is one open-addressing table per item; both directions of a pair are
// kept. Cost: 16 bytes (orders, customers) or 32 bytes (sessions) per slot, at
// most 3/4 of the slots used.
package cooccur

// row is a hash table from item to V.
type row[V any] struct {
	entries []entry[V]
	n       int
}

// entry keeps key and value on one cache line.
type entry[V any] struct {
	key uint32 // item+1, 0 is empty
	val V
}

const minRow = 8

func slot(item uint32, mask int) int {
	return int((uint64(item)*0x9E3779B97F4A7C15)>>32) & mask
}

// at returns the value of item, adding a zero one when absent. The pointer is
// valid until the next at.
func (r *row[V]) at(item uint32) *V {
	if 4*(r.n+1) > 3*len(r.entries) {
		r.grow()
	}
	mask := len(r.entries) - 1
	i := slot(item, mask)
	for {
		e := &r.entries[i]
		switch e.key {
		case item + 1:
			return &e.val
		case 0:
			e.key = item + 1
			r.n++
			return &e.val
		}
		i = (i + 1) & mask
	}
}

func (r *row[V]) get(item uint32) (V, bool) {
	var zero V
	if len(r.entries) == 0 {
		return zero, false
	}
	mask := len(r.entries) - 1
	for i := slot(item, mask); r.entries[i].key != 0; i = (i + 1) & mask {
		if r.entries[i].key == item+1 {
			return r.entries[i].val, true
		}
	}
	return zero, false
}

func (r *row[V]) grow() {
	old := r.entries
	size := max(minRow, 2*len(old))
	r.entries = make([]entry[V], size)
	mask := size - 1
	for _, e := range old {
		if e.key == 0 {
			continue
		}
		i := slot(e.key-1, mask)
		for r.entries[i].key != 0 {
			i = (i + 1) & mask
		}
		r.entries[i] = e
	}
}
