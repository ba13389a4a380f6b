package api

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/klauspost/compress/gzip"

	"osusume/recommend"
)

// mediaKind is how a request body is laid out.
type mediaKind uint8

const (
	mediaJSON mediaKind = iota
	mediaNDJSON
	mediaMergePatch
)

// parseMediaKind returns the kind named by a media type without parameters.
func parseMediaKind(media string) (mediaKind, bool) {
	switch media {
	case "application/json":
		return mediaJSON, true
	case "application/x-ndjson", "application/ndjson":
		return mediaNDJSON, true
	case "application/merge-patch+json":
		return mediaMergePatch, true
	default:
		return 0, false
	}
}

// readBody reads the whole body of r, inflated if it came gzipped. At most
// limit bytes are accepted, on the wire and after inflation alike, so that a
// small archive cannot fill the memory. Errors: too_large, invalid (cut short,
// not gzip), and an unsupported media type when Content-Type is none of kinds.
func readBody(w http.ResponseWriter, r *http.Request, limit int64, kinds ...mediaKind) ([]byte, mediaKind, error) {
	var buf bytes.Buffer
	kind, err := readBodyInto(&buf, w, r, limit, kinds...)
	return buf.Bytes(), kind, err
}

// readBodyInto is readBody with memory of the caller's.
func readBodyInto(buf *bytes.Buffer, w http.ResponseWriter, r *http.Request, limit int64, kinds ...mediaKind) (mediaKind, error) {
	kind, err := mediaKindOf(r.Header.Get("Content-Type"), kinds)
	if err != nil {
		return 0, err
	}
	if r.ContentLength > limit {
		return 0, bodyTooLarge(limit)
	}
	var body io.Reader = http.MaxBytesReader(w, r.Body, limit)
	switch encoding := strings.ToLower(strings.TrimSpace(r.Header.Get("Content-Encoding"))); encoding {
	case "", "identity":
	case "gzip":
		zr, err := gzip.NewReader(body)
		if err != nil {
			return 0, readFailed(err, limit)
		}
		defer zr.Close()
		body = zr
	default:
		return 0, &recommend.Error{
			Code: codeUnsupportedMediaType, Field: "Content-Encoding",
			Message: fmt.Sprintf("must be gzip or absent, got %q", encoding),
		}
	}
	if r.ContentLength > 0 {
		buf.Grow(int(r.ContentLength) + bytes.MinRead)
	}
	n, err := buf.ReadFrom(io.LimitReader(body, limit+1))
	switch {
	case err != nil:
		return 0, readFailed(err, limit)
	case n > limit:
		return 0, bodyTooLarge(limit)
	}
	return kind, nil
}

func mediaKindOf(contentType string, accepted []mediaKind) (mediaKind, error) {
	refuse := func() (mediaKind, error) {
		var names []string
		for _, kind := range accepted {
			names = append(names, [...]string{"application/json", "application/x-ndjson", "application/merge-patch+json"}[kind])
		}
		return 0, &recommend.Error{
			Code: codeUnsupportedMediaType, Field: "Content-Type",
			Message: fmt.Sprintf("must be %s, got %q", strings.Join(names, " or "), contentType),
		}
	}
	kind, ok := parseMediaKind(contentType) // as most clients write it
	if !ok {
		media, params, err := mime.ParseMediaType(contentType)
		if err != nil {
			return refuse()
		}
		if charset, ok := params["charset"]; ok && !strings.EqualFold(charset, "utf-8") {
			return refuse()
		}
		if kind, ok = parseMediaKind(media); !ok {
			return refuse()
		}
	}
	for _, a := range accepted {
		if a == kind {
			return kind, nil
		}
	}
	return refuse()
}

func bodyTooLarge(limit int64) error {
	return &recommend.Error{
		Code: recommend.CodeTooLarge, Field: "body",
		Message: fmt.Sprintf("must be at most %d bytes, inflated; send it in parts", limit),
	}
}

func readFailed(err error, limit int64) error {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return bodyTooLarge(limit)
	}
	return recommend.Invalid("body", "could not be read to its end: %v", err)
}
