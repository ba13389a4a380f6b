package cooccur

import (
	"math"
	"slices"
)

const (
	// leastCap is the number of partners down to which long rows are cut before
	// short rows lose any; it starts at mostCap and halves.
	leastCap = 512
	mostCap  = 1 << 14
	// kept is how many of its best partners an item keeps while only long rows
	// are cut, though its pairs be worth little to them.
	kept = 64
)

// Prune drops the pairs of least value, in both directions, until Bytes is at
// most budget or no pair is left, and returns how many directed pairs it
// dropped. The value of a pair is its votes, then its support. Rows of more than
// 512 partners are cut first, the longest most, then the worst pairs go wherever
// they are. Every item's ErrorBound grows by the largest support it lost, and
// touched is told of the item. The cost is that of a few passes over all pairs;
// leave room below the ceiling for some time to come.
func (c *Counts) Prune(budget int64) (dropped int) {
	p := &pruning{c: c}
	for most := mostCap; most >= leastCap && c.Bytes() > budget; most /= 2 {
		p.cut(most)
	}
	for aim := int64(0); ; {
		excess := c.Bytes() - budget
		if excess <= 0 || c.pairs == [Kinds]int64{} {
			break
		}
		// Blocks have gaps, so dropping frees more than the entries are.
		aim = max(aim, excess*3/4, 64)
		if before := p.dropped; !p.dropWorst(aim) || p.dropped == before {
			aim *= 2
		} else {
			aim = 0
		}
	}
	for k := range p.lost {
		for i, n := range p.lost[k] {
			c.bounds[k][i] += n
		}
	}
	return p.dropped
}

// ErrorBound is by how much at most the support of a pair of item is below what
// was counted: 0 until pairs were dropped. It never falls.
func (c *Counts) ErrorBound(k Kind, item uint32) uint32 {
	if !c.pruned {
		return 0
	}
	return c.bounds[k][item]
}

func (c *Counts) growBounds() {
	for k := range c.bounds {
		c.bounds[k] = extend(c.bounds[k], c.Len())
	}
}

// pruning is one call of Prune.
type pruning struct {
	c       *Counts
	lost    [Kinds][]uint32 // largest support dropped, by item
	dropped int
}

// value orders pairs by what they are worth: votes, then support, then chance,
// the same for both directions.
func value(p Pair, i, j uint32) uint64 {
	chance := hashOf(min(i, j)+hashOf(max(i, j))) >> 8
	return uint64(p.Votes)<<32 | uint64(min(p.Support, 0xff))<<24 | uint64(chance)
}

// cut drops what rows of more than most partners have besides their best, unless
// it is among the best of the other item.
func (p *pruning) cut(most int) {
	c := p.c
	var values []uint64
	for k := range Kinds {
		worth := make([]uint64, c.Len()) // least value to stay, by item
		dear := make([]uint64, c.Len())  // least value to be among the kept
		long := false
		for i := range uint32(c.Len()) {
			if int(c.partners[k][i]) <= kept {
				continue
			}
			values = values[:0]
			c.Each(k, i, func(j uint32, pair Pair) { values = append(values, value(pair, i, j)) })
			slices.Sort(values)
			dear[i] = values[len(values)-kept]
			if len(values) > most {
				worth[i], long = values[len(values)-most], true
			}
		}
		if !long {
			continue
		}
		p.drop(k, func(i, j uint32, pair Pair) bool {
			v := value(pair, i, j)
			return v < worth[i] && v < dear[j] || v < worth[j] && v < dear[i]
		})
	}
}

// dropWorst drops the worst pairs of all kinds, about as many as have so many
// bytes. It reports whether there were as many.
func (p *pruning) dropWorst(bytes int64) bool {
	c := p.c
	sizes := make([]int64, classes)
	for k := range Kinds {
		for i := range uint32(c.Len()) {
			c.Each(k, i, func(_ uint32, pair Pair) { sizes[class(pair)] += int64(8 * k.width()) })
		}
	}
	border, left := 0, bytes
	for border < classes && sizes[border] <= left {
		left -= sizes[border]
		border++
	}
	share := uint64(0) // of the class at the border, in 2^24ths
	if border < classes {
		share = uint64(float64(left) / float64(sizes[border]) * (1 << 24))
	}
	for k := range Kinds {
		p.drop(k, func(i, j uint32, pair Pair) bool {
			at := class(pair)
			return at < border || at == border && value(pair, i, j)&(1<<24-1) < share
		})
	}
	return border < classes
}

// classes is the number of classes of value: the exponents up to 2^40 and 12
// bits behind the first.
const classes = 41 << 12

// class of a pair's value, coarser than value, the worst first.
func class(p Pair) int {
	v := float64(uint64(p.Votes)<<8 | uint64(min(p.Support, 0xff)))
	return max(int(math.Float64bits(v)>>40)-1023<<12, 0)
}

// drop drops the pairs of a kind that worthless tells, which must tell the same
// of both directions, and moves the rest together.
func (p *pruning) drop(k Kind, worthless func(i, j uint32, pair Pair) bool) {
	c, width := p.c, k.width()
	c.pruned = true
	c.growBounds()
	p.lost[k] = extend(p.lost[k], c.Len())
	var wide [shards]pool
	for i := range uint32(c.Len()) {
		s, r := c.shard(i), &c.rows[k][i]
		room, before := cap(r.cells), r.n
		for at := 0; at < len(r.cells); at += width {
			cells := r.cells[at : at+width]
			if cells[0] == 0 {
				continue
			}
			v, j := s.wide[k].load(cells, width), itemOf(uint32(cells[0]>>32))
			if v.Support != 0 && !worthless(i, j, v.Pair) {
				if isWide(cells[0]) {
					cells[0] = cells[0] >> 32 << 32
					wide[i%shards].store(cells, width, v)
				}
				continue
			}
			clear(cells)
			r.n--
			if v.Support != 0 {
				p.dropped++
				p.lost[k][i] = max(p.lost[k][i], v.Support)
				c.moved(k, i, moved{partners: -1, votes: -int64(v.Votes)})
			}
		}
		if r.n == 0 {
			*r = row{}
		} else if r.n < before {
			r.resize(int(r.n), width)
		}
		if r.n < before {
			s.cells += int64(cap(r.cells) - room)
			c.touched(i, AllKinds)
		}
	}
	for n := range wide {
		c.shards[n].wide[k] = wide[n]
	}
}
