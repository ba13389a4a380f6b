package live

import (
	"sync/atomic"
	"time"
)

// Start is filled in by Open while it works, for metrics and logs. Its zero value
// is ready; its methods may be called from any goroutine.
type Start struct{ now atomic.Pointer[Progress] }

// Progress is how far the start is; all zero before it began.
func (s *Start) Progress() Progress {
	if p := s.now.Load(); p != nil {
		return *p
	}
	return Progress{}
}

func (s *Start) tell(p Progress) { s.now.Store(&p) }

// Phase is a step of the start.
type Phase string

// The phases, in order.
const (
	Reading  Phase = "reading"  // the log after the checkpoint
	Counting Phase = "counting" // what goes together; only after long reading
	Ranking  Phase = "ranking"  // all neighbour lists
	Ready    Phase = "ready"
)

// Progress is how far the start is.
type Progress struct {
	Phase Phase
	// Done of Total records of the log are read.
	Done, Total uint64
	// Elapsed is the time since reading began.
	Elapsed time.Duration
}

// Percent is the part of the records that is read, 0 to 100.
func (p Progress) Percent() float64 {
	if p.Total == 0 {
		return 100
	}
	return 100 * float64(p.Done) / float64(p.Total)
}

// PerSecond is how many records were read per second so far, 0 at the very
// beginning.
func (p Progress) PerSecond() float64 {
	if p.Elapsed <= 0 {
		return 0
	}
	return float64(p.Done) / p.Elapsed.Seconds()
}

// Remaining estimates how long reading will go on; the phases after it take
// about as long again. It is 0 while nothing is known.
func (p Progress) Remaining() time.Duration {
	if p.Done == 0 {
		return 0
	}
	return time.Duration(float64(p.Elapsed) * float64(p.Total-p.Done) / float64(p.Done))
}
