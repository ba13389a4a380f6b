// Package storetest is the conformance suite of the event log: every
// implementation, durable or fake, passes it, so that tests on a fake say
// something about the real one.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"osusume/recommend"
)

// Log is the contract under test.
type Log interface {
	Append(records []recommend.Record) ([]recommend.Appended, error)
	Replay(ctx context.Context, from uint64, fn func(seq uint64, r *recommend.Record) error) error
	ReplayChunks(ctx context.Context, from uint64, fn func(first uint64, records []recommend.Record) error) error
	LastSeq() uint64
	SaveCheckpoint(seq uint64, write func(w io.Writer) error) error
	LoadCheckpoint(read func(seq uint64, r io.Reader) error) (bool, error)
	Close() error
}

// Open opens the log kept under dir. The suite calls it again with the same
// dir, after Close, and expects what was there before.
type Open func(t *testing.T, dir string) Log

// Harness holds one log through reopens and checks it at the end of the test.
type Harness struct {
	Log
	t    *testing.T
	open Open
	dir  string
}

// New opens a fresh log. When the test ends the log is compared with itself
// after a reopen, handed to check (which may be nil), and closed.
func New(t *testing.T, open Open, check func(t *testing.T, log Log)) *Harness {
	t.Helper()
	dir := t.TempDir()
	h := &Harness{Log: open(t, dir), t: t, open: open, dir: dir}
	t.Cleanup(func() {
		before := Records(t, h.Log, 1)
		if check != nil {
			check(t, h.Log)
		}
		h.Reopen()
		if diff := cmp.Diff(before, Records(t, h.Log, 1)); diff != "" {
			t.Errorf("records differ after reopen (-before +after):\n%s", diff)
		}
		if check != nil {
			check(t, h.Log)
		}
		if err := h.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return h
}

// Reopen closes the log and opens it again.
func (h *Harness) Reopen() {
	h.t.Helper()
	if err := h.Close(); err != nil {
		h.t.Fatalf("Close: %v", err)
	}
	h.Log = h.open(h.t, h.dir)
}

// Entry is a replayed record that may be kept.
type Entry struct {
	Seq    uint64
	Record recommend.Record
}

// Records replays log from the given sequence.
func Records(t *testing.T, log Log, from uint64) []Entry {
	t.Helper()
	var got []Entry
	// t.Context has ended when a cleanup comes here.
	err := log.Replay(context.Background(), from, func(seq uint64, r *recommend.Record) error {
		e := Entry{Seq: seq, Record: *r}
		e.Record.Event.Items = append([]recommend.EventItem(nil), r.Event.Items...)
		got = append(got, e)
		return nil
	})
	if err != nil {
		t.Fatalf("Replay: %v", err)
	}
	chunks, err := inChunks(log, from)
	if err != nil {
		t.Fatalf("ReplayChunks: %v", err)
	}
	if diff := cmp.Diff(got, chunks); diff != "" {
		t.Errorf("ReplayChunks differs from Replay (-Replay +ReplayChunks):\n%s", diff)
	}
	return got
}

// inChunks is what ReplayChunks hands out.
func inChunks(log Log, from uint64) ([]Entry, error) {
	var got []Entry
	err := log.ReplayChunks(context.Background(), from, func(first uint64, records []recommend.Record) error {
		for i := range records {
			e := Entry{Seq: first + uint64(i), Record: records[i]}
			e.Record.Event.Items = append([]recommend.EventItem(nil), records[i].Event.Items...)
			got = append(got, e)
		}
		return nil
	})
	return got, err
}

// TestLog runs the suite. check inspects the whole log for consistency.
func TestLog(t *testing.T, open Open, check func(t *testing.T, log Log)) {
	cases := []struct {
		name string
		run  func(t *testing.T, h *Harness)
	}{
		{"empty", testEmpty},
		{"every field comes back", testEveryField},
		{"replay from any place", testReplayFrom},
		{"duplicates in one batch", testDuplicatesInBatch},
		{"duplicates across batches and reopens", testDuplicatesAcross},
		{"records without a key always count", testNoKey},
		{"batch of duplicates alone writes nothing", testAllDuplicates},
		{"empty batch", testEmptyBatch},
		{"callers may reuse what they passed", testNoAliasing},
		{"large batch", testLargeBatch},
		{"record too large", testTooLarge},
		{"unknown kind", testUnknownKind},
		{"replay stops at an error", testReplayError},
		{"replay stops with its context", testReplayContext},
		{"a panic of the callback passes through", testReplayPanic},
		{"checkpoint", testCheckpoint},
		{"checkpoint that fails to write", testCheckpointWriteError},
		{"checkpoint beyond the log", testCheckpointBeyond},
		{"concurrent appends and replays", testConcurrent},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { c.run(t, New(t, open, check)) })
	}
	t.Run("random operations against a model", func(t *testing.T) { testModel(t, open, check) })
}

func mustAppend(t *testing.T, log Log, records ...recommend.Record) []recommend.Appended {
	t.Helper()
	out, err := log.Append(records)
	if err != nil {
		t.Fatalf("Append: %v", err)
	}
	return out
}

func wantAppended(t *testing.T, got []recommend.Appended, want ...recommend.Appended) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Append (-want +got):\n%s", diff)
	}
}

func wantLast(t *testing.T, log Log, want uint64) {
	t.Helper()
	if got := log.LastSeq(); got != want {
		t.Errorf("LastSeq() = %d, want %d", got, want)
	}
}

func wantEntries(t *testing.T, got []Entry, first uint64, want ...recommend.Record) {
	t.Helper()
	entries := make([]Entry, len(want))
	for i := range want {
		entries[i] = Entry{Seq: first + uint64(i), Record: want[i]}
	}
	if len(entries) == 0 {
		entries = nil
	}
	if diff := cmp.Diff(entries, got); diff != "" {
		t.Errorf("Replay (-want +got):\n%s", diff)
	}
}

func testEmpty(t *testing.T, h *Harness) {
	wantLast(t, h, 0)
	wantEntries(t, Records(t, h, 0), 1)
	wantEntries(t, Records(t, h, 5), 1)
	found, err := h.LoadCheckpoint(func(uint64, io.Reader) error { return errors.New("called") })
	if found || err != nil {
		t.Errorf("LoadCheckpoint() = %v, %v on an empty log", found, err)
	}
}

func testEveryField(t *testing.T, h *Harness) {
	records := Samples()
	mustAppend(t, h, records...)
	wantEntries(t, Records(t, h, 1), 1, records...)
	h.Reopen()
	wantLast(t, h, uint64(len(records)))
	wantEntries(t, Records(t, h, 1), 1, records...)
}

func testReplayFrom(t *testing.T, h *Harness) {
	var all []recommend.Record
	for i := range 7 {
		batch := []recommend.Record{Event(fmt.Sprint(i, "a")), Event(fmt.Sprint(i, "b")), Event(fmt.Sprint(i, "c"))}
		all = append(all, batch...)
		mustAppend(t, h, batch...)
	}
	for from := range uint64(24) {
		first := max(from, 1)
		wantEntries(t, Records(t, h, from), first, all[min(int(first)-1, len(all)):]...)
	}
}

func testDuplicatesInBatch(t *testing.T, h *Harness) {
	other := Event("a")
	other.Event.CustomerID = "someone else"
	wantAppended(t, mustAppend(t, h, Event("a"), Event("b"), other, Event("c"), Event("b")),
		recommend.Appended{Seq: 1}, recommend.Appended{Seq: 2},
		recommend.Appended{Seq: 1, Duplicate: true},
		recommend.Appended{Seq: 3},
		recommend.Appended{Seq: 2, Duplicate: true})
	wantEntries(t, Records(t, h, 1), 1, Event("a"), Event("b"), Event("c"))
}

func testDuplicatesAcross(t *testing.T, h *Harness) {
	mustAppend(t, h, Event("a"), Event("b"))
	wantAppended(t, mustAppend(t, h, Event("b"), Event("c")),
		recommend.Appended{Seq: 2, Duplicate: true}, recommend.Appended{Seq: 3})
	h.Reopen()
	wantAppended(t, mustAppend(t, h, Event("a"), Event("d"), Event("c")),
		recommend.Appended{Seq: 1, Duplicate: true}, recommend.Appended{Seq: 4}, recommend.Appended{Seq: 3, Duplicate: true})
	wantLast(t, h, 4)
}

func testNoKey(t *testing.T, h *Harness) {
	item := recommend.Record{Kind: recommend.RecordItemPut, Item: recommend.Item{ID: "i"}}
	gone := recommend.Record{Kind: recommend.RecordItemDelete, Item: recommend.Item{ID: "i"}}
	anonymous := Event("")
	wantAppended(t, mustAppend(t, h, item, item, gone, gone, anonymous, anonymous),
		recommend.Appended{Seq: 1}, recommend.Appended{Seq: 2}, recommend.Appended{Seq: 3},
		recommend.Appended{Seq: 4}, recommend.Appended{Seq: 5}, recommend.Appended{Seq: 6})
}

func testAllDuplicates(t *testing.T, h *Harness) {
	mustAppend(t, h, Event("a"))
	wantAppended(t, mustAppend(t, h, Event("a"), Event("a")),
		recommend.Appended{Seq: 1, Duplicate: true}, recommend.Appended{Seq: 1, Duplicate: true})
	wantLast(t, h, 1)
}

func testEmptyBatch(t *testing.T, h *Harness) {
	if out := mustAppend(t, h); len(out) != 0 {
		t.Errorf("Append() = %v", out)
	}
	wantLast(t, h, 0)
}

func testNoAliasing(t *testing.T, h *Harness) {
	records := []recommend.Record{Event("a"), Event("b")}
	mustAppend(t, h, records...)
	records[0].Event.Items[0].ItemID = "overwritten"
	records[1] = Event("z")
	wantEntries(t, Records(t, h, 1), 1, Event("a"), Event("b"))
}

func testLargeBatch(t *testing.T, h *Harness) {
	const events, lines = 2000, 100
	mustAppend(t, h, Event("before"))
	batch := LargeBatch(events, lines)
	out := mustAppend(t, h, batch...)
	for i, a := range out {
		if want := (recommend.Appended{Seq: uint64(i) + 2}); a != want {
			t.Fatalf("event %d: %+v, want %+v", i, a, want)
		}
	}
	h.Reopen()
	mustAppend(t, h, Event("after"))
	wantLast(t, h, events+2)
	got := Records(t, h, events/2)
	if len(got) != events/2+3 {
		t.Fatalf("%d records from the middle, want %d", len(got), events/2+3)
	}
	if diff := cmp.Diff(batch[events/2-2], got[0].Record); diff != "" {
		t.Errorf("record %d (-want +got):\n%s", events/2, diff)
	}
}

func testTooLarge(t *testing.T, h *Harness) {
	huge := recommend.Record{Kind: recommend.RecordItemPut, Item: recommend.Item{ID: "huge", Attributes: map[string]string{}}}
	for i := range 100 {
		huge.Item.Attributes[fmt.Sprint(i)] = strings.Repeat("x", 20_000)
	}
	lines := Event("lines")
	lines.Event.Items = make([]recommend.EventItem, recommend.MaxEventItems+1)
	name := Event("name")
	name.Event.CustomerID = strings.Repeat("x", 100_000)
	for _, bad := range []recommend.Record{huge, lines, name} {
		_, err := h.Append([]recommend.Record{Event("a"), bad, Event("b")})
		if got := recommend.CodeOf(err); got != recommend.CodeTooLarge {
			t.Errorf("Append: %v (%s), want %s", err, got, recommend.CodeTooLarge)
		}
		wantLast(t, h, 0)
	}
	// Nothing of the refused batches is left behind.
	wantAppended(t, mustAppend(t, h, Event("a"), Event("b")), recommend.Appended{Seq: 1}, recommend.Appended{Seq: 2})
}

func testUnknownKind(t *testing.T, h *Harness) {
	_, err := h.Append([]recommend.Record{{}})
	if got := recommend.CodeOf(err); got != recommend.CodeInvalid {
		t.Errorf("Append: %v (%s), want %s", err, got, recommend.CodeInvalid)
	}
}

func testReplayError(t *testing.T, h *Harness) {
	mustAppend(t, h, Event("a"), Event("b"), Event("c"))
	stop := errors.New("stop")
	calls := 0
	err := h.Replay(t.Context(), 1, func(seq uint64, _ *recommend.Record) error {
		calls++
		if seq == 2 {
			return stop
		}
		return nil
	})
	if err != stop { //nolint:errorlint // the contract is: returned as it is
		t.Errorf("Replay: %v, want %v itself", err, stop)
	}
	if calls != 2 {
		t.Errorf("%d calls, want 2", calls)
	}
	calls = 0
	err = h.ReplayChunks(t.Context(), 2, func(first uint64, records []recommend.Record) error {
		calls++
		if first != 2 || len(records) == 0 || records[0].Event.ID != "b" {
			t.Errorf("%d records from %d on, want those from 2 on", len(records), first)
		}
		return stop
	})
	if err != stop || calls != 1 { //nolint:errorlint // the contract is: returned as it is
		t.Errorf("ReplayChunks: %v after %d calls, want %v itself after one", err, calls, stop)
	}
}

func testReplayContext(t *testing.T, h *Harness) {
	mustAppend(t, h, Event("a"))
	mustAppend(t, h, Event("b"))
	ctx, cancel := context.WithCancel(t.Context())
	calls := 0
	err := h.Replay(ctx, 1, func(uint64, *recommend.Record) error {
		calls++
		cancel()
		return nil
	})
	if !errors.Is(err, context.Canceled) || calls != 1 {
		t.Errorf("Replay: %v after %d calls, want %v after 1", err, calls, context.Canceled)
	}
	ctx, cancel = context.WithCancel(t.Context())
	calls = 0
	err = h.ReplayChunks(ctx, 1, func(uint64, []recommend.Record) error {
		calls++
		cancel()
		return nil
	})
	if !errors.Is(err, context.Canceled) || calls != 1 {
		t.Errorf("ReplayChunks: %v after %d calls, want %v after 1", err, calls, context.Canceled)
	}
}

func testReplayPanic(t *testing.T, h *Harness) {
	mustAppend(t, h, Event("a"))
	panics := func(name string, replay func() error) {
		defer func() {
			if got := recover(); got != "mine" {
				t.Errorf("recovered %v, want the callback's own panic", got)
			}
		}()
		t.Errorf("%s returned %v", name, replay())
	}
	panics("Replay", func() error {
		return h.Replay(t.Context(), 1, func(uint64, *recommend.Record) error { panic("mine") })
	})
	panics("ReplayChunks", func() error {
		return h.ReplayChunks(t.Context(), 1, func(uint64, []recommend.Record) error { panic("mine") })
	})
}

func testConcurrent(t *testing.T, h *Harness) {
	const writers, batches = 4, 5
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for b := range batches {
				out, err := h.Append([]recommend.Record{
					Event(fmt.Sprint("own ", w, " ", b)), Event(fmt.Sprint("shared ", b)),
				})
				if err != nil || out[0].Duplicate {
					t.Errorf("Append: %+v, %v", out, err)
				}
			}
		})
		wg.Go(func() {
			for range batches {
				want := uint64(1)
				err := h.Replay(t.Context(), 1, func(seq uint64, _ *recommend.Record) error {
					if seq != want {
						t.Errorf("replayed %d, want %d", seq, want)
					}
					want = seq + 1
					return nil
				})
				if err != nil {
					t.Errorf("Replay: %v", err)
				}
			}
		})
	}
	wg.Wait()
	// Each writer's own events and each shared event once.
	wantLast(t, h, writers*batches+batches)
}
