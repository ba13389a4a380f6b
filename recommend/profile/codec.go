package profile

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"osusume/recommend"
)

// The checkpoint form, integers as unsigned varints:
//
//	version   byte 1
//	nodes     count, then per node: string key (length, bytes), owner+1 (0 none)
//	visitors  count, then per visitor:
//	  flags byte (1 known), merged, seen, lines, shown lines
//	lines     count, then per line: item, time minus that of the line before,
//	  group, quantity, kind byte
const codecVersion = 1

const maxKeyBytes = recommend.MaxIDBytes + 2

// Encode writes all visitors; equal states give equal bytes.
func (v *Visitors) Encode(w *bufio.Writer) error {
	b := []byte{codecVersion}
	b = binary.AppendUvarint(b, uint64(v.nodes.Len()))
	for n := range uint32(v.nodes.Len()) {
		key := v.nodes.Key(n)
		b = binary.AppendUvarint(b, uint64(len(key)))
		b = append(b, key...)
		b = binary.AppendUvarint(b, uint64(v.owner.At(n)+1)) // noVisitor wraps to 0
		if _, err := w.Write(b); err != nil {
			return fmt.Errorf("write nodes: %w", err)
		}
		b = b[:0]
	}
	b = binary.AppendUvarint(b, uint64(v.visitors.Len()))
	for id := range uint32(v.visitors.Len()) {
		p := v.visitors.At(id)
		flags := byte(0)
		if p.Known {
			flags = 1
		}
		b = append(b, flags)
		b = binary.AppendUvarint(b, uint64(p.Merged))
		b = binary.AppendUvarint(b, uint64(p.Seen))
		b = appendLines(b, p.Lines)
		b = appendLines(b, p.Shown)
		if _, err := w.Write(b); err != nil {
			return fmt.Errorf("write visitors: %w", err)
		}
		b = b[:0]
	}
	// Without visitors their number is still to be written.
	if _, err := w.Write(b); err != nil {
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

// Decode reads what Encode wrote. items bounds the item ids that may occur.
// Arbitrary bytes give an error, never a panic or more memory than they pay for.
func Decode(r *bufio.Reader, items uint32) (*Visitors, error) {
	d := decoder{r: r}
	if d.byte() != codecVersion && d.err == nil {
		return nil, errors.New("visitors have an unknown version")
	}
	v := &Visitors{}
	nodes := d.uint(1<<32 - 1)
	for n := uint64(0); n < nodes && d.err == nil; n++ {
		key := make([]byte, d.uint(maxKeyBytes))
		d.full(key)
		if d.err == nil && v.nodes.Intern(string(key)) != uint32(n) {
			return nil, fmt.Errorf("%w: node %q twice", errDamaged, key)
		}
		v.owner.Append(uint32(d.uint(1<<32-1)) - 1)
	}
	visitors := d.uint(1<<32 - 2)
	for id := uint64(0); id < visitors && d.err == nil; id++ {
		p := Visitor{Known: d.byte() == 1}
		p.Merged = uint32(d.uint(visitors))
		p.Seen = uint32(d.uint(1<<32 - 1))
		p.Lines = d.lines(items, nodes)
		p.Shown = d.lines(items, nodes)
		if d.err == nil && uint64(p.Merged) == id+1 {
			return nil, fmt.Errorf("%w: visitor merged into itself", errDamaged)
		}
		v.visitors.Append(p)
	}
	if d.err != nil {
		return nil, d.err
	}
	if nodes == 0 {
		return nil, fmt.Errorf("%w: no nodes", errDamaged)
	}
	return v, v.check()
}

// lines reads a list of lines whose items and groups are below the bounds.
func (d *decoder) lines(items uint32, nodes uint64) []Line {
	n := d.uint(1<<32 - 1)
	var lines []Line
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

// check verifies the links: owners exist and merges end.
func (v *Visitors) check() error {
	n := uint32(v.visitors.Len())
	for k := range uint32(v.owner.Len()) {
		if o := v.owner.At(k); o != noVisitor && o >= n {
			return fmt.Errorf("%w: node of unknown visitor", errDamaged)
		}
	}
	// Chains of merges may be long, so none is followed twice: walked holds the
	// visitor whose walk came by, plus one.
	walked := make([]uint32, n)
	for id := range n {
		for at := id; walked[at] == 0; {
			walked[at] = id + 1
			m := v.visitors.At(at).Merged
			if m == 0 {
				break
			}
			if at = m - 1; walked[at] == id+1 {
				return fmt.Errorf("%w: merges run in a circle", errDamaged)
			}
		}
	}
	return nil
}

type decoder struct {
	r   *bufio.Reader
	err error
}

func (d *decoder) fail(err error) {
	if d.err != nil {
		return
	}
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	d.err = fmt.Errorf("read visitors: %w", err)
}

func (d *decoder) byte() byte {
	if d.err != nil {
		return 0
	}
	b, err := d.r.ReadByte()
	if err != nil {
		d.fail(err)
	}
	return b
}

// uint reads an integer of at most limit.
func (d *decoder) uint(limit uint64) uint64 {
	if d.err != nil {
		return 0
	}
	n, err := binary.ReadUvarint(d.r)
	switch {
	case err != nil:
		d.fail(err)
		return 0
	case n > limit:
		d.fail(errDamaged)
		return 0
	}
	return n
}

func (d *decoder) full(b []byte) {
	if d.err != nil {
		return
	}
	if _, err := io.ReadFull(d.r, b); err != nil {
		d.fail(err)
	}
}
