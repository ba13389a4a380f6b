// Package snapshot holds the two containers the index is made of: an Array and
// a Dict (string to dense id) that one writer changes in place while readers
// keep seeing the state as it was when it was frozen.
//
// An Array is cut into small pages, found through tables. Freeze copies only the
// list of tables; the first change to a page after a Freeze clones that page and
// its table alone, so publishing costs what changed, not what exists: pages are
// small because what changes in a shop is scattered. Elements appended after a
// Freeze lie beyond the frozen length and need no clone. A Dict only ever grows, so its hash
// table is shared with readers through atomic slots: ids beyond the frozen
// length count as absent.
//
// The zero values are ready to use. All methods of Array and Dict belong to the
// writer; Frozen and FrozenDict are values for any number of readers.
package snapshot

import "unsafe"

const (
	pageBits = 6
	// PageLen is the number of elements of a page.
	PageLen  = 1 << pageBits
	pageMask = PageLen - 1

	tableBits = 8
	tableLen  = 1 << tableBits
	tableMask = tableLen - 1
)

// page holds the elements alone: one word more and its memory is of the next size
// class, up to an eighth larger.
type page[T any] [PageLen]T

type pageTable[T any] [tableLen]*page[T]

// Array is the writer's side.
type Array[T any] struct {
	tables []*pageTable[T]
	// made holds the epoch in which each table was made, pageMade that of each page.
	made, pageMade []uint32
	n              int
	epoch          uint32
	frozen         Frozen[T]
	dirty          bool
}

// Len is the number of elements.
func (a *Array[T]) Len() int { return a.n }

// Bytes is the memory taken by the elements and the tables.
func (a *Array[T]) Bytes() int64 {
	pages := int64(len(a.pageMade)) * (int64(unsafe.Sizeof(page[T]{})) + 4)
	return pages + int64(len(a.tables))*(int64(unsafe.Sizeof(pageTable[T]{}))+12)
}

// At returns element i; it panics when i is out of range.
func (a *Array[T]) At(i uint32) T {
	return a.tables[i>>(pageBits+tableBits)][i>>pageBits&tableMask][i&pageMask]
}

// Append adds v and returns its index.
func (a *Array[T]) Append(v T) uint32 {
	i := uint32(a.n)
	k := i >> pageBits
	if i&pageMask == 0 {
		if k&tableMask == 0 {
			a.tables = append(a.tables, new(pageTable[T]))
			a.made = append(a.made, a.epoch)
		}
		a.tables[k>>tableBits][k&tableMask] = new(page[T])
		a.pageMade = append(a.pageMade, a.epoch)
	}
	a.tables[k>>tableBits][k&tableMask][i&pageMask] = v
	a.n++
	a.dirty = true
	return i
}

// Ptr returns a pointer to element i for changing it in place, valid until the
// next Freeze.
func (a *Array[T]) Ptr(i uint32) *T {
	k := i >> pageBits
	t := a.tables[k>>tableBits]
	p := t[k&tableMask]
	if a.pageMade[k] != a.epoch {
		if a.made[k>>tableBits] != a.epoch {
			clone := *t
			t = &clone
			a.tables[k>>tableBits], a.made[k>>tableBits] = t, a.epoch
		}
		clone := *p
		p = &clone
		t[k&tableMask], a.pageMade[k] = p, a.epoch
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
		a.frozen = Frozen[T]{tables: append([]*pageTable[T](nil), a.tables...), n: a.n}
		a.dirty = false
		if a.epoch++; a.epoch == 0 { // come round: nothing was made in epoch 1
			clear(a.made)
			clear(a.pageMade)
			a.epoch = 1
		}
	}
	return a.frozen
}

// Frozen is an immutable state of an Array.
type Frozen[T any] struct {
	tables []*pageTable[T]
	n      int
}

// Len is the number of elements.
func (f Frozen[T]) Len() int { return f.n }

// At returns element i, which must be below Len.
func (f Frozen[T]) At(i uint32) T { return *f.Ref(i) }

// Ref returns a pointer to element i, which must be below Len, for reading only.
func (f Frozen[T]) Ref(i uint32) *T {
	return &f.tables[i>>(pageBits+tableBits)][i>>pageBits&tableMask][i&pageMask]
}
