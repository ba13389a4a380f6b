package live

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"osusume/recommend"
	"osusume/recommend/offer"
)

// DecisionStore keeps the records of the offer ledger durably and in order.
// Package store implements it; its methods are those of store.Store.
type DecisionStore interface {
	AppendDecisions(records []recommend.DecisionRecord) (first uint64, err error)
	ReplaceDecisions(drop []uint64, records []recommend.DecisionRecord) (first uint64, err error)
	Decisions(fn func(place uint64, d *recommend.DecisionRecord) error) error
}

// commitDecisions bounds the records of one durable commit; a single decision
// has fewer.
const commitDecisions = 1000

// Decisions answers which offers to show, and keeps exact count of what was
// shown, reserved and redeemed.
//
// A change is made in the ledger first, under its lock, so that the next
// decision sees it at once; then its records are made durable together with
// those of everybody else who is waiting, and only then is it acknowledged. A
// decision that repeats an earlier one waits for that one's records too. When
// the records cannot be stored, the changes are taken back, nobody is told of
// success, and nothing more is taken until the next start, since only then it
// is known what the disk holds.
type Decisions struct {
	documents *Documents
	store     DecisionStore
	clock     func() time.Time

	mu sync.RWMutex // guards what follows
	// ledger is read under a read lock and changed under a write lock.
	ledger *offer.Ledger
	// reserved lists the offers each decision has reserved.
	reserved map[string][]string
	// pending waits for the next commit, in order; newest is the last ever.
	pending []*commit
	newest  *commit
	broken  error

	// committing is held by the one who writes; taken before mu.
	committing sync.Mutex
	// sweeping is held by the one who drops records; taken before committing.
	sweeping sync.Mutex
	// What follows is owned by sweeping. erasing are the visitors of whom records
	// may be left, unswept whether records may be that are forgotten.
	erasing map[string]bool
	unswept bool
}

// commit is one change on its way to the disk.
type commit struct {
	records []offer.Record
	done    chan struct{} // closed when err is set
	err     error
}

// openDecisions rebuilds the ledger from its records.
func openDecisions(store DecisionStore, documents *Documents, zone *time.Location, clock func() time.Time) (*Decisions, error) {
	d := &Decisions{documents: documents, store: store, clock: clock}
	gone, err := d.replay(zone)
	if err == nil && len(gone) > 0 {
		if err = d.dropGone(gone); err == nil {
			_, err = d.replay(zone)
		}
	}
	if err == nil {
		err = d.Prune()
	}
	if err != nil {
		return nil, fmt.Errorf("open offer ledger: %w", err)
	}
	return d, nil
}

// replay starts from the records alone. It returns the offers that were deleted
// and of which all records are older than what the ledger keeps.
func (d *Decisions) replay(zone *time.Location) (gone map[string]bool, err error) {
	d.ledger, d.reserved = offer.NewLedger(zone), map[string][]string{}
	d.erasing, d.unswept = map[string]bool{}, false
	set, over := d.documents.Configuration().Offers(), d.clock().Add(-ledgerKeeps)
	gone = map[string]bool{}
	err = d.store.Decisions(func(place uint64, stored *recommend.DecisionRecord) error {
		rec := record(stored)
		switch rec.Kind {
		case offer.RecordErase:
			d.erasing[rec.CustomerID], d.unswept = true, true
		case offer.RecordForget:
			d.unswept = true
		}
		if err := d.ledger.Apply(rec); err != nil {
			return fmt.Errorf("record %d: %w", place, err)
		}
		if rec.At.After(over) {
			d.remember(rec)
		}
		if _, known := set.Get(rec.OfferID); !known && rec.OfferID != "" {
			old, seen := gone[rec.OfferID]
			gone[rec.OfferID] = rec.At.Before(over) && (old || !seen)
		}
		return nil
	})
	maps.DeleteFunc(gone, func(_ string, old bool) bool { return !old })
	return gone, err
}

func record(r *recommend.DecisionRecord) offer.Record {
	return offer.Record{
		Kind: offer.RecordKind(r.Kind), DecisionID: r.DecisionID, OfferID: r.OfferID, CustomerID: r.CustomerID,
		At: r.At, Expires: r.Expires, Redemptions: r.Redemptions, Yen: r.Yen, Views: r.Views, Accepted: r.Accepted,
	}
}

func stored(r *offer.Record) recommend.DecisionRecord {
	return recommend.DecisionRecord{
		Kind: uint8(r.Kind), DecisionID: r.DecisionID, OfferID: r.OfferID, CustomerID: r.CustomerID,
		At: r.At, Expires: r.Expires, Redemptions: r.Redemptions, Yen: r.Yen, Views: r.Views, Accepted: r.Accepted,
	}
}

// remember keeps reserved beside the ledger. mu is held, or nobody else is there.
func (d *Decisions) remember(r offer.Record) {
	if r.Kind == offer.RecordReserve && !slices.Contains(d.reserved[r.DecisionID], r.OfferID) {
		d.reserved[r.DecisionID] = append(d.reserved[r.DecisionID], r.OfferID)
	}
}

// Decide answers r, at the clock's time, with the offers of the newest
// configuration, and spends nothing. The decision belongs to a snapshot and may
// be kept.
func (d *Decisions) Decide(r *offer.Request) offer.Decision {
	set := d.documents.Configuration().Offers()
	now := d.clock()
	r.Input.Now = now
	d.expire(now)
	d.mu.RLock()
	defer d.mu.RUnlock()
	r.Outcomes = d.ledger.Outcomes
	return offer.Decide(set, r, d.ledger)
}

// Usage returns what an offer has cost, counting open reservations.
func (d *Decisions) Usage(offerID string) offer.Usage {
	d.expire(d.clock())
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.ledger.Usage(offerID)
}

// Outcomes returns what came of showing an offer, ever.
func (d *Decisions) Outcomes(offerID string) offer.Outcomes {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.ledger.Outcomes(offerID)
}

// Totals are what the ledger holds in all.
func (d *Decisions) Totals() offer.Totals {
	d.expire(d.clock())
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.ledger.Totals()
}

// expire ends the reservations whose time is up.
func (d *Decisions) expire(now time.Time) {
	d.mu.RLock()
	next, some := d.ledger.NextExpiry()
	d.mu.RUnlock()
	if !some || now.Before(next) {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.expireLocked(now)
}

func (d *Decisions) expireLocked(now time.Time) {
	if rec := d.ledger.Expire(now); !rec.IsZero() {
		d.enqueue(rec) // nobody waits for it: what it says follows from the time
	}
}

// Reserve is Decide that holds a place, under the caps and the budget of each
// offer it shows, for offer.ReservationTTL. r must name the decision and the
// visitor. A decision that was reserved before is answered with the same offers
// while it is open; recommend.CodeConflict when it is not, or belongs to another
// visitor. CodeUnavailable when the reservation could not be stored; nothing is
// reserved then.
func (d *Decisions) Reserve(r *offer.Request) (offer.Decision, error) {
	set := d.documents.Configuration().Offers()
	d.mu.Lock()
	now := d.clock()
	r.Input.Now = now
	decision, records, err := d.reserve(set, r, now)
	var c *commit
	if err == nil {
		c = d.enqueue(records...)
	}
	d.mu.Unlock()
	if err != nil {
		return offer.Decision{}, err
	}
	return decision, d.wait(c)
}

// reserve decides and reserves in the ledger; mu is held. With an error nothing
// is changed.
func (d *Decisions) reserve(set *offer.Set, r *offer.Request, now time.Time) (decision offer.Decision, records []offer.Record, err error) {
	if err := d.usable(); err != nil {
		return decision, nil, err
	}
	d.expireLocked(now)
	defer func() {
		if err != nil {
			d.undo(records)
			records = nil
		}
	}()
	take := func(o *offer.Offer) (offer.Reason, error) {
		rec, reason, err := d.ledger.Reserve(o, r.DecisionID, r.VisitorID, now)
		if err == nil && !rec.IsZero() {
			records = append(records, rec)
			d.remember(rec)
		}
		return reason, err
	}
	if earlier := d.reserved[r.DecisionID]; len(earlier) > 0 {
		decision = offer.Decision{ID: r.DecisionID}
		for _, id := range earlier {
			o, ok := set.Get(id)
			if !ok {
				return decision, records, &recommend.Error{Code: recommend.CodeConflict, Field: "decision_id", Message: fmt.Sprintf("offer %s, which it reserved, is gone; decide again", id)}
			}
			reason, err := take(o)
			if err != nil {
				return decision, records, err
			}
			if reason == offer.Shown {
				decision.Shown = append(decision.Shown, o)
			}
			decision.Trace = append(decision.Trace, offer.Verdict{Offer: o, Reason: reason})
			decision.Counts[reason]++
		}
		return decision, records, nil
	}
	r.Outcomes = d.ledger.Outcomes
	decision = offer.Decide(set, r, d.ledger)
	for _, o := range slices.Clone(decision.Shown) {
		// The lock makes this what Decide found, unless the decision was viewed
		// before it is reserved.
		reason, err := take(o)
		if err != nil {
			return decision, records, err
		}
		if reason != offer.Shown {
			decision.Lose(o, reason)
		}
	}
	return decision, records, nil
}

// Confirm redeems what a decision reserved: one offer of it, or with offerID ""
// all of them. Confirming again does no harm. It returns the offers. Errors:
// recommend.CodeNotFound for a decision that reserved nothing, CodeConflict for
// a reservation that was released or whose time is up, which confirms none,
// CodeUnavailable.
func (d *Decisions) Confirm(decisionID, offerID string) ([]string, error) {
	return d.settle(decisionID, offerID, d.ledger.Confirm)
}

// Release gives back what a decision reserved, as Confirm redeems it. Releasing
// again does no harm; what is confirmed is recommend.CodeConflict.
func (d *Decisions) Release(decisionID, offerID string) ([]string, error) {
	return d.settle(decisionID, offerID, d.ledger.Release)
}

func (d *Decisions) settle(decisionID, offerID string, end func(decisionID, offerID string, now time.Time) (offer.Record, error)) (offers []string, err error) {
	err = d.change(func(now time.Time) (*commit, error) {
		if offers = slices.Clone(d.reserved[decisionID]); offerID != "" {
			offers = []string{offerID}
		}
		if len(offers) == 0 {
			return nil, recommend.NotFound("decision_id", "decision %q has reserved nothing", decisionID)
		}
		var records []offer.Record
		for _, id := range offers {
			rec, err := end(decisionID, id, now)
			if err != nil {
				d.undo(records)
				offers = nil
				return nil, err
			}
			if !rec.IsZero() {
				records = append(records, rec)
			}
		}
		return d.enqueue(records...), nil
	})
	return offers, err
}

// change runs fn as the only one that changes anything, unless nothing can be
// changed any more, and waits until the commit that fn returns is durable.
func (d *Decisions) change(fn func(now time.Time) (*commit, error)) error {
	c, err := func() (*commit, error) {
		d.mu.Lock()
		defer d.mu.Unlock()
		if err := d.usable(); err != nil {
			return nil, err
		}
		now := d.clock()
		d.expireLocked(now)
		return fn(now)
	}()
	if err != nil {
		return err
	}
	return d.wait(c)
}

// Viewing is one view of an offer or, when Chosen, one choice of it.
type Viewing struct {
	DecisionID, OfferID, VisitorID string
	At                             time.Time
	Chosen                         bool
}

// Show spends the visitor's caps for each view, once for a decision and offer,
// and counts each choice, once as well. A view of an offer there is not counts
// for nothing. The error is recommend.CodeUnavailable; sending the views again
// does no harm.
func (d *Decisions) Show(views []Viewing) error {
	set := d.documents.Configuration().Offers()
	views = slices.DeleteFunc(slices.Clone(views), func(v Viewing) bool {
		_, known := set.Get(v.OfferID)
		return !known || v.VisitorID == ""
	})
	if len(views) == 0 {
		return nil
	}
	return d.change(func(now time.Time) (*commit, error) {
		var c *commit
		for part := range slices.Chunk(views, commitDecisions) {
			var records []offer.Record
			for _, v := range part {
				note := d.ledger.Show
				if v.Chosen {
					note = d.ledger.Accept
				}
				at := v.At
				if at.After(now) {
					at = now
				}
				// The ids were checked with the event.
				if rec, err := note(v.DecisionID, v.OfferID, v.VisitorID, at); err == nil && !rec.IsZero() {
					records = append(records, rec)
				}
			}
			c = d.enqueue(records...)
		}
		return c, nil
	})
}

// usable returns why nothing can be changed; mu is held.
func (d *Decisions) usable() error {
	if d.broken != nil {
		return unavailable("offers can be neither reserved nor redeemed until the next start: %v", d.broken)
	}
	return nil
}

// undo takes back changes that are not durable, the newest first; mu is held.
func (d *Decisions) undo(records []offer.Record) {
	for _, rec := range slices.Backward(records) {
		d.ledger.Undo(rec)
		if rec.Kind == offer.RecordReserve {
			offers := slices.DeleteFunc(d.reserved[rec.DecisionID], func(id string) bool { return id == rec.OfferID })
			if d.reserved[rec.DecisionID] = offers; len(offers) == 0 {
				delete(d.reserved, rec.DecisionID)
			}
		}
	}
}

// enqueue hands records to the next commit and returns what to wait for: with no
// records, the newest commit there is, since an answer that changes nothing may
// rest on one that is not durable yet. mu is held.
func (d *Decisions) enqueue(records ...offer.Record) *commit {
	if len(records) == 0 {
		return d.newest
	}
	c := &commit{records: records, done: make(chan struct{})}
	d.pending, d.newest = append(d.pending, c), c
	return c
}

// wait returns once c is durable, or could not be made so. Whoever waits and
// finds nobody writing writes for all that are waiting.
func (d *Decisions) wait(c *commit) error {
	if c == nil {
		return nil
	}
	for {
		d.committing.Lock()
		select {
		case <-c.done:
			d.committing.Unlock()
			return c.err
		default:
		}
		d.write()
		d.committing.Unlock()
	}
}

// write makes the oldest pending commits durable; committing is held.
func (d *Decisions) write() {
	d.mu.Lock()
	n, total := 0, 0
	for n < len(d.pending) && (n == 0 || total+len(d.pending[n].records) <= commitDecisions) {
		total += len(d.pending[n].records)
		n++
	}
	group := d.pending[:n:n]
	d.pending = d.pending[n:]
	d.mu.Unlock()

	records := make([]recommend.DecisionRecord, 0, total)
	for _, c := range group {
		for i := range c.records {
			records = append(records, stored(&c.records[i]))
		}
	}
	_, err := d.store.AppendDecisions(records)
	if err != nil {
		d.refuse(group, err)
		return
	}
	for _, c := range group {
		close(c.done)
	}
}

// refuse takes back the changes of group and all that came after them.
func (d *Decisions) refuse(group []*commit, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.broken = err
	group = append(group, d.pending...)
	d.pending, d.newest = nil, nil
	for _, c := range slices.Backward(group) {
		d.undo(c.records)
		c.err = unavailable("the decision could not be stored")
		close(c.done)
	}
}

// showOffers counts the views and choices of offers among events that are
// durable.
func (l *Live) showOffers(records []recommend.Record) error {
	if l.decisions == nil {
		return nil
	}
	var views []Viewing
	for i := range records {
		e := &records[i].Event
		if e.DecisionID == "" || e.Type != recommend.ViewPromotion && e.Type != recommend.SelectPromotion {
			continue
		}
		views = append(views, Viewing{
			DecisionID: e.DecisionID, OfferID: e.OfferID, At: e.Time, Chosen: e.Type == recommend.SelectPromotion,
			VisitorID: cmp.Or(e.CustomerID, e.AnonymousID),
		})
	}
	if len(views) == 0 {
		return nil
	}
	return l.decisions.Show(views)
}

// Decisions are the shop's offer decisions, nil for a shop opened without
// documents.
func (l *Live) Decisions() *Decisions { return l.decisions }
