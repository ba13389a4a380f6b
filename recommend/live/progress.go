package live

import (
	"sync/atomic"
	"time"
)

// Start is filled in by Open while it works, for metrics, health and logs. Its
// zero value is ready; its methods may be called from any goroutine.
type Start struct{ now atomic.Pointer[moment] }

// moment is a Progress whose Elapsed goes on from began until it is Ready.
type moment struct {
	Progress
	began time.Time
}

// Progress is how far the start is; all zero before it began.
func (s *Start) Progress() Progress {
	m := s.now.Load()
	if m == nil {
		return Progress{}
	}
	p := m.Progress
	if p.Phase != Ready {
		p.Elapsed = time.Since(m.began)
	}
	return p
}

// Tell replaces the progress; p.Elapsed is set from the first call on. Open calls
// it, and whoever has more to do before the shop is ready. Calls come one after
// the other.
func (s *Start) Tell(p Progress) {
	m := &moment{Progress: p, began: time.Now()}
	if before := s.now.Load(); before != nil {
		m.began = before.began
	}
	m.Elapsed = time.Since(m.began)
	s.now.Store(m)
}

// Phase is a step of the start.
type Phase string

// The phases, in order. Counting comes only after long reading, Filling only in
// shops that are made up.
const (
	Opening  Phase = ""         // the store; Open has not begun
	Loading  Phase = "loading"  // the checkpoint
	Reading  Phase = "reading"  // the log after the checkpoint
	Counting Phase = "counting" // what goes together
	Ranking  Phase = "ranking"  // all neighbour lists
	Filling  Phase = "filling"  // a generated shop
	Ready    Phase = "ready"
)

func (p Phase) String() string {
	if p == Opening {
		return "opening"
	}
	return string(p)
}

// Progress is how far the start is.
type Progress struct {
	Phase Phase
	// Done of Total records are read from the log, or filled in.
	Done, Total uint64
	// Read is the time spent on those Done.
	Read time.Duration
	// Elapsed is the time since the start began, all phases together.
	Elapsed time.Duration
}

// Percent is the part of the records that is done, 0 to 100.
func (p Progress) Percent() float64 {
	switch {
	case p.Phase == Opening || p.Phase == Loading:
		return 0
	case p.Total == 0:
		return 100
	}
	return 100 * float64(p.Done) / float64(p.Total)
}

// PerSecond is how many records were read per second so far, 0 at the very
// beginning.
func (p Progress) PerSecond() float64 {
	if p.Read <= 0 {
		return 0
	}
	return float64(p.Done) / p.Read.Seconds()
}

// Remaining estimates how long reading will go on; the phases after it take
// about as long again. It is 0 while nothing is known.
func (p Progress) Remaining() time.Duration {
	if p.Done == 0 {
		return 0
	}
	return time.Duration(float64(p.Read) * float64(p.Total-p.Done) / float64(p.Done))
}
