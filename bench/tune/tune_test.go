package tune

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"osusume/bench/eval"
	"osusume/recommend/engine"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestRun(t *testing.T) {
	files := shops(t)
	for _, task := range eval.Tasks() {
		t.Run(string(task), func(t *testing.T) {
			cfg := Config{Task: task, Train: files[task], Limits: Limits{Trials: 60}, Seed: 1}
			r, err := Run(t.Context(), cfg)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range r.Models {
				if m.Tuned < m.Default && !(r.TunesCounts && r.Counts != cfg.Base.Counts) {
					t.Errorf("%s: %.4f tuned, %.4f by default", m.Name, m.Tuned, m.Default)
				}
				if (m.Gain.Mean != 0) != (m.Tuned != m.Default) {
					t.Errorf("%s: gain %v between %v and %v", m.Name, m.Gain.Mean, m.Default, m.Tuned)
				}
				if !m.Changed {
					if diff := cmp.Diff(engine.DefaultModels()[m.Name], m.Settings); diff != "" {
						t.Errorf("%s is not changed but differs (-default +got):\n%s", m.Name, diff)
					}
				}
				if m.Cases < minCases || len(m.Parameters) == 0 {
					t.Errorf("%s: %d cases, %d parameters tried", m.Name, m.Cases, len(m.Parameters))
				}
			}
			if r.Trials == 0 || r.Trials > cfg.Limits.Trials {
				t.Errorf("%d trials, at most %d wanted", r.Trials, cfg.Limits.Trials)
			}
			again, err := Run(t.Context(), cfg)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(r, again); diff != "" {
				t.Errorf("second run (-first +second):\n%s", diff)
			}
		})
	}
}

// TestRunFindsWhatIsPlanted: where fashion rules, what sells now gets more
// weight, and that is no noise.
func TestRunFindsWhatIsPlanted(t *testing.T) {
	r, err := Run(t.Context(), Config{Task: eval.Purchases, Train: fashionShop(t), Limits: Limits{Trials: 90}, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	m := r.Models[0]
	if !m.Changed || !m.Gain.Significant() || m.Gain.Mean < 0.02 {
		t.Errorf("%s: %.4f by default, %.4f tuned, %+v", m.Name, m.Default, m.Tuned, m.Gain)
	}
	def := engine.DefaultModels()[m.Name]
	if m.Settings.Recent.Weight <= def.Recent.Weight && m.Settings.Trend.Power <= def.Trend.Power {
		t.Errorf("neither recent %+v nor trend %+v rose", m.Settings.Recent, m.Settings.Trend)
	}
}

// TestRunResumes: a run that is stopped and started again takes the same steps
// and measures nothing twice.
func TestRunResumes(t *testing.T) {
	for task, train := range map[eval.Task]string{eval.Purchases: fashionShop(t), eval.Sessions: walkShop(t)} {
		t.Run(string(task), func(t *testing.T) {
			cfg := Config{Task: task, Train: train, Limits: Limits{Trials: 50}, Seed: 1}
			want, err := Run(t.Context(), cfg)
			if err != nil {
				t.Fatal(err)
			}
			cfg.Journal = filepath.Join(t.TempDir(), "progress")
			for _, lines := range []int{2, 20} {
				ctx, cancel := context.WithCancel(t.Context())
				stopping := cfg
				stopping.Progress = func(string, float64) {
					if text, err := os.ReadFile(cfg.Journal); err == nil && strings.Count(string(text), "\n") >= lines {
						cancel()
					}
				}
				if _, err := Run(ctx, stopping); !errors.Is(err, context.Canceled) {
					t.Fatalf("stopped at %d lines: error = %v", lines, err)
				}
				cancel()
			}
			got, err := Run(t.Context(), cfg)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("resumed run (-uninterrupted +resumed):\n%s", diff)
			}
			text, err := os.ReadFile(cfg.Journal)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := Run(t.Context(), cfg); err != nil {
				t.Fatal(err)
			}
			after, err := os.ReadFile(cfg.Journal)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(text), string(after)); diff != "" {
				t.Errorf("a run again noted something more (-before +after):\n%s", diff)
			}
		})
	}
}

// TestBudget: time that is up leaves a valid result, the defaults if need be.
func TestBudget(t *testing.T) {
	now := dayZero
	cfg := Config{
		Task: eval.Purchases, Train: fashionShop(t), Limits: Limits{Budget: time.Minute}, Seed: 1,
		Clock: func() time.Time { return now },
	}
	past := 0.0
	cfg.Progress = func(what string, used float64) {
		past = max(past, used)
		if what == "measure the defaults" {
			now = dayZero.Add(time.Hour)
		}
	}
	r, err := Run(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range r.Models {
		if m.Changed || m.Gain.Mean != 0 {
			t.Errorf("%s changed without time to try anything: %+v", m.Name, m.Gain)
		}
	}
	if past != 1 {
		t.Errorf("budget used = %v, want 1", past)
	}
}

func TestRunRefuses(t *testing.T) {
	train := fashionShop(t)
	short := writeCSV(t, []string{
		"purchase,2024-01-01T00:00:00Z,a,,o1,x,1,1,", "purchase,2024-01-09T00:00:00Z,a,,o2,y,1,1,",
		"purchase,2024-01-10T00:00:00Z,a,,o3,x,1,1,",
	})
	tests := map[string]struct {
		cfg  Config
		want string
	}{
		"no task":              {Config{Train: train}, "--task"},
		"no train":             {Config{Task: eval.Purchases}, "--train"},
		"no such file":         {Config{Task: eval.Purchases, Train: train + ".gone"}, "--train"},
		"prefix of a purchase": {Config{Task: eval.Purchases, Train: train, MinPrefix: 1}, "--min-prefix"},
		"negative prefix":      {Config{Task: eval.Sessions, Train: train, MinPrefix: -1}, "--min-prefix"},
		"negative budget":      {Config{Task: eval.Purchases, Train: train, Limits: Limits{Budget: -1}}, "--budget"},
		"negative trials":      {Config{Task: eval.Purchases, Train: train, Limits: Limits{Trials: -1}}, "--trials"},
		"three orders":         {Config{Task: eval.Purchases, Train: short}, "at least 30 are needed"},
		"no sessions":          {Config{Task: eval.Sessions, Train: train}, "0 cases"},
		"an event a second":    {Config{Task: eval.Baskets, Train: writeCSV(t, []string{"purchase,2024-01-01T00:00:00Z,a,,o1,x,1,1,"})}, "0 cases"},
		"one rating":           {Config{Task: eval.Ratings, Train: writeCSV(t, []string{"rating,2024-01-01T00:00:00Z,a,,,x,,,3"})}, "0 cases"},
		"journal in no folder": {Config{Task: eval.Purchases, Train: train, Journal: filepath.Join(t.TempDir(), "no", "p")}, "progress"},
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
