package demoshop

import (
	"fmt"
	"math"
	"slices"
	"time"

	"osusume/recommend"
)

// purpose is why somebody comes.
type purpose uint8

const (
	visitPlain  purpose = iota
	visitFirst          // signs up; one-time customers always buy
	visitGlance         // never says who it is, never buys
)

// session writes the events of one visit.
type session struct {
	sim      *simulation
	who      int
	id       string
	channel  string
	loggedIn bool
	named    bool // the anonymous id has been tied to the customer in this visit
	at       int64
	seen     []int
	cart     []int
}

func (s *simulation) open(who int, anonymous bool) *session {
	s.sessions++
	p := &s.people[who]
	b := &session{
		sim: s, who: who, id: fmt.Sprintf("s-%06d", s.sessions), channel: "web",
		loggedIn: !anonymous && p.id != "", at: s.startTime(),
	}
	switch x := s.rng.Float64(); {
	case x < 0.4:
		b.channel = "app"
	case x < 0.45:
		b.channel = "email"
	}
	return b
}

// add writes one event and lets up to a minute and a half pass.
func (b *session) add(t recommend.EventType, order string, goods ...int) {
	p := &b.sim.people[b.who]
	e := recommend.Event{
		Type: t, Time: time.Unix(b.at, 0).UTC(), SessionID: b.id, Channel: b.channel, OrderID: order,
	}
	if b.loggedIn {
		e.CustomerID = p.id
	}
	if !b.loggedIn || b.named {
		e.AnonymousID = p.anonymousID
	}
	if len(goods) > 0 {
		e.Items = make([]recommend.EventItem, len(goods))
	}
	for i, g := range goods {
		it := &b.sim.shop.goods[g].item
		e.Items[i] = recommend.EventItem{ItemID: it.ID, Quantity: 1, Price: it.Price}
	}
	b.sim.emit(e)
	b.at += int64(4 + b.sim.rng.IntN(86))
}

// login says who the visitor is: the event carries both ids.
func (b *session) login(t recommend.EventType) {
	if b.loggedIn || b.sim.people[b.who].id == "" {
		return
	}
	b.loggedIn, b.named = true, true
	b.add(t, "")
}

func (b *session) view(g int) {
	b.add(recommend.ViewItem, "", g)
	b.seen = append(b.seen, g)
}

// browse is a visit without a list: arrive somewhere, drift, perhaps buy.
func (s *simulation) browse(who int, why purpose) {
	p := &s.people[who]
	b := s.open(who, why != visitPlain || s.rng.Float64() < 0.22)
	start, hot := s.arrive(p)
	if s.rng.Float64() < 0.13 {
		b.impressions(start)
	}
	b.wander(start)
	if why == visitGlance {
		return
	}
	chance := 0.38
	switch {
	case p.habit == oneTime:
		chance = 1
	case hot:
		chance = 0.6
	case why == visitFirst:
		chance = 0.6
	case p.habit == loyal:
		chance = 0.4
	case p.id == "":
		chance = 0.13
	}
	wants := s.rng.Float64() < chance
	switch {
	case why == visitFirst:
		b.login(recommend.SignUp)
	case wants || s.rng.Float64() < 0.5:
		b.login(recommend.Login)
	}
	if !wants {
		if s.rng.Float64() < 0.12 {
			b.put(b.seen[s.rng.IntN(len(b.seen))]) // left in the cart
		}
		return
	}
	target := b.choose(hot || p.habit == oneTime)
	if target < 0 {
		return
	}
	b.buy(b.better(target))
}

// impressions shows a list of six with the start item in it and clicks it.
func (b *session) impressions(start int) {
	list := make([]int, 0, 6)
	for len(list) < 5 {
		g, _ := b.sim.arrive(&b.sim.people[b.who])
		list = append(list, g)
	}
	list = slices.Insert(list, b.sim.rng.IntN(len(list)+1), start)
	b.add(recommend.ViewItemList, "", list...)
	b.add(recommend.SelectItem, "", start)
}

// wander looks at items, each near the one before.
func (b *session) wander(start int) {
	const meanMore, most = 3.3, 13
	more := min(most, int(-meanMore*math.Log(1-b.sim.rng.Float64())))
	g := start
	b.view(g)
	for range more {
		g = b.sim.drift(&b.sim.people[b.who], g)
		b.view(g)
		if b.sim.rng.Float64() < 0.012 {
			b.add(recommend.AddToWishlist, "", g)
		}
	}
}

// choose picks what to buy among what was seen, or -1: dear things are bought
// less readily, and what one has is not bought again.
func (b *session) choose(determined bool) int {
	s := b.sim
	if determined {
		return b.seen[0]
	}
	for range 4 {
		g := b.seen[s.rng.IntN(len(b.seen))]
		it := &s.shop.goods[g].item
		ready := 1.0
		switch price := it.Price.Amount; {
		case price > 50_000:
			ready = 0.6
		case price > 15_000:
			ready = 0.7
		case price > 5_000:
			ready = 0.85
		}
		if s.owns(b.who, g) || it.Role == recommend.RolePlan {
			continue
		}
		switch {
		case it.Role == recommend.RoleMain && s.ownsOfShelf(b.who, g):
			ready *= 0.15
		case it.Role == recommend.RoleAccessory:
			ready *= 0.35 // mostly bought with what they belong to
		}
		if s.rng.Float64() < ready {
			return g
		}
	}
	return -1
}

// better may lead to the better model: the visitor looks at it and takes it
// instead.
func (b *session) better(g int) int {
	for _, u := range b.sim.shop.goods[g].upgrades {
		if b.sim.rng.Float64() < u.instead {
			if !slices.Contains(b.seen, u.to) {
				b.view(u.to)
			}
			return u.to
		}
	}
	return g
}

func (b *session) put(g int) {
	b.add(recommend.AddToCart, "", g)
	b.cart = append(b.cart, g)
}

// buy fills the cart around the target and checks out.
func (b *session) buy(target int) {
	s := b.sim
	b.put(target)
	b.addFollowers(target, 2)
	if s.rng.Float64() < 0.12 {
		if g := s.filler(b.who); g >= 0 && !slices.Contains(b.cart, g) {
			b.put(g)
		}
	}
	if s.rng.Float64() < 0.05 {
		if g := s.drift(&s.people[b.who], target); !slices.Contains(b.cart, g) {
			b.add(recommend.AddToCart, "", g)
			b.add(recommend.RemoveFromCart, "", g)
		}
	}
	b.checkOut()
}

// addFollowers puts accessories into the cart by their planted probability,
// or plans a visit for them within ten days; accessories have accessories.
func (b *session) addFollowers(g, depth int) {
	const together = 0.75
	s := b.sim
	for _, f := range s.shop.goods[g].follows {
		if s.rng.Float64() >= f.p || slices.Contains(b.cart, f.to) || s.owns(b.who, f.to) {
			continue
		}
		if s.rng.Float64() < together {
			if s.rng.Float64() < 0.5 {
				b.view(f.to)
			}
			b.put(f.to)
			if depth > 1 {
				b.addFollowers(f.to, depth-1)
			}
			continue
		}
		s.plan(s.day+1+s.rng.IntN(9), job{kind: buyNext, who: b.who, good: f.to})
	}
}

// checkOut buys the cart and plans what follows from it.
func (b *session) checkOut() {
	s := b.sim
	if s.rng.Float64() < 0.25 {
		b.add(recommend.ViewCart, "", b.cart...)
	}
	if s.rng.Float64() < 0.6 {
		b.add(recommend.BeginCheckout, "", b.cart...)
	}
	s.orders++
	order := fmt.Sprintf("order-%06d", s.orders)
	b.add(recommend.Purchase, order, b.cart...)
	p := &s.people[b.who]
	if s.rng.Float64() < 0.01 {
		g := b.cart[s.rng.IntN(len(b.cart))]
		s.plan(s.day+3+s.rng.IntN(11), job{kind: refundLine, who: b.who, good: g, order: order})
	}
	for _, g := range b.cart {
		if !s.owns(b.who, g) {
			s.owned[b.who] = append(s.owned[b.who], g)
		}
		if p.habit != scripted && p.id != "" {
			s.aftermath(b.who, g)
		}
	}
}

// aftermath plans re-buying, sequels, better models and ratings.
func (s *simulation) aftermath(who, bought int) {
	g := &s.shop.goods[bought]
	if g.cycle.days > 0 && s.rng.Float64() < s.people[who].keen {
		wait := g.cycle.days + g.cycle.spread*s.rng.NormFloat64()
		s.plan(s.day+max(2, int(math.Round(wait))), job{kind: buyAgain, who: who, good: bought})
	}
	if g.sequel >= 0 && s.rng.Float64() < sequelShare && !s.owns(who, g.sequel) {
		s.plan(s.day+5+s.rng.IntN(16), job{kind: buyNext, who: who, good: g.sequel})
	}
	for _, u := range g.upgrades {
		if s.rng.Float64() < u.later && !s.owns(who, u.to) {
			s.plan(s.day+60+s.rng.IntN(141), job{kind: buyNext, who: who, good: u.to})
		}
	}
	if s.rng.Float64() < 0.05 {
		s.plan(s.day+3+s.rng.IntN(12), job{kind: rateItem, who: who, good: bought})
	}
}

// errand is a short visit for one thing.
func (s *simulation) errand(who, g int) {
	b := s.open(who, s.rng.Float64() < 0.1)
	b.view(g)
	if s.rng.Float64() < 0.3 {
		b.view(s.drift(&s.people[who], g))
	}
	b.login(recommend.Login)
	if s.shop.goods[g].cycle.days > 0 && s.owns(who, g) {
		b.put(g)
		b.addFollowers(g, 1)
		if s.rng.Float64() < 0.15 {
			if f := s.filler(who); f >= 0 && !slices.Contains(b.cart, f) {
				b.put(f)
			}
		}
		b.checkOut()
		return
	}
	b.buy(g)
}

// perform plays one visit of a persona.
func (s *simulation) perform(who int, st *step) {
	b := s.open(who, false)
	for _, g := range s.shop.mustFind(st.view) {
		b.view(g)
	}
	if len(st.buy) == 0 {
		return
	}
	for _, g := range s.shop.mustFind(st.buy) {
		b.put(g)
	}
	b.checkOut()
}

// owns reports whether somebody has bought g.
func (s *simulation) owns(who, g int) bool { return slices.Contains(s.owned[who], g) }

func (s *simulation) ownsOfShelf(who, g int) bool {
	shelf := s.shop.goods[g].shelf
	return slices.ContainsFunc(s.owned[who], func(o int) bool { return s.shop.goods[o].shelf == shelf })
}
