package api

import (
	"strconv"
	"time"
	"unicode/utf8"

	"osusume/recommend"
)

// eventScanner reads events in the form nearly all of them have: an object of
// known members, each at most once, with plain strings and plain numbers. It
// reads that form only and knows no errors. Whatever else it meets, be it
// unusual or wrong, it leaves to the strict decoder, which alone decides what is
// valid: an event read here is one the strict decoder reads the same way.
type eventScanner struct {
	raw []byte
	at  int
}

// The members of an event, as bits.
const (
	memberEvent = 1 << iota
	memberEventID
	memberCustomerID
	memberAnonymousID
	memberSessionID
	memberTime
	memberChannel
	memberOrderID
	memberCurrency
	memberRecommendationID
	memberValue
	memberItems
)

// The members of a line, as bits.
const (
	memberItemID = 1 << iota
	memberQuantity
	memberPrice
	memberLineCurrency
)

// scanEvent reads an event as eventDocument.event would, before validation.
// Strings are copies of their own: some of them outlive the request by years,
// and must not keep its body.
func scanEvent(raw []byte, now time.Time) (e recommend.Event, ok bool) {
	s := eventScanner{raw: raw}
	e.Time = now.UTC()
	currency, value := defaultCurrency, 0.0
	seen := 0
	for more := s.open('{', '}'); more; more = s.next('}') {
		member := 0
		switch name, _ := s.name(); string(name) {
		case "event":
			member = memberEvent
			text, _ := s.text()
			e.Type, ok = recommend.ParseEventType(string(text))
		case "event_id":
			member = memberEventID
			e.ID, ok = s.word()
		case "customer_id":
			member = memberCustomerID
			e.CustomerID, ok = s.word()
		case "anonymous_id":
			member = memberAnonymousID
			e.AnonymousID, ok = s.word()
		case "session_id":
			member = memberSessionID
			e.SessionID, ok = s.word()
		case "time":
			member = memberTime
			e.Time, ok = s.moment()
		case "channel":
			member = memberChannel
			e.Channel, ok = s.word()
		case "order_id":
			member = memberOrderID
			e.OrderID, ok = s.word()
		case "currency":
			member = memberCurrency
			currency, ok = s.currency()
			if seen&memberItems != 0 {
				return e, false // the lines were read in another one
			}
		case "recommendation_id":
			member = memberRecommendationID
			e.RecommendationID, ok = s.word()
		case "value":
			member = memberValue
			value, ok = s.number()
		case "items":
			member = memberItems
			e.Items, ok = s.items(currency)
		default:
			return e, false
		}
		if !ok || seen&member != 0 {
			return e, false
		}
		seen |= member
	}
	if !s.done() || seen&memberEvent == 0 {
		return e, false
	}
	switch e.Type {
	case recommend.Rating:
		e.Value, ok = value, seen&memberValue != 0
	case recommend.Feedback:
		e.Value = value
	default:
		// See eventDocument.event.
	}
	return e, ok
}

func (s *eventScanner) items(currency string) (items []recommend.EventItem, ok bool) {
	for more := s.open('[', ']'); more; more = s.next(']') {
		line := recommend.EventItem{Quantity: 1}
		price, own := 0.0, currency
		seen := 0
		for more := s.open('{', '}'); more; more = s.next('}') {
			member := 0
			switch name, _ := s.name(); string(name) {
			case "item_id":
				member = memberItemID
				line.ItemID, ok = s.word()
			case "quantity":
				member = memberQuantity
				line.Quantity, ok = s.whole()
			case "price":
				member = memberPrice
				price, ok = s.number()
			case "currency":
				member = memberLineCurrency
				own, ok = s.currency()
			default:
				return nil, false
			}
			if !ok || seen&member != 0 {
				return nil, false
			}
			seen |= member
		}
		if s.at < 0 {
			return nil, false
		}
		if seen&memberPrice != 0 {
			var err *recommend.Error
			if line.Price, err = money("price", price, own); err != nil {
				return nil, false
			}
		}
		if items == nil {
			items = make([]recommend.EventItem, 0, 1)
		}
		items = append(items, line)
	}
	return items, s.at >= 0
}

// fail ends the scan: every reader after it fails too.
func (s *eventScanner) fail() { s.at, s.raw = -1, nil }

// peek skips white space and returns the byte after it, 0 at the end.
func (s *eventScanner) peek() byte {
	if s.at < 0 {
		return 0
	}
	for ; s.at < len(s.raw); s.at++ {
		switch c := s.raw[s.at]; c {
		case ' ', '\t', '\r', '\n':
		default:
			return c
		}
	}
	return 0
}

func (s *eventScanner) take(c byte) bool {
	if s.peek() != c || c == 0 {
		s.fail()
		return false
	}
	s.at++
	return true
}

// open enters an object or array and reports whether it has a first element.
func (s *eventScanner) open(begin, end byte) bool {
	if !s.take(begin) {
		return false
	}
	if s.peek() == end {
		s.at++
		return false
	}
	return true
}

// next leaves an element and reports whether another follows.
func (s *eventScanner) next(end byte) bool {
	if s.peek() == end {
		s.at++
		return false
	}
	return s.take(',')
}

// done reports whether everything was read.
func (s *eventScanner) done() bool { return s.at >= 0 && s.peek() == 0 && s.at == len(s.raw) }

// name reads the name of a member and its colon.
func (s *eventScanner) name() ([]byte, bool) {
	name, ok := s.text()
	return name, ok && s.take(':')
}

// text reads a string without escapes; what it returns is part of raw.
func (s *eventScanner) text() ([]byte, bool) {
	if !s.take('"') {
		return nil, false
	}
	ascii := true
	for i := s.at; i < len(s.raw); i++ {
		switch c := s.raw[i]; {
		case c == '"':
			text := s.raw[s.at:i]
			if !ascii && !utf8.Valid(text) {
				s.fail()
				return nil, false
			}
			s.at = i + 1
			return text, true
		case c < 0x20 || c == '\\':
			s.fail()
			return nil, false
		case c >= utf8.RuneSelf:
			ascii = false
		}
	}
	s.fail()
	return nil, false
}

// word is text with bytes of its own.
func (s *eventScanner) word() (string, bool) {
	text, ok := s.text()
	return string(text), ok
}

func (s *eventScanner) currency() (string, bool) {
	text, ok := s.text()
	if string(text) == defaultCurrency {
		return defaultCurrency, ok
	}
	currency := string(text)
	return currency, ok && recommend.ValidCurrency(currency)
}

// moment reads an RFC 3339 time.
func (s *eventScanner) moment() (at time.Time, ok bool) {
	text, ok := s.text()
	if !ok || at.UnmarshalText(text) != nil {
		return at, false
	}
	return at.UTC(), true
}

// maxDigits keeps whole numbers within what a float64 holds exactly.
const maxDigits = 15

// whole reads a number of digits alone.
func (s *eventScanner) whole() (int64, bool) {
	s.peek()
	if s.at < 0 {
		return 0, false
	}
	begin, n := s.at, int64(0)
	for ; s.at < len(s.raw) && s.raw[s.at]-'0' <= 9; s.at++ {
		n = n*10 + int64(s.raw[s.at]-'0')
		if s.at-begin == maxDigits {
			return 0, false
		}
	}
	digits := s.at - begin
	return n, digits == 1 || (digits > 1 && s.raw[begin] != '0')
}

// number reads digits with or without decimals.
func (s *eventScanner) number() (float64, bool) {
	s.peek()
	begin := s.at
	n, ok := s.whole()
	if !ok || s.at == len(s.raw) || s.raw[s.at] != '.' {
		return float64(n), ok
	}
	point := s.at
	for s.at++; s.at < len(s.raw) && s.raw[s.at]-'0' <= 9; s.at++ {
		if s.at-point > maxDigits {
			return 0, false
		}
	}
	if s.at == point+1 {
		return 0, false
	}
	f, err := strconv.ParseFloat(string(s.raw[begin:s.at]), 64)
	return f, err == nil
}
