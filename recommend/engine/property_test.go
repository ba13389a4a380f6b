package engine_test

import (
	"bytes"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"osusume/recommend"
	"osusume/recommend/cooccur"
	"osusume/recommend/engine"
	"osusume/recommend/weight"
)

// The small shop of the properties: few of everything, so that histories meet.
var (
	shopStart = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	shopNow   = shopStart.AddDate(0, 3, 0)
)

// pick draws one of prefix0 to prefix(n-1), sometimes "".
func pick(t *rapid.T, prefix string, n, noneIn int) string {
	if noneIn > 0 && rapid.IntRange(1, noneIn).Draw(t, "none "+prefix) == 1 {
		return ""
	}
	return fmt.Sprintf("%s%d", prefix, rapid.IntRange(0, n-1).Draw(t, prefix))
}

var eventTypes = []recommend.EventType{
	recommend.ViewItem, recommend.ViewItem, recommend.ViewItem, recommend.AddToCart, recommend.Purchase,
	recommend.Purchase, recommend.Purchase, recommend.Refund, recommend.RemoveFromCart, recommend.AddToWishlist,
	recommend.SelectItem, recommend.Rating, recommend.Login, recommend.ViewItemList, recommend.SignUp,
}

// drawEvent draws any valid event; who it is from may change in mid-session.
func drawEvent(t *rapid.T, n int) recommend.Event {
	e := recommend.Event{
		ID:          fmt.Sprintf("e%d", n),
		Type:        rapid.SampledFrom(eventTypes).Draw(t, "type"),
		Time:        shopStart.Add(time.Duration(rapid.IntRange(0, 60*24*12).Draw(t, "five minutes")) * 5 * time.Minute),
		CustomerID:  pick(t, "c", 3, 2),
		AnonymousID: pick(t, "a", 3, 2),
		SessionID:   pick(t, "s", 4, 2),
	}
	if e.Type == recommend.Purchase || e.Type == recommend.Refund {
		e.OrderID = pick(t, "o", 5, 4)
	}
	if e.CustomerID+e.AnonymousID+e.SessionID+e.OrderID == "" {
		e.SessionID = "s0"
	}
	if e.Type == recommend.Login || e.Type == recommend.SignUp {
		return e
	}
	for range rapid.IntRange(1, 4).Draw(t, "lines") {
		e.Items = append(e.Items, recommend.EventItem{
			ItemID: pick(t, "i", 8, 0), Quantity: int64(rapid.IntRange(0, 3).Draw(t, "quantity")),
		})
	}
	return e
}

func drawItem(t *rapid.T) recommend.Item {
	it := recommend.Item{
		ID:          pick(t, "i", 9, 0),
		Title:       recommend.Text{"en": pick(t, "title", 3, 0)},
		Family:      pick(t, "f", 2, 2),
		GroupID:     pick(t, "g", 2, 2),
		Brand:       pick(t, "b", 2, 2),
		Unavailable: rapid.IntRange(0, 4).Draw(t, "unavailable") == 0,
	}
	if rapid.Bool().Draw(t, "priced") {
		it.Price = recommend.Money{Amount: int64(rapid.IntRange(0, 500).Draw(t, "price")), Currency: "JPY"}
	}
	if rapid.IntRange(0, 3).Draw(t, "counted") == 0 {
		stock := int64(rapid.IntRange(0, 2).Draw(t, "stock"))
		it.Stock = &stock
	}
	for range rapid.IntRange(0, 2).Draw(t, "depth") {
		it.Category = append(it.Category, pick(t, "k", 2, 0))
	}
	for range rapid.IntRange(0, 2).Draw(t, "tags") {
		it.Tags = append(it.Tags, pick(t, "t", 3, 0))
	}
	if rapid.IntRange(0, 4).Draw(t, "consumable") == 0 {
		it.Role = recommend.RoleConsumable
	}
	return it
}

func drawRecord(t *rapid.T, n int) recommend.Record {
	switch rapid.IntRange(0, 9).Draw(t, "kind") {
	case 0:
		return recommend.Record{Kind: recommend.RecordItemPut, Item: drawItem(t)}
	case 1:
		return recommend.Record{Kind: recommend.RecordItemDelete, Item: recommend.Item{ID: pick(t, "i", 9, 0)}}
	default:
		return recommend.Record{Kind: recommend.RecordEvent, Event: drawEvent(t, n)}
	}
}

func drawRecords(t *rapid.T, atMost int) []recommend.Record {
	records := make([]recommend.Record, rapid.IntRange(1, atMost).Draw(t, "records"))
	for n := range records {
		records[n] = drawRecord(t, n)
	}
	return records
}

// drawSettings draws windows small enough to matter.
func drawSettings(t *rapid.T) engine.Settings {
	window := func(name string) int { return rapid.SampledFrom([]int{0, 1, 2, -1}).Draw(t, name) }
	return engine.Settings{Counts: cooccur.Settings{
		OrderWindow: window("order window"), CustomerWindow: window("customer window"),
		SessionWindow: window("session window"), StepWindow: window("step window"),
		SessionHalfLifeDays: float64(rapid.SampledFrom([]int{0, 14, 80}).Draw(t, "half-life")),
	}, Models: everyFormula(t)}
}

// everyFormula has a model for each closed form, over one kind of case.
func everyFormula(t *rapid.T) map[string]engine.Model {
	models := make(map[string]engine.Model)
	over := rapid.SampledFrom([]string{"orders", "customers", "sessions"}).Draw(t, "weights over")
	for _, formula := range []weight.Formula{weight.Cooccurrence, weight.Conditional, weight.Cosine, weight.Jaccard, weight.LLR} {
		models[string(formula)] = engine.Model{Signals: []engine.Signal{{
			From: engine.FromBought, HalfLifeDays: 20, MaxItems: 5,
			Weights: weight.Spec{Formula: formula, Over: over, Neighbours: 4},
		}}}
	}
	return models
}

func newIndex(t rapid.TB, s engine.Settings) *engine.Index {
	t.Helper()
	x, err := engine.NewIndex(s)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// digest is the state after everything derived is up to date.
func digest(t rapid.TB, x *engine.Index) string {
	t.Helper()
	if !x.Refresh(shopNow, nil) {
		t.Fatal("Refresh without a limit left items behind")
	}
	return x.Digest()
}

// rebuilt is the digest of an index that gets all records at once.
func rebuilt(t rapid.TB, s engine.Settings, records []recommend.Record) string {
	t.Helper()
	x := newIndex(t, s)
	x.Apply(uint64(len(records)), records)
	return digest(t, x)
}

// applyInParts applies records in batches of drawn sizes, now and then
// refreshing, publishing or both in between.
func applyInParts(t *rapid.T, x *engine.Index, records []recommend.Record) {
	for from := 0; from < len(records); {
		to := min(from+rapid.IntRange(1, 10).Draw(t, "batch"), len(records))
		x.Apply(uint64(to), records[from:to])
		from = to
		if rapid.Bool().Draw(t, "refresh") {
			left := rapid.IntRange(0, 12).Draw(t, "refresh budget")
			daysAgo := rapid.SampledFrom([]int{0, 0, 1, 30}).Draw(t, "refresh days ago")
			x.Refresh(shopNow.AddDate(0, 0, -daysAgo), func() bool { left--; return left >= 0 })
		}
		if rapid.IntRange(0, 3).Draw(t, "publish") == 0 {
			x.RefreshPopularity()
			x.Publish(shopNow)
		}
	}
}

func TestIncrementalEqualsRebuild(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSettings(t)
		records := drawRecords(t, 30)
		x := newIndex(t, s)
		applyInParts(t, x, records)
		if got, want := digest(t, x), rebuilt(t, s, records); got != want {
			t.Fatal("the index built step by step differs from the one built at once")
		}
	})
}

func TestCheckpointEqualsStraightThrough(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSettings(t)
		records := drawRecords(t, 30)
		cut := rapid.IntRange(0, len(records)).Draw(t, "cut")
		x := newIndex(t, s)
		applyInParts(t, x, records[:cut])
		x = reopen(t, x, s)
		applyInParts(t, x, records[cut:])
		if got, want := digest(t, x), rebuilt(t, s, records); got != want {
			t.Fatal("the index taken up from a checkpoint differs from the one built at once")
		}
	})
}

// reopen writes x down and reads it back.
func reopen(t rapid.TB, x *engine.Index, s engine.Settings) *engine.Index {
	t.Helper()
	var b bytes.Buffer
	if err := x.Encode(&b); err != nil {
		t.Fatal(err)
	}
	back, err := engine.DecodeIndex(&b, s)
	if err != nil {
		t.Fatal(err)
	}
	if back.Seq() != x.Seq() {
		t.Fatalf("Seq() = %d after the checkpoint, want %d", back.Seq(), x.Seq())
	}
	return back
}

// TestOrderLinesCountOnce tells purchases again, under new event ids, and
// expects the same index: an order has one line per item.
func TestOrderLinesCountOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var once, again []recommend.Record
		for n := range rapid.IntRange(1, 25).Draw(t, "events") {
			e := drawEvent(t, n)
			e.CustomerID = pick(t, "c", 3, 0)
			if e.Type == recommend.Purchase {
				// An order belongs to one customer.
				e.OrderID = e.CustomerID + pick(t, "o", 2, 0)
			}
			once = append(once, recommend.Record{Kind: recommend.RecordEvent, Event: e})
			again = append(again, once[n])
		}
		for range rapid.IntRange(1, 8).Draw(t, "repeats") {
			k := rapid.IntRange(0, len(once)-1).Draw(t, "repeated")
			e := once[k].Event
			if e.Type != recommend.Purchase {
				continue
			}
			e.ID += "-again"
			// The shop's back end knows no device and may say less.
			e.AnonymousID, e.SessionID = "", ""
			if rapid.Bool().Draw(t, "only the order") {
				e.CustomerID = ""
			}
			e.Items = e.Items[:rapid.IntRange(1, len(e.Items)).Draw(t, "repeated lines")]
			e.Time = e.Time.Add(time.Hour)
			at := slices.IndexFunc(again, func(r recommend.Record) bool { return r.Event.ID == once[k].Event.ID })
			at = rapid.IntRange(at+1, len(again)).Draw(t, "at")
			again = slices.Insert(slices.Clone(again), at, recommend.Record{Kind: recommend.RecordEvent, Event: e})
		}
		x := newIndex(t, engine.Settings{})
		applyInParts(t, x, again)
		if got, want := digest(t, x), rebuilt(t, engine.Settings{}, once); got != want {
			t.Fatal("repeated order lines changed the index")
		}
	})
}

// TestIndependentEventsCommute gives every visitor ids of their own and
// interleaves the visitors at will, each one's events in order.
func TestIndependentEventsCommute(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSettings(t)
		visitors := make([][]recommend.Record, rapid.IntRange(2, 4).Draw(t, "visitors"))
		var inTurn []recommend.Record
		for v := range visitors {
			for n := range rapid.IntRange(1, 10).Draw(t, "events") {
				e := drawEvent(t, n)
				for _, id := range []*string{&e.ID, &e.CustomerID, &e.AnonymousID, &e.SessionID, &e.OrderID} {
					if *id != "" {
						*id = fmt.Sprintf("v%d-%s", v, *id)
					}
				}
				visitors[v] = append(visitors[v], recommend.Record{Kind: recommend.RecordEvent, Event: e})
			}
			inTurn = append(inTurn, visitors[v]...)
		}
		var mixed []recommend.Record
		for len(mixed) < len(inTurn) {
			v := rapid.IntRange(0, len(visitors)-1).Draw(t, "next")
			for len(visitors[v]) == 0 {
				v = (v + 1) % len(visitors)
			}
			mixed = append(mixed, visitors[v][0])
			visitors[v] = visitors[v][1:]
		}
		x := newIndex(t, s)
		applyInParts(t, x, mixed)
		if got, want := digest(t, x), rebuilt(t, s, inTurn); got != want {
			t.Fatal("the order of independent events changed the index")
		}
	})
}

// TestForgettingDoesNotDependOnBatches keeps few lines per visitor.
func TestForgettingDoesNotDependOnBatches(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSettings(t)
		s.MaxLines = rapid.SampledFrom([]int{1, 4, 16, 24, 33}).Draw(t, "max lines")
		records := drawRecords(t, 30)
		for n := range records { // few visitors, so that they forget; time goes forward
			if e := &records[n].Event; e.SessionID != "" {
				e.CustomerID = "c0"
			}
			records[n].Event.Time = shopStart.Add(time.Duration(n) * 11 * time.Minute)
		}
		x := newIndex(t, s)
		applyInParts(t, x, records)
		if got, want := digest(t, x), rebuilt(t, s, records); got != want {
			t.Fatal("batches changed what was forgotten")
		}
	})
}
