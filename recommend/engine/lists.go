package engine

import (
	"math"
	"slices"
	"time"

	"osusume/recommend/cooccur"
	"osusume/recommend/snapshot"
	"osusume/recommend/weight"
)

// listSet is the neighbour lists of one spec.
type listSet struct {
	spec  weight.Spec
	kind  cooccur.Kind // the spec's
	lists snapshot.Array[weight.List]
	// spread counts the weights of all lists by size; cells is their number and
	// bytes the memory of the lists.
	spread       []uint32
	cells, bytes int64
	// scale makes weights of different sets comparable: the 99.9th percentile
	// of all weights is 1.
	scale   float32
	learned *learned // nil for closed forms
}

// put replaces the list of item.
func (s *listSet) put(item uint32, l weight.List) {
	old := s.lists.At(item)
	if old == l {
		return
	}
	if s.spread == nil {
		s.spread = make([]uint32, 1<<(31-spreadShift))
	}
	for _, c := range old.Cells() {
		s.spread[math.Float32bits(c.Value)>>spreadShift]--
	}
	for _, c := range l.Cells() {
		s.spread[math.Float32bits(c.Value)>>spreadShift]++
	}
	s.cells += int64(l.Len() - old.Len())
	s.bytes += l.Bytes() - old.Bytes()
	s.lists.Set(item, l)
}

// spreadShift leaves the sign, the exponent and 8 bits of the mantissa, which
// order positive floats.
const spreadShift = 23 - 8

// rescale sets the scale to the 99.9th percentile of all weights, within 1/256 of
// its value; 1 when there are none.
func (s *listSet) rescale() {
	s.scale = 1
	above := s.cells / 1000
	for b := len(s.spread) - 1; b >= 0; b-- {
		if above -= int64(s.spread[b]); above < 0 {
			s.scale = math.Float32frombits(uint32(b) << spreadShift)
			return
		}
	}
}

// mark notes that counts of an item moved.
func (x *Index) mark(item uint32, kinds cooccur.KindSet) {
	x.popStale = true
	x.drifted = true
	x.waiting.mark(item, behind(kinds), x.counts)
}

// Ranked reports whether the lists came from a checkpoint: then only those of items
// in records applied since are behind, and all may serve meanwhile.
func (x *Index) Ranked() bool { return x.ranked }

// Dirty is the number of items whose lists are behind.
func (x *Index) Dirty() int { return x.waiting.n }

// Refresh re-ranks items whose lists are behind until none is left or more
// returns false (asked before each item; nil never stops). It reports whether
// all are up to date.
//
// A weight also depends on how often the neighbour occurs and on how many cases
// there are, so strictly every event moves nearly every list a little. Items
// whose own counts did not change follow once a day, and whenever nothing may
// stop the refresh: then the lists depend on the records alone.
func (x *Index) Refresh(now time.Time, more func() bool) bool {
	if day := dayOf(now); day != x.day || (more == nil && x.drifted) {
		x.day = day
		x.popStale = true
		for i := range x.waiting.why {
			x.mark(uint32(i), cooccur.AllKinds)
		}
	}
	if more == nil {
		x.drifted = false
		x.rebuildAll()
		x.bound()
		return x.waiting.n == 0
	}
	b := &x.builders[0]
	b.Less = x.order.less
	for x.waiting.n > 0 && more() {
		item, ok := x.waiting.next()
		if !ok {
			break
		}
		x.rebuild(item, b)
	}
	return x.waiting.n == 0
}

// rebuild makes the lists of item that are behind anew.
func (x *Index) rebuild(item uint32, b *weight.Builder) {
	x.remake(item, b, func(s *listSet, l weight.List) { s.put(item, l) })
	x.settle(item)
}

// remake makes the lists of item that are behind anew and hands them to put.
func (x *Index) remake(item uint32, b *weight.Builder, put func(s *listSet, l weight.List)) {
	midnight := time.Unix(int64(x.day)*secondsPerDay, 0).UTC()
	for k := range cooccur.Kinds {
		moved, gathered := x.waiting.why[item]&(1<<k) != 0, false
		for _, s := range x.sets {
			if s.kind != k {
				continue
			}
			if l := s.learned; l != nil && l.solved(item) {
				if l.recut[item] {
					put(s, b.BuildLearned(x.counts, &s.spec, item, l.sources[item]))
				}
				continue
			}
			if !moved {
				continue
			}
			if !gathered {
				b.Gather(x.counts, k, item)
				gathered = true
			}
			put(s, b.Build(x.counts, &s.spec, item, midnight))
		}
	}
}

// settle notes that the lists of item are up to date, and that what is learned may
// not be.
func (x *Index) settle(item uint32) {
	for _, s := range x.sets {
		if s.learned == nil {
			continue
		}
		if s.learned.solved(item) {
			s.learned.recut[item] = false
		}
		if x.waiting.why[item]&(1<<s.kind) != 0 {
			s.learned.mark(item)
		}
	}
	x.waiting.settle(item, x.counts)
	x.tooLong = max(x.tooLong-1, 0)
}

// rebuildAll makes the lists of all dirty items, on all cores.
func (x *Index) rebuildAll() {
	var dirty []uint32 // in the order of items: neighbouring ones lie in one page of the lists
	for i, why := range x.waiting.why {
		if why != 0 {
			dirty = append(dirty, uint32(i))
		}
	}
	x.waiting.clear()
	for k := range x.builders {
		x.builders[k].Less = x.order.less
	}
	type made struct {
		set  *listSet
		list weight.List
	}
	var block [4096][]made
	for items := range slices.Chunk(dirty, len(block)) {
		weight.Parallel(len(items), func(worker, k int) {
			block[k] = block[k][:0]
			x.remake(items[k], &x.builders[worker], func(s *listSet, l weight.List) {
				block[k] = append(block[k], made{s, l})
			})
		})
		for k, item := range items {
			for _, m := range block[k] {
				m.set.put(item, m.list)
			}
			x.settle(item)
		}
	}
}
