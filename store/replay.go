package store

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/dgraph-io/badger/v4"

	"osusume/recommend"
)

// Replay calls fn for every record with sequence >= from that was durable when
// it was called, in order. rec is valid until fn returns; its strings are
// slices of a chunk of up to a megabyte, so clone those that are kept. It
// stops at fn's first error, which it returns as it is. Every chunk is checked
// (CRC, density, running hash) before its first record is handed out; an error
// names the sequences it cannot vouch for.
func (s *Store) Replay(ctx context.Context, from uint64, fn func(seq uint64, rec *recommend.Record) error) (err error) {
	last := s.last.Load()
	if from > last {
		return ctx.Err()
	}
	from = max(from, 1)
	var rec recommend.Record
	var dec decoder
	// A panic of fn is the caller's own and must not pass for a damaged table.
	calling := false
	defer func() {
		if p := recover(); p != nil {
			if calling {
				panic(p)
			}
			err = damaged(p)
		}
	}()
	return s.chunks(ctx, from, last, func(h chunkHeader, payload []byte) error {
		return dec.eachRecord(string(payload), h.first, from, h.count, &rec, func(seq uint64, rec *recommend.Record) error {
			calling = true
			err := fn(seq, rec)
			calling = false
			return err
		})
	})
}

// chunks calls fn for every chunk that holds records from..last, in order,
// after checking it and its place in the chain.
func (s *Store) chunks(ctx context.Context, from, last uint64, fn func(h chunkHeader, payload []byte) error) error {
	var chain chainCheck
	err := s.eachChunk(ctx, from, last, &chain, func(first uint64, count uint32, value []byte) error {
		h, payload, err := parseChunk(value)
		if err == nil {
			err = chain.next(h, first, count)
		}
		if err != nil {
			return fmt.Errorf("%s damaged: %w", Range{first, first + uint64(count) - 1}, err)
		}
		return fn(h, payload)
	})
	if err != nil {
		return err
	}
	return chain.finish(last)
}

// eachChunk sets up chain and calls fn with the key and value of every chunk
// that holds records from..last, in order and unchecked.
func (s *Store) eachChunk(ctx context.Context, from, last uint64, chain *chainCheck, fn func(first uint64, count uint32, value []byte) error) error {
	return s.db.View(func(txn *badger.Txn) error {
		gaps, err := readGaps(txn)
		if err != nil {
			return err
		}
		*chain = newChainCheck(gaps, from)
		start := logKey(from, 0)
		// The chunk that holds from, if it begins earlier.
		if first, count, ok := chunkBefore(txn, from); ok {
			start = logKey(first, count)
		}
		it := txn.NewIterator(prefixIterator(prefixLog))
		defer it.Close()
		for it.Seek(start); it.Valid(); it.Next() {
			if err := ctx.Err(); err != nil {
				return err
			}
			first, count, ok := parseLogKey(it.Item().Key())
			if !ok {
				return fmt.Errorf("log key %x is damaged", it.Item().Key())
			}
			if first > last {
				break
			}
			err := it.Item().Value(func(value []byte) error { return fn(first, count, value) })
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// chainCheck follows the chunks of the log and says whether each is the one
// that belongs there.
type chainCheck struct {
	gaps gaps
	end  mark
	// anchored is set once end.hash is known, open until the first chunk.
	anchored, open bool
}

func newChainCheck(g gaps, from uint64) chainCheck {
	return chainCheck{gaps: g, end: mark{seq: from - 1}, anchored: from == 1, open: true}
}

// next checks the chunk h found under the key (first, count).
func (c *chainCheck) next(h chunkHeader, first uint64, count uint32) error {
	if h.first != first || h.count != count {
		return fmt.Errorf("filed as %d records from %d, holds %d from %d", count, first, h.count, h.first)
	}
	want, broken := c.gaps.after(c.end.seq + 1)
	switch {
	case c.open && h.first < want:
		// The chunk that holds the first record asked for begins before it.
	case h.first < want:
		return fmt.Errorf("overlaps the records up to %d", c.end.seq)
	case h.first > want:
		return fmt.Errorf("%s missing before it", Range{want, h.first - 1})
	case c.anchored && !broken && h.prev != c.end.hash:
		return errors.New("running hash does not continue the record before")
	}
	c.open, c.anchored = false, true
	c.end = mark{seq: h.last(), hash: h.hash}
	return nil
}

// finish checks that the chunks seen reach to last.
func (c *chainCheck) finish(last uint64) error {
	if next, _ := c.gaps.after(c.end.seq + 1); next <= last {
		return fmt.Errorf("%s missing at the end of the log", Range{next, last})
	}
	return nil
}

// gaps are the losses that were accepted, in order. A range that ends before
// it begins marks a broken chain with nothing missing.
type gaps []Range

// after returns the first sequence from next on that is not in a gap, and
// whether a gap or a break was passed.
func (g gaps) after(next uint64) (seq uint64, broken bool) {
	for _, r := range g {
		switch {
		case r.From <= next && next <= r.To:
			next, broken = r.To+1, true
		case r.From == next && r.To < r.From:
			broken = true
		}
	}
	return next, broken
}

// holds reports whether seq is in an accepted gap.
func (g gaps) holds(seq uint64) bool {
	return slices.ContainsFunc(g, func(r Range) bool { return r.From <= seq && seq <= r.To })
}

func readGaps(txn *badger.Txn) (gaps, error) {
	var g gaps
	it := txn.NewIterator(prefixIterator(prefixGap))
	defer it.Close()
	for it.Rewind(); it.Valid(); it.Next() {
		key := it.Item().Key()
		err := it.Item().Value(func(v []byte) error {
			if len(key) != gapKeyBytes || len(v) != 8 {
				return fmt.Errorf("gap entry %x is damaged", key)
			}
			from := binary.BigEndian.Uint64(key[1:])
			g = append(g, Range{From: from, To: binary.BigEndian.Uint64(v)})
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return g, nil
}

// chunkBefore returns the key of the newest chunk that begins at or before seq.
func chunkBefore(txn *badger.Txn, seq uint64) (first uint64, count uint32, ok bool) {
	opts := prefixIterator(prefixLog)
	opts.Reverse = true
	it := txn.NewIterator(opts)
	defer it.Close()
	it.Seek(logKey(seq, 1<<32-1))
	if !it.Valid() {
		return 0, 0, false
	}
	return parseLogKey(it.Item().Key())
}

// headerAt returns the checked header of the chunk under (first, count).
func headerAt(txn *badger.Txn, first uint64, count uint32) (h chunkHeader, err error) {
	item, err := txn.Get(logKey(first, count))
	if err != nil {
		return h, fmt.Errorf("read chunk of record %d: %w", first, err)
	}
	err = item.Value(func(v []byte) error {
		h, _, err = parseChunk(v)
		return err
	})
	if err != nil {
		return h, fmt.Errorf("%s damaged: %w", Range{first, first + uint64(count) - 1}, err)
	}
	return h, nil
}

func prefixIterator(prefix byte) badger.IteratorOptions {
	opts := badger.DefaultIteratorOptions
	// Values lie beside their keys, so there is nothing to fetch ahead.
	opts.PrefetchValues = false
	opts.Prefix = []byte{prefix}
	return opts
}

// view runs fn in a read transaction.
func (s *Store) view(fn func(txn *badger.Txn) error) error {
	return guard(func() error { return s.db.View(fn) })
}
