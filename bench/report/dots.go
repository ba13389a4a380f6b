package report

import (
	"math"
	"strconv"

	"osusume/bench/eval"
)

// dotRow is one line of a dot plot: a value with, if known, its interval.
type dotRow struct {
	label string
	value float64
	span  *eval.Interval
	text  string // the value as written at the right
	main  bool   // what the figure is about
	shape int
}

// dotPlot is a figure of one value per model.
type dotPlot struct {
	label string // for those who cannot see it
	unit  string // below the axis
	rows  []dotRow
	log   bool
	// tick writes a tick of the axis; nil takes the digits that tell ticks apart.
	tick func(float64) string
}

// The measures of figures, in pixels at full width.
const (
	figureWidth = 400.0
	rowHeight   = 25.0
	labelColumn = 88.0
	axisHeight  = 40.0
)

func (p *dotPlot) svg() string {
	valueColumn := 58.0
	for _, r := range p.rows {
		valueColumn = max(valueColumn, 7.3*float64(len([]rune(r.text)))+14)
	}
	c := canvas{width: figureWidth, height: 6 + rowHeight*float64(len(p.rows)) + axisHeight}
	from, to := labelColumn, figureWidth-valueColumn
	low, high := 0.0, 0.0
	if p.log {
		low = 1e18
	}
	for _, r := range p.rows {
		ends := []float64{r.value}
		if r.span != nil {
			ends = append(ends, r.span.Low, r.span.High)
		}
		for _, v := range ends {
			high = max(high, v)
			low = min(low, v)
		}
	}
	var x axis
	var ticks []float64
	if p.log {
		x, ticks = logarithmic(low, high, from, to)
	} else {
		x, ticks = linear(low, high, from, to, 4)
	}
	bottom := 6 + rowHeight*float64(len(p.rows))
	write := p.tick
	if write == nil {
		digits := decimals(ticks)
		write = func(v float64) string { return fixed(v, digits) }
	}
	for _, t := range ticks {
		if p.log && len(ticks) > 5 && !powerOfTen(t) {
			continue
		}
		c.line(x.at(t), 4, x.at(t), bottom, "grid")
		c.text(x.at(t), bottom+16, "middle", "tick", write(t))
	}
	c.text((from+to)/2, bottom+34, "middle", "unit", p.unit)
	for i, r := range p.rows {
		y := 6 + rowHeight*(float64(i)+0.5)
		class, words := "other", "name"
		if r.main {
			class, words = "own", "name strong"
		}
		c.text(from-10, y+4.5, "end", words, r.label)
		if r.span != nil {
			c.line(x.at(r.span.Low), y, x.at(r.span.High), y, "span "+class)
		}
		c.mark(x.at(r.value), y, r.shape, class)
		c.text(figureWidth-2, y+4.5, "end", words+" number", r.text)
	}
	return c.svg(p.label)
}

func powerOfTen(v float64) bool {
	e := math.Log10(v)
	return math.Abs(e-math.Round(e)) < 1e-9
}

// fixed writes v with so many digits after the point.
func fixed(v float64, digits int) string {
	s := strconv.FormatFloat(v, 'f', digits, 64)
	for _, r := range s {
		if r != '-' && r != '0' && r != '.' {
			return s
		}
	}
	if s[0] == '-' {
		return s[1:] // -0.00
	}
	return s
}

// signed is fixed with a sign, a true minus included.
func signed(v float64, digits int) string {
	s := fixed(v, digits)
	if s[0] == '-' {
		return "−" + s[1:]
	}
	return "+" + s
}

// percent writes a share.
func percent(v float64) string {
	switch {
	case v > 0 && v < 0.001:
		return "<0.1 %"
	case v < 0.0995:
		return fixed(100*v, 1) + " %"
	default:
		return fixed(100*v, 0) + " %"
	}
}

// micros writes a duration given in microseconds.
func micros(v float64) string {
	switch {
	case v < 10 && v != math.Trunc(v):
		return fixed(v, 1) + " µs"
	case v < 1000:
		return fixed(v, 0) + " µs"
	case v < 10_000 && v != 1000*math.Trunc(v/1000):
		return fixed(v/1000, 1) + " ms"
	default:
		return fixed(v/1000, 0) + " ms"
	}
}
