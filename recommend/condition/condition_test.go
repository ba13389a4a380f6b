package condition

import (
	"sync"
	"testing"
	"time"
)

func bound(in *Input) *Activation {
	var a Activation
	a.Bind(in)
	return &a
}

func TestEval(t *testing.T) {
	tokyo := time.FixedZone("JST", 9*60*60)
	in := &Input{
		Now: time.Date(2026, 3, 14, 15, 30, 0, 0, time.UTC), Zone: tokyo, // Sunday 00:30 in Tokyo
		Channel: "web",
		Customer: &Customer{
			ID: "c1", Tier: "gold", Lifecycle: "dormant", Orders: Known[int64](3),
			ChurnRisk: Known(0.8), Tags: []string{"vip"}, Anniversaries: map[string]int64{"wedding": -3, "joined": 40},
			PriceAffinity: map[string]float64{"phones": 0.7}, LastCategories: []string{"phone"},
		},
		Cart: &Cart{Total: 4800, Count: 2, ItemIDs: []string{"a", "b"}},
		Item: &Item{ID: "a", Price: Known[int64](980), Attributes: map[string]string{"colour": "red"}},
	}
	tests := map[string]struct {
		source string
		want   Outcome
	}{
		"text":                             {"customer.lifecycle == 'dormant'", True},
		"text differs":                     {"customer.lifecycle != 'dormant'", False},
		"whole number against a broken":    {"customer.orders >= 2.5 && customer.churn_risk < 1", True},
		"all of it":                        {"customer.tier == 'gold' && cart.total < 5000 && 5000 - cart.total <= 500", True},
		"in a list":                        {"'vip' in customer.tags", True},
		"not in a list":                    {"'new' in customer.tags", False},
		"one of":                           {"customer.tier in ['gold', 'platinum']", True},
		"loop":                             {"cart.item_ids.exists(id, id == item.id)", True},
		"attribute":                        {"item.attributes['colour'] == 'red'", True},
		"attribute by name":                {"item.attributes.colour == 'red'", True},
		"a key is there":                   {"'colour' in item.attributes", True},
		"a key is not there":               {"'size' in item.attributes", False},
		"value of a key that is not there": {"item.attributes['size'] == 'L'", NotKnown},
		"not equal to what is not there":   {"item.attributes['size'] != 'L'", NotKnown},
		"computed key not there":           {"item.attributes['si' + 'ze'] != 'L'", NotKnown},
		"number by key":                    {"customer.anniversaries['wedding'] >= -7", True},
		"nearest anniversary":              {"customer.anniversary_offset_days == -3", True},
		"affinity":                         {"customer.price_affinity['phones'] > 0.5", True},
		"day in the zone":                  {"date == '2026-03-15' && weekday == 'sun' && hour == 0", True},
		"time":                             {"now < timestamp('2026-03-15T00:00:00Z')", True},
		"unknown number":                   {"customer.age >= 20", NotKnown},
		"unknown number the other way":     {"customer.age < 20", NotKnown},
		"not unknown":                      {"!(customer.age >= 20)", NotKnown},
		"unknown text differs":             {"customer.region != 'JP-13'", NotKnown},
		"unknown text asked for":           {"customer.region == 'unknown'", True},
		"unknown text among others":        {"customer.region in ['JP-13', 'unknown']", True},
		"known text is not unknown":        {"customer.tier == 'unknown'", False},
		"asked for means seen":             {"customer.region != 'unknown' && customer.region != 'JP-13'", False},
		"unknown list":                     {"'a' in customer.segments", NotKnown},
		"not in unknown list":              {"!('a' in customer.segments)", NotKnown},
		"stated list without entries":      {"!('marketing' in customer.consents)", True},
		"loop over unknown":                {"customer.segments.all(s, s != 'x')", NotKnown},
		"false decides":                    {"customer.age >= 20 && cart.total > 9999", False},
		"true decides":                     {"customer.age >= 20 || cart.total > 0", True},
		"unknown choice":                   {"customer.age > 20 ? true : true", NotKnown},
		"two unknowns":                     {"customer.age > 20 && customer.points > 0", NotKnown},
		"division by zero":                 {"100 / (cart.count - 2) > 1", Failed},
		"overflow":                         {"cart.total * 9223372036854775807 > 0", Failed},
		"always":                           {"true", True},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c, err := Compile(tt.source, Offer)
			if err != nil {
				t.Fatal(err)
			}
			if got := c.Eval(bound(in)); got != tt.want {
				t.Errorf("%s = %s, want %s", tt.source, got, tt.want)
			}
			if got := c.Holds(in); got != (tt.want == True) {
				t.Errorf("Holds = %t with outcome %s", got, tt.want)
			}
		})
	}
}

// TestConditionIsShared evaluates and explains one condition from several
// goroutines over different inputs; the race detector looks on.
func TestConditionIsShared(t *testing.T) {
	c, err := Compile("cart.total >= 50 && cart.item_ids.exists(id, id != 'x')", Offer)
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			for total := range int64(100) {
				a := bound(&Input{Cart: &Cart{Total: total, ItemIDs: []string{"a", "b"}}})
				if got, want := c.Eval(a), total >= 50; (got == True) != want {
					t.Errorf("goroutine %d: %d is %s", i, total, got)
				}
				if got := c.Explain(a)[0].Outcome; (got == True) != (total >= 50) {
					t.Errorf("goroutine %d: %d is explained as %s", i, total, got)
				}
			}
		})
	}
	group.Wait()
}
