package profile

import (
	"crypto/rand"
	"encoding/binary"

	"github.com/dchest/siphash"
)

// nodeKind keeps equal ids of different kinds apart.
type nodeKind uint64

// The kinds.
const (
	noNode nodeKind = iota
	anonymousNode
	sessionNode
	orderNode
	eventNode
)

// hashKey is the secret that nodes are hashed with. It belongs to the state and
// goes with it into checkpoints; no result depends on it.
type hashKey struct{ k0, k1 uint64 }

func newHashKey() hashKey {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	return hashKey{binary.LittleEndian.Uint64(b[:8]), binary.LittleEndian.Uint64(b[8:])}
}

// hash is SipHash-2-4 (Aumasson and Bernstein, "SipHash: a fast short-input PRF",
// 2012) under a key of the kind's own.
func (k hashKey) hash(kind nodeKind, id string) uint64 {
	var buf [64]byte
	return siphash.Hash(k.k0^uint64(kind), k.k1, append(buf[:0], id...))
}
