package store

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/dgraph-io/badger/v4"

	"osusume/recommend"
)

// MaxBatchBytes bounds the encoded records of one Append.
const MaxBatchBytes = 256 << 20

// keepBufferBytes is the most an idle store keeps of its encoding buffer.
const keepBufferBytes = 4 << 20

// batchBuffer is the memory of one Append, kept for the next.
type batchBuffer struct {
	bytes  []byte
	keys   []dedupeKey
	seqs   []byte
	chunks []plannedChunk
	seen   map[dedupeKey]uint64
}

// plannedChunk is one chunk before it is written.
type plannedChunk struct {
	start, end       int // of value in batchBuffer.bytes, header included
	keyStart, keyEnd int // of its keys in batchBuffer.keys
	count            uint32
}

func (b *batchBuffer) reset() {
	if cap(b.bytes) > keepBufferBytes {
		*b = batchBuffer{}
	}
	b.bytes, b.keys, b.seqs, b.chunks = b.bytes[:0], b.keys[:0], b.seqs[:0], b.chunks[:0]
	if b.seen == nil {
		b.seen = make(map[dedupeKey]uint64)
	}
	clear(b.seen)
}

// Append makes all records durable or none and returns one Appended per
// record; see the package doc for how. Errors: recommend.CodeTooLarge and
// CodeInvalid for a record (or batch) that cannot be stored, which leave the
// store as it was; CodeUnavailable once the store is closed or has failed. It
// fails for good when a commit fails, since only reopening tells how much of
// it the disk holds.
func (s *Store) Append(records []recommend.Record) ([]recommend.Appended, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.usable(); err != nil {
		return nil, err
	}
	b := &s.buffer
	b.reset()
	out := make([]recommend.Appended, len(records))
	if err := s.plan(b, records, out); err != nil {
		return nil, err
	}
	if len(b.chunks) == 0 {
		return out, nil
	}
	end, err := s.commit(b)
	if err != nil {
		s.failed = err
		s.log.Error("commit failed; the store takes no more records", "error", err)
		return nil, fmt.Errorf("append records: %w", err)
	}
	s.end = end
	s.last.Store(end.seq)
	for _, key := range b.keys {
		s.seen.add(key)
	}
	return out, nil
}

// plan finds the duplicates, numbers the others and encodes them into chunks.
func (s *Store) plan(b *batchBuffer, records []recommend.Record, out []recommend.Appended) error {
	s.learnIDs()
	txn := s.db.NewTransaction(false)
	defer txn.Discard()
	next := s.end.seq + 1
	for i := range records {
		rec := &records[i]
		id := rec.Key()
		var key dedupeKey
		if id != "" {
			key = dedupeKeyOf(id)
			seq, found := b.seen[key]
			if !found && s.seen.knows(key) {
				var err error
				if seq, found, err = lookup(txn, key); err != nil {
					return fmt.Errorf("look up event id of record %d of the batch: %w", i, err)
				}
			}
			if found {
				out[i] = recommend.Appended{Seq: seq, Duplicate: true}
				continue
			}
			b.seen[key] = next
		}
		if err := b.add(rec); err != nil {
			return err
		}
		if id != "" {
			b.keys = append(b.keys, key)
			b.seqs = binary.BigEndian.AppendUint64(b.seqs, next)
			b.chunks[len(b.chunks)-1].keyEnd++
		}
		out[i] = recommend.Appended{Seq: next}
		next++
	}
	return nil
}

// add encodes rec into the last chunk, or into a new one when it is full.
func (b *batchBuffer) add(rec *recommend.Record) error {
	before := len(b.bytes)
	if before == 0 {
		b.open()
	}
	at := len(b.bytes)
	var err error
	if b.bytes, err = appendRecord(b.bytes, rec); err != nil {
		return err
	}
	if len(b.bytes) > MaxBatchBytes {
		return tooLarge("a batch may take at most %d encoded bytes", MaxBatchBytes)
	}
	c := &b.chunks[len(b.chunks)-1]
	if c.count > 0 && (len(b.bytes)-c.start-chunkHeaderBytes > chunkPayloadBytes || c.count == chunkRecords) {
		// The record moves behind the header of a chunk of its own.
		size := len(b.bytes) - at
		b.bytes = append(b.bytes, make([]byte, chunkHeaderBytes)...)
		copy(b.bytes[at+chunkHeaderBytes:], b.bytes[at:at+size])
		b.chunks = append(b.chunks, plannedChunk{start: at, keyStart: c.keyEnd, keyEnd: c.keyEnd})
		c = &b.chunks[len(b.chunks)-1]
	}
	c.count++
	c.end = len(b.bytes)
	return nil
}

// open begins the first chunk.
func (b *batchBuffer) open() {
	b.bytes = append(b.bytes, make([]byte, chunkHeaderBytes)...)
	b.chunks = append(b.chunks, plannedChunk{})
}

// commit writes the chunks, one transaction each, then the high water. A batch
// of several chunks counts only when its last one is there: recovery removes
// the others.
func (s *Store) commit(b *batchBuffer) (mark, error) {
	end := s.end
	batch := end.seq + 1
	for i := range b.chunks {
		c := &b.chunks[i]
		value := b.bytes[c.start:c.end]
		h := chunkHeader{
			count:     c.count,
			continued: i < len(b.chunks)-1,
			first:     end.seq + 1,
			batch:     batch,
			prev:      end.hash,
		}
		hash := sealChunk(value, h)
		if err := s.step("commit"); err != nil {
			return end, err
		}
		if err := s.commitChunk(b, c, h, value); err != nil {
			return end, fmt.Errorf("commit records %d to %d: %w", h.first, h.last(), err)
		}
		end = mark{seq: h.last(), hash: hash}
		if err := s.step("committed"); err != nil {
			return end, err
		}
	}
	if err := s.step("high water"); err != nil {
		return end, err
	}
	return end, s.highWater.set(end)
}

func (s *Store) commitChunk(b *batchBuffer, c *plannedChunk, h chunkHeader, value []byte) error {
	return guard(func() error {
		txn := s.db.NewTransaction(true)
		defer txn.Discard()
		if err := txn.Set(logKey(h.first, h.count), value); err != nil {
			return err
		}
		for k := c.keyStart; k < c.keyEnd; k++ {
			if err := txn.Set(b.keys[k][:], b.seqs[8*k:8*k+8]); err != nil {
				return err
			}
		}
		return txn.Commit()
	})
}

func (s *Store) step(name string) error {
	if s.opts.fault == nil {
		return nil
	}
	return s.opts.fault(name)
}

// lookup returns the sequence of the event with the given dedupe key.
func lookup(txn *badger.Txn, key dedupeKey) (seq uint64, found bool, err error) {
	err = guard(func() error {
		item, err := txn.Get(key[:])
		if errors.Is(err, badger.ErrKeyNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		return item.Value(func(v []byte) error {
			if len(v) != 8 {
				return fmt.Errorf("dedupe entry of %d bytes", len(v))
			}
			seq, found = binary.BigEndian.Uint64(v), true
			return nil
		})
	})
	return seq, found, err
}
