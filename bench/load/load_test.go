package load

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"go.uber.org/goleak"

	"osusume/bench/synthetic"
)

// TestMain lets this test program stand in for the real one: children that load
// starts are the program that runs.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && (os.Args[1] == "serve" || os.Args[1] == "bench") {
		ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
		defer stop()
		if err := standIn(ctx, os.Args[1:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	goleak.VerifyTestMain(m)
}

// standIn is a program with the commands serve and bench load.
func standIn(ctx context.Context, args []string) error {
	root := &cobra.Command{Use: "osusume", SilenceUsage: true, SilenceErrors: true}
	bench := &cobra.Command{Use: "bench"}
	bench.AddCommand(Command(Baseline{}))
	var data, broken string
	serve := &cobra.Command{Use: "serve", RunE: func(cmd *cobra.Command, _ []string) error {
		if broken != "" {
			return errors.New(broken)
		}
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		var lines atomic.Int64
		mux := http.NewServeMux()
		mux.HandleFunc("/metrics", func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprintf(w, "go_goroutines 9\ngo_memstats_heap_alloc_bytes 1e6\nprocess_resident_memory_bytes 2e6\nprocess_open_fds 7\nosusume_ingest_lag_records 0\nlines %d\n", lines.Load())
		})
		taken := func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			lines.Add(int64(bytes.Count(body, []byte("\n"))))
			_, _ = io.WriteString(w, `{"rejected":0}`)
		}
		mux.HandleFunc("/events", taken)
		mux.HandleFunc("/items", taken)
		mux.HandleFunc("/recommend", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"items":[]}`) })
		fmt.Fprintf(cmd.ErrOrStderr(), "{\"msg\":\"listening\",\"url\":%q}\n", "http://"+ln.Addr().String())
		srv := &http.Server{Handler: mux}
		stop := context.AfterFunc(cmd.Context(), func() { _ = srv.Close() })
		defer stop()
		if err := srv.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return os.WriteFile(filepath.Join(data, "stopped"), nil, 0o600)
	}}
	serve.Flags().StringVar(&data, "data", "", "")
	serve.Flags().String("addr", "", "")
	serve.Flags().String("log-format", "", "")
	serve.Flags().StringVar(&broken, "broken", "", "")
	root.AddCommand(serve, bench)
	root.SetArgs(args)
	root.SetOut(os.Stdout)
	root.SetErr(os.Stderr)
	return root.ExecuteContext(ctx)
}

// shopServer answers as a shop does, as far as the load goes.
type shopServer struct {
	*httptest.Server
	requests, events atomic.Int64
	mu               sync.Mutex
	routes           map[string]int
}

func newShopServer(t *testing.T, around func(http.Handler) http.Handler) *shopServer {
	s := &shopServer{routes: map[string]int{}}
	var handler http.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.requests.Add(1)
		route := r.Method + " /" + strings.Split(r.URL.Path, "/")[1]
		s.mu.Lock()
		s.routes[route]++
		s.mu.Unlock()
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Errorf("read a body: %v", err)
		}
		switch r.URL.Path {
		case "/metrics":
			http.NotFound(w, r)
			return
		case "/events":
			lines := 0
			for line := range strings.Lines(string(body)) {
				var e struct {
					Event, OrderID string
					Items          []struct {
						ItemID string `json:"item_id"`
					}
				}
				if err := json.Unmarshal([]byte(line), &e); err != nil || len(e.Items) == 0 || e.Items[0].ItemID == "" {
					t.Errorf("event %q: %v", line, err)
				}
				lines++
			}
			s.events.Add(int64(lines))
		case "/recommend":
			if r.Method == http.MethodGet && r.URL.Query().Get("customer_id") == "" {
				t.Errorf("%s asks for nobody", r.URL)
			}
			if r.Method == http.MethodPost && !json.Valid(body) {
				t.Errorf("body %q", body)
			}
		}
		_, _ = io.WriteString(w, `{"items":[]}`)
	})
	if around != nil {
		handler = around(handler)
	}
	s.Server = httptest.NewServer(handler)
	t.Cleanup(s.Close)
	t.Cleanup(http.DefaultClient.CloseIdleConnections)
	return s
}

func smallShop() *synthetic.Shop { return synthetic.New(synthetic.Config{Items: 500, Customers: 1000}) }

func TestRunMixes(t *testing.T) {
	wants := map[Mix][]string{
		Page:    {"GET /recommend"},
		Session: {"POST /events", "POST /recommend"},
		Orders:  {"POST /events"},
		Related: {"GET /related"},
		Popular: {"GET /popular"},
		Upsell:  {"GET /upsell"},
		Ingest:  {"POST /events"},
		Mixed:   {"GET /recommend", "POST /recommend", "GET /related", "GET /popular", "POST /events"},
	}
	for mix, routes := range wants {
		t.Run(string(mix), func(t *testing.T) {
			s := newShopServer(t, nil)
			r, err := Run(t.Context(), Config{URL: s.URL, Mix: mix, Rate: 2000, Duration: 200 * time.Millisecond, Shop: smallShop(), Batch: 7, Clients: 16})
			if err != nil {
				t.Fatal(err)
			}
			if r.Bad != 0 || r.Good == 0 || r.Good != r.Latency.Count-r.Unsent {
				t.Errorf("good %d, bad %d %v, unsent %d, latencies %d", r.Good, r.Bad, r.Errors, r.Unsent, r.Latency.Count)
			}
			if want := int64(float64(s.events.Load()) + 0.5); int64(r.EventsPS*r.Seconds+0.5) != want {
				t.Errorf("%v events a second for %v s, the server saw %d", r.EventsPS, r.Seconds, want)
			}
			for _, route := range routes {
				if s.routes[route] == 0 {
					t.Errorf("no %s among %v", route, s.routes)
				}
			}
			delete(s.routes, "GET /metrics")
			if len(s.routes) != len(routes) {
				t.Errorf("routes %v, want %v", s.routes, routes)
			}
		})
	}
}

// TestStallCounts is the test for coordinated omission: a server that answers
// at once, but holds everyone for a time once, must be charged for all who were
// due meanwhile. A client that waits for its answers before it counts would see
// a handful of slow ones.
func TestStallCounts(t *testing.T) {
	const rate, seconds, stall = 1000.0, 1, 300 * time.Millisecond
	release := make(chan struct{})
	var seen atomic.Int64
	s := newShopServer(t, func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/metrics" && seen.Add(1) == 300 {
				time.AfterFunc(stall, func() { close(release) })
			}
			if seen.Load() >= 300 {
				<-release
			}
			next.ServeHTTP(w, r)
		})
	})
	r, err := Run(t.Context(), Config{URL: s.URL, Rate: rate, Duration: seconds * time.Second, Clients: 4, Shop: smallShop()})
	if err != nil {
		t.Fatal(err)
	}
	// About 300 of 1,000 were due during the stall and waited 150 ms on average:
	// a tenth of all waited 200 ms or more. Only 4 were under way.
	if r.Latency.P90 < 100 || r.Latency.P99 < 250 {
		t.Errorf("latency %+v: the stall is missing", r.Latency)
	}
	if r.Service.P90 > 100 {
		t.Errorf("time once sent %+v: only 4 requests stood in the stall", r.Service)
	}
}

func TestBacklogCounts(t *testing.T) {
	held := make(chan struct{})
	time.AfterFunc(400*time.Millisecond, func() { close(held) })
	s := newShopServer(t, func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/metrics" {
				<-held
			}
			next.ServeHTTP(w, r)
		})
	})
	r, err := Run(t.Context(), Config{URL: s.URL, Rate: 1000, Duration: 200 * time.Millisecond, Clients: 2, Shop: smallShop()})
	if err != nil {
		t.Fatal(err)
	}
	if r.Good != 2 || r.Unsent < 100 || r.Latency.Count != r.Good+r.Unsent || r.Latency.P50 < 50 {
		t.Errorf("good %d, unsent %d, latency %+v: want the 2 under way answered, the rest unsent with their wait", r.Good, r.Unsent, r.Latency)
	}
}

func TestErrorsAreCounted(t *testing.T) {
	var n atomic.Int64
	s := newShopServer(t, func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch {
			case r.URL.Path == "/metrics":
				next.ServeHTTP(w, r)
			case n.Add(1)%4 == 1:
				http.Error(w, "busy", http.StatusServiceUnavailable)
			case n.Load()%4 == 2:
				panic(http.ErrAbortHandler) // closes the connection
			case n.Load()%4 == 3:
				<-r.Context().Done() // until the client gives up
			default:
				next.ServeHTTP(w, r)
			}
		})
	})
	r, err := Run(t.Context(), Config{URL: s.URL, Clients: 1, Duration: 300 * time.Millisecond, Timeout: 20 * time.Millisecond, Shop: smallShop()})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"503", "closed", "timeout"} {
		if r.Errors[want] == 0 {
			t.Errorf("no %q among the errors %v", want, r.Errors)
		}
	}
	if r.Good == 0 || r.Bad != r.Errors["503"]+r.Errors["closed"]+r.Errors["timeout"] {
		t.Errorf("good %d, bad %d, errors %v", r.Good, r.Bad, r.Errors)
	}
}

func TestNobodyListens(t *testing.T) {
	s := httptest.NewServer(http.NotFoundHandler())
	s.Close()
	r, err := Run(t.Context(), Config{URL: s.URL, Clients: 2, Duration: 100 * time.Millisecond, Shop: smallShop()})
	if err != nil || r.Good != 0 || r.Errors["refused"] == 0 {
		t.Errorf("got %+v, error %v; want refused connections", r, err)
	}
}

func TestCutReturnsWhatThereIs(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var n atomic.Int64
	s := newShopServer(t, func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			next.ServeHTTP(w, r)
			if n.Add(1) == 50 {
				cancel()
			}
		})
	})
	r, err := Run(ctx, Config{URL: s.URL, Rate: 500, Duration: time.Hour, Clients: 8, Shop: smallShop()})
	if err != nil || !r.Cut || r.Good < 20 || r.Unsent != 0 || r.Seconds > 60 {
		t.Errorf("got %+v, error %v; want the answers until it was cut", r, err)
	}
}

// TestCutWakesWaiters would wait for minutes if a cut did not end the waits for
// arrivals to come.
func TestCutWakesWaiters(t *testing.T) {
	s := newShopServer(t, nil)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	r, err := Run(ctx, Config{URL: s.URL, Rate: 0.001, Duration: 24 * time.Hour, Clients: 8, Shop: smallShop()})
	if err != nil || !r.Cut || r.Good != 0 {
		t.Errorf("got %+v, error %v; want nothing, cut", r, err)
	}
}

func TestConfigRefuses(t *testing.T) {
	tests := map[string]Config{
		"no server":             {},
		"https":                 {URL: "https://localhost"},
		"a path":                {URL: "http://localhost/recommend"},
		"an unknown mix":        {URL: "http://localhost:1", Mix: "lunch"},
		"a negative rate":       {URL: "http://localhost:1", Rate: -1},
		"no clients":            {URL: "http://localhost:1", Clients: -1},
		"a batch too large":     {URL: "http://localhost:1", Batch: 10_001},
		"a header of two lines": {URL: "http://localhost:1", Header: []string{"A: b\r\nC: d"}},
	}
	for name, cfg := range tests {
		t.Run(name, func(t *testing.T) {
			if _, err := Run(t.Context(), cfg); err == nil {
				t.Error("no error")
			}
		})
	}
}
