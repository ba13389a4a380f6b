package eval

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// WriteTable writes the result for a reader at a terminal: per metric the mean
// with its 95 % interval and, beside it, what bestsellers reach and by how much
// the model is better, with the interval of that difference.
func (r *Result) WriteTable(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, model %s, %s items\n", r.Task, r.Model, thousands(r.CatalogItems))
	fmt.Fprintf(&b, "trained in %.2f s; a request takes %.0f µs (p50), %.0f µs (p99)\n", r.TrainSeconds, r.Score.P50, r.Score.P99)
	for _, file := range sortedKeys(r.SkippedRows) {
		fmt.Fprintf(&b, "%s rows of %s could not be read and are left out\n", thousands(r.SkippedRows[file]), file)
	}
	for i := range r.Variants {
		v := &r.Variants[i]
		fmt.Fprintf(&b, "\n%s, %s cases\n", v.Name, thousands(len(v.Cases)))
		t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
		fmt.Fprint(t, "  metric\tmean\t95 % interval")
		if i < len(r.Popularity) {
			fmt.Fprint(t, "\tpopularity\tbetter by\t95 % interval")
		}
		fmt.Fprintln(t)
		for _, m := range v.Metrics {
			fmt.Fprintf(t, "  %s\t%.4f\t%s", m.Name, m.Mean, m.CI)
			if i < len(r.Popularity) {
				base, _ := r.Popularity[i].Metric(m.Name)
				fmt.Fprintf(t, "\t%.4f\t%+.4f\t", base.Mean, m.Mean-base.Mean)
				if d, err := Compare(v, &r.Popularity[i], m.Name, r.Seed); err == nil {
					fmt.Fprintf(t, "%+.4f to %+.4f", d.CI.Low, d.CI.High)
				}
			}
			fmt.Fprintln(t)
		}
		if err := t.Flush(); err != nil {
			return fmt.Errorf("write table: %w", err)
		}
	}
	lines := strings.Split(b.String(), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	if _, err := io.WriteString(w, strings.Join(lines, "\n")); err != nil {
		return fmt.Errorf("write table: %w", err)
	}
	return nil
}

// String writes the interval, nothing for none.
func (i *Interval) String() string {
	if i == nil {
		return ""
	}
	return fmt.Sprintf("%.4f to %.4f", i.Low, i.High)
}

// thousands writes n with a comma between thousands.
func thousands(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
