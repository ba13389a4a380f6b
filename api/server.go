package api

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"osusume/recommend"
	"osusume/recommend/engine"
	"osusume/recommend/live"
)

// Shop is one shop's index and log as the handlers need it; *live.Live is one.
// All methods must be safe for concurrent use.
type Shop interface {
	// Ingest makes events durable and answers with one verdict each.
	Ingest(ctx context.Context, events []recommend.Event) ([]recommend.Verdict, uint64, error)
	// PutItems creates or replaces items, all or none.
	PutItems(ctx context.Context, items []recommend.Item) (seq uint64, err error)
	// PatchItem changes one item; an error of patch comes back as it is.
	PatchItem(ctx context.Context, id string, patch func(*recommend.Item) error) (recommend.Item, uint64, error)
	// DeleteItem takes an item out of every list.
	DeleteItem(ctx context.Context, id string) (seq uint64, err error)
	// Await returns when the View includes seq.
	Await(ctx context.Context, seq uint64) error
	// View is the newest snapshot, never nil.
	View() *engine.View
	// Status is the state of the writer.
	Status() live.Status
}

// Defaults of Config.
const (
	DefaultBodyLimit       = 10 << 20
	DefaultAwaitTimeout    = 2 * time.Second
	DefaultShutdownTimeout = 15 * time.Second
)

// Config is what a Server needs. Shop is required; the rest has defaults.
type Config struct {
	Shop Shop
	// Logger defaults to discarding.
	Logger *slog.Logger
	// Clock dates events that bring no time; it defaults to time.Now.
	Clock func() time.Time
	// Metrics may be nil: nothing is counted then.
	Metrics *Metrics
	Version string
	// OpenAPI is the document served at /openapi.yaml and rendered at /docs.
	OpenAPI []byte
	// BodyLimit bounds a request body in bytes, before and after inflation;
	// 0 is DefaultBodyLimit.
	BodyLimit int64
	// AwaitTimeout bounds how long min_seq waits; 0 is DefaultAwaitTimeout.
	AwaitTimeout time.Duration
	// CORSOrigins are the origins whose pages may call the routes of a
	// storefront, each as ParseOrigin returns it; none by default.
	CORSOrigins []string
	// ShutdownTimeout bounds how long Serve lets requests finish; 0 is
	// DefaultShutdownTimeout.
	ShutdownTimeout time.Duration
}

// Server answers HTTP for one shop. It is safe for concurrent use.
type Server struct {
	shop            Shop
	logger          *slog.Logger
	clock           func() time.Time
	metrics         *Metrics
	bodyLimit       int64
	awaitTimeout    time.Duration
	shutdownTimeout time.Duration
	echo            *echo.Echo
}

// New returns a Server with all routes. It starts nothing. It panics when
// cfg.Shop is nil: that is a mistake in the wiring, not in any input.
func New(cfg Config) *Server {
	if cfg.Shop == nil {
		panic("api: Config.Shop is required")
	}
	s := &Server{
		shop:            cfg.Shop,
		logger:          cfg.Logger,
		clock:           cfg.Clock,
		metrics:         cfg.Metrics,
		bodyLimit:       cfg.BodyLimit,
		awaitTimeout:    cfg.AwaitTimeout,
		shutdownTimeout: cfg.ShutdownTimeout,
		echo:            echo.New(),
	}
	if s.logger == nil {
		s.logger = slog.New(slog.DiscardHandler)
	}
	if s.clock == nil {
		s.clock = time.Now
	}
	if s.bodyLimit == 0 {
		s.bodyLimit = DefaultBodyLimit
	}
	if s.awaitTimeout == 0 {
		s.awaitTimeout = DefaultAwaitTimeout
	}
	if s.shutdownTimeout == 0 {
		s.shutdownTimeout = DefaultShutdownTimeout
	}
	e := s.echo
	e.HTTPErrorHandler = func(err error, c echo.Context) { s.fail(c, err) }
	// Outermost first: metrics see the status the client sees, and every
	// answer, a panic's included, has a request id.
	e.Use(s.metrics.Middleware(), withRequestID)
	if len(cfg.CORSOrigins) > 0 {
		e.Use(allowOrigins(cfg.CORSOrigins))
	}
	e.Use(compress(), s.render)
	s.routes(e)
	registerOps(e, opsDeps{Metrics: cfg.Metrics, Status: cfg.Shop.Status, Version: cfg.Version, OpenAPI: cfg.OpenAPI})
	return s
}

func (s *Server) routes(e *echo.Echo) {
	e.POST("/events", s.postEvents)

	get(e, "/items", s.listItems)
	e.POST("/items", s.postItems)
	get(e, "/items/:item_id", s.getItem)
	e.PUT("/items/:item_id", s.putItem)
	e.PATCH("/items/:item_id", s.patchItem)
	e.DELETE("/items/:item_id", s.deleteItem)

	get(e, "/customers/:customer_id", s.getCustomer)

	get(e, "/recommend", s.getRecommend)
	e.POST("/recommend", s.postRecommend)
	get(e, "/related/:item_id", s.getRelated)
	get(e, "/popular", s.getPopular)
}

// render turns a handler's error or panic into a problem, so that everything
// outside of it sees a finished answer.
func (s *Server) render(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) (err error) {
		defer func() {
			switch v := recover(); {
			case v == nil:
			case v == http.ErrAbortHandler: //nolint:errorlint // net/http compares it by identity
				panic(v)
			default:
				s.fail(c, fmt.Errorf("panic: %v\n%s", v, debug.Stack()))
			}
		}()
		if err := next(c); err != nil {
			s.fail(c, err)
		}
		return nil
	}
}

// compressMinBytes is the shortest answer worth a gzip header: below it, both
// forms fit one packet.
const compressMinBytes = 1400

func compress() echo.MiddlewareFunc {
	return middleware.GzipWithConfig(middleware.GzipConfig{
		Level:     5,
		MinLength: compressMinBytes,
		Skipper: func(c echo.Context) bool {
			// Prometheus' own handler compresses by itself. Echo looks for the
			// word alone, so a caller that forbids gzip is caught here.
			accept := c.Request().Header.Get("Accept-Encoding")
			return c.Path() == "/metrics" || (strings.Contains(accept, "gzip") && !acceptsGzip(accept))
		},
	})
}

// Handler answers requests; it is what tests and Serve run.
func (s *Server) Handler() http.Handler { return s.echo }

// Serve answers on ln until ctx ends, then refuses new connections and lets
// requests under way finish for at most ShutdownTimeout. It owns ln and
// returns nil after an orderly end.
func (s *Server) Serve(ctx context.Context, ln net.Listener) error {
	srv := &http.Server{
		Handler:           s.echo,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       time.Minute,
		WriteTimeout:      time.Minute,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(s.logger.Handler(), slog.LevelWarn),
	}
	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(ln) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve http: %w", err)
	case <-ctx.Done():
	}
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.shutdownTimeout)
	defer cancel()
	err := srv.Shutdown(drain)
	if err != nil {
		err = errors.Join(fmt.Errorf("drain requests: %w", err), srv.Close())
	}
	<-failed // always http.ErrServerClosed now
	return err
}

const mediaJSONType = "application/json"

// answerJSON sends a body that holds one JSON value.
func answerJSON(c echo.Context, body []byte) error {
	h := c.Response().Header()
	if h.Get("Cache-Control") == "" {
		// Every answer is of this moment, and many are of one person.
		h.Set("Cache-Control", "no-store")
	}
	return c.Blob(http.StatusOK, mediaJSONType, body)
}
