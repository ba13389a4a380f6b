package offer

import (
	"maps"
	"slices"
	"time"

	"osusume/recommend"
)

// Status is where an offer is in its life.
type Status string

// The statuses. Only an active offer is shown; an archived one stays so.
const (
	Draft    Status = "draft"
	Active   Status = "active"
	Paused   Status = "paused"
	Archived Status = "archived"
)

// CanBecome reports whether an offer of status s may be given status to.
// Staying as it is always may.
func (s Status) CanBecome(to Status) bool {
	switch {
	case s == to:
		return true
	case s == Archived:
		return false
	case s == Draft:
		return to == Active || to == Archived
	default: // active, paused
		return to == Active || to == Paused || to == Archived
	}
}

// Type is what an offer gives.
type Type string

// The types.
const (
	Discount Type = "discount"
	Points   Type = "points"
	Gift     Type = "gift"
	Shipping Type = "shipping"
	Message  Type = "message" // nothing but its text
	ItemShow Type = "item"    // an item to look at
)

// Offer is one proposition of a shop. Zero values are open: no start, any
// channel, no cap, no budget.
type Offer struct {
	ID     string
	Status Status
	Type   Type
	// StartsAt is the first moment the offer may be shown and EndsAt the first
	// it may not be any more.
	StartsAt, EndsAt time.Time
	Channels         []string
	Surfaces         []string
	// Consent lists the kinds of consent the customer must have given.
	Consent []string
	// Condition is for package condition; empty always holds.
	Condition string
	// ItemID is the item offered; it must be in stock.
	ItemID string
	Bundle *Bundle
	Caps   Caps
	Budget Budget
	Value  Value
	// MarginYen is what the shop earns by one acceptance, after Value; 0 is not
	// known. Thompson ranking multiplies by it.
	MarginYen int64
	// Priority orders offers, greatest first.
	Priority int64
	// ExclusivityGroup joins offers of which one answer shows one.
	ExclusivityGroup string
	// HoldoutBP is the share of customers who never see the offer, in basis
	// points, 0 to 10000.
	HoldoutBP int64
	Text      recommend.Text // ja, en
	// Version counts the changes; package offer only carries it.
	Version uint64
}

// Bundle is two to four items sold together.
type Bundle struct {
	ItemIDs  []string
	PriceYen int64 // of the whole; 0 is the sum of the items
}

// Caps bound how often one customer is shown an offer; 0 is no cap.
type Caps struct {
	PerCustomerDay   int64 // days of the shop's zone
	PerCustomerTotal int64
	// CooldownHours must have passed since the offer was last shown.
	CooldownHours int64
}

func (c Caps) any() bool { return c != Caps{} }

// Budget bounds what all redemptions together may come to; 0 is no bound.
type Budget struct {
	MaxRedemptions int64
	MaxYen         int64
}

// Value is what one redemption gives.
type Value struct {
	// Yen is the most that one redemption costs the shop.
	Yen int64
	// Points are loyalty points given; without Yen each costs one yen.
	Points int64
}

// CostYen is what one redemption takes from the budget.
func (o *Offer) CostYen() int64 {
	if o.Value.Yen > 0 {
		return o.Value.Yen
	}
	return o.Value.Points
}

// Items are the items the offer is about: its own and those of its bundle.
func (o *Offer) Items() []string {
	var ids []string
	if o.ItemID != "" {
		ids = append(ids, o.ItemID)
	}
	if o.Bundle != nil {
		ids = append(ids, o.Bundle.ItemIDs...)
	}
	return ids
}

// Clone returns a copy that shares nothing with o.
func (o *Offer) Clone() Offer {
	out := *o
	out.Channels = slices.Clone(o.Channels)
	out.Surfaces = slices.Clone(o.Surfaces)
	out.Consent = slices.Clone(o.Consent)
	out.Text = maps.Clone(o.Text)
	if o.Bundle != nil {
		out.Bundle = &Bundle{ItemIDs: slices.Clone(o.Bundle.ItemIDs), PriceYen: o.Bundle.PriceYen}
	}
	return out
}

func (o *Offer) beforeStart(now time.Time) bool {
	return !o.StartsAt.IsZero() && now.Before(o.StartsAt)
}

func (o *Offer) afterEnd(now time.Time) bool {
	return !o.EndsAt.IsZero() && !now.Before(o.EndsAt)
}
