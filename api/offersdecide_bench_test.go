package api

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// BenchmarkDecide is the whole handler with 200 active offers of three clauses
// each, caps and budgets, for customers with a cart, each of whom the ledger
// knows to have seen three offers. A reservation includes its
// commit, to a store in memory.
func BenchmarkDecide(b *testing.B) {
	const offers = 200
	for _, customers := range []int{0, 10_000} {
		c := newClient(b)
		c.ok("POST", "/items", `[{"item_id":"phone","category":["Phones"],"price":80000},{"item_id":"case","category":["Cases"],"price":2000}]`)
		for i := range offers {
			c.offer(fmt.Sprintf(`{"id":"o%d","status":"active","priority":%d,"caps":{"per_customer_day":2,"per_customer_total":1000,"cooldown_hours":1},"budget":{"max_redemptions":1000000},
				"condition":"customer.orders >= %d && cart.total > %d && 'Phones' in customer.last_order_categories","text":{"ja":"x"}}`, i, i, i%3, i*20))
		}
		events := make([]string, 0, 1000)
		for i := range customers {
			for k := range 3 {
				events = append(events, fmt.Sprintf(`{"event":"view_promotion","customer_id":"ann-%d","decision_id":"d-%d","offer_id":"o%d"}`, i, i, (i+k*67)%offers))
			}
			if len(events) >= 900 || i == customers-1 {
				c.ok("POST", "/events", "["+strings.Join(events, ",")+"]")
				events = events[:0]
			}
		}
		for _, reserve := range []bool{false, true} {
			b.Run(fmt.Sprintf("customers=%d/reserve=%v", customers, reserve), func(b *testing.B) {
				n := 0
				took := make([]time.Duration, 0, 1<<16)
				b.ReportAllocs()
				for b.Loop() {
					n++
					body := fmt.Appendf(nil, `{"customer_id":"ann-%d","customer":{"orders":1,"last_order_categories":["Phones"]},"channel":"web","cart":[{"item_id":"case","quantity":2}],"reserve":%v}`, n*7919%max(customers, 1), reserve)
					r, err := http.NewRequestWithContext(b.Context(), http.MethodPost, "/offers/decide", bytes.NewReader(body))
					if err != nil {
						b.Fatal(err)
					}
					r.Header.Set("Content-Type", "application/json")
					w := unread{header: http.Header{}}
					began := time.Now()
					c.handler.ServeHTTP(&w, r)
					if len(took) < cap(took) {
						took = append(took, time.Since(began))
					}
					if w.status != http.StatusOK {
						b.Fatal(w.status)
					}
				}
				slices.Sort(took)
				b.ReportMetric(float64(took[len(took)/2]), "p50-ns")
			})
		}
	}
}

// unread takes an answer and forgets its body, so that what is measured is the
// handler and not a recorder.
type unread struct {
	header http.Header
	status int
}

func (u *unread) Header() http.Header            { return u.header }
func (u *unread) WriteHeader(status int)         { u.status = status }
func (u *unread) Write(body []byte) (int, error) { return len(body), nil }
