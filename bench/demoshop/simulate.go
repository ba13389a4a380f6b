package demoshop

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"osusume/recommend"
)

// job is something that happens on a later day because of an earlier one.
type job struct {
	kind  jobKind
	who   int
	good  int
	order string
	step  *step // of a persona
}

type jobKind uint8

const (
	firstVisit  jobKind = iota
	firstGlance         // anonymous visit before the first login
	buyAgain            // a consumable ran out
	buyNext             // an accessory, a sequel or a better model
	refundLine          // one line of an order comes back
	rateItem
	personaStep
)

// simulation is one pass through the year. It owns all that changes.
type simulation struct {
	shop   *Shop
	rng    *rand.Rand
	people []person // the shop's, then guests
	owned  [][]int  // goods by person
	due    [][]job  // by day
	active picker   // of people, by activity
	// guests may come back until they are forgotten, oldest first.
	guests   []int
	trending []int

	day      int
	month    time.Month
	dayStart int64 // Unix seconds
	end      int64
	pending  []recommend.Event // made, not yet yielded
	made     int
	sessions int
	orders   int
}

const guestsRemembered = 200

func newSimulation(shop *Shop) *simulation {
	s := &simulation{
		shop: shop, rng: rand.New(rand.NewPCG(shop.cfg.Seed, 3)),
		people: slices.Clone(shop.people), owned: make([][]int, len(shop.people)),
		due: make([][]job, Days), trending: shop.mustFind(trendingIDs()), end: shop.cfg.End.Unix(),
	}
	var members []int
	var shares []float64
	for i := range s.people {
		p := &s.people[i]
		switch {
		case p.habit == scripted:
			continue
		case p.activity > 0:
			members, shares = append(members, i), append(shares, p.activity)
		}
		s.plan(p.from, job{kind: firstVisit, who: i})
		if p.habit != newcomer && s.rng.Float64() < 0.25 {
			s.plan(p.from-1-s.rng.IntN(10), job{kind: firstGlance, who: i})
		}
	}
	s.active = newPicker(members, shares)
	for i, p := range personas() {
		for j := range p.steps {
			s.plan(Days-p.steps[j].daysAgo, job{kind: personaStep, who: i, step: &p.steps[j]})
		}
	}
	return s
}

// plan puts a job on a day; one outside the year never happens.
func (s *simulation) plan(day int, j job) {
	if day >= 0 && day < Days {
		s.due[day] = append(s.due[day], j)
	}
}

// run yields every event in time order, exactly as many as configured.
func (s *simulation) run(yield func(recommend.Event) bool) {
	quota := s.shop.quotas()
	jst := japan()
	yielded := 0
	for s.day = range Days {
		start := s.shop.day(s.day)
		s.dayStart = start.Unix()
		s.month = start.Add(12 * time.Hour).In(jst).Month()
		for _, j := range s.due[s.day] {
			// A shop with few events for its customers keeps first visits and
			// stories and lets the rest go.
			if s.made < quota[s.day] || j.kind == firstVisit || j.kind == personaStep {
				s.do(j)
			}
		}
		s.due[s.day] = nil
		for s.made < quota[s.day] {
			s.visit()
		}
		if s.day == Days-1 {
			// The last visit is cut short so that the count is exact.
			s.pending = s.pending[:max(0, len(s.pending)-max(0, s.made-quota[s.day]))]
		}
		slices.SortStableFunc(s.pending, func(a, b recommend.Event) int { return a.Time.Compare(b.Time) })
		next := start.Add(24 * time.Hour)
		ready, _ := slices.BinarySearchFunc(s.pending, next, func(e recommend.Event, t time.Time) int { return e.Time.Compare(t) })
		for i := range s.pending[:ready] {
			if yielded == s.shop.cfg.Events {
				return
			}
			yielded++
			s.pending[i].ID = fmt.Sprintf("demo-%06d", yielded)
			if !yield(s.pending[i]) {
				return
			}
		}
		s.pending = slices.Delete(s.pending, 0, ready)
	}
}

func (s *simulation) do(j job) {
	p := &s.people[j.who]
	switch j.kind {
	case firstVisit:
		s.browse(j.who, visitFirst)
	case firstGlance:
		s.browse(j.who, visitGlance)
	case buyAgain, buyNext:
		g := &s.shop.goods[j.good]
		if j.kind == buyNext && s.owns(j.who, j.good) {
			return
		}
		if s.day < p.until && s.rng.Float64() < g.season.factor(s.month) {
			s.errand(j.who, j.good)
		}
	case refundLine:
		if p.habit == dormant && s.day >= p.until {
			return
		}
		s.later(j, recommend.Event{Type: recommend.Refund, OrderID: j.order}, 1)
	case rateItem:
		if p.habit == dormant && s.day >= p.until {
			return
		}
		g := &s.shop.goods[j.good]
		stars := math.Round(g.item.Rating + 0.8*s.rng.NormFloat64())
		s.later(j, recommend.Event{Type: recommend.Rating, Value: min(5, max(1, stars))}, 0)
	case personaStep:
		s.perform(j.who, j.step)
	}
}

// later writes the single event of a job, outside any session.
func (s *simulation) later(j job, e recommend.Event, quantity int64) {
	p := &s.people[j.who]
	line := recommend.EventItem{ItemID: s.shop.goods[j.good].item.ID, Quantity: quantity}
	if quantity > 0 {
		line.Price = s.shop.goods[j.good].item.Price
	}
	e.CustomerID, e.Channel = p.id, "web"
	if p.id == "" {
		e.AnonymousID = p.anonymousID
	}
	e.Items = []recommend.EventItem{line}
	e.Time = time.Unix(s.startTime(), 0).UTC()
	s.emit(e)
}

// emit keeps an event for its turn; what would fall after the end is dropped,
// as a year that stops in the middle of a visit would.
func (s *simulation) emit(e recommend.Event) {
	if e.Time.Unix() < s.end {
		s.pending = append(s.pending, e)
		s.made++
	}
}

// visit lets somebody come by who had no appointment.
func (s *simulation) visit() {
	if s.rng.Float64() < 0.15 || len(s.active.members) == 0 {
		s.browse(s.guest(), visitPlain)
		return
	}
	for range 40 {
		who := s.active.draw(s.rng)
		if p := &s.people[who]; s.day > p.from && s.day < p.until {
			s.browse(who, visitPlain)
			return
		}
	}
	s.browse(s.guest(), visitPlain)
}

// guest returns somebody without a name: a new one or, one time in four, one
// who has been here lately.
func (s *simulation) guest() int {
	if len(s.guests) > 0 && s.rng.Float64() < 0.25 {
		return s.guests[s.rng.IntN(len(s.guests))]
	}
	p := newPerson(s.rng, s.rng.IntN(len(segments())), s.shop.halls)
	p.habit, p.keen, p.from, p.until = regular, 0, s.day, Days
	p.anonymousID = fmt.Sprintf("a-guest-%05d", len(s.people)-len(s.shop.people)+1)
	who := len(s.people)
	s.people, s.owned = append(s.people, p), append(s.owned, nil)
	if len(s.guests) < guestsRemembered {
		s.guests = append(s.guests, who)
	} else {
		s.guests[s.rng.IntN(len(s.guests))] = who
	}
	return who
}

// startTime draws when a visit of the day begins: few at night, most around
// nine in the evening, on the clock of Japan.
func (s *simulation) startTime() int64 {
	const hours, offset = 24, 9 * 3600
	share := [hours]float64{2, 1, .5, .3, .2, .3, 1, 2, 3, 3, 3.5, 4, 5, 4.5, 3.5, 3.5, 4, 4.5, 5, 6, 7, 8, 7, 4}
	total := 0.0
	for _, w := range share {
		total += w
	}
	x := s.rng.Float64() * total
	hour := 0
	for hour < hours-1 && x >= share[hour] {
		x -= share[hour]
		hour++
	}
	clock := int64(hour*3600 + s.rng.IntN(3600))
	const dayLength = 24 * 3600
	into := (clock - (s.dayStart+offset)%dayLength + dayLength) % dayLength
	if s.day == Days-1 {
		into = min(into, dayLength-3600) // leave the last visits room to finish
	}
	return s.dayStart + into
}
