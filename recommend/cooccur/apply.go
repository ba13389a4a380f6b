package cooccur

import "osusume/recommend/profile"

// change is what one line does to the pair of its item j and an earlier item i:
// j came after i with weight after. sign tells whether it comes or goes; but for
// lines that are recounted under other votes, nothing is negative.
type change struct {
	i, j  uint32
	votes int16
	kind  Kind
	// support is 0 or 1, visitors, of a recount, also -1.
	support  uint8
	visitors int8
	// first tells that there are votes, and how often they were halved.
	first    bool
	halvings uint8
	after    float64
}

// shards split the items, by item modulo shards, into parts that share nothing.
const shards = 64

// shard has what the rows of its items share.
type shard struct {
	wide     [Kinds]pool
	cells    int64 // allocated, of all rows
	dayBytes int64 // of days that Build merged
	dropped  int64 // directed pairs that Build left out
}

// pairBytes is the memory of the shard's rows.
func (s *shard) pairBytes() int64 {
	n := 8 * s.cells
	for k := range s.wide {
		n += s.wide[k].bytes()
	}
	return n
}

func (c *Counts) shard(item uint32) *shard { return &c.shards[item%shards] }

// moved is by how much a change moved what is summed over the pairs of an item.
type moved struct {
	partners int
	votes    int64
}

// change applies ch to the entry of other in r; reversed for the row of ch.j.
func (s *shard) change(r *row, other uint32, ch *change, sign int, reversed, pruned bool) moved {
	width := ch.kind.width()
	h := hashOf(other)
	place, found := r.find(h, width)
	if !found {
		if pruned && sign < 0 {
			return moved{}
		}
		before := cap(r.cells)
		place = r.insert(h, place, width)
		s.cells += int64(cap(r.cells) - before)
	}
	p := &s.wide[ch.kind]
	cells := r.cells[place*width : (place+1)*width]
	old := p.load(cells, width)
	now := old
	if pruned && sign < 0 {
		now.take(ch, reversed)
	} else {
		now.move(ch, sign, reversed)
	}
	p.store(cells, width, now)
	if now == (Session{}) {
		s.remove(r, ch.kind, place)
	}
	m := moved{votes: int64(now.Votes) - int64(old.Votes)}
	if old.Support == 0 && now.Support != 0 {
		m.partners = 1
	} else if old.Support != 0 && now.Support == 0 {
		m.partners = -1
	}
	return m
}

// remove removes the entry at place, whose values are no longer needed.
func (s *shard) remove(r *row, k Kind, place int) {
	width, before := k.width(), cap(r.cells)
	if cells := r.cells[place*width : (place+1)*width]; isWide(cells[0]) {
		s.wide[k].drop(placeOf(cells, width))
	}
	r.remove(place, width)
	s.cells += int64(cap(r.cells) - before)
}

func (v *Session) move(ch *change, sign int, reversed bool) {
	v.Support += uint32(sign) * uint32(ch.support)
	v.Visitors += uint32(sign * int(ch.visitors))
	v.Votes += uint32(sign * int(ch.votes))
	if reversed {
		v.Before += float64(sign) * ch.after
	} else {
		v.After += float64(sign) * ch.after
	}
}

// take takes ch from counts that are lower bounds: nothing falls below 0, and
// nothing remains of a pair without support.
func (v *Session) take(ch *change, reversed bool) {
	v.Support -= min(v.Support, uint32(ch.support))
	v.Visitors -= min(v.Visitors, uint32(ch.visitors))
	v.Votes -= min(v.Votes, uint32(ch.votes))
	if reversed {
		v.Before = max(v.Before-ch.after, 0)
	} else {
		v.After = max(v.After-ch.after, 0)
	}
	if v.Support == 0 {
		*v = Session{}
	}
}

// Add counts the lines from index from on, given all lines of the visitor
// before them.
func (c *Counts) Add(lines []profile.Line, from int) { c.apply(lines, from, 1) }

// Remove takes back all that Add(lines, 0) counted.
func (c *Counts) Remove(lines []profile.Line) { c.apply(lines, 0, -1) }

func (c *Counts) apply(lines []profile.Line, from, sign int) {
	if from >= len(lines) {
		return
	}
	before, votes := c.walk.votesOf(lines, from)
	switch {
	case from == 0:
		before = votes
	case votes != before && c.pruned:
		// Of dropped pairs a recount would know too little.
		c.visit(lines[:from], 0, -sign, before, before)
		from, before = 0, votes
	}
	c.visit(lines, from, sign, before, votes)
}

func (c *Counts) visit(lines []profile.Line, from, sign int, before, v votes) {
	w := &c.walk
	w.visit(lines, from, sign, before, v, &c.tally, func(changes []change) {
		for len(changes) > 0 {
			some := changes[:min(len(changes), ahead)]
			changes = changes[len(some):]
			c.touchAhead(some)
			for n := range some {
				ch := &some[n]
				there := c.shard(ch.i).change(&c.rows[ch.kind][ch.i], ch.j, ch, sign, false, c.pruned)
				c.moved(ch.kind, ch.i, there)
				here := c.shard(ch.j).change(&c.rows[ch.kind][ch.j], ch.i, ch, sign, true, c.pruned)
				c.moved(ch.kind, ch.j, here)
			}
		}
	})
	w.touched(c.touched)
}

// moved sums up what changed in the row of item.
func (c *Counts) moved(k Kind, item uint32, m moved) {
	if m == (moved{}) {
		return
	}
	c.pairs[k] += int64(m.partners)
	c.partners[k][item] += uint32(m.partners)
	c.mass[k][item] += uint64(m.votes)
	c.votes[k] += uint64(m.votes)
}

// ahead is how many changes have their entries brought into the cache at once.
const ahead = 32

// touchAhead reads where the entries of changes are or will be, so that what is
// not in the cache is fetched at once rather than one after the other.
func (c *Counts) touchAhead(changes []change) {
	sum := uint64(0)
	for n := range changes {
		ch := &changes[n]
		rows, width := c.rows[ch.kind], ch.kind.width()
		sum += rows[ch.i].near(hashOf(ch.j), width) + rows[ch.j].near(hashOf(ch.i), width)
	}
	c.ahead = sum
}
