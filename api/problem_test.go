package api

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"osusume/recommend"
)

// faultyShop fails as told and is a working shop otherwise.
type faultyShop struct {
	Shop
	// ingest and put, when set, stand for the methods.
	ingest func([]recommend.Event) ([]recommend.Verdict, uint64, error)
	put    func([]recommend.Item) (uint64, error)
}

func (f *faultyShop) Ingest(ctx context.Context, events []recommend.Event) ([]recommend.Verdict, uint64, error) {
	if f.ingest != nil {
		return f.ingest(events)
	}
	return f.Shop.Ingest(ctx, events)
}

func (f *faultyShop) PutItems(ctx context.Context, items []recommend.Item) (uint64, error) {
	if f.put != nil {
		return f.put(items)
	}
	return f.Shop.PutItems(ctx, items)
}

const oneView = `{"event":"view_item","customer_id":"c","items":[{"item_id":"i"}]}`

func TestShopErrorsBecomeProblems(t *testing.T) {
	cases := []struct {
		name   string
		err    error
		status int
		code   string
	}{
		{"invalid", recommend.Invalid("items[0].item_id", "no"), 400, "invalid"},
		{"unauthenticated", &recommend.Error{Code: recommend.CodeUnauthenticated, Message: "no"}, 401, "unauthenticated"},
		{"forbidden", &recommend.Error{Code: recommend.CodeForbidden, Message: "no"}, 403, "forbidden"},
		{"not found", recommend.NotFound("", "no"), 404, "not_found"},
		{"conflict", &recommend.Error{Code: recommend.CodeConflict, Message: "no"}, 409, "conflict"},
		{"too large", &recommend.Error{Code: recommend.CodeTooLarge, Message: "no"}, 413, "too_large"},
		{"changed", &recommend.Error{Code: codePreconditionFailed, Message: "no"}, 412, "precondition_failed"},
		{"version missing", &recommend.Error{Code: codePreconditionRequired, Message: "no"}, 428, "precondition_required"},
		{"overloaded", &recommend.Error{Code: recommend.CodeOverloaded, Message: "no"}, 503, "overloaded"},
		{"unavailable", &recommend.Error{Code: recommend.CodeUnavailable, Message: "no"}, 503, "unavailable"},
		{"internal", &recommend.Error{Code: recommend.CodeInternal, Message: "secret"}, 500, "internal"},
		{"unknown", errors.New("open /secret: permission denied"), 500, "internal"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			shop := &faultyShop{ingest: func([]recommend.Event) ([]recommend.Verdict, uint64, error) { return nil, 0, c.err }}
			server := newClient(t, func(cfg *Config) { shop.Shop, cfg.Shop = cfg.Shop, shop })
			r := httptest.NewRequest(http.MethodPost, "/events", strings.NewReader(oneView))
			r.Header.Set("Content-Type", "application/json")
			w := httptest.NewRecorder()
			server.handler.ServeHTTP(w, r)
			a := answer{status: w.Code, header: w.Header(), body: w.Body.Bytes()}
			p := decode[problem](t, a)
			if a.status != c.status || p.Code != c.code {
				t.Errorf("got %d %s, want %d %s", a.status, p.Code, c.status, c.code)
			}
			if strings.Contains(string(a.body), "secret") {
				t.Errorf("the cause leaks: %s", a.body)
			}
			server.checkProblem(a)
			if retry := a.header.Get("Retry-After"); (retry != "") != (c.status == 503) {
				t.Errorf("status %d with Retry-After %q", c.status, retry)
			}
		})
	}
}

func TestPanicEndsOneRequestOnly(t *testing.T) {
	var logged bytes.Buffer
	panics := true
	shop := &faultyShop{}
	c := newClient(t, func(cfg *Config) {
		shop.Shop, cfg.Shop = cfg.Shop, shop
		cfg.Logger = slog.New(slog.NewTextHandler(&logged, nil))
	})
	shop.ingest = func(events []recommend.Event) ([]recommend.Verdict, uint64, error) {
		if panics {
			panic("broken invariant")
		}
		return shop.Shop.Ingest(context.Background(), events)
	}
	a := c.send("POST", "/events", oneView)
	p := c.refused(a, 500, "")
	if strings.Contains(string(a.body), "broken invariant") {
		t.Errorf("the cause leaks: %s", a.body)
	}
	if n := strings.Count(logged.String(), "level=ERROR"); n != 1 {
		t.Errorf("logged %d errors, want 1:\n%s", n, logged.String())
	}
	for _, want := range []string{p.RequestID, "broken invariant", "problem_test.go"} {
		if !strings.Contains(logged.String(), want) {
			t.Errorf("the log does not mention %q:\n%s", want, logged.String())
		}
	}
	panics = false
	c.ok("POST", "/events", oneView)
}

func TestUnknownPathsAndMethods(t *testing.T) {
	c := newClient(t)
	c.refused(c.get("/nothing/here"), 404, "")
	c.refused(c.get("/"), 404, "")
	a := c.send("PUT", "/events", oneView)
	c.refused(a, 405, "")
	if allow := a.header.Get("Allow"); !strings.Contains(allow, "POST") {
		t.Errorf("Allow is %q", allow)
	}
	c.refused(c.send("DELETE", "/recommend", ""), 405, "")
	c.refused(c.send("PROPFIND", "/items", ""), 405, "")
}

func TestRequestID(t *testing.T) {
	c := newClient(t)
	for name, x := range map[string]struct {
		sent string
		kept bool
	}{
		"uuid":          {"8f14e45f-ceea-467f-9b6c-2f1c2b9c9f0a", true},
		"longest":       {strings.Repeat("x", 128), true},
		"none":          {"", false},
		"too long":      {strings.Repeat("x", 129), false},
		"space":         {"a b", false},
		"line break":    {"a\r\nSet-Cookie: x", false},
		"quote":         {`a"b`, false},
		"other letters": {"あ", false},
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodGet, "/healthz", nil)
			r.Header.Set("X-Request-ID", x.sent)
			got := c.do(r).header.Get("X-Request-ID")
			if (got == x.sent) != x.kept || !validRequestID(got) {
				t.Errorf("sent %q, got %q", x.sent, got)
			}
		})
	}
}
