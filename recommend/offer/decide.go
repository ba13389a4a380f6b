package offer

import (
	"slices"
	"time"

	"osusume/recommend/condition"
	"osusume/recommend/experiment"
)

// DefaultMaxOffers is how many offers an answer holds unless asked otherwise.
const DefaultMaxOffers = 3

// Request is one question.
type Request struct {
	// DecisionID names the answer; Decide only passes it on.
	DecisionID string
	// VisitorID is whom caps and holdouts are about: the customer id, or the
	// anonymous id of somebody not logged in. A visitor without one has seen
	// nothing and is never held out.
	VisitorID string
	// Input must have Now. Its Channel and Surface are what offers are matched
	// with, its customer's Consents what they require.
	Input *condition.Input
	// MaxOffers is the most to show; 0 is DefaultMaxOffers.
	MaxOffers int
	// InStock reports whether an item can be bought; nil: every item can.
	InStock func(itemID string) bool
	// HoldoutBP is the share of customers held out of all offers, in basis
	// points.
	HoldoutBP int
	// Bucket assigns a unit to one of experiment.Buckets; nil is
	// experiment.Bucket.
	Bucket func(seed, unit string) int
	// Ranking orders offers of one priority. Thompson needs Outcomes, or has
	// nothing to go by, and draws by Seed, or without one by DecisionID.
	Ranking  Ranking
	Outcomes func(offerID string) Outcomes
	Seed     string
	// Explain asks for a verdict on every offer, with the clauses of conditions
	// that do not hold.
	Explain bool
}

// View is what Decide asks of the ledger.
type View interface {
	// Exposure returns what the customer has seen of the offer, counting open
	// reservations.
	Exposure(customerID, offerID string, now time.Time) Exposure
	// Usage returns what the offer has cost, counting open reservations.
	Usage(offerID string) Usage
}

// Exposure is what one customer has seen of one offer.
type Exposure struct {
	Total int64
	Today int64     // on the day of the shop's zone asked about
	Last  time.Time // zero: never
}

// Usage is what one offer has cost.
type Usage struct {
	Redemptions int64
	Yen         int64
}

// Decision is the answer to a Request.
type Decision struct {
	ID string
	// Shown are the offers to show, in order.
	Shown []*Offer
	// Trace has a verdict on every offer of the set when explained, in the
	// set's order; else on those that a visitor was shown or held out of.
	Trace []Verdict
	// Counts is the number of offers of the set by reason.
	Counts Counts
}

// Lose takes a shown offer out of the decision again, for a reason that comes
// from outside.
func (d *Decision) Lose(o *Offer, reason Reason) {
	i := slices.Index(d.Shown, o)
	if i < 0 {
		return
	}
	d.Shown = slices.Delete(d.Shown, i, i+1)
	d.Counts[Shown]--
	d.Counts[reason]++
	for i := range d.Trace {
		if v := &d.Trace[i]; v.Offer == o {
			v.Reason = reason
		}
	}
}

// Verdict is what became of one offer. Its offer belongs to the set.
type Verdict struct {
	Offer  *Offer
	Reason Reason
	// LostTo is the offer shown instead, for ExclusivityLost.
	LostTo string
	// Ghost marks a customer held out who was eligible otherwise.
	Ghost bool
	// Clauses are those of a condition that does not hold, when explained.
	Clauses []condition.Clause
	// Draw is that of Thompson ranking for an offer that nothing but others stood
	// against, when explained.
	Draw *Draw
}

// Seeds of the holdouts.
const (
	GlobalHoldoutSeed = "holdout:global"
	offerHoldoutSeed  = "offer:"
)

// Decide answers r with the offers of s, by what view says of the past. It
// changes nothing; to reserve what it shows, hold the ledger's lock around
// both.
func Decide(s *Set, r *Request, view View) Decision {
	d := decider{Decision: Decision{ID: r.DecisionID}, request: r, most: r.MaxOffers}
	if d.most <= 0 {
		d.most = DefaultMaxOffers
	}
	entries := s.active
	d.Counts[NotActive] = len(s.entries) - len(s.active)
	if r.Explain {
		entries, d.Counts[NotActive] = s.entries, 0
		d.Trace = make([]Verdict, 0, len(entries))
	}
	var a condition.Activation
	a.Bind(r.Input)
	held := r.heldOut(GlobalHoldoutSeed, r.HoldoutBP)
	for _, e := range entries {
		if len(d.race) > 0 && d.race[0].entry.offer.Priority != e.offer.Priority {
			d.finish()
		}
		v := Verdict{Offer: &e.offer}
		v.Reason = e.eligible(r, view, &a)
		switch {
		case v.Reason != Shown:
			if r.Explain && (v.Reason == ConditionFalse || v.Reason == ConditionError) {
				v.Clauses = e.condition.Explain(&a)
			}
		case held:
			v.Reason, v.Ghost = HoldoutGlobal, true
		case r.heldOut(e.seed, int(e.offer.HoldoutBP)):
			v.Reason, v.Ghost = HoldoutOffer, true
		case r.Ranking == Thompson:
			d.race = append(d.race, runner{entry: e, place: len(d.Trace)})
			if r.Explain {
				d.Trace = append(d.Trace, v)
			}
			continue
		default:
			d.place(&v)
		}
		d.note(v)
	}
	d.finish()
	return d.Decision
}

// decider is a decision in the making.
type decider struct {
	Decision
	request *Request
	most    int
	race    []runner // of the priority at hand, with Thompson ranking
}

// place finds room for an offer that nothing but others may stand against.
func (d *decider) place(v *Verdict) {
	if v.LostTo = d.shownOf(v.Offer.ExclusivityGroup); v.LostTo != "" {
		v.Reason = ExclusivityLost
	} else if len(d.Shown) >= d.most {
		v.Reason = SlotLimit
	} else {
		v.Reason = Shown
		d.Shown = append(d.Shown, v.Offer)
	}
}

// note counts a verdict, and keeps it if it is asked for.
func (d *decider) note(v Verdict) {
	d.Counts[v.Reason]++
	if d.request.Explain || v.Ghost || v.Reason == Shown {
		d.Trace = append(d.Trace, v)
	}
}

// finish runs the race and places its offers.
func (d *decider) finish() {
	run(d.race, d.request)
	for i := range d.race {
		n := &d.race[i]
		v := Verdict{Offer: &n.entry.offer}
		d.place(&v)
		if !d.request.Explain {
			d.note(v)
			continue
		}
		draw := n.draw
		v.Draw = &draw
		d.Counts[v.Reason]++
		d.Trace[n.place] = v
	}
	d.race = d.race[:0]
}

// eligible returns the first reason against the offer that does not depend on
// chance or on other offers, or Shown.
func (e *entry) eligible(r *Request, view View, a *condition.Activation) Reason {
	o, now := &e.offer, r.Input.Now
	switch {
	case o.Status != Active:
		return NotActive
	case o.beforeStart(now):
		return NotStarted
	case o.afterEnd(now):
		return Expired
	case !matches(o.Channels, r.Input.Channel), !matches(o.Surfaces, r.Input.Surface):
		return ChannelMismatch
	case !r.consents(o.Consent):
		return ConsentMissing
	}
	if e.condition != nil {
		switch e.condition.Eval(a) {
		case condition.True:
		case condition.Failed:
			return ConditionError
		default:
			return ConditionFalse
		}
	}
	if !r.inStock(o) {
		return OutOfStock
	}
	if r.VisitorID != "" && o.Caps.any() {
		if reason := o.capped(view.Exposure(r.VisitorID, o.ID, now), now); reason != Shown {
			return reason
		}
	}
	if o.Budget != (Budget{}) && o.spent(view.Usage(o.ID)) {
		return BudgetExhausted
	}
	return Shown
}

// capped returns the cap that past exposure has reached, or Shown.
func (o *Offer) capped(past Exposure, now time.Time) Reason {
	switch {
	case o.Caps.PerCustomerTotal > 0 && past.Total >= o.Caps.PerCustomerTotal:
		return CapCustomerTotal
	case o.Caps.PerCustomerDay > 0 && past.Today >= o.Caps.PerCustomerDay:
		return CapCustomerDay
	case o.Caps.CooldownHours > 0 && !past.Last.IsZero() &&
		now.Before(past.Last.Add(time.Duration(o.Caps.CooldownHours)*time.Hour)):
		return Cooldown
	default:
		return Shown
	}
}

// spent reports whether the budget has no room for one more redemption.
func (o *Offer) spent(used Usage) bool {
	return o.Budget.MaxRedemptions > 0 && used.Redemptions >= o.Budget.MaxRedemptions ||
		o.Budget.MaxYen > 0 && used.Yen+o.CostYen() > o.Budget.MaxYen
}

// matches reports whether allowed, when it says anything, names where.
func matches(allowed []string, where string) bool {
	return len(allowed) == 0 || slices.Contains(allowed, where)
}

func (r *Request) consents(required []string) bool {
	for _, kind := range required {
		if r.Input.Customer == nil || !slices.Contains(r.Input.Customer.Consents, kind) {
			return false
		}
	}
	return true
}

func (r *Request) inStock(o *Offer) bool {
	if r.InStock == nil {
		return true
	}
	if o.ItemID != "" && !r.InStock(o.ItemID) {
		return false
	}
	return o.Bundle == nil || !slices.ContainsFunc(o.Bundle.ItemIDs, func(id string) bool { return !r.InStock(id) })
}

// heldOut reports whether the visitor is among the first share basis points.
func (r *Request) heldOut(seed string, share int) bool {
	if share <= 0 || r.VisitorID == "" {
		return false
	}
	bucket := r.Bucket
	if bucket == nil {
		bucket = experiment.Bucket
	}
	return bucket(seed, r.VisitorID) < share
}

// shownOf returns the id of the offer of group that is shown already, or "".
func (d *Decision) shownOf(group string) string {
	if group == "" {
		return ""
	}
	for _, o := range d.Shown {
		if o.ExclusivityGroup == group {
			return o.ID
		}
	}
	return ""
}
