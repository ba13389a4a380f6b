package condition

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"osusume/recommend"
)

func TestCompileRefuses(t *testing.T) {
	tests := map[string]struct {
		source string
		scope  Scope
		want   string // what the message must hold
	}{
		"nothing":                    {" ", Offer, "write true for one that always holds"},
		"too long":                   {"true || " + strings.Repeat(" ", MaxSourceBytes) + "true", Offer, "at most 2048 bytes, got 2060"},
		"not UTF-8":                  {"channel == '\xff'", Offer, "valid UTF-8"},
		"unfinished":                 {"cart.total >", Offer, "line 1, column 13: cannot be read"},
		"unfinished on a later line": {"cart.total > 0 &&\n  cart.count >", Offer, "line 2, column 15: cannot be read"},
		"one equals sign":            {"customer.tier = 'gold'", Offer, "write == for equal"},
		"one equals sign, quoted":    {"customer.tier == 'a=b' customer", Offer, "cannot be read"},
		"and":                        {"cart.total > 0 and cart.count > 0", Offer, "write && for and"},
		"deep":                       {strings.Repeat("(", 300) + "true" + strings.Repeat(")", 300), Offer, "cannot be read"},
		"misspelt":                   {"cart.total > 0 && customer.lifecycel == 'new'", Offer, "line 1, column 19: unknown variable customer.lifecycel; did you mean customer.lifecycle?"},
		"without its family":         {"lifecycle == 'new'", Offer, "unknown variable lifecycle; did you mean customer.lifecycle?"},
		"with another family":        {"cart.price > 5", Offer, "unknown variable cart.price; did you mean item.price?"},
		"nothing like it":            {"zzzzzzzzzzzz == 1", Offer, "unknown variable zzzzzzzzzzzz"},
		"a family alone":             {"customer == 'x'", Offer, "unknown variable customer"},
		"below a variable":           {"customer.tier.name == 'x'", Offer, "unknown variable customer.tier.name; did you mean"},
		"a cart in a segment":        {"cart.total > 5", Segment, "cart.total may not be used in a segment condition; use customer.*, now and date"},
		"segments of segments":       {"'a' in customer.segments", Segment, "customer.segments may not be used in a segment"},
		"unknown in a loop":          {"cart.item_ids.exists(x, y == x)", Offer, "column 25: unknown variable y"},
		"a value it never has":       {"customer.lifecycle == 'Dormant'", Offer, "customer.lifecycle is never 'Dormant'; it is one of new, active, at_risk, dormant"},
		"a value in a list":          {"weekday in ['sat', 'sunday']", Offer, "column 20: weekday is never 'sunday'"},
		"a value on the left":        {"'xyz' == weekday", Offer, "weekday is never 'xyz'"},
		"text and number":            {"customer.tier > 5", Offer, "column 15: > cannot take (string, int)"},
		"text as a list":             {"'a' in customer.tier", Offer, "in cannot take (string, string)"},
		"no such function":           {"lower(customer.tier) == 'gold'", Offer, "unknown function lower"},
		"has":                        {"has(item.attributes.colour)", Offer, "unknown function has; write 'key' in map"},
		"not a question":             {"cart.total", Offer, "this is int; compare it with something"},
		"a list":                     {"[1, 2]", Offer, "this is list(int)"},
		"a loop of 2^30":             {nested(30), Offer, "steps in the worst case, at most 10000"},
		"a loop over all":            {"cart.item_ids.all(a, cart.item_ids.all(b, a == b))", Offer, "fewer nested loops"},
		"text that grows":            {"(" + strings.Repeat("customer.tier + ", 40) + "'x').matches('" + strings.Repeat("(a|aa)+", 40) + "b')", Offer, "steps"},
		"a long sum":                 {strings.Repeat("cart.total + ", 100) + "1 > 0", Offer, "condition: cannot be read: max recursion depth exceeded"},
		"a pattern that is none":     {"customer.tier.matches('(')", Offer, "missing closing )"},
		"a time that is none":        {"now < timestamp('tomorrow')", Offer, "tomorrow"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c, err := Compile(tt.source, tt.scope)
			if err == nil {
				t.Fatalf("no error; cost %d", c.Cost())
			}
			if recommend.CodeOf(err) != recommend.CodeInvalid || !strings.HasPrefix(err.Error(), "condition: ") {
				t.Errorf("%v is not about the condition", err)
			}
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %q, want %q in it", err, tt.want)
			}
		})
	}
}

// nested doubles the work n times over.
func nested(n int) string {
	return strings.Repeat("[1,2].all(x,", n) + "true" + strings.Repeat(")", n)
}

func TestCompileAccepts(t *testing.T) {
	tests := map[string]struct {
		source string
		scope  Scope
		uses   []string
	}{
		"constant":           {"true", Segment, nil},
		"segment":            {"customer.churn_risk > 0.5 && date > '2026-01-01'", Segment, []string{"customer.churn_risk", "date"}},
		"rule":               {"item.price < 1000 && 'sale' in item.tags", Rule, []string{"item.price", "item.tags"}},
		"loop variable":      {"cart.item_ids.exists(x, x.startsWith('phone-'))", Offer, []string{"cart.item_ids"}},
		"shadowed variable":  {"cart.item_ids.exists(channel, channel == 'a')", Offer, []string{"cart.item_ids"}},
		"filter and size":    {"cart.item_ids.filter(x, x != 'a').size() > 1", Offer, []string{"cart.item_ids"}},
		"quoted names":       {"channel == 'customer.nothing'", Offer, []string{"channel"}},
		"below a map":        {"item.attributes.colour == 'red'", Offer, []string{"item.attributes"}},
		"time arithmetic":    {"now - duration('24h') > timestamp('2026-01-01T00:00:00Z')", Offer, []string{"now"}},
		"a choice":           {"(customer.tier == 'gold' ? 2 : 1) * cart.count > 3", Offer, []string{"cart.count", "customer.tier"}},
		"unknown is a value": {"customer.lifecycle in ['new', 'unknown']", Offer, []string{"customer.lifecycle"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c, err := Compile(tt.source, tt.scope)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.uses, c.Uses()); diff != "" {
				t.Errorf("uses (-want +got):\n%s", diff)
			}
			if c.Cost() > MaxCost || c.Source() != tt.source || c.Scope() != tt.scope {
				t.Errorf("cost %d, source %q, scope %s", c.Cost(), c.Source(), c.Scope())
			}
		})
	}
}

func TestVocabulary(t *testing.T) {
	all := Variables()
	if len(all) > vocabularySize {
		t.Fatalf("%d variables do not fit into a set of %d", len(all), vocabularySize)
	}
	var empty Activation
	empty.Bind(&Input{})
	full := bound(&Input{Now: noon, Channel: "c", Surface: "s", Cart: &Cart{}, Item: fullItem(), Customer: fullCustomer()})
	for i, v := range all {
		if i > 0 && all[i-1].Name >= v.Name {
			t.Errorf("%s is not after %s", v.Name, all[i-1].Name)
		}
		if v.Doc == "" || v.Type == "" || v.Scopes == 0 {
			t.Errorf("%s lacks a word: %+v", v.Name, v)
		}
		// Every variable is unknown of nothing, and known of everything, under
		// the type it is declared with.
		if got := empty.inputs(1 << i)[v.Name]; got != nil && v.Name != "customer.known" {
			t.Errorf("%s of nothing is %v", v.Name, got)
		}
		if full.inputs(1 << i)[v.Name] == nil {
			t.Errorf("%s of everything is unknown", v.Name)
		}
		if got := full.values[i].Type().TypeName(); !strings.HasPrefix(v.Type, got) && !(v.Type == "timestamp" && got == "google.protobuf.Timestamp") {
			t.Errorf("%s is %s and declared as %s", v.Name, got, v.Type)
		}
	}
}

func FuzzCompile(f *testing.F) {
	for _, source := range []string{
		"true", "customer.lifecycle == 'dormant' && customer.orders >= 2", nested(5), "cart.total > 0 && (5000 - cart.total <= 2000 || !customer.known)",
		"r'a&&b' == channel && '''x''' != surface // && y", "item.attributes['a'] == \"b\\\"&&\"", "{'a': 1}['a'] == 1 && [1][0] == 1u", "a.b.c.d(e.f, [g]) ? h : i",
	} {
		f.Add(source)
	}
	in := &Input{Now: noon, Channel: "web", Customer: fullCustomer()}
	f.Fuzz(func(t *testing.T, source string) {
		c, err := Compile(source, Offer)
		if err != nil {
			if recommend.CodeOf(err) != recommend.CodeInvalid {
				t.Fatalf("error %v is not the caller's", err)
			}
			return
		}
		a := bound(in)
		whole := c.Eval(a)
		all := True
		for _, clause := range c.Explain(a) {
			if clause.Outcome == Failed && clause.Error == "" {
				t.Fatalf("%q failed and does not say why", clause.Source)
			}
			if clause.Outcome != True {
				all = False
			}
		}
		if (whole == True) != (all == True) {
			t.Fatalf("%q is %s, its clauses together %s", source, whole, all)
		}
	})
}
