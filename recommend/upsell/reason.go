package upsell

import "osusume/recommend"

// Code says why an item is suggested.
type Code string

// The codes.
const (
	CodeViewedBought  Code = "VIEWED_A_BOUGHT_B" // Percent of N
	CodeBoughtThen    Code = "BOUGHT_A_THEN_B"   // Percent of N
	CodeCompared      Code = "COMPARED"          // N customers
	CodePriceDelta    Code = "PRICE_DELTA"       // Amount
	CodeFeatureGain   Code = "FEATURE_GAIN"      // Feature, From, To
	CodeTogether      Code = "BOUGHT_TOGETHER"   // Percent of N
	CodeCompatible    Code = "COMPATIBLE"        // the catalog says that it fits
	CodeTierGap       Code = "TIER_GAP"          // Amount, Tier
	CodeShippingGap   Code = "FREE_SHIPPING_GAP" // Amount
	CodeReplenish     Code = "REPLENISH"         // Days: due about now
	CodeOverdue       Code = "REPLENISH_OVERDUE" // Days, Elapsed
	CodeTypical       Code = "REPLENISH_TYPICAL" // Days, of N repeaters
	CodeBoughtBefore  Code = "BOUGHT_BEFORE"     // Elapsed
	CodeWelcomeBack   Code = "WELCOME_BACK"
	CodeBundleSavings Code = "BUNDLE_SAVINGS" // Amount, Percent
	CodeSavings       Code = "SAVINGS"        // Amount, Percent
	CodePlanUsage     Code = "PLAN_USAGE"     // Percent
	CodePlanSavings   Code = "PLAN_SAVINGS"   // Amount
)

// Reason is one explanation. Which Params it has follows from its code.
type Reason struct {
	Code   Code
	Params Params
	// N is how many distinct customers the evidence counts; 0 for reasons that
	// rest on none.
	N uint32
}

// Params are the variable parts of a reason.
type Params struct {
	Percent  int // rounded down
	Amount   recommend.Money
	Feature  recommend.Text
	From, To string
	Tier     recommend.Text
	// Days is the usual time between purchases, Elapsed since the last.
	Days, Elapsed int
}
