package tune

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"osusume/bench/eval"
	"osusume/recommend/engine"
)

var everything = evidence{orders: true, sessions: true, visitor: true, session: true, cart: true}

// TestAxesReturn: on every model, each axis starts on its ladder, each value of
// the ladder can be set and makes a model the engine takes, and going back to
// the default gives the default model again.
func TestAxesReturn(t *testing.T) {
	defaults := engine.DefaultModels()
	for _, task := range eval.Tasks() {
		for _, c := range components(task, everything) {
			base := newDraft(defaults[c.model], c.slots)
			if diff := cmp.Diff(defaults[c.model], base.Model()); diff != "" {
				t.Errorf("%s: a draft of the default (-default +got):\n%s", c.model, diff)
			}
			checkAxes(t, &c, base, base, 2)
		}
	}
}

// checkAxes tries every axis of d, and those that appear with it.
func checkAxes(t *testing.T, c *component, d, base draft, depth int) {
	names := make(map[string]bool)
	for _, a := range c.axes(d, base, everything) {
		if names[a.name] {
			t.Errorf("%s: two axes %q", c.model, a.name)
		}
		names[a.name] = true
		now := a.value(d)
		if !slices.Contains(a.ladder, now) || !slices.Contains(a.ladder, a.value(base)) {
			t.Errorf("%s: %s is %v, by default %v, ladder %v", c.model, a.name, now, a.value(base), a.ladder)
		}
		if len(a.ladder) < 2 || len(slices.Compact(slices.Sorted(slices.Values(a.ladder)))) != len(a.ladder) {
			t.Errorf("%s: ladder of %s: %v", c.model, a.name, a.ladder)
		}
		for _, v := range a.ladder {
			moved := d.with(&a, v)
			if got := a.value(moved); got != v {
				t.Errorf("%s: %s set to %v is %v", c.model, a.name, v, got)
			}
			s := engine.Settings{Models: map[string]engine.Model{c.model: moved.Model()}}
			if _, err := engine.NewIndex(s); err != nil {
				t.Errorf("%s: %s %v: %v", c.model, a.name, v, err)
			}
			if diff := cmp.Diff(d.Model(), moved.with(&a, now).Model()); diff != "" && now == a.value(base) {
				t.Errorf("%s: %s to %v and back (-before +after):\n%s", c.model, a.name, v, diff)
			}
			if depth > 1 && a.slot && v == 1 {
				checkAxes(t, c, moved, base, depth-1)
			}
		}
		if got := a.value(d); got != now {
			t.Errorf("%s: trying %s changed it from %v to %v", c.model, a.name, now, got)
		}
	}
}

func TestLadder(t *testing.T) {
	tests := map[string]struct {
		values, more, want []float64
	}{
		"between":              {[]float64{1, 2, 4}, []float64{3}, []float64{1, 2, 3, 4}},
		"there already":        {[]float64{1, 2, 4}, []float64{2, 2}, []float64{1, 2, 4}},
		"at the ends":          {[]float64{1, 2}, []float64{0, 9}, []float64{0, 1, 2, 9}},
		"0 last is endless":    {[]float64{10, 20, 0}, []float64{40, 15}, []float64{10, 15, 20, 40, 0}},
		"0 first is a 0":       {[]float64{0, 10}, []float64{40}, []float64{0, 10, 40}},
		"endless not doubled ": {[]float64{10, 0}, []float64{0}, []float64{10, 0}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, ladder(tt.values, tt.more...)); diff != "" {
				t.Errorf("ladder (-want +got):\n%s", diff)
			}
		})
	}
}

// TestInertSignals: what the data says nothing about is not tuned.
func TestInertSignals(t *testing.T) {
	has := evidence{orders: true, visitor: true}
	for _, c := range components(eval.Purchases, has) {
		base := newDraft(engine.DefaultModels()[c.model], c.slots)
		for _, a := range c.axes(base, base, has) {
			d := base.with(&a, a.ladder[0])
			for k, s := range d.model.Signals {
				if s.From == engine.FromSession && !cmp.Equal(s, base.model.Signals[k]) {
					t.Errorf("%s: %s changes a signal of sessions in a shop without any", c.model, a.name)
				}
			}
		}
	}
}
