package goals

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/dustin/go-humanize"
)

// Verdict is what a check comes to.
type Verdict string

// The verdicts.
const (
	Reached     Verdict = "reached"
	Missed      Verdict = "not reached"
	NotMeasured Verdict = "not measured"
)

// Bound is a target.
type Bound struct {
	// Least is set when the value must be at least Limit; otherwise it must be at
	// most Limit.
	Least bool    `json:"least,omitempty"`
	Limit float64 `json:"limit"`
	Unit  string  `json:"unit"`
}

func atMost(limit float64, unit string) Bound  { return Bound{Limit: limit, Unit: unit} }
func atLeast(limit float64, unit string) Bound { return Bound{Least: true, Limit: limit, Unit: unit} }

// holds reports whether v meets the bound; NaN never does.
func (b Bound) holds(v float64) bool {
	if b.Least {
		return v >= b.Limit
	}
	return v <= b.Limit
}

func (b Bound) String() string {
	if b == (Bound{}) {
		return "–"
	}
	if b.Least {
		return "≥ " + amount(b.Limit, b.Unit)
	}
	return "≤ " + amount(b.Limit, b.Unit)
}

// Check is one thing a goal asks for.
type Check struct {
	Goal  int    `json:"goal"` // 1 to 10
	What  string `json:"what"`
	Bound Bound  `json:"bound"`
	// Values holds one figure per round.
	Values []float64 `json:"values,omitempty"`
	// Reason says why the check counts as not measured, although there may be
	// values: of a smaller shop, for one.
	Reason string `json:"reason,omitempty"`
	// Note is what helps to read the figure.
	Note string `json:"note,omitempty"`
	// Verdict and Median follow from the others; see settle.
	Verdict Verdict  `json:"verdict"`
	Median  *float64 `json:"median,omitempty"`
}

// settle fills in the median and the verdict.
func (c *Check) settle() {
	c.Median = nil
	if len(c.Values) > 0 {
		m := median(c.Values)
		c.Median = &m
	}
	switch {
	case c.Reason != "":
		c.Verdict = NotMeasured
	case c.Median == nil:
		c.Verdict, c.Reason = NotMeasured, "no figures"
	case c.Bound.holds(*c.Median):
		c.Verdict = Reached
	default:
		c.Verdict = Missed
	}
}

// measured is the median and, of several rounds, their range.
func (c *Check) measured() string {
	if c.Median == nil {
		return "–"
	}
	text := amount(*c.Median, c.Bound.Unit)
	if low, high := slices.Min(c.Values), slices.Max(c.Values); low < high {
		text += fmt.Sprintf(" (%s–%s)", amount(low, ""), amount(high, ""))
	}
	return text
}

// median is the middle value, of an even number the mean of the two in the middle;
// NaN when any value is.
func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	if len(sorted) == 0 || math.IsNaN(sorted[0]) {
		return math.NaN()
	}
	k := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[k]
	}
	return (sorted[k-1] + sorted[k]) / 2
}

// amount writes a value with three digits that count, and its unit.
func amount(v float64, unit string) string {
	var text string
	switch {
	case math.IsNaN(v) || math.IsInf(v, 0):
		return "–"
	case math.Abs(v) >= 1000:
		text = humanize.Comma(int64(math.Round(v)))
	case math.Abs(v) >= 100:
		text = strconv.FormatFloat(v, 'f', 0, 64)
	case math.Abs(v) < 0.0005:
		text = "0"
	default:
		text = strconv.FormatFloat(v, 'g', 3, 64)
	}
	if unit == "" {
		return text
	}
	if unit == "x" || unit == "%" {
		return text + unit
	}
	return text + " " + unit
}
