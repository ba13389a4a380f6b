package cooccur

import "math"

// StartPrune chooses how many partners a row may keep for Bytes to come down to
// budget about, and has PruneRows cut those that have more. The longest rows give
// most, each what is worth least to it (its votes, then its support) and in this
// direction only: a pair may be one of the best of one item and not of the other.
// A prune under way starts again.
func (c *Counts) StartPrune(budget int64) {
	pairs := int64(0)
	for i := range c.shards {
		pairs += c.shards[i].pairBytes()
	}
	share := 0.0 // of what pairs take
	if pairs > 0 {
		share = max(float64(budget-(c.Bytes()-pairs))/float64(pairs), 0)
	}
	c.pruned = true
	c.growBounds()
	c.prune.most, c.prune.at, c.prune.busy = c.mostPartners(share), 0, true
}

// mostPartners is how many partners rows may keep for all to have no more than this
// share of their cells.
func (c *Counts) mostPartners(share float64) uint32 {
	longest := uint32(0)
	for k := range Kinds {
		for i := range c.rows[k] {
			longest = max(longest, c.rows[k][i].n)
		}
	}
	wide := make([]int64, longest+1) // cells of an entry, over the rows of a length
	cells := int64(0)
	for k := range Kinds {
		width := int64(k.width())
		for i := range c.rows[k] {
			n := c.rows[k][i].n
			wide[n] += width
			cells += int64(n) * width
		}
	}
	most, goal, cut := longest, int64(share*float64(cells)), int64(0)
	for most > 0 && cells > goal {
		cut += wide[most] // so many cells go with each partner less
		cells -= cut
		most--
	}
	return most
}

// Pruning reports whether StartPrune has left rows to PruneRows.
func (c *Counts) Pruning() bool { return c.prune.busy }

// PruneRows cuts about so many rows and returns how many directed pairs it dropped.
// The ErrorBound of an item grows by the largest support it lost, and touched is told
// of the item.
func (c *Counts) PruneRows(rows int) (dropped int) {
	p := &c.prune
	n := c.Len()
	for ; p.busy && rows > 0; rows-- {
		switch at := p.at; {
		case at < int(Kinds)*n:
			k, item := Kind(at/n), uint32(at%n)
			if c.rows[k][item].n > p.most {
				dropped += c.pruneRow(k, item)
			}
		case at < int(Kinds)*(n+shards):
			at -= int(Kinds) * n
			c.closeGaps(Kind(at/shards), at%shards)
			rows -= n / shards // it goes over the rows of a shard
		default:
			p.busy = false
		}
		p.at++
	}
	return dropped
}

// ErrorBound is by how much at most the support of a pair, as the row of item has it,
// is below what was counted: 0 until pairs were dropped. It never falls.
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

// prune is how far a StartPrune has come.
type prune struct {
	most uint32 // partners of a row
	// at counts the rows of all kinds, then the shards of all kinds.
	at   int
	busy bool
	cutter
}

func (c *Counts) pruneRow(k Kind, item uint32) (dropped int) {
	lost := c.cutRow(&c.prune.cutter, k, item, int(c.prune.most))
	c.moved(k, item, moved{partners: -lost.pairs, votes: -lost.votes})
	c.touched(item, AllKinds)
	return lost.pairs
}

// closeGaps moves the values of wide entries together once a quarter of their places
// is free.
func (c *Counts) closeGaps(k Kind, of int) {
	s, width := &c.shards[of], k.width()
	old := &s.wide[k]
	if 4*len(old.free) < len(old.vals) {
		return
	}
	var dense pool
	for i := of; i < c.Len(); i += shards {
		cells := c.rows[k][i].cells
		for at := 0; at < len(cells); at += width {
			if entry := cells[at : at+width]; entry[0] != 0 && isWide(entry[0]) {
				v := old.load(entry, width)
				entry[0] = entry[0] >> 32 << 32
				dense.store(entry, width, v)
			}
		}
	}
	s.wide[k] = dense
}

// value orders the pairs of an item by what they are worth: votes, then support, then
// chance.
func value(p Pair, i, j uint32) uint64 {
	chance := hashOf(min(i, j)+hashOf(max(i, j))) >> 8
	return uint64(p.Votes)<<32 | uint64(min(p.Support, 0xff))<<24 | uint64(chance)
}

// cutter has the working memory of cutRow.
type cutter struct{ values, order []uint64 }

// loss is what cutRow took from a row.
type loss struct {
	pairs   int
	votes   int64
	support uint32 // the largest of a pair
}

// cutRow leaves the row of item its most entries of most value, and adds to its error
// bound.
func (c *Counts) cutRow(w *cutter, k Kind, item uint32, most int) (lost loss) {
	width := k.width()
	r, s := &c.rows[k][item], c.shard(item)
	pool := &s.wide[k]
	each := func(fn func(entry []uint64, v Session)) {
		for at := 0; at < len(r.cells); at += width {
			if entry := r.cells[at : at+width]; entry[0] != 0 {
				fn(entry, pool.load(entry, width))
			}
		}
	}
	w.values = w.values[:0]
	each(func(entry []uint64, v Session) {
		w.values = append(w.values, value(v.Pair, item, itemOf(uint32(entry[0]>>32))))
	})
	least := uint64(math.MaxUint64)
	if most > 0 {
		w.order = append(w.order[:0], w.values...)
		least = nth(w.order, len(w.order)-most)
	}
	n := 0
	each(func(entry []uint64, v Session) {
		worth := w.values[n]
		n++
		if worth >= least {
			return
		}
		if v.Support != 0 {
			lost.pairs++
		}
		lost.votes += int64(v.Votes)
		lost.support = max(lost.support, v.Support)
		if isWide(entry[0]) {
			pool.drop(placeOf(entry, width))
		}
		clear(entry)
		r.n--
	})
	before := cap(r.cells)
	if r.n == 0 {
		*r = row{}
	} else {
		r.resize(int(r.n), width)
	}
	s.cells += int64(cap(r.cells) - before)
	c.bounds[k][item] += lost.support
	return lost
}
