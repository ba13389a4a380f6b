package upsell

import (
	"time"

	"osusume/recommend"
)

// Kind is what a suggestion proposes.
type Kind string

// The kinds.
const (
	KindUpgrade       Kind = "upgrade"        // the better model instead
	KindAccessory     Kind = "accessory"      // what goes with it: a complement of any role
	KindBundle        Kind = "bundle"         // it and others at one lower price
	KindCartThreshold Kind = "cart_threshold" // lifts the cart to free shipping
	KindTierNudge     Kind = "tier_nudge"     // lifts the customer to the next tier
	KindBuyAgain      Kind = "buy_it_again"   // bought before and due
	KindPlanUpgrade   Kind = "plan_upgrade"   // the larger plan
)

// NoItem stands where there is no item.
const NoItem = ^uint32(0)

// Answer is what Suggest found.
type Answer struct {
	// Kinds lists the kinds in Suggestions in their order.
	Kinds       []Kind
	Suggestions []Suggestion
	// Gaps are the thresholds the cart is short of, for a progress bar, whether
	// or not an item was found that reaches them.
	Gaps []Gap
}

// Gap is what a cart is short of a threshold, tax included.
type Gap struct {
	Reason Reason // FREE_SHIPPING_GAP or TIER_GAP
	Amount recommend.Money
}

// Suggestion is one item with what it brings and why.
type Suggestion struct {
	Kind Kind
	Item uint32
	// From is the item it was found by: the one to upgrade, that it goes with,
	// the plan in use; NoItem for the rest.
	From    uint32
	Price   recommend.Money
	Value   Value
	Reasons []Reason
	Score   Score
	// Due is when the item is next needed, for KindBuyAgain.
	Due time.Time
	// Parts are the items of a bundle, in the order of its BundleOf.
	Parts []uint32
}

// Value is the value proposition.
type Value struct {
	// PriceDelta is what it costs beyond From, for upgrades and plans; its zero
	// value elsewhere.
	PriceDelta   recommend.Money
	FeatureGains []FeatureGain
	Rating       float64 // 0 unknown
	// Savings is what the customer keeps: against the parts for a bundle,
	// against the present bill for a plan, against the former price where that
	// may be shown. Its zero value means none.
	Savings recommend.Money
	// SavingsPercent is of the price without the saving, rounded down.
	SavingsPercent int
	CompareAt      CompareAt
}

// FeatureGain is an upgrade axis along which the suggestion is better.
type FeatureGain struct {
	Key      string
	Label    recommend.Text
	From, To string // as the catalog has them
}

// MarginSource says where a margin comes from.
type MarginSource string

// The sources. A difference of margins is MarginDefault if either side is.
const (
	MarginCost    MarginSource = "cost"    // price less cost
	MarginDefault MarginSource = "default" // a rate of the category
)

// Score holds the parts of a score, so that it can be checked by hand.
type Score struct {
	P        float64 // probability that the customer takes it
	PriceFit float64 // 1 where price plays no part
	// MarginDelta is the margin won, in minor units: over From for upgrades,
	// bundles and plans, the item's own elsewhere.
	MarginDelta float64
	// EV is P * PriceFit * MarginDelta, in minor units; always above zero.
	EV           float64
	MarginSource MarginSource
}
