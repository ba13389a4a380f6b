package cooccur

import (
	"slices"

	"osusume/recommend/profile"
)

// events receives what a walk over a visitor's lines finds. Each call is caused
// by exactly one line, the later one of a pair, so walking in two parts finds
// the same as walking in one.
type events struct {
	single func(k Kind, item uint32)
	total  func(k Kind)
	// pair: i and j are in one case; first unless the visitor had both in an
	// earlier one.
	pair func(k Kind, i, j uint32, first bool)
	// repeat: the visitor bought item in a second order.
	repeat func(item uint32)
	// day: the visitor's newest purchase (Customers) or browsing (Sessions) of
	// item moved from day old, -1 for none, to day now.
	day func(k Kind, item uint32, old, now int32)
	// step: j came d >= 1 steps after i in one session, at time at.
	step func(i, j uint32, d int, at uint32)
}

// walker has the scratch space of visit.
type walker struct {
	items     []itemState
	epoch     uint32
	customers []uint32            // distinct bought items, in order
	groups    map[groupKey]*group // open orders and sessions
	free      []*group
	implicit  group
	// occurrences holds, per item and case, how often it came, linked from the
	// newest case of an item to its oldest.
	occurrences []occurrence
	cases       uint32   // orders and sessions so far
	seen        []uint32 // session nodes, for counting them
	marks       []uint32 // by case: the mark of the item whose cases were marked last
	mark        uint32
}

// itemState is what the walk knows of one item; a half whose epoch is not the
// walker's is empty.
type itemState struct {
	bought, browsed       uint32 // epochs
	boughtDay, browsedDay int32
	firstOrder            uint32
	repeated              bool
	// newestOrder and newestSession are places in occurrences plus one.
	newestOrder, newestSession uint32
}

// occurrence is an item in one order or session.
type occurrence struct {
	group, older uint32
	times        int32
}

const secondsPerDay = 86400

// groupKey names an order or session by its node and Kind. The ratings of a
// session are an order of their own.
type groupKey uint64

// group is one order or session: its distinct items in order of appearance and
// the steps taken.
type group struct {
	n        uint32 // which of the visitor's cases, from 1
	distinct []uint32
	steps    []uint32
	last     uint32 // time of the newest line
}

func (g *group) reset() { g.n, g.distinct, g.steps, g.last = 0, g.distinct[:0], g.steps[:0], 0 }

// number numbers the group when it gets its first line.
func (w *walker) number(g *group) {
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
	for n := range lines {
		if n == from {
			before = count()
		}
		l := &lines[n]
		it := &w.items[l.Item]
		if l.Bought() {
			if it.bought != w.epoch {
				it.bought = w.epoch
				after.bought++
			}
			continue
		}
		if !l.Browsed() {
			continue
		}
		if it.browsed != w.epoch {
			it.browsed = w.epoch
			after.browsed++
		}
		if l.Group != 0 {
			w.seen = append(w.seen, l.Group)
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
	if w.epoch == 0 { // wrapped: stale marks could match
		clear(w.items)
		w.epoch = 1
	}
	if w.mark > 1<<31 {
		clear(w.marks)
		w.mark = 0
	}
}

func (w *walker) grow(n int) {
	if n > len(w.items) {
		w.items = append(w.items, make([]itemState, n-len(w.items))...)
	}
}

func (w *walker) group(k Kind, node uint32) *group {
	id := groupKey(node)<<8 | groupKey(k)
	if g, ok := w.groups[id]; ok {
		return g
	}
	var g *group
	if n := len(w.free); n > 0 {
		g, w.free = w.free[n-1], w.free[:n-1]
	} else {
		g = &group{}
	}
	w.groups[id] = g
	return g
}

// visit walks lines and reports what the lines from index from on cause.
//
// An order's items are those of its purchase lines, a session's steps its
// browsing lines, minus a step on the item just before it and those that come
// back to an item more than Settings.Revisits times. Lines without a session id
// belong to one session until a gap of profile.SessionGap.
func (w *walker) visit(lines []profile.Line, from int, cfg *Settings, ev events) {
	if w.groups == nil {
		w.groups = make(map[groupKey]*group)
	}
	w.begin()
	w.customers = w.customers[:0]
	w.occurrences, w.cases = w.occurrences[:0], 0
	w.implicit.reset()
	for n := range lines {
		l := &lines[n]
		counts := n >= from
		if l.Bought() {
			w.boughtLine(l, counts, cfg, ev)
			continue
		}
		if !l.Browsed() {
			continue
		}
		g := &w.implicit
		if l.Group != 0 {
			g = w.group(Sessions, l.Group)
		} else if len(g.steps) > 0 && l.Time-g.last > profile.SessionGap {
			g.reset()
		}
		g.last = l.Time
		w.step(g, l, counts, cfg, ev)
	}
	for id, g := range w.groups {
		g.reset()
		w.free = append(w.free, g)
		delete(w.groups, id)
	}
}

func (w *walker) boughtLine(l *profile.Line, counts bool, cfg *Settings, ev events) {
	it, day := &w.items[l.Item], int32(l.Time/secondsPerDay)
	known := it.bought == w.epoch
	if !known {
		it.bought, it.newestOrder = w.epoch, 0
	}
	if l.Group != 0 {
		w.orderLine(it, l, counts, cfg, ev)
	}
	if known {
		if counts && it.boughtDay != day {
			ev.day(Customers, l.Item, it.boughtDay, day)
		}
		it.boughtDay = day
		if !it.repeated && l.Group != it.firstOrder {
			it.repeated = true
			if counts {
				ev.repeat(l.Item)
			}
		}
		return
	}
	it.boughtDay, it.firstOrder, it.repeated = day, l.Group, false
	if counts {
		ev.day(Customers, l.Item, -1, day)
		if len(w.customers) == 0 {
			ev.total(Customers)
		}
		ev.single(Customers, l.Item)
		for _, i := range tail(w.customers, cfg.CustomerWindow) {
			ev.pair(Customers, i, l.Item, true)
		}
	}
	w.customers = append(w.customers, l.Item)
}

func (w *walker) orderLine(it *itemState, l *profile.Line, counts bool, cfg *Settings, ev events) {
	g := w.group(Orders, l.Group)
	w.number(g)
	if len(g.distinct) == 0 && counts {
		ev.total(Orders)
	}
	if w.occursIn(g, it.newestOrder) != nil {
		return
	}
	if counts {
		ev.single(Orders, l.Item)
		again := w.markOthers(g, it.newestOrder)
		for _, i := range tail(g.distinct, cfg.OrderWindow) {
			ev.pair(Orders, i, l.Item, !again || !w.marked(w.items[i].newestOrder))
		}
	}
	w.occur(g, &it.newestOrder)
	g.distinct = append(g.distinct, l.Item)
}

func (w *walker) step(g *group, l *profile.Line, counts bool, cfg *Settings, ev events) {
	it, day := &w.items[l.Item], int32(l.Time/secondsPerDay)
	old := int32(-1)
	if it.browsed == w.epoch {
		old = it.browsedDay
	} else {
		it.newestSession = 0
	}
	if counts && old != day {
		ev.day(Sessions, l.Item, old, day)
	}
	it.browsed, it.browsedDay = w.epoch, day
	n := len(g.steps)
	if n > 0 && g.steps[n-1] == l.Item {
		return
	}
	w.number(g)
	here := w.occursIn(g, it.newestSession)
	if here != nil {
		if int(here.times) > cfg.Revisits {
			return
		}
		here.times++
	}
	again := counts && w.markOthers(g, it.newestSession)
	first := func(i uint32) bool { return !again || !w.marked(w.items[i].newestSession) }
	if counts {
		if n == 0 {
			ev.total(Sessions)
		}
		for d := 1; d <= min(n, cfg.StepWindow); d++ {
			if i := g.steps[n-d]; i != l.Item && first(i) {
				ev.step(i, l.Item, d, l.Time)
			}
		}
	}
	g.steps = append(g.steps, l.Item)
	if here != nil {
		return
	}
	if counts {
		ev.single(Sessions, l.Item)
		for _, i := range tail(g.distinct, cfg.SessionWindow) {
			ev.pair(Sessions, i, l.Item, first(i))
		}
	}
	w.occur(g, &it.newestSession)
	g.distinct = append(g.distinct, l.Item)
}

// tail returns at most the last n of s.
func tail(s []uint32, n int) []uint32 {
	if len(s) > n {
		return s[len(s)-n:]
	}
	return s
}
