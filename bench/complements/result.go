package complements

import (
	"context"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"osusume/bench/datasets"
	"osusume/recommend/engine"
)

// Result is what one run measured.
type Result struct {
	// Cases of the file, and those for which there are complements.
	Cases    int `json:"cases"`
	Answered int `json:"answered"`
	// Families with at least two items, and how many items those have.
	Families    int           `json:"families"`
	InFamilies  int           `json:"items_in_families"`
	Items       int           `json:"items"`
	Rows        []Row         `json:"rows"`
	Substitutes []Substitutes `json:"substitutes"`
}

// Measure runs the experiment on what an engine learned of a catalog with these
// families.
func Measure(ctx context.Context, view *engine.View, cases []datasets.Basket, families map[string]string, seed uint64, progress func(string, int, int)) (Result, error) {
	r := Result{Cases: len(cases), Items: len(families)}
	sizes := make(map[string]int)
	for _, f := range families {
		sizes[f]++
	}
	for _, n := range sizes {
		if n > 1 {
			r.Families++
			r.InFamilies += n
		}
	}
	answered, err := ask(ctx, view, cases, families, progress)
	if err != nil {
		return r, err
	}
	r.Answered = len(answered)
	r.Substitutes = countSubstitutes(answered, families)
	r.Rows, err = judge(answered, families, seed)
	return r, err
}

func (r *Result) writeJSON(w io.Writer) error {
	if err := json.MarshalWrite(w, r, jsontext.WithIndent("  ")); err != nil {
		return fmt.Errorf("write result: %w", err)
	}
	_, err := io.WriteString(w, "\n")
	return err
}

// writeTable writes the result for a reader at a terminal.
func (r *Result) writeTable(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "complements: %d of %d cases answered; %d of %d items in %d families of two or more\n",
		r.Answered, r.Cases, r.InFamilies, r.Items, r.Families)
	for _, truth := range truths {
		t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
		first := true
		for _, row := range r.Rows {
			if row.Truth != truth {
				continue
			}
			if first {
				fmt.Fprintf(&b, "\ntruth: %s, %d cases\n", truth, row.Cases)
				fmt.Fprint(t, "  ranking\tndcg@10\t95 % interval\tcomplements better by\tprecision\t95 % interval\tcomplements better by\n")
				first = false
			}
			fmt.Fprintf(t, "  %s\t%.4f\t%s\t%s\t%.4f\t%s\t%s\n", row.Name, row.NDCG, row.NDCGCI, row.Gain, row.Precision, row.PrecCI, row.Better)
		}
		if err := t.Flush(); err != nil {
			return fmt.Errorf("write table: %w", err)
		}
	}
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprint(t, "\n  shown\tpairs\tsame family\tsame stock code\n")
	for _, s := range r.Substitutes {
		fmt.Fprintf(t, "  %s\t%d\t%d\t%d\n", s.Name, s.Pairs, s.Family, s.Variants)
	}
	if err := t.Flush(); err != nil {
		return fmt.Errorf("write table: %w", err)
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

// String writes the interval.
func (s Span) String() string { return fmt.Sprintf("%.4f to %.4f", s[0], s[1]) }

// String writes the difference with its interval, nothing for none.
func (d *Difference) String() string {
	if d == nil {
		return ""
	}
	return fmt.Sprintf("%+.4f (%s)", d.Mean, d.CI)
}
