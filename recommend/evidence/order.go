package evidence

import (
	"osusume/recommend"
	"osusume/recommend/profile"
)

// orderWalk finds what one visitor bought before what.
type orderWalk struct {
	at     stamps // by leaf or item, into firsts
	firsts []firsts
}

// first is a first purchase.
type first struct {
	time, group uint32
	had         bool
}

// before reports whether f came before g, in another order.
func (f first) before(g first) bool {
	return f.had && g.had && f.time < g.time && f.group != g.group
}

// firsts are the first purchases of one leaf or item among the old lines and
// among the new.
type firsts struct {
	id       uint32
	old, now first
}

// orders counts what differs between old and now.
func (x *Index) orders(old, now []profile.Line, from int) {
	if !x.ordered(old[from:]) && !x.ordered(now[from:]) {
		return
	}
	leaf := func(item uint32) uint32 { return x.facts.of(item).Leaf }
	x.firsts(old, now, leaf)
	x.then(&x.leafOrder, func(a, b uint32) bool { return true })
	if x.cfg.ItemOrder {
		x.firsts(old, now, func(item uint32) uint32 {
			if leaf(item) == 0 {
				return 0
			}
			return item + 1
		})
		for i := range x.order.firsts {
			x.order.firsts[i].id--
		}
		x.then(&x.itemOrder, func(a, b uint32) bool { return leaf(a) != leaf(b) })
	}
}

// ordered reports whether lines may change a first purchase.
func (x *Index) ordered(lines []profile.Line) bool {
	for i := range lines {
		if l := &lines[i]; (l.Kind == recommend.Purchase || l.Kind == recommend.Refund) && x.facts.of(l.Item).Leaf != 0 {
			return true
		}
	}
	return false
}

// firsts finds the first purchases by what id says of an item, 0 for nothing.
func (x *Index) firsts(old, now []profile.Line, id func(item uint32) uint32) {
	w := &x.order
	w.at.reset()
	w.firsts = w.firsts[:0]
	for side, lines := range [...][]profile.Line{old, now} {
		r := x.oldRefunds
		if side == 1 {
			r = x.newRefunds
		}
		found := 0
		for i := range lines {
			l := &lines[i]
			if l.Kind != recommend.Purchase {
				continue
			}
			of := id(l.Item)
			if of == 0 || !r.kept(l) {
				continue
			}
			n, ok := w.at.get(of)
			if !ok {
				n = uint32(len(w.firsts))
				w.at.set(of, n)
				w.firsts = append(w.firsts, firsts{id: of})
			}
			f := &w.firsts[n].old
			if side == 1 {
				f = &w.firsts[n].now
			}
			if f.had {
				continue
			}
			*f = first{l.Time, l.Group, true}
			if found++; found == mostFirsts {
				break
			}
		}
	}
}

// then counts the pairs whose order differs.
func (x *Index) then(t *table[[1]uint32], counted func(a, b uint32) bool) {
	list := x.order.firsts
	move := func(a, b *firsts) {
		was, is := a.old.before(b.old), a.now.before(b.now)
		switch {
		case was == is || !counted(a.id, b.id):
		case is:
			t.add(a.id, b.id, [1]uint32{1})
		default:
			t.add(a.id, b.id, [1]uint32{^uint32(0)})
		}
	}
	for i := range list {
		a := &list[i]
		if a.old == a.now {
			continue
		}
		for j := range list {
			b := &list[j]
			if j == i || j < i && b.old != b.now {
				continue // with itself, or done when j had its turn
			}
			move(a, b)
			move(b, a)
		}
	}
}
