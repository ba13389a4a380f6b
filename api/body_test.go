package api

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
)

func gzipped(t *testing.T, body string) []byte {
	t.Helper()
	var buf bytes.Buffer
	w := gzip.NewWriter(&buf)
	if _, err := io.WriteString(w, body); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func TestBodies(t *testing.T) {
	const limit = 64 << 10
	c := newClient(t, func(cfg *Config) { cfg.BodyLimit = limit })
	big := strings.Repeat(" ", limit) + view("big")
	zipped := gzipped(t, view("zipped"))
	// Its end is missing: whoever gets that far has inflated all of it.
	bomb := gzipped(t, strings.Repeat("\x00", 20<<20))
	bomb = bomb[:len(bomb)-9]
	cases := []struct {
		name, contentType, encoding string
		body                        []byte
		chunked                     bool
		status                      int
		field                       string
	}{
		{"charset", "application/json; charset=UTF-8", "", []byte(view("e1")), false, 200, ""},
		{"identity", "application/json", "identity", []byte(view("e2")), false, 200, ""},
		{"gzip", "application/json", "gzip", zipped, false, 200, ""},
		{"at the limit", "application/json", "", []byte(strings.Repeat(" ", limit-len(view("e3"))) + view("e3")), false, 200, ""},
		{"over the limit", "application/json", "", []byte(big), false, 413, "body"},
		{"over the limit without a length", "application/json", "", []byte(big), true, 413, "body"},
		{"over the limit inflated", "application/json", "gzip", gzipped(t, big), false, 413, "body"},
		{"bomb", "application/json", "gzip", bomb, false, 413, "body"},
		{"not gzip", "application/json", "gzip", []byte(view("e4")), false, 400, "body"},
		{"gzip cut short", "application/json", "gzip", zipped[:len(zipped)-9], false, 400, "body"},
		{"gzip with a wrong checksum", "application/json", "gzip", append(append([]byte(nil), zipped[:len(zipped)-8]...), 0, 0, 0, 0, 0, 0, 0, 0), false, 400, "body"},
		{"empty", "application/json", "", nil, false, 400, "body"},
		{"empty gzip", "application/json", "gzip", nil, false, 400, "body"},
		{"form", "application/x-www-form-urlencoded", "", []byte(view("e5")), false, 415, "Content-Type"},
		{"no type", "", "", []byte(view("e6")), false, 415, "Content-Type"},
		{"broken type", "application/", "", []byte(view("e7")), false, 415, "Content-Type"},
		{"other charset", "application/json; charset=shift_jis", "", []byte(view("e8")), false, 415, "Content-Type"},
		{"patch type", "application/merge-patch+json", "", []byte(view("e9")), false, 415, "Content-Type"},
		{"other encoding", "application/json", "br", []byte(view("e10")), false, 415, "Content-Encoding"},
	}
	for _, x := range cases {
		t.Run(x.name, func(t *testing.T) {
			before := c.shop.Status().Acknowledged
			r := httptest.NewRequest(http.MethodPost, "/events", bytes.NewReader(x.body))
			if x.chunked {
				r.ContentLength = -1
			}
			r.Header.Set("Content-Type", x.contentType)
			if x.encoding != "" {
				r.Header.Set("Content-Encoding", x.encoding)
			}
			a := c.do(r)
			if x.status == 200 {
				if a.status != 200 {
					t.Fatalf("status %d: %s", a.status, a.body)
				}
				return
			}
			c.refused(a, x.status, x.field)
			if after := c.shop.Status().Acknowledged; after != before {
				t.Errorf("%d records were written", after-before)
			}
		})
	}
}

func TestFiftyMegabytesAreTooMany(t *testing.T) {
	c := newClient(t)
	r := httptest.NewRequest(http.MethodPost, "/events", bytes.NewReader(make([]byte, 50<<20)))
	r.Header.Set("Content-Type", "application/json")
	c.refused(c.do(r), 413, "body")
}

func TestAnswersAreGzippedOnDemand(t *testing.T) {
	c := newClient(t)
	var items []string
	for _, id := range strings.Split("abcdefghijklmnopqrstuvwxyz", "") {
		items = append(items, `{"item_id":"`+id+`","title":"`+strings.Repeat(id, 400)+`"}`)
	}
	c.ok("POST", "/items", "["+strings.Join(items, ",")+"]")
	plain := c.get("/items")
	for accept, want := range map[string]bool{"gzip": true, "br, gzip;q=0.5": true, "gzip;q=0": false, "br": false, "": false} {
		r := httptest.NewRequest(http.MethodGet, "/items", nil)
		r.Header.Set("Accept-Encoding", accept)
		a := c.do(r)
		if got := a.header.Get("Content-Encoding") == "gzip"; got != want {
			t.Errorf("Accept-Encoding %q: gzipped %v, want %v", accept, got, want)
			continue
		}
		body := a.body
		if want {
			zr, err := gzip.NewReader(bytes.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			if body, err = io.ReadAll(zr); err != nil {
				t.Fatal(err)
			}
			if len(a.body) >= len(body) {
				t.Errorf("%d bytes gzipped to %d", len(body), len(a.body))
			}
		}
		if !bytes.Equal(body, plain.body) {
			t.Errorf("Accept-Encoding %q: another body", accept)
		}
	}
}
