// Package live is the single writer: it takes what a shop sends, makes it
// durable in groups, applies it to the index in sequence order and publishes
// immutable Views that readers answer from without locks.
//
//	callers --queue--> committer --committed--> applier --atomic pointer--> readers
//	            group commit to the Log      Apply, Refresh, Publish
//
// A caller hears "accepted" only after its records are durable, and as a rule
// only after a View with them is published, so that its next read sees them.
// The committer does not wait for the applier: a slow index delays answers, not
// durability. Start and live path run the same Index.Apply; a checkpoint only
// shortens the start.
package live

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"osusume/recommend"
	"osusume/recommend/engine"
	"osusume/recommend/weight"
)

// Observer is told what the writer does; package api turns it into metrics.
// Its methods are called from the writer's goroutines and must not block.
type Observer interface {
	Committed(records int, took time.Duration)
	Published(took time.Duration)
}

// Config is what a Live needs. Log is required; the rest has defaults.
type Config struct {
	Log      Log
	Settings engine.Settings
	// Documents keeps the shop's configuration and Decisions the ledger of its
	// offers; without them there is neither.
	Documents DocumentStore
	Decisions DecisionStore
	// Zone is the shop's: its days are those of caps. Default Japan.
	Zone *time.Location
	// Clock defaults to time.Now.
	Clock func() time.Time
	// Logger defaults to discarding.
	Logger   *slog.Logger
	Observer Observer
	// Progress is called often while the log is replayed at start. Start, when
	// set, tells the same and more to whoever asks meanwhile.
	Progress func(done, total uint64)
	Start    *Start
	// IgnoreCheckpoint replays the whole log, for verification.
	IgnoreCheckpoint bool
	// QueueRecords bounds the records waiting for their commit; beyond it
	// callers get recommend.CodeOverloaded. Default 100,000.
	QueueRecords int
	// FillOnly is for commands that fill or check a shop and ask for no lists:
	// none are made until Refresh or Digest asks for them, and nothing is learned.
	FillOnly bool
	// LearnShare is the part of one core that background learning may use, at
	// most 1. 0 is 0.25; below 0 nothing is learned.
	LearnShare float64
}

// Live owns the index of one shop.
type Live struct {
	cfg       Config
	view      atomic.Pointer[engine.View]
	documents *Documents // nil without Config.Documents
	decisions *Decisions // nil without Config.Documents and Config.Decisions

	// queue carries writes to the committer; queued counts their records.
	queue  chan *write
	queued atomic.Int64
	// committed carries durable records to the applier.
	committed chan batch
	control   chan control
	closing   chan struct{} // closed when Close begins
	stopped   chan struct{} // closed when the applier has ended
	sets      int           // of neighbour lists; fixed
	learning  atomic.Int64  // items being learned
	learnMu   sync.Mutex    // held by whoever learns
	hurry     atomic.Int32  // above 0 while learning need not keep to its share
	// learnCores and learnRested, the rests of a round, are of the goroutine that
	// learns in the background.
	learnCores  contention
	learnRested time.Duration

	// mu guards closed: senders hold it for reading, so that the queue is
	// closed after the last of them.
	mu     sync.RWMutex
	closed bool
	// catalogWrites serialises read-modify-write of items.
	catalogWrites sync.Mutex

	acknowledged atomic.Uint64
	dirty        atomic.Int64
	views        atomic.Uint64
	failure      atomic.Pointer[error]
	// published is closed and replaced at every publication.
	published atomic.Pointer[chan struct{}]

	// Owned by the applier.
	index      *engine.Index
	popularDue time.Time
	recount    *recount
	// publishedAt is when the newest View was, unpublished that lists or popularity
	// changed since.
	publishedAt time.Time
	unpublished bool
	wg          sync.WaitGroup // of the loops and of a ranking
	closeErr    error
}

// Threads is how many threads of a Live commit, apply and learn beside those that
// ask its Views.
const Threads = 3

const (
	defaultQueueRecords = 100_000
	// visibleWait bounds how long an acknowledgement waits for its View.
	visibleWait = 2 * time.Second
)

// Open replays the log and starts the writer.
func Open(ctx context.Context, cfg Config) (*Live, error) {
	if cfg.Log == nil {
		return nil, errors.New("open live: no log")
	}
	if cfg.Clock == nil {
		cfg.Clock = time.Now
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if cfg.Zone == nil {
		// As it has been since 1952, with or without the zone database.
		cfg.Zone = time.FixedZone("Asia/Tokyo", 9*60*60)
	}
	if cfg.Start == nil {
		cfg.Start = &Start{}
	}
	if cfg.QueueRecords <= 0 {
		cfg.QueueRecords = defaultQueueRecords
	}
	switch {
	case cfg.LearnShare == 0:
		cfg.LearnShare = defaultLearnShare
	case !(cfg.LearnShare <= 1):
		return nil, fmt.Errorf("open live: learn share must be at most 1, got %v", cfg.LearnShare)
	}
	l := &Live{
		cfg:       cfg,
		queue:     make(chan *write, 4096),
		committed: make(chan batch, 4),
		control:   make(chan control),
		closing:   make(chan struct{}),
		stopped:   make(chan struct{}),
	}
	ch := make(chan struct{})
	l.published.Store(&ch)
	if err := l.recover(ctx); err != nil {
		return nil, err
	}
	if err := l.configure(); err != nil {
		return nil, err
	}
	l.wg.Go(l.commitLoop)
	l.wg.Go(l.applyLoop)
	if cfg.LearnShare > 0 && !cfg.FillOnly {
		l.wg.Go(l.learnLoop)
	}
	return l, nil
}

// Close stops the writer after all acknowledged records are applied, saves a
// checkpoint and waits for its goroutines. It does not close the Log. Calling
// it again returns the same error.
func (l *Live) Close() error {
	l.mu.Lock()
	if !l.closed {
		l.closed = true
		close(l.closing)
		close(l.queue)
	}
	l.mu.Unlock()
	l.wg.Wait()
	return l.closeErr
}

// View is the newest published View; it never blocks and is never nil.
func (l *Live) View() *engine.View { return l.view.Load() }

// Await returns when every record up to seq is in the published View, or with
// recommend.CodeUnavailable when ctx ends first.
func (l *Live) Await(ctx context.Context, seq uint64) error {
	for {
		ch := *l.published.Load()
		if l.View().Seq() >= seq {
			return nil
		}
		select {
		case <-ch:
		case <-l.stopped:
			if l.View().Seq() >= seq {
				return nil
			}
			return unavailable("the shop is closing")
		case <-ctx.Done():
			return unavailable("record %d is not applied yet, at %d", seq, l.View().Seq())
		}
	}
}

// Status is a snapshot of the writer for metrics and health.
type Status struct {
	// Acknowledged is the newest durable sequence, Applied the newest in the View.
	Acknowledged, Applied uint64
	// QueuedRecords wait for their commit.
	QueuedRecords int
	// DirtyItems wait for their lists to be re-ranked.
	DirtyItems int
	// LearningItems are having their weights learned.
	LearningItems int
	// Views is the number of Views published.
	Views uint64
	// Failed is the error that stopped ingest for good, nil when healthy.
	Failed error
}

// Status returns the current state; it takes no lock readers need.
func (l *Live) Status() Status {
	return Status{
		Applied:       l.View().Seq(),
		Acknowledged:  l.acknowledged.Load(),
		QueuedRecords: int(l.queued.Load()),
		DirtyItems:    int(l.dirty.Load()),
		LearningItems: int(l.learning.Load()),
		Views:         l.views.Load(),
		Failed:        l.failed(),
	}
}

func (l *Live) failed() error {
	if p := l.failure.Load(); p != nil {
		return *p
	}
	return nil
}

// control asks the applier to run something on its own goroutine.
type control struct {
	run  func()
	done chan struct{}
}

// do runs f on the applier's goroutine between batches.
func (l *Live) do(ctx context.Context, f func()) error {
	c := control{run: f, done: make(chan struct{})}
	select {
	case l.control <- c:
		<-c.done
		return nil
	case <-l.stopped:
		return unavailable("the shop is closing")
	case <-ctx.Done():
		return unavailable("gave up waiting for the writer")
	}
}

// Refresh brings every derived list up to date with the counts, learned weights
// included, and publishes: after it, the View equals one rebuilt from the log.
func (l *Live) Refresh(ctx context.Context) error {
	refresh := func() {
		now := l.cfg.Clock()
		l.index.Refresh(now, nil)
		l.index.RefreshPopularity()
		l.publish(now)
	}
	if err := l.do(ctx, refresh); err != nil {
		return err
	}
	l.hurry.Add(1)
	defer l.hurry.Add(-1)
	if err := l.do(ctx, l.index.Unlearn); err != nil {
		return err
	}
	l.learn(ctx, weight.Parallel)
	return l.do(ctx, refresh)
}

// Digest identifies the state of the index after all its lists are up to date:
// equal digests mean equal histories, counts, lists and catalog.
func (l *Live) Digest(ctx context.Context) (string, error) {
	var digest string
	err := l.do(ctx, func() {
		l.index.Refresh(l.cfg.Clock(), nil)
		digest = l.index.Digest()
	})
	return digest, err
}

func unavailable(format string, args ...any) error {
	return &recommend.Error{Code: recommend.CodeUnavailable, Message: fmt.Sprintf(format, args...)}
}
