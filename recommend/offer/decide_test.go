package offer

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"osusume/recommend/condition"
)

// vectorContext is one question of testdata/offers.json.
type vectorContext struct {
	Now       time.Time
	Channel   string
	MaxOffers int `json:"max_offers"`
	Stock     map[string]int
	Customer  struct {
		ID             string
		Lifecycle      string
		Orders         int64
		BirthdayOffset int64 `json:"birthday_offset_days"`
		Tier           string
		TierGapYen     int64    `json:"tier_gap_yen"`
		DaysSinceLast  int64    `json:"days_since_last_order"`
		LastCategories []string `json:"last_order_categories"`
		Consents       []string
		BucketGlobal   int `json:"bucket_global"`
		Bucket         map[string]int
	}
	Cart    struct{ Total int64 }
	History map[string]struct {
		Total, Day int64
		Last       time.Time
	}
	Redemptions map[string]int64
}

// Exposure and Usage make the context its own view of the past.
func (c *vectorContext) Exposure(_, offerID string, _ time.Time) Exposure {
	h := c.History[offerID]
	return Exposure{Total: h.Total, Today: h.Day, Last: h.Last}
}

func (c *vectorContext) Usage(offerID string) Usage {
	return Usage{Redemptions: c.Redemptions[offerID]}
}

func (c *vectorContext) request() *Request {
	p := &c.Customer
	return &Request{
		VisitorID: p.ID, MaxOffers: c.MaxOffers, HoldoutBP: 500,
		InStock: func(id string) bool { return c.Stock[id] > 0 },
		Bucket: func(seed, unit string) int {
			if unit != p.ID {
				return -1
			}
			if seed == GlobalHoldoutSeed {
				return p.BucketGlobal
			}
			return p.Bucket[seed[len(offerHoldoutSeed):]]
		},
		Input: &condition.Input{
			Now: c.Now, Channel: c.Channel,
			Cart: &condition.Cart{Total: c.Cart.Total},
			Customer: &condition.Customer{
				ID: p.ID, Lifecycle: p.Lifecycle, Orders: condition.Known(p.Orders), Tier: p.Tier,
				BirthdayOffset: condition.Known(p.BirthdayOffset), TierGapYen: condition.Known(p.TierGapYen),
				DaysSinceLast: condition.Known(p.DaysSinceLast), LastCategories: p.LastCategories, Consents: p.Consents,
			},
		},
	}
}

type vectorFile struct {
	CheckOrder []string `json:"check_order"`
	Offers     []json.RawMessage
	Cases      []struct {
		Name    string
		Context vectorContext
		Shown   []string
		Trace   map[string]string
	}
}

func readVectors(t testing.TB) (*vectorFile, *Set) {
	t.Helper()
	text, err := os.ReadFile("testdata/offers.json")
	if err != nil {
		t.Fatal(err)
	}
	var file vectorFile
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	var offers []Offer
	for _, raw := range file.Offers {
		o, err := Parse(raw)
		if err != nil {
			t.Fatal(err)
		}
		offers = append(offers, o)
	}
	set, err := NewSet(offers)
	if err != nil {
		t.Fatal(err)
	}
	return &file, set
}

func TestDecideVectors(t *testing.T) {
	file, set := readVectors(t)
	if len(file.Cases) != 15 || set.Len() != 7 {
		t.Fatalf("%d cases and %d offers, want 15 and 7", len(file.Cases), set.Len())
	}
	for _, tt := range file.Cases {
		t.Run(tt.Name, func(t *testing.T) {
			r := tt.Context.request()
			brief := Decide(set, r, &tt.Context)
			r.Explain = true
			d := Decide(set, r, &tt.Context)
			shown, trace := []string{}, map[string]string{}
			for _, o := range d.Shown {
				shown = append(shown, o.ID)
			}
			for _, v := range d.Trace {
				trace[v.Offer.ID] = v.Reason.String()
				if held := v.Reason == HoldoutGlobal || v.Reason == HoldoutOffer; held != v.Ghost {
					t.Errorf("%s: ghost is %t with %s", v.Offer.ID, v.Ghost, v.Reason)
				}
				if v.Reason == ExclusivityLost && v.LostTo != "birthday" {
					t.Errorf("%s lost to %q, want birthday", v.Offer.ID, v.LostTo)
				}
			}
			if diff := cmp.Diff(tt.Shown, shown); diff != "" {
				t.Errorf("shown (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.Trace, trace); diff != "" {
				t.Errorf("trace (-want +got):\n%s", diff)
			}
			sameDecision(t, &d, &brief)
		})
	}
}

// sameDecision holds a decision without explanation to the one with it.
func sameDecision(t *testing.T, explained, brief *Decision) {
	t.Helper()
	var logged []Verdict
	var counts Counts
	for _, v := range explained.Trace {
		counts[v.Reason]++
		if v.Ghost || v.Reason == Shown {
			logged = append(logged, v)
		}
	}
	if diff := cmp.Diff(logged, brief.Trace); diff != "" {
		t.Errorf("trace that was not asked for (-want +got):\n%s", diff)
	}
	if !slices.Equal(explained.Shown, brief.Shown) {
		t.Error("shows other offers when it explains itself")
	}
	if counts != explained.Counts || counts != brief.Counts {
		t.Errorf("counts %v explained, %v not, want %v", explained.Counts, brief.Counts, counts)
	}
}

func TestReasonOrderVectors(t *testing.T) {
	file, _ := readVectors(t)
	got := slices.DeleteFunc(ReasonOrder(), func(r Reason) bool { return r == ConditionError }) // stands beside CONDITION_FALSE
	if diff := cmp.Diff(fmt.Sprint(file.CheckOrder), fmt.Sprint(got)); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
}

// past is a View of nothing, or of the same for everybody.
type past struct {
	exposure Exposure
	usage    Usage
}

func (p past) Exposure(string, string, time.Time) Exposure { return p.exposure }
func (p past) Usage(string) Usage                          { return p.usage }

// TestDecideReasons asks one offer that fails in one way at a time.
func TestDecideReasons(t *testing.T) {
	at := func(hours int) time.Time { return noon.Add(time.Duration(hours) * time.Hour) }
	tests := map[string]struct {
		offer   Offer
		request func(*Request)
		past    past
		want    Reason
	}{
		"nothing against it":            {Offer{}, nil, past{}, Shown},
		"paused":                        {Offer{Status: Paused}, nil, past{}, NotActive},
		"starts in a second":            {Offer{StartsAt: noon.Add(time.Second)}, nil, past{}, NotStarted},
		"starts now":                    {Offer{StartsAt: noon}, nil, past{}, Shown},
		"ends now":                      {Offer{EndsAt: noon}, nil, past{}, Expired},
		"ends in a second":              {Offer{EndsAt: noon.Add(time.Second)}, nil, past{}, Shown},
		"another channel":               {Offer{Channels: []string{"app"}}, nil, past{}, ChannelMismatch},
		"another surface":               {Offer{Surfaces: []string{"cart"}}, nil, past{}, ChannelMismatch},
		"this surface":                  {Offer{Surfaces: []string{"cart", "product"}}, nil, past{}, Shown},
		"consent":                       {Offer{Consent: []string{"push"}}, nil, past{}, Shown},
		"one of two consents":           {Offer{Consent: []string{"push", "analytics"}}, nil, past{}, ConsentMissing},
		"nobody consents":               {Offer{Consent: []string{"push"}}, func(r *Request) { r.Input.Customer = nil }, past{}, ConsentMissing},
		"condition":                     {Offer{Condition: "customer.orders > 3"}, nil, past{}, ConditionFalse},
		"unknown":                       {Offer{Condition: "customer.churn_risk < 0.5"}, nil, past{}, ConditionFalse},
		"not unknown":                   {Offer{Condition: "!(customer.churn_risk < 0.5)"}, nil, past{}, ConditionFalse},
		"no cart given":                 {Offer{Condition: "cart.total < 5000"}, nil, past{}, ConditionFalse},
		"cannot be computed":            {Offer{Condition: "1 / (customer.orders - 3) > 0"}, nil, past{}, ConditionError},
		"blank condition":               {Offer{Condition: "  "}, nil, past{}, Shown},
		"out of stock":                  {Offer{ItemID: "gone"}, nil, past{}, OutOfStock},
		"part of a bundle out of stock": {Offer{Bundle: &Bundle{ItemIDs: []string{"here", "gone"}}}, nil, past{}, OutOfStock},
		"in stock":                      {Offer{ItemID: "here", Bundle: &Bundle{ItemIDs: []string{"here", "there"}}}, nil, past{}, Shown},
		"stock is nobody's business":    {Offer{ItemID: "gone"}, func(r *Request) { r.InStock = nil }, past{}, Shown},
		"seen thrice":                   {Offer{Caps: Caps{PerCustomerTotal: 3, PerCustomerDay: 1}}, nil, past{exposure: Exposure{Total: 3, Today: 1}}, CapCustomerTotal},
		"seen twice":                    {Offer{Caps: Caps{PerCustomerTotal: 3}}, nil, past{exposure: Exposure{Total: 2, Today: 2}}, Shown},
		"seen today":                    {Offer{Caps: Caps{PerCustomerDay: 1, CooldownHours: 5}}, nil, past{exposure: Exposure{Total: 3, Today: 1, Last: noon}}, CapCustomerDay},
		"seen an hour ago":              {Offer{Caps: Caps{CooldownHours: 2}}, nil, past{exposure: Exposure{Total: 3, Today: 1, Last: at(-1)}}, Cooldown},
		"seen two hours ago":            {Offer{Caps: Caps{CooldownHours: 2}}, nil, past{exposure: Exposure{Total: 3, Today: 1, Last: at(-2)}}, Shown},
		"caps of nobody":                {Offer{Caps: Caps{PerCustomerTotal: 1}}, func(r *Request) { r.VisitorID = "" }, past{exposure: Exposure{Total: 1}}, Shown},
		"redeemed often":                {Offer{Budget: Budget{MaxRedemptions: 3}}, nil, past{usage: Usage{Redemptions: 3}}, BudgetExhausted},
		"no yen left for one more":      {Offer{Budget: Budget{MaxYen: 1000}, Value: Value{Yen: 300}}, nil, past{usage: Usage{Yen: 701}}, BudgetExhausted},
		"yen for one more":              {Offer{Budget: Budget{MaxYen: 1000}, Value: Value{Yen: 300}}, nil, past{usage: Usage{Yen: 700}}, Shown},
		"held out of all":               {Offer{HoldoutBP: 5000}, func(r *Request) { r.HoldoutBP = 5000 }, past{}, HoldoutGlobal},
		"held out of one":               {Offer{HoldoutBP: 5000}, nil, past{}, HoldoutOffer},
		"nobody is held out":            {Offer{HoldoutBP: 10000}, func(r *Request) { r.VisitorID, r.HoldoutBP = "", 10000 }, past{}, Shown},
		"not eligible, so no ghost":     {Offer{Status: Draft, HoldoutBP: 5000}, func(r *Request) { r.HoldoutBP = 5000 }, past{}, NotActive},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			tt.offer.ID = "o"
			if tt.offer.Status == "" {
				tt.offer.Status = Active
			}
			set, err := NewSet([]Offer{tt.offer})
			if err != nil {
				t.Fatal(err)
			}
			r := &Request{
				DecisionID: "d", VisitorID: "c", InStock: func(id string) bool { return id != "gone" },
				Bucket: func(string, string) int { return 4999 }, Explain: true,
				Input: &condition.Input{
					Now: noon, Channel: "web", Surface: "product",
					Customer: &condition.Customer{Orders: condition.Known[int64](3), Consents: []string{"push"}},
				},
			}
			if tt.request != nil {
				tt.request(r)
			}
			d := Decide(set, r, tt.past)
			if got := d.Trace[0].Reason; got != tt.want {
				t.Errorf("reason %s, want %s", got, tt.want)
			}
			if shown := len(d.Shown) == 1; shown != (tt.want == Shown) || d.ID != "d" {
				t.Errorf("shown is %t in %s", shown, d.ID)
			}
			if got, want := d.Trace[0].Ghost, tt.want == HoldoutGlobal || tt.want == HoldoutOffer; got != want {
				t.Errorf("ghost is %t", got)
			}
		})
	}
}

func TestDecideExplains(t *testing.T) {
	set, err := NewSet([]Offer{
		{ID: "ship", Status: Active, Condition: "cart.total > 0 && cart.total < 5000"},
		{ID: "risky", Status: Active, Condition: "customer.churn_risk > 0.5"},
		{ID: "paused", Status: Paused, Condition: "cart.total < 0"},
		{ID: "shown", Status: Active, Condition: "cart.total > 0"},
	})
	if err != nil {
		t.Fatal(err)
	}
	r := &Request{Input: &condition.Input{Now: noon, Cart: &condition.Cart{Total: 7200}}, Explain: true}
	want := map[string][]condition.Clause{
		"ship": {
			{Source: "cart.total > 0", Outcome: condition.True, Inputs: map[string]any{"cart.total": int64(7200)}},
			{Source: "cart.total < 5000", Outcome: condition.False, Inputs: map[string]any{"cart.total": int64(7200)}},
		},
		"risky":  {{Source: "customer.churn_risk > 0.5", Outcome: condition.NotKnown, Inputs: map[string]any{"customer.churn_risk": nil}}},
		"paused": nil,
		"shown":  nil,
	}
	got := map[string][]condition.Clause{}
	for _, v := range Decide(set, r, past{}).Trace {
		got[v.Offer.ID] = v.Clauses
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("clauses (-want +got):\n%s", diff)
	}
	r.Explain = false
	for _, v := range Decide(set, r, past{}).Trace {
		if v.Clauses != nil {
			t.Errorf("%s explains itself unasked", v.Offer.ID)
		}
	}
}

func TestDecideSlots(t *testing.T) {
	offers := []Offer{
		{ID: "a", Priority: 9, ExclusivityGroup: "g"},
		{ID: "b", Priority: 8, ExclusivityGroup: "g"},
		{ID: "held", Priority: 7, ExclusivityGroup: "h", HoldoutBP: 10000},
		{ID: "c", Priority: 6, ExclusivityGroup: "h"}, // one held out stands in nobody's way
		{ID: "d", Priority: 5},
		{ID: "e", Priority: 4},
		{ID: "f", Priority: 3, ExclusivityGroup: "g"},
	}
	for i := range offers {
		offers[i].Status = Active
	}
	set, err := NewSet(offers)
	if err != nil {
		t.Fatal(err)
	}
	type row struct {
		ID     string
		Reason Reason
		LostTo string
	}
	want := []row{
		{"a", Shown, ""},
		{"b", ExclusivityLost, "a"},
		{"held", HoldoutOffer, ""},
		{"c", Shown, ""},
		{"d", Shown, ""},
		{"e", SlotLimit, ""},
		{"f", ExclusivityLost, "a"},
	}
	var got []row
	for _, v := range Decide(set, &Request{VisitorID: "c", Input: &condition.Input{Now: noon}, Explain: true}, past{}).Trace {
		got = append(got, row{v.Offer.ID, v.Reason, v.LostTo})
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("trace (-want +got):\n%s", diff)
	}
}

// TestDecisionLose takes shown offers back out.
func TestDecisionLose(t *testing.T) {
	set, err := NewSet([]Offer{{ID: "a", Status: Active}, {ID: "b", Status: Active}, {ID: "c", Status: Paused}})
	if err != nil {
		t.Fatal(err)
	}
	for _, explain := range []bool{false, true} {
		d := Decide(set, &Request{Input: &condition.Input{Now: noon}, Explain: explain}, past{})
		a, c := d.Shown[0], set.Offers()[2]
		d.Lose(a, BudgetExhausted)
		d.Lose(c, SlotLimit) // was not shown
		if len(d.Shown) != 1 || d.Shown[0].ID != "b" || d.Trace[0].Reason != BudgetExhausted {
			t.Errorf("explained %t: %+v", explain, d)
		}
		if want := (Counts{NotActive: 1, BudgetExhausted: 1, Shown: 1}); d.Counts != want {
			t.Errorf("explained %t: counts %v, want %v", explain, d.Counts, want)
		}
	}
}

// BenchmarkDecide200 asks a shop with 200 active offers, of which the visitor
// has seen 50. Conditions run as plain Go, or as a part with CEL.
func BenchmarkDecide200(b *testing.B) {
	plain := []string{
		"customer.lifecycle == 'dormant' && customer.orders >= 2",
		"customer.birthday_offset_days >= -7 && customer.birthday_offset_days <= 7",
		"cart.total > 0 && cart.total < 5000 && 5000 - cart.total <= 2000",
		"customer.tier == 'silver' && customer.tier_gap_yen <= 3000",
		"customer.days_since_last_order <= 7 && 'phone' in customer.last_order_categories",
		"customer.churn_risk > 0.5 && customer.orders >= 2 && cart.count > 0 && channel == 'web' && weekday in ['sat', 'sun']",
	}
	for _, conditions := range []struct {
		name  string
		texts []string
	}{
		{"plain", plain},
		{"cel", []string{
			plain[0] + " && size(customer.tags) >= 0", plain[1] + " && size(customer.tags) >= 0", plain[2] + " && size(cart.item_ids) >= 0",
			"size(customer.tags) >= 0 && customer.orders >= 0", "cart.total * 2 > 100", "customer.last_order_categories.exists(c, c == 'phone')",
		}},
	} {
		offers := make([]Offer, 200)
		for i := range offers {
			offers[i] = Offer{
				ID: fmt.Sprint("offer-", i), Status: Active, Channels: []string{"web", "app"}, Consent: []string{"personalization"},
				Condition: conditions.texts[i%len(conditions.texts)], Priority: int64(i % 10), Caps: Caps{PerCustomerDay: 1, CooldownHours: 24},
				Budget: Budget{MaxRedemptions: 100}, HoldoutBP: 500, ExclusivityGroup: fmt.Sprint("g", i%40),
			}
		}
		set, err := NewSet(offers)
		if err != nil {
			b.Fatal(err)
		}
		file, _ := readVectors(b)
		r := file.Cases[0].Context.request()
		r.Bucket = nil
		ledger := NewLedger(nil)
		for i := range 50 {
			if _, err := ledger.Show(fmt.Sprint("d", i), offers[i*3].ID, r.VisitorID, r.Input.Now.Add(-time.Hour)); err != nil {
				b.Fatal(err)
			}
		}
		for _, explain := range []bool{false, true} {
			b.Run(fmt.Sprintf("conditions=%s/explain=%t", conditions.name, explain), func(b *testing.B) {
				r.Explain = explain
				Decide(set, r, ledger)
				took := make([]time.Duration, 0, 1<<16)
				b.ReportAllocs()
				for b.Loop() {
					began := time.Now()
					Decide(set, r, ledger)
					if len(took) < cap(took) {
						took = append(took, time.Since(began))
					}
				}
				slices.Sort(took)
				b.ReportMetric(float64(took[len(took)/2]), "p50-ns")
			})
		}
	}
}
