package api

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"osusume/recommend"
)

// NDJSON comes in two ways. A body whose length is announced and within the limit
// is read to its end before anything of it is taken, and each line has its
// verdict in the answer. Any other is a stream: it is taken in chunks as it
// arrives, each durable before the next is read, so that it may be of any length
// and the sender is slowed down to what the shop stores. Its answer counts, and
// lists no more than what was rejected.
//
// A stream that breaks leaves whole chunks behind. Sending all of it again is
// harmless where events have ids.

const (
	// streamPause is how long a stream may pause before it counts as broken. It
	// takes the place of the limits on a whole request.
	streamPause = time.Minute
	// streamPatience is how long a stream that has begun waits for room among the
	// records to be stored.
	streamPatience = 15 * time.Second
	// firstWait and longestWait bound the time between two tries, which doubles.
	firstWait   = 10 * time.Millisecond
	longestWait = 500 * time.Millisecond
	// unreadWait bounds how long the answer to a stream that was stopped waits for
	// more of it.
	unreadWait = time.Second
	// maxInflation is how many times its size on the wire a stream may take
	// inflated; logs of events take some ten to thirty times.
	maxInflation = 100
)

// postLines takes NDJSON.
func (s *Server) postLines(c echo.Context, w *ingestWork) error {
	r := c.Request()
	wire := &streamWire{r: r.Body}
	long := r.ContentLength < 0 || r.ContentLength > s.bodyLimit
	if long {
		wire.pace(c)
	}
	body, err := openBody(r, wire)
	if err != nil {
		return readFailed(err, s.bodyLimit)
	}
	defer body.Close()
	if long {
		return s.streamLines(c, w, wire, body)
	}
	whole, err := readWhole(&w.body, body, r.ContentLength, s.bodyLimit)
	switch {
	case err != nil:
		return err
	case !whole: // it came gzipped
		wire.pace(c)
		return s.streamLines(c, w, wire, io.MultiReader(&w.body, body))
	case bytes.Count(w.body.Bytes(), []byte{'\n'}) > maxLines:
		return s.streamLines(c, w, wire, &w.body)
	}
	// The last line may lack its newline.
	w.entries, err = splitLines(w.entries, w.body.Bytes(), maxLines+1)
	if err != nil {
		return err
	}
	if err := s.takeEntries(c, w, eventChunk); err != nil {
		return err
	}
	return s.answerEntries(c, w)
}

// streamLines takes what body holds, which wire brings.
func (s *Server) streamLines(c echo.Context, w *ingestWork, wire *streamWire, body io.Reader) error {
	lines := &lineChunks{
		r:    &inflated{r: body, wire: wire, free: s.bodyLimit},
		most: int(min(maxLineBytes, s.bodyLimit)), buf: w.lines[:0],
	}
	sum := &streamSum{}
	into := s.shop.Ingest // turned away at once: nothing is taken yet
	defer func() {
		w.lines = lines.buf
		w.entries = w.entries[:min(cap(w.entries), eventChunk)] // all that were used
	}()
	for {
		entries, readErr := lines.next(w.entries[:0], eventChunk)
		w.entries = entries
		w.results = slices.Grow(w.results[:0], len(entries))[:len(entries)]
		if readErr != nil && !errors.Is(readErr, io.EOF) {
			return s.stopStream(c, wire, sum, streamBroken(readErr, s.bodyLimit))
		}
		if err := s.ingest(c, w, 0, len(entries), into); err != nil {
			return s.stopStream(c, wire, sum, err)
		}
		into = s.ingestPatiently
		sum.add(w.results)
		sum.lines = lines.line
		if readErr != nil {
			return s.answerStream(c, w, sum)
		}
	}
}

// ingestPatiently is Shop.Ingest for a stream that has begun: while the shop is
// overloaded it tries again, and the sender waits, for nothing is read meanwhile.
func (s *Server) ingestPatiently(ctx context.Context, events []recommend.Event) ([]recommend.Verdict, uint64, error) {
	patience := time.NewTimer(streamPatience)
	defer patience.Stop()
	for wait := firstWait; ; wait = min(2*wait, longestWait) {
		verdicts, seq, err := s.shop.Ingest(ctx, events)
		if recommend.CodeOf(err) != recommend.CodeOverloaded {
			return verdicts, seq, err
		}
		again := time.NewTimer(wait)
		select {
		case <-again.C:
			continue
		case <-patience.C:
		case <-ctx.Done():
		}
		again.Stop()
		return nil, 0, err
	}
}

// streamSum is what became of the lines of a stream.
type streamSum struct {
	tally
	lines   int // passed, empty ones included
	entries int
	// faults are the first rejected entries.
	faults []streamFault
}

type streamFault struct {
	index int
	eventResult
}

func (t *streamSum) add(results []eventResult) {
	for i := range results {
		r := &results[i]
		t.count(r)
		if r.Err != nil && len(t.faults) < maxProblemEntries {
			t.faults = append(t.faults, streamFault{t.entries + i, *r})
		}
	}
	t.entries += len(results)
}

// bulk lists the faults for a problem.
func (t *streamSum) bulk() []entryError {
	out := make([]entryError, len(t.faults))
	for i := range t.faults {
		f := &t.faults[i]
		out[i] = entryError{Index: f.index, Line: f.line, Err: f.Err}
	}
	return out
}

// append appends the members that say it.
func (t *streamSum) append(b []byte) []byte {
	b = t.tally.append(b)
	b = append(b, `,"lines":`...)
	return strconv.AppendInt(b, int64(t.lines), 10)
}

// answerStream answers a stream that came to its end.
func (s *Server) answerStream(c echo.Context, w *ingestWork, sum *streamSum) error {
	switch {
	case sum.entries == 0:
		return emptyBulk()
	case sum.rejected == int64(sum.entries):
		return bulkFault(sum.bulk(), "every entry was rejected; errors lists the first")
	}
	b := sum.append(append(w.answer, '{'))
	b = append(b, `,"results":[`...)
	for i := range sum.faults {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendEventResult(b, sum.faults[i].index, &sum.faults[i].eventResult)
	}
	w.answer = append(b, `]}`...)
	return answerJSON(c, w.answer)
}

// stopStream answers a stream that ended early. When something of it was taken the
// problem says how much.
func (s *Server) stopStream(c echo.Context, wire *streamWire, sum *streamSum, err error) error {
	wire.answerSoon()
	if sum.accepted+sum.duplicates == 0 {
		return err
	}
	e := asError(err)
	status := statusOf(e.Code)
	switch status {
	case http.StatusInternalServerError:
		s.logger.Error("ingest stopped within a request", "request_id", requestID(c), "error", err)
		e = &recommend.Error{Code: recommend.CodeInternal, Message: "the server failed on a later line"}
	case http.StatusServiceUnavailable:
		c.Response().Header().Set("Retry-After", strconv.Itoa(retryAfterSeconds))
	}
	b := appendProblem(nil, e, status, requestID(c), &bulkError{Entries: sum.bulk()})
	b = sum.append(append(b[:len(b)-1], `,"taken":{`...))
	return send(c, status, valueProblem, append(b, '}', '}'))
}

// streamBroken words why a stream could not be read on.
func streamBroken(err error, limit int64) error {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return recommend.Invalid("body", "paused for more than %v", streamPause)
	}
	return readFailed(err, limit)
}

// streamWire is a request's body on the wire.
type streamWire struct {
	r    io.Reader
	read int64
	// control, when set, moves the connection's deadlines on with every read.
	control *http.ResponseController
}

// pace lets the body take any time, as long as something of it comes.
func (b *streamWire) pace(c echo.Context) { b.control = http.NewResponseController(c.Response()) }

// answerSoon is to be called before an answer to a body that is not read to its
// end: net/http reads a little more of it first, which a sender that pauses would
// hold up.
func (b *streamWire) answerSoon() {
	if b.control != nil {
		_ = b.control.SetReadDeadline(time.Now().Add(unreadWait))
	}
}

func (b *streamWire) Read(p []byte) (int, error) {
	if b.control != nil {
		// What cannot be set, as in tests without a connection, does not run out.
		now := time.Now()
		_ = b.control.SetReadDeadline(now.Add(streamPause))
		_ = b.control.SetWriteDeadline(now.Add(2 * streamPause))
	}
	n, err := b.r.Read(p)
	b.read += int64(n)
	return n, err
}

// inflated ends a stream that turns out far larger than it came: a small archive
// must not keep the shop busy for long.
type inflated struct {
	r    io.Reader
	wire *streamWire
	// free bytes are allowed in any case; n were read.
	free, n int64
}

func (i *inflated) Read(p []byte) (int, error) {
	n, err := i.r.Read(p)
	if i.n += int64(n); i.n > i.free && i.n/maxInflation > i.wire.read {
		return 0, &recommend.Error{
			Code: recommend.CodeTooLarge, Field: "body",
			Message: fmt.Sprintf("takes more than %d times its size inflated; send it in parts", maxInflation),
		}
	}
	return n, err
}
