package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// offerShop is a served demo shop whose clock the test sets.
type offerShop struct {
	*running
	t   *testing.T
	now atomic.Pointer[time.Time]
}

// at moves the clock, which only goes forward.
func (s *offerShop) at(moment string) {
	s.t.Helper()
	to, err := time.Parse(time.RFC3339, moment)
	if err != nil {
		s.t.Fatal(err)
	}
	s.now.Store(&to)
}

// serveDemoAt serves a demo shop whose today begins with a moment.
func serveDemoAt(t *testing.T, data, moment string, args ...string) *offerShop {
	t.Helper()
	s := &offerShop{t: t, running: &running{log: &syncBuffer{}}}
	s.at(moment)
	ctx, cancel := context.WithCancel(context.Background())
	ready, done := make(chan string, 1), make(chan error, 1)
	go func() {
		done <- run(ctx, &process{
			args: append([]string{"serve", "--demo", "--addr", "127.0.0.1:0", "--learn-share", "0", "--data", data}, args...), env: noEnv,
			stdin: strings.NewReader(""), stdout: io.Discard, stderr: s.log,
			clock: func() time.Time { return *s.now.Load() },
			ready: func(url string) { ready <- url },
		})
	}()
	s.stop = sync.OnceValue(func() error {
		cancel()
		return <-done
	})
	t.Cleanup(func() {
		if err := s.stop(); err != nil {
			t.Errorf("serve: %v\n%s", err, s.log)
		}
	})
	select {
	case s.url = <-ready:
	case err := <-done:
		done <- err
		t.Fatalf("serve ended before it was ready: %v\n%s", err, s.log)
	case <-time.After(2 * time.Minute):
		t.Fatalf("serve is not ready after two minutes\n%s", s.log)
	}
	return s
}

// send is a call that must succeed.
func (s *offerShop) send(method, path, body string, out any) {
	s.t.Helper()
	var ignored any
	if out == nil {
		out = &ignored
	}
	if err := call(s.t.Context(), method, s.url+path, []byte(body), out); err != nil && !created(err) {
		s.t.Fatalf("%s %s: %v", method, path, err)
	}
}

// decided is an answer of /offers/decide with explain.
type decided struct {
	ID     string `json:"decision_id"`
	Offers []struct {
		ID   string `json:"offer_id"`
		Text string
	}
	Trace []verdict
}

type verdict struct {
	ID      string `json:"offer_id"`
	Reason  string
	LostTo  string `json:"lost_to"`
	Ghost   bool
	Clauses []clause
}

type clause struct {
	Src    string
	Value  *bool // nil: unknown
	Inputs map[string]any
}

func (d *decided) shown() []string {
	ids := []string{}
	for _, o := range d.Offers {
		ids = append(ids, o.ID)
	}
	return ids
}

// verdict is "REASON", with what follows of it.
func (d *decided) verdict(id string) string {
	for _, v := range d.Trace {
		if v.ID != id {
			continue
		}
		out := v.Reason
		if v.LostTo != "" {
			out += " to " + v.LostTo
		}
		if v.Ghost {
			out += " ghost"
		}
		return out
	}
	return "not in the trace"
}

func (s *offerShop) decide(body string) *decided {
	s.t.Helper()
	var d decided
	comma := ","
	if body == "{}" {
		comma = ""
	}
	s.send(http.MethodPost, "/offers/decide", `{"explain":true`+strings.Replace(body, "{", comma, 1), &d)
	return &d
}

// see tells the shop that a visitor saw an offer of a decision.
func (s *offerShop) see(customer, decision, offer string) {
	s.t.Helper()
	s.send(http.MethodPost, "/events", fmt.Sprintf(
		`{"event":"view_promotion","customer_id":%q,"decision_id":%q,"offer_id":%q}`, customer, decision, offer), nil)
}

const demoNoon = "2027-02-20T03:00:00Z" // noon of 20 February in Tokyo

// TestDemoOffers plants cases in the demo shop and says for each what must be
// offered, and what must not and why. The steps run in order on one clock.
func TestDemoOffers(t *testing.T) {
	s := serveDemoAt(t, filepath.Join(t.TempDir(), "data"), demoNoon)
	s.send(http.MethodPost, "/offers", `{"id":"x-few","status":"active","priority":-1,"surfaces":["few"],"budget":{"max_redemptions":1},"text":{"en":"one only"}}`, nil)
	s.send(http.MethodPost, "/offers", `{"id":"x-gone","status":"active","type":"item","item_id":"phone-aozora-6-128","surfaces":["gone"],"text":{"en":"out of stock"}}`, nil)
	s.send(http.MethodPost, "/offers", `{"id":"x-held","status":"active","holdout_bp":10000,"surfaces":["held"],"text":{"en":"nobody sees it"}}`, nil)
	s.send(http.MethodPost, "/items", `{"item_id":"phone-aozora-6-128","stock":0}`, nil)
	reserve := func() {
		var d decided
		s.send(http.MethodPost, "/offers/decide", `{"decision_id":"few-1","customer_id":"first","surface":"few","reserve":true}`, &d)
		s.send(http.MethodPost, "/offers/decisions/few-1/confirm", `{}`, nil)
		if len(d.Offers) != 1 {
			t.Errorf("reserved %v", d.shown())
		}
	}
	seen := func(customer, offer string) func() {
		return func() { s.see(customer, "seen-"+customer, offer) }
	}
	steps := []struct {
		name string
		at   string // the clock, as before if empty
		do   func() // first
		ask  string
		show []string // exactly these, in order
		not  map[string]string
	}{
		{
			name: "nothing known", ask: `{}`,
			not: map[string]string{
				"birthday": "CONDITION_FALSE", "welcome-back": "CONDITION_FALSE", "free-shipping": "CONDITION_FALSE",
				"gold-nudge": "CONDITION_FALSE", "new-phone-charger": "CONDITION_FALSE", "mail-coupon": "CHANNEL_MISMATCH",
			},
		},
		{
			name: "480 yen short of free shipping", ask: `{"customer_id":"c-cart","cart":[{"item_id":"dripper-cone-ceramic","price":3500}]}`,
			show: []string{"free-shipping"},
		},
		{
			name: "free shipping reached", ask: `{"customer_id":"c-cart","cart":[{"item_id":"dripper-cone-ceramic","price":3980}]}`,
			not: map[string]string{"free-shipping": "CONDITION_FALSE"},
		},
		{
			name: "far from free shipping", ask: `{"customer_id":"c-cart","cart":[{"item_id":"dripper-cone-ceramic","price":2479}]}`,
			not: map[string]string{"free-shipping": "CONDITION_FALSE"},
		},
		{
			name: "an empty cart", ask: `{"customer_id":"c-cart","cart":[]}`,
			not: map[string]string{"free-shipping": "CONDITION_FALSE"},
		},
		{
			name: "phone bought yesterday", ask: `{"customer_id":"c-newphone"}`,
			show: []string{"new-phone-charger"},
			not:  map[string]string{"welcome-back": "CONDITION_FALSE"},
		},
		{
			name: "coffee bought, no phone", ask: `{"customer_id":"c-coffee"}`,
			not: map[string]string{"new-phone-charger": "CONDITION_FALSE", "grinder-and-beans": "CONDITION_FALSE"},
		},
		{
			name: "the item of a bundle looked at", ask: `{"customer_id":"c-coffee","item_id":"grinder-hand"}`,
			show: []string{"grinder-and-beans"},
		},
		{
			name: "silver, 3,000 yen to gold", ask: `{"customer_id":"c-silver","customer":{"tier":"silver","tier_gap_yen":3000}}`,
			show: []string{"gold-nudge"},
		},
		{
			name: "silver, gap not stated", ask: `{"customer_id":"c-silver","customer":{"tier":"silver"}}`,
			not: map[string]string{"gold-nudge": "CONDITION_FALSE"},
		},
		{
			name: "gold already", ask: `{"customer_id":"c-gold","customer":{"tier":"gold","tier_gap_yen":0}}`,
			not: map[string]string{"gold-nudge": "CONDITION_FALSE"},
		},
		{
			name: "dormant", ask: `{"customer_id":"c-away"}`,
			show: []string{"welcome-back"},
			not:  map[string]string{"welcome-back-gold": "CONDITION_FALSE"},
		},
		{
			name: "dormant gold member", ask: `{"customer_id":"c-away","customer":{"tier":"gold"}}`,
			show: []string{"welcome-back-gold"},
			not:  map[string]string{"welcome-back": "EXCLUSIVITY_LOST to welcome-back-gold"},
		},
		{
			name: "dormant, and a birthday", ask: `{"customer_id":"c-away","customer":{"birth_date":"1990-02-20"}}`,
			show: []string{"birthday"},
			not:  map[string]string{"welcome-back": "EXCLUSIVITY_LOST to birthday"},
		},
		{
			name: "mail without consent", ask: `{"customer_id":"c-coffee","channel":"email"}`,
			not: map[string]string{"mail-coupon": "CONSENT_MISSING"},
		},
		{
			name: "mail with consent to another thing", ask: `{"customer_id":"c-coffee","channel":"email","customer":{"consents":["push"]}}`,
			not: map[string]string{"mail-coupon": "CONSENT_MISSING"},
		},
		{
			name: "mail with consent", ask: `{"customer_id":"c-coffee","channel":"email","customer":{"consents":["email_marketing"]}}`,
			show: []string{"mail-coupon"},
		},
		{
			name: "before the budget is spent", ask: `{"customer_id":"second","surface":"few"}`,
			show: []string{"x-few"},
		},
		{
			name: "budget exhausted", do: reserve, ask: `{"customer_id":"second","surface":"few"}`,
			not: map[string]string{"x-few": "BUDGET_EXHAUSTED"},
		},
		{
			name: "item out of stock", ask: `{"customer_id":"second","surface":"gone"}`,
			not: map[string]string{"x-gone": "OUT_OF_STOCK"},
		},
		{
			name: "held out", ask: `{"customer_id":"second","surface":"held"}`,
			not: map[string]string{"x-held": "HOLDOUT_OFFER ghost"},
		},
		{
			name: "once a day, the last second of the day", at: "2027-02-20T14:59:59Z",
			ask:  `{"customer_id":"c-day","customer":{"birth_date":"1990-02-20"}}`,
			show: []string{"birthday"},
		},
		{
			name: "seen on that day", do: seen("c-day", "birthday"),
			ask: `{"customer_id":"c-day","customer":{"birth_date":"1990-02-20"}}`,
			not: map[string]string{"birthday": "CAP_CUSTOMER_DAY"},
		},
		{
			name: "midnight in Tokyo", at: "2027-02-20T15:00:00Z",
			ask:  `{"customer_id":"c-day","customer":{"birth_date":"1990-02-20"}}`,
			show: []string{"birthday"},
		},
		{
			name: "the eve of a birthday", at: "2027-02-23T14:59:59Z",
			ask: `{"customer_id":"c-eve","customer":{"birth_date":"1990-02-24"}}`,
			not: map[string]string{"birthday": "CONDITION_FALSE"},
		},
		{
			name: "the birthday in Tokyo, not yet in London", at: "2027-02-23T15:00:00Z",
			ask:  `{"customer_id":"c-eve","customer":{"birth_date":"1990-02-24"}}`,
			show: []string{"birthday"},
		},
		{
			name: "cool-down", do: seen("c-away", "welcome-back"), ask: `{"customer_id":"c-away"}`,
			not: map[string]string{"welcome-back": "COOLDOWN"},
		},
		{
			name: "born on 29 February, 27 February in Tokyo", at: "2027-02-27T14:59:59Z",
			ask: `{"customer_id":"c-leap","customer":{"birth_date":"2000-02-29"}}`,
			not: map[string]string{"birthday": "CONDITION_FALSE"},
		},
		{
			name: "born on 29 February, 28 February in Tokyo", at: "2027-02-27T15:00:00Z",
			ask:  `{"customer_id":"c-leap","customer":{"birth_date":"2000-02-29"}}`,
			show: []string{"birthday"},
		},
		{
			name: "cool-down, a second before its end", at: "2027-03-02T14:59:59Z", ask: `{"customer_id":"c-away"}`,
			not: map[string]string{"welcome-back": "COOLDOWN"},
		},
		{
			name: "cool-down over", at: "2027-03-02T15:00:00Z", ask: `{"customer_id":"c-away"}`,
			show: []string{"welcome-back"},
		},
		{
			name: "a leap year, 28 February in Tokyo", at: "2028-02-28T14:59:59Z",
			ask: `{"customer_id":"c-leap","customer":{"birth_date":"2000-02-29"}}`,
			not: map[string]string{"birthday": "CONDITION_FALSE"},
		},
		{
			name: "a leap year, 29 February in Tokyo", at: "2028-02-28T15:00:00Z",
			ask:  `{"customer_id":"c-leap","customer":{"birth_date":"2000-02-29"}}`,
			show: []string{"birthday"},
		},
	}
	for _, step := range steps {
		// Not subtests: each goes on where the one before it stopped.
		if step.at != "" {
			s.at(step.at)
		}
		if step.do != nil {
			step.do()
		}
		got := s.decide(step.ask)
		want := append([]string{}, step.show...)
		if diff := cmp.Diff(want, got.shown()); diff != "" {
			t.Errorf("%s: shown (-want +got):\n%s", step.name, diff)
		}
		for id, reason := range step.not {
			if v := got.verdict(id); v != reason {
				t.Errorf("%s: %s is %s, want %s", step.name, id, v, reason)
			}
		}
	}
	// One was redeemed, and one visitor was held out.
	s.send(http.MethodPost, "/offers/decide", `{"decision_id":"open","customer_id":"c-open","customer":{"tier":"silver","tier_gap_yen":1},"reserve":true}`, nil)
	metrics := get(t, s.url+"/metrics")
	for _, want := range []string{
		"osusume_offer_redemptions_total 1\n", "osusume_offer_reservations_open 1\n",
		`osusume_offer_decisions_total{reason="HOLDOUT_OFFER"} 1` + "\n", `osusume_offer_decisions_total{reason="BUDGET_EXHAUSTED"} 1` + "\n",
	} {
		if !strings.Contains(metrics, want) {
			t.Errorf("no %q in the metrics", want)
		}
	}
}

// TestDemoOffersExplain shows the clauses of a condition with what was observed,
// and that a fact nobody knows is null and not a value.
func TestDemoOffersExplain(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	s := serveDemoAt(t, data, demoNoon)
	d := s.decide(`{"customer_id":"c-x","customer":{"tier":"silver"},"cart":[{"item_id":"dripper-cone-ceramic","price":4200}]}`)
	no, yes := false, true
	want := map[string][]clause{
		"free-shipping": {
			{"cart.total >= 2480", &yes, map[string]any{"cart.total": 4200.0}},
			{"cart.total < 3980", &no, map[string]any{"cart.total": 4200.0}},
		},
		"gold-nudge": {
			{"customer.tier == 'silver'", &yes, map[string]any{"customer.tier": "silver"}},
			{"customer.tier_gap_yen > 0", nil, map[string]any{"customer.tier_gap_yen": nil}},
			{"customer.tier_gap_yen <= 5000", nil, map[string]any{"customer.tier_gap_yen": nil}},
		},
	}
	for id, clauses := range want {
		at := slices.IndexFunc(d.Trace, func(v verdict) bool { return v.ID == id })
		if at < 0 {
			t.Errorf("%s is not in the trace", id)
			continue
		}
		if diff := cmp.Diff(clauses, d.Trace[at].Clauses); diff != "" {
			t.Errorf("%s (-want +got):\n%s", id, diff)
		}
	}
	// An edit outlives a restart, and what was deleted does not come back.
	s.patch("/offers/birthday", `{"text":{"ja":"変更","en":"changed"}}`)
	s.remove("/offers/mail-coupon")
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}
	again := serveDemoAt(t, data, demoNoon)
	got := again.decide(`{"customer_id":"c-y","locale":"en","customer":{"birth_date":"1990-02-20"}}`)
	if len(got.Offers) != 1 || got.Offers[0].Text != "changed" {
		t.Errorf("after the restart: %+v", got.Offers)
	}
	if v := got.verdict("mail-coupon"); v != "not in the trace" {
		t.Errorf("a deleted offer is %s after the restart", v)
	}
}

// patch and remove change a document at its newest version.
func (s *offerShop) patch(path, body string) {
	s.t.Helper()
	s.conditional(http.MethodPatch, path, body)
}

func (s *offerShop) remove(path string) {
	s.t.Helper()
	s.conditional(http.MethodDelete, path, "")
}

func (s *offerShop) conditional(method, path, body string) {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), method, s.url+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("If-Match", "*")
	req.Header.Set("Content-Type", "application/merge-patch+json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	text, err := io.ReadAll(resp.Body)
	if err := resp.Body.Close(); err != nil {
		s.t.Fatal(err)
	}
	if err != nil || resp.StatusCode >= 300 {
		s.t.Fatalf("%s %s: %d %s %v", method, path, resp.StatusCode, text, err)
	}
}

// TestDemoPages fills both pages of the demo shop: whatever a page shows, it
// shows once.
func TestDemoPages(t *testing.T) {
	s := serveDemoAt(t, filepath.Join(t.TempDir(), "data"), demoNoon)
	for _, tt := range []struct {
		name, page, ask string
		offers          []string
		upsell          bool // has suggestions
	}{
		{"product page", "product-page", `{"customer_id":"c-coffee","item_id":"grinder-hand"}`, []string{"grinder-and-beans"}, true},
		{"product page after a phone", "product-page", `{"customer_id":"c-newphone","item_id":"phone-aozora-8-128"}`, []string{"new-phone-charger"}, true},
		{"cart page", "cart-page", `{"customer_id":"c-newphone","cart":[{"item_id":"dripper-cone-ceramic","price":3500}]}`, []string{"free-shipping", "new-phone-charger"}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var page struct {
				Widgets []json.RawMessage
			}
			s.send(http.MethodPost, "/placements/"+tt.page+"/page", tt.ask, &page)
			if len(page.Widgets) != 4 {
				t.Fatalf("%d widgets", len(page.Widgets))
			}
			shown := map[string]string{}
			show := func(widget, id string) {
				if shown[id] != "" {
					t.Errorf("%s shows %s, which %s shows", widget, id, shown[id])
				}
				shown[id] = widget
			}
			offers := []string{}
			for _, text := range page.Widgets {
				var w struct {
					ID, Kind string
					List     struct {
						Items []struct {
							ID string `json:"item_id"`
						}
					}
					Upsell struct {
						Items []struct {
							ID string `json:"item_id"`
						}
					}
					Decision struct {
						Offers []struct {
							ID     string `json:"offer_id"`
							ItemID string `json:"item_id"`
							Bundle struct {
								ItemIDs []string `json:"item_ids"`
							}
						}
					}
				}
				if err := json.Unmarshal(text, &w); err != nil {
					t.Fatal(err)
				}
				for _, it := range slices.Concat(w.List.Items, w.Upsell.Items) {
					show(w.ID, it.ID)
				}
				if w.Kind == "upsell" && len(w.Upsell.Items) == 0 && tt.upsell {
					t.Errorf("%s is empty", w.ID)
				}
				if w.Kind == "recommend" && len(w.List.Items) == 0 {
					t.Errorf("%s is empty", w.ID)
				}
				for _, o := range w.Decision.Offers {
					offers = append(offers, o.ID)
					for _, id := range o.Bundle.ItemIDs {
						show(w.ID, id)
					}
					if o.ItemID != "" {
						show(w.ID, o.ItemID)
					}
				}
			}
			if diff := cmp.Diff(tt.offers, offers); diff != "" {
				t.Errorf("offers (-want +got):\n%s", diff)
			}
		})
	}
}
