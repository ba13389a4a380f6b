package store

import (
	"slices"
	"time"

	"osusume/recommend"
)

// memoryKeyed are the documents and decisions of a Memory, encoded like those of
// a Store.
type memoryKeyed struct {
	entries      map[string][]byte // body by key
	lastDecision uint64
}

func (k *memoryKeyed) put(key, body []byte) {
	if k.entries == nil {
		k.entries = map[string][]byte{}
	}
	k.entries[string(key)] = body
}

// keys lists the keys with the prefix, in order.
func (k *memoryKeyed) keys(prefix []byte) []string {
	var keys []string
	for key := range k.entries {
		if len(key) >= len(prefix) && key[:len(prefix)] == string(prefix) {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

func (k *memoryKeyed) version(key []byte) (uint64, error) {
	body, ok := k.entries[string(key)]
	if !ok {
		return 0, nil
	}
	doc, err := decodeDocument(key, body)
	return doc.Version, err
}

// PutDocument keeps a document as Store.PutDocument does.
func (m *Memory) PutDocument(kind recommend.DocumentKind, id string, body []byte, expected int64, now time.Time) (recommend.Document, error) {
	if err := checkDocument(kind, id, body, now); err != nil {
		return recommend.Document{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	key := documentKey(kind, id)
	version, err := m.keyed.version(key)
	if err != nil {
		return recommend.Document{}, err
	}
	if err := checkVersion(kind, id, version, expected); err != nil {
		return recommend.Document{}, err
	}
	rec := documentRecord{version: version + 1, updated: now.UTC().Round(0), body: string(body)}
	encoded := rec.append(nil)
	m.keyed.put(key, encoded)
	return decodeDocument(key, encoded)
}

// DeleteDocument removes a document as Store.DeleteDocument does.
func (m *Memory) DeleteDocument(kind recommend.DocumentKind, id string, expected int64) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	key := documentKey(kind, id)
	version, err := m.keyed.version(key)
	if err != nil {
		return err
	}
	if version == 0 {
		return recommend.NotFound("id", "there is no %s %q", kind, id)
	}
	if err := checkVersion(kind, id, version, expected); err != nil {
		return err
	}
	delete(m.keyed.entries, string(key))
	return nil
}

// Documents lists documents as Store.Documents does.
func (m *Memory) Documents(kind recommend.DocumentKind) ([]recommend.Document, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	prefix := []byte{prefixDocument}
	if kind != "" {
		prefix = documentKey(kind, "")
	}
	var docs []recommend.Document
	for _, key := range m.keyed.keys(prefix) {
		doc, err := decodeDocument([]byte(key), m.keyed.entries[key])
		if err != nil {
			return nil, err
		}
		docs = append(docs, doc)
	}
	return docs, nil
}

// AppendDecisions keeps records as Store.AppendDecisions does.
func (m *Memory) AppendDecisions(records []recommend.DecisionRecord) (first uint64, err error) {
	return m.ReplaceDecisions(nil, records)
}

// ReplaceDecisions changes records as Store.ReplaceDecisions does.
func (m *Memory) ReplaceDecisions(drop []uint64, records []recommend.DecisionRecord) (first uint64, err error) {
	bodies, err := decisionBodies(drop, records)
	if err != nil {
		return 0, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, place := range drop {
		delete(m.keyed.entries, string(decisionKey(place)))
	}
	first = m.keyed.lastDecision + 1
	for i, body := range bodies {
		m.keyed.put(decisionKey(first+uint64(i)), body)
	}
	m.keyed.lastDecision += uint64(len(records))
	return first, nil
}

// Decisions calls fn as Store.Decisions does.
func (m *Memory) Decisions(fn func(place uint64, d *recommend.DecisionRecord) error) error {
	m.mu.RLock()
	keys := m.keyed.keys([]byte{prefixDecision})
	slices.Reverse(keys) // the newest is the first of them
	bodies := make([][]byte, len(keys))
	for i, key := range keys {
		bodies[i] = m.keyed.entries[key]
	}
	m.mu.RUnlock()
	for i, key := range keys {
		d, err := decodeDecision([]byte(key), bodies[i])
		if err != nil {
			return err
		}
		place, _ := parseDecisionKey([]byte(key))
		if err := fn(place, &d); err != nil {
			return err
		}
	}
	return nil
}
