package engine

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"osusume/recommend"
	"osusume/recommend/upsell"
	"osusume/recommend/weight"
)

// upsellBench is a shop of families of five models, each a step dearer and better
// than the one before. Families whose numbers are equal modulo benchThemes go together
// and are of different leaf categories.
type upsellBench struct {
	r        *rand.Rand
	families int
}

const (
	benchModels = 5
	benchThemes = 500
	// benchCrowd customers come by chance; the first benchRegulars of them also buy
	// the same thing again and again.
	benchCrowd    = 100_000
	benchRegulars = 10_000
)

func (s *upsellBench) item(family, model int) string { return fmt.Sprintf("f%d-%d", family, model) }

// draw returns a family, Zipf.
func (s *upsellBench) draw() int { return zipf(s.r, s.families) }

// beside returns a family that goes with another, the nearer the likelier.
func (s *upsellBench) beside(family int) int {
	return (family + (1+zipf(s.r, s.families/benchThemes-1))*benchThemes) % s.families
}

// items puts the catalog: costs, roles and an axis, so that every rule has its say.
func (s *upsellBench) items() []recommend.Record {
	var records []recommend.Record
	for f := range s.families {
		for m := range benchModels {
			base := int64(1000 + 37*(f%100))
			it := recommend.Item{
				ID: s.item(f, m), Family: fmt.Sprint("family ", f), Category: []string{"Shop", fmt.Sprint("leaf ", f/benchThemes)},
				Price: recommend.Money{Amount: base * int64(10+m) / 10, Currency: "JPY"}, Cost: recommend.Money{Amount: base * int64(60+m) / 100, Currency: "JPY"},
				Rating: 4.2, RatingCount: 50, Attributes: map[string]string{"level": fmt.Sprint(m)},
				UpgradeAxes: []recommend.UpgradeAxis{{Key: "level", Label: recommend.Text{"en": "Level"}, HigherIsBetter: true}},
			}
			records = append(records, recommend.Record{Kind: recommend.RecordItemPut, Item: it, Received: benchNow.AddDate(-1, 0, 0)})
		}
	}
	return records
}

// customer draws one of the crowd.
func (s *upsellBench) customer() string { return fmt.Sprint("c", s.r.IntN(benchCrowd)) }

// events are n views and orders within a year: of ten, six look at models of one
// family in a session, one at a family beside it, two are orders of one to four
// families that go together, the first of them by who looked, and one is a regular's.
func (s *upsellBench) events(n int) []recommend.Record {
	records := make([]recommend.Record, n)
	step := 360 * 24 * time.Hour / time.Duration(n)
	var customer string
	var family int
	for k := range records {
		if k%10 == 0 {
			customer, family = s.customer(), s.draw()
		}
		at := benchNow.Add(time.Duration(k-n) * step)
		e := recommend.Event{ID: fmt.Sprint("e", k), Type: recommend.ViewItem, Time: at, CustomerID: customer}
		of := family
		switch k % 10 {
		case 6:
			of = s.beside(family)
			fallthrough
		default:
			e.SessionID = fmt.Sprint("s", k/10)
			e.Items = []recommend.EventItem{{ItemID: s.item(of, s.r.IntN(benchModels)), Quantity: 1}}
		case 7, 8:
			e.Type, e.OrderID = recommend.Purchase, fmt.Sprint("o", k)
			if k%10 == 8 {
				e.CustomerID, of = s.customer(), s.draw()
			}
			for range 1 + s.r.IntN(4) {
				e.Items = append(e.Items, recommend.EventItem{ItemID: s.item(of, s.r.IntN(benchModels)), Quantity: 1})
				of = s.beside(of)
			}
		case 9:
			who := s.r.IntN(benchRegulars)
			e.Type, e.OrderID, e.CustomerID = recommend.Purchase, fmt.Sprint("o", k), fmt.Sprint("c", who)
			e.Items = []recommend.EventItem{{ItemID: s.item(who%200, 0), Quantity: 1}}
		}
		records[k] = recommend.Record{Kind: recommend.RecordEvent, Event: e, Received: at}
	}
	return records
}

// request is what a surface is asked, about items as they are looked at.
func (s *upsellBench) request(surface upsell.Surface) UpsellRequest {
	req := UpsellRequest{CustomerID: s.customer(), Request: upsell.Request{Surface: surface}}
	family := s.draw()
	switch surface {
	case upsell.SurfaceProduct:
		req.ItemID = s.item(family, s.r.IntN(benchModels))
	case upsell.SurfaceCart:
		req.FreeShipping = recommend.Money{Amount: 20_000, Currency: "JPY"}
		for range 3 {
			req.Cart = append(req.Cart, upsell.CartLine{ItemID: s.item(family, s.r.IntN(benchModels)), Quantity: 1})
			family = s.beside(family)
		}
	case upsell.SurfacePostPurchase:
		for range 2 {
			req.Order = append(req.Order, s.item(family, s.r.IntN(benchModels)))
			family = s.beside(family)
		}
	case upsell.SurfaceAccount, upsell.SurfaceEmail:
		req.CustomerID = fmt.Sprint("c", s.r.IntN(benchRegulars)) // who has something to come back to
	}
	return req
}

// view learns the shop. Of the learned lists only those of item pages are learned.
func (s *upsellBench) view(b *testing.B, events int) *View {
	b.Helper()
	models := make(map[string]Model)
	for name := range DefaultModels() {
		if name != DefaultPlacements()["item"].Model {
			models[name] = Model{Signals: []Signal{{From: FromBought, Weights: weight.Spec{Formula: weight.Conditional, Over: "orders", MinSupport: 2}}}}
		}
	}
	x, err := NewIndex(Settings{Newcomers: Newcomers{Days: -1}, Models: models})
	if err != nil {
		b.Fatal(err)
	}
	records := append(s.items(), s.events(events)...)
	for done := 0; done < len(records); {
		next := min(done+5000, len(records))
		x.Apply(uint64(next), records[done:next])
		done = next
	}
	x.Refresh(benchNow, nil)
	x.Learn()
	x.Refresh(benchNow, func() bool { return true })
	x.RefreshPopularity()
	return x.Publish(benchNow)
}

// BenchmarkUpsell is a whole answer of /upsell without HTTP: what is known of the
// customer, candidates, rules, evidence and reasons, by surface, in a shop of 100,000
// items after a million events (10,000 and 50,000 with -short), for 4,096 requests in
// turns. p50 and p99 are of single answers; ns/op is their mean. shown is how many
// suggestions an answer holds.
func BenchmarkUpsell(b *testing.B) {
	items, events := 100_000, 1_000_000
	if testing.Short() {
		items, events = 10_000, 50_000
	}
	var s *upsellBench
	var v *View
	for _, surface := range []upsell.Surface{
		upsell.SurfaceProduct, upsell.SurfaceCart, upsell.SurfacePostPurchase, upsell.SurfaceAccount, upsell.SurfaceEmail,
	} {
		b.Run("surface="+string(surface), func(b *testing.B) {
			if v == nil {
				s = &upsellBench{r: seeded(), families: items / benchModels}
				v = s.view(b, events)
			}
			requests := make([]UpsellRequest, 4096)
			for k := range requests {
				requests[k] = s.request(surface)
			}
			var took []time.Duration
			shown, k := 0, 0
			b.ReportAllocs()
			for b.Loop() {
				started := time.Now()
				answer, err := v.Upsell(&requests[k%len(requests)])
				took = append(took, time.Since(started))
				if err != nil {
					b.Fatal(err)
				}
				shown += len(answer.Suggestions)
				k++
			}
			slices.Sort(took)
			micros := func(share float64) float64 {
				return float64(took[int(share*float64(len(took)-1))].Nanoseconds()) / 1e3
			}
			b.ReportMetric(micros(0.5), "p50-µs")
			b.ReportMetric(micros(0.99), "p99-µs")
			b.ReportMetric(float64(shown)/float64(k), "shown/op")
		})
	}
}
