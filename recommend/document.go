package recommend

import "time"

// Document is one piece of a shop's configuration, such as an offer, a
// placement or a rule. What Body means is for the package of its kind to say.
type Document struct {
	Kind DocumentKind
	ID   string
	// Version is 1 for a new document and rises by one with every change.
	Version uint64
	Updated time.Time // UTC
	// Body is a JSON object; it is for reading only.
	Body []byte
}

// DocumentKind says what a Document configures.
type DocumentKind string

// The kinds, by their names on disk.
const (
	DocumentOffer      DocumentKind = "offer"
	DocumentRule       DocumentKind = "rule"
	DocumentPlacement  DocumentKind = "placement"
	DocumentSegment    DocumentKind = "segment"
	DocumentExperiment DocumentKind = "experiment"
)

// Versions a write may expect instead of an exact one.
const (
	// VersionAny expects nothing.
	VersionAny = -1
	// VersionNone expects that there is no such document yet.
	VersionNone = 0
)

// MaxDocumentBytes bounds the body of a document.
const MaxDocumentBytes = 64 << 10
