package live

import (
	"time"
)

const (
	// tick moves the time windows of an idle shop.
	tick = time.Minute
	// A View costs copies of the pages that changed and, in the end, their
	// collection. So while many records come, a View follows the one before after
	// recordsEvery at the earliest, one with nothing new but lists after listsEvery.
	recordsEvery = 2 * time.Millisecond
	listsEvery   = 20 * time.Millisecond
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
		fresh := false // something that callers wait for
		select {
		case b, ok := <-l.committed:
			if !ok {
				l.closeErr = l.checkpoint()
				return
			}
			lists.earn(l.apply(b) + l.applyUntil(l.publishedAt.Add(recordsEvery)))
			fresh = true
		case c := <-l.control:
			c.run()
			close(c.done)
			continue
		case <-idle:
		case <-ranking:
		case <-ticker.C:
			fresh = true
		}
		behind = l.bringUpToDate(&lists, fresh)
	}
}

// apply applies a batch and returns how long that took.
func (l *Live) apply(b batch) time.Duration {
	began := time.Now()
	l.index.Apply(b.last, b.records)
	return time.Since(began)
}

// applyUntil applies what is committed until a View is due and returns how long it
// was busy. It does not go on for longer, whatever waits: those whose records are
// applied wait for the View.
func (l *Live) applyUntil(due time.Time) (busy time.Duration) {
	for {
		early := time.Until(due)
		if early <= 0 {
			return busy
		}
		select {
		case b, ok := <-l.committed:
			if !ok {
				return busy // the loop sees it again
			}
			busy += l.apply(b)
		case <-time.After(early):
			return busy
		}
	}
}

// bringUpToDate re-ranks what changed, as long as its pace allows, publishes, and
// reports whether anything is left to do.
func (l *Live) bringUpToDate(lists *pace, fresh bool) bool {
	now := l.cfg.Clock()
	if l.cfg.FillOnly {
		l.publish(now)
		return false
	}
	l.unpublished = l.unpublished || l.index.Dirty() > 0 || l.index.EvidenceBehind()
	watch, n := startWatch(), 0
	began, slice := watch.began, lists.slice()
	complete := l.index.Refresh(now, func() bool {
		n++
		return n%16 != 0 || time.Since(began) < slice
	})
	more := func() bool { return time.Since(began) < slice }
	if l.recountPopularity(more) {
		l.unpublished = true
	}
	complete = l.index.RecountEvidence(more) && complete
	lists.spend(watch)
	if fresh || (l.unpublished && (complete || time.Since(l.publishedAt) >= listsEvery)) {
		l.publish(now)
	}
	return !complete || l.recount != nil || l.index.PopularityBehind()
}

func (l *Live) publish(now time.Time) {
	began := time.Now()
	l.view.Store(l.index.Publish(now))
	l.publishedAt, l.unpublished = began, false
	l.dirty.Store(int64(l.index.Dirty()))
	l.views.Add(1)
	ch := make(chan struct{})
	close(*l.published.Swap(&ch))
	if l.cfg.Observer != nil {
		l.cfg.Observer.Published(time.Since(began))
	}
}
