package cooccur

import (
	"sync"
	"sync/atomic"

	"osusume/recommend/profile"
)

const (
	// batchVisitors is how many visitors a worker of Build takes at a time.
	batchVisitors = 64
	// backlog is how many changes a worker keeps for a shard before it applies
	// them: enough to make its rows come into the cache for many.
	backlog = 512
)

// Build counts the lines of n visitors from nothing: the result is that of
// adding lines(0) to lines(n-1) one by one. lines is called from several
// goroutines at once; workers below 1 count as 1.
//
// Each worker walks visitors and sorts the changes of pairs by the shard of the
// item whose row they are for; a shard's changes are applied in portions, by one
// worker at a time. Sums are exact, so their order does not matter.
func Build(cfg Settings, items, n int, lines func(visitor int) []profile.Line, workers int) *Counts {
	c := New(cfg, nil)
	c.Grow(items)
	b := &build{counts: c}
	workers = min(max(workers, 1), n/batchVisitors+1)
	tallies := make([]*tally, workers)
	each(workers, func(me int) {
		w := newBuilder(b)
		tallies[me] = &w.tally
		for {
			end := int(b.next.Add(batchVisitors))
			for v := end - batchVisitors; v < min(end, n); v++ {
				w.add(lines(v))
			}
			if end >= n {
				break
			}
		}
		for s := range shards {
			w.apply(s)
		}
	})
	for _, t := range tallies {
		c.mergeTotals(t)
	}
	sums := make([]sums, workers)
	each(workers, func(me int) {
		first, end := me*items/workers, (me+1)*items/workers
		for _, t := range tallies {
			c.mergeItems(t, uint32(first), uint32(end))
		}
		for i := first; i < end; i++ {
			c.sum(uint32(i), &sums[me])
		}
	})
	for i := range sums {
		c.add(&sums[i])
	}
	return c
}

// each runs fn(0) to fn(n-1) at once and waits for all.
func each(n int, fn func(int)) {
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { fn(i) })
	}
	wg.Wait()
}

// build is what the workers of Build share.
type build struct {
	counts *Counts
	next   atomic.Int64 // visitor
	locks  [shards]sync.Mutex
}

// builder is a worker of Build.
type builder struct {
	*build
	tally   tally
	walk    walker
	backlog [shards][]directed
}

// directed is a change for the row of one of its items.
type directed struct {
	change
	reversed bool // of item j
}

func newBuilder(b *build) *builder {
	w := &builder{build: b}
	c := b.counts
	w.tally.grow(c.Len())
	w.walk.cfg, w.walk.weights = &c.cfg, newWeights(&c.cfg)
	w.walk.grow(c.Len())
	for s := range w.backlog {
		w.backlog[s] = make([]directed, 0, backlog)
	}
	return w
}

func (w *builder) add(lines []profile.Line) {
	if len(lines) == 0 {
		return
	}
	_, votes := w.walk.votesOf(lines, 0)
	w.walk.visit(lines, 0, 1, votes, &w.tally, func(changes []change) {
		for n := range changes {
			w.put(changes[n].i%shards, directed{changes[n], false})
			w.put(changes[n].j%shards, directed{changes[n], true})
		}
	})
}

func (w *builder) put(shard uint32, d directed) {
	w.backlog[shard] = append(w.backlog[shard], d)
	if len(w.backlog[shard]) == backlog {
		w.apply(int(shard))
	}
}

// apply applies the backlog of a shard.
func (w *builder) apply(shard int) {
	w.locks[shard].Lock()
	defer w.locks[shard].Unlock()
	c := w.counts
	for n := range w.backlog[shard] {
		d := &w.backlog[shard][n]
		if d.reversed {
			c.shards[shard].change(&c.rows[d.kind][d.j], d.i, &d.change, 1, true, false)
		} else {
			c.shards[shard].change(&c.rows[d.kind][d.i], d.j, &d.change, 1, false, false)
		}
	}
	w.backlog[shard] = w.backlog[shard][:0]
}

// sums is what is summed over all items.
type sums struct {
	pairs [Kinds]int64
	votes [Kinds]uint64
}

func (c *Counts) add(s *sums) {
	for k := range Kinds {
		c.pairs[k] += s.pairs[k]
		c.votes[k] += s.votes[k]
	}
}

// sum recounts what is summed over the pairs of item and adds it to s.
func (c *Counts) sum(item uint32, s *sums) {
	for k := range Kinds {
		partners, mass := uint32(0), uint64(0)
		c.Each(k, item, func(_ uint32, p Pair) {
			partners++
			mass += uint64(p.Votes)
		})
		c.partners[k][item], c.mass[k][item] = partners, mass
		s.pairs[k] += int64(partners)
		s.votes[k] += mass
	}
}
