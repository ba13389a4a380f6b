package complements

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"osusume/bench/datasets"
	"osusume/recommend"
	"osusume/recommend/cooccur"
	"osusume/recommend/engine"
	"osusume/recommend/weight"
)

const (
	// byOrders and byCustomers are the models of raw co-occurrence.
	byOrders    = "complements orders"
	byCustomers = "complements customers"
	// evenPrice is the price of every item: what ranks is P(B|A).
	evenPrice  = 100
	trainBatch = 5000
)

// settings count everything: raw co-occurrence would suffer from windows. Of the
// models that learn in the background, only that of item pages is needed.
func settings() engine.Settings {
	raw := func(over string) engine.Model {
		return engine.Model{NoFallback: true, Signals: []engine.Signal{{
			From: engine.FromCart, MaxItems: -1,
			Weights: weight.Spec{Formula: weight.Cooccurrence, Over: over, Neighbours: 200, Raw: true},
		}}}
	}
	models := map[string]engine.Model{byOrders: raw("orders"), byCustomers: raw("customers")}
	pages := engine.DefaultPlacements()["item"].Model
	for name := range engine.DefaultModels() {
		if name != pages {
			models[name] = raw("orders")
		}
	}
	return engine.Settings{
		Counts: cooccur.Settings{
			OrderWindow: -1, CustomerWindow: -1, SessionWindow: -1,
			BoughtBreadth: -1, BrowsedBreadth: -1, Revisits: -1, Sittings: -1,
		},
		MaxLines: -1,
		Models:   models,
	}
}

// learn returns what the engine answers from after the events, which are in order.
// Items have their family and one price for all.
func learn(ctx context.Context, events []recommend.Event, families map[string]string, progress func(string, int, int)) (*engine.View, error) {
	end := events[len(events)-1].Time
	var records []recommend.Record
	seen := make(map[string]bool)
	for i := range events {
		for _, l := range events[i].Items {
			if seen[l.ItemID] {
				continue
			}
			seen[l.ItemID] = true
			item := recommend.Item{ID: l.ItemID, Family: families[l.ItemID], Price: recommend.Money{Amount: evenPrice, Currency: "GBP"}}
			records = append(records, recommend.Record{Kind: recommend.RecordItemPut, Item: item, Received: events[0].Time})
		}
	}
	for i := range events {
		records = append(records, recommend.Record{Kind: recommend.RecordEvent, Event: events[i], Received: events[i].Time})
	}
	index, err := engine.NewIndex(settings())
	if err != nil {
		return nil, fmt.Errorf("learn: %w", err)
	}
	for done := 0; done < len(records); {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("learn: %w", err)
		}
		next := min(done+trainBatch, len(records))
		index.Apply(uint64(next), records[done:next])
		done = next
		progress("learn events", done, len(records))
	}
	more := func() bool { return ctx.Err() == nil }
	index.Refresh(end, more)
	if ctx.Err() == nil {
		index.Learn()
	}
	index.Refresh(end, more) // cuts the learned lists
	index.RefreshPopularity()
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("learn: %w", err)
	}
	return index.Publish(end), nil
}

// readEvents reads an events CSV, oldest first. Prices play no part.
func readEvents(path string) ([]recommend.Event, error) {
	f, _, err := datasets.Open(path, nil)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var events []recommend.Event
	for e, err := range datasets.ReadEvents(f, datasets.Options{IgnorePrices: true}) {
		if bad := new(datasets.RowError); errors.As(err, &bad) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", path, err)
		}
		events = append(events, e)
	}
	if len(events) == 0 {
		return nil, fmt.Errorf("read %s: no events", path)
	}
	slices.SortStableFunc(events, func(a, b recommend.Event) int { return a.Time.Compare(b.Time) })
	return events, nil
}

// titles collects the titles of an import.
type titles map[string]string

// readTitles reads the titles of the published Online Retail file.
func readTitles(ctx context.Context, path string) (titles, error) {
	f, _, err := datasets.Open(path, nil)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	t := make(titles)
	opts := datasets.ImportOptions{Options: datasets.Options{Format: datasets.OnlineRetail}}
	if _, err := datasets.Import(ctx, f, opts, t); err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return t, nil
}

// Ingest takes the events of the import and forgets them.
func (titles) Ingest(_ context.Context, events []recommend.Event) ([]recommend.Verdict, uint64, error) {
	verdicts := make([]recommend.Verdict, len(events))
	for i := range verdicts {
		verdicts[i].Status = recommend.Accepted
	}
	return verdicts, 0, nil
}

// PutItems keeps the titles.
func (t titles) PutItems(_ context.Context, items []recommend.Item) (uint64, error) {
	for i := range items {
		if title, ok := items[i].Title["en"]; ok {
			t[items[i].ID] = title
		}
	}
	return 0, nil
}
