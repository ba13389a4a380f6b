package docs

import (
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
)

// node is one value of the document: a yaml.MapSlice, a []any, a scalar, or
// nil for what is not there. Reading what is not there gives an empty node, so
// optional parts need no checks. Maps keep the order they are written in.
type node struct{ v any }

type member struct {
	key   string
	value node
}

func (n node) exists() bool { return n.v != nil }

func (n node) get(keys ...string) node {
	for _, key := range keys {
		found := node{}
		for _, m := range n.members() {
			if m.key == key {
				found = m.value
				break
			}
		}
		n = found
	}
	return n
}

func (n node) members() []member {
	m, ok := n.v.(yaml.MapSlice)
	if !ok {
		return nil
	}
	out := make([]member, len(m))
	for i, item := range m {
		out[i] = member{key: fmt.Sprint(item.Key), value: node{item.Value}}
	}
	return out
}

func (n node) list() []node {
	l, ok := n.v.([]any)
	if !ok {
		return nil
	}
	out := make([]node, len(l))
	for i, v := range l {
		out[i] = node{v}
	}
	return out
}

// text is the scalar as it would be written, "" for maps and lists.
func (n node) text() string {
	switch n.v.(type) {
	case nil, yaml.MapSlice, []any:
		return ""
	default:
		return fmt.Sprint(n.v)
	}
}

func (n node) truth() bool {
	b, ok := n.v.(bool)
	return ok && b
}

// resolver follows references inside one document.
type resolver struct{ root node }

// maxReferences bounds a chain of references, so that a circle ends.
const maxReferences = 20

// resolve returns what n stands for and the last name on the way there ("" for
// a value written in place).
func (r resolver) resolve(n node) (value node, name string, err error) {
	for range maxReferences {
		ref := n.get("$ref").text()
		if ref == "" {
			return n, name, nil
		}
		path, ok := strings.CutPrefix(ref, "#/")
		if !ok {
			return node{}, "", fmt.Errorf("follow reference %q: only references inside the document are known", ref)
		}
		keys := strings.Split(path, "/")
		for i, k := range keys {
			keys[i] = strings.NewReplacer("~1", "/", "~0", "~").Replace(k)
		}
		n = r.root.get(keys...)
		if !n.exists() {
			return node{}, "", fmt.Errorf("follow reference %q: it leads nowhere", ref)
		}
		name = keys[len(keys)-1]
	}
	return node{}, "", fmt.Errorf("follow reference to %q: more than %d references in a row", name, maxReferences)
}
