package scale

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// curve is one cost that grows with the shop.
type curve struct {
	letter byte
	title  string
	unit   string
	value  func(s *Size) float64 // 0 is not known
}

// curves are what the figures show.
func curves() []curve {
	return []curve{
		{'i', "ingest", "µs of CPU per event", func(s *Size) float64 {
			if s.IngestCPURate == 0 {
				return 0
			}
			return 1e6 / s.IngestCPURate
		}},
		{'r', "a request for the home page", "µs, p50", func(s *Size) float64 {
			if q := s.request("home"); q != nil {
				return q.P50
			}
			return 0
		}},
		{'m', "memory", "MB on the heap", func(s *Size) float64 { return float64(s.HeapBytes) / 1e6 }},
		{'b', "rebuild from the log", "seconds", func(s *Size) float64 {
			if s.Log == nil {
				return 0
			}
			return s.Log.RebuildSeconds
		}},
		{'s', "restart from a checkpoint", "seconds", func(s *Size) float64 {
			if s.Log == nil {
				return 0
			}
			return s.Log.RestartSeconds
		}},
	}
}

// point is a place on a figure with logarithmic axes.
type point struct{ x, y float64 }

// points are the values of a curve over the number of items, for shops with so many
// events.
func (r *Result) points(c curve, events int) []point {
	var out []point
	for _, s := range r.measured() {
		if v := c.value(s); s.Events == events && v > 0 {
			out = append(out, point{float64(s.Items), v})
		}
	}
	slices.SortFunc(out, func(a, b point) int { return int(a.x - b.x) })
	return out
}

const (
	sketchWidth  = 49
	sketchHeight = 13
)

// sketch draws how often the costs of the smallest shop the larger ones take, both
// axes logarithmic; "" when there are fewer than two sizes.
func (r *Result) sketch(events int) string {
	type line struct {
		curve
		at []point
	}
	var lines []line
	low, high, left, right := 1.0, 1.0, math.Inf(1), 0.0
	for _, c := range curves() {
		at := r.points(c, events)
		if len(at) < 2 {
			continue
		}
		first := at[0].y
		for i := range at {
			at[i].y /= first
			low, high = min(low, at[i].y), max(high, at[i].y)
			left, right = min(left, at[i].x), max(right, at[i].x)
		}
		lines = append(lines, line{c, at})
	}
	if len(lines) == 0 || left >= right {
		return ""
	}
	low, high = math.Pow(10, math.Floor(math.Log10(low)+1e-9)), math.Pow(10, math.Ceil(math.Log10(high)-1e-9))
	if low >= high {
		high = 10 * low
	}
	grid := make([][]byte, sketchHeight)
	for i := range grid {
		grid[i] = []byte(strings.Repeat(" ", sketchWidth))
	}
	column := func(x float64) int { return round(math.Log(x/left) / math.Log(right/left) * (sketchWidth - 1)) }
	row := func(y float64) int {
		return sketchHeight - 1 - round(math.Log(y/low)/math.Log(high/low)*(sketchHeight-1))
	}
	for _, l := range lines {
		for i := 1; i < len(l.at); i++ {
			a, b := l.at[i-1], l.at[i]
			from, to := column(a.x), column(b.x)
			for c := from; c <= to; c++ {
				share := float64(c-from) / float64(max(to-from, 1))
				put(&grid[row(a.y*math.Pow(b.y/a.y, share))][c], '.')
			}
		}
	}
	for _, l := range lines {
		for _, p := range l.at {
			cell := &grid[row(p.y)][column(p.x)]
			if *cell != ' ' && *cell != '.' {
				*cell = '*'
				continue
			}
			*cell = l.letter
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "cost over that of %s items, %s events (both axes logarithmic)\n", Count(int(left)), Count(events))
	for i, cells := range grid {
		label := ""
		switch i {
		case 0:
			label = number(high) + "x"
		case sketchHeight - 1:
			label = number(low) + "x"
		default:
			if i == row(1) {
				label = "1x"
			}
		}
		fmt.Fprintf(&b, "%7s |%s\n", label, strings.TrimRight(string(cells), " "))
	}
	end := Count(int(right)) + " items"
	fmt.Fprintf(&b, "%7s +%s\n", "", strings.Repeat("-", sketchWidth))
	fmt.Fprintf(&b, "%9s%-*s%s\n", "", sketchWidth-len(end), Count(int(left)), end)
	for _, l := range lines {
		fmt.Fprintf(&b, "%9s%c %s (%s): %sx\n", "", l.letter, l.title, l.unit, number(l.at[len(l.at)-1].y))
	}
	if strings.ContainsRune(b.String(), '*') {
		fmt.Fprintf(&b, "%9s* several\n", "")
	}
	return b.String()
}

func put(cell *byte, with byte) {
	if *cell == ' ' {
		*cell = with
	}
}

func round(v float64) int { return int(math.Round(v)) }
