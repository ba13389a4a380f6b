package api

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"osusume/recommend"
	"osusume/recommend/live"
	"osusume/store"
)

// slowLog replays one record and waits then.
type slowLog struct {
	*store.Memory
	halfway chan struct{} // closed when the first record is applied
	goOn    chan struct{}
}

func (l *slowLog) ReplayChunks(ctx context.Context, from uint64, fn func(uint64, []recommend.Record) error) error {
	first := true
	return l.Memory.ReplayChunks(ctx, from, func(seq uint64, records []recommend.Record) error {
		for i := range records {
			if err := fn(seq+uint64(i), records[i:i+1]); err != nil {
				return err
			}
			if first {
				first = false
				close(l.halfway)
				<-l.goOn
			}
		}
		return nil
	})
}

// TestFrontWhileTheLogIsReplayed stops a replay after one record of four and asks
// every route of the contract.
func TestFrontWhileTheLogIsReplayed(t *testing.T) {
	memory := store.NewMemory()
	if _, err := memory.Append([]recommend.Record{
		{Kind: recommend.RecordItemPut, Item: recommend.Item{ID: "beans"}, Received: testNow},
		{Kind: recommend.RecordItemPut, Item: recommend.Item{ID: "mug"}, Received: testNow},
		{Kind: recommend.RecordItemPut, Item: recommend.Item{ID: "tea"}, Received: testNow},
		{Kind: recommend.RecordItemPut, Item: recommend.Item{ID: "pot"}, Received: testNow},
	}); err != nil {
		t.Fatal(err)
	}
	log := &slowLog{Memory: memory, halfway: make(chan struct{}), goOn: make(chan struct{})}
	start := &live.Start{}
	c := newClient(t)
	m := NewMetrics(MetricsConfig{Start: start.Progress})
	f := NewFront(Config{Version: "test", OpenAPI: c.contract.text, Metrics: m, CORSOrigins: []string{"https://shop.example"}}, start.Progress)
	c.handler = f

	if p := starting(t, c.get("/readyz")); p.Phase != "opening" || p.Percent != 0 {
		t.Errorf("progress %+v before the shop is opened", p)
	}
	type opened struct {
		shop *live.Live
		err  error
	}
	done := make(chan opened, 1)
	go func() {
		shop, err := live.Open(context.Background(), live.Config{Log: log, Clock: func() time.Time { return testNow }, Start: start})
		done <- opened{shop, err}
	}()
	<-log.halfway

	for _, path := range []string{"/readyz", "/recommend?customer_id=c", "/related/beans", "/popular", "/items", "/items/beans", "/customers/c", "/openapi.yaml", "/docs"} {
		a := c.get(path)
		p := starting(t, a)
		if p.Phase != "reading" || p.Percent != 25 || p.Records != 1 || p.RecordsTotal != 4 {
			t.Errorf("%s: progress %+v, want one of four records read", path, p)
		}
		if got := a.header.Get("Cache-Control"); got != "no-store" {
			t.Errorf("%s: Cache-Control %q", path, got)
		}
	}
	for _, r := range [][2]string{{http.MethodPost, "/events"}, {http.MethodPost, "/items"}, {http.MethodPut, "/items/beans"}, {http.MethodPatch, "/items/beans"}, {http.MethodDelete, "/items/beans"}, {http.MethodPost, "/recommend"}} {
		starting(t, c.send(r[0], r[1], "{}"))
	}
	if a := c.get("/healthz"); a.status != http.StatusOK {
		t.Errorf("/healthz: status %d", a.status)
	}
	if a := c.get("/nothing"); a.status != http.StatusNotFound {
		t.Errorf("/nothing: status %d", a.status)
	}
	a := c.get("/metrics")
	for _, want := range []string{"\nosusume_start_replayed_ratio 0.25\n", "\nosusume_start_replayed_records 1\n", "\nosusume_start_seconds "} {
		if a.status != http.StatusOK || !strings.Contains(string(a.body), want) {
			t.Errorf("/metrics: status %d without %q", a.status, want)
		}
	}

	close(log.goOn)
	o := <-done
	if o.err != nil {
		t.Fatal(o.err)
	}
	t.Cleanup(func() {
		if err := o.shop.Close(); err != nil {
			t.Error(err)
		}
	})
	starting(t, c.get("/readyz")) // nobody said that it may open
	f.Open(o.shop)
	if a := c.get("/readyz"); a.status != http.StatusOK {
		t.Errorf("/readyz of the open shop: status %d: %s", a.status, a.body)
	}
	if a := c.get("/items/pot"); a.status != http.StatusOK {
		t.Errorf("/items/pot of the open shop: status %d: %s", a.status, a.body)
	}
	if got := samples(t, m)["osusume_start_replayed_ratio"]; got != 1 {
		t.Errorf("replayed ratio %v after the start, want 1", got)
	}
}

type startProgress struct {
	Phase            string
	Percent          float64
	Records          uint64
	RecordsTotal     uint64  `json:"records_total"`
	RecordsPerSecond int64   `json:"records_per_second"`
	ElapsedSeconds   float64 `json:"elapsed_seconds"`
	RemainingSeconds float64 `json:"remaining_seconds"`
}

// starting asserts that a is the answer of a shop that is not open.
func starting(t *testing.T, a answer) startProgress {
	t.Helper()
	p := decode[struct {
		Code     string
		Progress *startProgress
	}](t, a)
	if a.status != http.StatusServiceUnavailable || p.Code != "unavailable" || p.Progress == nil {
		t.Fatalf("status %d: %s", a.status, a.body)
	}
	return *p.Progress
}

func TestAppendProgress(t *testing.T) {
	got := string(appendProgress(nil, live.Progress{
		Phase: live.Reading, Done: 200, Total: 800, Read: 2 * time.Second, Elapsed: 3500 * time.Millisecond,
	}))
	// 100 a second: the other 600 take 6 s.
	want := `{"phase":"reading","percent":25.0,"records":200,"records_total":800,"records_per_second":100,"elapsed_seconds":3.5,"remaining_seconds":6.0}`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestStartRetryAfter(t *testing.T) {
	c := newClient(t)
	var p live.Progress
	c.handler = NewFront(Config{}, func() live.Progress { return p })
	for name, tt := range map[string]struct {
		p    live.Progress
		want int
	}{
		"nothing known": {live.Progress{}, 1},
		"almost done":   {live.Progress{Phase: live.Reading, Done: 99, Total: 100, Read: time.Second}, 1},
		"some seconds":  {live.Progress{Phase: live.Reading, Done: 50, Total: 100, Read: 4500 * time.Millisecond}, 5},
		"an hour":       {live.Progress{Phase: live.Reading, Done: 1, Total: 3601, Read: time.Second}, 30},
	} {
		p = tt.p
		if got := c.get("/popular").header.Get("Retry-After"); got != strconv.Itoa(tt.want) {
			t.Errorf("%s: Retry-After %q, want %d", name, got, tt.want)
		}
	}
}

func TestContractKnowsEveryPhase(t *testing.T) {
	c := newClient(t)
	var got []string
	for _, v := range c.contract.doc.Components.Schemas["Problem"].Value.Properties["progress"].Value.Properties["phase"].Value.Enum {
		got = append(got, v.(string))
	}
	var want []string
	for _, p := range []live.Phase{live.Opening, live.Loading, live.Reading, live.Counting, live.Ranking, live.Filling, live.Ready} {
		want = append(want, p.String())
	}
	if !slices.Equal(got, want) {
		t.Errorf("the contract has the phases %v, the code %v", got, want)
	}
}
