package evidence

import (
	"maps"

	"osusume/recommend/profile"
	"osusume/recommend/snapshot"
)

// recountMode says what the visitors before a recount are counted as.
type recountMode uint8

const (
	settled  recountMode = iota // no recount under way
	counting                    // as nothing
	changing                    // under the old facts
)

// Histories are the lines of all visitors, such as *profile.Visitors. A visitor
// that became part of another has none.
type Histories interface {
	Len() int
	Lines(visitor uint32) []profile.Line
}

// SetFacts tells the facts of an item. They are in force at once if the item is
// in no line that was counted, else after the next Recount.
func (x *Index) SetFacts(item uint32, f Facts) {
	inForce := factBook{base: x.base, changes: x.changes}
	if !x.used.has(item) {
		if inForce.of(item) != f {
			x.setBase(item, f)
		}
		return
	}
	if inForce.of(item) == f {
		delete(x.later, item)
		return
	}
	if x.later == nil {
		x.later = make(map[uint32]Facts)
	}
	x.later[item] = f
}

func (x *Index) setBase(item uint32, f Facts) {
	if n := int(item) + 1; n > len(x.base) {
		x.base = append(x.base, make([]Facts, n-len(x.base))...)
	}
	x.base[item] = f
}

// Behind reports whether Recount has something to do.
func (x *Index) Behind() bool { return x.mode != settled || len(x.later) > 0 }

// Restart forgets all counts but not the facts, for Recount to count everybody
// anew. Until then Update does nothing for visitors that were not counted yet.
func (x *Index) Restart() {
	for _, changes := range [...]map[uint32]Facts{x.changes, x.later} {
		for item, f := range changes {
			x.setBase(item, f)
		}
	}
	x.changes, x.later, x.changing, x.used = nil, nil, nil, nil
	x.pairs, x.leafOrder, x.itemOrder = table[[3]uint32]{}, table[[1]uint32]{}, table[[1]uint32]{}
	x.items, x.repeats, x.leafRepeats = sparse[itemCounts]{}, sparse[repeats]{}, sparse[leafRepeats]{}
	x.buyers = snapshot.Array[uint32]{}
	x.mode, x.next = counting, 0
}

// Recount goes on with what is behind while more, asked every few visitors,
// returns true; it reports whether it is done. Between its steps Update and
// SetFacts may be called, and h must hold what Update was told.
func (x *Index) Recount(h Histories, more func() bool) bool {
	for x.Behind() {
		if x.mode == settled {
			x.changes, x.later = x.later, nil
			for item := range maps.Keys(x.changes) {
				x.changing.set(item)
			}
			x.mode, x.next = changing, 0
		}
		for ; int(x.next) < h.Len(); x.next++ {
			if x.next%16 == 0 && !more() {
				return false
			}
			if lines := h.Lines(x.next); len(lines) > 0 {
				x.recount(lines)
			}
		}
		for item, f := range x.changes {
			x.setBase(item, f)
		}
		x.changes, x.changing = nil, nil
		x.mode, x.next = settled, 0
	}
	return true
}

// recount brings the visitor with these lines behind the recount.
func (x *Index) recount(lines []profile.Line) {
	before := factBook{base: x.base}
	if x.mode == counting {
		x.move(before, nil, lines, 0)
		return
	}
	for i := range lines {
		if x.changing.has(lines[i].Item) {
			x.move(before, lines, nil, 0)
			x.move(factBook{base: x.base, changes: x.changes}, nil, lines, 0)
			return
		}
	}
}
