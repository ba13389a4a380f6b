package eval

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"osusume/recommend/engine"
)

// approximately compares figures computed by hand.
var approximately = cmpopts.EquateApprox(0, 1e-9)

// pairShop is a train and a test file in which tea goes with milk and bread with
// butter; who has one buys the other later. Salt has most buyers.
func pairShop(t *testing.T) (train, test string) {
	t.Helper()
	var before, after []string
	buy := func(to *[]string, month, day int, customer, order string, items ...string) {
		for _, item := range items {
			*to = append(*to, fmt.Sprintf("purchase,2024-%02d-%02dT09:00:00Z,%s,,%s,%s,1,100,", month, day, customer, order, item))
		}
	}
	for i := range 5 {
		buy(&before, 1, 1+i, fmt.Sprintf("t%d", i), fmt.Sprintf("ot%d", i), "tea", "milk")
		buy(&before, 1, 1+i, fmt.Sprintf("b%d", i), fmt.Sprintf("ob%d", i), "bread", "butter")
	}
	for i := range 8 {
		buy(&before, 1, 10+i, fmt.Sprintf("s%d", i), fmt.Sprintf("os%d", i), "salt")
	}
	buy(&before, 1, 20, "ann", "oa", "tea")
	buy(&before, 1, 20, "bob", "ob", "butter")
	buy(&after, 2, 1, "ann", "pa", "milk")
	buy(&after, 2, 2, "bob", "pb", "bread")
	return writeCSV(t, before...), writeCSV(t, after...)
}

func TestRunThroughTheEngine(t *testing.T) {
	train, test := pairShop(t)
	r, err := Run(t.Context(), Config{Task: Purchases, Train: train, Test: test, Model: "cosine"})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]map[string]float64{}
	for _, v := range append(r.Variants, r.Popularity...) {
		name := v.Name
		if got[name] != nil {
			name = "popularity " + name
		}
		got[name] = map[string]float64{}
		for _, m := range v.Metrics {
			got[name][m.Name] = m.Mean
		}
	}
	// Cosine puts the partner first. Bestsellers are salt 8, butter 6, tea 6,
	// bread 5, milk 5, ties by id. All: milk is fifth for ann, bread fourth for
	// bob. New: without tea milk is fourth, without butter bread is third.
	discount := func(rank float64) float64 { return 1 / math.Log2(rank+1) }
	// Every list holds all there is to show. Of 20 people 8 have salt, 6 tea or
	// butter, 5 bread or milk; new leaves one of the 6 out.
	bits := func(n float64) float64 { return math.Log2(20 / n) }
	novelty := map[string]float64{
		"all": (bits(8) + 2*bits(6) + 2*bits(5)) / 5,
		"new": (bits(8) + bits(6) + 2*bits(5)) / 4,
	}
	pair := func(variant string, a, b float64) map[string]float64 {
		return map[string]float64{
			"novelty@10": novelty[variant],
			"ndcg@10":    (discount(a) + discount(b)) / 2, "mrr@10": (1/a + 1/b) / 2, "map@10": (1/a + 1/b) / 2,
			"recall@20": 1, "hr@10": 1, coverageName: 1,
		}
	}
	want := map[string]map[string]float64{
		"all": pair("all", 1, 1), "new": pair("new", 1, 1),
		"popularity all": pair("all", 5, 4), "popularity new": pair("new", 4, 3),
	}
	if diff := cmp.Diff(want, got, approximately); diff != "" {
		t.Errorf("metrics (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"milk", "bread"}, []string{r.Variants[0].Lists[0][0], r.Variants[0].Lists[1][0]}); diff != "" {
		t.Errorf("first of the lists (-want +got):\n%s", diff)
	}
	if r.CatalogItems != 5 || r.Score.P50 <= 0 || r.Score.P99 < r.Score.P50 || r.TrainSeconds <= 0 {
		t.Errorf("catalog %d, score %+v, train %v s", r.CatalogItems, r.Score, r.TrainSeconds)
	}
}

// TestRunIsDeterministic: two runs differ in their times alone.
func TestRunIsDeterministic(t *testing.T) {
	train, test := pairShop(t)
	run := func() Result {
		r, err := Run(t.Context(), Config{Task: Purchases, Train: train, Test: test, Seed: 3})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	if diff := cmp.Diff(run(), run(), cmpopts.IgnoreFields(Result{}, "TrainSeconds", "Score")); diff != "" {
		t.Errorf("second run (-first +second):\n%s", diff)
	}
}

func TestRunRefuses(t *testing.T) {
	train, test := pairShop(t)
	cases := filepath.Join(t.TempDir(), "cases.csv")
	if err := os.WriteFile(cases, []byte("invoice,cart,hidden,seed,rest\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	settings := &engine.Settings{Models: map[string]engine.Model{"mine": popularModel(7)}}
	tests := map[string]struct {
		cfg  Config
		want string
	}{
		"no task":                     {Config{Train: train, Test: test}, "--task"},
		"unknown task":                {Config{Task: "clicks", Train: train, Test: test}, "--task"},
		"no train":                    {Config{Task: Purchases, Test: test}, "--train"},
		"no test":                     {Config{Task: Purchases, Train: train}, "--test"},
		"no cases":                    {Config{Task: Baskets, Train: train}, "--cases"},
		"baskets with a test file":    {Config{Task: Baskets, Train: train, Cases: cases, Test: test}, "leave --test out"},
		"ratings with cases":          {Config{Task: Ratings, Train: train, Test: test, Cases: cases}, "leave --cases out"},
		"prefix of a purchase":        {Config{Task: Purchases, Train: train, Test: test, MinPrefix: 1}, "--min-prefix"},
		"negative prefix":             {Config{Task: Sessions, Train: train, Test: test, MinPrefix: -1}, "--min-prefix"},
		"no such train file":          {Config{Task: Purchases, Train: train + ".gone", Test: test}, "--train"},
		"no such test file":           {Config{Task: Purchases, Train: train, Test: test + ".gone"}, "--test"},
		"empty train file":            {Config{Task: Purchases, Train: writeCSV(t), Test: test}, "holds no event"},
		"test of another shop":        {Config{Task: Purchases, Train: train, Test: writeCSV(t, "purchase,2024-02-02T00:00:00Z,x,,o,y,1,1,")}, "no case"},
		"no basket":                   {Config{Task: Baskets, Train: train, Cases: cases}, "no case"},
		"unknown model":               {Config{Task: Purchases, Train: train, Test: test, Model: "magic"}, "--model magic: task purchases can be measured with default, popularity"},
		"a model of another task":     {Config{Task: Baskets, Train: train, Cases: cases, Model: "personal"}, "--model personal"},
		"a plain model with settings": {Config{Task: Purchases, Train: train, Test: test, Model: "cosine", Settings: settings}, "--config"},
		"settings the engine refuses": {Config{Task: Purchases, Train: train, Test: test, Settings: &engine.Settings{Placements: map[string]engine.Placement{"home": {Model: "none"}}}}, "none"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := Run(t.Context(), tt.cfg)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error = %v, want one with %q", err, tt.want)
			}
		})
	}
}

func TestRunTakesAModelOfTheSettings(t *testing.T) {
	train, test := pairShop(t)
	settings := &engine.Settings{Models: map[string]engine.Model{"mine": popularModel(0)}}
	r, err := Run(t.Context(), Config{Task: Purchases, Train: train, Test: test, Model: "mine", Settings: settings})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(r.Popularity[0].Lists, r.Variants[0].Lists); diff != "" {
		t.Errorf("lists of bestsellers under another name (-want +got):\n%s", diff)
	}
	if _, ok := settings.Models[baselineModel]; ok || len(settings.Models) != 1 {
		t.Errorf("the caller's settings were changed: %v", settings.Models)
	}
}

func TestRunStops(t *testing.T) {
	train, test := pairShop(t)
	for _, step := range []string{"learn events", "ask all"} {
		t.Run(step, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			_, err := Run(ctx, Config{Task: Purchases, Train: train, Test: test, Progress: func(now string, _, _ int) {
				if now == step {
					cancel()
				}
			}})
			if !errors.Is(err, context.Canceled) {
				t.Errorf("error = %v, want %v", err, context.Canceled)
			}
		})
	}
}

// TestModels: every model that is offered for a task runs on it.
func TestModels(t *testing.T) {
	shop, later := pairShop(t)
	var views, rated []string
	for s := range 4 {
		for k, item := range []string{"a", "b", "c"} {
			views = append(views, fmt.Sprintf("view_item,2024-01-0%dT00:00:%02dZ,,s%d,,%s,,,", s+1, k, s, item))
			rated = append(rated, fmt.Sprintf("rating,2024-01-0%dT00:00:%02dZ,c%d,,,%s,,,4", s+1, k, s, item))
		}
	}
	cases := filepath.Join(t.TempDir(), "cases.csv")
	if err := os.WriteFile(cases, []byte("invoice,cart,hidden,seed,rest\ni,tea,milk,tea,milk\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	tasks := map[Task]Config{
		Purchases: {Train: shop, Test: later},
		Baskets:   {Train: shop, Cases: cases},
		Sessions:  {Train: writeCSV(t, views...), Test: writeCSV(t, views[:3]...)},
		Ratings:   {Train: writeCSV(t, rated[:11]...), Test: writeCSV(t, rated[11])},
	}
	for _, task := range Tasks() {
		for _, model := range Models(task) {
			t.Run(string(task)+" "+model, func(t *testing.T) {
				cfg := tasks[task]
				cfg.Task, cfg.Model = task, model
				r, err := Run(t.Context(), cfg)
				if err != nil {
					t.Fatal(err)
				}
				// Whatever the model, the one thing left to foresee is in a list
				// that holds the whole shop.
				for _, m := range r.Variants[0].Metrics {
					if m.Name != NoveltyMetric(task) && m.Mean <= 0 {
						t.Errorf("%s = %v", m.Name, m.Mean)
					}
				}
			})
		}
	}
}
