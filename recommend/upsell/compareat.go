package upsell

import (
	"time"

	"osusume/recommend"
)

// Refusal says why a former price must not be shown beside the present one.
type Refusal string

// The refusals.
const (
	RefusalNone Refusal = ""
	// RefusalNoPrice: there is no list price and none in the history above the
	// present one.
	RefusalNoPrice Refusal = "NO_COMPARE_PRICE"
	// RefusalNotHigher: the list price is not above the present price, or in
	// another currency.
	RefusalNotHigher Refusal = "NOT_HIGHER"
	// RefusalShare: not sold at that price for more than half of the last 8
	// weeks, or of the time since it was first sold if that is shorter.
	RefusalShare Refusal = "NOT_SOLD_AT_PRICE_8W"
	// RefusalShort: sold at that price for less than 2 weeks in total.
	RefusalShort Refusal = "SOLD_UNDER_2_WEEKS"
	// RefusalStale: last sold at that price 2 weeks ago or earlier.
	RefusalStale Refusal = "LAST_SOLD_OVER_2_WEEKS_AGO"
)

// CompareAt is whether, and which, former price may be shown.
type CompareAt struct {
	Allowed bool
	Price   recommend.Money // set if Allowed
	Why     Refusal         // set unless Allowed
}

const (
	week         = 7 * 24 * time.Hour
	doubleWindow = 8 * week
	doubleTotal  = 2 * week
	doubleRecent = 2 * week
)

// Compare applies Japan's rule on double prices (the Consumer Affairs Agency's
// guidelines on price representation): a former price may be shown only if the
// item was sold at it for more than half of the last 8 weeks before now, or of
// the time since it was first sold if that is shorter, for at least 2 weeks in
// total, and last less than 2 weeks ago. The price judged is the list price;
// without one, the greatest of the history that may be shown. Time in which
// the item was not on sale counts against the price.
func Compare(it *recommend.Item, now time.Time) CompareAt {
	unknown := recommend.Money{}
	if it.Price == unknown {
		return CompareAt{Why: RefusalNoPrice}
	}
	if it.ListPrice != unknown {
		if it.ListPrice.Currency != it.Price.Currency || it.ListPrice.Amount <= it.Price.Amount {
			return CompareAt{Why: RefusalNotHigher}
		}
		return judged(it.ListPrice, it.PriceHistory, now)
	}
	best := CompareAt{Why: RefusalNoPrice}
	for i := range it.PriceHistory {
		p := it.PriceHistory[i].Price
		if p.Currency != it.Price.Currency || p.Amount <= it.Price.Amount || best.Allowed && p.Amount <= best.Price.Amount {
			continue
		}
		switch c := judged(p, it.PriceHistory, now); {
		case c.Allowed:
			best = c
		case !best.Allowed && (best.Why == RefusalNoPrice || best.Why == RefusalShare):
			best.Why = c.Why
		}
	}
	return best
}

// judged applies the rule to one price.
func judged(price recommend.Money, history []recommend.PricePeriod, now time.Time) CompareAt {
	from := now.Add(-doubleWindow)
	if len(history) > 0 && history[0].From.After(from) {
		from = history[0].From
	}
	var sold time.Duration
	var last time.Time
	for _, p := range history {
		start, end := p.From, p.To
		if end.IsZero() || end.After(now) {
			end = now
		}
		if start.Before(from) {
			start = from
		}
		if p.Price != price || !end.After(start) {
			continue
		}
		sold += end.Sub(start)
		last = end
	}
	switch {
	case 2*sold <= now.Sub(from):
		return CompareAt{Why: RefusalShare}
	case sold < doubleTotal:
		return CompareAt{Why: RefusalShort}
	case now.Sub(last) >= doubleRecent:
		return CompareAt{Why: RefusalStale}
	}
	return CompareAt{Allowed: true, Price: price}
}
