package tune

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"osusume/bench/eval"
	"osusume/recommend/engine"
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

// TestCommand: the file that tune writes is one that eval takes, and with it
// eval asks the tuned models.
func TestCommand(t *testing.T) {
	train := fashionShop(t)
	out := filepath.Join(t.TempDir(), "tuned.yaml")
	stdout, stderr, err := execute(t, "--task=purchases", "--train="+train, "--trials=60", "--out="+out)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"purchases\n", "for_you (all, ", "95 %", "recent weight"} {
		if !strings.Contains(stdout, want) {
			t.Errorf("no %q in the table:\n%s", want, stdout)
		}
	}
	for line := range strings.Lines(stderr) {
		if !strings.Contains(line, ":") && !strings.Contains(line, "measure") && !strings.Contains(line, "read") {
			t.Errorf("progress: %q", line)
		}
	}
	if text, err := os.ReadFile(out); err != nil || !strings.Contains(string(text), "--trials 60 --seed 1\n") || strings.Contains(string(text), "--budget") {
		t.Errorf("not the command that was given (%v):\n%s", err, text)
	}
	settings, err := eval.ReadSettings(out)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := settings.Models["for_you"]; !ok || len(settings.Placements) > 0 {
		t.Fatalf("settings = %+v", settings)
	}
	// The last weeks as a test file, only to see both files work together.
	text, err := os.ReadFile(train)
	if err != nil {
		t.Fatal(err)
	}
	rows := strings.Split(strings.TrimSpace(string(text)), "\n")
	test := writeCSV(t, rows[len(rows)-200:])
	measure := func(s *engine.Settings) [][]string {
		r, err := eval.Run(t.Context(), eval.Config{Task: eval.Purchases, Train: writeCSV(t, rows[1:len(rows)-200]), Test: test, Settings: s})
		if err != nil {
			t.Fatal(err)
		}
		return r.Variants[0].Lists
	}
	if cmp.Equal(measure(nil), measure(settings)) {
		t.Error("eval gives the same lists with the tuned settings as without")
	}
}

// TestCommandReadsTheTrainFileAlone: there is no way to name a test file, and a
// later time beside the train file changes nothing.
func TestCommandReadsTheTrainFileAlone(t *testing.T) {
	for _, flag := range []string{"test", "cases"} {
		if Command().Flags().Lookup(flag) != nil {
			t.Errorf("there is a flag --%s", flag)
		}
	}
	train := ratingShop(t)
	run := func() string {
		out := filepath.Join(filepath.Dir(train), "tuned.yaml")
		if _, _, err := execute(t, "--task=ratings", "--train="+train, "--trials=20", "--restart", "--out="+out); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	alone := run()
	for _, name := range []string{"test.csv", "test.csv.gz", "cases.csv"} {
		if err := os.WriteFile(filepath.Join(filepath.Dir(train), name), []byte("not to be read"), 0o000); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(alone, run()); diff != "" {
		t.Errorf("with other files beside it (-alone +beside):\n%s", diff)
	}
}

func TestCommandRefuses(t *testing.T) {
	train := fashionShop(t)
	bad := filepath.Join(t.TempDir(), "bad.yaml")
	if err := os.WriteFile(bad, []byte("models: 3\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	out := "--out=" + filepath.Join(t.TempDir(), "c.yaml")
	tests := map[string]struct {
		args []string
		want string
	}{
		"nothing given":   {nil, "--out"},
		"no task":         {[]string{"--train=" + train, out}, "--task"},
		"prefix of 0":     {[]string{"--task=sessions", "--train=" + train, "--min-prefix=0", out}, "--min-prefix"},
		"no folder":       {[]string{"--task=purchases", "--train=" + train, "--out=" + filepath.Join(t.TempDir(), "no", "c.yaml")}, "--out"},
		"settings broken": {[]string{"--task=purchases", "--train=" + train, "--out=" + bad}, "--out"},
		"a test file":     {[]string{"--task=purchases", "--train=" + train, "--test=x", out}, "--test"},
		"a word too many": {[]string{"please"}, "please"},
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
	for name, tt := range map[string]struct {
		terminal bool
		want     []string
		lines    int
	}{
		"a terminal": {true, []string{"for_you: trend power 0.5", "50%"}, 0},
		"a file":     {false, []string{" 50 % of the budget: for_you: trend power 0.5\n", "no budget\n"}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			now := dayZero
			p := newProgressView(&out, tt.terminal, func() time.Time { return now })
			for _, step := range []struct {
				what string
				used float64
			}{{"for_you: trend power 0.5", 0.505}, {"no budget", -1}} {
				p.update("too soon", step.used)
				now = now.Add(lineInterval)
				p.update(step.what, step.used)
			}
			p.finish()
			for _, want := range tt.want {
				if !strings.Contains(out.String(), want) {
					t.Errorf("no %q in %q", want, out.String())
				}
			}
			if !tt.terminal && strings.Count(out.String(), "\n") != tt.lines || strings.Contains(out.String(), "too soon") {
				t.Errorf("wrote %q", out.String())
			}
		})
	}
}
