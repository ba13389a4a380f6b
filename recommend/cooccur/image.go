package cooccur

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"

	"github.com/cespare/xxhash/v2"
)

// An image is a flat dump of all counts, little endian:
//
//	magic           16 bytes, with the version
//	settings        10 x 8, in force
//	items, pruned   4, 4 (1 once pairs were dropped)
//	cases           3 x 4, and 4 of padding
//	items           13 x 4 each: cases by kind, viewers, repeaters, days bought,
//	                days browsed, entries by kind, error bounds by kind
//	days            8 each: day, visitors; those bought before those browsed
//	entries         rows by kind and item, in the order of the hashes, without
//	                gaps. Narrow ones are as in memory (cell.go). A wide one is
//	                its cell 0 without a place, support and visitors (4, 4),
//	                votes (8) and, of sessions, After and Before (8, 8).
//	checksum        8, xxhash64 of all before it
//
// What can be summed up is not in it. Equal counts have equal images.
const imageMagic = "osusume-pairs-1\n"

const (
	imageHead     = 16 + 10*8 + 8 + 16
	imagePerItem  = 13 * 4
	imageChecksum = 8
)

// fingerprint is the settings as numbers.
func (s *Settings) fingerprint() [10]uint64 {
	return [...]uint64{
		uint64(s.OrderWindow), uint64(s.CustomerWindow), uint64(s.SessionWindow), uint64(s.StepWindow),
		math.Float64bits(s.StepLambda), math.Float64bits(s.SessionHalfLifeDays),
		uint64(s.BoughtBreadth), uint64(s.BrowsedBreadth), uint64(s.Sittings), uint64(s.Revisits),
	}
}

// imageWriter writes numbers through a buffer and sums them up.
type imageWriter struct {
	w   io.Writer
	sum *xxhash.Digest
	buf []byte
	err error
}

func (w *imageWriter) flush() {
	_, _ = w.sum.Write(w.buf) // never fails
	if w.err == nil {
		_, w.err = w.w.Write(w.buf)
	}
	w.buf = w.buf[:0]
}

func (w *imageWriter) room(n int) {
	if len(w.buf)+n > cap(w.buf) {
		w.flush()
	}
}

func (w *imageWriter) u32(v uint32) {
	w.room(4)
	w.buf = binary.LittleEndian.AppendUint32(w.buf, v)
}

func (w *imageWriter) u64(v uint64) {
	w.room(8)
	w.buf = binary.LittleEndian.AppendUint64(w.buf, v)
}

// WriteImage writes all counts for ReadImage.
func (c *Counts) WriteImage(to io.Writer) error {
	w := &imageWriter{w: to, sum: xxhash.New(), buf: make([]byte, 0, 1<<18)}
	w.buf = append(w.buf, imageMagic...)
	for _, v := range c.cfg.fingerprint() {
		w.u64(v)
	}
	w.u32(uint32(c.Len()))
	pruned := uint32(0)
	if c.pruned {
		pruned = 1
	}
	w.u32(pruned)
	for _, n := range c.total {
		w.u32(n)
	}
	w.u32(0)
	for i := range c.Len() {
		for k := range c.single {
			w.u32(c.single[k][i])
		}
		w.u32(c.viewers[i])
		w.u32(c.repeaters[i])
		w.u32(uint32(len(c.bought[i])))
		w.u32(uint32(len(c.browsed[i])))
		for k := range c.rows {
			w.u32(c.rows[k][i].n)
		}
		for k := range Kinds {
			w.u32(c.ErrorBound(k, uint32(i)))
		}
	}
	for _, days := range [][]histogram{c.bought, c.browsed} {
		for i := range days {
			for _, d := range days[i] {
				w.u32(uint32(d.day))
				w.u32(uint32(d.n))
			}
		}
	}
	for k := range Kinds {
		c.writeRows(w, k)
	}
	w.flush()
	if w.err == nil {
		_, w.err = to.Write(binary.LittleEndian.AppendUint64(nil, w.sum.Sum64()))
	}
	if w.err != nil {
		return fmt.Errorf("write image of the counts: %w", w.err)
	}
	return nil
}

// writeRows writes the entries of a kind: the cells, those of wide entries
// followed by their values.
func (c *Counts) writeRows(w *imageWriter, k Kind) {
	width := k.width()
	for i := range c.rows[k] {
		cells, wide := c.rows[k][i].cells, &c.shard(uint32(i)).wide[k]
		for n := 0; n < len(cells); n += width {
			if cells[n] == 0 {
				continue
			}
			if !isWide(cells[n]) {
				w.u64(cells[n])
				if width == 2 {
					w.u64(cells[n+1])
				}
				continue
			}
			s := wide.load(cells[n:n+width], width)
			w.u64(cells[n]>>32<<32 | wideMark<<24)
			w.u32(s.Support)
			w.u32(s.Visitors)
			w.u64(uint64(s.Votes))
			if width == 2 {
				w.u64(math.Float64bits(s.After))
				w.u64(math.Float64bits(s.Before))
			}
		}
	}
}
