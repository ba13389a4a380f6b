package offer

import (
	"fmt"
	"time"

	"osusume/recommend"
)

// Ledger is the exact state of what was shown, reserved and redeemed. It has
// no lock of its own: whoever decides with reservations holds one around
// Decide and Reserve together.
//
// A method that returns a Record has already made the change. The caller
// makes the record durable before it answers anybody, or calls Undo when that
// fails. Erase and Forget alone change nothing by themselves: they are applied
// once they are durable.
//
// Time never runs back: it is the greatest At of any record that is not about
// the past (views, choices, what Sweep adds up), or given to Expire. Reservations lapse as it passes, so that replaying the
// records lapses the same ones.
type Ledger struct {
	zone      *time.Location
	now       time.Time
	claims    map[claimKey]*claim
	customers map[string]map[string]*exposure // by customer, offer
	offers    map[string]*usage
	open      expiries
}

type claimKey struct{ decision, offer string }

// ReservationState is where a reservation stands.
type ReservationState uint8

// The states.
const (
	unreserved ReservationState = iota
	ReservationOpen
	ReservationConfirmed
	ReservationReleased
	ReservationLapsed
)

// claim is one offer of one decision.
type claim struct {
	claimKey
	customer string
	state    ReservationState
	reserved time.Time
	expires  time.Time
	yen      int64
	// seen and redeemed are when the view and the confirmation came; the first
	// of them in the log spent the caps, at spent. chosen is when the customer
	// chose the offer. Zero: did not come.
	seen, redeemed, spent, chosen time.Time
	place                         int // in Ledger.open while the state is open
}

// exposure is what one customer has to do with one offer.
type exposure struct {
	tally        // of claims
	base   int64 // views of claims forgotten
	claims []*claim
	open   []*claim // those of claims that are
}

// usage is what one offer has cost; held is what open reservations hold.
type usage struct {
	done, held Usage
	outcomes   Outcomes
}

// Outcomes is what came of showing one offer: the decisions in which it was
// seen, and those of them in which it was chosen or redeemed.
type Outcomes struct{ Views, Accepted int64 }

// NewLedger returns an empty ledger that counts days in zone; nil is UTC.
func NewLedger(zone *time.Location) *Ledger {
	if zone == nil {
		zone = time.UTC
	}
	return &Ledger{
		zone: zone, claims: make(map[claimKey]*claim),
		customers: make(map[string]map[string]*exposure), offers: make(map[string]*usage),
	}
}

// Exposure implements View.
func (l *Ledger) Exposure(customerID, offerID string, now time.Time) Exposure {
	e := l.customers[customerID][offerID]
	if e == nil {
		return Exposure{}
	}
	today := l.day(now)
	out := Exposure{Total: e.base + e.total, Last: e.last}
	if e.day == today {
		out.Today = e.today
	}
	for _, c := range e.open {
		if !c.spent.IsZero() || !now.Before(c.expires) {
			continue
		}
		out.Total++
		out.Today++ // even if reserved yesterday: it may be redeemed today
		if c.reserved.After(out.Last) {
			out.Last = c.reserved
		}
	}
	return out
}

// Usage implements View. Call Expire before, or reservations whose time is up
// still count.
func (l *Ledger) Usage(offerID string) Usage {
	u := l.offers[offerID]
	if u == nil {
		return Usage{}
	}
	return Usage{Redemptions: u.done.Redemptions + u.held.Redemptions, Yen: u.done.Yen + u.held.Yen}
}

// Redeemed returns what has been confirmed of an offer, without reservations.
func (l *Ledger) Redeemed(offerID string) Usage {
	if u := l.offers[offerID]; u != nil {
		return u.done
	}
	return Usage{}
}

// Outcomes returns what came of showing an offer, ever.
func (l *Ledger) Outcomes(offerID string) Outcomes {
	if u := l.offers[offerID]; u != nil {
		return u.outcomes
	}
	return Outcomes{}
}

// Totals are what the ledger holds in all.
type Totals struct {
	Open        int   // reservations neither confirmed, released nor lapsed
	Redemptions int64 // ever
}

// Totals adds up the ledger; it takes as long as there are offers.
func (l *Ledger) Totals() Totals {
	t := Totals{Open: len(l.open)}
	for _, u := range l.offers {
		t.Redemptions += u.done.Redemptions
	}
	return t
}

// Reserve holds a place for offer o of a decision until ReservationTTL has
// passed. The reason is Shown when it is held, else the cap or BudgetExhausted
// that leaves no room. Reserving again what is held gives Shown and a zero
// record. A reservation that has ended, or belongs to another customer, is a
// conflict.
func (l *Ledger) Reserve(o *Offer, decisionID, customerID string, now time.Time) (Record, Reason, error) {
	if err := recommend.ValidateID("decision_id", decisionID); err != nil {
		return Record{}, 0, err
	}
	if err := recommend.ValidateID("customer_id", customerID); err != nil {
		return Record{}, 0, err
	}
	l.advance(now)
	now = l.now
	c := l.claims[claimKey{decisionID, o.ID}]
	if c != nil {
		switch {
		case c.customer != customerID:
			return Record{}, 0, conflict("decision_id", "%s belongs to another customer", decisionID)
		case c.state == ReservationOpen:
			return Record{}, Shown, nil
		case c.state != unreserved:
			return Record{}, 0, conflict("decision_id", "the reservation of %s by %s is %s; decide again", o.ID, decisionID, c.state)
		}
	}
	if c == nil || c.spent.IsZero() { // or else the caps count this decision already
		if reason := o.capped(l.Exposure(customerID, o.ID, now), now); reason != Shown {
			return Record{}, reason, nil
		}
	}
	if o.spent(l.Usage(o.ID)) {
		return Record{}, BudgetExhausted, nil
	}
	return l.reserve(o, decisionID, customerID, now), Shown, nil
}

func (l *Ledger) reserve(o *Offer, decisionID, customerID string, now time.Time) Record {
	return l.made(Record{
		Kind: RecordReserve, DecisionID: decisionID, OfferID: o.ID, CustomerID: customerID,
		At: now, Expires: now.Add(ReservationTTL), Yen: o.CostYen(),
	})
}

// Reservation is what has become of a place that was held.
type Reservation struct {
	CustomerID        string
	Reserved, Expires time.Time
	Yen               int64
	State             ReservationState
}

// Reservation returns the reservation of an offer by a decision, if there was
// one and it is not forgotten. Call Expire before, or one whose time is up is
// still open.
func (l *Ledger) Reservation(decisionID, offerID string) (Reservation, bool) {
	c := l.claims[claimKey{decisionID, offerID}]
	if c == nil || c.state == unreserved {
		return Reservation{}, false
	}
	return Reservation{CustomerID: c.customer, Reserved: c.reserved, Expires: c.expires, Yen: c.yen, State: c.state}, true
}

// Confirm redeems a reservation. Confirming again gives a zero record; a
// reservation that has ended otherwise is a conflict, one that never was is
// not found.
func (l *Ledger) Confirm(decisionID, offerID string, now time.Time) (Record, error) {
	l.advance(now)
	c, err := l.reservation(decisionID, offerID)
	switch {
	case err != nil:
		return Record{}, err
	case c.state == ReservationConfirmed:
		return Record{}, nil
	case c.state != ReservationOpen:
		return Record{}, conflict("decision_id", "the reservation of %s by %s is %s; decide again", offerID, decisionID, c.state)
	default:
		return l.made(Record{Kind: RecordConfirm, DecisionID: decisionID, OfferID: offerID, At: l.now}), nil
	}
}

// Release gives a reservation back. Releasing one that is released or lapsed
// gives a zero record, one that is confirmed is a conflict.
func (l *Ledger) Release(decisionID, offerID string, now time.Time) (Record, error) {
	l.advance(now)
	c, err := l.reservation(decisionID, offerID)
	switch {
	case err != nil:
		return Record{}, err
	case c.state == ReservationConfirmed:
		return Record{}, conflict("decision_id", "the reservation of %s by %s is confirmed and cannot be released", offerID, decisionID)
	case c.state != ReservationOpen:
		return Record{}, nil
	default:
		return l.made(Record{Kind: RecordRelease, DecisionID: decisionID, OfferID: offerID, At: l.now}), nil
	}
}

// Show counts a view of an offer at time at, which must not lie ahead of the
// caller's clock, once for a decision and offer;
// further views give a zero record. A view counts for the customer who
// reserved, if anybody did.
func (l *Ledger) Show(decisionID, offerID, customerID string, at time.Time) (Record, error) {
	if err := checkIDs(decisionID, offerID, customerID); err != nil {
		return Record{}, err
	}
	if c := l.claims[claimKey{decisionID, offerID}]; c != nil {
		if !c.seen.IsZero() {
			return Record{}, nil
		}
		customerID = c.customer
	}
	return l.made(Record{Kind: RecordShow, DecisionID: decisionID, OfferID: offerID, CustomerID: customerID, At: stamp(at)}), nil
}

// Accept notes at time at, which must not lie ahead of the caller's clock, that
// the offer was chosen; once for a decision and offer, further times give a zero
// record. It spends no caps.
func (l *Ledger) Accept(decisionID, offerID, customerID string, at time.Time) (Record, error) {
	if err := checkIDs(decisionID, offerID, customerID); err != nil {
		return Record{}, err
	}
	if c := l.claims[claimKey{decisionID, offerID}]; c != nil {
		if !c.chosen.IsZero() {
			return Record{}, nil
		}
		customerID = c.customer
	}
	return l.made(Record{Kind: RecordAccept, DecisionID: decisionID, OfferID: offerID, CustomerID: customerID, At: stamp(at)}), nil
}

func checkIDs(decisionID, offerID, customerID string) error {
	for _, id := range [...]struct{ field, value string }{
		{"decision_id", decisionID}, {"offer_id", offerID}, {"customer_id", customerID},
	} {
		if err := recommend.ValidateID(id.field, id.value); err != nil {
			return err
		}
	}
	return nil
}

// Expire ends the reservations whose time is up; the record is zero when
// there are none.
func (l *Ledger) Expire(now time.Time) Record {
	if !l.advance(now) {
		return Record{}
	}
	return Record{Kind: RecordExpire, At: l.now}
}

// NextExpiry returns when Expire has something to do next.
func (l *Ledger) NextExpiry() (time.Time, bool) {
	if len(l.open) == 0 {
		return time.Time{}, false
	}
	return l.open[0].expires, true
}

// Erase returns the record that drops all there is of a customer; zero when
// there is nothing. What came of the offers, and what budgets have spent, stays
// and is nobody's then. It takes effect when it is applied; keep the lock until
// then.
func (l *Ledger) Erase(customerID string, now time.Time) Record {
	if len(l.customers[customerID]) == 0 {
		return Record{}
	}
	return Record{Kind: RecordErase, CustomerID: customerID, At: stamp(now)}
}

// DecisionsOf returns the ids of the decisions known of a customer, in no order.
func (l *Ledger) DecisionsOf(customerID string) []string {
	var ids []string
	for _, e := range l.customers[customerID] {
		for _, c := range e.claims {
			ids = append(ids, c.decision)
		}
	}
	return ids
}

// Forget returns the record that drops the decisions over before a time, to
// keep memory bounded; zero when there are none. What they counted stays, but
// a late repetition of their view would count anew, and their reservation
// cannot be asked about. It takes effect when it is applied; keep the lock until
// then. Forget nothing younger than MaxCooldownHours: of what is forgotten only
// the number of views is known any more.
func (l *Ledger) Forget(before, now time.Time) Record {
	for _, c := range l.claims {
		if c.overBefore(before) {
			return Record{Kind: RecordForget, At: stamp(now), Expires: stamp(before)}
		}
	}
	return Record{}
}

// ForgetCounts drops what forgotten decisions counted under the caps of offers
// for which counts is false: a number that is no longer asked for.
func (l *Ledger) ForgetCounts(counts func(offerID string) bool) {
	for customerID, of := range l.customers {
		for offerID, e := range of {
			if e.base > 0 && !counts(offerID) {
				e.base = 0
				l.dropEmpty(customerID, offerID)
			}
		}
	}
}

// made applies a record that was checked to be possible.
func (l *Ledger) made(r Record) Record {
	if err := l.Apply(r); err != nil {
		panic("offer: " + err.Error())
	}
	return r
}

func (l *Ledger) reservation(decisionID, offerID string) (*claim, error) {
	c := l.claims[claimKey{decisionID, offerID}]
	if c == nil || c.state == unreserved {
		return nil, recommend.NotFound("decision_id", "no reservation of %s by decision %s is known", offerID, decisionID)
	}
	return c, nil
}

func conflict(field, format string, args ...any) *recommend.Error {
	return &recommend.Error{Code: recommend.CodeConflict, Field: field, Message: fmt.Sprintf(format, args...)}
}

// String returns open, confirmed, released or lapsed.
func (s ReservationState) String() string {
	switch s {
	case ReservationOpen:
		return "open"
	case ReservationConfirmed:
		return "confirmed"
	case ReservationReleased:
		return "released"
	case ReservationLapsed:
		return "lapsed"
	default:
		return "not reserved"
	}
}

// advance lets time pass and reports whether a reservation lapsed.
func (l *Ledger) advance(now time.Time) bool {
	l.now = later(l.now, stamp(now))
	some := false
	for len(l.open) > 0 && !l.now.Before(l.open[0].expires) {
		l.close(l.open[0], ReservationLapsed)
		some = true
	}
	return some
}

// stamp is t as records keep it.
func stamp(t time.Time) time.Time { return t.Round(0).UTC() }

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
