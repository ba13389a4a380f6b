package live_test

import (
	"context"
	"fmt"
	"io"
	"testing"
	"time"

	"go.uber.org/goleak"

	"osusume/recommend"
	"osusume/recommend/live"
	"osusume/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// noon is the clock of shops whose time stands still.
var noon = time.Date(2026, 4, 1, 12, 0, 0, 0, time.UTC)

func atNoon() time.Time { return noon }

// open starts a writer and closes it at the end of the test.
func open(t *testing.T, cfg live.Config) *live.Live {
	t.Helper()
	l, err := live.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return l
}

func openMemory(t *testing.T) (*live.Live, *store.Memory) {
	t.Helper()
	log := store.NewMemory()
	return open(t, live.Config{Log: log, Clock: atNoon}), log
}

// bought is a purchase an hour before noon, in an order of its own.
func bought(id, customer string, items ...string) recommend.Event {
	e := recommend.Event{
		ID: id, Type: recommend.Purchase, Time: noon.Add(-time.Hour), CustomerID: customer, OrderID: "order-" + id,
	}
	for _, i := range items {
		e.Items = append(e.Items, recommend.EventItem{ItemID: i, Quantity: 1})
	}
	return e
}

// ingest sends events of which all must be accepted, and returns the last
// sequence.
func ingest(t *testing.T, l *live.Live, events ...recommend.Event) uint64 {
	t.Helper()
	verdicts, seq, err := l.Ingest(context.Background(), events)
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range verdicts {
		if v.Status != recommend.Accepted {
			t.Fatalf("event %d: %+v, want it accepted", i, v)
		}
	}
	return seq
}

func digest(t *testing.T, l *live.Live) string {
	t.Helper()
	d, err := l.Digest(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// lines is how many interactions the index has of a visitor.
func lines(l *live.Live, customer string) int {
	c, _ := l.View().Customer(customer, 1000)
	return len(c.Recent)
}

// mixed is a history with several items, orders, sessions and catalog changes,
// n events long.
func mixed(t *testing.T, l *live.Live, from, n int) {
	t.Helper()
	for k := from; k < from+n; k++ {
		e := bought(fmt.Sprintf("e%d", k), fmt.Sprintf("c%d", k%5), fmt.Sprintf("i%d", k%7), fmt.Sprintf("i%d", k*k%11))
		ingest(t, l, e, recommend.Event{
			ID: fmt.Sprintf("v%d", k), Type: recommend.ViewItem, Time: noon.Add(-time.Duration(k) * time.Minute),
			SessionID: fmt.Sprintf("s%d", k%3), Items: []recommend.EventItem{{ItemID: fmt.Sprintf("i%d", k%4)}},
		})
		if k%4 == 0 {
			if _, err := l.PutItems(context.Background(), []recommend.Item{{ID: fmt.Sprintf("i%d", k%9), Brand: fmt.Sprintf("b%d", k)}}); err != nil {
				t.Fatal(err)
			}
		}
		if k%10 == 9 {
			if _, err := l.DeleteItem(context.Background(), "i0"); err != nil && recommend.CodeOf(err) != recommend.CodeNotFound {
				t.Fatal(err)
			}
		}
	}
}

// wantCode fails unless err has the given code and, if not "", field.
func wantCode(t *testing.T, err error, code recommend.Code, field string) {
	t.Helper()
	if got := recommend.CodeOf(err); got != code {
		t.Fatalf("error %v has code %q, want %q", err, got, code)
	}
	if e, ok := err.(*recommend.Error); field != "" && (!ok || e.Field != field) {
		t.Fatalf("error %#v, want field %q", err, field)
	}
}

// faultyLog is a Memory that can be made to fail and to wait.
type faultyLog struct {
	*store.Memory
	// appending, when set, runs inside Append, before anything is kept.
	appending func(records []recommend.Record) error
	// appended, when set, may replace what Append answers.
	appended func(out []recommend.Appended) ([]recommend.Appended, error)
	// replaying and saving, when set, fail ReplayChunks and SaveCheckpoint.
	replaying, saving error
	// checkpoint, when set, is what LoadCheckpoint hands out.
	checkpoint func(read func(seq uint64, r io.Reader) error) (bool, error)
}

func (f *faultyLog) Append(records []recommend.Record) ([]recommend.Appended, error) {
	if f.appending != nil {
		if err := f.appending(records); err != nil {
			return nil, err
		}
	}
	out, err := f.Memory.Append(records)
	if err == nil && f.appended != nil {
		return f.appended(out)
	}
	return out, err
}

func (f *faultyLog) ReplayChunks(ctx context.Context, from uint64, fn func(uint64, []recommend.Record) error) error {
	if f.replaying != nil {
		return f.replaying
	}
	return f.Memory.ReplayChunks(ctx, from, fn)
}

func (f *faultyLog) SaveCheckpoint(seq uint64, write func(w io.Writer) error) error {
	if f.saving != nil {
		return f.saving
	}
	return f.Memory.SaveCheckpoint(seq, write)
}

func (f *faultyLog) LoadCheckpoint(read func(seq uint64, r io.Reader) error) (bool, error) {
	if f.checkpoint != nil {
		return f.checkpoint(read)
	}
	return f.Memory.LoadCheckpoint(read)
}
