package tune

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"osusume/bench/eval"
	"osusume/recommend/engine"
)

func scored(units []string, values ...float64) *eval.Variant {
	v := &eval.Variant{Metrics: []eval.Metric{{Name: objective, Values: values}}}
	for _, u := range units {
		v.Cases = append(v.Cases, eval.Case{Unit: u})
	}
	return v
}

func TestPaired(t *testing.T) {
	tests := map[string]struct {
		units    []string
		a, b     []float64
		diff, se float64
	}{
		// Differences 1, 0, 0, 1 around their mean 0.5: each case ±0.5, so the
		// error is sqrt(4 * 0.25) / 4.
		"cases by themselves": {[]string{"p", "q", "r", "s"}, []float64{1, 1, 0, 1}, []float64{0, 1, 0, 0}, 0.5, 0.25},
		// The same with two units of ±1 each: sqrt(1 + 1) / 4.
		"two of a kind":       {[]string{"p", "q", "q", "p"}, []float64{1, 1, 0, 1}, []float64{0, 1, 0, 0}, 0.5, math.Sqrt2 / 4},
		"equal":               {[]string{"p", "q"}, []float64{1, 0}, []float64{1, 0}, 0, 0},
		"nothing":             {nil, nil, nil, 0, 0},
		"always as much":      {[]string{"p", "q"}, []float64{0.5, 0.75}, []float64{0.25, 0.5}, 0.25, 0},
		"less, not only more": {[]string{"p", "q"}, []float64{0, 0}, []float64{1, 0}, -0.5, math.Sqrt(0.5) / 2},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			diff, se := paired(scored(tt.units, tt.a...), scored(tt.units, tt.b...))
			if math.Abs(diff-tt.diff) > 1e-12 || math.Abs(se-tt.se) > 1e-12 {
				t.Errorf("paired = %v, %v; want %v, %v", diff, se, tt.diff, tt.se)
			}
		})
	}
}

func TestScore(t *testing.T) {
	c := component{metrics: []string{"hr", "mrr"}}
	got := c.score(&eval.Variant{Name: "cart", Metrics: []eval.Metric{
		{Name: "hr", Values: []float64{1, 0, 1}}, {Name: "other", Values: []float64{9, 9, 9}}, {Name: "mrr", Values: []float64{0.5, 0, 1}},
	}, Cases: make([]eval.Case, 3)})
	want := []eval.Metric{{Name: objective, Values: []float64{0.75, 0, 1}, Mean: 1.75 / 3}}
	if diff := cmp.Diff(want, got.Metrics, cmpopts.EquateApprox(0, 1e-12)); diff != "" {
		t.Errorf("objective (-want +got):\n%s", diff)
	}
}

// TestSimplifyDropsNoise: parameters that do nothing go back to their defaults,
// one that does something stays.
func TestSimplifyDropsNoise(t *testing.T) {
	cfg := Config{Task: eval.Purchases, Train: fashionShop(t), Seed: 1}
	s := newTestSearch(t, cfg)
	c := s.contenders[0]
	d := c.best
	for name, value := range map[string]float64{"recent weight": 1.2, "recent days": 7, "bought slim/customers [0] max items": 500} {
		axes := c.axes(d, c.base, s.has)
		for i := range axes {
			if axes[i].name == name {
				d = d.with(&axes[i], value)
			}
		}
	}
	if err := s.settle(t.Context(), c, s.counts, d); err != nil {
		t.Fatal(err)
	}
	looked, err := s.simplify(t.Context(), c, 1)
	if err != nil {
		t.Fatal(err)
	}
	if len(looked) != 3 {
		t.Fatalf("looked at %d changes, want 3", len(looked))
	}
	m := c.best.Model()
	def := engine.DefaultModels()[c.model]
	if m.Recent.Weight != 1.2 {
		t.Errorf("recent = %+v, want weight 1.2: fashion rules here", m.Recent)
	}
	if m.Signals[0].MaxItems != def.Signals[0].MaxItems {
		t.Errorf("max items = %d, want the default: nobody has as many", m.Signals[0].MaxItems)
	}
}

// newTestSearch prepares a search that has measured the defaults.
func newTestSearch(t *testing.T, cfg Config) *search {
	t.Helper()
	events, _, err := eval.ReadEvents(cfg.Train, nil)
	if err != nil {
		t.Fatal(err)
	}
	exams, err := cuts(cfg.Task, events, 0, cfg.Seed)
	if err != nil {
		t.Fatal(err)
	}
	j, err := openJournal("", "", false)
	if err != nil {
		t.Fatal(err)
	}
	s, err := newSearch(&cfg, events, exams, j, func(string) {})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.start(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

// TestHarmIsRefused: no step of the search takes a model that is worse, and one
// that got in nevertheless does not get out.
func TestHarmIsRefused(t *testing.T) {
	s := newTestSearch(t, Config{Task: eval.Purchases, Train: fashionShop(t), Seed: 1})
	c := s.contenders[0]
	axes := c.axes(c.best, c.base, s.has)
	a := &axes[0]
	harm := c.best
	for k := range axes {
		if axes[k].name == "recent weight" {
			a = &axes[k]
			harm = c.best.with(a, 0)
		}
	}
	before := c.total
	ok, err := s.beats(t.Context(), c, a.name, 0, harm)
	if err != nil || ok || c.total != before {
		t.Errorf("beats = %v, %v; total %v, before %v", ok, err, c.total, before)
	}
	if err := s.settle(t.Context(), c, s.counts, harm); err != nil {
		t.Fatal(err)
	}
	if c.total >= before {
		t.Fatalf("no harm done: %v, before %v", c.total, before)
	}
	v, err := s.compare(t.Context(), c, s.counts, 1)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(c.base.Model(), v.model); diff != "" || v.gain.Mean != 0 {
		t.Errorf("chosen, gain %v (-default +got):\n%s", v.gain.Mean, diff)
	}
}

// TestPlans: what can be tried without learning depends on what was asked for,
// not on whether its mean was noted before.
func TestPlans(t *testing.T) {
	s := newTestSearch(t, Config{Task: eval.Ratings, Train: ratingShop(t), Seed: 1})
	c := s.contenders[0]
	m := c.best.Model()
	if s.find(0, s.counts, m) == nil {
		t.Fatal("the default model was measured, but no index has its lists")
	}
	other := s.counts
	other.StepLambda = 9
	if s.find(0, other, m) != nil {
		t.Error("an index over other counts passes for one over these")
	}
	s.views = make([][]*learnedView, len(s.cuts))
	if _, err := s.mean(t.Context(), &c.component, 0, s.counts, m); err != nil {
		t.Fatal(err)
	}
	v := s.find(0, s.counts, m)
	if v == nil {
		t.Fatal("a mean from the journal plans no index")
	}
	if v.view != nil {
		t.Error("a mean from the journal was measured again")
	}
	for k := range keptViews + 2 {
		other.StepLambda = float64(k + 1)
		s.plan(0, other, m)
	}
	if n := len(s.views[0]); n != keptViews || s.find(0, s.counts, m) != nil {
		t.Errorf("%d indexes kept, want the newest %d", n, keptViews)
	}
}
