package report

import (
	"osusume/bench/eval"
)

// lineSeries is one line of a line plot; missing points have nil spans and
// absent set.
type lineSeries struct {
	label  string
	style  int // 0 own, 1 bestsellers, 2 best plain: colour and shape
	points []linePoint
}

type linePoint struct {
	value  float64
	span   *eval.Interval
	absent bool
}

// linePlot is a figure of one or more lines over named places.
type linePlot struct {
	label  string
	unit   string   // above the vertical axis
	places []string // below the axis
	notes  []string // below the places; may be nil
	noted  string   // what the notes are, in a letter or two
	below  string   // what the places are
	series []lineSeries
	// bars stand behind the lines, one per place; barLabel names them.
	bars     []float64
	barLabel string
	tick     func(float64) string
	zero     bool // the vertical axis starts at 0
	// least is how far to both sides of 0 the vertical axis reaches at least,
	// so that no difference looks like none.
	least float64
}

func styleClass(style int) string { return [...]string{"own", "alt1", "alt2"}[style] }

const plotHeight = 180.0

func (p *linePlot) svg() string {
	top, legend := 24.0, 0.0
	if p.bars != nil {
		legend = 20 * float64(len(p.series)+1)
	}
	foot := 40.0
	if p.notes != nil {
		foot += 16
	}
	right := 16.0
	if p.bars == nil && len(p.series) > 1 {
		right = 90
	}
	c := canvas{width: figureWidth, height: top + plotHeight + foot}
	from, to := 50.0, figureWidth-right
	low, high := p.bounds()
	y, ticks := linear(low, high, top+plotHeight, top, 4)
	write := p.tick
	if write == nil {
		digits := decimals(ticks)
		write = func(v float64) string { return fixed(v, digits) }
	}
	for _, t := range ticks {
		c.line(from, y.at(t), to, y.at(t), "grid")
		c.text(from-7, y.at(t)+4.5, "end", "tick", write(t))
	}
	if y.low < 0 && y.high > 0 {
		c.line(from, y.at(0), to, y.at(0), "zero")
	}
	c.text(2, 13, "start", "unit", p.unit)
	slot := (to - from) / float64(max(len(p.places), 1))
	center := func(i int) float64 { return from + slot*(float64(i)+0.5) }
	for i, v := range p.bars {
		c.rect(center(i)-slot*0.38, y.at(v), slot*0.76, y.at(0)-y.at(v), "bar")
	}
	for i, name := range p.places {
		c.text(center(i), top+plotHeight+17, "middle", "tick", name)
		if p.notes != nil {
			c.text(center(i), top+plotHeight+33, "middle", "note", p.notes[i])
		}
	}
	if p.notes != nil {
		c.text(from-7, top+plotHeight+33, "end", "note", p.noted)
	}
	c.text((from+to)/2, c.height-5, "middle", "unit", p.below)
	p.drawSeries(&c, &y, center, slot)
	if p.bars != nil {
		p.legend(&c, to, top, legend)
	} else if len(p.series) > 1 {
		p.ends(&c, &y, center, slot, to)
	}
	return c.svg(p.label)
}

// ticks are those of the vertical axis.
func (p *linePlot) ticks() []float64 {
	low, high := p.bounds()
	_, ticks := linear(low, high, plotHeight, 0, 4)
	return ticks
}

func (p *linePlot) bounds() (low, high float64) {
	first := true
	see := func(v float64) {
		if first {
			low, high, first = v, v, false
		}
		low, high = min(low, v), max(high, v)
	}
	if p.zero {
		see(0)
	}
	if p.least > 0 {
		see(-p.least)
		see(p.least)
	}
	for _, s := range p.series {
		for _, pt := range s.points {
			if pt.absent {
				continue
			}
			see(pt.value)
			if pt.span != nil {
				see(pt.span.Low)
				see(pt.span.High)
			}
		}
	}
	for _, v := range p.bars {
		see(v)
	}
	return low, high
}

// shift keeps the points of several lines at one place from covering each other.
func (p *linePlot) shift(k int, slot float64) float64 {
	if p.bars != nil || len(p.series) < 2 {
		return 0
	}
	return min(slot*0.16, 9) * (float64(k) - float64(len(p.series)-1)/2)
}

func (p *linePlot) drawSeries(c *canvas, y *axis, center func(int) float64, slot float64) {
	for k := len(p.series) - 1; k >= 0; k-- { // the first on top
		s := &p.series[k]
		class := styleClass(s.style)
		var path [][2]float64
		for i, pt := range s.points {
			if pt.absent {
				continue
			}
			x := center(i) + p.shift(k, slot)
			path = append(path, [2]float64{x, y.at(pt.value)})
			if pt.span != nil {
				c.line(x, y.at(pt.span.Low), x, y.at(pt.span.High), "span "+class)
			}
		}
		c.polyline(path, "line "+class)
		for _, at := range path {
			c.mark(at[0], at[1], s.style, class)
		}
	}
}

// legend names lines and bars in the corner where such figures are empty.
func (p *linePlot) legend(c *canvas, right, top, height float64) {
	longest := len([]rune(p.barLabel))
	for _, s := range p.series {
		longest = max(longest, len([]rune(s.label)))
	}
	width := 6.8*float64(longest) + 34
	c.rect(right-width, top+2, width, height+6, "paper")
	x := right - width + 14
	for i, s := range p.series {
		y := top + 18 + 20*float64(i)
		c.mark(x, y-4, s.style, styleClass(s.style))
		c.text(x+12, y, "start", "name", s.label)
	}
	y := top + 18 + 20*float64(len(p.series))
	c.rect(x-6, y-10, 12, 11, "bar")
	c.text(x+12, y, "start", "name", p.barLabel)
}

// ends names each line at its last point.
func (p *linePlot) ends(c *canvas, y *axis, center func(int) float64, slot, right float64) {
	wanted := make([]float64, len(p.series))
	for k, s := range p.series {
		for _, pt := range s.points {
			if !pt.absent {
				wanted[k] = y.at(pt.value)
			}
		}
	}
	for k, at := range apart(wanted, 16, y.to+4, y.from) {
		s := &p.series[k]
		x := right - slot/2
		for i, pt := range s.points {
			if !pt.absent {
				x = center(i) + p.shift(k, slot)
			}
		}
		c.line(x+8, wanted[k], right+2, at, "leader")
		c.text(right+6, at+4.5, "start", "name end "+styleClass(s.style), s.label)
	}
}
