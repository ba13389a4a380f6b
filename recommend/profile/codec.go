package profile

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"osusume/recommend"
)

// The checkpoint form, integers as unsigned varints where no size is given:
//
//	version   byte 2
//	names     count, then per name: length, bytes, visitor (4 bytes)
//	key       16 bytes, the secret the nodes are hashed with
//	nodes     count, then per node: hash (8 bytes), visitor+1 (4 bytes, 0 none)
//	visitors  count, then per visitor:
//	  link, seen, lines, shown lines
//	lines     count, then per line: item, time minus that of the line before,
//	  group, quantity, kind byte
//
// Sizes given are little endian.
const codecVersion = 2

// The least bytes of a node and of a line.
const (
	leastNode = 8 + 4
	leastLine = 5
)

// Encode writes all visitors; equal states give equal bytes.
func (v *Visitors) Encode(w *bufio.Writer) error {
	var err error
	b := []byte{codecVersion}
	flush := func() {
		if err == nil {
			_, err = w.Write(b)
		}
		b = b[:0]
	}
	b = binary.AppendUvarint(b, uint64(v.names.Len()))
	for n := range uint32(v.names.Len()) {
		name := v.names.Name(n)
		b = binary.AppendUvarint(b, uint64(len(name)))
		b = append(b, name...)
		b = binary.LittleEndian.AppendUint32(b, v.named.At(n))
		flush()
	}
	b = binary.LittleEndian.AppendUint64(b, v.key.k0)
	b = binary.LittleEndian.AppendUint64(b, v.key.k1)
	b = binary.AppendUvarint(b, uint64(v.nodes.Len()))
	for n := range uint32(v.nodes.Len()) {
		b = binary.LittleEndian.AppendUint64(b, v.nodes.Hash(n))
		b = binary.LittleEndian.AppendUint32(b, v.owner.At(n)+1) // noVisitor wraps to 0
		flush()
	}
	b = binary.AppendUvarint(b, uint64(v.visitors.Len()))
	for id := range uint32(v.visitors.Len()) {
		p := v.visitors.At(id)
		b = binary.AppendUvarint(b, uint64(p.link))
		b = binary.AppendUvarint(b, uint64(p.seen))
		b = appendLines(b, p.Lines)
		b = appendLines(b, p.Shown)
		flush()
	}
	flush() // without visitors their number is still to be written
	if err != nil {
		return fmt.Errorf("write visitors: %w", err)
	}
	return nil
}

func appendLines(b []byte, lines []Line) []byte {
	b = binary.AppendUvarint(b, uint64(len(lines)))
	last := uint32(0)
	for _, l := range lines {
		b = binary.AppendUvarint(b, uint64(l.Item))
		b = binary.AppendUvarint(b, uint64(l.Time-last))
		b = binary.AppendUvarint(b, uint64(l.Group))
		b = binary.AppendUvarint(b, uint64(l.Quantity))
		b = append(b, byte(l.Kind))
		last = l.Time
	}
	return b
}

var errDamaged = errors.New("visitors are damaged")

// Decode reads what Encode wrote, all of data, and keeps nothing of it. items
// bounds the item ids that may occur.
// Arbitrary bytes give an error, never a panic or more memory than they pay for.
func Decode(data []byte, items uint32) (*Visitors, error) {
	d := decoder{data: data}
	if d.byte() != codecVersion && d.err == nil {
		return nil, errors.New("visitors have an unknown version")
	}
	v := &Visitors{none: &rare{}}
	names := d.uint(maxVisitors)
	for n := uint64(0); n < names && d.err == nil; n++ {
		length := d.uint(recommend.MaxIDBytes)
		name := d.take(int(length))
		if length == 0 {
			d.fail(errDamaged)
		}
		if d.err == nil && v.names.Intern(string(name)) != uint32(n) {
			return nil, fmt.Errorf("%w: name %q twice", errDamaged, name)
		}
		v.named.Append(d.uint32())
	}
	v.key = hashKey{d.uint64(), d.uint64()}
	nodes := d.uint(1<<32 - 1)
	// No more than the bytes pay for.
	v.nodes.Expect(int(min(nodes, uint64(len(d.data)/leastNode))))
	for n := uint64(0); n < nodes && d.err == nil; n++ {
		if hash := d.uint64(); d.err == nil && v.nodes.Intern(hash) != uint32(n) {
			return nil, fmt.Errorf("%w: node %x twice", errDamaged, hash)
		}
		v.owner.Append(d.uint32() - 1)
	}
	visitors := d.uint(maxVisitors)
	for id := uint64(0); id < visitors && d.err == nil; id++ {
		p := Visitor{rare: v.none, link: uint32(d.uint(joined | linkValue)), seen: uint32(d.uint(1<<32 - 1))}
		p.Lines = d.lines(items, nodes)
		if shown := d.lines(items, nodes); shown != nil {
			p.rare = &rare{Shown: shown}
		}
		if into, ok := p.into(); ok && (uint64(into) == id || uint64(into) >= visitors) && d.err == nil {
			return nil, fmt.Errorf("%w: visitor merged into itself or nobody", errDamaged)
		}
		v.visitors.Append(p)
		v.held += v.historyBytes(&p)
	}
	if len(d.data) > 0 {
		d.fail(errDamaged)
	}
	if d.err != nil {
		return nil, d.err
	}
	if nodes == 0 || v.nodes.Hash(0) != v.key.hash(noNode, "") {
		return nil, fmt.Errorf("%w: no first node", errDamaged)
	}
	return v, v.check()
}

// lines reads a list of lines whose items and groups are below the bounds.
func (d *decoder) lines(items uint32, nodes uint64) []Line {
	n := d.uint(uint64(len(d.data) / leastLine))
	if n == 0 {
		return nil
	}
	lines := make([]Line, 0, n)
	last := uint32(0)
	for k := uint64(0); k < n && d.err == nil; k++ {
		l := Line{Item: uint32(d.uint(uint64(items) - 1)), Time: last + uint32(d.uint(1<<32-1))}
		l.Group = uint32(d.uint(nodes - 1))
		l.Quantity = uint16(d.uint(1<<16 - 1))
		l.Kind = recommend.EventType(d.byte())
		if l.Time < last {
			d.fail(errDamaged)
		}
		last = l.Time
		lines = append(lines, l)
	}
	return lines
}

// check verifies the links: owners exist, names are those of known visitors and
// merges end.
func (v *Visitors) check() error {
	n := uint32(v.visitors.Len())
	for k := range uint32(v.names.Len()) {
		id := v.named.At(k)
		if id >= n || !v.isKnown(id) {
			return fmt.Errorf("%w: name of an unknown visitor", errDamaged)
		}
	}
	for k := range uint32(v.owner.Len()) {
		if o := v.owner.At(k); o != noVisitor && o >= n {
			return fmt.Errorf("%w: node of an unknown visitor", errDamaged)
		}
	}
	// Chains of merges may be long, so none is followed twice: walked holds the
	// visitor whose walk came by, plus one.
	walked := make([]uint32, n)
	for id := range n {
		for at := id; walked[at] == 0; {
			walked[at] = id + 1
			p := v.visitors.At(at)
			into, ok := p.into()
			if !ok {
				break
			}
			if at = into; walked[at] == id+1 {
				return fmt.Errorf("%w: merges run in a circle", errDamaged)
			}
		}
	}
	return nil
}

// decoder reads from data. At the first error it goes on with zeros.
type decoder struct {
	data []byte
	err  error
}

func (d *decoder) fail(err error) {
	if d.err == nil {
		d.err = fmt.Errorf("read visitors: %w", err)
	}
	d.data = nil
}

// take returns the next n bytes, nil after an error.
func (d *decoder) take(n int) []byte {
	if n > len(d.data) {
		d.fail(io.ErrUnexpectedEOF)
		return nil
	}
	b := d.data[:n]
	d.data = d.data[n:]
	return b
}

func (d *decoder) byte() byte {
	if len(d.data) == 0 {
		d.fail(io.ErrUnexpectedEOF)
		return 0
	}
	b := d.data[0]
	d.data = d.data[1:]
	return b
}

// uint reads an integer of at most limit.
func (d *decoder) uint(limit uint64) uint64 {
	var n uint64
	if len(d.data) > 0 && d.data[0] < 0x80 { // most are small
		n = uint64(d.data[0])
		d.data = d.data[1:]
	} else {
		var size int
		if n, size = binary.Uvarint(d.data); size <= 0 {
			d.fail(io.ErrUnexpectedEOF)
			return 0
		}
		d.data = d.data[size:]
	}
	if n > limit {
		d.fail(errDamaged)
		return 0
	}
	return n
}

func (d *decoder) uint32() uint32 {
	if b := d.take(4); b != nil {
		return binary.LittleEndian.Uint32(b)
	}
	return 0
}

func (d *decoder) uint64() uint64 {
	if b := d.take(8); b != nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}
