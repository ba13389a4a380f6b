package api

import (
	"errors"
	"log/slog"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"osusume/recommend"
)

// Codes that only HTTP itself can produce; all others are recommend.Code.
const (
	codeMethodNotAllowed     recommend.Code = "method_not_allowed"
	codeUnsupportedMediaType recommend.Code = "unsupported_media_type"
	codePreconditionFailed   recommend.Code = "precondition_failed"
	codePreconditionRequired recommend.Code = "precondition_required"
)

const problemType = "application/problem+json"

// retryAfterSeconds is what Retry-After asks of a client we had to turn away.
// Commits take milliseconds, so the shortest wait HTTP can express is enough.
const retryAfterSeconds = 1

// statusOf maps the closed set of codes to HTTP.
func statusOf(code recommend.Code) int {
	switch code {
	case recommend.CodeInvalid:
		return http.StatusBadRequest
	case recommend.CodeUnauthenticated:
		return http.StatusUnauthorized
	case recommend.CodeForbidden:
		return http.StatusForbidden
	case recommend.CodeNotFound:
		return http.StatusNotFound
	case codeMethodNotAllowed:
		return http.StatusMethodNotAllowed
	case recommend.CodeConflict:
		return http.StatusConflict
	case recommend.CodeTooLarge:
		return http.StatusRequestEntityTooLarge
	case codeUnsupportedMediaType:
		return http.StatusUnsupportedMediaType
	case codePreconditionFailed:
		return http.StatusPreconditionFailed
	case codePreconditionRequired:
		return http.StatusPreconditionRequired
	case recommend.CodeOverloaded, recommend.CodeUnavailable:
		return http.StatusServiceUnavailable
	default:
		return http.StatusInternalServerError
	}
}

// titleOf is the short text of a problem; it depends on the code alone, as
// RFC 9457 asks.
func titleOf(code recommend.Code) string {
	switch code {
	case recommend.CodeInvalid:
		return "Invalid request"
	case recommend.CodeUnauthenticated:
		return "Key missing or unknown"
	case recommend.CodeForbidden:
		return "Not allowed with this key"
	case recommend.CodeNotFound:
		return "Not found"
	case codeMethodNotAllowed:
		return "Method not allowed"
	case recommend.CodeConflict:
		return "Conflict"
	case recommend.CodeTooLarge:
		return "Request too large"
	case codeUnsupportedMediaType:
		return "Unsupported media type"
	case codePreconditionFailed:
		return "Changed meanwhile"
	case codePreconditionRequired:
		return "Version required"
	case recommend.CodeOverloaded:
		return "Overloaded"
	case recommend.CodeUnavailable:
		return "Unavailable"
	default:
		return "Internal error"
	}
}

// entryError is the fault of one entry of a bulk request.
type entryError struct {
	Index int
	Line  int // 1-based line of an NDJSON body, 0 for an array
	Err   *recommend.Error
}

// bulkError rejects a bulk request as a whole and lists each entry at fault.
type bulkError struct {
	Err     recommend.Error
	Entries []entryError
}

func (e *bulkError) Error() string { return e.Err.Error() }

func (e *bulkError) Unwrap() error { return &e.Err }

// maxProblemEntries bounds how many entries a problem lists; a client that
// sent a thousand bad rows learns nothing more from the next thousand.
const maxProblemEntries = 1000

// asError finds the error a client may see. An Echo error becomes the matching
// code; anything else is internal.
func asError(err error) *recommend.Error {
	var e *recommend.Error
	if errors.As(err, &e) {
		return e
	}
	var he *echo.HTTPError
	if errors.As(err, &he) {
		switch he.Code {
		case http.StatusNotFound:
			return &recommend.Error{Code: recommend.CodeNotFound, Message: "there is nothing at this path"}
		case http.StatusMethodNotAllowed:
			return &recommend.Error{Code: codeMethodNotAllowed, Message: "this path does not answer this method; see the Allow header"}
		case http.StatusRequestEntityTooLarge:
			return &recommend.Error{Code: recommend.CodeTooLarge, Message: "the request is too large"}
		}
		if he.Code >= 400 && he.Code < 500 {
			return &recommend.Error{Code: recommend.CodeInvalid, Message: http.StatusText(he.Code)}
		}
	}
	return &recommend.Error{Code: recommend.CodeInternal}
}

// fail answers c with the problem err amounts to.
func (s *Server) fail(c echo.Context, err error) {
	if c.Response().Committed {
		s.logger.Error("request failed after its answer began",
			slog.String("request_id", requestID(c)), slog.Any("error", err))
		return
	}
	e := asError(err)
	status := statusOf(e.Code)
	if status == http.StatusInternalServerError {
		s.logger.Error("request failed",
			slog.String("request_id", requestID(c)), slog.String("method", c.Request().Method),
			slog.String("route", c.Path()), slog.Any("error", err))
		// The cause is for the log: it may hold paths or other customers' data.
		e = &recommend.Error{Code: recommend.CodeInternal, Message: "the server failed on this request; its log has the cause under the request id"}
	}
	var bulk *bulkError
	errors.As(err, &bulk)
	if status == http.StatusServiceUnavailable {
		c.Response().Header().Set("Retry-After", strconv.Itoa(retryAfterSeconds))
	}
	if werr := send(c, status, valueProblem, appendProblem(nil, e, status, requestID(c), bulk)); werr != nil {
		s.logger.Debug("write problem", slog.String("request_id", requestID(c)), slog.Any("error", werr))
	}
}

func appendProblem(b []byte, e *recommend.Error, status int, requestID string, bulk *bulkError) []byte {
	b = append(b, `{"type":"urn:osusume:problem:`...)
	b = append(b, e.Code...)
	b = append(b, `","title":`...)
	b = appendString(b, titleOf(e.Code))
	b = append(b, `,"status":`...)
	b = strconv.AppendInt(b, int64(status), 10)
	b = append(b, `,"code":`...)
	b = appendString(b, string(e.Code))
	if e.Field != "" {
		b = append(b, `,"field":`...)
		b = appendString(b, e.Field)
	}
	b = append(b, `,"detail":`...)
	b = appendString(b, e.Error())
	b = append(b, `,"request_id":`...)
	b = appendString(b, requestID)
	if bulk != nil && len(bulk.Entries) > 0 {
		b = append(b, `,"errors":[`...)
		for i, entry := range bulk.Entries {
			if i == maxProblemEntries {
				break
			}
			if i > 0 {
				b = append(b, ',')
			}
			b = append(b, `{"index":`...)
			b = strconv.AppendInt(b, int64(entry.Index), 10)
			if entry.Line > 0 {
				b = append(b, `,"line":`...)
				b = strconv.AppendInt(b, int64(entry.Line), 10)
			}
			b = appendFault(b, entry.Err)
			b = append(b, '}')
		}
		b = append(b, ']')
	}
	return append(b, '}')
}

// appendFault appends the members that describe one entry's error.
func appendFault(b []byte, e *recommend.Error) []byte {
	b = append(b, `,"code":`...)
	b = appendString(b, string(e.Code))
	if e.Field != "" {
		b = append(b, `,"field":`...)
		b = appendString(b, e.Field)
	}
	b = append(b, `,"message":`...)
	return appendString(b, e.Message)
}
