package datasets

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"math"

	"osusume/recommend"
)

// repeatHorizon is the number of distinct events within which an identical
// one is known as a repeat, at least; it bounds memory to about 30 MB.
const repeatHorizon = 1 << 18

type digest [16]byte

// identities derives event ids from content. Two equal events of one file (a
// page viewed twice in one second) get different ids by the number of equal
// ones before them, and the same ids whenever the file is read again.
type identities struct {
	// recent and older are two generations of counts: when recent is full it
	// becomes older, and what was older is forgotten.
	recent, older map[digest]uint32
	horizon       int
	scratch       []byte
}

func newIdentities(horizon int) *identities {
	return &identities{recent: make(map[digest]uint32), horizon: horizon}
}

// name returns the id of e, whose own ID is not looked at.
func (d *identities) name(e *recommend.Event) string {
	d.scratch = appendContent(d.scratch[:0], e)
	sum := sha256.Sum256(d.scratch)
	key := digest(sum[:len(digest{})])

	n, known := d.recent[key]
	if !known {
		n = d.older[key]
		if len(d.recent) >= d.horizon {
			d.older, d.recent = d.recent, make(map[digest]uint32, d.horizon)
		}
	}
	d.recent[key] = n + 1
	if n > 0 {
		d.scratch = binary.AppendUvarint(append(d.scratch, "repeat"...), uint64(n))
		sum = sha256.Sum256(d.scratch)
		key = digest(sum[:len(digest{})])
	}
	return "imp-" + base64.RawURLEncoding.EncodeToString(key[:])
}

// appendContent appends everything that tells e from another event, each part
// with its length so that no two events run together. Changing it renames
// every imported event: files imported before would count twice.
func appendContent(b []byte, e *recommend.Event) []byte {
	b = append(b, "osusume event 1"...)
	b = appendPart(b, e.Type.String())
	b = binary.AppendVarint(b, e.Time.Unix())
	b = binary.AppendVarint(b, int64(e.Time.Nanosecond()))
	b = appendPart(b, e.CustomerID)
	b = appendPart(b, e.AnonymousID)
	b = appendPart(b, e.SessionID)
	b = appendPart(b, e.OrderID)
	b = appendPart(b, e.Channel)
	b = appendPart(b, e.RecommendationID)
	b = binary.BigEndian.AppendUint64(b, math.Float64bits(e.Value))
	b = binary.AppendUvarint(b, uint64(len(e.Items)))
	for i := range e.Items {
		it := &e.Items[i]
		b = appendPart(b, it.ItemID)
		b = binary.AppendVarint(b, it.Quantity)
		b = binary.AppendVarint(b, it.Price.Amount)
		b = appendPart(b, it.Price.Currency)
	}
	return b
}

func appendPart(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}
