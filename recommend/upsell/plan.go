package upsell

import (
	"math"
	"slices"

	"osusume/recommend"
)

// findPlans chooses, for each plan in use, the better plan of its family or
// item group (retention specification, section 3): when usage reaches PlanUsage
// of the limit or what was paid beyond the plan exceeds the difference of
// prices. Of several the one that saves most, then the cheapest. It must cost
// more, be worse along no axis and better along one, and earn more; the price
// band of upgrades does not apply. The usage, at most 1, stands for p.
func (w *work) findPlans() {
	c := w.req.Customer
	if c == nil {
		return
	}
	var list []candidate
	for _, u := range c.Usage {
		if int(u.Plan) >= w.cat.Len() || w.fresh.hasModel(w.cat, u.Plan) {
			continue
		}
		if c, ok := w.betterPlan(u); ok {
			list = append(list, c)
		}
	}
	w.keep(list, recommend.MaxLimit)
}

func (w *work) betterPlan(u Usage) (candidate, bool) {
	from := w.cat.Item(u.Plan)
	used := 0.0
	if u.Limit > 0 && u.Used > 0 && !math.IsInf(u.Used, 0) {
		used = u.Used / u.Limit
	}
	var best candidate
	found := false
	visit := func(b uint32) {
		to := w.cat.Item(b)
		if b == u.Plan || to.Role != recommend.RolePlan || !w.open(b) || w.owned.has(b) || w.fresh.hasModel(w.cat, b) ||
			to.Price.Currency != from.Price.Currency || to.Price.Amount <= from.Price.Amount {
			return
		}
		delta := to.Price.Amount - from.Price.Amount
		saving := int64(0)
		if u.Overage.Currency == to.Price.Currency {
			saving = max(u.Overage.Amount-delta, 0)
		}
		if saving == 0 && !w.full(used) {
			return
		}
		if gained, lost := axes(from, to); lost || gained == 0 {
			return
		}
		p := min(used, 1)
		if saving > 0 {
			p = 1 // the limit is passed already
		}
		margin, source := w.set.marginDelta(from, to)
		score, worth := scored(p, 1, margin, source)
		if !worth {
			return
		}
		c := candidate{
			kind: KindPlanUpgrade, item: b, from: u.Plan, rank: score.EV, score: score, usage: used, saved: saving,
		}
		if !found || w.betterOf(&c, &best) {
			best, found = c, true
		}
	}
	members := w.cat.InFamily(w.cat.Family(u.Plan)).AppendTo(nil)
	members = w.cat.InGroup(w.cat.Group(u.Plan)).AppendTo(members)
	slices.Sort(members)
	for _, b := range slices.Compact(members) {
		visit(b)
	}
	return best, found
}

// full reports whether a share of the limit calls for a larger plan; 2.4 of 3
// is 80 % in spite of rounding.
func (w *work) full(used float64) bool { return used >= w.set.PlanUsage-1e-9 }

// betterOf reports whether the customer is better served by plan a than by b.
func (w *work) betterOf(a, b *candidate) bool {
	if a.saved != b.saved {
		return a.saved > b.saved
	}
	pa, pb := w.cat.Item(a.item).Price.Amount, w.cat.Item(b.item).Price.Amount
	if pa != pb {
		return pa < pb
	}
	return w.cat.Less(a.item, b.item)
}
