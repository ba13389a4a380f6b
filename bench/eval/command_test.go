package eval

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// execute runs the command and returns what it wrote.
func execute(t *testing.T, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	var out, errs bytes.Buffer
	cmd := Command()
	cmd.SetArgs(args)
	cmd.SetOut(&out)
	cmd.SetErr(&errs)
	cmd.SilenceUsage, cmd.SilenceErrors = true, true
	err = cmd.ExecuteContext(t.Context())
	return out.String(), errs.String(), err
}

func TestCommand(t *testing.T) {
	train, test := pairShop(t)
	file := filepath.Join(t.TempDir(), "result.json")
	stdout, stderr, err := execute(t, "--task", "purchases", "--train", train, "--test", test, "--model", "cosine", "--json", file)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(stdout, "purchases, model cosine, 5 items\n") || !strings.Contains(stdout, "ndcg@10") {
		t.Errorf("table:\n%s", stdout)
	}
	if stderr != "" {
		t.Errorf("a run of a moment wrote progress to what is no terminal: %q", stderr)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	// Read back as another program would, by the published form.
	var got struct {
		Task, Model string
		Variants    map[string]map[string]float64
		TrainTime   float64            `json:"train_seconds"`
		Score       map[string]float64 `json:"score_us"`
	}
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	for _, variant := range []string{"all", "new"} {
		want := []string{"coverage@10", "hr@10", "map@10", "mrr@10", "n", "ndcg@10", "novelty@10", "recall@20"}
		if diff := cmp.Diff(want, sortedKeys(got.Variants[variant])); diff != "" {
			t.Errorf("keys of %s (-want +got):\n%s", variant, diff)
		}
		if got.Variants[variant]["n"] != 2 {
			t.Errorf("n of %s = %v, want 2", variant, got.Variants[variant]["n"])
		}
	}
	if got.Task != "purchases" || got.Model != "cosine" || got.TrainTime <= 0 || got.Score["p99"] < got.Score["p50"] || got.Score["p50"] <= 0 {
		t.Errorf("result = %+v", got)
	}
}

func TestCommandWritesJSONAlone(t *testing.T) {
	train, test := pairShop(t)
	stdout, _, err := execute(t, "--task=purchases", "--train="+train, "--test="+test, "--json=-")
	if err != nil {
		t.Fatal(err)
	}
	if !json.Valid([]byte(stdout)) {
		t.Errorf("standard output is not JSON alone:\n%s", stdout)
	}
}

func TestCommandTakesSettings(t *testing.T) {
	train, test := pairShop(t)
	config := filepath.Join(t.TempDir(), "tuned.yaml")
	write := func(text string) {
		if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	run := func() (string, error) {
		stdout, _, err := execute(t, "--task=purchases", "--train="+train, "--test="+test, "--config="+config, "--json=-")
		return stdout, err
	}
	// Ann's partner item has least buyers: only neighbours put it first.
	write("models:\n  mine:\n    recent: {weight: 1, days: 0}\n    no_fallback: true\nplacements:\n  home: {model: mine}\n")
	stdout, err := run()
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Variants, Popularity map[string]map[string]float64
	}
	if err := json.Unmarshal([]byte(stdout), &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(got.Popularity, got.Variants); diff != "" {
		t.Errorf("a home of bestsellers is not the popularity beside it (-want +got):\n%s", diff)
	}
	for name, text := range map[string]string{
		"unknown key": "model:\n  mine: {}\n",
		"wrong type":  "max_lines: many\n",
		"no YAML":     "models: [",
	} {
		t.Run(name, func(t *testing.T) {
			write(text)
			if _, err := run(); err == nil || !strings.Contains(err.Error(), "--config") {
				t.Errorf("error = %v, want one that names --config", err)
			}
		})
	}
	t.Run("empty file", func(t *testing.T) {
		write("")
		if _, err := run(); err != nil {
			t.Errorf("error = %v, want the defaults", err)
		}
	})
}

func TestCommandRefuses(t *testing.T) {
	train, test := pairShop(t)
	full := []string{"--task=purchases", "--train=" + train, "--test=" + test}
	tests := map[string]struct {
		args []string
		want string
	}{
		"nothing given":       {nil, "--task"},
		"prefix of 0":         {[]string{"--task=sessions", "--train=" + train, "--test=" + test, "--min-prefix=0"}, "--min-prefix"},
		"no such config":      {append(full[:3:3], "--config=none.yaml"), "--config"},
		"no folder for JSON":  {append(full[:3:3], "--json="+filepath.Join(t.TempDir(), "none", "r.json")), "--json"},
		"a word too many":     {append(full[:3:3], "please"), "please"},
		"a flag it knows not": {append(full[:3:3], "--models=x"), "--models"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			stdout, _, err := execute(t, tt.args...)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error = %v, want one with %q", err, tt.want)
			}
			if stdout != "" {
				t.Errorf("wrote %q", stdout)
			}
		})
	}
}

func TestProgress(t *testing.T) {
	var out bytes.Buffer
	now := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	p := newProgressView(&out, false, func() time.Time { return now })
	for _, step := range []struct {
		after       time.Duration
		name        string
		done, total int
	}{
		{lineInterval - time.Millisecond, "learn events", 10, 5000},
		{time.Millisecond, "learn events", 1500, 5000},
		{lineInterval - time.Millisecond, "learn events", 2000, 5000},
		{time.Millisecond, "read --train", 12345, 0},
	} {
		now = now.Add(step.after)
		p.update(step.name, step.done, step.total)
	}
	p.finish()
	if diff := cmp.Diff("learn events: 1,500 of 5,000\nread --train: 12,345\n", out.String()); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
}

func TestProgressBar(t *testing.T) {
	var out bytes.Buffer
	now := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	p := newProgressView(&out, true, func() time.Time { return now })
	for _, step := range []string{"learn events", "ask all"} {
		now = now.Add(time.Second)
		p.update(step, 50, 100)
	}
	p.finish()
	for _, want := range []string{"learn events", "ask all", "50/100"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("bar lacks %q: %q", want, out.String())
		}
	}
}
