package api

import (
	"crypto/rand"

	"github.com/labstack/echo/v4"
)

const (
	requestIDHeader   = echo.HeaderXRequestID
	maxRequestIDBytes = 128
)

// withRequestID keeps the caller's X-Request-ID when it is fit for a log line
// and makes one otherwise; either way the answer carries it.
func withRequestID(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		id := c.Request().Header.Get(requestIDHeader)
		if !validRequestID(id) {
			id = rand.Text()
		}
		c.Response().Header().Set(requestIDHeader, id)
		return next(c)
	}
}

// requestID is the id withRequestID gave to c.
func requestID(c echo.Context) string {
	return c.Response().Header().Get(requestIDHeader)
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
