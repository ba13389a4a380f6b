package demoshop

import (
	"slices"
	"strings"
	"time"

	"osusume/recommend"
)

// Truth is what was planted, for tests and for judging lists. Ids are item
// and customer ids as in Items and Events.
type Truth struct {
	Accessories []Accessory
	Repurchases []Repurchase
	Upgrades    []Upgrade
	Sequels     []Sequel
	Seasons     []Season
	// Trending items sell several times their usual rate in the last 14 days,
	// more every day.
	Trending []string
	// Arrivals came on the last day: no event knows them.
	Arrivals []string
	Segments []Segment
	Personas []Persona
	// Logins maps the anonymous id of each customer's device to the customer;
	// an event with both is somewhere in the history of each.
	Logins map[string]string
	// OneTime customers have exactly one order; Dormant ones do nothing in the
	// last 120 days; Newcomers came first in the last 30.
	OneTime, Dormant, Newcomers []string
}

// Accessory says that a buyer of Main also takes With, within ten days, with
// the given probability, unless they have it already. When Main is a
// consumable, the same holds at every refill.
type Accessory struct {
	Main, With  string
	Probability float64
}

// Repurchase is the cycle of a consumable: normally distributed, in days.
type Repurchase struct {
	ItemID           string
	Days, SpreadDays float64
}

// Upgrade leads to a better model. Instead is the share of those who came to
// buy From and, having looked at it, leave with To; Later the share of owners
// of From who come back for To after 60 to 200 days.
type Upgrade struct {
	From, To       string
	Instead, Later float64
}

// Sequel is the next volume of a series.
type Sequel struct {
	From, To    string
	Probability float64
}

// Season lists the months an item sells in, those with at least half of its
// greatest demand, by the calendar in Japan.
type Season struct {
	ItemID string
	Peak   []time.Month
}

// Segment is a kind of customer: who they are and which category paths they
// come for, the dearest to them first.
type Segment struct {
	Name        string
	Title       recommend.Text
	Categories  []string
	CustomerIDs []string
}

// Persona is a named customer with a story. Expect lists category paths or
// item ids a good list for them is made of.
type Persona struct {
	CustomerID string
	Segment    string
	Story      recommend.Text
	Expect     []string
}

// Truth returns what was planted. The caller must not change it.
func (s *Shop) Truth() Truth { return s.truth }

func (s *Shop) plantedTruth() Truth {
	t := Truth{Trending: trendingIDs(), Logins: map[string]string{}}
	s.mustFind(t.Trending)
	for i := range s.goods {
		s.plantedFor(&t, &s.goods[i])
	}
	for _, seg := range segments() {
		out := Segment{Name: seg.name, Title: seg.title}
		for _, ts := range seg.tastes {
			out.Categories = append(out.Categories, s.aislePath(ts.aisle))
		}
		t.Segments = append(t.Segments, out)
	}
	for _, p := range personas() {
		t.Personas = append(t.Personas, Persona{CustomerID: p.id, Segment: p.segment, Story: p.story, Expect: p.expect})
		for _, st := range p.steps {
			s.mustFind(st.view)
			s.mustFind(st.buy)
		}
	}
	for i := range s.people {
		p := &s.people[i]
		t.Segments[p.segment].CustomerIDs = append(t.Segments[p.segment].CustomerIDs, p.id)
		switch p.habit {
		case oneTime:
			t.OneTime = append(t.OneTime, p.id)
		case dormant:
			t.Dormant = append(t.Dormant, p.id)
		case newcomer:
			t.Newcomers = append(t.Newcomers, p.id)
		case regular, loyal, scripted:
		}
		if p.habit != scripted {
			t.Logins[p.anonymousID] = p.id
		}
	}
	return t
}

func (s *Shop) plantedFor(t *Truth, g *good) {
	id := g.item.ID
	for _, f := range g.follows {
		t.Accessories = append(t.Accessories, Accessory{id, s.goods[f.to].item.ID, f.p})
	}
	for _, u := range g.upgrades {
		t.Upgrades = append(t.Upgrades, Upgrade{id, s.goods[u.to].item.ID, u.instead, u.later})
	}
	if g.sequel >= 0 {
		t.Sequels = append(t.Sequels, Sequel{id, s.goods[g.sequel].item.ID, sequelShare})
	}
	if g.cycle.days > 0 {
		t.Repurchases = append(t.Repurchases, Repurchase{id, g.cycle.days, g.cycle.spread})
	}
	if g.season != allYear {
		t.Seasons = append(t.Seasons, Season{id, g.season.peak()})
	}
	if g.fresh {
		t.Arrivals = append(t.Arrivals, id)
	}
}

// aislePath is the category path all shelves of an aisle share: the first two
// levels of electronics, else the first.
func (s *Shop) aislePath(name string) string {
	h := slices.IndexFunc(s.halls, func(h hall) bool { return h.name == name })
	for i := range s.goods {
		if s.goods[i].aisle == h {
			path := s.goods[i].item.Category
			if path[0] == "Electronics" {
				return strings.Join(path[:2], "/")
			}
			return path[0]
		}
	}
	panic("demoshop: no aisle " + name)
}
