package demoshop

import (
	"math"

	"osusume/recommend"
)

// trendDays is how long the trending items have been rising.
const trendDays = 14

// arrive draws where a visit starts, and whether that is a trending item:
// by season, by trend, by anything, else by taste.
func (s *simulation) arrive(p *person) (g int, hot bool) {
	if s.rng.Float64() < s.buzz() {
		return s.trending[s.rng.IntN(len(s.trending))], true
	}
	x := s.rng.Float64()
	if x < 0.14 {
		for range 3 {
			if g := s.fromAisle(p, s.seasonalAisle()); g >= 0 {
				return g, false
			}
		}
	}
	if x < 0.24 {
		aisle := 0 // everybody needs a phone
		if s.rng.Float64() < 0.55 {
			aisle = s.rng.IntN(len(s.shop.halls))
		}
		if g := s.fromAisle(p, aisle); g >= 0 {
			return g, false
		}
	}
	for {
		if g := s.fromAisle(p, p.aisles.draw(s.rng)); g >= 0 {
			return g, false
		}
	}
}

// buzz is the share of visits that start at a trending item: none before the
// last two weeks, then more every day.
func (s *simulation) buzz() float64 {
	const first, last = 0.08, 0.32
	into := s.day - (Days - trendDays)
	if into < 0 {
		return 0
	}
	return first + (last-first)*float64(into)/(trendDays-1)
}

func (s *simulation) seasonalAisle() int {
	return s.shop.goods[s.shop.byID["fan-handheld"]].aisle
}

func (s *simulation) fromAisle(p *person, aisle int) int {
	return s.fromShelf(p, s.shop.halls[aisle].rooms.draw(s.rng))
}

// fromShelf draws an item of a shelf that suits the person and the season, or
// -1 when nothing does.
func (s *simulation) fromShelf(p *person, shelf int) int {
	r := &s.shop.rooms[shelf]
	if len(r.pick.members) == 0 || s.rng.Float64() >= r.season.factor(s.month) {
		return -1
	}
	last := -1
	for range 8 {
		i := r.pick.draw(s.rng)
		g := &s.shop.goods[i]
		if !s.onOffer(g) {
			continue
		}
		if pet := g.item.Attributes["pet"]; pet != "" && pet != p.pet {
			continue
		}
		last = i
		// People buy in their price range: a normal curve over price ranks.
		const width = 0.5
		d := (g.quantile - p.thrift) / width
		if s.rng.Float64() < math.Exp(-d*d/2) {
			return i
		}
	}
	return last
}

// onOffer reports whether g was for sale on this day: discontinued items left
// the shelf in the middle of the year. Arrivals are on no shelf at all.
func (s *simulation) onOffer(g *good) bool {
	return !g.item.Unavailable || s.day < Days/2
}

// drift draws the next item somebody looks at: a better model, an accessory,
// a neighbour on the shelf, another shelf of the aisle, or something else.
func (s *simulation) drift(p *person, from int) int {
	g := &s.shop.goods[from]
	next := -1
	switch x := s.rng.Float64(); {
	case x < 0.12 && len(g.upgrades) > 0:
		next = g.upgrades[s.rng.IntN(len(g.upgrades))].to
	case x < 0.28 && len(g.follows) > 0:
		next = s.follower(g)
	case x < 0.78:
		next = s.fromShelf(p, g.shelf)
	case x < 0.93:
		next = s.fromAisle(p, g.aisle)
	}
	if next < 0 || next == from {
		next, _ = s.arrive(p)
	}
	return next
}

// follower draws an accessory by its planted probability.
func (s *simulation) follower(g *good) int {
	total := 0.0
	for _, f := range g.follows {
		total += f.p
	}
	x := s.rng.Float64() * total
	for _, f := range g.follows {
		if x -= f.p; x < 0 {
			return f.to
		}
	}
	return g.follows[len(g.follows)-1].to
}

// filler draws a consumable of the person's taste to add to an order, one they
// have not had before so that cycles stay what was planted, or -1.
func (s *simulation) filler(who int) int {
	p := &s.people[who]
	for range 4 {
		g := s.fromAisle(p, p.aisles.draw(s.rng))
		if g >= 0 && !s.owns(who, g) && s.shop.goods[g].item.Role == recommend.RoleConsumable {
			return g
		}
	}
	return -1
}
