package datasets

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"osusume/recommend"
)

// Sink takes what is imported; *live.Live is one.
type Sink interface {
	Ingest(ctx context.Context, events []recommend.Event) ([]recommend.Verdict, uint64, error)
	PutItems(ctx context.Context, items []recommend.Item) (seq uint64, err error)
}

// Defaults and bounds of an import.
const (
	defaultBatchEvents = 1000
	// maxBatchItems keeps a batch of long orders within one commit.
	maxBatchItems = 20_000
	itemBatch     = 500

	defaultRetries    = 10
	defaultRetryDelay = 50 * time.Millisecond
	maxRetryDelay     = 2 * time.Second

	// progressRows is how often progress is told at least.
	progressRows = 4096
)

// ImportOptions say how to import a file.
type ImportOptions struct {
	Options
	// BatchEvents is the number of events sent at once; 0 is 1,000.
	BatchEvents int
	// Rejects gets a CSV of the rows that could not be used: line, reason and
	// the row as it stands in the file. nil drops them (they are still counted).
	Rejects io.Writer
	// TotalBytes is the size of the input as stored, for Progress; 0 is unknown.
	TotalBytes int64
	// Progress is called from Import's goroutine, often; nil is not called.
	Progress func(Progress)
	// Retries is how often a batch is sent again while the sink is overloaded,
	// waiting RetryDelay first and twice as long each time, up to 2 s; 0 is 10
	// and 50 ms.
	Retries    int
	RetryDelay time.Duration
	// Known looks an item up in the catalog (View.Item of the engine), so that
	// items already as the file says are not sent again and fields the file
	// does not speak of are kept. nil sends every item as the file has it.
	Known func(id string) (*recommend.Item, bool)
	// Clock is the receiver's clock; nil is time.Now.
	Clock func() time.Time
}

// Progress is how far an import has come.
type Progress struct {
	// BytesRead of BytesTotal, both as stored; BytesTotal is 0 when unknown.
	BytesRead, BytesTotal int64
	// Rows read, without the header and blank lines.
	Rows int64
}

// Summary counts what an import did. Rows = Lines + Rejected + all of Skipped,
// once the import has ended well.
type Summary struct {
	Rows int64
	// Lines are the rows that are part of an acknowledged event.
	Lines int64
	// Events acknowledged: Accepted were new, Duplicates were there before.
	Events, Accepted, Duplicates int64
	// Items created or changed.
	Items int64
	// Rejected rows; the rejects file says why.
	Rejected int64
	// RoundedPrices had digits below the currency's minor unit.
	RoundedPrices int64
	// Skipped rows are sound but left out by the format, by reason.
	Skipped map[string]int64
	Took    time.Duration
}

type importer struct {
	opts    ImportOptions
	sink    Sink
	layout  layout
	source  *countingReader
	rejects *rejects
	sum     Summary

	batch      []recommend.Event
	batchLines [][]int64
	batchItems int

	// sent is set once a batch went out; misfits are the prices that did not
	// fit the currency before that.
	sent    bool
	misfits int64
	misfit  *RowError
}

// Import reads events from r, compressed or not, and sends them to sink. Bad
// rows are rejected one by one. When it returns an error (the context's, the
// sink's, or the file's), everything sent so far stays acknowledged and the
// same import run again completes it: events have ids derived from their
// content, so what is there already counts as a duplicate.
//
// Errors with recommend.CodeInvalid are about the options or the header and
// come before anything is sent.
func Import(ctx context.Context, r io.Reader, opts ImportOptions, sink Sink) (Summary, error) {
	if opts.Clock == nil {
		opts.Clock = time.Now
	}
	if opts.BatchEvents <= 0 {
		opts.BatchEvents = defaultBatchEvents
	}
	if opts.Retries <= 0 {
		opts.Retries = defaultRetries
	}
	if opts.RetryDelay <= 0 {
		opts.RetryDelay = defaultRetryDelay
	}
	im := &importer{
		opts:    opts,
		sink:    sink,
		source:  &countingReader{r: r},
		rejects: newRejects(opts.Rejects),
		sum:     Summary{Skipped: make(map[string]int64)},
	}
	start := opts.Clock()
	err := im.run(ctx, start)
	if ferr := im.rejects.flush(); err == nil {
		err = ferr
	}
	im.report()
	im.sum.Took = opts.Clock().Sub(start)
	return im.sum, err
}

func (im *importer) run(ctx context.Context, now time.Time) error {
	var err error
	if im.layout, err = im.opts.layout(); err != nil {
		return err
	}
	s := scanner{
		opts:   &im.opts.Options,
		layout: im.layout,
		now:    now,
		event:  func(p *parcel) error { return im.add(ctx, p) },
		row: func(bad *RowError, skip string) error {
			if im.sum.Rows++; im.sum.Rows%progressRows == 0 {
				im.report()
				if err := ctx.Err(); err != nil {
					return fmt.Errorf("import: %w", err)
				}
			}
			if skip != "" {
				im.sum.Skipped[skip]++
			}
			if bad == nil {
				return nil
			}
			if bad.misfit && !im.sent {
				im.misfits++
				if im.misfit == nil {
					im.misfit = bad
				}
			}
			return im.reject(bad)
		},
	}
	err = s.scan(im.source)
	im.sum.RoundedPrices = s.rounded
	if err != nil {
		return err
	}
	if err := im.flush(ctx); err != nil {
		return err
	}
	return im.putItems(ctx, im.layout.catalog())
}

func (im *importer) reject(bad *RowError) error {
	im.sum.Rejected++
	return im.rejects.add(bad)
}

func (im *importer) report() {
	if im.opts.Progress != nil {
		im.opts.Progress(Progress{BytesRead: im.source.n, BytesTotal: im.opts.TotalBytes, Rows: im.sum.Rows})
	}
}

func (im *importer) add(ctx context.Context, p *parcel) error {
	if len(im.batch) > 0 && im.batchItems+len(p.event.Items) > maxBatchItems {
		if err := im.flush(ctx); err != nil {
			return err
		}
	}
	if im.batch == nil {
		im.batch = make([]recommend.Event, 0, im.opts.BatchEvents)
	}
	im.batch = append(im.batch, p.event)
	im.batchLines = append(im.batchLines, p.lines)
	im.batchItems += len(p.event.Items)
	if len(im.batch) < im.opts.BatchEvents {
		return nil
	}
	return im.flush(ctx)
}

// flush sends the batch and counts its verdicts.
func (im *importer) flush(ctx context.Context) error {
	if err := im.checkCurrency(); err != nil {
		return err
	}
	if len(im.batch) == 0 {
		return nil
	}
	im.sent = true
	var verdicts []recommend.Verdict
	err := im.retry(ctx, func() (err error) {
		verdicts, _, err = im.sink.Ingest(ctx, im.batch)
		return err
	})
	if err != nil {
		return fmt.Errorf("ingest %d events: %w", len(im.batch), err)
	}
	if len(verdicts) != len(im.batch) {
		return fmt.Errorf("ingest %d events: got %d verdicts", len(im.batch), len(verdicts))
	}
	for i, v := range verdicts {
		lines := im.batchLines[i]
		switch v.Status {
		case recommend.Accepted, recommend.Duplicate:
			im.sum.Events++
			im.sum.Lines += int64(len(lines))
			if v.Status == recommend.Accepted {
				im.sum.Accepted++
			} else {
				im.sum.Duplicates++
			}
		default:
			if err := im.rejectEvent(&im.batch[i], lines, v.Err); err != nil {
				return err
			}
		}
	}
	// The sink may keep what it was given: the batch is not reused.
	im.batch, im.batchLines, im.batchItems = nil, nil, 0
	im.report()
	return nil
}

// rejectEvent rejects the rows of an event the sink refused. Their text is
// gone by now; lines name them.
func (im *importer) rejectEvent(e *recommend.Event, lines []int64, cause *recommend.Error) error {
	reason := "refused"
	if cause != nil {
		reason = cause.Error()
	}
	for _, n := range lines {
		bad := &RowError{Line: n, Reason: reason, Raw: fmt.Sprintf("(%s of %s, event %s)", e.Type, e.Time.Format(time.RFC3339), e.ID)}
		if err := im.reject(bad); err != nil {
			return err
		}
	}
	return nil
}

// checkCurrency stops an import whose currency is plainly not the file's
// before anything is sent: the few prices that happen to fit would be taken
// for amounts of another currency, in a log that forgets nothing.
func (im *importer) checkCurrency() error {
	if im.sent || im.misfits == 0 || im.misfits*2 < im.sum.Rows {
		return nil
	}
	return recommend.Invalid("currency", "%d of the first %d rows do not fit; line %d: %s",
		im.misfits, im.sum.Rows, im.misfit.Line, im.misfit.Reason)
}

// retry calls send again while the sink is overloaded.
func (im *importer) retry(ctx context.Context, send func() error) error {
	delay := im.opts.RetryDelay
	for attempt := 0; ; attempt++ {
		err := send()
		if recommend.CodeOf(err) != recommend.CodeOverloaded || attempt == im.opts.Retries {
			return err
		}
		timer := time.NewTimer(delay)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return errors.Join(ctx.Err(), err)
		}
		delay = min(2*delay, maxRetryDelay)
	}
}

// putItems sends those items that are new or differ from the catalog.
func (im *importer) putItems(ctx context.Context, items []recommend.Item) error {
	send := make([]recommend.Item, 0, min(len(items), itemBatch))
	for i := range items {
		item, changed := merge(im.opts.Known, &items[i])
		if changed {
			send = append(send, item)
		}
		if len(send) == 0 || len(send) < itemBatch && i+1 < len(items) {
			continue
		}
		err := im.retry(ctx, func() error {
			_, err := im.sink.PutItems(ctx, send)
			return err
		})
		if err != nil {
			return fmt.Errorf("put %d items: %w", len(send), err)
		}
		im.sum.Items += int64(len(send))
		send = make([]recommend.Item, 0, itemBatch)
	}
	return nil
}

// merge lays what a file says of an item over what the catalog has, and reports whether that changes anything.
func merge(known func(id string) (*recommend.Item, bool), item *recommend.Item) (recommend.Item, bool) {
	if known == nil {
		return *item, true
	}
	old, ok := known(item.ID)
	if !ok || old == nil {
		return *item, true
	}
	out, changed := *old, false
	for locale, title := range item.Title {
		if out.Title[locale] == title {
			continue
		}
		titles := recommend.Text{locale: title}
		for l, t := range out.Title {
			if l != locale {
				titles[l] = t
			}
		}
		out.Title, changed = titles, true
	}
	if item.Price != (recommend.Money{}) && out.Price != item.Price {
		out.Price, changed = item.Price, true
	}
	if len(item.Category) > 0 && !slices.Equal(out.Category, item.Category) {
		out.Category, changed = item.Category, true
	}
	if item.Brand != "" && out.Brand != item.Brand {
		out.Brand, changed = item.Brand, true
	}
	if item.Family != "" && out.Family != item.Family {
		out.Family, changed = item.Family, true
	}
	for _, tag := range item.Tags {
		if !slices.Contains(out.Tags, tag) {
			out.Tags, changed = append(slices.Clip(out.Tags), tag), true
		}
	}
	for key, value := range item.Attributes {
		if out.Attributes[key] != value {
			attributes := maps.Clone(out.Attributes)
			if attributes == nil {
				attributes = make(map[string]string)
			}
			attributes[key] = value
			out.Attributes, changed = attributes, true
		}
	}
	return out, changed
}
