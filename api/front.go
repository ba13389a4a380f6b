package api

import (
	"context"
	"fmt"
	"math"
	"net"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/labstack/echo/v4"

	"osusume/recommend"
	"osusume/recommend/live"
)

// Front answers HTTP from before its shop is open, which after an unclean end
// can take a replay of the whole log. Until Open, /healthz and /metrics answer as
// ever, /readyz tells how far the start is, and the other routes are a problem
// with Retry-After; afterwards a Server answers. It is safe for concurrent use.
type Front struct {
	cfg      Config
	starting *Server
	serving  atomic.Pointer[Server] // starting until Open
}

// NewFront returns a Front. cfg.Shop is ignored; progress tells how far the start
// is and may be called at any time.
func NewFront(cfg Config, progress func() live.Progress) *Front {
	cfg.Shop = nil
	f := &Front{cfg: cfg, starting: newServer(cfg)}
	s := f.starting
	told := func(c echo.Context) error { return s.sendStarting(c, progress()) }
	s.routes(s.echo)
	registerOps(s.echo, opsDeps{Metrics: cfg.Metrics, Version: cfg.Version, OpenAPI: cfg.OpenAPI})
	for _, r := range s.echo.Routes() {
		if r.Path != "/healthz" && r.Path != "/metrics" {
			s.echo.Add(r.Method, r.Path, told)
		}
	}
	f.serving.Store(s)
	return f
}

// Open lets a Server for shop answer from now on.
func (f *Front) Open(shop Shop) {
	cfg := f.cfg
	cfg.Shop = shop
	f.serving.Store(New(cfg))
}

// ServeHTTP implements http.Handler.
func (f *Front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.serving.Load().echo.ServeHTTP(w, r)
}

// Serve answers on ln until ctx ends, as Server.Serve does.
func (f *Front) Serve(ctx context.Context, ln net.Listener) error {
	return f.starting.serve(ctx, ln, f)
}

// maxStartWait is the longest Retry-After of a start, in seconds: what is
// estimated at its beginning may be far off.
const maxStartWait = 30

// sendStarting answers c with 503 and how far the start is.
func (s *Server) sendStarting(c echo.Context, p live.Progress) error {
	wait := min(max(int(math.Ceil(p.Remaining().Seconds())), retryAfterSeconds), maxStartWait)
	h := c.Response().Header()
	h.Set("Retry-After", strconv.Itoa(wait))
	h[headerCacheControl] = valueNoStore
	e := &recommend.Error{
		Code:    recommend.CodeUnavailable,
		Message: fmt.Sprintf("the shop is being opened: %s, %.1f %%", p.Phase, p.Percent()),
	}
	b := appendProblem(nil, e, http.StatusServiceUnavailable, requestID(c), nil)
	b = appendProgress(append(b[:len(b)-1], `,"progress":`...), p)
	return send(c, http.StatusServiceUnavailable, valueProblem, append(b, '}'))
}

func appendProgress(b []byte, p live.Progress) []byte {
	tenths := func(v float64) { b = strconv.AppendFloat(b, v, 'f', 1, 64) }
	b = append(b, `{"phase":"`...)
	b = append(b, p.Phase.String()...)
	b = append(b, `","percent":`...)
	tenths(p.Percent())
	b = append(b, `,"records":`...)
	b = strconv.AppendUint(b, p.Done, 10)
	b = append(b, `,"records_total":`...)
	b = strconv.AppendUint(b, p.Total, 10)
	b = append(b, `,"records_per_second":`...)
	b = strconv.AppendInt(b, int64(p.PerSecond()), 10)
	b = append(b, `,"elapsed_seconds":`...)
	tenths(p.Elapsed.Seconds())
	b = append(b, `,"remaining_seconds":`...)
	tenths(p.Remaining().Round(100 * time.Millisecond).Seconds())
	return append(b, '}')
}
