package cooccur

import "math"

// Prune drops pairs until Bytes is at most budget or no pair is left, and returns how
// many directed pairs it dropped.
func (c *Counts) Prune(budget int64) (dropped int) {
	aim, step := budget, int64(64)
	for c.Bytes() > budget && c.pairs != [Kinds]int64{} {
		c.StartPrune(aim)
		dropped += c.PruneRows(math.MaxInt)
		// Blocks come in steps, so that once may not do.
		step = max(2*step, c.Bytes()-budget)
		aim -= step
	}
	return dropped
}

// BuildMerging is Build with so many cells of a shard kept until they are merged.
var BuildMerging = buildMerging

// Nth is the element of s that would be at n in ascending order.
func Nth(s []int, n int) int { return nth(s, n) }

// What an image may be refused for.
var (
	ErrImageForm    = errImageForm
	ErrImageDamaged = errImageDamaged
	ErrImageLength  = errImageLength
)
