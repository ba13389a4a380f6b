package recommend

import (
	"errors"
	"fmt"
	"strings"
)

// Code is the closed set of ways a call can fail.
type Code string

// The codes. Package api maps each to one HTTP status.
const (
	CodeInvalid         Code = "invalid"
	CodeNotFound        Code = "not_found"
	CodeConflict        Code = "conflict"
	CodeUnauthenticated Code = "unauthenticated"
	CodeForbidden       Code = "forbidden"
	CodeTooLarge        Code = "too_large"
	CodeOverloaded      Code = "overloaded"
	CodeUnavailable     Code = "unavailable"
	CodeInternal        Code = "internal"
)

// Error is the error a caller can act on: what kind it is, which field caused
// it and what would be right.
type Error struct {
	Code Code
	// Field is the path of the offending field as the caller wrote it
	// ("items[2].price"), empty when no single field is to blame.
	Field string
	// Message says what is wrong and what is allowed.
	Message string
}

func (e *Error) Error() string {
	if e.Field == "" {
		return e.Message
	}
	return e.Field + ": " + e.Message
}

// Invalid reports a bad value in field.
func Invalid(field, format string, args ...any) *Error {
	return &Error{Code: CodeInvalid, Field: field, Message: fmt.Sprintf(format, args...)}
}

// JoinField is the path of field inner within outer: "items[2]" and "price"
// give "items[2].price".
func JoinField(outer, inner string) string {
	switch {
	case outer == "":
		return inner
	case inner == "":
		return outer
	case inner[0] == '[':
		return outer + inner
	default:
		return outer + "." + inner
	}
}

// Clip keeps what a message echoes of a caller's bytes short.
func Clip(s string) string {
	const most = 80
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "..."
}

// NotFound reports that what field names does not exist.
func NotFound(field, format string, args ...any) *Error {
	return &Error{Code: CodeNotFound, Field: field, Message: fmt.Sprintf(format, args...)}
}

// CodeOf returns the code of err, CodeInternal for an error that is not ours
// and "" for nil.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return CodeInternal
}

// within returns a copy of err whose field is prefixed with the path of the
// value it was found in.
func within(prefix string, err *Error) *Error {
	out := *err
	if out.Field == "" {
		out.Field = prefix
	} else {
		out.Field = prefix + "." + out.Field
	}
	return &out
}
