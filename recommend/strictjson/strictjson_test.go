package strictjson_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"osusume/recommend"
	"osusume/recommend/strictjson"
)

type line struct {
	ItemID string          `json:"item_id"`
	Price  recommend.Money `json:"price,omitzero"`
}

type order struct {
	Secret string         `json:"-"`
	ID     string         `json:"id"`
	At     time.Time      `json:"at"`
	Lines  []line         `json:"lines"`
	Note   *string        `json:"note"`
	Gift   bool           `json:"gift"`
	Count  int64          `json:"count"`
	Rate   float64        `json:"rate"`
	Title  recommend.Text `json:"title"`
	Size   size           `json:"size"`
}

// size words its own errors.
type size string

func (s *size) UnmarshalJSON(text []byte) error {
	if string(text) != `"S"` {
		return recommend.Invalid("unit", "must be S")
	}
	*s = "S"
	return nil
}

func TestUnmarshalObject(t *testing.T) {
	const whole = `{"id":"o","at":"2026-04-01T00:00:00+09:00","lines":[{"item_id":"a"},{"item_id":"b"}],"note":"n","gift":true,"count":3,"rate":0.5,"title":{"en":"t"},"size":"S"} `
	var o order
	if fault := strictjson.UnmarshalObject([]byte(whole), &o); fault != nil {
		t.Fatal(fault)
	}
	got, err := json.Marshal(map[string]any{"id": o.ID, "lines": len(o.Lines), "note": *o.Note, "count": o.Count, "size": o.Size})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(`{"count":3,"id":"o","lines":2,"note":"n","size":"S"}`, string(got)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestFaults: each names the field as a person would write it, and what is
// right.
func TestFaults(t *testing.T) {
	long := strings.Repeat("x", 100)
	tests := map[string]struct{ text, want string }{
		"nothing":                {" ", "body: must not be empty"},
		"null":                   {"null", "body: must be an object, got null"},
		"an array":               {"[]", "body: must be an object, got an array"},
		"cut short":              {`{"id":"o"`, "body: is not valid JSON: unexpected EOF at byte 9"},
		"something after":        {`{} {}`, "body: is not valid JSON: "},
		"unknown":                {`{"colour":1}`, "colour: is not a known field; known are id, at, lines, note, gift, count, rate, title, size"},
		"unknown in a list":      {`{"lines":[{},{"price_yen":1}]}`, "lines[1].price_yen: is not a known field; known are item_id, price"},
		"hidden":                 {`{"Secret":"s"}`, "Secret: is not a known field; known are id, "},
		"another letter case":    {`{"ID":"o"}`, "ID: is not a known field"},
		"long name":              {`{"` + long + `":1}`, long[:80] + "...: is not a known field"},
		"twice":                  {`{"id":"o","id":"p"}`, "id: is given twice"},
		"number for a string":    {`{"id":5}`, "id: must be a string, got a number"},
		"string for a number":    {`{"count":"3"}`, "count: must be a whole number, got a string"},
		"half":                   {`{"count":1.5}`, "count: must be a whole number, got 1.5"},
		"beyond a float":         {`{"rate":1e400}`, "rate: must be a finite number, got 1e400"},
		"string for a flag":      {`{"gift":"yes"}`, "gift: must be true or false, got a string"},
		"object for a list":      {`{"lines":{}}`, "lines: must be an array, got an object"},
		"flag for an object":     {`{"lines":[true]}`, "lines[0]: must be an object, got a boolean"},
		"number for an optional": {`{"note":5}`, "note: must be a string, got a number"},
		"no time":                {`{"at":"tomorrow"}`, "at: must be an RFC 3339 time such as "},
		"a title called 5":       {`{"title":{"5":5}}`, "title.5: must be a string, got a number"},
		"a fault of its own":     {`{"size":"M"}`, "size.unit: must be S"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var o order
			fault := strictjson.UnmarshalObject([]byte(tt.text), &o)
			if fault == nil || fault.Code != recommend.CodeInvalid || !strings.HasPrefix(fault.Error(), tt.want) {
				t.Errorf("fault %v, want %q", fault, tt.want)
			}
		})
	}
}
