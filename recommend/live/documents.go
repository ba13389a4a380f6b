package live

import (
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"osusume/recommend"
	"osusume/recommend/engine"
	"osusume/recommend/offer"
	"osusume/recommend/placement"
)

// DocumentStore keeps documents durably. Package store implements it; its
// methods are those of store.Store.
type DocumentStore interface {
	PutDocument(kind recommend.DocumentKind, id string, body []byte, expected int64, now time.Time) (recommend.Document, error)
	DeleteDocument(kind recommend.DocumentKind, id string, expected int64) error
	Documents(kind recommend.DocumentKind) ([]recommend.Document, error)
}

// MaxDocuments bounds the documents of one kind: all of them are compiled and
// held in memory.
const MaxDocuments = 5000

// Documents is a shop's configuration: read from memory, written through the
// store. A change is checked against everything else there is, made durable,
// published and only then acknowledged.
type Documents struct {
	store DocumentStore
	clock func() time.Time
	names placement.Names

	current atomic.Pointer[Configuration]
	mu      sync.Mutex // serialises changes
}

// openDocuments reads and compiles what the store has. A document that does not
// compile any more, after a change of the vocabulary, is kept but out of force;
// the log says so.
func openDocuments(store DocumentStore, names placement.Names, clock func() time.Time, logger *slog.Logger) (*Documents, error) {
	d := &Documents{store: store, clock: clock, names: names}
	docs, err := store.Documents("")
	if err != nil {
		return nil, fmt.Errorf("open configuration: %w", err)
	}
	c := &Configuration{documents: map[recommend.DocumentKind][]recommend.Document{}}
	c.rules, c.placements = map[string]placement.Compiled{}, map[string]*placement.Placement{}
	c.ruleSet = placement.NewSet(nil)
	if c.offers, err = offer.NewSet(nil); err != nil {
		return nil, fmt.Errorf("open configuration: %w", err)
	}
	for _, doc := range docs {
		c.documents[doc.Kind] = append(c.documents[doc.Kind], doc)
	}
	// Rules name placements, so those come first.
	for _, kind := range [...]recommend.DocumentKind{recommend.DocumentPlacement, recommend.DocumentRule, recommend.DocumentOffer} {
		for _, doc := range c.documents[kind] {
			if err := c.put(kind, doc.ID, doc.Body, doc.Version, time.Time{}, &d.names); err != nil {
				logger.Error("a document is out of force", "kind", kind, "id", doc.ID, "error", err)
			}
		}
		if err := c.join(kind); err != nil {
			return nil, fmt.Errorf("open configuration: %w", err)
		}
	}
	d.publish(c.documents, c.parts)
	return d, nil
}

// Configuration is the newest one; it never blocks and is never nil.
func (d *Documents) Configuration() *Configuration { return d.current.Load() }

func (d *Documents) publish(documents map[recommend.DocumentKind][]recommend.Document, p parts) {
	d.current.Store(&Configuration{documents: documents, revision: revisionOf(documents), parts: p})
}

// Change creates or replaces a document with what edit makes of the one there
// is, nil for none. An error of edit is returned as it is and changes nothing.
// No other change comes between. Errors: recommend.CodeInvalid naming the field
// of the body, CodeConflict where other documents forbid it, CodeTooLarge,
// CodeUnavailable.
func (d *Documents) Change(kind recommend.DocumentKind, id string, edit func(old *recommend.Document) (body []byte, err error)) (recommend.Document, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := d.clock().UTC()
	c := d.current.Load()
	var old *recommend.Document
	expected := int64(recommend.VersionNone)
	if doc, ok := c.Document(kind, id); ok {
		old, expected = &doc, int64(doc.Version)
	} else if len(c.documents[kind]) >= MaxDocuments {
		return recommend.Document{}, &recommend.Error{Code: recommend.CodeConflict, Message: fmt.Sprintf("there are %d documents of this kind already, the most there may be", MaxDocuments)}
	}
	body, err := edit(old)
	if err != nil {
		return recommend.Document{}, err
	}
	next, err := c.changed(kind, id, body, uint64(expected)+1, now, &d.names)
	if err != nil {
		return recommend.Document{}, err
	}
	doc, err := d.store.PutDocument(kind, id, body, expected, now)
	if err != nil {
		return recommend.Document{}, err
	}
	d.publish(c.with(doc), next)
	return doc, nil
}

// Delete removes a document unless check refuses the one there is. Errors are
// those of check, recommend.CodeNotFound, and those of Change.
func (d *Documents) Delete(kind recommend.DocumentKind, id string, check func(old *recommend.Document) error) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	c := d.current.Load()
	doc, ok := c.Document(kind, id)
	if !ok {
		return recommend.NotFound("id", "there is no %s %q", kind, id)
	}
	if err := check(&doc); err != nil {
		return err
	}
	next, err := c.changed(kind, id, nil, 0, d.clock().UTC(), &d.names)
	if err != nil {
		return err
	}
	if err := d.store.DeleteDocument(kind, id, int64(doc.Version)); err != nil {
		return err
	}
	d.publish(c.without(kind, id), next)
	return nil
}

// configure opens documents and decisions.
func (l *Live) configure() (err error) {
	cfg := &l.cfg
	if cfg.Documents == nil {
		return nil
	}
	if l.documents, err = openDocuments(cfg.Documents, l.names(), cfg.Clock, cfg.Logger); err != nil || cfg.Decisions == nil {
		return err
	}
	if l.decisions, err = openDecisions(cfg.Decisions, l.documents, cfg.Zone, cfg.Clock); err != nil {
		return err
	}
	l.wg.Go(l.pruneLoop)
	return nil
}

// Zone is where the shop's days begin and end.
func (l *Live) Zone() *time.Location { return l.cfg.Zone }

// names are what documents may refer to.
func (l *Live) names() placement.Names {
	view := l.View()
	n := placement.Names{Models: view.Models(), BuiltIn: view.Placements()}
	for kind := range engine.DefaultRelated() {
		n.Relations = append(n.Relations, string(kind))
	}
	slices.Sort(n.Relations)
	return n
}

// Documents is the shop's configuration, nil for a shop opened without one.
func (l *Live) Documents() *Documents { return l.documents }
