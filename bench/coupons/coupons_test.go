package coupons

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"

	"osusume/recommend/offer"
)

func quiet(string, int, int) {}

func date(s string) time.Time {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return t
}

const (
	goods     = 12
	people    = 24
	planned   = "2017-03-01"
	lateStart = "2017-04-01"
)

// street writes a shop in which household n buys product n mod goods every week,
// and hands in the coupon for it on the third day of each of two campaigns. The
// coupon for product 0 has two codes. The campaigns go to all households but the
// last, which hands in a coupon all the same.
func street(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	files := map[string]*strings.Builder{}
	add := func(table, format string, args ...any) {
		if files[table] == nil {
			files[table] = &strings.Builder{}
		}
		fmt.Fprintf(files[table], format+"\n", args...)
	}
	add("products", "product_id,manufacturer_id,department,brand,product_category,product_type,package_size")
	add("transactions", "household_id,basket_id,product_id,quantity,sales_value,transaction_timestamp")
	add("campaign_descriptions", "campaign_id,campaign_type,start_date,end_date")
	add("campaigns", "campaign_id,household_id")
	add("coupons", "coupon_upc,product_id,campaign_id")
	add("coupon_redemptions", "household_id,coupon_upc,campaign_id,redemption_date")
	for p := range goods {
		add("products", "p%d,1,GROCERY,National,C%d,T%d,NA", p, p, p)
	}
	for n := range people {
		for week := range 10 {
			at := date("2017-01-02").AddDate(0, 0, 7*week)
			add("transactions", "h%d,b%d-%d,p%d,1,2,%s 10:00:00", n, n, week, n%goods, at.Format(time.DateOnly))
		}
	}
	for c, start := range []string{planned, lateStart} {
		first := date(start)
		add("campaign_descriptions", "%d,Type A,%s,%s", c, start, first.AddDate(0, 0, 20).Format(time.DateOnly))
		for p := range goods {
			add("coupons", "k%d,p%d,%d", p, p, c)
		}
		add("coupons", "k0b,p0,%d", c)
		for n := range people {
			if n < people-1 {
				add("campaigns", "%d,h%d", c, n)
			}
			add("coupon_redemptions", "h%d,k%d,%d,%s", n, n%goods, c, first.AddDate(0, 0, 2).Format(time.DateOnly))
		}
	}
	for table, text := range files {
		if err := os.WriteFile(filepath.Join(dir, table+".csv"), []byte(text.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestMeasure(t *testing.T) {
	h, err := read(street(t))
	if err != nil {
		t.Fatal(err)
	}
	if len(h.offers) != 2*goods || len(h.offers[0].codes) != 2 {
		t.Fatalf("%d offers, the first with codes %v, want %d and two", len(h.offers), h.offers[0].codes, 2*goods)
	}
	s, err := look(context.Background(), h, date(lateStart), quiet)
	if err != nil {
		t.Fatal(err)
	}
	r, err := measure(h, s, date(lateStart), 1)
	if err != nil {
		t.Fatal(err)
	}
	if r.Tuned != people || r.Judged != people || r.Between != 0 {
		t.Errorf("tuned on %d, judged on %d, %d between", r.Tuned, r.Judged, r.Between)
	}
	// The last household has no campaign, so its two redemptions are lost to all.
	if diff := cmp.Diff(map[string]int{offer.ConditionFalse.String(): 2}, r.Missed); diff != "" {
		t.Errorf("missed (-want +got):\n%s", diff)
	}
	const found = float64(people-1) / people
	want := map[string]float64{
		"value model": found, "expected share of purchases": found, "own purchases": found,
		// Nobody has redeemed anything of the campaign before the day.
		"most popular": found / goods, "random": found / goods,
	}
	for _, row := range r.Rows {
		if w, ok := want[row.Name]; ok && math.Abs(row.Mean[metricName(1)]-w) > 1e-9 {
			t.Errorf("%s: top 1 is %v, want %v", row.Name, row.Mean[metricName(1)], w)
		}
	}

	var table, text bytes.Buffer
	if err := r.writeTable(&table); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(table.String(), "redeemed but not decided: 2 CONDITION_FALSE") {
		t.Errorf("table:\n%s", &table)
	}
	if err := r.writeJSON(&text); err != nil {
		t.Fatal(err)
	}
	var back Result
	if err := json.Unmarshal(text.Bytes(), &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(r, back); diff != "" {
		t.Errorf("JSON (-written +read):\n%s", diff)
	}
}

// TestKnowledgeEndsBeforeTheDay: what happens on the day itself is not known.
func TestKnowledgeEndsBeforeTheDay(t *testing.T) {
	h, err := read(street(t))
	if err != nil {
		t.Fatal(err)
	}
	k, err := newKnowledge(h)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		day         string
		lines       float64
		redemptions int
		open        int
	}{
		{"2017-01-02", 0, 0, 0}, // the day of the first purchase
		{"2017-01-03", 1, 0, 0},
		{"2017-02-28", 9, 0, 0},
		{planned, 9, 0, goods},
		{"2017-03-03", 9, 0, goods}, // the day of the redemptions
		{"2017-03-04", 9, 2, goods},
		{"2017-03-21", 10, 2, goods}, // the last day
		{"2017-03-22", 10, 2, 0},
	}
	for _, tt := range tests {
		k.advance(date(tt.day))
		likes, err := k.likes("h1")
		if err != nil {
			t.Fatal(err)
		}
		o := k.describe(1, "h1", likes)
		if h.offers[1].id != "c0-k1" {
			t.Fatalf("offer %s", h.offers[1].id)
		}
		redemptions := math.Exp(o.x[fRedeemed]) - 0.5
		if o.lines != tt.lines || o.own != tt.lines || math.Abs(redemptions-float64(tt.redemptions)) > 1e-9 || (o.x[fUsed] == 1) != (tt.redemptions > 0) {
			t.Errorf("%s: %v lines, %v own, %v redemptions, used %v; want %v and %d", tt.day, o.lines, o.own, redemptions, o.x[fUsed], tt.lines, tt.redemptions)
		}
		if (tt.lines > 0) != (o.liked > 0) {
			t.Errorf("%s: liked %v", tt.day, o.liked)
		}
		if n := len(k.decide("h1", false).Shown); n != tt.open {
			t.Errorf("%s: %d offers, want %d", tt.day, n, tt.open)
		}
		if n := len(k.decide(fmt.Sprintf("h%d", people-1), false).Shown); n != 0 {
			t.Errorf("%s: %d offers without a campaign", tt.day, n)
		}
	}
}

func TestHit(t *testing.T) {
	options := func(own ...float64) []option {
		var out []option
		for _, n := range own {
			out = append(out, option{demand: demand{own: n}})
		}
		return out
	}
	r := ranking{"own", func(o *option) float64 { return o.own }}
	tests := []struct {
		name   string
		own    []float64
		chosen int
		want   map[int]float64
	}{
		{"first", []float64{3, 2, 1}, 0, map[int]float64{1: 1, 2: 1}},
		{"last", []float64{3, 2, 1}, 2, map[int]float64{1: 0, 2: 0, 3: 1}},
		{"one of four equal", []float64{1, 1, 1, 1}, 1, map[int]float64{1: 0.25, 2: 0.5, 5: 1}},
		{"one of two equal behind one", []float64{1, 5, 1}, 0, map[int]float64{1: 0, 2: 0.5, 3: 1}},
		{"not decided", []float64{1, 5, 1}, -1, map[int]float64{1: 0, 3: 0}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := asked{choice: choice{options: options(tt.own...), chosen: tt.chosen}}
			for k, want := range tt.want {
				if got := r.hit(&a, k); got != want {
					t.Errorf("top %d: %v, want %v", k, got, want)
				}
			}
		})
	}
}

// TestFit: of two options the one with the feature is chosen three times of four,
// so that exp(w) / (exp(w) + 1) = 3/4 and w = ln 3; what never differs has no weight.
func TestFit(t *testing.T) {
	var choices []choice
	for i := range 40_000 {
		var c choice
		c.options = make([]option, 2)
		c.options[0].x[fRedeemed] = 1
		c.options[0].x[fCampaign], c.options[1].x[fCampaign] = 7, 7
		if i%4 == 0 {
			c.chosen = 1
		}
		choices = append(choices, c)
	}
	w := fit(choices)
	if math.Abs(w[fRedeemed]-math.Log(3)) > 0.001 {
		t.Errorf("weight %v, want ln 3 = %v", w[fRedeemed], math.Log(3))
	}
	w[fRedeemed] = 0
	if w != (value{}) {
		t.Errorf("weights of what does not differ: %v", w)
	}
	// 3/4 ln 3/4 + 1/4 ln 1/4 for each choice.
	w[fRedeemed] = math.Log(3)
	each := 0.75*math.Log(0.75) + 0.25*math.Log(0.25)
	if l := w.likelihood(choices); math.Abs(l-each*40_000) > 1e-3 {
		t.Errorf("likelihood %v, want %v", l, each*40_000)
	}
}

func TestShare(t *testing.T) {
	d := demand{own: 3, lines: 10, liked: 0.2, sold: 0.1}
	// (3 + 2*0.2 + 5*0.1) / (10 + 2 + 5)
	if got, want := d.share(prior{2, 5}), 3.9/17; math.Abs(got-want) > 1e-12 {
		t.Errorf("share %v, want %v", got, want)
	}
}

// TestCompleteJourney holds the claim on real redemptions.
func TestCompleteJourney(t *testing.T) {
	if testing.Short() || raceDetector {
		t.Skip("takes a minute: not with -short or -race")
	}
	dir := filepath.Join("..", "..", "..", "shared", "data", "completejourney")
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("the data is not part of the project: %v", err)
	}
	h, err := read(dir)
	if err != nil {
		t.Fatal(err)
	}
	cut := date("2017-08-01")
	s, err := look(t.Context(), h, cut, quiet)
	if err != nil {
		t.Fatal(err)
	}
	r, err := measure(h, s, cut, 1)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Missed) > 0 {
		t.Errorf("redeemed but not decided: %v", r.Missed)
	}
	for _, row := range r.Rows {
		for _, k := range cuts[1:] {
			gain := row.Gain[metricName(k)]
			if (row.Name == "random" || strings.HasPrefix(row.Name, "most popular")) && gain.CI[0] <= 0 {
				t.Errorf("top %d against %s: %v", k, row.Name, gain)
			}
		}
	}
}

func TestCommandRefuses(t *testing.T) {
	for name, args := range map[string][]string{
		"no folder":                  {},
		"an empty folder":            {t.TempDir()},
		"no date":                    {"--cut", "soon", street(t)},
		"a cut before all campaigns": {"--cut", "2016-01-01", street(t)},
		"a cut behind all campaigns": {"--cut", "2018-01-01", street(t)},
	} {
		cmd := Command()
		cmd.SetArgs(args)
		cmd.SetOut(&bytes.Buffer{})
		cmd.SetErr(&bytes.Buffer{})
		if err := cmd.Execute(); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
