package load

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
)

// op is a kind of request.
type op uint8

const (
	opRecommend op = iota // GET /recommend: a customer on an item's page
	opSession             // POST /recommend with the items of a session
	opRelated             // GET /related/{item_id}
	opPopular             // GET /popular
	opUpsell              // GET /upsell
	opView                // POST /events: one view
	opOrder               // POST /events: one purchase
	opBatch               // POST /events: NDJSON, Config.Batch views and purchases
	ops
)

func (o op) String() string {
	return [...]string{"recommend", "session", "related", "popular", "upsell", "view", "order", "batch"}[o]
}

// Mix is what the visitors of a shop do; its name is the value of --mix.
type Mix string

// The mixes.
const (
	Page    Mix = "page"    // a known customer opens an item's page
	Session Mix = "session" // an anonymous visitor: each click is told, then asked for
	Orders  Mix = "orders"  // single orders
	Related Mix = "related" // the item-to-item list alone
	Popular Mix = "popular" // the bestsellers alone
	Upsell  Mix = "upsell"  // what is dearer or goes with an item
	Ingest  Mix = "ingest"  // batches of events
	Mixed   Mix = "mixed"   // a shop's day: 80 % reads, 20 % writes
)

// Mixes lists all mixes.
func Mixes() []Mix { return []Mix{Page, Session, Orders, Related, Popular, Upsell, Ingest, Mixed} }

// share is how many of a mix's requests are of a kind.
type share struct {
	op     op
	weight int
}

func (m Mix) shares() ([]share, error) {
	switch m {
	case Page:
		return []share{{opRecommend, 1}}, nil
	case Session:
		return []share{{opView, 1}, {opSession, 1}}, nil
	case Orders:
		return []share{{opOrder, 1}}, nil
	case Related:
		return []share{{opRelated, 1}}, nil
	case Popular:
		return []share{{opPopular, 1}}, nil
	case Upsell:
		return []share{{opUpsell, 1}}, nil
	case Ingest:
		return []share{{opBatch, 1}}, nil
	case Mixed:
		return []share{{opRecommend, 45}, {opRelated, 20}, {opSession, 10}, {opPopular, 5}, {opView, 18}, {opOrder, 2}}, nil
	default:
		names := make([]string, 0, len(Mixes()))
		for _, m := range Mixes() {
			names = append(names, string(m))
		}
		return nil, fmt.Errorf("mix %q: want one of %s", m, strings.Join(names, ", "))
	}
}

// population draws customers and items.
type population struct {
	visitor  func(*rand.Rand) int // a customer's number
	item     func(*rand.Rand) int // an item's number
	itemID   func(int) string
	customer func(int) string
}

// writer makes the requests of one connection.
type writer struct {
	shares []share
	total  int
	people population
	rng    *rand.Rand
	head   string // the headers of every request, without the line's end before them
	limit  int
	batch  int
	run    string // tells the orders and sessions of this run from others'
	number int    // of the last order or session

	body, out []byte
}

// next returns the bytes of a request, valid until the next call, and how many
// events it sends.
func (w *writer) next() (kind op, request []byte, events int) {
	at := 0
	if w.total > 1 {
		at = w.rng.IntN(w.total)
	}
	for _, s := range w.shares {
		if at < s.weight {
			kind = s.op
			break
		}
		at -= s.weight
	}
	w.out, w.body = w.out[:0], w.body[:0]
	limit := func() { w.out = strconv.AppendInt(append(w.out, "limit="...), int64(w.limit), 10) }
	switch kind {
	case opRecommend:
		w.out = append(w.out, "GET /recommend?customer_id="...)
		w.out = append(w.out, w.people.customer(w.people.visitor(w.rng))...)
		w.out = append(w.out, "&item_id="...)
		w.out = appendPath(w.out, w.item())
		w.out = append(w.out, '&')
		limit()
		return kind, w.finish("", 0), 0
	case opRelated:
		w.out = append(w.out, "GET /related/"...)
		w.out = appendPath(w.out, w.item())
		w.out = append(w.out, '?')
		limit()
		return kind, w.finish("", 0), 0
	case opPopular:
		w.out = append(w.out, "GET /popular?"...)
		limit()
		return kind, w.finish("", 0), 0
	case opUpsell:
		w.out = append(w.out, "GET /upsell?item_id="...)
		w.out = appendPath(w.out, w.item())
		w.out = append(w.out, '&')
		limit()
		return kind, w.finish("", 0), 0
	case opSession:
		w.out = append(w.out, "POST /recommend"...)
		w.body = append(w.body, `{"session_items":[`...)
		for i := range 1 + w.rng.IntN(5) {
			if i > 0 {
				w.body = append(w.body, ',')
			}
			w.body = strconv.AppendQuote(w.body, w.item())
		}
		w.body = append(w.body, `],"limit":`...)
		w.body = append(strconv.AppendInt(w.body, int64(w.limit), 10), '}')
		return kind, w.finish("application/json", len(w.body)), 0
	case opView:
		w.out = append(w.out, "POST /events"...)
		w.event(false)
		return kind, w.finish("application/json", len(w.body)), 1
	case opOrder:
		w.out = append(w.out, "POST /events"...)
		w.event(true)
		return kind, w.finish("application/json", len(w.body)), 1
	default: // opBatch
		w.out = append(w.out, "POST /events"...)
		for range w.batch {
			w.event(w.rng.IntN(10) == 0)
			w.body = append(w.body, '\n')
		}
		return kind, w.finish("application/x-ndjson", len(w.body)), w.batch
	}
}

func (w *writer) item() string { return w.people.itemID(w.people.item(w.rng)) }

// event appends a view or a purchase to the body. It brings no time: it happens
// when it arrives.
func (w *writer) event(order bool) {
	w.body = append(w.body, `{"event":"view_item"`...)
	lines := 1
	if order {
		w.number++
		w.body = append(w.body[:len(w.body)-len(`"view_item"`)], `"purchase","order_id":"`...)
		w.body = append(append(w.body, w.run...), '-')
		w.body = append(strconv.AppendInt(w.body, int64(w.number), 10), '"')
		lines += w.rng.IntN(3)
	}
	w.body = append(w.body, `,"customer_id":`...)
	w.body = strconv.AppendQuote(w.body, w.people.customer(w.people.visitor(w.rng)))
	w.body = append(w.body, `,"items":[`...)
	for i := range lines {
		if i > 0 {
			w.body = append(w.body, ',')
		}
		w.body = append(w.body, `{"item_id":`...)
		w.body = strconv.AppendQuote(w.body, w.item())
		w.body = append(w.body, '}')
	}
	w.body = append(w.body, "]}"...)
}

// finish adds the headers and the body.
func (w *writer) finish(contentType string, length int) []byte {
	w.out = append(w.out, " HTTP/1.1\r\n"...)
	w.out = append(w.out, w.head...)
	if contentType != "" {
		w.out = append(append(w.out, "Content-Type: "...), contentType...)
		w.out = strconv.AppendInt(append(w.out, "\r\nContent-Length: "...), int64(length), 10)
		w.out = append(w.out, "\r\n"...)
	}
	w.out = append(w.out, "\r\n"...)
	w.out = append(w.out, w.body...)
	return w.out
}

// appendPath escapes an id for a path or a query value.
func appendPath(b []byte, id string) []byte {
	const hex = "0123456789ABCDEF"
	for i := range len(id) {
		c := id[i]
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '_', c == '.', c == '~':
			b = append(b, c)
		default:
			b = append(b, '%', hex[c>>4], hex[c&15])
		}
	}
	return b
}
