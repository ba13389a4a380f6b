package datasets

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"osusume/recommend"
)

// maxInterned bounds the strings kept to be shared between rows.
const maxInterned = 1 << 16

// interner gives equal cells one string, so that a file's customers and items
// cost memory once and not once per row.
type interner map[string]string

func (in interner) get(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	if s, ok := in[string(b)]; ok {
		return s
	}
	if len(in) >= maxInterned {
		clear(in)
	}
	s := string(b)
	in[s] = s
	return s
}

// timeLayouts are tried in order after RFC 3339.
var timeLayouts = [...]string{"2006-01-02 15:04:05", "2006-01-02T15:04:05", "2006-01-02 15:04", "2006-01-02", "2006/01/02 15:04:05", "2006/01/02"}

// parseTime reads RFC 3339, a time without zone (taken to be in loc), a date,
// or Unix seconds or milliseconds. The result is in UTC.
func parseTime(b []byte, loc *time.Location) (time.Time, error) {
	s := string(bytes.TrimSpace(b))
	if s == "" {
		return time.Time{}, errors.New("time: is required")
	}
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t.UTC(), nil
	}
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		switch len(s) {
		case 9, 10:
			return time.Unix(n, 0).UTC(), nil
		case 12, 13:
			return time.UnixMilli(n).UTC(), nil
		}
	}
	for _, layout := range timeLayouts {
		if t, err := time.ParseInLocation(layout, s, loc); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("time: must look like 2006-01-02T15:04:05Z (RFC 3339), got %q", clip(s))
}

// parseQuantity reads a whole number, which may be written 6.0.
func parseQuantity(b []byte) (int64, error) {
	s := string(bytes.TrimSpace(b))
	whole, frac, _ := strings.Cut(s, ".")
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || strings.Trim(frac, "0") != "" {
		return 0, fmt.Errorf("quantity: must be a whole number, got %q", clip(s))
	}
	return n, nil
}

// misfitError is a price with decimals in a currency that has none: one means
// a bad row, many mean that the wrong currency was named.
type misfitError struct {
	price, currency string
}

func (e *misfitError) Error() string {
	return fmt.Sprintf("price: %s has no decimals, got %s; name the currency of the file with --currency (option Currency)", e.currency, e.price)
}

// parsePrice reads a decimal in major units. Digits below the minor unit that
// are noise of binary fractions (6.349999999999999, 0.42000000000000004) do
// not count. Real ones (2.325, the mean price of two lines) are rounded half
// up, which rounded tells, but not where the currency has no decimals at all:
// there they are the sign of another currency.
func parsePrice(b []byte, currency string) (m recommend.Money, rounded bool, err error) {
	text := bytes.TrimSpace(b)
	bad := func(why string) (recommend.Money, bool, error) {
		return recommend.Money{}, false, fmt.Errorf("price: %s, got %q", why, clip(string(text)))
	}
	digits, negative := bytes.CutPrefix(text, []byte{'-'})
	whole, frac, _ := bytes.Cut(digits, []byte{'.'})
	if len(whole)+len(frac) == 0 {
		return bad("must be a decimal number")
	}
	exp := recommend.Exponent(currency)
	kept := min(len(frac), exp)
	below := frac[kept:]
	if !isDigits(whole) || !isDigits(frac) {
		return bad("must be a decimal number without signs, spaces or thousands separators")
	}
	amount := appendDigits(appendDigits(0, whole), frac[:kept])
	for range exp - kept {
		amount = appendDigits(amount, []byte{'0'})
	}
	if len(below) > 0 {
		switch {
		case isNoise(below):
		case exp == 0 && len(bytes.TrimRight(below, "0")) > 0:
			return recommend.Money{}, false, &misfitError{price: clip(string(text)), currency: currency}
		default:
			rounded = len(bytes.TrimRight(below, "0")) > 0
		}
		if below[0] >= '5' {
			amount++
		}
	}
	switch {
	case negative && (amount > 0 || rounded):
		return bad("must not be negative")
	case amount > recommend.MaxAmount:
		return bad(fmt.Sprintf("must be at most %d minor units of %s", int64(recommend.MaxAmount), currency))
	}
	return recommend.Money{Amount: amount, Currency: currency}, rounded, nil
}

func isDigits(b []byte) bool {
	for _, c := range b {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

// appendDigits writes digits behind amount; it stops above MaxAmount.
func appendDigits(amount int64, digits []byte) int64 {
	for _, c := range digits {
		amount = min(amount*10+int64(c-'0'), recommend.MaxAmount+1)
	}
	return amount
}

// isNoise reports whether the digits below the minor unit are less than a
// millionth of it away from a whole one.
func isNoise(below []byte) bool {
	const millionth = 6
	return len(below) > millionth &&
		(bytes.Count(below[:millionth], []byte{'0'}) == millionth || bytes.Count(below[:millionth], []byte{'9'}) == millionth)
}

// clip shortens what a message quotes.
func clip(s string) string {
	const most = 60
	if len(s) <= most {
		return s
	}
	cut := most
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + "..."
}
