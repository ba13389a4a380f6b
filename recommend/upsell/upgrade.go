package upsell

import (
	"math"
	"slices"

	"osusume/recommend"
)

// findUpgrades collects the better models instead of a. An upgrade B of A
// (retention specification, section 3)
//
//   - is of A's item group or family and of its role: never an accessory,
//     consumable or plan in place of a main item,
//   - is in stock, not owned, nor a variant of what is owned,
//   - costs MinPriceRatio to MaxPriceRatio of A's price, in one currency,
//   - is worse along no axis that either declares; an unknown value is no loss
//     and no gain,
//   - is rated at most RatingSlack below A; no rating is no loss,
//   - brings a gain along an axis, a better rating, or was chosen by at least
//     EvidenceChose customers,
//   - was not passed over by all of at least EvidenceOf customers who had the
//     choice,
//   - and has EV = p * fit * (margin_B - margin_A) above zero, with
//     p = (sub + m*p0) / (n + m).
//
// Nothing is an upgrade of what the customer bought within JustBought: neither
// the anchor nor the better model is of a family or group bought then.
func (w *work) findUpgrades(a uint32, count func(a, b uint32) Choice, code Code) {
	price := w.cat.Price(a)
	if math.IsNaN(price) || w.fresh.hasModel(w.cat, a) {
		return
	}
	family, group := w.cat.Family(a), w.cat.Group(a)
	pool := w.upgradePool(a)
	var q float64
	known := false
	from := w.cat.Item(a)
	visit := func(b uint32) {
		ratio := w.cat.Price(b) / price
		if !(ratio >= w.set.MinPriceRatio && ratio <= w.set.MaxPriceRatio) || b == a {
			return
		}
		if !w.open(b) || w.owned.hasVariant(w.cat, b) || w.fresh.hasModel(w.cat, b) || !sameRole(w.cat.Role(a), w.cat.Role(b)) {
			return
		}
		to := w.cat.Item(b)
		if to.Price.Currency != from.Price.Currency || to.Rating != 0 && from.Rating != 0 && to.Rating < from.Rating-w.set.RatingSlack-1e-9 {
			return
		}
		gained, lost := axes(from, to)
		if lost {
			return
		}
		choice := count(a, b)
		rated := from.Rating != 0 && to.Rating > from.Rating
		if gained == 0 && !rated && choice.Chose < w.set.EvidenceChose ||
			choice.Chose == 0 && choice.Of >= w.set.EvidenceOf {
			return
		}
		if !known {
			q, known = w.affinity(a, pool), true
		}
		delta, source := w.set.marginDelta(from, to)
		fit := Fit(pool.percentile(w.cat.Price(b)), q, w.set.FitWidth)
		score, worth := scored(Shrunk(choice, w.set.PriorWeight), fit, delta, source)
		if !worth {
			return
		}
		w.upgrades = append(w.upgrades, candidate{
			kind: KindUpgrade, item: b, from: a, rank: score.EV, score: score,
			evidence: evidence{code, choice.Chose, choice.Of},
		})
	}
	if family != 0 {
		for b := range w.cat.InFamily(family).All() {
			visit(b)
		}
	}
	if group != 0 {
		for b := range w.cat.InGroup(group).All() {
			if family == 0 || w.cat.Family(b) != family {
				visit(b)
			}
		}
	}
}

// upgradePool returns the prices that upgrades of a are compared with.
func (w *work) upgradePool(a uint32) prices {
	members, ok := w.poolOf(a)
	if !ok {
		members = w.cat.InGroup(w.cat.Group(a))
	}
	return w.pricesOf(members, a)
}

// sameRole reports whether one item can stand in for another; without a role
// an item is taken for a main one.
func sameRole(a, b recommend.Role) bool {
	if a == recommend.RoleNone {
		a = recommend.RoleMain
	}
	if b == recommend.RoleNone {
		b = recommend.RoleMain
	}
	return a == b
}

// keepUpgrades chooses the best upgrades, each item from its best anchor.
func (w *work) keepUpgrades() {
	w.keep(w.upgrades, w.set.MaxUpgrades)
}

// movable lists the customer's purchases that they may be asked to move on
// from: those of the last MovesOn that are not used up nor plans, and of which
// no model of the family was bought since.
func (w *work) movable() []uint32 {
	c := w.req.Customer
	if c == nil {
		return nil
	}
	var list []uint32
	var later blocks
	for i := len(c.Purchases) - 1; i >= 0; i-- {
		p := c.Purchases[i]
		age := w.req.Now.Sub(p.At)
		if int(p.Item) >= w.cat.Len() || age > w.set.MovesOn || age < 0 {
			continue
		}
		family, group := w.cat.Family(p.Item), w.cat.Group(p.Item)
		superseded := family != 0 && slices.Contains(later.families, family) ||
			group != 0 && slices.Contains(later.groups, group)
		later.add(w.cat, p.Item)
		role := w.cat.Role(p.Item)
		if !superseded && role != recommend.RoleConsumable && role != recommend.RolePlan {
			list = append(list, p.Item)
		}
	}
	return list
}
