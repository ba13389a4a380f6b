package condition

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var noon = time.Date(2026, 3, 15, 3, 0, 0, 0, time.UTC) // a Sunday, in Tokyo

func fullCustomer() *Customer {
	n, x := Known[int64](3), Known(0.5)
	return &Customer{
		ID: "c", Gender: "f", Region: "JP-13", Locale: "ja", Age: n, Tags: []string{}, Segments: []string{},
		Tier: "gold", TierGapYen: n, Points: n, BirthdayOffset: n, Anniversaries: map[string]int64{"joined": 1},
		Orders: n, DaysSinceFirst: n, DaysSinceLast: n, LastCategories: []string{}, R: n, F: n, M: n, RFMGroup: "LOYAL",
		Lifecycle: "active", ChurnRisk: x, PAlive: x, PRepeat90d: x, CLV12m: x, ExpectedGapDays: x,
	}
}

func fullItem() *Item {
	n := Known[int64](3)
	return &Item{ID: "i", GroupID: "g", Family: "f", Brand: "b", Role: "main", Price: n, Stock: n, Rating: Known(4.5)}
}

func TestExplain(t *testing.T) {
	in := &Input{
		Now: noon, Cart: &Cart{Total: 7200, Count: 1, ItemIDs: []string{"a"}},
		Customer: &Customer{Lifecycle: "active", Tags: []string{"vip"}},
	}
	tests := map[string]struct {
		source string
		want   []Clause
	}{
		"observed values": {"cart.total > 0 && cart.total < 5000 && 5000 - cart.total <= 2000", []Clause{
			{Source: "cart.total > 0", Outcome: True, Inputs: map[string]any{"cart.total": int64(7200)}},
			{Source: "cart.total < 5000", Outcome: False, Inputs: map[string]any{"cart.total": int64(7200)}},
			{Source: "5000 - cart.total <= 2000", Outcome: True, Inputs: map[string]any{"cart.total": int64(7200)}},
		}},
		"as it was written": {"customer.lifecycle=='dormant'&&  'a && b' != \"(\"", []Clause{
			{Source: "customer.lifecycle=='dormant'", Outcome: False, Inputs: map[string]any{"customer.lifecycle": "active"}},
			{Source: "'a && b' != \"(\"", Outcome: True, Inputs: map[string]any{}},
		}},
		"brackets are taken off": {"cart.count > 0 && (cart.count < 9 && 'vip' in customer.tags)", []Clause{
			{Source: "cart.count > 0", Outcome: True, Inputs: map[string]any{"cart.count": int64(1)}},
			{Source: "cart.count < 9", Outcome: True, Inputs: map[string]any{"cart.count": int64(1)}},
			{Source: `"vip" in customer.tags`, Outcome: True, Inputs: map[string]any{"customer.tags": []string{"vip"}}},
		}},
		"or stays whole": {"cart.count > 5 || customer.age > 20 && true", []Clause{
			{Source: "cart.count > 5 || customer.age > 20 && true", Outcome: NotKnown, Inputs: map[string]any{"cart.count": int64(1), "customer.age": nil}},
		}},
		"what is unknown": {"customer.age > 20 && customer.region != 'unknown'", []Clause{
			{Source: "customer.age > 20", Outcome: NotKnown, Inputs: map[string]any{"customer.age": nil}},
			{Source: "customer.region != 'unknown'", Outcome: False, Inputs: map[string]any{"customer.region": nil}},
		}},
		"asked for in another part": {"customer.region != 'JP-13' && customer.region != 'unknown'", []Clause{
			{Source: "customer.region != 'JP-13'", Outcome: True, Inputs: map[string]any{"customer.region": nil}},
			{Source: "customer.region != 'unknown'", Outcome: False, Inputs: map[string]any{"customer.region": nil}},
		}},
		"what cannot be computed": {"cart.total / (cart.count - 1) > 3 && now > timestamp('2026-01-01T00:00:00Z')", []Clause{
			{Source: "cart.total / (cart.count - 1) > 3", Outcome: Failed, Error: "division by zero", Inputs: map[string]any{"cart.total": int64(7200), "cart.count": int64(1)}},
			{Source: "now > timestamp('2026-01-01T00:00:00Z')", Outcome: True, Inputs: map[string]any{"now": "2026-03-15T03:00:00Z"}},
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c, err := Compile(tt.source, Offer)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, c.Explain(bound(in))); diff != "" {
				t.Errorf("clauses (-want +got):\n%s", diff)
			}
		})
	}
}

func BenchmarkEval(b *testing.B) {
	in := &Input{
		Now: noon, Channel: "web", Customer: fullCustomer(), Cart: &Cart{Total: 3480, Count: 2, ItemIDs: []string{"a", "b"}},
	}
	c, err := Compile("customer.lifecycle == 'active' && customer.orders >= 2 && cart.total < 5000 && 5000 - cart.total <= 2000 && customer.tier in ['gold', 'silver']", Offer)
	if err != nil {
		b.Fatal(err)
	}
	var a Activation
	b.Run("bound=once", func(b *testing.B) {
		a.Bind(in)
		b.ReportAllocs()
		for b.Loop() {
			if c.Eval(&a) != True {
				b.Fatal("does not hold")
			}
		}
	})
	b.Run("bound=once/cel", func(b *testing.B) {
		a.Bind(in)
		b.ReportAllocs()
		for b.Loop() {
			if outcome, _ := evaluate(c.program, c.asked, &a); outcome != True {
				b.Fatal("does not hold")
			}
		}
	})
	b.Run("bound=each", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			a.Bind(in)
			if c.Eval(&a) != True {
				b.Fatal("does not hold")
			}
		}
	})
	b.Run("explain", func(b *testing.B) {
		a.Bind(in)
		b.ReportAllocs()
		for b.Loop() {
			c.Explain(&a)
		}
	})
}

func BenchmarkCompile(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Compile("customer.lifecycle == 'dormant' && customer.orders >= 2 && cart.total < 5000", Offer); err != nil {
			b.Fatal(err)
		}
	}
}
