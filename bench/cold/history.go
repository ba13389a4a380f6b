package cold

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"osusume/bench/datasets"
	"osusume/bench/demoshop"
	"osusume/recommend"
)

// history is a shop's past, oldest event first.
type history struct {
	name   string
	items  []recommend.Item
	events []recommend.Event
	end    time.Time
	// launch draws cold items from all items sold after the cut; nil takes those
	// that no event before the cut names.
	launch func(sold []string) []string
}

const (
	demoStream = 0x636f6c64
	// demoShare is the share of the demo shop's items made cold: one in demoShare.
	demoShare = 10
)

// demo returns a generated shop.
func demo(cfg demoshop.Config) *history {
	shop := demoshop.New(cfg)
	h := &history{name: "demo shop", items: shop.Items(), events: slices.Collect(shop.Events())}
	h.end = h.events[len(h.events)-1].Time.Add(time.Second)
	h.launch = func(sold []string) []string {
		rng := rand.New(rand.NewPCG(cfg.Seed, demoStream))
		rng.Shuffle(len(sold), func(a, b int) { sold[a], sold[b] = sold[b], sold[a] })
		return sold[:(len(sold)+demoShare-1)/demoShare]
	}
	return h
}

// onlineRetail reads the published Online Retail file.
func onlineRetail(ctx context.Context, path string) (*history, error) {
	f, _, err := datasets.Open(path, nil)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	h := &history{name: "Online Retail"}
	opts := datasets.ImportOptions{Options: datasets.Options{Format: datasets.OnlineRetail}}
	if _, err := datasets.Import(ctx, f, opts, h); err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	if len(h.events) == 0 {
		return nil, fmt.Errorf("read %s: no events", path)
	}
	slices.SortStableFunc(h.events, func(a, b recommend.Event) int { return a.Time.Compare(b.Time) })
	h.end = h.events[len(h.events)-1].Time.Add(time.Second)
	return h, nil
}

// Ingest takes the events of an import.
func (h *history) Ingest(_ context.Context, events []recommend.Event) ([]recommend.Verdict, uint64, error) {
	h.events = append(h.events, events...)
	verdicts := make([]recommend.Verdict, len(events))
	for i := range verdicts {
		verdicts[i].Status = recommend.Accepted
	}
	return verdicts, uint64(len(h.events)), nil
}

// PutItems takes the catalog of an import.
func (h *history) PutItems(_ context.Context, items []recommend.Item) (uint64, error) {
	h.items = append(h.items, items...)
	return uint64(len(h.events)), nil
}
