package live

import (
	"fmt"
	"slices"
	"time"

	"osusume/recommend"
	"osusume/recommend/offer"
)

const (
	// ledgerKeeps is how long single decisions stay known: as long as a cool-down
	// may be.
	ledgerKeeps = offer.MaxCooldownHours * time.Hour
	// pruneEvery is how often a shop that runs on drops what is older.
	pruneEvery = 6 * time.Hour
)

// Prune drops the decisions that were over before the longest cool-down there
// may be. What they have counted stays: the redemptions and outcomes of each
// offer, and for offers with a cap on the total the number of views of each
// customer. No decision comes out another for it, unless such a cap is added to
// an offer later: it counts from what is still known.
func (d *Decisions) Prune() error {
	d.sweeping.Lock()
	defer d.sweeping.Unlock()
	var before time.Time
	counts := d.counts()
	err := d.change(func(now time.Time) (*commit, error) {
		before = now.Add(-ledgerKeeps)
		var c *commit
		if rec := d.ledger.Forget(before, now); !rec.IsZero() {
			if err := d.ledger.Apply(rec); err != nil {
				return nil, err
			}
			c, d.unswept = d.enqueue(rec), true
		}
		d.ledger.ForgetCounts(counts)
		for decision := range d.reserved {
			d.unreserve(decision)
		}
		return c, nil
	})
	if err != nil || !d.unswept {
		return err
	}
	return d.sweep(before, counts)
}

// Erase drops all there is of a visitor, by customer or anonymous id: decisions,
// views, choices and caps; open reservations are given back. What was redeemed
// stays in the budgets and what came of offers in their outcomes, as nobody's.
// One durable record does it all or nothing; when Erase returns, no record of the
// ledger names the visitor any more (the store frees the bytes in its own time).
// Should the process end between the two, the next start finishes it. It reads
// the whole ledger, while decisions and reservations go on. Erasing again does no
// harm. The error is recommend.CodeUnavailable.
func (d *Decisions) Erase(visitorID string) error {
	d.sweeping.Lock()
	defer d.sweeping.Unlock()
	var before time.Time
	err := d.change(func(now time.Time) (*commit, error) {
		before = now.Add(-ledgerKeeps)
		rec := d.ledger.Erase(visitorID, now)
		if rec.IsZero() {
			return nil, nil
		}
		decisions := d.ledger.DecisionsOf(visitorID)
		if err := d.ledger.Apply(rec); err != nil {
			return nil, err
		}
		for _, decision := range decisions {
			d.unreserve(decision)
		}
		d.erasing[visitorID] = true
		return d.enqueue(rec), nil
	})
	if err != nil || !d.erasing[visitorID] {
		return err
	}
	return d.sweep(before, d.counts())
}

// unreserve drops what is remembered of reservations the ledger does not know any
// more; mu is held.
func (d *Decisions) unreserve(decision string) {
	offers := slices.DeleteFunc(d.reserved[decision], func(id string) bool {
		_, known := d.ledger.Reservation(decision, id)
		return !known
	})
	if d.reserved[decision] = offers; len(offers) == 0 {
		delete(d.reserved, decision)
	}
}

// counts returns for which offers the caps count further back than single
// decisions are known.
func (d *Decisions) counts() func(offerID string) bool {
	set := d.documents.Configuration().Offers()
	return func(id string) bool {
		o, ok := set.Get(id)
		return ok && o.Status != offer.Archived && o.Caps.PerCustomerTotal > 0
	}
}

// sweep drops the records that say nothing any more; sweeping is held.
func (d *Decisions) sweep(before time.Time, counts func(offerID string) bool) error {
	s := offer.NewSweep(before, d.erasing, counts)
	err := d.store.Decisions(func(place uint64, stored *recommend.DecisionRecord) error {
		s.Add(place, record(stored))
		return nil
	})
	if err != nil {
		return unavailable("the ledger of offers could not be read: %v", err)
	}
	for step := range s.Steps(commitDecisions) {
		add := make([]recommend.DecisionRecord, len(step.Add))
		for i := range step.Add {
			add[i] = stored(&step.Add[i])
		}
		if _, err := d.store.ReplaceDecisions(step.Drop, add); err != nil {
			return unavailable("the ledger of offers could not be cleared: %v", err)
		}
	}
	clear(d.erasing)
	d.unswept = false
	return nil
}

// dropGone drops the records of offers.
func (d *Decisions) dropGone(offers map[string]bool) error {
	var places []uint64
	err := d.store.Decisions(func(place uint64, r *recommend.DecisionRecord) error {
		if offers[r.OfferID] {
			places = append(places, place)
		}
		return nil
	})
	if err != nil {
		return err
	}
	// The newest go first: what is left after a crash is a ledger's beginning.
	slices.Reverse(places)
	for part := range slices.Chunk(places, commitDecisions) {
		if _, err := d.store.ReplaceDecisions(part, nil); err != nil {
			return fmt.Errorf("drop records of deleted offers: %w", err)
		}
	}
	return nil
}

// pruneLoop prunes from time to time; opening has done so too.
func (l *Live) pruneLoop() {
	ticker := time.NewTicker(pruneEvery)
	defer ticker.Stop()
	for {
		select {
		case <-l.closing:
			return
		case <-ticker.C:
			if err := l.decisions.Prune(); err != nil {
				l.cfg.Logger.Error("the ledger of offers could not be pruned", "error", err)
			}
		}
	}
}
