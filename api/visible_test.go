package api

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
)

// What was acknowledged is part of the very next answer, over real connections,
// without min_seq and while others write.
func TestAcknowledgedIsVisible(t *testing.T) {
	c := newStockedClient(t)
	server := httptest.NewServer(c.handler)
	defer server.Close()
	send := func(method, path, body string, into any) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, server.URL+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		if body != "" {
			r.Header.Set("Content-Type", "application/json")
		}
		res, err := server.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		text, err := io.ReadAll(res.Body)
		if err != nil || res.StatusCode != http.StatusOK {
			t.Fatalf("%s %s: status %d, %v: %s", method, path, res.StatusCode, err, text)
		}
		if into == nil {
			return
		}
		if err := json.Unmarshal(text, into); err != nil {
			t.Fatal(err)
		}
	}

	stop := make(chan struct{})
	var others sync.WaitGroup
	for w := range 2 {
		others.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				// Not send: only the test's own goroutine may end it.
				res, err := server.Client().Post(server.URL+"/events", "application/json",
					strings.NewReader(fmt.Sprintf(`{"event":"view_item","session_id":"noise-%d-%d","items":[{"item_id":"mug"},{"item_id":"lamp"}]}`, w, i)))
				if err != nil {
					t.Error(err)
					return
				}
				_ = res.Body.Close()
			}
		})
	}
	defer func() {
		close(stop)
		others.Wait()
	}()

	for i := range 10 {
		var wrote eventResults
		var got list
		send("POST", "/events", fmt.Sprintf(`{"event":"view_item","anonymous_id":"a%d","session_id":"s%d","items":[{"item_id":"beans"}]}`, i, i), &wrote)
		send("GET", fmt.Sprintf("/recommend?anonymous_id=a%d&repeat=exclude", i), "", &got)
		if got.AppliedSeq < wrote.Seq || got.Items[0].ID != "filter" {
			t.Errorf("round %d: wrote %d, the answer knows %d: %v", i, wrote.Seq, got.AppliedSeq, got.ids())
		}
		var known struct{ Counts map[string]int }
		send("GET", fmt.Sprintf("/customers/a%d", i), "", &known)
		if known.Counts["view_item"] != 1 {
			t.Errorf("round %d: the visitor's history is %v", i, known.Counts)
		}

		send("PATCH", "/items/filter", `{"available":false}`, nil)
		var without list
		send("GET", "/popular?limit=100", "", &without)
		if slices.Contains(without.ids(), "filter") {
			t.Errorf("round %d: an item just taken off sale is shown", i)
		}
		send("PATCH", "/items/filter", fmt.Sprintf(`{"available":true,"price":%d}`, 500+i), nil)
		var again list
		send("GET", "/popular?limit=100&fields=price", "", &again)
		at := slices.Index(again.ids(), "filter")
		if at < 0 || again.Items[at].Price != float64(500+i) {
			t.Errorf("round %d: an item back on sale at %d: place %d of %+v", i, 500+i, at, again.Items)
		}
	}
}
