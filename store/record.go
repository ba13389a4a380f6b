package store

import (
	"encoding/binary"
	"fmt"
	"time"

	"osusume/recommend"
)

// Presence bits of an encoded event. The seven common ids come first, so the
// usual event needs one byte.
const (
	hasID = 1 << iota
	hasCustomer
	hasAnonymous
	hasSession
	hasOrder
	hasChannel
	hasRecommendation
	hasValue
	noTime
	noReceived
	hasDecision // and offer
	eventBits   // first unused bit
)

// minLineBytes is the least one line of an event takes: an empty id, a
// quantity and a money tag.
const minLineBytes = 3

// appendRecord appends rec to b as kind, body length, body. b is returned as
// it was when rec is beyond a cap.
func appendRecord(b []byte, rec *recommend.Record) ([]byte, error) {
	if err := checkRecord(rec); err != nil {
		return b, err
	}
	start := len(b)
	// Room for the longest length; the body moves down once it is known.
	b = append(b, byte(rec.Kind), 0, 0, 0, 0, 0)
	body := len(b)
	switch rec.Kind {
	case recommend.RecordEvent:
		b = appendEvent(b, &rec.Event, rec.Received)
	case recommend.RecordItemPut:
		b = appendItem(b, &rec.Item, rec.Received)
	case recommend.RecordItemDelete:
		b = appendItemDelete(b, rec.Item.ID, rec.Received)
	}
	size := len(b) - body
	if size > maxRecordBytes {
		return b[:start], tooLarge("a record may take at most %d bytes, got %d", maxRecordBytes, size)
	}
	n := binary.PutUvarint(b[start+1:body], uint64(size))
	copy(b[start+1+n:], b[body:])
	return b[:start+1+n+size], nil
}

func tooLarge(format string, args ...any) *recommend.Error {
	return &recommend.Error{Code: recommend.CodeTooLarge, Message: fmt.Sprintf(format, args...)}
}

// checkRecord refuses what could not be read back.
func checkRecord(rec *recommend.Record) error {
	switch rec.Kind {
	case recommend.RecordEvent:
		e := &rec.Event
		if len(e.Items) > recommend.MaxEventItems {
			return tooLarge("an event may have at most %d items, got %d", recommend.MaxEventItems, len(e.Items))
		}
		for _, s := range [...]string{e.ID, e.CustomerID, e.AnonymousID, e.SessionID, e.OrderID, e.Channel, e.RecommendationID, e.DecisionID, e.OfferID} {
			if len(s) > maxStringBytes {
				return tooLarge("an id may take at most %d bytes, got %d", maxStringBytes, len(s))
			}
		}
		for i := range e.Items {
			if n := max(len(e.Items[i].ItemID), len(e.Items[i].Price.Currency)); n > maxStringBytes {
				return tooLarge("an id may take at most %d bytes, got %d", maxStringBytes, n)
			}
		}
		if !storable(e.Time) {
			return recommend.Invalid("time", "must lie within the years 1 to 9999")
		}
	case recommend.RecordItemPut:
		if err := checkItem(&rec.Item); err != nil {
			return err
		}
	case recommend.RecordItemDelete:
		if len(rec.Item.ID) > maxStringBytes {
			return tooLarge("an id may take at most %d bytes, got %d", maxStringBytes, len(rec.Item.ID))
		}
	default:
		return recommend.Invalid("kind", "unknown record kind %d", rec.Kind)
	}
	if !storable(rec.Received) {
		return recommend.Invalid("received", "must lie within the years 1 to 9999")
	}
	return nil
}

func storable(t time.Time) bool {
	s := t.Unix()
	return s >= minUnix && s <= maxUnix
}

func appendEvent(b []byte, e *recommend.Event, received time.Time) []byte {
	bits := uint64(0)
	ids := [...]string{e.ID, e.CustomerID, e.AnonymousID, e.SessionID, e.OrderID, e.Channel, e.RecommendationID}
	for i, s := range ids {
		if s != "" {
			bits |= 1 << i
		}
	}
	if e.Value != 0 {
		bits |= hasValue
	}
	if e.DecisionID != "" || e.OfferID != "" {
		bits |= hasDecision
	}
	if e.Time.IsZero() {
		bits |= noTime
	}
	if received.IsZero() {
		bits |= noReceived
	}
	b = binary.AppendUvarint(b, bits)
	b = append(b, byte(e.Type))
	if bits&noTime == 0 {
		b = appendTime(b, e.Time)
	}
	if bits&noReceived == 0 {
		b = appendTime(b, received)
	}
	for _, s := range ids {
		if s != "" {
			b = appendString(b, s)
		}
	}
	if bits&hasDecision != 0 {
		b = appendString(b, e.DecisionID)
		b = appendString(b, e.OfferID)
	}
	if bits&hasValue != 0 {
		b = appendFloat(b, e.Value)
	}
	b = binary.AppendUvarint(b, uint64(len(e.Items)))
	currency := ""
	for i := range e.Items {
		it := &e.Items[i]
		b = appendString(b, it.ItemID)
		b = binary.AppendVarint(b, it.Quantity)
		b = appendMoney(b, it.Price, &currency)
	}
	return b
}

// decoder decodes records one after the other. It reuses the slice of event
// lines, so a record is valid until the next one is decoded; its strings are
// slices of the chunk and stay valid (and keep the chunk in memory). With keep
// the lines of earlier records stay valid until lines is cut by its owner.
type decoder struct {
	lines []recommend.EventItem
	keep  bool
}

// decode reads the record at r into rec, which it overwrites whole.
func (d *decoder) decode(r *reader, rec *recommend.Record) error {
	kind := recommend.RecordKind(r.byte())
	size := r.uvarint()
	if r.err != nil {
		return r.err
	}
	if size > maxRecordBytes || size > uint64(len(r.s)-r.i) {
		r.fail("record of %d bytes", size)
		return r.err
	}
	body := reader{s: r.s[:r.i+int(size)], i: r.i}
	r.i += int(size)
	*rec = recommend.Record{Kind: kind}
	switch kind {
	case recommend.RecordEvent:
		d.event(&body, rec)
	case recommend.RecordItemPut:
		decodeItem(&body, rec)
	case recommend.RecordItemDelete:
		decodeItemDelete(&body, rec)
	default:
		body.fail("unknown record kind %d", kind)
	}
	if body.err == nil && body.i != len(body.s) {
		body.fail("%d bytes left over", len(body.s)-body.i)
	}
	return body.err
}

func (d *decoder) event(r *reader, rec *recommend.Record) {
	e := &rec.Event
	bits := r.uvarint()
	if bits >= eventBits {
		r.fail("unknown event bits %#x", bits)
		return
	}
	e.Type = recommend.EventType(r.byte())
	if bits&noTime == 0 {
		e.Time = r.time()
	}
	if bits&noReceived == 0 {
		rec.Received = r.time()
	}
	if bits&hasID != 0 {
		e.ID = r.string()
	}
	if bits&hasCustomer != 0 {
		e.CustomerID = r.string()
	}
	if bits&hasAnonymous != 0 {
		e.AnonymousID = r.string()
	}
	if bits&hasSession != 0 {
		e.SessionID = r.string()
	}
	if bits&hasOrder != 0 {
		e.OrderID = r.string()
	}
	if bits&hasChannel != 0 {
		e.Channel = r.string()
	}
	if bits&hasRecommendation != 0 {
		e.RecommendationID = r.string()
	}
	if bits&hasDecision != 0 {
		e.DecisionID = r.string()
		e.OfferID = r.string()
	}
	if bits&hasValue != 0 {
		e.Value = r.float()
	}
	n := r.length(recommend.MaxEventItems, minLineBytes)
	if n == 0 {
		return
	}
	if !d.keep {
		d.lines = d.lines[:0]
	}
	start := len(d.lines)
	currency := ""
	for range n {
		d.lines = append(d.lines, recommend.EventItem{})
		it := &d.lines[len(d.lines)-1]
		it.ItemID = r.string()
		it.Quantity = r.varint()
		it.Price = r.money(&currency)
	}
	e.Items = d.lines[start:len(d.lines):len(d.lines)]
}
