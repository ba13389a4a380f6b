package itemset

import (
	"iter"
	"slices"
)

// A member of a list takes 32 bits and an item of a Set one, so both forms
// weigh the same when one item in 32 is a member. Between 1/32 and 1/64 either
// form stays as it is, so that one item coming and going does not convert back
// and forth.
const (
	denseAbove  = 32
	sparseBelow = 64
	alwaysList  = 64 // members; below this a list is small whatever the share
)

// Members are the items that carry one attribute. Few members are a sorted
// list, many are a Set: a catalog of a million items may have a hundred
// thousand groups of two and a department of half the shop.
//
// A nil *Members is empty and may be read. Like a Set it belongs to its owner
// until it is handed to readers.
type Members struct {
	list  []uint32 // ascending, when set is nil
	set   *Set
	count int
}

// Count is the number of members.
func (m *Members) Count() int {
	if m == nil {
		return 0
	}
	return m.count
}

// Has reports whether item i is a member: O(1) in a Set, O(log n) in a list.
func (m *Members) Has(i uint32) bool {
	if m == nil {
		return false
	}
	if m.set != nil {
		return m.set.Has(i)
	}
	_, found := slices.BinarySearch(m.list, i)
	return found
}

// Add makes item i a member and reports whether it was none.
func (m *Members) Add(i uint32) bool {
	if m.set != nil {
		if m.set.Has(i) {
			return false
		}
		m.set.Grow(int(i) + 1)
		m.set.Set(i)
		m.count++
		m.reshape()
		return true
	}
	at := len(m.list)
	// New items have the greatest ids: most additions are at the end.
	if at > 0 && m.list[at-1] >= i {
		var found bool
		if at, found = slices.BinarySearch(m.list, i); found {
			return false
		}
	}
	m.list = slices.Insert(m.list, at, i)
	m.count++
	m.reshape()
	return true
}

// Remove removes item i and reports whether it was a member.
func (m *Members) Remove(i uint32) bool {
	if m.set != nil {
		if !m.set.Has(i) {
			return false
		}
		m.set.Clear(i)
		m.count--
		m.reshape()
		return true
	}
	at, found := slices.BinarySearch(m.list, i)
	if !found {
		return false
	}
	m.list = slices.Delete(m.list, at, at+1)
	m.count--
	return true
}

// reshape picks the smaller form. The span that counts is up to the greatest
// member, which is all that a Set would have to cover.
func (m *Members) reshape() {
	switch {
	case m.set != nil && m.count < alwaysList/2,
		m.set != nil && m.count < m.set.Len()/sparseBelow:
		m.list = m.set.AppendTo(make([]uint32, 0, m.count))
		m.set = nil
	case m.set == nil && m.count >= alwaysList:
		span := int(m.list[m.count-1]) + 1
		if m.count <= span/denseAbove {
			return
		}
		m.set = New(span)
		for _, i := range m.list {
			m.set.Set(i)
		}
		m.list = nil
	}
}

// Clone returns an independent copy.
func (m *Members) Clone() *Members {
	c := &Members{count: m.count}
	if m.set != nil {
		c.set = m.set.Clone()
		return c
	}
	// Room for a few more: a clone is made in order to change it.
	c.list = append(make([]uint32, 0, len(m.list)+len(m.list)/8+1), m.list...)
	return c
}

// All iterates over the members in ascending order.
func (m *Members) All() iter.Seq[uint32] {
	switch {
	case m == nil:
		return func(func(uint32) bool) {}
	case m.set != nil:
		return m.set.All()
	default:
		return slices.Values(m.list)
	}
}

// AppendTo appends the members to ids in ascending order.
func (m *Members) AppendTo(ids []uint32) []uint32 {
	switch {
	case m == nil:
		return ids
	case m.set != nil:
		return m.set.AppendTo(ids)
	default:
		return append(ids, m.list...)
	}
}

// Bytes is the memory held, in bytes.
func (m *Members) Bytes() int64 {
	if m == nil {
		return 0
	}
	n := int64(cap(m.list))*4 + 40
	if m.set != nil {
		n += m.set.Bytes()
	}
	return n
}

// OrMembers adds the members of m that lie below the length of s.
func (s *Set) OrMembers(m *Members) {
	switch {
	case m == nil:
	case m.set != nil:
		s.orBelow(m.set)
	default:
		for _, i := range m.list {
			if int(i) >= s.n {
				break
			}
			s.words[i>>6] |= 1 << (i & 63)
		}
	}
}

// orBelow is Or cut at the length of s.
func (s *Set) orBelow(o *Set) {
	k := min(len(s.words), len(o.words))
	if k == 0 {
		return
	}
	head := s.words[:k]
	head.Or(o.words[:k])
	if rest := uint(s.n & 63); rest != 0 {
		s.words[len(s.words)-1] &= 1<<rest - 1
	}
}

// AndMembers keeps the members of s that m has too.
func (s *Set) AndMembers(m *Members) {
	switch {
	case m == nil:
		clear(s.words)
	case m.set != nil:
		s.And(m.set)
	default:
		s.andList(m.list)
	}
}

// andList walks list and words together: words between members become zero.
func (s *Set) andList(list []uint32) {
	next := 0 // first word not yet done
	for k := 0; k < len(list); {
		w := int(list[k] >> 6)
		if w >= len(s.words) {
			break
		}
		var keep uint64
		for ; k < len(list) && int(list[k]>>6) == w; k++ {
			keep |= 1 << (list[k] & 63)
		}
		clear(s.words[next:w])
		s.words[w] &= keep
		next = w + 1
	}
	clear(s.words[next:])
}
