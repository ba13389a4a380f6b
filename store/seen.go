package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"sync/atomic"
	"time"
	"unsafe"

	"github.com/dgraph-io/badger/v4"
)

// seen tells most event ids that are new without asking Badger, which is the larger
// part of looking for duplicates: a look-up goes through the memtables and a filter
// of every table. It never takes a known id for a new one.
//
// It only speeds things up, so it is not kept on disk. Ids stored before are read in
// the background after the first Append; until then every id is asked for.
type seen struct {
	// before holds the ids of the log as it was when it was opened, complete once
	// ready is set; since those that came later.
	before, since idFilter
	ready         bool
	bytes         atomic.Int64 // of both, for readers
}

// knows reports false for an id that is certainly new.
func (s *seen) knows(key dedupeKey) bool {
	return !s.ready || s.since.has(key) || s.before.has(key)
}

func (s *seen) add(key dedupeKey) {
	s.since.add(key)
	s.bytes.Store(s.before.bytes() + s.since.bytes())
}

// idFilter is a Bloom filter of which each id touches one cache line (Putze et al.,
// Cache-, Hash- and Space-Efficient Bloom Filters, 2007). When it is full, a layer
// of twice the size goes on. The keys are digests already and need no hashing.
type idFilter struct {
	layers [][]block
	room   int // left in the last layer
}

// block is one cache line.
type block [8]uint64

const (
	firstBlocks = 1 << 12 // 256 KiB
	bitsPerID   = 12
	bitsSet     = 6 // of each id
)

// add adds an id.
func (f *idFilter) add(key dedupeKey) {
	if f.room == 0 {
		n := firstBlocks << len(f.layers)
		f.layers = append(f.layers, make([]block, n))
		f.room = n * int(unsafe.Sizeof(block{})) * 8 / bitsPerID
	}
	f.room--
	layer := f.layers[len(f.layers)-1]
	b := &layer[placeIn(layer, key)]
	for bits, n := binary.BigEndian.Uint64(key[9:]), 0; n < bitsSet; n++ {
		b[bits>>6&7] |= 1 << (bits & 63)
		bits >>= 9
	}
}

// has reports whether the id may have been added; a false answer is certain.
func (f *idFilter) has(key dedupeKey) bool {
layers:
	for _, layer := range f.layers {
		b := &layer[placeIn(layer, key)]
		for bits, n := binary.BigEndian.Uint64(key[9:]), 0; n < bitsSet; n++ {
			if b[bits>>6&7]&(1<<(bits&63)) == 0 {
				continue layers
			}
			bits >>= 9
		}
		return true
	}
	return false
}

// placeIn is the id's block; the number of blocks is a power of two.
func placeIn(layer []block, key dedupeKey) int {
	return int(binary.BigEndian.Uint64(key[1:]) & uint64(len(layer)-1))
}

func (f *idFilter) bytes() int64 {
	n := 0
	for _, l := range f.layers {
		n += len(l)
	}
	return int64(n) * int64(unsafe.Sizeof(block{}))
}

const (
	// scanPiece is how many ids are read before the scan rests, scanRest for how
	// long, as a multiple of the time that took: it must not keep answers waiting.
	scanPiece = 2048
	scanRest  = 3
)

// learnIDs starts to read the ids that are stored, once. mu is held.
func (s *Store) learnIDs() {
	if s.scanning || s.seen.ready {
		return
	}
	if s.end.seq == 0 {
		s.seen.ready = true
		return
	}
	s.scanning = true
	txn := s.db.NewTransaction(false)
	s.scan.Go(func() {
		defer txn.Discard()
		var before idFilter
		switch err := s.readIDs(txn, &before); {
		case errors.Is(err, errClosed):
			return
		case err != nil:
			s.log.Warn("event ids are looked up one by one: the stored ones could not be read", "error", err)
			return
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.closed {
			return
		}
		s.seen.before, s.seen.ready = before, true
		s.seen.bytes.Store(s.seen.before.bytes() + s.seen.since.bytes())
	})
}

// readIDs adds all stored ids that txn sees, a few at a time.
func (s *Store) readIDs(txn *badger.Txn, into *idFilter) error {
	rest := time.NewTimer(0)
	defer rest.Stop()
	return guard(func() error {
		it := txn.NewIterator(badger.IteratorOptions{Prefix: []byte{prefixDedupe}})
		defer it.Close()
		began, n := time.Now(), 0
		for it.Rewind(); it.Valid(); it.Next() {
			k := it.Item().Key()
			if len(k) != dedupeKeyBytes {
				return fmt.Errorf("event id of %d bytes", len(k))
			}
			into.add(dedupeKey(k))
			if n++; n%scanPiece != 0 {
				continue
			}
			rest.Reset(scanRest * time.Since(began))
			select {
			case <-s.closing:
				return errClosed
			case <-rest.C:
			}
			began = time.Now()
		}
		return nil
	})
}
