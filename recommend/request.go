package recommend

import "time"

// Repeat says whether items the visitor already knows may be shown.
type Repeat uint8

// The choices of Repeat. RepeatDefault leaves it to the placement.
const (
	RepeatDefault Repeat = iota
	RepeatAllow
	RepeatExclude
)

// DefaultLimit and MaxLimit bound the length of a list.
const (
	DefaultLimit = 10
	MaxLimit     = 100
)

// Request asks for one list. Its zero value asks for the ten best items for
// nobody in particular.
type Request struct {
	CustomerID, AnonymousID, SessionID string
	// ItemID is the item the visitor looks at; Cart what is in the cart.
	// Both are context for the list and never part of it.
	ItemID string
	Cart   []string
	// SessionItems are the items seen in this session, oldest first. When
	// given they stand for the stored session, so that a storefront that
	// keeps its own sessions gets session lists too.
	SessionItems []string
	// Placement names the slot ("home", "item", "cart", ...); empty is "home".
	Placement string
	// Model overrides the placement's model; empty keeps it.
	Model string
	// Limit is the wanted length, 1 to MaxLimit; 0 is DefaultLimit.
	Limit   int
	Exclude []string
	Filter  Filter
	Repeat  Repeat
	// Diversity, 0 to 1, weakens each further item of a category: 0 ranks by
	// score alone, 1 takes a category again only when no other is left; nil
	// leaves it to the placement.
	Diversity *float64
	// MaxPerCategory and MaxPerGroup bound the items of one leaf category and
	// of one item group (variants); 0 leaves it to the placement, -1 lifts it.
	// Bounds give way before a list stays short.
	MaxPerCategory, MaxPerGroup int
	// NoExplore keeps new arrivals out that are there only to be tried.
	NoExplore bool
	// Explain asks for reasons with text; without it reasons carry numbers only.
	Explain bool
	Locale  string // "ja" or "en"; empty is "ja"
}

// Filter keeps items that meet every condition named. The zero value keeps all.
type Filter struct {
	// Category keeps items below any of these paths ("Audio" or "Audio/Headphones").
	Category []string
	// Tags keeps items that carry all of these.
	Tags []string
	// PriceMin and PriceMax are inclusive bounds in major units; nil is open.
	// An item without a price never passes a price bound.
	PriceMin, PriceMax *float64
	// IncludeUnavailable also shows items that cannot be bought now.
	IncludeUnavailable bool
}

// Stage names the step that filled part of a list.
type Stage string

// The stages, in the order they are tried.
const (
	StageForYou     Stage = "for_you"    // neighbours of the visitor's history
	StageSession    Stage = "session"    // neighbours of this session
	StageCart       Stage = "cart"       // neighbours of the cart
	StageRelated    Stage = "related"    // neighbours of the item looked at
	StageSimilar    Stage = "similar"    // same category, family or brand
	StageExplore    Stage = "explore"    // new arrivals given a chance
	StageTrending   Stage = "trending"   // selling faster than usual
	StageBestseller Stage = "bestseller" // most buyers
	StageCatalog    Stage = "catalog"    // anything eligible, by id
	StagePinned     Stage = "pinned"     // put there by a merchandising rule
)

// ReasonCode says why an item is in a list.
type ReasonCode string

// The reasons.
const (
	ReasonBoughtTogether ReasonCode = "BOUGHT_TOGETHER" // same order
	ReasonAlsoBought     ReasonCode = "ALSO_BOUGHT"     // same customer
	ReasonViewedTogether ReasonCode = "VIEWED_TOGETHER" // same session
	ReasonRecentlyViewed ReasonCode = "RECENTLY_VIEWED" // by this visitor
	ReasonBuyAgain       ReasonCode = "BUY_AGAIN"
	ReasonSimilar        ReasonCode = "SIMILAR"
	ReasonNewArrival     ReasonCode = "NEW_ARRIVAL" // new, and like ItemID
	ReasonTrending       ReasonCode = "TRENDING"
	ReasonBestseller     ReasonCode = "BESTSELLER"
	ReasonInCatalog      ReasonCode = "IN_CATALOG"
)

// Reason is one explanation with its evidence: Support of Of cases. The unit
// of a case follows from Code: orders with ItemID, customers who bought it,
// sessions that viewed it, the visitor's own orders (BUY_AGAIN). For TRENDING
// and BESTSELLER, Support is distinct buyers and Of the window in days, 0 for
// all time.
type Reason struct {
	Code ReasonCode
	// ItemID is the item the evidence links to, if any.
	ItemID      string
	Support, Of uint32
	Text        string
}

// Recommendation is one item of a list.
type Recommendation struct {
	ItemID string
	// Score orders the list, greatest first; comparable within one stage of
	// one answer only.
	Score   float64
	Stage   Stage
	Reasons []Reason
}

// Answer is a list and where it came from.
type Answer struct {
	Items      []Recommendation
	Stages     []Stage // that contributed, in order
	Model      string
	AppliedSeq uint64
	// AsOf is when the View that answered was made.
	AsOf time.Time
}

// RelatedKind chooses the relation /related answers with.
type RelatedKind string

// The relations.
const (
	AlsoBought     RelatedKind = "also_bought"     // by the same customers
	AlsoViewed     RelatedKind = "also_viewed"     // in the same sessions
	Similar        RelatedKind = "similar"         // substitutes: co-viewed, like attributes
	BoughtTogether RelatedKind = "bought_together" // in the same order
)

// PopularQuery asks for what sells.
type PopularQuery struct {
	// Window is how far back buyers count, in whole UTC days; 0 is all time.
	WindowDays int
	// Trending ranks by growth against the year instead of by buyers.
	Trending bool
	Limit    int
	Exclude  []string
	Filter   Filter
	Explain  bool
	Locale   string
}

// Interaction is one line of a visitor's history.
type Interaction struct {
	Type   EventType
	Time   time.Time
	ItemID string
}

// Customer is what the index knows of one visitor.
type Customer struct {
	ID string
	// Recent holds the newest interactions first.
	Recent []Interaction
	// Counts by event type name ("view_item": 12), and of distinct orders.
	Counts               map[string]int
	Orders               int
	FirstSeen, LastSeen  time.Time
	DistinctItemsBought  int
	DistinctItemsVisited int
}
