package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/dgraph-io/badger/v4"

	"osusume/recommend"
)

// deletesPerTransaction keeps a transaction well below Badger's limits.
const deletesPerTransaction = 4096

// damageReport is what a full reading of the log found wrong with it.
type damageReport struct {
	lost []Range
	// breaks are records whose chunk is intact but does not continue the
	// running hash before it.
	breaks []uint64
	// badKeys are of chunks that cannot be read.
	badKeys [][]byte
	// end is the state of the log without the damage.
	end mark
}

func (d *damageReport) holds(seq uint64) bool {
	return seq > d.end.seq || gaps(d.lost).holds(seq)
}

// acceptLoss reads the whole log, gives up what is missing or damaged in it
// and returns the high water that the rest has. Order matters for a crash in
// the middle: the log stays refused until its dedupe keys no longer name lost
// records, so that a client may send those again.
func (s *Store) acceptLoss(high mark, found bool) (mark, bool, error) {
	d, finished, err := s.findDamage(high)
	if err != nil {
		return high, found, err
	}
	if len(d.lost)+len(d.breaks)+len(d.badKeys) == 0 && (found && s.proveMark(high) == nil || !found && d.end.seq == 0) {
		return high, found, nil
	}
	for _, r := range d.lost {
		s.log.Error("acknowledged records are lost; going on without them", "from", r.From, "to", r.To)
	}
	for _, seq := range d.breaks {
		s.log.Error("the running hash is broken; going on", "at", seq)
	}
	if len(d.lost)+len(d.breaks) == 0 {
		s.log.Error("the end of the log cannot be proved; going on with what is there", "last", d.end.seq)
	}
	if err := s.dropDedupe(&d); err != nil {
		return high, found, err
	}
	if err := s.recordGaps(&d); err != nil {
		return high, found, err
	}
	// A checkpoint may include what the log has lost, and would no longer be
	// what a rebuild from the log gives.
	err = os.Remove(filepath.Join(s.dir, checkpointName))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return high, found, fmt.Errorf("remove checkpoint: %w", err)
	}
	if err := syncDir(s.dir); err != nil {
		return high, found, fmt.Errorf("sync data directory: %w", err)
	}
	if err := s.highWater.set(finished); err != nil {
		return high, found, err
	}
	return finished, true, nil
}

// findDamage reads every chunk. finished is the end of the last whole batch.
func (s *Store) findDamage(high mark) (d damageReport, finished mark, err error) {
	var rec recommend.Record
	var dec decoder
	var newest chunkHeader
	var batchStart mark
	err = s.view(func(txn *badger.Txn) error {
		known, err := readGaps(txn)
		if err != nil {
			return err
		}
		it := txn.NewIterator(prefixIterator(prefixLog))
		defer it.Close()
		for it.Rewind(); it.Valid(); it.Next() {
			key := it.Item().KeyCopy(nil)
			first, count, ok := parseLogKey(key)
			want, broken := known.after(d.end.seq + 1)
			h, err := readWhole(it.Item(), &dec, &rec)
			if !ok || err != nil || h.first != first || h.count != count || first < want {
				s.log.Error("a chunk of the log cannot be read", "key", fmt.Sprintf("%x", key), "error", err)
				d.badKeys = append(d.badKeys, key)
				continue
			}
			if h.first == h.batch {
				batchStart = d.end
			}
			switch {
			case first > want:
				d.lost = append(d.lost, Range{want, first - 1})
			case h.prev != d.end.hash && !broken:
				d.breaks = append(d.breaks, first)
			}
			d.end = mark{seq: h.last(), hash: h.hash}
			newest = h
		}
		next, _ := known.after(d.end.seq + 1)
		d.end.seq = next - 1
		return nil
	})
	if high.seq > d.end.seq {
		d.lost = append(d.lost, Range{d.end.seq + 1, high.seq})
		d.end.seq = high.seq
	}
	finished = d.end
	if newest.continued && newest.last() == d.end.seq && newest.last() > high.seq {
		finished = batchStart
	}
	return d, finished, err
}

// readWhole reads a chunk and decodes every record of it.
func readWhole(item *badger.Item, dec *decoder, rec *recommend.Record) (h chunkHeader, err error) {
	err = item.Value(func(v []byte) error {
		var payload []byte
		if h, payload, err = parseChunk(v); err != nil {
			return err
		}
		return dec.eachRecord(string(payload), h.first, 0, h.count, rec, func(uint64, *recommend.Record) error { return nil })
	})
	return h, err
}

// dropDedupe deletes the dedupe keys of lost records.
func (s *Store) dropDedupe(d *damageReport) error {
	var keys [][]byte
	err := s.view(func(txn *badger.Txn) error {
		it := txn.NewIterator(prefixIterator(prefixDedupe))
		defer it.Close()
		for it.Rewind(); it.Valid(); it.Next() {
			err := it.Item().Value(func(v []byte) error {
				if len(v) != 8 || d.holds(binary.BigEndian.Uint64(v)) {
					keys = append(keys, it.Item().KeyCopy(nil))
				}
				return nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("find dedupe keys of lost records: %w", err)
	}
	return s.deleteKeys(keys)
}

func (s *Store) deleteKeys(keys [][]byte) error {
	for part := range slices.Chunk(keys, deletesPerTransaction) {
		err := guard(func() error {
			return s.db.Update(func(txn *badger.Txn) error {
				for _, k := range part {
					if err := txn.Delete(k); err != nil {
						return err
					}
				}
				return nil
			})
		})
		if err != nil {
			return fmt.Errorf("delete keys: %w", err)
		}
	}
	return nil
}

// recordGaps deletes the unreadable chunks and notes what is given up.
func (s *Store) recordGaps(d *damageReport) error {
	if err := s.deleteKeys(d.badKeys); err != nil {
		return err
	}
	noted := slices.Clone(d.lost)
	for _, seq := range d.breaks {
		noted = append(noted, Range{From: seq, To: seq - 1})
	}
	for part := range slices.Chunk(noted, deletesPerTransaction) {
		err := guard(func() error {
			return s.db.Update(func(txn *badger.Txn) error {
				for _, r := range part {
					if err := txn.Set(gapKey(r.From), binary.BigEndian.AppendUint64(nil, r.To)); err != nil {
						return err
					}
				}
				return nil
			})
		})
		if err != nil {
			return fmt.Errorf("note accepted loss: %w", err)
		}
	}
	return nil
}
