package weight

import (
	"math"
	"slices"
)

// top returns the keep best candidates, best first: by weight as it will be stored,
// greatest first, then by id. What it returns is good until the next call.
//
// Numbers are sorted in place of candidates, each made of a weight and a place:
// most of the work is then comparing numbers, and ids, which lie far apart in
// memory, are looked at only where weights are equal.
func (b *Builder) top(keep int) []candidate {
	keys := b.keys[:0]
	for n := range b.candidates {
		keys = append(keys, key(b.candidates[n].weight, n))
	}
	b.keys = keys
	keep = min(keep, len(keys))
	if keep == 0 {
		return nil
	}
	ends := keep // of those as good as the last one kept
	if len(keys) > 2*keep {
		ends = b.selectTop(keep)
	} else {
		slices.Sort(keys)
		for ends < len(keys) && sameWeight(keys[ends], keys[keep-1]) {
			ends++
		}
	}
	b.sortTies(keys[:ends])
	b.sorted = b.sorted[:0]
	for _, k := range keys[:keep] {
		b.sorted = append(b.sorted, b.candidates[uint32(k)])
	}
	return b.sorted
}

// key is less for a greater weight, which must be positive.
func key(weight float64, place int) uint64 {
	return uint64(^math.Float32bits(float32(weight)))<<32 | uint64(uint32(place))
}

func sameWeight(a, b uint64) bool { return a>>32 == b>>32 }

// sortTies orders runs of equal weights by id.
func (b *Builder) sortTies(keys []uint64) {
	for start := 0; start < len(keys); {
		end := start + 1
		for end < len(keys) && sameWeight(keys[start], keys[end]) {
			end++
		}
		if end-start > 1 {
			slices.SortFunc(keys[start:end], b.compareIDs)
		}
		start = end
	}
}

func (b *Builder) compareIDs(x, y uint64) int {
	i, j := b.candidates[uint32(x)].item, b.candidates[uint32(y)].item
	switch {
	case i == j:
		return 0
	case b.Less(i, j):
		return -1
	default:
		return 1
	}
}

// selectTop moves the keep greatest weights, and all that equal the least of them,
// to the front, sorted by weight, and returns how many these are.
func (b *Builder) selectTop(keep int) int {
	keys := b.keys
	partition(keys, keep)
	slices.Sort(keys[:keep])
	ends := keep
	for n := keep; n < len(keys); n++ {
		if sameWeight(keys[n], keys[keep-1]) {
			keys[ends], keys[n] = keys[n], keys[ends]
			ends++
		}
	}
	return ends
}

// partition moves the keep least numbers to the front, in no order (Hoare's FIND).
func partition(keys []uint64, keep int) {
	lo, hi := 0, len(keys)-1
	for lo < hi {
		pivot := keys[(lo+hi)/2]
		i, j := lo, hi
		for i <= j {
			for keys[i] < pivot {
				i++
			}
			for keys[j] > pivot {
				j--
			}
			if i <= j {
				keys[i], keys[j] = keys[j], keys[i]
				i++
				j--
			}
		}
		switch {
		case keep-1 <= j:
			hi = j
		case keep-1 >= i:
			lo = i
		default:
			return
		}
	}
}
