package live

import (
	"time"
)

const (
	// tick moves the time windows of an idle shop.
	tick = time.Minute
	// While records wait, views are published this often at most.
	maxApplyBatches = 8
)

// applyLoop is the only goroutine that touches the index. What it applies is
// published within milliseconds, since callers wait for it; lists that are not
// ready then follow at their pace.
func (l *Live) applyLoop() {
	defer close(l.stopped)
	behindAnswers()
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	lists := pace{last: time.Now(), credit: mostCredit}
	// behind: lists or popularity are behind. After a start lists may be.
	behind := !l.cfg.FillOnly
	for {
		var idle <-chan time.Time
		// A ranked count that waits for credit is gone on with when idle says so.
		ranking := l.recount.ranking()
		if l.recount.waits() {
			ranking = nil
		}
		switch {
		case behind && (l.index.Dirty() > 0 || l.recount.waits() || l.index.EvidenceBehind()):
			idle = time.After(lists.wait())
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
			lists.earn(time.Since(began))
		case c := <-l.control:
			c.run()
			close(c.done)
			continue
		case <-idle:
		case <-ranking:
		case <-ticker.C:
		}
		behind = l.bringUpToDate(&lists)
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

// bringUpToDate re-ranks what changed, as long as its pace allows, publishes, and
// reports whether anything is left to do.
func (l *Live) bringUpToDate(lists *pace) bool {
	now := l.cfg.Clock()
	if l.cfg.FillOnly {
		l.publish(now)
		return false
	}
	began, n := time.Now(), 0
	slice := lists.slice()
	complete := l.index.Refresh(now, func() bool {
		n++
		return n%16 != 0 || time.Since(began) < slice
	})
	more := func() bool { return time.Since(began) < slice }
	l.recountPopularity(more)
	counted := l.index.RecountEvidence(more)
	lists.spend(time.Since(began))
	l.publish(now)
	return !complete || !counted || l.recount != nil || l.index.PopularityBehind()
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
