package live

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
	"strings"
	"time"

	"osusume/recommend"
	"osusume/recommend/offer"
	"osusume/recommend/placement"
)

// Configuration is a shop's documents and what they compile to, as of one
// moment. It is immutable.
type Configuration struct {
	documents map[recommend.DocumentKind][]recommend.Document // by id
	revision  uint64
	parts
}

// parts are the compiled documents, kept one by one so that a write compiles
// only what it changes.
type parts struct {
	rules      map[string]placement.Compiled
	ruleSet    *placement.Set
	placements map[string]*placement.Placement
	offers     *offer.Set
}

// Revision stands for the documents: two configurations of the same documents at
// the same versions have the same one, before and after a start.
func (c *Configuration) Revision() uint64 { return c.revision }

// revisionOf does not depend on the order of the documents.
func revisionOf(documents map[recommend.DocumentKind][]recommend.Document) uint64 {
	sum := uint64(0)
	for _, docs := range documents {
		for i := range docs {
			d := &docs[i]
			h := fnv.New64a()
			fmt.Fprintf(h, "%s\x00%s\x00%d\x00%d", d.Kind, d.ID, d.Version, d.Updated.UnixNano())
			sum += h.Sum64()
		}
	}
	return sum
}

// Document returns a document by kind and id.
func (c *Configuration) Document(kind recommend.DocumentKind, id string) (recommend.Document, bool) {
	docs := c.documents[kind]
	i, ok := find(docs, id)
	if !ok {
		return recommend.Document{}, false
	}
	return docs[i], true
}

// Documents returns at most limit documents of a kind whose ids come after
// after, by ascending id. They are for reading only.
func (c *Configuration) Documents(kind recommend.DocumentKind, after string, limit int) []recommend.Document {
	docs := c.documents[kind]
	from := 0
	if after != "" {
		i, ok := find(docs, after)
		if from = i; ok {
			from++
		}
	}
	docs = docs[from:]
	return docs[:min(limit, len(docs)):min(limit, len(docs))]
}

// Rules are the merchandising rules, never nil.
func (c *Configuration) Rules() *placement.Set { return c.ruleSet }

// Offers are the offers, never nil.
func (c *Configuration) Offers() *offer.Set { return c.offers }

// Placement returns a configured placement, nil when there is none of that id.
func (c *Configuration) Placement(id string) *placement.Placement { return c.placements[id] }

func find(docs []recommend.Document, id string) (int, bool) {
	return slices.BinarySearchFunc(docs, id, func(d recommend.Document, id string) int { return strings.Compare(d.ID, id) })
}

// with returns the documents with doc put in its place.
func (c *Configuration) with(doc recommend.Document) map[recommend.DocumentKind][]recommend.Document {
	out := maps.Clone(c.documents)
	docs := slices.Clone(out[doc.Kind])
	if i, ok := find(docs, doc.ID); ok {
		docs[i] = doc
	} else {
		docs = slices.Insert(docs, i, doc)
	}
	out[doc.Kind] = docs
	return out
}

func (c *Configuration) without(kind recommend.DocumentKind, id string) map[recommend.DocumentKind][]recommend.Document {
	out := maps.Clone(c.documents)
	if i, ok := find(out[kind], id); ok {
		out[kind] = slices.Delete(slices.Clone(out[kind]), i, i+1)
	}
	return out
}

// changed returns the parts with the document of kind and id being body, or gone
// when body is nil. Errors are those of put and remove.
func (p *parts) changed(kind recommend.DocumentKind, id string, body []byte, version uint64, now time.Time, names *placement.Names) (parts, error) {
	next := *p
	switch kind {
	case recommend.DocumentRule:
		next.rules = cloned(p.rules)
	case recommend.DocumentPlacement:
		next.placements = cloned(p.placements)
	}
	var err error
	if body == nil {
		err = next.remove(kind, id, names)
	} else {
		err = next.put(kind, id, body, version, now, names)
	}
	if err != nil {
		return parts{}, err
	}
	return next, next.join(kind)
}

func cloned[V any](m map[string]V) map[string]V {
	if m == nil {
		return map[string]V{}
	}
	return maps.Clone(m)
}

// put compiles one document into its map. now is that of Rule.Validate. The
// error names the field of the document.
func (p *parts) put(kind recommend.DocumentKind, id string, body []byte, version uint64, now time.Time, names *placement.Names) error {
	switch kind {
	case recommend.DocumentRule:
		var r placement.Rule
		if err := json.Unmarshal(body, &r); err != nil {
			return fmt.Errorf("read rule: %w", err)
		}
		c, err := placement.Compile(r, now)
		if err != nil {
			return err
		}
		for i, name := range r.Placements {
			if p.placements[name] == nil && !slices.Contains(names.BuiltIn, name) {
				return recommend.Invalid(fmt.Sprintf("placements[%d]", i), "is no placement: %q; there are %s", name, p.known(names))
			}
		}
		p.rules[id] = c
	case recommend.DocumentPlacement:
		var pl placement.Placement
		if err := json.Unmarshal(body, &pl); err != nil {
			return fmt.Errorf("read placement: %w", err)
		}
		if err := pl.Validate(names); err != nil {
			return err
		}
		p.placements[id] = &pl
	case recommend.DocumentOffer:
		o, err := offer.Parse(body)
		if err == nil && !now.IsZero() {
			err = o.Validate(now)
		}
		if err != nil {
			return err
		}
		o.Version = version
		set, err := p.offers.Put(o)
		if err != nil {
			return err
		}
		p.offers = set
	default:
		return recommend.Invalid("kind", "documents of kind %q are not configured here", kind)
	}
	return nil
}

// remove takes one document out of its map. The error is recommend.CodeConflict
// when another document needs it.
func (p *parts) remove(kind recommend.DocumentKind, id string, names *placement.Names) error {
	switch kind {
	case recommend.DocumentOffer:
		p.offers = p.offers.Delete(id)
	case recommend.DocumentRule:
		delete(p.rules, id)
	case recommend.DocumentPlacement:
		delete(p.placements, id)
		if slices.Contains(names.BuiltIn, id) {
			return nil // the built-in one is back
		}
		for _, rule := range slices.Sorted(maps.Keys(p.rules)) {
			if r := p.rules[rule].Rule(); slices.Contains(r.Placements, id) {
				return &recommend.Error{Code: recommend.CodeConflict, Message: fmt.Sprintf("rule %q is for placement %q; change it first", rule, id)}
			}
		}
	}
	return nil
}

// join makes of the documents of a kind what is asked as a whole, and refuses
// those that do not go together.
func (p *parts) join(kind recommend.DocumentKind) error {
	if kind == recommend.DocumentRule {
		p.ruleSet = placement.NewSet(slices.Collect(maps.Values(p.rules)))
	}
	return nil
}

// known lists the placements there are, for a message.
func (p *parts) known(names *placement.Names) string {
	all := slices.Concat(names.BuiltIn, slices.Collect(maps.Keys(p.placements)))
	slices.Sort(all)
	return strings.Join(slices.Compact(all), ", ")
}
