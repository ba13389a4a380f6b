package tune

import (
	"osusume/bench/eval"
	"osusume/recommend/engine"
	"osusume/recommend/weight"
)

// component is a model to tune, and what it is judged by: the mean of metrics
// over the cases of variant.
type component struct {
	model   string
	variant string
	metrics []string
	// repeats: known items may be in the list, so that habits and an item's
	// weight to itself matter.
	repeats bool
	// slots are signals offered beside those of the default model.
	slots []engine.Signal
}

// components returns what there is to tune for a task, given what the events
// hold.
func components(task eval.Task, has evidence) []component {
	place := engine.DefaultPlacements()
	over := func(formula weight.Formula, over string) weight.Spec {
		s := weight.Spec{Formula: formula, Over: over}
		switch formula {
		case weight.SLIM:
			s.Learned = weight.Learned{L1: 1, L2: 50, CasePower: 0.5}
		case weight.Walk:
			s.MinSupport, s.Learned = 2, weight.Learned{HalfLifeDays: 120, CasePower: 0.5, ItemPower: 0.1}
		case weight.Cosine:
			s.Shrink, s.MinSupport = 5, 2
		default:
			s.MinSupport = 2
		}
		return s
	}
	bought := func(w weight.Spec) engine.Signal {
		return engine.Signal{From: engine.FromBought, Weights: w, HalfLifeDays: 60, MaxItems: 200, Normalise: true}
	}
	cart := func(w weight.Spec) engine.Signal { return engine.Signal{From: engine.FromCart, Weights: w} }
	var out []component
	switch task {
	case eval.Purchases:
		slots := []engine.Signal{
			bought(over(weight.SLIM, "orders")),
			bought(over(weight.Conditional, "orders")),
			bought(over(weight.Walk, "customers")),
		}
		out = []component{
			{model: place["home"].Model, variant: "all", metrics: []string{"ndcg@10", "recall@20"}, repeats: true, slots: slots},
			{model: place["home"].New, variant: "new", metrics: []string{"ndcg@10"}, slots: slots},
		}
	case eval.Baskets:
		out = []component{
			{
				model: place["cart"].Model, variant: "cart", metrics: []string{"hr@10", "mrr@10"},
				slots: []engine.Signal{cart(over(weight.Conditional, "orders")), cart(over(weight.SLIM, "customers"))},
			},
			{
				model: place["item"].Model, variant: "item", metrics: []string{"ndcg@10"},
				slots: []engine.Signal{
					cart(over(weight.SLIM, "orders")), cart(over(weight.Cosine, "orders")), cart(over(weight.Conditional, "customers")),
				},
			},
		}
	case eval.Sessions:
		// A second look at the same steps over a longer memory, and at what is
		// seen together in whatever order.
		wide := engine.Signal{
			From: engine.FromSession, StepDecay: 8, MaxItems: 20,
			Weights: weight.Spec{Formula: weight.Cosine, Over: "sessions", Shrink: 5, MinSupport: 2},
		}
		steps := wide
		steps.Weights = weight.Spec{Formula: weight.Steps, Backward: 0.5, Shrink: 10, RowPower: 0.8, ColumnPower: 0.05}
		out = []component{
			{model: place["session"].Model, variant: "all", metrics: []string{"hr@20", "mrr@20"}, repeats: true, slots: []engine.Signal{steps, wide}},
			{model: place["session"].New, variant: "new", metrics: []string{"hr@20", "mrr@20"}, slots: []engine.Signal{steps, wide}},
		}
	case eval.Ratings:
		out = []component{{
			model: place["discover"].Model, variant: "all", metrics: []string{"ndcg@10"},
			slots: []engine.Signal{bought(over(weight.Walk, "customers")), bought(over(weight.SLIM, "customers"))},
		}}
	}
	for i := range out {
		out[i].slots = usable(out[i].slots, has)
	}
	return out
}

// usable leaves out signals whose counts would be empty.
func usable(signals []engine.Signal, has evidence) []engine.Signal {
	var out []engine.Signal
	for _, s := range signals {
		if has.of(&s) {
			out = append(out, s)
		}
	}
	return out
}

// evidence is what the events of a shop can say something about.
type evidence struct {
	orders   bool // orders of two items or more
	sessions bool // browsing
	// visitor: requests name one, so that what was bought and browsed counts.
	visitor bool
	// session and cart: requests bring one.
	session, cart bool
}

// of reports whether a signal can be anything but empty.
func (e evidence) of(s *engine.Signal) bool {
	switch {
	case s.Weights.Over == "orders" && !e.orders:
		return false
	case (s.Weights.Over == "sessions" || s.Weights.Formula == weight.Steps) && !e.sessions:
		return false
	}
	switch s.From {
	case engine.FromBought:
		return e.visitor
	case engine.FromSession:
		return e.session || (e.visitor && e.sessions)
	default:
		return e.cart || e.visitor
	}
}

// score is the objective per case.
func (c *component) score(v *eval.Variant) eval.Variant {
	out := eval.Variant{Name: v.Name, Cases: v.Cases, Metrics: []eval.Metric{{Name: objective, Values: make([]float64, len(v.Cases))}}}
	m := &out.Metrics[0]
	for _, name := range c.metrics {
		part, _ := v.Metric(name)
		for i, value := range part.Values {
			m.Values[i] += value / float64(len(c.metrics))
		}
	}
	for _, value := range m.Values {
		m.Mean += value / float64(len(m.Values))
	}
	return out
}

const objective = "objective"
