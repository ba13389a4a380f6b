package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"osusume/recommend"
	"osusume/recommend/live"
)

func TestServeFinishesWhatItBegan(t *testing.T) {
	entered, release := make(chan struct{}), make(chan struct{})
	shop := &faultyShop{}
	var server *Server
	newClient(t, func(cfg *Config) {
		shop.Shop, cfg.Shop = cfg.Shop, shop
		server = New(*cfg)
	})
	// The shop's own goroutines end with the test.
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	shop.ingest = func(events []recommend.Event) ([]recommend.Verdict, uint64, error) {
		close(entered)
		<-release
		return shop.Shop.Ingest(context.Background(), events)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	served := make(chan error, 1)
	go func() { served <- server.Serve(ctx, ln) }()

	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}
	url := "http://" + ln.Addr().String() + "/events"
	type result struct {
		status int
		err    error
	}
	answered := make(chan result, 1)
	go func() {
		res, err := client.Post(url, "application/json", strings.NewReader(view("e1")))
		if err != nil {
			answered <- result{err: err}
			return
		}
		_, err = io.Copy(io.Discard, res.Body)
		answered <- result{res.StatusCode, errors.Join(err, res.Body.Close())}
	}()
	<-entered
	cancel()
	// The listener closes at once, while the request is still under way.
	for {
		conn, err := net.Dial("tcp", ln.Addr().String())
		if err != nil {
			break
		}
		_ = conn.Close()
	}
	select {
	case err := <-served:
		t.Fatalf("Serve returned %v before the request was answered", err)
	default:
	}
	close(release)
	if r := <-answered; r.err != nil || r.status != http.StatusOK {
		t.Errorf("the request under way got %d, %v", r.status, r.err)
	}
	if err := <-served; err != nil {
		t.Errorf("Serve: %v", err)
	}
}

func TestServeGivesUpOnStuckRequests(t *testing.T) {
	entered, release := make(chan struct{}), make(chan struct{})
	shop := &faultyShop{}
	var server *Server
	newClient(t, func(cfg *Config) {
		shop.Shop, cfg.Shop = cfg.Shop, shop
		cfg.ShutdownTimeout = time.Millisecond
		server = New(*cfg)
	})
	shop.ingest = func([]recommend.Event) ([]recommend.Verdict, uint64, error) {
		close(entered)
		<-release
		return nil, 0, errors.New("late")
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	served := make(chan error, 1)
	go func() { served <- server.Serve(ctx, ln) }()
	answered := make(chan error, 1)
	go func() {
		res, err := http.Post("http://"+ln.Addr().String()+"/events", "application/json", strings.NewReader(view("e1")))
		if err == nil {
			_ = res.Body.Close()
		}
		answered <- err
	}()
	<-entered
	cancel()
	if err := <-served; !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Serve: %v, want the deadline", err)
	}
	if err := <-answered; err == nil {
		t.Error("the stuck request was answered")
	}
	close(release)
}

func TestServeReportsABrokenListener(t *testing.T) {
	c := newClient(t)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = ln.Close()
	if err := New(Config{Shop: c.shop}).Serve(t.Context(), ln); err == nil {
		t.Error("Serve on a closed listener returned nil")
	}
}

// laggingShop says it acknowledged more than its View holds, and never catches up.
type laggingShop struct{ Shop }

func (s laggingShop) Status() live.Status {
	st := s.Shop.Status()
	st.Acknowledged = 100
	return st
}

func TestMinSeqWaitsABoundedTime(t *testing.T) {
	c := newClient(t, func(cfg *Config) {
		cfg.Shop = laggingShop{cfg.Shop}
		cfg.AwaitTimeout = time.Millisecond
	})
	p := c.refused(c.get("/recommend?min_seq=100"), 503, "min_seq")
	if p.Code != "unavailable" {
		t.Errorf("code %q", p.Code)
	}
	c.refused(c.get("/recommend?min_seq=101"), 400, "min_seq")
	c.refused(c.get("/items?min_seq=100"), 503, "min_seq")
}

// Readers and writers of every kind at once: no fault under the race detector,
// no answer outside the contract, nothing lost.
func TestManyAtOnce(t *testing.T) {
	c := newStockedClient(t)
	const writers, each = 4, 4
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := range each {
				c.ok("POST", "/events", view(fmt.Sprintf("w%d-%d", w, i)))
				c.ok("PUT", fmt.Sprintf("/items/n%d", w), fmt.Sprintf(`{"price":%d}`, i))
				if a := patch(c, fmt.Sprintf("n%d", w), `{"stock":1}`); a.status != 200 {
					t.Errorf("patch: %s", a.body)
				}
			}
		})
		wg.Go(func() {
			for range each {
				for _, target := range []string{"/recommend?customer_id=c1", "/related/beans", "/popular", "/items", "/items/mug", "/customers/c1", "/metrics", "/readyz"} {
					if a := c.get(target); a.status != 200 {
						t.Errorf("%s: status %d: %s", target, a.status, a.body)
					}
				}
			}
		})
	}
	wg.Wait()
	var again []string
	for w := range writers {
		for i := range each {
			again = append(again, view(fmt.Sprintf("w%d-%d", w, i)))
		}
	}
	got := decode[eventResults](t, c.ok("POST", "/events", "["+strings.Join(again, ",")+"]"))
	if got.Duplicates != writers*each {
		t.Errorf("%d of %d events are there", got.Duplicates, writers*each)
	}
}
