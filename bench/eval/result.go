package eval

import (
	"fmt"
	"io"

	"github.com/go-json-experiment/json/jsontext"
)

// Result is what one run measured.
type Result struct {
	Task  Task
	Model string
	// Seed of the bootstrap intervals.
	Seed uint64
	// Variants are in the order of the task's description.
	Variants []Variant
	// Popularity is measured on the same cases: what a list of bestsellers,
	// the same for everybody, foresees. Its variants match Variants.
	Popularity []Variant
	// CatalogItems is the number of distinct items in train.
	CatalogItems int
	// TrainSeconds is from the first event to lists ready to be served, file
	// reading left out.
	TrainSeconds float64
	// Score is the time per Recommend call.
	Score Latency
	// SkippedRows counts rows that could not be read, by file.
	SkippedRows map[string]int
}

// Latency is the distribution of a duration, in microseconds.
type Latency struct {
	P50, P99 float64
}

// Variant is one way to ask the questions of a task.
type Variant struct {
	Name    string
	Metrics []Metric
	// Cases name what was asked, Lists hold the answers: item ids, best first.
	Cases []Case
	Lists [][]string
}

// Case is one question: Number counts those of one Unit (a customer, basket or
// session) from 0.
type Case struct {
	Unit   string
	Number int
}

// Metric is the mean of one measure over the cases of a variant.
type Metric struct {
	Name string
	Mean float64
	// CI is nil for coverage, which is no mean over cases.
	CI     *Interval
	Values []float64 // one per case; nil for coverage
}

// Metric returns the metric with the given name and whether there is one.
func (v *Variant) Metric(name string) (Metric, bool) {
	for _, m := range v.Metrics {
		if m.Name == name {
			return m, true
		}
	}
	return Metric{}, false
}

// Variant returns the variant with the given name, nil when there is none.
func (r *Result) Variant(name string) *Variant {
	for i := range r.Variants {
		if r.Variants[i].Name == name {
			return &r.Variants[i]
		}
	}
	return nil
}

func (v *Variant) perCase(metric string) []float64 {
	m, _ := v.Metric(metric)
	return m.Values
}

func (v *Variant) units() []string {
	units := make([]string, len(v.Cases))
	for i, c := range v.Cases {
		units[i] = c.Unit
	}
	return units
}

// WriteJSON writes the result as one JSON object:
//
//	{"task", "model",
//	 "variants": {NAME: {METRIC: mean, ..., "n": cases}},
//	 "train_seconds", "score_us": {"p50", "p99"},
//	 "ci": {NAME: {METRIC: [low, high]}},
//	 "popularity": like variants, "catalog_items", "skipped_rows": {FILE: rows}}
func (r *Result) WriteJSON(w io.Writer) error {
	j := objectWriter{enc: jsontext.NewEncoder(w, jsontext.WithIndent("  "))}
	j.object("", func() {
		j.string("task", string(r.Task))
		j.string("model", r.Model)
		j.object("variants", func() { j.means(r.Variants) })
		j.number("train_seconds", r.TrainSeconds)
		j.object("score_us", func() {
			j.number("p50", r.Score.P50)
			j.number("p99", r.Score.P99)
		})
		j.object("ci", func() { j.intervals(r.Variants) })
		if len(r.Popularity) > 0 {
			j.object("popularity", func() { j.means(r.Popularity) })
		}
		j.number("catalog_items", float64(r.CatalogItems))
		if len(r.SkippedRows) > 0 {
			j.object("skipped_rows", func() {
				for _, file := range sortedKeys(r.SkippedRows) {
					j.number(file, float64(r.SkippedRows[file]))
				}
			})
		}
	})
	if j.err != nil {
		return fmt.Errorf("write result: %w", j.err)
	}
	return nil
}

// objectWriter writes members in the order they are given and keeps the first
// error.
type objectWriter struct {
	enc *jsontext.Encoder
	err error
}

func (j *objectWriter) token(t jsontext.Token) {
	if j.err == nil {
		j.err = j.enc.WriteToken(t)
	}
}

func (j *objectWriter) object(name string, members func()) {
	if name != "" {
		j.token(jsontext.String(name))
	}
	j.token(jsontext.BeginObject)
	members()
	j.token(jsontext.EndObject)
}

func (j *objectWriter) string(name, value string) {
	j.token(jsontext.String(name))
	j.token(jsontext.String(value))
}

func (j *objectWriter) number(name string, value float64) {
	j.token(jsontext.String(name))
	j.token(jsontext.Float(value))
}

func (j *objectWriter) means(variants []Variant) {
	for i := range variants {
		v := &variants[i]
		j.object(v.Name, func() {
			for _, m := range v.Metrics {
				j.number(m.Name, m.Mean)
			}
			j.number("n", float64(len(v.Cases)))
		})
	}
}

func (j *objectWriter) intervals(variants []Variant) {
	for i := range variants {
		v := &variants[i]
		j.object(v.Name, func() {
			for _, m := range v.Metrics {
				if m.CI == nil {
					continue
				}
				j.token(jsontext.String(m.Name))
				j.token(jsontext.BeginArray)
				j.token(jsontext.Float(m.CI.Low))
				j.token(jsontext.Float(m.CI.High))
				j.token(jsontext.EndArray)
			}
		})
	}
}
