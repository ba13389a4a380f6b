package engine

import (
	"math"
	"slices"

	"osusume/recommend"
	"osusume/recommend/profile"
)

// subject is whom a request is about, resolved.
type subject struct {
	visitor *profile.Visitor // nil when unknown
	session uint32           // group node of the session asked for, 0 for none
}

func (v *View) subject(req *recommend.Request) subject {
	var s subject
	if p, node := v.visitors.Session(req.SessionID); p != nil {
		s = subject{p, node}
	}
	if p := v.visitors.Anonymous(req.AnonymousID); p != nil {
		s.visitor = p
	}
	if req.CustomerID != "" {
		// A customer id decides: an unknown customer is a new one, but a
		// session under way still counts.
		if p := v.visitors.Customer(req.CustomerID); p != nil {
			s.visitor = p
		}
	}
	return s
}

const (
	// maxSession bounds the steps of a session that count.
	maxSession = 100
	// cartDays is how long a cart is remembered.
	cartDays = 7
)

// context fills the scratch with the session and cart of the request: what the
// request brings, else what is stored. It hides what is context already.
func (v *View) context(s *scratch, req *recommend.Request, who subject) {
	if len(req.SessionItems) > 0 {
		for k := len(req.SessionItems) - 1; k >= 0 && len(s.session) < maxSession; k-- {
			if i, ok := v.catalog.Lookup(req.SessionItems[k]); ok {
				s.session = append(s.session, steps{item: i})
			}
		}
	} else if who.visitor != nil {
		v.storedSession(s, who)
	}
	for _, id := range req.Exclude {
		if i, ok := v.catalog.Lookup(id); ok {
			s.hide(i)
		}
	}
	if i, ok := v.catalog.Lookup(req.ItemID); ok {
		s.cart = append(s.cart, i)
	}
	for _, id := range req.Cart {
		if i, ok := v.catalog.Lookup(id); ok && !slices.Contains(s.cart, i) {
			s.cart = append(s.cart, i)
		}
	}
	inCart := len(s.cart)
	if inCart == 0 && who.visitor != nil {
		inCart = v.storedCart(s, who.visitor)
	}
	for _, i := range s.cart[:inCart] {
		v.hideWithVariants(s, i)
	}
}

// hideWithVariants keeps an item and the variants of its group out of the list.
func (v *View) hideWithVariants(s *scratch, item uint32) {
	s.hide(item)
	if group := v.catalog.Group(item); group != 0 {
		for other := range v.catalog.InGroup(group).All() {
			s.hide(other)
		}
	}
}

// storedSession takes the steps of the session asked for, else the newest ones.
func (v *View) storedSession(s *scratch, who subject) {
	for _, node := range [...]uint32{who.session, 0} {
		for k := len(who.visitor.Lines) - 1; k >= 0 && len(s.session) < maxSession; k-- {
			l := who.visitor.Lines[k]
			if l.Browsed() && (node == 0 || l.Group == node) {
				s.session = append(s.session, steps{item: l.Item, age: v.age(l)})
			}
		}
		if len(s.session) > 0 {
			return
		}
	}
}

// storedCart takes what was put into the cart lately and neither bought nor
// removed since, and returns how much that is. Without any, the last order is
// the context if it was placed lately; what was bought may be bought again, so
// that is left to the placement's rule.
func (v *View) storedCart(s *scratch, p *profile.Visitor) int {
	for k := len(p.Lines) - 1; k >= 0 && v.age(p.Lines[k]) <= cartDays; k-- {
		l := p.Lines[k]
		switch l.Kind {
		case recommend.Purchase, recommend.RemoveFromCart:
			s.weight[l.Item] = 1 // settled: earlier additions do not count
		case recommend.AddToCart:
			if s.weight[l.Item] == 0 {
				s.weight[l.Item] = 1
				s.cart = append(s.cart, l.Item)
			}
		}
	}
	var order uint32
	for k := len(p.Lines) - 1; k >= 0 && v.age(p.Lines[k]) <= cartDays; k-- {
		l := p.Lines[k]
		s.weight[l.Item] = 0
		if l.Kind == recommend.Purchase && order == 0 && len(s.cart) == 0 {
			order = l.Group
		}
	}
	inCart := len(s.cart)
	for k := len(p.Lines) - 1; order != 0 && k >= 0; k-- {
		if l := p.Lines[k]; l.Group == order && l.Kind == recommend.Purchase && !slices.Contains(s.cart, l.Item) {
			s.cart = append(s.cart, l.Item)
		}
	}
	return inCart
}

// age is how many days ago the line was, at least 0.
func (v *View) age(l profile.Line) float64 {
	return max(0, float64(v.asOf.Unix()-int64(l.Time))/secondsPerDay)
}

// hideKnown applies what the request or the placement says about items the
// visitor has bought or seen.
func (v *View) hideKnown(s *scratch, req *recommend.Request, place Placement, p *profile.Visitor) {
	bought, hideSeen := place.Bought, place.HideSeen
	switch req.Repeat {
	case recommend.RepeatAllow:
		bought, hideSeen = BoughtAlways, false
	case recommend.RepeatExclude:
		bought, hideSeen = BoughtNever, true
	}
	if hideSeen {
		for _, step := range s.session {
			s.hide(step.item)
		}
	}
	if p == nil || bought == BoughtAlways {
		return
	}
	for _, l := range p.Lines {
		if l.Bought() && (bought == BoughtNever || !v.rebuys(l.Item)) {
			v.hideWithVariants(s, l.Item)
		}
	}
}

// rotateDays is how long an impression counts.
const rotateDays = 14

// rotate weakens what was shown lately and not touched since.
func (v *View) rotate(s *scratch, strength float64, p *profile.Visitor) {
	if len(p.Shown) == 0 {
		return
	}
	touchedAt := make(map[uint32]uint32)
	for k := len(p.Lines) - 1; k >= 0 && v.age(p.Lines[k]) <= rotateDays; k-- {
		if _, ok := touchedAt[p.Lines[k].Item]; !ok {
			touchedAt[p.Lines[k].Item] = p.Lines[k].Time
		}
	}
	shown := make(map[uint32]int)
	for k := len(p.Shown) - 1; k >= 0 && v.age(p.Shown[k]) <= rotateDays; k-- {
		if l := p.Shown[k]; l.Time > touchedAt[l.Item] {
			shown[l.Item]++
		}
	}
	s.rotation = make(map[uint32]float32, len(shown))
	for item, n := range shown {
		s.rotation[item] = float32(1 / (1 + strength*float64(n)))
	}
}

// rebuys reports whether people buy the item again.
func (v *View) rebuys(item uint32) bool {
	switch v.catalog.Role(item) {
	case recommend.RoleConsumable:
		return true
	case recommend.RoleMain, recommend.RolePlan:
		return false // upgrades are for the item's family, not for a second one
	}
	return int(item) < len(v.popular.rebuy) && v.popular.rebuy[item]
}

// profile builds the profile of a signal, heaviest item first.
func (v *View) profile(s *scratch, sig *signal, p *profile.Visitor, out []profileItem) []profileItem {
	switch sig.From {
	case FromBought:
		if p == nil {
			return out
		}
		for k := len(p.Lines) - 1; k >= 0; k-- {
			l := p.Lines[k]
			if !l.Bought() {
				continue
			}
			if s.weight[l.Item] == 0 {
				out = append(out, profileItem{item: l.Item})
			} else if sig.Binary {
				continue
			}
			s.weight[l.Item] += decay(v.age(l), sig.HalfLifeDays)
		}
	case FromSession:
		for _, step := range s.session {
			if s.weight[step.item] != 0 {
				continue
			}
			w := decay(step.age, sig.HalfLifeDays)
			if sig.StepDecay > 0 {
				w *= float32(math.Exp(-float64(len(out)) / sig.StepDecay))
			}
			s.weight[step.item] = w
			out = append(out, profileItem{item: step.item})
			if len(out) == sig.MaxItems {
				break
			}
		}
	case FromCart:
		for _, i := range s.cart {
			s.weight[i] = 1
			out = append(out, profileItem{item: i})
		}
	}
	var total float32
	for k := range out {
		out[k].weight = s.weight[out[k].item]
		s.weight[out[k].item] = 0
		total += out[k].weight
	}
	if sig.MaxItems > 0 && len(out) > sig.MaxItems {
		slices.SortStableFunc(out, func(a, b profileItem) int {
			switch {
			case a.weight > b.weight:
				return -1
			case a.weight < b.weight:
				return 1
			default:
				return 0
			}
		})
		out = out[:sig.MaxItems]
	}
	scale := float32(sig.Scale) / v.lists[sig.set].scale
	if sig.Normalise && total > 0 {
		scale /= total
	}
	for k := range out {
		out[k].weight = max(out[k].weight*scale, leastWeight)
	}
	return out
}

// leastWeight keeps the product with any neighbour's weight, at least 1e-30, from
// vanishing: a candidate counts as new while its sum is 0.
const leastWeight = 1e-14

// decay is 2^(-age/halfLife), never 0 so that old items stay in the profile.
func decay(age, halfLife float64) float32 {
	if halfLife <= 0 {
		return 1
	}
	return max(float32(math.Exp2(-age/halfLife)), 1e-20)
}
