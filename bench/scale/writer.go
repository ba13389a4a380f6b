package scale

import (
	"time"

	"osusume/recommend"
	"osusume/recommend/engine"
)

// The pace of package live while records wait: lists are re-ranked for
// busyRefresh between two Views, and recounting popularity takes at most one
// part in popularShare of the time and comes at most every popularEvery.
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
	w.index.Refresh(now, func() bool {
		n++
		return n%16 != 0 || time.Since(refresh) < busyRefresh
	})
	if start := time.Now(); !start.Before(w.popularDue) {
		w.index.RefreshPopularity()
		w.popularDue = time.Now().Add(max(popularEvery, popularShare*time.Since(start)))
	}
	w.view = w.index.Publish(now)
	w.Wall += time.Since(began)
	w.CPU += cpuTime() - cpu
}

// CatchUp brings all lists up to date and publishes; it returns how long that
// took, which is not part of Wall.
func (w *Writer) CatchUp(now time.Time) time.Duration {
	began := time.Now()
	w.index.Refresh(now, nil)
	w.index.RefreshPopularity()
	w.view = w.index.Publish(now)
	return time.Since(began)
}
