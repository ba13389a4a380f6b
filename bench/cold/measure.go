package cold

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"osusume/bench/eval"
	"osusume/recommend"
	"osusume/recommend/engine"
)

const (
	cut10 = 10
	// openPlacement and openDiscover are home and discover with places enough for
	// newcomers: half of a list of twice the length that is judged.
	openPlacement = "cold_home"
	openDiscover  = "cold_discover"
	openLimit     = 2 * cut10
	openExplore   = 0.5

	trainBatch   = 5000
	randomStream = 0x72616e646f6d
)

// The metrics.
const (
	hitRate = "hr@10"
	ndcg    = "ndcg@10"
)

// settingsOf adds the placements above.
func settingsOf(s engine.Settings) engine.Settings {
	places := engine.DefaultPlacements()
	for name, p := range s.Placements {
		places[name] = p
	}
	home, discover := places["home"], places["discover"]
	home.Explore, discover.Explore = openExplore, openExplore
	places[openPlacement], places[openDiscover] = home, discover
	s.Placements = places
	return s
}

// learn returns what the engine answers from at the cut.
func (s *split) learn(ctx context.Context, settings engine.Settings, progress func(string, int, int)) (*engine.View, error) {
	index, err := engine.NewIndex(settingsOf(settings))
	if err != nil {
		return nil, fmt.Errorf("learn: %w", err)
	}
	first := make(map[string]time.Time)
	for _, e := range s.train {
		for _, l := range e.Items {
			if _, ok := first[l.ItemID]; !ok {
				first[l.ItemID] = e.Time
			}
		}
	}
	records := make([]recommend.Record, 0, len(s.items)+len(s.train))
	for _, e := range s.train {
		records = append(records, recommend.Record{Kind: recommend.RecordEvent, Event: e, Received: e.Time})
	}
	for _, it := range s.items {
		received, ok := first[it.ID]
		if !ok {
			received = s.cut
		}
		records = append(records, recommend.Record{Kind: recommend.RecordItemPut, Item: it, Received: received})
	}
	slices.SortStableFunc(records, func(a, b recommend.Record) int { return a.Received.Compare(b.Received) })
	for done := 0; done < len(records); {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("learn: %w", err)
		}
		next := min(done+trainBatch, len(records))
		index.Apply(uint64(next), records[done:next])
		done = next
		progress("learn events", done, len(records))
	}
	index.Refresh(s.cut, nil)
	progress("learn weights", 0, 0)
	index.Learn()
	index.RefreshPopularity()
	return index.Publish(s.cut), nil
}

// Row is a way to rank and how well it does.
type Row struct {
	Name    string             `json:"name"`
	Mean    map[string]float64 `json:"mean"`
	CI      map[string]Span    `json:"ci"`
	variant eval.Variant
}

// Span is a 95 % interval.
type Span [2]float64

// ranking collects the values of one way to rank, case by case.
type ranking struct{ hits, gains []float64 }

func (r *ranking) add(list, truth []string) {
	hit, gain := judge(list, truth)
	r.hits, r.gains = append(r.hits, hit), append(r.gains, gain)
}

// judge returns hit rate and NDCG of the first ten of a list; truth is sorted
// and not empty.
func judge(list, truth []string) (hit, gain float64) {
	ideal := 0.0
	for k := range min(cut10, max(len(truth), len(list))) {
		discount := 1 / math.Log2(float64(k)+2)
		if k < len(truth) {
			ideal += discount
		}
		if k < len(list) {
			if _, ok := slices.BinarySearch(truth, list[k]); ok {
				hit = 1
				gain += discount
			}
		}
	}
	return hit, gain / ideal
}

// row sums a ranking up. A mean's interval is that of its difference to a list
// without hits.
func (r *ranking) row(name string, cases []eval.Case, seed uint64) (Row, error) {
	row := Row{
		Name: name, Mean: make(map[string]float64), CI: make(map[string]Span),
		variant: eval.Variant{Name: name, Cases: cases, Metrics: []eval.Metric{{Name: hitRate, Values: r.hits}, {Name: ndcg, Values: r.gains}}},
	}
	zero := make([]float64, len(cases))
	none := eval.Variant{Cases: cases, Metrics: []eval.Metric{{Name: hitRate, Values: zero}, {Name: ndcg, Values: zero}}}
	for _, metric := range [...]string{hitRate, ndcg} {
		d, err := eval.Compare(&row.variant, &none, metric, seed)
		if err != nil {
			return row, err
		}
		row.Mean[metric], row.CI[metric] = d.Mean, Span{d.CI.Low, d.CI.High}
	}
	return row, nil
}

// Difference is a gain with its paired interval.
type Difference struct {
	Mean float64 `json:"mean"`
	CI   Span    `json:"ci"`
}

func compare(a, b *Row, metric string, seed uint64) (Difference, error) {
	d, err := eval.Compare(&a.variant, &b.variant, metric, seed)
	return Difference{d.Mean, Span{d.CI.Low, d.CI.High}}, err
}

func ask(view *engine.View, req recommend.Request) ([]string, []recommend.Recommendation, error) {
	answer, err := view.Recommend(&req)
	if err != nil {
		return nil, nil, fmt.Errorf("ask for %s: %w", req.CustomerID, err)
	}
	ids := make([]string, len(answer.Items))
	for k := range answer.Items {
		ids[k] = answer.Items[k].ItemID
	}
	return ids, answer.Items, nil
}

// amongCold ranks the cold items for each customer who bought one. The first
// row is the newcomers' in home.
func (s *split) amongCold(view *engine.View, seed uint64) ([]Row, error) {
	only := recommend.Filter{Tags: []string{coldTag}}
	names := []string{"newcomers, home", "newcomers, discover", "popularity (no newcomers)", "random", "by id"}
	rankings := make([]ranking, len(names))
	var cases []eval.Case
	rng := rand.New(rand.NewPCG(seed, randomStream))
	shuffled := slices.Clone(s.cold)
	for _, b := range s.buyers {
		if len(b.cold) == 0 {
			continue
		}
		cases = append(cases, eval.Case{Unit: b.id})
		for k, req := range [...]recommend.Request{
			{CustomerID: b.id, Placement: openPlacement, Limit: openLimit, Filter: only},
			{CustomerID: b.id, Placement: openDiscover, Limit: openLimit, Filter: only},
			{CustomerID: b.id, Placement: openPlacement, Limit: openLimit, Filter: only, NoExplore: true},
		} {
			list, _, err := ask(view, req)
			if err != nil {
				return nil, err
			}
			rankings[k].add(list, b.cold)
		}
		rng.Shuffle(len(shuffled), func(a, b int) { shuffled[a], shuffled[b] = shuffled[b], shuffled[a] })
		rankings[3].add(shuffled, b.cold)
		rankings[4].add(s.cold, b.cold)
	}
	rows := make([]Row, len(names))
	for k := range names {
		var err error
		if rows[k], err = rankings[k].row(names[k], cases, seed); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// Full is what exploration does to the home list as it is served.
type Full struct {
	Customers int `json:"customers"`
	// With and Without are the shares of lists with a newcomer.
	With    float64 `json:"lists_with_newcomer"`
	Without float64 `json:"lists_with_newcomer_no_explore"`
	// Places is the share of places that newcomers take.
	Places float64 `json:"places_of_newcomers"`
	// NDCG with exploration minus without, by what counts as a hit.
	Difference map[string]Difference `json:"ndcg_difference"`
	NDCG       map[string]float64    `json:"ndcg_no_explore"`
}

// What counts as a hit in full lists.
const (
	ofAll  = "all items"
	ofWarm = "other items"
	ofCold = "cold items"
)

// fullLists asks for home with and without exploration.
func (s *split) fullLists(view *engine.View, seed uint64) (Full, error) {
	f := Full{Difference: make(map[string]Difference), NDCG: make(map[string]float64)}
	type side struct {
		rank  [2]ranking // with, without
		cases []eval.Case
	}
	sides := map[string]*side{ofAll: {}, ofWarm: {}, ofCold: {}}
	places, shown := 0, 0
	for _, b := range s.buyers {
		if len(b.warm)+len(b.cold) == 0 {
			continue
		}
		f.Customers++
		all := slices.Concat(b.warm, b.cold)
		slices.Sort(all)
		truths := map[string][]string{ofAll: all, ofWarm: b.warm, ofCold: b.cold}
		for k, off := range [...]bool{false, true} {
			list, _, err := ask(view, recommend.Request{CustomerID: b.id, NoExplore: off})
			if err != nil {
				return f, err
			}
			arrivals := 0
			for _, id := range list {
				if _, ok := slices.BinarySearch(s.cold, id); ok {
					arrivals++
				}
			}
			switch {
			case off && arrivals > 0:
				f.Without++
			case !off:
				places += len(list)
				shown += arrivals
				if arrivals > 0 {
					f.With++
				}
			}
			for name, truth := range truths {
				if len(truth) > 0 {
					sides[name].rank[k].add(list, truth)
				}
			}
		}
		for name, truth := range truths {
			if len(truth) > 0 {
				sides[name].cases = append(sides[name].cases, eval.Case{Unit: b.id})
			}
		}
	}
	f.With /= float64(max(f.Customers, 1))
	f.Without /= float64(max(f.Customers, 1))
	f.Places = float64(shown) / float64(max(places, 1))
	for name, side := range sides {
		with, err := side.rank[0].row(name, side.cases, seed)
		if err != nil {
			return f, err
		}
		without, err := side.rank[1].row(name, side.cases, seed)
		if err != nil {
			return f, err
		}
		if f.Difference[name], err = compare(&with, &without, ndcg, seed); err != nil {
			return f, err
		}
		f.NDCG[name] = without.Mean[ndcg]
	}
	return f, nil
}
