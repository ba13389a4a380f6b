package engine

import (
	"slices"
	"time"

	"osusume/recommend"
	"osusume/recommend/catalog"
	"osusume/recommend/cooccur"
	"osusume/recommend/evidence"
	"osusume/recommend/profile"
	"osusume/recommend/upsell"
	"osusume/recommend/weight"
)

// UpsellRequest asks for suggestions: upsell.Request, of which Customer is made
// from what is known of the visitor and what the shop states here, and Now, unless
// it is set, is the View's moment.
type UpsellRequest struct {
	upsell.Request
	CustomerID, AnonymousID, SessionID string
	// Usage is how much of the plans in use the customer used, as the shop knows.
	Usage []PlanUsage
	// NextTier is the loyalty tier the customer has not reached, nil without one.
	NextTier *upsell.Tier
}

// PlanUsage is upsell.Usage by the plan's item id. Unknown plans are passed over.
type PlanUsage struct {
	PlanID      string
	Used, Limit float64
	Overage     recommend.Money
}

// Suggestion is upsell.Suggestion with the ids of its items.
type Suggestion struct {
	upsell.Suggestion
	ItemID string
	FromID string // empty without one
	// PartIDs are the items of a bundle.
	PartIDs []string
}

// UpsellAnswer is upsell.Answer with the ids of its items.
type UpsellAnswer struct {
	Kinds       []upsell.Kind
	Suggestions []Suggestion
	Gaps        []upsell.Gap
	AppliedSeq  uint64
	AsOf        time.Time
}

// Upsell finds what serves the customer better than, or together with, what they
// look at, hold in the cart, bought or own. Errors are those of upsell.Suggest.
func (v *View) Upsell(req *UpsellRequest) (UpsellAnswer, error) {
	ask := req.Request
	if ask.Now.IsZero() {
		ask.Now = v.asOf
	}
	who := v.subject(&recommend.Request{CustomerID: req.CustomerID, AnonymousID: req.AnonymousID, SessionID: req.SessionID})
	ask.Customer = v.upsellCustomer(req, who.visitor)
	found, err := v.suggester.Suggest(&ask, &upsellFacts{v: v})
	if err != nil {
		return UpsellAnswer{}, err
	}
	out := UpsellAnswer{
		Kinds: found.Kinds, Gaps: found.Gaps, AppliedSeq: v.seq, AsOf: v.asOf,
		Suggestions: make([]Suggestion, len(found.Suggestions)),
	}
	for i, s := range found.Suggestions {
		named := Suggestion{Suggestion: s, ItemID: v.catalog.ID(s.Item)}
		if s.From != upsell.NoItem {
			named.FromID = v.catalog.ID(s.From)
		}
		for _, part := range s.Parts {
			named.PartIDs = append(named.PartIDs, v.catalog.ID(part))
		}
		out.Suggestions[i] = named
	}
	return out, nil
}

// upsellCustomer is what the history and the shop tell of who asks. What was given
// back is not owned; of several opinions on an item the last one counts, in
// whatever channel it was given.
func (v *View) upsellCustomer(req *UpsellRequest, p *profile.Visitor) *upsell.Customer {
	c := &upsell.Customer{NextTier: req.NextTier}
	for _, u := range req.Usage {
		if plan, ok := v.catalog.Lookup(u.PlanID); ok {
			c.Usage = append(c.Usage, upsell.Usage{Plan: plan, Used: u.Used, Limit: u.Limit, Overage: u.Overage})
		}
	}
	if p == nil {
		return c
	}
	var refunds []profile.Line
	opinions := 0
	for i := range p.Lines {
		switch l := &p.Lines[i]; l.Kind {
		case recommend.Refund:
			refunds = append(refunds, *l)
		case recommend.Feedback:
			opinions++
		default:
		}
	}
	for i := range p.Lines {
		if l := &p.Lines[i]; l.Kind == recommend.Purchase && !returned(l, refunds) && !twice(p.Lines[:i], l) {
			c.Purchases = append(c.Purchases, upsell.Purchase{Item: l.Item, At: moment(l)})
		}
	}
	if opinions > 0 {
		c.Dismissed = dismissals(p.Lines)
	}
	return c
}

func moment(l *profile.Line) time.Time { return time.Unix(int64(l.Time), 0).UTC() }

// returned reports whether all of a purchase was given back.
func returned(l *profile.Line, refunds []profile.Line) bool {
	for i := range refunds {
		if r := &refunds[i]; r.Item == l.Item && r.Group == l.Group && r.Quantity >= l.Quantity {
			return true
		}
	}
	return false
}

// twice reports whether the order of l, whose earlier lines end before, had the item
// already.
func twice(before []profile.Line, l *profile.Line) bool {
	for i := len(before) - 1; i >= 0 && before[i].Time == l.Time; i-- {
		if b := &before[i]; b.Item == l.Item && b.Group == l.Group && b.Kind == l.Kind {
			return true
		}
	}
	return false
}

// dismissals are the items the visitor's last opinion of is negative.
func dismissals(lines []profile.Line) []upsell.Dismissal {
	var list []upsell.Dismissal
	heard := map[uint32]bool{}
	for i := len(lines) - 1; i >= 0; i-- {
		l := &lines[i]
		if l.Kind != recommend.Feedback || heard[l.Item] {
			continue
		}
		heard[l.Item] = true
		if l.Quantity == dismissed {
			list = append(list, upsell.Dismissal{Item: l.Item, At: moment(l)})
		}
	}
	return list
}

// upsellFacts is what a View knows, for one request.
//
// Items bought together are found in two lists of an item: also_bought counts distinct
// customers, and the lists of the item page (company) say how probable it is that one
// order holds both. Lists, and the buyers beside them, follow the events by some
// seconds at most.
type upsellFacts struct {
	v *View
	// pool is the evidence of the relatives of the item asked about last.
	pool  evidence.Pool
	of    uint32
	known bool
}

func (f *upsellFacts) Catalog() *catalog.Snapshot { return f.v.catalog }

func (f *upsellFacts) Viewed(a, b uint32) upsell.Choice {
	v := f.v
	return upsell.Choice{
		Chose: v.evidence.Pair(a, b).Sub, Of: v.evidence.Item(a).Chosen, Base: f.relatives(a).SubRate(),
	}
}

func (f *upsellFacts) Bought(a, b uint32) upsell.Choice {
	v := f.v
	return upsell.Choice{
		Chose: v.evidence.Pair(a, b).Upg, Of: v.evidence.Item(a).BoughtOn, Base: f.relatives(a).UpgRate(),
	}
}

func (f *upsellFacts) Compared(a, b uint32) uint32 { return f.v.evidence.Pair(a, b).Cmp }

// relatives sums up the evidence of the family of an item, without one of its group.
func (f *upsellFacts) relatives(item uint32) evidence.Pool {
	if f.known && f.of == item {
		return f.pool
	}
	names := f.v.catalog
	f.of, f.known, f.pool = item, true, evidence.Pool{}
	switch family, group := names.Family(item), names.Group(item); {
	case family != 0:
		f.pool = f.v.evidence.Pool(names.InFamily(family).All())
	case group != 0:
		f.pool = f.v.evidence.Pool(names.InGroup(group).All())
	}
	return f.pool
}

func (f *upsellFacts) Buyers() uint32 { return f.v.popular.customers }

// Together tells the order in which two items are bought by their leaf categories:
// per pair of items it would be too thin to say anything.
//
// That the same customers buy two things says that they have one taste, not that the
// things belong together. So, where orders with a hold anything else, b is left out
// unless leastOrders hold both or b declares what it fits.
func (f *upsellFacts) Together(a uint32, buf []upsell.Pair) []upsell.Pair {
	v := f.v
	if int(a) >= v.catalog.Len() {
		return buf
	}
	bought := v.lists[v.related[recommend.AlsoBought]].of(a)
	leaf := v.catalog.Leaf(a)
	supports := bought.Supports()
	looks := v.looks(a)
	orders := v.company(a)
	for k, cell := range bought.Cells() {
		b := cell.Item
		share := orders.share(b)
		if share == 0 && orders.list.Len() > 0 && len(v.catalog.Item(b).CompatibleWith) == 0 {
			continue
		}
		p := upsell.Pair{
			Item: b, Both: supports[k], Share: share,
			// Lists and buyers may be of different moments.
			OfA: max(bought.Of(), supports[k]), OfB: max(v.buyersOf(b), supports[k]),
		}
		if other := v.catalog.Leaf(b); leaf != 0 && other != 0 {
			p.After, p.Before = v.evidence.LeafThen(leaf, other), v.evidence.LeafThen(other, leaf)
		}
		p.Substitute = looks.compete(&p)
		buf = append(buf, p)
	}
	return buf
}

// leastOrders is how many orders must hold two items for them to be company.
const leastOrders = 2

// company is what one order holds beside an item. Its list is the one that fills the
// page of an item: learned from orders of which recent and small ones say more, and
// with what sells now, it foresees orders better than their plain counts do. Weights
// are brought to the scale of those counts, so that they are shares of orders.
type company struct {
	list weight.List
	// trend is the trend factor of an item.
	trend func(item uint32) float64
	// scale makes the mean of the weights the mean share of orders.
	scale float64
}

// company returns what orders hold beside item: by the model of placement "item" if it
// goes by orders, else as bought_together.
func (v *View) company(item uint32) company {
	set := v.related[recommend.BoughtTogether]
	trend := func(uint32) float64 { return 1 }
	if m := v.model(v.settings.Placements["item"].Model); m != nil {
		k := slices.IndexFunc(m.signals, func(s signal) bool {
			return s.From == FromCart && v.lists[s.set].kind == cooccur.Orders
		})
		if k >= 0 {
			set = m.signals[k].set
			trend = func(item uint32) float64 { return float64(v.trend(m, item)) }
		}
	}
	c := company{list: v.lists[set].of(item), trend: trend}
	weights, orders := 0.0, 0.0
	for k, cell := range c.list.Cells() {
		weights += float64(cell.Value) * trend(cell.Item)
		orders += float64(c.list.Supports()[k])
	}
	if weights > 0 && c.list.Of() > 0 {
		c.scale = orders / float64(c.list.Of()) / weights
	}
	return c
}

// share is how probable it is that an order with the item holds b, 0 for fewer than
// leastOrders that did.
func (c *company) share(b uint32) float64 {
	for k, cell := range c.list.Cells() {
		if cell.Item == b {
			if c.list.Supports()[k] < leastOrders {
				return 0
			}
			return min(float64(cell.Value)*c.trend(b)*c.scale, 1)
		}
	}
	return 0
}

// buyersOf is how many customers bought an item, ever.
func (v *View) buyersOf(item uint32) uint32 {
	if buyers := v.popular.buyers[windowIndex(0)]; int(item) < len(buyers) {
		return buyers[item]
	}
	return 0
}

func (f *upsellFacts) Repeats(item uint32) (own, category upsell.Repeats) {
	e := &f.v.evidence
	own = repeatsOf(e.Repeat(item))
	if leaf := f.v.catalog.Leaf(item); leaf != 0 {
		category = repeatsOf(e.LeafRepeat(leaf))
	}
	return own, category
}

func repeatsOf(r evidence.Repeat) upsell.Repeats {
	return upsell.Repeats{
		Buyers: r.Buyers, Repeaters: r.Repeaters,
		RateSum:     float64(r.Rates) / evidence.RateUnit,
		RateSquares: float64(r.RatesSquared) / (evidence.RateUnit * evidence.RateUnit),
		Gaps:        r.Gaps, GapDays: float64(r.Days),
	}
}

func (f *upsellFacts) Bundles(item uint32, buf []uint32) []uint32 {
	return f.v.catalog.Bundles(f.v.catalog.ID(item)).AppendTo(buf)
}
