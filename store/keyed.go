package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"sync"

	"github.com/cespare/xxhash/v2"
	"github.com/dgraph-io/badger/v4"
)

// keyedFormat is the version of the frame around every keyed entry and of the
// state beside them.
const keyedFormat = 1

const (
	// keyedHeader is format and CRC before the body of an entry.
	keyedHeader = 5
	// keyedStateBytes is format, generation, sum and CRC.
	keyedStateBytes   = 21
	keyedHighWaterTag = "highwater-keyed"
)

// keyedPrefixes are the first bytes of all keyed entries.
var keyedPrefixes = [...]byte{prefixDocument, prefixDecision}

// keyed guards the entries that are changed in place, unlike the log. Each
// commit writes, in its own transaction, how many there were and the sum over
// all entries as they are then; the high-water file beside Badger repeats both.
// So an open can tell that exactly what was acknowledged is there: nothing
// lost, nothing come back.
type keyed struct {
	mu sync.Mutex
	// The fields below are owned by mu.
	highWater *highWater
	state     keyedState
	// lastDecision is the newest place given to a decision record.
	lastDecision uint64
	// failed is the error that stopped changes for good.
	failed error
	closed bool
}

// keyedState is the number of commits and the XOR of entrySum over the entries.
type keyedState struct{ generation, sum uint64 }

// keyedChange puts a body under key, or deletes the key when body is nil.
type keyedChange struct {
	key, body []byte
}

// sealEntry frames body for the entry key: format, CRC-32C of key, format and
// body, body. The key is covered so that a value cannot pass for another's.
func sealEntry(key, body []byte) []byte {
	value := make([]byte, keyedHeader, keyedHeader+len(body))
	value[0] = keyedFormat
	value = append(value, body...)
	binary.BigEndian.PutUint32(value[1:], entryCRC(key, value))
	return value
}

func entryCRC(key, value []byte) uint32 {
	crc := crc32.Update(0, castagnoli, key)
	crc = crc32.Update(crc, castagnoli, value[:1])
	return crc32.Update(crc, castagnoli, value[keyedHeader:])
}

// openEntry checks the frame of an entry and returns its body, part of value.
func openEntry(key, value []byte) ([]byte, error) {
	if len(value) < keyedHeader {
		return nil, fmt.Errorf("entry of %d bytes is shorter than its header", len(value))
	}
	if value[0] != keyedFormat {
		return nil, fmt.Errorf("unknown format version %d", value[0])
	}
	if want, got := binary.BigEndian.Uint32(value[1:]), entryCRC(key, value); got != want {
		return nil, fmt.Errorf("CRC is %08x, entry says %08x", got, want)
	}
	return value[keyedHeader:], nil
}

func entrySum(key, value []byte) uint64 {
	var d xxhash.Digest
	d.Reset()
	_, _ = d.Write(key)
	_, _ = d.Write(value)
	return d.Sum64()
}

func sealState(st keyedState) []byte {
	b := append(make([]byte, 0, keyedStateBytes), keyedFormat)
	b = binary.BigEndian.AppendUint64(b, st.generation)
	b = binary.BigEndian.AppendUint64(b, st.sum)
	return binary.BigEndian.AppendUint32(b, crc32.Checksum(b, castagnoli))
}

func parseState(b []byte) (st keyedState, err error) {
	switch {
	case len(b) != keyedStateBytes:
		return st, fmt.Errorf("state of %d bytes, want %d", len(b), keyedStateBytes)
	case b[0] != keyedFormat:
		return st, fmt.Errorf("unknown format version %d", b[0])
	}
	end := keyedStateBytes - 4
	if want, got := binary.BigEndian.Uint32(b[end:]), crc32.Checksum(b[:end], castagnoli); got != want {
		return st, fmt.Errorf("CRC is %08x, state says %08x", got, want)
	}
	return keyedState{generation: binary.BigEndian.Uint64(b[1:]), sum: binary.BigEndian.Uint64(b[9:])}, nil
}

// usable returns why nothing can be changed, if so; mu is held.
func (k *keyed) usable() error {
	if k.closed {
		return errClosed
	}
	if k.failed != nil {
		return unavailable("the store takes no more changes until it is reopened: %v", k.failed)
	}
	return nil
}

// changeKeyed makes changes durable, all or none; keyed.mu is held. The keys of
// one call differ. An error of the commit stops changes for good, since only
// reopening tells how much of it the disk holds.
func (s *Store) changeKeyed(changes []keyedChange) error {
	if len(changes) == 0 {
		return nil
	}
	k := &s.keyed
	next := keyedState{generation: k.state.generation + 1, sum: k.state.sum}
	err := s.step("keyed commit")
	if err == nil {
		err = guard(func() error { return s.commitKeyed(changes, &next) })
	}
	if err == nil {
		err = s.step("keyed committed")
	}
	if err == nil {
		err = k.highWater.set(mark{seq: next.generation, hash: next.sum})
	}
	if err != nil {
		k.failed = err
		s.log.Error("commit failed; the store takes no more changes of configuration and decisions", "error", err)
		return fmt.Errorf("commit changes: %w", err)
	}
	k.state = next
	return nil
}

func (s *Store) commitKeyed(changes []keyedChange, next *keyedState) error {
	txn := s.db.NewTransaction(true)
	defer txn.Discard()
	for _, c := range changes {
		item, err := txn.Get(c.key)
		switch {
		case err == nil:
			err = item.Value(func(old []byte) error {
				next.sum ^= entrySum(c.key, old)
				return nil
			})
		case errors.Is(err, badger.ErrKeyNotFound):
			err = nil
		}
		if err != nil {
			return err
		}
		if c.body == nil {
			err = txn.Delete(c.key)
		} else {
			value := sealEntry(c.key, c.body)
			next.sum ^= entrySum(c.key, value)
			err = txn.Set(c.key, value)
		}
		if err != nil {
			return err
		}
	}
	if err := txn.Set([]byte{prefixState}, sealState(*next)); err != nil {
		return err
	}
	return txn.Commit()
}

// eachEntry calls fn with every entry below prefix, documents in the order of
// their keys and decisions in the order of their places. key and value are valid
// until fn returns; err says why the value cannot be believed, and body is nil
// then.
func eachEntry(txn *badger.Txn, prefix []byte, fn func(key, value, body []byte, err error) error) error {
	opts := badger.DefaultIteratorOptions
	opts.PrefetchValues = false
	opts.Prefix = prefix
	var from []byte // the first key
	if prefix[0] == prefixDecision {
		opts.Reverse = true
		from = []byte{prefixDecision + 1} // behind every place
	}
	it := txn.NewIterator(opts)
	defer it.Close()
	for it.Seek(from); it.Valid(); it.Next() {
		key := it.Item().Key()
		err := it.Item().Value(func(value []byte) error {
			body, err := openEntry(key, value)
			return fn(key, value, body, err)
		})
		if err != nil {
			return err
		}
	}
	return nil
}
