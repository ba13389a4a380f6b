package coupons

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"osusume/recommend"
	"osusume/recommend/condition"
	"osusume/recommend/engine"
	"osusume/recommend/offer"
	"osusume/recommend/weight"
)

// The features of an offer for a household, see the package doc.
const (
	fShare    = iota // share of the household's purchases expected of the products
	fRedeemed        // redemptions of the offer so far
	fCode            // redemptions of its codes in other campaigns so far
	fCampaign        // redemptions per member and coupon of the campaign so far
	fUsed            // the household has redeemed it
	features
)

var featureNames = [features]string{"expected share of purchases", "redemptions", "redemptions of the code elsewhere", "redemptions of the campaign", "redeemed by the household"}

// demand is what a household buys of a coupon's products.
type demand struct {
	// own of the household's lines are of them.
	own, lines float64
	// liked is the share expected by what the engine recommends, sold that of all
	// sales.
	liked, sold float64
}

// prior is how many lines of a household liked and sold stand for.
type prior struct{ Liked, Sold float64 }

// share is the share of the household's purchases expected of the products.
func (d *demand) share(p prior) float64 {
	return (d.own + p.Liked*d.liked + p.Sold*d.sold) / (d.lines + p.Liked + p.Sold)
}

// option is one offer for a household.
type option struct {
	demand
	x [features]float64
}

// forHousehold is the model that ranks product types for a household.
const forHousehold = "coupons"

// settings rank product types: a sample of purchases says little of one product.
func settings() engine.Settings {
	return engine.Settings{Models: map[string]engine.Model{forHousehold: {
		NoFallback: true,
		Signals: []engine.Signal{{
			From: engine.FromBought, HalfLifeDays: 120, MaxItems: -1,
			Weights: weight.Spec{Formula: weight.Cosine, Over: "customers", Shrink: 20},
		}},
		Personal: engine.Personal{Weight: 1, Lines: true},
		Recent:   engine.Recent{Weight: 0.1, Days: 30},
	}}}
}

// knowledge is what was known before a day.
type knowledge struct {
	h     *history
	index *engine.Index
	view  *engine.View
	at    time.Time

	sales, redeemed int // of the history, so far
	bought          map[string]map[string]int
	sold            map[string]int
	soldOf          []int // by type
	times           []int // redemptions by offer
	byCode          map[string]int
	byCampaign      map[string]int
	members         map[string]int
	coupons         map[string]int
	used            map[redemption]bool // without the day
	coverage        [][]kindLines       // by offer, nil until asked for
}

func newKnowledge(h *history) (*knowledge, error) {
	index, err := engine.NewIndex(settings())
	if err != nil {
		return nil, fmt.Errorf("learn: %w", err)
	}
	k := &knowledge{
		h: h, index: index,
		bought: make(map[string]map[string]int), sold: make(map[string]int), soldOf: make([]int, len(h.kinds)),
		times: make([]int, len(h.offers)), byCode: make(map[string]int), byCampaign: make(map[string]int),
		members: make(map[string]int), coupons: make(map[string]int), used: make(map[redemption]bool),
		coverage: make([][]kindLines, len(h.offers)),
	}
	for i := range h.offers {
		k.coupons[h.offers[i].campaign]++
	}
	for _, list := range h.received {
		for _, m := range list {
			k.members[m.tag]++
		}
	}
	return k, nil
}

// advance takes in everything before the day.
func (k *knowledge) advance(to time.Time) {
	if to.Equal(k.at) {
		return
	}
	var records []recommend.Record
	for ; k.sales < len(k.h.sales) && k.h.sales[k.sales].day.Before(to); k.sales++ {
		s := &k.h.sales[k.sales]
		mine := k.bought[s.household]
		if mine == nil {
			mine = make(map[string]int)
			k.bought[s.household] = mine
		}
		mine[s.product]++
		k.sold[s.product]++
		k.soldOf[s.kind]++
		records = append(records, recommend.Record{Kind: recommend.RecordEvent, Received: s.day, Event: recommend.Event{
			ID: fmt.Sprint(k.sales), Type: recommend.Purchase, Time: s.day, CustomerID: s.household, OrderID: s.basket,
			Items: []recommend.EventItem{{ItemID: k.h.kinds[s.kind], Quantity: 1}},
		}})
	}
	for ; k.redeemed < len(k.h.redeemed) && k.h.redeemed[k.redeemed].day.Before(to); k.redeemed++ {
		r := k.h.redeemed[k.redeemed]
		o := &k.h.offers[r.offer]
		k.times[r.offer]++
		for _, code := range o.codes {
			k.byCode[code]++
		}
		k.byCampaign[o.campaign]++
		k.used[redemption{household: r.household, offer: r.offer}] = true
	}
	clear(k.coverage)
	k.index.Apply(uint64(k.sales), records)
	k.index.Refresh(to, nil)
	k.index.RefreshPopularity()
	k.view, k.at = k.index.Publish(to), to
}

// nothing is a ledger without entries.
type nothing struct{}

func (nothing) Exposure(string, string, time.Time) offer.Exposure { return offer.Exposure{} }
func (nothing) Usage(string) offer.Usage                          { return offer.Usage{} }

// decide returns what may be shown to the household on the day, by offer id, and
// explained the verdicts on all offers.
func (k *knowledge) decide(household string, explain bool) offer.Decision {
	c := &condition.Customer{ID: household}
	for _, m := range k.h.received[household] {
		if !m.start.After(k.at) {
			c.Tags = append(c.Tags, m.tag)
		}
	}
	return offer.Decide(k.h.set, &offer.Request{
		VisitorID: household, MaxOffers: k.h.set.Len(), Explain: explain,
		Input: &condition.Input{Now: k.at, Customer: c},
	}, nothing{})
}

// likes returns how much the household is expected to buy of each product type;
// the values sum to 1, or there are none.
func (k *knowledge) likes(household string) (map[int]float64, error) {
	answer, err := k.view.Recommend(&recommend.Request{
		CustomerID: household, Model: forHousehold, Limit: recommend.MaxLimit, Repeat: recommend.RepeatAllow, NoExplore: true,
	})
	if err != nil {
		return nil, fmt.Errorf("ask for household %s: %w", household, err)
	}
	likes, sum := make(map[int]float64), 0.0
	for i := range answer.Items {
		r := &answer.Items[i]
		if r.Stage == recommend.StageCatalog || !(r.Score > 0) {
			continue
		}
		likes[k.h.number[r.ItemID]] += r.Score
		sum += r.Score
	}
	for n := range likes {
		likes[n] /= sum
	}
	return likes, nil
}

// kindLines is how many lines of a product type are sold.
type kindLines struct{ kind, n int }

// covered returns how many lines of the offer's products are sold, by type. It is
// counted once per day and offer.
func (k *knowledge) covered(o int) []kindLines {
	if have := k.coverage[o]; have != nil {
		return have
	}
	of := make(map[int]int)
	for p := range k.h.offers[o].products {
		if n := k.sold[p]; n > 0 {
			of[k.h.kindOf[p]] += n
		}
	}
	// In order, so that sums over them are the same to the last bit.
	lines := make([]kindLines, 0, len(of))
	for _, kind := range slices.Sorted(maps.Keys(of)) {
		lines = append(lines, kindLines{kind, of[kind]})
	}
	k.coverage[o] = lines
	return lines
}

// describe fills in the features of an offer for a household, all but fShare.
func (k *knowledge) describe(o int, household string, likes map[int]float64) option {
	c := &k.h.offers[o]
	own, lines := 0, 0
	for p, n := range k.bought[household] {
		lines += n
		if c.products[p] {
			own += n
		}
	}
	sold, liked := 0, 0.0
	for _, c := range k.covered(o) {
		sold += c.n
		// One more line of the type is sold elsewhere: a type hardly sold says
		// little of which of its products sell.
		liked += likes[c.kind] * float64(c.n) / float64(k.soldOf[c.kind]+1)
	}
	elsewhere := -k.times[o] * len(c.codes)
	for _, code := range c.codes {
		elsewhere += k.byCode[code]
	}
	reach := float64(k.members[tagOf(c.campaign)] * k.coupons[c.campaign])
	var x [features]float64
	x[fRedeemed] = math.Log(0.5 + float64(k.times[o]))
	x[fCode] = math.Log(0.5 + float64(max(elsewhere, 0)))
	x[fCampaign] = math.Log((0.5 + float64(k.byCampaign[c.campaign])) / (1 + reach))
	if k.used[redemption{household: household, offer: o}] {
		x[fUsed] = 1
	}
	return option{
		demand: demand{own: float64(own), lines: float64(lines), liked: liked, sold: float64(sold) / float64(max(k.sales, 1))},
		x:      x,
	}
}
