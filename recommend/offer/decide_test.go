package offer

import (
	"encoding/json"
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
		Trace   map[string]Reason
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
			d := Decide(set, tt.Context.request(), &tt.Context)
			shown, trace := []string{}, map[string]Reason{}
			for _, o := range d.Shown {
				shown = append(shown, o.ID)
			}
			for _, v := range d.Trace {
				trace[v.Offer.ID] = v.Reason
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
		})
	}
}

func TestReasonOrderVectors(t *testing.T) {
	file, _ := readVectors(t)
	got := slices.DeleteFunc(ReasonOrder(), func(r Reason) bool { return r == ConditionError }) // stands beside CONDITION_FALSE
	want := make([]Reason, len(file.CheckOrder))
	for i, r := range file.CheckOrder {
		want[i] = Reason(r)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
}
