package cooccur

import "slices"

// histogram counts visitors by the day of their newest event. Because a visitor
// is counted on one day only, the sum over the last days is a number of distinct
// visitors, for any window, exactly.
type histogram []dayCount // ascending days, no zero counts

type dayCount struct{ day, n int32 }

func (h histogram) search(day int32) (int, bool) {
	// Nearly all changes are at the end.
	if n := len(h); n > 0 && h[n-1].day <= day {
		if h[n-1].day == day {
			return n - 1, true
		}
		return n, false
	}
	return slices.BinarySearchFunc(h, day, func(d dayCount, day int32) int { return int(d.day) - int(day) })
}

// bytes is the memory of the days.
func (h histogram) bytes() int64 { return 8 * int64(cap(h)) }

func (h *histogram) add(day, n int32) {
	i, found := h.search(day)
	if !found {
		*h = slices.Insert(*h, i, dayCount{day, n})
		return
	}
	(*h)[i].n += n
	if (*h)[i].n == 0 {
		*h = slices.Delete(*h, i, i+1)
	}
}

// move takes n visitors from day old, -1 for none, to day now and returns by how
// many bytes the days grew.
func (h *histogram) move(old, now, n int32) int64 {
	before := h.bytes()
	if old >= 0 {
		h.add(old, -n)
	}
	h.add(now, n)
	return h.bytes() - before
}

func (h histogram) since(day int32) uint32 {
	i, _ := h.search(day)
	var n int32
	for _, d := range h[i:] {
		n += d.n
	}
	return uint32(n)
}
