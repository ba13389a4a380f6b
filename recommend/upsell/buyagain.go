package upsell

import (
	"cmp"
	"math"
	"slices"
	"time"

	"osusume/recommend"
)

// ReplenishRate is lambda, the rate per day at which a customer buys an item
// again, by the modified Poisson-Gamma model of Bhagat et al., Buy It Again:
// Modeling Repeat Purchase Recommendations, KDD 2018. k is the customer's
// purchases, span the days from the first to the last, since the days since
// the last, mean the usual days between two; alpha and beta (days) are the
// gamma prior of the item.
//
//	(k + alpha) / (span + 2|mean - since| + beta)  while since < 2*mean
//	(k + alpha) / (span + since + beta)            from then on
//
// The rate is greatest at since = mean and the branches meet at 2*mean.
func ReplenishRate(k int, span, since, mean, alpha, beta float64) float64 {
	wait := since
	if since < 2*mean {
		wait = 2 * math.Abs(mean-since)
	}
	return ratio(float64(k)+alpha, span+wait+beta)
}

// ReplenishScore is the probability that a customer buys again within horizon
// days: rcp, the share of repeaters among the buyers, times
// 1 - exp(-lambda * horizon).
func ReplenishScore(rcp, lambda, horizon float64) float64 {
	return rcp * -math.Expm1(-lambda*horizon)
}

// GammaPrior fits alpha and beta (days) to the repeaters' rates of an item by
// moments, alpha = mean^2/var and beta = mean/var, the item's sums joined by
// those of prior repeaters like the category's. ok is false when both have
// fewer than two repeaters. The variance counts as at least a hundredth of the
// squared mean, so that customers always matter beside the prior.
func GammaPrior(own, category Repeats, prior float64) (alpha, beta float64, ok bool) {
	n, sum, squares := float64(own.Repeaters), own.RateSum, own.RateSquares
	if c := float64(category.Repeaters); c >= 2 {
		weight := min(prior, c) / c
		n += weight * c
		sum += weight * category.RateSum
		squares += weight * category.RateSquares
	}
	if n < 2 || !(sum > 0) {
		return 0, 0, false
	}
	mean := sum / n
	variance := max((squares-n*mean*mean)/(n-1), mean*mean/100)
	if !(mean > 0) || math.IsInf(variance, 0) || math.IsNaN(variance) {
		return 0, 0, false
	}
	return mean * mean / variance, mean / variance, true
}

// meanGap is the days between two purchases of the item by one customer, the
// item's joined by those of prior gaps like the category's; 0 is unknown.
func meanGap(own, category Repeats, prior float64) float64 {
	gaps, days := float64(own.Gaps), own.GapDays
	if c := float64(category.Gaps); c > 0 {
		weight := min(prior, c) / c
		gaps += weight * c
		days += weight * category.GapDays
	}
	return ratio(days, gaps)
}

// due is when an item is next needed.
type due struct {
	at      time.Time
	gap     float64 // days, the customer's own or the usual one
	own     bool
	elapsed int // calendar days since the last purchase
	late    bool
	known   uint32 // repeaters behind a usual gap
}

const (
	// An item is due from nearDue of its gap on, but at most the horizon ahead.
	nearDue = 0.8
	// Up to lateDue of its gap it is called due, later overdue.
	lateDue = 1.2
	// From lapsed gaps on the customer is taken to have stopped.
	lapsed = 3.0
)

// findBuyAgain collects what the customer bought before and is about to need
// again: items of which at least MinRepeatShare of the buyers, and at least
// MinRepeaters, bought again, from 0.8 of the usual gap (at most RepeatHorizon
// days ahead) until 3 gaps have passed. Purchases less than a day apart count
// as one.
func (w *work) findBuyAgain() {
	c := w.req.Customer
	if c == nil {
		return
	}
	list := slices.Clone(c.Purchases)
	slices.SortStableFunc(list, func(a, b Purchase) int {
		if a.Item != b.Item {
			return cmp.Compare(a.Item, b.Item)
		}
		return a.At.Compare(b.At)
	})
	for len(list) > 0 {
		n := 1
		for n < len(list) && list[n].Item == list[0].Item {
			n++
		}
		if int(list[0].Item) < w.cat.Len() {
			w.buyAgain(list[:n])
		}
		list = list[n:]
	}
}

// buyAgain judges the purchases of one item, oldest first.
func (w *work) buyAgain(purchases []Purchase) {
	i := purchases[0].Item
	if !w.open(i) || w.cat.Role(i) == recommend.RolePlan {
		return
	}
	own, category := w.facts.Repeats(i)
	share := ratio(float64(own.Repeaters), float64(own.Buyers))
	if share < w.set.MinRepeatShare || own.Repeaters < w.set.MinRepeaters {
		return
	}
	k := 0
	var first, last time.Time
	for _, p := range purchases {
		if p.At.After(w.req.Now) {
			break
		}
		if k == 0 {
			first = p.At
		}
		if k == 0 || p.At.Sub(last) >= day {
			k++
			last = p.At
		}
	}
	if k == 0 {
		return
	}
	span, since := days(last.Sub(first)), days(w.req.Now.Sub(last))
	mean := meanGap(own, category, w.set.RepeatPrior)
	if k > 1 {
		mean = span / float64(k-1)
	}
	if !(mean >= 1) || since < max(nearDue*mean, mean-w.set.RepeatHorizon) || since >= lapsed*mean {
		return
	}
	alpha, beta, ok := GammaPrior(own, category, w.set.RepeatPrior)
	if !ok {
		alpha, beta = w.set.DefaultShape, w.set.DefaultRate
	}
	p := ReplenishScore(min(share, 1), ReplenishRate(k, span, since, mean, alpha, beta), w.set.RepeatHorizon)
	margin, source := w.set.margin(w.cat.Item(i))
	score, worth := scored(p, 1, margin, source)
	if !worth {
		return
	}
	w.again = append(w.again, candidate{
		kind: KindBuyAgain, item: i, from: NoItem, rank: p, score: score,
		due: &due{
			at:  last.Add(time.Duration(mean * float64(day))),
			gap: mean, own: k > 1, late: since > lateDue*mean,
			elapsed: DaysSince(last, w.req.Now, w.req.Zone), known: own.Repeaters,
		},
	})
}

func days(d time.Duration) float64 { return d.Hours() / 24 }

// DaysSince is the number of midnights in zone between last and now: what
// people call days. A nil zone is UTC.
func DaysSince(last, now time.Time, zone *time.Location) int {
	if zone == nil {
		zone = time.UTC
	}
	midnight := func(t time.Time) time.Time {
		y, m, d := t.In(zone).Date()
		return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	}
	return int(midnight(now).Sub(midnight(last)) / day)
}
