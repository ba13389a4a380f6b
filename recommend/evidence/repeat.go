package evidence

import (
	"cmp"
	"slices"

	"osusume/recommend"
	"osusume/recommend/profile"
)

// Rhythm is how often one customer bought one item. Days are UTC days since 1970.
type Rhythm struct {
	Item uint32
	// Times is on how many days the item was bought, at least 1.
	Times uint32
	// First and Last are the first and the last of those days.
	First, Last uint32
	// Squares is the sum of the squared days between them.
	Squares uint64
}

// RateUnit is one purchase a day in Repeat.Rates.
const RateUnit = 1 << 16

// rate is how many times a day the item was bought again, in RateUnits, rounded;
// at most RateUnit. Only of rhythms with Times > 1.
func (r *Rhythm) rate() uint64 {
	days := uint64(r.Last - r.First)
	return (uint64(r.Times-1)*RateUnit + days/2) / days
}

// AppendRhythms adds the rhythm of every item bought in lines, which are in time
// order, by ascending item.
func AppendRhythms(to []Rhythm, lines []profile.Line) []Rhythm {
	var r refunds
	r.find(lines)
	return appendRhythms(to, lines, &r, func(uint32) bool { return true })
}

func appendRhythms(to []Rhythm, lines []profile.Line, r *refunds, wanted func(item uint32) bool) []Rhythm {
	start := len(to)
	for i := range lines {
		if l := &lines[i]; l.Kind == recommend.Purchase && wanted(l.Item) && r.kept(l) {
			day := l.Time / secondsPerDay
			to = append(to, Rhythm{Item: l.Item, Times: 1, First: day, Last: day})
		}
	}
	days := to[start:]
	slices.SortStableFunc(days, func(a, b Rhythm) int { return cmp.Compare(a.Item, b.Item) })
	n := 0
	for _, d := range days {
		if n == 0 || days[n-1].Item != d.Item {
			days[n] = d
			n++
			continue
		}
		if at := &days[n-1]; d.Last > at.Last {
			gap := uint64(d.Last - at.Last)
			at.Times++
			at.Squares += gap * gap
			at.Last = d.Last
		}
	}
	return to[:start+n]
}

// refunds are the refund lines of a visitor.
type refunds []*profile.Line

func (r *refunds) find(lines []profile.Line) {
	*r = (*r)[:0]
	for i := range lines {
		if lines[i].Kind == recommend.Refund {
			*r = append(*r, &lines[i])
		}
	}
}

// kept reports whether a purchase was not given back as a whole.
func (r refunds) kept(l *profile.Line) bool {
	for _, back := range r {
		if back.Item == l.Item && back.Group == l.Group && back.Quantity >= l.Quantity {
			return false
		}
	}
	return true
}

// Repeat is how an item is bought again, over all its buyers.
type Repeat struct {
	// Buyers bought the item, Repeaters of them on two days or more.
	Buyers, Repeaters uint32
	// Gaps is how many times repeaters bought it again; Days are the days between
	// those purchases, summed, DaysSquared the sum of their squares: the mean gap
	// is Days/Gaps.
	Gaps, Days, DaysSquared uint64
	// Rates is the sum over repeaters of how many times a day they bought again,
	// between their first purchase and their last, in RateUnits; RatesSquared is
	// the sum of the squares: the moments that a gamma distribution is fitted to.
	Rates, RatesSquared uint64
}

// repeats is Repeat without Buyers.
type repeats struct {
	repeaters               uint32
	gaps, days, daysSquared uint64
	rates, ratesSquared     uint64
}

// rhythms moves the rhythms of the items that were bought or given back in the
// lines from first on.
func (x *Index) rhythms(old, now []profile.Line, first int) {
	x.changed.reset()
	found := false
	for _, lines := range [...][]profile.Line{old[first:], now[first:]} {
		for i := range lines {
			if k := lines[i].Kind; k == recommend.Purchase || k == recommend.Refund {
				x.changed.set(lines[i].Item, 0)
				found = true
			}
		}
	}
	if !found {
		return
	}
	wanted := func(item uint32) bool { _, ok := x.changed.get(item); return ok }
	x.days = appendRhythms(x.days[:0], old, &x.oldRefunds, wanted)
	for i := range x.days {
		x.rhythm(&x.days[i], ^uint64(0))
	}
	x.days = appendRhythms(x.days[:0], now, &x.newRefunds, wanted)
	for i := range x.days {
		x.rhythm(&x.days[i], 1)
	}
}

// rhythm adds r, or takes it away if sign is -1, wrapped.
func (x *Index) rhythm(r *Rhythm, sign uint64) {
	x.buyers.Grow(int(r.Item) + 1)
	*x.buyers.Ptr(r.Item) += uint32(sign)
	if r.Times > 1 {
		x.repeats.ptr(r.Item).add(r, sign)
	}
	if leaf := x.facts.of(r.Item).Leaf; leaf != 0 {
		p := x.leafRepeats.ptr(leaf)
		p.buyers += uint32(sign)
		if r.Times > 1 {
			p.add(r, sign)
		}
	}
}

func (p *repeats) add(r *Rhythm, sign uint64) {
	rate := r.rate()
	p.repeaters += uint32(sign)
	p.gaps += sign * uint64(r.Times-1)
	p.days += sign * uint64(r.Last-r.First)
	p.daysSquared += sign * r.Squares
	p.rates += sign * rate
	p.ratesSquared += sign * rate * rate
}

func (p *repeats) told(buyers uint32) Repeat {
	return Repeat{
		Buyers: buyers, Repeaters: p.repeaters,
		Gaps: p.gaps, Days: p.days, DaysSquared: p.daysSquared,
		Rates: p.rates, RatesSquared: p.ratesSquared,
	}
}

// leafRepeats are the sums over the items of a leaf.
type leafRepeats struct {
	buyers uint32
	repeats
}
