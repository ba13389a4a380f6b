package cooccur

import (
	"sync"
	"sync/atomic"

	"osusume/recommend/profile"
)

// batchVisitors is how many visitors a worker of Build takes at a time.
const batchVisitors = 64

// Build counts the lines of n visitors from nothing: the result is that of
// adding lines(0) to lines(n-1) one by one. lines is called from several
// goroutines at once; workers below 1 count as 1.
//
// Each worker walks visitors and writes what they change as records of 8 or 16
// bytes (records.go), apart by the shard of the item whose row it is for. When a
// shard has enough of them, and at the end, one worker sorts them and merges
// them into its rows (merge.go). Beside the counts, that takes at most
// 768 MB and a little per worker. Sums are exact, so their
// order does not matter.
//
// With a budget in bytes, rows and records together stay within about twice as much:
// once rows take more, the longest are cut (ceiling.go), which makes counts lower
// bounds as Prune does. 0 is no budget.
func Build(cfg Settings, items, n int, lines func(visitor int) []profile.Line, workers int, budget int64) *Counts {
	cells := mergeCells
	if budget > 0 {
		cells = min(cells, max(int(budget/8/shards), chunkCells))
	}
	return buildMerging(cfg, items, n, lines, workers, cells, budget)
}

// buildMerging is Build with so many cells of a shard kept until they are merged.
func buildMerging(cfg Settings, items, n int, lines func(visitor int) []profile.Line, workers, mergeCells int, budget int64) *Counts {
	c := New(cfg, nil)
	c.Grow(items)
	b := &build{counts: c, mergeCells: mergeCells}
	if budget > 0 {
		b.budget = max(budget/shards, 1)
		c.growBounds()
	}
	workers = min(max(workers, 1), n/batchVisitors+1)
	tallies := make([]*tally, workers)
	each(workers, func(me int) {
		w := newBuilder(b)
		tallies[me] = &w.tally
		for {
			end := int(b.visitor.Add(batchVisitors))
			for v := end - batchVisitors; v < min(end, n); v++ {
				w.add(lines(v))
			}
			if end >= n {
				break
			}
		}
		w.handOver()
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
		m := merger{counts: c}
		for s := int(b.shard.Add(1)) - 1; s < shards; s = int(b.shard.Add(1)) - 1 {
			m.merge(s, &b.shards[s].records, b.budget)
			for i := s; i < items; i += shards {
				c.sum(uint32(i), &sums[me])
			}
			b.shards[s].records = records{}
		}
	})
	for i := range sums {
		c.add(&sums[i])
	}
	for s := range c.shards {
		c.dropped += c.shards[s].dropped
	}
	if c.pruned = c.dropped > 0; !c.pruned {
		c.bounds = [Kinds][]uint32{}
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
	counts  *Counts
	visitor atomic.Int64 // next one
	shard   atomic.Int64 // next one to finish
	shards  [shards]shardRecords
	chunks  chunks

	mergeCells int
	budget     int64 // of a shard's rows, 0 is none
}

// shardRecords is what is to be merged into the rows of a shard.
type shardRecords struct {
	sync.Mutex
	records
}

// builder is a worker of Build.
type builder struct {
	*build
	tally  tally
	walk   walker
	merger merger
	open   [shards][streams][]uint64 // chunks being filled
}

func newBuilder(b *build) *builder {
	c := b.counts
	w := &builder{build: b, merger: merger{counts: c}}
	w.tally.growCases(c.Len())
	w.walk.cfg, w.walk.weights = &c.cfg, newWeights(&c.cfg)
	w.walk.grow(c.Len())
	return w
}

func (w *builder) add(lines []profile.Line) {
	if len(lines) == 0 {
		return
	}
	_, votes := w.walk.votesOf(lines, 0)
	w.walk.visit(lines, 0, 1, votes, votes, &w.tally, func(changes []change) {
		for n := range changes {
			w.change(&changes[n])
		}
	})
	for n := range w.walk.items {
		it := &w.walk.items[n]
		if it.bought {
			w.put(it.item, boughtDays, uint32(it.boughtDay), 0)
		}
		if it.browsed {
			w.put(it.item, browsedDays, uint32(it.browsedDay), 0)
		}
	}
}

// change writes ch into the rows of both items.
func (w *builder) change(ch *change) {
	code := codeOf(ch)
	i, j := hashOf(ch.i), hashOf(ch.j)
	if ch.kind != Sessions {
		w.put(ch.i, stream(ch.kind), j, code)
		w.put(ch.j, stream(ch.kind), i, code)
		return
	}
	w.putSession(ch.i, j, code, ch.after)
	w.putSession(ch.j, i, code|codeReversed, ch.after)
}

// handOver hands over the chunks being filled.
func (w *builder) handOver() {
	for s := range w.open {
		for k, chunk := range w.open[s] {
			if len(chunk) > 0 {
				w.hand(s, stream(k), chunk)
			}
		}
	}
	w.open = [shards][streams][]uint64{}
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
