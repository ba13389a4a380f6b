package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"time"

	"osusume/recommend"
)

// Caps of the record codec. The encoder refuses what the decoder would, so
// nothing that was acknowledged can become unreadable.
const (
	// maxRecordBytes bounds one encoded record, so that every chunk stays
	// below Badger's value threshold and inside one transaction.
	maxRecordBytes = 900 << 10
	maxStringBytes = 64 << 10
	maxListLen     = 64 << 10
)

// The seconds of 0001-01-01 and 9999-12-31T23:59:59 UTC: outside of them
// time.Time and RFC 3339 stop being exact.
const (
	minUnix = -62135596800
	maxUnix = 253402300799
)

var errTime = errors.New("time outside the years 1 to 9999")

// Tags of an encoded amount.
const (
	moneyZero     = 0 // recommend.Money{}
	moneySame     = 1 // the currency of the amount before it in this record
	moneyExplicit = 2 // currency follows
)

func appendString(b []byte, s string) []byte {
	b = binary.AppendUvarint(b, uint64(len(s)))
	return append(b, s...)
}

func appendTime(b []byte, t time.Time) []byte {
	b = binary.AppendVarint(b, t.Unix())
	return binary.AppendUvarint(b, uint64(t.Nanosecond()))
}

func appendFloat(b []byte, f float64) []byte {
	return binary.LittleEndian.AppendUint64(b, math.Float64bits(f))
}

// appendMoney appends m; prev is the currency written before it.
func appendMoney(b []byte, m recommend.Money, prev *string) []byte {
	switch {
	case m == (recommend.Money{}):
		return append(b, moneyZero)
	case m.Currency == *prev:
		b = append(b, moneySame)
		return binary.AppendVarint(b, m.Amount)
	default:
		*prev = m.Currency
		b = append(b, moneyExplicit)
		b = binary.AppendVarint(b, m.Amount)
		return appendString(b, m.Currency)
	}
}

// reader takes primitives from one record. The first failure sticks: from then
// on every call returns a zero value, so that decoders check once at the end.
// Strings it returns are slices of s.
type reader struct {
	s   string
	i   int
	err error
}

func (r *reader) fail(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf("at byte %d: "+format, append([]any{r.i}, args...)...)
	}
	r.i = len(r.s)
}

func (r *reader) byte() byte {
	if r.i >= len(r.s) {
		r.fail("unexpected end")
		return 0
	}
	c := r.s[r.i]
	r.i++
	return c
}

func (r *reader) uvarint() uint64 {
	if r.i < len(r.s) && r.s[r.i] < 0x80 {
		c := r.s[r.i]
		r.i++
		return uint64(c)
	}
	return r.longUvarint()
}

func (r *reader) longUvarint() uint64 {
	var x uint64
	for shift := uint(0); shift < 64; shift += 7 {
		if r.i >= len(r.s) {
			r.fail("unexpected end in a number")
			return 0
		}
		c := r.s[r.i]
		r.i++
		if shift == 63 && c > 1 {
			break
		}
		x |= uint64(c&0x7f) << shift
		if c < 0x80 {
			return x
		}
	}
	r.fail("number overflows 64 bits")
	return 0
}

func (r *reader) varint() int64 {
	u := r.uvarint()
	return int64(u>>1) ^ -int64(u&1)
}

func (r *reader) string() string {
	n := r.uvarint()
	if n > maxStringBytes || n > uint64(len(r.s)-r.i) {
		r.fail("string of %d bytes", n)
		return ""
	}
	s := r.s[r.i : r.i+int(n)]
	r.i += int(n)
	return s
}

// length reads the length of a list whose entries take at least size bytes.
func (r *reader) length(limit, size int) int {
	n := r.uvarint()
	if n > uint64(limit) || n > uint64((len(r.s)-r.i)/size) {
		r.fail("list of %d entries", n)
		return 0
	}
	return int(n)
}

func (r *reader) float() float64 {
	if len(r.s)-r.i < 8 {
		r.fail("unexpected end in a float")
		return 0
	}
	var u uint64
	for k := range 8 {
		u |= uint64(r.s[r.i+k]) << (8 * k)
	}
	r.i += 8
	return math.Float64frombits(u)
}

func (r *reader) time() time.Time {
	sec, nsec := r.varint(), r.uvarint()
	if sec < minUnix || sec > maxUnix || nsec > 999_999_999 {
		r.fail("%w", errTime)
		return time.Time{}
	}
	return time.Unix(sec, int64(nsec)).UTC()
}

func (r *reader) money(prev *string) recommend.Money {
	switch tag := r.byte(); tag {
	case moneyZero:
		return recommend.Money{}
	case moneySame:
		return recommend.Money{Amount: r.varint(), Currency: *prev}
	case moneyExplicit:
		m := recommend.Money{Amount: r.varint()}
		m.Currency = r.string()
		*prev = m.Currency
		return m
	default:
		r.fail("unknown money tag %d", tag)
		return recommend.Money{}
	}
}
