package api

import "encoding/base32"

// idAlphabet is Crockford's: digits and capitals without I, L, O and U, so that
// an id read aloud or retyped survives.
const idAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// appendID appends 16 bytes as 26 characters.
func appendID(b, id []byte) []byte { return idEncoding.AppendEncode(b, id) }

var idEncoding = base32.NewEncoding(idAlphabet).WithPadding(base32.NoPadding)
