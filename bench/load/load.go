package load

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"osusume/bench/synthetic"
)

// Config says what to send where.
type Config struct {
	URL string // http://host:port
	Mix Mix    // default Page
	// Rate is arrivals a second, spread as a Poisson process; 0 is a closed
	// loop, where each connection sends as soon as it has its answer.
	Rate float64
	// Clients is the number of connections; default 64 in a closed loop, 256 in
	// an open one, where it bounds the requests under way.
	Clients int
	// Duration is the time measured, after Warmup; defaults 10 s and none.
	Duration, Warmup time.Duration
	Timeout          time.Duration // of a request; default 10 s
	Seed             uint64
	Batch            int // events of a batch; default 100
	Limit            int // length of the lists asked for; default 10
	// Shop gives customers and items; default as synthetic.Config has it. Items
	// are ids, best sellers first, that are asked for instead of the shop's.
	Shop  *synthetic.Shop
	Items []string
	// Header are further headers of every request, "Name: value".
	Header []string
	// PID is the server's process, if it runs here: its processor time is read
	// from the system, otherwise from the server's /metrics.
	PID int
	// Window, if set, is called every WindowLength (default 1 s) with what
	// happened since the last call, on a goroutine of its own.
	Window       func(at time.Duration, latency Latency, bad int64)
	WindowLength time.Duration
}

// maxBatch keeps a batch below what a server takes in one request.
const maxBatch = 10_000

func (cfg *Config) defaults() (addr string, err error) {
	u, err := url.Parse(cfg.URL)
	if err != nil || u.Scheme != "http" || u.Host == "" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" {
		return "", fmt.Errorf("url %q: want http://host:port", cfg.URL)
	}
	if addr = u.Host; u.Port() == "" {
		addr = net.JoinHostPort(u.Hostname(), "80")
	}
	if cfg.Mix == "" {
		cfg.Mix = Page
	}
	if cfg.Clients == 0 {
		cfg.Clients = 64
		if cfg.Rate > 0 {
			cfg.Clients = 256
		}
	}
	cfg.Duration = orDefault(cfg.Duration, 10*time.Second)
	cfg.Timeout = orDefault(cfg.Timeout, 10*time.Second)
	cfg.WindowLength = orDefault(cfg.WindowLength, time.Second)
	cfg.Batch, cfg.Limit = orDefault(cfg.Batch, 100), orDefault(cfg.Limit, 10)
	if cfg.Shop == nil {
		cfg.Shop = synthetic.New(synthetic.Config{})
	}
	switch {
	case !(cfg.Rate >= 0 && cfg.Rate <= 1e7):
		return "", fmt.Errorf("rate %v: want 0 to 10,000,000 a second", cfg.Rate)
	case cfg.Clients < 1 || cfg.Clients > 20_000:
		return "", fmt.Errorf("clients %d: want 1 to 20,000", cfg.Clients)
	case cfg.Duration < 0 || cfg.Warmup < 0 || cfg.Timeout < time.Millisecond || cfg.WindowLength < time.Millisecond:
		return "", errors.New("durations must not be negative, the timeout and the window at least 1 ms")
	case cfg.Batch < 1 || cfg.Batch > maxBatch:
		return "", fmt.Errorf("batch %d: want 1 to %d events", cfg.Batch, maxBatch)
	case cfg.Limit < 1 || cfg.Limit > 100:
		return "", fmt.Errorf("limit %d: want 1 to 100", cfg.Limit)
	}
	for _, h := range cfg.Header {
		if name, _, ok := strings.Cut(h, ":"); !ok || name == "" || strings.ContainsAny(h, "\r\n") {
			return "", fmt.Errorf("header %q: want Name: value", h)
		}
	}
	return addr, nil
}

func orDefault[T int | time.Duration](v, preset T) T {
	if v == 0 {
		return preset
	}
	return v
}

func (cfg *Config) people() population {
	p := population{
		visitor: cfg.Shop.Visitor, customer: synthetic.CustomerID, itemID: synthetic.ItemID,
		item: func(r *rand.Rand) int { return cfg.Shop.Visited(r) },
	}
	if len(cfg.Items) > 0 {
		p.item = func(r *rand.Rand) int { return synthetic.Zipf(r, len(cfg.Items)) }
		p.itemID = func(i int) string { return cfg.Items[i] }
	}
	return p
}

// headers are the header lines of every request.
func headers(host string, further []string) string {
	var b strings.Builder
	b.WriteString("Host: " + host + "\r\n")
	for _, h := range further {
		b.WriteString(h + "\r\n")
	}
	return b.String()
}

// run is one run under way.
type run struct {
	cfg      Config
	addr     string
	start    time.Time
	schedule *schedule
	recorder *recorder
	last     atomic.Int64 // when the last answer came, since the start
}

// Run sends the load of cfg and returns what it saw. A run that ctx ends early
// returns what it saw until then, with Cut set, and no error: an error means
// that nothing was measured.
func Run(ctx context.Context, cfg Config) (Result, error) {
	addr, err := cfg.defaults()
	if err != nil {
		return Result{}, err
	}
	shares, err := cfg.Mix.shares()
	if err != nil {
		return Result{}, err
	}
	clients := cfg.Clients
	workers := make([]*worker, clients)
	head := headers(addr, cfg.Header)
	total := 0
	for _, s := range shares {
		total += s.weight
	}
	r := &run{
		cfg: cfg, addr: addr,
		schedule: newSchedule(cfg.Rate, cfg.Warmup+cfg.Duration, cfg.Seed),
		recorder: newRecorder(cfg.Window != nil),
	}
	runID := "load" + strconv.FormatInt(time.Now().UnixNano(), 36)
	for i := range workers {
		a, err := newAlarm()
		if err != nil {
			for _, w := range workers[:i] {
				w.alarm.close()
			}
			return Result{}, err
		}
		workers[i] = &worker{
			run: r, alarm: a,
			conn: connection{addr: addr, timeout: cfg.Timeout},
			writer: writer{
				shares: shares, total: total, people: cfg.people(), head: head, limit: cfg.Limit, batch: cfg.Batch,
				rng: rand.New(rand.NewPCG(cfg.Seed, uint64(i)+1)),
				run: runID + "-" + strconv.Itoa(i),
			},
		}
	}
	before, serverBefore := ownCPU(), serverCPU(ctx, &cfg)
	r.start = time.Now()
	var group sync.WaitGroup
	for _, w := range workers {
		group.Go(func() { w.work(ctx) })
	}
	stop := context.AfterFunc(ctx, func() {
		for _, w := range workers {
			w.alarm.stop()
		}
	})
	windows := r.startWindows()
	group.Wait()
	windows()
	if !stop() {
		// The function runs or has run; the alarms are closed only after it.
		for _, w := range workers {
			w.alarm.stop()
		}
	}
	elapsed := time.Since(r.start)
	for _, w := range workers {
		w.alarm.close()
	}
	cut := ctx.Err() != nil
	if !cut {
		r.schedule.rest(func(due time.Duration) bool {
			if due >= cfg.Warmup {
				r.recorder.missed(shares[0].op, cfg.Warmup+cfg.Duration-due)
			}
			return true
		})
		// A slow answer at the end must not make the rate look smaller than it
		// was in the time measured by more than that answer's wait.
		elapsed = max(cfg.Warmup+cfg.Duration, time.Duration(r.last.Load()))
	}
	out := r.recorder.result(max(elapsed-cfg.Warmup, 0))
	out.Mix, out.Rate, out.Clients, out.Cut = cfg.Mix, cfg.Rate, clients, cut
	if n := float64(out.Good + out.Bad); n > 0 {
		// The warm-up's requests cost like all others.
		n *= elapsed.Seconds() / max(elapsed-cfg.Warmup, 1).Seconds()
		out.ClientCPU = float64((ownCPU() - before).Microseconds()) / n
		if after := serverCPU(context.WithoutCancel(ctx), &cfg); serverBefore > 0 && after > serverBefore {
			out.ServerCPU = (after - serverBefore) * 1e6 / n
		}
	}
	return out, nil
}

// startWindows calls Config.Window until the function returned is called, which
// waits for the last call.
func (r *run) startWindows() (stop func()) {
	if r.cfg.Window == nil {
		return func() {}
	}
	quit, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		ticker := time.NewTicker(r.cfg.WindowLength)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				latency, bad := r.recorder.takeWindow()
				r.cfg.Window(time.Since(r.start), latency, bad)
			case <-quit:
				return
			}
		}
	}()
	return func() {
		close(quit)
		<-done
	}
}

// worker is one connection and its sender.
type worker struct {
	run    *run
	alarm  *alarm
	conn   connection
	writer writer
}

// retryDelay keeps a closed loop from spinning while nobody listens.
const retryDelay = 20 * time.Millisecond

func (w *worker) work(ctx context.Context) {
	defer w.conn.close()
	r := w.run
	for ctx.Err() == nil {
		due, ok := r.schedule.claim(time.Since(r.start))
		if !ok {
			return
		}
		// Made before it is due, so that making it is no part of its latency.
		kind, request, events := w.writer.next()
		w.alarm.wait(due - time.Since(r.start))
		if ctx.Err() != nil {
			return
		}
		sent := time.Now()
		rep, err := w.conn.do(ctx, request, sent)
		now := time.Now()
		if ctx.Err() != nil && err != nil {
			return
		}
		failure := failureOf(rep, err)
		if due >= r.cfg.Warmup {
			end := now.Sub(r.start)
			r.recorder.add(kind, end-due, now.Sub(sent), rep.body, events, failure)
			for {
				last := r.last.Load()
				if int64(end) <= last || r.last.CompareAndSwap(last, int64(end)) {
					break
				}
			}
		}
		if err != nil && r.cfg.Rate == 0 {
			w.alarm.wait(retryDelay)
		}
	}
}

// failureOf names what went wrong out of a small set, "" if nothing did.
func failureOf(rep reply, err error) string {
	var timeout net.Error
	switch {
	case err == nil && (rep.status < 300 || rep.status == 304):
		return ""
	case err == nil:
		return strconv.Itoa(rep.status)
	case errors.As(err, &timeout) && timeout.Timeout():
		return "timeout"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "refused"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return "closed"
	case errors.Is(err, errMalformed):
		return "malformed"
	default:
		return "network"
	}
}
