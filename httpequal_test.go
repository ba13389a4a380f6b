package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"osusume/api"
	"osusume/bench/datasets"
	"osusume/bench/demoshop"
	"osusume/bench/eval"
	"osusume/recommend"
	"osusume/recommend/engine"
)

// casesServed is how many customers, sessions or baskets are asked for over HTTP.
const casesServed = 200

// tieTolerance is how far apart scores of a tie may be, relative. Learned weights
// are solved to this precision, and the shop that serves solves them again and
// again as events arrive, each time from the solution before, while bench
// solves them once.
const tieTolerance = 1e-4

// TestServedListsAreThoseOfBench feeds the train file of a task through POST
// /events, lets learning finish, asks POST /recommend what bench eval asks the
// engine, and wants the same lists, item by item; only items whose scores are a
// tie may have changed places.
func TestServedListsAreThoseOfBench(t *testing.T) {
	t.Run("a generated shop", func(t *testing.T) {
		train, test := demoFiles(t)
		s := feedOverHTTP(t, train)
		s.compare(eval.Config{Task: eval.Purchases, Train: train, Test: test})
		s.compare(eval.Config{Task: eval.Sessions, Train: train, Test: test, MinPrefix: 2})
		s.compare(eval.Config{Task: eval.Baskets, Train: train, Cases: demoBaskets(t, test)})
		s.compareScores(test)
	})
	t.Run("Online Retail", func(t *testing.T) {
		if testing.Short() || raceEnabled() {
			t.Skip("learning from real data takes a minute: not with -short or -race")
		}
		data := filepath.Join("..", "shared", "data", "online_retail")
		train := filepath.Join(data, "train.csv.gz")
		if _, err := os.Stat(train); err != nil {
			t.Skipf("no such data: %v", err)
		}
		s := feedOverHTTP(t, train)
		s.compare(eval.Config{Task: eval.Purchases, Train: train, Test: filepath.Join(data, "test.csv.gz")})
	})
}

// demoFiles writes the events of a small demo shop as CSV files, the last
// fifth of its year apart.
func demoFiles(t *testing.T) (train, test string) {
	t.Helper()
	shop := demoshop.New(demoshop.Config{Seed: 1, Customers: 1200, Events: 30_000})
	var events []recommend.Event
	for e := range shop.Events() {
		events = append(events, e)
	}
	cut := len(events) * 4 / 5
	return writeEvents(t, "train.csv", events[:cut]), writeEvents(t, "test.csv", events[cut:])
}

// demoBaskets makes cases of the orders of two items or more in an events CSV.
func demoBaskets(t *testing.T, file string) string {
	t.Helper()
	events, _, err := eval.ReadEvents(file, nil)
	if err != nil {
		t.Fatal(err)
	}
	text := "invoice,cart,hidden,seed,rest\n"
	for i := range events {
		e := &events[i]
		if e.Type != recommend.Purchase || len(e.Items) < 2 {
			continue
		}
		ids := make([]string, len(e.Items))
		for k := range e.Items {
			ids[k] = e.Items[k].ItemID
		}
		last := len(ids) - 1
		text += fmt.Sprintf("%s,%s,%s,%s,%s\n", e.OrderID, strings.Join(ids[:last], "|"), ids[last], ids[0], strings.Join(ids[1:], "|"))
	}
	return writeFile(t, "baskets.csv", text)
}

func writeEvents(t *testing.T, name string, events []recommend.Event) string {
	t.Helper()
	rows := [][]string{{"event", "time", "customer_id", "session_id", "order_id", "item_id", "quantity", "price", "value"}}
	for i := range events {
		e := &events[i]
		value := ""
		if e.Type == recommend.Rating {
			value = strconv.FormatFloat(e.Value, 'g', -1, 64)
		}
		for _, it := range e.Items {
			rows = append(rows, []string{
				e.Type.String(), e.Time.UTC().Format(time.RFC3339), e.CustomerID, e.SessionID, e.OrderID,
				it.ItemID, strconv.FormatInt(it.Quantity, 10), "", value,
			})
		}
	}
	var b bytes.Buffer
	if err := csv.NewWriter(&b).WriteAll(rows); err != nil {
		t.Fatal(err)
	}
	return writeFile(t, name, b.String())
}

// servedShop is a shop behind its HTTP API, at a moment of the test's choice.
type servedShop struct {
	t      *testing.T
	url    string
	shop   *shop
	now    atomic.Pointer[time.Time]
	events []recommend.Event
}

// feedOverHTTP serves a fresh shop and sends it the events of an events CSV.
func feedOverHTTP(t *testing.T, train string) *servedShop {
	t.Helper()
	events, skipped, err := eval.ReadEvents(train, nil)
	if err != nil || skipped > 0 {
		t.Fatalf("read %s: %d rows skipped, %v", train, skipped, err)
	}
	s := &servedShop{t: t, events: events}
	s.now.Store(&events[len(events)-1].Time)
	clock := func() time.Time { return *s.now.Load() }
	s.shop, err = openShop(t.Context(), shopConfig{dir: t.TempDir(), logger: slog.New(slog.DiscardHandler), clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(api.New(api.Config{Shop: s.shop, Clock: clock}).Handler())
	s.url = server.URL
	t.Cleanup(func() {
		server.Close()
		if err := s.shop.Close(); err != nil {
			t.Errorf("close shop: %v", err)
		}
	})
	const batch = 2000
	for start := 0; start < len(events); start += batch {
		var body bytes.Buffer
		for _, e := range events[start:min(start+batch, len(events))] {
			line, err := json.Marshal(eventJSON(&e))
			if err != nil {
				t.Fatal(err)
			}
			body.Write(append(line, '\n'))
		}
		var taken struct{ Accepted, Duplicates, Rejected int }
		s.ask("/events", "application/x-ndjson", body.Bytes(), &taken)
		if want := min(batch, len(events)-start); taken.Accepted != want {
			t.Fatalf("of %d events from %d on: %+v", want, start, taken)
		}
	}
	return s
}

func eventJSON(e *recommend.Event) map[string]any {
	items := make([]map[string]any, len(e.Items))
	for i, it := range e.Items {
		items[i] = map[string]any{"item_id": it.ItemID, "quantity": it.Quantity}
	}
	return map[string]any{
		"value": e.Value,
		"event": e.Type.String(), "event_id": e.ID, "time": e.Time.UTC().Format(time.RFC3339Nano),
		"customer_id": e.CustomerID, "anonymous_id": e.AnonymousID, "session_id": e.SessionID, "order_id": e.OrderID, "items": items,
	}
}

// ask posts body and decodes the answer, which must be a 200.
func (s *servedShop) ask(path, contentType string, body []byte, into any) {
	s.t.Helper()
	resp, err := http.Post(s.url+path, contentType, bytes.NewReader(body)) //nolint:noctx // ends with the server
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		s.t.Fatalf("POST %s: status %d, %v: %s", path, resp.StatusCode, err, text)
	}
	if err := json.Unmarshal(text, into); err != nil {
		s.t.Fatalf("POST %s: %v: %s", path, err, text)
	}
}

type servedList struct {
	Items []struct {
		ItemID string `json:"item_id"`
		Score  float64
	}
}

func (l *servedList) ids() []string {
	ids := make([]string, len(l.Items))
	for i := range l.Items {
		ids[i] = l.Items[i].ItemID
	}
	return ids
}

// compare asks the served shop the questions of a task.
func (s *servedShop) compare(cfg eval.Config) {
	t := s.t
	t.Helper()
	trial, err := eval.Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	trial.Sample(casesServed)
	measured, err := trial.Shop(t.Context(), eval.DefaultModel, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, _, now := trial.Span()
	s.refreshAt(now)
	request := s.requests(cfg)
	for _, v := range measured.Variants {
		different, ties, first := 0, 0, ""
		for i, c := range v.Cases {
			asked := request(v.Name, c)
			got := s.recommend(asked)
			diff := cmp.Diff(v.Lists[i], got.ids())
			switch {
			case diff == "":
			case s.tied(v.Lists[i], asked):
				ties++
			default:
				if different++; first == "" {
					first = fmt.Sprintf("%v (-bench +served):\n%s", asked, diff)
				}
			}
		}
		if different > 0 {
			t.Errorf("task %s, variant %s: %d of %d lists differ, such as that for %s", cfg.Task, v.Name, different, len(v.Cases), first)
		}
		if len(v.Cases) < casesServed/2 {
			t.Errorf("task %s, variant %s: only %d cases to compare", cfg.Task, v.Name, len(v.Cases))
		}
		t.Logf("task %s, variant %s: %d lists compared, %d the same but for ties", cfg.Task, v.Name, len(v.Cases), ties)
	}
}

func (s *servedShop) recommend(request map[string]any) servedList {
	s.t.Helper()
	body, err := json.Marshal(request)
	if err != nil {
		s.t.Fatal(err)
	}
	var got servedList
	s.ask("/recommend", "application/json", body, &got)
	return got
}

// tied reports whether the items of want would be in that order if scores that
// are a tie were equal.
func (s *servedShop) tied(want []string, asked map[string]any) bool {
	s.t.Helper()
	longer := maps.Clone(asked)
	longer["limit"] = len(want) + 10 // a tie may reach over the end of the list
	got := s.recommend(longer)
	scores := map[string]float64{}
	for _, it := range got.Items {
		scores[it.ItemID] = it.Score
	}
	for k, id := range want {
		score, known := scores[id]
		if !known || k >= len(got.Items) || !same(score, got.Items[k].Score) {
			return false
		}
	}
	return true
}

func same(a, b float64) bool { return math.Abs(a-b) <= tieTolerance*max(math.Abs(a), math.Abs(b)) }

// requests returns how each case of a task is asked for over HTTP, in the words
// of the task's protocol.
func (s *servedShop) requests(cfg eval.Config) func(variant string, c eval.Case) map[string]any {
	t := s.t
	t.Helper()
	repeat := map[string]string{"all": "allow", "new": "exclude"}
	switch cfg.Task {
	case eval.Purchases:
		return func(variant string, c eval.Case) map[string]any {
			return map[string]any{"customer_id": c.Unit, "limit": 20, "repeat": repeat[variant]}
		}
	case eval.Sessions:
		test, _, err := eval.ReadEvents(cfg.Test, nil)
		if err != nil {
			t.Fatal(err)
		}
		steps := map[string][]string{}
		for _, e := range test {
			for _, it := range e.Items {
				steps[e.SessionID] = append(steps[e.SessionID], it.ItemID)
			}
		}
		return func(variant string, c eval.Case) map[string]any {
			return map[string]any{"session_items": steps[c.Unit][:c.Number], "placement": "session", "limit": 20, "repeat": repeat[variant]}
		}
	case eval.Baskets:
		cases, err := datasets.ReadBaskets(cfg.Cases)
		if err != nil {
			t.Fatal(err)
		}
		byInvoice := map[string]datasets.Basket{}
		for _, b := range cases {
			byInvoice[b.Invoice] = b
		}
		return func(variant string, c eval.Case) map[string]any {
			if variant == "item" {
				return map[string]any{"item_id": byInvoice[c.Unit].Seed, "placement": "item", "limit": 10}
			}
			return map[string]any{"cart": byInvoice[c.Unit].Cart, "placement": "cart", "limit": 10}
		}
	default:
		t.Fatalf("no requests for task %s", cfg.Task)
		return nil
	}
}

// compareScores compares what the lists of known customers are ordered by with
// what the engine says that bench learned.
func (s *servedShop) compareScores(testFile string) {
	t := s.t
	t.Helper()
	test, _, err := eval.ReadEvents(testFile, nil)
	if err != nil {
		t.Fatal(err)
	}
	exam, err := eval.NewExam(eval.Purchases, s.events, test, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	view, err := exam.Learn(t.Context(), engine.Settings{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	s.refreshAt(test[0].Time)
	asked := map[string]bool{"": true}
	for i := range s.events {
		customer := s.events[i].CustomerID
		if s.events[i].Type != recommend.Purchase || asked[customer] || len(asked) > casesServed {
			continue
		}
		asked[customer] = true
		want, err := view.Recommend(&recommend.Request{CustomerID: customer, Limit: 20})
		if err != nil {
			t.Fatal(err)
		}
		got := s.recommend(map[string]any{"customer_id": customer, "limit": 20})
		if len(got.Items) != len(want.Items) {
			t.Fatalf("%s: %d items, want %d", customer, len(got.Items), len(want.Items))
		}
		for k, it := range want.Items {
			if g := got.Items[k]; !same(g.Score, it.Score) {
				t.Fatalf("%s, place %d: served %s with %v, bench has %s with %v", customer, k, g.ItemID, g.Score, it.ItemID, it.Score)
			}
		}
	}
	if len(asked) < casesServed {
		t.Errorf("only the scores of %d customers compared", len(asked)-1)
	}
}

// refreshAt brings the served shop up to date as of a moment.
func (s *servedShop) refreshAt(now time.Time) {
	s.t.Helper()
	s.now.Store(&now)
	if err := s.shop.Refresh(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
}
