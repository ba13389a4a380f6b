package datasets

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
	"time"

	"osusume/recommend"
)

// Format names the layout of a file.
type Format string

// The formats.
const (
	// EventsCSV is our own layout, see the package doc; the zero Format is it.
	EventsCSV Format = "events"
	// OnlineRetail is the UCI Online Retail file as published.
	OnlineRetail Format = "online-retail"
	// CompleteJourney is the file of transactions of dunnhumby's Complete Journey.
	CompleteJourney Format = "completejourney"
)

// Options say how to read a file. The zero value reads the events CSV with
// prices in yen and joins the lines of an order.
type Options struct {
	Format Format
	// Columns maps the header of another CSV onto the events CSV's.
	Columns Columns
	// Currency of prices without one of their own, an upper-case ISO 4217 code;
	// empty is JPY, GBP for OnlineRetail and USD for CompleteJourney.
	Currency string
	// Location is where times without a zone were taken; nil is UTC.
	Location *time.Location
	// Delimiter stands between cells; 0 is a comma.
	Delimiter byte
	// IgnorePrices leaves the prices of the events CSV unread, for measurements
	// that must not depend on them or on the currency.
	IgnorePrices bool
	// Ungrouped makes every row an event of its own.
	Ungrouped bool
	// Items is the catalog of CompleteJourney, which has it in a file of its own
	// (Journey.Products). Sales of other items are left out, unless it is empty.
	Items []recommend.Item
}

// layout turns the rows of one format into lines.
type layout interface {
	header(names []string) error
	// decode fills out from a row with as many cells as the header. skip is the
	// reason to leave a sound row out, err what is wrong with it.
	decode(cells [][]byte, out *line) (skip string, err error)
	// catalog returns what the rows so far said about items, by id.
	catalog() []recommend.Item
}

func (o *Options) layout() (layout, error) {
	if o.Currency != "" && !recommend.ValidCurrency(o.Currency) {
		return nil, recommend.Invalid("currency", "must be an upper-case ISO 4217 code such as JPY, got %q", clip(o.Currency))
	}
	if o.Delimiter == '"' || o.Delimiter == '\n' || o.Delimiter == '\r' {
		return nil, recommend.Invalid("delimiter", "must not be a quote or a line break")
	}
	opts := *o
	if opts.Location == nil {
		opts.Location = time.UTC
	}
	switch o.Format {
	case EventsCSV, "":
		return newEventsLayout(&opts), nil
	case OnlineRetail:
		if o.Columns != (Columns{}) {
			return nil, recommend.Invalid("columns", "can only be mapped for format %s", EventsCSV)
		}
		return newRetailLayout(&opts), nil
	case CompleteJourney:
		if o.Columns != (Columns{}) {
			return nil, recommend.Invalid("columns", "can only be mapped for format %s", EventsCSV)
		}
		return newJourneyLayout(&opts), nil
	default:
		return nil, recommend.Invalid("format", "must be %s, %s or %s, got %q", EventsCSV, OnlineRetail, CompleteJourney, clip(string(o.Format)))
	}
}

// scanner reads a file once and hands out its events.
type scanner struct {
	opts   *Options
	layout layout
	// now bounds the times of events.
	now time.Time
	// event gets each event, complete, with its id.
	event func(*parcel) error
	// row is told of every row; bad and skip say why it is in no event.
	row func(bad *RowError, skip string) error
	// rounded counts the prices rounded to the minor unit.
	rounded int64

	// alone and item are scratch to check a row in.
	alone recommend.Event
	item  [1]recommend.EventItem
}

// endOfTime stands for the clock where data is read, not received.
var endOfTime = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// errStop ends a scan that its caller wants no more of.
var errStop = errors.New("stop")

func (s *scanner) scan(r io.Reader) error {
	text, err := plain(r)
	if err != nil {
		return err
	}
	delim := s.opts.Delimiter
	if delim == 0 {
		delim = ','
	}
	rows := newRowReader(text, delim)
	width, err := s.readHeader(rows)
	if err != nil {
		return err
	}

	ids := newIdentities(repeatHorizon)
	window := int64(orderWindow)
	if l, ok := s.layout.(interface{ window() int64 }); ok {
		window = l.window()
	}
	joined := newOrders(window, func(p *parcel) error {
		if p.event.ID == "" {
			p.event.ID = ids.name(&p.event)
		}
		return s.event(p)
	})
	var l line
	for {
		row, err := rows.next()
		var bad *RowError
		switch {
		case err == nil:
		case errors.As(err, &bad):
			if err := s.row(bad, ""); err != nil {
				return err
			}
			continue
		case errors.Is(err, io.EOF):
			return joined.release(true)
		default:
			return fmt.Errorf("read row %d: %w", rows.line, err)
		}
		skip, reason := s.decode(&row, width, &l)
		if reason != nil {
			bad = &RowError{Line: row.line, Reason: reason.Error(), Raw: string(row.raw)}
			var misfit *misfitError
			if errors.As(reason, &misfit) {
				bad.misfit = true
			}
		}
		if err := s.row(bad, skip); err != nil {
			return err
		}
		if bad != nil || skip != "" {
			continue
		}
		if s.opts.Ungrouped {
			p := newParcel(&l)
			if p.event.ID == "" {
				p.event.ID = ids.name(&p.event)
			}
			err = s.event(p)
		} else {
			err = joined.add(&l)
		}
		if err != nil {
			return err
		}
	}
}

// readHeader returns the number of columns.
func (s *scanner) readHeader(rows *rowReader) (int, error) {
	header, err := rows.next()
	if errors.Is(err, io.EOF) {
		return 0, recommend.Invalid("header", "the file is empty")
	}
	if err != nil {
		return 0, fmt.Errorf("read header: %w", err)
	}
	names := make([]string, len(header.cells))
	for i, c := range header.cells {
		names[i] = string(c)
	}
	if err := s.layout.header(names); err != nil {
		return 0, recommend.Invalid("", "%s", err)
	}
	return len(names), nil
}

// decode reads one row and checks it as the event it would be alone, so that
// one bad line does not take its order with it.
func (s *scanner) decode(r *row, width int, l *line) (skip string, err error) {
	if len(r.cells) != width {
		return "", fmt.Errorf("has %d cells, the header has %d", len(r.cells), width)
	}
	if skip, err = s.layout.decode(r.cells, l); skip != "" || err != nil {
		return skip, err
	}
	l.number = r.line
	s.alone = l.event
	if l.hasItem {
		s.item[0] = l.item
		s.alone.Items = s.item[:]
	}
	if err := s.alone.Validate(s.now); err != nil {
		return "", errors.New(strings.TrimPrefix(err.Error(), "items[0]."))
	}
	if l.rounded {
		s.rounded++
	}
	return "", nil
}

// ReadEvents reads the events of a file, compressed or not, in file order. A
// bad row yields a *RowError and reading goes on; any other error is the last.
// Rows the format leaves out yield nothing. Events have ids; an event with
// several rows has its items in file order and the time of its first row.
func ReadEvents(r io.Reader, opts Options) iter.Seq2[recommend.Event, error] {
	return func(yield func(recommend.Event, error) bool) {
		l, err := opts.layout()
		if err != nil {
			yield(recommend.Event{}, err)
			return
		}
		s := scanner{
			opts:   &opts,
			layout: l,
			now:    endOfTime,
			event: func(p *parcel) error {
				if !yield(p.event, nil) {
					return errStop
				}
				return nil
			},
			row: func(bad *RowError, _ string) error {
				if bad != nil && !yield(recommend.Event{}, bad) {
					return errStop
				}
				return nil
			},
		}
		if err := s.scan(r); err != nil && !errors.Is(err, errStop) {
			yield(recommend.Event{}, err)
		}
	}
}
