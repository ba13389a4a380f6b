package recommend

import "time"

// DecisionRecordKind is what became of an offer in one decision.
type DecisionRecordKind uint8

// The kinds, by their codes on disk: append only.
const (
	DecisionReserved DecisionRecordKind = iota + 1
	DecisionConfirmed
	DecisionReleased
	DecisionShown
	decisionRecordKinds
)

// Valid reports whether k is one of the kinds.
func (k DecisionRecordKind) Valid() bool { return k > 0 && k < decisionRecordKinds }

// DecisionRecord is one durable step of the offer ledger.
type DecisionRecord struct {
	Kind       DecisionRecordKind
	DecisionID string
	OfferID    string
	CustomerID string
	At         time.Time // UTC
	// Expires is when a reservation ends by itself; zero for the other kinds.
	Expires time.Time
	// Yen is what the offer costs the shop, against its budget.
	Yen int64
}
