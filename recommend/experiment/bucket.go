// Package experiment assigns units (customers, visitors) to parts of an
// experiment or a holdout.
//
// Assignment is a hash, not a record: the same seed and unit give the same
// bucket on every machine and for ever, so nothing is stored and nothing can
// be lost. Two seeds give independent buckets. The hash is the public one of
// GrowthBook's second version, so that assignments can be checked elsewhere:
//
//	bucket = fnv1a32(decimal(fnv1a32(seed + unit))) mod 10000
//
// over UTF-8 bytes. One bucket is one basis point: a holdout of 500 basis
// points holds the buckets 0 to 499.
package experiment

import "strconv"

// Buckets is the number of buckets; each is one basis point.
const Buckets = 10_000

// FNV-1a, 32 bits.
const (
	fnvOffset uint32 = 2166136261
	fnvPrime  uint32 = 16777619
)

// Bucket returns the bucket, 0 to Buckets-1, of unit under seed. It does not
// allocate.
func Bucket(seed, unit string) int {
	h := fnvOffset
	for i := range len(seed) {
		h = (h ^ uint32(seed[i])) * fnvPrime
	}
	for i := range len(unit) {
		h = (h ^ uint32(unit[i])) * fnvPrime
	}
	var digits [10]byte
	second := fnvOffset
	for _, c := range strconv.AppendUint(digits[:0], uint64(h), 10) {
		second = (second ^ uint32(c)) * fnvPrime
	}
	return int(second % Buckets)
}
