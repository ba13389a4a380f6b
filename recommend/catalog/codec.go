package catalog

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"

	"osusume/recommend"
)

// The checkpoint form, all integers varints (u unsigned, z zigzag):
//
//	magic   "oscatlg" and the version byte 1
//	items   u count, then the items in the order of their dense ids:
//	  id      string
//	  flags   byte: 1 deleted, 2 has attributes (the rest follows only then)
//	  strings group, family, brand, role, url, image url
//	  lists   category, tags, compatible with, bundle of
//	  maps    title, attributes
//	  money   price, list price, cost: z amount, string currency
//	  floats  tax rate, rating: 8 bytes, IEEE 754 bits, little endian
//	  z       rating count
//	  byte    1 unavailable, 2 has stock, 4 has a price history; then z stock if
//	          it has
//	  axes    u count, then string key, map label, byte higher is better
//	  history only if it has: u count, then money price, z from, byte ended,
//	          z to if it has; Unix seconds
//	end     byte 0xED, then nothing
//
//	string  u length, bytes
//	list    u count, strings
//	map     u count, pairs of strings in ascending order of keys
//
// There is no checksum: the checkpoint that holds these bytes has one.
const (
	magic   = "oscatlg"
	version = 1
	trailer = 0xED

	flagDeleted    = 1
	flagAttributes = 2

	flagUnavailable = 1
	flagStock       = 2
	flagHistory     = 4
)

// Caps of the form. They are far above what recommend.Item.Validate lets
// through and only keep damaged bytes from asking for absurd amounts of memory.
const (
	maxString = 1 << 20
	maxCount  = 1 << 16
	maxDepth  = 1 << 6 // of a category: every level is a path of its own
	maxItems  = math.MaxUint32 - 1
)

// Encode writes the checkpoint form. Equal catalogs give identical bytes:
// equal are those with the same items, in the same state, under the same dense
// ids. It fails only when w does or an item exceeds the caps of the form.
func (c *Catalog) Encode(w io.Writer) error {
	e := encoder{w: bufio.NewWriterSize(w, 1<<16)}
	e.raw(magic)
	e.byte(version)
	e.uint(uint64(c.Len()))
	for i := range uint32(c.Len()) {
		e.string(c.ids.Key(i))
		item := c.items.At(i)
		var flags byte
		if !c.shown.set.Has(i) {
			flags |= flagDeleted
		}
		if item != nil {
			flags |= flagAttributes
		}
		e.byte(flags)
		if item != nil {
			e.item(item)
		}
		if e.err != nil {
			return fmt.Errorf("encode catalog item %d: %w", i, e.err)
		}
	}
	e.byte(trailer)
	if e.err == nil {
		e.err = e.w.Flush()
	}
	if e.err != nil {
		return fmt.Errorf("encode catalog: %w", e.err)
	}
	return nil
}

type encoder struct {
	w   *bufio.Writer
	buf [binary.MaxVarintLen64]byte
	err error
}

var errTooLarge = errors.New("value exceeds the checkpoint form")

func (e *encoder) write(b []byte) {
	if e.err == nil {
		_, e.err = e.w.Write(b)
	}
}

func (e *encoder) raw(s string) {
	if e.err == nil {
		_, e.err = e.w.WriteString(s)
	}
}

func (e *encoder) byte(b byte)   { e.buf[0] = b; e.write(e.buf[:1]) }
func (e *encoder) uint(v uint64) { e.write(binary.AppendUvarint(e.buf[:0], v)) }
func (e *encoder) int(v int64)   { e.write(binary.AppendVarint(e.buf[:0], v)) }

func (e *encoder) float(v float64) {
	e.write(binary.LittleEndian.AppendUint64(e.buf[:0], math.Float64bits(v)))
}

func (e *encoder) count(n, limit int) {
	if n > limit && e.err == nil {
		e.err = errTooLarge
	}
	e.uint(uint64(n))
}

func (e *encoder) string(s string) {
	e.count(len(s), maxString)
	e.raw(s)
}

func (e *encoder) list(l []string, limit int) {
	e.count(len(l), limit)
	for _, s := range l {
		e.string(s)
	}
}

func (e *encoder) texts(m map[string]string) {
	e.count(len(m), maxCount)
	for _, k := range slices.Sorted(maps.Keys(m)) {
		e.string(k)
		e.string(m[k])
	}
}

func (e *encoder) bool(b bool) {
	if b {
		e.byte(1)
	} else {
		e.byte(0)
	}
}

func (e *encoder) item(it *recommend.Item) {
	for _, s := range [...]string{it.GroupID, it.Family, it.Brand, string(it.Role), it.URL, it.ImageURL} {
		e.string(s)
	}
	e.list(it.Category, maxDepth)
	for _, l := range [...][]string{it.Tags, it.CompatibleWith, it.BundleOf} {
		e.list(l, maxCount)
	}
	e.texts(it.Title)
	e.texts(it.Attributes)
	for _, m := range [...]recommend.Money{it.Price, it.ListPrice, it.Cost} {
		e.money(m)
	}
	e.float(it.TaxRate)
	e.float(it.Rating)
	e.int(it.RatingCount)
	var flags byte
	if it.Unavailable {
		flags |= flagUnavailable
	}
	if it.Stock != nil {
		flags |= flagStock
	}
	if len(it.PriceHistory) > 0 {
		flags |= flagHistory
	}
	e.byte(flags)
	if it.Stock != nil {
		e.int(*it.Stock)
	}
	e.count(len(it.UpgradeAxes), maxCount)
	for _, a := range it.UpgradeAxes {
		e.string(a.Key)
		e.texts(a.Label)
		e.bool(a.HigherIsBetter)
	}
	if len(it.PriceHistory) > 0 {
		e.history(it.PriceHistory)
	}
}

func (e *encoder) money(m recommend.Money) {
	e.int(m.Amount)
	e.string(m.Currency)
}

func (e *encoder) history(periods []recommend.PricePeriod) {
	e.count(len(periods), maxCount)
	for _, p := range periods {
		e.money(p.Price)
		e.int(p.From.Unix())
		e.bool(!p.To.IsZero())
		if !p.To.IsZero() {
			e.int(p.To.Unix())
		}
	}
}
