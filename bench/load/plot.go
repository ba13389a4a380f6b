package load

import (
	"cmp"
	"fmt"
	"html"
	"html/template"
	"math"
	"slices"
	"strconv"
	"strings"
)

// plot is a figure of one or more lines over two numeric axes, as inline SVG.
// Colours come from the page's style by class.
type plot struct {
	label  string // for those who cannot see it
	x, y   axis
	lines  []line
	marked []float64 // vertical lines, at values of x
}

type line struct {
	name   string
	points [][2]float64
}

// axis maps values to the plot's sides. Ticks have their own texts.
type axis struct {
	name      string
	low, high float64
	log       bool
	ticks     []float64
	write     func(float64) string
}

const (
	plotWidth, plotHeight = 720.0, 300.0
	plotLeft, plotRight   = 64.0, 120.0
	plotTop, plotBottom   = 26.0, 44.0
)

// share maps a value to 0..1 along the axis.
func (a *axis) share(v float64) float64 {
	low, high := a.low, a.high
	if a.log {
		v, low, high = math.Log(max(v, a.low)), math.Log(low), math.Log(high)
	}
	if !(high > low) {
		return 0
	}
	return min(max((v-low)/(high-low), 0), 1)
}

// linearAxis reaches from 0 to a round number of at least high.
func linearAxis(name string, high float64) axis {
	if !(high > 0) || math.IsInf(high, 0) {
		high = 1
	}
	step := math.Pow(10, math.Floor(math.Log10(high/4)))
	for _, m := range []float64{1, 2, 2.5, 5, 10} {
		if m*step*4 >= high*(1-1e-9) {
			step *= m
			break
		}
	}
	a := axis{name: name, write: shortNumber}
	for k := 0.0; ; k++ {
		a.ticks = append(a.ticks, k*step)
		if a.high = k * step; a.high >= high*(1-1e-9) {
			return a
		}
	}
}

// logAxis reaches over at least [low, high], both positive, from one power of
// ten or its double or fivefold to another.
func logAxis(name string, low, high float64) axis {
	low = max(low, 1e-6)
	high = max(high, low*1.01)
	a := axis{name: name, log: true, write: shortNumber}
	for e := math.Floor(math.Log10(low)); e <= math.Ceil(math.Log10(high)); e++ {
		for _, m := range []float64{1, 2, 5} {
			a.ticks = append(a.ticks, m*math.Pow(10, e))
		}
	}
	for len(a.ticks) > 2 && a.ticks[1] <= low*(1+1e-9) {
		a.ticks = a.ticks[1:]
	}
	for len(a.ticks) > 2 && a.ticks[len(a.ticks)-2] >= high*(1-1e-9) {
		a.ticks = a.ticks[:len(a.ticks)-1]
	}
	a.low, a.high = a.ticks[0], a.ticks[len(a.ticks)-1]
	return a
}

func shortNumber(v float64) string {
	switch {
	case v >= 1e6:
		return strconv.FormatFloat(v/1e6, 'g', 4, 64) + "M"
	case v >= 1e4:
		return strconv.FormatFloat(v/1e3, 'g', 4, 64) + "k"
	default:
		return strconv.FormatFloat(v, 'g', 4, 64)
	}
}

// svg draws the plot. Everything in it is a number or escaped.
func (p *plot) svg() template.HTML {
	var b strings.Builder
	fmt.Fprintf(&b, `<svg viewBox="0 0 %.0f %.0f" role="img" aria-label="%s">`, plotWidth, plotHeight, html.EscapeString(p.label))
	right, bottom := plotWidth-plotRight, plotHeight-plotBottom
	atX := func(v float64) float64 { return plotLeft + p.x.share(v)*(right-plotLeft) }
	atY := func(v float64) float64 { return bottom - p.y.share(v)*(bottom-plotTop) }
	text := func(x, y float64, anchor, class, s string) {
		fmt.Fprintf(&b, `<text x="%.1f" y="%.1f" text-anchor="%s" class="%s">%s</text>`, x, y, anchor, class, html.EscapeString(s))
	}
	for _, t := range p.y.ticks {
		fmt.Fprintf(&b, `<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" class="grid"/>`, plotLeft, atY(t), right, atY(t))
		text(plotLeft-7, atY(t)+4, "end", "tick", p.y.write(t))
	}
	for _, t := range p.x.ticks {
		fmt.Fprintf(&b, `<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" class="grid"/>`, atX(t), plotTop, atX(t), bottom)
		text(atX(t), bottom+16, "middle", "tick", p.x.write(t))
	}
	text(2, 14, "start", "unit", p.y.name)
	text((plotLeft+right)/2, plotHeight-6, "middle", "unit", p.x.name)
	for _, v := range p.marked {
		fmt.Fprintf(&b, `<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" class="mark"/>`, atX(v), plotTop, atX(v), bottom)
	}
	type end struct {
		y           float64
		class, name string
	}
	var ends []end
	for i, l := range p.lines {
		class := "l" + strconv.Itoa(i%4)
		if len(l.points) == 0 {
			continue
		}
		b.WriteString(`<polyline class="` + class + `" points="`)
		for _, pt := range l.points {
			fmt.Fprintf(&b, "%.1f,%.1f ", atX(pt[0]), atY(pt[1]))
		}
		b.WriteString(`"/>`)
		ends = append(ends, end{atY(l.points[len(l.points)-1][1]) + 4, class, l.name})
	}
	// Names of lines that end close together stand one below the other, in the
	// lines' order.
	slices.SortStableFunc(ends, func(a, b end) int { return cmp.Compare(a.y, b.y) })
	for i, e := range ends {
		if i > 0 {
			e.y = max(e.y, ends[i-1].y+15)
			ends[i].y = e.y
		}
		text(right+6, e.y, "start", "name "+e.class, e.name)
	}
	b.WriteString("</svg>")
	return template.HTML(b.String()) //nolint:gosec // made above of numbers and escaped texts
}

// percentiles is the latency curve of results: the share of slower requests
// falls tenfold from tick to tick, so that the tail has its room.
func percentiles(named []namedCurve) *plot {
	p := &plot{label: "latency by percentile"}
	low, high, deepest := math.Inf(1), 0.0, 1.0
	for _, c := range named {
		l := line{name: c.name}
		for _, pt := range c.curve {
			if pt.Share >= 1 {
				continue // the maximum has no place on this axis
			}
			depth := -math.Log10(1 - pt.Share)
			l.points = append(l.points, [2]float64{depth, pt.MS})
			low, high, deepest = min(low, pt.MS), max(high, pt.MS), max(deepest, depth)
		}
		p.lines = append(p.lines, l)
	}
	if high == 0 {
		return nil
	}
	p.y = logAxis("ms", max(low, 1e-3), high)
	p.x = axis{name: "percentile of requests", high: deepest, write: func(d float64) string {
		return strconv.FormatFloat(100*(1-math.Pow(10, -d)), 'g', 8, 64)
	}}
	for d := 0.0; d <= deepest; d++ {
		p.x.ticks = append(p.x.ticks, d)
	}
	return p
}

type namedCurve struct {
	name  string
	curve []Point
}

// overTime is a figure of values over seconds, from 0 up.
func overTime(unit string, lines ...line) *plot {
	lastX, high := 0.0, 0.0
	for _, l := range lines {
		for _, pt := range l.points {
			lastX, high = max(lastX, pt[0]), max(high, pt[1])
		}
	}
	p := &plot{label: unit + " over time", x: linearAxis("seconds", lastX), y: linearAxis(unit, high), lines: lines}
	return p
}
