package api

import (
	"strings"
	"testing"
)

const aYear = `"starts_at":"2030-01-01T00:00:00+09:00","ends_at":"2031-01-01T00:00:00+09:00"`

func TestOfferFaults(t *testing.T) {
	c := newClient(t)
	c.wantStatus(c.send("POST", "/offers", `{"id":"pair","status":"active","bundle":{"item_ids":["a","b"]},"text":{"en":"x"},`+aYear+`}`), 201)
	loop := strings.Repeat("[1,2,3,4,5,6,7,8].all(x, ", 10) + "true" + strings.Repeat(")", 10) // 8^10 = 2^30 steps
	tests := []struct{ name, members, field string }{
		{"condition that cannot be read", `"condition":"cart.total >"`, "condition"},
		{"unknown variable", `"condition":"customer.mood == 'good'"`, "condition"},
		{"condition that is a number", `"condition":"1 + 1"`, "condition"},
		{"a loop of a billion steps", `"condition":"` + loop + `"`, "condition"},
		{"condition too long", `"condition":"` + strings.Repeat(" ", 2048) + `true"`, "condition"},
		{"negative budget", `"budget":{"max_yen":-500}`, "budget.max_yen"},
		{"budget of nothing", `"budget":{"max_redemptions":0}`, "budget.max_redemptions"},
		{"negative cap", `"caps":{"per_customer_day":-1}`, "caps.per_customer_day"},
		{"past end", `"ends_at":"2020-01-01T00:00:00Z"`, "ends_at"},
		{"ends before it starts", `"starts_at":"2031-01-01T00:00:00Z","ends_at":"2030-01-01T00:00:00Z"`, "ends_at"},
		{"time that is none", `"ends_at":"new year"`, "ends_at"},
		{"bundle of one", `"bundle":{"item_ids":["a"]}`, "bundle.item_ids"},
		{"bundle of one twice", `"bundle":{"item_ids":["a","a"]}`, "bundle.item_ids[1]"},
		{"overlapping bundle", `"status":"active","bundle":{"item_ids":["c","b"]},` + aYear, "bundle.item_ids[1]"},
		{"holdout", `"holdout_bp":10001`, "holdout_bp"},
		{"unknown status", `"status":"live"`, "status"},
		{"unknown consent", `"consent":["everything"]`, "consent[0]"},
		{"text in another language", `"text":{"fr":"x"}`, "text"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			body := `{"id":"o",` + tt.members
			if !strings.Contains(tt.members, `"text"`) {
				body += `,"text":{"en":"x"}`
			}
			c.refused(c.send("POST", "/offers", body+"}"), 400, tt.field)
			c.refused(c.get("/offers/o"), 404, "offer_id")
		})
	}
	c.refused(c.send("POST", "/offers", `{"id":"o"}`), 400, "text")
}

func TestOfferStatus(t *testing.T) {
	c := newClient(t)
	c.wantStatus(c.send("POST", "/offers", `{"id":"o","text":{"en":"x"}}`), 201)
	to := func(status string) answer { return c.write("PATCH", "/offers/o", "*", `{"status":"`+status+`"}`) }
	c.refused(to("paused"), 409, "status")
	c.wantStatus(to("active"), 200)
	c.refused(to("draft"), 409, "status")
	c.refused(c.write("PUT", "/offers/o", "*", `{"text":{"en":"x"}}`), 409, "status")
	c.wantStatus(to("paused"), 200)
	c.wantStatus(to("archived"), 200)
	c.refused(to("active"), 409, "status")
}
