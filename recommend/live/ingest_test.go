package live_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"osusume/recommend"
	"osusume/recommend/live"
	"osusume/store"
)

func TestAcknowledgedIsVisible(t *testing.T) {
	l, log := openMemory(t)
	const callers, each = 8, 25
	var wg sync.WaitGroup
	for c := range callers {
		wg.Go(func() {
			customer := fmt.Sprintf("c%d", c)
			for n := range each {
				item := fmt.Sprintf("i%d-%d", c, n)
				verdicts, seq, err := l.Ingest(context.Background(), []recommend.Event{
					bought(fmt.Sprintf("e%d-%d", c, n), customer, item),
				})
				if err != nil || verdicts[0].Status != recommend.Accepted || verdicts[0].Seq != seq {
					t.Errorf("Ingest = %+v, %d, %v", verdicts, seq, err)
					return
				}
				view := l.View()
				if view.Seq() < seq {
					t.Errorf("acknowledged record %d, but the next View ends at %d", seq, view.Seq())
				}
				if got := lines(l, customer); got != n+1 {
					t.Errorf("customer %s has %d lines after %d acknowledged events", customer, got, n+1)
				}
				if _, ok := view.Item(item); !ok {
					t.Errorf("item %s of an acknowledged event is unknown", item)
				}
			}
		})
	}
	wg.Wait()
	if got := log.LastSeq(); got != callers*each {
		t.Fatalf("the log has %d records, want %d", got, callers*each)
	}
	s := l.Status()
	if s.Acknowledged != callers*each || s.Applied != callers*each || s.QueuedRecords != 0 || s.Failed != nil || s.Views == 0 {
		t.Errorf("Status = %+v, want %d acknowledged and applied, none queued", s, callers*each)
	}
}

// An order shapes the very next answer: who else buys the phone is shown the
// case, the buyer is not shown the phone again.
func TestNextAnswerKnowsTheOrder(t *testing.T) {
	l, _ := openMemory(t)
	ingest(t, l,
		bought("e1", "ann", "phone", "case"),
		bought("e2", "bob", "phone", "case"),
		bought("e3", "cem", "phone"),
		bought("e4", "dan", "kettle"),
	)
	answer, err := l.View().Recommend(&recommend.Request{CustomerID: "cem", Placement: "item", ItemID: "phone", Limit: 1})
	if err != nil {
		t.Fatal(err)
	}
	want := []recommend.Recommendation{{
		ItemID: "case", Stage: recommend.StageRelated,
		// 2 of the 3 orders with the phone hold the case.
		Reasons: []recommend.Reason{{Code: recommend.ReasonBoughtTogether, ItemID: "phone", Support: 2, Of: 3}},
	}}
	ignoreScore := cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".Score" }, cmp.Ignore())
	if diff := cmp.Diff(want, answer.Items, ignoreScore); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if answer.AppliedSeq != 4 {
		t.Errorf("AppliedSeq = %d, want 4", answer.AppliedSeq)
	}
}

func TestDuplicatesCountOnce(t *testing.T) {
	l, log := openMemory(t)
	ctx := context.Background()
	e, other := bought("e1", "ann", "phone"), bought("e2", "ann", "case")
	again := e
	again.CustomerID = "bob" // the id alone decides
	tests := []struct {
		name   string
		events []recommend.Event
		want   []recommend.Verdict
		seq    uint64
	}{
		{"twice in one batch", []recommend.Event{e, e}, []recommend.Verdict{
			{Status: recommend.Accepted, EventID: "e1", Seq: 1}, {Status: recommend.Duplicate, EventID: "e1", Seq: 1},
		}, 1},
		{"again beside a new one", []recommend.Event{other, again}, []recommend.Verdict{
			{Status: recommend.Accepted, EventID: "e2", Seq: 2}, {Status: recommend.Duplicate, EventID: "e1", Seq: 1},
		}, 2},
		{"nothing new", []recommend.Event{e}, []recommend.Verdict{{Status: recommend.Duplicate, EventID: "e1", Seq: 1}}, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, seq, err := l.Ingest(ctx, tt.events)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("verdicts (-want +got)\n%s", diff)
			}
			if seq != tt.seq {
				t.Errorf("seq = %d, want %d", seq, tt.seq)
			}
		})
	}
	if got := lines(l, "ann"); got != 2 {
		t.Errorf("ann has %d lines, want 2", got)
	}
	if got := lines(l, "bob"); got != 0 {
		t.Errorf("bob has %d lines of a duplicate, want none", got)
	}
	if got := log.LastSeq(); got != 2 {
		t.Errorf("the log has %d records, want 2", got)
	}
}

func TestRejectedBesideAccepted(t *testing.T) {
	l, log := openMemory(t)
	late := bought("late", "ann", "phone")
	late.Time = noon.Add(25 * time.Hour)
	nobody := bought("nobody", "", "phone")
	nobody.OrderID = ""
	control := bought("control", "ann", "phone", "ca\nse")
	empty := bought("empty", "ann")
	long := bought(strings.Repeat("x", 257), "ann", "phone")
	untold := bought("untold", "ann", "phone")
	untold.Type = recommend.EventUnknown
	negative := bought("negative", "ann", "phone")
	negative.Items[0].Quantity = -1

	events := []recommend.Event{late, bought("good1", "ann", "phone"), nobody, control, empty, bought("good2", "bob", "phone"), long, untold, negative}
	fields := []string{"time", "", "customer_id", "items[1].item_id", "items", "", "event_id", "event", "items[0].quantity"}
	verdicts, seq, err := l.Ingest(context.Background(), events)
	if err != nil {
		t.Fatal(err)
	}
	accepted := uint64(0)
	for i, v := range verdicts {
		if fields[i] == "" {
			accepted++
			if v.Status != recommend.Accepted || v.Err != nil || v.EventID != events[i].ID || v.Seq != accepted {
				t.Errorf("event %s: %+v, want it accepted as record %d", events[i].ID, v, accepted)
			}
			continue
		}
		if v.Status != recommend.Rejected || v.Seq != 0 || v.Err == nil ||
			v.Err.Code != recommend.CodeInvalid || v.Err.Field != fields[i] {
			t.Errorf("event %s: %+v (%v), want it rejected for %q", events[i].ID, v, v.Err, fields[i])
		}
	}
	if seq != 2 || log.LastSeq() != 2 || l.View().Seq() != 2 {
		t.Errorf("seq %d, log %d, View %d, want 2 everywhere", seq, log.LastSeq(), l.View().Seq())
	}

	t.Run("nothing but rejected", func(t *testing.T) {
		verdicts, seq, err := l.Ingest(context.Background(), []recommend.Event{late})
		if err != nil || seq != 0 || len(verdicts) != 1 || verdicts[0].Status != recommend.Rejected {
			t.Errorf("Ingest = %+v, %d, %v, want one rejected and no seq", verdicts, seq, err)
		}
	})
	t.Run("nothing at all", func(t *testing.T) {
		verdicts, seq, err := l.Ingest(context.Background(), nil)
		if err != nil || seq != 0 || len(verdicts) != 0 {
			t.Errorf("Ingest = %+v, %d, %v, want nothing", verdicts, seq, err)
		}
	})
}

func TestEventsWithoutIDGetOne(t *testing.T) {
	l, log := openMemory(t)
	e := bought("", "ann", "phone")
	e.OrderID = ""
	e.Time = e.Time.In(time.FixedZone("JST", 9*60*60))
	verdicts, _, err := l.Ingest(context.Background(), []recommend.Event{e, e})
	if err != nil {
		t.Fatal(err)
	}
	if verdicts[0].EventID == "" || verdicts[0].EventID == verdicts[1].EventID {
		t.Errorf("ids %q and %q, want two different ones", verdicts[0].EventID, verdicts[1].EventID)
	}
	err = log.Replay(t.Context(), 1, func(seq uint64, r *recommend.Record) error {
		if r.Event.ID != verdicts[seq-1].EventID {
			t.Errorf("record %d has id %q, its caller was told %q", seq, r.Event.ID, verdicts[seq-1].EventID)
		}
		if r.Event.Time.Location() != time.UTC || !r.Event.Time.Equal(e.Time) {
			t.Errorf("record %d has time %v, want %v in UTC", seq, r.Event.Time, e.Time)
		}
		if !r.Received.Equal(noon) {
			t.Errorf("record %d was received at %v, want the clock's %v", seq, r.Received, noon)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	// Two purchases without an order id are two orders.
	if c, _ := l.View().Customer("ann", 10); c.Orders != 2 {
		t.Errorf("%d orders, want 2", c.Orders)
	}
}

// The caller's slices may be reused after Ingest returns.
func TestCallersKeepTheirEvents(t *testing.T) {
	l, log := openMemory(t)
	events := []recommend.Event{bought("e1", "ann", "phone")}
	want := bought("e1", "ann", "phone")
	ingest(t, l, events...)
	if diff := cmp.Diff(want, events[0]); diff != "" {
		t.Errorf("Ingest changed the caller's event (-want +got)\n%s", diff)
	}
	events[0].Items[0].ItemID = "scribbled over"
	before := digest(t, l)
	again := open(t, live.Config{Log: log, Clock: atNoon, IgnoreCheckpoint: true})
	if digest(t, again) != before {
		t.Error("the log does not hold what the index was told")
	}
	if _, ok := l.View().Item("scribbled over"); ok {
		t.Error("the index shares the caller's memory")
	}
}

func TestObserverHearsOfCommitsAndViews(t *testing.T) {
	o := &observer{}
	l := open(t, live.Config{Log: store.NewMemory(), Clock: atNoon, Observer: o})
	ingest(t, l, bought("e1", "ann", "phone"), bought("e2", "ann", "phone"))
	ingest(t, l, bought("e3", "ann", "phone"))
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.records != 3 || o.commits != 2 {
		t.Errorf("heard of %d records in %d commits, want 3 in 2", o.records, o.commits)
	}
	if o.views < 2 {
		t.Errorf("heard of %d views, want one per commit at least", o.views)
	}
}

type observer struct {
	mu                      sync.Mutex
	records, commits, views int
	published               func()
}

func (o *observer) Committed(records int, _ time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.records += records
	o.commits++
}

func (o *observer) Published(time.Duration) {
	o.mu.Lock()
	o.views++
	f := o.published
	o.mu.Unlock()
	if f != nil {
		f()
	}
}
