package api

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/labstack/echo/v4"

	"osusume/recommend"
	"osusume/recommend/engine"
	"osusume/recommend/live"
)

// Shop is one shop's index and log as the handlers need it; *live.Live is one.
// All methods must be safe for concurrent use.
type Shop interface {
	// Ingest makes events durable and answers with one verdict each. It may keep
	// what the events refer to, but not the slice: that is used again.
	Ingest(ctx context.Context, events []recommend.Event) ([]recommend.Verdict, uint64, error)
	// PutItems creates or replaces items, all or none.
	PutItems(ctx context.Context, items []recommend.Item) (seq uint64, err error)
	// PatchItem changes one item; an error of patch comes back as it is.
	PatchItem(ctx context.Context, id string, patch func(*recommend.Item) error) (recommend.Item, uint64, error)
	// DeleteItem takes an item out of every list.
	DeleteItem(ctx context.Context, id string) (seq uint64, err error)
	// Await returns when the View includes seq.
	Await(ctx context.Context, seq uint64) error
	// Documents is the configuration, nil for a shop without one.
	Documents() *live.Documents
	// Decisions is the ledger of offers, nil for a shop without one.
	Decisions() *live.Decisions
	// Zone is where the shop's days begin and end.
	Zone() *time.Location
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
	// CacheBytes bounds the rendered answers of /related and /popular kept for
	// as long as what they rest on stands; 0 is DefaultCacheBytes, below 0 keeps none.
	CacheBytes int64
	// CORSOrigins are the origins whose pages may call the routes of a
	// storefront, each as ParseOrigin returns it; none by default.
	CORSOrigins []string
	// HoldoutBP is the share of customers held out of all offers, in basis
	// points, 0 to offer.MaxHoldoutBP.
	HoldoutBP int
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
	holdoutBP       int
	echo            *echo.Echo
	// answers is nil when nothing is kept.
	answers *answerCache
}

// New returns a Server with all routes. It starts nothing. It panics when
// cfg.Shop is nil: that is a mistake in the wiring, not in any input.
func New(cfg Config) *Server {
	if cfg.Shop == nil {
		panic("api: Config.Shop is required")
	}
	s := newServer(cfg)
	s.routes(s.echo)
	registerOps(s.echo, opsDeps{Metrics: cfg.Metrics, Status: cfg.Shop.Status, Version: cfg.Version, OpenAPI: cfg.OpenAPI})
	if cfg.CacheBytes == 0 {
		cfg.CacheBytes = DefaultCacheBytes
	}
	s.answers = newAnswerCache(cfg.CacheBytes)
	s.metrics.watch(s.answers)
	return s
}

// newServer returns a Server without routes and cache.
func newServer(cfg Config) *Server {
	s := &Server{
		shop:            cfg.Shop,
		logger:          cfg.Logger,
		clock:           cfg.Clock,
		metrics:         cfg.Metrics,
		bodyLimit:       cfg.BodyLimit,
		awaitTimeout:    cfg.AwaitTimeout,
		shutdownTimeout: cfg.ShutdownTimeout,
		holdoutBP:       cfg.HoldoutBP,
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
	s.echo.HTTPErrorHandler = func(err error, c echo.Context) { s.fail(c, err) }
	s.echo.Use(s.around(cfg.CORSOrigins))
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
	get(e, "/upsell", s.getUpsell)
	e.POST("/upsell", s.postUpsell)

	e.POST("/offers/decide", s.postDecide)
	e.POST("/offers/decisions/:decision_id/confirm", s.postConfirm)
	e.POST("/offers/decisions/:decision_id/release", s.postRelease)
	s.offers().routes(e)
	s.placements().routes(e)
	e.POST("/placements/:placement_id/page", s.postPage)
	e.POST("/rules/preview", s.postPreview)
	s.rules().routes(e)
}

// around is what every request passes, routed or not. Echo would link its
// middlewares anew for each request; here they are linked once, and what they
// end in is the handler Echo has found.
//
// Outermost first: metrics see the status the client sees, and every answer, a
// panic's included, has a request id.
func (s *Server) around(origins []string) echo.MiddlewareFunc {
	h := s.render(func(c echo.Context) error { return c.Handler()(c) })
	if len(origins) > 0 {
		h = allowOrigins(origins)(h)
	}
	h = s.metrics.Middleware()(withRequestID(h))
	return func(echo.HandlerFunc) echo.HandlerFunc { return h }
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

// Handler answers requests; it is what tests and Serve run.
func (s *Server) Handler() http.Handler { return s.echo }

// Serve answers on ln until ctx ends, then refuses new connections and lets
// requests under way finish for at most ShutdownTimeout. It owns ln and
// returns nil after an orderly end.
func (s *Server) Serve(ctx context.Context, ln net.Listener) error {
	return s.serve(ctx, ln, s.echo)
}

func (s *Server) serve(ctx context.Context, ln net.Listener, handler http.Handler) error {
	srv := &http.Server{
		Handler:           handler,
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
