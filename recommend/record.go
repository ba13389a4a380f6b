package recommend

import "time"

// RecordKind is what one entry of the log does.
type RecordKind uint8

// The kinds, by their codes on disk: append only.
const (
	RecordEvent RecordKind = iota + 1
	RecordItemPut
	RecordItemDelete
)

// Record is one entry of the log: everything a shop told us is one, so the
// log alone rebuilds all state.
type Record struct {
	Kind RecordKind
	// Event is set for RecordEvent.
	Event Event
	// Item is set for RecordItemPut (the whole item) and RecordItemDelete
	// (its ID alone).
	Item Item
	// Received is when the record was acknowledged, by the receiver's clock.
	Received time.Time
}

// Key is the idempotency key of the record; "" means it has none and always
// counts. Only events have one.
func (r *Record) Key() string {
	if r.Kind == RecordEvent {
		return r.Event.ID
	}
	return ""
}

// Appended is the log's word on one record.
type Appended struct {
	// Seq is the record's place in the log, dense and from 1; for a duplicate
	// it is the place of the record that came first.
	Seq       uint64
	Duplicate bool
}

// Status of one entry of a batch.
type Status string

// The statuses.
const (
	Accepted  Status = "accepted"
	Duplicate Status = "duplicate"
	Rejected  Status = "rejected"
)

// Verdict is the answer to one entry of a batch.
type Verdict struct {
	Status  Status
	EventID string
	Seq     uint64 // 0 when rejected
	Err     *Error // set when rejected
}
