package api

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json/jsontext"

	"osusume/recommend"
	"osusume/recommend/strictjson"
)

// maxEntries bounds one array, and maxLines one NDJSON body: each entry has a
// line in the answer, so a body of a million "1"s must not ask for a million.
const (
	maxEntries = 10_000
	maxLines   = 100_000
)

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
		return nil, false, strictjson.Fault(err)
	}
	for dec.PeekKind() != ']' {
		raw, err := dec.ReadValue()
		if err != nil {
			return nil, false, strictjson.Fault(err)
		}
		if len(entries) == limit {
			return nil, false, tooManyEntries(limit)
		}
		// The decoder reads from body in place, so raw stays valid.
		entries = append(entries, entry{Raw: raw})
	}
	if _, err := dec.ReadToken(); err != nil {
		return nil, false, strictjson.Fault(err)
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
