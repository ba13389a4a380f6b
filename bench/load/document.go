package load

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"osusume/bench/report"
)

// Document is all that one command measured; it is what --json writes. Parts
// that were not asked for are absent.
type Document struct {
	Machine report.Machine `json:"machine"`
	Command string         `json:"command"`
	Shop    string         `json:"shop"`
	Run     *Result        `json:"run,omitempty"`
	Ramp    *Ramp          `json:"ramp,omitempty"`
	Compare *Comparison    `json:"compare,omitempty"`
	Soak    *Soak          `json:"soak,omitempty"`
}

func (d *Document) writeTables(out io.Writer) error {
	switch {
	case d.Ramp != nil:
		return d.Ramp.writeTable(out)
	case d.Compare != nil:
		return d.Compare.writeTable(out)
	case d.Soak != nil:
		return d.Soak.writeTable(out)
	default:
		return d.Run.writeTable(out)
	}
}

func (p *Ramp) writeTable(out io.Writer) error {
	var b strings.Builder
	b.WriteString("\n")
	if p.Saturation > 0 {
		fmt.Fprintf(&b, "closed loop: %s answers a second\n\n", count(p.Saturation))
	}
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "offered a second\tanswered\tbad\tunsent\tp50 ms\tp90\tp99\tp99.9\tmax\tclient µs\tserver µs\t")
	for i := range p.Steps {
		r := &p.Steps[i]
		mark := ""
		if r.Rate == p.Knee {
			mark = " <- knee"
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%.3f\t%.3f\t%.3f\t%.3f\t%.3f\t%.1f\t%.1f\t%s\n", count(r.Rate), count(r.RPS), count(float64(r.Bad)),
			count(float64(r.Unsent)), r.Latency.P50, r.Latency.P90, r.Latency.P99, r.Latency.P999, r.Latency.Max, r.ClientCPU, r.ServerCPU, mark)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(&b, "\nthe knee is at %s a second: %s\n", count(p.Knee), p.Why)
	if p.Cut {
		b.WriteString("ended early\n")
	}
	_, err := io.WriteString(out, b.String())
	return err
}

func (c *Comparison) writeTable(out io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "\n%s against %s, medians of %d slices each in turns; the range is the quartiles of the pairs\n", c.A, c.B, len(c.SlicesA))
	if len(c.SlicesA) > 0 {
		r := &c.SlicesA[0]
		how := fmt.Sprintf("closed loop, %d connections", r.Clients)
		if r.Rate > 0 {
			how = fmt.Sprintf("open loop, %s arrivals a second", count(r.Rate))
		}
		fmt.Fprintf(&b, "mix %s, %s, slices of %.1f s; client %.1f µs a request; %.0f and %.0f bytes an answer\n",
			r.Mix, how, r.Seconds, r.ClientCPU, r.Bytes, c.SlicesB[0].Bytes)
	}
	b.WriteString("\n")
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(t, "\t%s\t%s\tratio\trange\t\n", c.A, c.B)
	for _, row := range c.rows() {
		fmt.Fprintf(t, "%s\t%s\t%s\t%.3f\t%.3f to %.3f\t\n", row.name, row.a, row.b, row.ratio.Ratio, row.ratio.Low, row.ratio.High)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if x, y := errorsOf(c.SlicesA), errorsOf(c.SlicesB); x+y > 0 {
		fmt.Fprintf(&b, "  ERRORS: %d of %s, %d of %s\n", x, c.A, y, c.B)
	}
	if c.Cut {
		b.WriteString("ended early\n")
	}
	_, err := io.WriteString(out, b.String())
	return err
}

type ratioRow struct {
	name, a, b string
	ratio      Ratio
}

func (c *Comparison) rows() []ratioRow {
	millis := func(v float64) string { return fmt.Sprintf("%.3f", v) }
	micros := func(v float64) string { return fmt.Sprintf("%.1f", v) }
	rows := []ratioRow{
		{"answers a second", count(c.RPS.A), count(c.RPS.B), c.RPS},
		{"p50 ms", millis(c.P50.A), millis(c.P50.B), c.P50},
		{"p99 ms", millis(c.P99.A), millis(c.P99.B), c.P99},
	}
	if c.CPU.A > 0 && c.CPU.B > 0 {
		rows = append(rows, ratioRow{"server µs a request", micros(c.CPU.A), micros(c.CPU.B), c.CPU})
	}
	return rows
}

func (s *Soak) writeTable(out io.Writer) error {
	if err := s.Run.writeTable(out); err != nil {
		return err
	}
	var b strings.Builder
	b.WriteString("\n")
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "until second\tanswers\tbad\tp50 ms\tp99 ms\tmax ms\t")
	for _, m := range s.Minutes {
		fmt.Fprintf(t, "%.0f\t%s\t%d\t%.3f\t%.3f\t%.3f\t\n", m.Seconds, count(float64(m.Latency.Count)), m.Bad, m.Latency.P50, m.Latency.P99, m.Latency.Max)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	b.WriteString("\n")
	t = tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, c := range s.Checks {
		verdict := "ok"
		if !c.OK {
			verdict = "NOT OK"
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t(want %s)\n", verdict, c.Name, c.Got, c.Want)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	_, err := io.WriteString(out, b.String())
	return err
}
