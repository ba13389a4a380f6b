package weight

import "unsafe"

// List is the neighbours of one item, best first; immutable. The zero value is
// empty. It is one pointer to one block of memory without pointers, so that a
// million lists cost the garbage collector nothing to look through and reading a
// list is one stream:
//
//	number of neighbours, Of   8 bytes
//	Cell by neighbour          8 bytes each
//	support by neighbour       4 bytes each, padded to 8
type List struct{ block *uint64 }

// ListBytes is the memory of a list of n neighbours, without its pointer.
func ListBytes(n int) int64 {
	if n == 0 {
		return 0
	}
	return int64(8 * words(n))
}

func words(n int) int { return 1 + n + (n+1)/2 }

// MakeList returns the list of cells, weights finite and > 0, with the support of
// each. of is the number of cases the item itself occurs in.
func MakeList(cells []Cell, support []uint32, of uint32) List {
	n := len(cells)
	if n == 0 {
		return List{}
	}
	block := make([]uint64, words(n))
	block[0] = uint64(n) | uint64(of)<<32
	l := List{&block[0]}
	copy(l.Cells(), cells)
	copy(l.Supports(), support)
	return l
}

// Len is the number of neighbours.
func (l List) Len() int {
	if l.block == nil {
		return 0
	}
	return int(uint32(*l.block))
}

// Of is the number of cases the item occurred in when the list was made, 0 for an
// empty list.
func (l List) Of() uint32 {
	if l.block == nil {
		return 0
	}
	return uint32(*l.block >> 32)
}

// Cells are the neighbours with their weights; not to be changed.
func (l List) Cells() []Cell {
	if l.block == nil {
		return nil
	}
	return unsafe.Slice((*Cell)(unsafe.Add(unsafe.Pointer(l.block), 8)), l.Len())
}

// Supports are the cases of each neighbour, in the order of Cells; not to be
// changed.
func (l List) Supports() []uint32 {
	if l.block == nil {
		return nil
	}
	n := l.Len()
	return unsafe.Slice((*uint32)(unsafe.Add(unsafe.Pointer(l.block), 8+8*n)), n)
}

// Bytes is the memory of the list, without its pointer.
func (l List) Bytes() int64 { return ListBytes(l.Len()) }
