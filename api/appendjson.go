package api

import (
	"math"
	"strconv"
	"time"
	"unicode/utf8"
)

const hexDigits = "0123456789abcdef"

// appendString appends s as a JSON string. Bytes that are not UTF-8 become
// U+FFFD. Characters that are special in HTML and the line separators
// JavaScript once stumbled over are escaped, so that an answer pasted into a
// script element stays data.
func appendString(b []byte, s string) []byte {
	// Nearly every id can be copied as it is.
	i := 0
	for i < len(s) && copied[s[i]] {
		i++
	}
	if i < len(s) {
		return appendEscaped(b, s)
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}

// copied holds for the ASCII characters that stand for themselves in a string.
var copied = func() (copied [256]bool) {
	for c := range utf8.RuneSelf {
		copied[c] = c >= 0x20 && c != '"' && c != '\\' && c != '<' && c != '>' && c != '&'
	}
	return copied
}()

func appendEscaped(b []byte, s string) []byte {
	b = append(b, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if copied[c] {
				i++
				continue
			}
			b = append(b, s[start:i]...)
			switch c {
			case '"', '\\':
				b = append(b, '\\', c)
			case '\b':
				b = append(b, '\\', 'b')
			case '\f':
				b = append(b, '\\', 'f')
			case '\n':
				b = append(b, '\\', 'n')
			case '\r':
				b = append(b, '\\', 'r')
			case '\t':
				b = append(b, '\\', 't')
			default:
				b = append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&0xf])
			}
			i++
			start = i
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			b = append(b, s[start:i]...)
			b = append(b, `\ufffd`...)
			i += size
			start = i
		case r == '\u2028' || r == '\u2029':
			b = append(b, s[start:i]...)
			b = append(b, `\u202`...)
			b = append(b, hexDigits[r&0xf])
			i += size
			start = i
		default:
			i += size
		}
	}
	b = append(b, s[start:]...)
	return append(b, '"')
}

// appendStrings appends a JSON array of strings.
func appendStrings(b []byte, list []string) []byte {
	b = append(b, '[')
	for i, s := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendString(b, s)
	}
	return append(b, ']')
}

// appendNumber appends f as the shortest JSON number that reads back as f. JSON
// has no NaN or infinity; no caller may hold one, and should one slip through,
// 0 keeps the answer readable.
func appendNumber(b []byte, f float64) []byte {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return append(b, '0')
	}
	if abs := math.Abs(f); abs != 0 && (abs < 1e-6 || abs >= 1e21) {
		return strconv.AppendFloat(b, f, 'e', -1, 64)
	}
	return strconv.AppendFloat(b, f, 'f', -1, 64)
}

// appendScore appends a score. Scores are computed in single precision; one that
// is no more precise than that is written with the digits that tell it from its
// single-precision neighbours, half of what appendNumber needs. The order of
// scores survives, and equal scores stay equal.
func appendScore(b []byte, f float64) []byte {
	if single := float32(f); float64(single) == f && (f == 0 || (math.Abs(f) >= 1e-6 && math.Abs(f) < 1e21)) {
		return strconv.AppendFloat(b, f, 'f', -1, 32)
	}
	return appendNumber(b, f)
}

// appendTime appends t as an RFC 3339 string in UTC.
func appendTime(b []byte, t time.Time) []byte {
	b = append(b, '"')
	b = t.UTC().AppendFormat(b, time.RFC3339Nano)
	return append(b, '"')
}
