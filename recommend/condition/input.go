package condition

import "time"

// Maybe is a value that may be unknown; its zero value is unknown.
type Maybe[T any] struct {
	Value T
	Known bool
}

// Known returns a known value.
func Known[T any](v T) Maybe[T] { return Maybe[T]{Value: v, Known: true} }

// Input is what conditions are asked about. Its zero value knows nothing. A
// text of "" is unknown. Lists and maps that state something (tags, consents,
// what is in a cart) are empty when nil; those that are computed (Segments,
// LastCategories) are unknown when nil and empty when not.
type Input struct {
	// Now and Zone (nil: UTC) give now, date, hour and weekday; a zero Now is
	// unknown.
	Now  time.Time
	Zone *time.Location
	// Channel and Surface say where: web, app, email ...; product, cart ...
	Channel, Surface string
	// Customer is nil for a visitor of whom nothing is known.
	Customer *Customer
	// Cart is nil when no cart was given; an empty cart is a Cart of zeros.
	Cart *Cart
	// Item is the item a page is about, or the one a rule is asked about.
	Item *Item
}

// Customer is what conditions may ask about a customer.
type Customer struct {
	ID     string
	Gender string
	Region string // ISO 3166-2
	Locale string
	Age    Maybe[int64]
	Tags   []string
	// Consents holds the kinds of consent the customer gives now.
	Consents []string
	Segments []string

	Tier       string
	TierGapYen Maybe[int64] // to the next tier
	Points     Maybe[int64]

	// BirthdayOffset is the number of days since the nearest birthday,
	// negative before it; Anniversaries the same for each by name.
	BirthdayOffset Maybe[int64]
	Anniversaries  map[string]int64

	Orders Maybe[int64]
	// DaysSinceFirst and DaysSinceLast count calendar days since the first and
	// the last order; LastCategories are those of the last order's items.
	DaysSinceFirst, DaysSinceLast Maybe[int64]
	LastCategories                []string

	R, F, M         Maybe[int64] // 1 to 5
	RFMGroup        string
	Lifecycle       string
	ChurnRisk       Maybe[float64] // 0 to 1, so are the next two
	PAlive          Maybe[float64]
	PRepeat90d      Maybe[float64]
	CLV12m          Maybe[float64] // yen
	ExpectedGapDays Maybe[float64]
	PriceAffinity   map[string]float64 // family to price percentile, 0 to 1
}

// Cart is what is in the cart.
type Cart struct {
	Total      int64 // minor units, tax included
	Count      int64 // pieces
	ItemIDs    []string
	Categories []string // every level of the items' category paths
}

// Item is what conditions may ask about an item.
type Item struct {
	ID, GroupID, Family, Brand, Role string

	Category   []string // path, root first
	Tags       []string
	Price      Maybe[int64] // minor units, tax included
	Stock      Maybe[int64]
	Rating     Maybe[float64]
	Attributes map[string]string
}
