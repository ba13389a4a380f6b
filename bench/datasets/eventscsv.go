package datasets

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"

	"osusume/recommend"
)

// eventsLayout reads rows of the events CSV, or of any file whose columns are
// mapped onto it.
type eventsLayout struct {
	columns  Columns
	currency string
	location *time.Location
	// ignorePrices leaves prices and currencies unread.
	ignorePrices bool

	at      [columnCount]int
	fixed   [columnCount][]byte
	strings interner
}

func newEventsLayout(o *Options) *eventsLayout {
	l := &eventsLayout{columns: o.Columns, currency: o.Currency, location: o.Location, ignorePrices: o.IgnorePrices, strings: make(interner)}
	if l.currency == "" {
		l.currency = "JPY"
	}
	return l
}

func (l *eventsLayout) header(names []string) error {
	var err error
	l.at, err = l.columns.places(names)
	for i, text := range l.columns.fixed {
		l.fixed[i] = []byte(text)
	}
	return err
}

func (l *eventsLayout) cell(cells [][]byte, c column) []byte {
	if at := l.at[c]; at >= 0 {
		return bytes.TrimSpace(cells[at])
	}
	return l.fixed[c]
}

func (l *eventsLayout) decode(cells [][]byte, out *line) (skip string, err error) {
	name := l.cell(cells, colEvent)
	kind, ok := recommend.ParseEventType(string(name))
	if !ok {
		return "", fmt.Errorf("event: must be one of the known event names, such as view_item, add_to_cart or purchase, got %q", clip(string(name)))
	}
	at, err := parseTime(l.cell(cells, colTime), l.location)
	if err != nil {
		return "", err
	}
	out.event = recommend.Event{
		// Event and order ids hardly repeat far apart: sharing them would only
		// push customers and items out of the shared strings.
		ID:               string(l.cell(cells, colEventID)),
		Type:             kind,
		Time:             at,
		CustomerID:       l.strings.get(l.cell(cells, colCustomerID)),
		AnonymousID:      l.strings.get(l.cell(cells, colAnonymousID)),
		SessionID:        l.strings.get(l.cell(cells, colSessionID)),
		OrderID:          l.strings.get(l.cell(cells, colOrderID)),
		Channel:          l.strings.get(l.cell(cells, colChannel)),
		RecommendationID: l.strings.get(l.cell(cells, colRecommendationID)),
	}
	if kind == recommend.Rating || kind == recommend.Feedback {
		if out.event.Value, err = parseValue(l.cell(cells, colValue), kind); err != nil {
			return "", err
		}
	}
	out.rounded = false
	out.item = recommend.EventItem{ItemID: l.strings.get(l.cell(cells, colItemID))}
	out.hasItem = out.item.ItemID != ""
	if !out.hasItem {
		return "", nil
	}
	out.item.Quantity = 1
	if b := l.cell(cells, colQuantity); len(b) > 0 {
		if out.item.Quantity, err = parseQuantity(b); err != nil {
			return "", err
		}
	}
	if b := l.cell(cells, colPrice); len(b) > 0 && !l.ignorePrices {
		currency := l.currency
		if c := l.cell(cells, colCurrency); len(c) > 0 {
			currency = l.strings.get(c)
			if !recommend.ValidCurrency(currency) {
				return "", fmt.Errorf("currency: must be an upper-case ISO 4217 code such as JPY, got %q", clip(currency))
			}
		}
		if out.item.Price, out.rounded, err = parsePrice(b, currency); err != nil {
			return "", err
		}
	}
	return "", nil
}

func (l *eventsLayout) catalog() []recommend.Item { return nil }

// parseValue reads the value of a rating, which must be there, or of feedback.
func parseValue(b []byte, kind recommend.EventType) (float64, error) {
	if len(b) == 0 {
		if kind == recommend.Rating {
			return 0, errors.New("value: a rating needs one")
		}
		return 0, nil
	}
	v, err := strconv.ParseFloat(string(b), 64)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
		return 0, fmt.Errorf("value: must be a finite number, got %q", clip(string(b)))
	}
	return v, nil
}
