package offer

import (
	"cmp"
	"hash/maphash"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"
)

// Sweep finds the records of a ledger that say nothing any more, and what is to
// stand for them, so that the log holds the decisions of some months and not of
// all time, and nothing of customers who were erased.
//
// Feed it all records in the order of the log, then make its Steps durable one
// after the other. After each of them, all or none of it, the log still rebuilds
// the same ledger, so a sweep may end anywhere and be done again. What goes:
//
//   - decisions a RecordForget says are over: a RecordTally per customer and
//     offer and a RecordCarry per offer stand for them,
//   - all of a customer before a RecordErase: a RecordCarry per offer is left,
//   - tallies of offers whose caps do not count that far back; the others, and
//     what is carried, become one,
//   - in the end the records that said so.
//
// Memory is proportional to what is older than that and what is erased, and a
// few bytes for each other decision.
type Sweep struct {
	before time.Time
	erased map[string]bool
	counts func(offerID string) bool

	trails map[claimKey]*trail // of decisions that may go
	// young holds the hashes of all others, so that a late view with an old time
	// is not taken for a decision of its own.
	young map[uint64]struct{}
	seed  maphash.Seed

	sums map[sumKey][]remains // what stands for earlier ones
	over []remains
	last []uint64 // places of what says that others go
}

// trail is what one decision on one offer has left in the log.
type trail struct {
	claim
	places []uint64
}

// remains are records that go together, and what is left of them.
type remains struct {
	places []uint64
	offer  string // "" where nothing is left
	at     time.Time
	carry  Record // of the offer
	// views counted under the caps of customer.
	customer string
	views    int64
}

// sumKey is of a tally, or without customer of what is carried.
type sumKey struct{ offer, customer string }

// NewSweep returns a sweep of decisions that were over before a time, which must
// be that of the newest RecordForget or later, and of the customers erased.
// counts says of which offers the caps count further back.
func NewSweep(before time.Time, erased map[string]bool, counts func(offerID string) bool) *Sweep {
	return &Sweep{
		before: before, erased: erased, counts: counts,
		trails: map[claimKey]*trail{}, young: map[uint64]struct{}{}, seed: maphash.MakeSeed(), sums: map[sumKey][]remains{},
	}
}

// Add takes the next record of the log and its place.
func (s *Sweep) Add(place uint64, r Record) {
	switch r.Kind {
	case RecordExpire:
		if r.At.Before(s.before) {
			s.over = append(s.over, remains{places: []uint64{place}})
		}
	case RecordForget:
		if r.Expires.After(s.before) {
			return // it has forgotten more than is looked at here
		}
		for key, t := range s.trails {
			if t.last().Before(r.Expires) {
				delete(s.trails, key)
				s.end(t, t.customer)
			}
		}
		s.last = append(s.last, place)
	case RecordErase:
		if !s.erased[r.CustomerID] {
			return
		}
		for key, t := range s.trails {
			if t.customer == r.CustomerID {
				delete(s.trails, key)
				s.end(t, "")
			}
		}
		for key, old := range s.sums {
			if key.customer == r.CustomerID {
				delete(s.sums, key)
				s.over = append(s.over, old...)
			}
		}
		for i := range s.over {
			if left := &s.over[i]; left.customer == r.CustomerID {
				left.customer, left.views = "", 0
			}
		}
		s.last = append(s.last, place)
	case RecordCarry, RecordTally:
		key := sumKey{r.OfferID, r.CustomerID}
		old := remains{places: []uint64{place}, offer: r.OfferID, at: r.At}
		if r.Kind == RecordTally {
			old.customer, old.views = r.CustomerID, r.Views
		} else {
			old.carry = r
		}
		s.sums[key] = append(s.sums[key], old)
	default:
		s.trace(place, &r)
	}
}

// trace follows one decision on one offer.
func (s *Sweep) trace(place uint64, r *Record) {
	key := claimKey{r.DecisionID, r.OfferID}
	t := s.trails[key]
	if t == nil {
		hash := maphash.Comparable(s.seed, key)
		if _, known := s.young[hash]; known {
			return
		}
		if !r.At.Before(s.before) && !s.erased[r.CustomerID] {
			s.young[hash] = struct{}{}
			return
		}
		t = &trail{claim: claim{claimKey: key, customer: r.CustomerID}}
		s.trails[key] = t
	}
	t.places = append(t.places, place)
	switch r.Kind {
	case RecordReserve:
		t.reserved, t.expires, t.yen = r.At, r.Expires, r.Yen
	case RecordConfirm:
		t.redeemed = r.At
	case RecordShow:
		t.seen = r.At
	case RecordAccept:
		t.chosen = r.At
	}
}

// end takes note of a decision that goes. Its view is left to customer, or to
// nobody.
func (s *Sweep) end(t *trail, customer string) {
	left := remains{places: t.places, offer: t.offer, at: t.last()}
	o := t.outcomes()
	left.carry.Views, left.carry.Accepted = o.Views, o.Accepted
	if !t.redeemed.IsZero() {
		left.carry.Redemptions, left.carry.Yen = 1, t.yen
	}
	if customer != "" && (!t.seen.IsZero() || !t.redeemed.IsZero()) {
		left.customer, left.views = customer, 1
	}
	s.over = append(s.over, left)
}

// Step is one change of the log.
type Step struct {
	Drop []uint64
	Add  []Record
}

// Steps returns the changes to make, in order, each of at most so many records
// dropped and added; most must be 10 or more. It may be called once.
func (s *Sweep) Steps(most int) iter.Seq[Step] {
	s.merge()
	return func(yield func(Step) bool) {
		next := s.newStep()
		for i := range s.over {
			left := &s.over[i]
			if next.records()+len(left.places)+2 > most {
				if !yield(next.step()) {
					return
				}
				next = s.newStep()
			}
			next.take(left)
		}
		if next.records() > 0 && !yield(next.step()) {
			return
		}
		for places := range slices.Chunk(s.last, most) {
			if !yield(Step{Drop: places}) {
				return
			}
		}
	}
}

// merge adds the earlier sums that go: those that something is added to, those
// there are several of, and tallies nobody asks for.
func (s *Sweep) merge() {
	grows := map[sumKey]bool{}
	for i := range s.over {
		left := &s.over[i]
		if left.views > 0 && s.counts(left.offer) {
			grows[sumKey{left.offer, left.customer}] = true
		}
		if left.carries() {
			grows[sumKey{left.offer, ""}] = true
		}
	}
	for key, old := range s.sums {
		if grows[key] || len(old) > 1 || key.customer != "" && !s.counts(key.offer) {
			s.over = append(s.over, old...)
		}
	}
	// What becomes one record stands together.
	slices.SortFunc(s.over, func(a, b remains) int {
		return cmp.Or(strings.Compare(a.offer, b.offer), strings.Compare(a.customer, b.customer), cmp.Compare(a.places[0], b.places[0]))
	})
}

func (r *remains) carries() bool {
	c := &r.carry
	return c.Redemptions != 0 || c.Yen != 0 || c.Views != 0 || c.Accepted != 0
}

// stepWork is a Step in the making.
type stepWork struct {
	counts func(offerID string) bool
	drop   []uint64
	sums   map[sumKey]Record
}

func (s *Sweep) newStep() *stepWork { return &stepWork{counts: s.counts, sums: map[sumKey]Record{}} }

func (w *stepWork) records() int { return len(w.drop) + len(w.sums) }

func (w *stepWork) take(r *remains) {
	w.drop = append(w.drop, r.places...)
	if r.carries() {
		key := sumKey{offer: r.offer}
		sum := w.sums[key]
		sum.Kind, sum.OfferID, sum.At = RecordCarry, r.offer, later(sum.At, r.at)
		sum.Redemptions += r.carry.Redemptions
		sum.Yen += r.carry.Yen
		sum.Views += r.carry.Views
		sum.Accepted += r.carry.Accepted
		w.sums[key] = sum
	}
	if r.views > 0 && w.counts(r.offer) {
		key := sumKey{r.offer, r.customer}
		sum := w.sums[key]
		sum.Kind, sum.OfferID, sum.CustomerID, sum.At = RecordTally, r.offer, r.customer, later(sum.At, r.at)
		sum.Views += r.views
		w.sums[key] = sum
	}
}

func (w *stepWork) step() Step {
	out := Step{Drop: w.drop}
	for _, key := range slices.SortedFunc(maps.Keys(w.sums), func(a, b sumKey) int {
		return cmp.Or(strings.Compare(a.offer, b.offer), strings.Compare(a.customer, b.customer))
	}) {
		out.Add = append(out.Add, w.sums[key])
	}
	return out
}
