package cold

import (
	"bytes"
	"context"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"

	"osusume/bench/demoshop"
	"osusume/recommend"
	"osusume/recommend/engine"
)

func quiet(string, int, int) {}

// small is a demo shop that is quick to learn from.
func small(t *testing.T) *split {
	t.Helper()
	s, err := newSplit(demo(demoshop.Config{Seed: 1, Events: 90_000}), 4, 0)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestNewcomersBeatRandom: likeness finds the buyers of items nobody has seen.
func TestNewcomersBeatRandom(t *testing.T) {
	r, err := measure(context.Background(), small(t), engine.Settings{}, 1, quiet)
	if err != nil {
		t.Fatal(err)
	}
	for _, other := range []string{"random", "by id", "popularity (no newcomers)"} {
		gain, ok := r.Gains[other]
		if !ok || gain.CI[0] <= 0 {
			t.Errorf("NDCG against %s: %v (measured: %v), want a gain beyond doubt", other, gain, ok)
		}
	}
	// Of ten places one is for newcomers, in lists that have any to show.
	if r.Full.With < 0.5 || r.Full.Without != 0 || r.Full.Places > 0.1+1e-9 {
		t.Errorf("full lists: %+v", r.Full)
	}
	// NoExplore and no newcomers at all are the same baseline.
	off, err := measure(context.Background(), small(t), engine.Settings{Newcomers: engine.Newcomers{Days: -1}}, 1, quiet)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(r.Among[2].Mean, off.Among[0].Mean); diff != "" {
		t.Errorf("without newcomers (-request, +settings):\n%s", diff)
	}
}

// TestOnlineRetail is the same on real sales.
func TestOnlineRetail(t *testing.T) {
	if testing.Short() || raceDetector {
		t.Skip("takes half a minute: not with -short or -race")
	}
	file := filepath.Join("..", "..", "..", "shared", "data", "online_retail", "online_retail_until_2011-11-09.csv.gz")
	if _, err := os.Stat(file); err != nil {
		t.Skipf("no file %s", file)
	}
	h, err := onlineRetail(context.Background(), file)
	if err != nil {
		t.Fatal(err)
	}
	s, err := newSplit(h, 4, 0)
	if err != nil {
		t.Fatal(err)
	}
	r, err := measure(context.Background(), s, engine.Settings{}, 1, quiet)
	if err != nil {
		t.Fatal(err)
	}
	for _, other := range []string{"random", "by id", "popularity (no newcomers)"} {
		if gain := r.Gains[other]; gain.CI[0] <= 0.02 {
			t.Errorf("NDCG against %s: %v", other, gain)
		}
	}
}

func TestSplitLeaksNothing(t *testing.T) {
	s := small(t)
	for _, e := range s.train {
		if !e.Time.Before(s.cut) {
			t.Fatalf("event %s of %v is after the cut", e.ID, e.Time)
		}
		for _, l := range e.Items {
			if _, cold := slices.BinarySearch(s.cold, l.ItemID); cold {
				t.Fatalf("event %s tells of the cold item %s", e.ID, l.ItemID)
			}
		}
	}
	if n := len(s.cold); n < 10 {
		t.Errorf("%d cold items", n)
	}
}

// TestSplit cuts a history by hand.
func TestSplit(t *testing.T) {
	end := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	buy := func(who, item string, daysAgo int) recommend.Event {
		return recommend.Event{
			Type: recommend.Purchase, CustomerID: who, Time: end.AddDate(0, 0, -daysAgo),
			Items: []recommend.EventItem{{ItemID: item}, {ItemID: "bag"}},
		}
	}
	h := &history{
		items: []recommend.Item{{ID: "bag"}, {ID: "never"}, {ID: "new"}, {ID: "newest"}, {ID: "old"}},
		events: []recommend.Event{
			buy("ann", "old", 60), buy("bob", "old", 50), buy("ann", "new", 20), buy("eve", "new", 20),
			buy("bob", "old", 10), buy("bob", "newest", 2),
		},
		end: end,
	}
	tests := []struct {
		name        string
		weeks, skip int
		cold        []string
		buyers      []buyer
		unknown     int
	}{
		{"to the end", 4, 0, []string{"new", "newest"}, []buyer{
			{"ann", []string{"new"}, []string{"bag"}}, {"bob", []string{"newest"}, []string{"bag", "old"}},
		}, 1},
		{"a week early", 4, 1, []string{"new"}, []buyer{
			{"ann", []string{"new"}, []string{"bag"}}, {"bob", nil, []string{"bag", "old"}},
		}, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, err := newSplit(h, tt.weeks, tt.skip)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.cold, s.cold); diff != "" {
				t.Errorf("cold items (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.buyers, s.buyers, cmp.AllowUnexported(buyer{})); diff != "" {
				t.Errorf("buyers (-want +got):\n%s", diff)
			}
			if s.unknown != tt.unknown || len(s.train) != 2 || len(s.items) != 2+len(tt.cold) {
				t.Errorf("%d unknown, %d events, %d items", s.unknown, len(s.train), len(s.items))
			}
		})
	}
	for name, weeks := range map[string]int{"before everything": 20, "nothing new": 1} {
		if _, err := newSplit(&history{name: "x", end: end, events: []recommend.Event{buy("ann", "old", 60), buy("bob", "old", 3)}}, weeks, 0); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestJudge(t *testing.T) {
	second := 1 / math.Log2(3)
	tests := []struct {
		name        string
		list, truth []string
		hit, gain   float64
	}{
		{"nothing", []string{"a"}, []string{"b"}, 0, 0},
		{"an empty list", nil, []string{"b"}, 0, 0},
		{"first", []string{"b", "a"}, []string{"b"}, 1, 1},
		{"second", []string{"a", "b"}, []string{"b"}, 1, second},
		{"one of two", []string{"a"}, []string{"a", "b"}, 1, 1 / (1 + second)},
		{"eleventh", strings.Split("c d e f g h i j k l a", " "), []string{"a"}, 0, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			hit, gain := judge(tt.list, tt.truth)
			if hit != tt.hit || math.Abs(gain-tt.gain) > 1e-12 {
				t.Errorf("hit %v, gain %v, want %v, %v", hit, gain, tt.hit, tt.gain)
			}
		})
	}
}

func TestResultIsWritten(t *testing.T) {
	r, err := measure(context.Background(), small(t), engine.Settings{}, 1, quiet)
	if err != nil {
		t.Fatal(err)
	}
	var table, text bytes.Buffer
	if err := r.writeTable(&table); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"newcomers, home", "random", "cold items"} {
		if !strings.Contains(table.String(), want) {
			t.Errorf("no %q in\n%s", want, &table)
		}
	}
	if err := writeJSON(&text, []Result{r}); err != nil {
		t.Fatal(err)
	}
	var back []Result
	if err := json.Unmarshal(text.Bytes(), &back); err != nil || len(back) != 1 || back[0].Among[0].Mean[ndcg] != r.Among[0].Mean[ndcg] {
		t.Errorf("JSON reads back as %+v, %v", back, err)
	}
}

func TestCommandRefuses(t *testing.T) {
	for _, args := range [][]string{{"--weeks", "0"}, {"--skip-weeks", "-1"}, {"--online-retail", filepath.Join(t.TempDir(), "none")}, {"extra"}} {
		cmd := Command()
		cmd.SetArgs(args)
		cmd.SetOut(&bytes.Buffer{})
		cmd.SetErr(&bytes.Buffer{})
		if err := cmd.Execute(); err == nil {
			t.Errorf("%v: no error", args)
		}
	}
}
