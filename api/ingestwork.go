package api

import (
	"bytes"
	"sync"

	"osusume/recommend"
)

// ingestWork is the working memory of one POST /events, reused: nothing of it
// may be kept once the request is answered. What becomes of an event has bytes
// of its own.
type ingestWork struct {
	body    bytes.Buffer
	entries []entry
	results []eventResult
	events  []recommend.Event
	// places are the indexes of events among the entries.
	places []int
	answer []byte
	// lines is the buffer of a stream, nil before the first.
	lines []byte
}

// Work that has grown beyond these is not kept for the next request.
const (
	maxKeptBody    = 1 << 20
	maxKeptEntries = maxEntries
)

// ingestWorks holds *ingestWork.
var ingestWorks = sync.Pool{New: func() any { return &ingestWork{} }}

// end makes the memory ready for the next request and lets go of what it refers
// to.
func (w *ingestWork) end() {
	if w.body.Cap() > maxKeptBody || cap(w.entries) > maxKeptEntries || cap(w.answer) > maxKeptBody || cap(w.lines) > maxKeptBody {
		return
	}
	w.body.Reset()
	clear(w.entries)
	clear(w.results)
	w.entries, w.results, w.answer = w.entries[:0], w.results[:0], w.answer[:0]
	ingestWorks.Put(w)
}
