package datasets

import (
	"time"

	"osusume/recommend"
)

// orderWindow is how many rows after its first line an order may still get
// lines; it bounds memory. Later lines become an event of their own.
const orderWindow = 20_000

// orderSpan is how far apart the times of one order's lines may be: shops
// that ring up a long order stamp its lines as they go.
const orderSpan = 10 * time.Minute

// line is one row understood: an event of at most one item.
type line struct {
	number int64
	event  recommend.Event // without items
	item   recommend.EventItem
	// hasItem is false for events about no item, such as login.
	hasItem bool
	// rounded is set when the file's price had digits below the minor unit.
	rounded bool
}

// orderKey tells orders (and events that carry their own id) apart.
type orderKey struct {
	kind                                       recommend.EventType
	event, order, customer, anonymous, session string
	channel, recommendation                    string
}

// parcel is one event on its way, with the rows it came from.
type parcel struct {
	event recommend.Event
	lines []int64 // one per row, in file order

	key    orderKey
	opened int64
	sealed bool
}

// orders joins the lines of one order into one event. Events leave in the
// order of their first lines.
type orders struct {
	window int64
	emit   func(*parcel) error

	rows  int64
	queue []*parcel // head first
	open  map[orderKey]*parcel
	last  *parcel
}

func newOrders(window int64, emit func(*parcel) error) *orders {
	return &orders{window: window, emit: emit, open: make(map[orderKey]*parcel)}
}

// add takes the next line of the file.
func (o *orders) add(l *line) error {
	o.rows++
	e := &l.event
	// Only an order id or an event id says that rows belong together. Equal
	// customers and times alone would be a guess.
	joins := (e.OrderID != "" || e.ID != "") && l.hasItem
	var key orderKey
	if joins {
		key = orderKey{
			kind: e.Type, event: e.ID, order: e.OrderID, customer: e.CustomerID, anonymous: e.AnonymousID,
			session: e.SessionID, channel: e.Channel, recommendation: e.RecommendationID,
		}
		p := o.last
		if p == nil || p.key != key {
			p = o.open[key]
		}
		if p != nil {
			if p.takes(l) {
				p.event.Items = append(p.event.Items, l.item)
				p.lines = append(p.lines, l.number)
				o.last = p
				return o.release(false)
			}
			p.sealed = true
		}
	}
	p := newParcel(l)
	p.key, p.opened, p.sealed = key, o.rows, !joins
	if joins {
		o.open[key] = p
		o.last = p
	}
	o.queue = append(o.queue, p)
	return o.release(false)
}

func newParcel(l *line) *parcel {
	p := &parcel{event: l.event, lines: []int64{l.number}}
	if l.hasItem {
		p.event.Items = []recommend.EventItem{l.item}
	}
	return p
}

// takes reports whether l is one more line of the same order.
func (p *parcel) takes(l *line) bool {
	apart := l.event.Time.Sub(p.event.Time).Abs()
	return !p.sealed && len(p.event.Items) < recommend.MaxEventItems && apart <= orderSpan && p.event.Value == l.event.Value
}

// release emits the events at the head that can get no more lines; all of
// them at the end of the input.
func (o *orders) release(all bool) error {
	n := 0
	for n < len(o.queue) {
		p := o.queue[n]
		if !all && !p.sealed && o.rows-p.opened < o.window {
			break
		}
		if o.open[p.key] == p {
			delete(o.open, p.key)
		}
		if o.last == p {
			o.last = nil
		}
		p.sealed = true
		o.queue[n] = nil
		n++
		if err := o.emit(p); err != nil {
			o.queue = o.queue[n:]
			return err
		}
	}
	o.queue = o.queue[n:]
	return nil
}
