package cooccur

import "slices"

// row holds the pairs of one item, one entry of one or two cells per other item
// (see cell.go), in ascending order of the other's hash. The first cell of an
// entry has the hash in its upper half and is never 0; a cell of 0 is a gap.
//
// A row with homes 0 is dense: n entries from the front, found by interpolation,
// since hashes are spread evenly. Longer rows have gaps: an entry stands at or
// behind its home, with no gap between, so that it is found by walking on from
// there until a gap or a greater hash. Both kinds are ordered by hash, so that
// growing and dumping a row is one pass over it.
type row struct {
	cells []uint64
	n     uint32 // entries
	homes uint32 // 0 in a dense row
}

const (
	// denseMost is how many entries a dense row may have: beyond, moving them
	// on insertion costs more than looking for a gap.
	denseMost = 64
	// A row with gaps has at most loadMost/loadOf entries per home, and room for
	// spill entries behind the last home,
	loadMost, loadOf = 27, 32
	// and more if that is crowded.
	spill = 8
)

// hashOf spreads item over 32 bits; no two items share a hash and none is 0.
func hashOf(item uint32) uint32 {
	h := item + 1
	h ^= h >> 16
	h *= 0x7feb352d
	h ^= h >> 15
	h *= 0x846ca68b
	return h ^ h>>16
}

// itemOf undoes hashOf.
func itemOf(h uint32) uint32 {
	h ^= h >> 16
	h *= 0x43021123 // inverse of 0x846ca68b modulo 2^32
	h ^= h>>15 ^ h>>30
	h *= 0x1d69e2a5 // inverse of 0x7feb352d
	h ^= h >> 16
	return h - 1
}

// scale maps hashes evenly and in order to 0 to n-1.
func scale(h, n uint32) int { return int(uint64(h) * uint64(n) >> 32) }

// room is how many entries fit.
func (r *row) room(width int) int { return len(r.cells) / width }

// find returns the place of the entry with hash h, or where to insert it.
func (r *row) find(h uint32, width int) (place int, found bool) {
	if r.homes == 0 {
		return r.findDense(h, width)
	}
	cells := r.cells
	if width == 1 {
		at := scale(h, r.homes)
		for ; at < len(cells); at++ {
			if key := uint32(cells[at] >> 32); key >= h || key == 0 {
				return at, key == h
			}
		}
		return at, false
	}
	at := 2 * scale(h, r.homes)
	for ; at < len(cells); at += 2 {
		if key := uint32(cells[at] >> 32); key >= h || key == 0 {
			return at / 2, key == h
		}
	}
	return at / 2, false
}

// near reads a cell where the entry with hash h is or will be, about.
func (r *row) near(h uint32, width int) uint64 {
	homes := r.homes
	if homes == 0 {
		homes = r.n
	}
	if at := scale(h, homes) * width; at < len(r.cells) {
		return r.cells[at]
	}
	return 0
}

func (r *row) findDense(h uint32, width int) (place int, found bool) {
	at := scale(h, r.n)
	for at > 0 && uint32(r.cells[(at-1)*width]>>32) >= h {
		at--
	}
	for at < int(r.n) {
		if key := uint32(r.cells[at*width] >> 32); key >= h {
			return at, key == h
		}
		at++
	}
	return at, false
}

// insert makes a place for a new entry with hash h at the place find told, or
// elsewhere after growing, and returns it. Its first cell is the bare hash.
func (r *row) insert(h uint32, place, width int) int {
	full := int(r.n) == r.room(width)
	if r.homes != 0 {
		full = loadOf*int(r.n+1) > loadMost*int(r.homes)
	}
	gap := -1
	if !full {
		gap = r.gap(place, width)
	}
	if gap < 0 {
		r.resize(int(r.n)+int(r.n)/4+1, width)
		place, _ = r.find(h, width)
		gap = r.gap(place, width)
	}
	copy(r.cells[(place+1)*width:(gap+1)*width], r.cells[place*width:gap*width])
	clear(r.cells[place*width : (place+1)*width])
	r.cells[place*width] = uint64(h) << 32
	r.n++
	return place
}

// gap is the first gap from place on, negative when there is none.
func (r *row) gap(place, width int) int {
	if r.homes == 0 {
		return int(r.n)
	}
	for ; place*width < len(r.cells); place++ {
		if r.cells[place*width] == 0 {
			return place
		}
	}
	return -1
}

// remove closes the gap that an entry leaves.
func (r *row) remove(place, width int) {
	end := place + 1
	if r.homes == 0 {
		end = int(r.n)
	} else {
		for end*width < len(r.cells) && r.cells[end*width] != 0 && scale(uint32(r.cells[end*width]>>32), r.homes) < end {
			end++
		}
	}
	copy(r.cells[place*width:(end-1)*width], r.cells[(place+1)*width:end*width])
	clear(r.cells[(end-1)*width : end*width])
	r.n--
	switch {
	case r.n == 0:
		*r = row{}
	case int(r.n) < r.room(width)/4:
		r.resize(int(r.n), width)
	}
}

// resize moves the entries into a block with room for n of them.
func (r *row) resize(n, width int) {
	old := r.cells
	if n <= denseMost {
		dense := block(n * width)
		at := 0
		for i := 0; i < len(old); i += width {
			if old[i] != 0 {
				at += copy(dense[at:at+width], old[i:i+width])
			}
		}
		r.cells, r.homes = dense[:len(dense)/width*width], 0
		return
	}
	homes := (n*loadOf + loadMost - 1) / loadMost
	for behind := spill; ; behind += behind/2 + int(r.n)/8 {
		r.cells = block((homes + behind) * width)
		r.cells = r.cells[:len(r.cells)/width*width]
		r.homes = uint32(r.room(width) - behind)
		if r.spread(old, width) {
			return
		}
	}
}

// spread puts entries, in order, into the empty row. It reports whether that
// left room behind the last one.
func (r *row) spread(entries []uint64, width int) bool {
	next, end := 0, r.room(width)-spill/2
	for i := 0; i < len(entries); i += width {
		if entries[i] == 0 {
			continue
		}
		at := max(scale(uint32(entries[i]>>32), r.homes), next)
		if at >= end {
			return false
		}
		next = at + 1
		r.cells[at*width] = entries[i]
		if width == 2 {
			r.cells[at*2+1] = entries[i+1]
		}
	}
	return true
}

// block allocates at least n cells: as many as the allocator spends on them.
func block(n int) []uint64 {
	b := slices.Grow([]uint64(nil), n)
	b = b[:cap(b)]
	clear(b)
	return b
}
