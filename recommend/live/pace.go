package live

import "time"

const (
	// listsShare is the part of a core that lists may take besides; while records
	// come they may also take as long as applying those.
	listsShare = 0.25
	// mostCredit is how long lists may take at once after a calm time, longest how
	// long records may wait for them.
	mostCredit = 50 * time.Millisecond
	longest    = 2 * time.Millisecond
	// shortest is the least time worth beginning for: a View is published each time.
	shortest = longest
)

// pace keeps the work on lists from crowding out answers: on a machine with few
// cores, lists that take all idle time make every answer wait for a core. It is a
// budget that fills with time and with work done for records.
type pace struct {
	credit time.Duration
	last   time.Time
}

// earn adds what time since the last call and applying records for so long give.
func (p *pace) earn(applying time.Duration) {
	now := time.Now()
	p.credit = min(p.credit+applying+time.Duration(listsShare*float64(now.Sub(p.last))), mostCredit)
	p.last = now
}

// slice is how long lists may be worked on now.
func (p *pace) slice() time.Duration {
	p.earn(0)
	return min(p.credit, longest)
}

func (p *pace) spend(d time.Duration) { p.credit -= d }

// wait is how long until it is worth going on.
func (p *pace) wait() time.Duration {
	p.earn(0)
	return max(0, time.Duration(float64(shortest-p.credit)/listsShare))
}
