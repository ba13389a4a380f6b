package cooccur

// group is one order or session: its distinct items in order of appearance and
// the steps taken, all by number.
type group struct {
	n        uint32 // which of the visitor's cases, from 1
	distinct []uint32
	steps    []uint32
	last     uint32 // time of the newest line
}

func (g *group) reset() { g.n, g.distinct, g.steps, g.last = 0, g.distinct[:0], g.steps[:0], 0 }

// groups are the open orders and sessions of a walk, by node and kind: the
// ratings of a session are an order of their own. It keeps its memory from walk
// to walk.
type groups struct {
	all   []*group
	open  int // of all
	slots []groupSlot
	epoch uint32
	// newest is, by kind, the group asked for last: lines of one stand together.
	newest [Kinds]struct {
		node uint32
		g    *group
	}
}

type groupSlot struct {
	key   uint64
	epoch uint32
	at    uint32
}

// reset forgets all groups.
func (s *groups) reset() {
	s.open = 0
	s.newest = [Kinds]struct {
		node uint32
		g    *group
	}{}
	if s.epoch++; s.epoch == 0 { // wrapped: stale slots could match
		clear(s.slots)
		s.epoch = 1
	}
}

// of returns the group of a node, an empty one at first.
func (s *groups) of(k Kind, node uint32) *group {
	last := &s.newest[k]
	if last.g == nil || last.node != node {
		last.node, last.g = node, s.find(uint64(node)<<8|uint64(k))
	}
	return last.g
}

func (s *groups) find(key uint64) *group {
	if 2*(s.open+1) > len(s.slots) {
		s.grow()
	}
	slot := s.slot(key)
	if slot.epoch == s.epoch {
		return s.all[slot.at]
	}
	if s.open == len(s.all) {
		s.all = append(s.all, &group{})
	}
	*slot = groupSlot{key: key, epoch: s.epoch, at: uint32(s.open)}
	g := s.all[s.open]
	g.reset()
	s.open++
	return g
}

// slot is where key is or belongs.
func (s *groups) slot(key uint64) *groupSlot {
	mask := uint64(len(s.slots) - 1)
	for at := key * 0x9E3779B97F4A7C15 >> 32; ; at++ {
		if slot := &s.slots[at&mask]; slot.epoch != s.epoch || slot.key == key {
			return slot
		}
	}
}

func (s *groups) grow() {
	old := s.slots
	s.slots = make([]groupSlot, max(16, 2*len(old)))
	for _, slot := range old {
		if slot.epoch == s.epoch {
			*s.slot(slot.key) = slot
		}
	}
}
