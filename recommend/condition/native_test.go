package condition

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// draw is a generator of sources with a bias to what runs as plain Go, what is
// not known and what overflows.
type draw struct{ *rapid.T }

func (d draw) pick(label string, of ...string) string {
	return rapid.SampledFrom(of).Draw(d.T, label)
}

func (d draw) number(depth int) string {
	if depth > 0 && rapid.Bool().Draw(d.T, "deeper") {
		return "(" + d.number(depth-1) + d.pick("sum", " + ", " - ", " * ") + d.number(depth-1) + ")"
	}
	return d.pick("number", "customer.orders", "customer.age", "cart.total", "hour", "item.stock", "0", "3", "-2", "9223372036854775807", "size(customer.tags)")
}

func (d draw) text() string {
	return d.pick("text", "customer.lifecycle", "customer.id", "channel", "weekday", "item.brand", "'unknown'", "'web'", "'ann'", "'web'", "customer.id + ''", "item.attributes['size']")
}

func (d draw) clause(depth int) string {
	compare := func() string {
		return d.pick("compare", " == ", " != ", " < ", " <= ", " > ", " >= ")
	}
	if depth > 0 {
		switch rapid.IntRange(0, 4).Draw(d.T, "kind") {
		case 0:
			return "!(" + d.clause(depth-1) + ")"
		case 1:
			return "(" + d.clause(depth-1) + " && " + d.clause(depth-1) + ")"
		case 2:
			return "(" + d.clause(depth-1) + " || " + d.clause(depth-1) + ")"
		}
	}
	switch rapid.IntRange(0, 7).Draw(d.T, "leaf") {
	case 0:
		return d.text() + compare() + d.text()
	case 1:
		return d.pick("ratio", "customer.churn_risk", "0.5") + compare() + d.pick("ratio", "item.rating", "0.5", "4.0", "customer.churn_risk")
	case 2:
		return d.text() + " in " + d.pick("list", "customer.tags", "item.tags", "customer.segments", "cart.item_ids", "['a', 'web']", "['unknown', 'new']", "['ann', customer.id]")
	case 3:
		return d.number(0) + " in " + d.pick("numbers", "[1, 3]", "[0]", "[customer.orders, 2]")
	case 4:
		return d.pick("truth", "customer.known", "true", "false", "1 / customer.orders > 0", "customer.tags.exists(t, t == 'a')", "'size' in item.attributes")
	case 5:
		return "customer.orders" + compare() + "1.5"
	default:
		return d.number(2) + compare() + d.number(2)
	}
}

// input knows some of what there is.
func (d draw) input() *Input {
	some := func(label string) bool { return rapid.IntRange(0, 3).Draw(d.T, label) > 0 }
	ints := func(label string) Maybe[int64] {
		return Maybe[int64]{Value: rapid.SampledFrom([]int64{0, 1, 3, -2, 1 << 62, -1 << 63}).Draw(d.T, label), Known: some(label)}
	}
	in := &Input{Channel: d.pick("channel", "", "web", "app")}
	if some("now") {
		in.Now = noon
	}
	if some("customer") {
		in.Customer = &Customer{
			ID: d.pick("id", "", "ann"), Lifecycle: d.pick("lifecycle", "", "new", "active"), Orders: ints("orders"), Age: ints("age"),
			Tags: []string{"a", "web"}[:rapid.IntRange(0, 2).Draw(d.T, "tags")], ChurnRisk: Maybe[float64]{Value: 0.5, Known: some("risk")},
		}
		if some("segments") {
			in.Customer.Segments = []string{"ann"}
		}
	}
	if some("cart") {
		in.Cart = &Cart{Total: ints("total").Value, ItemIDs: []string{"web"}}
	}
	if some("item") {
		in.Item = &Item{
			Brand: d.pick("brand", "", "web"), Stock: ints("stock"), Tags: []string{"ann"},
			Rating: Maybe[float64]{Value: 4, Known: some("rating")}, Attributes: map[string]string{d.pick("attribute", "size", "colour"): "web"},
		}
	}
	return in
}

// TestNativeMeansWhatCELDoes holds random conditions over random inputs against
// CEL's own programs.
func TestNativeMeansWhatCELDoes(t *testing.T) {
	seen := map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		d := draw{t}
		clauses := make([]string, rapid.IntRange(1, 4).Draw(t, "clauses"))
		for i := range clauses {
			clauses[i] = d.clause(2)
		}
		source := strings.Join(clauses, " && ")
		c, err := Compile(source, Offer)
		if err != nil {
			return // such as a text the variable never is
		}
		for range 12 {
			var a Activation
			a.Bind(d.input())
			want, _ := evaluate(c.program, c.asked, &a)
			got := c.Eval(&a)
			if got != want {
				t.Fatalf("%s\nis %v, by CEL %v, for %+v %+v %+v %+v", source, got, want, a.input, a.input.Customer, a.input.Cart, a.input.Item)
			}
			seen[fmt.Sprint(got, c.complete)]++
		}
	})
	// Or else nothing is compared.
	for _, outcome := range []Outcome{False, True, NotKnown} {
		for _, complete := range []bool{false, true} {
			if kind := fmt.Sprint(outcome, complete); seen[kind] == 0 {
				t.Errorf("no condition was %v with all parts native: %v", outcome, complete)
			}
		}
	}
}

// TestNativeSums are sums at the edge of what a number holds.
func TestNativeSums(t *testing.T) {
	tests := []struct {
		source string
		want   Outcome
	}{
		{"cart.total + 9223372036854775806 > 0", True},
		{"cart.total + 9223372036854775807 > 0", Failed},
		{"cart.total - -9223372036854775806 > 0", True},
		{"cart.total - -9223372036854775807 > 0", Failed},
		{"0 - cart.total - 9223372036854775807 < 0", True},
		{"-1 - cart.total - 9223372036854775807 < 0", Failed},
		{"cart.total + 9223372036854775807 > 0 && cart.total > 1", False}, // what is false decides
		{"cart.total + 9223372036854775807 > 0 || cart.total == 1", True},
		{"!(cart.total + 9223372036854775807 > 0)", Failed},
		{"cart.total + 9223372036854775807 > customer.orders", Failed},
	}
	for _, tt := range tests {
		c, err := Compile(tt.source, Offer)
		if err != nil {
			t.Fatal(err)
		}
		var a Activation
		a.Bind(&Input{Cart: &Cart{Total: 1}, Customer: &Customer{Orders: Known[int64](1)}})
		if got := c.Eval(&a); got != tt.want || !c.complete {
			t.Errorf("%s is %v, all native: %t, want %v", tt.source, got, c.complete, tt.want)
		}
	}
}

// TestNativeParts says which conditions need CEL.
func TestNativeParts(t *testing.T) {
	tests := []struct {
		source   string
		parts    int
		complete bool
	}{
		{"customer.lifecycle == 'dormant' && customer.orders >= 2", 2, true},
		{"cart.total > 0 && cart.total < 5000 && 5000 - cart.total <= 2000", 3, true},
		{"customer.churn_risk > 0.5 && (weekday in ['sat', 'sun'] || !('vip' in customer.tags))", 2, true},
		{"date >= '2026-04-01' && hour in [9, 10] && customer.known", 3, true},
		{"customer.orders >= 2 && customer.tags.exists(t, t == 'vip')", 1, false},
		{"customer.orders > 1.5", 0, false},
		{"item.attributes['colour'] == 'red'", 0, false},
		{"cart.total * 2 > 100 && channel == 'web'", 1, false},
	}
	for _, tt := range tests {
		c, err := Compile(tt.source, Offer)
		if err != nil {
			t.Fatal(err)
		}
		if len(c.parts) != tt.parts || c.complete != tt.complete {
			t.Errorf("%s: %d native parts, all of them: %t; want %d, %t", tt.source, len(c.parts), c.complete, tt.parts, tt.complete)
		}
	}
}
