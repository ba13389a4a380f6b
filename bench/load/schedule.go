package load

import (
	"math/rand/v2"
	"sync"
	"time"
)

// schedule is when requests are due: a Poisson process of rate arrivals a
// second, drawn from a seed, so that two runs offer the same load to the
// nanosecond. Whoever is free claims the next arrival; together the callers
// are one queue, first come, first served.
//
// A rate of 0 is a closed loop: every claim is due at once.
type schedule struct {
	rate float64 // arrivals a second
	end  time.Duration

	mu   sync.Mutex
	rng  *rand.Rand    // guarded by mu
	next time.Duration // since the start; guarded by mu
}

func newSchedule(rate float64, end time.Duration, seed uint64) *schedule {
	return &schedule{rate: rate, end: end, rng: rand.New(rand.NewPCG(seed, 0x5ced))}
}

// claim takes the next arrival at the time now, both since the start. There is
// none once the end has passed: neither a due one nor the clock may be beyond it.
func (s *schedule) claim(now time.Duration) (due time.Duration, ok bool) {
	if now >= s.end {
		return 0, false
	}
	if s.rate <= 0 {
		return now, true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next += time.Duration(s.rng.ExpFloat64() / s.rate * float64(time.Second))
	return s.next, s.next < s.end
}

// rest yields the arrivals nobody claimed until the end: those of a backlog
// that the server never caught up with.
func (s *schedule) rest(yield func(due time.Duration) bool) {
	if s.rate <= 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		s.next += time.Duration(s.rng.ExpFloat64() / s.rate * float64(time.Second))
		if s.next >= s.end || !yield(s.next) {
			return
		}
	}
}
