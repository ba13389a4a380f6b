package api

import (
	"net/http"
	"strings"
	"testing"
)

const smallDocument = "info: {title: Small}\npaths: {/a: {get: {summary: Say a}}}\n"

func TestOpenAPIRoute(t *testing.T) {
	e := opsServer(opsDeps{OpenAPI: []byte(smallDocument)})
	rec := getOps(e, "/openapi.yaml")
	if rec.Code != http.StatusOK || rec.Body.String() != smallDocument {
		t.Errorf("answer = %d %q, want the document", rec.Code, rec.Body)
	}
	if got := rec.Header().Get("Content-Type"); got != "application/yaml; charset=utf-8" {
		t.Errorf("Content-Type = %q", got)
	}
	etag := rec.Header().Get("ETag")
	tests := []struct {
		name, match string
		code        int
	}{
		{"same", etag, 304},
		{"same after compression", "W/" + etag, 304},
		{"one of several", `"x", ` + etag, 304},
		{"anything", "*", 304},
		{"another", `"x"`, 200},
		{"none", "", 200},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			rec := getOps(e, "/openapi.yaml", "If-None-Match", tt.match)
			if rec.Code != tt.code {
				t.Errorf("status = %d, want %d", rec.Code, tt.code)
			}
			if got := rec.Header().Get("ETag"); got != etag || !strings.HasPrefix(got, `"`) {
				t.Errorf("ETag = %s, want %s", got, etag)
			}
			if tt.code == 304 && rec.Body.Len() > 0 {
				t.Errorf("304 with a body: %q", rec.Body)
			}
		})
	}
}

func TestDocsRoute(t *testing.T) {
	e := opsServer(opsDeps{OpenAPI: []byte(smallDocument)})
	rec := getOps(e, "/docs")
	if rec.Code != http.StatusOK || !strings.Contains(rec.Body.String(), "Say a") {
		t.Fatalf("answer = %d %.200s", rec.Code, rec.Body)
	}
	for header, want := range map[string]string{
		"Content-Type":            "text/html; charset=utf-8",
		"X-Content-Type-Options":  "nosniff",
		"Referrer-Policy":         "no-referrer",
		"Content-Security-Policy": "default-src 'none'; style-src 'sha256-",
	} {
		if got := rec.Header().Get(header); !strings.HasPrefix(got, want) {
			t.Errorf("%s = %q, want %q", header, got, want)
		}
	}
	if rec := getOps(e, "/docs", "If-None-Match", rec.Header().Get("ETag")); rec.Code != http.StatusNotModified {
		t.Errorf("status of a second visit = %d, want 304", rec.Code)
	}
}

func TestDocsWithoutDocument(t *testing.T) {
	e := opsServer(opsDeps{})
	for _, path := range []string{"/openapi.yaml", "/docs"} {
		if rec := getOps(e, path); rec.Code != http.StatusNotFound {
			t.Errorf("%s: status = %d, want 404", path, rec.Code)
		}
	}
	if rec := getOps(opsServer(opsDeps{OpenAPI: []byte("no: paths")}), "/docs"); rec.Code != http.StatusInternalServerError {
		t.Errorf("status of a broken document = %d, want 500", rec.Code)
	}
}
