package report

import (
	"fmt"
	"html"
	"math"
	"strconv"
	"strings"
)

// canvas writes one SVG. Colours come from the page's style by class, so that a
// figure follows the reader's light or dark preference. The origin is the upper
// left corner; numbers are in pixels at full width and rounded to a tenth, so
// equal figures are equal bytes.
type canvas struct {
	b             strings.Builder
	width, height float64
}

func px(v float64) string {
	s := strconv.FormatFloat(math.Round(v*10)/10, 'f', -1, 64)
	if s == "-0" {
		return "0"
	}
	return s
}

func (c *canvas) line(x1, y1, x2, y2 float64, class string) {
	fmt.Fprintf(&c.b, `<line x1="%s" y1="%s" x2="%s" y2="%s" class="%s"/>`, px(x1), px(y1), px(x2), px(y2), class)
}

// text writes s; anchor is start, middle or end.
func (c *canvas) text(x, y float64, anchor, class, s string) {
	fmt.Fprintf(&c.b, `<text x="%s" y="%s" text-anchor="%s" class="%s">%s</text>`, px(x), px(y), anchor, class, html.EscapeString(s))
}

func (c *canvas) rect(x, y, w, h float64, class string) {
	fmt.Fprintf(&c.b, `<rect x="%s" y="%s" width="%s" height="%s" class="%s"/>`, px(x), px(y), px(max(w, 0)), px(max(h, 0)), class)
}

func (c *canvas) polyline(points [][2]float64, class string) {
	c.b.WriteString(`<polyline points="`)
	for i, p := range points {
		if i > 0 {
			c.b.WriteByte(' ')
		}
		c.b.WriteString(px(p[0]) + "," + px(p[1]))
	}
	fmt.Fprintf(&c.b, `" class="%s"/>`, class)
}

// mark draws a symbol; shapes differ, not colours alone, so that they can be
// told apart in grey.
func (c *canvas) mark(x, y float64, shape int, class string) {
	switch shape {
	case 1: // triangle
		fmt.Fprintf(&c.b, `<path d="M%s %sl5.5 9.5h-11z" class="mark %s"/>`, px(x), px(y-5.8), class)
	case 2: // square
		fmt.Fprintf(&c.b, `<rect x="%s" y="%s" width="9" height="9" class="mark %s"/>`, px(x-4.5), px(y-4.5), class)
	default:
		fmt.Fprintf(&c.b, `<circle cx="%s" cy="%s" r="5" class="mark %s"/>`, px(x), px(y), class)
	}
}

// svg returns the figure; label says what it shows to those who cannot see it.
func (c *canvas) svg(label string) string {
	return fmt.Sprintf(`<svg viewBox="0 0 %s %s" role="img" aria-label="%s">%s</svg>`,
		px(c.width), px(c.height), html.EscapeString(label), c.b.String())
}

// axis maps values to pixels.
type axis struct {
	low, high float64 // values
	from, to  float64 // pixels
	log       bool
}

func (a *axis) at(v float64) float64 {
	low, high := a.low, a.high
	if a.log {
		v, low, high = math.Log(max(v, a.low)), math.Log(low), math.Log(high)
	}
	if !(high > low) {
		return a.from
	}
	return a.from + (v-low)/(high-low)*(a.to-a.from)
}

// linear makes an axis over at least [low, high] that ends at round numbers,
// with its ticks; about want of them.
func linear(low, high, from, to float64, want int) (axis, []float64) {
	if !(high-low > 1e-6*max(math.Abs(low), math.Abs(high))) {
		high = low + 1 // a span too small to draw
	}
	step := niceStep((high - low) / float64(max(want, 1)))
	first, last := math.Floor(low/step+1e-9), math.Ceil(high/step-1e-9)
	var ticks []float64
	for k := first; k <= last; k++ {
		ticks = append(ticks, k*step)
	}
	return axis{low: first * step, high: last * step, from: from, to: to}, ticks
}

// niceStep is the smallest of 1, 2, 2.5 and 5 times a power of ten that is at
// least raw.
func niceStep(raw float64) float64 {
	if !(raw > 0) || math.IsInf(raw, 0) {
		return 1
	}
	base := math.Pow(10, math.Floor(math.Log10(raw)))
	for _, m := range [...]float64{1, 2, 2.5, 5} {
		if m*base >= raw*(1-1e-9) {
			return m * base
		}
	}
	return 10 * base
}

// logarithmic makes an axis over at least [low, high], both positive, that
// starts and ends at 1, 2 or 5 times a power of ten, with those as ticks.
func logarithmic(low, high, from, to float64) (axis, []float64) {
	low = max(low, 1e-9)
	high = max(high, low*1.0001)
	var steps []float64
	for e := math.Floor(math.Log10(low)); e <= math.Ceil(math.Log10(high)); e++ {
		for _, m := range [...]float64{1, 2, 5} {
			steps = append(steps, m*math.Pow(10, e))
		}
	}
	first, last := 0, len(steps)-1
	for first+1 < len(steps) && steps[first+1] <= low*(1+1e-9) {
		first++
	}
	for last > 0 && steps[last-1] >= high*(1-1e-9) {
		last--
	}
	return axis{low: steps[first], high: steps[last], from: from, to: to, log: true}, steps[first : last+1]
}

// decimals is how many digits after the point tell the ticks apart.
func decimals(ticks []float64) int {
	if len(ticks) < 2 {
		return 2
	}
	for d := range 6 {
		scale := math.Pow(10, float64(d))
		exact := true
		for _, t := range ticks {
			if math.Abs(math.Round(t*scale)-t*scale) > 1e-6*scale*(ticks[1]-ticks[0]) {
				exact = false
			}
		}
		if exact {
			return d
		}
	}
	return 6
}

// apart moves positions, each the wanted place of a label, so that neighbours
// are at least gap apart and all stay within [low, high] if there is room. The
// order is kept.
func apart(wanted []float64, gap, low, high float64) []float64 {
	n := len(wanted)
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	for i := 1; i < n; i++ {
		for k := i; k > 0 && wanted[order[k]] < wanted[order[k-1]]; k-- {
			order[k], order[k-1] = order[k-1], order[k]
		}
	}
	out := make([]float64, n)
	last := low - gap
	for _, i := range order {
		out[i] = max(wanted[i], last+gap)
		last = out[i]
	}
	bound := high
	for k := n - 1; k >= 0; k-- {
		i := order[k]
		out[i] = min(out[i], bound)
		bound = out[i] - gap
	}
	return out
}
