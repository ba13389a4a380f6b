package api

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
)

// BenchmarkDecide is the whole handler with 200 active offers of three clauses
// each, for a customer with a history and a cart.
func BenchmarkDecide(b *testing.B) {
	c := newClient(b)
	c.ok("POST", "/items", `[{"item_id":"phone","category":["Phones"],"price":80000},{"item_id":"case","category":["Cases"],"price":2000}]`)
	c.ok("POST", "/events", `{"event":"purchase","order_id":"o1","customer_id":"ann","items":[{"item_id":"phone"}]}`)
	for i := range 200 {
		c.offer(fmt.Sprintf(`{"id":"o%d","status":"active","priority":%d,"caps":{"per_customer_day":2},"budget":{"max_redemptions":1000},
			"condition":"customer.orders >= %d && cart.total > %d && 'Phones' in customer.last_order_categories","text":{"ja":"x"}}`, i, i, i%3, i*20))
	}
	for _, reserve := range []bool{false, true} {
		b.Run(fmt.Sprintf("reserve=%v", reserve), func(b *testing.B) {
			n := 0
			b.ReportAllocs()
			for b.Loop() {
				n++
				body := fmt.Appendf(nil, `{"customer_id":"ann-%d","customer":{"orders":1,"last_order_categories":["Phones"]},"channel":"web","cart":[{"item_id":"case","quantity":2}],"reserve":%v}`, n, reserve)
				r := httptest.NewRequest(http.MethodPost, "/offers/decide", bytes.NewReader(body))
				r.Header.Set("Content-Type", "application/json")
				w := httptest.NewRecorder()
				c.handler.ServeHTTP(w, r)
				if w.Code != http.StatusOK {
					b.Fatal(w.Body)
				}
			}
		})
	}
}
