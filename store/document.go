package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/dgraph-io/badger/v4"

	"osusume/recommend"
)

// maxKindBytes bounds the name of a kind.
const maxKindBytes = 32

// documentKey is 'c', the kind, a zero byte and the id, so that a scan gives
// the documents of one kind in the order of their ids.
func documentKey(kind recommend.DocumentKind, id string) []byte {
	k := make([]byte, 0, 2+len(kind)+len(id))
	k = append(k, prefixDocument)
	k = append(k, kind...)
	k = append(k, 0)
	return append(k, id...)
}

func parseDocumentKey(k []byte) (kind recommend.DocumentKind, id string, ok bool) {
	if len(k) == 0 || k[0] != prefixDocument {
		return "", "", false
	}
	name, rest, ok := bytes.Cut(k[1:], []byte{0})
	kind, id = recommend.DocumentKind(name), string(rest)
	return kind, id, ok && validKind(kind) && recommend.ValidateID("id", id) == nil
}

func validKind(kind recommend.DocumentKind) bool {
	if kind == "" || len(kind) > maxKindBytes {
		return false
	}
	for i := range len(kind) {
		if c := kind[i]; (c < 'a' || c > 'z') && c != '_' {
			return false
		}
	}
	return true
}

// documentRecord is the body of a document's entry: version, time of the last
// change, JSON.
type documentRecord struct {
	version uint64
	updated time.Time
	body    string
}

func (d *documentRecord) append(b []byte) []byte {
	b = binary.AppendUvarint(b, d.version)
	b = appendTime(b, d.updated)
	return appendString(b, d.body)
}

// decodeDocument reads the entry of key.
func decodeDocument(key, body []byte) (recommend.Document, error) {
	kind, id, ok := parseDocumentKey(key)
	if !ok {
		return recommend.Document{}, errors.New("its key is no kind and id")
	}
	r := reader{s: string(body)}
	d := documentRecord{version: r.uvarint(), updated: r.time(), body: r.string()}
	switch {
	case r.err != nil:
		return recommend.Document{}, r.err
	case r.i != len(r.s):
		return recommend.Document{}, fmt.Errorf("%d bytes left over", len(r.s)-r.i)
	case d.version == 0:
		return recommend.Document{}, errors.New("version 0")
	}
	return recommend.Document{Kind: kind, ID: id, Version: d.version, Updated: d.updated, Body: []byte(d.body)}, nil
}

func checkDocument(kind recommend.DocumentKind, id string, body []byte, now time.Time) error {
	if !validKind(kind) {
		return recommend.Invalid("kind", "must be 1 to %d lower-case letters, got %q", maxKindBytes, kind)
	}
	if err := recommend.ValidateID("id", id); err != nil {
		return err
	}
	if len(body) > recommend.MaxDocumentBytes {
		return tooLarge("a document may take at most %d bytes, got %d", recommend.MaxDocumentBytes, len(body))
	}
	if !storable(now) {
		return recommend.Invalid("updated", "must lie within the years 1 to 9999")
	}
	return nil
}

// checkVersion compares the version there is (0 is none) with what a write
// expects.
func checkVersion(kind recommend.DocumentKind, id string, version uint64, expected int64) error {
	switch {
	case expected == recommend.VersionAny || expected >= 0 && uint64(expected) == version:
		return nil
	case version == 0:
		return &recommend.Error{Code: recommend.CodeConflict, Message: fmt.Sprintf("there is no %s %q at version %d", kind, id, expected)}
	case expected == recommend.VersionNone:
		return &recommend.Error{Code: recommend.CodeConflict, Message: fmt.Sprintf("%s %q exists already, at version %d", kind, id, version)}
	default:
		return &recommend.Error{Code: recommend.CodeConflict, Message: fmt.Sprintf("%s %q is at version %d, not %d", kind, id, version, expected)}
	}
}

// PutDocument creates or replaces a document and returns it once it is durable.
// expected is the version it must have now, recommend.VersionNone when it must
// not exist, VersionAny when neither matters. Errors: recommend.CodeConflict for
// another version, CodeInvalid and CodeTooLarge for what cannot be stored; these
// change nothing. CodeUnavailable once the store is closed or has failed.
func (s *Store) PutDocument(kind recommend.DocumentKind, id string, body []byte, expected int64, now time.Time) (recommend.Document, error) {
	if err := checkDocument(kind, id, body, now); err != nil {
		return recommend.Document{}, err
	}
	s.keyed.mu.Lock()
	defer s.keyed.mu.Unlock()
	if err := s.keyed.usable(); err != nil {
		return recommend.Document{}, err
	}
	key := documentKey(kind, id)
	version, err := s.documentVersion(key)
	if err != nil {
		return recommend.Document{}, err
	}
	if err := checkVersion(kind, id, version, expected); err != nil {
		return recommend.Document{}, err
	}
	rec := documentRecord{version: version + 1, updated: now.UTC().Round(0), body: string(body)}
	if err := s.changeKeyed([]keyedChange{{key: key, body: rec.append(nil)}}); err != nil {
		return recommend.Document{}, err
	}
	return recommend.Document{Kind: kind, ID: id, Version: rec.version, Updated: rec.updated, Body: []byte(rec.body)}, nil
}

// DeleteDocument removes a document for good; one created later under the same
// id starts at version 1 again. expected is as in PutDocument. Errors: those of
// PutDocument, and recommend.CodeNotFound when there is none.
func (s *Store) DeleteDocument(kind recommend.DocumentKind, id string, expected int64) error {
	s.keyed.mu.Lock()
	defer s.keyed.mu.Unlock()
	if err := s.keyed.usable(); err != nil {
		return err
	}
	key := documentKey(kind, id)
	version, err := s.documentVersion(key)
	if err != nil {
		return err
	}
	if version == 0 {
		return recommend.NotFound("id", "there is no %s %q", kind, id)
	}
	if err := checkVersion(kind, id, version, expected); err != nil {
		return err
	}
	return s.changeKeyed([]keyedChange{{key: key}})
}

// documentVersion is the version under key, 0 when there is none.
func (s *Store) documentVersion(key []byte) (version uint64, err error) {
	err = s.view(func(txn *badger.Txn) error {
		item, err := txn.Get(key)
		if errors.Is(err, badger.ErrKeyNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		return item.Value(func(value []byte) error {
			body, err := openEntry(key, value)
			if err != nil {
				return err
			}
			doc, err := decodeDocument(key, body)
			version = doc.Version
			return err
		})
	})
	if err != nil {
		return 0, fmt.Errorf("read %s: %w", entryName(key), err)
	}
	return version, nil
}

// Documents returns all documents of a kind in the order of their ids; those of
// every kind, kind by kind, when kind is "".
func (s *Store) Documents(kind recommend.DocumentKind) ([]recommend.Document, error) {
	s.keyed.mu.Lock()
	defer s.keyed.mu.Unlock()
	if s.keyed.closed {
		return nil, errClosed
	}
	prefix := []byte{prefixDocument}
	if kind != "" {
		prefix = documentKey(kind, "")
	}
	var docs []recommend.Document
	err := s.view(func(txn *badger.Txn) error {
		return eachEntry(txn, prefix, func(key, _, body []byte, err error) error {
			if err != nil {
				return fmt.Errorf("%s is damaged: %w", entryName(key), err)
			}
			doc, err := decodeDocument(key, body)
			docs = append(docs, doc)
			return err
		})
	})
	if err != nil {
		return nil, fmt.Errorf("list documents: %w", err)
	}
	return docs, nil
}
