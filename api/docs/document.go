package docs

import (
	"errors"
	"fmt"
	"html/template"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
)

// document is the page's content in the order it is shown.
type document struct {
	Title, Version string
	Description    template.HTML
	// Server is the base URL of the curl commands; the page's script puts the
	// reader's own in its place.
	Server  string
	Tags    []tag
	Schemas []schema
}

type tag struct {
	Name, ID    string
	Description template.HTML
	Operations  []*operation
}

type operation struct {
	ID, Method, Path, Summary string
	Description               template.HTML
	Deprecated                bool
	Parameters                []parameter
	Body                      *body
	Responses                 []response
	Curl                      string
	// Search is what the search box looks through, lower case.
	Search string
}

type parameter struct {
	Name, In    string
	Required    bool
	Type        typeText
	Description template.HTML
	Limits      []string
	// example is the value in the curl command; explicit when the document
	// names it, not only the schema.
	example  string
	explicit bool
}

type body struct {
	Description template.HTML
	Required    bool
	Media       []media
}

type response struct {
	Status      string
	Description template.HTML
	Media       []media
}

// Class is the kind of status, for its colour: "2", "3", "4", "5" or "d".
func (r response) Class() string { return r.Status[:1] }

// media is one representation of a body.
type media struct {
	ContentType string
	Type        typeText
	Rows        []row
	Examples    []example
}

type example struct {
	Name, Text string
	HTML       template.HTML
}

type schema struct {
	Name, ID    string
	Type        typeText
	Description template.HTML
	Limits      []string
	Rows        []row
	Search      string
}

// methods is the order routes of one path are read in.
var methods = [...]string{"get", "post", "put", "patch", "delete", "head", "options"}

// defaultServer is where `osusume serve` listens unless told otherwise.
const defaultServer = "http://127.0.0.1:8080"

func parse(openapi []byte) (*document, error) {
	var v any
	if err := yaml.UnmarshalWithOptions(openapi, &v, yaml.UseOrderedMap()); err != nil {
		return nil, fmt.Errorf("parse openapi document: %w", err)
	}
	root := node{v}
	if len(root.get("paths").members()) == 0 {
		return nil, errors.New("parse openapi document: it has no paths")
	}
	p := parser{resolver: resolver{root}}
	doc := &document{
		Title:       root.get("info", "title").text(),
		Version:     root.get("info", "version").text(),
		Description: markdown(root.get("info", "description").text()),
		Server:      defaultServer,
	}
	if servers := root.get("servers").list(); len(servers) > 0 {
		if url := servers[0].get("url").text(); strings.HasPrefix(url, "http") {
			doc.Server = strings.TrimSuffix(url, "/")
		}
	}
	if err := p.operations(doc); err != nil {
		return nil, err
	}
	for _, m := range root.get("components", "schemas").members() {
		s, err := p.component(m.key, m.value)
		if err != nil {
			return nil, err
		}
		doc.Schemas = append(doc.Schemas, s)
	}
	return doc, nil
}

type parser struct{ resolver }

// operations fills doc.Tags: declared tags in their order, then those that
// only routes name.
func (p parser) operations(doc *document) error {
	for _, t := range p.root.get("tags").list() {
		name := t.get("name").text()
		doc.Tags = append(doc.Tags, tag{Name: name, ID: "tag-" + slug(name), Description: markdown(t.get("description").text())})
	}
	for _, path := range p.root.get("paths").members() {
		for _, method := range methods {
			n := path.value.get(method)
			if !n.exists() {
				continue
			}
			op, err := p.operation(doc.Server, method, path.key, path.value, n)
			if err != nil {
				return fmt.Errorf("%s %s: %w", strings.ToUpper(method), path.key, err)
			}
			name := "Other"
			if tags := n.get("tags").list(); len(tags) > 0 {
				name = tags[0].text()
			}
			i := slices.IndexFunc(doc.Tags, func(t tag) bool { return t.Name == name })
			if i < 0 {
				doc.Tags = append(doc.Tags, tag{Name: name, ID: "tag-" + slug(name)})
				i = len(doc.Tags) - 1
			}
			op.Search = strings.ToLower(op.Search + " " + name)
			doc.Tags[i].Operations = append(doc.Tags[i].Operations, op)
		}
	}
	doc.Tags = slices.DeleteFunc(doc.Tags, func(t tag) bool { return len(t.Operations) == 0 })
	return nil
}

func (p parser) operation(server, method, path string, item, n node) (*operation, error) {
	op := &operation{
		ID:          "op-" + slug(method+path),
		Method:      strings.ToUpper(method),
		Path:        path,
		Summary:     n.get("summary").text(),
		Description: markdown(n.get("description").text()),
		Deprecated:  n.get("deprecated").truth(),
	}
	search := []string{op.Method, path, op.Summary, n.get("operationId").text(), n.get("description").text()}
	for _, list := range [][]node{item.get("parameters").list(), n.get("parameters").list()} {
		for _, raw := range list {
			param, err := p.parameter(raw)
			if err != nil {
				return nil, err
			}
			same := func(q parameter) bool { return q.Name == param.Name && q.In == param.In }
			op.Parameters = append(slices.DeleteFunc(op.Parameters, same), param)
			search = append(search, param.Name)
		}
	}
	if raw := n.get("requestBody"); raw.exists() {
		rb, _, err := p.resolve(raw)
		if err != nil {
			return nil, err
		}
		op.Body = &body{Description: markdown(rb.get("description").text()), Required: rb.get("required").truth()}
		if op.Body.Media, err = p.media(rb.get("content")); err != nil {
			return nil, err
		}
		for _, m := range op.Body.Media {
			for _, r := range m.Rows {
				search = append(search, r.Name)
			}
		}
	}
	for _, m := range n.get("responses").members() {
		r, _, err := p.resolve(m.value)
		if err != nil {
			return nil, err
		}
		out := response{Status: m.key, Description: markdown(r.get("description").text())}
		if out.Media, err = p.media(r.get("content")); err != nil {
			return nil, err
		}
		op.Responses = append(op.Responses, out)
	}
	op.Curl = curl(server, op)
	op.Search = strings.Join(search, " ")
	return op, nil
}

func (p parser) parameter(raw node) (parameter, error) {
	n, _, err := p.resolve(raw)
	if err != nil {
		return parameter{}, err
	}
	s, _, err := p.resolve(n.get("schema"))
	if err != nil {
		return parameter{}, err
	}
	typ, err := p.typeOf(n.get("schema"))
	if err != nil {
		return parameter{}, err
	}
	out := parameter{
		Name:        n.get("name").text(),
		In:          n.get("in").text(),
		Required:    n.get("required").truth(),
		Type:        typ,
		Description: markdown(n.get("description").text()),
		Limits:      limits(s),
	}
	value := n.get("example")
	if ex := n.get("examples").members(); !value.exists() && len(ex) > 0 {
		value = ex[0].value.get("value")
	}
	out.explicit = value.exists()
	if !value.exists() {
		if value, err = p.sample(n.get("schema"), 0); err != nil {
			return parameter{}, err
		}
	}
	if values := value.list(); len(values) > 0 {
		value = values[0]
	}
	out.example = value.text()
	return out, nil
}

func (p parser) media(content node) ([]media, error) {
	var out []media
	for _, m := range content.members() {
		typ, err := p.typeOf(m.value.get("schema"))
		if err != nil {
			return nil, err
		}
		rows, err := p.rows(m.value.get("schema"), expandReferences)
		if err != nil {
			return nil, err
		}
		examples, err := p.examples(m.key, m.value)
		if err != nil {
			return nil, err
		}
		out = append(out, media{ContentType: m.key, Type: typ, Rows: rows, Examples: examples})
	}
	return out, nil
}

// examples returns what the document shows, or for JSON one made up from the
// schema.
func (p parser) examples(contentType string, n node) ([]example, error) {
	isJSON := strings.HasSuffix(contentType, "json") && !strings.Contains(contentType, "ndjson")
	show := func(name string, v node) example {
		if _, ok := v.v.(string); ok && !isJSON {
			return example{Name: name, Text: strings.TrimRight(v.text(), "\n"), HTML: escape(strings.TrimRight(v.text(), "\n"))}
		}
		text := formatJSON(v)
		return example{Name: name, Text: text, HTML: highlight(text)}
	}
	if v := n.get("example"); v.exists() {
		return []example{show("", v)}, nil
	}
	var out []example
	for _, m := range n.get("examples").members() {
		ex, _, err := p.resolve(m.value)
		if err != nil {
			return nil, err
		}
		name := ex.get("summary").text()
		if name == "" {
			name = m.key
		}
		out = append(out, show(name, ex.get("value")))
	}
	if len(out) > 0 || !isJSON || !n.get("schema").exists() {
		return out, nil
	}
	v, err := p.sample(n.get("schema"), 0)
	if err != nil || !v.exists() {
		return nil, err
	}
	return []example{show("", v)}, nil
}

func (p parser) component(name string, n node) (schema, error) {
	typ, err := p.typeOf(n)
	if err != nil {
		return schema{}, fmt.Errorf("schema %s: %w", name, err)
	}
	rows, err := p.rows(n, linkReferences)
	if err != nil {
		return schema{}, fmt.Errorf("schema %s: %w", name, err)
	}
	search := []string{name, n.get("description").text()}
	for _, r := range rows {
		search = append(search, r.Name)
	}
	return schema{
		Name: name, ID: schemaID(name), Type: typ, Description: markdown(n.get("description").text()),
		Limits: limits(n), Rows: rows, Search: strings.ToLower(strings.Join(search, " ")),
	}, nil
}

func schemaID(name string) string { return "schema-" + slug(name) }

// slug makes a name safe and stable as a fragment identifier.
func slug(s string) string {
	var b strings.Builder
	dash := false
	for _, r := range strings.ToLower(s) {
		if (r >= 'a' && r <= 'z') || (r >= '0' && r <= '9') || r == '_' || r > 0x7f {
			b.WriteRune(r)
			dash = false
		} else if !dash {
			b.WriteByte('-')
			dash = true
		}
	}
	return strings.Trim(b.String(), "-")
}
