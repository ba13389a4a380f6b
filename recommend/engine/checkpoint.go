package engine

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"

	"osusume/recommend/catalog"
	"osusume/recommend/cooccur"
	"osusume/recommend/profile"
)

// checkpointMagic names the form and its version: magic, sequence (8 bytes big
// endian), number of items (4 bytes), when each item was first heard of (4 bytes
// each), visitors, length of the catalog (8 bytes), catalog, and to the end the image of the counts. The counts
// follow from the visitors' lines: an image that is damaged or was made under
// other settings is passed over and they are counted. Lists follow from the counts.
const checkpointMagic = "osusume-index-2\n"

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
	var items bytes.Buffer
	if err := x.catalog.Encode(&items); err != nil {
		return fmt.Errorf("write checkpoint: %w", err)
	}
	if _, err := b.Write(binary.BigEndian.AppendUint64(nil, uint64(items.Len()))); err != nil {
		return fmt.Errorf("write checkpoint: %w", err)
	}
	if _, err := items.WriteTo(b); err != nil {
		return fmt.Errorf("write checkpoint: %w", err)
	}
	if err := x.counts.WriteImage(b); err != nil {
		return fmt.Errorf("write checkpoint: %w", err)
	}
	if err := b.Flush(); err != nil {
		return fmt.Errorf("write checkpoint: %w", err)
	}
	return nil
}

// DecodeIndex reads what Encode wrote; all lists are behind. It counts anew what
// was counted under other settings than s.
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
	var length [8]byte
	if _, err := io.ReadFull(b, length[:]); err != nil {
		return nil, fmt.Errorf("read checkpoint: %w", err)
	}
	// The catalog must end where its length says.
	entries := io.LimitReader(b, int64(binary.BigEndian.Uint64(length[:])&math.MaxInt64))
	if x.catalog, err = catalog.Decode(entries); err != nil {
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
	image, err := io.ReadAll(b)
	if err != nil {
		return nil, fmt.Errorf("read checkpoint: %w", err)
	}
	counts, err := cooccur.ReadImage(x.cfg.Counts, image)
	if err != nil || counts.Len() != int(items) {
		return (&Batch{x: x}).Done(), nil
	}
	x.setCounts(counts)
	return x, nil
}
