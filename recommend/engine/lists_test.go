package engine_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"osusume/recommend"
	"osusume/recommend/engine"
)

// knownItem is the catalog entry of an item as the records leave it.
type knownItem struct {
	recommend.Item
	deleted bool
}

// catalogOf is the naive catalog: the last word on every item ever named.
func catalogOf(records []recommend.Record) map[string]knownItem {
	items := make(map[string]knownItem)
	for _, r := range records {
		switch r.Kind {
		case recommend.RecordItemPut:
			items[r.Item.ID] = knownItem{Item: r.Item}
		case recommend.RecordItemDelete:
			if it, ok := items[r.Item.ID]; ok {
				it.deleted = true
				items[r.Item.ID] = it
			}
		default:
			for _, line := range r.Event.Items {
				if _, ok := items[line.ItemID]; !ok {
					items[line.ItemID] = knownItem{Item: recommend.Item{ID: line.ItemID}}
				}
			}
		}
	}
	return items
}

// passes is the naive filter.
func passes(it knownItem, f recommend.Filter) bool {
	if it.deleted || (!f.IncludeUnavailable && !it.Eligible()) {
		return false
	}
	path := strings.Join(it.Category, "/")
	below := func(c string) bool { return path == c || strings.HasPrefix(path, c+"/") }
	if len(f.Category) > 0 && !slices.ContainsFunc(f.Category, below) {
		return false
	}
	for _, tag := range f.Tags {
		if !slices.Contains(it.Tags, tag) {
			return false
		}
	}
	known := it.Price != recommend.Money{}
	if f.PriceMin != nil && (!known || it.Price.Major() < *f.PriceMin) {
		return false
	}
	return f.PriceMax == nil || (known && it.Price.Major() <= *f.PriceMax)
}

func drawFilter(t *rapid.T) recommend.Filter {
	f := recommend.Filter{IncludeUnavailable: rapid.Bool().Draw(t, "include unavailable")}
	if rapid.IntRange(0, 2).Draw(t, "by category") == 0 {
		f.Category = []string{rapid.SampledFrom([]string{"k0", "k1", "k0/k1", "nowhere"}).Draw(t, "category")}
	}
	if rapid.IntRange(0, 3).Draw(t, "by tag") == 0 {
		f.Tags = []string{pick(t, "t", 3, 0)}
	}
	if rapid.IntRange(0, 3).Draw(t, "by price") == 0 {
		low := float64(rapid.IntRange(0, 500).Draw(t, "low"))
		high := low + float64(rapid.IntRange(0, 300).Draw(t, "high"))
		f.PriceMin, f.PriceMax = &low, &high
	}
	return f
}

func drawIDs(t *rapid.T, label string) []string {
	var ids []string
	for range rapid.IntRange(0, 3).Draw(t, label) {
		ids = append(ids, pick(t, "i", 10, 0)) // i9 is unknown
	}
	return ids
}

func drawRequest(t *rapid.T, v *engine.View) recommend.Request {
	req := recommend.Request{
		CustomerID: pick(t, "c", 4, 2), AnonymousID: pick(t, "a", 4, 2), SessionID: pick(t, "s", 5, 2),
		ItemID: pick(t, "i", 10, 2), Cart: drawIDs(t, "cart"), SessionItems: drawIDs(t, "session items"),
		Placement: rapid.SampledFrom(append(v.Placements(), "")).Draw(t, "placement"),
		Model:     rapid.SampledFrom(append(v.Models(), "", "")).Draw(t, "model"),
		Limit:     rapid.SampledFrom([]int{0, 1, 2, 4, 100}).Draw(t, "limit"),
		Exclude:   drawIDs(t, "exclude"), Filter: drawFilter(t),
		Repeat:  rapid.SampledFrom([]recommend.Repeat{0, recommend.RepeatAllow, recommend.RepeatExclude}).Draw(t, "repeat"),
		Explain: rapid.Bool().Draw(t, "explain"), Locale: rapid.SampledFrom([]string{"", "en", "ja"}).Draw(t, "locale"),
		NoExplore:      rapid.Bool().Draw(t, "no explore"),
		MaxPerCategory: rapid.SampledFrom([]int{0, 1, -1}).Draw(t, "per category"),
		MaxPerGroup:    rapid.SampledFrom([]int{0, 1, 2, -1}).Draw(t, "per group"),
	}
	if rapid.IntRange(0, 3).Draw(t, "diverse") == 0 {
		d := rapid.SampledFrom([]float64{0, 0.3, 1}).Draw(t, "diversity")
		req.Diversity = &d
	}
	return req
}

// visitorHistory is what the View says of whom the request is about: a customer
// id that is known, else an anonymous id; exact only without a session id.
func visitorHistory(v *engine.View, req *recommend.Request) recommend.Customer {
	if c, ok := v.Customer(req.CustomerID, 1000); ok && strings.HasPrefix(req.CustomerID, "c") {
		return c
	}
	c, _ := v.Customer(req.AnonymousID, 1000)
	return c
}

// checkList holds of every list: no item twice, all pass the filter, none is
// hidden, and none is missing but those that may be.
func checkList(t *rapid.T, answer recommend.Answer, limit int, items map[string]knownItem, f recommend.Filter, hidden, maybe map[string]bool) {
	t.Helper()
	if limit == 0 {
		limit = recommend.DefaultLimit
	}
	seen := make(map[string]bool)
	stages := make(map[recommend.Stage]bool)
	for _, it := range answer.Items {
		known, ok := items[it.ItemID]
		switch {
		case seen[it.ItemID]:
			t.Fatalf("%s is listed twice: %+v", it.ItemID, answer.Items)
		case hidden[it.ItemID]:
			t.Fatalf("%s is listed but hidden (%v): %+v", it.ItemID, hidden, answer.Items)
		case !ok || !passes(known, f):
			t.Fatalf("%s is listed but does not pass: %+v", it.ItemID, known)
		case math.IsNaN(it.Score) || math.IsInf(it.Score, 0) || it.Score < 0:
			t.Fatalf("%s has the score %v", it.ItemID, it.Score)
		case len(it.Reasons) == 0:
			t.Fatalf("%s has no reason", it.ItemID)
		}
		seen[it.ItemID] = true
		stages[it.Stage] = true
	}
	if len(seen) > limit {
		t.Fatalf("%d items, asked for %d", len(seen), limit)
	}
	if len(stages) != len(answer.Stages) {
		t.Fatalf("stages %v, the items come from %v", answer.Stages, stages)
	}
	if len(seen) == limit {
		return
	}
	for id, it := range items {
		if passes(it, f) && !seen[id] && !hidden[id] && !maybe[id] {
			t.Fatalf("%d items of %d, but %s is missing: %+v", len(seen), limit, id, answer.Items)
		}
	}
}

// withVariants adds the items of the groups of those in set.
func withVariants(set map[string]bool, items map[string]knownItem) {
	groups := make(map[string]bool)
	for id := range set {
		if g := items[id].GroupID; g != "" {
			groups[g] = true
		}
	}
	for id, it := range items {
		if groups[it.GroupID] {
			set[id] = true
		}
	}
}

// checkOrder holds of lists that nothing spreads: within a stage the scores
// fall, and scored items of equal score stand by id.
func checkOrder(t *rapid.T, answer recommend.Answer) {
	t.Helper()
	last := make(map[recommend.Stage]recommend.Recommendation)
	for _, it := range answer.Items {
		if before, ok := last[it.Stage]; ok {
			if before.Score < it.Score {
				t.Fatalf("%s (%v) stands before %s (%v), both %s", before.ItemID, before.Score, it.ItemID, it.Score, it.Stage)
			}
			if before.Score == it.Score && before.ItemID >= it.ItemID && it.Score > 0 {
				t.Fatalf("%s stands before %s with the same score %v", before.ItemID, it.ItemID, it.Score)
			}
		}
		last[it.Stage] = it
	}
}

// drawView is a View of a small shop, sometimes with popularity or lists
// behind, sometimes in the middle of what happens.
func drawView(t *rapid.T, records []recommend.Record) *engine.View {
	models := everyFormula(t)
	models["alone"] = engine.Model{Recent: engine.Recent{Weight: 1, Days: 7}, NoFallback: true}
	x := newIndex(t, engine.Settings{Models: models})
	now := rapid.SampledFrom([]time.Time{shopNow, shopStart.AddDate(0, 0, 30), shopStart}).Draw(t, "now")
	stale := 0
	if rapid.Bool().Draw(t, "stale") {
		stale = rapid.IntRange(0, len(records)).Draw(t, "records seen before")
		x.Apply(uint64(stale), records[:stale])
		x.Refresh(now, nil)
		x.RefreshPopularity()
	}
	x.Apply(uint64(len(records)), records[stale:])
	if rapid.Bool().Draw(t, "refresh") {
		x.Refresh(now, nil)
		x.RefreshPopularity()
		if rapid.Bool().Draw(t, "learn") {
			x.Learn()
			x.RefreshPopularity()
		}
	}
	return x.Publish(now)
}

func TestRecommendLists(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		records := drawRecords(t, 30)
		items := catalogOf(records)
		v := drawView(t, records)
		for range 4 {
			req := drawRequest(t, v)
			answer, err := v.Recommend(&req)
			if err != nil {
				t.Fatal(err)
			}
			hidden, broughtContext := make(map[string]bool), false
			for _, id := range append(slices.Clone(req.Cart), req.ItemID) {
				hidden[id] = true
				_, known := items[id]
				broughtContext = broughtContext || known
			}
			maybe := make(map[string]bool)
			for _, line := range visitorHistory(v, &req).Recent {
				bought := line.Type == recommend.Purchase || line.Type == recommend.Rating
				if bought && req.Repeat == recommend.RepeatExclude && req.SessionID == "" {
					hidden[line.ItemID] = true
				}
				// Bought, seen, or in a stored cart, which is context where the
				// request brings none.
				if req.Repeat == recommend.RepeatExclude || (bought && req.Repeat == recommend.RepeatDefault) ||
					(line.Type == recommend.AddToCart && !broughtContext) {
					maybe[line.ItemID] = true
				}
			}
			if req.Repeat == recommend.RepeatExclude {
				for _, id := range req.SessionItems {
					maybe[id] = true
				}
			}
			withVariants(maybe, items)
			withVariants(hidden, items)
			for _, id := range req.Exclude {
				hidden[id] = true
			}
			if req.SessionID != "" { // whose history that is, only the engine knows
				for id := range items {
					maybe[id] = true
				}
			}
			checkList(t, answer, req.Limit, items, req.Filter, hidden, maybe)
			if req.Diversity == nil || *req.Diversity == 0 {
				checkOrder(t, answer)
			}
			if answer.AppliedSeq != uint64(len(records)) || !answer.AsOf.Equal(v.AsOf()) {
				t.Fatalf("AppliedSeq %d, AsOf %v, want %d, %v", answer.AppliedSeq, answer.AsOf, len(records), v.AsOf())
			}
		}
	})
}

func TestRelatedAndPopularLists(t *testing.T) {
	kinds := []recommend.RelatedKind{recommend.AlsoBought, recommend.AlsoViewed, recommend.Similar, recommend.BoughtTogether}
	rapid.Check(t, func(t *rapid.T) {
		records := drawRecords(t, 30)
		items := catalogOf(records)
		v := drawView(t, records)
		for range 3 {
			req := recommend.Request{
				ItemID: pick(t, "i", 10, 0), Exclude: drawIDs(t, "exclude"), Filter: drawFilter(t),
				Limit: rapid.SampledFrom([]int{0, 1, 2, 4, 100}).Draw(t, "limit"), Explain: true,
			}
			hidden := map[string]bool{req.ItemID: true}
			for _, id := range req.Exclude {
				hidden[id] = true
			}
			answer, err := v.Related(rapid.SampledFrom(kinds).Draw(t, "kind"), &req)
			it, known := items[req.ItemID]
			switch {
			case !known || it.deleted:
				if recommend.CodeOf(err) != recommend.CodeNotFound {
					t.Fatalf("related to unknown %s: %v", req.ItemID, err)
				}
			case err != nil:
				t.Fatal(err)
			default:
				checkList(t, answer, req.Limit, items, req.Filter, hidden, nil)
				checkOrder(t, answer)
			}

			delete(hidden, req.ItemID)
			for _, id := range req.Exclude {
				hidden[id] = true
			}
			q := recommend.PopularQuery{
				WindowDays: rapid.SampledFrom(engine.Windows()).Draw(t, "window"), Trending: rapid.Bool().Draw(t, "trending"),
				Limit: req.Limit, Exclude: req.Exclude, Filter: req.Filter,
			}
			if answer, err = v.Popular(&q); err != nil {
				t.Fatal(err)
			}
			checkList(t, answer, req.Limit, items, req.Filter, hidden, nil)
			if !q.Trending { // trending lists stand by growth, their scores are buyers
				checkOrder(t, answer)
			}
		}
	})
}

// answers are what a View says to a fixed set of requests, written down.
func answers(t rapid.TB, v *engine.View) string {
	t.Helper()
	var b strings.Builder
	note := func(a recommend.Answer, err error) {
		if err != nil && recommend.CodeOf(err) != recommend.CodeNotFound {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "%v %v %s %v\n", a.Items, a.Stages, a.Model, err)
	}
	for _, placement := range v.Placements() {
		for n := range 4 {
			note(v.Recommend(&recommend.Request{
				CustomerID: fmt.Sprintf("c%d", n), SessionID: fmt.Sprintf("s%d", n), Placement: placement, Limit: 4, Explain: true,
			}))
			note(v.Recommend(&recommend.Request{ItemID: fmt.Sprintf("i%d", n), Placement: placement, Limit: 4}))
		}
	}
	for _, model := range v.Models() {
		note(v.Recommend(&recommend.Request{AnonymousID: "a1", Model: model, Limit: 5}))
	}
	for n := range 4 {
		note(v.Related(recommend.Similar, &recommend.Request{ItemID: fmt.Sprintf("i%d", n)}))
		note(v.Related(recommend.AlsoViewed, &recommend.Request{ItemID: fmt.Sprintf("i%d", n)}))
	}
	note(v.Popular(&recommend.PopularQuery{WindowDays: 30}))
	note(v.Popular(&recommend.PopularQuery{Trending: true}))
	return b.String()
}

// published is a View with everything up to date.
func published(t rapid.TB, x *engine.Index) *engine.View {
	t.Helper()
	digest(t, x)
	x.RefreshPopularity()
	return x.Publish(shopNow)
}

// A View answers the same for ever: asked again, and however the index goes on.
func TestViewsDoNotChange(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		records := drawRecords(t, 30)
		cut := rapid.IntRange(0, len(records)).Draw(t, "cut")
		x := newIndex(t, engine.Settings{})
		x.Apply(uint64(cut), records[:cut])
		v := published(t, x)
		before, items, stats := answers(t, v), v.Items("", 100), v.Stats()
		if again := answers(t, v); again != before {
			t.Fatalf("the same View answers differently (-first +second)\n%s", cmp.Diff(before, again))
		}
		applyInParts(t, x, records[cut:])
		published(t, x)
		x.Learn()
		published(t, x)
		if again := answers(t, v); again != before {
			t.Fatalf("the View changed with the index (-before +after)\n%s", cmp.Diff(before, again))
		}
		if diff := cmp.Diff(items, v.Items("", 100)); diff != "" {
			t.Fatalf("the View's catalog changed (-before +after)\n%s", diff)
		}
		if diff := cmp.Diff(stats, v.Stats()); diff != "" {
			t.Fatalf("the View's stats changed (-before +after)\n%s", diff)
		}
	})
}

// What is equal by Digest gives equal lists.
func TestIncrementalAnswersEqualRebuilt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		records := drawRecords(t, 30)
		cut := rapid.IntRange(0, len(records)).Draw(t, "cut")
		x := newIndex(t, engine.Settings{})
		applyInParts(t, x, records[:cut])
		x = reopen(t, x, engine.Settings{})
		applyInParts(t, x, records[cut:])
		once := newIndex(t, engine.Settings{})
		once.Apply(uint64(len(records)), records)
		want, got := answers(t, published(t, once)), answers(t, published(t, x))
		if want != got {
			t.Fatalf("lists differ (-rebuilt +incremental)\n%s", cmp.Diff(strings.Split(want, "\n"), strings.Split(got, "\n")))
		}
	})
}
