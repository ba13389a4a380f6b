package api

import "encoding/base32"

// idAlphabet is Crockford's: digits and capitals without I, L, O and U, so that
// an id read aloud or retyped survives.
const idAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// encodeID writes 16 bytes as 26 characters.
func encodeID(b []byte) string {
	return base32.NewEncoding(idAlphabet).WithPadding(base32.NoPadding).EncodeToString(b)
}
