package load

import (
	"math"
	"testing"
	"time"
)

// arrivals claims all of a schedule before the clock moves.
func arrivals(s *schedule) []time.Duration {
	var out []time.Duration
	for {
		due, ok := s.claim(0)
		if !ok {
			return out
		}
		out = append(out, due)
	}
}

func TestScheduleIsPoisson(t *testing.T) {
	const rate, seconds = 5000.0, 20
	got := arrivals(newSchedule(rate, seconds*time.Second, 7))
	// The count of a Poisson process has the variance of its mean, 100,000: four
	// standard deviations are 4 * 316.
	if n := float64(len(got)); math.Abs(n-rate*seconds) > 4*math.Sqrt(rate*seconds) {
		t.Errorf("%v arrivals in %d s, want about %v", n, seconds, rate*seconds)
	}
	var sum, squares, short float64
	last := time.Duration(0)
	for _, at := range got {
		gap := (at - last).Seconds() * rate // mean 1
		if gap < 0 {
			t.Fatalf("arrival at %v after one at %v", at, last)
		}
		sum += gap
		squares += gap * gap
		if gap < 0.1 {
			short++
		}
		last = at
	}
	n := float64(len(got))
	mean := sum / n
	// Gaps are exponential: the variance is the mean's square, 1, and the share
	// below a tenth of the mean is 1 - exp(-0.1) = 0.0952. Evenly spaced arrivals
	// would have a variance of 0.
	if variance := squares/n - mean*mean; math.Abs(variance-1) > 0.05 {
		t.Errorf("variance of the gaps %.3f, want 1", variance)
	}
	if share := short / n; math.Abs(share-0.0952) > 0.005 {
		t.Errorf("share of gaps below a tenth of the mean %.4f, want 0.0952", share)
	}
}

func TestScheduleFollowsItsSeed(t *testing.T) {
	a, b, c := newSchedule(100, time.Second, 1), newSchedule(100, time.Second, 1), newSchedule(100, time.Second, 2)
	for range 20 {
		x, _ := a.claim(0)
		y, _ := b.claim(0)
		z, _ := c.claim(0)
		if x != y {
			t.Fatalf("one seed gives %v and %v", x, y)
		}
		if x == z {
			t.Fatalf("two seeds give %v", x)
		}
	}
}

func TestScheduleEnds(t *testing.T) {
	s := newSchedule(1000, time.Second, 3)
	all := arrivals(newSchedule(1000, time.Second, 3))
	for range 10 {
		if _, ok := s.claim(0); !ok {
			t.Fatal("no arrival at the start")
		}
	}
	if due, ok := s.claim(time.Second); ok {
		t.Errorf("an arrival at %v after the end", due)
	}
	var rest []time.Duration
	s.rest(func(due time.Duration) bool {
		rest = append(rest, due)
		return true
	})
	if len(rest) != len(all)-10 {
		t.Errorf("%d arrivals left of %d after 10 were claimed", len(rest), len(all))
	}
}

func TestClosedLoopIsDueAtOnce(t *testing.T) {
	s := newSchedule(0, time.Second, 1)
	if due, ok := s.claim(300 * time.Millisecond); !ok || due != 300*time.Millisecond {
		t.Errorf("claim: got %v %v, want 300ms true", due, ok)
	}
	s.rest(func(due time.Duration) bool { t.Errorf("arrival at %v left in a closed loop", due); return false })
}
