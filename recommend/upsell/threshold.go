package upsell

import "osusume/recommend"

// Reaches reports whether an item of that price fills a gap without going far
// beyond it: gap <= price <= factor * gap.
func Reaches(price, gap int64, factor float64) bool {
	return gap > 0 && price >= gap && float64(price) <= factor*float64(gap)
}

// findThresholds notes what the cart is short of free shipping and of the next
// tier, and chooses items that lift it there: complements of the cart and items
// that are due again, priced within the gap and GapFactor times it, the most
// probable first. An empty cart, or one with a line of unknown price, is short
// of nothing.
func (w *work) findThresholds() {
	subtotal, ok := w.subtotal()
	if !ok || len(w.cart) == 0 {
		return
	}
	if t := w.req.FreeShipping; t.Currency == subtotal.Currency && subtotal.Amount < t.Amount {
		gap := recommend.Money{Amount: t.Amount - subtotal.Amount, Currency: t.Currency}
		w.nudge(KindCartThreshold, gap, Reason{Code: CodeShippingGap, Params: Params{Amount: gap}})
	}
	c := w.req.Customer
	if c == nil || c.NextTier == nil {
		return
	}
	if t := c.NextTier; t.Gap.Currency == subtotal.Currency && subtotal.Amount < t.Gap.Amount {
		gap := recommend.Money{Amount: t.Gap.Amount - subtotal.Amount, Currency: subtotal.Currency}
		w.nudge(KindTierNudge, gap, Reason{Code: CodeTierGap, Params: Params{Amount: gap, Tier: t.Name}})
	}
}

// subtotal is the cart's, tax included, and whether it is known.
func (w *work) subtotal() (recommend.Money, bool) {
	if w.req.Subtotal != (recommend.Money{}) {
		return w.req.Subtotal, true
	}
	if len(w.cart) != len(w.req.Cart) {
		return recommend.Money{}, false // a line of an unknown item
	}
	var sum recommend.Money
	for _, c := range w.cart {
		if c.price == (recommend.Money{}) || sum.Currency != "" && sum.Currency != c.price.Currency {
			return recommend.Money{}, false
		}
		sum.Currency = c.price.Currency
		sum.Amount += c.price.Amount * min(c.quantity, recommend.MaxAmount/max(c.price.Amount, 1))
		sum.Amount = min(sum.Amount, recommend.MaxAmount)
	}
	return sum, sum.Currency != ""
}

func (w *work) nudge(kind Kind, gap recommend.Money, why Reason) {
	w.gaps = append(w.gaps, Gap{Reason: why, Amount: gap})
	var list []candidate
	for _, found := range [...][]candidate{w.accessories, w.again} {
		for _, c := range found {
			price := w.cat.Item(c.item).Price
			if price.Currency != gap.Currency || !Reaches(price.Amount, gap.Amount, w.set.GapFactor) {
				continue
			}
			c.kind, c.rank, c.gap = kind, c.score.P, len(w.gaps)-1
			list = append(list, c)
		}
	}
	w.keep(list, w.set.MaxThreshold)
}
