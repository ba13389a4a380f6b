package engine

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"osusume/recommend/catalog"
	"osusume/recommend/profile"
)

// checkpointMagic names the form and its version: magic, sequence (8 bytes big
// endian), number of items (4 bytes), when each item was first heard of (4 bytes
// each), visitors, catalog. Counts and lists are
// not in it: they follow from the visitors' lines and the settings.
const checkpointMagic = "osusume-index-1\n"

// Encode writes the state of the index for DecodeIndex.
func (x *Index) Encode(w io.Writer) error {
	b := bufio.NewWriterSize(w, 1<<18)
	head := append([]byte(checkpointMagic), make([]byte, 12)...)
	binary.BigEndian.PutUint64(head[len(checkpointMagic):], x.seq)
	binary.BigEndian.PutUint32(head[len(checkpointMagic)+8:], uint32(x.catalog.Len()))
	if _, err := b.Write(head); err != nil {
		return fmt.Errorf("write checkpoint: %w", err)
	}
	for _, t := range x.born {
		if _, err := b.Write(binary.BigEndian.AppendUint32(nil, t)); err != nil {
			return fmt.Errorf("write checkpoint: %w", err)
		}
	}
	if err := x.visitors.Encode(b); err != nil {
		return fmt.Errorf("write checkpoint: %w", err)
	}
	if err := x.catalog.Encode(b); err != nil {
		return fmt.Errorf("write checkpoint: %w", err)
	}
	if err := b.Flush(); err != nil {
		return fmt.Errorf("write checkpoint: %w", err)
	}
	return nil
}

// DecodeIndex reads what Encode wrote and recounts everything under s.
func DecodeIndex(r io.Reader, s Settings) (*Index, error) {
	x, err := NewIndex(s)
	if err != nil {
		return nil, err
	}
	b := bufio.NewReaderSize(r, 1<<18)
	head := make([]byte, len(checkpointMagic)+12)
	if _, err := io.ReadFull(b, head); err != nil {
		return nil, fmt.Errorf("read checkpoint: %w", err)
	}
	if string(head[:len(checkpointMagic)]) != checkpointMagic {
		return nil, errors.New("read checkpoint: unknown form or version")
	}
	x.seq = binary.BigEndian.Uint64(head[len(checkpointMagic):])
	items := binary.BigEndian.Uint32(head[len(checkpointMagic)+8:])
	for range items {
		var t [4]byte
		if _, err := io.ReadFull(b, t[:]); err != nil {
			return nil, fmt.Errorf("read checkpoint: %w", err)
		}
		x.born = append(x.born, binary.BigEndian.Uint32(t[:]))
	}
	if x.visitors, err = profile.Decode(b, items); err != nil {
		return nil, fmt.Errorf("read checkpoint: %w", err)
	}
	if x.catalog, err = catalog.Decode(b); err != nil {
		return nil, fmt.Errorf("read checkpoint: %w", err)
	}
	if uint32(x.catalog.Len()) != items {
		return nil, fmt.Errorf("read checkpoint: %d items announced, %d found", items, x.catalog.Len())
	}
	x.room()
	names := x.catalog.Snapshot()
	for i := range items {
		x.features.put(i, names.Item(i))
	}
	x.visitors.All(func(lines []profile.Line) { x.counts.Add(lines, 0) })
	return x, nil
}
