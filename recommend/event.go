package recommend

import (
	"math"
	"time"
	"unicode/utf8"
)

// EventType is what a visitor did, in GA4's names.
type EventType uint8

// The event types, in the order of their codes on disk: append only.
const (
	EventUnknown EventType = iota
	ViewItem
	AddToCart
	Purchase
	Refund
	ViewItemList
	SelectItem
	ViewPromotion
	SelectPromotion
	RemoveFromCart
	AddToWishlist
	ViewCart
	BeginCheckout
	Login
	SignUp
	Rating
	Feedback
	eventTypes
)

var eventNames = [eventTypes]string{
	"", "view_item", "add_to_cart", "purchase", "refund", "view_item_list", "select_item",
	"view_promotion", "select_promotion", "remove_from_cart", "add_to_wishlist", "view_cart",
	"begin_checkout", "login", "sign_up", "rating", "feedback",
}

// String returns the GA4 name.
func (t EventType) String() string {
	if t >= eventTypes {
		return ""
	}
	return eventNames[t]
}

// ParseEventType returns the type with the given name and whether it is known.
func ParseEventType(name string) (EventType, bool) {
	for t := ViewItem; t < eventTypes; t++ {
		if eventNames[t] == name {
			return t, true
		}
	}
	return EventUnknown, false
}

// EventNames lists every accepted event name.
func EventNames() []string { return append([]string(nil), eventNames[1:]...) }

// needsItems reports whether an event of this type says nothing without items.
func (t EventType) needsItems() bool {
	switch t {
	case ViewItem, AddToCart, Purchase, ViewItemList, SelectItem, RemoveFromCart, AddToWishlist, Rating, Feedback:
		return true
	default:
		return false
	}
}

// Limits on what one event may hold.
const (
	MaxIDBytes       = 256
	MaxEventItems    = 2000
	MaxQuantity      = 1_000_000
	MaxFutureSeconds = 24 * 60 * 60
)

// EarliestTime is the oldest time an event may carry; profiles keep times as
// unsigned Unix seconds.
var earliestTime = time.Date(1971, 1, 1, 0, 0, 0, 0, time.UTC)

// Event is one thing a visitor did. At least one of CustomerID, AnonymousID,
// SessionID and OrderID says who.
type Event struct {
	// ID makes the event idempotent: the same ID counts once.
	ID          string
	Type        EventType
	Time        time.Time // UTC, second precision counts
	CustomerID  string
	AnonymousID string
	SessionID   string
	// OrderID names the purchase or the purchase refunded.
	OrderID string
	Channel string
	// RecommendationID is the answer this event came from.
	RecommendationID string
	// DecisionID and OfferID name the offer that was seen or chosen, for
	// ViewPromotion and SelectPromotion.
	DecisionID string
	OfferID    string
	Items      []EventItem
	// Value is the rating for Rating and Feedback events, else 0.
	Value float64
}

// EventItem is one line of an event.
type EventItem struct {
	ItemID   string
	Quantity int64
	// Price is of one unit; its zero value means unknown.
	Price Money
}

// Validate checks e against the limits above. now is the receiver's clock: a
// time more than MaxFutureSeconds ahead of it is refused.
func (e *Event) Validate(now time.Time) error {
	if e.Type == EventUnknown || e.Type >= eventTypes {
		return Invalid("event", "must be one of the known event names, such as view_item, add_to_cart or purchase")
	}
	ids := [...]struct{ field, value string }{
		{"event_id", e.ID},
		{"customer_id", e.CustomerID},
		{"anonymous_id", e.AnonymousID},
		{"session_id", e.SessionID},
		{"order_id", e.OrderID},
		{"channel", e.Channel},
		{"recommendation_id", e.RecommendationID},
		{"decision_id", e.DecisionID},
		{"offer_id", e.OfferID},
	}
	for _, id := range ids {
		if id.value == "" {
			continue
		}
		if err := ValidateID(id.field, id.value); err != nil {
			return err
		}
	}
	if e.CustomerID == "" && e.AnonymousID == "" && e.SessionID == "" && e.OrderID == "" {
		return Invalid("customer_id", "one of customer_id, anonymous_id, session_id or order_id is required")
	}
	if (e.DecisionID == "") != (e.OfferID == "") {
		return Invalid("offer_id", "comes with decision_id, both or neither")
	}
	if e.DecisionID != "" && e.Type != ViewPromotion && e.Type != SelectPromotion {
		return Invalid("decision_id", "is for view_promotion and select_promotion")
	}
	if e.Time.IsZero() {
		return Invalid("time", "is required")
	}
	if e.Time.Before(earliestTime) {
		return Invalid("time", "must not be before %s", earliestTime.Format(time.RFC3339))
	}
	if e.Time.After(now.Add(MaxFutureSeconds * time.Second)) {
		return Invalid("time", "must not be more than 24 hours in the future, got %s", e.Time.UTC().Format(time.RFC3339))
	}
	if math.IsNaN(e.Value) || math.IsInf(e.Value, 0) || math.Abs(e.Value) > 1e12 {
		return Invalid("value", "must be a finite number")
	}
	if len(e.Items) == 0 && e.Type.needsItems() {
		return Invalid("items", "%s needs at least one item", e.Type)
	}
	if len(e.Items) > MaxEventItems {
		return Invalid("items", "at most %d items, got %d", MaxEventItems, len(e.Items))
	}
	for i := range e.Items {
		if err := e.Items[i].validate(); err != nil {
			return within(indexed("items", i), err)
		}
	}
	return nil
}

func (it *EventItem) validate() *Error {
	if it.ItemID == "" {
		return Invalid("item_id", "is required")
	}
	if err := ValidateID("item_id", it.ItemID); err != nil {
		return err
	}
	if it.Quantity < 0 || it.Quantity > MaxQuantity {
		return Invalid("quantity", "must be between 0 and %d, got %d", MaxQuantity, it.Quantity)
	}
	if it.Price != (Money{}) {
		return it.Price.validate("price")
	}
	return nil
}

func (m Money) validate(field string) *Error {
	if m.Amount < 0 || m.Amount > MaxAmount {
		return Invalid(field, "must be between 0 and %d minor units, got %d", int64(MaxAmount), m.Amount)
	}
	if !ValidCurrency(m.Currency) {
		return Invalid("currency", "must be an upper-case ISO 4217 code such as JPY, got %q", m.Currency)
	}
	return nil
}

// ValidateID checks an external id: 1 to MaxIDBytes bytes of valid UTF-8
// without control characters.
func ValidateID(field, id string) *Error {
	if id == "" {
		return Invalid(field, "must not be empty")
	}
	if len(id) > MaxIDBytes {
		return Invalid(field, "must be at most %d bytes, got %d", MaxIDBytes, len(id))
	}
	if !utf8.ValidString(id) {
		return Invalid(field, "must be valid UTF-8")
	}
	for _, r := range id {
		if r < 0x20 || (r >= 0x7f && r <= 0x9f) || r == '\u2028' || r == '\u2029' {
			return Invalid(field, "must not contain control characters")
		}
	}
	return nil
}
