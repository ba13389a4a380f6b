package store

import (
	"crypto/sha256"
	"encoding/binary"
)

// First bytes of the keys, in their order, which matters: see the package doc.
const (
	prefixLog      = 'a'
	prefixDocument = 'c'
	prefixDedupe   = 'd'
	prefixGap      = 'g'
	prefixState    = 's'
	prefixDecision = 'z'
)

const (
	dedupeKeyBytes = 17
	gapKeyBytes    = 9
	logKeyBytes    = 13
)

// dedupeKey is the key of an event id. SHA-256 cut to 128 bits: event ids come
// from browsers, and nobody may craft one that collides with another's.
type dedupeKey [dedupeKeyBytes]byte

func dedupeKeyOf(id string) dedupeKey {
	sum := sha256.Sum256([]byte(id))
	var k dedupeKey
	k[0] = prefixDedupe
	copy(k[1:], sum[:])
	return k
}

// logKey carries the count beside the first sequence, so that one scan of keys
// alone proves the log dense.
func logKey(first uint64, count uint32) []byte {
	k := make([]byte, 0, logKeyBytes)
	k = append(k, prefixLog)
	k = binary.BigEndian.AppendUint64(k, first)
	return binary.BigEndian.AppendUint32(k, count)
}

func parseLogKey(k []byte) (first uint64, count uint32, ok bool) {
	if len(k) != logKeyBytes || k[0] != prefixLog {
		return 0, 0, false
	}
	first, count = binary.BigEndian.Uint64(k[1:]), binary.BigEndian.Uint32(k[9:])
	return first, count, first > 0 && count > 0 && first+uint64(count) > first
}

func gapKey(from uint64) []byte {
	return binary.BigEndian.AppendUint64([]byte{prefixGap}, from)
}
