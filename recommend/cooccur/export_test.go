package cooccur

// BuildMerging is Build with so many cells of a shard kept until they are merged.
var BuildMerging = buildMerging

// What an image may be refused for.
var (
	ErrImageForm    = errImageForm
	ErrImageDamaged = errImageDamaged
	ErrImageLength  = errImageLength
)
