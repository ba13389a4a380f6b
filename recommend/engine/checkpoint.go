package engine

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"

	"osusume/recommend/catalog"
	"osusume/recommend/cooccur"
	"osusume/recommend/profile"
)

// checkpointMagic names the form and its version:
//
//	magic     16 bytes
//	sequence  8, items 4, when each item was first heard of 4 each (big endian)
//	catalog, head of the lists, each set of lists, visitors, counts
//	lengths   8 each, big endian, of those parts in order
//	parts     4, their number
//
// so that parts are read side by side. Counts follow from the visitors' lines and
// lists from the counts: those that are damaged or were made under other settings
// are passed over and made anew.
const checkpointMagic = "osusume-index-3\n"

const checkpointHead = len(checkpointMagic) + 12

// parts counts what is written, part by part.
type parts struct {
	w       io.Writer
	n       int64
	lengths []int64
}

func (p *parts) Write(b []byte) (int, error) {
	n, err := p.w.Write(b)
	p.n += int64(n)
	return n, err
}

// end ends a part.
func (p *parts) end() { p.lengths, p.n = append(p.lengths, p.n), 0 }

// Encode writes the state of the index for DecodeIndex.
func (x *Index) Encode(w io.Writer) error {
	if err := x.encode(w); err != nil {
		return fmt.Errorf("write checkpoint: %w", err)
	}
	return nil
}

func (x *Index) encode(w io.Writer) error {
	head := append([]byte(checkpointMagic), make([]byte, 12)...)
	binary.BigEndian.PutUint64(head[len(checkpointMagic):], x.seq)
	binary.BigEndian.PutUint32(head[len(checkpointMagic)+8:], uint32(x.catalog.Len()))
	for _, t := range x.born {
		head = binary.BigEndian.AppendUint32(head, t)
	}
	if _, err := w.Write(head); err != nil {
		return err
	}
	p := &parts{w: w}
	if err := x.catalog.Encode(p); err != nil {
		return err
	}
	p.end()
	lists := x.appendListsHead(nil)
	for k := range len(x.sets) + 1 {
		if k > 0 {
			lists = x.sets[k-1].appendTo(lists[:0])
		}
		if _, err := p.Write(lists); err != nil {
			return err
		}
		p.end()
	}
	b := bufio.NewWriterSize(p, 1<<18)
	if err := x.visitors.Encode(b); err != nil {
		return err
	}
	if err := b.Flush(); err != nil {
		return err
	}
	p.end()
	if err := x.counts.WriteImage(p); err != nil {
		return err
	}
	p.end()
	var tail []byte
	for _, n := range p.lengths {
		tail = binary.BigEndian.AppendUint64(tail, uint64(n))
	}
	tail = binary.BigEndian.AppendUint32(tail, uint32(len(p.lengths)))
	_, err := w.Write(tail)
	return err
}

// DecodeIndex reads what Encode wrote. It counts and ranks anew what was made under
// other settings than s. A reader that holds all bytes in memory and gives them with
// Bytes, as a bytes.Buffer does, is not copied; nothing of them is kept.
func DecodeIndex(r io.Reader, s Settings) (*Index, error) {
	var form []byte
	if held, ok := r.(interface{ Bytes() []byte }); ok {
		form = held.Bytes()
	} else {
		var err error
		if form, err = io.ReadAll(r); err != nil {
			return nil, fmt.Errorf("read checkpoint: %w", err)
		}
	}
	x, err := NewIndex(s)
	if err != nil {
		return nil, err
	}
	if err := x.decode(form); err != nil {
		return nil, fmt.Errorf("read checkpoint: %w", err)
	}
	return x, nil
}

var errCheckpointLength = errors.New("lengths do not fit")

// split cuts the parts out of form, which begins with the first of them.
func split(form []byte) ([][]byte, error) {
	if len(form) < 4 {
		return nil, errCheckpointLength
	}
	at := len(form) - 4
	n := int(binary.BigEndian.Uint32(form[at:]))
	if n < leastParts || n > at/8 {
		return nil, errCheckpointLength
	}
	lengths := form[at-8*n : at]
	form = form[:at-8*n]
	out := make([][]byte, n)
	for k := range out {
		length := binary.BigEndian.Uint64(lengths[8*k:])
		if length > uint64(len(form)) {
			return nil, errCheckpointLength
		}
		out[k], form = form[:length], form[length:]
	}
	if len(form) > 0 {
		return nil, errCheckpointLength
	}
	return out, nil
}

// leastParts are the catalog, the head of the lists, visitors and counts.
const leastParts = 4

func (x *Index) decode(form []byte) error {
	if len(form) < checkpointHead || string(form[:len(checkpointMagic)]) != checkpointMagic {
		return errors.New("unknown form or version")
	}
	x.seq = binary.BigEndian.Uint64(form[len(checkpointMagic):])
	items := binary.BigEndian.Uint32(form[len(checkpointMagic)+8:])
	form = form[checkpointHead:]
	if int64(items)*4 > int64(len(form)) {
		return errCheckpointLength
	}
	for range items {
		x.born, form = append(x.born, binary.BigEndian.Uint32(form)), form[4:]
	}
	p, err := split(form)
	if err != nil {
		return err
	}
	var counts *cooccur.Counts
	var visitorsErr, countsErr error
	var reading sync.WaitGroup
	reading.Go(func() {
		x.visitors, visitorsErr = profile.Decode(p[len(p)-2], items)
	})
	reading.Go(func() { counts, countsErr = cooccur.ReadImage(x.cfg.Counts, p[len(p)-1]) })
	listsErr := x.decodeCatalog(p[0], items)
	if listsErr != nil {
		reading.Wait()
		return listsErr
	}
	listsErr = x.readLists(p[1], p[2:len(p)-2])
	reading.Wait()
	if visitorsErr != nil {
		return visitorsErr
	}
	x.evidence.Restart() // it is counted anew from the histories
	if countsErr != nil || counts.Len() != int(items) {
		(&Batch{x: x}).Done()
		return nil
	}
	x.setCounts(counts)
	if listsErr != nil {
		x.allBehind()
	}
	x.ranked = listsErr == nil
	return nil
}

func (x *Index) decodeCatalog(data []byte, items uint32) (err error) {
	r := bytes.NewReader(data)
	if x.catalog, err = catalog.Decode(r); err != nil {
		return err
	}
	if uint32(x.catalog.Len()) != items {
		return fmt.Errorf("%d items announced, %d found", items, x.catalog.Len())
	}
	x.room()
	names := x.catalog.Snapshot()
	for i := range items {
		x.features.put(i, names.Item(i))
		x.describe(i)
	}
	return nil
}
