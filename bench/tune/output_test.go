package tune

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"

	"osusume/bench/eval"
	"osusume/recommend/cooccur"
	"osusume/recommend/engine"
)

// chosen is a result with one changed and one unchanged model.
func chosen(task eval.Task, changed, stays string) *Result {
	m := engine.DefaultModels()[changed]
	m.Trend.Power = 0.65
	return &Result{
		Task: task, Train: "train.csv", Hash: "abc", Cuts: 3, Trials: 10, Counts: cooccur.Settings{StepLambda: 2}, TunesCounts: task == eval.Sessions,
		Models: []Model{
			{Name: changed, Variant: "all", Metrics: []string{"ndcg@10"}, Cases: 40, Default: 0.1, Tuned: 0.2, Changed: true, Settings: m},
			{Name: stays, Variant: "new", Metrics: []string{"ndcg@10"}, Cases: 40, Default: 0.1, Tuned: 0.1, Settings: engine.DefaultModels()[stays]},
		},
	}
}

func put(t *testing.T, path string, r *Result) {
	t.Helper()
	d, err := readDocument(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.put(r, "osusume bench tune"); err != nil {
		t.Fatal(err)
	}
	if err := d.write(path); err != nil {
		t.Fatal(err)
	}
}

// TestDocumentRoundTrip: what is written is what eval reads, and only what
// differs from the defaults.
func TestDocumentRoundTrip(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tuned.yaml")
	r := chosen(eval.Sessions, "session", "session_new")
	put(t, path, r)
	got, err := eval.ReadSettings(path)
	if err != nil {
		t.Fatal(err)
	}
	want := &engine.Settings{
		Counts: cooccur.Settings{StepLambda: 2},
		Models: map[string]engine.Model{"session": r.Models[0].Settings},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("settings (-want +got):\n%s", diff)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"# tuned sessions\n#   osusume bench tune\n#   train train.csv, sha256 abc\n", "0.1000 by default, 0.2000 tuned", "which stays"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	// Nothing better than the defaults: their place is empty again.
	r.Models[0].Changed, r.Counts = false, cooccur.Settings{}
	put(t, path, r)
	if got, err = eval.ReadSettings(path); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(&engine.Settings{}, got); diff != "" {
		t.Errorf("settings (-defaults +got):\n%s", diff)
	}
}

func TestDocumentKeepsTheRest(t *testing.T) {
	path := filepath.Join(t.TempDir(), "shop.yaml")
	before := `# our shop

# where it listens
addr: 127.0.0.1:9000 # not 8080
placements:
  home:
    model: ours # for now
models:
  # the owner's idea
  ours:
    recent:
      weight: 1
      days: 7
  item:
    recent:
      weight: 1
      days: 30
counts:
  order_window: 100
  step_lambda: 5
`
	if err := os.WriteFile(path, []byte(before), 0o640); err != nil {
		t.Fatal(err)
	}
	put(t, path, chosen(eval.Baskets, "cart", "item"))
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("mode of the file: %v, %v; want 0640 as before", info.Mode(), err)
	}
	put(t, path, chosen(eval.Purchases, "for_you", "for_you_new"))
	first, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	put(t, path, chosen(eval.Baskets, "cart", "item"))
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(first), string(text)); diff != "" {
		t.Errorf("the same again (-first +second):\n%s", diff)
	}
	for _, want := range []string{"# our shop", "# where it listens\naddr: 127.0.0.1:9000 # not 8080\n", "model: ours # for now", "# the owner's idea\n", "# tuned baskets\n", "# tuned purchases\n"} {
		if strings.Count(string(text), want) != 1 {
			t.Errorf("not once %q in\n%s", want, text)
		}
	}
	var got map[string]any
	if err := yaml.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	d, err := readDocument(path)
	if err != nil {
		t.Fatal(err)
	}
	s, err := d.settings()
	if err != nil {
		t.Fatal(err)
	}
	tuned := func(name string) engine.Model {
		m := engine.DefaultModels()[name]
		m.Trend.Power = 0.65
		return m
	}
	want := engine.Settings{
		// Another task's settings of the counts are not this one's to change.
		Counts:     cooccur.Settings{OrderWindow: 100, StepLambda: 5},
		Placements: map[string]engine.Placement{"home": {Model: "ours"}},
		Models: map[string]engine.Model{
			"ours": {Recent: engine.Recent{Weight: 1, Days: 7}},
			"cart": tuned("cart"), "for_you": tuned("for_you"),
		},
	}
	if diff := cmp.Diff(want, s); diff != "" {
		t.Errorf("settings (-want +got):\n%s", diff)
	}
	if got["addr"] != "127.0.0.1:9000" {
		t.Errorf("addr = %v", got["addr"])
	}
}

func TestDocumentRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"no YAML":            "models: [",
		"models of a list":   "models: [1, 2]\n",
		"counts of a number": "counts: 3\n",
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "c.yaml")
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			d, err := readDocument(path)
			if err == nil {
				_, err = d.settings()
			}
			if err == nil || !strings.Contains(err.Error(), "--out") {
				t.Errorf("error = %v, want one that names --out", err)
			}
		})
	}
}

func FuzzDocument(f *testing.F) {
	f.Add("# tuned baskets\n#   x\n\nmodels:\n  cart: {}\n")
	f.Add("# a\n\n# b\naddr: x # c\ncounts:\n  order_window: 3\n")
	f.Add("# tuned a\n# tuned b\n")
	f.Fuzz(func(t *testing.T, text string) {
		dir := t.TempDir()
		path := filepath.Join(dir, "c.yaml")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		d, err := readDocument(path)
		if err != nil {
			return
		}
		before, err := d.settings()
		if err != nil {
			return
		}
		if err := d.write(path); err != nil {
			t.Fatal(err)
		}
		again, err := readDocument(path)
		if err != nil {
			t.Fatalf("what was written cannot be read: %v", err)
		}
		after, err := again.settings()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(before, after); diff != "" {
			t.Errorf("settings (-before +after):\n%s", diff)
		}
		if len(d.blocks) != len(again.blocks) {
			t.Errorf("%d blocks became %d", len(d.blocks), len(again.blocks))
		}
	})
}
