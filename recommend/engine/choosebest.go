package engine

import (
	"math"
	"slices"
	"strings"

	"osusume/recommend/catalog"
)

// selection finds the k best of many candidates: score descending, then external
// id ascending.
//
// Names are looked at last, for they lie far apart in memory: which scores are
// among the best is found by the scores alone, and only candidates of the least
// of these scores that cannot all stay are told apart by name.
type selection struct {
	k     int
	names *catalog.Snapshot
	// floor holds the k best scores so far, as a heap with the least on top.
	floor []float32
	// found holds the candidates that reached the floor of their time, at most
	// reach(k) of them.
	found []scored
	// ties are candidates of one score, while they are told apart.
	ties []named
	// keys are for into.
	keys []uint64
	// next is how many of found are in order, best first; see first.
	next int
	// sums are the final scores of the touched items, by place.
	sums []float32
}

// named is a candidate with its external id.
type named struct {
	scored
	id string
}

// begin starts looking for the k best. The caller ends it.
func (t *selection) begin(names *catalog.Snapshot, k int) {
	t.k, t.names, t.floor, t.found, t.next = k, names, t.floor[:0], t.found[:0], 0
}

// end lets go of the names.
func (t *selection) end() {
	clear(t.ties[:cap(t.ties)])
	t.names = nil
}

// reach is how many candidates are held until those that fell below the floor
// are dropped.
func reach(k int) int { return 8*k + 64 }

// least is the score from which on a candidate may be among the best.
func (t *selection) least() float32 {
	if len(t.floor) < t.k {
		return float32(math.Inf(-1))
	}
	return t.floor[0]
}

// wants reports whether a candidate of that score may be among the best.
func (t *selection) wants(score float32) bool { return len(t.floor) < t.k || score >= t.floor[0] }

// add takes a candidate that is wanted.
func (t *selection) add(c scored) {
	switch {
	case len(t.floor) < t.k:
		t.floor = append(t.floor, c.score)
		t.rise()
	case c.score > t.floor[0]:
		t.floor[0] = c.score
		t.sink()
	}
	if len(t.found) == reach(t.k) {
		t.settle()
	}
	t.found = append(t.found, c)
}

// rise moves the last score of the heap to its place.
func (t *selection) rise() {
	h := t.floor
	for i := len(h) - 1; i > 0; {
		parent := (i - 1) / 2
		if h[parent] <= h[i] {
			return
		}
		h[parent], h[i] = h[i], h[parent]
		i = parent
	}
}

// sink moves the first score of the heap to its place.
func (t *selection) sink() {
	h := t.floor
	for i := 0; ; {
		least := i
		if child := 2*i + 1; child < len(h) && h[child] < h[least] {
			least = child
		}
		if child := 2*i + 2; child < len(h) && h[child] < h[least] {
			least = child
		}
		if least == i {
			return
		}
		h[i], h[least] = h[least], h[i]
		i = least
	}
}

// settle leaves the best k in found, in no order.
func (t *selection) settle() {
	if len(t.found) <= t.k {
		return
	}
	floor, above := t.floor[0], t.found[:0]
	t.ties = t.ties[:0]
	for _, c := range t.found {
		switch {
		case c.score > floor:
			above = append(above, c)
		case c.score == floor:
			t.ties = append(t.ties, named{c, ""})
		}
	}
	if room := t.k - len(above); len(t.ties) > room {
		t.tell(room)
	}
	for _, c := range t.ties {
		above = append(above, c.scored)
	}
	t.found = above
}

// tell leaves the ties with the least ids: as many as there is room for, at least
// one.
func (t *selection) tell(room int) {
	for i := range t.ties {
		t.ties[i].id = t.names.ID(t.ties[i].item)
	}
	kept := t.ties[:0]
	for _, c := range t.ties {
		if len(kept) == room {
			if c.id > kept[room-1].id {
				continue
			}
			kept = kept[:room-1]
		}
		at, _ := slices.BinarySearchFunc(kept, c.id, func(n named, id string) int { return strings.Compare(n.id, id) })
		kept = slices.Insert(kept, at, c)
	}
	t.ties = kept
}

// best returns the best, after settle and in the order of first.
func (t *selection) best() []scored { return t.found }

// first puts the best candidates in order as far as place k. A list of ten takes some
// ten of thirty, and to find each of them among the rest costs less than to sort.
func (t *selection) first(k int) {
	for ; t.next <= k; t.next++ {
		rest := t.found[t.next:]
		best := 0
		for i := 1; i < len(rest); i++ {
			if rest[i].score >= rest[best].score && before(t.names, rest[i], rest[best]) {
				best = i
			}
		}
		rest[0], rest[best] = rest[best], rest[0]
	}
}

// into puts the best into a top list, the worst of them first: that is a heap. They
// are sorted as numbers; the names of those with equal scores alone are looked at.
func (t *selection) into(top *topList) {
	t.settle()
	t.keys = t.keys[:0]
	for _, c := range t.found {
		t.keys = append(t.keys, uint64(ascending(c.score))<<32|uint64(c.item))
	}
	slices.Sort(t.keys)
	top.heap = top.heap[:0]
	for from := 0; from < len(t.keys); {
		to := from + 1
		for to < len(t.keys) && t.keys[to]>>32 == t.keys[from]>>32 {
			to++
		}
		score := descended(uint32(t.keys[from] >> 32))
		t.ties = t.ties[:0]
		for _, key := range t.keys[from:to] {
			t.ties = append(t.ties, named{scored: scored{uint32(key), score}})
		}
		if to-from > 1 {
			for i := range t.ties { // all at once: they lie far apart
				t.ties[i].id = t.names.ID(t.ties[i].item)
			}
			slices.SortFunc(t.ties, func(a, b named) int { return strings.Compare(b.id, a.id) })
		}
		for i := range t.ties {
			top.heap = append(top.heap, t.ties[i].scored)
		}
		from = to
	}
}

const signBit = 1 << 31

// ascending maps scores to numbers of the same order; both zeros are one.
func ascending(score float32) uint32 {
	b := math.Float32bits(score + 0)
	if b&signBit != 0 {
		return ^b
	}
	return b | signBit
}

// descended is the score that ascending maps to n.
func descended(n uint32) float32 {
	if n&signBit != 0 {
		return math.Float32frombits(n &^ signBit)
	}
	return math.Float32frombits(^n)
}
