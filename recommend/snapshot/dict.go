package snapshot

import (
	"hash/maphash"
	"sync/atomic"
)

// Dict gives strings dense ids in the order of their first appearance. Lookups
// are seeded per process, so hostile keys cannot be made to collide.
type Dict struct {
	keys    Array[string]
	table   *table
	fetched int // keeps what LookupAll reads ahead from being optimised away
}

type table struct {
	seed  maphash.Seed
	slots []atomic.Uint32 // id+1, 0 is empty; length is a power of two
}

const minSlots = 64

// Len is the number of ids.
func (d *Dict) Len() int { return d.keys.Len() }

// Key returns the string of id.
func (d *Dict) Key(id uint32) string { return d.keys.At(id) }

// Lookup returns the id of key and whether it has one.
func (d *Dict) Lookup(key string) (uint32, bool) {
	if d.table == nil {
		return 0, false
	}
	for i := d.table.start(key); ; i = d.table.next(i) {
		s := d.table.slots[i].Load()
		if s == 0 {
			return 0, false
		}
		if d.keys.At(s-1) == key {
			return s - 1, true
		}
	}
}

// None is the id of no key.
const None = ^uint32(0)

// LookupAll sets ids to those of keys, None for a key that has none. It waits for
// memory fewer times than as many calls of Lookup: what all keys need next is asked
// for at once.
func (d *Dict) LookupAll(keys []string, ids []uint32) {
	if d.table == nil {
		for n := range keys {
			ids[n] = None
		}
		return
	}
	for n, key := range keys {
		ids[n] = uint32(d.table.start(key))
	}
	first := func(start uint32) (key string) {
		if s := d.table.slots[start].Load(); s != 0 {
			key = d.keys.At(s - 1)
		}
		return key
	}
	fetched := 0
	for n := range keys {
		fetched += int(d.table.slots[ids[n]].Load())
	}
	for n := range keys {
		fetched += len(first(ids[n]))
	}
	for n := range keys {
		if key := first(ids[n]); key != "" {
			fetched += int(key[0])
		}
	}
	d.fetched = fetched
	for n, key := range keys {
		start := int(ids[n])
		ids[n] = None
		for i := start; ; i = d.table.next(i) {
			s := d.table.slots[i].Load()
			if s == 0 {
				break
			}
			if d.keys.At(s-1) == key {
				ids[n] = s - 1
				break
			}
		}
	}
}

// Intern returns the id of key, giving it the next one when it is new.
func (d *Dict) Intern(key string) uint32 {
	if id, ok := d.Lookup(key); ok {
		return id
	}
	if d.table == nil || 3*(d.keys.Len()+1) > 2*len(d.table.slots) {
		d.grow()
	}
	id := d.keys.Append(key)
	d.table.insert(key, id)
	return id
}

func (d *Dict) grow() {
	size := minSlots
	t := &table{seed: maphash.MakeSeed()}
	if d.table != nil {
		size = 2 * len(d.table.slots)
		t.seed = d.table.seed
	}
	t.slots = make([]atomic.Uint32, size)
	for id := range uint32(d.keys.Len()) {
		t.insert(d.keys.At(id), id)
	}
	d.table = t
}

// Freeze returns the current state for readers.
func (d *Dict) Freeze() FrozenDict {
	return FrozenDict{keys: d.keys.Freeze(), table: d.table}
}

// LookupBytes is Lookup without a string made first.
func (d FrozenDict) LookupBytes(key []byte) (uint32, bool) {
	if d.table == nil {
		return 0, false
	}
	for i := int(maphash.Bytes(d.table.seed, key)) & (len(d.table.slots) - 1); ; i = d.table.next(i) {
		s := d.table.slots[i].Load()
		if s == 0 {
			return 0, false
		}
		if int(s) <= d.keys.Len() && d.keys.At(s-1) == string(key) {
			return s - 1, true
		}
	}
}

func (t *table) start(key string) int {
	return int(maphash.String(t.seed, key)) & (len(t.slots) - 1)
}

func (t *table) next(i int) int { return (i + 1) & (len(t.slots) - 1) }

func (t *table) insert(key string, id uint32) {
	i := t.start(key)
	for t.slots[i].Load() != 0 {
		i = t.next(i)
	}
	t.slots[i].Store(id + 1)
}

// FrozenDict is an immutable state of a Dict.
type FrozenDict struct {
	keys  Frozen[string]
	table *table
}

// Len is the number of ids.
func (d FrozenDict) Len() int { return d.keys.Len() }

// Key returns the string of id.
func (d FrozenDict) Key(id uint32) string { return d.keys.At(id) }

// Lookup returns the id of key and whether it had one when frozen.
func (d FrozenDict) Lookup(key string) (uint32, bool) {
	if d.table == nil {
		return 0, false
	}
	for i := d.table.start(key); ; i = d.table.next(i) {
		s := d.table.slots[i].Load()
		if s == 0 {
			return 0, false
		}
		if int(s) <= d.keys.Len() && d.keys.At(s-1) == key {
			return s - 1, true
		}
	}
}
