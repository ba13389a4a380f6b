package tune

import (
	"fmt"
	"math"
	"slices"

	"osusume/recommend/engine"
	"osusume/recommend/weight"
)

// draft is a model under construction: every signal has its scale written out,
// and signals of scale 0 are not part of the model.
type draft struct{ model engine.Model }

// newDraft takes a model and adds slots, switched off.
func newDraft(m engine.Model, slots []engine.Signal) draft {
	d := draft{m}
	d.model.Signals = slices.Clone(m.Signals)
	for k := range d.model.Signals {
		if d.model.Signals[k].Scale == 0 {
			d.model.Signals[k].Scale = 1
		}
	}
	for _, s := range slots {
		twin := func(o engine.Signal) bool { return o.From == s.From && o.Weights == s.Weights }
		if !slices.ContainsFunc(m.Signals, twin) {
			s.Scale = 0
			d.model.Signals = append(d.model.Signals, s)
		}
	}
	return d
}

// Model returns the model in the form settings have it.
func (d draft) Model() engine.Model {
	m := d.model
	m.Signals = nil
	for _, s := range d.model.Signals {
		if s.Scale == 0 {
			continue
		}
		if s.Scale == 1 {
			s.Scale = 0 // the default
		}
		m.Signals = append(m.Signals, s)
	}
	return m
}

// with returns a copy with one value changed.
func (d draft) with(a *axis, value float64) draft {
	out := draft{d.model}
	out.model.Signals = slices.Clone(d.model.Signals)
	a.set(&out.model, value)
	return out
}

// axis is one parameter of a draft.
type axis struct {
	name string
	// ladder are the values to try, in order; neighbours are near.
	ladder []float64
	// within names the switch this axis hangs on: where that is 0, it says
	// nothing.
	within string
	// slot marks the scale of a signal: all its values need the same lists.
	slot bool
	get  func(*engine.Model) float64
	set  func(*engine.Model, float64)
}

// value is what the axis is in a draft.
func (a *axis) value(d draft) float64 { return a.get(&d.model) }

// place returns the place of the nearest value of the ladder.
func (a *axis) place(value float64) int {
	best := 0
	for i, v := range a.ladder {
		if math.Abs(v-value) < math.Abs(a.ladder[best]-value) {
			best = i
		}
	}
	return best
}

// The ladders. A half-life of 0 is endless and stands above all others.
var (
	powers     = [...]float64{0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.65, 0.8, 1, 1.25}
	shares     = [...]float64{0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.8, 1.2}
	habits     = [...]float64{0, 0.1, 0.2, 0.35, 0.5, 0.7, 1, 1.5, 2.5}
	scales     = [...]float64{0, 0.05, 0.1, 0.2, 0.35, 0.6, 1, 1.5, 2.5}
	selves     = [...]float64{0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.45, 0.65, 1}
	halfLives  = [...]float64{1, 3, 7, 14, 20, 30, 45, 60, 90, 130, 180, 365, 0}
	cellAges   = [...]float64{30, 60, 90, 180, 365, 0}
	lengths    = [...]float64{5, 10, 20, 50, 100, 200, 500}
	stepDecays = [...]float64{0.5, 0.75, 1, 1.5, 2, 2.5, 3, 4, 6, 10}
	shrinks    = [...]float64{0, 1, 2, 5, 10, 20, 40, 80, 160}
	supports   = [...]float64{1, 2, 3, 5, 10}
	backwards  = [...]float64{0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.65, 0.8, 1}
	columns    = [...]float64{0, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4}
	l1s        = [...]float64{0, 0.3, 1, 3, 10}
	l2s        = [...]float64{5, 10, 25, 50, 100, 200, 400, 800, 1600}
	candidates = [...]float64{50, 100, 200, 400}
	casePowers = [...]float64{0, 0.3, 0.5, 0.7, 1}
	itemPowers = [...]float64{0, 0.1, 0.2, 0.35, 0.5}
)

// ladder returns values with extra ones put in their places.
func ladder(values []float64, more ...float64) []float64 {
	out := slices.Clone(values)
	endless := len(out) > 1 && out[len(out)-1] == 0
	for _, v := range more {
		if slices.Contains(out, v) {
			continue
		}
		at := len(out)
		for i, o := range out {
			if v < o || (endless && i == len(out)-1) {
				at = i
				break
			}
		}
		out = slices.Insert(out, at, v)
	}
	return out
}

// axes lists what can be changed in d, the strongest levers first. base is the
// default, whose values are always on the ladders.
func (c *component) axes(d, base draft, has evidence) []axis {
	var out []axis
	add := func(name string, values []float64, get func(*engine.Model) float64, set func(*engine.Model, float64)) *axis {
		out = append(out, axis{name: name, ladder: ladder(values, get(&base.model), get(&d.model)), get: get, set: set})
		return &out[len(out)-1]
	}
	m, b := &d.model, &base.model
	add("trend power", powers[:],
		func(m *engine.Model) float64 { return m.Trend.Power },
		func(m *engine.Model, v float64) {
			if m.Trend.Power == 0 {
				m.Trend = b.Trend
			}
			if m.Trend.Power = v; v == 0 {
				m.Trend = engine.Trend{}
			}
		})
	if m.Trend.Power > 0 {
		add("trend days", []float64{1, 7, 10, 30, 90},
			func(m *engine.Model) float64 { return orElse(float64(m.Trend.Days), 10) },
			func(m *engine.Model, v float64) { m.Trend.Days = int(written(v, float64(b.Trend.Days), 10)) }).within = "trend power"
		add("trend base days", []float64{30, 90, 365},
			func(m *engine.Model) float64 { return orElse(float64(m.Trend.BaseDays), 365) },
			func(m *engine.Model, v float64) { m.Trend.BaseDays = int(written(v, float64(b.Trend.BaseDays), 365)) }).within = "trend power"
	}
	add("recent weight", shares[:],
		func(m *engine.Model) float64 { return m.Recent.Weight },
		func(m *engine.Model, v float64) {
			if m.Recent.Weight == 0 {
				m.Recent = b.Recent
				if b.Recent.Weight == 0 {
					m.Recent.Days = 10
				}
			}
			if m.Recent.Weight = v; v == 0 {
				m.Recent = engine.Recent{}
			}
		})
	if m.Recent.Weight > 0 {
		add("recent days", []float64{1, 7, 10, 30, 90, 365, 0},
			func(m *engine.Model) float64 { return float64(m.Recent.Days) },
			func(m *engine.Model, v float64) { m.Recent.Days = int(v) }).within = "recent weight"
	}
	if c.repeats && has.visitor {
		add("personal weight", habits[:],
			func(m *engine.Model) float64 { return m.Personal.Weight },
			func(m *engine.Model, v float64) {
				if m.Personal.Weight == 0 {
					m.Personal = b.Personal
					if b.Personal.Weight == 0 {
						m.Personal.Power = 0.75
					}
				}
				if m.Personal.Weight = v; v == 0 {
					m.Personal = engine.Personal{}
				}
			})
		if m.Personal.Weight > 0 && !m.Personal.Lines {
			add("personal power", []float64{0.25, 0.5, 0.75, 1, 1.25},
				func(m *engine.Model) float64 { return m.Personal.Power },
				func(m *engine.Model, v float64) { m.Personal.Power = v }).within = "personal weight"
		}
		if m.Personal.Weight > 0 {
			add("personal trend", powers[:],
				func(m *engine.Model) float64 { return m.Personal.Trend },
				func(m *engine.Model, v float64) { m.Personal.Trend = v }).within = "personal weight"
			add("personal half-life days", cellAges[:],
				func(m *engine.Model) float64 { return m.Personal.HalfLifeDays },
				func(m *engine.Model, v float64) { m.Personal.HalfLifeDays = v }).within = "personal weight"
		}
	}
	for k := range m.Signals {
		first := len(out)
		c.signalAxes(&m.Signals[k], &b.Signals[k], k, has, add)
		for i := first + 1; i < len(out) && out[first].slot; i++ {
			out[i].within = out[first].name
		}
	}
	return out
}

type addAxis func(name string, values []float64, get func(*engine.Model) float64, set func(*engine.Model, float64)) *axis

// signalAxes adds the axes of signal k, which is s and in the default base.
func (c *component) signalAxes(s, base *engine.Signal, k int, has evidence, add addAxis) {
	if !has.of(s) {
		return
	}
	name := func(parameter string) string {
		return fmt.Sprintf("%s %s/%s [%d] %s", s.From, s.Weights.Formula, orSessions(s.Weights.Over), k, parameter)
	}
	param := func(parameter string, values []float64, field func(*engine.Signal) *float64) {
		add(name(parameter), values,
			func(m *engine.Model) float64 { return *field(&m.Signals[k]) },
			func(m *engine.Model, v float64) { *field(&m.Signals[k]) = v })
	}
	if k > 0 {
		add(name("scale"), scales[:],
			func(m *engine.Model) float64 { return m.Signals[k].Scale },
			func(m *engine.Model, v float64) { m.Signals[k].Scale = v }).slot = true
		if s.Scale == 0 {
			return
		}
	}
	if s.From == engine.FromSession {
		param("step decay", stepDecays[:], func(s *engine.Signal) *float64 { return &s.StepDecay })
	}
	if s.From == engine.FromBought || (s.From == engine.FromSession && has.visitor) {
		param("half-life days", halfLives[:], func(s *engine.Signal) *float64 { return &s.HalfLifeDays })
	}
	if s.From == engine.FromBought {
		add(name("binary"), []float64{0, 1},
			func(m *engine.Model) float64 { return bit(m.Signals[k].Binary) },
			func(m *engine.Model, v float64) { m.Signals[k].Binary = v != 0 })
	}
	if c.repeats {
		param("self", selves[:], func(s *engine.Signal) *float64 { return &s.Self })
	}
	if s.From != engine.FromCart && s.MaxItems >= 0 {
		add(name("max items"), lengths[:],
			func(m *engine.Model) float64 { return orElse(float64(m.Signals[k].MaxItems), 50) },
			func(m *engine.Model, v float64) { m.Signals[k].MaxItems = int(written(v, float64(base.MaxItems), 50)) })
	}
	weightParam := func(parameter string, values []float64, field func(*weight.Spec) *float64) {
		param(parameter, values, func(s *engine.Signal) *float64 { return field(&s.Weights) })
	}
	switch s.Weights.Formula {
	case weight.SLIM:
		weightParam("l2", l2s[:], func(w *weight.Spec) *float64 { return &w.Learned.L2 })
		weightParam("l1", l1s[:], func(w *weight.Spec) *float64 { return &w.Learned.L1 })
		cells(weightParam)
		add(name("candidates"), candidates[:],
			func(m *engine.Model) float64 { return orElse(float64(m.Signals[k].Weights.Learned.Candidates), 200) },
			func(m *engine.Model, v float64) {
				m.Signals[k].Weights.Learned.Candidates = int(written(v, float64(base.Weights.Learned.Candidates), 200))
			})
	case weight.Walk:
		cells(weightParam)
		weightParam("item power", itemPowers[:], func(w *weight.Spec) *float64 { return &w.Learned.ItemPower })
		weightParam("shrink", shrinks[:], func(w *weight.Spec) *float64 { return &w.Shrink })
	case weight.Steps:
		weightParam("backward", backwards[:], func(w *weight.Spec) *float64 { return &w.Backward })
		weightParam("row power", powers[1:9], func(w *weight.Spec) *float64 { return &w.RowPower })
		weightParam("column power", columns[:], func(w *weight.Spec) *float64 { return &w.ColumnPower })
		weightParam("shrink", shrinks[:], func(w *weight.Spec) *float64 { return &w.Shrink })
	default:
		weightParam("shrink", shrinks[:], func(w *weight.Spec) *float64 { return &w.Shrink })
		add(name("min support"), supports[:],
			func(m *engine.Model) float64 { return orElse(float64(m.Signals[k].Weights.MinSupport), 1) },
			func(m *engine.Model, v float64) {
				m.Signals[k].Weights.MinSupport = uint32(written(v, float64(base.Weights.MinSupport), 1))
			})
	}
}

// cells adds how the cells of learned weights are made.
func cells(add func(parameter string, values []float64, field func(*weight.Spec) *float64)) {
	add("case power", casePowers[:], func(w *weight.Spec) *float64 { return &w.Learned.CasePower })
	add("cell half-life days", cellAges[:], func(w *weight.Spec) *float64 { return &w.Learned.HalfLifeDays })
}

// written is how v is written down where 0 stands for def: as the default model
// writes it when it means the same, so that equal settings are equal.
func written(v, base, def float64) float64 {
	if v == orElse(base, def) {
		return base
	}
	return v
}

func orElse(v, otherwise float64) float64 {
	if v == 0 {
		return otherwise
	}
	return v
}

func orSessions(over string) string {
	if over == "" {
		return "sessions"
	}
	return over
}

func bit(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
