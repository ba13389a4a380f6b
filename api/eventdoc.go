package api

import (
	"crypto/sha256"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"osusume/recommend"
	"osusume/recommend/strictjson"
)

// defaultCurrency is assumed where a price comes without one.
const defaultCurrency = "JPY"

// eventDocument is one event as it travels.
type eventDocument struct {
	Event            string              `json:"event"`
	EventID          string              `json:"event_id"`
	CustomerID       string              `json:"customer_id"`
	AnonymousID      string              `json:"anonymous_id"`
	SessionID        string              `json:"session_id"`
	Time             *string             `json:"time"`
	Channel          string              `json:"channel"`
	OrderID          string              `json:"order_id"`
	Currency         *string             `json:"currency"`
	RecommendationID string              `json:"recommendation_id"`
	DecisionID       string              `json:"decision_id"`
	OfferID          string              `json:"offer_id"`
	Value            *float64            `json:"value"`
	Items            []eventItemDocument `json:"items"`
}

type eventItemDocument struct {
	ItemID   string   `json:"item_id"`
	Quantity *int64   `json:"quantity"`
	Price    *float64 `json:"price"`
	Currency *string  `json:"currency"`
}

// decodeEvent reads one event. now dates an event that brings no time. The
// event returned is valid as recommend.Event.Validate means it, and has an ID
// when one can be derived. With an error, Type alone may be set.
func decodeEvent(raw []byte, now time.Time) (recommend.Event, *recommend.Error) {
	e, ok := scanEvent(raw, now)
	if !ok {
		var err *recommend.Error
		if e, err = decodeEventStrictly(raw, now); err != nil {
			return recommend.Event{Type: e.Type}, err
		}
	}
	if err := validateEvent(&e, now); err != nil {
		return recommend.Event{Type: e.Type}, err
	}
	if e.ID == "" {
		e.ID = orderEventID(&e)
	}
	return e, nil
}

// decodeEventStrictly reads any event there is, before validation. With an
// error, Type alone may be set.
func decodeEventStrictly(raw []byte, now time.Time) (recommend.Event, *recommend.Error) {
	var doc eventDocument
	if err := strictjson.UnmarshalObject(raw, &doc); err != nil {
		// The name may have been read before the fault; it is for counting only.
		t, _ := recommend.ParseEventType(doc.Event)
		return recommend.Event{Type: t}, err
	}
	return doc.event(now)
}

func validateEvent(e *recommend.Event, now time.Time) *recommend.Error {
	err := e.Validate(now)
	if err == nil {
		return nil
	}
	var own *recommend.Error
	if errors.As(err, &own) {
		return own
	}
	return recommend.Invalid("body", "is not a valid event")
}

func (d *eventDocument) event(now time.Time) (recommend.Event, *recommend.Error) {
	e := recommend.Event{
		ID:               d.EventID,
		CustomerID:       d.CustomerID,
		AnonymousID:      d.AnonymousID,
		SessionID:        d.SessionID,
		Time:             now.UTC(),
		OrderID:          d.OrderID,
		Channel:          d.Channel,
		RecommendationID: d.RecommendationID,
		DecisionID:       d.DecisionID,
		OfferID:          d.OfferID,
	}
	if d.Event == "" {
		return e, recommend.Invalid("event", "is required: one of %s", strings.Join(recommend.EventNames(), ", "))
	}
	known := false
	if e.Type, known = recommend.ParseEventType(d.Event); !known {
		return e, recommend.Invalid("event", "must be one of %s, got %q", strings.Join(recommend.EventNames(), ", "), recommend.Clip(d.Event))
	}
	if d.Time != nil {
		at, err := time.Parse(time.RFC3339, *d.Time)
		if err != nil {
			return e, recommend.Invalid("time", "must be RFC 3339 such as 2026-01-31T09:30:00+09:00, got %q", recommend.Clip(*d.Time))
		}
		e.Time = at.UTC()
	}
	switch e.Type {
	case recommend.Rating:
		if d.Value == nil {
			return e, recommend.Invalid("value", "is required for rating")
		}
		e.Value = *d.Value
	case recommend.Feedback:
		if d.Value != nil {
			e.Value = *d.Value
		}
	default:
		// GA4 sends the order's total here; the lines say it more exactly.
	}
	currency := defaultCurrency
	if d.Currency != nil {
		currency = *d.Currency
		if !recommend.ValidCurrency(currency) {
			return e, recommend.Invalid("currency", "must be an upper-case ISO 4217 code such as JPY, got %q", recommend.Clip(currency))
		}
	}
	if len(d.Items) > 0 {
		e.Items = make([]recommend.EventItem, len(d.Items))
	}
	for i := range d.Items {
		if err := d.Items[i].read(&e.Items[i], currency); err != nil {
			err.Field = recommend.JoinField("items["+strconv.Itoa(i)+"]", err.Field)
			return e, err
		}
	}
	return e, nil
}

func (d *eventItemDocument) read(into *recommend.EventItem, currency string) *recommend.Error {
	into.ItemID = d.ItemID
	into.Quantity = 1
	if d.Quantity != nil {
		into.Quantity = *d.Quantity
	}
	if d.Currency != nil {
		currency = *d.Currency
		if !recommend.ValidCurrency(currency) {
			return recommend.Invalid("currency", "must be an upper-case ISO 4217 code such as JPY, got %q", recommend.Clip(currency))
		}
	}
	if d.Price == nil {
		return nil
	}
	var err *recommend.Error
	into.Price, err = money("price", *d.Price, currency)
	return err
}

// money converts an amount in major units; an error names field.
func money(field string, major float64, currency string) (recommend.Money, *recommend.Error) {
	m, err := recommend.MoneyFromMajor(major, currency)
	if err == nil {
		return m, nil
	}
	var own *recommend.Error
	if !errors.As(err, &own) {
		return m, recommend.Invalid(field, "is not a valid amount")
	}
	out := *own
	if out.Field == "price" {
		out.Field = field
	}
	return m, &out
}

// orderEventID derives the id of a purchase or refund that names its order but
// brings no id, so that a shop that retries an order after a lost answer does
// not count it twice: a hash of type, order and lines, whatever the order of
// the lines. Other events get "": two equal views are two views.
func orderEventID(e *recommend.Event) string {
	if e.OrderID == "" || (e.Type != recommend.Purchase && e.Type != recommend.Refund) {
		return ""
	}
	lines := make([]string, len(e.Items))
	for i := range e.Items {
		it := &e.Items[i]
		var b []byte
		b = appendField(b, it.ItemID)
		b = strconv.AppendInt(b, it.Quantity, 10)
		b = append(b, 'x')
		b = strconv.AppendInt(b, it.Price.Amount, 10)
		lines[i] = string(append(b, it.Price.Currency...))
	}
	slices.Sort(lines)
	var b []byte
	b = appendField(b, e.Type.String())
	b = appendField(b, e.OrderID)
	for _, line := range lines {
		b = appendField(b, line)
	}
	sum := sha256.Sum256(b)
	return string(appendID(append(make([]byte, 0, 32), "order_"...), sum[:16]))
}

// appendField appends s with its length before it, so that no two lists of
// strings share one encoding.
func appendField(b []byte, s string) []byte {
	b = strconv.AppendInt(b, int64(len(s)), 10)
	b = append(b, ':')
	return append(b, s...)
}
