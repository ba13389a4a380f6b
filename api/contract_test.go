package api

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
	"github.com/labstack/echo/v4"

	"osusume/recommend"
	"osusume/recommend/live"
	"osusume/store"
)

// contract is openapi.yaml, ready to hold answers against.
type contract struct {
	text   []byte
	doc    *openapi3.T
	router routers.Router
}

// loadContract reads the document once for all tests; they only read it.
var loadContract = sync.OnceValues(func() (*contract, error) {
	text, err := os.ReadFile("../openapi.yaml")
	if err != nil {
		return nil, err
	}
	doc, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		return nil, err
	}
	if err := doc.Validate(context.Background()); err != nil {
		return nil, err
	}
	// Any host will do: tests serve on none in particular.
	doc.Servers = nil
	router, err := gorillamux.NewRouter(doc)
	if err != nil {
		return nil, err
	}
	return &contract{text: text, doc: doc, router: router}, nil
})

// client talks to a Server and holds every answer to the contract; an accepted
// request must be one the contract allows, too.
type client struct {
	t        testing.TB
	handler  http.Handler
	contract *contract
	shop     *live.Live
}

// newClient serves a fresh, empty shop. change may alter the configuration.
func newClient(t testing.TB, change ...func(*Config)) *client {
	t.Helper()
	spec, err := loadContract()
	if err != nil {
		t.Fatal(err)
	}
	clock := func() time.Time { return testNow }
	memory := store.NewMemory()
	shop, err := live.Open(context.Background(), live.Config{Log: memory, Documents: memory, Decisions: memory, Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := shop.Close(); err != nil {
			t.Errorf("close shop: %v", err)
		}
	})
	c := &client{t: t, contract: spec, shop: shop}
	cfg := Config{
		Shop: shop, Clock: clock, Version: "test", OpenAPI: c.contract.text,
		Metrics: NewMetrics(MetricsConfig{Version: "test", Status: shop.Status, View: shop.View, Clock: clock}),
	}
	for _, f := range change {
		f(&cfg)
	}
	c.handler = New(cfg).Handler()
	return c
}

// answer is what a request got.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// decode reads the body into a new T.
func decode[T any](t testing.TB, a answer) T {
	t.Helper()
	var out T
	if err := json.Unmarshal(a.body, &out); err != nil {
		t.Fatalf("decode %s: %v", a.body, err)
	}
	return out
}

// problem is the body of an error.
type problem struct {
	Type, Title, Code, Field, Detail string
	Status                           int
	RequestID                        string `json:"request_id"`
	Errors                           []struct {
		Index, Line          int
		Code, Field, Message string
	}
}

func (c *client) get(target string) answer {
	c.t.Helper()
	return c.do(httptest.NewRequest(http.MethodGet, target, nil))
}

// send sends body as JSON.
func (c *client) send(method, target, body string) answer {
	c.t.Helper()
	return c.sendAs(method, target, "application/json", body)
}

func (c *client) sendAs(method, target, contentType, body string) answer {
	c.t.Helper()
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	r.Header.Set("Content-Type", contentType)
	return c.do(r)
}

// ok is send for a request that must succeed.
func (c *client) ok(method, target, body string) answer {
	c.t.Helper()
	a := c.send(method, target, body)
	if a.status != http.StatusOK {
		c.t.Fatalf("%s %s: status %d: %s", method, target, a.status, a.body)
	}
	return a
}

// refused asserts a problem with the status and field.
func (c *client) refused(a answer, status int, field string) problem {
	c.t.Helper()
	p := decode[problem](c.t, a)
	if a.status != status || p.Status != status || p.Field != field {
		c.t.Errorf("got %d for field %q (%s), want %d for %q", a.status, p.Field, p.Detail, status, field)
	}
	return p
}

func (c *client) do(r *http.Request) answer {
	c.t.Helper()
	var sent []byte
	if r.Body != nil {
		sent, _ = io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(sent))
	}
	w := httptest.NewRecorder()
	c.handler.ServeHTTP(w, r)
	a := answer{status: w.Code, header: w.Header(), body: w.Body.Bytes()}
	if sent != nil {
		r.Body = io.NopCloser(bytes.NewReader(sent))
	}
	c.check(r, a)
	return a
}

func (c *client) check(r *http.Request, a answer) {
	c.t.Helper()
	if a.header.Get("X-Request-ID") == "" {
		c.t.Errorf("%s %s: the answer has no X-Request-ID", r.Method, r.URL)
	}
	contentType, _, _ := strings.Cut(a.header.Get("Content-Type"), ";")
	if a.status >= 400 {
		if contentType != problemType {
			c.t.Errorf("%s %s: status %d as %q", r.Method, r.URL, a.status, contentType)
		}
		if p := decode[problem](c.t, a); p.Status != a.status || p.RequestID != a.header.Get("X-Request-ID") {
			c.t.Errorf("%s %s: status %d and request id %q, but the problem says %s", r.Method, r.URL, a.status, a.header.Get("X-Request-ID"), a.body)
		}
		if (a.status == http.StatusServiceUnavailable) != (a.header.Get("Retry-After") != "") {
			c.t.Errorf("%s %s: status %d with Retry-After %q", r.Method, r.URL, a.status, a.header.Get("Retry-After"))
		}
	}
	documented := r
	if r.Method == http.MethodHead { // the contract says that it is answered like GET
		documented = r.Clone(r.Context())
		documented.Method = http.MethodGet
	}
	route, params, err := c.contract.router.FindRoute(documented)
	if err != nil && r.Method == http.MethodOptions {
		if a.status != http.StatusNoContent && a.status != http.StatusNotFound {
			c.t.Errorf("%s %s: status %d", r.Method, r.URL, a.status)
		}
		return
	}
	if err != nil {
		// Nothing is documented here: the answer must say so, as a problem.
		if a.status != http.StatusNotFound && a.status != http.StatusMethodNotAllowed {
			c.t.Errorf("%s %s: status %d on a route the contract does not have: %v", r.Method, r.URL, a.status, err)
		}
		c.checkProblem(a)
		return
	}
	options := &openapi3filter.Options{IncludeResponseStatus: true, ExcludeResponseBody: !strings.HasSuffix(contentType, "json")}
	in := &openapi3filter.RequestValidationInput{Request: r, PathParams: params, Route: route, Options: options}
	plain := r.Header.Get("Content-Encoding") == "" && !strings.Contains(r.Header.Get("Content-Type"), "ndjson")
	if accepted := a.status < 300 && !bytes.Contains(a.body, []byte(`"status":"rejected"`)); plain && accepted {
		if err := openapi3filter.ValidateRequest(context.Background(), in); err != nil {
			c.t.Errorf("%s %s was accepted against the contract: %v", r.Method, r.URL, err)
		}
	}
	if options.ExcludeResponseBody && a.status == http.StatusOK {
		if route.Operation.Responses.Status(a.status).Value.Content.Get(contentType) == nil {
			c.t.Errorf("%s %s: %q is not in the contract", r.Method, r.URL, contentType)
		}
	}
	out := &openapi3filter.ResponseValidationInput{RequestValidationInput: in, Status: a.status, Header: a.header, Options: options}
	if a.header.Get("Content-Encoding") == "" {
		out.SetBodyBytes(a.body)
		if err := openapi3filter.ValidateResponse(context.Background(), out); err != nil {
			c.t.Errorf("%s %s: %v", r.Method, r.URL, err)
		}
	}
}

func (c *client) checkProblem(a answer) {
	c.t.Helper()
	var value any
	if err := json.Unmarshal(a.body, &value); err != nil {
		c.t.Errorf("not JSON: %s", a.body)
		return
	}
	schema := c.contract.doc.Components.Schemas["Problem"].Value
	if err := schema.VisitJSON(value, openapi3.EnableJSONSchema2020()); err != nil {
		c.t.Errorf("%s is no Problem: %v", a.body, err)
	}
}

func TestRoutesAndContractAreEqual(t *testing.T) {
	c := newClient(t)
	var served, documented []string
	heads := 0
	for _, r := range c.handler.(*echo.Echo).Routes() {
		if r.Method == http.MethodHead { // as the contract says of all GETs
			heads++
			continue
		}
		served = append(served, r.Method+" "+routeLabel(r.Path))
	}
	for path, item := range c.contract.doc.Paths.Map() {
		for method := range item.Operations() {
			documented = append(documented, method+" "+path)
		}
	}
	slices.Sort(served)
	slices.Sort(documented)
	isGet := func(route string) bool { return strings.HasPrefix(route, "GET ") }
	if gets := len(slices.DeleteFunc(slices.Clone(served), func(r string) bool { return !isGet(r) })); gets != heads {
		t.Errorf("%d routes answer HEAD and %d GET", heads, gets)
	}
	for _, route := range served {
		if !slices.Contains(documented, route) {
			t.Errorf("%s is served but not documented", route)
		}
	}
	for _, route := range documented {
		if !slices.Contains(served, route) {
			t.Errorf("%s is documented but not served", route)
		}
	}
}

func TestContractKnowsEveryName(t *testing.T) {
	c := newClient(t)
	enum := func(schema, property string) []string {
		s := c.contract.doc.Components.Schemas[schema].Value
		if property != "" {
			s = s.Properties[property].Value
		}
		var out []string
		for _, v := range s.Enum {
			out = append(out, v.(string))
		}
		slices.Sort(out)
		return out
	}
	equal := func(what string, got, want []string) {
		t.Helper()
		want = slices.Clone(want)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s: the contract has %v, the code %v", what, got, want)
		}
	}
	equal("fields", enum("FieldName", ""), fieldNames[:])
	equal("events", enum("Event", "event"), recommend.EventNames())
	var stages []string
	for _, s := range stageNames {
		stages = append(stages, string(s))
	}
	equal("stages", enum("Stage", ""), stages)
}
