package datasets

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"osusume/recommend"
)

const retailHeader = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"

func TestImportOnlineRetail(t *testing.T) {
	order := func(items ...recommend.EventItem) []recommend.Event {
		return []recommend.Event{{Type: recommend.Purchase, Time: at("2010-12-01T08:26:00Z"), CustomerID: "17850", OrderID: "536365", Items: items}}
	}
	tests := []struct {
		name, in string
		events   []recommend.Event
		skipped  map[string]int64
		rejected string // the reasons, in order
		items    map[string]recommend.Item
	}{
		{
			name: "a sale",
			in: `536365,85123A,WHITE HANGING HEART,6,2010-12-01 08:26:00,2.55,17850,United Kingdom
536365,71053,"LANTERN, WHITE ",8,2010-12-01 08:26:00,3.39,17850,United Kingdom
`,
			events: order(
				recommend.EventItem{ItemID: "85123A", Quantity: 6, Price: pounds(255)},
				recommend.EventItem{ItemID: "71053", Quantity: 8, Price: pounds(339)},
			),
			items: map[string]recommend.Item{
				"85123A": {ID: "85123A", Title: recommend.Text{"en": "WHITE HANGING HEART"}, Price: pounds(255)},
				"71053":  {ID: "71053", Title: recommend.Text{"en": "LANTERN, WHITE"}, Price: pounds(339)},
			},
		},
		{
			name: "a cancellation is a refund and makes no item",
			in:   "C536379,22556,TIN,-24,2010-12-01 09:41:00,1.65,17548,United Kingdom\n",
			events: []recommend.Event{{
				Type: recommend.Refund, Time: at("2010-12-01T09:41:00Z"), CustomerID: "17548", OrderID: "C536379",
				Items: []recommend.EventItem{{ItemID: "22556", Quantity: 24, Price: pounds(165)}},
			}},
		},
		{
			name: "no customer stays anonymous",
			in:   "536544,21773,ROSE,1,2010-12-01 14:32:00,2.51,,United Kingdom\n",
			events: []recommend.Event{{
				Type: recommend.Purchase, Time: at("2010-12-01T14:32:00Z"), OrderID: "536544",
				Items: []recommend.EventItem{{ItemID: "21773", Quantity: 1, Price: pounds(251)}},
			}},
			items: map[string]recommend.Item{"21773": {ID: "21773", Title: recommend.Text{"en": "ROSE"}, Price: pounds(251)}},
		},
		{
			name: "codes that are no items",
			in: `1,POST,POSTAGE,1,2010-12-01 08:26:00,18,1,X
1,DOT,DOTCOM POSTAGE,1,2010-12-01 08:26:00,18,1,X
1,M,Manual,1,2010-12-01 08:26:00,18,1,X
1,m,Manual,1,2010-12-01 08:26:00,18,1,X
C1,D,Discount,-1,2010-12-01 08:26:00,18,1,X
1,C2,CARRIAGE,1,2010-12-01 08:26:00,18,1,X
1,BANK CHARGES,Bank Charges,1,2010-12-01 08:26:00,0.001,1,X
C1,AMAZONFEE,AMAZON FEE,-1,2010-12-01 08:26:00,18,1,X
1,gift_0001_20,Voucher,1,2010-12-01 08:26:00,18,1,X
1,DCGS0069,ebay,1,2010-12-01 08:26:00,18,1,X
A1,B,Adjust bad debt,1,2010-12-01 08:26:00,-11062.06,,X
1,1234,short,1,2010-12-01 08:26:00,18,1,X
1,123456,long,1,2010-12-01 08:26:00,18,1,X
1,12345-,dash,1,2010-12-01 08:26:00,18,1,X
`,
			skipped: map[string]int64{SkipNotAnItem: 14},
		},
		{
			name: "stock adjustments, samples and corrections",
			in: `1,22556,damaged,-5,2010-12-01 08:26:00,0,,X
1,22556,lost,-5,2010-12-01 08:26:00,1.65,,X
1,22556,TIN,5,2010-12-01 08:26:00,0.0,1,X
1,22556,TIN,5,2010-12-01 08:26:00,-1.65,1,X
C1,22556,TIN,-5,2010-12-01 08:26:00,0,1,X
`,
			skipped: map[string]int64{SkipStockAdjustment: 2, SkipNoPrice: 3},
		},
		{
			name: "bad rows",
			in: `,22556,TIN,5,2010-12-01 08:26:00,1.65,1,X
1,,TIN,5,2010-12-01 08:26:00,1.65,1,X
1,22556,TIN,0,2010-12-01 08:26:00,1.65,1,X
1,22556,TIN,5,2010-12-01 08:26:00,,1,X
1,22556,TIN,5,someday,1.65,1,X
C1,22556,TIN,5,2010-12-01 08:26:00,1.65,1,X
1,22556,TIN,1.5,2010-12-01 08:26:00,1.65,1,X
1,22556,TIN
`,
			rejected: `InvoiceNo: is required
StockCode: is required
Quantity: must not be 0
price: must be a decimal number, got ""
time: must look like 2006-01-02T15:04:05Z (RFC 3339), got "someday"
Quantity: must be negative on a cancelled invoice, got 5
quantity: must be a whole number, got "1.5"
has 3 cells, the header has 8
`,
		},
		{
			name: "an item is its code in upper case, its usual title, its latest price",
			in: `536365,84997b,wrong spoons,1,2010-12-01 08:26:00,3.75,17850,X
536365,84997B,RED SPOONS,1,2010-12-01 08:26:00,8.29,17850,X
536365,84997B,RED SPOONS,1,2010-12-01 08:26:00,4.15,17850,X
536365,84997B,BLUE SPOONS,1,2010-12-01 08:20:00,9.99,17850,X
536365,84997B,,1,2010-12-01 08:20:00,9.99,17850,X
`,
			events: order(
				recommend.EventItem{ItemID: "84997B", Quantity: 1, Price: pounds(375)},
				recommend.EventItem{ItemID: "84997B", Quantity: 1, Price: pounds(829)},
				recommend.EventItem{ItemID: "84997B", Quantity: 1, Price: pounds(415)},
				recommend.EventItem{ItemID: "84997B", Quantity: 1, Price: pounds(999)},
				recommend.EventItem{ItemID: "84997B", Quantity: 1, Price: pounds(999)},
			),
			items: map[string]recommend.Item{"84997B": {ID: "84997B", Title: recommend.Text{"en": "RED SPOONS"}, Price: pounds(415)}},
		},
		{
			name:   "times and customers as other copies write them",
			in:     "536365,22556,TIN,2,12/1/2010 8:26,1.65,17850.0,X\n",
			events: order(recommend.EventItem{ItemID: "22556", Quantity: 2, Price: pounds(165)}),
			items:  map[string]recommend.Item{"22556": {ID: "22556", Title: recommend.Text{"en": "TIN"}, Price: pounds(165)}},
		},
		{
			name:   "a title that is not UTF-8",
			in:     "536365,22556,CAF\xe9,2,2010-12-01 08:26:00,1.65,17850,X\n",
			events: order(recommend.EventItem{ItemID: "22556", Quantity: 2, Price: pounds(165)}),
			items:  map[string]recommend.Item{"22556": {ID: "22556", Title: recommend.Text{"en": "CAF\ufffd"}, Price: pounds(165)}},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			sink := newShop(t)
			var rejected strings.Builder
			opts := ImportOptions{Options: Options{Format: OnlineRetail}, Rejects: &rejected, Known: sink.Item}
			sum, err := importText(t, retailHeader+tt.in, opts, sink)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.events, sink.events, ignoreID); diff != "" {
				t.Errorf("events (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.rejected, reasons(t, rejected.String())); diff != "" {
				t.Errorf("rejects (-want +got):\n%s", diff)
			}
			want := tt.skipped
			if want == nil {
				want = map[string]int64{}
			}
			if diff := cmp.Diff(want, sum.Skipped); diff != "" {
				t.Errorf("skipped (-want +got):\n%s", diff)
			}
			items := tt.items
			if items == nil {
				items = map[string]recommend.Item{}
			}
			if diff := cmp.Diff(items, sink.items); diff != "" {
				t.Errorf("items (-want +got):\n%s", diff)
			}
			checkSum(t, sum)
		})
	}
}

// reasons are the second cells of a rejects file.
func reasons(t *testing.T, file string) string {
	t.Helper()
	rows, _, bad := readRows(t, strings.NewReader(file))
	if len(bad) > 0 {
		t.Fatalf("the rejects file is no CSV: %v", bad)
	}
	var b strings.Builder
	for i, r := range rows {
		if i > 0 {
			b.WriteString(r[1] + "\n")
		}
	}
	return b.String()
}

// checkSum checks that every row is accounted for.
func checkSum(t *testing.T, sum Summary) {
	t.Helper()
	rows := sum.Lines + sum.Rejected
	for _, n := range sum.Skipped {
		rows += n
	}
	if rows != sum.Rows || sum.Accepted+sum.Duplicates != sum.Events {
		t.Errorf("rows do not add up: %+v", sum)
	}
}

func TestImportSecondEditionHeader(t *testing.T) {
	sink := newShop(t)
	sum, err := importText(t, "Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID,Country\n489434,85048,LIGHTS,12,2009-12-01 07:45:00,6.95,13085,X\n",
		ImportOptions{Options: Options{Format: OnlineRetail}}, sink)
	if err != nil || sum.Accepted != 1 || sum.Items != 1 {
		t.Errorf("got %+v, %v", sum, err)
	}
}

func TestImportPutsItemsOnlyWhenTheyChange(t *testing.T) {
	in := retailHeader + `1,22556,TIN,2,2010-12-01 08:26:00,1.65,17850,X
1,22557,BOX,2,2010-12-01 08:26:00,1.65,17850,X
1,22558,JAR,2,2010-12-01 08:26:00,1.65,17850,X
`
	sink := newShop(t)
	opts := ImportOptions{Options: Options{Format: OnlineRetail}, Known: sink.Item}
	sum, err := importText(t, in, opts, sink)
	if err != nil || sum.Items != 3 || sink.puts != 3 {
		t.Fatalf("first import: %+v, %v, %d put", sum, err, sink.puts)
	}
	// The shop adds to one item and reprices another.
	rich := sink.items["22556"]
	rich.Title = recommend.Text{"en": "TIN", "ja": "缶"}
	rich.Brand = "Tinny"
	sink.items["22556"] = rich
	dear := sink.items["22557"]
	dear.Title = recommend.Text{"en": "CRATE", "ja": "箱"}
	dear.Price = pounds(999)
	dear.Tags = []string{"new"}
	sink.items["22557"] = dear

	sum, err = importText(t, in, opts, sink)
	if err != nil || sum.Items != 1 || sink.puts != 4 {
		t.Fatalf("second import: %+v, %v, %d put", sum, err, sink.puts)
	}
	want := map[string]recommend.Item{
		"22556": rich,
		"22557": {ID: "22557", Title: recommend.Text{"en": "BOX", "ja": "箱"}, Price: pounds(165), Tags: []string{"new"}},
		"22558": {ID: "22558", Title: recommend.Text{"en": "JAR"}, Price: pounds(165)},
	}
	if diff := cmp.Diff(want, sink.items); diff != "" {
		t.Errorf("items (-want +got):\n%s", diff)
	}
	if dear.Title["en"] != "CRATE" {
		t.Errorf("the catalog's own titles were written to")
	}
}
