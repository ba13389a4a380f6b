package load

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"io"
)

//go:embed page.html
var pageHTML string

// figure is a plot with what it shows.
type figure struct {
	Title, Text string
	SVG         template.HTML
}

// page is what the template shows.
type page struct {
	*Document
	Title   string
	Figures []figure
	Tables  string // as they are printed
}

// WriteHTML writes the document as one page that stands alone: figures and style
// are inline, there is no script and nothing is fetched.
func (d *Document) WriteHTML(out io.Writer) error {
	t, err := template.New("page").Parse(pageHTML)
	if err != nil {
		return fmt.Errorf("write the page: %w", err)
	}
	var tables bytes.Buffer
	if err := d.writeTables(&tables); err != nil {
		return fmt.Errorf("write the page: %w", err)
	}
	p := page{Document: d, Tables: tables.String()}
	switch {
	case d.Ramp != nil:
		p.Title, p.Figures = "Latency as the load grows", d.Ramp.figures()
	case d.Compare != nil:
		p.Title, p.Figures = d.Compare.A+" against "+d.Compare.B, d.Compare.figures()
	case d.Soak != nil:
		p.Title, p.Figures = "A long load", d.Soak.figures()
	default:
		p.Title, p.Figures = "Latency under load", d.Run.figures()
	}
	if err := t.Execute(out, p); err != nil {
		return fmt.Errorf("write the page: %w", err)
	}
	return nil
}

// show keeps the figures that have anything in them.
func show(title, text string, p *plot) []figure {
	if p == nil {
		return nil
	}
	return []figure{{Title: title, Text: text, SVG: p.svg()}}
}

const curveText = "How long the given percentage of requests took at most, counted from when they were due. Each step to the right is a tenth of the requests before."

func (r *Result) figures() []figure {
	return show("Latency by percentile", curveText, percentiles([]namedCurve{{string(r.Mix), r.Curve}}))
}

func (p *Ramp) figures() []figure {
	if len(p.Steps) == 0 {
		return nil
	}
	low, high, most := 1e9, 0.0, 0.0
	lines := []line{{name: "p50"}, {name: "p99"}, {name: "p99.9"}}
	for i := range p.Steps {
		s := &p.Steps[i]
		for k, v := range []float64{s.Latency.P50, s.Latency.P99, s.Latency.P999} {
			lines[k].points = append(lines[k].points, [2]float64{s.Rate, v})
			low, high = min(low, v), max(high, v)
		}
		most = max(most, s.Rate)
	}
	rates := &plot{
		label: "latency by offered rate", x: linearAxis("requests offered a second", most),
		y: logAxis("ms", max(low, 1e-3), high), lines: lines,
	}
	var curves []namedCurve
	if p.Knee > 0 {
		rates.marked = []float64{p.Knee}
	}
	for i := range p.Steps {
		if s := &p.Steps[i]; s.Rate == p.Knee || i == 0 {
			curves = append(curves, namedCurve{count(s.Rate) + "/s", s.Curve})
		}
	}
	return append(show("Latency by offered rate", "The dashed line is the knee: "+p.Why+".", rates),
		show("Latency by percentile", curveText, percentiles(curves))...)
}

func (c *Comparison) figures() []figure {
	var a, b line
	a.name, b.name = "this", "other"
	for i := range c.SlicesA {
		a.points = append(a.points, [2]float64{float64(i + 1), c.SlicesA[i].RPS})
		b.points = append(b.points, [2]float64{float64(i + 1), c.SlicesB[i].RPS})
	}
	if len(a.points) == 0 {
		return nil
	}
	rps := overTime("answers a second", a, b)
	rps.x.name = "pair of slices"
	n := len(c.SlicesA)
	return append(show("Slice by slice", "Both are measured in turns, so what the machine does meanwhile meets both: "+c.A+" (this) and "+c.B+" (other).", rps),
		show("Latency by percentile", "Of the last pair of slices. "+curveText,
			percentiles([]namedCurve{{"this", c.SlicesA[n-1].Curve}, {"other", c.SlicesB[n-1].Curve}}))...)
}

func (s *Soak) figures() []figure {
	heap, resident := line{name: "heap"}, line{name: "resident"}
	goroutines, fds := line{name: "goroutines"}, line{name: "descriptors"}
	for _, x := range s.Samples {
		heap.points = append(heap.points, [2]float64{x.Seconds, x.Heap / 1e6})
		resident.points = append(resident.points, [2]float64{x.Seconds, x.Resident / 1e6})
		goroutines.points = append(goroutines.points, [2]float64{x.Seconds, x.Goroutines})
		fds.points = append(fds.points, [2]float64{x.Seconds, x.FDs})
	}
	p50, p99 := line{name: "p50"}, line{name: "p99"}
	for _, m := range s.Minutes {
		p50.points = append(p50.points, [2]float64{m.Seconds, m.Latency.P50})
		p99.points = append(p99.points, [2]float64{m.Seconds, m.Latency.P99})
	}
	var out []figure
	if len(s.Samples) > 0 {
		out = append(out, show("Memory", "What the server says about itself.", overTime("MB", heap, resident))...)
		out = append(out, show("Goroutines and descriptors", "They must not pile up.", overTime("number", goroutines, fds))...)
	}
	if len(s.Minutes) > 0 {
		out = append(out, show("Latency by the minute", "Counted from when requests were due.", overTime("ms", p50, p99))...)
	}
	return append(out, s.Run.figures()...)
}
