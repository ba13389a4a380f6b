package docs

import (
	"fmt"
	"html/template"
	"reflect"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
)

// row is one field of a schema, flattened: nested fields follow their parent,
// one level deeper.
type row struct {
	Name  string
	Depth int
	// Choice introduces the fields of one of several forms; Name is empty then.
	Choice      string
	Required    bool
	Type        typeText
	Description template.HTML
	Limits      []string
}

// typeText says what a value is; Ref names the schema it links to, if any.
type typeText struct {
	Before, Ref, After string
}

// Href is the link to the schema.
func (t typeText) Href() string { return "#" + schemaID(t.Ref) }

func (t typeText) String() string { return t.Before + t.Ref + t.After }

func (p parser) typeOf(n node) (typeText, error) {
	if !n.exists() {
		return typeText{}, nil
	}
	s, name, err := p.resolve(n)
	if err != nil {
		return typeText{}, err
	}
	if name != "" {
		return typeText{Ref: name}, nil
	}
	for _, key := range [...]string{"oneOf", "anyOf"} {
		forms := s.get(key).list()
		if len(forms) == 0 {
			continue
		}
		var names []string
		for _, f := range forms {
			t, err := p.typeOf(f)
			if err != nil {
				return typeText{}, err
			}
			names = append(names, t.String())
		}
		return typeText{Before: strings.Join(names, " or ")}, nil
	}
	kind := s.get("type").text()
	if kinds := s.get("type").list(); len(kinds) > 0 {
		var names []string
		for _, k := range kinds {
			names = append(names, k.text())
		}
		kind = strings.Join(names, " or ")
	}
	switch {
	case s.get("items").exists():
		t, err := p.typeOf(s.get("items"))
		t.Before = "array of " + t.Before
		return t, err
	case len(s.get("additionalProperties").members()) > 0:
		t, err := p.typeOf(s.get("additionalProperties"))
		t.Before = "map of " + t.Before
		return t, err
	case kind == "" && s.get("allOf").exists():
		kind = "object"
	case kind == "" && s.get("properties").exists():
		kind = "object"
	case kind == "" && len(s.get("enum").list())+len(s.get("const").text()) > 0:
		kind = "string"
	case kind == "":
		kind = "any"
	}
	if format := s.get("format").text(); format != "" {
		kind += " (" + format + ")"
	}
	return typeText{Before: kind}, nil
}

// limits lists what a value must meet, in words.
func limits(s node) []string {
	var out []string
	add := func(format, key string) {
		if v := s.get(key).text(); v != "" {
			out = append(out, fmt.Sprintf(format, v))
		}
	}
	add("always %s", "const")
	for _, of := range [...]node{s, s.get("items")} {
		if values := of.get("enum").list(); len(values) > 0 {
			words := make([]string, len(values))
			for i, v := range values {
				words[i] = v.text()
			}
			out = append(out, "one of "+strings.Join(words, ", "))
		}
	}
	add("default %s", "default")
	add("≥ %s", "minimum")
	add("> %s", "exclusiveMinimum")
	add("≤ %s", "maximum")
	add("< %s", "exclusiveMaximum")
	count := func(bound, one, many, key string) {
		switch v := s.get(key).text(); v {
		case "":
		case "1":
			out = append(out, bound+" 1 "+one)
		default:
			out = append(out, bound+" "+v+" "+many)
		}
	}
	count("at least", "character", "characters", "minLength")
	count("at most", "character", "characters", "maxLength")
	count("at least", "entry", "entries", "minItems")
	count("at most", "entry", "entries", "maxItems")
	count("at most", "member", "members", "maxProperties")
	add("matches %s", "pattern")
	if s.get("readOnly").truth() {
		out = append(out, "read only")
	}
	return out
}

// Whether rows shows the fields of referenced schemas in place or leaves them
// to a link.
const (
	linkReferences   = false
	expandReferences = true
)

// maxDepth bounds how deep fields are shown in place; deeper ones are a link
// away.
const maxDepth = 4

func (p parser) rows(n node, expand bool) ([]row, error) {
	if !n.exists() {
		return nil, nil
	}
	return p.appendRows(nil, n, 0, expand, nil)
}

// appendRows appends the fields of n. within names the schemas around it: a
// schema inside itself is not shown again.
func (p parser) appendRows(rows []row, n node, depth int, expand bool, within []string) ([]row, error) {
	s, name, err := p.resolve(n)
	if err != nil {
		return nil, err
	}
	if name != "" {
		if slices.Contains(within, name) {
			return rows, nil
		}
		within = append(slices.Clip(within), name)
	}
	if depth > maxDepth {
		return rows, nil
	}
	for _, part := range s.get("allOf").list() {
		if rows, err = p.appendRows(rows, part, depth, expand, within); err != nil {
			return nil, err
		}
	}
	if rows, err = p.appendForms(rows, s, depth, expand, within); err != nil {
		return nil, err
	}
	if s.get("items").exists() {
		return p.inside(rows, s.get("items"), depth, expand, within)
	}
	required := s.get("required").list()
	for _, m := range s.get("properties").members() {
		typ, err := p.typeOf(m.value)
		if err != nil {
			return nil, err
		}
		field, _, err := p.resolve(m.value)
		if err != nil {
			return nil, err
		}
		description := m.value.get("description").text()
		if description == "" {
			description = field.get("description").text()
		}
		rows = append(rows, row{
			Name: m.key, Depth: depth, Type: typ, Description: markdown(description), Limits: limits(field),
			Required: slices.ContainsFunc(required, func(r node) bool { return r.text() == m.key }),
		})
		if rows, err = p.inside(rows, m.value, depth+1, expand, within); err != nil {
			return nil, err
		}
	}
	if extra := s.get("additionalProperties"); len(extra.members()) > 0 {
		return p.inside(rows, extra, depth+1, expand, within)
	}
	return rows, nil
}

// appendForms appends the fields of each form s may take, under its name.
// "X or array of X" has the fields of X once.
func (p parser) appendForms(rows []row, s node, depth int, expand bool, within []string) ([]row, error) {
	var names []string
	var fields [][]row
	for _, f := range append(s.get("oneOf").list(), s.get("anyOf").list()...) {
		t, err := p.typeOf(f)
		if err != nil {
			return nil, err
		}
		of, err := p.inside(nil, f, depth, expand, within)
		if err != nil {
			return nil, err
		}
		if len(of) == 0 || slices.ContainsFunc(fields, func(other []row) bool { return reflect.DeepEqual(of, other) }) {
			continue
		}
		names, fields = append(names, t.String()), append(fields, of)
	}
	for i := range fields {
		if len(fields) > 1 {
			rows = append(rows, row{Choice: names[i], Depth: depth})
		}
		rows = append(rows, fields[i]...)
	}
	return rows, nil
}

// inside is appendRows for a value below the top: references are followed only
// when wanted.
func (p parser) inside(rows []row, n node, depth int, expand bool, within []string) ([]row, error) {
	target := n
	for target.get("items").exists() {
		target = target.get("items")
	}
	if target.get("$ref").exists() && !expand {
		return rows, nil
	}
	return p.appendRows(rows, target, depth, expand, within)
}

// sample makes up a value from a schema: its example, default or first allowed
// value, else a plain one of its type.
func (p parser) sample(n node, depth int) (node, error) {
	if !n.exists() || depth > maxDepth {
		return node{}, nil
	}
	s, _, err := p.resolve(n)
	if err != nil {
		return node{}, err
	}
	for _, key := range [...]string{"example", "default", "const"} {
		if v := s.get(key); v.exists() {
			return v, nil
		}
	}
	for _, key := range [...]string{"examples", "enum"} {
		if v := s.get(key).list(); len(v) > 0 {
			return v[0], nil
		}
	}
	for _, key := range [...]string{"oneOf", "anyOf"} {
		if forms := s.get(key).list(); len(forms) > 0 {
			return p.sample(forms[0], depth+1)
		}
	}
	kind := s.get("type").text()
	if kinds := s.get("type").list(); len(kinds) > 0 {
		kind = kinds[0].text()
	}
	switch {
	case kind == "array":
		v, err := p.sample(s.get("items"), depth+1)
		if err != nil || !v.exists() {
			return node{[]any{}}, err
		}
		return node{[]any{v.v}}, nil
	case kind == "object" || s.get("properties").exists() || s.get("allOf").exists():
		return p.sampleObject(s, depth)
	case kind == "integer":
		return node{1}, nil
	case kind == "number":
		return node{1.5}, nil
	case kind == "boolean":
		return node{true}, nil
	case s.get("format").text() == "date-time":
		return node{"2026-01-15T09:30:00Z"}, nil
	case kind == "string":
		return node{"string"}, nil
	default:
		return node{}, nil
	}
}

func (p parser) sampleObject(s node, depth int) (node, error) {
	out := yaml.MapSlice{}
	for _, part := range s.get("allOf").list() {
		v, err := p.sample(part, depth+1)
		if err != nil {
			return node{}, err
		}
		if m, ok := v.v.(yaml.MapSlice); ok {
			out = append(out, m...)
		}
	}
	for _, m := range s.get("properties").members() {
		v, err := p.sample(m.value, depth+1)
		if err != nil {
			return node{}, err
		}
		if v.exists() {
			out = append(out, yaml.MapItem{Key: m.key, Value: v.v})
		}
	}
	return node{out}, nil
}
