package scale

import (
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/dustin/go-humanize"
)

// column is one figure of the table.
type column struct {
	title string
	value func(s *Size) string
}

// columns are the figures of a size, one row each in the terminal's table: sizes
// stand side by side, so that growth is read along a line.
func columns(r *Result) []column {
	rate := func(get func(*Size) float64) func(*Size) string {
		return func(s *Size) string { return number(get(s)) }
	}
	logged := func(get func(*Log) string) func(*Size) string {
		return func(s *Size) string {
			if s.Log == nil {
				return "–"
			}
			return get(s.Log)
		}
	}
	all := []column{
		{"visitors", func(s *Size) string { return humanize.Comma(int64(s.Visitors)) }},
		{"directed pairs", func(s *Size) string { return humanize.Comma(s.DirectedPairs) }},
		{"ingest, events/s on one core", rate(func(s *Size) float64 { return s.IngestRate })},
		{"ingest, events/s of CPU", rate(func(s *Size) float64 { return s.IngestCPURate })},
		{"lists behind at the end", func(s *Size) string { return humanize.Comma(int64(s.BehindItems)) }},
		{"re-rank all lists", func(s *Size) string { return seconds(s.RefreshSeconds) }},
		{"append to the log, events/s", logged(func(l *Log) string { return number(l.AppendRate) })},
		{"log", logged(func(l *Log) string { return size(l.Bytes) })},
		{"rebuild from the log", logged(func(l *Log) string { return seconds(l.RebuildSeconds) })},
		{"checkpoint", logged(func(l *Log) string { return size(l.CheckpointBytes) })},
		{"restart from it", logged(func(l *Log) string { return seconds(l.RestartSeconds) })},
	}
	parts := make(map[string]bool)
	for i := range r.Sizes {
		for part := range r.Sizes[i].Bytes {
			parts[part] = true
		}
	}
	for _, part := range slices.Sorted(maps.Keys(parts)) {
		all = append(all, column{part, func(s *Size) string { return size(s.Bytes[part]) }})
	}
	all = append(
		all,
		column{"heap in all", func(s *Size) string { return size(s.HeapBytes) }},
		column{"peak of the process", func(s *Size) string { return size(s.PeakBytes) }},
		column{"bytes/directed pair", rate(func(s *Size) float64 { return s.PairBytes })},
		column{"bytes/visitor", rate(func(s *Size) float64 { return s.VisitorBytes })},
		column{"bytes/item", rate(func(s *Size) float64 { return s.ItemBytes })},
	)
	for _, placement := range r.placements() {
		all = append(all, column{placement + ", p50 / p99 µs", func(s *Size) string {
			q := s.request(placement)
			if q == nil {
				return "–"
			}
			return number(q.P50) + " / " + number(q.P99)
		}})
	}
	return all
}

// placements are those of any size, sorted.
func (r *Result) placements() []string {
	var names []string
	for i := range r.Sizes {
		for _, q := range r.Sizes[i].Requests {
			names = append(names, q.Placement)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// measured are the sizes with figures.
func (r *Result) measured() []*Size {
	var out []*Size
	for i := range r.Sizes {
		if r.Sizes[i].Skipped == "" {
			out = append(out, &r.Sizes[i])
		}
	}
	return out
}

// WriteTable writes the figures and a sketch of their growth for a terminal.
func (r *Result) WriteTable(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, %s\n", r.Machine, r.Machine.Built())
	fmt.Fprintf(&b, "%s\n\n", r.Command)
	sizes := r.measured()
	if len(sizes) > 0 {
		head := []string{"items, events"}
		for _, s := range sizes {
			head = append(head, Count(s.Items)+", "+Count(s.Events))
		}
		rows := [][]string{head}
		for _, c := range columns(r) {
			row := []string{c.title}
			for _, s := range sizes {
				row = append(row, c.value(s))
			}
			rows = append(rows, row)
		}
		align(&b, rows)
	}
	for i := range r.Sizes {
		if s := &r.Sizes[i]; s.Skipped != "" {
			fmt.Fprintf(&b, "%s items, %s events: %s\n", Count(s.Items), Count(s.Events), s.Skipped)
		}
	}
	for _, events := range r.eventCounts() {
		if text := r.sketch(events); text != "" {
			fmt.Fprintf(&b, "\n%s", text)
		}
	}
	_, err := io.WriteString(w, b.String())
	if err != nil {
		return fmt.Errorf("write table: %w", err)
	}
	return nil
}

// eventCounts are the numbers of events measured, ascending.
func (r *Result) eventCounts() []int {
	var counts []int
	for _, s := range r.measured() {
		counts = append(counts, s.Events)
	}
	slices.Sort(counts)
	return slices.Compact(counts)
}

// align writes rows with the first column to the left and the others to the right.
func align(b *strings.Builder, rows [][]string) {
	width := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			width[i] = max(width[i], len([]rune(cell)))
		}
	}
	for _, row := range rows {
		for i, cell := range row {
			gap := strings.Repeat(" ", width[i]-len([]rune(cell)))
			switch {
			case i == 0:
				b.WriteString(cell + gap)
			default:
				b.WriteString("  " + gap + cell)
			}
		}
		b.WriteByte('\n')
	}
}

// number writes v with three digits that count, or whole with commas.
func number(v float64) string {
	switch {
	case v == 0:
		return "0"
	case math.Abs(v) >= 100:
		return humanize.Comma(int64(math.Round(v)))
	default:
		return strconv.FormatFloat(v, 'g', 3, 64)
	}
}

func seconds(v float64) string {
	if v < 1 {
		return number(v*1000) + " ms"
	}
	return number(v) + " s"
}

func size(n int64) string {
	if n <= 0 {
		return "–"
	}
	return humanize.Bytes(uint64(n))
}
