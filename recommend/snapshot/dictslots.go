package snapshot

import (
	"math/bits"
	"sync/atomic"
)

// slots is an open-addressing table of ids by 64-bit hash, for one writer and
// any number of readers: ids are only ever added, and a table that is full is
// replaced, not changed.
type slots []atomic.Uint32 // id+1, 0 is empty

const (
	fewSlots = 16
	// At most 3 of 4 slots are taken, at least 9 of 16 after growing.
	slotsTaken, slotsOf     = 3, 4
	slotsGrow, slotsGrownBy = 4, 3
)

func (s slots) start(hash uint64) int {
	hi, _ := bits.Mul64(hash, uint64(len(s)))
	return int(hi)
}

func (s slots) next(i int) int {
	if i++; i < len(s) {
		return i
	}
	return 0
}

// full reports whether one more than n ids do not fit.
func (s slots) full(n int) bool { return tooFew(len(s), n) }

func tooFew(size, n int) bool { return slotsOf*(n+1) > slotsTaken*size }

// grown returns an empty table a third larger, or as much larger as n ids need.
func (s slots) grown(n int) slots {
	size := max(fewSlots, len(s)*slotsGrow/slotsGrownBy)
	for tooFew(size, n) {
		size = size * slotsGrow / slotsGrownBy
	}
	return make(slots, size)
}

func (s slots) insert(hash uint64, id uint32) {
	i := s.start(hash)
	for s[i].Load() != 0 {
		i = s.next(i)
	}
	s[i].Store(id + 1)
}

func (s slots) bytes() int64 { return int64(len(s)) * 4 }
