package scale

import (
	"time"

	"osusume/recommend"
	"osusume/recommend/engine"
)

// The pace of package live while records wait: lists are re-ranked and popularity
// recounted between two Views for as long as applying took, busyRefresh at least;
// recounts take at most one part in popularShare of the time and come at most every
// popularEvery.
const (
	busyRefresh  = 2 * time.Millisecond
	popularEvery = 100 * time.Millisecond
	popularShare = 20
)

// Batch is how many events a Writer is given between two Views, about what a
// commit groups under load.
const Batch = 1000

// Writer drives an index as the live writer of a busy server does, without a log:
// apply what came, re-rank lists within the budget, recount popularity when it is
// due, publish. It measures itself and belongs to one goroutine.
type Writer struct {
	index      *engine.Index
	view       *engine.View
	seq        uint64
	popularDue time.Time
	count      *engine.PopularityJob // under way, or nil
	counting   time.Duration         // spent on it
	ranked     bool                  // it is
	// Wall and CPU are the time spent in Apply so far; CPU is that of the whole
	// process, and equal to Wall where the system does not tell.
	Wall, CPU time.Duration
}

// NewWriter returns a Writer over an empty index.
func NewWriter(s engine.Settings) (*Writer, error) {
	x, err := engine.NewIndex(s)
	if err != nil {
		return nil, err
	}
	return &Writer{index: x}, nil
}

// Index is what is written to.
func (w *Writer) Index() *engine.Index { return w.index }

// View is the newest View, nil before the first Apply.
func (w *Writer) View() *engine.View { return w.view }

// Apply takes records through the index to a View as of now.
func (w *Writer) Apply(records []recommend.Record, now time.Time) {
	began, cpu := time.Now(), cpuTime()
	w.seq += uint64(len(records))
	w.index.Apply(w.seq, records)
	refresh, n := time.Now(), 0
	budget := max(busyRefresh, refresh.Sub(began))
	w.index.Refresh(now, func() bool {
		n++
		return n%16 != 0 || time.Since(refresh) < budget
	})
	w.recount(func() bool { return time.Since(refresh) < budget })
	w.view = w.index.Publish(now)
	w.Wall += time.Since(began)
	w.CPU += cpuTime() - cpu
}

// recount goes on with the count of what sells, and begins one when it is due. The
// server ranks on another goroutine; here that time counts as the writer's.
func (w *Writer) recount(more func() bool) {
	began := time.Now()
	if w.count == nil {
		if began.Before(w.popularDue) {
			return
		}
		if w.count = w.index.PopularityJob(); w.count == nil {
			return
		}
		w.counting, w.ranked = 0, false
	}
	defer func() { w.counting += time.Since(began) }()
	if !w.ranked {
		if !w.index.Count(w.count, more) {
			return
		}
		w.count.Rank()
		w.ranked = true
	}
	if !w.index.Arrivals(w.count, more) {
		return
	}
	w.index.InstallPopularity(w.count)
	w.count = nil
	w.popularDue = time.Now().Add(max(popularEvery, popularShare*(w.counting+time.Since(began))))
}

// CatchUp brings all lists up to date and publishes; it returns how long that
// took, which is not part of Wall.
func (w *Writer) CatchUp(now time.Time) time.Duration {
	began := time.Now()
	w.index.Refresh(now, nil)
	w.index.RefreshPopularity() // gives up a count under way
	w.count = nil
	w.view = w.index.Publish(now)
	return time.Since(began)
}
