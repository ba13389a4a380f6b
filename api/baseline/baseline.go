// Package baseline is Echo alone: a server that answers every request with the
// same bytes. Load tests hold our own server against it in one run, because no
// server built on Echo can answer faster.
package baseline

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"
)

// Name is how results call it.
const Name = "Echo static"

// Serve answers every GET and POST on ln with body as application/json until ctx
// ends. It owns ln.
func Serve(ctx context.Context, ln net.Listener, body []byte) error {
	e := echo.New()
	answer := func(c echo.Context) error { return c.Blob(http.StatusOK, "application/json", body) }
	e.GET("/*", answer)
	e.POST("/*", answer)
	srv := &http.Server{Handler: e, ReadHeaderTimeout: 5 * time.Second}
	stop := context.AfterFunc(ctx, func() { _ = srv.Close() })
	defer stop()
	if err := srv.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve static answers: %w", err)
	}
	return nil
}
