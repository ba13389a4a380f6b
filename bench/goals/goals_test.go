package goals

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"osusume/bench/load"
	"osusume/bench/scale"
	"osusume/bench/synthetic"
	"osusume/recommend/engine"
)

// childVariable makes the test binary one of the processes that a run starts.
const childVariable = "OSUSUME_TEST_GOALS_CHILD"

func TestMain(m *testing.M) {
	cmd := Command()
	switch os.Getenv(childVariable) {
	case "":
		goleak.VerifyTestMain(m)
		return
	case "scale":
		cmd = scale.Command()
	}
	cmd.SetArgs(os.Args[1:])
	if err := cmd.ExecuteContext(context.Background()); err != nil {
		os.Exit(1)
	}
}

// again runs the test binary as a child of the given kind.
func again(kind string) scale.Commander {
	return func(ctx context.Context, args ...string) *exec.Cmd {
		cmd := exec.CommandContext(ctx, os.Args[0], args...)
		cmd.Env = append(os.Environ(), childVariable+"="+kind)
		return cmd
	}
}

func TestSettle(t *testing.T) {
	tests := map[string]struct {
		check   Check
		verdict Verdict
		median  float64 // NaN: none
		reason  string
	}{
		"below a ceiling":        {Check{Bound: atMost(5, "ms"), Values: []float64{4.9}}, Reached, 4.9, ""},
		"at a ceiling":           {Check{Bound: atMost(5, "ms"), Values: []float64{5}}, Reached, 5, ""},
		"above a ceiling":        {Check{Bound: atMost(5, "ms"), Values: []float64{5.1}}, Missed, 5.1, ""},
		"above a floor":          {Check{Bound: atLeast(55, "%"), Values: []float64{60}}, Reached, 60, ""},
		"at a floor":             {Check{Bound: atLeast(55, "%"), Values: []float64{55}}, Reached, 55, ""},
		"below a floor":          {Check{Bound: atLeast(55, "%"), Values: []float64{54}}, Missed, 54, ""},
		"one bad round of three": {Check{Bound: atMost(5, "ms"), Values: []float64{4, 90, 3}}, Reached, 4, ""},
		"two bad rounds":         {Check{Bound: atMost(5, "ms"), Values: []float64{6, 90, 3}}, Missed, 6, ""},
		"an even number":         {Check{Bound: atMost(5, "ms"), Values: []float64{4, 7}}, Missed, 5.5, ""},
		"no figures":             {Check{Bound: atMost(5, "ms")}, NotMeasured, math.NaN(), "no figures"},
		"a reason":               {Check{Bound: atMost(5, "ms"), Reason: "no disk"}, NotMeasured, math.NaN(), "no disk"},
		"a reason and figures":   {Check{Bound: atMost(5, "ms"), Values: []float64{1}, Reason: "too small"}, NotMeasured, 1, "too small"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := tt.check
			c.settle()
			if c.Verdict != tt.verdict || c.Reason != tt.reason {
				t.Errorf("%q because of %q, want %q because of %q", c.Verdict, c.Reason, tt.verdict, tt.reason)
			}
			if none := math.IsNaN(tt.median); none != (c.Median == nil) || !none && *c.Median != tt.median {
				t.Errorf("median %v, want %v", c.Median, tt.median)
			}
		})
	}
	// A ratio of nothing to nothing meets no bound.
	for _, b := range []Bound{atMost(1, "x"), atLeast(1, "x")} {
		if c := (Check{Bound: b, Values: []float64{1, math.NaN(), 1}}); true {
			if c.settle(); c.Verdict != Missed {
				t.Errorf("%v of NaN is %q", b, c.Verdict)
			}
		}
	}
}

func TestWriteTable(t *testing.T) {
	r := Result{
		Command: "osusume bench goals --rounds 3 --seed 1", Rounds: 3,
		Checks: []Check{
			{Goal: 1, What: "100k items: over reading alone", Bound: atMost(3.2, "x"), Values: []float64{3.1, 2.9, 3.4}, Note: "reading alone 2 µs"},
			{Goal: 1, What: "10M items: over reading alone", Bound: atMost(4.5, "x"), Reason: "left out by --quick", Note: "one"},
			{Goal: 5, What: titles()[4], Reason: "failed: no route"},
			{Goal: 6, What: "events applied on one core", Bound: atLeast(200_000, "events/s"), Values: []float64{149_838.4}},
			{Goal: 10, What: "bytes per directed pair", Bound: atMost(40, "B"), Values: []float64{40}},
		},
	}
	for i := range r.Checks {
		r.Checks[i].settle()
	}
	var b bytes.Buffer
	if err := r.WriteTable(&b); err != nil {
		t.Fatal(err)
	}
	const path = "testdata/table.txt"
	if os.Getenv("OSUSUME_UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("table (-want +got):\n%s", diff)
	}
}

// tiny are sizes a test has time for.
func tiny(t *testing.T) *options {
	t.Helper()
	return &options{
		quick: true, rounds: 1, seed: 1, dir: t.TempDir(), kernelTime: time.Millisecond,
		ingestItems: 1000, ingestEvents: 20_000, commits: 3,
		startItems: 1000, startEvents: 5000, memoryItems: 1000, memoryEvents: 20_000,
		idleCustomers: 5000, serverEvents: 5000, freshEvents: 5, loadTime: 300 * time.Millisecond,
		command: again("goals"), scaleCommand: again("scale"), progress: func(string, int, int) {},
	}
}

// byGoal runs o and returns the checks by goal; each must have a verdict.
func byGoal(t *testing.T, o *options) map[int][]Check {
	t.Helper()
	r, err := run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	found := make(map[int][]Check)
	for _, c := range r.Checks {
		if c.Verdict == "" || strings.HasPrefix(c.Reason, "failed") {
			t.Errorf("goal %d, %s: verdict %q, %s", c.Goal, c.What, c.Verdict, c.Reason)
		}
		for _, v := range c.Values {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				t.Errorf("goal %d, %s: measured %v", c.Goal, c.What, c.Values)
			}
		}
		found[c.Goal] = append(found[c.Goal], c)
	}
	if left, _ := filepath.Glob(filepath.Join(o.dir, "*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	return found
}

func TestRunWithoutServer(t *testing.T) {
	o := tiny(t)
	o.only = []int{1, 6, 9, 10}
	found := byGoal(t, o)
	if n := len(found[1]); n != 4 {
		t.Errorf("%d checks of goal 1, want 4", n)
	}
	rate, agreement := found[6][0], found[6][1]
	if rate.Median == nil || !(*rate.Median > 0) {
		t.Errorf("ingest %+v", rate)
	}
	// How much is right depends on how fast lists are made within their budget.
	if agreement.Median == nil || !(*agreement.Median >= 0 && *agreement.Median <= 1) || len(agreement.Values) != agreementMoments {
		t.Errorf("agreement %+v", agreement)
	}
	for _, c := range found[9][:2] {
		if c.Verdict != NotMeasured || c.Reason != "a log of 5k events only" || c.Median == nil || !(*c.Median > 0) {
			t.Errorf("start %+v: a small log must be timed and not judged", c)
		}
	}
	for _, c := range found[10][:2] {
		// What a small shop takes drowns in what the test itself frees.
		if c.Median == nil {
			t.Errorf("memory %+v", c)
		}
	}
}

func TestRunWithServer(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the program")
	}
	o := tiny(t)
	o.binary = filepath.Join(t.TempDir(), "osusume")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", o.binary, "osusume").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	o.only = []int{2, 3, 4, 5, 7, 8}
	o.static = plainServer
	found := byGoal(t, o)
	for _, goal := range o.only {
		for _, c := range found[goal] {
			if c.Median == nil && c.Reason != "left out by --quick" {
				t.Errorf("goal %d, %s: no figures, %s", goal, c.What, c.Reason)
			}
		}
	}
}

// plainServer answers every request with the same bytes.
func plainServer(context.Context) (load.Other, func() error, error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return load.Other{}, nil, err
	}
	server := &http.Server{
		ReadHeaderTimeout: time.Second,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(strings.Repeat("x", 1024)))
		}),
	}
	done := make(chan struct{})
	go func() { defer close(done); _ = server.Serve(ln) }()
	return load.Other{URL: "http://" + ln.Addr().String(), Name: "plain"}, func() error {
		defer func() { <-done }()
		return server.Close()
	}, nil
}

// TestRunFails holds that goals whose measurement breaks off are named with the
// reason, and do not keep others from being measured.
func TestRunFails(t *testing.T) {
	o := tiny(t)
	o.binary, o.only = filepath.Join(t.TempDir(), "missing"), []int{1, 5}
	r, err := run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	last := r.Checks[len(r.Checks)-1]
	if len(r.Checks) != 5 || last.Goal != 5 || last.Verdict != NotMeasured || !strings.HasPrefix(last.Reason, "failed: start") {
		t.Errorf("checks %+v, want those of goal 1 and a failed goal 5", r.Checks)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := run(ctx, tiny(t)); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v of a cancelled run", err)
	}
}

// TestAgreement compares views whose lists are known to be the same, and views of
// different shops.
func TestAgreement(t *testing.T) {
	view := func(seed uint64, exact bool) *engine.View {
		shop := synthetic.New(synthetic.Config{Items: 200, Seed: seed})
		w, err := scale.NewWriter(engine.Settings{})
		if err != nil {
			t.Fatal(err)
		}
		for batch := range scale.Events(shop, 20_000, 20_000) {
			w.Apply(batch, scale.Moment(shop, 20_000))
		}
		if exact {
			w.CatchUp(scale.Moment(shop, 20_000))
		}
		return w.View()
	}
	items := make([]string, 50)
	for i := range items {
		items[i] = synthetic.ItemID(i)
	}
	exact := view(1, true)
	if got := agreementOf(exact, view(1, true), items); got != 1 {
		t.Errorf("agreement of equal lists is %v", got)
	}
	if got := agreementOf(exact, view(2, true), items); got > 0.9 {
		t.Errorf("agreement of two shops is %v", got)
	}
	if got := agreementOf(exact, view(1, true), []string{"unheard of"}); got != 1 {
		t.Errorf("agreement about nothing is %v", got)
	}
}

// TestKernel holds the reference to scores added up by hand.
func TestKernel(t *testing.T) {
	s := newShape(500, 1)
	if len(s.profiles) != kernelCustomers {
		t.Fatalf("%d customers", len(s.profiles))
	}
	for _, profile := range s.profiles[:20] {
		distinct := slices.Compact(slices.Sorted(slices.Values(profile)))
		if len(distinct) != profileItems {
			t.Fatalf("profile %v", profile)
		}
		scores := make([]float32, s.items)
		for _, i := range profile {
			for _, c := range s.lists[i].Cells() {
				scores[c.Item] += c.Value
			}
		}
		slices.SortFunc(scores, func(a, b float32) int { return int(math.Copysign(1, float64(b-a))) })
		if got, want := s.reference(profile), scores[topItems-1]; got != want {
			t.Errorf("tenth score %v, want %v", got, want)
		}
		if s.floor(profile) == s.floor(profile[1:]) {
			t.Error("the floor does not read the first list")
		}
	}
}

func TestAmount(t *testing.T) {
	tests := map[string]struct {
		v    float64
		unit string
	}{
		"149,838 events/s": {149_838.4, "events/s"}, "3.12x": {3.123, "x"}, "55%": {55, "%"},
		"0.2 µs": {0.2, "µs"}, "0": {0.0000001, ""}, "–": {math.NaN(), "ms"}, "123 B": {123.4, "B"},
	}
	for want, tt := range tests {
		if got := amount(tt.v, tt.unit); got != want {
			t.Errorf("amount(%v, %q) = %q, want %q", tt.v, tt.unit, got, want)
		}
	}
}

func TestCommand(t *testing.T) {
	for _, args := range [][]string{{"--rounds", "0"}, {"--only", "11"}, {"--only", "0"}} {
		cmd := Command()
		cmd.SilenceErrors, cmd.SilenceUsage = true, true
		cmd.SetArgs(args)
		if err := cmd.Execute(); err == nil || !strings.HasPrefix(err.Error(), args[0]+" ") {
			t.Errorf("%v: error %v, want one that names %s", args, err, args[0])
		}
	}
	if got, want := commandLine(true, []int{1, 6}, 1, 7), "osusume bench goals --quick --only 1,6 --rounds 1 --seed 7"; got != want {
		t.Errorf("command line %q, want %q", got, want)
	}
}

// TestOpenStore runs what the processes of goal 9 do.
func TestOpenStore(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "shop")
	shop := synthetic.New(synthetic.Config{Items: 100})
	if _, err := scale.Fill(t.Context(), dir, shop, 1000, func(string, int, int) {}); err != nil {
		t.Fatal(err)
	}
	for _, checkpoint := range []bool{false, true} {
		t.Run(fmt.Sprint("checkpoint ", checkpoint), func(t *testing.T) {
			var out bytes.Buffer
			if err := openStore(t.Context(), dir, scale.Moment(shop, 1000), checkpoint, 0, &out, io.Discard, func() { t.Error("out of memory") }); err != nil {
				t.Fatal(err)
			}
			var a opening
			if err := json.Unmarshal(out.Bytes(), &a); err != nil || !(a.Seconds > 0) {
				t.Errorf("said %s (%v)", out.String(), err)
			}
			if _, err := os.Stat(filepath.Join(dir, "checkpoint")); err != nil {
				t.Errorf("no checkpoint is left for the next: %v", err)
			}
		})
	}
}
