package catalog

import (
	"cmp"
	"encoding/binary"
	"iter"
	"slices"
	"sort"

	"osusume/recommend/snapshot"
)

// blockLen bounds a block. An insertion moves at most one block and clones it
// when a snapshot shares it (2 KB); a split moves the table of blocks, 32 KB of
// pointers for a million items, once in blockLen/2 insertions.
const blockLen = 512

// order keeps ids sorted by name, in blocks: a two-level B-tree. Ids are only
// ever added, because names are never forgotten.
type order struct {
	blocks []*block // none empty
	epoch  uint64
	dirty  bool
	frozen frozenOrder
}

type block struct {
	epoch uint64
	n     int
	ids   [blockLen]uint32
}

func (b *block) list() []uint32 { return b.ids[:b.n] }

// frozenOrder is an immutable state of an order.
type frozenOrder struct{ blocks []*block }

func (o *order) freeze() frozenOrder {
	if o.dirty {
		o.frozen = frozenOrder{blocks: slices.Clone(o.blocks)}
		o.epoch++
		o.dirty = false
	}
	return o.frozen
}

// insert adds an id that is not in the order yet.
func (o *order) insert(names *snapshot.Dict, id uint32) {
	o.dirty = true
	name := names.Key(id)
	// The block is the last one that starts before name.
	k := sort.Search(len(o.blocks), func(k int) bool { return names.Key(o.blocks[k].ids[0]) > name }) - 1
	if k < 0 {
		if len(o.blocks) == 0 {
			o.blocks = append(o.blocks, &block{epoch: o.epoch, n: 1, ids: [blockLen]uint32{id}})
			return
		}
		k = 0
	}
	b := o.blocks[k]
	at := sort.Search(b.n, func(j int) bool { return names.Key(b.ids[j]) > name })
	if b.n == blockLen {
		if at == blockLen && k == len(o.blocks)-1 {
			// Ids that come in ascending order leave full blocks behind.
			o.blocks = append(o.blocks, &block{epoch: o.epoch, n: 1, ids: [blockLen]uint32{id}})
			return
		}
		left, right := b.split(o.epoch)
		o.blocks = slices.Insert(o.blocks, k+1, right)
		o.blocks[k] = left
		b = left
		if at > left.n {
			k, at, b = k+1, at-left.n, right
		}
	}
	if b.epoch != o.epoch {
		clone := *b
		clone.epoch = o.epoch
		b = &clone
		o.blocks[k] = b
	}
	copy(b.ids[at+1:], b.ids[at:b.n])
	b.ids[at] = id
	b.n++
}

func (b *block) split(epoch uint64) (left, right *block) {
	const half = blockLen / 2
	left, right = &block{epoch: epoch, n: half}, &block{epoch: epoch, n: blockLen - half}
	copy(left.ids[:], b.ids[:half])
	copy(right.ids[:], b.ids[half:])
	return left, right
}

// build makes the order of all names at once.
func (o *order) build(names *snapshot.Dict) {
	// Most comparisons are settled by the first eight bytes, without a visit
	// to the string.
	type keyed struct {
		prefix uint64
		id     uint32
	}
	all := make([]keyed, names.Len())
	for i := range all {
		var head [8]byte
		copy(head[:], names.Key(uint32(i)))
		all[i] = keyed{prefix: binary.BigEndian.Uint64(head[:]), id: uint32(i)}
	}
	slices.SortFunc(all, func(a, b keyed) int {
		if a.prefix != b.prefix {
			return cmp.Compare(a.prefix, b.prefix)
		}
		return cmp.Compare(names.Key(a.id), names.Key(b.id))
	})
	o.blocks = nil
	o.dirty = true
	for part := range slices.Chunk(all, blockLen) {
		b := &block{epoch: o.epoch, n: len(part)}
		for j := range part {
			b.ids[j] = part[j].id
		}
		o.blocks = append(o.blocks, b)
	}
}

// all iterates over every id in the order of names.
func (f frozenOrder) all() iter.Seq[uint32] {
	return func(yield func(uint32) bool) {
		for _, b := range f.blocks {
			for _, id := range b.list() {
				if !yield(id) {
					return
				}
			}
		}
	}
}

// after iterates over the ids whose names are greater than name.
func (f frozenOrder) after(names snapshot.FrozenDict, name string) iter.Seq[uint32] {
	k := sort.Search(len(f.blocks), func(k int) bool { return names.Key(f.blocks[k].ids[0]) > name }) - 1
	k = max(k, 0)
	return func(yield func(uint32) bool) {
		for k, b := range f.blocks[min(k, len(f.blocks)):] {
			from := 0
			if k == 0 {
				from = sort.Search(b.n, func(j int) bool { return names.Key(b.ids[j]) > name })
			}
			for _, id := range b.ids[from:b.n] {
				if !yield(id) {
					return
				}
			}
		}
	}
}
