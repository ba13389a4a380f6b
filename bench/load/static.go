package load

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// Baseline is a server that answers every request with the same bytes: what the
// HTTP stack alone costs, so what no server built on it can beat.
type Baseline struct {
	Name string // of the stack, such as "Echo static"
	// Serve answers on ln with body as application/json until ctx ends. It owns
	// ln. The default is net/http alone.
	Serve func(ctx context.Context, ln net.Listener, body []byte) error
}

func (b Baseline) orNetHTTP() Baseline {
	if b.Serve == nil {
		return Baseline{Name: "net/http static", Serve: serveNetHTTP}
	}
	return b
}

func serveNetHTTP(ctx context.Context, ln net.Listener, body []byte) error {
	length := strconv.Itoa(len(body))
	srv := &http.Server{ReadHeaderTimeout: 5 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", length)
		_, _ = w.Write(body) // the client may be gone
	})}
	stop := context.AfterFunc(ctx, func() { _ = srv.Close() })
	defer stop()
	if err := srv.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve static answers: %w", err)
	}
	return nil
}

// staticCommand is the name of the hidden command that is the baseline's process.
const staticCommand = "static"

// Static is a running baseline server.
type Static struct {
	URL, Name string
	child     *child
}

// StartStatic starts the baseline in a process of its own: binary, or the
// program that runs if that is empty, must have the command bench load static.
// Its answers are bytes long.
func StartStatic(ctx context.Context, binary string, bytes int) (*Static, error) {
	var err error
	if binary == "" {
		if binary, err = self(); err != nil {
			return nil, err
		}
	}
	c, err := startChild(ctx, binary, "bench", "load", staticCommand, "--bytes", strconv.Itoa(bytes))
	if err != nil {
		return nil, err
	}
	return &Static{URL: c.url, Name: c.name, child: c}, nil
}

// Stop ends the process.
func (s *Static) Stop() error { return s.child.stop() }

// PID is the baseline's process.
func (s *Static) PID() int { return s.child.cmd.Process.Pid }

// staticBody is a JSON value of about a list's shape and exactly size bytes, if
// that is at least 12.
func staticBody(size int) []byte {
	const before, after = `{"items":"`, `"}`
	return []byte(before + strings.Repeat("x", max(size-len(before)-len(after), 0)) + after)
}

// newStaticCommand is the process StartStatic starts.
func newStaticCommand(b Baseline) *cobra.Command {
	b = b.orNetHTTP()
	size := 0
	cmd := &cobra.Command{
		Use: staticCommand, Short: "Answer everything with the same bytes", Hidden: true, Args: cobra.NoArgs,
		Example: "  osusume bench load static",
		RunE: func(cmd *cobra.Command, _ []string) error {
			ln, err := new(net.ListenConfig).Listen(cmd.Context(), "tcp", "127.0.0.1:0")
			if err != nil {
				return fmt.Errorf("serve static answers: %w", err)
			}
			if err := json.NewEncoder(cmd.ErrOrStderr()).Encode(listening{Msg: listeningMsg, URL: "http://" + ln.Addr().String(), Name: b.Name}); err != nil {
				return errors.Join(err, ln.Close())
			}
			return b.Serve(cmd.Context(), ln, staticBody(size))
		},
	}
	cmd.Flags().IntVar(&size, "bytes", 1024, "length of the answers")
	return cmd
}
