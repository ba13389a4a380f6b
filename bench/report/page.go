package report

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strconv"

	"osusume/bench/eval"
)

//go:embed page.html
var pageHTML string

//go:embed page.css
var pageCSS string

// page is what the template shows.
type page struct {
	*Report
	Style   template.CSS
	Glance  []glanceRow
	Parts   []part
	Metrics []term
	Terms   []term
}

// glanceRow is one variant of one task in the summary at the top.
type glanceRow struct {
	ID, Task, Name, Variant, Metric string
	Own                             cell
	Best                            cell
	BestModel                       string
	Gain                            cell
}

// cell is a number with its interval below it.
type cell struct {
	Value, Span, Note string
	Class             string
}

// part is one task.
type part struct {
	*Task
	ID, Title, Lead string
	Facts           []term
	Variants        []variantPart
	Figures         []figure
}

type variantPart struct {
	Title, Lead, Finding string
	Own                  string // the model compared with the others
	Metric               string
	Columns              []string
	Rows                 []modelRow
}

type modelRow struct {
	Model         string
	Own           bool
	Primary, Gain cell
	Cells         []cell
}

// metricCell writes a metric and its interval, a dash when there is none.
func metricCell(task eval.Task, v *eval.Variant, name string) cell {
	m, ok := v.Metric(name)
	if !ok {
		return cell{Value: "–"}
	}
	digits := 3
	if name == eval.NoveltyMetric(task) {
		digits = 2 // bits, not a share
	}
	c := cell{Value: fixed(m.Mean, digits)}
	if m.CI != nil {
		c.Span = fixed(m.CI.Low, digits) + "–" + fixed(m.CI.High, digits)
	}
	return c
}

// WriteHTML writes the page.
func (r *Report) WriteHTML(w io.Writer) error {
	t, err := template.New("report").Parse(pageHTML)
	if err != nil {
		return fmt.Errorf("read the page's template: %w", err)
	}
	//nolint:gosec // the style is a file of this package
	p := page{Report: r, Style: template.CSS(pageCSS), Metrics: metricTerms(), Terms: modelTerms()}
	for i := range r.Tasks {
		task, err := r.part(i)
		if err != nil {
			return err
		}
		p.Parts = append(p.Parts, task)
		rows, err := glance(task.Task, task.ID)
		if err != nil {
			return err
		}
		p.Glance = append(p.Glance, rows...)
	}
	if err := t.Execute(w, &p); err != nil {
		return fmt.Errorf("write the page: %w", err)
	}
	return nil
}

func (r *Report) part(i int) (part, error) {
	t := &r.Tasks[i]
	p := part{Task: t, ID: fmt.Sprintf("%s-%d", t.Task, i+1), Title: taskTitle(t.Task), Lead: taskLead(t.Task)}
	p.Facts = []term{
		{"Data", t.Name},
		{"Learned from", fmt.Sprintf("%s events of %s with %s items, %s to %s",
			grouped(t.Events), people(t), grouped(t.Items), day(t.From), day(t.To))},
		{"Asked", fmt.Sprintf("as of %s%s", day(t.Asked), r.sampleNote())},
	}
	if t.Skipped > 0 {
		p.Facts = append(p.Facts, term{"Left out", grouped(t.Skipped) + " rows that could not be read"})
	}
	if !r.NoTimings {
		p.Facts = append(p.Facts, term{"Cost", fmt.Sprintf("%s s to learn, then %s a request (p50), %s (p99)",
			fixed(t.hero().TrainSeconds, 1), micros(t.hero().Score.P50), micros(t.hero().Score.P99))})
	}
	for _, v := range t.variants() {
		vp, err := variantTable(t, v)
		if err != nil {
			return part{}, err
		}
		p.Variants = append(p.Variants, vp)
	}
	p.Figures = append(p.Figures, qualityFigure(t))
	if len(t.Neighbours) > 0 {
		f, err := neighboursFigure(t)
		if err != nil {
			return part{}, err
		}
		p.Figures = append(p.Figures, f)
	}
	if f := segmentFigure(t); len(f.Panels) > 0 {
		p.Figures = append(p.Figures, f)
	}
	p.Figures = append(p.Figures, biasFigure(t), listsFigure(t))
	if !r.NoTimings {
		p.Figures = append(p.Figures, speedFigure(t))
	}
	return p, nil
}

// people says how many there are and what they are.
func people(t *Task) string {
	if t.Task == eval.Sessions {
		return grouped(t.People) + " sessions"
	}
	return grouped(t.People) + " people"
}

func (r *Report) sampleNote() string {
	if r.Sample == 0 {
		return ""
	}
	return fmt.Sprintf(", a sample of about %d units per variant", r.Sample)
}

// variantTable compares the hero with every other model.
func variantTable(t *Task, v *eval.Variant) (variantPart, error) {
	metric := primaryMetric(t.Task, v.Name)
	p := variantPart{
		Title: variantTitle(t.Task, v.Name), Own: t.hero().Model, Metric: metric,
		Lead: fmt.Sprintf("%s %s cases.", variantLead(t.Task, v.Name), grouped(len(v.Cases))),
	}
	if name := t.Answering[v.Name]; name != "" {
		p.Lead += fmt.Sprintf(" Answered by the model %s.", name)
	}
	for _, m := range v.Metrics {
		if m.Name != metric {
			p.Columns = append(p.Columns, m.Name)
		}
	}
	for i := range t.Models {
		r := &t.Models[i]
		of := r.Variant(v.Name)
		if of == nil {
			continue
		}
		row := modelRow{Model: r.Model, Own: i == 0, Primary: metricCell(t.Task, of, metric)}
		for _, name := range p.Columns {
			row.Cells = append(row.Cells, metricCell(t.Task, of, name))
		}
		if i > 0 {
			gain, err := gainOf(v, of, metric, r.Seed)
			if err != nil {
				return variantPart{}, err
			}
			row.Gain = gain
		}
		p.Rows = append(p.Rows, row)
	}
	var err error
	p.Finding, err = finding(t, v)
	return p, err
}

// gainOf is how much better a is than b on the same cases.
func gainOf(a, b *eval.Variant, metric string, seed uint64) (cell, error) {
	d, err := eval.Compare(a, b, metric, seed)
	if err != nil {
		return cell{}, fmt.Errorf("compare models: %w", err)
	}
	c := cell{Value: signed(d.Mean, 4), Span: signed(d.CI.Low, 4) + " to " + signed(d.CI.High, 4), Note: "no clear difference", Class: "even"}
	switch {
	case d.CI.Low > 0:
		c.Note, c.Class = "better", "gain"
	case d.CI.High < 0:
		c.Note, c.Class = "worse", "loss"
	}
	return c, nil
}

// finding says in one sentence how the hero compares with the best plain model.
func finding(t *Task, v *eval.Variant) (string, error) {
	best := t.bestPlain(v.Name)
	if best == nil {
		return "", nil
	}
	metric := primaryMetric(t.Task, v.Name)
	d, err := eval.Compare(v, best.Variant(v.Name), metric, t.hero().Seed)
	if err != nil {
		return "", fmt.Errorf("compare models: %w", err)
	}
	own, _ := v.Metric(metric)
	plain, _ := best.Variant(v.Name).Metric(metric)
	verdict := "the interval of the difference includes 0, so the two cannot be told apart here"
	if d.Significant() {
		verdict = "the interval of the difference leaves out 0"
	}
	relative := ""
	if plain.Mean > 0 {
		relative = fmt.Sprintf(" (%s %%)", signed(100*d.Mean/plain.Mean, 1))
	}
	return fmt.Sprintf("%s reaches %s %s; the best plain model, %s, %s. Difference %s%s: %s.",
		t.hero().Model, metric, fixed(own.Mean, 3), best.Model, fixed(plain.Mean, 3), signed(d.Mean, 3), relative, verdict), nil
}

func glance(t *Task, id string) ([]glanceRow, error) {
	var rows []glanceRow
	for _, v := range t.variants() {
		metric := primaryMetric(t.Task, v.Name)
		row := glanceRow{ID: id, Task: taskTitle(t.Task), Name: t.Name, Variant: variantTitle(t.Task, v.Name), Metric: metric}
		row.Own = metricCell(t.Task, v, metric)
		if best := t.bestPlain(v.Name); best != nil {
			row.Best, row.BestModel = metricCell(t.Task, best.Variant(v.Name), metric), best.Model
			gain, err := gainOf(v, best.Variant(v.Name), metric, t.hero().Seed)
			if err != nil {
				return nil, err
			}
			row.Gain = gain
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// grouped writes n with a comma between thousands.
func grouped(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
