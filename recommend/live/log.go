package live

import (
	"context"
	"io"

	"osusume/recommend"
)

// Log is the durable, totally ordered record of everything acknowledged.
// Package store implements it on Badger; store/storetest holds the suite that
// every implementation passes.
type Log interface {
	// Append makes all records durable in one atomic commit and returns one
	// Appended per record, in order. Records whose Key is already in the log,
	// or earlier in the same batch, are duplicates: they are not written.
	// New records get dense sequence numbers in batch order. When it returns
	// an error nothing of the batch may be counted on.
	Append(records []recommend.Record) ([]recommend.Appended, error)
	// ReplayChunks calls fn for every record with sequence >= from, in order and
	// in runs without a gap, the first of which has the sequence first. The
	// records and their items are valid until fn returns, strings longer. It stops
	// at fn's first error.
	ReplayChunks(ctx context.Context, from uint64, fn func(first uint64, records []recommend.Record) error) error
	// LastSeq is the sequence of the newest durable record, 0 when empty.
	LastSeq() uint64
	// SaveCheckpoint stores an opaque snapshot that includes all records up to
	// seq, atomically replacing the one before.
	SaveCheckpoint(seq uint64, write func(w io.Writer) error) error
	// LoadCheckpoint hands the newest intact snapshot to read and reports
	// whether there was one. A damaged one counts as absent and is removed;
	// an error of read is returned as it is.
	LoadCheckpoint(read func(seq uint64, r io.Reader) error) (bool, error)
}
