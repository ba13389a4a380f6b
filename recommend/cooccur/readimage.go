package cooccur

import (
	"errors"
	"fmt"
	"io"
	"runtime"
)

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
	return readImage(cfg, imageOf(data), runtime.GOMAXPROCS(0))
}

// ReadImageFrom does what ReadImage does with an image of so many bytes, which
// it reads from r in pieces; workers below 1 count as 1.
func ReadImageFrom(cfg Settings, r io.Reader, size int64, workers int) (*Counts, error) {
	return readImage(cfg, newImageReader(r, size-imageChecksum), workers)
}

func readImage(cfg Settings, in *imageReader, workers int) (*Counts, error) {
	c := New(cfg, nil)
	err := c.readImage(in, max(workers, 1))
	// What is found in a damaged image means nothing.
	if damage := in.finish(); damage != nil && !errors.Is(err, errImageForm) {
		err = damage
	}
	if err != nil {
		return nil, fmt.Errorf("read image of the counts: %w", err)
	}
	return c, nil
}

func (c *Counts) readImage(r *imageReader, workers int) error {
	if r.rest() < imageHead || string(r.take(len(imageMagic))) != imageMagic {
		return errImageForm
	}
	same := true
	for _, want := range c.cfg.fingerprint() {
		same = r.u64() == want && same
	}
	items := int(r.u32())
	pruned := r.u32()
	for k := range c.total {
		c.total[k] = r.u32()
	}
	switch padding := r.u32(); {
	case !same:
		return errImageSettings
	case padding != 0 || pruned > 1:
		return errImageForm
	case int64(items) > r.rest()/imagePerItem:
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
	if err := c.readRows(r, workers); err != nil {
		return err
	}
	if r.short || r.rest() > 0 {
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
	if int64(n) > r.rest()/8 {
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
