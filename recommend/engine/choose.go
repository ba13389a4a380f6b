package engine

import (
	"math"
	"slices"

	"osusume/recommend"
)

// bounds say how alike the items of one list may be.
type bounds struct {
	diversity   float64
	perCategory int // 0 is no bound
	perGroup    int // 0 is no bound
	newcomers   int // most new arrivals
}

// boundsOf takes what the request says, else what the placement says.
func boundsOf(req *recommend.Request, place Placement) (bounds, error) {
	b := bounds{diversity: place.Diversity, perCategory: place.MaxPerCategory, perGroup: place.MaxPerGroup}
	if req.Diversity != nil {
		b.diversity = *req.Diversity
	}
	if !(b.diversity >= 0 && b.diversity <= 1) {
		return b, recommend.Invalid("diversity", "must be between 0 and 1, got %v", b.diversity)
	}
	var err error
	if b.perCategory, err = bound("max_per_category", req.MaxPerCategory, b.perCategory); err != nil {
		return b, err
	}
	b.perGroup, err = bound("max_per_group", req.MaxPerGroup, b.perGroup)
	return b, err
}

// bound is what a request asks for, else what the placement says; 0 for none.
func bound(field string, asked, placed int) (int, error) {
	if asked < -1 || asked > recommend.MaxLimit {
		return 0, recommend.Invalid(field, "must be between 1 and %d, or -1 for no bound, got %d", recommend.MaxLimit, asked)
	}
	if asked != 0 {
		placed = asked
	}
	return max(placed, 0), nil
}

// pool is how many candidates to rank for a list of limit items.
func (b bounds) pool(limit int) int {
	switch {
	case b.diversity > 0 || b.perCategory > 0:
		return 4*limit + 20
	case b.perGroup > 0 || b.newcomers > 0:
		return 2*limit + 10
	default:
		return limit
	}
}

// fewPlaces are the places of a list for which candidates are put in order one by
// one.
const fewPlaces = 20

// choose takes from what was picked, best first, what the bounds allow, at most limit.
// New arrivals that are there for their likeness to others keep to their share;
// one with evidence of its own competes like any item.
// With diversity each further item of a category counts for less: its score is
// multiplied with (1-diversity) for each one taken before.
func (l *list) choose() []scored {
	t := &l.s.selection
	defer t.end()
	ranked, few := t.best(), l.limit <= fewPlaces && l.bounds.diversity == 0
	if !few {
		t.into(&l.s.top)
		ranked = l.s.top.heap
		slices.Reverse(ranked)
	}
	if l.bounds.pool(1) == 1 {
		n := min(len(ranked), l.limit)
		if few && n > 0 {
			t.first(n - 1)
		}
		return ranked[:n]
	}
	chosen := l.s.chosen[:0]
	if len(l.s.taken) < len(ranked) {
		l.s.taken = make([]bool, len(ranked))
	}
	taken := l.s.taken[:len(ranked)]
	clear(taken)
	arrivals := 0
	for from := 0; len(chosen) < l.limit; {
		best, bestScore := -1, math.Inf(-1)
		for k := from; k < len(ranked); k++ {
			if taken[k] {
				continue
			}
			if few {
				t.first(k)
			}
			score := float64(ranked[k].score)
			if l.bounds.diversity > 0 {
				score *= math.Pow(1-l.bounds.diversity, float64(l.ofLeaf(ranked[k].item)))
			}
			if score > bestScore && l.fits(ranked[k].item) && (arrivals < l.bounds.newcomers || !l.s.arrived(ranked[k].item)) {
				best, bestScore = k, score
			}
			if l.bounds.diversity == 0 && best >= 0 {
				from = k + 1 // what did not fit never will
				break        // ranked is in order
			}
		}
		if best < 0 {
			break
		}
		taken[best] = true
		if l.s.arrived(ranked[best].item) {
			arrivals++
		}
		l.take(ranked[best].item)
		chosen = append(chosen, ranked[best])
	}
	l.s.chosen = chosen
	return chosen
}

// tryNewcomer gives the last place to the best new arrival when the list has
// none and one is due.
func (l *list) tryNewcomer(chosen []scored, best scored) []scored {
	if l.bounds.newcomers == 0 || best.item == noItem || len(chosen) == 0 {
		return chosen
	}
	for _, c := range chosen {
		if l.v.isNewcomer(c.item) {
			return chosen
		}
	}
	if !l.fits(best.item) {
		return chosen
	}
	if !l.s.arrived(best.item) {
		l.s.arrive(best)
	}
	last := &chosen[len(chosen)-1]
	if len(chosen) < l.limit {
		chosen = append(chosen, scored{})
		last = &chosen[len(chosen)-1]
	}
	*last = best
	l.s.chosen = chosen
	return chosen
}

// take counts an item towards the bounds.
func (l *list) take(item uint32) {
	if leaf := l.v.catalog.Leaf(item); leaf != 0 {
		l.s.leaves = append(l.s.leaves, leaf)
	}
	if group := l.v.catalog.Group(item); group != 0 {
		l.s.groups = append(l.s.groups, group)
	}
}

// fits reports whether the bounds allow one more item like this one.
func (l *list) fits(item uint32) bool {
	if l.bounds.perCategory > 0 && l.ofLeaf(item) >= l.bounds.perCategory {
		return false
	}
	if l.bounds.perGroup > 0 {
		if group := l.v.catalog.Group(item); group != 0 && occurrences(l.s.groups, group) >= l.bounds.perGroup {
			return false
		}
	}
	return true
}

// ofLeaf is how many items of the item's leaf category are in the list.
func (l *list) ofLeaf(item uint32) int {
	leaf := l.v.catalog.Leaf(item)
	if leaf == 0 {
		return 0
	}
	return occurrences(l.s.leaves, leaf)
}

func occurrences(s []uint32, v uint32) int {
	n := 0
	for _, x := range s {
		if x == v {
			n++
		}
	}
	return n
}
