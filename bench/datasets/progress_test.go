package datasets

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestBarWithoutTerminalWritesALineEachTenSeconds(t *testing.T) {
	var out strings.Builder
	now := testNow
	b := NewBar(&out, "orders.csv", false, func() time.Time { return now })
	steps := []struct {
		after time.Duration
		p     Progress
	}{
		{1 * time.Second, Progress{BytesRead: 1, BytesTotal: 100, Rows: 1}},
		{9_999 * time.Millisecond, Progress{BytesRead: 2, BytesTotal: 100, Rows: 2}},
		{10 * time.Second, Progress{BytesRead: 25, BytesTotal: 100, Rows: 1_234_567}}, // a quarter in 10 s: 30 s left
		{19 * time.Second, Progress{BytesRead: 26, BytesTotal: 100, Rows: 2_000_000}},
		{20 * time.Second, Progress{Rows: 2_000_000}},
	}
	for _, s := range steps {
		now = testNow.Add(s.after)
		b.Update(s.p)
	}
	b.Finish()
	want := `orders.csv: 25 %, 1,234,567 rows, 123,456 rows/s, 30s left
orders.csv: 2,000,000 rows, 100,000 rows/s
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("output (-want +got):\n%s", diff)
	}
}

func TestBarOnTerminal(t *testing.T) {
	var out strings.Builder
	now := testNow
	b := NewBar(&out, "orders.csv", true, func() time.Time { return now })
	now = now.Add(time.Second)
	b.Update(Progress{BytesRead: 50, BytesTotal: 100, Rows: 2000})
	if got := out.String(); !strings.Contains(got, "orders.csv 2,000 rows, 2,000 rows/s") || !strings.Contains(got, "50%") {
		t.Errorf("half-way: %q", got)
	}
	drawn := out.Len()
	now = now.Add(barInterval - 1)
	b.Update(Progress{BytesRead: 60, BytesTotal: 100, Rows: 3000})
	if out.Len() != drawn {
		t.Errorf("drawn again within %s", barInterval)
	}
	b.Finish()
}

func TestIsTerminal(t *testing.T) {
	if IsTerminal(&strings.Builder{}) {
		t.Error("a buffer is no terminal")
	}
}

func TestGrouped(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", 123456: "123,456", 1234567: "1,234,567"} {
		if got := grouped(n); got != want {
			t.Errorf("%d: got %s, want %s", n, got, want)
		}
	}
}
