package report

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"osusume/bench/demoshop"
	"osusume/bench/eval"
	"osusume/recommend"
)

// writeShop writes the year of a small demo shop into dir, cut before its last
// two months: train.csv, test.csv, baskets.csv and items.csv.
func writeShop(t *testing.T, dir string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	shop := demoshop.New(demoshop.Config{Seed: 5, Customers: 150, Events: 6000})
	header := []string{"event", "time", "customer_id", "session_id", "order_id", "item_id", "quantity", "price", "value"}
	train, test := [][]string{header}, [][]string{header}
	baskets := [][]string{{"invoice", "cart", "hidden", "seed", "rest"}}
	var cut time.Time
	for e := range shop.Events() {
		if cut.IsZero() {
			cut = e.Time.Add(300 * 24 * time.Hour)
		}
		if e.Type != recommend.Purchase && e.Type != recommend.ViewItem {
			continue
		}
		to := &train
		if !e.Time.Before(cut) {
			to = &test
		}
		var ids []string
		for _, item := range e.Items {
			ids = append(ids, item.ItemID)
			*to = append(*to, []string{e.Type.String(), e.Time.Format(time.RFC3339), e.CustomerID, e.SessionID, e.OrderID, item.ItemID, "1", "100", ""})
		}
		if to == &test && e.Type == recommend.Purchase && len(ids) > 1 {
			rest := strings.Join(ids[1:], "|")
			baskets = append(baskets, []string{e.OrderID, rest, ids[0], ids[0], rest})
		}
	}
	items := [][]string{{"item_id", "category"}}
	for _, item := range shop.Items() {
		items = append(items, []string{item.ID, strings.Join(item.Category, "/")})
	}
	for name, rows := range map[string][][]string{"train.csv": train, "test.csv": test, "baskets.csv": baskets, "items.csv": items} {
		var b bytes.Buffer
		if err := csv.NewWriter(&b).WriteAll(rows); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// execute runs the command and returns what it wrote.
func execute(ctx context.Context, args ...string) (stdout, stderr string, err error) {
	var out, errs bytes.Buffer
	cmd := Command()
	cmd.SetArgs(args)
	cmd.SetOut(&out)
	cmd.SetErr(&errs)
	cmd.SilenceUsage, cmd.SilenceErrors = true, true
	err = cmd.ExecuteContext(ctx)
	return out.String(), errs.String(), err
}

// TestCommand makes two reports of a shop with all there is: they are the same
// bytes, stand alone and show what they should.
func TestCommand(t *testing.T) {
	dir := t.TempDir()
	writeShop(t, filepath.Join(dir, "data", "small shop"))
	config := filepath.Join(dir, "tuned.yaml")
	if err := os.WriteFile(config, []byte("models:\n  mine:\n    recent: {weight: 1, days: 30}\nplacements:\n  home: {model: mine}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	run := func(name string, more ...string) string {
		t.Helper()
		out := filepath.Join(dir, name)
		args := append([]string{"--files", filepath.Join(dir, "data"), "--config", config, "--out", out, "--date", "2026-11-21", "--no-timings"}, more...)
		stdout, stderr, err := execute(t.Context(), args...)
		if err != nil {
			t.Fatalf("%v\n%s", err, stderr)
		}
		if !strings.HasPrefix(stdout, out+": 3 tasks, ") {
			t.Errorf("said %q", stdout)
		}
		text, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	page := run("a.html")
	t.Run("twice the same", func(t *testing.T) {
		if again := run("b.html"); again != page {
			t.Errorf("the same inputs gave another page:\n%s", cmp.Diff(page, again))
		}
		if other := run("c.html", "--seed", "2"); other == page {
			t.Error("another seed gave the same page: the comparison sees nothing")
		}
	})
	t.Run("stands alone", func(t *testing.T) {
		outside := regexp.MustCompile(`(?i)(src|href|action|data)\s*=\s*["']?[^#"'>\s]|url\(|@import|<script|<link|https?:`)
		if found := outside.FindString(strings.ReplaceAll(page, `href="#`, `=`)); found != "" {
			t.Errorf("the page refers to something outside: %q", found)
		}
	})
	t.Run("shows all", func(t *testing.T) {
		for _, want := range []string{
			"<h1>", "21 Nov 2026", "settings from tuned.yaml", "small shop",
			"What customers buy next", "What else belongs in the cart", "The next item of a session",
			"Whole cart", "Single item", "New items only",
			"Quality by model", "Quality against neighbours kept", "Quality by how much is known", "Popularity bias",
			"Coverage, novelty and diversity", "diversity@10", "novelty@20", "Answered by the model mine",
			">tuned<", ">default<", ">popularity<", ">personal<", ">cosine<", ">jaccard<", ">llr<", ">conditional<", ">session<",
		} {
			if !strings.Contains(page, want) {
				t.Errorf("no %q on the page", want)
			}
		}
		for _, unwanted := range []string{"NaN", "Inf", "%!", "Speed", " to learn, then", "ZgotmplZ"} {
			if strings.Contains(page, unwanted) {
				t.Errorf("%q on the page", unwanted)
			}
		}
		if n := strings.Count(page, "<code>"); n != 1+3+3+3 {
			t.Errorf("%d hashes of files, want that of the settings and three of each task", n)
		}
	})
	t.Run("figures are well formed", func(t *testing.T) {
		figures := regexp.MustCompile(`(?s)<svg.*?</svg>`).FindAllString(page, -1)
		// Two variants each: quality, neighbours, bias 3 x 2 x 3; segments of
		// all but the single item 5; coverage, novelty and diversity 3 x 6.
		if len(figures) < 18+18 {
			t.Errorf("%d figures", len(figures))
		}
		for _, svg := range figures {
			if err := wellFormed(svg); err != nil {
				t.Errorf("%v in\n%s", err, svg)
			}
		}
	})
}

// TestTimingsAlone: two measurements differ in measured times and nothing else.
func TestTimingsAlone(t *testing.T) {
	dir := t.TempDir()
	writeShop(t, dir)
	render := func() string {
		r, err := Measure(t.Context(), &Options{
			Jobs:  []Job{{Name: "shop", Task: eval.Purchases, Train: filepath.Join(dir, "train.csv"), Test: filepath.Join(dir, "test.csv")}},
			Quick: true, Seed: 1,
		})
		if err != nil {
			t.Fatal(err)
		}
		var with, without strings.Builder
		if err := r.WriteHTML(&with); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(with.String(), "Speed") || !strings.Contains(with.String(), " to learn, then") {
			t.Error("a report with timings shows none")
		}
		for i := range r.Tasks[0].Models {
			m := &r.Tasks[0].Models[i]
			if m.TrainSeconds <= 0 || m.Score.P50 <= 0 {
				t.Errorf("%s: trained %v s, scored in %+v", m.Model, m.TrainSeconds, m.Score)
			}
			m.TrainSeconds, m.Score = 1, eval.Latency{P50: 10, P99: 100}
		}
		if err := r.WriteHTML(&without); err != nil {
			t.Fatal(err)
		}
		return without.String()
	}
	if diff := cmp.Diff(render(), render()); diff != "" {
		t.Errorf("two measurements (-first +second):\n%s", diff)
	}
}

// TestNeighboursAreOfTheModel: what the sweep measures with 100 neighbours, as
// many as are kept by default, is the model the report is about.
func TestNeighboursAreOfTheModel(t *testing.T) {
	dir := t.TempDir()
	writeShop(t, dir)
	config := filepath.Join(dir, "tuned.yaml")
	if err := os.WriteFile(config, []byte("models:\n  mine:\n    signals: [{from: bought, weights: {formula: cosine, over: customers}}]\nplacements:\n  home: {model: mine}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := Measure(t.Context(), &Options{
		Jobs:   []Job{{Name: "shop", Task: eval.Purchases, Train: filepath.Join(dir, "train.csv"), Test: filepath.Join(dir, "test.csv")}},
		Config: config, Seed: 1,
	})
	if err != nil {
		t.Fatal(err)
	}
	task := &r.Tasks[0]
	at := slices.Index(task.Kept, 100)
	if diff := cmp.Diff(task.Models[0].Variants, task.Neighbours[at].Variants); diff != "" {
		t.Errorf("the tuned model and its 100 neighbours (-model +sweep):\n%s", diff)
	}
	if cmp.Equal(task.Models[0].Variants, task.Models[1].Variants) {
		t.Error("the tuned model is the default one: the test sees nothing")
	}
}

// TestLeftOut: a task that the folder suggested may turn out to hold nothing;
// one that was asked for may not.
func TestLeftOut(t *testing.T) {
	dir := t.TempDir()
	writeShop(t, dir)
	train := filepath.Join(dir, "train.csv")
	good := Job{Name: "shop", Task: eval.Purchases, Train: train, Test: filepath.Join(dir, "test.csv")}
	bad := Job{Name: "shop", Task: eval.Ratings, Train: train, Test: train, Found: true}
	o := Options{Jobs: []Job{good, bad}, Quick: true}
	r, err := Measure(t.Context(), &o)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"ratings of shop"}, r.LeftOut); diff != "" || len(r.Tasks) != 1 {
		t.Errorf("%d tasks, left out (-want +got):\n%s", len(r.Tasks), diff)
	}
	o.Jobs[1].Found = false
	if _, err := Measure(t.Context(), &o); !errors.Is(err, eval.ErrNoCase) {
		t.Errorf("error = %v, want %v", err, eval.ErrNoCase)
	}
}

func TestCommandRefuses(t *testing.T) {
	dir := t.TempDir()
	writeShop(t, filepath.Join(dir, "shop"))
	if err := os.MkdirAll(filepath.Join(dir, "empty"), 0o755); err != nil {
		t.Fatal(err)
	}
	train, out := filepath.Join(dir, "shop", "train.csv"), filepath.Join(dir, "r.html")
	tests := map[string]struct {
		args []string
		want string
	}{
		"nothing":               {nil, "--out"},
		"no data":               {[]string{"--out", out}, "--files"},
		"empty folder":          {[]string{"--out", out, "--files", filepath.Join(dir, "empty")}, "--files"},
		"no such folder":        {[]string{"--out", out, "--files", filepath.Join(dir, "none")}, "--files"},
		"one file of a task":    {[]string{"--out", out, "--purchases", train}, "--purchases"},
		"three files of a task": {[]string{"--out", out, "--sessions", "a,b,c"}, "--sessions"},
		"no such file":          {[]string{"--out", out, "--ratings", train + "," + train + ".gone"}, "test file"},
		"files without a case":  {[]string{"--out", out, "--ratings", train + "," + train, "--quick"}, "no case"},
		"no such config":        {[]string{"--out", out, "--files", dir, "--config", "none.yaml"}, "config"},
		"bad date":              {[]string{"--out", out, "--files", dir, "--date", "yesterday"}, "--date"},
		"prefix of 0":           {[]string{"--out", out, "--files", dir, "--min-prefix", "0"}, "--min-prefix"},
		"no folder to write":    {[]string{"--out", filepath.Join(dir, "none", "r.html"), "--purchases", train + "," + train, "--quick"}, "--out"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, _, err := execute(t.Context(), tt.args...)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error = %v, want one with %q", err, tt.want)
			}
			if _, err := os.Stat(out); err == nil {
				t.Error("wrote a page")
			}
		})
	}
}

func TestStops(t *testing.T) {
	dir := t.TempDir()
	writeShop(t, dir)
	ctx, cancel := context.WithCancel(t.Context())
	jobs, err := Discover(dir)
	if err != nil {
		t.Fatal(err)
	}
	_, err = Measure(ctx, &Options{Jobs: jobs, MinPrefix: 2, Progress: func(step string, _, _ int) {
		if strings.Contains(step, "plain models") {
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error = %v, want %v", err, context.Canceled)
	}
	cancel()
}

// TestDiscover: the tasks of a folder follow from what is in its files.
func TestDiscover(t *testing.T) {
	const header = "event,time,customer_id,session_id,order_id,item_id,quantity,price,value\n"
	const (
		bought = "purchase,2024-01-01T00:00:00Z,c,,o,i,1,1,\n"
		viewed = "view_item,2024-01-01T00:00:00Z,,s,,i,,,\n"
		rated  = "rating,2024-01-01T00:00:00Z,c,,,i,,,5\n"
	)
	tests := map[string]struct {
		files map[string]string
		want  string
	}{
		"purchases":              {map[string]string{"train.csv": bought, "test.csv": bought}, "purchases"},
		"baskets alone":          {map[string]string{"train.csv": bought, "baskets.csv": ""}, "baskets"},
		"purchases and sessions": {map[string]string{"train.csv": bought + viewed, "test.csv": bought, "baskets.csv": ""}, "purchases baskets sessions"},
		"sessions":               {map[string]string{"train.csv": viewed, "test.csv": viewed, "baskets.csv": ""}, "sessions"},
		"purchases and ratings":  {map[string]string{"train.csv": bought + rated, "test.csv": bought + rated}, "purchases"},
		"ratings":                {map[string]string{"train.csv": rated, "test.csv": rated}, "ratings"},
		"nothing to ask":         {map[string]string{"train.csv": bought}, ""},
		"nothing to learn":       {map[string]string{"test.csv": bought}, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for file, text := range tt.files {
				if err := os.WriteFile(filepath.Join(dir, file), []byte(header+text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			jobs, err := Discover(dir)
			if tt.want == "" {
				if err == nil {
					t.Errorf("found %+v", jobs)
				}
				return
			}
			var got []string
			for _, j := range jobs {
				got = append(got, string(j.Task))
				if (j.Test == "") != (j.Task == eval.Baskets) || (j.Cases == "") == (j.Task == eval.Baskets) || !j.Found || j.Name != filepath.Base(dir) {
					t.Errorf("job = %+v", j)
				}
			}
			if err != nil || strings.Join(got, " ") != tt.want {
				t.Errorf("found %v, %v; want %s", got, err, tt.want)
			}
		})
	}
}

// TestNamesAreEscaped: what files are called is not markup.
func TestNamesAreEscaped(t *testing.T) {
	metrics := []eval.Metric{
		{Name: "ndcg@10", Mean: 0.5, CI: &eval.Interval{Low: 0.4, High: 0.6}, Values: []float64{0.5}},
		{Name: "coverage@10"},
		{Name: "novelty@10", CI: &eval.Interval{}, Values: []float64{0}},
	}
	variant := eval.Variant{Name: "all", Metrics: metrics, Cases: []eval.Case{{Unit: "c"}}, Lists: [][]string{{"i"}}}
	evil := "<script>alert(1)</script>"
	r := &Report{Tasks: []Task{{
		Name: evil, Task: eval.Purchases, Files: []File{{Name: evil, Role: "train"}}, Own: 1, Settings: evil,
		Models: []eval.Result{{Model: evil, Variants: []eval.Variant{variant}}, {Model: "cosine", Variants: []eval.Variant{variant}}},
		Uses:   map[string]eval.Use{"i": {Taken: 1, People: 1}}, Known: map[string][]int{"all": {3}},
	}}, LeftOut: []string{evil}, Config: &File{Name: evil}}
	var b strings.Builder
	if err := r.WriteHTML(&b); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(b.String(), "<script") {
		t.Error("a name became markup")
	}
	if n := strings.Count(b.String(), "&lt;script"); n < 8 {
		t.Errorf("the name is there %s times, want it wherever names are shown", strconv.Itoa(n))
	}
}
