package load

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"os"
	"strconv"
	"time"

	"osusume/bench/synthetic"
	"osusume/recommend"
)

// ServerConfig says which shop a server of our own serves.
type ServerConfig struct {
	// Binary has the command serve; default the program that runs.
	Binary string
	// Items and Customers default to 100,000 each; Events, in all, to 300,000.
	// Negative Events are none.
	Items, Customers, Events int
	Seed                     uint64
	// Catalog also sends the items themselves, with titles and prices. Without,
	// the server does not know those that had no event and answers 404 for them.
	Catalog bool
	// Dir is an empty folder for the store; default a temporary one, which is
	// removed afterwards.
	Dir string
	// Args are further arguments of serve.
	Args []string
	// Progress may be nil.
	Progress func(step string, done, total int)
}

// Server is a server of our own, filled with a synthetic shop.
type Server struct {
	URL   string
	Shop  *synthetic.Shop
	child *child
	temp  string // to remove; "" if not ours
}

const (
	historySpan = 30 * 24 * time.Hour // of the events it is filled with
	fillLines   = 10_000              // a request
	defaultFill = 300_000
	settlePause = 50 * time.Millisecond
	// longestSettle bounds the wait for lists.
	longestSettle = 2 * time.Minute
)

// StartServer starts a server on a free loopback port, fills it, and returns
// when its answers hold all events.
func StartServer(ctx context.Context, cfg ServerConfig) (_ *Server, err error) {
	if cfg.Binary == "" {
		if cfg.Binary, err = self(); err != nil {
			return nil, err
		}
	}
	cfg.Events = max(orDefault(cfg.Events, defaultFill), 0)
	s := &Server{Shop: synthetic.New(synthetic.Config{
		Items: cfg.Items, Customers: cfg.Customers, Seed: cfg.Seed,
		Start: time.Now().Add(-historySpan).UTC().Truncate(time.Second), Every: historySpan / time.Duration(max(cfg.Events, 1)),
	})}
	if cfg.Dir == "" {
		if s.temp, err = os.MkdirTemp("", "osusume-load-"); err != nil {
			return nil, fmt.Errorf("make a folder for the store: %w", err)
		}
		cfg.Dir = s.temp
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Stop())
		}
	}()
	args := append([]string{"serve", "--addr", "127.0.0.1:0", "--data", cfg.Dir, "--log-format", "json"}, cfg.Args...)
	if s.child, err = startChild(ctx, cfg.Binary, args...); err != nil {
		return nil, err
	}
	s.URL = s.child.url
	if cfg.Progress == nil {
		cfg.Progress = func(string, int, int) {}
	}
	if cfg.Catalog {
		n := s.Shop.Config().Items
		items := func(yield func([]byte) bool) {
			for i := range n {
				if !yield(appendItem(nil, s.Shop.Item(i))) {
					return
				}
			}
		}
		if err := fill(ctx, s.URL+"/items", items, func(done int) { cfg.Progress("catalog", done, n) }); err != nil {
			return nil, err
		}
	}
	if cfg.Events > 0 {
		events := func(yield func([]byte) bool) {
			var line []byte
			for e := range s.Shop.Events(cfg.Events) {
				if line = appendEvent(line[:0], &e); !yield(line) {
					return
				}
			}
		}
		if err := fill(ctx, s.URL+"/events", events, func(done int) { cfg.Progress("events", done, cfg.Events) }); err != nil {
			return nil, err
		}
	}
	return s, s.settle(ctx, cfg.Progress)
}

// PID is the server's process.
func (s *Server) PID() int { return s.child.cmd.Process.Pid }

// Stop ends the server and removes its store.
func (s *Server) Stop() error {
	var err error
	if s.child != nil {
		err = s.child.stop()
	}
	if s.temp != "" {
		err = errors.Join(err, os.RemoveAll(s.temp))
	}
	return err
}

// settle waits until every acknowledged record is in the answers and, for a bounded
// time, until no list waits to be made: what is measured next is the server at rest.
func (s *Server) settle(ctx context.Context, progress func(step string, done, total int)) error {
	began, most := time.Now(), 0
	tick := time.NewTicker(settlePause)
	defer tick.Stop()
	for {
		m, err := scrape(ctx, s.URL)
		if err != nil {
			return err
		}
		lists := int(m["osusume_index_dirty_items"])
		if m["osusume_ingest_lag_records"] == 0 && (lists == 0 || time.Since(began) > longestSettle) {
			return nil
		}
		if most = max(most, lists); most > 0 {
			progress("lists", most-lists, most)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// fill posts lines as NDJSON, some thousands at a time.
func fill(ctx context.Context, url string, lines iter.Seq[[]byte], progress func(done int)) error {
	var body bytes.Buffer
	var err error
	inBody, done := 0, 0
	send := func() bool {
		if err = post(ctx, url, body.Bytes(), inBody); err == nil {
			done += inBody
			progress(done)
		}
		body.Reset()
		inBody = 0
		return err == nil
	}
	for line := range lines {
		body.Write(line)
		body.WriteByte('\n')
		if inBody++; inBody == fillLines && !send() {
			return err
		}
	}
	if inBody > 0 {
		send()
	}
	return err
}

// retryAfter is the pause before a batch is sent again that the server had no
// room for.
const retryAfter = 200 * time.Millisecond

func post(ctx context.Context, url string, body []byte, lines int) error {
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
		if err != nil {
			return fmt.Errorf("fill the shop: %w", err)
		}
		req.Header.Set("Content-Type", "application/x-ndjson")
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return fmt.Errorf("fill the shop: %w", err)
		}
		text, err := io.ReadAll(io.LimitReader(resp.Body, 64<<20))
		_ = resp.Body.Close() // read to its end or failed
		if err != nil {
			return fmt.Errorf("fill the shop: %w", err)
		}
		switch {
		case resp.StatusCode == http.StatusTooManyRequests || resp.StatusCode == http.StatusServiceUnavailable:
			pause := time.NewTimer(retryAfter)
			select {
			case <-pause.C:
				continue
			case <-ctx.Done():
				pause.Stop()
				return ctx.Err()
			}
		case resp.StatusCode/100 != 2:
			return fmt.Errorf("fill the shop: %s answered %d: %.300s", url, resp.StatusCode, text)
		}
		var answer struct{ Rejected int }
		if err := json.Unmarshal(text, &answer); err == nil && answer.Rejected > 0 {
			return fmt.Errorf("fill the shop: %s rejected %d of %d lines: %.300s", url, answer.Rejected, lines, text)
		}
		return nil
	}
}

// appendEvent writes an event as the API takes it.
func appendEvent(b []byte, e *recommend.Event) []byte {
	field := func(name, value string) {
		if value != "" {
			b = append(append(append(b, ",\""...), name...), "\":"...)
			b = strconv.AppendQuote(b, value)
		}
	}
	b = strconv.AppendQuote(append(b, `{"event":`...), e.Type.String())
	field("event_id", e.ID)
	field("customer_id", e.CustomerID)
	field("session_id", e.SessionID)
	field("order_id", e.OrderID)
	b = append(e.Time.AppendFormat(append(b, `,"time":"`...), time.RFC3339), `","items":[`...)
	for i := range e.Items {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendQuote(append(b, `{"item_id":`...), e.Items[i].ItemID)
		if p := e.Items[i].Price; p.Amount > 0 {
			b = strconv.AppendInt(append(b, `,"price":`...), p.Amount, 10) // yen have no minor unit
		}
		b = append(b, '}')
	}
	return append(b, "]}"...)
}

// appendItem writes a catalog entry as the API takes it.
func appendItem(b []byte, it recommend.Item) []byte {
	text, err := json.Marshal(map[string]any{
		"item_id": it.ID, "title": it.Title, "category": it.Category, "brand": it.Brand,
		"price": it.Price.Amount, "currency": it.Price.Currency,
	})
	if err != nil {
		panic("load: an item of strings and numbers has no JSON: " + err.Error())
	}
	return append(b, text...)
}
