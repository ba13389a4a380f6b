package api

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"osusume/recommend"
	"osusume/recommend/live"
	"osusume/store"
)

// resourceCase is one kind of document as the tests below write it.
type resourceCase struct {
	plural, id string
	// body has no id; other is another one, patch turns body into other.
	body, other, patch string
	// bad is one that is refused, for the field badField.
	bad, badField string
}

var resourceCases = []resourceCase{
	{
		plural: "offers", id: "birthday",
		body:  `{"status":"active","text":{"ja":"お誕生日おめでとうございます"},"caps":{"per_customer_day":1}}`,
		other: `{"status":"paused","text":{"ja":"お誕生日おめでとうございます"}}`,
		patch: `{"status":"paused","caps":null}`,
		bad:   `{"status":"active","text":{"en":"x"},"budget":{"max_yen":-1}}`, badField: "budget.max_yen",
	},
	{
		plural: "rules", id: "a b/c",
		body:  `{"action":"boost","factor":2,"condition":"item.brand == 'Aozora'"}`,
		other: `{"action":"bury","condition":"item.brand == 'Aozora'"}`,
		patch: `{"action":"bury","factor":null}`,
		bad:   `{"action":"boost","factor":0.5,"condition":"true"}`, badField: "factor",
	},
	{
		plural: "placements", id: "サイド",
		body:  `{"like":"cart","limit":4,"filter":{"category":["Coffee"]}}`,
		other: `{"like":"cart","limit":5,"filter":{"category":["Coffee"],"tags":["new"]}}`,
		patch: `{"limit":5,"filter":{"tags":["new"]}}`,
		bad:   `{"limit":101}`, badField: "limit",
	},
}

func (rc resourceCase) path() string { return "/" + rc.plural + "/" + escape(rc.id) }

func escape(id string) string { return strings.NewReplacer("/", "%2F", " ", "%20").Replace(id) }

// whole is body with the id.
func (rc resourceCase) whole(body string) string {
	return fmt.Sprintf(`{"id":%q,%s`, rc.id, body[1:])
}

// write sends a change with If-Match, "" for none.
func (c *client) write(method, target, ifMatch, body string) answer {
	c.t.Helper()
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if ifMatch != "" {
		r.Header.Set("If-Match", ifMatch)
	}
	return c.do(r)
}

func (c *client) wantStatus(a answer, status int) answer {
	c.t.Helper()
	if a.status != status {
		c.t.Fatalf("status %d, want %d: %s", a.status, status, a.body)
	}
	return a
}

func TestResourceLife(t *testing.T) {
	for _, rc := range resourceCases {
		t.Run(rc.plural, func(t *testing.T) {
			c := newClient(t)
			list := func() string {
				return string(c.wantStatus(c.get("/"+rc.plural), 200).body)
			}
			if got, want := list(), `{"`+rc.plural+`":[]}`; got != want {
				t.Errorf("%s, want %s", got, want)
			}
			c.refused(c.get(rc.path()), 404, strings.TrimSuffix(rc.plural, "s")+"_id")

			// Created once, with the same bytes wherever it is read.
			a := c.wantStatus(c.send("POST", "/"+rc.plural, rc.whole(rc.body)), 201)
			if got := a.header.Get("Location"); !strings.HasPrefix(got, "/"+rc.plural+"/") {
				t.Errorf("Location %q", got)
			}
			first := a.header.Get("ETag")
			doc := decode[struct {
				ID      string
				Version int
				Updated time.Time `json:"updated_at"`
			}](t, a)
			if doc.ID != rc.id || doc.Version != 1 || !doc.Updated.Equal(testNow) {
				t.Errorf("got %+v", doc)
			}
			read := c.wantStatus(c.get(rc.path()), 200)
			if string(read.body) != string(a.body) || read.header.Get("ETag") != first {
				t.Errorf("reading gives %s %s, creating gave %s %s", read.header.Get("ETag"), read.body, first, a.body)
			}
			if got, want := list(), `{"`+rc.plural+`":[`+string(a.body)+`]}`; got != want {
				t.Errorf("%s, want %s", got, want)
			}
			r := httptest.NewRequest("GET", rc.path(), nil)
			r.Header.Set("If-None-Match", first)
			c.wantStatus(c.do(r), 304)
			c.refused(c.send("POST", "/"+rc.plural, rc.whole(rc.body)), 409, "id")

			// Nobody changes what they have not seen.
			for _, method := range []string{"PUT", "PATCH", "DELETE"} {
				body := map[string]string{"PUT": rc.other, "PATCH": rc.patch}[method]
				c.refused(c.write(method, rc.path(), "", body), 428, "If-Match")
				c.refused(c.write(method, rc.path(), `"7-0"`, body), 412, "If-Match")
			}
			// What was read may be sent back as it is: it changes nothing but the version.
			a = c.wantStatus(c.write("PUT", rc.path(), first, string(read.body)), 200)
			second := a.header.Get("ETag")
			if second == first {
				t.Error("the ETag did not change")
			}
			c.refused(c.write("PUT", rc.path(), first, rc.other), 412, "If-Match")
			a = c.wantStatus(c.write("PATCH", rc.path(), `"x", W/`+second, rc.patch), 200)
			patched := a.body
			replaced := c.wantStatus(c.write("PUT", rc.path(), "*", rc.other), 200)
			if got, want := withoutVersion(t, patched), withoutVersion(t, replaced.body); got != want {
				t.Errorf("patched %s, want %s", got, want)
			}

			c.refused(c.write("PATCH", rc.path(), "*", `{"id":"other"}`), 400, "id")
			c.refused(c.write("PUT", rc.path(), "*", `{"id":"other"}`), 400, "id")
			c.wantStatus(c.write("DELETE", rc.path(), replaced.header.Get("ETag"), ""), 204)
			c.refused(c.write("DELETE", rc.path(), "*", ""), 404, strings.TrimSuffix(rc.plural, "s")+"_id")
			c.refused(c.write("PATCH", rc.path(), "*", rc.patch), 404, strings.TrimSuffix(rc.plural, "s")+"_id")
			c.refused(c.write("PUT", rc.path(), "*", rc.body), 412, "If-Match")

			// Created anew it is at version 1 again, and yet not what a tag of the
			// old one stands for.
			a = c.wantStatus(c.write("PUT", rc.path(), "", rc.other), 201)
			if a.header.Get("ETag") == first {
				t.Error("another document has the ETag of the one before")
			}
			c.refused(c.write("PUT", rc.path(), first, rc.body), 412, "If-Match")
			r = httptest.NewRequest("PUT", rc.path(), strings.NewReader(rc.body))
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("If-None-Match", "*")
			c.refused(c.do(r), 412, "If-None-Match")
		})
	}
}

func withoutVersion(t *testing.T, body []byte) string {
	t.Helper()
	doc, _, ok := strings.Cut(string(body), `,"version":`)
	if !ok {
		t.Errorf("%s has no version", body)
	}
	return doc
}

// What is refused changes nothing.
func TestResourceRefused(t *testing.T) {
	for _, rc := range resourceCases {
		t.Run(rc.plural, func(t *testing.T) {
			c := newClient(t)
			before := c.wantStatus(c.send("POST", "/"+rc.plural, rc.whole(rc.body)), 201)
			tests := []struct {
				name, method, target, body, field string
				status                            int
			}{
				{"bad", "PUT", rc.path(), rc.bad, rc.badField, 400},
				{"bad, as a patch", "PATCH", rc.path(), rc.bad, rc.badField, 400},
				{"bad, new", "POST", "/" + rc.plural, `{"id":"new",` + rc.bad[1:], rc.badField, 400},
				{"unknown member", "PUT", rc.path(), `{"colour":1,` + rc.body[1:], "colour", 400},
				{"unknown member, as a patch", "PATCH", rc.path(), `{"colour":1}`, "colour", 400},
				{"member given twice", "PUT", rc.path(), `{"id":"a","id":"a"}`, "id", 400},
				{"no id", "POST", "/" + rc.plural, rc.body, "id", 400},
				{"id that is a number", "POST", "/" + rc.plural, `{"id":7,` + rc.body[1:], "id", 400},
				{"id with a control character", "POST", "/" + rc.plural, `{"id":"a\u0000",` + rc.body[1:], "id", 400},
				{"no object", "POST", "/" + rc.plural, `[]`, "body", 400},
				{"nothing", "PUT", rc.path(), ` `, "body", 400},
				{"cut short", "PUT", rc.path(), `{"id":`, "id", 400},
				{"query", "PUT", rc.path() + "?dry=true", rc.body, "dry", 400},
				{"too large", "PUT", rc.path(), `{"text":{"ja":"` + strings.Repeat("x", 11<<20) + `"}}`, "body", 413},
			}
			for _, tt := range tests {
				t.Run(tt.name, func(t *testing.T) {
					c := *c
					c.t = t
					c.refused(c.write(tt.method, tt.target, "*", tt.body), tt.status, tt.field)
					if got, want := string(c.get("/"+rc.plural).body), `{"`+rc.plural+`":[`+string(before.body)+`]}`; got != want {
						t.Errorf("there is %s, want %s", got, want)
					}
				})
			}
			r := httptest.NewRequest("PUT", rc.path(), strings.NewReader(rc.body))
			r.Header.Set("Content-Type", "text/plain")
			c.refused(c.do(r), 415, "Content-Type")
		})
	}
}

func TestResourcePages(t *testing.T) {
	c := newClient(t)
	var want []string
	for i := range 25 {
		id := fmt.Sprintf("r-%02d", i)
		c.wantStatus(c.send("POST", "/rules", fmt.Sprintf(`{"id":%q,"action":"hide","condition":"true"}`, id)), 201)
		want = append(want, id)
	}
	type page struct {
		Rules []struct{ ID string }
		Next  string `json:"next_cursor"`
	}
	var got []string
	target := "/rules?limit=10"
	for pages := 1; ; pages++ {
		p := decode[page](t, c.wantStatus(c.get(target), 200))
		for _, r := range p.Rules {
			got = append(got, r.ID)
		}
		if p.Next == "" {
			if pages != 3 {
				t.Errorf("%d pages, want 3", pages)
			}
			break
		}
		target = "/rules?limit=10&cursor=" + p.Next
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	c.refused(c.get("/rules?limit=0"), 400, "limit")
	c.refused(c.get("/rules?cursor=!"), 400, "cursor")
}

// A shop without a place for configuration says so.
func TestNoConfiguration(t *testing.T) {
	bare, err := live.Open(t.Context(), live.Config{Log: store.NewMemory()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = bare.Close() })
	c := newClient(t, func(cfg *Config) { cfg.Shop = bare })
	for _, rc := range resourceCases {
		c.refused(c.get("/"+rc.plural), http.StatusServiceUnavailable, "")
		c.refused(c.send("POST", "/"+rc.plural, rc.whole(rc.body)), http.StatusServiceUnavailable, "")
	}
}

func TestRuleFaults(t *testing.T) {
	c := newClient(t)
	tests := []struct{ name, body, field string }{
		{"condition that cannot be read", `{"id":"r","action":"hide","condition":"item.price <"}`, "condition"},
		{"unknown variable", `{"id":"r","action":"hide","condition":"item.colour == 'red'"}`, "condition"},
		{"no condition", `{"id":"r","action":"hide"}`, "condition"},
		{"unknown action", `{"id":"r","action":"praise","condition":"true"}`, "action"},
		{"no action", `{"id":"r","condition":"true"}`, "action"},
		{"unknown placement", `{"id":"r","action":"hide","condition":"true","placements":["nowhere"]}`, "placements[0]"},
		{"placement twice", `{"id":"r","action":"hide","condition":"true","placements":["home","home"]}`, "placements[1]"},
		{"ends before it starts", `{"id":"r","action":"hide","condition":"true","starts_at":"2030-01-02T00:00:00Z","ends_at":"2030-01-01T00:00:00Z"}`, "ends_at"},
		{"ended", `{"id":"r","action":"hide","condition":"true","ends_at":"2020-01-01T00:00:00Z"}`, "ends_at"},
		{"time that is none", `{"id":"r","action":"hide","condition":"true","ends_at":"tomorrow"}`, "ends_at"},
		{"boost without factor", `{"id":"r","action":"boost","condition":"true"}`, "factor"},
		{"factor without boost", `{"id":"r","action":"bury","factor":2,"condition":"true"}`, "factor"},
		{"pin of nothing", `{"id":"r","action":"pin"}`, "item_ids"},
		{"pin of an item twice", `{"id":"r","action":"pin","item_ids":["a","a"]}`, "item_ids[1]"},
		{"position out of range", `{"id":"r","action":"pin","item_ids":["a"],"position":101}`, "position"},
		{"items of a hide", `{"id":"r","action":"hide","condition":"true","item_ids":["a"]}`, "item_ids"},
		{"status", `{"id":"r","action":"hide","condition":"true","status":"on"}`, "status"},
		{"priority", `{"id":"r","action":"hide","condition":"true","priority":1001}`, "priority"},
		{"note", `{"id":"r","action":"hide","condition":"true","note":"` + strings.Repeat("x", 1001) + `"}`, "note"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c.refused(c.send("POST", "/rules", tt.body), 400, tt.field)
			c.refused(c.get("/rules/r"), 404, "rule_id")
		})
	}
}

func TestPlacementFaults(t *testing.T) {
	c := newClient(t)
	tests := []struct{ name, body, field string }{
		{"unknown like", `{"id":"p","like":"nowhere"}`, "like"},
		{"unknown model", `{"id":"p","model":"best"}`, "model"},
		{"limit", `{"id":"p","limit":-1}`, "limit"},
		{"prices", `{"id":"p","filter":{"price_min":5,"price_max":1}}`, "filter.price_min"},
		{"negative price", `{"id":"p","filter":{"price_min":-5}}`, "filter.price_min"},
		{"empty tag", `{"id":"p","filter":{"tags":[""]}}`, "filter.tags[0]"},
		{"widget without kind", `{"id":"p","widgets":[{"id":"w"}]}`, "widgets[0].kind"},
		{"unknown kind", `{"id":"p","widgets":[{"id":"w","kind":"poem"}]}`, "widgets[0].kind"},
		{"widgets of one id", `{"id":"p","widgets":[{"id":"w","kind":"popular"},{"id":"w","kind":"offers"}]}`, "widgets[1].id"},
		{"widget of an unknown placement", `{"id":"p","widgets":[{"id":"w","kind":"recommend","placement":"nowhere"}]}`, "widgets[0].placement"},
		{"placement of offers", `{"id":"p","widgets":[{"id":"w","kind":"offers","placement":"home"}]}`, "widgets[0].placement"},
		{"relation", `{"id":"p","widgets":[{"id":"w","kind":"related","relation":"cousins"}]}`, "widgets[0].relation"},
		{"too many offers", `{"id":"p","widgets":[{"id":"w","kind":"offers","limit":11}]}`, "widgets[0].limit"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c.refused(c.send("POST", "/placements", tt.body), 400, tt.field)
			c.refused(c.get("/placements/p"), 404, "placement_id")
		})
	}
	// A placement stays as long as a rule is for it.
	c.wantStatus(c.send("POST", "/placements", `{"id":"p"}`), 201)
	c.wantStatus(c.send("POST", "/rules", `{"id":"r","action":"hide","condition":"true","placements":["p"]}`), 201)
	c.refused(c.write("DELETE", "/placements/p", "*", ""), 409, "")
	c.wantStatus(c.get("/placements/p"), 200)
	c.wantStatus(c.write("DELETE", "/rules/r", "*", ""), 204)
	c.wantStatus(c.write("DELETE", "/placements/p", "*", ""), 204)
}

func TestTooManyDocuments(t *testing.T) {
	memory := store.NewMemory()
	for i := range live.MaxDocuments {
		if _, err := memory.PutDocument(recommend.DocumentPlacement, fmt.Sprint("p", i), fmt.Appendf(nil, `{"id":"p%d"}`, i), recommend.VersionNone, testNow); err != nil {
			t.Fatal(err)
		}
	}
	shop, err := live.Open(t.Context(), live.Config{Log: memory, Documents: memory})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = shop.Close() })
	c := newClient(t, func(cfg *Config) { cfg.Shop = shop })
	c.refused(c.send("POST", "/placements", `{"id":"one-more"}`), 409, "")
	c.wantStatus(c.write("PUT", "/placements/p7", "*", `{"limit":3}`), 200)
}

// Only a path of the contract is an id's.
func TestResourcePaths(t *testing.T) {
	c := newClient(t)
	for _, path := range []string{"/rules/a/b", "/rules/a%2Fb/c", "/offers/decide", "/offers/decisions", "/offers/decisions/d", "/offers/decisions/d/confirm"} {
		for _, method := range []string{"GET", "PUT", "PATCH", "DELETE"} {
			if a := c.write(method, path, "*", `{}`); a.status != 404 && a.status != 405 {
				t.Errorf("%s %s: status %d: %s", method, path, a.status, a.body)
			}
		}
	}
}
