// Package itemset holds sets of items by their dense ids: Set, one bit per
// item, for the few dense masks of a catalog (eligible, a department) and for
// the work of one request, and Members, which is a sorted list while an
// attribute is rare and a Set once it is common.
//
// The word operations come from github.com/kelindar/bitmap, whose vector
// kernels are fast but trust their operands: an empty operand panics in some,
// operands of unequal length are cut to the shorter one in others, and setting
// a huge index allocates that much. So this package alone imports it, hands it
// slices of equal, non-zero length only, and gives every Set a fixed length
// that only Grow and Or change.
//
// Invariant: a Set of n items has exactly ceil(n/64) words and every bit at or
// beyond n is zero. Count, Equal and iteration rely on it.
//
// Cost: Has, Set and Clear are O(1); the binary operations and Count O(n/64);
// iteration O(n/64 + members).
package itemset

import (
	"iter"
	"math/bits"

	"github.com/kelindar/bitmap"
)

// Set is a set of items below a fixed length. Its zero value is the empty set
// of length 0. The owner may change it; a Set that was handed to readers must
// not change any more: clone it.
type Set struct {
	words bitmap.Bitmap
	n     int
}

func wordsFor(n int) int { return (n + 63) >> 6 }

// New returns an empty set for the items 0 to n-1. It panics when n is
// negative.
func New(n int) *Set {
	return &Set{words: make(bitmap.Bitmap, wordsFor(n)), n: n}
}

// Len is the length in items, members or not.
func (s *Set) Len() int { return s.n }

// Has reports whether item i is a member; items at or beyond Len never are.
func (s *Set) Has(i uint32) bool {
	w := int(i >> 6)
	return w < len(s.words) && s.words[w]>>(i&63)&1 != 0
}

// Set makes item i a member. It panics when i is at or beyond Len, because an
// id from outside the catalog is a broken invariant.
func (s *Set) Set(i uint32) {
	if int(i) >= s.n {
		panic("itemset: item beyond the length of the set")
	}
	s.words[i>>6] |= 1 << (i & 63)
}

// Clear removes item i; one at or beyond Len was no member.
func (s *Set) Clear(i uint32) {
	if w := int(i >> 6); w < len(s.words) {
		s.words[w] &^= 1 << (i & 63)
	}
}

// Grow makes the length n items, the new ones no members. A length below the
// present one changes nothing.
func (s *Set) Grow(n int) {
	if n <= s.n {
		return
	}
	s.n = n
	want := wordsFor(n)
	if want <= cap(s.words) {
		had := len(s.words)
		s.words = s.words[:want]
		clear(s.words[had:])
		return
	}
	// A quarter more than asked for, so that growing item by item stays cheap.
	words := make(bitmap.Bitmap, want, want+want/4)
	copy(words, s.words)
	s.words = words
}

// Reset makes s the empty set of n items and keeps its memory.
func (s *Set) Reset(n int) {
	want := wordsFor(n)
	if want > cap(s.words) {
		s.words = make(bitmap.Bitmap, want)
	} else {
		s.words = s.words[:want]
		clear(s.words)
	}
	s.n = n
}

// CopyFrom makes s equal to o, length included, and keeps its memory.
func (s *Set) CopyFrom(o *Set) {
	s.words = append(s.words[:0], o.words...)
	s.n = o.n
}

// Clone returns an independent copy.
func (s *Set) Clone() *Set {
	return &Set{words: append(bitmap.Bitmap(nil), s.words...), n: s.n}
}

// And keeps the members that o has too.
func (s *Set) And(o *Set) {
	m := min(len(s.words), len(o.words))
	if m > 0 {
		head := s.words[:m]
		head.And(o.words[:m])
	}
	clear(s.words[m:])
}

// AndNot removes the members of o.
func (s *Set) AndNot(o *Set) {
	if m := min(len(s.words), len(o.words)); m > 0 {
		head := s.words[:m]
		head.AndNot(o.words[:m])
	}
}

// Or adds the members of o; a longer o makes s as long.
func (s *Set) Or(o *Set) {
	s.Grow(o.n)
	if m := len(o.words); m > 0 {
		head := s.words[:m]
		head.Or(o.words[:m])
	}
}

// Count is the number of members.
func (s *Set) Count() int {
	n := 0
	for _, w := range s.words {
		n += bits.OnesCount64(w)
	}
	return n
}

// Equal reports whether both hold the same members; lengths may differ.
func (s *Set) Equal(o *Set) bool {
	a, b := s.words, o.words
	if len(a) > len(b) {
		a, b = b, a
	}
	for i, w := range a {
		if w != b[i] {
			return false
		}
	}
	for _, w := range b[len(a):] {
		if w != 0 {
			return false
		}
	}
	return true
}

// All iterates over the members in ascending order. The set must not change
// meanwhile.
func (s *Set) All() iter.Seq[uint32] {
	return func(yield func(uint32) bool) {
		for k, w := range s.words {
			for ; w != 0; w &= w - 1 {
				if !yield(uint32(k<<6 + bits.TrailingZeros64(w))) {
					return
				}
			}
		}
	}
}

// AppendTo appends the members to ids in ascending order.
func (s *Set) AppendTo(ids []uint32) []uint32 {
	for k, w := range s.words {
		for ; w != 0; w &= w - 1 {
			ids = append(ids, uint32(k<<6+bits.TrailingZeros64(w)))
		}
	}
	return ids
}

// Words exposes the bits for hot loops: item i is bit i%64 of word i/64. For
// reading only.
func (s *Set) Words() []uint64 { return s.words }

// Bytes is the memory held, in bytes.
func (s *Set) Bytes() int64 { return int64(cap(s.words))*8 + 40 }
