package api

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"osusume/recommend"
	"osusume/recommend/live"
)

// DefaultReadyLag is how many acknowledged records may be missing from the
// answers while the server still calls itself ready: some seconds of applying
// at full speed, far more than any normal load leaves behind.
const DefaultReadyLag = 250_000

// opsDeps is what the routes for operators and readers need.
type opsDeps struct {
	Metrics *Metrics
	// Status reads the writer; nil means there is none and the server is never ready.
	Status func() live.Status
	// ReadyLag defaults to DefaultReadyLag.
	ReadyLag uint64
	Version  string
	// OpenAPI is the document served and rendered; nil makes both routes 404.
	OpenAPI []byte
}

// registerOps adds /metrics, /healthz, /readyz, /openapi.yaml and /docs.
func registerOps(e *echo.Echo, deps opsDeps) {
	if deps.ReadyLag == 0 {
		deps.ReadyLag = DefaultReadyLag
	}
	get(e, "/metrics", func(c echo.Context) error {
		if deps.Metrics == nil {
			return recommend.NotFound("", "metrics are switched off")
		}
		deps.Metrics.Handler().ServeHTTP(c.Response(), c.Request())
		return nil
	})
	get(e, "/healthz", func(c echo.Context) error {
		return c.JSON(http.StatusOK, health{Status: "ok", Version: deps.Version})
	})
	get(e, "/readyz", func(c echo.Context) error {
		c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
		if err := ready(deps); err != nil {
			return err
		}
		return c.JSON(http.StatusOK, health{Status: "ready", Version: deps.Version})
	})
	registerDocs(e, deps.OpenAPI)
}

// health is the body of /healthz and of a positive /readyz.
type health struct {
	Status  string `json:"status"`
	Version string `json:"version,omitempty"`
}

// ready returns nil when the server should get traffic, else the reason why
// not as recommend.CodeUnavailable. A load balancer may ask without a key, so
// causes that are not written for callers stay in the log.
func ready(deps opsDeps) error {
	unavailable := func(message string) error {
		return &recommend.Error{Code: recommend.CodeUnavailable, Message: message}
	}
	if deps.Status == nil {
		return unavailable("the shop is not open yet")
	}
	st := deps.Status()
	if st.Failed != nil {
		if e := (*recommend.Error)(nil); errors.As(st.Failed, &e) {
			return unavailable("ingest has stopped: " + e.Error())
		}
		return unavailable("ingest has stopped after an error; the server log names it")
	}
	if n := lag(st); n > deps.ReadyLag {
		return unavailable("catching up: answers lag behind the acknowledged events")
	}
	return nil
}
