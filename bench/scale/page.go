package scale

import (
	_ "embed"
	"fmt"
	"html"
	"html/template"
	"io"
	"math"
	"strconv"
	"strings"
)

//go:embed page.html
var pageHTML string

// row is a line of the page's table.
type row struct {
	Title string
	Cells []string
}

// panel is one figure.
type panel struct {
	Title, Unit string
	SVG         template.HTML
}

// WriteHTML writes a page that stands alone: the table and a figure for each cost.
func (r *Result) WriteHTML(w io.Writer) error {
	t, err := template.New("scale").Parse(pageHTML)
	if err != nil {
		return fmt.Errorf("read the page's template: %w", err)
	}
	sizes := r.measured()
	page := struct {
		*Result
		Heads  []string
		Rows   []row
		Panels []panel
		Left   []string
	}{Result: r}
	for _, s := range sizes {
		page.Heads = append(page.Heads, Count(s.Items)+" items, "+Count(s.Events)+" events")
	}
	for _, c := range columns(r) {
		line := row{Title: c.title}
		for _, s := range sizes {
			line.Cells = append(line.Cells, c.value(s))
		}
		page.Rows = append(page.Rows, line)
	}
	for i := range r.Sizes {
		if s := &r.Sizes[i]; s.Skipped != "" {
			page.Left = append(page.Left, fmt.Sprintf("%s items, %s events: %s", Count(s.Items), Count(s.Events), s.Skipped))
		}
	}
	for _, c := range curves() {
		if svg := r.figure(c); svg != "" {
			//nolint:gosec // made of numbers and escaped names below
			page.Panels = append(page.Panels, panel{c.title, c.unit, template.HTML(svg)})
		}
	}
	if err := t.Execute(w, &page); err != nil {
		return fmt.Errorf("write the page: %w", err)
	}
	return nil
}

// The figure's frame, in pixels.
const (
	figureWidth  = 440.0
	figureHeight = 260.0
	figureLeft   = 62.0
	figureRight  = 370.0
	figureTop    = 14.0
	figureBottom = 226.0
)

// figure draws one cost over the number of items, a line per number of events;
// both axes are logarithmic, so that a cost in proportion to the items rises at 45
// degrees wherever the decades are as high as wide.
func (r *Result) figure(c curve) string {
	lines := make(map[int][]point)
	left, right, low, high := math.Inf(1), 0.0, math.Inf(1), 0.0
	for _, events := range r.eventCounts() {
		lines[events] = r.points(c, events)
		for _, p := range lines[events] {
			left, right = min(left, p.x), max(right, p.x)
			low, high = min(low, p.y), max(high, p.y)
		}
	}
	if high == 0 {
		return ""
	}
	x, y := decades(left, right, figureLeft, figureRight), decades(low, high, figureBottom, figureTop)
	var b strings.Builder
	fmt.Fprintf(&b, `<svg viewBox="0 0 %g %g" role="img" aria-label="%s">`, figureWidth, figureHeight, html.EscapeString(c.title+" in "+c.unit+" by number of items"))
	for _, tick := range y.ticks() {
		fmt.Fprintf(&b, `<line x1="%g" y1="%s" x2="%g" y2="%s" class="grid"/>`, figureLeft, px(y.at(tick)), figureRight, px(y.at(tick)))
		fmt.Fprintf(&b, `<text x="%g" y="%s" text-anchor="end">%s</text>`, figureLeft-7, px(y.at(tick)+4), number(tick))
	}
	for _, tick := range x.ticks() {
		fmt.Fprintf(&b, `<text x="%s" y="%g" text-anchor="middle">%s</text>`, px(x.at(tick)), figureBottom+18, Count(int(tick)))
	}
	fmt.Fprintf(&b, `<text x="%g" y="%g" text-anchor="middle">items</text>`, (figureLeft+figureRight)/2, figureBottom+32)
	for k, events := range r.eventCounts() {
		at := lines[events]
		if len(at) == 0 {
			continue
		}
		class := "c" + strconv.Itoa(k%3)
		fmt.Fprintf(&b, `<polyline class="%s" points="`, class)
		for _, p := range at {
			fmt.Fprintf(&b, "%s,%s ", px(x.at(p.x)), px(y.at(p.y)))
		}
		b.WriteString(`"/>`)
		for _, p := range at {
			fmt.Fprintf(&b, `<circle class="%s" cx="%s" cy="%s" r="4.5"><title>%s items, %s events: %s %s</title></circle>`,
				class, px(x.at(p.x)), px(y.at(p.y)), Count(int(p.x)), Count(events), number(p.y), c.unit)
		}
		last := at[len(at)-1]
		fmt.Fprintf(&b, `<text class="name %s" x="%s" y="%s">%s ev.</text>`, class, px(x.at(last.x)+8), px(y.at(last.y)+4), Count(events))
	}
	b.WriteString("</svg>")
	return b.String()
}

// logAxis is a logarithmic axis between whole decades.
type logAxis struct{ low, high, from, to float64 }

func decades(low, high, from, to float64) logAxis {
	a := logAxis{math.Floor(math.Log10(low) + 1e-9), math.Ceil(math.Log10(high) - 1e-9), from, to}
	if a.low >= a.high {
		a.high = a.low + 1
	}
	return a
}

func (a logAxis) at(v float64) float64 {
	return a.from + (math.Log10(v)-a.low)/(a.high-a.low)*(a.to-a.from)
}

// ticks are the decades.
func (a logAxis) ticks() []float64 {
	var out []float64
	for e := a.low; e <= a.high; e++ {
		out = append(out, math.Pow(10, e))
	}
	return out
}

func px(v float64) string { return strconv.FormatFloat(math.Round(v*10)/10, 'f', -1, 64) }
