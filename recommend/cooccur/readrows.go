package cooccur

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"sync"
)

// imageRows is a piece of an image: the rows of items from first to before end.
type imageRows struct {
	kind       Kind
	first, end uint32
	data       []byte
}

// rowsReader is what the workers that read rows share.
type rowsReader struct {
	counts *Counts
	locks  [shards]sync.Mutex
	mu     sync.Mutex
	err    error // the first found
	sums   sums
}

// readRows reads all rows: the caller cuts the image into pieces of whole rows,
// which the workers read.
func (c *Counts) readRows(r *imageReader, workers int) error {
	b := &rowsReader{counts: c}
	pieces := make(chan imageRows, workers)
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			var s sums
			var scratch []uint64
			for p := range pieces {
				if err := b.read(p, &s, &scratch); err != nil {
					b.fail(err)
				}
			}
			b.mu.Lock()
			defer b.mu.Unlock()
			for k := range Kinds {
				b.sums.pairs[k] += s.pairs[k]
				b.sums.votes[k] += s.votes[k]
			}
		})
	}
	for k := range Kinds {
		if !c.cut(r, k, pieces) {
			b.fail(errImageLength)
			break
		}
	}
	close(pieces)
	wg.Wait()
	c.add(&b.sums)
	return b.err
}

func (b *rowsReader) fail(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.err == nil {
		b.err = err
	}
}

// cut cuts the rows of a kind into pieces. It reports whether they were there.
func (c *Counts) cut(r *imageReader, k Kind, to chan<- imageRows) bool {
	width := k.width()
	first, size := uint32(0), 0 // of the piece being cut
	for i := range uint32(c.Len()) {
		n := c.rows[k][i].n
		if n == 0 {
			continue
		}
		if int64(n) > (r.rest()-int64(size))/int64(8*width) {
			return false
		}
		if size >= imagePiece {
			to <- imageRows{k, first, i, r.buf[:size:size]}
			r.buf, first, size = r.buf[size:], i, 0
		}
		for {
			row, whole := rowSize(r.buf[size:], n, width)
			if whole {
				size += row
				break
			}
			if r.left == 0 {
				return false
			}
			if size > 0 {
				to <- imageRows{k, first, i, r.buf[:size:size]}
				r.buf, first, size = r.buf[size:], i, 0
			}
			r.more(int(n) * 8 * width)
		}
	}
	if size > 0 {
		to <- imageRows{k, first, uint32(c.Len()), r.buf[:size:size]}
		r.buf = r.buf[size:]
	}
	return true
}

const (
	// wideValues is how many bytes follow cell 0 of a wide entry, and wideWeights
	// how many more those of a session.
	wideValues, wideWeights = 16, 16
)

// rowSize is how many bytes the row at the front of data has, given its entries,
// if all of it is there.
func rowSize(data []byte, entries uint32, width int) (size int, whole bool) {
	narrow, wide := 8*width, 8+wideValues+(width-1)*wideWeights
	for range entries {
		if size+8 > len(data) {
			return 0, false
		}
		if data[size+3] == wideMark {
			size += wide
		} else {
			size += narrow
		}
	}
	return size, size <= len(data)
}

// read reads the rows of a piece.
func (b *rowsReader) read(p imageRows, s *sums, scratch *[]uint64) error {
	data := p.data
	for i := p.first; i < p.end; i++ {
		if b.counts.rows[p.kind][i].n == 0 {
			continue
		}
		var err error
		if data, err = b.readRow(data, p.kind, i, s, scratch); err != nil {
			return fmt.Errorf("%s of item %d: %w", p.kind, i, err)
		}
	}
	return nil
}

// readRow reads the entries of a row that has their number and returns the data
// behind them.
func (b *rowsReader) readRow(data []byte, k Kind, item uint32, sum *sums, scratch *[]uint64) ([]byte, error) {
	b.locks[item%shards].Lock()
	defer b.locks[item%shards].Unlock()
	c := b.counts
	row, width := &c.rows[k][item], k.width()
	n := int(row.n)
	cells := extend(*scratch, n*width)[:n*width]
	*scratch = cells
	s, last := c.shard(item), uint32(0)
	partners, mass := uint32(0), uint64(0)
	for at := 0; at < len(cells); at += width {
		e := cells[at : at+width]
		e[0] = binary.LittleEndian.Uint64(data)
		h := uint32(e[0] >> 32)
		if other := itemOf(h); h <= last || int(other) >= c.Len() || other == item {
			return nil, errors.New("entries of no item or out of order")
		}
		last = h
		v, size, err := s.readEntry(data, k, e)
		if err != nil {
			return nil, err
		}
		data = data[size:]
		if v.Support != 0 {
			partners++
			mass += uint64(v.Votes)
		}
	}
	c.partners[k][item], c.mass[k][item] = partners, mass
	sum.pairs[k] += int64(partners)
	sum.votes[k] += mass
	row.cells = cells
	row.resize(n, width)
	s.cells += int64(cap(row.cells))
	return data, nil
}

// readEntry reads the entry at the front of data, whose cell 0 is in e, and
// returns its values and size.
func (s *shard) readEntry(data []byte, k Kind, e []uint64) (v Session, size int, err error) {
	width := len(e)
	if !isWide(e[0]) {
		if width == 2 {
			e[1] = binary.LittleEndian.Uint64(data[8:])
		}
		v = s.wide[k].load(e, width)
		return v, 8 * width, v.valid(k)
	}
	if uint32(e[0]) != wideMark<<24 {
		return v, 0, errors.New("a wide entry with a place")
	}
	size = 8 + wideValues
	v.Support, v.Visitors = binary.LittleEndian.Uint32(data[8:]), binary.LittleEndian.Uint32(data[12:])
	votes := binary.LittleEndian.Uint64(data[16:])
	if v.Votes = uint32(votes); uint64(v.Votes) != votes {
		return v, 0, errors.New("too many votes")
	}
	if width == 2 {
		v.After = math.Float64frombits(binary.LittleEndian.Uint64(data[24:]))
		v.Before = math.Float64frombits(binary.LittleEndian.Uint64(data[32:]))
		size += wideWeights
		e[1] = 0
	}
	if _, _, fits := narrow(&v); fits {
		return v, 0, errors.New("a wide entry that is narrow")
	}
	e[0] = e[0] >> 32 << 32
	s.wide[k].store(e, width, v)
	return v, size, v.valid(k)
}
