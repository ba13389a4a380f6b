package live

import (
	"time"

	"osusume/recommend/engine"
)

const (
	// popularity is recounted at most every popularEvery, and so seldom that
	// it takes at most one part in popularShare of the time of a core.
	popularEvery = 100 * time.Millisecond
	popularShare = 20
	// rankHere is how long counting may take for the ranking, which takes a few
	// times as long, to be done on the spot.
	rankHere = time.Millisecond
)

// recount is a count of what sells under way, nil when there is none. The applier
// counts a little at a time and another goroutine ranks, so that in a shop of a
// million items, where this takes seconds, no event waits for it.
type recount struct {
	job    *engine.PopularityJob
	worked time.Duration
	ranked chan struct{} // nil while counting, closed when ranked
}

// ranking is closed when the applier can go on with a ranked count; nil when it is
// not waiting for one.
func (r *recount) ranking() <-chan struct{} {
	if r == nil {
		return nil
	}
	return r.ranked
}

// waits reports whether the applier has something to do for the count.
func (r *recount) waits() bool {
	if r == nil {
		return false
	}
	select {
	case <-r.ranked:
		return true
	default:
		return r.ranked == nil
	}
}

// recountPopularity begins a count when one is due and goes on with it while more
// returns true; it reports whether there is a new one.
func (l *Live) recountPopularity(more func() bool) bool {
	began := time.Now()
	if l.recount == nil {
		if began.Before(l.popularDue) {
			return false
		}
		job := l.index.PopularityJob()
		if job == nil {
			return false
		}
		l.recount = &recount{job: job}
	}
	r := l.recount
	if r.ranked == nil {
		counted := l.index.Count(r.job, more)
		r.worked += time.Since(began)
		if !counted {
			return false
		}
		r.ranked = make(chan struct{})
		rank := func() {
			began := time.Now()
			r.job.Rank()
			r.worked += time.Since(began)
			close(r.ranked)
		}
		if r.worked < rankHere {
			rank()
		} else {
			l.wg.Go(rank)
		}
		began = time.Now()
	}
	if !r.waits() || !l.index.Arrivals(r.job, more) {
		return false
	}
	l.index.InstallPopularity(r.job)
	l.popularDue = time.Now().Add(max(popularEvery, popularShare*(r.worked+time.Since(began))))
	l.recount = nil
	return true
}
