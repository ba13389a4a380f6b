package api

import (
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
	if err := noQuery(c.Request()); err != nil {
		return err
	}
	w := ingestWorks.Get().(*ingestWork)
	defer w.end()
	kind, err := readBodyInto(&w.body, c.Response(), c.Request(), s.bodyLimit, mediaJSON, mediaNDJSON)
	if err != nil {
		return err
	}
	limit, chunk := maxEntries, maxEntries
	if kind == mediaNDJSON {
		limit, chunk = maxLines, eventChunk
	}
	var single bool
	w.entries, single, err = splitEntries(w.entries, w.body.Bytes(), kind, limit)
	if err != nil {
		return err
	}
	w.results = slices.Grow(w.results, len(w.entries))[:len(w.entries)]
	entries, results := w.entries, w.results
	var seq uint64
	for start := 0; start < len(entries); start += chunk {
		end := min(start+chunk, len(entries))
		last, err := s.ingest(c, w, start, end)
		if err != nil {
			if start == 0 {
				return err
			}
			// Earlier chunks are durable, so the answer must say which.
			e := asError(err)
			if e.Code == recommend.CodeInternal {
				s.logger.Error("ingest stopped within a request", "request_id", requestID(c), "error", err)
				e = &recommend.Error{Code: recommend.CodeInternal, Message: "the server failed on this entry"}
			}
			reject(results[start:], entries[start:], e)
			break
		}
		seq = max(seq, last)
	}
	if single {
		if results[0].Err != nil {
			return results[0].Err
		}
	} else if err := allRejected(results); err != nil {
		return err
	}
	w.answer = appendEventResults(slices.Grow(w.answer, 128+96*len(results)), results, seq)
	return answerJSON(c, w.answer)
}

// ingest decodes the entries of w from start to end and hands the good ones to
// the shop; each gets an outcome. The error is set only when nothing was
// acknowledged.
func (s *Server) ingest(c echo.Context, w *ingestWork, start, end int) (uint64, error) {
	entries, results := w.entries[start:end], w.results[start:end]
	now := s.clock()
	events, places := slices.Grow(w.events[:0], len(entries)), slices.Grow(w.places[:0], len(entries))
	defer func() {
		clear(events)
		w.events, w.places = events[:0], places[:0]
	}()
	for i := range entries {
		results[i].line = entries[i].Line
		e, err := decodeEvent(entries[i].Raw, now)
		if err != nil {
			results[i].Verdict = recommend.Verdict{Status: recommend.Rejected, EventID: e.ID, Err: err}
			s.metrics.Event(e.Type, recommend.Rejected)
			continue
		}
		events = append(events, e)
		places = append(places, i)
	}
	if len(events) == 0 {
		return 0, nil
	}
	verdicts, seq, err := s.shop.Ingest(c.Request().Context(), events)
	if err != nil {
		return 0, err
	}
	for k, i := range places {
		results[i].Verdict = verdicts[k]
		s.metrics.Event(events[k].Type, verdicts[k].Status)
	}
	return seq, nil
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
			Field:   joinField("["+strconv.Itoa(first.Index)+"]", field),
			Message: message + "; the first: " + first.Err.Message,
		},
		Entries: faults,
	}
}

// appendEventResults appends the verdicts. seq is the last acknowledged
// sequence of the request; a request of nothing but duplicates has none of its
// own and gets the newest one its duplicates had.
func appendEventResults(b []byte, results []eventResult, seq uint64) []byte {
	var accepted, duplicates, rejected int64
	for i := range results {
		switch results[i].Status {
		case recommend.Accepted:
			accepted++
		case recommend.Duplicate:
			duplicates++
		case recommend.Rejected:
			rejected++
		}
		seq = max(seq, results[i].Seq)
	}
	b = append(b, `{"accepted":`...)
	b = strconv.AppendInt(b, accepted, 10)
	b = append(b, `,"duplicates":`...)
	b = strconv.AppendInt(b, duplicates, 10)
	b = append(b, `,"rejected":`...)
	b = strconv.AppendInt(b, rejected, 10)
	b = append(b, `,"seq":`...)
	b = strconv.AppendUint(b, seq, 10)
	b = append(b, `,"results":[`...)
	for i := range results {
		if i > 0 {
			b = append(b, ',')
		}
		r := &results[i]
		b = append(b, `{"index":`...)
		b = strconv.AppendInt(b, int64(i), 10)
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
		b = append(b, '}')
	}
	return append(b, `]}`...)
}

// noQuery refuses query parameters where a route has none.
func noQuery(r *http.Request) error {
	if r.URL.RawQuery == "" {
		return nil
	}
	return newQuery(r).finish()
}
