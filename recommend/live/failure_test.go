package live_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"osusume/recommend"
	"osusume/recommend/live"
	"osusume/store"
)

var errDisk = errors.New("the disk is gone")

// A log that fails leaves open what reached the disk. Whatever it was, the
// index has none of it, ingest stops, and after the next start the index has
// exactly what the log has.
func TestFailingLogStopsIngest(t *testing.T) {
	tests := []struct {
		name      string
		fault     func(log *faultyLog)
		persisted bool
	}{
		{"failed", func(log *faultyLog) {
			log.appending = func([]recommend.Record) error { return errDisk }
		}, false},
		{"failed but persisted", func(log *faultyLog) {
			log.appended = func([]recommend.Appended) ([]recommend.Appended, error) { return nil, errDisk }
		}, true},
		{"answered for too few", func(log *faultyLog) {
			log.appended = func(out []recommend.Appended) ([]recommend.Appended, error) { return out[:1], nil }
		}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			ctx := context.Background()
			log := &faultyLog{Memory: store.NewMemory()}
			l, err := live.Open(ctx, live.Config{Log: log, Clock: atNoon})
			if err != nil {
				t.Fatal(err)
			}
			ingest(t, l, bought("e1", "ann", "phone"))
			tt.fault(log)

			lost := []recommend.Event{bought("e2", "ann", "case"), bought("e3", "ann", "strap")}
			verdicts, seq, err := l.Ingest(ctx, lost)
			wantCode(t, err, recommend.CodeUnavailable, "")
			if verdicts != nil || seq != 0 {
				t.Errorf("Ingest = %+v, %d beside its error, want nothing", verdicts, seq)
			}
			if s := l.Status(); s.Failed == nil || s.Acknowledged != 1 || s.Applied != 1 || s.QueuedRecords != 0 {
				t.Errorf("Status = %+v, want the failure and record 1", s)
			}
			if got := lines(l, "ann"); got != 1 {
				t.Errorf("ann has %d lines, want 1: nothing of a failed batch is applied", got)
			}

			// The disk is back, but only a new start can tell what it has.
			log.appending, log.appended = nil, nil
			_, _, err = l.Ingest(ctx, []recommend.Event{bought("e4", "ann", "lens")})
			wantCode(t, err, recommend.CodeUnavailable, "")
			_, err = l.PutItems(ctx, []recommend.Item{{ID: "lens"}})
			wantCode(t, err, recommend.CodeUnavailable, "")
			if _, err := l.View().Recommend(&recommend.Request{}); err != nil {
				t.Errorf("readers are told %v, want them served", err)
			}
			if err := l.Close(); err != nil {
				t.Errorf("Close: %v", err)
			}

			l = open(t, live.Config{Log: log, Clock: atNoon})
			want := 1
			if tt.persisted {
				want = 3
			}
			if got := lines(l, "ann"); got != want {
				t.Errorf("ann has %d lines after the next start, want %d", got, want)
			}
			// The client sends again what was not acknowledged.
			again, _, err := l.Ingest(ctx, lost)
			if err != nil {
				t.Fatal(err)
			}
			for _, v := range again {
				if got := v.Status == recommend.Duplicate; got != tt.persisted {
					t.Errorf("sent again: %+v, persisted before: %v", v, tt.persisted)
				}
			}
			if got := lines(l, "ann"); got != 3 {
				t.Errorf("ann has %d lines, want 3, once each", got)
			}
		})
	}
}

// A log that is merely full says so and takes the next batch.
func TestLogErrorsWithACodeArePassedOn(t *testing.T) {
	log := &faultyLog{Memory: store.NewMemory()}
	l := open(t, live.Config{Log: log, Clock: atNoon})
	log.appending = func([]recommend.Record) error {
		return &recommend.Error{Code: recommend.CodeOverloaded, Message: "the disk is full"}
	}
	_, _, err := l.Ingest(context.Background(), []recommend.Event{bought("e1", "ann", "phone")})
	wantCode(t, err, recommend.CodeOverloaded, "")
	if s := l.Status(); s.Failed != nil {
		t.Errorf("Failed = %v after a full disk, want ingest to go on", s.Failed)
	}
	log.appending = nil
	ingest(t, l, bought("e1", "ann", "phone"))
}

// gate lets a test hold Append and see how many records came to it together.
type gate struct {
	entered chan int // number of records
	leave   chan struct{}
}

func newGate() *gate { return &gate{entered: make(chan int, 100), leave: make(chan struct{})} }

func (g *gate) wait(records []recommend.Record) error {
	g.entered <- len(records)
	<-g.leave
	return nil
}

func TestOverload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		log := &faultyLog{Memory: store.NewMemory(), appending: g.wait}
		l, err := live.Open(t.Context(), live.Config{Log: log, QueueRecords: 3})
		if err != nil {
			t.Fatal(err)
		}
		at := time.Now().Add(-time.Hour)
		event := func(id string) recommend.Event {
			e := bought(id, "ann", "i-"+id)
			e.Time = at
			return e
		}
		var wg sync.WaitGroup
		start := func(ids ...string) {
			events := make([]recommend.Event, len(ids))
			for i, id := range ids {
				events[i] = event(id)
			}
			wg.Go(func() {
				if _, _, err := l.Ingest(context.Background(), events); err != nil {
					t.Errorf("%v: %v", ids, err)
				}
			})
			synctest.Wait()
		}
		start("e1") // is being stored
		start("e2", "e3")
		if got := l.Status().QueuedRecords; got != 3 {
			t.Errorf("%d records queued, want 3", got)
		}
		_, _, err = l.Ingest(context.Background(), []recommend.Event{event("e4")})
		wantCode(t, err, recommend.CodeOverloaded, "")
		_, err = l.PutItems(context.Background(), []recommend.Item{{ID: "phone"}})
		wantCode(t, err, recommend.CodeOverloaded, "")
		if _, err := l.View().Recommend(&recommend.Request{CustomerID: "ann"}); err != nil {
			t.Errorf("a read while the queue is full: %v", err)
		}
		if got := l.Status().QueuedRecords; got != 3 {
			t.Errorf("%d records queued after the refusals, want 3", got)
		}
		close(g.leave)
		wg.Wait()
		if got := l.Status(); got.QueuedRecords != 0 || got.Applied != 3 {
			t.Errorf("Status = %+v, want all 3 applied", got)
		}
		// A single write larger than the bound passes when nothing waits.
		start("e4", "e5", "e6", "e7")
		if err := l.Close(); err != nil {
			t.Error(err)
		}
		if log.LastSeq() != 7 || l.View().Seq() != 7 {
			t.Errorf("log %d, View %d, want 7", log.LastSeq(), l.View().Seq())
		}
	})
}

// Writes that wait together are one commit; one that is too large for the log
// does not take the others down with it.
func TestGroupCommit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		log := &faultyLog{Memory: store.NewMemory()}
		log.appending = func(records []recommend.Record) error {
			if err := g.wait(records); err != nil {
				return err
			}
			for _, r := range records {
				if r.Event.ID == "huge" {
					return &recommend.Error{Code: recommend.CodeTooLarge, Message: "too large"}
				}
			}
			return nil
		}
		l, err := live.Open(t.Context(), live.Config{Log: log})
		if err != nil {
			t.Fatal(err)
		}
		results := make(map[string]error)
		var mu sync.Mutex
		var wg sync.WaitGroup
		for _, id := range []string{"e1", "e2", "huge", "e3", "e2"} {
			wg.Go(func() {
				e := bought(id, "ann", "i")
				e.Time = time.Now()
				_, _, err := l.Ingest(context.Background(), []recommend.Event{e})
				mu.Lock()
				defer mu.Unlock()
				if err != nil {
					results[id] = err
				}
			})
			synctest.Wait() // the first is being stored, the others wait
		}
		close(g.leave)
		wg.Wait()
		close(g.entered)
		var sizes []int
		for n := range g.entered {
			sizes = append(sizes, n)
		}
		// e1 alone; then the four that waited together; then each by itself.
		if got, want := fmt.Sprint(sizes), "[1 4 1 1 1 1]"; got != want {
			t.Errorf("commits of %s records, want %s", got, want)
		}
		if len(results) != 1 || recommend.CodeOf(results["huge"]) != recommend.CodeTooLarge {
			t.Errorf("failures %v, want the huge one alone", results)
		}
		if s := l.Status(); s.Failed != nil || s.Applied != 3 || s.QueuedRecords != 0 {
			t.Errorf("Status = %+v, want 3 applied and no failure", s)
		}
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
}

// A caller who gives up while its event is being stored still gets the truth.
func TestCallerGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		l, err := live.Open(t.Context(), live.Config{Log: &faultyLog{Memory: store.NewMemory(), appending: g.wait}})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan struct{})
		go func() {
			defer close(done)
			e := bought("e1", "ann", "phone")
			e.Time = time.Now()
			verdicts, _, err := l.Ingest(ctx, []recommend.Event{e})
			if err != nil || verdicts[0].Status != recommend.Accepted {
				t.Errorf("Ingest = %+v, %v, want the stored event accepted", verdicts, err)
			}
		}()
		<-g.entered
		cancel()
		synctest.Wait()
		select {
		case <-done:
			t.Error("answered before the commit")
		default:
		}
		close(g.leave)
		<-done
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
}

// A writer that falls behind delays the acknowledgement for two seconds at
// most: the event is durable anyway.
func TestSlowIndexDoesNotHoldAcknowledgements(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &observer{}
		l, err := live.Open(t.Context(), live.Config{Log: store.NewMemory(), Observer: o})
		if err != nil {
			t.Fatal(err)
		}
		e := bought("e1", "ann", "phone")
		e.Time = time.Now()
		if _, _, err := l.Ingest(context.Background(), []recommend.Event{e}); err != nil {
			t.Fatal(err)
		}
		synctest.Wait() // until the observer was told of it
		stuck := make(chan struct{})
		o.mu.Lock()
		o.published = func() { <-stuck }
		o.mu.Unlock()
		// The first of these is published and then holds the applier, so that
		// the second is not.
		for _, id := range []string{"e2", "e3"} {
			began := time.Now()
			e.ID, e.OrderID = id, id
			verdicts, seq, err := l.Ingest(context.Background(), []recommend.Event{e})
			if err != nil || verdicts[0].Status != recommend.Accepted {
				t.Fatalf("%s: %+v, %v, want it accepted", id, verdicts, err)
			}
			waited := time.Since(began)
			if id == "e2" && (waited > 2*time.Millisecond || l.View().Seq() < seq) {
				t.Errorf("e2 waited %v, View %d; want it visible within 2 ms", waited, l.View().Seq())
			}
			if id == "e3" && (waited != 2*time.Second || l.View().Seq() >= seq) {
				t.Errorf("e3 waited %v, View %d; want 2 s and a View without it", waited, l.View().Seq())
			}
		}
		if s := l.Status(); s.Acknowledged != 3 || s.Applied != 2 {
			t.Errorf("Status = %+v, want 3 acknowledged and 2 applied", s)
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		wantCode(t, l.Refresh(ctx), recommend.CodeUnavailable, "")
		o.mu.Lock()
		o.published = nil
		o.mu.Unlock()
		close(stuck)
		if err := l.Await(context.Background(), 3); err != nil {
			t.Error(err)
		}
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
}
