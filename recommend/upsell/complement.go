package upsell

import (
	"slices"
	"strings"

	"osusume/recommend"
)

// findAccessories collects what goes with the anchors. A complement B of A
// (retention specification, section 3)
//
//   - was bought with A by at least MinTogether customers, with a lift above
//     MinLift and a G2 of at least MinG2,
//   - is no substitute: never of A's leaf category, family or item group, nor a
//     pair that is viewed together or viewed and then bought,
//   - fits: what declares what it is compatible with must name A,
//   - goes with A and not A with it: a main item is no accessory of an
//     accessory, and what most bought before A does not follow A,
//   - has EV = P(B|A) * margin_B above zero.
//
// Customers are evidence: floors and what is told count them, so that no one who
// orders often is taken for many. P(B|A) is of orders (Pair.Share), because that is
// what a suggestion may come true in.
//
// The leaf categories of everything in the cart count as A's. Of several
// anchors the one with the greatest P(B|A) speaks for B.
func (w *work) findAccessories() {
	all := w.facts.Buyers()
	var leaves []uint32
	var models blocks
	near := func(i uint32) {
		leaves = append(leaves, w.cat.Leaf(i))
		models.add(w.cat, i)
	}
	for _, a := range w.anchors {
		near(a)
	}
	for _, c := range w.cart {
		near(c.item)
	}
	models.sort()
	slices.Sort(leaves)

	for _, a := range w.anchors {
		w.pairs = w.facts.Together(a, w.pairs[:0])
		w.accessories = slices.Grow(w.accessories, len(w.pairs))
		for i := range w.pairs {
			p := &w.pairs[i]
			b := p.Item
			if p.Substitute || !w.open(b) || w.owned.hasVariant(w.cat, b) || models.hasModel(w.cat, b) {
				continue
			}
			if l := w.cat.Leaf(b); l != 0 && in(leaves, l) {
				continue
			}
			t := Association{Both: p.Both, OfA: p.OfA, OfB: p.OfB, All: all}
			if !w.set.complement(t) || !w.goesWith(a, p) {
				continue
			}
			margin, source := w.set.margin(w.cat.Item(b))
			score, worth := scored(p.chance(), 1, margin, source)
			if !worth {
				continue
			}
			w.accessories = append(w.accessories, candidate{
				kind: KindAccessory, item: b, from: a, rank: score.EV, score: score,
				evidence: evidence{CodeTogether, p.Both, p.OfA},
			})
		}
	}
}

// goesWith reports whether B goes with A by role, compatibility and the order
// people buy them in.
func (w *work) goesWith(a uint32, p *Pair) bool {
	ra, rb := w.cat.Role(a), w.cat.Role(p.Item)
	if rb == recommend.RoleMain && (ra == recommend.RoleAccessory || ra == recommend.RoleConsumable || ra == recommend.RolePlan) {
		return false
	}
	ia, ib := w.cat.Item(a), w.cat.Item(p.Item)
	if len(ib.CompatibleWith) > 0 {
		return compatible(ia, ib)
	}
	declared := ra == recommend.RoleMain && rb != recommend.RoleNone && rb != recommend.RoleMain
	if ordered := p.After + p.Before; !declared && ordered >= w.set.MinDirection {
		return float64(p.Before) < w.set.WrongWay*float64(ordered)
	}
	return true
}

// compatible reports whether b, which declares what it fits, fits a: by a's
// id, its item group, an attribute "key=value", or, for two things that both
// fit something else, by one entry in common.
func compatible(a, b *recommend.Item) bool {
	for _, fits := range b.CompatibleWith {
		if fits == a.ID || a.GroupID != "" && fits == a.GroupID || slices.Contains(a.CompatibleWith, fits) {
			return true
		}
		if key, value, ok := strings.Cut(fits, "="); ok && value != "" && a.Attributes[key] == value {
			return true
		}
	}
	return false
}

// keepAccessories chooses the best complements, one per leaf category.
func (w *work) keepAccessories() {
	slices.SortFunc(w.accessories, w.byRank)
	var leaves []uint32
	for _, c := range w.chosen {
		if c.kind == KindCartThreshold || c.kind == KindTierNudge {
			leaves = append(leaves, w.cat.Leaf(c.item))
		}
	}
	for _, c := range w.accessories {
		l := w.cat.Leaf(c.item)
		if w.isChosen(c.item) || l != 0 && slices.Contains(leaves, l) {
			continue
		}
		leaves = append(leaves, l)
		w.chosen = append(w.chosen, c)
	}
}
