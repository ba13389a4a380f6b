package engine

import (
	"maps"
	"math"
	"slices"
)

// figures are what sales say of items, for the models with a trend. A request looks
// at those of hundreds of items that lie anywhere, so they are small: items that
// have sold alike are of one class, an item has the number of its class, and the
// figures of the classes, which are few, stay in the caches.
type figures struct {
	// windows are the places of the windows that classes are told apart by:
	// within each, all items of a class have as many buyers.
	windows []int
	// few holds the class of each item, or many does, when there are too many
	// classes. Items that came later have none.
	few  []uint16
	many []uint32
	// examples holds an item of each class.
	examples []uint32
	// of holds the figures of each class, for each distinct scaling of the models.
	of [][]figure
}

// figure is what sales say of an item to a model.
type figure struct {
	trend  float32 // the trend factor, to its power
	recent uint32  // buyers within the model's window
}

const (
	// trendPrior and the bounds keep the factor of rare items near 1.
	trendPrior = 1e-5
	trendMin   = 0.02
	trendMax   = 20
	// maxFew is how many classes a uint16 can tell apart.
	maxFew = 1 << 16
)

// figuresFor works out the figures for models, whose places are resolved. What p has
// is used again.
func (p *popularity) figuresFor(models []model) figures {
	used, scalings := make(map[int]bool), make(map[int]*model)
	for i := range models {
		m := &models[i]
		if m.figures < 0 {
			continue
		}
		scalings[m.figures] = m
		used[windowIndex(m.cfg.Trend.Days)] = true
		used[windowIndex(m.cfg.Trend.BaseDays)] = true
		if m.recent >= 0 {
			used[m.recent] = true
		}
	}
	f := figures{windows: slices.Sorted(maps.Keys(used))}
	if slices.Equal(f.windows, p.figures.windows) {
		f.few, f.many, f.examples = p.figures.few, p.figures.many, p.figures.examples
	} else {
		f.classify(p)
	}
	for k, m := range scalings {
		for len(f.of) <= k {
			f.of = append(f.of, nil)
		}
		f.of[k] = f.scale(p, m)
	}
	return f
}

// classify finds the classes, in the order of their first items.
func (f *figures) classify(p *popularity) {
	number := make(map[[len(windows)]uint32]uint32)
	f.many = make([]uint32, len(p.buyers[0]))
	for i := range f.many {
		var sales [len(windows)]uint32
		for _, w := range f.windows {
			sales[w] = p.buyers[w][i]
		}
		class, ok := number[sales]
		if !ok {
			class = uint32(len(number))
			number[sales] = class
			f.examples = append(f.examples, uint32(i))
		}
		f.many[i] = class
	}
	if len(f.examples) <= maxFew {
		f.few = make([]uint16, len(f.many))
		for i, class := range f.many {
			f.few[i] = uint16(class)
		}
		f.many = nil
	}
}

// scale works out the figures of the classes for a model.
func (f *figures) scale(p *popularity, m *model) []figure {
	t := m.cfg.Trend
	recent, base := p.buyers[windowIndex(t.Days)], p.buyers[windowIndex(t.BaseDays)]
	sumRecent, sumBase := sum(recent), sum(base)
	out := make([]figure, len(f.examples))
	for class, i := range f.examples {
		ratio := (float64(recent[i])/sumRecent + trendPrior) / (float64(base[i])/sumBase + trendPrior)
		out[class].trend = float32(math.Pow(min(max(ratio, trendMin), trendMax), t.Power))
		if m.recent >= 0 {
			out[class].recent = p.buyers[m.recent][i]
		}
	}
	return out
}

// figure returns that of item, if it has one.
func (f *figures) figure(scaling int, item uint32) (_ figure, ok bool) {
	switch {
	case scaling < 0:
		return figure{}, false
	case int(item) < len(f.few):
		return f.of[scaling][f.few[item]], true
	case int(item) < len(f.many):
		return f.of[scaling][f.many[item]], true
	default:
		return figure{}, false
	}
}

// trend is the model's trend factor of item, 1 without one.
func (v *View) trend(m *model, item uint32) float32 {
	if f, ok := v.popular.figures.figure(m.figures, item); ok {
		return f.trend
	}
	return 1
}

// recent is how many bought item within the window of a model that has one.
func (v *View) recent(m *model, item uint32) uint32 {
	if f, ok := v.popular.figures.figure(m.figures, item); ok {
		return f.recent
	}
	return at(v.popular.buyers[m.recent], item)
}

// scaled returns in sums the final scores of the touched and the fresh items, but for
// rotation.
// Nothing that cannot be foretold is branched on, so that the processor asks for many
// items' figures at once instead of waiting for each. Products are rounded before
// they are added, on machines with fused instructions too.
func scaled[C uint16 | uint32](s *scratch, classes []C, of []figure, unit float32, sums []float32) {
	for k, j := range s.touched {
		f := figure{trend: 1}
		if int(j) < len(classes) {
			f = of[classes[j]]
		}
		sums[k] = float32(s.acc[j]*f.trend) + s.extraOf(j) + float32(unit*float32(f.recent))
	}
	sums = sums[len(s.touched):]
	for k, c := range s.fresh {
		f := figure{trend: 1}
		if int(c.item) < len(classes) {
			f = of[classes[c.item]]
		}
		sums[k] = float32(c.score*f.trend) + float32(unit*float32(f.recent))
	}
}
