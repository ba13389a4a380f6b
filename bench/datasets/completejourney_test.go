package datasets

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"osusume/recommend"
)

func cents(n int64) recommend.Money { return recommend.Money{Amount: n, Currency: "USD"} }

func testJourney(t *testing.T) *Journey {
	t.Helper()
	j, err := NewJourney(filepath.Join("testdata", "completejourney"))
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func importJourney(t *testing.T, j *Journey, sink *shop, rejects *strings.Builder) Summary {
	t.Helper()
	items, err := j.Products()
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(j.Transactions())
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	sum, err := importFrom(t.Context(), f, ImportOptions{
		Options: Options{Format: CompleteJourney, Items: items}, Rejects: rejects, Known: sink.Item,
	}, sink)
	if err != nil {
		t.Fatal(err)
	}
	checkSum(t, sum)
	return sum
}

func TestImportCompleteJourney(t *testing.T) {
	sink := newShop(t)
	var rejected strings.Builder
	sum := importJourney(t, testJourney(t), sink, &rejected)
	want := Summary{
		// 5.01 for two is 2.505 each.
		Rows: 12, Lines: 4, Events: 3, Accepted: 3, Items: 3, Rejected: 4, RoundedPrices: 1,
		Skipped: map[string]int64{SkipNotAnItem: 2, SkipNoQuantity: 1, SkipNoPrice: 1},
	}
	if diff := cmp.Diff(want, sum); diff != "" {
		t.Errorf("summary (-want +got):\n%s", diff)
	}
	buy := func(when, household, basket string, items ...recommend.EventItem) recommend.Event {
		return recommend.Event{Type: recommend.Purchase, Time: at(when), CustomerID: household, OrderID: basket, Items: items}
	}
	events := []recommend.Event{
		buy("2017-01-09T10:00:00Z", "1", "b2",
			recommend.EventItem{ItemID: "101", Quantity: 2, Price: cents(251)}, recommend.EventItem{ItemID: "103", Quantity: 1, Price: cents(150)}),
		buy("2017-01-02T09:00:00Z", "2", "b1", recommend.EventItem{ItemID: "103", Quantity: 1, Price: cents(120)}),
		buy("2017-01-01T10:00:00Z", "1", "b3", recommend.EventItem{ItemID: "101", Quantity: 1, Price: cents(200)}),
	}
	if diff := cmp.Diff(events, sink.events, ignoreID); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	items := map[string]recommend.Item{
		"101": {
			ID: "101", Family: "5 TEA BAGS", Title: recommend.Text{"en": "TEA BAGS 8 OZ"}, Category: []string{"GROCERY", "TEA", "TEA BAGS"},
			Brand: "manufacturer 5", Tags: []string{"national"}, Attributes: map[string]string{"package_size": "8 OZ"}, Price: cents(251),
		},
		"102": {ID: "102", Category: []string{"GROCERY"}, Brand: "manufacturer 5", Tags: []string{"national"}},
		"103": {
			ID: "103", Family: "7 BREAD:ITALIAN/FRENCH", Title: recommend.Text{"en": "BREAD:ITALIAN/FRENCH"},
			Category: []string{"PASTRY", "BREAD", "BREAD:ITALIAN-FRENCH"}, Brand: "manufacturer 7", Tags: []string{"private"}, Price: cents(150),
		},
	}
	if diff := cmp.Diff(items, sink.items); diff != "" {
		t.Errorf("items (-want +got):\n%s", diff)
	}
	wantReasons := `basket_id: is required
time: must look like 2006-01-02T15:04:05Z (RFC 3339), got "someday"
price: must be a decimal number without signs, spaces or thousands separators, got "1e3"
quantity: must be a whole number, got "1.5"
`
	if diff := cmp.Diff(wantReasons, reasons(t, rejected.String())); diff != "" {
		t.Errorf("reasons (-want +got):\n%s", diff)
	}

	again := importJourney(t, testJourney(t), sink, &strings.Builder{})
	want.Accepted, want.Duplicates, want.Items = 0, 3, 0
	if diff := cmp.Diff(want, again); diff != "" {
		t.Errorf("second summary (-want +got):\n%s", diff)
	}
}

// TestImportCompletesItems: what events alone made known gets the catalog's
// fields, and what the shop added stays.
func TestImportCompletesItems(t *testing.T) {
	sink := newShop(t)
	sink.items["101"] = recommend.Item{ID: "101", Tags: []string{"new"}, Attributes: map[string]string{"origin": "Assam"}, Rating: 4}
	before := sink.items["101"]
	importJourney(t, testJourney(t), sink, &strings.Builder{})
	want := recommend.Item{
		ID: "101", Family: "5 TEA BAGS", Title: recommend.Text{"en": "TEA BAGS 8 OZ"}, Category: []string{"GROCERY", "TEA", "TEA BAGS"},
		Brand: "manufacturer 5", Tags: []string{"new", "national"}, Rating: 4,
		Attributes: map[string]string{"origin": "Assam", "package_size": "8 OZ"}, Price: cents(251),
	}
	if diff := cmp.Diff(want, sink.items["101"]); diff != "" {
		t.Errorf("item (-want +got):\n%s", diff)
	}
	if len(before.Attributes) != 1 {
		t.Error("the catalog's own attributes were written to")
	}
}

func TestJourneyCampaigns(t *testing.T) {
	day := func(s string) time.Time { return at(s + "T00:00:00Z") }
	j := testJourney(t)
	got, err := j.Campaigns()
	if err != nil {
		t.Fatal(err)
	}
	want := []Campaign{
		{
			ID: "1", Type: "Type B", Start: day("2017-01-01"), End: day("2017-01-31"), Households: []string{"2", "1"},
			Coupons: []Coupon{{"c8", []string{"102"}}, {"c9", []string{"101", "103"}}},
		},
		{
			ID: "2", Type: "Type A", Start: day("2017-01-05"), End: day("2017-02-01"), Households: []string{"1"},
			Coupons: []Coupon{{"c9", []string{"103"}}},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("campaigns (-want +got):\n%s", diff)
	}
	redeemed, err := j.Redemptions()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]Redemption{{"2", "c9", "1", day("2017-01-03")}, {"1", "c9", "2", day("2017-01-20")}}, redeemed); diff != "" {
		t.Errorf("redemptions (-want +got):\n%s", diff)
	}
}

func TestJourneyRefusesBadTables(t *testing.T) {
	const (
		descriptions = "campaign_id,campaign_type,start_date,end_date\n1,Type A,2017-01-01,2017-02-01\n"
		members      = "campaign_id,household_id\n1,1\n"
		coupons      = "coupon_upc,product_id,campaign_id\nc,1,1\n"
		redemptions  = "household_id,coupon_upc,campaign_id,redemption_date\n1,c,1,2017-01-01\n"
	)
	tests := []struct {
		name, table, text, want string
	}{
		{"a date that is none", "campaign_descriptions", "campaign_id,campaign_type,start_date,end_date\n1,Type A,soon,2017-02-01\n", "line 2: start_date"},
		{"an end that is none", "campaign_descriptions", "campaign_id,campaign_type,start_date,end_date\n1,Type A,2017-02-01,\n", "line 2: end_date"},
		{"a member of no campaign", "campaigns", members + "2,1\n", `line 3: campaign_id: no campaign "2"`},
		{"a coupon of no campaign", "coupons", coupons + "c,1,3\n", `no campaign "3"`},
		{"a day that is none", "coupon_redemptions", "household_id,coupon_upc,campaign_id,redemption_date\n1,c,1,2017-13-01\n", "redemption_date"},
		{"a short row", "coupons", coupons + "c,1\n", "has 2 cells, the header has 3"},
		{"no such column", "campaigns", "campaign,household\n", `no column "campaign_id"`},
		{"nothing", "coupons", "", "read header"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			for table, text := range map[string]string{
				"products": "x\n", "transactions": "x\n", "campaign_descriptions": descriptions,
				"campaigns": members, "coupons": coupons, "coupon_redemptions": redemptions,
			} {
				if table == tt.table {
					text = tt.text
				}
				if err := os.WriteFile(filepath.Join(dir, table+".csv"), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			j, err := NewJourney(dir)
			if err != nil {
				t.Fatal(err)
			}
			_, err = j.Campaigns()
			if err == nil {
				_, err = j.Redemptions()
			}
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
	if _, err := NewJourney(t.TempDir()); err == nil {
		t.Error("an empty folder: no error")
	}
}

// The counts were taken from the files with Python's csv module.
func TestImportPublishedCompleteJourney(t *testing.T) {
	j, err := NewJourney(filepath.Dir(published(t, "completejourney/products.csv.gz").Name()))
	if err != nil {
		t.Fatal(err)
	}
	sink := newShop(t)
	sum := importJourney(t, j, sink, &strings.Builder{})
	if sum.Rows != 75_000 || sum.Rejected != 0 || sum.Accepted != 46_143 {
		t.Errorf("summary: %+v", sum)
	}
	campaigns, err := j.Campaigns()
	if err != nil {
		t.Fatal(err)
	}
	coupons := 0
	for i := range campaigns {
		coupons += len(campaigns[i].Coupons)
	}
	redeemed, err := j.Redemptions()
	if err != nil {
		t.Fatal(err)
	}
	if len(campaigns) != 27 || coupons != 1_197 || len(redeemed) != 2_102 {
		t.Errorf("%d campaigns, %d coupons, %d redemptions, want 27, 1,197, 2,102", len(campaigns), coupons, len(redeemed))
	}
}
