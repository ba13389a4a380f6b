package cooccur

import (
	"cmp"
	"slices"
)

// leastPartners is what a row keeps of each kind, however small the budget of a Build
// is.
const leastPartners = 64

// ceiling cuts the rows of a shard that take more than budget bytes: the longest
// first, down to as many partners for all as leaves a quarter of the budget for what
// is still to come. What goes are the pairs of least value (see Prune), in this
// direction only: each row keeps its best.
func (m *merger) ceiling(shard int, budget int64) {
	c := m.counts
	s := &c.shards[shard]
	if budget <= 0 || s.pairBytes() <= budget {
		return
	}
	longest := uint32(0)
	for k := range Kinds {
		for i := shard; i < c.Len(); i += shards {
			longest = max(longest, c.rows[k][i].n)
		}
	}
	most := longest
	for most > leastPartners {
		most = max(most*3/4, leastPartners)
		cells := int64(0)
		for k := range Kinds {
			for i := shard; i < c.Len(); i += shards {
				cells += int64(min(c.rows[k][i].n, most)) * int64(k.width())
			}
		}
		if cells <= s.cells*budget*3/4/s.pairBytes() {
			break
		}
	}
	for k := range Kinds {
		for i := shard; i < c.Len(); i += shards {
			if c.rows[k][i].n > most {
				s.dropped += int64(c.cutRow(&m.cutter, k, uint32(i), int(most)).pairs)
			}
		}
	}
}

// nth returns the element of s that would be at n in ascending order; it reorders s.
func nth[T cmp.Ordered](s []T, n int) T {
	for len(s) > 16 {
		low, mid, high := s[0], s[len(s)/2], s[len(s)-1]
		pivot := max(min(low, mid), min(max(low, mid), high))
		i, j := 0, len(s)-1
		for i <= j {
			for s[i] < pivot {
				i++
			}
			for s[j] > pivot {
				j--
			}
			if i <= j {
				s[i], s[j] = s[j], s[i]
				i++
				j--
			}
		}
		switch {
		case n <= j:
			s = s[:j+1]
		case n >= i:
			s, n = s[i:], n-i
		default:
			return s[n]
		}
	}
	slices.Sort(s)
	return s[n]
}
