package api

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What is shown again and again without a click makes room, and a click brings
// it back; all as the storefront sees it.
func TestListsRotate(t *testing.T) {
	c := newClient(t)
	var views []string
	// After the kettle, ten visits go on to tea and nine to coffee.
	for i := range 19 {
		next := "tea"
		if i >= 10 {
			next = "coffee"
		}
		for k, item := range []string{"kettle", next} {
			views = append(views, fmt.Sprintf(`{"event":"view_item","anonymous_id":"v%d","session_id":"s%d","time":"2026-01-30T0%d:00:00Z","items":[{"item_id":%q}]}`, i, i, k, item))
		}
	}
	views = append(views, `{"event":"view_item","anonymous_id":"me","session_id":"mine","time":"2026-01-31T00:00:00Z","items":[{"item_id":"kettle"}]}`)
	c.ok("POST", "/events", "["+strings.Join(views, ",")+"]")
	if err := c.shop.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	ask := func(placement string) list {
		t.Helper()
		return decode[list](t, c.get("/recommend?anonymous_id=me&session_id=mine&limit=2&exclude=kettle&placement="+placement))
	}
	want := func(when, placement string, want ...string) list {
		t.Helper()
		got := ask(placement)
		if diff := cmp.Diff(want, got.ids()); diff != "" {
			t.Errorf("%s, %s (-want +got):\n%s", when, placement, diff)
		}
		return got
	}
	before := want("at first", "home", "tea", "coffee").Items[0].Score
	want("at first", "session", "tea", "coffee")

	for i := range 10 {
		c.ok("POST", "/events", fmt.Sprintf(`{"event":"view_item_list","anonymous_id":"me","session_id":"mine","time":"2026-01-31T01:0%d:00Z","items":[{"item_id":"tea"}]}`, i))
	}
	shown := want("shown ten times", "home", "coffee", "tea").Items[1].Score
	if ratio := shown / before; ratio < 0.49 || ratio > 0.51 { // 1 / (1 + 0.1*10)
		t.Errorf("ten impressions leave %.3f of the score, want half", ratio)
	}
	want("shown ten times", "session", "tea", "coffee") // does not rotate

	c.ok("POST", "/events", `{"event":"select_item","anonymous_id":"me","session_id":"mine","time":"2026-01-31T02:00:00Z","items":[{"item_id":"tea"}]}`)
	want("clicked", "home", "tea", "coffee")
}
