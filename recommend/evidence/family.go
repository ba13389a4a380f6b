package evidence

import (
	"math/bits"
	"slices"

	"osusume/recommend"
	"osusume/recommend/profile"
)

// familyWalk finds what the lines of one visitor count for in families.
//
// All of it is a property of two lines at a time, of items that are relatives, so
// a change can only concern items that hang together with a changed one by
// families and groups. These components are walked alone, once with the old lines
// and once with the new, and what differs is counted. Within one, items have
// numbers and everything counted is a matrix of bits.
type familyWalk struct {
	numbers          stamps // by item, into members
	families, groups stamps // a number of an item in each; when picking, how many lines
	members          []member
	old, now         []look // picked lines, oldest first
	parts            []part
	before, after    evidence
}

// member is an item among the picked lines.
type member struct {
	item  uint32
	facts Facts
	up    uint32 // towards the root of its component
	part  uint32 // one more than the place in parts, of roots
	local uint32 // within its component
}

// look is a picked line: a look or a purchase.
type look struct {
	member      uint32
	time, group uint32
	bought      bool
}

// part is a component with changes.
type part struct {
	items    []uint32 // members
	old, now []look   // with local numbers
}

func (w *familyWalk) bytes() int64 {
	return w.numbers.bytes() + w.families.bytes() + w.groups.bytes()
}

// families counts what differs between old and now.
func (x *Index) families(old, now []profile.Line, first int) {
	if !x.concerned(old[first:]) && !x.concerned(now[first:]) {
		return
	}
	w := &x.family
	w.old = w.pick(w.old[:0], old, x.oldRefunds, x)
	w.now = w.pick(w.now[:0], now, x.newRefunds, x)
	w.connect(x)
	w.partition()
	for i := range w.parts {
		p := &w.parts[i]
		w.before.find(p, p.old, x)
		w.after.find(p, p.now, x)
		x.count(p)
	}
}

func (x *Index) concerned(lines []profile.Line) bool {
	for i := range lines {
		if l := &lines[i]; !x.facts.of(l.Item).alone() &&
			(l.Browsed() || l.Kind == recommend.Purchase || l.Kind == recommend.Refund) {
			return true
		}
	}
	return false
}

// pick takes the lines that count: of each family (of those without one, each
// group) the newest, up to the bounds.
func (w *familyWalk) pick(to []look, lines []profile.Line, r refunds, x *Index) []look {
	w.families.reset()
	w.groups.reset()
	for i := len(lines) - 1; i >= 0 && len(to) < mostLines; i-- {
		l := &lines[i]
		f := x.facts.of(l.Item)
		if f.alone() {
			continue
		}
		bought := l.Kind == recommend.Purchase
		if !l.Browsed() && !(bought && r.kept(l)) {
			continue
		}
		kin, id := &w.families, f.Family
		if id == 0 {
			kin, id = &w.groups, f.Group
		}
		n, _ := kin.get(id)
		if int(n) == x.cfg.FamilyLines {
			continue
		}
		kin.set(id, n+1)
		to = append(to, look{member: l.Item, time: l.Time, group: l.Group, bought: bought})
	}
	slices.Reverse(to)
	return to
}

// connect numbers the items of the picked lines and joins relatives.
func (w *familyWalk) connect(x *Index) {
	w.numbers.reset()
	w.families.reset()
	w.groups.reset()
	w.members = w.members[:0]
	for _, lines := range [...][]look{w.old, w.now} {
		for i := range lines {
			item := lines[i].member
			n, ok := w.numbers.get(item)
			if !ok {
				n = uint32(len(w.members))
				w.numbers.set(item, n)
				f := x.facts.of(item)
				w.members = append(w.members, member{item: item, facts: f, up: n})
				w.join(&w.families, f.Family, n)
				w.join(&w.groups, f.Group, n)
			}
			lines[i].member = n
		}
	}
}

// join joins a member with the others of a family or group.
func (w *familyWalk) join(kin *stamps, id, n uint32) {
	if id == 0 {
		return
	}
	if other, ok := kin.get(id); ok {
		w.members[w.root(n)].up = w.root(other)
	} else {
		kin.set(id, n)
	}
}

func (w *familyWalk) root(n uint32) uint32 {
	for w.members[n].up != n {
		w.members[n].up = w.members[w.members[n].up].up
		n = w.members[n].up
	}
	return n
}

// partition collects the components that lines differ in.
func (w *familyWalk) partition() {
	w.parts = w.parts[:0]
	old, now := w.old, w.now
	for len(old) > 0 || len(now) > 0 {
		switch {
		case len(now) == 0 || len(old) > 0 && old[0].time < now[0].time:
			w.open(old[0].member)
			old = old[1:]
		case len(old) == 0 || now[0].time < old[0].time:
			w.open(now[0].member)
			now = now[1:]
		default:
			if old[0] != now[0] {
				w.open(old[0].member)
				w.open(now[0].member)
			}
			old, now = old[1:], now[1:]
		}
	}
	for n := range w.members {
		m := &w.members[n]
		if at := w.members[w.root(uint32(n))].part; at != 0 {
			p := &w.parts[at-1]
			m.local = uint32(len(p.items))
			p.items = append(p.items, uint32(n))
		}
	}
	for _, l := range w.old {
		if p := w.partOf(&l); p != nil {
			p.old = append(p.old, l)
		}
	}
	for _, l := range w.now {
		if p := w.partOf(&l); p != nil {
			p.now = append(p.now, l)
		}
	}
}

// open makes the component of a member a part.
func (w *familyWalk) open(n uint32) {
	m := &w.members[w.root(n)]
	if m.part != 0 {
		return
	}
	k := len(w.parts)
	w.parts = slices.Grow(w.parts, 1)[:k+1] // with the memory of an earlier walk
	p := &w.parts[k]
	p.items, p.old, p.now = p.items[:0], p.old[:0], p.now[:0]
	m.part = uint32(k + 1)
}

// partOf returns the part of a line and makes its number local, nil if nothing
// changes there.
func (w *familyWalk) partOf(l *look) *part {
	at := w.members[w.root(l.member)].part
	if at == 0 {
		return nil
	}
	l.member = w.members[l.member].local
	return &w.parts[at-1]
}

// matrix holds a bit per directed pair of local numbers, words of them a row.
type matrix []uint64

func (m *matrix) reset(n int) {
	if cap(*m) < n {
		*m = make(matrix, n)
	}
	*m = (*m)[:n]
	clear(*m)
}

// evidence is what one visitor counts for in one component.
type evidence struct {
	words                    int
	sub, upg, cmp            matrix
	bought, chosen, boughtOn matrix // of one row each
	facts                    []Facts
}

// find makes e what lines say.
func (e *evidence) find(p *part, lines []look, x *Index) {
	k := len(p.items)
	e.words = (k + 63) / 64
	for _, m := range [...]*matrix{&e.sub, &e.upg, &e.cmp} {
		m.reset(k * e.words)
	}
	for _, m := range [...]*matrix{&e.bought, &e.chosen, &e.boughtOn} {
		m.reset(e.words)
	}
	if len(lines) == 0 {
		return
	}
	e.facts = e.facts[:0]
	for _, n := range p.items {
		e.facts = append(e.facts, x.family.members[n].facts)
	}
	choice, upgrade := uint32(x.cfg.ChoiceDays)*secondsPerDay, uint32(x.cfg.UpgradeDays)*secondsPerDay
	for j := range lines {
		b := &lines[j]
		if b.bought {
			e.bought.set(b.member)
		}
		for i := j - 1; i >= 0; i-- {
			a := &lines[i]
			apart := b.time - a.time
			if a.member != b.member && !e.facts[a.member].related(e.facts[b.member]) {
				continue
			}
			e.pair(a, b, apart, choice, upgrade)
			if apart == 0 {
				e.pair(b, a, apart, choice, upgrade)
			}
		}
	}
	for a := range k {
		if e.bought.has(uint32(a)) {
			clear(e.sub[a*e.words : (a+1)*e.words])
		}
	}
}

// pair takes in a line on a and a later one on b, relatives or the same item.
func (e *evidence) pair(a, b *look, apart, choice, upgrade uint32) {
	switch {
	case !b.bought:
		if !a.bought && a.member != b.member && oneSession(a, b, apart) {
			e.set(e.cmp, a.member, b.member)
			e.set(e.cmp, b.member, a.member)
		}
	case !a.bought:
		if apart <= choice {
			e.chosen.set(a.member)
			if a.member != b.member {
				e.set(e.sub, a.member, b.member)
			}
		}
	case apart > 0 && apart <= upgrade && a.group != b.group:
		e.boughtOn.set(a.member)
		if a.member != b.member {
			e.set(e.upg, a.member, b.member)
		}
	}
}

// oneSession reports whether two looks belong together.
func oneSession(a, b *look, apart uint32) bool {
	if a.group != 0 && b.group != 0 {
		return a.group == b.group
	}
	return apart <= profile.SessionGap
}

func (m matrix) set(i uint32)      { m[i/64] |= 1 << (i % 64) }
func (m matrix) has(i uint32) bool { return m[i/64]>>(i%64)&1 != 0 }

func (e *evidence) set(m matrix, a, b uint32) { m[int(a)*e.words+int(b/64)] |= 1 << (b % 64) }

// count counts what differs between before and after.
func (x *Index) count(p *part) {
	w := &x.family
	o, n := &w.before, &w.after
	words := n.words
	for a, m := range p.items {
		item := w.members[m].item
		row := a * words
		var sum itemCounts
		for k := range words {
			at := row + k
			any := (o.sub[at] ^ n.sub[at]) | (o.upg[at] ^ n.upg[at]) | (o.cmp[at] ^ n.cmp[at])
			for ; any != 0; any &= any - 1 {
				b := bits.TrailingZeros64(any)
				delta := [3]uint32{
					bit(n.sub[at], b) - bit(o.sub[at], b),
					bit(n.upg[at], b) - bit(o.upg[at], b),
					bit(n.cmp[at], b) - bit(o.cmp[at], b),
				}
				sum.switched += delta[0]
				sum.upgraded += delta[1]
				x.pairs.add(item, w.members[p.items[k*64+b]].item, delta)
			}
		}
		k, b := a/64, a%64
		sum.chosen = bit(n.chosen[k], b) - bit(o.chosen[k], b)
		sum.boughtOn = bit(n.boughtOn[k], b) - bit(o.boughtOn[k], b)
		if sum != (itemCounts{}) {
			c := x.items.ptr(item)
			c.chosen += sum.chosen
			c.boughtOn += sum.boughtOn
			c.switched += sum.switched
			c.upgraded += sum.upgraded
		}
	}
}

func bit(word uint64, b int) uint32 { return uint32(word >> b & 1) }
