package evidence

// Facts are what counts depend on, of one item: the ordinals that package
// catalog gives its family, item group and leaf category, 0 for none.
type Facts struct{ Family, Group, Leaf uint32 }

// related reports whether a pair of items with these facts is counted.
func (f Facts) related(g Facts) bool {
	return f.Family != 0 && f.Family == g.Family || f.Group != 0 && f.Group == g.Group
}

// alone reports whether the item can have no relatives.
func (f Facts) alone() bool { return f.Family == 0 && f.Group == 0 }

// factBook tells the facts of items as they were on one side of a recount.
type factBook struct {
	base    []Facts
	changes map[uint32]Facts // nil on the side of the old facts
}

func (b *factBook) of(item uint32) Facts {
	if b.changes != nil {
		if f, ok := b.changes[item]; ok {
			return f
		}
	}
	if int(item) < len(b.base) {
		return b.base[item]
	}
	return Facts{}
}

// itemBits is a set of items of the writer's.
type itemBits []uint64

func (b itemBits) has(i uint32) bool { return int(i/64) < len(b) && b[i/64]>>(i%64)&1 != 0 }

func (b *itemBits) set(i uint32) {
	if n := int(i/64) + 1; n > len(*b) {
		*b = append(*b, make([]uint64, n-len(*b))...)
	}
	(*b)[i/64] |= 1 << (i % 64)
}
