package offer

// Reason says what became of an offer in one decision.
type Reason string

// The reasons, in the order in which they are asked.
const (
	NotActive        Reason = "NOT_ACTIVE"
	NotStarted       Reason = "NOT_STARTED"
	Expired          Reason = "EXPIRED"
	ChannelMismatch  Reason = "CHANNEL_MISMATCH" // or surface
	ConsentMissing   Reason = "CONSENT_MISSING"
	ConditionFalse   Reason = "CONDITION_FALSE" // or unknown
	ConditionError   Reason = "CONDITION_ERROR"
	OutOfStock       Reason = "OUT_OF_STOCK"
	CapCustomerTotal Reason = "CAP_CUSTOMER_TOTAL"
	CapCustomerDay   Reason = "CAP_CUSTOMER_DAY"
	Cooldown         Reason = "COOLDOWN"
	BudgetExhausted  Reason = "BUDGET_EXHAUSTED"
	HoldoutGlobal    Reason = "HOLDOUT_GLOBAL"
	HoldoutOffer     Reason = "HOLDOUT_OFFER"
	ExclusivityLost  Reason = "EXCLUSIVITY_LOST"
	SlotLimit        Reason = "SLOT_LIMIT"
	Shown            Reason = "SHOWN"
)

// ReasonOrder returns every reason in the order in which they are asked.
func ReasonOrder() []Reason {
	return []Reason{
		NotActive, NotStarted, Expired, ChannelMismatch, ConsentMissing, ConditionFalse, ConditionError,
		OutOfStock, CapCustomerTotal, CapCustomerDay, Cooldown, BudgetExhausted, HoldoutGlobal, HoldoutOffer,
		ExclusivityLost, SlotLimit, Shown,
	}
}
