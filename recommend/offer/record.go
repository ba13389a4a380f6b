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
	// RecordErase drops all there is of a customer; budgets stay spent and
	// counts of the offers stay: CustomerID, At.
	RecordErase
	// RecordCarry adds what came of an offer in decisions whose records are
	// gone: OfferID, At, Redemptions, Yen, Views, Accepted.
	RecordCarry
	// RecordForget drops decisions that ended before Expires; what they
	// counted stays: At, Expires.
	RecordForget
	// RecordAccept is the first time the customer chose the offer: DecisionID,
	// OfferID, CustomerID, At.
	RecordAccept
	// RecordTally adds views of one customer that counted under the caps, in
	// decisions whose records are gone: OfferID, CustomerID, At, Views.
	RecordTally
)

// Record is one change of the ledger, to be made durable in the order the
// ledger gave them out. Fields not named by its kind are zero. Times are kept
// to the nanosecond; their location does not matter.
type Record struct {
	Kind                            RecordKind
	DecisionID, OfferID, CustomerID string
	At, Expires                     time.Time
	Redemptions, Yen                int64
	Views, Accepted                 int64
}

// IsZero reports that there is nothing to make durable.
func (r *Record) IsZero() bool { return r.Kind == 0 }
