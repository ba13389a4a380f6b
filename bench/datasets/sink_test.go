package datasets

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"osusume/recommend"
)

// shop is a Sink that keeps what it is sent, once per event id.
type shop struct {
	t       testing.TB
	events  []recommend.Event
	seen    map[string]bool
	items   map[string]recommend.Item
	batches []int
	puts    int

	// before is called with the number of the Ingest call, from 1.
	before func(call int) error
	refuse func(e *recommend.Event) *recommend.Error
	calls  int
}

func newShop(t testing.TB) *shop {
	return &shop{t: t, seen: make(map[string]bool), items: make(map[string]recommend.Item)}
}

func (s *shop) Ingest(ctx context.Context, events []recommend.Event) ([]recommend.Verdict, uint64, error) {
	s.calls++
	if s.before != nil {
		if err := s.before(s.calls); err != nil {
			return nil, 0, err
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, 0, err
	}
	s.batches = append(s.batches, len(events))
	verdicts := make([]recommend.Verdict, len(events))
	for i := range events {
		e := &events[i]
		if err := e.Validate(testNow); err != nil {
			s.t.Errorf("event %s: %v", e.ID, err)
		}
		verdicts[i] = recommend.Verdict{Status: recommend.Accepted, EventID: e.ID, Seq: 1}
		if s.refuse != nil {
			if err := s.refuse(e); err != nil {
				verdicts[i] = recommend.Verdict{Status: recommend.Rejected, Err: err}
				continue
			}
		}
		if s.seen[e.ID] {
			verdicts[i].Status = recommend.Duplicate
			continue
		}
		s.seen[e.ID] = true
		s.events = append(s.events, *e)
	}
	return verdicts, uint64(len(s.events)), nil
}

func (s *shop) PutItems(_ context.Context, items []recommend.Item) (uint64, error) {
	for _, it := range items {
		s.puts++
		s.items[it.ID] = it
	}
	return 1, nil
}

func (s *shop) Item(id string) (*recommend.Item, bool) {
	it, ok := s.items[id]
	return &it, ok
}

func TestImportWaitsWhileOverloaded(t *testing.T) {
	busy := &recommend.Error{Code: recommend.CodeOverloaded, Message: "busy"}
	opts := ImportOptions{Retries: 3, RetryDelay: time.Nanosecond}

	sink := newShop(t)
	sink.before = func(call int) error {
		if call <= 3 {
			return busy
		}
		return nil
	}
	sum, err := importText(t, views(5), opts, sink)
	if err != nil || sum.Accepted != 5 {
		t.Errorf("overloaded three times: %+v, %v; want all 5", sum, err)
	}

	sink = newShop(t)
	sink.before = func(int) error { return busy }
	_, err = importText(t, views(5), opts, sink)
	if recommend.CodeOf(err) != recommend.CodeOverloaded || sink.calls != 4 {
		t.Errorf("overloaded for ever: %v after %d calls, want overloaded after 4", err, sink.calls)
	}

	sink = newShop(t)
	sink.before = func(int) error { return &recommend.Error{Code: recommend.CodeUnavailable, Message: "gone"} }
	_, err = importText(t, views(5), opts, sink)
	if recommend.CodeOf(err) != recommend.CodeUnavailable || sink.calls != 1 {
		t.Errorf("unavailable: %v after %d calls, want it at once", err, sink.calls)
	}

	ctx, cancel := context.WithCancel(t.Context())
	sink = newShop(t)
	sink.before = func(int) error { cancel(); return busy }
	_, err = importFrom(ctx, strings.NewReader(views(5)), ImportOptions{RetryDelay: time.Hour}, sink)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled while waiting: %v", err)
	}
}

func TestImportWaitsTwiceAsLongEachTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sink := newShop(t)
		sink.before = func(int) error { return &recommend.Error{Code: recommend.CodeOverloaded, Message: "busy"} }
		start := time.Now()
		_, err := importText(t, views(5), ImportOptions{}, sink)
		// 50 + 100 + 200 + 400 + 800 + 1,600 ms, then four times 2 s.
		if took := time.Since(start); took != 11_150*time.Millisecond || sink.calls != 11 || err == nil {
			t.Errorf("gave up (%v) after %s and %d calls, want 11.15s and 11", err, took, sink.calls)
		}
	})
}

func TestImportRejectsWhatTheSinkRefuses(t *testing.T) {
	sink := newShop(t)
	sink.refuse = func(e *recommend.Event) *recommend.Error {
		if e.OrderID == "o1" {
			return recommend.Invalid("order_id", "is banned")
		}
		return nil
	}
	var rejected strings.Builder
	sum, err := importText(t, header+`purchase,2011-11-10T08:06:00Z,1,,o1,a,,,
purchase,2011-11-10T08:06:00Z,1,,o1,b,,,
purchase,2011-11-10T08:06:00Z,1,,o2,b,,,
`, ImportOptions{Rejects: &rejected}, sink)
	if err != nil {
		t.Fatal(err)
	}
	want := Summary{Rows: 3, Lines: 1, Events: 1, Accepted: 1, Rejected: 2}
	if diff := cmp.Diff(want, sum, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("summary (-want +got):\n%s", diff)
	}
	for _, line := range []string{"\n2,order_id: is banned,", "\n3,order_id: is banned,"} {
		if !strings.Contains(rejected.String(), line) {
			t.Errorf("rejects lack %q:\n%s", line, rejected.String())
		}
	}
}
