package api

import (
	"bytes"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"
	"github.com/labstack/echo/v4"
)

const (
	// compressMinBytes is the shortest answer worth compressing. Anything shorter
	// travels in the first window of a connection (ten packets, RFC 6928) either
	// way, and compressing a list costs more than finding its items.
	compressMinBytes = 8 << 10
	compressLevel    = 5
	// lengthMinBytes is from where on net/http would send an answer in chunks
	// for want of its length; it measures shorter ones by itself.
	lengthMinBytes = 2048
)

// Canonical names of headers: net/http makes a new string of any other form
// whenever it is looked up.
const (
	headerETag            = "Etag"
	headerContentType     = "Content-Type"
	headerContentLength   = "Content-Length"
	headerContentEncoding = "Content-Encoding"
	headerContentLanguage = "Content-Language"
	headerCacheControl    = "Cache-Control"
	headerVary            = "Vary"
)

// Header values that answers share. Nobody changes a value in place: net/http
// only reads them, and adding a value to one of these copies it first, for it
// has no room.
var (
	valueJSON     = []string{mediaJSONType}
	valueProblem  = []string{problemType}
	valueGzip     = []string{"gzip"}
	valueNoStore  = []string{"no-store"}
	valueNoCache  = []string{"no-cache"}
	valueVary     = []string{"Accept-Encoding"}
	valueListVary = []string{"Accept-Encoding, Accept-Language"}
	valueJA       = []string{localeJA}
	valueEN       = []string{localeEN}
)

// gzipWriters holds *gzip.Writer: each has windows of half a megabyte.
var gzipWriters = sync.Pool{New: func() any {
	w, err := gzip.NewWriterLevel(io.Discard, compressLevel)
	if err != nil {
		panic("api: compressLevel is no level of gzip")
	}
	return w
}}

const mediaJSONType = "application/json"

// answerJSON sends a body that holds one JSON value.
func answerJSON(c echo.Context, body []byte) error {
	h := c.Response().Header()
	if len(h[headerCacheControl]) == 0 {
		// Every answer is of this moment, and many are of one person.
		h[headerCacheControl] = valueNoStore
	}
	return send(c, http.StatusOK, valueJSON, body)
}

// send writes a whole answer, compressed when it is long and the client allows
// it. It does not keep body.
func send(c echo.Context, status int, mediaType []string, body []byte) error {
	res := c.Response()
	h := res.Header()
	h[headerContentType] = mediaType
	varied(h)
	if len(body) >= compressMinBytes && acceptsGzip(c.Request().Header.Get("Accept-Encoding")) {
		var zipped bytes.Buffer
		w := gzipWriters.Get().(*gzip.Writer)
		w.Reset(&zipped)
		_, err := w.Write(body)
		if cerr := w.Close(); err == nil {
			err = cerr
		}
		gzipWriters.Put(w)
		if err != nil {
			return err // never: a buffer takes everything
		}
		h[headerContentEncoding] = valueGzip
		if tag := h[headerETag]; len(tag) == 1 {
			// A strong tag names the bytes, and these are others.
			h[headerETag] = []string{"W/" + tag[0]}
		}
		body = zipped.Bytes()
	}
	if len(body) >= lengthMinBytes {
		h[headerContentLength] = []string{strconv.Itoa(len(body))}
	}
	res.WriteHeader(status)
	_, err := res.Write(body)
	return err
}

// sendNotModified answers that the client has the current answer already.
func sendNotModified(c echo.Context) error {
	varied(c.Response().Header())
	c.Response().WriteHeader(http.StatusNotModified)
	return nil
}

// matches reports whether If-None-Match names etag. A tag made weak by
// compression on the way out counts: this comparison is the weak one (RFC 9110).
func matches(r *http.Request, etag string) bool {
	for _, header := range r.Header["If-None-Match"] {
		for tag := range strings.SplitSeq(header, ",") {
			if t := strings.TrimPrefix(strings.TrimSpace(tag), "W/"); t == etag || t == "*" {
				return true
			}
		}
	}
	return false
}

// varied names the request headers the answer depends on, beside those that
// middlewares have named before.
func varied(h http.Header) {
	names := valueVary
	if len(h[headerContentLanguage]) > 0 {
		names = valueListVary
	}
	if have := h[headerVary]; len(have) > 0 {
		names = append(have[:len(have):len(have)], names...)
	}
	h[headerVary] = names
}
