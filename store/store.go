package store

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/options"

	"osusume/recommend"
)

// logDirName is Badger's directory inside the data directory.
const logDirName = "log"

// externalMagic keeps other programs' Badger directories, and ours of an
// incompatible layout, from being opened by mistake.
const externalMagic = 0x4f54

var errLayout = errors.New("another program wrote it, or an Osusume that kept its log in another layout; " +
	"start with an empty data directory and import the events, or use the version that wrote it")

// Options of a Store; the zero value is ready to use.
type Options struct {
	// Logger defaults to discarding.
	Logger *slog.Logger
	// AcceptLoss makes Open go on when acknowledged records are missing or
	// damaged. Open then reads the whole log, logs every range it gives up at
	// error level, and records it so that later opens accept it too.
	AcceptLoss bool

	// fault, in tests, is called before each step of a commit with its name
	// ("commit", "committed", "high water"); its error is the step's error.
	fault func(step string) error
}

// Store is the durable log of one shop in one directory. Its methods may be
// called from several goroutines.
type Store struct {
	dir  string
	log  *slog.Logger
	db   *badger.DB
	opts Options
	lock *dirLock

	// last is the newest durable record's sequence; readers load it freely.
	last atomic.Uint64
	// droppedCheckpoints counts damaged checkpoints removed since Open.
	droppedCheckpoints atomic.Uint64

	// checkpointMu is held while a checkpoint is written or read.
	checkpointMu sync.Mutex

	mu sync.Mutex
	// The fields below are owned by mu.
	highWater *highWater
	// end is the last sequence used (records or an accepted gap) and its
	// running hash. It differs from last only after a loss at the very end.
	end mark
	// failed is the error that stopped appends for good.
	failed error
	closed bool
	buffer batchBuffer
	seen   seen // but for its bytes
	// scanning is set once the ids stored before are being read.
	scanning bool

	// keyed has a lock of its own; whoever takes both takes mu first.
	keyed keyed

	closing chan struct{}  // closed by Close
	scan    sync.WaitGroup // the reading of ids
}

// LossError reports acknowledged records that Open did not find.
type LossError struct {
	Dir string
	// Missing are the ranges of sequences that are gone, in order. It is empty
	// when only the end of the log cannot be proved.
	Missing []Range
	Reason  string
}

// Range is an inclusive range of sequences.
type Range struct{ From, To uint64 }

func (r Range) String() string {
	if r.From == r.To {
		return fmt.Sprintf("record %d", r.From)
	}
	return fmt.Sprintf("records %d to %d", r.From, r.To)
}

func (e *LossError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "the log in %s is not what was acknowledged: %s", e.Dir, e.Reason)
	const named = 10
	for i, r := range e.Missing {
		switch {
		case i == named:
			fmt.Fprintf(&b, " and %d more ranges", len(e.Missing)-named)
		case i > named:
		case i == 0:
			b.WriteString("; missing: " + r.String())
		default:
			b.WriteString(", " + r.String())
		}
	}
	b.WriteString(". Restore a backup, or accept the loss to go on with what is there")
	return b.String()
}

// badgerOptions are small where Badger's defaults are made for another scale
// (they take 800 MB), and checked where they are not.
func badgerOptions(dir string, log *slog.Logger) badger.Options {
	return badger.DefaultOptions(dir).
		WithLogger(badgerLogger{log}).
		WithExternalMagic(externalMagic).
		WithSyncWrites(true).
		WithMemTableSize(8 << 20).
		WithNumMemtables(2).
		WithNumCompactors(2).
		// Compaction after every second table does least work in all, and no long
		// pieces of it that answers would wait for.
		WithNumLevelZeroTables(2).
		// Uncompressed blocks are read from the page cache and need no block
		// cache; checkTable has verified every table before it is opened.
		WithCompression(options.None).
		WithBlockCacheSize(0).
		WithIndexCacheSize(0).
		WithChecksumVerificationMode(options.OnBlockRead).
		WithVerifyValueChecksum(true).
		// No value is as large as the threshold, so the value log stays empty.
		WithValueThreshold(1 << 20).
		WithValueLogFileSize(2 << 20).
		WithDetectConflicts(false).
		WithMetricsEnabled(false)
}

// Open opens the store in dir, creating it when there is none. It fails with
// recommend.CodeUnavailable when another process has it open and with a
// *LossError when acknowledged records are missing.
func Open(dir string, opts Options) (*Store, error) {
	log := opts.Logger
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("create data directory: %w", err)
	}
	lock, err := lockDir(dir)
	if err != nil {
		return nil, inUse(dir, err)
	}
	s := &Store{dir: dir, log: log, opts: opts, lock: lock, closing: make(chan struct{})}
	if err := s.open(); err != nil {
		return nil, errors.Join(inUse(dir, err), s.Close())
	}
	return s, nil
}

func (s *Store) open() error {
	logDir := filepath.Join(s.dir, logDirName)
	opts := badgerOptions(logDir, s.log)
	if err := preflight(logDir, opts, s.log); err != nil {
		return fmt.Errorf("open store: %w", err)
	}
	err := guard(func() error {
		var err error
		s.db, err = badger.Open(opts)
		return err
	})
	if err != nil {
		return fmt.Errorf("open store in %s: %w", logDir, err)
	}
	if err := s.recover(); err != nil {
		return err
	}
	return s.recoverKeyed()
}

// inUse gives the error of a directory that another process holds its code.
func inUse(dir string, err error) error {
	if errors.Is(err, errLocked) || strings.Contains(err.Error(), "Cannot acquire directory lock") {
		return &recommend.Error{
			Code:    recommend.CodeUnavailable,
			Message: fmt.Sprintf("data directory %s is in use by another osusume process", dir),
		}
	}
	return err
}

var errLocked = errors.New("locked by another process")

var errClosed = &recommend.Error{Code: recommend.CodeUnavailable, Message: "the store is closed"}

// usable returns why the store cannot take more records, if so. mu is held.
func (s *Store) usable() error {
	if s.closed {
		return errClosed
	}
	if s.failed != nil {
		return unavailable("the store takes no more records until it is reopened: %v", s.failed)
	}
	return nil
}

func unavailable(format string, args ...any) *recommend.Error {
	return &recommend.Error{Code: recommend.CodeUnavailable, Message: fmt.Sprintf(format, args...)}
}

// LastSeq is the sequence of the newest durable record, 0 when empty.
func (s *Store) LastSeq() uint64 { return s.last.Load() }

// Close releases the directory. It may be called again.
func (s *Store) Close() error {
	s.checkpointMu.Lock()
	defer s.checkpointMu.Unlock()
	s.mu.Lock()
	was := s.closed
	s.closed = true
	s.mu.Unlock()
	if was {
		return nil
	}
	close(s.closing)
	s.scan.Wait() // it takes mu in the end
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keyed.mu.Lock()
	defer s.keyed.mu.Unlock()
	s.keyed.closed = true
	var err error
	if s.db != nil {
		err = guard(s.db.Close)
	}
	if s.highWater != nil {
		err = errors.Join(err, s.highWater.close())
	}
	if s.keyed.highWater != nil {
		err = errors.Join(err, s.keyed.highWater.close())
	}
	err = errors.Join(err, s.lock.release())
	if err != nil {
		return fmt.Errorf("close store: %w", err)
	}
	return nil
}
