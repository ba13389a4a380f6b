package datasets

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"osusume/recommend"
)

// published opens a file of the shared data, which lies beside the checkout.
func published(tb testing.TB, name string) *os.File {
	tb.Helper()
	dir, err := os.Getwd()
	if err != nil {
		tb.Fatal(err)
	}
	for {
		path := filepath.Join(dir, "shared", "data", filepath.FromSlash(name))
		if f, err := os.Open(path); err == nil {
			tb.Cleanup(func() { _ = f.Close() })
			return f
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			tb.Skipf("no ../shared/data/%s beside the checkout: the data is not part of the project", name)
		}
		dir = parent
	}
}

const rawRetail = "online_retail/online_retail_until_2011-11-09.csv.gz"

// The counts were taken from the file with Python's csv module.
func TestImportPublishedOnlineRetail(t *testing.T) {
	f := published(t, rawRetail)
	sink := newShop(t)
	var rejected strings.Builder
	opts := ImportOptions{Options: Options{Format: OnlineRetail}, Rejects: &rejected, Known: sink.Item}
	sum, err := importFrom(t.Context(), f, opts, sink)
	if err != nil {
		t.Fatal(err)
	}
	want := Summary{
		Rows: 453_843, Lines: 448_975, Events: 20_001, Accepted: 20_001, Items: 3_755,
		Skipped: map[string]int64{SkipNotAnItem: 2_634, SkipStockAdjustment: 1_185, SkipNoPrice: 1_049},
	}
	if diff := cmp.Diff(want, sum); diff != "" {
		t.Errorf("summary (-want +got):\n%s\n%s", diff, rejected.String())
	}
	var refunds, refundLines, anonymous int
	var units, pence int64
	sales := make(map[sale]int64)
	for i := range sink.events {
		e := &sink.events[i]
		tally(sales, e)
		if e.Type == recommend.Refund {
			refunds++
			refundLines += len(e.Items)
			continue
		}
		if e.CustomerID == "" {
			anonymous++
		}
		for _, it := range e.Items {
			units += it.Quantity
			pence += it.Quantity * it.Price.Amount
		}
	}
	got := [...]int64{int64(refunds), int64(refundLines), int64(anonymous), units, pence}
	if wantNumbers := [...]int64{3_019, 7_694, 1_249, 4_745_720, 864_343_857}; got != wantNumbers {
		t.Errorf("refunds, their lines, orders of nobody, units, pence: %v, want %v", got, wantNumbers)
	}
	cakestand := recommend.Item{ID: "22423", Title: recommend.Text{"en": "REGENCY CAKESTAND 3 TIER"}, Price: pounds(1275)}
	if diff := cmp.Diff(cakestand, sink.items["22423"]); diff != "" {
		t.Errorf("item 22423 (-want +got):\n%s", diff)
	}

	compareWithCleaned(t, sales)

	// Again, from the start: nothing changes.
	if _, err := f.Seek(0, 0); err != nil {
		t.Fatal(err)
	}
	again, err := importFrom(t.Context(), f, opts, sink)
	if err != nil {
		t.Fatal(err)
	}
	want.Accepted, want.Duplicates, want.Items = 0, want.Events, 0
	if diff := cmp.Diff(want, again); diff != "" {
		t.Errorf("second summary (-want +got):\n%s", diff)
	}
}

type sale struct{ order, customer, item string }

// tally adds the quantities e tells a known customer bought.
func tally(sales map[sale]int64, e *recommend.Event) {
	if e.Type != recommend.Purchase || e.CustomerID == "" {
		return
	}
	for _, it := range e.Items {
		sales[sale{e.OrderID, e.CustomerID, it.ItemID}] += it.Quantity
	}
}

// compareWithCleaned holds the sales of the published file against the cleaned
// one, which others made from it: known customers, products, one row per order
// and item.
func compareWithCleaned(t *testing.T, raw map[sale]int64) {
	t.Helper()
	clean := make(map[sale]int64)
	for e, err := range ReadEvents(published(t, "online_retail/train.csv.gz"), Options{Currency: "GBP"}) {
		if err != nil {
			t.Fatal(err)
		}
		tally(clean, &e)
	}
	differ := 0
	for s, n := range clean {
		if raw[s] != n {
			differ++
			if differ <= 5 {
				t.Errorf("%+v: quantity %d, want %d", s, raw[s], n)
			}
		}
	}
	if differ > 0 || len(raw) != len(clean) || len(clean) != 324_836 {
		t.Errorf("%d sales differ; %d in the published file, %d in the cleaned, want 324,836", differ, len(raw), len(clean))
	}
}

func TestReadPublishedFiles(t *testing.T) {
	tests := []struct {
		name          string
		opts          Options
		rows, grouped int
	}{
		{"online_retail/test.csv.gz", Options{Currency: "GBP"}, 31_329, 0},
		{"retailrocket/test.csv.gz", Options{}, 12_102, 12_102},
		{"movielens100k/train.csv.gz", Options{}, 75_066, 75_066},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, ungrouped := range []bool{true, false} {
				tt.opts.Ungrouped = ungrouped
				events, lines := 0, 0
				ids := make(map[string]bool)
				orders := make(map[string]bool)
				for e, err := range ReadEvents(published(t, tt.name), tt.opts) {
					if err != nil {
						t.Fatal(err)
					}
					events++
					lines += len(e.Items)
					ids[e.ID] = true
					orders[e.OrderID] = true
				}
				want := tt.rows
				if !ungrouped {
					if want = tt.grouped; want == 0 {
						want = len(orders)
					}
				}
				if events != want || lines != tt.rows || len(ids) != events {
					t.Errorf("ungrouped %t: %d events of %d lines with %d ids, want %d of %d", ungrouped, events, lines, len(ids), want, tt.rows)
				}
			}
		})
	}
}

func TestReadPublishedBaskets(t *testing.T) {
	cases, err := ReadBaskets(published(t, "online_retail/baskets.csv.gz").Name())
	if err != nil {
		t.Fatal(err)
	}
	if len(cases) != 1184 {
		t.Errorf("%d cases, want 1,184", len(cases))
	}
	want := Basket{
		Invoice: "575492", Cart: []string{"84946", "22217", "23323", "22593", "23322"}, Hidden: "79321",
		Seed: "84946", Rest: []string{"22217", "22593", "23322", "23323", "79321"},
	}
	if diff := cmp.Diff(want, cases[0]); diff != "" {
		t.Errorf("first case (-want +got):\n%s", diff)
	}
}

func TestReadEvents(t *testing.T) {
	in := header + "purchase,2020-01-01T00:00:00Z,1,,o,a,,,\nbuy,,,,,,,,\npurchase,2020-01-01T00:00:00Z,1,,o,b,,,\n"
	purchase := func(items ...recommend.EventItem) recommend.Event {
		return recommend.Event{Type: recommend.Purchase, Time: at("2020-01-01T00:00:00Z"), CustomerID: "1", OrderID: "o", Items: items}
	}
	a, b := recommend.EventItem{ItemID: "a", Quantity: 1}, recommend.EventItem{ItemID: "b", Quantity: 1}
	for _, tt := range []struct {
		name string
		opts Options
		want []recommend.Event
	}{
		{"grouped", Options{}, []recommend.Event{purchase(a, b)}},
		{"ungrouped", Options{Ungrouped: true}, []recommend.Event{purchase(a), purchase(b)}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []recommend.Event
			bad := 0
			for e, err := range ReadEvents(strings.NewReader(in), tt.opts) {
				var re *RowError
				switch {
				case errors.As(err, &re):
					bad++
					if re.Line != 3 || re.Raw != "buy,,,,,,,," {
						t.Errorf("bad row %+v, want line 3", re)
					}
				case err != nil:
					t.Fatal(err)
				default:
					got = append(got, e)
				}
			}
			if diff := cmp.Diff(tt.want, got, cmpopts.IgnoreFields(recommend.Event{}, "ID")); diff != "" || bad != 1 {
				t.Errorf("%d bad rows; events (-want +got):\n%s", bad, diff)
			}
			for range ReadEvents(strings.NewReader(in), tt.opts) {
				break // must stop quietly
			}
		})
	}
	for _, err := range ReadEvents(strings.NewReader("x\n"), Options{}) {
		if recommend.CodeOf(err) != recommend.CodeInvalid {
			t.Errorf("bad header: got %v", err)
		}
	}
}

// nowhere is the fastest Sink.
type nowhere struct{ verdicts []recommend.Verdict }

func (n *nowhere) Ingest(_ context.Context, events []recommend.Event) ([]recommend.Verdict, uint64, error) {
	for len(n.verdicts) < len(events) {
		n.verdicts = append(n.verdicts, recommend.Verdict{Status: recommend.Accepted})
	}
	return n.verdicts[:len(events)], 0, nil
}

func (*nowhere) PutItems(context.Context, []recommend.Item) (uint64, error) { return 0, nil }

func BenchmarkImport(b *testing.B) {
	files := []struct {
		name, file string
		opts       Options
	}{
		{"online-retail", rawRetail, Options{Format: OnlineRetail}},
		{"events", "online_retail/train.csv.gz", Options{Currency: "GBP"}},
		{"views", "retailrocket/train.csv.gz", Options{}},
	}
	for _, f := range files {
		b.Run(f.name, func(b *testing.B) {
			in := published(b, f.file)
			b.ReportAllocs()
			var rows int64
			for b.Loop() {
				if _, err := in.Seek(0, 0); err != nil {
					b.Fatal(err)
				}
				sum, err := importFrom(b.Context(), in, ImportOptions{Options: f.opts}, &nowhere{})
				if err != nil {
					b.Fatal(err)
				}
				rows += sum.Rows
			}
			b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}
