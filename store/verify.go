package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/table"

	"osusume/recommend"
)

// Problem is one thing Verify found wrong.
type Problem struct {
	// Part is what is damaged: "log", "dedupe", "document", "decision",
	// "high water", "checkpoint" or "table".
	Part   string
	Detail string
}

// VerifyReport is what Verify read and found.
type VerifyReport struct {
	Records, Chunks uint64
	// PayloadBytes are the encoded records.
	PayloadBytes uint64
	DedupeKeys   uint64
	// Documents and Decisions are the sound entries of either sort.
	Documents, Decisions uint64
	// AcceptedLoss are ranges missing since an open with AcceptLoss.
	AcceptedLoss []Range
	Problems     []Problem
}

// OK reports whether nothing was found.
func (r *VerifyReport) OK() bool { return len(r.Problems) == 0 }

// maxProblems bounds a report: past it the store is known to be bad.
const maxProblems = 100

func (r *VerifyReport) add(part, format string, args ...any) {
	if len(r.Problems) < maxProblems {
		r.Problems = append(r.Problems, Problem{Part: part, Detail: fmt.Sprintf(format, args...)})
	}
}

// Verify reads everything the store holds and reports what is wrong by name:
// tables, every record of the log, its chain, a dedupe key for every event id
// and none beside them, documents and decisions, the high waters, the checkpoint. It may run beside
// appends and sees the records durable when it began. progress (or nil) is
// called with the records read. The error is for a check that could not be
// made, not for what it found.
func (s *Store) Verify(ctx context.Context, progress func(done, total uint64)) (VerifyReport, error) {
	var rep VerifyReport
	s.mu.Lock()
	closed, last, end := s.closed, s.last.Load(), s.end
	if !closed {
		s.verifyHighWater(&rep)
	}
	s.mu.Unlock()
	if closed {
		return rep, errClosed
	}
	s.verifyTables(&rep)
	s.verifyCheckpoint(&rep)
	if err := s.verifyKeyed(&rep); err != nil {
		return rep, err
	}
	if err := s.verifyLog(ctx, &rep, last, progress); err != nil {
		return rep, err
	}
	if end.seq > 0 {
		if hash, _, err := s.hashAt(end.seq); err != nil || hash != end.hash {
			rep.add("log", "running hash at record %d is %016x, want %016x (%v)", end.seq, hash, end.hash, err)
		}
	}
	return rep, ctx.Err()
}

// verifyHighWater compares the file with what was last written; mu is held.
func (s *Store) verifyHighWater(rep *VerifyReport) {
	slots, err := readSlots(s.highWater.f)
	if err != nil {
		rep.add("high water", "%v", err)
		return
	}
	newest := slotState{}
	for i, slot := range slots {
		if slot.err != nil {
			rep.add("high water", "slot %d: %v", i, slot.err)
		}
		if slot.err == nil && slot.generation >= newest.generation {
			newest = slot
		}
	}
	// After a failed commit the file may lag behind or run ahead.
	if newest.mark != s.end && s.failed == nil {
		rep.add("high water", "it says record %d with hash %016x, the log was acknowledged up to %d with %016x",
			newest.seq, newest.hash, s.end.seq, s.end.hash)
	}
}

// verifyTables checks the files of the LSM tree. One that compaction removes
// meanwhile is no problem.
func (s *Store) verifyTables(rep *VerifyReport) {
	for _, t := range s.db.Tables() {
		err := checkTable(table.NewFilename(t.ID, filepath.Join(s.dir, logDirName)))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			rep.add("table", "%v", err)
		}
	}
}

func (s *Store) verifyCheckpoint(rep *VerifyReport) {
	s.checkpointMu.Lock()
	defer s.checkpointMu.Unlock()
	f, err := os.Open(filepath.Join(s.dir, checkpointName))
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	if err != nil {
		rep.add("checkpoint", "%v", err)
		return
	}
	defer f.Close()
	m, _, err := verifyCheckpoint(f)
	if err == nil {
		err = s.sameLog(m)
	}
	if err != nil {
		rep.add("checkpoint", "%v", err)
	}
}

// verifyLog reads the records up to last and their dedupe keys. Unlike Replay
// it goes on behind damage, to name all of it.
func (s *Store) verifyLog(ctx context.Context, rep *VerifyReport, last uint64, progress func(done, total uint64)) error {
	var rec recommend.Record
	var dec decoder
	return s.view(func(txn *badger.Txn) error {
		known, err := readGaps(txn)
		if err != nil {
			rep.add("log", "%v", err)
		}
		for _, r := range known {
			if r.From <= r.To {
				rep.AcceptedLoss = append(rep.AcceptedLoss, r)
			}
		}
		chain := newChainCheck(known, 1)
		keyed := uint64(0)
		it := txn.NewIterator(prefixIterator(prefixLog))
		defer it.Close()
		for it.Rewind(); it.Valid(); it.Next() {
			if err := ctx.Err(); err != nil {
				return err
			}
			first, count, ok := parseLogKey(it.Item().Key())
			if !ok {
				rep.add("log", "key %x is damaged", it.Item().Key())
				continue
			}
			if first > last {
				break
			}
			err := it.Item().Value(func(value []byte) error {
				h, payload, err := parseChunk(value)
				if err != nil {
					return err
				}
				rep.Chunks++
				rep.PayloadBytes += uint64(len(payload))
				if err := chain.next(h, first, count); err != nil {
					rep.add("log", "%s: %v", Range{first, first + uint64(count) - 1}, err)
					chain.end = mark{seq: h.last(), hash: h.hash}
				}
				return dec.eachRecord(string(payload), h.first, 0, h.count, &rec, func(seq uint64, rec *recommend.Record) error {
					rep.Records++
					if id := rec.Key(); id != "" {
						keyed++
						verifyDedupe(txn, rep, id, seq)
					}
					return nil
				})
			})
			if err != nil {
				rep.add("log", "%s damaged: %v", Range{first, first + uint64(count) - 1}, err)
				// Its own range is reported; what follows is judged afresh.
				chain.end.seq, chain.anchored = first+uint64(count)-1, false
			}
			if progress != nil {
				progress(min(first+uint64(count)-1, last), last)
			}
		}
		if err := chain.finish(last); err != nil {
			rep.add("log", "%v", err)
		}
		return countDedupe(txn, rep, keyed, last)
	})
}

func verifyDedupe(txn *badger.Txn, rep *VerifyReport, id string, seq uint64) {
	got, found, err := lookup(txn, dedupeKeyOf(id))
	switch {
	case err != nil:
		rep.add("dedupe", "entry of event %q (record %d): %v", id, seq, err)
	case !found:
		rep.add("dedupe", "event %q (record %d) has no entry", id, seq)
	case got != seq:
		rep.add("dedupe", "entry of event %q names record %d instead of %d", id, got, seq)
	}
}

// countDedupe finds entries that belong to no record: every event has one of
// its own, so the numbers must agree.
func countDedupe(txn *badger.Txn, rep *VerifyReport, keyed, last uint64) error {
	it := txn.NewIterator(prefixIterator(prefixDedupe))
	defer it.Close()
	for it.Rewind(); it.Valid(); it.Next() {
		seq, _, err := lookup(txn, dedupeKey(it.Item().Key()))
		if err != nil {
			rep.add("dedupe", "entry %x: %v", it.Item().Key(), err)
		}
		if seq <= last {
			rep.DedupeKeys++
		}
	}
	if rep.DedupeKeys != keyed {
		rep.add("dedupe", "%d entries for %d events with an id", rep.DedupeKeys, keyed)
	}
	return nil
}
