package eval

import (
	"maps"
	"math"
	"os"
	"path/filepath"
	"testing"

	"osusume/recommend/engine"
)

// sharedData returns the folder of real data beside the repository, and skips
// the test where it is absent.
func sharedData(t *testing.T) string {
	t.Helper()
	if testing.Short() || raceDetector {
		t.Skip("runs on real data take half a minute: not with -short or -race")
	}
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("no go.mod above the test")
		}
		dir = filepath.Dir(dir)
	}
	data := filepath.Join(filepath.Dir(dir), "shared", "data")
	if _, err := os.Stat(data); err != nil {
		t.Skipf("no folder of real data at %s", data)
	}
	return data
}

// realTasks are the tasks on the files in data.
func realTasks(data string) map[Task]Config {
	in := func(folder, file string) string { return filepath.Join(data, folder, file) }
	return map[Task]Config{
		Purchases: {Task: Purchases, Train: in("online_retail", "train.csv.gz"), Test: in("online_retail", "test.csv.gz")},
		Baskets:   {Task: Baskets, Train: in("online_retail", "train.csv.gz"), Cases: in("online_retail", "baskets.csv.gz")},
		Sessions:  {Task: Sessions, Train: in("retailrocket", "train.csv.gz"), Test: in("retailrocket", "test.csv.gz"), MinPrefix: 2},
		Ratings:   {Task: Ratings, Train: in("movielens100k", "train.csv.gz"), Test: in("movielens100k", "test.csv.gz")},
	}
}

// harnessRow is a plain model and what it reaches, by variant and metric.
type harnessRow struct {
	model string
	want  map[string]map[string]float64
}

// TestHarness: plain models, whose figures on these files are known from
// independent implementations, come out the same within 1 %. It holds the
// protocols, the metrics, the tie rule and the engine's counts, windows, decays
// and closed-form weights at once. The models of one task share an engine.
func TestHarness(t *testing.T) {
	type want = map[string]map[string]float64
	tests := map[Task][]harnessRow{
		Purchases: {
			{popularity, want{"all": {"ndcg@10": .0825, "recall@20": .0604, "hr@10": .4551}}},
			{recent, want{"all": {"ndcg@10": .1477}, "new": {"ndcg@10": .0906}}},
			{personal, want{"all": {"ndcg@10": .3530}}},
			{cosine, want{"all": {"ndcg@10": .2274}, "new": {"ndcg@10": .0866}}},
			{llr, want{"all": {"ndcg@10": .2304}, "new": {"ndcg@10": .0882}}},
		},
		Baskets: {
			{cosine, want{"cart": {"hr@10": .2711, "mrr@10": .1344}}},
			{jaccard, want{"cart": {"hr@10": .2880, "mrr@10": .1413}}},
		},
		Sessions: {
			{cooccurrence, want{"all": {"hr@20": .3282, "mrr@20": .1089}, "new": {"hr@20": .3496, "mrr@20": .1332}}},
			{cosine, want{"all": {"hr@20": .3207, "mrr@20": .1052}, "new": {"hr@20": .3430, "mrr@20": .1299}}},
		},
		Ratings: {
			{popularity, want{"all": {"ndcg@10": .2524, "map@10": .0560}}},
			{cosine, want{"all": {"ndcg@10": .4113, "map@10": .1209}}},
		},
	}
	tasks := realTasks(sharedData(t))
	for _, task := range Tasks() {
		t.Run(string(task), func(t *testing.T) {
			t.Parallel()
			cfg := tasks[task]
			cfg.Progress = func(string, int, int) {}
			checkRows(t, cfg, tests[task])
		})
	}
}

func checkRows(t *testing.T, cfg Config, rows []harnessRow) {
	x, _, err := read(&cfg)
	if err != nil {
		t.Fatal(err)
	}
	var settings engine.Settings
	plans := make(map[string]plan)
	for _, row := range rows {
		p, err := planFor(cfg.Task, row.model, nil)
		if err != nil {
			t.Fatal(err)
		}
		plans[row.model] = p
		maps.Copy(p.settings.Models, settings.Models)
		settings = p.settings
	}
	view, err := train(t.Context(), settings, x, cfg.Progress)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		t.Run(row.model, func(t *testing.T) {
			for _, q := range x.variants {
				if row.want[q.variant] == nil {
					continue
				}
				a, err := ask(t.Context(), view, &q, plans[row.model].models[q.variant], cfg.Progress)
				if err != nil {
					t.Fatal(err)
				}
				v := judge(&q, a.lists, len(x.train.items), 1)
				for _, name := range sortedKeys(row.want[q.variant]) {
					want := row.want[q.variant][name]
					got, ok := v.Metric(name)
					say := t.Logf
					if !ok || math.Abs(got.Mean-want) > 0.01*want {
						say = t.Errorf
					}
					say("%s %s = %.4f, want %.4f (%+.2f %%)", q.variant, name, got.Mean, want, 100*(got.Mean/want-1))
				}
			}
		})
	}
}
