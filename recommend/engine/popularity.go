package engine

import (
	"math"
	"slices"

	"osusume/recommend/catalog"
	"osusume/recommend/cooccur"
)

// popularity is what sells, as of one day; immutable. A shop without purchases
// counts those who browse instead of those who buy.
type popularity struct {
	// buyers holds distinct buyers per window and item; most is the greatest.
	buyers [len(windows)][]uint32
	most   [len(windows)]uint32
	// ranked holds, per window, the items with buyers, most first.
	ranked [len(windows)][]uint32
	// bestsellers holds every item: buyers of 30 days, of all time, then viewers.
	bestsellers []uint32
	// trending holds items that sell faster than in the weeks before.
	trending []uint32
	// excess is how far each trending item is above expectation; see rankTrending.
	excess  []float64
	figures figures
	// rebuy marks the items people buy again.
	rebuy []bool
	day   int32
	// customers and sessions are how many there are in all.
	customers, sessions uint32
}

const (
	trendingDays = 7
	trendingBase = 30
	trendingLow  = 3 // least buyers of a trending item
	// rebuyPrior buyers who did not come back are assumed of every item, so that
	// one repeater among three buyers does not make a staple.
	rebuyPrior = 10
)

// PopularityJob recounts what sells, in three parts so that nobody waits for it:
// Count and Arrivals read the counts and belong to the writer, a little at a time;
// Rank, most of the work, may run on any goroutine in between.
type PopularityJob struct {
	p       *popularity
	kind    cooccur.Kind
	names   *catalog.Snapshot
	models  []model
	viewers []uint32
	counted uint32 // items so far
	search  *search
}

// PopularityBehind reports whether there is something to recount.
func (x *Index) PopularityBehind() bool { return x.popStale }

// PopularityJob begins to recount; nil when nothing changed. Changes from now on
// are for the next one. A job under way is given up.
func (x *Index) PopularityJob() *PopularityJob {
	if !x.popStale && x.popular != nil && x.recount == nil {
		return nil
	}
	x.popStale = false
	names := x.catalog.Snapshot()
	n := names.Len()
	j := &PopularityJob{
		p: &popularity{
			day: x.day, rebuy: make([]bool, n),
			customers: x.counts.Total(cooccur.Customers), sessions: x.counts.Total(cooccur.Sessions),
		},
		kind:  cooccur.Customers,
		names: names, models: x.models, viewers: make([]uint32, n), search: x.newSearch(),
	}
	if x.counts.Total(j.kind) == 0 {
		j.kind = cooccur.Sessions
	}
	for w := range windows {
		j.p.buyers[w] = make([]uint32, n)
	}
	x.recount = j
	return j
}

// Count goes on counting while more, asked now and then, returns true; it reports
// whether it is done.
func (x *Index) Count(j *PopularityJob, more func() bool) bool {
	p, c := j.p, x.counts
	for i := j.counted; i < uint32(len(j.viewers)); i++ {
		if i%64 == 0 && !more() {
			j.counted = i
			return false
		}
		j.viewers[i] = c.Since(cooccur.Sessions, i, p.day-trendingBase)
		if bought := c.Single(cooccur.Customers, i); bought > 0 {
			p.rebuy[i] = float64(c.Repeaters(i)) >= x.cfg.RebuyRate*float64(bought+rebuyPrior)
		}
		for w, days := range windows {
			since := p.day - int32(days)
			if days == 0 {
				since = math.MinInt32
			}
			b := c.Since(j.kind, i, since)
			p.buyers[w][i] = b
			p.most[w] = max(p.most[w], b)
		}
	}
	j.counted = uint32(len(j.viewers))
	return true
}

// Rank orders what was counted.
func (j *PopularityJob) Rank() {
	p, names := j.p, j.names
	for w := range windows {
		for i, b := range p.buyers[w] {
			if b > 0 {
				p.ranked[w] = append(p.ranked[w], uint32(i))
			}
		}
		sortBy(p.ranked[w], names, func(i uint32) float64 { return float64(p.buyers[w][i]) })
	}
	p.bestsellers = make([]uint32, len(j.viewers))
	for i := range p.bestsellers {
		p.bestsellers[i] = uint32(i)
	}
	month, ever := p.buyers[windowIndex(30)], p.buyers[windowIndex(0)]
	slices.SortFunc(p.bestsellers, func(a, b uint32) int {
		for _, counts := range [...][]uint32{month, ever, j.viewers} {
			if counts[a] != counts[b] {
				return int(int64(counts[b]) - int64(counts[a]))
			}
		}
		return byID(names, a, b)
	})
	p.rankTrending(names)
	p.figures = p.figuresFor(j.models)
}

// Arrivals finds the new arrivals and what they are like, while more returns
// true; it reports whether it is done.
func (x *Index) Arrivals(j *PopularityJob, more func() bool) bool { return x.find(j.search, more) }

// InstallPopularity makes a finished job count from the next Publish on, unless it
// was given up.
func (x *Index) InstallPopularity(j *PopularityJob) {
	if j != x.recount {
		return
	}
	x.recount = nil
	x.popular, x.newcomers = j.p, j.search.found
	for _, s := range x.sets {
		s.rescale()
	}
	if !x.counts.Pruning() {
		x.startBound()
	}
}

// RefreshPopularity recounts what sells, here and now, if anything changed; its
// cost is linear in the number of items.
func (x *Index) RefreshPopularity() {
	j := x.PopularityJob()
	if j == nil {
		return
	}
	always := func() bool { return true }
	x.Count(j, always)
	j.Rank()
	x.Arrivals(j, always)
	x.InstallPopularity(j)
}

// rankTrending orders items by how far the buyers of the last week exceed what
// the weeks before lead to expect, in standard deviations of a Poisson count.
func (p *popularity) rankTrending(names *catalog.Snapshot) {
	week, month := p.buyers[windowIndex(trendingDays)], p.buyers[windowIndex(trendingBase)]
	excess := func(i uint32) float64 {
		expected := float64(month[i]-week[i]) * trendingDays / (trendingBase - trendingDays)
		return (float64(week[i]) - expected) / math.Sqrt(expected+1)
	}
	for _, i := range p.ranked[windowIndex(trendingDays)] {
		if week[i] >= trendingLow && excess(i) > 0 {
			p.trending = append(p.trending, i)
		}
	}
	sortBy(p.trending, names, excess)
	for _, i := range p.trending {
		p.excess = append(p.excess, excess(i))
	}
}

// sum is at least 1 so that shares of nothing are 0.
func sum(counts []uint32) float64 {
	var n uint64
	for _, c := range counts {
		n += uint64(c)
	}
	return float64(max(n, 1))
}

func sortBy(items []uint32, names *catalog.Snapshot, score func(uint32) float64) {
	slices.SortFunc(items, func(a, b uint32) int {
		switch sa, sb := score(a), score(b); {
		case sa > sb:
			return -1
		case sa < sb:
			return 1
		default:
			return byID(names, a, b)
		}
	})
}

func byID(names *catalog.Snapshot, a, b uint32) int {
	switch {
	case a == b:
		return 0
	case names.Less(a, b):
		return -1
	default:
		return 1
	}
}
