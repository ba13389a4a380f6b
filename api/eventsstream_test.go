package api

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/klauspost/compress/gzip"

	"osusume/recommend"
)

const ndjson = "application/x-ndjson"

// taken is how much of a stream that ended early was taken.
type taken struct {
	Accepted, Duplicates, Rejected, Lines int
	Seq                                   uint64
}

type streamProblem struct {
	problem
	Taken *taken
}

// numbered yields lines, of which each is made from its number, 0 to n-1.
type numbered struct {
	n, at int
	line  func(i int) string
	rest  string
}

func (l *numbered) Read(p []byte) (int, error) {
	if l.rest == "" {
		if l.at == l.n {
			return 0, io.EOF
		}
		l.rest = l.line(l.at) + "\n"
		l.at++
	}
	n := copy(p, l.rest)
	l.rest = l.rest[n:]
	return n, nil
}

func viewLine(i int) string { return view(fmt.Sprintf("e%d", i)) }

func viewLines(n int) string {
	var b strings.Builder
	if _, err := io.Copy(&b, &numbered{n: n, line: viewLine}); err != nil {
		panic(err) // never: nothing fails here
	}
	return b.String()
}

// served is a client's shop on a port of its own; done gets a value after each
// request.
func served(t *testing.T, c *client) (server *httptest.Server, done chan struct{}) {
	t.Helper()
	done = make(chan struct{}, 100)
	server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.handler.ServeHTTP(w, r)
		done <- struct{}{}
	}))
	t.Cleanup(server.Close)
	return server, done
}

// stream sends body without its length.
func (c *client) stream(server *httptest.Server, body io.Reader) answer {
	c.t.Helper()
	r, err := http.NewRequestWithContext(c.t.Context(), http.MethodPost, server.URL+"/events", struct{ io.Reader }{body})
	if err != nil {
		c.t.Fatal(err)
	}
	r.Header.Set("Content-Type", ndjson)
	res, err := server.Client().Do(r)
	if err != nil {
		c.t.Fatal(err)
	}
	return c.received(res)
}

// received reads an answer off the wire and holds it to the contract.
func (c *client) received(res *http.Response) answer {
	c.t.Helper()
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	a := answer{status: res.StatusCode, header: res.Header, body: body}
	asked := httptest.NewRequest(http.MethodPost, "/events", nil)
	asked.Header.Set("Content-Type", ndjson)
	c.check(asked, a)
	return a
}

func TestStreamCountsAndListsWhatIsAtFault(t *testing.T) {
	c := newClient(t, func(cfg *Config) { cfg.BodyLimit = 64 << 10 })
	server, _ := served(t, c)
	const lines = 2*eventChunk + 500
	body := &numbered{n: lines, line: func(i int) string {
		switch i {
		case 1200:
			return `{"event":`
		case 1201:
			return ""
		case 1202:
			return strings.Repeat("x", 64<<10+1)
		case 2300:
			return viewLine(7)
		case lines - 1:
			return `{"event":"view_item","customer_id":"c"}`
		}
		return viewLine(i)
	}}
	a := c.stream(server, body)
	got := decode[eventResults](t, a)
	if a.status != 200 || got.counts() != [3]int{lines - 5, 1, 3} || got.Seq != lines-5 || got.Lines != lines {
		t.Fatalf("status %d, counts %v, seq %d, %d lines", a.status, got.counts(), got.Seq, got.Lines)
	}
	type fault struct {
		index, line  int
		status, code string
	}
	want := []fault{{1200, 1201, "rejected", "invalid"}, {1201, 1203, "rejected", "too_large"}, {lines - 2, lines, "rejected", "invalid"}}
	if len(got.Results) != len(want) {
		t.Fatalf("%d results, want %d: %+v", len(got.Results), len(want), got.Results)
	}
	for i, r := range got.Results {
		if f := (fault{r.Index, r.Line, r.Status, r.Code}); f != want[i] || r.Message == "" {
			t.Errorf("fault %d: %+v (%s), want %+v", i, f, r.Message, want[i])
		}
	}
	if n := c.shop.Status().Applied; n != lines-5 {
		t.Errorf("%d records are applied", n)
	}
	// All of it again changes nothing but is said.
	body.at = 0
	got = decode[eventResults](t, c.stream(server, body))
	if got.counts() != [3]int{0, lines - 4, 3} || got.Seq != lines-5 {
		t.Errorf("again: counts %v, seq %d", got.counts(), got.Seq)
	}
}

// What is a stream and what is read whole first can be told by the answer.
func TestWhatIsAStream(t *testing.T) {
	const limit = 160 << 10
	c := newClient(t, func(cfg *Config) { cfg.BodyLimit = limit })
	short, long := viewLines(10), viewLines(3000)
	padded := func(n int) string { return viewLine(0) + strings.Repeat(" ", n-len(viewLine(0))) }
	empty := strings.Repeat("\n", maxLines)
	for _, x := range []struct {
		name     string
		body     []byte
		encoding string
		length   int64 // 0 is as it is
		lines    int   // 0 when it is read whole
	}{
		{"short", []byte(short), "", 0, 0},
		{"short, gzipped", gzipped(t, short), "gzip", 0, 0},
		{"at the limit", []byte(padded(limit)), "", 0, 0},
		{"without a length", []byte(short), "", -1, 10},
		{"without a length, gzipped", gzipped(t, short), "gzip", -1, 10},
		{"long", []byte(long), "", 0, 3000},
		{"long only when inflated", gzipped(t, long), "gzip", 0, 3000},
		{"as many lines as are read whole", []byte(empty[1:] + viewLine(0) + "\n"), "", 0, 0},
		{"one more", []byte(empty + viewLine(0) + "\n"), "", 0, maxLines + 1},
		{"no newline at the end", []byte(strings.TrimSuffix(long, "\n")), "", 0, 3000},
	} {
		t.Run(x.name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodPost, "/events", bytes.NewReader(x.body))
			r.Header.Set("Content-Type", ndjson)
			if x.encoding != "" {
				r.Header.Set("Content-Encoding", x.encoding)
			}
			if x.length != 0 {
				r.ContentLength = x.length
			}
			a := c.do(r)
			got := decode[eventResults](t, a)
			if a.status != 200 || got.Lines != x.lines || got.Rejected != 0 || (len(got.Results) > 0) != (x.lines == 0) {
				t.Errorf("status %d, %d lines, %d results, %v, want %d lines", a.status, got.Lines, len(got.Results), got.counts(), x.lines)
			}
		})
	}
}

func TestStreamThatHoldsNothingGood(t *testing.T) {
	c := newClient(t)
	ask := func(t *testing.T, body []byte, encoding string) streamProblem {
		t.Helper()
		r := httptest.NewRequest(http.MethodPost, "/events", bytes.NewReader(body))
		r.Header.Set("Content-Type", ndjson)
		r.Header.Set("Content-Encoding", encoding)
		r.ContentLength = -1
		p := decode[streamProblem](t, c.do(r))
		if n := c.shop.Status().Acknowledged; n != 0 || p.Taken != nil {
			t.Errorf("%d records were written, taken: %+v", n, p.Taken)
		}
		return p
	}
	if p := ask(t, nil, ""); p.Status != 400 || p.Field != "body" {
		t.Errorf("nothing: %+v", p)
	}
	if p := ask(t, []byte("\n \n"), ""); p.Status != 400 || p.Field != "body" {
		t.Errorf("empty lines: %+v", p)
	}
	p := ask(t, []byte(strings.Repeat("1\n", eventChunk+500)), "")
	if p.Status != 400 || p.Field != "[0]" || len(p.Errors) != maxProblemEntries || p.Errors[999].Line != 1000 {
		t.Errorf("nonsense: %d for %s, %d errors", p.Status, p.Field, len(p.Errors))
	}
	if p := ask(t, []byte(view("e1")), "gzip"); p.Status != 400 || p.Field != "body" {
		t.Errorf("not gzip: %+v", p)
	}
	if p := ask(t, []byte(view("e1")), "br"); p.Status != 415 {
		t.Errorf("another encoding: %+v", p)
	}
	zipped := gzipped(t, viewLines(10))
	if p := ask(t, zipped[:len(zipped)-9], "gzip"); p.Status != 400 || p.Field != "body" {
		t.Errorf("gzip cut short: %+v", p)
	}
}

// A small archive that never ends, as far as we could tell, is turned away
// after the first hundredfold.
func TestStreamOfAnArchiveTooGoodToBeTrue(t *testing.T) {
	var zipped bytes.Buffer
	w, err := gzip.NewWriterLevel(&zipped, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(w, &numbered{n: 200_000, line: func(int) string { return view("same") }}); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	for name, length := range map[string]int64{"announced": int64(zipped.Len()), "unannounced": -1} {
		t.Run(name, func(t *testing.T) {
			shop := &acceptAll{}
			c := newClient(t, func(cfg *Config) {
				shop.Shop, cfg.Shop = cfg.Shop, shop
				cfg.BodyLimit = 1 << 20
			})
			r := httptest.NewRequest(http.MethodPost, "/events", bytes.NewReader(zipped.Bytes()))
			r.Header.Set("Content-Type", ndjson)
			r.Header.Set("Content-Encoding", "gzip")
			r.ContentLength = length
			p := decode[streamProblem](t, c.do(r))
			if p.Status != 413 || p.Field != "body" || p.Taken == nil || p.Taken.Lines > 100_000 {
				t.Errorf("%d for %s, taken %+v of %d bytes", p.Status, p.Field, p.Taken, zipped.Len())
			}
		})
	}
}

// A connection that breaks leaves whole chunks behind and nothing of the line it
// broke in. Sending all of it again makes it whole.
func TestStreamCutOff(t *testing.T) {
	const lines = 2*eventChunk + 500
	body := viewLines(lines)
	cut := body[:len(body)-20] // inside the last line
	for _, x := range []struct {
		name, head string
		chunked    bool
	}{
		{"with a length", fmt.Sprintf("Content-Length: %d\r\n", len(body)), false},
		{"in chunks", "Transfer-Encoding: chunked\r\n", true},
	} {
		for _, hangUp := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, gone %v", x.name, hangUp), func(t *testing.T) {
				c := newClient(t, func(cfg *Config) { cfg.BodyLimit = 128 << 10 })
				server, done := served(t, c)
				conn, err := net.Dial("tcp", server.Listener.Addr().String())
				if err != nil {
					t.Fatal(err)
				}
				defer conn.Close()
				fmt.Fprintf(conn, "POST /events HTTP/1.1\r\nHost: shop\r\nContent-Type: %s\r\n%s\r\n", ndjson, x.head)
				if x.chunked {
					fmt.Fprintf(conn, "%x\r\n", len(body))
				}
				if _, err := io.WriteString(conn, cut); err != nil {
					t.Fatal(err)
				}
				if hangUp {
					if err := conn.Close(); err != nil {
						t.Fatal(err)
					}
				} else {
					if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
						t.Fatal(err)
					}
					res, err := http.ReadResponse(bufio.NewReader(conn), nil)
					if err != nil {
						t.Fatal(err)
					}
					p := decode[streamProblem](t, c.received(res))
					if p.Status != 400 || p.Field != "body" || p.Taken == nil || *p.Taken != (taken{2 * eventChunk, 0, 0, 2 * eventChunk, 2 * eventChunk}) {
						t.Errorf("%d for %s, taken %+v", p.Status, p.Field, p.Taken)
					}
				}
				<-done
				if n := c.shop.Status().Acknowledged; n != 2*eventChunk {
					t.Fatalf("%d records are there", n)
				}
				got := decode[eventResults](t, c.stream(server, strings.NewReader(body)))
				if got.counts() != [3]int{lines - 2*eventChunk, 2 * eventChunk, 0} || got.Seq != lines {
					t.Errorf("again: counts %v, seq %d", got.counts(), got.Seq)
				}
			})
		}
	}
}

// A body that is short enough to be read whole changes nothing when it is cut off.
func TestShortNDJSONCutOff(t *testing.T) {
	c := newClient(t)
	server, done := served(t, c)
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	body := viewLines(3 * eventChunk)
	fmt.Fprintf(conn, "POST /events HTTP/1.1\r\nHost: shop\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s", ndjson, len(body), body[:len(body)-1])
	if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	c.refused(c.received(res), 400, "body")
	<-done
	if n := c.shop.Status().Acknowledged; n != 0 {
		t.Errorf("%d records are there", n)
	}
}

// shakyShop turns the calls of Ingest named in refuse away.
func shakyShop(c **client, refuse func(call int) error, change ...func(*Config)) func(t *testing.T) *int {
	return func(t *testing.T) *int {
		t.Helper()
		calls := 0
		shop := &faultyShop{}
		*c = newClient(t, append(change, func(cfg *Config) { shop.Shop, cfg.Shop = cfg.Shop, shop })...)
		shop.ingest = func(events []recommend.Event) ([]recommend.Verdict, uint64, error) {
			calls++
			if err := refuse(calls); err != nil {
				return nil, 0, err
			}
			return shop.Shop.Ingest(context.Background(), events)
		}
		return &calls
	}
}

var errOverloaded = &recommend.Error{Code: recommend.CodeOverloaded, Message: "too many records wait"}

// streamed sends lines as a stream without a connection.
func (c *client) streamed(body string) answer {
	c.t.Helper()
	r := httptest.NewRequest(http.MethodPost, "/events", strings.NewReader(body))
	r.Header.Set("Content-Type", ndjson)
	r.ContentLength = -1
	return c.do(r)
}

func TestStreamWaitsForRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c *client
		calls := shakyShop(&c, func(call int) error {
			if call > 1 && call < 12 {
				return errOverloaded
			}
			return nil
		})(t)
		began := time.Now()
		got := decode[eventResults](t, c.streamed("{\n"+viewLines(2*eventChunk-1)))
		if got.counts() != [3]int{2*eventChunk - 1, 0, 1} || *calls != 12 {
			t.Errorf("counts %v after %d calls", got.counts(), *calls)
		}
		// 10+20+40+80+160+320+4*500 ms, and what the writer takes to publish.
		if waited := time.Since(began); waited < 2630*time.Millisecond || waited > 3*time.Second {
			t.Errorf("waited %v", waited)
		}
	})
}

func TestStreamThatIsStopped(t *testing.T) {
	for _, x := range []struct {
		name         string
		err          error
		status       int
		code         string
		least, wants time.Duration
	}{
		{"overloaded", errOverloaded, 503, "overloaded", streamPatience, streamPatience},
		{"unavailable", &recommend.Error{Code: recommend.CodeUnavailable, Message: "the shop is closing"}, 503, "unavailable", 0, 0},
		{"internal", fmt.Errorf("secret"), 500, "internal", 0, 0},
	} {
		t.Run(x.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var c *client
				shakyShop(&c, func(call int) error {
					if call > 2 {
						return x.err
					}
					return nil
				})(t)
				began := time.Now()
				a := c.streamed("{\n" + viewLines(3*eventChunk))
				p := decode[streamProblem](t, a)
				want := taken{Accepted: 2*eventChunk - 1, Rejected: 1, Lines: 2 * eventChunk, Seq: 2*eventChunk - 1}
				if a.status != x.status || p.Code != x.code || p.Taken == nil || *p.Taken != want || len(p.Errors) != 1 || p.Errors[0].Line != 1 {
					t.Errorf("status %d, %+v, taken %+v, want %+v", a.status, p.problem, p.Taken, want)
				}
				if bytes.Contains(a.body, []byte("secret")) {
					t.Errorf("the cause is told: %s", a.body)
				}
				if waited := time.Since(began); waited < x.least || waited > x.wants+time.Second {
					t.Errorf("waited %v", waited)
				}
			})
		})
	}
}

// Before anything is taken a stream is turned away like any other request.
func TestStreamTurnedAwayAtOnce(t *testing.T) {
	var c *client
	calls := shakyShop(&c, func(int) error { return errOverloaded })(t)
	a := c.streamed(viewLines(eventChunk + 1))
	p := decode[streamProblem](t, a)
	if a.status != 503 || a.header.Get("Retry-After") == "" || p.Code != "overloaded" || p.Taken != nil || *calls != 1 {
		t.Errorf("status %d after %d calls: %s", a.status, *calls, a.body)
	}
}

// heapOf acknowledges events and keeps nothing; now and then it weighs the heap.
type heapOf struct {
	acceptAll
	calls int
	inUse uint64 // when last weighed
}

func (h *heapOf) Ingest(ctx context.Context, events []recommend.Event) ([]recommend.Verdict, uint64, error) {
	if h.calls++; h.calls%9 == 0 {
		runtime.GC()
		runtime.GC() // what pools held over the first
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		h.inUse = m.HeapAlloc
	}
	return h.acceptAll.Ingest(ctx, events)
}

// A stream takes the same memory however long it is: here 50 MB against 4.5.
func TestStreamMemoryIsBounded(t *testing.T) {
	padded := func(i int) string {
		line := viewLine(i)
		return line + strings.Repeat(" ", 500-len(line))
	}
	inUse := func(lines int) uint64 {
		shop := &heapOf{}
		c := newClient(t, func(cfg *Config) { shop.Shop, cfg.Shop = cfg.Shop, shop })
		server, _ := served(t, c)
		got := decode[eventResults](t, c.stream(server, &numbered{n: lines, line: padded}))
		if got.Accepted != lines || got.Lines != lines || shop.inUse == 0 {
			t.Fatalf("%d accepted of %d", got.Accepted, lines)
		}
		return shop.inUse
	}
	short, long := inUse(9_000), inUse(100_000)
	t.Logf("heap with 9,000 lines %d KB, with 100,000 %d KB", short>>10, long>>10)
	if long > short+4<<20 {
		t.Errorf("%d bytes in use with 9,000 lines, %d with 100,000", short, long)
	}
}

// pipeListener accepts connections that are pipes: their deadlines keep to the
// clock of a test.
type pipeListener struct {
	conns  chan net.Conn
	closed chan struct{}
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case conn := <-l.conns:
		return conn, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error   { close(l.closed); return nil }
func (l *pipeListener) Addr() net.Addr { return &net.TCPAddr{} }

// A stream may take longer than any other request, as long as it does not pause.
func TestSlowStream(t *testing.T) {
	for _, x := range []struct {
		name   string
		pauses []time.Duration
		status int
	}{
		{"slow", []time.Duration{50 * time.Second, 50 * time.Second, 50 * time.Second, streamPause - time.Millisecond}, 200},
		{"stuck", []time.Duration{50 * time.Second, streamPause + time.Millisecond}, 400},
	} {
		t.Run(x.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var server *Server
				c := newClient(t, func(cfg *Config) { server = New(*cfg) })
				ln := &pipeListener{make(chan net.Conn), make(chan struct{})}
				ctx, cancel := context.WithCancel(context.Background())
				served := make(chan error, 1)
				go func() { served <- server.Serve(ctx, ln) }()
				client, conn := net.Pipe()
				ln.conns <- conn
				var sender sync.WaitGroup
				sender.Go(func() {
					fmt.Fprintf(client, "POST /events HTTP/1.1\r\nHost: shop\r\nContent-Type: %s\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n", ndjson)
					for i, pause := range x.pauses {
						text := (&numbered{n: (i + 1) * 700, at: i * 700, line: viewLine})
						var lines strings.Builder
						_, _ = io.Copy(&lines, text)
						fmt.Fprintf(client, "%x\r\n%s\r\n", lines.Len(), lines.String())
						<-time.After(pause)
					}
					_, _ = io.WriteString(client, "0\r\n\r\n") // fails when the server gave up
				})
				res, err := http.ReadResponse(bufio.NewReader(client), nil)
				if err != nil {
					t.Fatal(err)
				}
				a := c.received(res)
				want := 700 * len(x.pauses)
				if a.status != 200 {
					want = eventChunk
				}
				if a.status != x.status || c.shop.Status().Acknowledged != uint64(want) {
					t.Errorf("status %d with %d of %d events: %s", a.status, c.shop.Status().Acknowledged, want, a.body)
				}
				if x.status == 400 && !bytes.Contains(a.body, []byte("paused for more than 1m0s")) {
					t.Errorf("the problem is %s", a.body)
				}
				_ = client.Close()
				sender.Wait()
				cancel()
				if err := <-served; err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// BenchmarkStream measures a stream of 20,000 events but for storing; see
// BenchmarkPostEvents/ndjson=20000 for the same read whole.
func BenchmarkStream(b *testing.B) {
	handler := New(Config{Shop: &acceptAll{}, Clock: func() time.Time { return testNow }, Metrics: NewMetrics(MetricsConfig{})}).Handler()
	const events = 20_000
	text := []byte(strings.Join(benchEvents(events), "\n"))
	body := bytes.NewReader(text)
	r, err := http.NewRequestWithContext(b.Context(), http.MethodPost, "/events", nil)
	if err != nil {
		b.Fatal(err)
	}
	r.Header.Set("Content-Type", ndjson)
	r.Body, r.ContentLength = io.NopCloser(body), -1
	w := &discard{header: http.Header{}}
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		body.Reset(text)
		clear(w.header)
		handler.ServeHTTP(w, r)
	}
	if w.status != http.StatusOK {
		b.Fatalf("status %d", w.status)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*events), "ns/event")
}
