package cooccur

import (
	"osusume/recommend/profile"
)

// events receives what a walk over a visitor's lines finds. Each call is caused
// by exactly one line, the later one of a pair, so walking in two parts finds
// the same as walking in one.
type events struct {
	single func(k Kind, item uint32)
	total  func(k Kind)
	pair   func(k Kind, i, j uint32)
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
	customers []uint32          // distinct bought items, in order
	groups    map[uint32]*group // open orders and sessions by group node
	free      []*group
	implicit  group
}

// itemState is what the walk knows of one item; a half whose epoch is not the
// walker's is empty.
type itemState struct {
	bought, browsed       uint32 // epochs
	boughtDay, browsedDay int32
	firstOrder            uint32
	repeated              bool
}

const secondsPerDay = 86400

// group is one order or session: its distinct items in order of appearance and
// the steps taken.
type group struct {
	distinct []uint32
	steps    []uint32
	last     uint32 // time of the newest line
}

func (g *group) reset() { g.distinct, g.steps, g.last = g.distinct[:0], g.steps[:0], 0 }

func (g *group) has(item uint32) bool {
	for _, i := range g.distinct {
		if i == item {
			return true
		}
	}
	return false
}

func (w *walker) grow(n int) {
	if n > len(w.items) {
		w.items = append(w.items, make([]itemState, n-len(w.items))...)
	}
}

func (w *walker) group(id uint32) *group {
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
// browsing lines, minus a step on the item just before it. Lines without a
// session id belong to one session until a gap of profile.SessionGap.
func (w *walker) visit(lines []profile.Line, from int, cfg *Settings, ev events) {
	if w.groups == nil {
		w.groups = make(map[uint32]*group)
	}
	w.epoch++
	if w.epoch == 0 { // wrapped: stale marks could match
		clear(w.items)
		w.epoch = 1
	}
	w.customers = w.customers[:0]
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
			g = w.group(l.Group)
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
	if l.Group != 0 {
		g := w.group(l.Group)
		if len(g.distinct) == 0 && counts {
			ev.total(Orders)
		}
		if !g.has(l.Item) {
			if counts {
				ev.single(Orders, l.Item)
				for _, i := range tail(g.distinct, cfg.OrderWindow) {
					ev.pair(Orders, i, l.Item)
				}
			}
			g.distinct = append(g.distinct, l.Item)
		}
	}
	it, day := &w.items[l.Item], int32(l.Time/secondsPerDay)
	if it.bought == w.epoch {
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
	it.bought, it.boughtDay, it.firstOrder, it.repeated = w.epoch, day, l.Group, false
	if counts {
		ev.day(Customers, l.Item, -1, day)
		if len(w.customers) == 0 {
			ev.total(Customers)
		}
		ev.single(Customers, l.Item)
		for _, i := range tail(w.customers, cfg.CustomerWindow) {
			ev.pair(Customers, i, l.Item)
		}
	}
	w.customers = append(w.customers, l.Item)
}

func (w *walker) step(g *group, l *profile.Line, counts bool, cfg *Settings, ev events) {
	it, day := &w.items[l.Item], int32(l.Time/secondsPerDay)
	old := int32(-1)
	if it.browsed == w.epoch {
		old = it.browsedDay
	}
	if counts && old != day {
		ev.day(Sessions, l.Item, old, day)
	}
	it.browsed, it.browsedDay = w.epoch, day
	n := len(g.steps)
	if n > 0 && g.steps[n-1] == l.Item {
		return
	}
	if counts {
		if n == 0 {
			ev.total(Sessions)
		}
		for d := 1; d <= min(n, cfg.StepWindow); d++ {
			if i := g.steps[n-d]; i != l.Item {
				ev.step(i, l.Item, d, l.Time)
			}
		}
	}
	g.steps = append(g.steps, l.Item)
	if g.has(l.Item) {
		return
	}
	if counts {
		ev.single(Sessions, l.Item)
		for _, i := range tail(g.distinct, cfg.SessionWindow) {
			ev.pair(Sessions, i, l.Item)
		}
	}
	g.distinct = append(g.distinct, l.Item)
}

// tail returns at most the last n of s.
func tail(s []uint32, n int) []uint32 {
	if len(s) > n {
		return s[len(s)-n:]
	}
	return s
}
