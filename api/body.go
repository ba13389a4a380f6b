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
	body, err := openBody(r, http.MaxBytesReader(w, r.Body, limit))
	if err != nil {
		return 0, readFailed(err, limit)
	}
	defer body.Close()
	whole, err := readWhole(buf, body, r.ContentLength, limit)
	if err == nil && !whole {
		err = bodyTooLarge(limit)
	}
	return kind, err
}

// openBody returns what wire holds, the bytes of r's body, inflated if they came
// gzipped. Closing it leaves wire open: closing that reads on, before the answer is
// sent.
func openBody(r *http.Request, wire io.Reader) (io.ReadCloser, error) {
	switch encoding := strings.ToLower(strings.TrimSpace(r.Header.Get("Content-Encoding"))); encoding {
	case "", "identity":
		return io.NopCloser(wire), nil
	case "gzip":
		return gzip.NewReader(wire)
	default:
		return nil, &recommend.Error{
			Code: codeUnsupportedMediaType, Field: "Content-Encoding",
			Message: fmt.Sprintf("must be gzip or absent, got %q", encoding),
		}
	}
}

// readWhole reads body to its end into buf; false means that it goes on after
// limit bytes, of which buf then holds one more. announced is the length to
// expect, not above 0 when unknown.
func readWhole(buf *bytes.Buffer, body io.Reader, announced, limit int64) (bool, error) {
	if announced > 0 {
		buf.Grow(int(announced) + bytes.MinRead)
	}
	n, err := buf.ReadFrom(io.LimitReader(body, limit+1))
	if err != nil {
		return false, readFailed(err, limit)
	}
	return n <= limit, nil
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
	var own *recommend.Error
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &own):
		return err
	case errors.As(err, &tooLarge):
		return bodyTooLarge(limit)
	}
	return recommend.Invalid("body", "could not be read to its end: %v", err)
}
