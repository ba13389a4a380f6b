package api

import (
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"osusume/recommend/condition"
	"osusume/recommend/offer"
)

type decisionBody struct {
	ID       string `json:"decision_id"`
	Reserved bool
	Offers   []struct {
		ID      string `json:"offer_id"`
		Text    string
		Version int
	}
	Trace []struct {
		ID     string `json:"offer_id"`
		Reason string
		LostTo string `json:"lost_to"`
		Draw   *struct {
			Views, Accepted int
			Share, Expected float64
		}
		Clauses []struct {
			Src    string
			Value  *bool
			Inputs map[string]any
		}
	}
}

// words are "id:reason" for each offer of the trace, "id" for those shown
// without one.
func (d decisionBody) words() string {
	var out []string
	for _, v := range d.Trace {
		out = append(out, v.ID+":"+v.Reason)
	}
	for i := range d.Offers {
		if len(d.Trace) == 0 {
			out = append(out, d.Offers[i].ID)
		}
	}
	return strings.Join(out, " ")
}

func (c *client) decide(body string) decisionBody {
	c.t.Helper()
	return decode[decisionBody](c.t, c.ok("POST", "/offers/decide", body))
}

func (c *client) offer(body string) {
	c.t.Helper()
	c.wantStatus(c.send("POST", "/offers", body), 201)
}

// What conditions may ask, from the request, the history and the catalog.
func TestDecideFacts(t *testing.T) {
	c := newClient(t)
	c.ok("POST", "/items", `[{"item_id":"phone","category":["Phones","Smart"],"price":80000},{"item_id":"gone","price":100,"available":false},{"item_id":"unpriced"}]`)
	// 23:30 and 01:00 of the next day in Japan, 36 hours before the test's noon.
	c.ok("POST", "/events", `[
		{"event":"purchase","order_id":"o1","customer_id":"ann","time":"2026-01-29T14:30:00Z","items":[{"item_id":"unpriced"}]},
		{"event":"purchase","order_id":"o2","customer_id":"ann","time":"2026-01-29T16:00:00Z","items":[{"item_id":"phone"},{"item_id":"unpriced"}]}]`)
	tests := []struct{ name, condition, request, reason string }{
		{"nothing is known", "customer.orders >= 0", `{}`, "CONDITION_FALSE"},
		{"nobody is known", "!customer.known", `{}`, "SHOWN"},
		{"orders", "customer.orders == 2", `{"customer_id":"ann"}`, "SHOWN"},
		{"a new customer has no orders", "customer.orders == 0", `{"customer_id":"new"}`, "SHOWN"},
		{"days by the calendar of Japan", "customer.days_since_last_order == 1", `{"customer_id":"ann"}`, "SHOWN"},
		{"no last order", "customer.days_since_last_order >= 0", `{"customer_id":"new"}`, "CONDITION_FALSE"},
		{"categories of the last order", "'Smart' in customer.last_order_categories && 'Phones' in customer.last_order_categories", `{"customer_id":"ann"}`, "SHOWN"},
		{"what the shop states goes first", "customer.orders == 9", `{"customer_id":"ann","customer":{"orders":9}}`, "SHOWN"},
		{"lifecycle is not computed", "customer.lifecycle != 'dormant'", `{"customer_id":"ann"}`, "CONDITION_FALSE"},
		{"lifecycle is unknown", "customer.lifecycle == 'unknown'", `{"customer_id":"ann"}`, "SHOWN"},
		{"churn risk is not computed", "customer.churn_risk < 0.9", `{"customer_id":"ann"}`, "CONDITION_FALSE"},
		{"churn risk is stated", "customer.churn_risk < 0.9", `{"customer":{"churn_risk":0.5}}`, "SHOWN"},
		{"tier and gap", "customer.tier == 'silver' && customer.tier_gap_yen <= 3000", `{"customer":{"tier":"silver","tier_gap_yen":1200}}`, "SHOWN"},
		{"birthday", "customer.birthday_offset_days == 0 && customer.age == 36", `{"customer":{"birth_date":"1990-01-31"}}`, "SHOWN"},
		{"birthday without a year", "customer.birthday_offset_days == -1", `{"customer":{"birth_date":"--02-01"}}`, "SHOWN"},
		{"no age without a year", "customer.age > 0", `{"customer":{"birth_date":"--02-01"}}`, "CONDITION_FALSE"},
		{"anniversary", "customer.anniversaries['joined'] == 2", `{"customer":{"anniversaries":[{"name":"joined","date":"2020-01-29"}]}}`, "SHOWN"},
		{"tags", "'vip' in customer.tags", `{"customer":{"tags":["vip"]}}`, "SHOWN"},
		{"cart by the catalog's prices", "cart.total == 160500 && cart.count == 5 && 'Smart' in cart.categories", `{"cart":[{"item_id":"phone","quantity":2},{"item_id":"gone","quantity":2},{"item_id":"unpriced","price":300}]}`, "SHOWN"},
		{"empty cart", "cart.total == 0", `{"cart":[]}`, "SHOWN"},
		{"no cart", "cart.total < 5000", `{}`, "CONDITION_FALSE"},
		{"item", "item.price > 50000", `{"item_id":"phone"}`, "SHOWN"},
		{"unknown item", "item.price > 50000", `{"item_id":"nothing"}`, "CONDITION_FALSE"},
		{"place and time", "channel == 'web' && surface == 'cart' && hour == 12 && weekday == 'sat'", `{"channel":"web","surface":"cart"}`, "SHOWN"},
		{"division by zero", "1 / cart.count == 1", `{"cart":[]}`, "CONDITION_ERROR"},
	}
	c.offer(`{"id":"o","status":"active","condition":"true","text":{"ja":"はい","en":"Yes"}}`)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := *c
			c.t = t
			c.wantStatus(c.write("PATCH", "/offers/o", "*", fmt.Sprintf(`{"condition":%q}`, tt.condition)), 200)
			request := strings.TrimSuffix(tt.request, "}")
			if request != "{" {
				request += ","
			}
			d := c.decide(request + `"explain":true}`)
			if got, want := d.words(), "o:"+tt.reason; got != want {
				t.Errorf("%s, want %s: %+v", got, want, d.Trace)
			}
		})
	}
}

func TestDecideExplains(t *testing.T) {
	c := newClient(t)
	c.ok("POST", "/items", `{"item_id":"sold-out","stock":0}`)
	for _, body := range []string{
		`{"id":"best","status":"active","priority":9,"exclusivity_group":"coupon","text":{"ja":"一番","en":"Best"}}`,
		`{"id":"second","status":"active","priority":8,"exclusivity_group":"coupon","text":{"en":"Second"}}`,
		`{"id":"nudge","status":"active","condition":"cart.total > 0 && cart.total < 5000 && customer.lifecycle == 'new'","text":{"ja":"あと少し"}}`,
		`{"id":"draft","text":{"en":"Draft"}}`,
		`{"id":"later","status":"active","starts_at":"2030-01-01T00:00:00Z","text":{"en":"Later"}}`,
		`{"id":"app","status":"active","channels":["app"],"text":{"en":"App"}}`,
		`{"id":"mail","status":"active","consent":["email_marketing"],"text":{"en":"Mail"}}`,
		`{"id":"stock","status":"active","item_id":"sold-out","text":{"en":"Stock"}}`,
		`{"id":"more","status":"active","priority":-1,"type":"points","value":{"points":5},"bundle":{"item_ids":["a","b"],"price_yen":900},"ends_at":"2031-01-01T00:00:00Z","text":{"ja":"もっと"}}`,
		`{"id":"no-room","status":"active","priority":-2,"text":{"en":"No room"}}`,
	} {
		c.offer(strings.ReplaceAll(body, `"a","b"`, `"x","y"`))
	}
	c.ok("POST", "/items", `[{"item_id":"x"},{"item_id":"y"}]`)
	request := `{"customer_id":"ann","channel":"web","locale":"en","max_offers":2,"decision_id":"d1","cart":[{"item_id":"x","price":7200}]`
	d := c.decide(request + `,"explain":true}`)
	want := "best:SHOWN second:EXCLUSIVITY_LOST app:CHANNEL_MISMATCH draft:NOT_ACTIVE later:NOT_STARTED " +
		"mail:CONSENT_MISSING nudge:CONDITION_FALSE stock:OUT_OF_STOCK more:SHOWN no-room:SLOT_LIMIT"
	if got := d.words(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if d.ID != "d1" || d.Reserved || d.Trace[1].LostTo != "best" || d.Offers[0].Text != "Best" || d.Offers[1].Text != "もっと" || d.Offers[0].Version != 1 {
		t.Errorf("got %+v", d)
	}
	type clause struct {
		Src    string
		Value  any
		Inputs map[string]any
	}
	var clauses []clause
	for _, cl := range d.Trace[6].Clauses {
		got := clause{Src: cl.Src, Inputs: cl.Inputs}
		if cl.Value != nil {
			got.Value = *cl.Value
		}
		clauses = append(clauses, got)
	}
	if diff := cmp.Diff([]clause{
		{"cart.total > 0", true, map[string]any{"cart.total": 7200.0}},
		{"cart.total < 5000", false, map[string]any{"cart.total": 7200.0}},
		{"customer.lifecycle == 'new'", nil, map[string]any{"customer.lifecycle": nil}},
	}, clauses); diff != "" {
		t.Errorf("clauses (-want +got):\n%s", diff)
	}
	// The same question, the same bytes; without explain no reasons.
	first := c.ok("POST", "/offers/decide", request+"}")
	if again := c.ok("POST", "/offers/decide", request+"}"); string(again.body) != string(first.body) {
		t.Errorf("%s, then %s", first.body, again.body)
	}
	if strings.Contains(string(first.body), "trace") {
		t.Errorf("reasons without explain: %s", first.body)
	}
	// A paused offer is gone from the next answer.
	c.wantStatus(c.write("PATCH", "/offers/best", "*", `{"status":"paused"}`), 200)
	if d := c.decide(request + "}"); d.words() != "second more" {
		t.Errorf("got %s", d.words())
	}
}

// Every reason there is is one that the contract has.
func TestContractKnowsOfferReasons(t *testing.T) {
	spec, err := loadContract()
	if err != nil {
		t.Fatal(err)
	}
	var want, got []string
	for _, r := range offer.ReasonOrder() {
		want = append(want, r.String())
	}
	for _, v := range spec.doc.Components.Schemas["OfferReason"].Value.Enum {
		got = append(got, v.(string))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-code +contract):\n%s", diff)
	}
	for _, v := range condition.Variables() {
		if v.Name == "customer.lifecycle" {
			for _, name := range v.Values {
				if !strings.Contains(fmt.Sprint(spec.doc.Components.Schemas["CustomerStatement"].Value.Properties["lifecycle"].Value.Enum), name) {
					t.Errorf("the contract has no lifecycle %s", name)
				}
			}
		}
	}
}

func TestDecideFaults(t *testing.T) {
	c := newClient(t)
	c.offer(`{"id":"o","status":"active","text":{"en":"x"}}`)
	tests := []struct{ name, body, field string }{
		{"unknown member", `{"mood":"good"}`, "mood"},
		{"reserve for nobody", `{"reserve":true}`, "customer_id"},
		{"max_offers", `{"max_offers":0}`, "max_offers"},
		{"locale", `{"locale":"fr"}`, "locale"},
		{"cart line without an id", `{"cart":[{"price":5}]}`, "cart[0].item_id"},
		{"no price anywhere", `{"cart":[{"item_id":"a","price":5},{"item_id":"b"}]}`, "cart[1].price"},
		{"negative price", `{"cart":[{"item_id":"a","price":-5}]}`, "cart[0].price"},
		{"no pieces", `{"cart":[{"item_id":"a","price":5,"quantity":0}]}`, "cart[0].quantity"},
		{"too much", `{"cart":[` + strings.Repeat(`{"item_id":"a","price":1000000000000,"quantity":1000000},`, 9) + `{"item_id":"b","price":1000000000000,"quantity":1000000}]}`, "cart[9].price"},
		{"birth date", `{"customer":{"birth_date":"31.1.1990"}}`, "customer.birth_date"},
		{"no such day", `{"customer":{"birth_date":"--02-30"}}`, "customer.birth_date"},
		{"anniversary", `{"customer":{"anniversaries":[{"name":"a","date":"soon"}]}}`, "customer.anniversaries[0].date"},
		{"lifecycle", `{"customer":{"lifecycle":"asleep"}}`, "customer.lifecycle"},
		{"RFM group", `{"customer":{"rfm_group":"BEST"}}`, "customer.rfm_group"},
		{"churn risk", `{"customer":{"churn_risk":2}}`, "customer.churn_risk"},
		{"points", `{"customer":{"points":-1}}`, "customer.points"},
		{"consent", `{"customer":{"consents":["all"]}}`, "customer.consents[0]"},
		{"sequence not given", `{"min_seq":99}`, "min_seq"},
		{"decision id", `{"decision_id":"a\u0007"}`, "decision_id"},
		{"ranking", `{"ranking":"best"}`, "ranking"},
		{"seed without explanation", `{"ranking":"thompson","seed":"d1"}`, "seed"},
		{"seed without chance", `{"explain":true,"seed":"d1"}`, "seed"},
		{"seed of a reservation", `{"customer_id":"ann","ranking":"thompson","explain":true,"reserve":true,"seed":"d1"}`, "seed"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c.refused(c.send("POST", "/offers/decide", tt.body), 400, tt.field)
		})
	}
	for _, verb := range []string{"confirm", "release"} {
		path := "/offers/decisions/d/" + verb
		c.refused(c.send("POST", path, ""), 404, "decision_id")
		c.refused(c.send("POST", path, `{"offer_id":"o"}`), 404, "decision_id")
		c.refused(c.send("POST", path, `{"all":true}`), 400, "all")
		c.refused(c.send("POST", path, `[]`), 400, "body")
		c.refused(c.do(httptest.NewRequest("POST", path, nil)), 404, "decision_id")
		c.refused(c.sendAs("POST", path, "text/plain", "x"), 415, "Content-Type")
	}
	c.refused(c.send("POST", "/offers", `{"id":"decide","text":{"en":"x"}}`), 400, "id")
}

func TestReservationOverHTTP(t *testing.T) {
	c := newClient(t)
	c.offer(`{"id":"two","status":"active","budget":{"max_redemptions":2},"text":{"en":"Two"}}`)
	c.offer(`{"id":"any","status":"active","text":{"en":"Any"}}`)
	reserve := func(decision, customer string) string {
		d := c.decide(fmt.Sprintf(`{"reserve":true,"decision_id":%q,"customer_id":%q}`, decision, customer))
		if d.Reserved != (len(d.Offers) > 0) {
			t.Errorf("%s: reserved %v with %d offers", decision, d.Reserved, len(d.Offers))
		}
		return d.words()
	}
	for _, tt := range []struct{ decision, customer, want string }{
		{"d1", "ann", "any two"},
		{"d1", "ann", "any two"},
		{"d2", "bob", "any two"},
		{"d3", "cid", "any"},
	} {
		if got := reserve(tt.decision, tt.customer); got != tt.want {
			t.Errorf("%s for %s: %q, want %q", tt.decision, tt.customer, got, tt.want)
		}
	}
	c.refused(c.send("POST", "/offers/decide", `{"reserve":true,"decision_id":"d1","customer_id":"bob"}`), 409, "decision_id")
	if got, want := string(c.ok("POST", "/offers/decisions/d1/confirm", "").body), `{"decision_id":"d1","confirmed":["any","two"]}`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got, want := string(c.ok("POST", "/offers/decisions/d2/release", `{"offer_id":"two"}`).body), `{"decision_id":"d2","released":["two"]}`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	c.ok("POST", "/offers/decisions/d1/confirm", "{}")
	c.refused(c.send("POST", "/offers/decisions/d1/release", ""), 409, "decision_id")
	c.refused(c.send("POST", "/offers/decisions/d2/confirm", ""), 409, "decision_id")
	if got := reserve("d4", "dan"); got != "any two" {
		t.Errorf("the place given back: %q", got)
	}
}

// A view sent as an event spends a cap; deciding does not.
// A server's own holdout is about every offer, and comes after all else.
func TestGlobalHoldoutOverHTTP(t *testing.T) {
	for _, tt := range []struct {
		name string
		bp   int
		ask  string
		want string
	}{
		{"everyone", 10_000, `{"customer_id":"ann","explain":true}`, "free:HOLDOUT_GLOBAL other:CONDITION_FALSE"},
		{"nobody", 0, `{"customer_id":"ann","explain":true}`, "free:SHOWN other:CONDITION_FALSE"},
		{"no visitor", 10_000, `{"explain":true}`, "free:SHOWN other:CONDITION_FALSE"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := newClient(t, func(cfg *Config) { cfg.HoldoutBP = tt.bp })
			c.offer(`{"id":"free","status":"active","text":{"en":"free"}}`)
			c.offer(`{"id":"other","status":"active","condition":"customer.orders > 0","text":{"en":"other"}}`)
			if got := c.decide(tt.ask).words(); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestViewPromotionOverHTTP(t *testing.T) {
	c := newClient(t)
	c.offer(`{"id":"once","status":"active","caps":{"per_customer_total":1},"text":{"en":"Once"}}`)
	ask := func() string { return c.decide(`{"anonymous_id":"a1","explain":true}`).words() }
	for range 3 {
		if got := ask(); got != "once:SHOWN" {
			t.Errorf("before: %s", got)
		}
	}
	seen := `{"event":"view_promotion","anonymous_id":"a1","decision_id":"d1","offer_id":"once"}`
	c.ok("POST", "/events", `[`+seen+`,`+seen+`]`)
	if got := ask(); got != "once:CAP_CUSTOMER_TOTAL" {
		t.Errorf("after: %s", got)
	}
	c.refused(c.send("POST", "/events", `{"event":"view_promotion","anonymous_id":"a1","decision_id":"d1"}`), 400, "offer_id")
	c.refused(c.send("POST", "/events", `{"event":"view_item","items":[{"item_id":"x"}],"anonymous_id":"a1","decision_id":"d1","offer_id":"once"}`), 400, "decision_id")
}

// What visitors choose comes first more often; what is drawn can be seen and
// drawn again.
func TestThompsonOverHTTP(t *testing.T) {
	c := newClient(t)
	for _, id := range []string{"dull", "liked"} {
		c.offer(fmt.Sprintf(`{"id":%q,"status":"active","margin_yen":1000,"text":{"en":"x"}}`, id))
	}
	var events []string
	for i := range 40 {
		for _, id := range []string{"dull", "liked"} {
			events = append(events, fmt.Sprintf(`{"event":"view_promotion","customer_id":"c%d","decision_id":"d%d","offer_id":%q}`, i, i, id))
		}
		if i%4 == 0 {
			events = append(events, fmt.Sprintf(`{"event":"select_promotion","customer_id":"c%d","decision_id":"d%d","offer_id":"liked"}`, i, i))
		}
	}
	c.ok("POST", "/events", "["+strings.Join(events, ",")+"]")
	c.ok("POST", "/events", "["+strings.Join(events, ",")+"]") // sent again, counted once
	first := map[string]int{}
	for i := range 30 {
		body := fmt.Sprintf(`{"customer_id":"ann","decision_id":"t%d","ranking":"thompson","max_offers":1,"explain":true`, i)
		d := c.decide(body + "}")
		first[d.Offers[0].ID]++
		dull, liked := d.Trace[0].Draw, d.Trace[1].Draw
		if dull.Views != 40 || dull.Accepted != 0 || liked.Views != 40 || liked.Accepted != 10 {
			t.Fatalf("drawn from %+v and %+v", *dull, *liked)
		}
		if better := liked.Expected > dull.Expected; better != (d.Offers[0].ID == "liked") {
			t.Fatalf("%s is first with %+v and %+v", d.Offers[0].ID, *dull, *liked)
		}
		if math.Abs(liked.Expected-1000*liked.Share) > 1e-3 {
			t.Errorf("expects %v yen of a share of %v", liked.Expected, liked.Share)
		}
		again := c.decide(strings.Replace(body, fmt.Sprintf(`"t%d"`, i), `"another"`, 1) + fmt.Sprintf(`,"seed":"t%d"}`, i))
		if diff := cmp.Diff(d.Trace, again.Trace); diff != "" || again.ID != "another" {
			t.Errorf("with its seed (-want +got):\n%s", diff)
		}
	}
	if first["liked"] < 25 {
		t.Errorf("first were %v", first)
	}
	// Without it, the id decides.
	if d := c.decide(`{"customer_id":"ann","ranking":"id"}`); d.words() != "dull liked" {
		t.Errorf("got %s", d.words())
	}
}

// A thousand requests at once for one place.
func TestReserveLastPlaceOverHTTP(t *testing.T) {
	c := newClient(t)
	c.offer(`{"id":"last","status":"active","budget":{"max_redemptions":1},"text":{"en":"Last"}}`)
	const callers = 1000
	var wg sync.WaitGroup
	reserved := make([]bool, callers)
	for i := range callers {
		wg.Go(func() {
			r := httptest.NewRequest(http.MethodPost, "/offers/decide", strings.NewReader(fmt.Sprintf(`{"reserve":true,"customer_id":"c%d"}`, i)))
			r.Header.Set("Content-Type", "application/json")
			w := httptest.NewRecorder()
			c.handler.ServeHTTP(w, r)
			reserved[i] = strings.Contains(w.Body.String(), `"offer_id":"last"`)
			if w.Code != http.StatusOK {
				t.Errorf("status %d: %s", w.Code, w.Body)
			}
		})
	}
	wg.Wait()
	n := 0
	for _, got := range reserved {
		if got {
			n++
		}
	}
	if n != 1 {
		t.Errorf("%d reserved the last place, want 1", n)
	}
}
