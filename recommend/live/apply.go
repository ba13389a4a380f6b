package live

import (
	"time"
)

const (
	// How long lists are brought up to date between two publications: while more
	// records wait as long as applying took, so that under any load they get half
	// of the writer's time, but busyRefresh at least; idleRefresh while none wait.
	busyRefresh = 2 * time.Millisecond
	idleRefresh = 20 * time.Millisecond
	// tick moves the time windows of an idle shop.
	tick = time.Minute
	// While records wait, views are published this often at most.
	maxApplyBatches = 8
)

// applyLoop is the only goroutine that touches the index.
func (l *Live) applyLoop() {
	defer close(l.stopped)
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	// behind: lists or popularity are behind and nothing else waits. After a start
	// lists may be.
	behind := !l.cfg.FillOnly
	for {
		var applying time.Duration // of this round
		var idle <-chan time.Time
		switch {
		case behind && (l.index.Dirty() > 0 || l.recount.waits()):
			idle = time.After(0)
		case behind && l.recount == nil:
			idle = time.After(time.Until(l.popularDue))
		}
		select {
		case b, ok := <-l.committed:
			if !ok {
				l.closeErr = l.checkpoint()
				return
			}
			began := time.Now()
			l.index.Apply(b.last, b.records)
			l.drain()
			applying = time.Since(began)
		case c := <-l.control:
			c.run()
			close(c.done)
			continue
		case <-idle:
		case <-l.recount.ranking():
		case <-ticker.C:
		}
		behind = l.bringUpToDate(applying)
	}
}

// drain applies batches that are already waiting, up to a bound.
func (l *Live) drain() {
	for range maxApplyBatches {
		select {
		case b, ok := <-l.committed:
			if !ok {
				return // the loop sees it again
			}
			l.index.Apply(b.last, b.records)
		default:
			return
		}
	}
}

// bringUpToDate re-ranks what changed within its budget, publishes, and reports
// whether anything is left to do. applying is how long the records of this round
// took.
func (l *Live) bringUpToDate(applying time.Duration) bool {
	now := l.cfg.Clock()
	if l.cfg.FillOnly {
		l.publish(now)
		return false
	}
	began := time.Now()
	budget := idleRefresh
	if len(l.committed) > 0 {
		budget = max(busyRefresh, applying)
	}
	n := 0
	complete := l.index.Refresh(now, func() bool {
		n++
		return n%16 != 0 || time.Since(began) < budget
	})
	l.recountPopularity(func() bool { return time.Since(began) < budget })
	l.publish(now)
	return !complete || l.recount != nil || l.index.PopularityBehind()
}

func (l *Live) publish(now time.Time) {
	began := time.Now()
	l.view.Store(l.index.Publish(now))
	l.dirty.Store(int64(l.index.Dirty()))
	l.views.Add(1)
	ch := make(chan struct{})
	close(*l.published.Swap(&ch))
	if l.cfg.Observer != nil {
		l.cfg.Observer.Published(time.Since(began))
	}
}
