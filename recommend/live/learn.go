package live

import (
	"context"
	"time"

	"osusume/recommend/engine"
)

const (
	// learnPause is the least time between two rounds of learning, so that a
	// busy shop learns from many events at a time.
	learnPause = time.Second
	// firstHurry is for how long the first round after the start takes all it can:
	// a small shop is learned by then, a large one goes on within its share.
	firstHurry = 5 * time.Second
	// defaultLearnShare is the part of one core learning may use.
	defaultLearnShare = 0.25
)

// learnLoop solves learned weights in the background: it takes what is due from
// the applier, works on a frozen state, and hands the result back to be
// installed. It pauses in proportion to its work, so that it uses no more than
// its share of a core, but for the beginning of the first round. It ends with the
// applier.
func (l *Live) learnLoop() {
	behindAnswers()
	pause := time.NewTimer(learnPause)
	defer pause.Stop()
	l.hurry.Add(1) // the first round has everything to learn
	calm := time.AfterFunc(learnPause+firstHurry, func() { l.hurry.Add(-1) })
	defer calm.Stop()
	for {
		select {
		case <-l.stopped:
			return
		case <-pause.C:
		}
		began := time.Now()
		l.learnRested = 0
		l.learn(context.Background(), l.throttled)
		worked := time.Since(began) - l.learnRested
		pause.Reset(max(learnPause, restAfter(worked, l.cfg.LearnShare)))
	}
}

// restAfter is how long to rest after so much work to keep to a share of a core.
func restAfter(worked time.Duration, share float64) time.Duration {
	return time.Duration(float64(worked) * (1 - share) / share)
}

// learn runs every due job once, with the given way to run its parts.
func (l *Live) learn(ctx context.Context, parallel func(n int, work func(worker, item int))) {
	l.learnMu.Lock()
	defer l.learnMu.Unlock()
	for set := range l.sets {
		var job *engine.LearnJob
		if err := l.do(ctx, func() { job = l.index.LearnJob(set) }); err != nil {
			return
		}
		if job == nil {
			continue
		}
		began := time.Now()
		l.learning.Store(int64(len(job.Targets)))
		job.Solve(parallel)
		l.learning.Store(0)
		if l.ending() {
			return // unfinished solutions must not be installed
		}
		err := l.do(ctx, func() {
			l.index.Install(job)
			l.publish(l.cfg.Clock())
		})
		if err != nil {
			return
		}
		l.cfg.Logger.Debug("weights learned", "items", len(job.Targets), "took", time.Since(began))
	}
}

// throttled runs work one by one, sleeping between pieces so that a long job
// keeps to its share as well, which is smaller while cores are busy, and gives up
// when the shop closes.
func (l *Live) throttled(n int, work func(worker, item int)) {
	const piece = 10 * time.Millisecond
	share := l.cfg.LearnShare
	watch := startWatch()
	for i := range n {
		if l.ending() {
			return
		}
		work(0, i)
		if time.Since(watch.began) <= piece {
			continue
		}
		worked, ran := watch.read()
		l.learnCores.add(worked, ran)
		if share < 1 && l.hurry.Load() == 0 {
			l.learnRest(restAfter(worked, share*l.learnCores.room()))
		}
		watch = startWatch()
	}
}

// learnRest waits that long, or until the shop closes.
func (l *Live) learnRest(d time.Duration) {
	began := time.Now()
	rest := time.NewTimer(d)
	defer rest.Stop()
	select {
	case <-rest.C:
	case <-l.closing:
	}
	l.learnRested += time.Since(began)
}

func (l *Live) ending() bool {
	select {
	case <-l.closing:
		return true
	default:
		return false
	}
}
