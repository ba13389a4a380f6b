package api

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/labstack/echo/v4"

	"osusume/recommend"
	"osusume/recommend/live"
)

// opsServer serves the operators' routes alone; errors answer with their code
// as the body and 503 for unavailable, 404 for not found.
func opsServer(deps opsDeps) *echo.Echo {
	e := echo.New()
	e.HTTPErrorHandler = func(err error, c echo.Context) {
		switch recommend.CodeOf(err) {
		case recommend.CodeUnavailable:
			_ = c.String(http.StatusServiceUnavailable, err.Error())
		case recommend.CodeNotFound:
			_ = c.String(http.StatusNotFound, err.Error())
		default:
			_ = c.String(http.StatusInternalServerError, err.Error())
		}
	}
	registerOps(e, deps)
	return e
}

func getOps(e *echo.Echo, target string, header ...string) *httptest.ResponseRecorder {
	req := httptest.NewRequest(http.MethodGet, target, nil)
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	rec := httptest.NewRecorder()
	e.ServeHTTP(rec, req)
	return rec
}

func TestReady(t *testing.T) {
	tests := []struct {
		name   string
		status *live.Status
		code   int
		body   string
	}{
		{"caught up", &live.Status{Acknowledged: 500, Applied: 500}, 200, `{"status":"ready","version":"v1"}`},
		{"lag at the limit", &live.Status{Acknowledged: 600, Applied: 500}, 200, `{"status":"ready","version":"v1"}`},
		{"lag over the limit", &live.Status{Acknowledged: 601, Applied: 500}, 503, "catching up: answers lag behind the acknowledged events"},
		{"read while a View is published", &live.Status{Acknowledged: 500, Applied: 501}, 200, `{"status":"ready","version":"v1"}`},
		{"failed for a reason callers may read", &live.Status{Failed: &recommend.Error{Code: recommend.CodeUnavailable, Message: "the disk is full"}}, 503, "ingest has stopped: the disk is full"},
		{"failed for an inner reason", &live.Status{Failed: errors.New("write /secret/path: broken")}, 503, "ingest has stopped after an error; the server log names it"},
		{"no shop", nil, 503, "the shop is not open yet"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			deps := opsDeps{Version: "v1", ReadyLag: 100}
			if tt.status != nil {
				deps.Status = func() live.Status { return *tt.status }
			}
			rec := getOps(opsServer(deps), "/readyz")
			if rec.Code != tt.code {
				t.Errorf("status = %d, want %d", rec.Code, tt.code)
			}
			if diff := cmp.Diff(tt.body, strings.TrimSpace(rec.Body.String())); diff != "" {
				t.Errorf("body (-want +got):\n%s", diff)
			}
			if got := rec.Header().Get("Cache-Control"); got != "no-store" {
				t.Errorf("Cache-Control = %q, want no-store", got)
			}
		})
	}
}

func TestReadyDefaultLag(t *testing.T) {
	var st live.Status
	e := opsServer(opsDeps{Status: func() live.Status { return st }})
	st.Acknowledged = DefaultReadyLag
	if rec := getOps(e, "/readyz"); rec.Code != http.StatusOK {
		t.Errorf("status at the default limit = %d, want 200", rec.Code)
	}
	st.Acknowledged++
	if rec := getOps(e, "/readyz"); rec.Code != http.StatusServiceUnavailable {
		t.Errorf("status over the default limit = %d, want 503", rec.Code)
	}
}

// TestHealthy: a server whose ingest has failed still lives and answers.
func TestHealthy(t *testing.T) {
	e := opsServer(opsDeps{Version: "v1", Status: func() live.Status { return live.Status{Failed: errors.New("disk")} }})
	rec := getOps(e, "/healthz")
	if got, want := strings.TrimSpace(rec.Body.String()), `{"status":"ok","version":"v1"}`; rec.Code != http.StatusOK || got != want {
		t.Errorf("answer = %d %s, want 200 %s", rec.Code, got, want)
	}
}

func TestMetricsRoute(t *testing.T) {
	if rec := getOps(opsServer(opsDeps{}), "/metrics"); rec.Code != http.StatusNotFound {
		t.Errorf("status without metrics = %d, want 404", rec.Code)
	}
	rec := getOps(opsServer(opsDeps{Metrics: NewMetrics(MetricsConfig{Version: "v1"})}), "/metrics")
	if rec.Code != http.StatusOK || !strings.Contains(rec.Body.String(), "\nosusume_build_info{") {
		t.Errorf("answer = %d without osusume_build_info:\n%.300s", rec.Code, rec.Body)
	}
	if got := rec.Header().Get("Content-Type"); !strings.HasPrefix(got, "text/plain; version=0.0.4") {
		t.Errorf("Content-Type = %q", got)
	}
}
