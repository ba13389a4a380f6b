package coupons

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"osusume/bench/datasets"
	"osusume/recommend"
	"osusume/recommend/offer"
)

const day = 24 * time.Hour

// history is what happened in the shop, by day.
type history struct {
	offers []coupon // ascending by offer id
	set    *offer.Set
	// received holds, by household, the tags of its campaigns with their starts.
	received map[string][]membership
	sales    []sale       // by day
	redeemed []redemption // by day, household, offer
	// joined is how many redemptions are of a household, day and offer that is
	// there already.
	joined int
	kinds  []string       // names of product types; sale.kind counts them from 0
	number map[string]int // of a type, by name
	kindOf map[string]int // of a product
}

// coupon is an offer: all codes of one campaign that hold for the same products.
type coupon struct {
	id       string
	campaign string
	codes    []string
	start    time.Time
	end      time.Time // the first day after
	products map[string]bool
}

type membership struct {
	tag   string
	start time.Time
}

// sale is one line of a basket.
type sale struct {
	day             time.Time
	household       string
	basket, product string
	kind            int
}

type redemption struct {
	day       time.Time
	household string
	offer     int // of history.offers
}

// read reads the folder of the Complete Journey.
func read(dir string) (*history, error) {
	j, err := datasets.NewJourney(dir)
	if err != nil {
		return nil, err
	}
	items, err := j.Products()
	if err != nil {
		return nil, err
	}
	campaigns, err := j.Campaigns()
	if err != nil {
		return nil, err
	}
	redeemed, err := j.Redemptions()
	if err != nil {
		return nil, err
	}
	h := &history{received: make(map[string][]membership)}
	h.nameKinds(items)
	if err := h.readSales(j, items); err != nil {
		return nil, err
	}
	offerOf, err := h.makeOffers(campaigns)
	if err != nil {
		return nil, err
	}
	seen := make(map[redemption]bool)
	for _, r := range redeemed {
		o, ok := offerOf[[2]string{r.Campaign, r.Code}]
		if !ok {
			return nil, fmt.Errorf("redemption by household %s: campaign %s has no coupon %s", r.Household, r.Campaign, r.Code)
		}
		k := redemption{day: r.Day, household: r.Household, offer: o}
		if seen[k] {
			h.joined++
			continue
		}
		seen[k] = true
		h.redeemed = append(h.redeemed, k)
	}
	slices.SortFunc(h.redeemed, func(a, b redemption) int {
		return cmp.Or(a.day.Compare(b.day), cmp.Compare(a.household, b.household), cmp.Compare(a.offer, b.offer))
	})
	return h, nil
}

// nameKinds numbers the product types: the category path of an item.
func (h *history) nameKinds(items []recommend.Item) {
	h.number, h.kindOf = make(map[string]int), make(map[string]int, len(items))
	for i := range items {
		path := strings.Join(items[i].Category, "/")
		n, ok := h.number[path]
		if !ok {
			n = len(h.kinds)
			h.number[path] = n
			h.kinds = append(h.kinds, path)
		}
		h.kindOf[items[i].ID] = n
	}
}

func (h *history) readSales(j *datasets.Journey, items []recommend.Item) error {
	f, err := os.Open(j.Transactions())
	if err != nil {
		return fmt.Errorf("read transactions: %w", err)
	}
	defer f.Close()
	for e, err := range datasets.ReadEvents(f, datasets.Options{Format: datasets.CompleteJourney, Items: items}) {
		if bad := new(datasets.RowError); errors.As(err, &bad) {
			continue
		}
		if err != nil {
			return fmt.Errorf("read transactions: %w", err)
		}
		for _, l := range e.Items {
			h.sales = append(h.sales, sale{
				day: e.Time.Truncate(day), household: e.CustomerID, basket: e.OrderID,
				product: l.ItemID, kind: h.kindOf[l.ItemID],
			})
		}
	}
	slices.SortStableFunc(h.sales, func(a, b sale) int { return a.day.Compare(b.day) })
	return nil
}

// makeOffers makes the offers of all campaigns and says which offer a campaign's
// code is.
func (h *history) makeOffers(campaigns []datasets.Campaign) (map[[2]string]int, error) {
	for i := range campaigns {
		c := &campaigns[i]
		same := make(map[string]int)
		for _, k := range c.Coupons {
			products := strings.Join(k.Products, " ")
			if at, ok := same[products]; ok {
				h.offers[at].codes = append(h.offers[at].codes, k.Code)
				continue
			}
			same[products] = len(h.offers)
			o := coupon{
				id: "c" + c.ID + "-" + k.Code, campaign: c.ID, codes: []string{k.Code}, start: c.Start, end: c.End.Add(day),
				products: make(map[string]bool, len(k.Products)),
			}
			for _, p := range k.Products {
				o.products[p] = true
			}
			h.offers = append(h.offers, o)
		}
		for _, household := range c.Households {
			h.received[household] = append(h.received[household], membership{tagOf(c.ID), c.Start})
		}
	}
	slices.SortFunc(h.offers, func(a, b coupon) int { return cmp.Compare(a.id, b.id) })
	offerOf := make(map[[2]string]int)
	var offers []offer.Offer
	for i := range h.offers {
		o := &h.offers[i]
		for _, code := range o.codes {
			offerOf[[2]string{o.campaign, code}] = i
		}
		offers = append(offers, offer.Offer{
			ID: o.id, Status: offer.Active, Type: offer.Discount,
			StartsAt: o.start, EndsAt: o.end,
			Condition: fmt.Sprintf("'%s' in customer.tags", tagOf(o.campaign)),
		})
	}
	var err error
	if h.set, err = offer.NewSet(offers); err != nil {
		return nil, fmt.Errorf("make offers: %w", err)
	}
	return offerOf, nil
}

func tagOf(campaign string) string { return "campaign-" + campaign }
