package api

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"osusume/recommend"
)

var testNow = time.Date(2026, 1, 31, 3, 0, 0, 0, time.UTC)

func TestDecodeEvent(t *testing.T) {
	yen := func(n int64) recommend.Money { return recommend.Money{Amount: n, Currency: "JPY"} }
	cases := []struct {
		name, body string
		want       recommend.Event
	}{
		{
			"least", `{"event":"login","customer_id":"c1"}`,
			recommend.Event{Type: recommend.Login, CustomerID: "c1", Time: testNow},
		},
		{
			"all fields",
			`{"event":"purchase","event_id":"e1","customer_id":"c1","anonymous_id":"a1","session_id":"s1",
			  "time":"2026-01-31T09:30:00+09:00","channel":"web","order_id":"o1","currency":"USD",
			  "recommendation_id":"r_1","value":29.99,
			  "items":[{"item_id":"i1","quantity":2,"price":12.5},{"item_id":"i2","price":4999,"currency":"JPY"}]}`,
			recommend.Event{
				Type: recommend.Purchase, ID: "e1", CustomerID: "c1", AnonymousID: "a1", SessionID: "s1",
				Time: time.Date(2026, 1, 31, 0, 30, 0, 0, time.UTC), Channel: "web", OrderID: "o1", RecommendationID: "r_1",
				Items: []recommend.EventItem{
					{ItemID: "i1", Quantity: 2, Price: recommend.Money{Amount: 1250, Currency: "USD"}},
					{ItemID: "i2", Quantity: 1, Price: yen(4999)},
				},
			},
		},
		{
			"null is absent",
			`{"event":"view_item","event_id":null,"session_id":"s1","time":null,"items":[{"item_id":"i1","quantity":null,"price":null}]}`,
			recommend.Event{Type: recommend.ViewItem, SessionID: "s1", Time: testNow, Items: []recommend.EventItem{{ItemID: "i1", Quantity: 1}}},
		},
		{
			"zero price is a price",
			`{"event":"view_item","session_id":"s1","items":[{"item_id":"i1","price":0}]}`,
			recommend.Event{Type: recommend.ViewItem, SessionID: "s1", Time: testNow, Items: []recommend.EventItem{{ItemID: "i1", Quantity: 1, Price: yen(0)}}},
		},
		{
			"rating keeps its value",
			`{"event":"rating","customer_id":"c1","value":4.5,"items":[{"item_id":"i1"}]}`,
			recommend.Event{Type: recommend.Rating, CustomerID: "c1", Time: testNow, Value: 4.5, Items: []recommend.EventItem{{ItemID: "i1", Quantity: 1}}},
		},
		{
			"an order's total is not a rating",
			`{"event":"purchase","event_id":"e","order_id":"o","value":12,"items":[{"item_id":"i1"}]}`,
			recommend.Event{Type: recommend.Purchase, ID: "e", OrderID: "o", Time: testNow, Items: []recommend.EventItem{{ItemID: "i1", Quantity: 1}}},
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := decodeEvent([]byte(c.body), testNow)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("decodeEvent (-want +got):\n%s", diff)
			}
		})
	}
}

// badEvents are bodies of one event with the field each must be refused for.
func badEvents() map[string]struct{ body, field string } {
	item := func(fields string) string {
		return `{"event":"purchase","customer_id":"c","items":[{"item_id":"ok"},{"item_id":"i",` + fields + `}]}`
	}
	event := func(fields string) string {
		return `{"event":"view_item","customer_id":"c","items":[{"item_id":"i"}],` + fields + `}`
	}
	long := strings.Repeat("x", 257)
	return map[string]struct{ body, field string }{
		"empty body":               {``, "body"},
		"only space":               {" \n", "body"},
		"cut short":                {`{"event":"view_item"`, "body"},
		"not json":                 {`event=view_item`, "body"},
		"something after":          {`{"event":"login","customer_id":"c"} {}`, "body"},
		"null":                     {`null`, "body"},
		"a string":                 {`"view_item"`, "body"},
		"empty object":             {`{}`, "event"},
		"event of wrong type":      {`{"event":7}`, "event"},
		"unknown event":            {`{"event":"buy","customer_id":"c"}`, "event"},
		"event in capitals":        {`{"event":"VIEW_ITEM","customer_id":"c"}`, "event"},
		"unknown field":            {event(`"colour":"red"`), "colour"},
		"other letter case":        {event(`"Session_ID":"s"`), "Session_ID"},
		"field twice":              {event(`"customer_id":"d"`), "customer_id"},
		"nobody":                   {`{"event":"view_item","items":[{"item_id":"i"}]}`, "customer_id"},
		"no items":                 {`{"event":"view_item","customer_id":"c"}`, "items"},
		"empty items":              {`{"event":"view_item","customer_id":"c","items":[]}`, "items"},
		"items an object":          {`{"event":"view_item","customer_id":"c","items":{"item_id":"i"}}`, "items"},
		"item a string":            {`{"event":"view_item","customer_id":"c","items":["i"]}`, "items[0]"},
		"item without id":          {`{"event":"view_item","customer_id":"c","items":[{"quantity":1}]}`, "items[0].item_id"},
		"too many items":           {`{"event":"view_item","customer_id":"c","items":[` + strings.Repeat(`{"item_id":"i"},`, 2000) + `{"item_id":"i"}]}`, "items"},
		"unknown item field":       {item(`"qty":1`), "items[1].qty"},
		"quantity a fraction":      {item(`"quantity":1.5`), "items[1].quantity"},
		"quantity in quotes":       {item(`"quantity":"2"`), "items[1].quantity"},
		"quantity negative":        {item(`"quantity":-1`), "items[1].quantity"},
		"quantity huge":            {item(`"quantity":1000001`), "items[1].quantity"},
		"quantity beyond int64":    {item(`"quantity":99999999999999999999`), "items[1].quantity"},
		"quantity 1e400":           {item(`"quantity":1e400`), "items[1].quantity"},
		"quantity NaN":             {item(`"quantity":NaN`), "items[1].quantity"},
		"price NaN":                {item(`"price":NaN`), "items[1].price"},
		"price Infinity":           {item(`"price":Infinity`), "items[1].price"},
		"price 1e400":              {item(`"price":1e400`), "items[1].price"},
		"price 1e300":              {item(`"price":1e300`), "items[1].price"},
		"price negative":           {item(`"price":-1`), "items[1].price"},
		"price in quotes":          {item(`"price":"12"`), "items[1].price"},
		"price half a yen":         {item(`"price":0.5`), "items[1].price"},
		"item currency":            {item(`"price":1,"currency":"yen"`), "items[1].currency"},
		"currency":                 {event(`"currency":"yen"`), "currency"},
		"time not RFC 3339":        {event(`"time":"31/01/2026"`), "time"},
		"time a number":            {event(`"time":1769826600`), "time"},
		"time far ahead":           {event(`"time":"2126-01-01T00:00:00Z"`), "time"},
		"time before all":          {event(`"time":"0001-01-01T00:00:01Z"`), "time"},
		"month 13":                 {event(`"time":"2026-13-01T00:00:00Z"`), "time"},
		"customer id too long":     {`{"event":"login","customer_id":"` + long + `"}`, "customer_id"},
		"item id too long":         {`{"event":"view_item","customer_id":"c","items":[{"item_id":"` + long + `"}]}`, "items[0].item_id"},
		"control character":        {event(`"session_id":"a\u0000b"`), "session_id"},
		"raw control character":    {event("\"session_id\":\"a\x01b\""), "session_id"},
		"broken utf-8":             {event("\"session_id\":\"a\xff\""), "session_id"},
		"lone surrogate":           {event(`"session_id":"\ud800"`), "session_id"},
		"rating without value":     {`{"event":"rating","customer_id":"c","items":[{"item_id":"i"}]}`, "value"},
		"value beyond a float":     {`{"event":"rating","customer_id":"c","value":1e400,"items":[{"item_id":"i"}]}`, "value"},
		"value absurd":             {`{"event":"rating","customer_id":"c","value":1e300,"items":[{"item_id":"i"}]}`, "value"},
		"event id too long":        {event(`"event_id":"` + long + `"`), "event_id"},
		"deep nesting in a string": {event(`"session_id":` + strings.Repeat("[", 9000) + strings.Repeat("]", 9000)), "session_id"},
		"bottomless nesting":       {event(`"session_id":` + strings.Repeat("[", 100_000)), "session_id" + strings.Repeat("[0]", 7)},
	}
}

func TestDecodeEventNamesTheField(t *testing.T) {
	for name, c := range badEvents() {
		t.Run(name, func(t *testing.T) {
			_, err := decodeEvent([]byte(c.body), testNow)
			if err == nil {
				t.Fatal("accepted")
			}
			if err.Code != recommend.CodeInvalid || err.Field != c.field {
				t.Errorf("got %s for field %q (%s), want invalid for %q", err.Code, err.Field, err.Message, c.field)
			}
		})
	}
}

func TestOrderEventID(t *testing.T) {
	id := func(body string) string {
		t.Helper()
		e, err := decodeEvent([]byte(body), testNow)
		if err != nil {
			t.Fatal(err)
		}
		return e.ID
	}
	purchase := func(event, order, items string) string {
		return fmt.Sprintf(`{"event":%q,"order_id":%q,"items":[%s]}`, event, order, items)
	}
	base := id(purchase("purchase", "o1", `{"item_id":"a","price":100},{"item_id":"b"}`))
	if !strings.HasPrefix(base, "order_") || len(base) != len("order_")+26 {
		t.Fatalf("derived id %q has not the form order_ and 26 characters", base)
	}
	same := map[string]string{
		"again":                purchase("purchase", "o1", `{"item_id":"a","price":100},{"item_id":"b"}`),
		"lines in other order": purchase("purchase", "o1", `{"item_id":"b"},{"item_id":"a","price":100}`),
		"quantity spelt out":   purchase("purchase", "o1", `{"item_id":"a","price":100,"quantity":1},{"item_id":"b"}`),
		"another time":         `{"event":"purchase","time":"2026-01-01T00:00:00Z","order_id":"o1","items":[{"item_id":"a","price":100},{"item_id":"b"}]}`,
	}
	for name, body := range same {
		if got := id(body); got != base {
			t.Errorf("%s: id %s, want %s", name, got, base)
		}
	}
	other := map[string]string{
		"refund":         purchase("refund", "o1", `{"item_id":"a","price":100},{"item_id":"b"}`),
		"other order":    purchase("purchase", "o2", `{"item_id":"a","price":100},{"item_id":"b"}`),
		"other price":    purchase("purchase", "o1", `{"item_id":"a","price":101},{"item_id":"b"}`),
		"other quantity": purchase("purchase", "o1", `{"item_id":"a","price":100,"quantity":2},{"item_id":"b"}`),
		"fewer lines":    purchase("purchase", "o1", `{"item_id":"a","price":100}`),
		"line twice":     purchase("purchase", "o1", `{"item_id":"a","price":100},{"item_id":"b"},{"item_id":"b"}`),
	}
	for name, body := range other {
		if got := id(body); got == base {
			t.Errorf("%s: has the same id", name)
		}
	}
	if got := id(`{"event":"view_item","order_id":"o1","items":[{"item_id":"a"}]}`); got != "" {
		t.Errorf("a view got the derived id %q", got)
	}
}

func FuzzDecodeEvent(f *testing.F) {
	for _, c := range badEvents() {
		if len(c.body) < 4096 {
			f.Add([]byte(c.body))
		}
	}
	f.Add([]byte(`{"event":"purchase","event_id":"e1","customer_id":"c1","time":"2026-01-31T09:30:00+09:00","order_id":"o1","currency":"USD","items":[{"item_id":"i1","quantity":2,"price":12.5}]}`))
	for _, body := range append(usualEvents(), unusualEvents()...) {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if scanned, ok := scanEvent(body, testNow); ok {
			strict, err := decodeEventStrictly(body, testNow)
			if err != nil {
				t.Fatalf("scanned what the strict decoder refuses: %v", err)
			}
			if diff := cmp.Diff(strict, scanned); diff != "" {
				t.Fatalf("scanned otherwise (-strict +scanned):\n%s", diff)
			}
		}
		e, err := decodeEvent(body, testNow)
		if err != nil {
			if err.Code != recommend.CodeInvalid {
				t.Fatalf("refused with code %s", err.Code)
			}
			return
		}
		if verr := e.Validate(testNow); verr != nil {
			t.Fatalf("accepted an invalid event: %v", verr)
		}
		again, err := decodeEvent(body, testNow)
		if err != nil {
			t.Fatalf("refused the second time: %v", err)
		}
		if diff := cmp.Diff(e, again); diff != "" {
			t.Fatalf("read differently the second time:\n%s", diff)
		}
	})
}
