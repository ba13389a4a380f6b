package cooccur

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
