package snapshot

import "hash/maphash"

// Names gives short strings dense ids in the order of their first appearance,
// like a Dict, in 10 bytes a name and its own: the texts lie end to end in large
// blocks. A text is read out as a new string, so it suits names that are looked
// up often and listed seldom.
//
// The zero value is ready to use; its methods belong to the writer. Lookups are
// seeded per process, so hostile names cannot be made to collide.
type Names struct {
	blocks [][]byte
	used   int           // of the last block
	places Array[uint32] // of the text of each id, see place
	slots  slots
	seed   maphash.Seed
}

// MaxNameBytes is the longest name.
const MaxNameBytes = 256

const (
	blockBits = 16
	// A text begins at a multiple of 4: a place is block and offset / 4. It is
	// its length minus one in a byte, then its bytes.
	placeUnit  = 4
	firstBlock = 4 << 10
)

func place(block, offset int) uint32 {
	at := (uint64(block)<<blockBits | uint64(offset)) / placeUnit
	if at > 1<<32-1 {
		panic("snapshot: more than 16 GB of names")
	}
	return uint32(at)
}

// text returns the bytes at a place.
func text(blocks [][]byte, at uint32) []byte {
	offset := uint64(at) * placeUnit
	b := blocks[offset>>blockBits][offset&(1<<blockBits-1):]
	return b[1 : 2+int(b[0])]
}

// Len is the number of ids.
func (d *Names) Len() int { return d.places.Len() }

// Name returns the name of id.
func (d *Names) Name(id uint32) string { return string(text(d.blocks, d.places.At(id))) }

// Hash is the hash of a name, for InternHashed.
func (d *Names) Hash(name string) uint64 {
	if d.seed == (maphash.Seed{}) {
		d.seed = maphash.MakeSeed()
	}
	return maphash.String(d.seed, name)
}

// Intern returns the id of a name of 1 to MaxNameBytes bytes, giving it the next
// one when it is new.
func (d *Names) Intern(name string) uint32 { return d.InternHashed(name, d.Hash(name)) }

// InternHashed is Intern for a name whose Hash is known.
func (d *Names) InternHashed(name string, hash uint64) uint32 {
	if len(d.slots) > 0 {
		for i := d.slots.start(hash); ; i = d.slots.next(i) {
			s := d.slots[i].Load()
			if s == 0 {
				break
			}
			if string(text(d.blocks, d.places.At(s-1))) == name {
				return s - 1
			}
		}
	}
	if d.slots.full(d.places.Len()) {
		grown := d.slots.grown(d.places.Len())
		for id := range uint32(d.places.Len()) {
			grown.insert(maphash.Bytes(d.seed, text(d.blocks, d.places.At(id))), id)
		}
		d.slots = grown
	}
	id := d.places.Append(d.write(name))
	d.slots.insert(hash, id)
	return id
}

// write keeps a text and returns its place.
func (d *Names) write(name string) uint32 {
	n := len(d.blocks)
	if n == 0 || d.used+1+len(name) > len(d.blocks[n-1]) {
		// Blocks grow with their number, so that few names take little.
		size := min(firstBlock<<min(n, blockBits), 1<<blockBits)
		d.blocks = append(d.blocks, make([]byte, size))
		d.used = 0
		n++
	}
	block := d.blocks[n-1]
	at := place(n-1, d.used)
	block[d.used] = byte(len(name) - 1)
	copy(block[d.used+1:], name)
	d.used = (d.used + 1 + len(name) + placeUnit - 1) / placeUnit * placeUnit
	return at
}

// Bytes is the memory taken.
func (d *Names) Bytes() int64 {
	n := d.places.Bytes() + d.slots.bytes()
	for _, b := range d.blocks {
		n += int64(len(b))
	}
	return n
}

// Freeze returns the current state for readers.
func (d *Names) Freeze() FrozenNames {
	return FrozenNames{blocks: d.blocks, places: d.places.Freeze(), slots: d.slots, seed: d.seed}
}

// FrozenNames is an immutable state of Names.
type FrozenNames struct {
	blocks [][]byte
	places Frozen[uint32]
	slots  slots
	seed   maphash.Seed
}

// Len is the number of ids.
func (d FrozenNames) Len() int { return d.places.Len() }

// Name returns the name of id.
func (d FrozenNames) Name(id uint32) string { return string(text(d.blocks, d.places.At(id))) }

// Lookup returns the id of name and whether it had one when frozen.
func (d FrozenNames) Lookup(name string) (uint32, bool) {
	if len(d.slots) == 0 {
		return 0, false
	}
	for i := d.slots.start(maphash.String(d.seed, name)); ; i = d.slots.next(i) {
		s := d.slots[i].Load()
		if s == 0 {
			return 0, false
		}
		if int(s) <= d.places.Len() && string(text(d.blocks, d.places.At(s-1))) == name {
			return s - 1, true
		}
	}
}
