package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/dgraph-io/badger/v4"

	"osusume/recommend"
)

// logState is what the keys of the log say.
type logState struct {
	missing []Range
	gaps    gaps
	// first and count are of the newest chunk; count is 0 when there is none.
	first uint64
	count uint32
	// end is the last sequence used, accepted gaps included.
	end uint64
}

func (st *logState) last() uint64 {
	if st.count == 0 {
		return 0
	}
	return st.first + uint64(st.count) - 1
}

// recover proves that the log still holds what was acknowledged and readies
// the store for appends.
func (s *Store) recover() error {
	if err := os.Remove(filepath.Join(s.dir, checkpointTemp)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("remove unfinished checkpoint: %w", err)
	}
	hw, high, found, damagedSlots, err := openHighWater(filepath.Join(s.dir, highWaterName))
	if err != nil {
		return err
	}
	s.highWater = hw
	for _, err := range damagedSlots {
		s.log.Warn("high-water slot is damaged", "error", err)
	}
	if s.opts.AcceptLoss {
		if high, found, err = s.acceptLoss(high, found); err != nil {
			return fmt.Errorf("accept loss: %w", err)
		}
	}
	st, err := s.scanKeys()
	if err != nil {
		return fmt.Errorf("scan log: %w", err)
	}
	if err := s.prove(&st, high, found, damagedSlots); err != nil {
		return err
	}
	if err := s.dropUnfinished(&st, high); err != nil {
		return fmt.Errorf("remove unfinished batch: %w", err)
	}
	s.end = mark{seq: st.end}
	if st.count > 0 {
		h, err := s.header(st.first, st.count)
		if err != nil {
			return &LossError{Dir: s.dir, Reason: err.Error()}
		}
		s.end.hash = h.hash
	}
	s.last.Store(st.last())
	if !found || s.end != high {
		if err := s.highWater.set(s.end); err != nil {
			return err
		}
	}
	// Slots are written in turn: one write for each that is damaged.
	for range damagedSlots {
		if err := s.highWater.set(s.end); err != nil {
			return err
		}
	}
	return nil
}

// scanKeys reads the keys of the log alone and finds what is missing in it.
func (s *Store) scanKeys() (st logState, err error) {
	err = s.view(func(txn *badger.Txn) error {
		if st.gaps, err = readGaps(txn); err != nil {
			return err
		}
		it := txn.NewIterator(prefixIterator(prefixLog))
		defer it.Close()
		for it.Rewind(); it.Valid(); it.Next() {
			first, count, ok := parseLogKey(it.Item().Key())
			if !ok {
				return fmt.Errorf("log key %x is damaged", it.Item().Key())
			}
			want, _ := st.gaps.after(st.last() + 1)
			if first < want {
				return fmt.Errorf("%s overlap the records before %d", Range{first, first + uint64(count) - 1}, want)
			}
			if first > want {
				st.missing = append(st.missing, Range{want, first - 1})
			}
			st.first, st.count = first, count
		}
		next, _ := st.gaps.after(st.last() + 1)
		st.end = next - 1
		return nil
	})
	return st, err
}

// prove compares the log with the high water: nothing below it may be missing,
// its running hash must be the log's, and what lies above it must be intact.
func (s *Store) prove(st *logState, high mark, found bool, damagedSlots []error) error {
	loss := func(format string, args ...any) error {
		return &LossError{Dir: s.dir, Missing: st.missing, Reason: fmt.Sprintf(format, args...)}
	}
	if high.seq > st.end {
		st.missing = append(st.missing, Range{st.end + 1, high.seq})
	}
	empty := st.count == 0 && len(st.gaps) == 0
	switch {
	case len(damagedSlots) > 0 && !found:
		return loss("the high-water file is damaged (%v), so its end cannot be proved", errors.Join(damagedSlots...))
	case !found && !empty:
		return loss("the high-water file is missing, so its end cannot be proved")
	case high.seq > st.end:
		return loss("it was durable up to record %d but ends at %d", high.seq, st.end)
	case len(st.missing) > 0:
		return loss("it has gaps")
	case empty:
		return nil
	}
	if err := s.proveMark(high); err != nil {
		return loss("%v", err)
	}
	err := s.chunks(context.Background(), max(high.seq, 1), st.last(), func(chunkHeader, []byte) error { return nil })
	if err != nil {
		return loss("%v", err)
	}
	return nil
}

// proveMark checks that the running hash after record m.seq is m.hash.
func (s *Store) proveMark(m mark) error {
	hash, whole, err := s.hashAt(m.seq)
	switch {
	case err != nil:
		return err
	case !whole:
		return fmt.Errorf("record %d, the high water, is not the last of its chunk", m.seq)
	case hash != m.hash:
		return fmt.Errorf("running hash at record %d is %016x, the high water says %016x", m.seq, hash, m.hash)
	}
	return nil
}

// hashAt returns the running hash after the chunk that holds seq (or after the
// last one before it, when seq lies in an accepted gap) and whether seq is the
// last record of that chunk. The hash of an empty log is 0.
func (s *Store) hashAt(seq uint64) (hash uint64, whole bool, err error) {
	err = s.view(func(txn *badger.Txn) error {
		if seq == 0 {
			whole = true
			return nil
		}
		first, count, ok := chunkBefore(txn, seq)
		if !ok {
			whole = true
			return nil
		}
		h, err := headerAt(txn, first, count)
		hash, whole = h.hash, h.last() <= seq
		return err
	})
	return hash, whole, err
}

func (s *Store) header(first uint64, count uint32) (h chunkHeader, err error) {
	err = s.view(func(txn *badger.Txn) error {
		h, err = headerAt(txn, first, count)
		return err
	})
	return h, err
}

// dropUnfinished removes the chunks of an Append that ended between two of its
// transactions. Nobody was told of them: they lie above the high water. The
// newest goes first, so that the rest is still unfinished after a crash here.
func (s *Store) dropUnfinished(st *logState, high mark) error {
	for st.count > 0 && st.last() == st.end && st.last() > high.seq {
		h, err := s.header(st.first, st.count)
		if err != nil {
			return err
		}
		if !h.continued {
			return nil
		}
		s.log.Warn("removing records of an append that was cut short", "from", h.first, "to", h.last())
		if err := s.dropChunk(h); err != nil {
			return err
		}
		next, err := s.scanTail(h.first)
		if err != nil {
			return err
		}
		st.first, st.count = next.first, next.count
		after, _ := st.gaps.after(st.last() + 1)
		st.end = after - 1
	}
	return nil
}

// scanTail finds the newest chunk that begins before seq.
func (s *Store) scanTail(seq uint64) (st logState, err error) {
	err = s.view(func(txn *badger.Txn) error {
		if first, count, ok := chunkBefore(txn, seq-1); ok {
			st.first, st.count = first, count
		}
		return nil
	})
	return st, err
}

// dropChunk deletes a chunk and the dedupe keys of its records.
func (s *Store) dropChunk(h chunkHeader) error {
	return guard(func() error {
		return s.db.Update(func(txn *badger.Txn) error {
			key := logKey(h.first, h.count)
			item, err := txn.Get(key)
			if err != nil {
				return err
			}
			var keys []dedupeKey
			err = item.Value(func(v []byte) error {
				_, payload, err := parseChunk(v)
				if err != nil {
					return err
				}
				var rec recommend.Record
				var dec decoder
				return dec.eachRecord(string(payload), h.first, 0, h.count, &rec, func(_ uint64, rec *recommend.Record) error {
					if id := rec.Key(); id != "" {
						keys = append(keys, dedupeKeyOf(id))
					}
					return nil
				})
			})
			if err != nil {
				return err
			}
			for i := range keys {
				if err := txn.Delete(keys[i][:]); err != nil {
					return err
				}
			}
			return txn.Delete(key)
		})
	})
}
