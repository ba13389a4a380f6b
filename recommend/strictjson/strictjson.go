// Package strictjson reads JSON that strangers wrote: one value, of known
// members in their exact letter case, each at most once, and nothing after it.
// A shop that misspells a member is told so, with the names there are, instead
// of being served as if it had left the member out.
package strictjson

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"osusume/recommend"
)

// UnmarshalObject reads exactly one JSON object into what into points to; the
// decoder alone would take null for an empty one. Errors are recommend.CodeInvalid
// and name the field. Nesting is bounded by the types read into, and beneath that by
// the tokenizer (10,000 levels).
func UnmarshalObject(raw []byte, into any) *recommend.Error {
	if len(bytes.TrimSpace(raw)) == 0 {
		return recommend.Invalid("body", "must not be empty")
	}
	if kind := jsontext.Value(raw).Kind(); kind != '{' && jsontext.Value(raw).IsValid() {
		return recommend.Invalid("body", "must be an object, got %s", got(kind))
	}
	if err := json.Unmarshal(raw, into, json.RejectUnknownMembers(true)); err != nil {
		return Fault(err)
	}
	return nil
}

// Fault words an error of the JSON decoder for the caller.
func Fault(err error) *recommend.Error {
	var own *recommend.Error
	var semantic *json.SemanticError
	var syntactic *jsontext.SyntacticError
	switch {
	case errors.As(err, &semantic):
		field := path(semantic.JSONPointer)
		if errors.As(err, &own) {
			out := *own
			out.Field = recommend.JoinField(field, own.Field)
			return &out
		}
		return recommend.Invalid(orBody(field), "%s", mistake(semantic))
	case errors.As(err, &syntactic):
		field := orBody(path(syntactic.JSONPointer))
		if errors.Is(err, jsontext.ErrDuplicateName) {
			return recommend.Invalid(field, "is given twice")
		}
		return recommend.Invalid(field, "is not valid JSON: %s at byte %d", recommend.Clip(text(syntactic.Err)), syntactic.ByteOffset)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return recommend.Invalid("body", "is not valid JSON: it ends too early")
	default:
		return recommend.Invalid("body", "is not valid JSON")
	}
}

// mistake says what is wrong with the value of a field.
func mistake(e *json.SemanticError) string {
	switch {
	case errors.Is(e, json.ErrUnknownName):
		if known := members(e.GoType); len(known) > 0 {
			return "is not a known field; known are " + strings.Join(known, ", ")
		}
		return "is not a known field"
	case e.GoType == reflect.TypeFor[time.Time]():
		return "must be an RFC 3339 time such as 2026-04-01T00:00:00+09:00"
	case len(e.JSONValue) > 0 && e.JSONKind == '0':
		return fmt.Sprintf("must be %s, got %s", wanted(e.GoType), recommend.Clip(string(e.JSONValue)))
	case e.JSONKind != 0:
		return fmt.Sprintf("must be %s, got %s", wanted(e.GoType), got(e.JSONKind))
	default:
		return "has a value of the wrong type"
	}
}

// members lists the names that an object read into t may have, in the order
// they are declared.
func members(t reflect.Type) []string {
	if t == nil || t.Kind() != reflect.Struct {
		return nil
	}
	var names []string
	for _, f := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case !f.IsExported() || name == "-" || f.Anonymous && name == "":
		case name == "":
			names = append(names, f.Name)
		default:
			names = append(names, name)
		}
	}
	return names
}

func orBody(field string) string {
	if field == "" {
		return "body"
	}
	return field
}

func text(err error) string {
	if err == nil {
		return "malformed"
	}
	return err.Error()
}

// maxPathTokens bounds the path of a field; no document of ours nests deeper,
// but a hostile one may by thousands.
const maxPathTokens = 8

// path turns a JSON pointer ("/items/2/price") into the path a person would
// write ("items[2].price").
func path(p jsontext.Pointer) string {
	var b strings.Builder
	last, tokens := "", 0
	for token := range p.Tokens() {
		if tokens++; tokens > maxPathTokens {
			break
		}
		switch {
		case isIndex(token) && last != "attributes" && last != "title":
			fmt.Fprintf(&b, "[%s]", token)
		default:
			if b.Len() > 0 {
				b.WriteByte('.')
			}
			b.WriteString(recommend.Clip(token))
		}
		last = token
	}
	return b.String()
}

func isIndex(token string) bool {
	if token == "" || len(token) > 9 {
		return false
	}
	for i := range len(token) {
		if token[i] < '0' || token[i] > '9' {
			return false
		}
	}
	return true
}

// wanted names what a value of type t is written as.
func wanted(t reflect.Type) string {
	if t == nil {
		return "another type"
	}
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch t.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Int64, reflect.Uint64, reflect.Uint32:
		return "a whole number"
	case reflect.Float64:
		return "a finite number"
	case reflect.String:
		return "a string"
	case reflect.Slice, reflect.Array:
		return "an array"
	default:
		return "an object"
	}
}

func got(k jsontext.Kind) string {
	switch k {
	case 'n':
		return "null"
	case 'f', 't':
		return "a boolean"
	case '"':
		return "a string"
	case '0':
		return "a number"
	case '{':
		return "an object"
	case '[':
		return "an array"
	default:
		return "something else"
	}
}
