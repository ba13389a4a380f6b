package datasets

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.uber.org/goleak"

	"osusume/recommend"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var testNow = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func importText(t *testing.T, text string, opts ImportOptions, sink Sink) (Summary, error) {
	t.Helper()
	return importFrom(t.Context(), strings.NewReader(text), opts, sink)
}

func importFrom(ctx context.Context, r io.Reader, opts ImportOptions, sink Sink) (Summary, error) {
	opts.Clock = func() time.Time { return testNow }
	return Import(ctx, r, opts, sink)
}

const header = "event,time,customer_id,session_id,order_id,item_id,quantity,price,value\n"

func pounds(pence int64) recommend.Money { return recommend.Money{Amount: pence, Currency: "GBP"} }

func at(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return t
}

var ignoreID = cmpopts.IgnoreFields(recommend.Event{}, "ID")

func TestImportEvents(t *testing.T) {
	gbp := ImportOptions{Options: Options{Currency: "GBP"}}
	tests := []struct {
		name    string
		in      string
		opts    ImportOptions
		events  []recommend.Event
		rejects string
		sum     Summary
	}{
		{
			name: "lines of an order become one event",
			in: header + `purchase,2011-11-10T08:06:00Z,18236,,575492,22217,12,1.25,
purchase,2011-11-10T08:06:00Z,18236,,575492,22593,,0.85,
`,
			opts: gbp,
			events: []recommend.Event{{
				Type: recommend.Purchase, Time: at("2011-11-10T08:06:00Z"), CustomerID: "18236", OrderID: "575492",
				Items: []recommend.EventItem{{ItemID: "22217", Quantity: 12, Price: pounds(125)}, {ItemID: "22593", Quantity: 1, Price: pounds(85)}},
			}},
			sum: Summary{Rows: 2, Lines: 2, Events: 1, Accepted: 1},
		},
		{
			name: "orders interleaved keep the order of their first lines",
			in: header + `purchase,2011-11-10T08:06:00Z,1,,o1,a,,,
purchase,2011-11-10T08:07:00Z,2,,o2,b,,,
view_item,2011-11-10T08:08:00Z,3,s,,c,,,
purchase,2011-11-10T08:09:00Z,1,,o1,d,,,
`,
			events: []recommend.Event{
				{Type: recommend.Purchase, Time: at("2011-11-10T08:06:00Z"), CustomerID: "1", OrderID: "o1", Items: []recommend.EventItem{{ItemID: "a", Quantity: 1}, {ItemID: "d", Quantity: 1}}},
				{Type: recommend.Purchase, Time: at("2011-11-10T08:07:00Z"), CustomerID: "2", OrderID: "o2", Items: []recommend.EventItem{{ItemID: "b", Quantity: 1}}},
				{Type: recommend.ViewItem, Time: at("2011-11-10T08:08:00Z"), CustomerID: "3", SessionID: "s", Items: []recommend.EventItem{{ItemID: "c", Quantity: 1}}},
			},
			sum: Summary{Rows: 4, Lines: 4, Events: 3, Accepted: 3},
		},
		{
			name: "what is not one order stays apart",
			in: header + `purchase,2011-11-10T08:00:00Z,1,,o1,a,,,
refund,2011-11-10T08:00:00Z,1,,o1,a,,,
purchase,2011-11-10T08:00:00Z,2,,o1,a,,,
purchase,2011-11-10T08:10:01Z,1,,o1,b,,,
purchase,2011-11-10T08:00:00Z,1,,,a,,,
purchase,2011-11-10T08:00:00Z,1,,,b,,,
`,
			events: []recommend.Event{
				{Type: recommend.Purchase, Time: at("2011-11-10T08:00:00Z"), CustomerID: "1", OrderID: "o1", Items: []recommend.EventItem{{ItemID: "a", Quantity: 1}}},
				{Type: recommend.Refund, Time: at("2011-11-10T08:00:00Z"), CustomerID: "1", OrderID: "o1", Items: []recommend.EventItem{{ItemID: "a", Quantity: 1}}},
				{Type: recommend.Purchase, Time: at("2011-11-10T08:00:00Z"), CustomerID: "2", OrderID: "o1", Items: []recommend.EventItem{{ItemID: "a", Quantity: 1}}},
				{Type: recommend.Purchase, Time: at("2011-11-10T08:10:01Z"), CustomerID: "1", OrderID: "o1", Items: []recommend.EventItem{{ItemID: "b", Quantity: 1}}},
				{Type: recommend.Purchase, Time: at("2011-11-10T08:00:00Z"), CustomerID: "1", Items: []recommend.EventItem{{ItemID: "a", Quantity: 1}}},
				{Type: recommend.Purchase, Time: at("2011-11-10T08:00:00Z"), CustomerID: "1", Items: []recommend.EventItem{{ItemID: "b", Quantity: 1}}},
			},
			sum: Summary{Rows: 6, Lines: 6, Events: 6, Accepted: 6},
		},
		{
			name: "equal rows without an order all count",
			in:   header + strings.Repeat("view_item,2011-11-10T08:06:00Z,1,,,a,,,\n", 3),
			events: []recommend.Event{
				{Type: recommend.ViewItem, Time: at("2011-11-10T08:06:00Z"), CustomerID: "1", Items: []recommend.EventItem{{ItemID: "a", Quantity: 1}}},
				{Type: recommend.ViewItem, Time: at("2011-11-10T08:06:00Z"), CustomerID: "1", Items: []recommend.EventItem{{ItemID: "a", Quantity: 1}}},
				{Type: recommend.ViewItem, Time: at("2011-11-10T08:06:00Z"), CustomerID: "1", Items: []recommend.EventItem{{ItemID: "a", Quantity: 1}}},
			},
			sum: Summary{Rows: 3, Lines: 3, Events: 3, Accepted: 3},
		},
		{
			name: "prices below the penny are rounded and counted",
			in:   header + "purchase,2011-11-10T08:06:00Z,1,,o,a,1,2.325,\npurchase,2011-11-10T08:06:00Z,1,,o,b,1,,\n",
			opts: gbp,
			events: []recommend.Event{
				{Type: recommend.Purchase, Time: at("2011-11-10T08:06:00Z"), CustomerID: "1", OrderID: "o", Items: []recommend.EventItem{{ItemID: "a", Quantity: 1, Price: pounds(233)}, {ItemID: "b", Quantity: 1}}},
			},
			sum: Summary{Rows: 2, Lines: 2, Events: 1, Accepted: 1, RoundedPrices: 1},
		},
		{
			name: "prices left alone",
			in:   header + "purchase,2011-11-10T08:06:00Z,1,,o,a,1,2.5 each,\n",
			opts: ImportOptions{Options: Options{IgnorePrices: true}},
			events: []recommend.Event{
				{Type: recommend.Purchase, Time: at("2011-11-10T08:06:00Z"), CustomerID: "1", OrderID: "o", Items: []recommend.EventItem{{ItemID: "a", Quantity: 1}}},
			},
			sum: Summary{Rows: 1, Lines: 1, Events: 1, Accepted: 1},
		},
		{
			name: "ratings carry their value, others do not",
			in:   header + "rating,1998-01-27T03:05:23Z,94,,,1,,,4.5\npurchase,1998-01-27T03:05:23Z,94,,,1,,,99\n",
			events: []recommend.Event{
				{Type: recommend.Rating, Time: at("1998-01-27T03:05:23Z"), CustomerID: "94", Items: []recommend.EventItem{{ItemID: "1", Quantity: 1}}, Value: 4.5},
				{Type: recommend.Purchase, Time: at("1998-01-27T03:05:23Z"), CustomerID: "94", Items: []recommend.EventItem{{ItemID: "1", Quantity: 1}}},
			},
			sum: Summary{Rows: 2, Lines: 2, Events: 2, Accepted: 2},
		},
		{
			name: "ratings of one order that differ",
			in:   header + "rating,1998-01-27T03:05:23Z,94,,o,1,,,4\nrating,1998-01-27T03:05:23Z,94,,o,2,,,5\n",
			events: []recommend.Event{
				{Type: recommend.Rating, Time: at("1998-01-27T03:05:23Z"), CustomerID: "94", OrderID: "o", Items: []recommend.EventItem{{ItemID: "1", Quantity: 1}}, Value: 4},
				{Type: recommend.Rating, Time: at("1998-01-27T03:05:23Z"), CustomerID: "94", OrderID: "o", Items: []recommend.EventItem{{ItemID: "2", Quantity: 1}}, Value: 5},
			},
			sum: Summary{Rows: 2, Lines: 2, Events: 2, Accepted: 2},
		},
		{
			name: "one yen price with decimals among others",
			in:   header + "purchase,2011-11-10T08:06:00Z,1,,o,a,1,980.5,\npurchase,2011-11-10T08:06:00Z,1,,o,b,1,980,,\npurchase,2011-11-10T08:06:00Z,1,,o,b,1,980,\n",
			events: []recommend.Event{
				{Type: recommend.Purchase, Time: at("2011-11-10T08:06:00Z"), CustomerID: "1", OrderID: "o", Items: []recommend.EventItem{{ItemID: "b", Quantity: 1, Price: recommend.Money{Amount: 980, Currency: "JPY"}}}},
			},
			rejects: `line,reason,row
2,"price: JPY has no decimals, got 980.5; name the currency of the file with --currency (option Currency)","purchase,2011-11-10T08:06:00Z,1,,o,a,1,980.5,"
3,"has 10 cells, the header has 9","purchase,2011-11-10T08:06:00Z,1,,o,b,1,980,,"
`,
			sum: Summary{Rows: 3, Lines: 1, Events: 1, Accepted: 1, Rejected: 2},
		},
		{
			name: "an event without items",
			in:   header + "login,1998-01-27T03:05:23Z,94,s1,,,,,\n",
			events: []recommend.Event{
				{Type: recommend.Login, Time: at("1998-01-27T03:05:23Z"), CustomerID: "94", SessionID: "s1"},
			},
			sum: Summary{Rows: 1, Lines: 1, Events: 1, Accepted: 1},
		},
		{
			name: "bad rows are rejected one by one, a bad line leaves its order whole",
			in: header + `buy,2011-11-10T08:06:00Z,1,,o,a,,,
purchase,10 Nov,1,,o,a,,,
purchase,2011-11-10T08:06:00Z,1,,o,a,,,
purchase,2011-11-10T08:06:00Z,1,,o,b,-2,,
purchase,2011-11-10T08:06:00Z,1,,o,c,2,1.00.5,
purchase,2011-11-10T08:06:00Z,1,,o,,2,,
purchase,2011-11-10T08:06:00Z,,,,a,2,,
purchase,2011-11-10T08:06:00Z,1,,o,a
purchase,2036-11-10T08:06:00Z,1,,o,a,,,
rating,2011-11-10T08:06:00Z,1,,,a,,,
rating,2011-11-10T08:06:00Z,1,,,a,,,NaN
"purchase,2011-11-10T08:06:00Z,1,,o,a,,,
purchase,2011-11-10T08:06:00Z,1,,o,"a` + "\x01" + `",,,
purchase,2011-11-10T08:06:00Z,1,,o,d,2,1.5,
`,
			opts: gbp,
			events: []recommend.Event{{
				Type: recommend.Purchase, Time: at("2011-11-10T08:06:00Z"), CustomerID: "1", OrderID: "o",
				Items: []recommend.EventItem{{ItemID: "a", Quantity: 1}, {ItemID: "d", Quantity: 2, Price: pounds(150)}},
			}},
			rejects: `line,reason,row
2,"event: must be one of the known event names, such as view_item, add_to_cart or purchase, got ""buy""","buy,2011-11-10T08:06:00Z,1,,o,a,,,"
3,"time: must look like 2006-01-02T15:04:05Z (RFC 3339), got ""10 Nov""","purchase,10 Nov,1,,o,a,,,"
5,"quantity: must be between 0 and 1000000, got -2","purchase,2011-11-10T08:06:00Z,1,,o,b,-2,,"
6,"price: must be a decimal number without signs, spaces or thousands separators, got ""1.00.5""","purchase,2011-11-10T08:06:00Z,1,,o,c,2,1.00.5,"
7,items: purchase needs at least one item,"purchase,2011-11-10T08:06:00Z,1,,o,,2,,"
8,"customer_id: one of customer_id, anonymous_id, session_id or order_id is required","purchase,2011-11-10T08:06:00Z,,,,a,2,,"
9,"has 6 cells, the header has 9","purchase,2011-11-10T08:06:00Z,1,,o,a"
10,"time: must not be more than 24 hours in the future, got 2036-11-10T08:06:00Z","purchase,2036-11-10T08:06:00Z,1,,o,a,,,"
11,value: a rating needs one,"rating,2011-11-10T08:06:00Z,1,,,a,,,"
12,"value: must be a finite number, got ""NaN""","rating,2011-11-10T08:06:00Z,1,,,a,,,NaN"
13,a quoted cell must end with a quote before the delimiter,"""purchase,2011-11-10T08:06:00Z,1,,o,a,,,"
14,item_id: must not contain control characters,"purchase,2011-11-10T08:06:00Z,1,,o,""a` + "\x01" + `"",,,"
`,
			sum: Summary{Rows: 14, Lines: 2, Events: 1, Accepted: 1, Rejected: 12},
		},
		{
			name: "other columns, a fixed event, another delimiter and a time zone",
			in:   "ordered;user;basket;sku;n;junk\n2020-05-01 09:00:00;u1;b1;x;2;?\n2020-05-01 09:00:00;u1;b1;y;1;?\n",
			opts: ImportOptions{Options: Options{
				Columns:   mustColumns("event:=purchase, time=ordered,customer_id=user,order_id=basket,item_id=sku,quantity=n"),
				Delimiter: ';', Location: time.FixedZone("JST", 9*60*60),
			}},
			events: []recommend.Event{{
				Type: recommend.Purchase, Time: at("2020-05-01T00:00:00Z"), CustomerID: "u1", OrderID: "b1",
				Items: []recommend.EventItem{{ItemID: "x", Quantity: 2}, {ItemID: "y", Quantity: 1}},
			}},
			sum: Summary{Rows: 2, Lines: 2, Events: 1, Accepted: 1},
		},
		{
			name: "columns beyond the nine",
			in: `event,time,event_id,anonymous_id,channel,recommendation_id,item_id,price,currency
view_item,2020-05-01T00:00:00Z,e1,dev,app,r_1,x,9.99,USD
view_item,2020-05-01T00:00:00Z,e1,dev,app,r_1,y,1980,
view_item,2020-05-01T00:00:00Z,e2,dev,app,r_1,y,5,usd
`,
			events: []recommend.Event{{
				ID: "e1", Type: recommend.ViewItem, Time: at("2020-05-01T00:00:00Z"), AnonymousID: "dev", Channel: "app", RecommendationID: "r_1",
				Items: []recommend.EventItem{
					{ItemID: "x", Quantity: 1, Price: recommend.Money{Amount: 999, Currency: "USD"}},
					{ItemID: "y", Quantity: 1, Price: recommend.Money{Amount: 1980, Currency: "JPY"}},
				},
			}},
			rejects: `line,reason,row
4,"currency: must be an upper-case ISO 4217 code such as JPY, got ""usd""","view_item,2020-05-01T00:00:00Z,e2,dev,app,r_1,y,5,usd"
`,
			sum: Summary{Rows: 3, Lines: 2, Events: 1, Accepted: 1, Rejected: 1},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var packed bytes.Buffer
			zw := gzip.NewWriter(&packed)
			if _, err := io.WriteString(zw, tt.in); err != nil {
				t.Fatal(err)
			}
			if err := zw.Close(); err != nil {
				t.Fatal(err)
			}
			for kind, in := range map[string]string{"plain": tt.in, "gzip": packed.String()} {
				sink := newShop(t)
				var rejected strings.Builder
				opts := tt.opts
				opts.Rejects = &rejected
				sum, err := importText(t, in, opts, sink)
				if err != nil {
					t.Fatalf("%s: Import: %v", kind, err)
				}
				ids := ignoreID
				if strings.Contains(tt.in, "event_id") {
					ids = nil
				}
				if diff := cmp.Diff(tt.events, sink.events, optional(ids)...); diff != "" {
					t.Errorf("%s: events (-want +got):\n%s", kind, diff)
				}
				if diff := cmp.Diff(tt.rejects, rejected.String()); diff != "" {
					t.Errorf("%s: rejects (-want +got):\n%s", kind, diff)
				}
				if diff := cmp.Diff(tt.sum, sum, cmpopts.EquateEmpty()); diff != "" {
					t.Errorf("%s: summary (-want +got):\n%s", kind, diff)
				}

				// Again: nothing new.
				again, err := importText(t, in, tt.opts, sink)
				if err != nil {
					t.Fatalf("%s: second Import: %v", kind, err)
				}
				if again.Accepted != 0 || again.Duplicates != sum.Events || len(sink.events) != len(tt.events) {
					t.Errorf("%s: second import: %+v, %d events", kind, again, len(sink.events))
				}
			}
		})
	}
}

func optional(o cmp.Option) []cmp.Option {
	if o == nil {
		return nil
	}
	return []cmp.Option{o}
}

func mustColumns(s string) Columns {
	c, err := ParseColumns(s)
	if err != nil {
		panic(err)
	}
	return c
}

// views is a file of n views, each by a visitor of its own.
func views(n int) string {
	var b strings.Builder
	b.WriteString(header)
	for i := range n {
		fmt.Fprintf(&b, "view_item,2020-01-01T00:00:00Z,c%d,,,i%d,,,\n", i, i%7)
	}
	return b.String()
}

func TestImportSendsBatches(t *testing.T) {
	sink := newShop(t)
	if _, err := importText(t, views(25), ImportOptions{BatchEvents: 10}, sink); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]int{10, 10, 5}, sink.batches); diff != "" {
		t.Errorf("batches (-want +got):\n%s", diff)
	}
}

func TestImportCutsBatchesOfLongOrders(t *testing.T) {
	var b strings.Builder
	b.WriteString(header)
	for order := range 12 {
		for i := range 1900 {
			fmt.Fprintf(&b, "purchase,2020-01-01T00:00:00Z,c,,o%d,i%d,,,\n", order, i)
		}
	}
	sink := newShop(t)
	if _, err := importText(t, b.String(), ImportOptions{}, sink); err != nil {
		t.Fatal(err)
	}
	// 10 orders of 1,900 lines are 19,000 of at most 20,000.
	if diff := cmp.Diff([]int{10, 2}, sink.batches); diff != "" {
		t.Errorf("batches (-want +got):\n%s", diff)
	}
}

func TestImportCancelledHalfWayCompletesWhenRunAgain(t *testing.T) {
	text := views(95)
	whole := newShop(t)
	if _, err := importText(t, text, ImportOptions{BatchEvents: 10}, whole); err != nil {
		t.Fatal(err)
	}

	sink := newShop(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	sink.before = func(call int) error {
		if call == 5 {
			cancel()
		}
		return nil
	}
	sum, err := importFrom(ctx, strings.NewReader(text), ImportOptions{BatchEvents: 10}, sink)
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v, want context.Canceled", err)
	}
	if sum.Accepted != 40 || len(sink.events) != 40 {
		t.Fatalf("half-way: %d accepted, %d there; want 40", sum.Accepted, len(sink.events))
	}
	sum, err = importText(t, text, ImportOptions{BatchEvents: 10}, sink)
	if err != nil {
		t.Fatal(err)
	}
	if sum.Accepted != 55 || sum.Duplicates != 40 {
		t.Errorf("second run: %+v, want 55 new and 40 known", sum)
	}
	if diff := cmp.Diff(whole.events, sink.events); diff != "" {
		t.Errorf("events (-one run +two runs):\n%s", diff)
	}
}

func TestImportRefusesTheWrongCurrencyBeforeSending(t *testing.T) {
	in := header + `purchase,2011-11-10T08:06:00Z,1,,o,a,1,1.25,
purchase,2011-11-10T08:06:00Z,1,,o,b,1,4.00,
`
	sink := newShop(t)
	_, err := importText(t, in, ImportOptions{}, sink)
	want := "currency: 1 of the first 2 rows do not fit; line 2: price: JPY has no decimals, got 1.25; name the currency of the file with --currency (option Currency)"
	if message(err) != want || recommend.CodeOf(err) != recommend.CodeInvalid || sink.calls != 0 {
		t.Errorf("got %v after %d calls\nwant %s", err, sink.calls, want)
	}
}

func TestImportRefusesBadOptionsAndHeaders(t *testing.T) {
	tests := []struct {
		name, in string
		opts     Options
		want     string
	}{
		{"empty file", "", Options{}, "header: the file is empty"},
		{"no event column", "time,customer_id\n", Options{}, `header: no column "event"; the file has time, customer_id: map it with --columns event=THEIRS (option Columns)`},
		{"nobody", "event,time,item_id\n", Options{}, "header: one of customer_id, anonymous_id, session_id, order_id is required: map it with --columns (option Columns)"},
		{"column twice", "event,time,customer_id,time\n", Options{}, `header: column "time" stands twice`},
		{"mapped column absent", header, Options{Columns: mustColumns("time=ts")}, `header: no column "ts" for time; the file has event, time, customer_id, session_id, order_id, item_id, qua...`},
		{"currency", header, Options{Currency: "yen"}, `currency: must be an upper-case ISO 4217 code such as JPY, got "yen"`},
		{"format", header, Options{Format: "xls"}, `format: must be events, online-retail or completejourney, got "xls"`},
		{"columns of a fixed format", header, Options{Format: OnlineRetail, Columns: mustColumns("time=ts")}, "columns: can only be mapped for format events"},
		{"not that format", header, Options{Format: OnlineRetail}, `header: no column "InvoiceNo": is this the Online Retail file?`},
		{"delimiter", header, Options{Delimiter: '"'}, "delimiter: must not be a quote or a line break"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := importText(t, tt.in, ImportOptions{Options: tt.opts}, newShop(t))
			if message(err) != tt.want || recommend.CodeOf(err) != recommend.CodeInvalid {
				t.Errorf("got  %v (%s)\nwant %s", err, recommend.CodeOf(err), tt.want)
			}
		})
	}
}

func TestParseColumnsErrors(t *testing.T) {
	for in, want := range map[string]string{
		"time":                  `columns: want name=header or name:=text, got "time"`,
		"time=":                 `columns: want name=header or name:=text, got "time="`,
		"time=a,":               `columns: want name=header or name:=text, got ""`,
		"when=a":                `columns: unknown column "when"; known are event, time, customer_id, session_id, order_id, item_id, quantity, price, value, event_id, anonymous_id, channel, currency, recommendation_id`,
		"time=a,time=b":         "columns: time is given twice",
		"event=a,event:=login ": "columns: event is given twice",
	} {
		if _, err := ParseColumns(in); message(err) != want {
			t.Errorf("%q: got %v, want %s", in, err, want)
		}
	}
	if c, err := ParseColumns(" "); err != nil || c != (Columns{}) {
		t.Errorf("blank: got %v, %v", c, err)
	}
}

func TestImportReportsBrokenFiles(t *testing.T) {
	var packed bytes.Buffer
	zw := gzip.NewWriter(&packed)
	if _, err := io.WriteString(zw, views(2000)); err != nil {
		t.Fatal(err)
	}
	if err := zw.Close(); err != nil {
		t.Fatal(err)
	}
	_, err := importText(t, packed.String()[:packed.Len()/2], ImportOptions{}, newShop(t))
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("cut gzip file: got %v", err)
	}
	if _, err := importText(t, "\x1f\x8bnot gzip at all", ImportOptions{}, newShop(t)); !errors.Is(err, gzip.ErrHeader) {
		t.Errorf("bad gzip header: got %v", err)
	}
	_, err = importText(t, views(1)+"buy,,,,,,,,\n", ImportOptions{Rejects: fullDisk{}}, newShop(t))
	if !errors.Is(err, errDiskFull) {
		t.Errorf("rejects cannot be written: got %v", err)
	}
}

var errDiskFull = errors.New("disk full")

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errDiskFull }

func TestImportTellsProgress(t *testing.T) {
	text := views(2*progressRows + 1)
	var got []Progress
	opts := ImportOptions{TotalBytes: int64(len(text)), Progress: func(p Progress) { got = append(got, p) }}
	if _, err := importText(t, text, opts, newShop(t)); err != nil {
		t.Fatal(err)
	}
	if len(got) < 3 {
		t.Fatalf("told %d times, want at least 3", len(got))
	}
	want := Progress{BytesRead: int64(len(text)), BytesTotal: int64(len(text)), Rows: 2*progressRows + 1}
	if last := got[len(got)-1]; last != want {
		t.Errorf("last %+v, want %+v", last, want)
	}
	for i := 1; i < len(got); i++ {
		if got[i].Rows < got[i-1].Rows || got[i].BytesRead < got[i-1].BytesRead {
			t.Errorf("went back from %+v to %+v", got[i-1], got[i])
		}
	}
}

// A file without one good row must still show that it is read, and stop.
func TestImportOfBadRowsTellsProgressAndStops(t *testing.T) {
	text := header + strings.Repeat("buy,,,,,,,,\n", 3*progressRows)
	ctx, cancel := context.WithCancel(t.Context())
	told := 0
	opts := ImportOptions{Progress: func(p Progress) {
		if told++; p.Rows == 2*progressRows {
			cancel()
		}
	}}
	sum, err := importFrom(ctx, strings.NewReader(text), opts, newShop(t))
	if !errors.Is(err, context.Canceled) || sum.Rows != 2*progressRows || told != 3 {
		t.Errorf("stopped (%v) after %d rows, told %d times; want %d rows and 3 times", err, sum.Rows, told, 2*progressRows)
	}
}
