package eval

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"osusume/recommend/engine"
)

func openTrial(t *testing.T, cfg Config) *Trial {
	t.Helper()
	trial, err := Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return trial
}

// TestTrialIsRun: models measured side by side get what Run gives each alone.
func TestTrialIsRun(t *testing.T) {
	train, test := pairShop(t)
	cfg := Config{Task: Purchases, Train: train, Test: test, Seed: 3}
	trial := openTrial(t, cfg)
	got := make(map[string]Result)
	shop, err := trial.Shop(t.Context(), DefaultModel, nil)
	if err != nil {
		t.Fatal(err)
	}
	got[DefaultModel] = shop
	names := []string{popularity, personal, cosine, llr}
	plain, err := trial.Plain(t.Context(), names)
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range names {
		got[name] = plain[i]
	}
	for name, r := range got {
		cfg.Model = name
		want, err := Run(t.Context(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, r, cmpopts.IgnoreFields(Result{}, "TrainSeconds", "Score", "Popularity")); diff != "" {
			t.Errorf("%s (-alone +beside others):\n%s", name, diff)
		}
	}
	if _, err := trial.Plain(t.Context(), []string{DefaultModel}); err == nil {
		t.Error("the shop's own model was taken for a plain one")
	}
}

func TestTrialNeighbours(t *testing.T) {
	train, test := pairShop(t)
	trial := openTrial(t, Config{Task: Purchases, Train: train, Test: test})
	settings := &engine.Settings{Models: map[string]engine.Model{
		"mine": {Signals: []engine.Signal{plainSignal(Purchases, variantAll, cooccurrence)}, NoFallback: true},
	}, Placements: map[string]engine.Placement{"home": {Model: "mine"}}}
	rs, err := trial.Neighbours(t.Context(), settings, []int{1, 100})
	if err != nil {
		t.Fatal(err)
	}
	shop, err := trial.Shop(t.Context(), "100", settings)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(shop.Variants, rs[1].Variants); diff != "" {
		t.Errorf("all neighbours kept is not the shop's own (-shop +100):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"1", "100"}, []string{rs[0].Model, rs[1].Model}); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
	if len(settings.Models) != 1 || settings.Models["mine"].Signals[0].Weights.Neighbours != -1 {
		t.Errorf("the caller's settings were changed: %+v", settings.Models)
	}
}

func TestTrialKnownAndSample(t *testing.T) {
	train, test := pairShop(t)
	trial := openTrial(t, Config{Task: Purchases, Train: train, Test: test})
	if diff := cmp.Diff([]int{1, 1}, trial.Known(variantNew)); diff != "" {
		t.Errorf("items known of ann and bob (-want +got):\n%s", diff)
	}
	var views []string
	for s := range 10 {
		for k := range 4 {
			views = append(views, fmt.Sprintf("view_item,2024-01-01T00:%02d:%02dZ,,s%d,,i%d,,,", s, k, s, k))
		}
	}
	file := writeCSV(t, views...)
	trial = openTrial(t, Config{Task: Sessions, Train: file, Test: file})
	if diff := cmp.Diff([]int{2, 3, 2, 3}, trial.Known(variantAll)[:4]); diff != "" {
		t.Errorf("items known of sessions (-want +got):\n%s", diff)
	}
	if trial.Sample(10) {
		t.Error("a sample of all units dropped some")
	}
	if !trial.Sample(5) {
		t.Error("a sample of half the units dropped none")
	}
	var units []string
	for _, q := range trial.exam.variants[0].list {
		units = append(units, q.Unit)
	}
	if diff := cmp.Diff("s0 s0 s2 s2 s4 s4 s6 s6 s8 s8", strings.Join(units, " ")); diff != "" {
		t.Errorf("sampled sessions (-want +got):\n%s", diff)
	}
}
