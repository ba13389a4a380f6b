package engine_test

import (
	"testing"

	"pgregory.net/rapid"

	"osusume/recommend"
	"osusume/recommend/engine"
	"osusume/recommend/weight"
)

// learningSettings learn both kinds of weights from few events.
func learningSettings() engine.Settings {
	signal := func(f weight.Formula, over string) engine.Signal {
		return engine.Signal{From: engine.FromBought, Weights: weight.Spec{
			Formula: f, Over: over, Learned: weight.Learned{L1: 0.1, L2: 1, HalfLifeDays: 90, CasePower: 0.5},
		}}
	}
	return engine.Settings{Models: map[string]engine.Model{"learned": {Signals: []engine.Signal{
		signal(weight.SLIM, "customers"), signal(weight.SLIM, "orders"), signal(weight.Walk, "orders"),
	}}}}
}

// TestLearnedEqualsRebuilt: weights that were learned, and learned again, while
// events came in are, once learning has caught up, those of a rebuild.
func TestLearnedEqualsRebuilt(t *testing.T) {
	some := 0
	rapid.Check(t, func(t *rapid.T) {
		records := drawRecords(t, 40)
		rebuilt := newIndex(t, learningSettings())
		rebuilt.Apply(uint64(len(records)), records)
		settle(rebuilt)

		x := newIndex(t, learningSettings())
		for from := 0; from < len(records); {
			to := min(from+rapid.IntRange(1, 10).Draw(t, "batch"), len(records))
			x.Apply(uint64(to), records[from:to])
			from = to
			if rapid.Bool().Draw(t, "learn") {
				x.Refresh(shopNow, nil)
				x.Learn()
			}
		}
		settle(x)
		if got, want := x.LearnedDigest(), rebuilt.LearnedDigest(); got != want {
			t.Fatal("the weights learned step by step differ from those learned at once")
		}
		if x.LearnedDigest() != newIndex(t, learningSettings()).LearnedDigest() {
			some++
		}
	})
	if some == 0 {
		t.Fatal("nothing was ever learned")
	}
}

func settle(x *engine.Index) {
	x.Refresh(shopNow, nil)
	x.Unlearn()
	x.Learn()
}

// TestLearnedWeightsArriveWithoutRebuild: a pair bought often enough enters the
// learned lists when only its own items are solved again.
func TestLearnedWeightsArriveWithoutRebuild(t *testing.T) {
	x := newIndex(t, learningSettings())
	var records []recommend.Record
	buy := func(customer string, items ...string) {
		e := recommend.Event{
			ID: customer, Type: recommend.Purchase, Time: shopStart, CustomerID: customer, OrderID: "o-" + customer,
		}
		for _, id := range items {
			e.Items = append(e.Items, recommend.EventItem{ItemID: id, Quantity: 1})
		}
		records = append(records, recommend.Record{Kind: recommend.RecordEvent, Event: e, Received: shopStart})
	}
	for _, c := range []string{"a", "b", "c", "d"} {
		buy(c, "kettle", "tea")
	}
	x.Apply(4, records)
	settle(x)
	before := x.LearnedDigest()
	records = records[:0]
	for _, c := range []string{"e", "f", "g", "h"} {
		buy(c, "kettle", "mug")
	}
	x.Apply(8, records)
	x.Refresh(shopNow, nil)
	x.Learn()
	if x.LearnedDigest() == before {
		t.Error("four orders of kettle and mug changed no learned list")
	}
	answer, err := x.Publish(shopNow).Recommend(&recommend.Request{CustomerID: "a", Model: "learned", Limit: 1})
	if err != nil {
		t.Fatal(err)
	}
	if got := answer.Items[0].ItemID; got != "mug" {
		t.Errorf("the buyer of kettle and tea is offered %s, want mug", got)
	}
}
