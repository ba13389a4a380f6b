package engine

import (
	"osusume/recommend/catalog"
	"osusume/recommend/filter"
	"osusume/recommend/weight"
)

// scratch is the working memory of one request, reused: dense arrays over items
// that are zero between requests.
type scratch struct {
	names *catalog.Snapshot
	// acc sums neighbour weights, extra what is added after the trend factor.
	acc, extra []float32
	// habitual are the items with extra. Few have any: habits has a bit for them,
	// one for many items, and a look at it saves one into an array of all items.
	habitual []uint32
	habits   [64]uint64
	// touched lists the items with acc or extra, in order of first touch.
	touched []uint32
	// weight sums a profile while it is built; later it marks the newcomers that
	// are scored by likeness.
	weight []float32
	// rotation holds the factors of items shown too often, nil when there are
	// none.
	rotation map[uint32]float32
	// profiles are the signals' profiles, kept for the reasons.
	profiles [][]profileItem
	session  []steps
	cart     []uint32
	grounds  grounds
	// marks has a bit for the ranked items, one for many items.
	marks  [64]uint64
	orders []uint32 // a visitor's, for the reasons
	// fresh are newcomers with what those like them got, and without anything of
	// their own; arrivals those that replace what they had, and the fresh ones
	// that were ranked.
	fresh, arrivals []scored
	speaking        []uint32 // items touched that speak for newcomers
	chosen          []scored
	taken           []bool // places of the ranking that are chosen
	// leaves and groups are those of the items taken.
	leaves, groups []uint32
	// candidates are those of a list of items alike.
	candidates []uint32
	top        topList
	selection  selection
	filter     filter.Compiled
	near       []weight.List // of the profiles, one after the other
	ahead      uint32        // what was read for the cache's sake
}

// profileItem is one item of a profile.
type profileItem struct {
	item   uint32
	weight float32
}

// steps is one item of a session, with its age.
type steps struct {
	item uint32
	age  float64 // days
}

// reset prepares the scratch for a request over n items.
func (s *scratch) reset(names *catalog.Snapshot) {
	s.names = names
	if n := names.Len(); n > len(s.acc) {
		n += n / 8 // room for new items
		s.acc, s.extra, s.weight = make([]float32, n), make([]float32, n), make([]float32, n)
		s.touched = make([]uint32, 0, n+1) // one more for accumulate to write behind
	}
	s.touched = s.touched[:0]
	s.fresh = s.fresh[:0]
	s.session = s.session[:0]
	s.cart = s.cart[:0]
	s.leaves, s.groups = s.leaves[:0], s.groups[:0]
	for i := range s.profiles {
		s.profiles[i] = s.profiles[i][:0]
	}
}

// rotated is the factor of an item that was shown without being touched.
func (s *scratch) rotated(item uint32) float32 {
	if s.rotation == nil {
		return 1
	}
	if f, ok := s.rotation[item]; ok {
		return f
	}
	return 1
}

// arrive makes a newcomer one that is there for its likeness to other items.
func (s *scratch) arrive(c scored) {
	s.touch(c.item)
	s.acc[c.item] = c.score
	s.weight[c.item] = 1 // profiles are built: it now marks arrivals
	s.arrivals = append(s.arrivals, c)
}

// arrived reports whether item is there for its likeness to other items.
func (s *scratch) arrived(item uint32) bool { return s.weight[item] != 0 }

// zero clears what the request touched.
func (s *scratch) zero() {
	for _, a := range s.arrivals {
		s.weight[a.item] = 0
	}
	s.arrivals, s.rotation = s.arrivals[:0], nil
	for _, j := range s.habitual {
		s.extra[j] = 0
		s.habits[j/64%64] = 0
	}
	s.habitual = s.habitual[:0]
	s.clear()
	s.names = nil
}

// clear forgets the sums.
func (s *scratch) clear() {
	for _, j := range s.touched {
		s.acc[j] = 0
	}
	s.touched = s.touched[:0]
}

// addExtra adds to the extra of an item that is touched.
func (s *scratch) addExtra(item uint32, x float32) {
	s.extra[item] += x
	s.habits[item/64%64] |= 1 << (item % 64)
	s.habitual = append(s.habitual, item)
}

// extraOf is the extra of an item.
func (s *scratch) extraOf(item uint32) float32 {
	if s.habits[item/64%64]>>(item%64)&1 == 0 {
		return 0
	}
	return s.extra[item]
}

// hide keeps an item out of the list, shows reports whether it may enter; both
// only after the filter is compiled.
func (s *scratch) hide(item uint32)       { s.filter.Exclude(item) }
func (s *scratch) shows(item uint32) bool { return s.filter.Allows(item) }

// touch notes that item is about to get its first weight.
func (s *scratch) touch(item uint32) {
	if s.acc[item] == 0 && s.extraOf(item) == 0 {
		s.touched = append(s.touched, item)
	}
}

// scored is one candidate of a list.
type scored struct {
	item  uint32
	score float32
}

// topList keeps the k best candidates in a heap with the worst on top. Order:
// score descending, then external id ascending.
type topList struct {
	k    int
	heap []scored
}

func (t *topList) reset(k int) { t.k, t.heap = k, t.heap[:0] }

func (t *topList) full() bool { return len(t.heap) == t.k }

// worst is the score a candidate must reach; call only when full.
func (t *topList) worst() float32 { return t.heap[0].score }

func before(names *catalog.Snapshot, a, b scored) bool {
	if a.score != b.score {
		return a.score > b.score
	}
	return names.Less(a.item, b.item)
}

// push adds c when it is among the best so far.
func (t *topList) push(names *catalog.Snapshot, c scored) {
	if t.full() {
		if !before(names, c, t.heap[0]) {
			return
		}
		t.heap[0] = c
		t.down(names, 0)
		return
	}
	t.heap = append(t.heap, c)
	for i := len(t.heap) - 1; i > 0; {
		parent := (i - 1) / 2
		if !before(names, t.heap[parent], t.heap[i]) {
			break
		}
		t.heap[parent], t.heap[i] = t.heap[i], t.heap[parent]
		i = parent
	}
}

func (t *topList) down(names *catalog.Snapshot, i int) {
	for {
		least := i
		for child := 2*i + 1; child <= 2*i+2 && child < len(t.heap); child++ {
			if before(names, t.heap[least], t.heap[child]) {
				least = child
			}
		}
		if least == i {
			return
		}
		t.heap[i], t.heap[least] = t.heap[least], t.heap[i]
		i = least
	}
}

// sorted empties the heap into best-first order, in place.
func (t *topList) sorted(names *catalog.Snapshot) []scored {
	all := t.heap
	for n := len(all); n > 1; n-- {
		t.heap = all[:n]
		t.heap[0], t.heap[n-1] = t.heap[n-1], t.heap[0]
		t.heap = all[:n-1]
		t.down(names, 0)
	}
	t.heap = all
	return all
}
