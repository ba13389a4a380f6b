package tune

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"osusume/bench/eval"
)

// summary says in a few lines what was gained on what, each begun by prefix.
func (r *Result) summary(prefix string) []string {
	lines := []string{
		fmt.Sprintf("%strain %s, sha256 %s", prefix, r.Train, r.Hash),
		fmt.Sprintf("%s%d validation cuts inside the train file, %d trials", prefix, r.Cuts, r.Trials),
	}
	for i := range r.Models {
		m := &r.Models[i]
		line := fmt.Sprintf("%s%s (%s, %d cases): %s %.4f by default", prefix, m.Name, m.Variant, m.Cases, m.objective(), m.Default)
		if m.Changed {
			line += fmt.Sprintf(", %.4f tuned, %s", m.Tuned, interval(&m.Gain))
		} else {
			line += ", which stays"
			if m.Gain.Mean != 0 {
				line += fmt.Sprintf(" (with the new counts %.4f, %s)", m.Tuned, interval(&m.Gain))
			}
		}
		lines = append(lines, line)
	}
	return append(lines, prefix+"the cases that chose the settings judge them: expect somewhat less on later ones")
}

func (m *Model) objective() string {
	if len(m.Metrics) == 1 {
		return m.Metrics[0]
	}
	return "mean of " + strings.Join(m.Metrics, " and ")
}

func interval(d *eval.Difference) string {
	return fmt.Sprintf("%+.4f (95 %% %+.4f to %+.4f)", d.Mean, d.CI.Low, d.CI.High)
}

// WriteTable writes for a reader at a terminal what was tried and gained.
func (r *Result) WriteTable(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", r.Task)
	for _, line := range r.summary("  ") {
		fmt.Fprintln(&b, line)
	}
	if r.SkippedRows > 0 {
		fmt.Fprintf(&b, "  %d rows could not be read and are left out\n", r.SkippedRows)
	}
	for i := range r.Models {
		m := &r.Models[i]
		fmt.Fprintf(&b, "\n%s\n", m.Name)
		parameters(&b, m.Parameters)
	}
	if len(r.CountsTried) > 0 {
		fmt.Fprintf(&b, "\ncounts\n")
		parameters(&b, r.CountsTried)
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

// parameters writes one line per parameter. Writing to a strings.Builder cannot
// fail.
func parameters(b *strings.Builder, ps []Parameter) {
	t := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "  parameter\tdefault\tchosen\tvalues tried\twhat the value is worth, 95 % interval")
	for i := range ps {
		p := &ps[i]
		chosen, worth := "", "no gain"
		switch {
		case p.Kept:
			chosen = number(p.To)
			worth = ""
			if p.Worth != nil {
				worth = interval(p.Worth)
			}
		case p.Worth != nil:
			worth = "within noise: " + interval(p.Worth)
		case p.BestSeen > 0:
			worth = fmt.Sprintf("too little: %+.4f", p.BestSeen)
		}
		fmt.Fprintf(t, "  %s\t%s\t%s\t%d\t%s\n", p.Name, number(p.From), chosen, p.Tried, worth)
	}
	_ = t.Flush() // see above
}
