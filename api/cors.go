package api

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"
)

// AnyOrigin allows pages of every origin.
const AnyOrigin = "*"

// preflightSeconds is how long a browser may remember what it may send. Browsers
// keep it for at most two hours whatever we say.
const preflightSeconds = 2 * 60 * 60

// browserRoutes are the paths that a page of another origin may use: those a
// storefront calls from the browser. The rest are for the shop's own servers.
var browserRoutes = [...]string{"/recommend", "/related/:item_id", "/popular", "/events", "/offers/decide", "/placements/:placement_id/page"}

// ParseOrigin returns an origin the way browsers send it in the Origin header:
// scheme, host and, unless it is the scheme's own, port. AnyOrigin is one too.
// Patterns are not: one dot too few in them would let strangers in.
func ParseOrigin(s string) (string, error) {
	if s == AnyOrigin {
		return s, nil
	}
	u, err := url.Parse(s)
	switch {
	case err != nil, u.Scheme == "", u.Host == "", u.Hostname() == "", u.User != nil:
		return "", errors.New("want an origin such as https://shop.example, or *")
	case u.Path != "", u.RawQuery != "", u.Fragment != "", strings.HasSuffix(s, "?"), strings.HasSuffix(s, "#"):
		return "", errors.New("want scheme, host and port alone, without a path or a slash at the end")
	case strings.ContainsAny(s, "*, "):
		return "", errors.New("want one whole origin, or * for any; patterns are not supported")
	case strings.ContainsFunc(s, func(r rune) bool { return r > 0x7e }):
		return "", errors.New("want the host as browsers send it (xn--...)")
	case strings.HasSuffix(u.Host, ":"), u.Scheme == "https" && u.Port() == "443", u.Scheme == "http" && u.Port() == "80":
		return "", errors.New("browsers leave the default port out; so must this")
	}
	return strings.ToLower(s), nil
}

// allowOrigins lets pages of the given origins call browserRoutes (CORS). It
// answers preflights itself. Cookies play no part, so none are allowed.
func allowOrigins(origins []string) echo.MiddlewareFunc {
	cfg := middleware.CORSConfig{
		Skipper: func(c echo.Context) bool { return !slices.Contains(browserRoutes[:], c.Path()) },
		AllowHeaders: []string{
			echo.HeaderContentType, echo.HeaderContentEncoding, echo.HeaderXRequestID,
		},
		ExposeHeaders: []string{echo.HeaderXRequestID, echo.HeaderRetryAfter},
		MaxAge:        preflightSeconds,
	}
	if slices.Contains(origins, AnyOrigin) {
		cfg.AllowOrigins = []string{AnyOrigin}
	} else {
		// By equality: Echo takes some characters of AllowOrigins for patterns.
		cfg.AllowOriginFunc = func(origin string) (bool, error) { return slices.Contains(origins, origin), nil }
	}
	return middleware.CORSWithConfig(cfg)
}

// get routes GET and HEAD to one handler; net/http keeps the body of the answer
// to a HEAD from being sent.
func get(e *echo.Echo, path string, handler echo.HandlerFunc) {
	e.Match([]string{http.MethodGet, http.MethodHead}, path, handler)
}
