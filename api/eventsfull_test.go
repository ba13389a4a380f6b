package api

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"osusume/recommend"
	"osusume/recommend/live"
	"osusume/store"
)

// heldLog stores records only when it is let to.
type heldLog struct {
	*store.Memory
	entered chan int // gets the number of records of each commit
	let     chan struct{}
}

func (l *heldLog) Append(records []recommend.Record) ([]recommend.Appended, error) {
	l.entered <- len(records)
	<-l.let
	return l.Memory.Append(records)
}

// TestQueueFull fills the queue of a real shop, over HTTP, while its disk does
// not come back: who comes now is told to come later, changes nothing, and lists are
// answered as ever.
func TestQueueFull(t *testing.T) {
	const room = 3
	log := &heldLog{store.NewMemory(), make(chan int, 100), make(chan struct{})}
	shop, err := live.Open(t.Context(), live.Config{Log: log, Clock: func() time.Time { return testNow }, QueueRecords: room})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := shop.Close(); err != nil {
			t.Error(err)
		}
	})
	c := newClient(t, func(cfg *Config) {
		cfg.Shop = shop
		cfg.Metrics = nil
		cfg.BodyLimit = 1 << 10
	})
	server := httptest.NewServer(c.handler)
	t.Cleanup(server.Close)
	ask := func(method, target, contentType, body string) answer {
		t.Helper()
		r, err := http.NewRequestWithContext(context.Background(), method, server.URL+target, strings.NewReader(body))
		if err != nil {
			t.Error(err)
			return answer{}
		}
		if body != "" {
			r.Header.Set("Content-Type", contentType)
		}
		res, err := server.Client().Do(r)
		if err != nil {
			t.Errorf("%s %s: %v", method, target, err)
			return answer{}
		}
		defer res.Body.Close()
		text, err := io.ReadAll(res.Body)
		if err != nil {
			t.Errorf("%s %s: %v", method, target, err)
		}
		a := answer{status: res.StatusCode, header: res.Header, body: text}
		asked := httptest.NewRequest(method, target, strings.NewReader(body))
		asked.Header.Set("Content-Type", contentType)
		c.check(asked, a)
		return a
	}
	const media = "application/json"
	list := func(ids ...string) string {
		lines := make([]string, len(ids))
		for i, id := range ids {
			lines[i] = view(id)
		}
		return "[" + strings.Join(lines, ",") + "]"
	}

	var wg sync.WaitGroup
	held := make([]answer, 2)
	wg.Go(func() { held[0] = ask("POST", "/events", media, list("e1")) })
	if n := <-log.entered; n != 1 {
		t.Fatalf("%d records are being stored", n)
	}
	wg.Go(func() { held[1] = ask("POST", "/events", media, list("e2", "e3")) })
	for shop.Status().QueuedRecords < room {
		runtime.Gosched()
	}

	long := strings.Repeat(view("e4")+"\n", 40)
	for _, x := range []struct{ name, method, target, contentType, body string }{
		{"one event", "POST", "/events", media, view("e4")},
		{"an array", "POST", "/events", media, list("e4", "e5")},
		{"NDJSON", "POST", "/events", ndjson, view("e4") + "\n" + view("e5")},
		{"a stream", "POST", "/events", ndjson, long},
		{"an item", "PUT", "/items/new", media, `{"price":100}`},
	} {
		t.Run(x.name, func(t *testing.T) {
			a := ask(x.method, x.target, x.contentType, x.body)
			p := decode[streamProblem](t, a)
			if a.status != 503 || p.Code != "overloaded" || a.header.Get("Retry-After") != "1" || p.Taken != nil {
				t.Errorf("status %d, Retry-After %q: %s", a.status, a.header.Get("Retry-After"), a.body)
			}
		})
	}
	if n := shop.Status().QueuedRecords; n != room {
		t.Errorf("%d records wait after others were turned away, want %d", n, room)
	}
	for _, target := range []string{"/recommend?customer_id=c", "/popular", "/healthz", "/readyz"} {
		if a := ask("GET", target, "", ""); a.status != 200 {
			t.Errorf("%s: status %d: %s", target, a.status, a.body)
		}
	}

	close(log.let)
	wg.Wait()
	for i, want := range []int{1, 2} {
		if got := decode[eventResults](t, held[i]); held[i].status != 200 || got.Accepted != want {
			t.Errorf("who waited got %d: %s", held[i].status, held[i].body)
		}
	}
	if n := log.LastSeq(); n != 3 {
		t.Errorf("%d records are stored, want 3", n)
	}
	if a := ask("GET", "/items/new", "", ""); a.status != 404 {
		t.Errorf("the item turned away: status %d", a.status)
	}
	// There is room again, and nothing of what was turned away is known.
	got := decode[eventResults](t, ask("POST", "/events", media, list("e3", "e4", "e5")))
	if want := [3]int{2, 1, 0}; got.counts() != want || got.Seq != 5 {
		t.Errorf("sent again: counts %v, seq %d, want %v and 5", got.counts(), got.Seq, want)
	}
}
