// Package live is the single writer: it takes what a shop sends, makes it
// durable in groups, applies it to the index in sequence order and publishes
// immutable Views that readers answer from without locks.
package live

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"osusume/recommend"
	"osusume/recommend/engine"
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
	// Clock defaults to time.Now.
	Clock func() time.Time
	// Logger defaults to discarding.
	Logger   *slog.Logger
	Observer Observer
	// Progress is called while the log is replayed at start.
	Progress func(done, total uint64)
}

// Live owns the index of one shop.
type Live struct{}

var errTodo = errors.New("not built yet")

// Open replays the log and starts the writer.
func Open(ctx context.Context, cfg Config) (*Live, error) { return nil, errTodo }

// Close stops the writer after all acknowledged records are applied, saves a
// checkpoint and waits for its goroutines. It does not close the Log.
func (l *Live) Close() error { return errTodo }

// View is the newest published View; it never blocks and is never nil.
func (l *Live) View() *engine.View { return nil }

// Ingest makes events durable and returns a verdict for each, in order, and
// the sequence of the last accepted one. Events that fail Validate are
// rejected and do not keep the others back. An event without ID gets one. The
// error is set only when nothing was acknowledged (overloaded, unavailable).
func (l *Live) Ingest(ctx context.Context, events []recommend.Event) ([]recommend.Verdict, uint64, error) {
	return nil, 0, errTodo
}

// PutItems creates or replaces items, all or none.
func (l *Live) PutItems(ctx context.Context, items []recommend.Item) (seq uint64, err error) {
	return 0, errTodo
}

// PatchItem changes the existing item id with patch; concurrent patches of one
// item do not lose each other's changes. An error of patch is returned as it
// is and changes nothing.
func (l *Live) PatchItem(ctx context.Context, id string, patch func(*recommend.Item) error) (recommend.Item, uint64, error) {
	return recommend.Item{}, 0, errTodo
}

// DeleteItem removes an item from every list; what was learned from it stays.
func (l *Live) DeleteItem(ctx context.Context, id string) (seq uint64, err error) { return 0, errTodo }

// Await returns when every record up to seq is in the published View, or with
// the context's error (as recommend.CodeUnavailable).
func (l *Live) Await(ctx context.Context, seq uint64) error { return errTodo }

// Refresh brings every derived list up to date with the counts and publishes:
// after it, the View equals one rebuilt from the log.
func (l *Live) Refresh(ctx context.Context) error { return errTodo }

// Status is a snapshot of the writer for metrics and health.
type Status struct {
	// Acknowledged is the newest durable sequence, Applied the newest in the View.
	Acknowledged, Applied uint64
	// QueuedRecords wait for their commit.
	QueuedRecords int
	// DirtyItems wait for their lists to be re-ranked.
	DirtyItems int
	// Views is the number of Views published.
	Views uint64
	// Failed is the error that stopped ingest for good, nil when healthy.
	Failed error
}

// Status returns the current state; it takes no lock readers need.
func (l *Live) Status() Status { return Status{} }
