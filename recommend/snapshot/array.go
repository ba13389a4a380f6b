// Package snapshot holds the two containers the index is made of: an Array and
// a Dict (string to dense id) that one writer changes in place while readers
// keep seeing the state as it was when it was frozen.
//
// An Array is cut into pages. Freeze copies only the page table; the first
// change to a page after a Freeze clones that page alone, so publishing costs
// what changed, not what exists. Elements appended after a Freeze lie beyond
// the frozen length and need no clone. A Dict only ever grows, so its hash
// table is shared with readers through atomic slots: ids beyond the frozen
// length count as absent.
//
// The zero values are ready to use. All methods of Array and Dict belong to the
// writer; Frozen and FrozenDict are values for any number of readers.
package snapshot

const (
	pageBits = 8
	// PageLen is the number of elements of a page.
	PageLen  = 1 << pageBits
	pageMask = PageLen - 1
)

// page holds the elements alone: one word more and its memory is of the next size
// class, up to an eighth larger.
type page[T any] [PageLen]T

// Array is the writer's side.
type Array[T any] struct {
	pages []*page[T]
	// epochs holds the epoch in which each page was made.
	epochs []uint64
	n      int
	epoch  uint64
	frozen Frozen[T]
	dirty  bool
}

// Len is the number of elements.
func (a *Array[T]) Len() int { return a.n }

// At returns element i; it panics when i is out of range.
func (a *Array[T]) At(i uint32) T { return a.pages[i>>pageBits][i&pageMask] }

// Append adds v and returns its index.
func (a *Array[T]) Append(v T) uint32 {
	i := uint32(a.n)
	if i&pageMask == 0 {
		a.pages = append(a.pages, new(page[T]))
		a.epochs = append(a.epochs, a.epoch)
	}
	a.pages[i>>pageBits][i&pageMask] = v
	a.n++
	a.dirty = true
	return i
}

// Ptr returns a pointer to element i for changing it in place, valid until the
// next Freeze.
func (a *Array[T]) Ptr(i uint32) *T {
	k := i >> pageBits
	p := a.pages[k]
	if a.epochs[k] != a.epoch {
		clone := *p
		p = &clone
		a.pages[k], a.epochs[k] = p, a.epoch
	}
	a.dirty = true
	return &p[i&pageMask]
}

// Set replaces element i.
func (a *Array[T]) Set(i uint32, v T) { *a.Ptr(i) = v }

// Grow appends zero values until the length is at least n.
func (a *Array[T]) Grow(n int) {
	var zero T
	for a.n < n {
		a.Append(zero)
	}
}

// Freeze returns the current state for readers. Without changes since the last
// Freeze it returns the same value at no cost.
func (a *Array[T]) Freeze() Frozen[T] {
	if a.dirty {
		a.frozen = Frozen[T]{pages: append([]*page[T](nil), a.pages...), n: a.n}
		a.epoch++
		a.dirty = false
	}
	return a.frozen
}

// Frozen is an immutable state of an Array.
type Frozen[T any] struct {
	pages []*page[T]
	n     int
}

// Len is the number of elements.
func (f Frozen[T]) Len() int { return f.n }

// At returns element i; it panics when i is out of range.
func (f Frozen[T]) At(i uint32) T { return f.pages[i>>pageBits][i&pageMask] }

// Ref returns a pointer to element i, for reading only.
func (f Frozen[T]) Ref(i uint32) *T { return &f.pages[i>>pageBits][i&pageMask] }
