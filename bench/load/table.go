package load

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/dustin/go-humanize"
)

// writeTable prints a result for people.
func (r *Result) writeTable(out io.Writer) error {
	var b strings.Builder
	how := fmt.Sprintf("closed loop, %d connections", r.Clients)
	if r.Rate > 0 {
		how = fmt.Sprintf("open loop, %s arrivals a second", count(r.Rate))
	}
	fmt.Fprintf(&b, "\nmix %s, %s, %.1f s", r.Mix, how, r.Seconds)
	if r.Cut {
		b.WriteString(", ended early")
	}
	fmt.Fprintf(&b, "\n  %s answers a second", count(r.RPS))
	if r.EventsPS > 0 {
		fmt.Fprintf(&b, ", %s events acknowledged a second", count(r.EventsPS))
	}
	fmt.Fprintf(&b, "; %.0f bytes an answer\n", r.Bytes)
	fmt.Fprintf(&b, "  processor time a request: client %.1f µs", r.ClientCPU)
	if r.ServerCPU > 0 {
		fmt.Fprintf(&b, ", server %.1f µs", r.ServerCPU)
	}
	b.WriteString("\n\n")
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "latency in ms\tgood\tbad\tp50\tp90\tp99\tp99.9\tmax\t")
	row := func(name, good, bad string, l Latency) {
		fmt.Fprintf(t, "%s\t%s\t%s\t%.3f\t%.3f\t%.3f\t%.3f\t%.3f\t\n", name, good, bad, l.P50, l.P90, l.P99, l.P999, l.Max)
	}
	if len(r.Ops) != 1 {
		row("all", count(float64(r.Good)), count(float64(r.Bad)), r.Latency)
	}
	for _, o := range r.Ops {
		row(o.Op, count(float64(o.Good)), count(float64(o.Bad)), o.Latency)
	}
	if r.Rate > 0 {
		row("once sent", "", "", r.Service)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if r.Unsent > 0 {
		fmt.Fprintf(&b, "  %s arrivals were never sent: the server was too far behind (their wait counts)\n", count(float64(r.Unsent)))
	}
	for _, status := range slices.Sorted(maps.Keys(r.Errors)) {
		fmt.Fprintf(&b, "  ERROR %s: %s\n", status, count(float64(r.Errors[status])))
	}
	_, err := io.WriteString(out, b.String())
	return err
}

// count writes a number with commas, small fractions with a digit.
func count(v float64) string {
	if v < 100 && v != float64(int64(v)) {
		return fmt.Sprintf("%.1f", v)
	}
	return humanize.Comma(int64(v + 0.5))
}
