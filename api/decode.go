package api

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

// maxEntries bounds one array, and maxLines one NDJSON body: each entry has a
// line in the answer, so a body of a million "1"s must not ask for a million.
const (
	maxEntries = 10_000
	maxLines   = 100_000
)

// decodeStrict reads exactly one JSON value into into. Unknown and duplicate
// members, another letter case and anything after the value are errors that
// name the field. Nesting is bounded by the types read into, and beneath that
// by the tokenizer (10,000 levels).
func decodeStrict(raw []byte, into any) *recommend.Error {
	err := json.Unmarshal(raw, into, json.RejectUnknownMembers(true))
	if err == nil {
		return nil
	}
	return decodeError(err)
}

// decodeObject is decodeStrict for a body that must be an object; the decoder
// alone would take null for an empty one.
func decodeObject(raw []byte, into any) *recommend.Error {
	if len(bytes.TrimSpace(raw)) == 0 {
		return recommend.Invalid("body", "must not be empty")
	}
	if kind := jsontext.Value(raw).Kind(); kind != '{' && jsontext.Value(raw).IsValid() {
		return recommend.Invalid("body", "must be an object, got %s", kindGot(kind))
	}
	return decodeStrict(raw, into)
}

// decodeError words an error of the JSON decoder for the caller.
func decodeError(err error) *recommend.Error {
	var own *recommend.Error
	var semantic *json.SemanticError
	var syntactic *jsontext.SyntacticError
	switch {
	case errors.As(err, &semantic):
		field := fieldPath(semantic.JSONPointer)
		switch {
		case errors.As(err, &own):
			out := *own
			out.Field = joinField(field, own.Field)
			return &out
		case errors.Is(err, json.ErrUnknownName):
			return recommend.Invalid(field, "is not a known field")
		case semantic.GoType == reflect.TypeFor[time.Time]():
			return recommend.Invalid(field, "must be an RFC 3339 time such as 2026-04-01T00:00:00+09:00")
		case len(semantic.JSONValue) > 0 && semantic.JSONKind == '0':
			return recommend.Invalid(field, "must be %s, got %s", kindWanted(semantic.GoType), clip(string(semantic.JSONValue)))
		case semantic.JSONKind != 0:
			return recommend.Invalid(field, "must be %s, got %s", kindWanted(semantic.GoType), kindGot(semantic.JSONKind))
		default:
			return recommend.Invalid(field, "has a value of the wrong type")
		}
	case errors.As(err, &syntactic):
		field := fieldPath(syntactic.JSONPointer)
		if errors.Is(err, jsontext.ErrDuplicateName) {
			return recommend.Invalid(field, "is given twice")
		}
		if field == "" {
			field = "body"
		}
		return recommend.Invalid(field, "is not valid JSON: %s at byte %d", clip(errorText(syntactic.Err)), syntactic.ByteOffset)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return recommend.Invalid("body", "is not valid JSON: it ends too early")
	default:
		return recommend.Invalid("body", "is not valid JSON")
	}
}

func errorText(err error) string {
	if err == nil {
		return "malformed"
	}
	return err.Error()
}

// clip keeps what we echo of a caller's bytes short.
func clip(s string) string {
	const most = 80
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "..."
}

// maxPathTokens bounds the path of a field; no document of ours nests deeper,
// but a hostile one may by thousands.
const maxPathTokens = 8

// fieldPath turns a JSON pointer ("/items/2/price") into the path a person
// would write ("items[2].price").
func fieldPath(p jsontext.Pointer) string {
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
			b.WriteString(clip(token))
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

func joinField(outer, inner string) string {
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

func kindWanted(t reflect.Type) string {
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

func kindGot(k jsontext.Kind) string {
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

// entry is one element of a bulk body: its bytes, or why they are not JSON.
type entry struct {
	Raw  jsontext.Value
	Line int // 1-based, NDJSON only
	Err  *recommend.Error
}

// splitEntries finds the elements of a body. single reports that the body is
// one object rather than a list. The bytes of an array are checked to the end
// first: one that is malformed anywhere is an error as a whole, while a
// malformed line of NDJSON spoils that line alone. limit bounds the number of
// elements. They are appended to entries.
func splitEntries(entries []entry, body []byte, kind mediaKind, limit int) (_ []entry, single bool, err error) {
	if kind == mediaNDJSON {
		entries, err = splitLines(entries, body, limit)
		return entries, false, err
	}
	trimmed := bytes.TrimLeft(body, " \t\r\n")
	if len(trimmed) == 0 || trimmed[0] != '[' {
		return append(entries, entry{Raw: body}), true, nil
	}
	dec := jsontext.NewDecoder(bytes.NewBuffer(body))
	if _, err := dec.ReadToken(); err != nil {
		return nil, false, decodeError(err)
	}
	for dec.PeekKind() != ']' {
		raw, err := dec.ReadValue()
		if err != nil {
			return nil, false, decodeError(err)
		}
		if len(entries) == limit {
			return nil, false, tooManyEntries(limit)
		}
		// The decoder reads from body in place, so raw stays valid.
		entries = append(entries, entry{Raw: raw})
	}
	if _, err := dec.ReadToken(); err != nil {
		return nil, false, decodeError(err)
	}
	if _, err := dec.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, false, recommend.Invalid("body", "has something after the array")
	}
	if len(entries) == 0 {
		return nil, false, emptyBulk()
	}
	return entries, false, nil
}

func splitLines(entries []entry, body []byte, limit int) ([]entry, error) {
	number := 0
	for line := range bytes.Lines(body) {
		number++
		line = bytes.TrimSpace(line)
		if len(line) == 0 {
			continue
		}
		if len(entries) == limit {
			return nil, tooManyEntries(limit)
		}
		entries = append(entries, entry{Raw: line, Line: number})
	}
	if len(entries) == 0 {
		return nil, emptyBulk()
	}
	return entries, nil
}

func tooManyEntries(limit int) error {
	return &recommend.Error{
		Code: recommend.CodeTooLarge, Field: "body",
		Message: fmt.Sprintf("must hold at most %d entries; send it in parts", limit),
	}
}

func emptyBulk() error {
	return recommend.Invalid("body", "must hold at least one entry")
}
