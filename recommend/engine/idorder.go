package engine

import "encoding/binary"

// idOrder compares items by their external ids. Lists are full of equal weights,
// so making them is to a large part comparing ids; it looks at 8 bytes of each,
// which lie together in memory, and at the ids themselves only when these are the
// same. Those 8 bytes come after what all ids begin with.
type idOrder struct {
	id     func(item uint32) string
	heads  []uint64 // by item
	shared string
}

// grow takes up the items up to n.
func (o *idOrder) grow(n int) {
	for len(o.heads) < n {
		id := o.id(uint32(len(o.heads)))
		if len(o.heads) == 0 {
			o.shared = id
		}
		if k := common(o.shared, id); k < len(o.shared) {
			o.shared = o.shared[:k]
			for i := range o.heads {
				o.heads[i] = o.head(o.id(uint32(i)))
			}
		}
		o.heads = append(o.heads, o.head(id))
	}
}

// common is the length of what a and b begin with.
func common(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

func (o *idOrder) head(id string) uint64 {
	var b [8]byte
	copy(b[:], id[len(o.shared):])
	return binary.BigEndian.Uint64(b[:])
}

// less reports whether a's id comes before b's.
func (o *idOrder) less(a, b uint32) bool {
	if x, y := o.heads[a], o.heads[b]; x != y {
		return x < y
	}
	return o.id(a) < o.id(b)
}
