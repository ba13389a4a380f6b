package scale

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/dustin/go-humanize"
)

// ParseCounts reads numbers such as "10k,100k,1M" in ascending or any order.
func ParseCounts(list string) ([]int, error) {
	var counts []int
	for text := range strings.SplitSeq(list, ",") {
		n, err := ParseCount(strings.TrimSpace(text))
		if err != nil {
			return nil, err
		}
		counts = append(counts, n)
	}
	return counts, nil
}

// ParseCount reads a number from 1 to 1,000,000,000 with an optional k or M.
func ParseCount(text string) (int, error) {
	digits, unit := text, 1
	switch {
	case strings.HasSuffix(text, "k"):
		digits, unit = text[:len(text)-1], 1000
	case strings.HasSuffix(text, "M"):
		digits, unit = text[:len(text)-1], 1_000_000
	}
	n, err := strconv.Atoi(digits)
	if err != nil || n < 1 || n > 1_000_000_000/unit {
		return 0, fmt.Errorf("%q: want a number such as 500, 10k or 1M", text)
	}
	return n * unit, nil
}

// Count writes a number as ParseCount reads it.
func Count(n int) string {
	switch {
	case n >= 1_000_000 && n%100_000 == 0:
		return strconv.FormatFloat(float64(n)/1e6, 'f', -1, 64) + "M"
	case n >= 1000 && n%100 == 0:
		return strconv.FormatFloat(float64(n)/1e3, 'f', -1, 64) + "k"
	default:
		return strconv.Itoa(n)
	}
}

// What a shop takes at least, in bytes: below it there is no use in trying.
const (
	leastItemBytes  = 700
	leastEventBytes = 60
)

// tooLarge says why a size cannot fit into limit bytes, "" when it may.
func tooLarge(items, events int, limit int64) string {
	need := int64(items)*leastItemBytes + int64(events)*leastEventBytes
	if limit <= 0 || need <= limit {
		return ""
	}
	return fmt.Sprintf("not enough memory: needs at least %s, may take %s", humanize.Bytes(uint64(need)), humanize.Bytes(uint64(limit)))
}
