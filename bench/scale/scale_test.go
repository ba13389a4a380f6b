package scale

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

// childVariable makes the test binary one of the processes that Run starts.
const childVariable = "OSUSUME_TEST_SCALE_CHILD"

func TestMain(m *testing.M) {
	switch os.Getenv(childVariable) {
	case "":
		goleak.VerifyTestMain(m)
	case "scale":
		cmd := Command()
		cmd.SetArgs(os.Args[1:])
		if err := cmd.ExecuteContext(context.Background()); err != nil {
			os.Exit(1)
		}
	case "crash":
		panic("the disk is on fire")
	}
}

// again runs the test binary as a child of the given kind.
func again(kind string) Commander {
	return func(ctx context.Context, args ...string) *exec.Cmd {
		cmd := exec.CommandContext(ctx, os.Args[0], args...)
		cmd.Env = append(os.Environ(), childVariable+"="+kind)
		return cmd
	}
}

func TestRun(t *testing.T) {
	steps := make(map[string]bool)
	o := Options{
		Items: []int{300, 1000}, Events: []int{20_000}, Requests: 50, Dir: t.TempDir(), Command: again("scale"),
		Progress: func(step string, _, _ int) { steps[step] = true },
	}
	r, err := Run(t.Context(), &o)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Sizes) != 2 {
		t.Fatalf("%d sizes, want 2", len(r.Sizes))
	}
	for _, s := range r.Sizes {
		if s.Skipped != "" {
			t.Fatalf("%d items: %s", s.Items, s.Skipped)
		}
		positive := map[string]float64{
			"visitors": float64(s.Visitors), "pairs": float64(s.DirectedPairs), "catalog": s.CatalogSeconds,
			"ingest": s.IngestRate, "ingest CPU": s.IngestCPURate, "refresh": s.RefreshSeconds,
			"heap": float64(s.HeapBytes), "pair bytes": s.PairBytes, "visitor bytes": s.VisitorBytes,
			"item bytes": s.ItemBytes, "append": s.Log.AppendRate, "log": float64(s.Log.Bytes),
			"rebuild": s.Log.RebuildSeconds, "restart": s.Log.RestartSeconds, "checkpoint": float64(s.Log.CheckpointBytes),
		}
		for name, v := range positive {
			if !(v > 0) {
				t.Errorf("%d items: %s is %v", s.Items, name, v)
			}
		}
		for _, q := range s.Requests {
			if !(q.P50 > 0 && q.P99 >= q.P50) {
				t.Errorf("%d items, %s: p50 %v, p99 %v", s.Items, q.Placement, q.P50, q.P99)
			}
		}
		if s.request("home") == nil || s.request("cart") == nil {
			t.Errorf("%d items: placements %+v", s.Items, s.Requests)
		}
	}
	if left, _ := os.ReadDir(o.Dir); len(left) > 0 {
		t.Errorf("%d folders are left behind", len(left))
	}
	if want := "2 of 2, 1k items, 20k events: apply events"; !steps[want] {
		t.Errorf("no progress %q in %v", want, steps)
	}
}

func TestRunSkips(t *testing.T) {
	o := Options{Items: []int{1_000_000}, Events: []int{1000}, Memory: 100 << 20, Command: again("crash")}
	r, err := Run(t.Context(), &o)
	if err != nil {
		t.Fatal(err)
	}
	want := []Size{{Items: 1_000_000, Events: 1000, Skipped: "not enough memory: needs at least 700 MB, may take 105 MB"}}
	if diff := cmp.Diff(want, r.Sizes); diff != "" {
		t.Errorf("sizes (-want +got):\n%s", diff)
	}
}

func TestChildOutOfMemory(t *testing.T) {
	cfg := Config{Items: 200_000, Events: 1_000_000, Requests: 1}
	s, err := runChild(t.Context(), again("scale"), cfg, 40<<20)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(s.Skipped, "out of memory: held ") || s.Items != cfg.Items || s.Events != cfg.Events {
		t.Errorf("size %+v, want one out of memory", s)
	}
}

func TestChildCrashes(t *testing.T) {
	s, err := runChild(t.Context(), again("crash"), Config{Items: 5, Events: 7}, 0)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Size{Items: 5, Events: 7, Skipped: "failed: panic: the disk is on fire"}, s); diff != "" {
		t.Errorf("size (-want +got):\n%s", diff)
	}
}

func TestRunCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	o := Options{
		Items: []int{100_000}, Events: []int{10_000_000}, NoLog: true, Command: again("scale"),
		Progress: func(string, int, int) { cancel() },
	}
	if _, err := Run(ctx, &o); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want it cancelled", err)
	}
}

func TestEnding(t *testing.T) {
	tests := map[string]struct {
		err    error
		stderr string
		want   string
	}{
		"go runtime without memory": {errors.New("exit status 2"), "fatal error: runtime: out of memory\n\ngoroutine 1\n", "out of memory: fatal error: runtime: out of memory"},
		"mmap without memory":       {errors.New("exit status 1"), "osusume: cannot allocate memory\n", "out of memory: osusume: cannot allocate memory"},
		"a fault":                   {errors.New("exit status 1"), "\nosusume: no space left\nmore\n", "failed: osusume: no space left"},
		"silent":                    {errors.New("exit status 3"), "", "failed: exit status 3"},
		"no result":                 {nil, "", "failed: the process ended without a result"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := ending(tt.err, tt.stderr); got != tt.want {
				t.Errorf("ending %q, want %q", got, tt.want)
			}
		})
	}
}

func TestParseCount(t *testing.T) {
	tests := map[string]int{
		"1": 1, "500": 500, "10k": 10_000, "1M": 1_000_000, "1000M": 1_000_000_000,
		"": 0, "0": 0, "-5": 0, "k": 0, "1.5M": 0, "2000M": 0, "1G": 0, "10K": 0,
	}
	for text, want := range tests {
		t.Run(text, func(t *testing.T) {
			got, err := ParseCount(text)
			if got != want || (err == nil) != (want > 0) {
				t.Errorf("ParseCount(%q) = %d, %v; want %d", text, got, err, want)
			}
		})
	}
	for n, want := range map[int]string{7: "7", 1000: "1k", 1500: "1.5k", 20_000: "20k", 1_000_000: "1M", 2_500_000: "2.5M", 1001: "1001"} {
		if got := Count(n); got != want {
			t.Errorf("Count(%d) = %q, want %q", n, got, want)
		}
	}
}

// measuredResult is a result whose figures are easy to follow: ten times the items
// cost three times the ingest, twice the request and ten times the memory.
func measuredResult() *Result {
	one := Size{
		Items: 10_000, Events: 1_000_000, Visitors: 9000, DirectedPairs: 2_000_000, CatalogSeconds: 0.05,
		IngestRate: 300_000, IngestCPURate: 320_000, BehindItems: 12, RefreshSeconds: 0.25,
		Bytes:     map[string]int64{"pairs": 50e6, "lists": 30e6, "profiles": 9e6, "catalog": 4e6},
		HeapBytes: 100e6, PairBytes: 40, VisitorBytes: 1000, ItemBytes: 400,
		Requests: []Request{{"cart", 5, 9}, {"home", 20, 61.5}},
		Log:      &Log{AppendRate: 800_000, Bytes: 90e6, RebuildSeconds: 1.5, RestartSeconds: 0.5, CheckpointBytes: 12e6},
	}
	ten := one
	ten.Items, ten.IngestRate, ten.IngestCPURate, ten.HeapBytes = 100_000, 100_000, 320_000.0/3, 1e9
	ten.Requests = []Request{{"cart", 10, 30}, {"home", 40, 123}}
	ten.Log, ten.PeakBytes = nil, 2e9
	return &Result{
		Command: "osusume bench scale", Sizes: []Size{
			one, ten, {Items: 1_000_000, Events: 1_000_000, Skipped: "out of memory: held 9.0 GB of the 8.0 GB it may"},
		},
	}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if os.Getenv("OSUSUME_UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

func TestWriteTable(t *testing.T) {
	var b bytes.Buffer
	if err := measuredResult().WriteTable(&b); err != nil {
		t.Fatal(err)
	}
	golden(t, "table.txt", b.Bytes())
}

func TestWriteHTML(t *testing.T) {
	var b bytes.Buffer
	r := measuredResult()
	r.Sizes[2].Skipped = "out of <memory>"
	if err := r.WriteHTML(&b); err != nil {
		t.Fatal(err)
	}
	page := b.String()
	for _, want := range []string{"<svg", "10k items, 1M events", "320,000", "out of &lt;memory&gt;", "restart from a checkpoint"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page has no %q", want)
		}
	}
	for _, no := range []string{"NaN", "Inf", "out of <memory>"} {
		if strings.Contains(page, no) {
			t.Errorf("the page has %q", no)
		}
	}
}

// TestFigure checks places on the axes by hand: 10k to 100k items span 308 pixels,
// and 20 to 40 µs lie 0.30 and 0.60 of the way up from 10 to 100.
func TestFigure(t *testing.T) {
	var home curve
	for _, c := range curves() {
		if c.letter == 'r' {
			home = c
		}
	}
	svg := measuredResult().figure(home)
	for _, want := range []string{`points="62,162.2 370,98.4 "`, "20 µs, p50", "100k items, 1M events: 40 "} {
		if !strings.Contains(svg, want) {
			t.Errorf("the figure has no %s:\n%s", want, svg)
		}
	}
	if svg := (&Result{}).figure(home); svg != "" {
		t.Errorf("a figure of nothing: %s", svg)
	}
}

func TestCommand(t *testing.T) {
	dir := t.TempDir()
	for name, args := range map[string][]string{
		"items":    {"--items", "ten"},
		"events":   {"--events", "0"},
		"requests": {"--requests", "0"},
		"memory":   {"--memory", "lots"},
	} {
		cmd := Command()
		cmd.SilenceErrors, cmd.SilenceUsage = true, true
		cmd.SetArgs(append([]string{"--no-log"}, args...))
		if err := cmd.Execute(); err == nil || !strings.HasPrefix(err.Error(), "--"+name+" ") {
			t.Errorf("%v: error %v, want one that names --%s", args, err, name)
		}
	}
	// As a child the command needs no process; its last message is the result.
	var out bytes.Buffer
	cmd := Command()
	cmd.SetArgs([]string{"--child", "--items", "200", "--events", "3k", "--requests", "5", "--dir", dir})
	cmd.SetOut(&out)
	if err := cmd.Execute(); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	var m message
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &m); err != nil || m.Size == nil || m.Size.Log == nil {
		t.Errorf("last message %s (%v), want a result with a log", lines[len(lines)-1], err)
	}
}
