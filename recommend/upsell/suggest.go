package upsell

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"osusume/recommend"
	"osusume/recommend/catalog"
)

// Suggester applies one set of settings. It is safe for concurrent use.
type Suggester struct{ set Settings }

// New returns a Suggester. Errors name the setting that makes no sense.
func New(settings Settings) (*Suggester, error) {
	s := &Suggester{set: settings.withDefaults()}
	if err := s.set.validate(); err != nil {
		return nil, err
	}
	return s, nil
}

// Suggest answers the request from the facts. It fails with recommend.Error on
// a request that makes no sense and on an unknown Request.ItemID; unknown items
// elsewhere are passed over.
func (s *Suggester) Suggest(req *Request, facts Facts) (Answer, error) {
	if err := req.validate(); err != nil {
		return Answer{}, err
	}
	w := &work{set: &s.set, req: req, facts: facts, cat: facts.Catalog()}
	if err := w.resolve(); err != nil {
		return Answer{}, err
	}
	w.know(req.Customer)

	switch req.Surface {
	case SurfaceProduct:
		w.findUpgrades(w.anchors[0], facts.Viewed, CodeViewedBought)
		w.findAccessories()
		w.keepUpgrades()
		w.keepAccessories()
		w.findBundles()
	case SurfaceCart:
		w.findAccessories()
		w.findBuyAgain()
		w.findThresholds()
		w.keepAccessories()
		w.findBundles()
	case SurfacePostPurchase:
		w.findAccessories()
		w.keepAccessories()
	case SurfaceAccount, SurfaceEmail:
		w.findBuyAgain()
		w.keep(slices.Clone(w.again), recommend.MaxLimit)
		w.findPlans()
		for _, a := range w.movable() {
			w.findUpgrades(a, facts.Bought, CodeBoughtThen)
		}
		w.keepUpgrades()
	}
	return w.answer(), nil
}

// kindOrder is the order of kinds on a surface.
func kindOrder(s Surface) []Kind {
	switch s {
	case SurfaceProduct:
		return []Kind{KindUpgrade, KindAccessory, KindBundle}
	case SurfaceCart:
		return []Kind{KindAccessory, KindCartThreshold, KindTierNudge, KindBundle}
	case SurfacePostPurchase:
		return []Kind{KindAccessory}
	default:
		return []Kind{KindBuyAgain, KindUpgrade, KindPlanUpgrade}
	}
}

// candidate is an item that may be suggested, before its reasons are made.
type candidate struct {
	kind     Kind
	item     uint32
	from     uint32
	rank     float64 // orders the candidates of one kind, greatest first
	score    Score
	evidence evidence
	due      *due    // of what is to be bought again
	gap      int     // of KindCartThreshold and KindTierNudge: place in work.gaps
	saved    int64   // of bundles and plans, in the currency of the item
	usage    float64 // of plans
}

// evidence is the count behind a candidate.
type evidence struct {
	code      Code
	chose, of uint32
}

// work is the state of one Suggest.
type work struct {
	set   *Settings
	req   *Request
	facts Facts
	cat   *catalog.Snapshot

	anchors []uint32   // what suggestions are found by
	cart    []cartItem // of known items
	shut    blocks     // never suggested: in the cart, excluded, dismissed
	owned   blocks
	// fresh are the families and groups of what was just bought.
	fresh blocks

	upgrades, accessories, again []candidate
	chosen                       []candidate
	gaps                         []Gap

	pairs []Pair
	pool  []float64
	paid  []float64
}

type cartItem struct {
	item     uint32
	quantity int64
	price    recommend.Money
}

// blocks are items, and groups and families of items, in ascending order.
type blocks struct{ items, groups, families []uint32 }

func (b *blocks) add(cat *catalog.Snapshot, i uint32) {
	b.items = append(b.items, i)
	if g := cat.Group(i); g != 0 {
		b.groups = append(b.groups, g)
	}
	if f := cat.Family(i); f != 0 {
		b.families = append(b.families, f)
	}
}

func (b *blocks) sort() {
	for _, l := range [...]*[]uint32{&b.items, &b.groups, &b.families} {
		slices.Sort(*l)
		*l = slices.Compact(*l)
	}
}

func in(list []uint32, v uint32) bool {
	_, found := slices.BinarySearch(list, v)
	return found
}

// has reports whether the item is blocked.
func (b *blocks) has(i uint32) bool { return in(b.items, i) }

// hasVariant reports whether the item or a variant of it is blocked.
func (b *blocks) hasVariant(cat *catalog.Snapshot, i uint32) bool {
	return in(b.items, i) || in(b.groups, cat.Group(i))
}

// hasModel reports whether the item, a variant or a model of its family is.
func (b *blocks) hasModel(cat *catalog.Snapshot, i uint32) bool {
	return b.hasVariant(cat, i) || in(b.families, cat.Family(i))
}

// resolve finds the items the request names.
func (w *work) resolve() error {
	req := w.req
	var anchors []uint32
	for _, l := range req.Cart {
		i, ok := w.cat.Lookup(l.ItemID)
		if !ok {
			continue
		}
		c := cartItem{item: i, quantity: max(l.Quantity, 1), price: l.Price}
		if c.price == (recommend.Money{}) {
			c.price = w.cat.Item(i).Price
		}
		w.cart = append(w.cart, c)
		w.shut.add(w.cat, i)
		if req.Surface == SurfaceCart {
			anchors = append(anchors, i)
		}
	}
	for _, id := range req.Exclude {
		if i, ok := w.cat.Lookup(id); ok {
			w.shut.items = append(w.shut.items, i)
		}
	}
	if req.Surface == SurfaceProduct {
		i, ok := w.cat.Lookup(req.ItemID)
		if !ok {
			return recommend.NotFound("item_id", "no item %q", req.ItemID)
		}
		anchors = append(anchors, i)
		w.shut.items = append(w.shut.items, i)
	}
	if req.Surface == SurfacePostPurchase {
		for _, id := range req.Order {
			if i, ok := w.cat.Lookup(id); ok {
				anchors = append(anchors, i)
			}
		}
	}
	for _, i := range anchors {
		if !slices.Contains(w.anchors, i) {
			w.anchors = append(w.anchors, i)
		}
	}
	return nil
}

// know takes in what is known of the customer.
func (w *work) know(c *Customer) {
	if c != nil {
		now := w.req.Now
		for _, p := range c.Purchases {
			if int(p.Item) >= w.cat.Len() || p.At.After(now) {
				continue
			}
			w.owned.add(w.cat, p.Item)
			if now.Sub(p.At) > w.set.JustBought {
				continue
			}
			w.fresh.add(w.cat, p.Item)
			if w.req.Surface == SurfacePostPurchase && len(w.req.Order) == 0 && !slices.Contains(w.anchors, p.Item) {
				w.anchors = append(w.anchors, p.Item)
			}
		}
		for _, d := range c.Dismissed {
			if int(d.Item) < w.cat.Len() && now.Sub(d.At) < w.set.CoolDown {
				// A variant is the same proposition in another colour.
				w.shut.items = append(w.shut.items, d.Item)
				if g := w.cat.Group(d.Item); g != 0 {
					w.shut.groups = append(w.shut.groups, g)
				}
			}
		}
	}
	w.shut.sort()
	w.owned.sort()
	w.fresh.sort()
}

// open reports whether the item can be suggested to somebody who may own it.
func (w *work) open(i uint32) bool {
	return w.cat.Eligible().Has(i) && !w.shut.hasVariant(w.cat, i)
}

// byRank orders candidates: rank descending, external id ascending; one item
// found by several others goes by their ids.
func (w *work) byRank(a, b candidate) int {
	switch {
	case a.rank != b.rank:
		return cmp.Compare(b.rank, a.rank)
	case a.item != b.item:
		return strings.Compare(w.cat.ID(a.item), w.cat.ID(b.item))
	case a.from == NoItem || b.from == NoItem:
		return cmp.Compare(a.from, b.from)
	default:
		return strings.Compare(w.cat.ID(a.from), w.cat.ID(b.from))
	}
}

// keep chooses the best of list, at most limit and no item that is chosen
// already.
func (w *work) keep(list []candidate, limit int) {
	slices.SortFunc(list, w.byRank)
	for _, c := range list {
		if limit == 0 {
			return
		}
		if !w.isChosen(c.item) {
			w.chosen = append(w.chosen, c)
			limit--
		}
	}
}

func (w *work) isChosen(item uint32) bool {
	return slices.ContainsFunc(w.chosen, func(c candidate) bool { return c.item == item })
}

// answer puts what is chosen in order and makes the suggestions.
func (w *work) answer() Answer {
	limit := w.req.Limit
	if limit == 0 {
		limit = recommend.DefaultLimit
	}
	out := Answer{Gaps: w.gaps}
	for _, kind := range kindOrder(w.req.Surface) {
		n := len(out.Suggestions)
		for i := range w.chosen {
			if w.chosen[i].kind == kind && len(out.Suggestions) < limit {
				out.Suggestions = append(out.Suggestions, w.suggestion(&w.chosen[i]))
			}
		}
		if len(out.Suggestions) > n {
			out.Kinds = append(out.Kinds, kind)
		}
	}
	return out
}

// scored completes a score and reports whether it is worth suggesting.
func scored(p, fit, margin float64, source MarginSource) (Score, bool) {
	s := Score{P: p, PriceFit: fit, MarginDelta: margin, EV: p * fit * margin, MarginSource: source}
	return s, s.EV > 0 && !math.IsInf(s.EV, 0)
}
