package coupons

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"osusume/bench/eval"
)

// Result is what one run measured.
type Result struct {
	Cut time.Time `json:"cut"`
	// Offers after joining codes of the same products; Redemptions after joining
	// those of a household, day and offer, Joined of which there were more.
	Offers      int `json:"offers"`
	Redemptions int `json:"redemptions"`
	Joined      int `json:"joined"`
	// Tuned are the redemptions that the weights are from, Judged those that the
	// rows are about, Between in neither.
	Tuned      int `json:"tuned"`
	Judged     int `json:"judged"`
	Between    int `json:"between"`
	Households int `json:"households"`
	// Options is the mean number of offers decided for a household that redeemed.
	Options float64 `json:"mean_offers_decided"`
	// Missed are redemptions of offers that were not decided, by reason.
	Missed  map[string]int     `json:"missed"`
	Weights map[string]float64 `json:"weights"`
	// Prior is how many lines the engine's and all sales' shares stand for.
	Prior prior `json:"prior_lines"`
	Rows  []Row `json:"rows"`
}

// Row is a ranking: how often the first k offers hold the redeemed one, by k.
type Row struct {
	Name string             `json:"name"`
	Mean map[string]float64 `json:"mean"`
	CI   map[string]Span    `json:"ci"`
	// Gain is the value model minus this ranking.
	Gain map[string]Difference `json:"value_model_gain,omitempty"`
	// Tuned is the mean on the redemptions that the weights are from.
	Tuned map[string]float64 `json:"mean_tuned"`
}

// Span is a 95 % interval.
type Span [2]float64

// Difference is a gain with its paired interval.
type Difference struct {
	Mean float64 `json:"mean"`
	CI   Span    `json:"ci"`
}

// measure judges all rankings.
func measure(h *history, s *split, cut time.Time, seed uint64) (Result, error) {
	r := Result{
		Cut: cut, Offers: len(h.offers), Redemptions: len(h.redeemed), Joined: h.joined,
		Tuned: len(s.early), Judged: len(s.late), Between: s.between, Missed: s.missed,
		Weights: make(map[string]float64),
	}
	if len(s.early) == 0 || len(s.late) == 0 {
		return r, fmt.Errorf("--cut %s: %d redemptions before and %d after; both are needed", cut.Format(time.DateOnly), len(s.early), len(s.late))
	}
	households := make(map[string]bool)
	for i := range s.late {
		households[s.late[i].household] = true
		r.Options += float64(len(s.late[i].options)) / float64(len(s.late))
	}
	r.Households = len(households)
	m := tune(s.early, s.late)
	r.Prior = m.prior
	for f, name := range featureNames {
		r.Weights[name] = m.value[f]
	}
	list := rankings(&m)
	first := list[0].judge(s.late)
	none := variant(s.late, func(*asked, int) float64 { return 0 })
	for i := range list {
		v := list[i].judge(s.late)
		before := list[i].judge(s.early)
		row := Row{Name: list[i].name, Mean: make(map[string]float64), CI: make(map[string]Span), Tuned: make(map[string]float64)}
		if i > 0 {
			row.Gain = make(map[string]Difference)
		}
		for n, k := range cuts {
			name := metricName(k)
			// A mean's interval is that of its difference to no hit at all.
			d, err := compare(&v, &none, name, seed)
			if err != nil {
				return r, err
			}
			row.Mean[name], row.CI[name] = d.Mean, d.CI
			for _, x := range before.Metrics[n].Values {
				row.Tuned[name] += x / float64(len(s.early))
			}
			if i == 0 {
				continue
			}
			if row.Gain[name], err = compare(&first, &v, name, seed); err != nil {
				return r, err
			}
		}
		r.Rows = append(r.Rows, row)
	}
	return r, nil
}

func compare(a, b *eval.Variant, metric string, seed uint64) (Difference, error) {
	d, err := eval.Compare(a, b, metric, seed)
	return Difference{d.Mean, Span{d.CI.Low, d.CI.High}}, err
}

func (r *Result) writeJSON(w io.Writer) error {
	if err := json.MarshalWrite(w, r, jsontext.WithIndent("  "), json.Deterministic(true)); err != nil {
		return fmt.Errorf("write result: %w", err)
	}
	_, err := io.WriteString(w, "\n")
	return err
}

// writeTable writes the result for a reader at a terminal.
func (r *Result) writeTable(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%d offers; %d redemptions (%d more are of a household, day and offer already there)\n", r.Offers, r.Redemptions, r.Joined)
	fmt.Fprintf(&b, "tuned on %d redemptions of campaigns before %s, judged on %d by %d households of campaigns since; %d in neither\n",
		r.Tuned, r.Cut.Format(time.DateOnly), r.Judged, r.Households, r.Between)
	fmt.Fprintf(&b, "%.0f offers decided on average; redeemed but not decided:", r.Options)
	for _, reason := range slices.Sorted(maps.Keys(r.Missed)) {
		fmt.Fprintf(&b, " %d %s", r.Missed[reason], reason)
	}
	if len(r.Missed) == 0 {
		b.WriteString(" none")
	}
	b.WriteString("\n\n")
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprint(t, "  redeemed offer among")
	for _, k := range cuts {
		fmt.Fprintf(t, "\t%s\t95 %% interval\tvalue model better by", metricName(k))
	}
	fmt.Fprintln(t)
	for _, row := range r.Rows {
		fmt.Fprintf(t, "  %s", row.Name)
		for _, k := range cuts {
			name := metricName(k)
			fmt.Fprintf(t, "\t%.4f\t%s\t", row.Mean[name], row.CI[name])
			if d, ok := row.Gain[name]; ok {
				fmt.Fprintf(t, "%s", d)
			}
		}
		fmt.Fprintln(t)
	}
	fmt.Fprint(t, "\n  weight of\n")
	for _, name := range featureNames {
		fmt.Fprintf(t, "  %s\t%.3f\n", name, r.Weights[name])
	}
	fmt.Fprintf(t, "  prior, lines\t%g engine, %g all sales\n", r.Prior.Liked, r.Prior.Sold)
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

// String writes the difference with its interval.
func (d Difference) String() string { return fmt.Sprintf("%+.4f (%s)", d.Mean, d.CI) }
