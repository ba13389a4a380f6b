package api

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"osusume/recommend"
)

// eventChunk is how many NDJSON events go to the shop in one call. Each chunk
// is one place in the group commit; waiting for one before decoding the next
// keeps a large upload from crowding out everyone else's.
const eventChunk = 1000

// eventResult is the outcome of one entry.
type eventResult struct {
	recommend.Verdict
	line int // 1-based, NDJSON only
}

// postEvents takes one event, an array or NDJSON.
func (s *Server) postEvents(c echo.Context) error {
	r := c.Request()
	if err := noQuery(r); err != nil {
		return err
	}
	kind, err := mediaKindOf(r.Header.Get("Content-Type"), []mediaKind{mediaJSON, mediaNDJSON})
	if err != nil {
		return err
	}
	w := ingestWorks.Get().(*ingestWork)
	defer w.end()
	if kind == mediaNDJSON {
		return s.postLines(c, w)
	}
	if _, err := readBodyInto(&w.body, c.Response(), r, s.bodyLimit, kind); err != nil {
		return err
	}
	var single bool
	w.entries, single, err = splitEntries(w.entries, w.body.Bytes(), kind, maxEntries)
	if err != nil {
		return err
	}
	if err := s.takeEntries(c, w, maxEntries); err != nil {
		return err
	}
	if single && w.results[0].Err != nil {
		return w.results[0].Err
	}
	return s.answerEntries(c, w)
}

// takeEntries gives every entry of w a result, chunk by chunk. The error is set
// only when nothing was acknowledged.
func (s *Server) takeEntries(c echo.Context, w *ingestWork, chunk int) error {
	w.results = slices.Grow(w.results, len(w.entries))[:len(w.entries)]
	for start := 0; start < len(w.entries); start += chunk {
		err := s.ingest(c, w, start, min(start+chunk, len(w.entries)), s.shop.Ingest)
		if err == nil {
			continue
		}
		if start == 0 {
			return err
		}
		// Earlier chunks are durable, so the answer must say which.
		e := asError(err)
		if e.Code == recommend.CodeInternal {
			s.logger.Error("ingest stopped within a request", "request_id", requestID(c), "error", err)
			e = &recommend.Error{Code: recommend.CodeInternal, Message: "the server failed on this entry"}
		}
		reject(w.results[start:], w.entries[start:], e)
		break
	}
	return nil
}

// answerEntries sends the results of w, as a problem when no entry was taken.
func (s *Server) answerEntries(c echo.Context, w *ingestWork) error {
	if err := allRejected(w.results); err != nil {
		return err
	}
	w.answer = appendEventResults(slices.Grow(w.answer, 128+96*len(w.results)), w.results)
	return answerJSON(c, w.answer)
}

// ingestFunc is Shop.Ingest or stands for it.
type ingestFunc func(ctx context.Context, events []recommend.Event) ([]recommend.Verdict, uint64, error)

// ingest decodes the entries of w from start to end and hands the good ones to
// the shop; each gets a result. The error is set only when nothing was
// acknowledged.
func (s *Server) ingest(c echo.Context, w *ingestWork, start, end int, into ingestFunc) error {
	entries, results := w.entries[start:end], w.results[start:end]
	now := s.clock()
	events, places := slices.Grow(w.events[:0], len(entries)), slices.Grow(w.places[:0], len(entries))
	defer func() {
		clear(events)
		w.events, w.places = events[:0], places[:0]
	}()
	for i := range entries {
		results[i].line = entries[i].Line
		e, err := recommend.Event{}, entries[i].Err
		if err == nil {
			e, err = decodeEvent(entries[i].Raw, now)
		}
		if err != nil {
			results[i].Verdict = recommend.Verdict{Status: recommend.Rejected, EventID: e.ID, Err: err}
			s.metrics.Event(e.Type, recommend.Rejected)
			continue
		}
		events = append(events, e)
		places = append(places, i)
	}
	if len(events) == 0 {
		return nil
	}
	verdicts, _, err := into(c.Request().Context(), events)
	if err != nil {
		return err
	}
	for k, i := range places {
		results[i].Verdict = verdicts[k]
		s.metrics.Event(events[k].Type, verdicts[k].Status)
	}
	return nil
}

func reject(results []eventResult, entries []entry, e *recommend.Error) {
	for i := range results {
		if results[i].Status == "" {
			results[i] = eventResult{Verdict: recommend.Verdict{Status: recommend.Rejected, Err: e}, line: entries[i].Line}
		}
	}
}

// allRejected is a problem listing every entry when none was taken. Its code
// is the first entry's: all of them invalid, or all turned away alike.
func allRejected(results []eventResult) error {
	faults := make([]entryError, 0, len(results))
	for i := range results {
		if results[i].Err == nil {
			return nil
		}
		faults = append(faults, entryError{Index: i, Line: results[i].line, Err: results[i].Err})
	}
	return bulkFault(faults, "every entry was rejected; errors lists why")
}

// bulkFault rejects a bulk request for the faults of its entries.
func bulkFault(faults []entryError, message string) error {
	first := faults[0]
	field := first.Err.Field
	if field == "body" { // the entry as a whole
		field = ""
	}
	return &bulkError{
		Err: recommend.Error{
			Code:    first.Err.Code,
			Field:   recommend.JoinField("["+strconv.Itoa(first.Index)+"]", field),
			Message: message + "; the first: " + first.Err.Message,
		},
		Entries: faults,
	}
}

// tally counts results.
type tally struct {
	accepted, duplicates, rejected int64
	// seq is the newest place in the log of any of them, a duplicate's included:
	// a request of nothing but duplicates has none of its own.
	seq uint64
}

func (t *tally) count(r *eventResult) {
	switch r.Status {
	case recommend.Accepted:
		t.accepted++
	case recommend.Duplicate:
		t.duplicates++
	case recommend.Rejected:
		t.rejected++
	}
	t.seq = max(t.seq, r.Seq)
}

// append appends the members that say it.
func (t *tally) append(b []byte) []byte {
	b = append(b, `"accepted":`...)
	b = strconv.AppendInt(b, t.accepted, 10)
	b = append(b, `,"duplicates":`...)
	b = strconv.AppendInt(b, t.duplicates, 10)
	b = append(b, `,"rejected":`...)
	b = strconv.AppendInt(b, t.rejected, 10)
	b = append(b, `,"seq":`...)
	return strconv.AppendUint(b, t.seq, 10)
}

// appendEventResults appends the verdict on each entry.
func appendEventResults(b []byte, results []eventResult) []byte {
	var t tally
	for i := range results {
		t.count(&results[i])
	}
	b = t.append(append(b, '{'))
	b = append(b, `,"results":[`...)
	for i := range results {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendEventResult(b, i, &results[i])
	}
	return append(b, `]}`...)
}

func appendEventResult(b []byte, index int, r *eventResult) []byte {
	b = append(b, `{"index":`...)
	b = strconv.AppendInt(b, int64(index), 10)
	if r.line > 0 {
		b = append(b, `,"line":`...)
		b = strconv.AppendInt(b, int64(r.line), 10)
	}
	b = append(b, `,"status":"`...)
	b = append(b, r.Status...)
	b = append(b, '"')
	if r.EventID != "" {
		b = append(b, `,"event_id":`...)
		b = appendString(b, r.EventID)
	}
	if r.Seq > 0 {
		b = append(b, `,"seq":`...)
		b = strconv.AppendUint(b, r.Seq, 10)
	}
	if r.Err != nil {
		b = appendFault(b, r.Err)
	}
	return append(b, '}')
}

// noQuery refuses query parameters where a route has none.
func noQuery(r *http.Request) error {
	if r.URL.RawQuery == "" {
		return nil
	}
	return newQuery(r).finish()
}
