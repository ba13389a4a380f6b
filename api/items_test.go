package api

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

type written struct {
	Seq      uint64
	Upserted int
}

func TestItemLifeCycle(t *testing.T) {
	c := newClient(t)
	if got := decode[written](t, c.ok("POST", "/items", `{"item_id":"a","title":{"ja":"霧","en":"Kiri"},"price":1480,"list_price":1980,"attributes":{"g":200}}`)); got.Upserted != 1 || got.Seq == 0 {
		t.Errorf("posted: %+v", got)
	}
	want := `{"item_id":"a","title":{"en":"Kiri","ja":"霧"},"price":1480,"list_price":1980,"currency":"JPY","available":true,"attributes":{"g":"200"}}`
	if got := string(c.get("/items/a").body); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}

	patched := decode[struct {
		Seq  uint64
		Item map[string]any
	}](t, patch(c, "a", `{"price":1280,"list_price":null,"title":{"en":null},"attributes":{"origin":"Kyoto"},"stock":3}`))
	wantItem := map[string]any{
		"item_id": "a", "title": map[string]any{"ja": "霧"}, "price": 1280.0, "currency": "JPY",
		"available": true, "stock": 3.0, "attributes": map[string]any{"g": "200", "origin": "Kyoto"},
	}
	if diff := cmp.Diff(wantItem, patched.Item); diff != "" {
		t.Errorf("patched (-want +got):\n%s", diff)
	}
	now := decode[map[string]any](t, c.get(fmt.Sprintf("/items/a?min_seq=%d", patched.Seq)))
	if diff := cmp.Diff(wantItem, now); diff != "" {
		t.Errorf("read after the patch (-want +got):\n%s", diff)
	}

	put := decode[written](t, c.ok("PUT", "/items/a", `{"title":"新"}`))
	if got, want := string(c.get("/items/a").body), `{"item_id":"a","title":{"ja":"新"},"available":true}`; got != want {
		t.Errorf("after PUT %s, want %s", got, want)
	}
	deleted := decode[written](t, c.ok("DELETE", "/items/a", ""))
	if deleted.Seq <= put.Seq {
		t.Errorf("deleted at %d, put at %d", deleted.Seq, put.Seq)
	}
	c.refused(c.get("/items/a"), 404, "item_id")
	c.refused(c.send("DELETE", "/items/a", ""), 404, "item_id")
	c.refused(patch(c, "a", `{"price":1}`), 404, "item_id")
}

func patch(c *client, id, body string) answer {
	c.t.Helper()
	return c.sendAs("PATCH", "/items/"+id, "application/merge-patch+json", body)
}

func TestItemIDsInPaths(t *testing.T) {
	c := newClient(t)
	for _, id := range []string{"a/b", "a b", "100%", "霧", "a?b#c", "..", "a+b", "items", "%2F", strings.Repeat("x", 256)} {
		path := "/items/" + url.PathEscape(id)
		c.ok("PUT", path, `{"title":"x"}`)
		if got := decode[struct {
			ID string `json:"item_id"`
		}](t, c.get(path)); got.ID != id {
			t.Errorf("put %q, got %q", id, got.ID)
		}
	}
	c.refused(c.get("/items/"+strings.Repeat("x", 257)), 400, "item_id")
	c.refused(c.get("/items/a%00b"), 400, "item_id")
	c.refused(c.get("/items/a%FFb"), 400, "item_id")
	c.refused(c.send("PUT", "/items/a", `{"item_id":"b"}`), 400, "item_id")
}

func TestBadItems(t *testing.T) {
	c := newClient(t)
	c.ok("PUT", "/items/i", `{"price":100}`)
	before := c.shop.Status().Acknowledged
	for name, x := range badItems() {
		t.Run(name, func(t *testing.T) {
			c.refused(c.send("POST", "/items", x.body), 400, x.field)
			if x.body != `{}` { // the path has the id
				c.refused(c.send("PUT", "/items/i", x.body), 400, x.field)
				c.refused(patch(c, "i", x.body), 400, x.field)
			}
		})
	}
	for name, x := range map[string]struct{ body, field string }{
		"other id":              {`{"item_id":"j"}`, "item_id"},
		"unknown field removed": {`{"colour":null}`, "colour"},
		"array":                 {`[{"price":1}]`, "body"},
		"half a yen":            {`{"price":0.5}`, "price"},
	} {
		t.Run("patch "+name, func(t *testing.T) { c.refused(patch(c, "i", x.body), 400, x.field) })
	}
	if after := c.shop.Status().Acknowledged; after != before {
		t.Errorf("%d records were written", after-before)
	}
}

func TestBulkItemsAreAllOrNothing(t *testing.T) {
	c := newClient(t)
	p := c.refused(c.send("POST", "/items", `[{"item_id":"a"},{"item_id":"b","price":-1},{"item_id":"a"},{"id":"c"}]`), 400, "[1].price")
	var got []string
	for _, e := range p.Errors {
		got = append(got, fmt.Sprintf("%d %s", e.Index, e.Field))
	}
	if diff := cmp.Diff([]string{"1 price", "2 item_id", "3 id"}, got); diff != "" {
		t.Errorf("errors (-want +got):\n%s", diff)
	}
	c.refused(c.get("/items/a"), 404, "item_id")

	const ndjson = "application/x-ndjson"
	p = c.refused(c.sendAs("POST", "/items", ndjson, "{\"item_id\":\"a\"}\n\n{\"item_id\":"), 400, "[1].item_id")
	if len(p.Errors) != 1 || p.Errors[0].Line != 3 {
		t.Errorf("errors: %+v", p.Errors)
	}
	if got := decode[written](t, c.sendAs("POST", "/items", ndjson, "{\"item_id\":\"a\"}\n{\"item_id\":\"b\"}\n")); got.Upserted != 2 {
		t.Errorf("posted: %+v", got)
	}
	c.refused(c.send("POST", "/items", "["+strings.Repeat(`{"item_id":"x"},`, maxEntries)+`{"item_id":"y"}]`), 413, "body")
}

type page struct {
	Items []struct {
		ID string `json:"item_id"`
	}
	Next string `json:"next_cursor"`
}

func TestListItems(t *testing.T) {
	c := newClient(t)
	if got := string(c.get("/items").body); got != `{"items":[]}` {
		t.Errorf("an empty catalog lists as %s", got)
	}
	var items, want []string
	for i := range 25 {
		id := fmt.Sprintf("i%02d/あ", i)
		items, want = append(items, `{"item_id":"`+id+`"}`), append(want, id)
	}
	c.ok("POST", "/items", "["+strings.Join(items, ",")+"]")
	for _, limit := range []int{1, 7, 24, 25, 26} {
		var got []string
		pages := 0
		for cursor := ""; pages == 0 || cursor != ""; pages++ {
			p := decode[page](t, c.get(fmt.Sprintf("/items?limit=%d&cursor=%s", limit, cursor)))
			for _, it := range p.Items {
				got = append(got, it.ID)
			}
			if len(p.Items) > limit {
				t.Fatalf("limit %d: a page of %d", limit, len(p.Items))
			}
			cursor = p.Next
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("limit %d (-want +got):\n%s", limit, diff)
		}
		if wantPages := (25 + limit - 1) / limit; pages != wantPages {
			t.Errorf("limit %d: %d pages, want %d", limit, pages, wantPages)
		}
	}
	for target, field := range map[string]string{
		"/items?limit=0": "limit", "/items?limit=1001": "limit", "/items?limit=x": "limit", "/items?limit=": "limit",
		"/items?cursor=!": "cursor", "/items?cursor=aQ": "cursor", "/items?cursor=MQ": "cursor",
		"/items?page=2": "page", "/items?min_seq=9999": "min_seq", "/items?min_seq=-1": "min_seq",
		"/items/a?fields=title": "fields",
	} {
		c.refused(c.get(target), 400, field)
	}
}
