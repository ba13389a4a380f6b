package cold

import (
	"context"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"osusume/recommend/engine"
)

// Result is the experiment on one shop.
type Result struct {
	Shop      string    `json:"shop"`
	Cut       time.Time `json:"cut"`
	Items     int       `json:"items"`
	ColdItems int       `json:"cold_items"`
	// Customers known at the cut who bought cold items, and those not known.
	Customers int `json:"customers"`
	Unknown   int `json:"unknown_customers"`
	// Among are the rankings of the cold items; Gains are the first one's
	// NDCG minus that of each other one.
	Among []Row                 `json:"among_cold"`
	Gains map[string]Difference `json:"ndcg_gain"`
	Full  Full                  `json:"full_lists"`
}

// measure runs the experiment on one shop.
func measure(ctx context.Context, s *split, settings engine.Settings, seed uint64, progress func(string, int, int)) (Result, error) {
	r := Result{Shop: s.name, Cut: s.cut, Items: len(s.items), ColdItems: len(s.cold), Unknown: s.unknown, Gains: make(map[string]Difference)}
	view, err := s.learn(ctx, settings, progress)
	if err != nil {
		return r, err
	}
	progress("ask", 0, 0)
	if r.Among, err = s.amongCold(view, seed); err != nil {
		return r, err
	}
	r.Customers = len(r.Among[0].variant.Cases)
	for k := range r.Among[1:] {
		other := &r.Among[k+1]
		if r.Gains[other.Name], err = compare(&r.Among[0], other, ndcg, seed); err != nil {
			return r, err
		}
	}
	r.Full, err = s.fullLists(view, seed)
	return r, err
}

func writeJSON(w io.Writer, results []Result) error {
	if err := json.MarshalWrite(w, results, jsontext.WithIndent("  "), json.Deterministic(true)); err != nil {
		return fmt.Errorf("write result: %w", err)
	}
	_, err := io.WriteString(w, "\n")
	return err
}

// writeTable writes the result for a reader at a terminal.
func (r *Result) writeTable(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, cut at %s: %d of %d items are cold; %d known customers bought some (%d unknown ones are left out)\n\n",
		r.Shop, r.Cut.Format(time.DateOnly), r.ColdItems, r.Items, r.Customers, r.Unknown)
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "  among cold items\t%s\t95 %% interval\t%s\t95 %% interval\tfirst better by (%s)\n", hitRate, ndcg, ndcg)
	for _, row := range r.Among {
		fmt.Fprintf(t, "  %s\t%.4f\t%s\t%.4f\t%s", row.Name, row.Mean[hitRate], row.CI[hitRate], row.Mean[ndcg], row.CI[ndcg])
		if gain, ok := r.Gains[row.Name]; ok {
			fmt.Fprintf(t, "\t%s", gain)
		}
		fmt.Fprintln(t)
	}
	if err := t.Flush(); err != nil {
		return fmt.Errorf("write table: %w", err)
	}
	f := &r.Full
	fmt.Fprintf(&b, "\n  home, %d customers: %.1f %% of lists hold a cold item, %.1f %% of places; %.1f %% of lists without exploration\n",
		f.Customers, 100*f.With, 100*f.Places, 100*f.Without)
	t = tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "  %s of home\twithout exploration\texploration brings\n", ndcg)
	for _, name := range [...]string{ofAll, ofWarm, ofCold} {
		fmt.Fprintf(t, "  %s\t%.4f\t%s\n", name, f.NDCG[name], f.Difference[name])
	}
	if err := t.Flush(); err != nil {
		return fmt.Errorf("write table: %w", err)
	}
	if _, err := io.WriteString(w, b.String()+"\n"); err != nil {
		return fmt.Errorf("write table: %w", err)
	}
	return nil
}

// String writes the interval.
func (s Span) String() string { return fmt.Sprintf("%.4f to %.4f", s[0], s[1]) }

// String writes the difference with its interval.
func (d Difference) String() string {
	return fmt.Sprintf("%+.4f (%+.4f to %+.4f)", d.Mean, d.CI[0], d.CI[1])
}
