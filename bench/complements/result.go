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
	Cases    int   `json:"cases"`
	Answered int   `json:"answered"`
	Families Sizes `json:"families"`
	// Told is the mean P(B|A) of the complements shown, to be held against their
	// precision by the rest.
	Told        float64       `json:"mean_p"`
	Rows        []Row         `json:"rows"`
	Substitutes []Substitutes `json:"substitutes"`
}

// Measure runs the experiment on what an engine learned of a catalog with these
// families.
func Measure(ctx context.Context, view *engine.View, cases []datasets.Basket, families map[string]string, seed uint64, progress func(string, int, int)) (Result, error) {
	r := Result{Cases: len(cases), Families: measureFamilies(families, cases)}
	answered, err := ask(ctx, view, cases, families, progress)
	if err != nil {
		return r, err
	}
	r.Answered = len(answered)
	places := 0
	for i := range answered {
		for _, p := range answered[i].told {
			r.Told += p
			places++
		}
	}
	r.Told /= float64(max(places, 1))
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
	f := &r.Families
	fmt.Fprintf(&b, "complements: %d of %d cases answered by both, lists of one length; their P(B|A) is %.4f on average\n", r.Answered, r.Cases, r.Told)
	fmt.Fprintf(&b, "families: %d of %d items in %d of two or more, of median size %d, 90 %% up to %d, at most %d (%.1f %% of the catalog);\n",
		f.InFamilies, f.Items, f.Families, f.Median, f.P90, f.Max, 100*float64(f.Max)/float64(max(f.Items, 1)))
	fmt.Fprintf(&b, "          %.1f %% of what is to be found is of the family of the item it is found from\n", 100*f.Rest)
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
	fmt.Fprint(t, "\n  shown\tpairs\tsame family\tright\tsame stock code\n")
	for _, s := range r.Substitutes {
		fmt.Fprintf(t, "  %s\t%d\t%d (%.1f %%)\t%d, %d of the family\t%d\n", s.Name, s.Pairs, s.Family, 100*float64(s.Family)/float64(max(s.Pairs, 1)), s.Right, s.RightFamily, s.Variants)
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
