package cooccur

import "math"

// An entry of a row is one cell for orders and customers, two for sessions:
//
//	cell 0   hash of the other item (32 bits)  support (8)  visitors (8)  votes (16)
//	cell 1   upper halves of the float64s After (32) and Before (32)
//
// An entry whose values do not fit is wide: its support is wideMark and its true
// values are in the pool, at the place in the low 24 bits of cell 0 for orders
// and customers and in cell 1 for sessions. Most pairs of a shop occur once or
// twice, and the upper half of a float64 has 21 significant bits, enough for one
// term of a session sum and for most sums of few terms.
const (
	wideMark = 0xff
	// maxWide bounds a pool by the bits of a place. A pair of orders or customers
	// is wide from 255 cases or 256 votes on, so that a pool, of one shard in
	// shards, has room for at least 2^32 cases.
	maxWide = 1 << 24
)

// width is the number of cells of an entry.
func (k Kind) width() int {
	if k == Sessions {
		return 2
	}
	return 1
}

// pool has the values of wide entries.
type pool struct {
	vals []Session
	free []uint32 // places to reuse
}

func (p *pool) put(s Session) uint32 {
	if n := len(p.free); n > 0 {
		at := p.free[n-1]
		p.free = p.free[:n-1]
		p.vals[at] = s
		return at
	}
	if len(p.vals) == cap(p.vals) {
		p.vals = append(make([]Session, 0, len(p.vals)+len(p.vals)/8+4), p.vals...)
	}
	p.vals = append(p.vals, s)
	return uint32(len(p.vals) - 1)
}

func (p *pool) drop(at uint32) { p.free = append(p.free, at) }

func (p *pool) bytes() int64 { return int64(cap(p.vals))*32 + int64(cap(p.free))*4 }

func isWide(cell uint64) bool { return uint8(cell>>24) == wideMark }

// load returns the values of the entry at the front of cells.
func (p *pool) load(cells []uint64, width int) Session {
	cell := cells[0]
	if isWide(cell) {
		return p.vals[placeOf(cells, width)]
	}
	s := Session{Pair: Pair{Support: uint32(uint8(cell >> 24)), Visitors: uint32(uint8(cell >> 16)), Votes: uint32(uint16(cell))}}
	if width == 2 {
		s.After = math.Float64frombits(cells[1] >> 32 << 32)
		s.Before = math.Float64frombits(cells[1] << 32)
	}
	return s
}

// placeOf is where in the pool a wide entry has its values.
func placeOf(cells []uint64, width int) uint32 {
	if width == 2 {
		return uint32(cells[1])
	}
	return uint32(cells[0] & (maxWide - 1))
}

// narrow packs s into cells without a hash, if it fits.
func narrow(s *Session) (cell0, cell1 uint64, ok bool) {
	after, before := math.Float64bits(s.After), math.Float64bits(s.Before)
	cell0 = uint64(s.Support)<<24 | uint64(s.Visitors)<<16 | uint64(s.Votes)
	cell1 = after | before>>32
	ok = s.Support < wideMark && s.Visitors < 1<<8 && s.Votes < 1<<16 && uint32(after) == 0 && uint32(before) == 0
	return cell0, cell1, ok
}

// store replaces the values of the entry at the front of cells.
func (p *pool) store(cells []uint64, width int, s Session) {
	hash, wide := cells[0]>>32<<32, isWide(cells[0])
	cell0, cell1, ok := narrow(&s)
	switch {
	case ok:
		if wide {
			p.drop(placeOf(cells, width))
		}
	case wide:
		p.vals[placeOf(cells, width)] = s
		return
	default:
		at := uint64(p.put(s))
		if width == 2 {
			cell0, cell1 = wideMark<<24, at
		} else {
			if at >= maxWide {
				panic("cooccur: more wide pairs than a shard has places for")
			}
			cell0 = wideMark<<24 | at
		}
	}
	cells[0] = hash | cell0
	if width == 2 {
		cells[1] = cell1
	}
}
