package api

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCustomer(t *testing.T) {
	c := newClient(t)
	c.ok("POST", "/events", `[
		{"event":"view_item","event_id":"1","customer_id":"c 1","time":"2026-01-30T09:00:00+09:00","items":[{"item_id":"a"}]},
		{"event":"add_to_cart","event_id":"2","customer_id":"c 1","time":"2026-01-30T09:01:00+09:00","items":[{"item_id":"a"}]},
		{"event":"purchase","event_id":"3","customer_id":"c 1","time":"2026-01-30T09:02:00+09:00","order_id":"o","items":[{"item_id":"a"},{"item_id":"b"}]}]`)
	a := c.get("/customers/c%201")
	got := decode[map[string]any](t, a)
	if got["customer_id"] != "c 1" || got["orders"] != 1.0 || got["distinct_items_bought"] != 2.0 || got["applied_seq"] != 3.0 {
		t.Errorf("customer: %s", a.body)
	}
	if diff := cmp.Diff(map[string]any{"view_item": 1.0, "add_to_cart": 1.0, "purchase": 2.0}, got["counts"]); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
	recent := got["recent"].([]any)
	if len(recent) != 4 {
		t.Fatalf("%d interactions, want 4: %s", len(recent), a.body)
	}
	if newest := recent[0].(map[string]any); newest["event"] != "purchase" || newest["time"] != "2026-01-30T00:02:00Z" {
		t.Errorf("newest: %v", newest)
	}
	short := decode[map[string]any](t, c.get("/customers/c%201?limit=1"))
	if n := len(short["recent"].([]any)); n != 1 {
		t.Errorf("limit=1 gave %d interactions", n)
	}
	c.refused(c.get("/customers/nobody"), 404, "customer_id")
	c.refused(c.get("/customers/"+strings.Repeat("x", 257)), 400, "customer_id")
	c.refused(c.get("/customers/c?limit=0"), 400, "limit")
	c.refused(c.get("/customers/c?limit=101"), 400, "limit")
	c.refused(c.get("/customers/c?expand=all"), 400, "expand")
}
