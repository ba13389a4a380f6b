package api

import (
	"sync"

	"github.com/labstack/echo/v4"
)

// listWork is the working memory of one request for a list, reused: nothing of
// it may be kept once the request is answered.
type listWork struct {
	query   query
	request listRequest
	// key is the canonical encoding of the request.
	key []byte
	// body is the answer.
	body []byte
	id   [recommendationIDBytes]byte
}

// maxKeptBytes bounds the buffers that wait for the next request; the few long
// answers get one of their own.
const maxKeptBytes = 64 << 10

// listWorks holds *listWork.
var listWorks = sync.Pool{New: func() any {
	return &listWork{key: make([]byte, 0, canonicalBytes), body: make([]byte, 0, 4096)}
}}

// beginList starts reading the query of c. The caller ends the work.
func beginList(c echo.Context) *listWork {
	w := listWorks.Get().(*listWork)
	w.query.read(c.Request().URL.RawQuery)
	return w
}

// end makes the memory ready for the next request. What the parameters refer to
// is let go: it is the request line of this one.
func (w *listWork) end() {
	clear(w.query.params)
	w.query.params, w.query.err = nil, nil
	w.request = listRequest{}
	w.key, w.body = w.key[:0], w.body[:0]
	if cap(w.body) > maxKeptBytes {
		w.body = nil
	}
	if cap(w.key) > maxKeptBytes {
		w.key = nil
	}
	listWorks.Put(w)
}
