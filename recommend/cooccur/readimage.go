package cooccur

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/cespare/xxhash/v2"
)

// imageReader reads numbers. Beyond the end it reads 0 and remembers.
type imageReader struct {
	data  []byte
	short bool
}

func (r *imageReader) take(n int) []byte {
	if len(r.data) < n {
		r.short, r.data = true, nil
		return make([]byte, n)
	}
	b := r.data[:n]
	r.data = r.data[n:]
	return b
}

func (r *imageReader) u32() uint32 { return binary.LittleEndian.Uint32(r.take(4)) }

func (r *imageReader) u64() uint64 { return binary.LittleEndian.Uint64(r.take(8)) }

var (
	errImageForm     = errors.New("unknown form or version")
	errImageDamaged  = errors.New("damaged: the checksum differs")
	errImageSettings = errors.New("made under other settings")
	errImageLength   = errors.New("the length does not fit the content")
)

// ReadImage returns the counts that WriteImage wrote. It refuses an image that
// is damaged, inconsistent or made under other settings. data is not kept. Call
// OnTouch on the counts to follow their changes.
func ReadImage(cfg Settings, data []byte) (*Counts, error) {
	c := New(cfg, nil)
	if err := c.readImage(data); err != nil {
		return nil, fmt.Errorf("read image of the counts: %w", err)
	}
	return c, nil
}

func (c *Counts) readImage(data []byte) error {
	if len(data) < imageHead+imageChecksum || string(data[:len(imageMagic)]) != imageMagic {
		return errImageForm
	}
	body := data[:len(data)-imageChecksum]
	if binary.LittleEndian.Uint64(data[len(body):]) != xxhash.Sum64(body) {
		return errImageDamaged
	}
	r := &imageReader{data: body[len(imageMagic):]}
	for _, want := range c.cfg.fingerprint() {
		if r.u64() != want {
			return errImageSettings
		}
	}
	items := int(r.u32())
	pruned := r.u32()
	for k := range c.total {
		c.total[k] = r.u32()
	}
	if r.u32() != 0 || pruned > 1 {
		return errImageForm
	}
	if items > len(r.data)/imagePerItem {
		return errImageLength
	}
	c.Grow(items)
	if c.pruned = pruned == 1; c.pruned {
		c.growBounds()
	}
	days := [2][]uint32{make([]uint32, items), make([]uint32, items)}
	for i := range items {
		if !c.readItem(r, i, days) {
			return fmt.Errorf("item %d: an error bound without pruning", i)
		}
	}
	for n, histograms := range [][]histogram{c.bought, c.browsed} {
		for i := range histograms {
			h, sum, err := readDays(r, days[n][i])
			if err != nil {
				return fmt.Errorf("days of item %d: %w", i, err)
			}
			if want := [...]uint32{c.single[Customers][i], c.viewers[i]}[n]; sum != uint64(want) {
				return fmt.Errorf("days of item %d: %d visitors, want %d", i, sum, want)
			}
			histograms[i] = h
			c.dayBytes += h.bytes()
		}
	}
	for k := range Kinds {
		var scratch []uint64
		for i := range items {
			if err := c.readRow(r, k, uint32(i), &scratch); err != nil {
				return fmt.Errorf("%s of item %d: %w", k, i, err)
			}
		}
	}
	if r.short || len(r.data) > 0 {
		return errImageLength
	}
	return nil
}

func (c *Counts) readItem(r *imageReader, i int, days [2][]uint32) bool {
	for k := range c.single {
		c.single[k][i] = r.u32()
		c.occurs[k] += uint64(c.single[k][i])
	}
	c.viewers[i], c.repeaters[i] = r.u32(), r.u32()
	c.viewings += uint64(c.viewers[i])
	days[0][i], days[1][i] = r.u32(), r.u32()
	for k := range c.rows {
		c.rows[k][i].n = r.u32()
	}
	for k := range Kinds {
		if bound := r.u32(); c.pruned {
			c.bounds[k][i] = bound
		} else if bound != 0 {
			return false
		}
	}
	return true
}

func readDays(r *imageReader, n uint32) (histogram, uint64, error) {
	if n == 0 {
		return nil, 0, nil
	}
	if int(n) > len(r.data)/8 {
		return nil, 0, errImageLength
	}
	h, sum := make(histogram, n), uint64(0)
	for d := range h {
		h[d] = dayCount{int32(r.u32()), int32(r.u32())}
		if h[d].n <= 0 || d > 0 && h[d].day <= h[d-1].day {
			return nil, 0, errors.New("out of order or empty")
		}
		sum += uint64(h[d].n)
	}
	return h, sum, nil
}

// readRow reads the entries of a row that has their number.
func (c *Counts) readRow(r *imageReader, k Kind, item uint32, scratch *[]uint64) error {
	row, width := &c.rows[k][item], k.width()
	n := int(row.n)
	if n == 0 {
		return nil
	}
	if n > len(r.data)/8/width {
		return errImageLength
	}
	cells := extend(*scratch, n*width)[:n*width]
	*scratch = cells
	s, last := c.shard(item), uint32(0)
	for at := 0; at < len(cells); at += width {
		e := cells[at : at+width]
		e[0] = r.u64()
		h := uint32(e[0] >> 32)
		if other := itemOf(h); h <= last || int(other) >= c.Len() || other == item {
			return errors.New("entries of no item or out of order")
		}
		last = h
		v, err := s.readEntry(r, k, e)
		if err != nil {
			return err
		}
		if v.Support != 0 {
			c.moved(k, item, moved{partners: 1, votes: int64(v.Votes)})
		}
	}
	row.cells = cells
	row.resize(n, width)
	s.cells += int64(cap(row.cells))
	return nil
}

// readEntry reads the rest of an entry whose cell 0 is read.
func (s *shard) readEntry(r *imageReader, k Kind, e []uint64) (Session, error) {
	width := k.width()
	if !isWide(e[0]) {
		if width == 2 {
			e[1] = r.u64()
		}
		v := s.wide[k].load(e, width)
		return v, v.valid(k)
	}
	if uint32(e[0]) != wideMark<<24 {
		return Session{}, errors.New("a wide entry with a place")
	}
	v := Session{Pair: Pair{Support: r.u32(), Visitors: r.u32()}}
	votes := r.u64()
	if v.Votes = uint32(votes); uint64(v.Votes) != votes {
		return Session{}, errors.New("too many votes")
	}
	if width == 2 {
		v.After, v.Before = math.Float64frombits(r.u64()), math.Float64frombits(r.u64())
		e[1] = 0
	}
	if _, _, fits := narrow(&v); fits {
		return Session{}, errors.New("a wide entry that is narrow")
	}
	e[0] = e[0] >> 32 << 32
	s.wide[k].store(e, width, v)
	return v, v.valid(k)
}

// valid tells whether s may be an entry.
func (s *Session) valid(k Kind) error {
	finite := func(v float64) bool { return v-v == 0 }
	switch {
	case !finite(s.After) || !finite(s.Before):
		return errors.New("a weight that is no number")
	case *s == Session{} || k != Sessions && s.Support == 0:
		return errors.New("an empty entry")
	default:
		return nil
	}
}
