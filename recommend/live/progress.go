package live

import (
	"sync/atomic"
	"time"
)

// Start is filled in by Open while it works, for metrics, health and logs. Its
// zero value is ready; its methods may be called from any goroutine.
type Start struct{ now atomic.Pointer[moment] }

// moment is a Progress whose Elapsed goes on from began, and InPhase from entered,
// until it is Ready.
type moment struct {
	Progress
	began, entered time.Time
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
		p.InPhase = time.Since(m.entered)
	}
	return p
}

// Tell replaces the progress; p.Elapsed is set from the first call on, p.InPhase
// from the phase's first. Open calls it, and whoever has more to do before the shop
// is ready. Calls come one after the other.
func (s *Start) Tell(p Progress) {
	now := time.Now()
	m := &moment{Progress: p, began: now, entered: now}
	if before := s.now.Load(); before != nil {
		m.began = before.began
		if before.Phase == p.Phase {
			m.entered = before.entered
		}
	}
	m.Elapsed, m.InPhase = now.Sub(m.began), now.Sub(m.entered)
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
	// Elapsed is the time since the start began, all phases together, InPhase since
	// this one began.
	Elapsed, InPhase time.Duration
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

// What follows long reading, as multiples of the time reading takes. Measured with
// 0.1 to 1.5 million events of 100,000 items: 0.2 to 1.0 and 0.5 to 1.8, more with
// more events.
const (
	countingShare = 0.6
	rankingShare  = 1.4
	// overrunShare of the time a phase has taken is what it is thought to take
	// still, once it has taken as long as expected.
	overrunShare = 0.25
)

// Remaining estimates how long the whole start will go on. What comes after reading
// is estimated by the time reading takes, too long where a large checkpoint leaves
// nothing to count and rank. It is 0 while nothing is known.
func (p Progress) Remaining() time.Duration {
	long := p.Total > longReplay
	of := func(read time.Duration, share float64) time.Duration { return time.Duration(share * float64(read)) }
	switch p.Phase {
	case Filling, Reading:
		if p.Done == 0 {
			return 0
		}
		left := time.Duration(float64(p.Read) * float64(p.Total-p.Done) / float64(p.Done))
		if p.Phase == Reading && long {
			left += of(p.Read+left, countingShare+rankingShare)
		}
		return left
	case Counting:
		return p.rest(of(p.Read, countingShare)) + of(p.Read, rankingShare)
	case Ranking:
		if !long {
			return p.rest(0)
		}
		return p.rest(of(p.Read, rankingShare))
	default:
		return 0
	}
}

// rest is what is left of a phase that was expected to take so long.
func (p Progress) rest(expected time.Duration) time.Duration {
	return max(expected-p.InPhase, time.Duration(overrunShare*float64(p.InPhase)))
}
