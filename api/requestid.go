package api

import (
	"encoding/binary"
	"math/rand/v2"
	"sync"

	"github.com/labstack/echo/v4"
)

// requestIDHeader is X-Request-ID the way net/http files it.
const (
	requestIDHeader   = "X-Request-Id"
	maxRequestIDBytes = 128
)

// withRequestID keeps the caller's X-Request-ID when it is fit for a log line
// and makes one otherwise; either way the answer carries it.
func withRequestID(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		var value []string
		if sent := c.Request().Header[requestIDHeader]; len(sent) > 0 && validRequestID(sent[0]) {
			value = sent[:1:1]
		} else {
			value = newRequestID()
		}
		c.Response().Header()[requestIDHeader] = value
		return next(c)
	}
}

// requestIDs are ids made ahead. One block serves idBlockSize requests, so that
// an id takes no memory of its own.
type requestIDs struct {
	values []string // those not given out yet
}

const (
	idBlockSize = 64
	idBytes     = 16
)

// idBlocks holds *requestIDs.
var idBlocks = sync.Pool{New: func() any { return &requestIDs{} }}

// newRequestID returns a header value with an id of 128 random bits.
func newRequestID() []string {
	block := idBlocks.Get().(*requestIDs)
	if len(block.values) == 0 {
		block.refill()
	}
	value := block.values[:1:1]
	block.values = block.values[1:]
	idBlocks.Put(block)
	return value
}

func (b *requestIDs) refill() {
	text := make([]byte, 0, idBlockSize*idEncoding.EncodedLen(idBytes))
	for range idBlockSize {
		// ChaCha8, seeded by the system: an id is for finding log lines, and no
		// secret.
		var id [idBytes]byte
		binary.NativeEndian.PutUint64(id[:8], rand.Uint64())
		binary.NativeEndian.PutUint64(id[8:], rand.Uint64())
		text = appendID(text, id[:])
	}
	all := string(text)
	b.values = make([]string, idBlockSize)
	for i := range b.values {
		n := len(all) / idBlockSize
		b.values[i] = all[i*n : (i+1)*n]
	}
}

// requestID is the id withRequestID gave to c.
func requestID(c echo.Context) string {
	if value := c.Response().Header()[requestIDHeader]; len(value) > 0 {
		return value[0]
	}
	return ""
}

// validRequestID accepts what tracing systems produce: letters, digits and
// "-_.:/+=" up to maxRequestIDBytes.
func validRequestID(id string) bool {
	if id == "" || len(id) > maxRequestIDBytes {
		return false
	}
	for i := range len(id) {
		c := id[i]
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
		case c == '-', c == '_', c == '.', c == ':', c == '/', c == '+', c == '=':
		default:
			return false
		}
	}
	return true
}
