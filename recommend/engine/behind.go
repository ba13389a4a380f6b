package engine

import "osusume/recommend/cooccur"

// behind says what the lists of an item are behind with: a bit for each
// cooccur.Kind whose counts moved, and those below.
type behind uint8

const (
	// recut: learned weights changed.
	recut behind = 1 << (cooccur.Kinds + iota)
	// hurried: the item waits among those that cannot.
	hurried

	reasons = hurried - 1
)

// growth is by how much the cases of an item must have grown since its lists were
// made for them to be made anew before others, as growthOf/growthTo.
const growthOf, growthTo = 2, 3

// waiting holds the items whose lists are behind. Those whose lists rest on nearly
// as many cases as there are can wait; they become urgent once they have grown.
type waiting struct {
	why  []behind                // by item
	made [cooccur.Kinds][]uint32 // by item: its cases when its lists were made
	n    int                     // items with a why
	// urgent and patient are in the order in which items fell behind. patient also
	// has items that were hurried or settled meanwhile, to be passed over.
	urgent, patient queue
}

func (w *waiting) grow(n int) {
	w.why = append(w.why, make([]behind, n-len(w.why))...)
	for k := range w.made {
		w.made[k] = append(w.made[k], make([]uint32, n-len(w.made[k]))...)
	}
}

// mark notes why the lists of item are behind.
func (w *waiting) mark(item uint32, why behind, c *cooccur.Counts) {
	was := w.why[item]
	w.why[item] = was | why
	if was == 0 {
		w.n++
	}
	switch {
	case was&hurried != 0:
	case why&recut != 0 || w.grown(item, why, c):
		w.why[item] |= hurried
		w.urgent.push(item)
	case was == 0:
		w.patient.push(item)
	}
}

// grown reports whether the item has many more cases than its lists rest on.
func (w *waiting) grown(item uint32, why behind, c *cooccur.Counts) bool {
	for k := range cooccur.Kinds {
		if why&(1<<k) == 0 {
			continue
		}
		if now := uint64(c.Single(k, item)); now > 0 && growthOf*now >= growthTo*uint64(w.made[k][item]) {
			return true
		}
	}
	return false
}

// settle notes that the lists of item are up to date.
func (w *waiting) settle(item uint32, c *cooccur.Counts) {
	for k := range cooccur.Kinds {
		if w.why[item]&(1<<k) != 0 {
			w.made[k][item] = c.Single(k, item)
		}
	}
	if w.why[item] != 0 {
		w.n--
	}
	w.why[item] = 0
}

// next returns an item to make the lists of, the urgent ones first.
func (w *waiting) next() (item uint32, ok bool) {
	if item, ok = w.urgent.pop(); ok {
		return item, true
	}
	for {
		item, ok = w.patient.pop()
		if !ok || (w.why[item] != 0 && w.why[item]&hurried == 0) {
			return item, ok
		}
	}
}

// all returns the items that are behind in the order in which next would.
func (w *waiting) all() []uint32 {
	items := make([]uint32, 0, w.n)
	items = append(items, w.urgent.rest()...)
	seen := make(map[uint32]bool)
	for _, item := range w.patient.rest() {
		if w.why[item] != 0 && w.why[item]&hurried == 0 && !seen[item] {
			seen[item] = true
			items = append(items, item)
		}
	}
	return items
}

// bytes estimates the memory.
func (w *waiting) bytes() int64 {
	n := len(w.why) + 4*(cap(w.urgent.items)+cap(w.patient.items))
	for k := range w.made {
		n += 4 * len(w.made[k])
	}
	return int64(n)
}

// clear empties the queues; the caller settles every item that was behind.
func (w *waiting) clear() { w.urgent, w.patient = queue{}, queue{} }

// queue is a queue of items.
type queue struct {
	items []uint32
	head  int
}

func (q *queue) push(item uint32) {
	if q.head > 1024 && q.head > len(q.items)/2 {
		q.items = append(q.items[:0], q.items[q.head:]...)
		q.head = 0
	}
	q.items = append(q.items, item)
}

func (q *queue) pop() (item uint32, ok bool) {
	if q.head == len(q.items) {
		q.items, q.head = q.items[:0], 0
		return 0, false
	}
	q.head++
	return q.items[q.head-1], true
}

func (q *queue) rest() []uint32 { return q.items[q.head:] }
