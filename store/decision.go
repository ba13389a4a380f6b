package store

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/dgraph-io/badger/v4"

	"osusume/recommend"
)

// Limits of one transaction of decisions, well below those of Badger.
const (
	// MaxDecisionRecords bounds one AppendDecisions and one ReplaceDecisions.
	MaxDecisionRecords  = 1000
	decisionKeyBytes    = 9
	maxDecisionRecBytes = 8 << 10
)

// decisionKey makes the newest record the first in the order of keys.
func decisionKey(place uint64) []byte {
	return binary.BigEndian.AppendUint64([]byte{prefixDecision}, ^place)
}

func parseDecisionKey(k []byte) (place uint64, ok bool) {
	if len(k) != decisionKeyBytes || k[0] != prefixDecision {
		return 0, false
	}
	place = ^binary.BigEndian.Uint64(k[1:])
	return place, place > 0
}

// Bits of an encoded decision record.
const (
	decisionHasExpiry = 1 << iota
	decisionHasYen
	decisionHasRedemptions
	decisionHasViews
	decisionHasAccepted
	decisionBits // first unused bit
)

func appendDecision(b []byte, d *recommend.DecisionRecord) ([]byte, error) {
	if d.Kind == 0 {
		return b, recommend.Invalid("kind", "must not be 0")
	}
	for _, id := range [...]string{d.DecisionID, d.OfferID, d.CustomerID} {
		if len(id) > recommend.MaxIDBytes {
			return b, tooLarge("an id may take at most %d bytes, got %d", recommend.MaxIDBytes, len(id))
		}
	}
	if !storable(d.At) || !storable(d.Expires) {
		return b, recommend.Invalid("at", "must lie within the years 1 to 9999")
	}
	bits := byte(0)
	if !d.Expires.IsZero() {
		bits |= decisionHasExpiry
	}
	if d.Yen != 0 {
		bits |= decisionHasYen
	}
	if d.Redemptions != 0 {
		bits |= decisionHasRedemptions
	}
	if d.Views != 0 {
		bits |= decisionHasViews
	}
	if d.Accepted != 0 {
		bits |= decisionHasAccepted
	}
	b = append(b, d.Kind, bits)
	b = appendTime(b, d.At)
	if bits&decisionHasExpiry != 0 {
		b = appendTime(b, d.Expires)
	}
	if bits&decisionHasYen != 0 {
		b = binary.AppendVarint(b, d.Yen)
	}
	if bits&decisionHasRedemptions != 0 {
		b = binary.AppendVarint(b, d.Redemptions)
	}
	if bits&decisionHasViews != 0 {
		b = binary.AppendVarint(b, d.Views)
	}
	if bits&decisionHasAccepted != 0 {
		b = binary.AppendVarint(b, d.Accepted)
	}
	b = appendString(b, d.DecisionID)
	b = appendString(b, d.OfferID)
	return appendString(b, d.CustomerID), nil
}

// decodeDecision reads the entry of key.
func decodeDecision(key, body []byte) (d recommend.DecisionRecord, err error) {
	if _, ok := parseDecisionKey(key); !ok {
		return d, errors.New("its key is no place in the ledger")
	}
	if len(body) > maxDecisionRecBytes {
		return d, fmt.Errorf("record of %d bytes", len(body))
	}
	r := reader{s: string(body)}
	d.Kind = r.byte()
	bits := r.byte()
	d.At = r.time()
	if bits&decisionHasExpiry != 0 {
		d.Expires = r.time()
	}
	if bits&decisionHasYen != 0 {
		d.Yen = r.varint()
	}
	if bits&decisionHasRedemptions != 0 {
		d.Redemptions = r.varint()
	}
	if bits&decisionHasViews != 0 {
		d.Views = r.varint()
	}
	if bits&decisionHasAccepted != 0 {
		d.Accepted = r.varint()
	}
	d.DecisionID, d.OfferID, d.CustomerID = r.string(), r.string(), r.string()
	switch {
	case r.err != nil:
	case d.Kind == 0:
		r.fail("kind 0")
	case bits >= decisionBits:
		r.fail("unknown bits %#x", bits)
	case r.i != len(r.s):
		r.fail("%d bytes left over", len(r.s)-r.i)
	}
	return d, r.err
}

// AppendDecisions makes records durable in one transaction, all or none, and
// returns the place of the first; the others follow it. At most
// MaxDecisionRecords. Errors: recommend.CodeInvalid and CodeTooLarge for a record
// that cannot be stored, which change nothing; CodeUnavailable once the store is
// closed or has failed.
func (s *Store) AppendDecisions(records []recommend.DecisionRecord) (first uint64, err error) {
	return s.ReplaceDecisions(nil, records)
}

// ReplaceDecisions forgets records by their places and appends others, all or
// none of both, and returns the place of the first one appended. Together they
// are at most MaxDecisionRecords. Places that are empty already do no harm.
// Errors are those of AppendDecisions.
func (s *Store) ReplaceDecisions(drop []uint64, records []recommend.DecisionRecord) (first uint64, err error) {
	bodies, err := decisionBodies(drop, records)
	if err != nil {
		return 0, err
	}
	changes := make([]keyedChange, 0, len(drop)+len(records))
	for _, place := range drop {
		changes = append(changes, keyedChange{key: decisionKey(place)})
	}
	s.keyed.mu.Lock()
	defer s.keyed.mu.Unlock()
	if err := s.keyed.usable(); err != nil {
		return 0, err
	}
	first = s.keyed.lastDecision + 1
	for i, body := range bodies {
		changes = append(changes, keyedChange{key: decisionKey(first + uint64(i)), body: body})
	}
	if err := s.changeKeyed(changes); err != nil {
		return 0, err
	}
	s.keyed.lastDecision += uint64(len(records))
	return first, nil
}

// decisionBodies encodes records and holds the change against its limits.
func decisionBodies(drop []uint64, records []recommend.DecisionRecord) ([][]byte, error) {
	if n := len(drop) + len(records); n > MaxDecisionRecords {
		return nil, tooLarge("at most %d decision records at a time, got %d", MaxDecisionRecords, n)
	}
	bodies := make([][]byte, len(records))
	for i := range records {
		var err error
		if bodies[i], err = appendDecision(nil, &records[i]); err != nil {
			return nil, err
		}
	}
	return bodies, nil
}

// Decisions calls fn with every record and its place, in the order they were
// appended, as of the call: changes that come meanwhile wait for nothing and are
// not seen. It stops at fn's first error, which it returns as it is. It must end
// before Close.
func (s *Store) Decisions(fn func(place uint64, d *recommend.DecisionRecord) error) error {
	s.keyed.mu.Lock()
	closed := s.keyed.closed
	s.keyed.mu.Unlock()
	if closed {
		return errClosed
	}
	return s.view(func(txn *badger.Txn) error {
		return eachEntry(txn, []byte{prefixDecision}, func(key, _, body []byte, err error) error {
			var d recommend.DecisionRecord
			if err == nil {
				d, err = decodeDecision(key, body)
			}
			if err != nil {
				return fmt.Errorf("read decisions: %s is damaged: %w", entryName(key), err)
			}
			place, _ := parseDecisionKey(key)
			return fn(place, &d)
		})
	})
}
