package report

import (
	"fmt"
	"html/template"
	"strconv"

	"osusume/bench/eval"
)

// figure is a group of panels with one title.
type figure struct {
	Title, Text string
	Panels      []panel
	Table       *table // the same numbers, for those who want them; may be nil
}

type panel struct {
	Title string
	SVG   template.HTML
}

type table struct {
	Head []string
	Rows [][]string
}

func (f *figure) add(title, svg string) {
	//nolint:gosec // canvas escapes every text that goes into an SVG
	f.Panels = append(f.Panels, panel{Title: title, SVG: template.HTML(svg)})
}

// qualityFigure shows the primary metric of every model.
func qualityFigure(t *Task) figure {
	f := figure{
		Title: "Quality by model",
		Text:  "Mean and 95 % interval. Overlapping intervals may still hide a clear difference: the tables compare models case by case.",
	}
	for _, v := range t.variants() {
		metric := primaryMetric(t.Task, v.Name)
		title := variantTitle(t.Task, v.Name) + ", " + metric
		f.add(title, metricPlot(t, v.Name, metric, title, metric, func(x float64) string { return fixed(x, 3) }).svg())
	}
	return f
}

// metricPlot draws one metric of all models; models without it are left out.
func metricPlot(t *Task, variant, metric, label, unit string, write func(float64) string) *dotPlot {
	p := &dotPlot{label: label, unit: unit}
	for i := range t.Models {
		r := &t.Models[i]
		v := r.Variant(variant)
		if v == nil {
			continue
		}
		m, ok := v.Metric(metric)
		if !ok {
			continue
		}
		p.rows = append(p.rows, dotRow{label: r.Model, value: m.Mean, span: m.CI, text: write(m.Mean), main: i == 0})
	}
	return p
}

// listsFigure shows what lists are made of.
func listsFigure(t *Task) figure {
	f := figure{
		Title: "Coverage and novelty",
		Text:  "What the lists are made of, right or wrong: the share of the catalog that is shown to anybody at all, and how little known the shown items are.",
	}
	coverage, novelty, diversity := eval.CoverageMetric(t.Task), eval.NoveltyMetric(t.Task), eval.DiversityMetric(t.Task)
	for _, v := range t.variants() {
		name := variantTitle(t.Task, v.Name)
		p := metricPlot(t, v.Name, coverage, name+", "+coverage, "share of the catalog shown", percent)
		p.tick = func(x float64) string { return fixed(100*x, 0) + " %" }
		f.add(name+", "+coverage, p.svg())
		p = metricPlot(t, v.Name, novelty, name+", "+novelty, "bits of self-information", func(x float64) string { return fixed(x, 2) })
		f.add(name+", "+novelty, p.svg())
		if _, ok := v.Metric(diversity); ok {
			f.Title = "Coverage, novelty and diversity"
			p = metricPlot(t, v.Name, diversity, name+", "+diversity, "mean distance by category", func(x float64) string { return fixed(x, 2) })
			f.add(name+", "+diversity, p.svg())
		}
	}
	return f
}

// neighboursFigure shows what longer neighbour lists bring.
func neighboursFigure(t *Task) (figure, error) {
	f := figure{
		Title: "Quality against neighbours kept",
		Text:  "Every item keeps so many neighbours, all else equal. The change against 100, with the interval of that difference on the same cases. Below the axis the metric itself.",
		Table: &table{Head: []string{"variant", "metric"}},
	}
	base := -1
	for i, n := range t.Kept {
		f.Table.Head = append(f.Table.Head, strconv.Itoa(n))
		if n == 100 {
			base = i
		}
	}
	if base < 0 {
		return figure{}, fmt.Errorf("draw neighbours: no result with 100 of %v", t.Kept)
	}
	for _, v := range t.variants() {
		metric := primaryMetric(t.Task, v.Name)
		p := linePlot{
			label: fmt.Sprintf("%s, %s against neighbours kept", variantTitle(t.Task, v.Name), metric),
			unit:  "change of " + metric + " against 100 neighbours", below: "neighbours kept per item",
			least: leastChange,
		}
		row := []string{variantTitle(t.Task, v.Name), metric}
		s := lineSeries{label: t.hero().Model}
		for i, n := range t.Kept {
			at, to := t.Neighbours[i].Variant(v.Name), t.Neighbours[base].Variant(v.Name)
			d, err := eval.Compare(at, to, metric, t.hero().Seed)
			if err != nil {
				return figure{}, fmt.Errorf("draw neighbours of %s: %w", v.Name, err)
			}
			m, _ := at.Metric(metric)
			s.points = append(s.points, linePoint{value: d.Mean, span: &d.CI})
			p.places = append(p.places, strconv.Itoa(n))
			p.notes = append(p.notes, fixed(m.Mean, 4))
			row = append(row, fixed(m.Mean, 4))
		}
		p.series = []lineSeries{s}
		digits := decimals(p.ticks())
		p.tick = func(x float64) string {
			if x == 0 {
				return "0"
			}
			return signed(x, digits)
		}
		f.add(variantTitle(t.Task, v.Name), p.svg())
		f.Table.Rows = append(f.Table.Rows, row)
	}
	return f, nil
}

// leastChange is the change of a metric the axis always shows.
const leastChange = 0.001

// biasFigure shows which part of the catalog the lists come from.
func biasFigure(t *Task) figure {
	what := taken(t.Task)
	f := figure{
		Title: "Popularity bias",
		Text: fmt.Sprintf("The catalog in ten equal parts by how often an item was taken, the most popular tenth first. Bars: their share of all %s in the train file. "+
			"Lines: their share of the places in the lists. A line above the bars at the left favours bestsellers more than people do.", what),
		Table: &table{Head: []string{"variant", "what"}},
	}
	for d := range deciles {
		f.Table.Head = append(f.Table.Head, strconv.Itoa(d+1))
	}
	part := popularityDeciles(t.Uses)
	bars := takenShare(t.Uses, part)
	row := func(variant, name string, of []float64) {
		cells := []string{variant, name}
		for _, s := range of {
			cells = append(cells, percent(s))
		}
		f.Table.Rows = append(f.Table.Rows, cells)
	}
	for _, v := range t.variants() {
		name := variantTitle(t.Task, v.Name)
		p := linePlot{
			label: name + ", share of recommendations by popularity of the item", unit: "share", zero: true,
			below: "tenth of the catalog, most popular first", bars: bars,
			barLabel: fmt.Sprintf("%s, %s in the first tenth", what, percent(bars[0])),
			tick:     func(x float64) string { return fixed(100*x, 0) + " %" },
		}
		for d := range deciles {
			p.places = append(p.places, strconv.Itoa(d+1))
		}
		row(name, what, bars)
		for k, r := range t.shownModels(v.Name) {
			share := shownShare(r.Variant(v.Name), eval.Cut(t.Task), part)
			s := lineSeries{style: k, label: fmt.Sprintf("%s, %s", r.Model, percent(share[0]))}
			for _, x := range share {
				s.points = append(s.points, linePoint{value: x})
			}
			p.series = append(p.series, s)
			row(name, r.Model, share)
		}
		f.add(name, p.svg())
	}
	return f
}

// segmentFigure shows for whom the lists are good; no panel when the cases of
// the task are all alike.
func segmentFigure(t *Task) figure {
	f := figure{
		Title: "Quality by how much is known",
		Text:  "The same metric, for cases with little and with much to go by. Intervals are wide where there are few cases; segments with fewer than 10 are left out; n is the number of cases.",
		Table: &table{Head: []string{"variant", "known", "cases", "model", "mean", "95 % interval"}},
	}
	for _, v := range t.variants() {
		by, segments := segmentsOf(t.Task, v.Name)
		if len(segments) == 0 {
			continue
		}
		metric := primaryMetric(t.Task, v.Name)
		name := variantTitle(t.Task, v.Name)
		p := linePlot{label: fmt.Sprintf("%s, %s by %s", name, metric, by), unit: metric, below: by, zero: true, noted: "n"}
		var of [][]segmentMean
		shown := t.shownModels(v.Name)
		for _, r := range shown {
			of = append(of, bySegment(r.Variant(v.Name), metric, t.Known[v.Name], segments, r.Seed))
		}
		p.series = make([]lineSeries, len(shown))
		for i, s := range segments {
			if of[0][i].N < leastCases {
				continue
			}
			p.places = append(p.places, s.Name)
			p.notes = append(p.notes, grouped(of[0][i].N))
			for k, r := range shown {
				m := of[k][i]
				p.series[k].label, p.series[k].style = r.Model, k
				p.series[k].points = append(p.series[k].points, linePoint{value: m.Mean, span: &m.CI})
				f.Table.Rows = append(f.Table.Rows, []string{
					name, s.Name, grouped(m.N), r.Model, fixed(m.Mean, 4),
					fixed(m.CI.Low, 4) + " to " + fixed(m.CI.High, 4),
				})
			}
		}
		if len(p.places) > 1 {
			f.add(name+", "+metric, p.svg())
		}
	}
	return f
}

// leastCases is the size of a segment that is shown.
const leastCases = 10

// speedFigure shows what one request costs.
func speedFigure(t *Task) figure {
	f := figure{
		Title: "Speed",
		Text: "Time of one request inside the engine, one after the other: the dot is the median, the line reaches to the 99th percentile. " +
			"On a machine busy with other work the latter says more about the machine. The shop's own models learn their weights; the plain models share one index.",
		Table: &table{Head: []string{"model", "p50", "p99", "training"}},
	}
	p := dotPlot{label: "Time of one request by model", unit: "time of one request (logarithmic)", log: true, tick: micros}
	for i := range t.Models {
		r := &t.Models[i]
		p.rows = append(p.rows, dotRow{
			label: r.Model, value: r.Score.P50, span: &eval.Interval{Low: r.Score.P50, High: r.Score.P99},
			text: micros(r.Score.P50) + ", " + micros(r.Score.P99), main: i == 0,
		})
		f.Table.Rows = append(f.Table.Rows, []string{r.Model, micros(r.Score.P50), micros(r.Score.P99), fixed(r.TrainSeconds, 1) + " s"})
	}
	f.add("One request: p50, p99", p.svg())
	return f
}
