package api

import (
	"fmt"
	"strings"
	"testing"

	"osusume/recommend"
)

// eventResults is the answer to POST /events.
type eventResults struct {
	Accepted, Duplicates, Rejected int
	Seq                            uint64
	Lines                          int // of a stream
	Results                        []struct {
		Index, Line         int
		Status, Code, Field string
		EventID             string `json:"event_id"`
		Seq                 uint64
		Message             string
	}
}

func (r *eventResults) counts() [3]int { return [3]int{r.Accepted, r.Duplicates, r.Rejected} }

func view(id string) string {
	return fmt.Sprintf(`{"event":"view_item","event_id":%q,"customer_id":"c","items":[{"item_id":"i"}]}`, id)
}

func TestPostOneEvent(t *testing.T) {
	c := newClient(t)
	got := decode[eventResults](t, c.ok("POST", "/events", view("e1")))
	if got.counts() != [3]int{1, 0, 0} || got.Seq != 1 || got.Results[0].EventID != "e1" || got.Results[0].Status != "accepted" {
		t.Errorf("first: %+v", got)
	}
	got = decode[eventResults](t, c.ok("POST", "/events", view("e1")))
	if got.counts() != [3]int{0, 1, 0} || got.Seq != 1 || got.Results[0].Status != "duplicate" {
		t.Errorf("again: %+v", got)
	}
	got = decode[eventResults](t, c.ok("POST", "/events", `{"event":"login","customer_id":"c"}`))
	if got.Accepted != 1 || got.Results[0].EventID == "" {
		t.Errorf("an event without id got none: %+v", got)
	}
}

func TestSeqOfDuplicatesIsTheirs(t *testing.T) {
	shop := &faultyShop{ingest: func([]recommend.Event) ([]recommend.Verdict, uint64, error) {
		return []recommend.Verdict{{Status: recommend.Duplicate, EventID: "e1", Seq: 5}}, 0, nil
	}}
	c := newClient(t, func(cfg *Config) { shop.Shop, cfg.Shop = cfg.Shop, shop })
	if got := decode[eventResults](t, c.ok("POST", "/events", view("e1"))); got.Seq != 5 {
		t.Errorf("seq %d, want 5", got.Seq)
	}
}

func TestPostRetriedOrderCountsOnce(t *testing.T) {
	c := newClient(t)
	order := `{"event":"purchase","customer_id":"c","order_id":"o1","items":[{"item_id":"a","quantity":2,"price":100}]}`
	c.ok("POST", "/events", order)
	got := decode[eventResults](t, c.ok("POST", "/events", order))
	if got.counts() != [3]int{0, 1, 0} {
		t.Errorf("the retried order: %+v", got)
	}
}

func TestPostArray(t *testing.T) {
	c := newClient(t)
	body := "[" + strings.Join([]string{
		view("e1"),
		`{"event":"view_item","event_id":"bad","customer_id":"c","items":[{"item_id":"i","quantity":1.5}]}`,
		view("e1"),
		`7`,
		view("e2"),
	}, ",") + "]"
	got := decode[eventResults](t, c.ok("POST", "/events", body))
	if got.counts() != [3]int{2, 1, 2} || got.Seq != 2 {
		t.Errorf("counts %v, seq %d, want 2 accepted, 1 duplicate, 2 rejected, seq 2", got.counts(), got.Seq)
	}
	wantStatus := []string{"accepted", "rejected", "duplicate", "rejected", "accepted"}
	wantSeq := []uint64{1, 0, 1, 0, 2}
	for i, r := range got.Results {
		if r.Index != i || r.Status != wantStatus[i] || r.Seq != wantSeq[i] {
			t.Errorf("entry %d: %+v, want %s at %d", i, r, wantStatus[i], wantSeq[i])
		}
	}
	if r := got.Results[1]; r.Code != "invalid" || r.Field != "items[0].quantity" || r.Message == "" {
		t.Errorf("the fraction: %+v", r)
	}
}

func TestPostNothingGoodIsAProblem(t *testing.T) {
	c := newClient(t)
	p := c.refused(c.send("POST", "/events", `[{"event":"buy"},{"event":"view_item","customer_id":"c"}]`), 400, "[0].event")
	if len(p.Errors) != 2 || p.Errors[1].Index != 1 || p.Errors[1].Field != "items" {
		t.Errorf("errors: %+v", p.Errors)
	}
	if n := c.shop.Status().Acknowledged; n != 0 {
		t.Errorf("%d records were written", n)
	}
}

func TestPostBrokenArrayChangesNothing(t *testing.T) {
	c := newClient(t)
	for name, x := range map[string]struct {
		body   string
		status int
		field  string
	}{
		"cut short":         {"[" + view("e1") + ",", 400, "body"},
		"stray comma":       {"[" + view("e1") + "," + view("e2") + ",}]", 400, "body"},
		"broken at the end": {"[" + view("e1") + `,{"event":tru}]`, 400, "[1].event"},
		"something after":   {"[" + view("e1") + "] " + view("e2"), 400, "body"},
		"missing comma":     {"[" + view("e1") + " " + view("e2") + "]", 400, "body"},
		"empty":             {"[]", 400, "body"},
		"too many":          {"[" + strings.Repeat(`0,`, maxEntries) + "0]", 413, "body"},
		"bottomless":        {strings.Repeat("[", 1_000_000), 400, strings.Repeat("[0]", 8)},
	} {
		t.Run(name, func(t *testing.T) {
			a := c.send("POST", "/events", x.body)
			c.refused(a, x.status, x.field)
			if len(a.body) > 4096 {
				t.Errorf("the problem takes %d bytes", len(a.body))
			}
			if n := c.shop.Status().Acknowledged; n != 0 {
				t.Errorf("%d records were written", n)
			}
		})
	}
}

func TestPostNDJSON(t *testing.T) {
	c := newClient(t)
	const ndjson = "application/x-ndjson"
	body := view("e1") + "\n\n" + `{"event":` + "\n" + view("e2") + "\r\n" + "nonsense"
	got := decode[eventResults](t, c.sendAs("POST", "/events", ndjson, body))
	if got.counts() != [3]int{2, 0, 2} {
		t.Errorf("counts %v, want 2 accepted, 2 rejected", got.counts())
	}
	for i, line := range []int{1, 3, 4, 5} {
		if got.Results[i].Line != line || got.Results[i].Index != i {
			t.Errorf("entry %d: %+v, want line %d", i, got.Results[i], line)
		}
	}
	c.refused(c.sendAs("POST", "/events", ndjson, " \n\n"), 400, "body")
	p := c.refused(c.sendAs("POST", "/events", ndjson, "1\n"), 400, "[0]")
	if len(p.Errors) != 1 || p.Errors[0].Line != 1 {
		t.Errorf("errors: %+v", p.Errors)
	}
}

func TestPostNDJSONInChunks(t *testing.T) {
	c := newClient(t)
	var body strings.Builder
	const events = 2*eventChunk + 1
	for i := range events {
		body.WriteString(view(fmt.Sprintf("e%d", i)) + "\n")
	}
	got := decode[eventResults](t, c.sendAs("POST", "/events", "application/x-ndjson", body.String()))
	if got.counts() != [3]int{events, 0, 0} || got.Seq != events {
		t.Errorf("counts %v, seq %d", got.counts(), got.Seq)
	}
	for i, r := range got.Results {
		if r.Index != i || r.Line != i+1 || r.Seq != uint64(i+1) {
			t.Fatalf("entry %d: %+v", i, r)
		}
	}
}

// A server that is overloaded in the middle of an upload has made some of it
// durable, and says of every entry whether it is.
func TestPostNDJSONStoppedHalfWay(t *testing.T) {
	calls := 0
	shop := &faultyShop{}
	c := newClient(t, func(cfg *Config) { shop.Shop, cfg.Shop = cfg.Shop, shop })
	shop.ingest = func(events []recommend.Event) ([]recommend.Verdict, uint64, error) {
		if calls++; calls == 2 {
			return nil, 0, &recommend.Error{Code: recommend.CodeOverloaded, Message: "too many records wait"}
		}
		return shop.Shop.Ingest(t.Context(), events)
	}
	var body strings.Builder
	for i := range 3 * eventChunk {
		line := view(fmt.Sprintf("e%d", i))
		if i == eventChunk+5 {
			line = "{"
		}
		body.WriteString(line + "\n")
	}
	got := decode[eventResults](t, c.sendAs("POST", "/events", "application/x-ndjson", body.String()))
	if got.counts() != [3]int{eventChunk, 0, 2 * eventChunk} || got.Seq != eventChunk {
		t.Fatalf("counts %v, seq %d", got.counts(), got.Seq)
	}
	for i, code := range map[int]string{0: "", eventChunk - 1: "", eventChunk: "overloaded", eventChunk + 5: "invalid", 3*eventChunk - 1: "overloaded"} {
		if got.Results[i].Code != code {
			t.Errorf("entry %d: %+v, want code %q", i, got.Results[i], code)
		}
	}
	if calls != 2 {
		t.Errorf("the shop was asked %d times, want 2", calls)
	}
}
