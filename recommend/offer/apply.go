package offer

import (
	"container/heap"
	"fmt"
	"slices"
	"time"
)

// Apply makes the change of one record: on recovery for every record of the
// log in order, and live for those of Erase and Forget once they are durable.
// A record that cannot follow what was applied before is an error and changes
// nothing but time; it means that the log is not the ledger's.
func (l *Ledger) Apply(r Record) error {
	if r.At.IsZero() {
		return fmt.Errorf("apply ledger record of kind %d: it has no time", r.Kind)
	}
	if !r.aboutThePast() {
		l.advance(r.At)
	}
	c := l.claims[claimKey{r.DecisionID, r.OfferID}]
	wrong := func(what string) error {
		return fmt.Errorf("apply ledger record of kind %d, decision %q, offer %q: %s", r.Kind, r.DecisionID, r.OfferID, what)
	}
	switch r.Kind {
	case RecordReserve:
		if c != nil && c.state != unreserved {
			return wrong("it is reserved already")
		}
		if c == nil {
			c = l.claim(&r)
		}
		c.reserved, c.expires, c.yen = stamp(r.At), stamp(r.Expires), r.Yen
		l.reopen(c)
	case RecordConfirm:
		if c == nil || c.state != ReservationOpen {
			return wrong("there is no open reservation")
		}
		l.close(c, ReservationConfirmed)
		l.redeem(c, 1)
		l.happened(c, &c.redeemed, r.At)
		l.spend(c, c.redeemed)
	case RecordRelease:
		if c == nil || c.state != ReservationOpen {
			return wrong("there is no open reservation")
		}
		l.close(c, ReservationReleased)
	case RecordExpire: // time has passed above
	case RecordShow:
		if c == nil {
			c = l.claim(&r)
		}
		if c.seen.IsZero() {
			l.happened(c, &c.seen, r.At)
			l.spend(c, c.seen)
		}
	case RecordAccept:
		if c == nil {
			c = l.claim(&r)
		}
		if c.chosen.IsZero() {
			l.happened(c, &c.chosen, r.At)
		}
	case RecordErase:
		l.erase(r.CustomerID)
	case RecordCarry:
		u := l.usageOf(r.OfferID)
		u.done.Redemptions += r.Redemptions
		u.done.Yen += r.Yen
		u.outcomes.Views += r.Views
		u.outcomes.Accepted += r.Accepted
	case RecordTally:
		l.exposureTo(r.CustomerID, r.OfferID).base += r.Views
	case RecordForget:
		l.forget(r.Expires)
	default:
		return wrong("the kind is not known")
	}
	l.advance(l.now) // what was reserved in the past lapses at once
	return nil
}

// aboutThePast reports whether the time of a record is not that of the clock.
func (r *Record) aboutThePast() bool {
	switch r.Kind {
	case RecordShow, RecordAccept, RecordCarry, RecordTally:
		return true
	default:
		return false
	}
}

// Undo takes back a change whose record could not be made durable, whatever
// else has happened since, as if it had never been made. Time stays where it
// is, so there is nothing to take back of RecordExpire.
func (l *Ledger) Undo(r Record) {
	c := l.claims[claimKey{r.DecisionID, r.OfferID}]
	if c == nil {
		return
	}
	switch {
	case r.Kind == RecordReserve && (c.state == ReservationOpen || c.state == ReservationLapsed):
		if c.state == ReservationOpen {
			l.close(c, unreserved)
		}
		c.state, c.reserved, c.expires, c.yen = unreserved, time.Time{}, time.Time{}, 0
	case r.Kind == RecordConfirm && c.state == ReservationConfirmed:
		l.redeem(c, -1)
		l.happened(c, &c.redeemed, time.Time{})
		l.unspend(c)
		l.reopen(c)
	case r.Kind == RecordRelease && c.state == ReservationReleased:
		l.reopen(c)
	case r.Kind == RecordShow:
		l.happened(c, &c.seen, time.Time{})
		l.unspend(c)
	case r.Kind == RecordAccept:
		l.happened(c, &c.chosen, time.Time{})
	}
	if c.state == unreserved && c.seen.IsZero() && c.chosen.IsZero() {
		l.drop(c)
	}
	l.advance(l.now)
}

// tally counts views by the rules of caps. It does not depend on the order of
// what is added.
type tally struct {
	total int64
	day   int64 // the latest day with a view, in days since 1970
	today int64 // views on that day
	last  time.Time
}

func (t *tally) add(at time.Time, day int64) {
	switch {
	case t.total == 0 || day > t.day:
		t.day, t.today = day, 1
	case day == t.day:
		t.today++
	}
	t.total++
	t.last = later(t.last, at)
}

// day returns the day of the shop's zone, counted from 1970-01-01.
func (l *Ledger) day(t time.Time) int64 {
	y, m, d := t.In(l.zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / (24 * 60 * 60)
}

// claim makes the claim of a record.
func (l *Ledger) claim(r *Record) *claim {
	c := &claim{claimKey: claimKey{r.DecisionID, r.OfferID}, customer: r.CustomerID}
	l.claims[c.claimKey] = c
	e := l.exposureTo(c.customer, c.offer)
	e.claims = append(e.claims, c)
	return c
}

// exposureTo makes the exposure if there is none.
func (l *Ledger) exposureTo(customerID, offerID string) *exposure {
	of := l.customers[customerID]
	if of == nil {
		of = make(map[string]*exposure)
		l.customers[customerID] = of
	}
	e := of[offerID]
	if e == nil {
		e = &exposure{}
		of[offerID] = e
	}
	return e
}

// drop takes a claim away as if there had been none.
func (l *Ledger) drop(c *claim) {
	delete(l.claims, c.claimKey)
	e := l.exposureOf(c)
	e.claims = without(e.claims, c)
	l.dropEmpty(c.customer, c.offer)
}

func (l *Ledger) dropEmpty(customerID, offerID string) {
	of := l.customers[customerID]
	if e := of[offerID]; len(e.claims) == 0 && e.base == 0 {
		delete(of, offerID)
	}
	if len(of) == 0 {
		delete(l.customers, customerID)
	}
}

func (l *Ledger) exposureOf(c *claim) *exposure { return l.customers[c.customer][c.offer] }

func (l *Ledger) usageOf(offerID string) *usage {
	u := l.offers[offerID]
	if u == nil {
		u = &usage{}
		l.offers[offerID] = u
	}
	return u
}

// spend counts a claim under the caps, once.
func (l *Ledger) spend(c *claim, at time.Time) {
	if c.spent.IsZero() {
		c.spent = at
		l.exposureOf(c).add(at, l.day(at))
	}
}

// unspend counts a claim anew after one of its two reasons went away.
func (l *Ledger) unspend(c *claim) {
	c.spent = c.seen
	if c.seen.IsZero() {
		c.spent = c.redeemed
	}
	l.recount(l.exposureOf(c))
}

// recount adds up the claims of an exposure anew.
func (l *Ledger) recount(e *exposure) {
	e.tally = tally{}
	for _, c := range e.claims {
		if !c.spent.IsZero() {
			e.add(c.spent, l.day(c.spent))
		}
	}
}

// happened sets one of the times of a claim that say what came of it.
func (l *Ledger) happened(c *claim, what *time.Time, at time.Time) {
	o := &l.usageOf(c.offer).outcomes
	was := c.outcomes()
	*what = stamp(at)
	is := c.outcomes()
	o.Views += is.Views - was.Views
	o.Accepted += is.Accepted - was.Accepted
}

// outcomes is the claim's share in those of its offer. What was chosen or
// redeemed was seen, even if nobody said so.
func (c *claim) outcomes() (o Outcomes) {
	if !c.chosen.IsZero() || !c.redeemed.IsZero() {
		return Outcomes{Views: 1, Accepted: 1}
	}
	if !c.seen.IsZero() {
		o.Views = 1
	}
	return o
}

// redeem counts n redemptions of a claim.
func (l *Ledger) redeem(c *claim, n int64) {
	u := l.usageOf(c.offer)
	u.done.Redemptions += n
	u.done.Yen += n * c.yen
}

// reopen makes a claim an open reservation.
func (l *Ledger) reopen(c *claim) {
	c.state = ReservationOpen
	heap.Push(&l.open, c)
	e := l.exposureOf(c)
	e.open = append(e.open, c)
	u := l.usageOf(c.offer)
	u.held.Redemptions++
	u.held.Yen += c.yen
}

// close ends an open reservation.
func (l *Ledger) close(c *claim, state ReservationState) {
	heap.Remove(&l.open, c.place)
	e := l.exposureOf(c)
	e.open = without(e.open, c)
	u := l.usageOf(c.offer)
	u.held.Redemptions--
	u.held.Yen -= c.yen
	c.state = state
}

func (l *Ledger) erase(customerID string) {
	for _, e := range l.customers[customerID] {
		for _, c := range slices.Clone(e.open) {
			l.close(c, ReservationReleased)
		}
		for _, c := range e.claims {
			delete(l.claims, c.claimKey)
		}
	}
	delete(l.customers, customerID)
}

func (l *Ledger) forget(before time.Time) {
	for customerID, of := range l.customers {
		for offerID, e := range of {
			n := len(e.claims)
			e.claims = slices.DeleteFunc(e.claims, func(c *claim) bool {
				over := c.overBefore(before)
				if over {
					delete(l.claims, c.claimKey)
					if !c.spent.IsZero() {
						e.base++
					}
				}
				return over
			})
			if len(e.claims) < n {
				l.recount(e)
				l.dropEmpty(customerID, offerID)
			}
		}
	}
}

// overBefore reports whether nothing has happened to the claim since before,
// and nothing is open.
func (c *claim) overBefore(before time.Time) bool {
	return c.state != ReservationOpen && c.last().Before(before)
}

// last is when the latest thing happened, or the reservation ends.
func (c *claim) last() time.Time {
	return later(later(later(c.reserved, c.seen), later(c.redeemed, c.expires)), c.chosen)
}

func without(claims []*claim, c *claim) []*claim {
	i := slices.Index(claims, c)
	return slices.Delete(claims, i, i+1)
}

// expiries is a heap of the open reservations by when they lapse.
type expiries []*claim

func (h expiries) Len() int           { return len(h) }
func (h expiries) Less(i, j int) bool { return h[i].expires.Before(h[j].expires) }

func (h expiries) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].place, h[j].place = i, j
}

func (h *expiries) Push(x any) {
	c := x.(*claim)
	c.place = len(*h)
	*h = append(*h, c)
}

func (h *expiries) Pop() any {
	old := *h
	c := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	return c
}
