package offer

import (
	"cmp"
	"slices"
	"strings"

	"osusume/recommend"
	"osusume/recommend/condition"
)

// Set is the offers of a shop, compiled. It is immutable: Put and Delete
// return another one, which shares what did not change.
type Set struct {
	entries []*entry // priority descending, id ascending
	active  []*entry // those that are, in the same order
	byID    map[string]*entry
}

type entry struct {
	offer     Offer
	condition *condition.Condition // nil: always
	seed      string
}

// NewSet compiles offers. Two offers of one id, a condition that does not
// compile and active bundles that overlap are errors that name the offer.
// Nothing else is checked; Validate is for offers that are not stored yet.
func NewSet(offers []Offer) (*Set, error) {
	s := &Set{entries: make([]*entry, 0, len(offers)), byID: make(map[string]*entry, len(offers))}
	for i := range offers {
		e, err := compile(&offers[i])
		if err != nil {
			return nil, err
		}
		if _, ok := s.byID[e.offer.ID]; ok {
			return nil, recommend.Invalid("id", "offer %s is there twice", e.offer.ID)
		}
		s.entries = append(s.entries, e)
		s.byID[e.offer.ID] = e
	}
	slices.SortFunc(s.entries, order)
	s.choose()
	for _, e := range s.entries {
		if err := s.overlap(&e.offer); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func compile(o *Offer) (*entry, error) {
	e := &entry{offer: o.Clone(), seed: offerHoldoutSeed + o.ID}
	if strings.TrimSpace(o.Condition) == "" {
		return e, nil
	}
	var err error
	e.condition, err = condition.Compile(o.Condition, condition.Offer)
	return e, err
}

func order(a, b *entry) int {
	return cmp.Or(cmp.Compare(b.offer.Priority, a.offer.Priority), cmp.Compare(a.offer.ID, b.offer.ID))
}

// Put returns a set in which o is added, or stands for the offer of its id.
// Its error is that of NewSet.
func (s *Set) Put(o Offer) (*Set, error) {
	e, err := compile(&o)
	if err != nil {
		return nil, err
	}
	out := s.Delete(o.ID)
	if err := out.overlap(&e.offer); err != nil {
		return nil, err
	}
	at, _ := slices.BinarySearchFunc(out.entries, e, order)
	out.entries = slices.Insert(out.entries, at, e)
	out.choose()
	out.byID[o.ID] = e
	return out, nil
}

// Delete returns a set without the offer of that id.
func (s *Set) Delete(id string) *Set {
	out := &Set{entries: make([]*entry, 0, len(s.entries)+1), byID: make(map[string]*entry, len(s.entries)+1)}
	for _, e := range s.entries {
		if e.offer.ID != id {
			out.entries = append(out.entries, e)
			out.byID[e.offer.ID] = e
		}
	}
	out.choose()
	return out
}

// choose finds the active ones anew.
func (s *Set) choose() {
	s.active = make([]*entry, 0, len(s.entries))
	for _, e := range s.entries {
		if e.offer.Status == Active {
			s.active = append(s.active, e)
		}
	}
}

// Get returns the offer of that id, which must not be changed.
func (s *Set) Get(id string) (*Offer, bool) {
	e, ok := s.byID[id]
	if !ok {
		return nil, false
	}
	return &e.offer, true
}

// Len returns the number of offers.
func (s *Set) Len() int { return len(s.entries) }

// Offers returns all offers in the order they are considered. They must not
// be changed.
func (s *Set) Offers() []*Offer {
	out := make([]*Offer, len(s.entries))
	for i, e := range s.entries {
		out[i] = &e.offer
	}
	return out
}

// overlap refuses an active bundle that shares an item with another one at
// the same time, unless one answer shows only one of them: the item would be
// sold cheaper twice.
func (s *Set) overlap(o *Offer) error {
	if o.Bundle == nil || o.Status != Active {
		return nil
	}
	for _, e := range s.entries {
		other := &e.offer
		exclusive := o.ExclusivityGroup != "" && o.ExclusivityGroup == other.ExclusivityGroup
		if other.ID == o.ID || other.Bundle == nil || other.Status != Active || exclusive || !sameTime(o, other) {
			continue
		}
		for i, id := range o.Bundle.ItemIDs {
			if slices.Contains(other.Bundle.ItemIDs, id) {
				return recommend.Invalid(indexed("bundle.item_ids", i),
					"%s is also in the bundle of offer %s at the same time; end one before the other, or give both one exclusivity_group", id, other.ID)
			}
		}
	}
	return nil
}

// sameTime reports whether there is a moment at which both are open.
func sameTime(a, b *Offer) bool {
	return !a.afterEnd(b.StartsAt) && !b.afterEnd(a.StartsAt)
}
