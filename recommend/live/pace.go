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
// budget that fills with time, faster while cores are idle, and with work done for
// records.
type pace struct {
	credit time.Duration
	last   time.Time
	cores  contention
}

// share is the part of a core that lists may take now.
func (p *pace) share() float64 { return listsShare * p.cores.room() }

// earn adds what time since the last call and applying records for so long give.
func (p *pace) earn(applying time.Duration) {
	now := time.Now()
	p.credit = min(p.credit+applying+time.Duration(p.share()*float64(now.Sub(p.last))), mostCredit)
	p.last = now
}

// slice is how long lists may be worked on now.
func (p *pace) slice() time.Duration {
	p.earn(0)
	return min(p.credit, longest)
}

// spend takes what lists took, as w says.
func (p *pace) spend(w stopwatch) {
	worked, ran := w.read()
	p.credit -= worked
	p.cores.add(worked, ran)
}

// wait is how long until it is worth going on.
func (p *pace) wait() time.Duration {
	p.earn(0)
	return max(0, time.Duration(float64(shortest-p.credit)/p.share()))
}

const (
	// recentWork is how much work contention remembers.
	recentWork = 20 * time.Millisecond
	// leastRoom is what work in the background keeps of its share on a machine
	// that has no core to spare.
	leastRoom = 0.1
)

// contention tells from the time that work in the background waited for a core how
// little the machine has to spare. Answers come first, so such work waits when cores
// are busy; asking for less then is what keeps the queue for them short.
type contention struct {
	worked, ran time.Duration // the recent work, by the clock and on a core
}

func (c *contention) add(worked, ran time.Duration) {
	c.worked += worked
	c.ran += min(ran, worked)
	for c.worked > recentWork {
		c.worked /= 2
		c.ran /= 2
	}
}

// room is the part of its share that work in the background may take now, between
// leastRoom and 1: all while it hardly waits, the least when it waited half of the
// time or more.
func (c *contention) room() float64 {
	if c.worked == 0 {
		return 1
	}
	waited := 1 - float64(c.ran)/float64(c.worked)
	return max(leastRoom, 1-2*waited)
}

// stopwatch measures work of a goroutine that has a thread of its own.
type stopwatch struct {
	began time.Time
	ran   time.Duration
}

func startWatch() stopwatch { return stopwatch{began: time.Now(), ran: threadTime()} }

// read returns how long the work took by the clock, and of that on a core.
func (w stopwatch) read() (worked, ran time.Duration) {
	worked = time.Since(w.began)
	if w.ran < 0 {
		return worked, worked
	}
	return worked, threadTime() - w.ran
}
