package offer

import "fmt"

// Reason says what became of an offer in one decision.
type Reason uint8

// The reasons, in the order in which they are asked.
const (
	NotActive Reason = iota
	NotStarted
	Expired
	ChannelMismatch // or surface
	ConsentMissing
	ConditionFalse // or unknown
	ConditionError
	OutOfStock
	CapCustomerTotal
	CapCustomerDay
	Cooldown
	BudgetExhausted
	HoldoutGlobal
	HoldoutOffer
	ExclusivityLost
	SlotLimit
	Shown
	reasons
)

var reasonNames = [reasons]string{
	"NOT_ACTIVE", "NOT_STARTED", "EXPIRED", "CHANNEL_MISMATCH", "CONSENT_MISSING", "CONDITION_FALSE", "CONDITION_ERROR",
	"OUT_OF_STOCK", "CAP_CUSTOMER_TOTAL", "CAP_CUSTOMER_DAY", "COOLDOWN", "BUDGET_EXHAUSTED", "HOLDOUT_GLOBAL", "HOLDOUT_OFFER",
	"EXCLUSIVITY_LOST", "SLOT_LIMIT", "SHOWN",
}

// String returns the name the reason has in answers, such as NOT_ACTIVE.
func (r Reason) String() string {
	if r >= reasons {
		return fmt.Sprintf("Reason(%d)", r)
	}
	return reasonNames[r]
}

// ReasonOrder returns every reason in the order in which they are asked.
func ReasonOrder() []Reason {
	out := make([]Reason, reasons)
	for i := range out {
		out[i] = Reason(i)
	}
	return out
}

// Counts is the number of offers each Reason became of.
type Counts [reasons]int
