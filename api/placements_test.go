package api

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

type listBody struct {
	ID    string `json:"recommendation_id"`
	Items []struct {
		ID    string `json:"item_id"`
		Stage string
	}
	Stages    []string
	Placement string
}

func (l listBody) ids() string {
	var out []string
	for _, it := range l.Items {
		out = append(out, it.ID)
	}
	return strings.Join(out, " ")
}

func (c *client) list(target string) listBody {
	c.t.Helper()
	return decode[listBody](c.t, c.wantStatus(c.get(target), 200))
}

// newRankedClient serves a shop whose bestsellers are i0, i1, ... i9, the odd
// ones of the brand Aozora.
func newRankedClient(t *testing.T) *client {
	t.Helper()
	c := newClient(t)
	var items, events []string
	for i := range 10 {
		brand := [2]string{"Other", "Aozora"}[i%2]
		items = append(items, fmt.Sprintf(`{"item_id":"i%d","brand":%q,"price":%d,"category":["C","C%d"],"tags":["t%d"]}`, i, brand, 100*(i+1), i%3, i%2))
		for k := range 10 - i {
			events = append(events, fmt.Sprintf(`{"event":"purchase","order_id":"o%d-%d","customer_id":"c%d","items":[{"item_id":"i%d"}]}`, i, k, k, i))
		}
	}
	c.ok("POST", "/items", "["+strings.Join(items, ",")+"]")
	c.ok("POST", "/events", "["+strings.Join(events, ",")+"]")
	if err := c.shop.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	return c
}

func (c *client) rule(body string) {
	c.t.Helper()
	c.wantStatus(c.send("POST", "/rules", body), 201)
}

func TestRulesInLists(t *testing.T) {
	const ask = "/recommend?model=popularity&limit=5"
	plain := "i0 i1 i2 i3 i4"
	tests := []struct{ name, rule, target, want string }{
		{"none", "", ask, plain},
		{"hide", `"action":"hide","condition":"item.brand == 'Aozora'"`, ask, "i0 i2 i4 i6 i8"},
		{"filter", `"action":"filter","condition":"item.brand == 'Aozora' && item.price > 200"`, ask, "i3 i5 i7 i9"},
		{"boost", `"action":"boost","factor":10,"condition":"item.id == 'i7'"`, ask, "i7 i0 i1 i2 i3"},
		{"bury", `"action":"bury","condition":"item.id == 'i1'"`, ask, "i0 i2 i3 i4 i5"},
		{"pin", `"action":"pin","item_ids":["i9"],"position":2`, ask, "i0 i9 i1 i2 i3"},
		{"another placement", `"action":"hide","condition":"true","placements":["cart"]`, ask, plain},
		{"this placement", `"action":"hide","condition":"item.id == 'i0'","placements":["home"]`, ask, "i1 i2 i3 i4 i5"},
		{"not yet", `"action":"hide","condition":"true","starts_at":"2030-01-01T00:00:00Z"`, ask, plain},
		{"paused", `"action":"hide","condition":"true","status":"paused"`, ask, plain},
		{"for one customer", `"action":"hide","condition":"item.id == 'i0' && customer.orders == 1"`, ask + "&customer_id=c9", ""},
		{"not for another", `"action":"hide","condition":"item.id == 'i0' && customer.orders == 1"`, ask, plain},
		{"pin of what the request excludes", `"action":"pin","item_ids":["i9"]`, ask + "&exclude=i9", plain},
		{"pin outside the filter", `"action":"pin","item_ids":["i9"]`, ask + "&tag=t0", "i0 i2 i4 i6 i8"},
		{"pin within the filter", `"action":"pin","item_ids":["i9"]`, ask + "&category=C/C0&price_min=900", "i9"},
		{"pin of what there is not", `"action":"pin","item_ids":["nothing"]`, ask, plain},
		{"a list of no placement stays as it is", `"action":"hide","condition":"true"`, "/popular?limit=5", plain},
		{"popular of a placement", `"action":"hide","condition":"item.brand == 'Aozora'"`, "/popular?limit=5&placement=home", "i0 i2 i4 i6 i8"},
		{"pin among popular", `"action":"pin","item_ids":["i9"],"position":2`, "/popular?limit=3&placement=home", "i0 i9 i1"},
		{"popular of another placement", `"action":"hide","condition":"true","placements":["cart"]`, "/popular?limit=5&placement=home", plain},
		{"popular within a filter", `"action":"hide","condition":"item.id == 'i2'"`, "/popular?limit=2&placement=home&tag=t0", "i0 i4"},
	}
	c := newRankedClient(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := *c
			c.t = t
			if tt.rule != "" {
				c.rule(`{"id":"r",` + tt.rule + `}`)
				defer c.write("DELETE", "/rules/r", "*", "")
			}
			got := c.list(tt.target).ids()
			if tt.want == "" { // c9 bought i0 alone, and is not shown it
				if strings.Contains(got, "i0") {
					t.Errorf("got %s", got)
				}
				return
			}
			if got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
	if got := c.list(ask).ids(); got != plain {
		t.Errorf("without rules %s", got)
	}
}

// A pinned item comes with a stage of its own, and the same list under another
// rule with an id of its own.
// What is related goes by the rules of a placement that is named. Answers are
// told apart by their tags, and nobody is told of another's.
func TestRulesInRelated(t *testing.T) {
	c := newRankedClient(t)
	const plain, named = "/related/i5?limit=4", "/related/i5?limit=4&placement=item"
	before := strings.Fields(c.list(plain).ids())
	if got := c.list(named).ids(); got != strings.Join(before, " ") {
		t.Errorf("without rules %s, want %s", got, before)
	}
	second := before[1]
	c.rule(fmt.Sprintf(`{"id":"hide","action":"hide","condition":"item.id == '%s'","placements":["item"]}`, second))
	c.rule(`{"id":"pin","action":"pin","item_ids":["i9","i5"],"placements":["item"]}`)
	first := c.wantStatus(c.get(named), 200)
	got := decode[listBody](t, first)
	if ids := strings.Fields(got.ids()); len(ids) != 4 || ids[0] != "i9" || ids[1] != before[0] || strings.Contains(got.ids(), second) || strings.Contains(got.ids(), "i5") {
		t.Errorf("got %s of %s, with i9 pinned and %s hidden", got.ids(), before, second)
	}
	if got := strings.Fields(c.list(plain).ids()); !slices.Equal(got, before) {
		t.Errorf("of no placement %s, want %s", got, before)
	}
	tag := first.header.Get("ETag")
	ask := func() int {
		r := httptest.NewRequest("GET", named, nil)
		r.Header.Set("If-None-Match", tag)
		return c.do(r).status
	}
	if status := ask(); status != 304 {
		t.Errorf("the same list again: status %d", status)
	}
	c.wantStatus(c.write("DELETE", "/rules/pin", "*", ""), 204)
	if status := ask(); status != 200 {
		t.Errorf("another list: status %d", status)
	}
	if again := c.list(named); again.ID == got.ID {
		t.Errorf("lists %s and %s have one id", got.ids(), again.ids())
	}
	// A placement of the shop's own brings its length and filter as well.
	c.wantStatus(c.send("POST", "/placements", `{"id":"side","limit":2,"filter":{"tags":["t1"]}}`), 201)
	if got := c.list("/popular?placement=side").ids(); got != "i1 i3" {
		t.Errorf("beside: %s", got)
	}
	c.refused(c.get("/related/nothing?placement=side"), 404, "item_id")
}

func TestPinnedStage(t *testing.T) {
	c := newRankedClient(t)
	c.ok("POST", "/items", `[{"item_id":"new"},{"item_id":"off","available":false}]`)
	const ask = "/recommend?model=popularity&limit=2&exclude=new"
	before := c.list(ask)
	c.rule(`{"id":"r","action":"pin","item_ids":["off","new"]}`)
	got := c.list("/recommend?model=popularity&limit=2&price_max=10000&exclude=i5")
	if got.ids() != "i0 i1" { // new has no price, and off cannot be bought
		t.Errorf("got %s", got.ids())
	}
	pinned := c.list("/recommend?model=popularity&limit=2")
	if pinned.ids() != "new i0" && pinned.ids() != "i0 new" || len(pinned.Stages) != 2 {
		t.Errorf("got %s by %v", pinned.ids(), pinned.Stages)
	}
	if after := c.list(ask); after.ids() != before.ids() || after.ID == before.ID {
		t.Errorf("%s as %s, before the rule %s as %s; want the same list under another id", after.ids(), after.ID, before.ids(), before.ID)
	}
	if first, again := c.get(ask), c.get(ask); string(first.body) != string(again.body) {
		t.Errorf("%s, then %s", first.body, again.body)
	}
}

// However many items a rule takes out, a list is filled from the rest.
func TestRuleThatTakesOutNearlyAll(t *testing.T) {
	c := newClient(t)
	var items []string
	for i := range 1500 {
		items = append(items, fmt.Sprintf(`{"item_id":"i%04d","brand":"B%d"}`, i, i%150))
	}
	c.ok("POST", "/items", "["+strings.Join(items, ",")+"]")
	c.rule(`{"id":"r","action":"filter","condition":"item.brand == 'B149'"}`)
	if got := c.list("/recommend?limit=10"); len(got.Items) != 10 {
		t.Errorf("%d items: %s", len(got.Items), got.ids())
	}
}

func TestPlacementInLists(t *testing.T) {
	c := newRankedClient(t)
	c.refused(c.get("/recommend?placement=sidebar"), 400, "placement")
	c.wantStatus(c.send("POST", "/placements", `{"id":"sidebar","like":"home","model":"popularity","limit":3,"filter":{"tags":["t1"]}}`), 201)
	if got := c.get("/recommend?placement=side"); !strings.Contains(string(got.body), "session, sidebar") {
		t.Errorf("the error does not name the shop's own placement: %s", got.body)
	}
	tests := []struct{ name, target, want string }{
		{"its model, limit and filter", "/recommend?placement=sidebar", "i1 i3 i5"},
		{"a limit of the request", "/recommend?placement=sidebar&limit=4", "i1 i3 i5 i7"},
		{"a filter of the request", "/recommend?placement=sidebar&tag=t0", "i0 i2 i4"},
		{"others as before", "/recommend?model=popularity&limit=3", "i0 i1 i2"},
	}
	for _, tt := range tests {
		got := c.list(tt.target)
		if got.ids() != tt.want {
			t.Errorf("%s: got %s, want %s", tt.name, got.ids(), tt.want)
		}
		if strings.Contains(tt.target, "sidebar") && got.Placement != "sidebar" {
			t.Errorf("%s: placement %s", tt.name, got.Placement)
		}
	}
	post := decode[listBody](t, c.ok("POST", "/recommend", `{"placement":"sidebar"}`))
	if post.ids() != "i1 i3 i5" {
		t.Errorf("POST: %s", post.ids())
	}
	c.rule(`{"id":"r","action":"hide","condition":"item.id == 'i1'","placements":["sidebar"]}`)
	if got := c.list("/recommend?placement=sidebar"); got.ids() != "i3 i5 i7" {
		t.Errorf("with a rule of its own: %s", got.ids())
	}
	// A placement of the name of a built-in one stands for it.
	c.wantStatus(c.write("PUT", "/placements/home", "", `{"model":"popularity","limit":2}`), 201)
	if got := c.list("/recommend"); got.ids() != "i0 i1" {
		t.Errorf("home: %s", got.ids())
	}
	c.wantStatus(c.write("DELETE", "/placements/home", "*", ""), 204)
	if got := c.list("/recommend"); len(got.Items) != 10 {
		t.Errorf("home without it: %s", got.ids())
	}
}

func TestRulePreview(t *testing.T) {
	c := newRankedClient(t)
	c.rule(`{"id":"old","action":"hide","condition":"item.id == 'i0'"}`)
	type preview struct {
		InForce bool `json:"in_force"`
		Changed bool
		Before  []string
		After   []struct {
			ID     string `json:"item_id"`
			Before int
			Rules  []string
		}
		Gone []string
	}
	show := func(body string) string {
		p := decode[preview](t, c.ok("POST", "/rules/preview", body))
		var b strings.Builder
		fmt.Fprintf(&b, "%v %v %s >", p.InForce, p.Changed, strings.Join(p.Before, " "))
		for _, it := range p.After {
			fmt.Fprintf(&b, " %s:%d%v", it.ID, it.Before, it.Rules)
		}
		fmt.Fprintf(&b, " gone %v", p.Gone)
		return b.String()
	}
	const request = `"request":{"model":"popularity","limit":3}`
	tests := []struct{ name, body, want string }{
		{"added", `{"rule":{"action":"pin","item_ids":["i9"]},` + request + `}`, "true true i1 i2 i3 > i9:0[preview] i1:1[] i2:2[] gone [i3]"},
		{"instead of the old one", `{"rule":{"id":"old","action":"bury","condition":"item.id == 'i1'"},` + request + `}`, "true true i1 i2 i3 > i0:0[] i2:2[] i3:3[] gone [i1]"},
		{"without effect", `{"rule":{"action":"hide","condition":"item.id == 'i0'"},` + request + `}`, "true false i1 i2 i3 > i1:1[] i2:2[] i3:3[] gone []"},
		{"elsewhere", `{"rule":{"action":"hide","condition":"true","placements":["cart"]},` + request + `}`, "false false i1 i2 i3 > i1:1[] i2:2[] i3:3[] gone []"},
		{"later", `{"rule":{"action":"hide","condition":"item.id == 'i1'","starts_at":"2030-01-01T00:00:00Z"},` + request + `}`, "false false i1 i2 i3 > i1:1[] i2:2[] i3:3[] gone []"},
		{"later, asked about then", `{"at":"2030-01-02T00:00:00Z","rule":{"action":"hide","condition":"item.id == 'i1'","starts_at":"2030-01-01T00:00:00Z"},` + request + `}`, "true true i1 i2 i3 > i2:2[] i3:3[] i4:0[] gone [i1]"},
	}
	before := string(c.get("/rules").body)
	for _, tt := range tests {
		if got := show(tt.body); got != tt.want {
			t.Errorf("%s:\ngot  %s\nwant %s", tt.name, got, tt.want)
		}
	}
	if after := string(c.get("/rules").body); after != before {
		t.Errorf("the rules are %s, were %s", after, before)
	}
	for _, tt := range []struct{ body, field string }{
		{`{}`, "rule"},
		{`{"rule":{"action":"hide"}}`, "rule.condition"},
		{`{"rule":{"action":"hide","condition":"x"}}`, "rule.condition"},
		{`{"rule":{"action":"hide","condition":"true","colour":1}}`, "rule.colour"},
		{`{"rule":{"action":"hide","condition":"true"},"request":{"limit":0}}`, "request.limit"},
		{`{"rule":{"action":"hide","condition":"true"},"request":{"placement":"nowhere"}}`, "request.placement"},
		{`{"rule":{"action":"hide","condition":"true"},"at":"soon"}`, "at"},
	} {
		c.refused(c.send("POST", "/rules/preview", tt.body), 400, tt.field)
	}
	if !json.Valid([]byte(before)) {
		t.Errorf("%s", before)
	}
}

func TestPage(t *testing.T) {
	c := newRankedClient(t)
	c.offer(`{"id":"mug","status":"active","type":"item","item_id":"i2","surfaces":["front"],"condition":"cart.total == 300","text":{"ja":"マグ","en":"Mug"}}`)
	c.wantStatus(c.send("POST", "/placements", `{"id":"front","like":"home","model":"popularity","widgets":[
		{"id":"hero","kind":"offers"},
		{"id":"top","kind":"recommend","limit":3},
		{"id":"best","kind":"popular","limit":2},
		{"id":"more","kind":"recommend","placement":"home","limit":2},
		{"id":"beside","kind":"related","limit":2},
		{"id":"better","kind":"upsell","limit":2}]}`), 201)
	c.rule(`{"id":"r","action":"hide","condition":"item.id == 'i4'","placements":["front"]}`)
	type body struct {
		Placement string
		Widgets   []struct {
			ID, Kind string
			List     *listBody
			Decision *decisionBody
		}
	}
	const ask = `{"item_id":"i9","cart":[{"item_id":"i1","price":300}],"locale":"en","channel":"web"}`
	got := decode[body](t, c.ok("POST", "/placements/front/page", ask))
	var b strings.Builder
	seen := map[string]bool{"i2": true}
	for _, w := range got.Widgets {
		b.WriteString(w.ID + ":" + w.Kind)
		if w.Decision != nil {
			b.WriteString(" " + w.Decision.words())
		}
		if w.List != nil {
			for _, it := range w.List.Items {
				if seen[it.ID] || it.ID == "i1" || it.ID == "i9" {
					t.Errorf("%s shows %s again", w.ID, it.ID)
				}
				seen[it.ID] = true
			}
			if w.ID == "top" && w.List.ids() != "i0 i3 i5" { // i1 is in the cart, i2 offered, i4 hidden
				t.Errorf("top: %s", w.List.ids())
			}
			if w.ID == "best" && w.List.ids() != "i6 i7" { // the page hides i4 in all its lists
				t.Errorf("best: %s", w.List.ids())
			}
		}
		b.WriteString("; ")
	}
	if got, want := b.String(), "hero:offers mug; top:recommend; best:popular; more:recommend; beside:related; better:upsell; "; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	c.refused(c.send("POST", "/placements/nowhere/page", ask), 404, "placement_id")
	home := decode[body](t, c.ok("POST", "/placements/home/page", ask))
	if len(home.Widgets) != 1 || home.Widgets[0].ID != "home" || len(home.Widgets[0].List.Items) == 0 {
		t.Errorf("a built-in placement: %+v", home)
	}
	for field, widget := range map[string]string{
		"widgets[0].surface":           `{"id":"w","kind":"upsell","surface":"moon"}`,
		"widgets[0].free_shipping_yen": `{"id":"w","kind":"upsell","free_shipping_yen":-1}`,
	} {
		c.refused(c.send("POST", "/placements", `{"id":"other","widgets":[`+widget+`]}`), 400, field)
	}
	c.refused(c.send("POST", "/placements", `{"id":"other","widgets":[{"id":"w","kind":"popular","surface":"cart"}]}`), 400, "widgets[0].surface")
	c.refused(c.send("POST", "/placements/front/page", `{"cart":[]}`), 400, "item_id")
	c.refused(c.send("POST", "/placements/front/page", `{"cart":[{"item_id":"x"}]}`), 400, "cart[0].price")
	c.refused(c.send("POST", "/placements/front/page", `{"mood":1}`), 400, "mood")
	c.refused(c.send("POST", "/placements/front/page", `{"fields":["soul"]}`), 400, "fields[0]")
}

// Widgets of offers share one decision; of two offers of one item a page shows
// the first, and lists before the offer leave its item out too.
func TestPageOfferedOnce(t *testing.T) {
	c := newRankedClient(t)
	for _, o := range []string{
		`{"id":"a","priority":3,"type":"item","item_id":"i0"`, `{"id":"b","priority":2,"type":"item","item_id":"i0"`,
		`{"id":"c","priority":1`, `{"id":"d"`,
	} {
		c.offer(o + `,"status":"active","text":{"en":"x"}}`)
	}
	c.wantStatus(c.send("POST", "/placements", `{"id":"front","widgets":[
		{"id":"best","kind":"popular","limit":2},{"id":"one","kind":"offers"},{"id":"two","kind":"offers"}]}`), 201)
	type page struct {
		Widgets []struct {
			List     listBody
			Decision decisionBody
		}
	}
	got := decode[page](t, c.ok("POST", "/placements/front/page", `{"explain":true}`))
	if ids := got.Widgets[0].List.ids(); ids != "i1 i2" {
		t.Errorf("beside an offer of i0: %s", ids)
	}
	one, two := got.Widgets[1].Decision, got.Widgets[2].Decision
	if len(one.Offers) != 1 || one.Offers[0].ID != "a" || len(two.Offers) != 1 || two.Offers[0].ID != "c" || one.ID != two.ID {
		t.Errorf("offers %+v, then %+v", one.Offers, two.Offers)
	}
	if words := one.words(); words != "a:SHOWN b:SLOT_LIMIT c:SHOWN d:SLOT_LIMIT" {
		t.Errorf("trace %s", words)
	}
}
