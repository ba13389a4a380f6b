package live_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"osusume/recommend"
	"osusume/recommend/cooccur"
	"osusume/recommend/engine"
	"osusume/recommend/live"
	"osusume/store"
)

func TestCloseDuringIngest(t *testing.T) {
	log := store.NewMemory()
	l, err := live.Open(t.Context(), live.Config{Log: log, Clock: atNoon})
	if err != nil {
		t.Fatal(err)
	}
	const callers = 6
	started := make(chan struct{}, callers)
	acknowledged := make([]int, callers)
	var wg sync.WaitGroup
	for c := range callers {
		wg.Go(func() {
			for n := 0; ; n++ {
				_, _, err := l.Ingest(context.Background(), []recommend.Event{
					bought(fmt.Sprintf("e%d-%d", c, n), fmt.Sprintf("c%d", c), fmt.Sprintf("i%d", n%10)),
				})
				if err != nil {
					if recommend.CodeOf(err) != recommend.CodeUnavailable {
						t.Errorf("ingest while closing: %v", err)
					}
					return
				}
				if acknowledged[c]++; n == 5 {
					started <- struct{}{}
				}
			}
		})
	}
	for range callers {
		<-started
	}
	// Close is safe from several goroutines.
	var closers sync.WaitGroup
	for range 3 {
		closers.Go(func() {
			if err := l.Close(); err != nil {
				t.Errorf("Close: %v", err)
			}
		})
	}
	closers.Wait()
	wg.Wait()
	if l.View().Seq() != log.LastSeq() {
		t.Errorf("closed at record %d of %d", l.View().Seq(), log.LastSeq())
	}
	if _, err := l.View().Recommend(&recommend.Request{}); err != nil {
		t.Errorf("readers after Close: %v", err)
	}

	l = open(t, live.Config{Log: log, Clock: atNoon})
	total := 0
	for c, n := range acknowledged {
		total += n
		if got := lines(l, fmt.Sprintf("c%d", c)); got != n {
			t.Errorf("c%d has %d lines, %d were acknowledged", c, got, n)
		}
	}
	if log.LastSeq() != uint64(total) {
		t.Errorf("the log has %d records, %d were acknowledged", log.LastSeq(), total)
	}
}

func TestClosed(t *testing.T) {
	l, err := live.Open(t.Context(), live.Config{Log: store.NewMemory(), Clock: atNoon})
	if err != nil {
		t.Fatal(err)
	}
	ingest(t, l, bought("e1", "ann", "phone"))
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	calls := map[string]func() error{
		"Ingest": func() error {
			_, _, err := l.Ingest(ctx, []recommend.Event{bought("e2", "ann", "phone")})
			return err
		},
		"PutItems": func() error { _, err := l.PutItems(ctx, []recommend.Item{{ID: "a"}}); return err },
		"PatchItem": func() error {
			_, _, err := l.PatchItem(ctx, "phone", func(*recommend.Item) error { return nil })
			return err
		},
		"DeleteItem": func() error { _, err := l.DeleteItem(ctx, "phone"); return err },
		"Refresh":    func() error { return l.Refresh(ctx) },
		"Digest":     func() error { _, err := l.Digest(ctx); return err },
		"Await":      func() error { return l.Await(ctx, 2) },
	}
	for name, call := range calls {
		t.Run(name, func(t *testing.T) { wantCode(t, call(), recommend.CodeUnavailable, "") })
	}
	if err := l.Await(ctx, 1); err != nil {
		t.Errorf("Await of an applied record: %v", err)
	}
	if err := l.Close(); err != nil {
		t.Errorf("second Close: %v", err)
	}
}

func TestCloseReportsACheckpointNotSaved(t *testing.T) {
	log := &faultyLog{Memory: store.NewMemory(), saving: errDisk}
	l, err := live.Open(t.Context(), live.Config{Log: log, Clock: atNoon})
	if err != nil {
		t.Fatal(err)
	}
	ingest(t, l, bought("e1", "ann", "phone"))
	for range 2 {
		if err := l.Close(); !errors.Is(err, errDisk) {
			t.Errorf("Close = %v, want it to wrap %v", err, errDisk)
		}
	}
}

func TestAwait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, err := live.Open(t.Context(), live.Config{Log: store.NewMemory()})
		if err != nil {
			t.Fatal(err)
		}
		if err := l.Await(context.Background(), 0); err != nil {
			t.Errorf("Await(0) = %v", err)
		}
		ctx, cancel := context.WithTimeout(context.Background(), 250*time.Millisecond)
		defer cancel()
		began := time.Now()
		wantCode(t, l.Await(ctx, 1), recommend.CodeUnavailable, "")
		if waited := time.Since(began); waited != 250*time.Millisecond {
			t.Errorf("waited %v, want until the deadline", waited)
		}
		canceled, cancel := context.WithCancel(context.Background())
		cancel()
		wantCode(t, l.Await(canceled, 1), recommend.CodeUnavailable, "")

		// Several wait for different records; each goes on with its own.
		var wg sync.WaitGroup
		for seq := range uint64(3) {
			wg.Go(func() {
				if err := l.Await(context.Background(), seq+1); err != nil || l.View().Seq() < seq+1 {
					t.Errorf("Await(%d) = %v at View %d", seq+1, err, l.View().Seq())
				}
			})
		}
		for _, id := range []string{"e1", "e2", "e3"} {
			e := bought(id, "ann", "phone")
			e.Time = time.Now()
			if _, _, err := l.Ingest(context.Background(), []recommend.Event{e}); err != nil {
				t.Error(err)
			}
		}
		wg.Wait()
		// One who waits for what never comes is let go at the end.
		wg.Go(func() { wantCode(t, l.Await(context.Background(), 99), recommend.CodeUnavailable, "") })
		synctest.Wait()
		if err := l.Close(); err != nil {
			t.Error(err)
		}
		wg.Wait()
	})
}

// A shop where nothing happens still moves its time windows: after eight days
// what sold last week is no longer popular this week.
func TestIdleShopAges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var slept atomic.Int64
		clock := func() time.Time { return time.Now().Add(time.Duration(slept.Load())) }
		l, err := live.Open(t.Context(), live.Config{Log: store.NewMemory(), Clock: clock})
		if err != nil {
			t.Fatal(err)
		}
		e := bought("e1", "ann", "phone")
		e.Time = clock()
		if _, _, err := l.Ingest(context.Background(), []recommend.Event{e}); err != nil {
			t.Fatal(err)
		}
		week := func() recommend.Recommendation {
			a, err := l.View().Popular(&recommend.PopularQuery{WindowDays: 7, Limit: 1})
			if err != nil || len(a.Items) != 1 {
				t.Fatalf("Popular = %+v, %v", a, err)
			}
			return a.Items[0]
		}
		<-time.After(time.Second) // popularity follows within a bounded time
		synctest.Wait()
		if got := week(); got.Score != 1 || got.Stage != recommend.StageBestseller {
			t.Errorf("today: %+v, want a bestseller with one buyer", got)
		}
		asOf := l.View().AsOf()
		<-time.After(2 * time.Minute)
		synctest.Wait()
		if got := l.View().AsOf(); !got.After(asOf) {
			t.Errorf("AsOf is still %v two minutes later", got)
		}
		slept.Store(int64(8 * 24 * time.Hour))
		<-time.After(2 * time.Minute)
		synctest.Wait()
		if got := week(); got.Score != 0 {
			t.Errorf("eight days later: %+v, want no buyers this week", got)
		}
		if got := l.View().AsOf(); clock().Sub(got) > 2*time.Minute {
			t.Errorf("the View is %v old", clock().Sub(got))
		}
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestOpenFails(t *testing.T) {
	filled := store.NewMemory()
	if _, err := filled.Append([]recommend.Record{{Kind: recommend.RecordItemPut, Item: recommend.Item{ID: "a"}, Received: noon}}); err != nil {
		t.Fatal(err)
	}
	canceled, cancel := context.WithCancel(context.Background())
	cancel()
	tests := []struct {
		name string
		ctx  context.Context
		cfg  live.Config
		want error // nil: any
	}{
		{"no log", t.Context(), live.Config{}, nil},
		{"bad settings", t.Context(), live.Config{
			Log: filled, Settings: engine.Settings{Placements: map[string]engine.Placement{"home": {Model: "nothing"}}},
		}, nil},
		{"the log cannot be read", t.Context(), live.Config{Log: &faultyLog{Memory: filled, replaying: errDisk}}, errDisk},
		{"the checkpoint cannot be read", t.Context(), live.Config{Log: &faultyLog{
			Memory:     filled,
			checkpoint: func(func(uint64, io.Reader) error) (bool, error) { return false, errDisk },
		}}, errDisk},
		{"canceled", canceled, live.Config{Log: filled}, context.Canceled},
		{"the log ends early", t.Context(), live.Config{Log: &shortLog{filled}}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l, err := live.Open(tt.ctx, tt.cfg)
			if err == nil {
				_ = l.Close()
				t.Fatal("Open succeeded")
			}
			if tt.want != nil && !errors.Is(err, tt.want) {
				t.Errorf("Open = %v, want it to wrap %v", err, tt.want)
			}
		})
	}
}

// shortLog announces one record more than it has.
type shortLog struct{ *store.Memory }

func (s *shortLog) LastSeq() uint64 { return s.Memory.LastSeq() + 1 }

func TestProgressIsTold(t *testing.T) {
	log := store.NewMemory()
	var batch []recommend.Record
	const records = 20_000
	for k := range records {
		batch = append(batch, recommend.Record{Kind: recommend.RecordItemPut, Item: recommend.Item{ID: fmt.Sprintf("i%d", k%50)}, Received: noon})
	}
	if _, err := log.Append(batch); err != nil {
		t.Fatal(err)
	}
	start := &live.Start{}
	if p := start.Progress(); p != (live.Progress{}) {
		t.Errorf("%+v before the start", p)
	}
	var told []uint64
	open(t, live.Config{Log: log, Clock: atNoon, Start: start, Progress: func(done, total uint64) {
		if total != records || done > total || (len(told) > 0 && done <= told[len(told)-1]) {
			t.Errorf("told %d of %d after %v", done, total, told)
		}
		if p := start.Progress(); p.Phase != live.Reading || p.Done != done || p.Total != total {
			t.Errorf("told %d of %d, but %+v to those who ask", done, total, p)
		}
		told = append(told, done)
	}})
	if len(told) < 2 || told[len(told)-1] != records {
		t.Errorf("told %v, want several steps up to %d", told, records)
	}
	if p := start.Progress(); p.Phase != live.Ready || p.Done != records || p.Elapsed <= 0 {
		t.Errorf("%+v after the start, want %q", p, live.Ready)
	}
}

func TestProgressFigures(t *testing.T) {
	tests := map[string]struct {
		p         live.Progress
		percent   float64
		perSecond float64
		remaining time.Duration
	}{
		"not begun":        {live.Progress{}, 0, 0, 0},
		"loading":          {live.Progress{Phase: live.Loading}, 0, 0, 0},
		"nothing to do":    {live.Progress{Phase: live.Reading}, 100, 0, 0},
		"at the beginning": {live.Progress{Phase: live.Reading, Total: 10}, 0, 0, 0},
		"half-way":         {live.Progress{Phase: live.Reading, Done: 200, Total: 400, Read: 2 * time.Second}, 50, 100, 2 * time.Second},
		"three quarters":   {live.Progress{Phase: live.Reading, Done: 300, Total: 400, Read: 3 * time.Second}, 75, 100, time.Second},
		// Reading takes 20 s in all, counting 0.6 of that and ranking 1.4.
		"long reading":   {live.Progress{Phase: live.Reading, Done: 5000, Total: 20_000, Read: 5 * time.Second}, 25, 1000, (15 + 12 + 28) * time.Second},
		"all read":       {live.Progress{Phase: live.Reading, Done: 20_000, Total: 20_000, Read: 20 * time.Second}, 100, 1000, (12 + 28) * time.Second},
		"counting":       {live.Progress{Phase: live.Counting, Done: 20_000, Total: 20_000, Read: 20 * time.Second, InPhase: 4 * time.Second}, 100, 1000, (8 + 28) * time.Second},
		"counting long":  {live.Progress{Phase: live.Counting, Done: 20_000, Total: 20_000, Read: 20 * time.Second, InPhase: 16 * time.Second}, 100, 1000, (4 + 28) * time.Second},
		"ranking":        {live.Progress{Phase: live.Ranking, Done: 20_000, Total: 20_000, Read: 20 * time.Second, InPhase: 8 * time.Second}, 100, 1000, 20 * time.Second},
		"ranking long":   {live.Progress{Phase: live.Ranking, Done: 20_000, Total: 20_000, Read: 20 * time.Second, InPhase: 40 * time.Second}, 100, 1000, 10 * time.Second},
		"ranking little": {live.Progress{Phase: live.Ranking, Done: 200, Total: 200, Read: 2 * time.Second, InPhase: 4 * time.Second}, 100, 100, time.Second},
		"filling":        {live.Progress{Phase: live.Filling, Done: 5000, Total: 20_000, Read: 5 * time.Second}, 25, 1000, 15 * time.Second},
		"ready":          {live.Progress{Phase: live.Ready, Done: 20_000, Total: 20_000, Read: 20 * time.Second}, 100, 1000, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if p, r, left := tt.p.Percent(), tt.p.PerSecond(), tt.p.Remaining(); p != tt.percent || r != tt.perSecond || left != tt.remaining {
				t.Errorf("%v %%, %v/s, %v left, want %v %%, %v/s, %v left", p, r, left, tt.percent, tt.perSecond, tt.remaining)
			}
		})
	}
}

// Elapsed counts from the first phase, InPhase from the present one; both stand still
// at the end.
func TestProgressKeepsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var start live.Start
		after := func(d time.Duration, phase live.Phase, elapsed, inPhase time.Duration) {
			t.Helper()
			<-time.After(d)
			if p := start.Progress(); p.Phase != phase || p.Elapsed != elapsed || p.InPhase != inPhase {
				t.Errorf("%+v, want %v after %v, %v of it in the phase", p, phase, elapsed, inPhase)
			}
		}
		start.Tell(live.Progress{Phase: live.Loading})
		after(2*time.Second, live.Loading, 2*time.Second, 2*time.Second)
		start.Tell(live.Progress{Phase: live.Reading, Total: 10})
		after(time.Second, live.Reading, 3*time.Second, time.Second)
		start.Tell(live.Progress{Phase: live.Reading, Done: 5, Total: 10})
		after(time.Second, live.Reading, 4*time.Second, 2*time.Second)
		start.Tell(live.Progress{Phase: live.Ready})
		after(time.Second, live.Ready, 4*time.Second, 0)
	})
}

// The state is that of the log, whichever way it was reached.
func TestRecovery(t *testing.T) {
	log := store.NewMemory()
	l, err := live.Open(t.Context(), live.Config{Log: log, Clock: atNoon})
	if err != nil {
		t.Fatal(err)
	}
	mixed(t, l, 0, 30)
	if err := l.Close(); err != nil { // saves a checkpoint
		t.Fatal(err)
	}
	var early []byte // that checkpoint
	seqThen := log.LastSeq()
	if _, err := log.LoadCheckpoint(func(seq uint64, r io.Reader) error {
		if seq != seqThen {
			t.Errorf("checkpoint of record %d, want %d", seq, seqThen)
		}
		early, err = io.ReadAll(r)
		return err
	}); err != nil || len(early) == 0 {
		t.Fatalf("no checkpoint after Close: %v", err)
	}
	l, err = live.Open(t.Context(), live.Config{Log: log, Clock: atNoon})
	if err != nil {
		t.Fatal(err)
	}
	mixed(t, l, 30, 30)
	want := digest(t, l)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}

	flipped := bytes.Clone(early)
	flipped[0] ^= 1
	miscounted := bytes.Clone(early)
	// The counts lie before the lengths of the parts and their number.
	parts := int(binary.BigEndian.Uint32(early[len(early)-4:]))
	miscounted[len(early)-4-8*parts-9] ^= 1
	handing := func(seq uint64, data []byte) func(func(uint64, io.Reader) error) (bool, error) {
		return func(read func(uint64, io.Reader) error) (bool, error) {
			return true, read(seq, bytes.NewReader(data))
		}
	}
	tests := []struct {
		name       string
		checkpoint func(func(uint64, io.Reader) error) (bool, error)
		ignore     bool
		replayed   uint64 // records read from the log
	}{
		{"newest checkpoint", nil, false, 0},
		{"checkpoint and tail", handing(seqThen, early), false, log.LastSeq() - seqThen},
		{"whole log", nil, true, log.LastSeq()},
		{"unknown form", handing(seqThen, flipped), false, log.LastSeq()},
		{"cut short", handing(seqThen, early[:len(early)/16]), false, log.LastSeq()},
		{"its end missing", handing(seqThen, early[:len(early)-9]), false, log.LastSeq()},
		{"its counts damaged", handing(seqThen, miscounted), false, log.LastSeq() - seqThen},
		{"empty", handing(seqThen, nil), false, log.LastSeq()},
		{"not what it says it is", handing(seqThen+1, early), false, log.LastSeq()},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			replayed := uint64(0)
			l := open(t, live.Config{
				Log: &faultyLog{Memory: log, checkpoint: tt.checkpoint}, Clock: atNoon, IgnoreCheckpoint: tt.ignore,
				Progress: func(done, _ uint64) { replayed = done },
			})
			if got := digest(t, l); got != want {
				t.Error("another state than before")
			}
			if replayed != tt.replayed {
				t.Errorf("%d records replayed, want %d", replayed, tt.replayed)
			}
			if s := l.Status(); s.Acknowledged != log.LastSeq() || s.Applied != log.LastSeq() {
				t.Errorf("Status = %+v, want all %d records", s, log.LastSeq())
			}
		})
	}
}

// A checkpoint ahead of the log belongs to another log, or the log lost its
// tail: neither may be served.
func TestCheckpointAheadOfTheLog(t *testing.T) {
	whole := store.NewMemory()
	l, err := live.Open(t.Context(), live.Config{Log: whole, Clock: atNoon})
	if err != nil {
		t.Fatal(err)
	}
	mixed(t, l, 0, 5)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	log := &faultyLog{Memory: store.NewMemory(), checkpoint: whole.LoadCheckpoint}
	if l, err := live.Open(t.Context(), live.Config{Log: log, Clock: atNoon}); err == nil {
		_ = l.Close()
		t.Error("opened a log that ends before the checkpoint")
	}
}

// Settings may change between two starts: what was counted under the old ones
// is counted anew, checkpoint or not.
func TestReopenWithOtherSettings(t *testing.T) {
	log := store.NewMemory()
	l, err := live.Open(t.Context(), live.Config{Log: log, Clock: atNoon})
	if err != nil {
		t.Fatal(err)
	}
	mixed(t, l, 0, 30)
	before := digest(t, l)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	other := engine.Settings{Counts: cooccur.Settings{CustomerWindow: 1, SessionWindow: 1, StepWindow: 1}}
	fromCheckpoint := digest(t, open(t, live.Config{Log: log, Clock: atNoon, Settings: other}))
	fromLog := digest(t, open(t, live.Config{Log: log, Clock: atNoon, Settings: other, IgnoreCheckpoint: true}))
	if fromCheckpoint != fromLog {
		t.Error("checkpoint and log disagree under other settings")
	}
	if fromLog == before {
		t.Error("other settings made no difference")
	}
}

// A catalog without a single event is a shop, too.
func TestRecoveryOfACatalogAlone(t *testing.T) {
	log := store.NewMemory()
	l, err := live.Open(t.Context(), live.Config{Log: log, Clock: atNoon})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.PutItems(t.Context(), []recommend.Item{{ID: "a"}, {ID: "b"}}); err != nil {
		t.Fatal(err)
	}
	want := digest(t, l)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	l = open(t, live.Config{Log: log, Clock: atNoon, Progress: func(done, total uint64) {
		t.Errorf("%d of %d records replayed beside a checkpoint", done, total)
	}})
	if digest(t, l) != want {
		t.Error("another state than before")
	}
}
