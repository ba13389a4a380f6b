package engine

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/cespare/xxhash/v2"

	"osusume/recommend/cooccur"
	"osusume/recommend/weight"
)

// The lists of a checkpoint, little endian, padded with zeros to 8 bytes:
//
//	settings   32 bytes, sha256 of all that lists depend on but the records
//	day        8, of the lists
//	flags      8: 1 when counts moved since all lists were made
//	behind     a byte by item
//	order      4 each: number and items that are behind, in order
//	checksum   8, xxhash64 of all before it
//	by set     length (8), then the set
//
// and a set:
//
//	lengths    8 each: cells of all lists
//	learned    1 or 0 in 8 bytes
//	lists      by item: neighbours and Of (4, 4)
//	           cells: item and weight (4, 4), then 4 for each support
//	solutions  of learned sets, by item: flags (4), number (4), cells
//	checksum   8, xxhash64 of the set
//
// Lists follow from the counts: a section that is damaged or was made under other
// settings is passed over and all lists are made anew.

var errLists = errors.New("lists of a checkpoint are damaged or of other settings")

// Flags of a learned target.
const (
	wasSolved = 1 << iota
	wasBehind
	wasRecut
	learnedFlags = 1<<iota - 1
)

// listsFingerprint identifies the settings that lists depend on.
func (x *Index) listsFingerprint() [sha256.Size]byte {
	h := sha256.New()
	fmt.Fprintf(h, "lists 1 %+v %d %d", x.cfg.Counts, x.cfg.MaxLines, len(x.sets))
	for _, s := range x.sets {
		fmt.Fprintf(h, "\n%+v", s.spec)
	}
	return [sha256.Size]byte(h.Sum(nil))
}

// appendListsHead appends what comes before the sets.
func (x *Index) appendListsHead(b []byte) []byte {
	start := len(b)
	sum := x.listsFingerprint()
	b = append(b, sum[:]...)
	b = binary.LittleEndian.AppendUint64(b, uint64(x.day))
	flags := uint64(0)
	if x.drifted {
		flags = 1
	}
	b = binary.LittleEndian.AppendUint64(b, flags)
	for _, why := range x.waiting.why {
		b = append(b, byte(why&reasons))
	}
	b = binary.LittleEndian.AppendUint32(b, uint32(x.Dirty()))
	for _, item := range x.waiting.all() {
		b = binary.LittleEndian.AppendUint32(b, item)
	}
	return seal(b, start)
}

// seal appends the checksum of what follows start.
func seal(b []byte, start int) []byte {
	return binary.LittleEndian.AppendUint64(b, xxhash.Sum64(b[start:]))
}

// unseal returns b without its checksum.
func unseal(b []byte) ([]byte, bool) {
	if len(b) < 8 {
		return nil, false
	}
	body := b[:len(b)-8]
	return body, binary.LittleEndian.Uint64(b[len(body):]) == xxhash.Sum64(body)
}

// appendTo appends the lists of the set.
func (s *listSet) appendTo(b []byte) []byte {
	start := len(b)
	b = binary.LittleEndian.AppendUint64(b, uint64(s.cells))
	items := uint32(s.lists.Len())
	for i := range items {
		l := s.lists.At(i)
		b = binary.LittleEndian.AppendUint32(b, uint32(l.Len()))
		b = binary.LittleEndian.AppendUint32(b, l.Of())
		b = appendCells(b, l.Cells())
		for _, n := range l.Supports() {
			b = binary.LittleEndian.AppendUint32(b, n)
		}
	}
	if l := s.learned; l != nil {
		l.room(int(items))
		for i := range items {
			flags := uint32(0)
			for bit, set := range [...]bool{l.has[i], l.behind[i], l.recut[i]} {
				if set {
					flags |= 1 << bit
				}
			}
			cells := s.solution(i)
			b = binary.LittleEndian.AppendUint32(b, flags)
			b = binary.LittleEndian.AppendUint32(b, uint32(len(cells)))
			b = appendCells(b, cells)
		}
	}
	return seal(b, start)
}

// solution is what was learned of item, from which the rest follows.
func (s *listSet) solution(item uint32) []weight.Cell {
	if s.spec.Formula == weight.Walk {
		return s.learned.sources[item]
	}
	return s.learned.targets[item]
}

func appendCells(b []byte, cells []weight.Cell) []byte {
	for _, c := range cells {
		b = binary.LittleEndian.AppendUint32(b, c.Item)
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(c.Value))
	}
	return b
}

// listsReader reads little endian numbers. Beyond the end it reads 0 and remembers.
type listsReader struct {
	data  []byte
	items uint32
	bad   bool
}

func (r *listsReader) take(n int) []byte {
	if n < 0 || n > len(r.data) {
		r.bad, r.data = true, nil
		return nil
	}
	b := r.data[:n]
	r.data = r.data[n:]
	return b
}

func (r *listsReader) u32() uint32 {
	b := r.take(4)
	if r.bad {
		return 0
	}
	return binary.LittleEndian.Uint32(b)
}

func (r *listsReader) u64() uint64 {
	b := r.take(8)
	if r.bad {
		return 0
	}
	return binary.LittleEndian.Uint64(b)
}

// cells reads n cells behind those of into; a solution may have weights that no
// list has.
func (r *listsReader) cells(into []weight.Cell, n uint32) []weight.Cell {
	b := r.take(8 * int(n))
	for ; len(b) > 0; b = b[8:] {
		c := weight.Cell{
			Item:  binary.LittleEndian.Uint32(b),
			Value: math.Float32frombits(binary.LittleEndian.Uint32(b[4:])),
		}
		if c.Item >= r.items || !(c.Value > 0 && c.Value <= math.MaxFloat32) {
			r.bad = true
		}
		into = append(into, c)
	}
	return into
}

// readLists takes up the lists that appendListsHead and appendTo wrote. On an
// error no list is.
func (x *Index) readLists(head []byte, sets [][]byte) error {
	head, ok := unseal(head)
	sum := x.listsFingerprint()
	r := listsReader{data: head, items: uint32(x.catalog.Len())}
	if !ok || len(sets) != len(x.sets) || string(r.take(len(sum))) != string(sum[:]) {
		return errLists
	}
	day, flags := int32(r.u64()), r.u64()
	why := r.take(int(r.items))
	dirty := make([]uint32, 0, r.items)
	for range min(r.u32(), r.items) {
		dirty = append(dirty, r.u32())
	}
	seen := make([]behind, r.items)
	for _, item := range dirty {
		if item >= r.items || seen[item] != 0 || why[item] == 0 || behind(why[item])&^reasons != 0 {
			return errLists
		}
		seen[item] = behind(why[item])
	}
	for i := range why {
		r.bad = r.bad || why[i] != byte(seen[i])
	}
	if r.bad || len(r.data) > 0 || flags > 1 {
		return errLists
	}
	// New sets take the place of the old ones once all are read.
	read := make([]*listSet, len(sets))
	weight.Parallel(len(sets), func(_, k int) {
		read[k] = readSet(x.sets[k], sets[k], r.items)
	})
	for _, s := range read {
		if s == nil {
			return errLists
		}
	}
	for k := range read {
		*x.sets[k] = *read[k]
	}
	x.resume(dirty, seen)
	x.day, x.drifted = day, flags == 1
	return nil
}

// resume notes which lists are behind, and how many cases all rest on. Counts are
// not there yet, so what was urgent is merely first.
func (x *Index) resume(order []uint32, why []behind) {
	x.waiting = waiting{}
	x.waiting.grow(len(why))
	for _, s := range x.sets {
		for i := range uint32(len(why)) {
			made := &x.waiting.made[s.kind][i]
			*made = max(*made, s.lists.At(i).Of())
		}
	}
	for _, item := range order {
		x.waiting.mark(item, why[item], x.counts)
	}
}

// readSet returns the set like one with the lists of data, nil for damaged ones.
func readSet(like *listSet, data []byte, items uint32) *listSet {
	body, ok := unseal(data)
	if !ok {
		return nil
	}
	r := listsReader{data: body, items: items}
	s := &listSet{spec: like.spec, kind: like.kind, scale: 1}
	all := int64(r.u64())
	s.lists.Grow(int(items))
	var cells []weight.Cell
	var supports []uint32
	for i := range items {
		n, of := r.u32(), r.u32()
		cells = r.cells(cells[:0], n)
		supports = supports[:0]
		for b := r.take(4 * int(n)); len(b) > 0; b = b[4:] {
			supports = append(supports, binary.LittleEndian.Uint32(b))
		}
		if r.bad {
			return nil
		}
		if n == 0 {
			continue
		}
		s.put(i, weight.MakeList(cells, supports, of))
	}
	if like.learned != nil {
		s.learned = &learned{}
		s.readSolutions(&r)
	}
	if r.bad || len(r.data) > 0 || all != s.cells {
		return nil
	}
	return s
}

func (s *listSet) readSolutions(r *listsReader) {
	l := s.learned
	l.room(int(r.items))
	for i := range r.items {
		flags := r.u32()
		cells := r.cells(nil, r.u32())
		if r.bad || flags > learnedFlags {
			r.bad = true
			return
		}
		l.has[i], l.recut[i] = flags&wasSolved != 0, flags&wasRecut != 0
		if flags&wasBehind != 0 {
			l.mark(i)
		}
		l.cells += int64(len(cells))
		if s.spec.Formula == weight.Walk {
			l.sources[i] = cells
			continue
		}
		l.targets[i] = cells
		for _, c := range cells {
			l.sources[c.Item] = append(l.sources[c.Item], weight.Cell{Item: i, Value: c.Value})
		}
	}
}

// allBehind marks all lists as behind.
func (x *Index) allBehind() {
	for i := range uint32(x.catalog.Len()) {
		x.mark(i, cooccur.AllKinds)
	}
}
