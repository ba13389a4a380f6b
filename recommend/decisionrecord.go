package recommend

import "time"

// DecisionRecord is one durable step of the offer ledger, as package offer's
// Record has it; the log keeps them in order.
type DecisionRecord struct {
	// Kind is the code package offer gives it, never 0.
	Kind                            uint8
	DecisionID, OfferID, CustomerID string // "" where the kind has none
	At, Expires                     time.Time
	Redemptions, Yen                int64
	Views, Accepted                 int64
}
