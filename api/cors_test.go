package api

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseOrigin(t *testing.T) {
	for in, want := range map[string]string{
		"*":                     "*",
		"https://shop.example":  "https://shop.example",
		"HTTPS://Shop.Example":  "https://shop.example",
		"http://localhost:3000": "http://localhost:3000",
		"http://[::1]:3000":     "http://[::1]:3000",
		"capacitor://localhost": "capacitor://localhost",
		"https://xn--p8j.jp":    "https://xn--p8j.jp",
		"":                      "", "null": "", "shop.example": "", "//shop.example": "", "https://": "", "https://:443": "",
		"https://shop.example/": "", "https://shop.example/a": "", "https://shop.example?": "", "https://shop.example#": "", "https://shop.example?a=b": "",
		"https://*.shop.example": "", "https://**": "", "https://me@shop.example": "", "https://a.example,https://b.example": "", "https://shop.example:": "",
		"https://shop.example:443": "", "http://shop.example:80": "", "https://店.jp": "", "https://%zz": "", "https://a b": "",
	} {
		got, err := ParseOrigin(in)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("ParseOrigin(%q) = %q, %v; want %q", in, got, err, want)
		}
	}
}

const storefront = "https://shop.example"

func corsClient(t *testing.T, origins ...string) *client {
	return newStockedClient(t, func(cfg *Config) { cfg.CORSOrigins = origins })
}

func (c *client) from(origin, method, target, body string, header ...string) answer {
	c.t.Helper()
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	r.Header.Set("Origin", origin)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return c.do(r)
}

// corsHeaders are those of an answer that decide what a browser lets a page do.
func corsHeaders(a answer) map[string]string {
	out := map[string]string{}
	for name := range a.header {
		if strings.HasPrefix(name, "Access-Control-") {
			out[name] = a.header.Get(name)
		}
	}
	return out
}

// everyRoute asks for each route a browser may use, errors included.
var everyRoute = []struct{ method, target, body string }{
	{"GET", "/recommend?customer_id=c1", ""},
	{"POST", "/recommend", `{"cart":["beans"]}`},
	{"GET", "/related/beans", ""},
	{"GET", "/popular", ""},
	{"POST", "/events", `{"event":"login","customer_id":"c1"}`},
	{"GET", "/related/nothing", ""},
	{"POST", "/events", `{"event":"dance"}`},
}

func TestCORSLetsTheStorefrontIn(t *testing.T) {
	c := corsClient(t, "https://other.example", storefront)
	want := map[string]string{
		"Access-Control-Allow-Origin":   storefront,
		"Access-Control-Expose-Headers": "X-Request-Id,Retry-After",
	}
	for _, x := range everyRoute {
		a := c.from(storefront, x.method, x.target, x.body)
		if diff := cmp.Diff(want, corsHeaders(a)); diff != "" {
			t.Errorf("%s %s: status %d (-want +got):\n%s", x.method, x.target, a.status, diff)
		}
		if !strings.Contains(strings.Join(a.header.Values("Vary"), ","), "Origin") {
			t.Errorf("%s %s: Vary is %q", x.method, x.target, a.header.Values("Vary"))
		}
	}
	for path, methods := range map[string]string{
		"/recommend": "OPTIONS, GET, HEAD, POST", "/related/beans": "OPTIONS, GET, HEAD", "/popular": "OPTIONS, GET, HEAD", "/events": "OPTIONS, POST",
	} {
		a := c.from(storefront, "OPTIONS", path, "", "Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "content-type")
		got := corsHeaders(a)
		for _, m := range strings.Split(methods, ", ") {
			if !strings.Contains(got["Access-Control-Allow-Methods"], m) {
				t.Errorf("preflight of %s allows %q, want %s", path, got["Access-Control-Allow-Methods"], m)
			}
		}
		delete(got, "Access-Control-Allow-Methods")
		want := map[string]string{
			"Access-Control-Allow-Origin":  storefront,
			"Access-Control-Allow-Headers": "Content-Type,Content-Encoding,X-Request-Id",
			"Access-Control-Max-Age":       "7200",
		}
		if diff := cmp.Diff(want, got); diff != "" || a.status != http.StatusNoContent {
			t.Errorf("preflight of %s: status %d (-want +got):\n%s", path, a.status, diff)
		}
	}
}

func TestCORSKeepsOthersOut(t *testing.T) {
	silent := func(c *client, origin, method, target, body string) {
		t.Helper()
		a := c.from(origin, method, target, body)
		if diff := cmp.Diff(map[string]string{}, corsHeaders(a)); diff != "" {
			t.Errorf("%s %s from %s (-want +got):\n%s", method, target, origin, diff)
		}
	}
	c := corsClient(t, storefront)
	for _, origin := range []string{
		"https://evil.example", "http://shop.example", "https://shop.example:8443", "https://shop.example.evil.example",
		"https://evilshop.example", "https://a.shop.example", "https://SHOP.example", "null", "*", "",
	} {
		for _, x := range everyRoute {
			silent(c, origin, x.method, x.target, x.body)
			silent(c, origin, "OPTIONS", strings.SplitN(x.target, "?", 2)[0], "")
		}
	}
	// The shop's own routes are not for pages, whatever their origin.
	open, closed := corsClient(t, AnyOrigin), newStockedClient(t)
	for _, target := range []string{"/items", "/items/beans", "/customers/c1", "/metrics", "/healthz", "/openapi.yaml", "/docs", "/nothing"} {
		silent(c, storefront, "GET", target, "")
		silent(c, storefront, "OPTIONS", target, "")
		silent(open, storefront, "GET", target, "")
	}
	for _, x := range everyRoute { // and nobody is let in by default
		silent(closed, storefront, x.method, x.target, x.body)
	}
}

func TestCORSForAnyOrigin(t *testing.T) {
	a := corsClient(t, storefront, AnyOrigin).from("https://anyone.example", "GET", "/popular", "")
	if got := a.header.Get("Access-Control-Allow-Origin"); got != "*" {
		t.Errorf("Access-Control-Allow-Origin is %q, want *", got)
	}
	if got := a.header.Get("Access-Control-Allow-Credentials"); got != "" {
		t.Errorf("credentials are allowed: %q", got)
	}
}

// HEAD is GET without the body, on the wire too.
func TestHead(t *testing.T) {
	c := newStockedClient(t)
	server := httptest.NewServer(c.handler)
	defer server.Close()
	for target, status := range map[string]int{
		"/recommend": 200, "/recommend?limit=0": 400, "/related/beans": 200, "/related/nothing": 404, "/popular?include_unavailable=true&fields=title,category": 200,
		"/items": 200, "/items/beans": 200, "/customers/c1": 200, "/healthz": 200, "/readyz": 200, "/metrics": 200, "/openapi.yaml": 200, "/docs": 200, "/nothing": 404,
		"/events": 405,
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodHead, server.URL+target, nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := server.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		if err != nil || len(body) > 0 {
			t.Errorf("HEAD %s: body %q, %v", target, body, err)
		}
		_ = res.Body.Close()
		asked := c.get(target)
		if got, want := res.Header.Get("Content-Type"), asked.header.Get("Content-Type"); res.StatusCode != status || got != want && target != "/metrics" {
			t.Errorf("HEAD %s: status %d as %q, want %d as %q", target, res.StatusCode, got, status, want)
		}
		// The recorder of other tests keeps what net/http would drop.
		c.do(httptest.NewRequest(http.MethodHead, target, nil))
	}
}
