package offer

import "time"

// ReservationTTL is how long a reservation holds its place.
const ReservationTTL = 15 * time.Minute

// RecordKind is what one change of the ledger does.
type RecordKind uint8

// The kinds, by their codes on disk: append only.
const (
	// RecordReserve holds a place for OfferID of DecisionID: CustomerID, At,
	// Expires, Yen.
	RecordReserve RecordKind = iota + 1
	// RecordConfirm redeems a reservation: DecisionID, OfferID, At.
	RecordConfirm
	// RecordRelease gives a reservation back: DecisionID, OfferID, At.
	RecordRelease
	// RecordExpire ends every reservation whose time is up: At.
	RecordExpire
	// RecordShow is one view: DecisionID, OfferID, CustomerID, At.
	RecordShow
	// RecordErase drops all there is of a customer, redemptions too:
	// CustomerID, At.
	RecordErase
	// RecordCarry adds redemptions of nobody, so that a budget stays spent
	// when a customer is erased: OfferID, At, Redemptions, Yen.
	RecordCarry
	// RecordForget drops decisions that ended before Expires; what they
	// counted stays: At, Expires.
	RecordForget
)

// Record is one change of the ledger, to be made durable in the order the
// ledger gave them out. Fields not named by its kind are zero. Times are kept
// to the nanosecond; their location does not matter.
type Record struct {
	Kind                            RecordKind
	DecisionID, OfferID, CustomerID string
	At, Expires                     time.Time
	Redemptions, Yen                int64
}

// IsZero reports that there is nothing to make durable.
func (r *Record) IsZero() bool { return r.Kind == 0 }
