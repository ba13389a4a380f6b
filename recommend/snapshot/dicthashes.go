package snapshot

// Hashes gives 64-bit hashes dense ids in the order of their first appearance,
// for keys whose text is never asked for again: 17 bytes a key, however long it
// is. Equal hashes are one key, so hash with a secret key: of n random hashes
// any two are equal with a chance of n^2 / 2^65, 1 in 10,000 at 60 million.
//
// The zero value is ready to use; its methods belong to the writer.
type Hashes struct {
	hashes Array[uint64]
	slots  slots
}

// Len is the number of ids.
func (d *Hashes) Len() int { return d.hashes.Len() }

// Hash returns the hash of id.
func (d *Hashes) Hash(id uint32) uint64 { return d.hashes.At(id) }

// Intern returns the id of hash, giving it the next one when it is new.
func (d *Hashes) Intern(hash uint64) uint32 {
	if len(d.slots) > 0 {
		for i := d.slots.start(hash); ; i = d.slots.next(i) {
			s := d.slots[i].Load()
			if s == 0 {
				break
			}
			if d.hashes.At(s-1) == hash {
				return s - 1
			}
		}
	}
	if d.slots.full(d.hashes.Len()) {
		grown := d.slots.grown(d.hashes.Len())
		for id := range uint32(d.hashes.Len()) {
			grown.insert(d.hashes.At(id), id)
		}
		d.slots = grown
	}
	id := d.hashes.Append(hash)
	d.slots.insert(hash, id)
	return id
}

// Expect makes room for n hashes in all at once. It belongs to an empty Hashes.
func (d *Hashes) Expect(n int) { d.slots = d.slots.grown(n) }

// Bytes is the memory taken.
func (d *Hashes) Bytes() int64 { return d.hashes.Bytes() + d.slots.bytes() }

// Freeze returns the current state for readers.
func (d *Hashes) Freeze() FrozenHashes {
	return FrozenHashes{hashes: d.hashes.Freeze(), slots: d.slots}
}

// FrozenHashes is an immutable state of Hashes.
type FrozenHashes struct {
	hashes Frozen[uint64]
	slots  slots
}

// Lookup returns the id of hash and whether it had one when frozen.
func (d FrozenHashes) Lookup(hash uint64) (uint32, bool) {
	if len(d.slots) == 0 {
		return 0, false
	}
	for i := d.slots.start(hash); ; i = d.slots.next(i) {
		s := d.slots[i].Load()
		if s == 0 {
			return 0, false
		}
		if int(s) <= d.hashes.Len() && d.hashes.At(s-1) == hash {
			return s - 1, true
		}
	}
}
