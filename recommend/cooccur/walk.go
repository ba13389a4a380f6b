package cooccur

import (
	"slices"

	"osusume/recommend/profile"
)

// walker walks over the lines of one visitor at a time and finds what they count
// for. Each change is caused by exactly one line, the later one of a pair, so
// walking in two parts finds the same as walking in one.
//
// Within a walk, items go by a number in order of appearance, so that what is
// known of them stands close together, however large the shop.
type walker struct {
	numbers []number // by item
	epoch   uint32
	items   []itemState // by number
	// customers are the distinct bought items, in order.
	customers []uint32
	groups    groups
	implicit  group
	// occurrences holds, per item and case, how often it came, linked from the
	// newest case of an item to its oldest.
	occurrences []occurrence
	cases       uint32   // orders and sessions so far
	seen        []uint32 // session nodes, for counting them
	marks       []uint32 // by case: the mark of the item whose cases were marked last
	mark        uint32
	near        []uint32 // items a step away from the line looked at
	changed     []uint32 // numbers of items with a change, for touched
	weights     weights
	// old has the weights that lines had before a recount, deltas what changes.
	old    weights
	deltas []float64

	// Of the walk under way.
	cfg    *Settings
	tally  *tally
	sign   int
	counts bool // the line looked at is to be counted
	// before are the votes under which the lines that are not to be counted were.
	votes, before votes
	changes       []change
	flush         func([]change)
}

// number is the number of an item in the walk of that epoch.
type number struct{ epoch, n uint32 }

// itemState is what the walk knows of one item.
type itemState struct {
	item                      uint32
	bought, browsed, repeated bool
	changed                   KindSet // and in walker.changed
	boughtDay, browsedDay     int32
	firstOrder                uint32
	// newestOrder and newestSession are places in occurrences plus one.
	newestOrder, newestSession uint32
	// weight is that of the steps to the line looked at.
	weight float64
}

// occurrence is an item in one order or session.
type occurrence struct {
	group, older uint32
	times        int32
}

// maxChanges is how many changes are handed on at once, about.
const maxChanges = 512

// number returns the number of item, which it may make.
func (w *walker) number(item uint32) uint32 {
	p := &w.numbers[item]
	if p.epoch != w.epoch {
		*p = number{w.epoch, uint32(len(w.items))}
		w.items = append(w.items, itemState{item: item})
	}
	return p.n
}

// enter numbers the group when it gets its first line.
func (w *walker) enter(g *group) {
	if g.n == 0 {
		w.cases++
		g.n = w.cases
	}
}

// occursIn returns the occurrence in g of an item, given its newest, nil when
// it is new to g.
func (w *walker) occursIn(g *group, newest uint32) *occurrence {
	for at := newest; at != 0; {
		o := &w.occurrences[at-1]
		if o.group == g.n {
			return o
		}
		at = o.older
	}
	return nil
}

// occur links the first occurrence of an item in g.
func (w *walker) occur(g *group, newest *uint32) {
	w.occurrences = append(w.occurrences, occurrence{group: g.n, older: *newest, times: 1})
	*newest = uint32(len(w.occurrences))
}

// markOthers marks the cases but g that an item occurred in and reports whether
// there are any; marked then tells of another item whether it was in one of
// them.
func (w *walker) markOthers(g *group, newest uint32) bool {
	any := false
	w.mark++
	for len(w.marks) <= int(w.cases) {
		w.marks = append(w.marks, 0)
	}
	for at := newest; at != 0; at = w.occurrences[at-1].older {
		if n := w.occurrences[at-1].group; n != g.n {
			w.marks[n], any = w.mark, true
		}
	}
	return any
}

func (w *walker) marked(newest uint32) bool {
	for at := newest; at != 0; at = w.occurrences[at-1].older {
		if w.marks[w.occurrences[at-1].group] == w.mark {
			return true
		}
	}
	return false
}

// breadth returns how much is in the first from lines and in all of them.
func (w *walker) breadth(lines []profile.Line, from int) (before, after breadth) {
	w.begin()
	w.seen = w.seen[:0]
	implicit, last := 0, uint32(0) // sessions without an id, and the time of the newest line of the last
	count := func() breadth {
		slices.Sort(w.seen)
		w.seen = slices.Compact(w.seen)
		b := after
		b.sessions = implicit + len(w.seen)
		return b
	}
	newest := uint32(0)
	for n := range lines {
		if n == from {
			before = count()
			newest = 0
		}
		l := &lines[n]
		it := &w.items[w.number(l.Item)]
		if l.Bought() {
			if !it.bought {
				it.bought = true
				after.bought++
			}
			continue
		}
		if !l.Browsed() {
			continue
		}
		if !it.browsed {
			it.browsed = true
			after.browsed++
		}
		if l.Group != 0 {
			if l.Group != newest {
				newest = l.Group
				w.seen = append(w.seen, l.Group)
			}
			continue
		}
		if implicit == 0 || l.Time-last > profile.SessionGap {
			implicit++
		}
		last = l.Time
	}
	return before, count()
}

// begin starts a walk: what is known of all items is forgotten.
func (w *walker) begin() {
	w.epoch++
	if w.epoch == 0 { // wrapped: stale numbers could match
		clear(w.numbers)
		w.epoch = 1
	}
	w.items = w.items[:0]
	if w.mark > 1<<31 {
		clear(w.marks)
		w.mark = 0
	}
}

func (w *walker) grow(n int) { w.numbers = extend(w.numbers, n) }

// touched tells the items whose pairs or cases changed in the last walk.
func (w *walker) touched(tell func(item uint32, kinds KindSet)) {
	for _, n := range w.changed {
		tell(w.items[n].item, w.items[n].changed)
	}
}

func (w *walker) touch(number uint32, k Kind) {
	it := &w.items[number]
	if it.changed == 0 {
		w.changed = append(w.changed, number)
	}
	it.changed |= 1 << k
}

// visit walks lines, counts what those from index from on cause per item and
// hands their changes of pairs to flush, in portions. v are the visitor's votes;
// of the lines before from, counted under other votes, only the difference that
// makes is a change.
//
// An order's items are those of its purchase lines, a session's steps its
// browsing lines, minus a step on the item just before it and those that come
// back to an item more than Settings.Revisits times. Lines without a session id
// belong to one session until a gap of profile.SessionGap.
func (w *walker) visit(lines []profile.Line, from, sign int, before, v votes, t *tally, flush func([]change)) {
	w.begin()
	w.customers = w.customers[:0]
	w.occurrences, w.cases = w.occurrences[:0], 0
	w.changed, w.changes = w.changed[:0], w.changes[:0]
	w.implicit.reset()
	w.groups.reset()
	w.tally, w.sign, w.before, w.votes, w.flush = t, sign, before, v, flush
	for n := range lines {
		l := &lines[n]
		w.counts = n >= from
		if l.Bought() {
			w.boughtLine(l)
		} else if l.Browsed() {
			w.browsedLine(l)
		}
		if len(w.changes) >= maxChanges {
			flush(w.changes)
			w.changes = w.changes[:0]
		}
	}
	flush(w.changes)
	w.changes = w.changes[:0]
	w.tally, w.flush = nil, nil
}

// pair tells that items i and j are in one case of the kind; first unless the
// visitor had both in an earlier one.
func (w *walker) pair(k Kind, i, j uint32, first bool, after float64) {
	a, b := &w.items[i], &w.items[j]
	ch := change{i: a.item, j: b.item, kind: k, after: after}
	if w.counts {
		ch.support = 1
		if first {
			ch.first, ch.halvings = true, uint8(w.votes.halvings(k))
			ch.votes, ch.visitors = w.votes.of(k)
		}
	} else {
		if first {
			votes, visitors := w.votes.of(k)
			oldVotes, oldVisitors := w.before.of(k)
			ch.votes, ch.visitors = votes-oldVotes, visitors-oldVisitors
		}
		if ch.votes == 0 && ch.visitors == 0 && after == 0 {
			return
		}
		w.touch(j, k)
	}
	w.touch(i, k)
	w.changes = append(w.changes, ch)
}

// pairs reports whether the pairs of the line looked at change.
func (w *walker) pairs(k Kind) bool {
	return w.counts || w.votes.halvings(k) != w.before.halvings(k)
}

func (w *walker) boughtLine(l *profile.Line) {
	number, day := w.number(l.Item), dayOf(l)
	it := &w.items[number]
	known := it.bought
	it.bought = true
	if l.Group != 0 {
		w.orderLine(number, l)
	}
	if known {
		if w.counts && it.boughtDay != day {
			w.tally.lastBought(l.Item, it.boughtDay, day, w.sign)
		}
		it.boughtDay = day
		if !it.repeated && l.Group != it.firstOrder {
			it.repeated = true
			if w.counts {
				w.tally.repeaters[l.Item] += uint32(w.sign)
			}
		}
		return
	}
	it.boughtDay, it.firstOrder = day, l.Group
	if w.counts {
		w.tally.lastBought(l.Item, -1, day, w.sign)
		if len(w.customers) == 0 {
			w.tally.total[Customers] += uint32(w.sign)
		}
		w.tally.add(Customers, l.Item, w.sign)
		w.touch(number, Customers)
	}
	if w.pairs(Customers) {
		for _, i := range tail(w.customers, w.cfg.CustomerWindow) {
			w.pair(Customers, i, number, true, 0)
		}
	}
	w.customers = append(w.customers, number)
}

func (w *walker) orderLine(number uint32, l *profile.Line) {
	it, g := &w.items[number], w.groups.of(Orders, l.Group)
	w.enter(g)
	if len(g.distinct) == 0 && w.counts {
		w.tally.total[Orders] += uint32(w.sign)
	}
	if w.occursIn(g, it.newestOrder) != nil {
		return
	}
	if w.counts {
		w.tally.add(Orders, l.Item, w.sign)
		w.touch(number, Orders)
	}
	if w.pairs(Orders) {
		again := w.markOthers(g, it.newestOrder)
		for _, i := range tail(g.distinct, w.cfg.OrderWindow) {
			w.pair(Orders, i, number, !again || !w.marked(w.items[i].newestOrder), 0)
		}
	}
	w.occur(g, &it.newestOrder)
	g.distinct = append(g.distinct, number)
}

func (w *walker) browsedLine(l *profile.Line) {
	number, day := w.number(l.Item), dayOf(l)
	it := &w.items[number]
	g := &w.implicit
	if l.Group != 0 {
		g = w.groups.of(Sessions, l.Group)
	} else if len(g.steps) > 0 && l.Time-g.last > profile.SessionGap {
		g.reset()
	}
	g.last = l.Time
	if w.counts && (!it.browsed || it.browsedDay != day) {
		old := int32(-1)
		if it.browsed {
			old = it.browsedDay
		}
		w.tally.lastBrowsed(l.Item, old, day, w.sign)
	}
	it.browsed, it.browsedDay = true, day
	if n := len(g.steps); n > 0 && g.steps[n-1] == number {
		return
	}
	w.enter(g)
	here := w.occursIn(g, it.newestSession)
	if here != nil {
		if int(here.times) > w.cfg.Revisits {
			return
		}
		here.times++
	}
	if w.pairs(Sessions) {
		w.step(g, number, l.Time, here == nil)
	}
	g.steps = append(g.steps, number)
	if here == nil {
		w.occur(g, &it.newestSession)
		g.distinct = append(g.distinct, number)
	}
}

// step tells what a step on item j of session g is counted for; fresh when it is
// the first on that item.
func (w *walker) step(g *group, j, at uint32, fresh bool) {
	it := &w.items[j]
	again := w.markOthers(g, it.newestSession)
	first := func(i uint32) bool { return !again || !w.marked(w.items[i].newestSession) }
	n := len(g.steps)
	if n == 0 && w.counts {
		w.tally.total[Sessions] += uint32(w.sign)
	}
	w.near = w.near[:0]
	terms := w.weights.at(at, w.votes.browsing)
	if !w.counts {
		terms = w.difference(terms, at)
	}
	for d := range min(n, len(terms)) {
		i := g.steps[n-1-d]
		if i == j || terms[d] == 0 || !first(i) {
			continue
		}
		if s := &w.items[i]; s.weight == 0 {
			s.weight = terms[d]
			w.near = append(w.near, i)
		} else {
			s.weight += terms[d]
		}
	}
	if fresh {
		if w.counts {
			w.tally.add(Sessions, it.item, w.sign)
			w.touch(j, Sessions)
		}
		for _, i := range tail(g.distinct, w.cfg.SessionWindow) {
			w.pair(Sessions, i, j, first(i), w.items[i].weight)
			w.items[i].weight = 0
		}
	}
	for _, i := range w.near {
		if s := &w.items[i]; s.weight != 0 {
			w.touch(i, Sessions)
			w.touch(j, Sessions)
			w.changes = append(w.changes, change{i: s.item, j: it.item, kind: Sessions, after: s.weight})
			s.weight = 0
		}
	}
}

// difference is what terms changed by since they were counted.
func (w *walker) difference(terms []float64, at uint32) []float64 {
	if w.old.cfg == nil {
		w.old = newWeights(w.cfg)
	}
	w.deltas = w.deltas[:0]
	for d, term := range w.old.at(at, w.before.browsing) {
		w.deltas = append(w.deltas, terms[d]-term)
	}
	return w.deltas
}

// tail returns at most the last n of s.
func tail(s []uint32, n int) []uint32 {
	if len(s) > n {
		return s[len(s)-n:]
	}
	return s
}
