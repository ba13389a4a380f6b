package goals

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"osusume/bench/load"
)

// static starts a server that gives the same kilobyte to every request, with the
// HTTP framework alone: what no handler can be faster than.
type static func(ctx context.Context) (server load.Other, stop func() error, err error)

// startStatic is the built-in one of this program.
func startStatic(ctx context.Context) (load.Other, func() error, error) {
	s, err := load.StartStatic(ctx, "", 1024)
	if err != nil {
		return load.Other{}, nil, err
	}
	return load.Other{URL: s.URL, Name: s.Name, PID: s.PID()}, s.Stop, nil
}

// slice is the length of a turn of two servers that are compared.
const slice = time.Second

// send sends load for the options' time.
func (o *options) send(ctx context.Context, what string, cfg load.Config) (load.Result, error) {
	o.progress(what, 0, 0)
	cfg.Duration, cfg.Warmup, cfg.Seed = o.loadTime, o.loadTime/5, o.seed
	r, err := load.Run(ctx, cfg)
	if err != nil {
		return r, fmt.Errorf("%s: %w", what, err)
	}
	if err := ctx.Err(); err != nil {
		return r, err
	}
	if r.Bad > 0 && 1000*r.Bad > r.Good {
		return r, fmt.Errorf("%s: %d of %d requests failed: %v", what, r.Bad, r.Good+r.Bad, r.Errors)
	}
	return r, nil
}

// serving starts a server of a synthetic shop, runs measure with it and stops it.
func (o *options) serving(ctx context.Context, items int, measure func(*load.Server) error) (err error) {
	config, err := o.serverConfig()
	if err != nil {
		return err
	}
	defer os.Remove(config) //nolint:errcheck // a temporary file
	server, err := load.StartServer(ctx, load.ServerConfig{
		Binary: o.binary, Items: items, Customers: servedCustomers, Events: o.serverEvents, Seed: o.seed, Catalog: true,
		// Learning in the background has a budget of its own, on top of what is
		// measured here.
		Args:     []string{"--learn-share=0", "--config", config},
		Progress: func(step string, done, total int) { o.progress("fill a server: "+step, done, total) },
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Stop()) }()
	return measure(server)
}

const (
	// servedNeighbours is the length of the lists that goal 2 speaks of.
	servedNeighbours = 50
	// servedCustomers are as many in a large shop as in a small one, for goal 2
	// speaks of customers with 20 items: the events make that of as many. With as
	// many customers as items, half of those of a large shop would be unknown.
	servedCustomers = 100_000
)

// serverConfig writes the configuration of the servers that are measured.
func (o *options) serverConfig() (path string, err error) {
	f, err := os.CreateTemp(o.dir, "osusume-goals-*.yaml")
	if err != nil {
		return "", fmt.Errorf("write the server's configuration: %w", err)
	}
	_, err = fmt.Fprintf(f, "neighbours: %d\n", servedNeighbours)
	return f.Name(), errors.Join(err, f.Close())
}

// measureHTTP is goals 2 to 5, 7 and 8.
func measureHTTP(ctx context.Context, o *options) ([]Check, error) {
	var checks []Check
	err := o.serving(ctx, 100_000, func(server *load.Server) error {
		for _, p := range []struct {
			goals   []int
			measure func(context.Context, *options, *load.Server) ([]Check, error)
		}{
			{[]int{5}, measureFreshness},
			{[]int{2, 3, 4}, measureShares},
			{[]int{4}, measureLatency},
			{[]int{8}, measureReadsBesideWrites},
			{[]int{7}, measureWrites}, // the last one: it makes the shop larger
		} {
			if !slices.ContainsFunc(p.goals, o.wants) {
				continue
			}
			more, err := p.measure(ctx, o, server)
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if err != nil {
				more = failed(p.goals, err)
			}
			checks = append(checks, more...)
		}
		return nil
	})
	if err != nil || !o.wants(2) {
		return checks, err
	}
	large := Check{Goal: 2, What: "1M items: share of its requests per second", Bound: atLeast(45, "%")}
	switch {
	case o.quick:
		large.Reason = "left out by --quick"
	default:
		err = o.serving(ctx, 1_000_000, func(server *load.Server) error {
			beside, err := o.beside(ctx, server, load.Page)
			large.Values, large.Note = beside.percent, beside.note
			return err
		})
		if err != nil {
			large.Reason = "failed: " + err.Error()
		}
	}
	return append(checks, large), nil
}

// measureShares is goals 2 and 3 and the first part of goal 4.
func measureShares(ctx context.Context, o *options, server *load.Server) ([]Check, error) {
	page := Check{Goal: 2, What: "100k items: share of its requests per second", Bound: atLeast(55, "%")}
	related := Check{Goal: 3, What: "share of its requests per second", Bound: atLeast(85, "%")}
	slow := Check{Goal: 4, What: "p99 of /recommend over that of a static answer", Bound: atMost(2, "x")}
	pages, err := o.beside(ctx, server, load.Page)
	if err != nil {
		return nil, err
	}
	page.Values, slow.Values = pages.percent, pages.p99
	page.Note = fmt.Sprintf("lists of %d neighbours; %s", servedNeighbours, pages.note)
	lists, err := o.beside(ctx, server, load.Related)
	if err != nil {
		return nil, err
	}
	related.Values, related.Note = lists.percent, lists.note
	return []Check{page, related, slow}, nil
}

// comparison is a server beside the static one, a figure per pair of turns:
// requests per second in percent of the static ones, and p99 over the static p99.
type comparison struct {
	percent, p99 []float64
	note         string
}

// beside sends a mix to the server and to the static one in turns.
func (o *options) beside(ctx context.Context, server *load.Server, mix load.Mix) (c comparison, err error) {
	other, stop, err := o.static(ctx)
	if err != nil {
		return c, err
	}
	defer func() { err = errors.Join(err, stop()) }()
	what := "GET /" + string(mix) + " beside static answers"
	turn := min(slice, o.loadTime)
	r, err := load.RunComparison(ctx, load.Config{
		URL: server.URL, Mix: mix, Clients: 64, Shop: server.Shop, Seed: o.seed, Duration: 2 * o.loadTime * time.Duration(o.rounds),
	}, what, other, turn, func(_ string, done, total int) { o.progress(what, done, total) })
	if err != nil {
		return c, fmt.Errorf("%s: %w", what, err)
	}
	if r.Cut {
		return c, fmt.Errorf("%s: ended early", what)
	}
	for i := range r.SlicesA {
		own, base := &r.SlicesA[i], &r.SlicesB[i]
		if bad := own.Bad + base.Bad; 1000*bad > own.Good {
			return c, fmt.Errorf("%s: %d requests failed: %v", what, bad, own.Errors)
		}
		c.percent = append(c.percent, 100*own.RPS/base.RPS)
		c.p99 = append(c.p99, own.Latency.P99/base.Latency.P99)
	}
	c.note = fmt.Sprintf("%s of %s requests/s (%s), 64 connections, %d pairs of turns of %s", amount(r.RPS.A, ""), amount(r.RPS.B, ""), r.B, len(r.SlicesA), turn)
	return c, nil
}

// measureLatency is the second part of goal 4: arrivals at half the rate that
// saturates the server.
func measureLatency(ctx context.Context, o *options, server *load.Server) ([]Check, error) {
	c := Check{Goal: 4, What: "p99 at half the saturation rate", Bound: atMost(5, "ms")}
	var rates, p50 []float64
	for range o.rounds {
		full, err := o.send(ctx, "saturate the server", load.Config{URL: server.URL, Mix: load.Page, Clients: 64, Shop: server.Shop})
		if err != nil {
			return nil, err
		}
		half, err := o.send(ctx, "half the load", load.Config{URL: server.URL, Mix: load.Page, Rate: full.RPS / 2, Shop: server.Shop})
		if err != nil {
			return nil, err
		}
		c.Values = append(c.Values, half.Latency.P99)
		rates, p50 = append(rates, full.RPS/2), append(p50, half.Latency.P50)
	}
	c.Note = fmt.Sprintf("%s requests/s, arriving at random; p50 %s", amount(median(rates), ""), amount(median(p50), "ms"))
	return []Check{c}, nil
}

const (
	// besideEvents is the ingest of goal 8, in events per second, besideBatch to a
	// request.
	besideEvents = 20_000
	besideBatch  = 100
)

// measureReadsBesideWrites is goal 8: reads at a fixed rate, alone and beside
// ingest, in turns.
func measureReadsBesideWrites(ctx context.Context, o *options, server *load.Server) ([]Check, error) {
	p50 := Check{Goal: 8, What: "p50 over that without ingest", Bound: atMost(1.2, "x")}
	p99 := Check{Goal: 8, What: "p99 over that without ingest", Bound: atMost(1.5, "x")}
	full, err := o.send(ctx, "saturate the server", load.Config{URL: server.URL, Mix: load.Page, Clients: 64, Shop: server.Shop})
	if err != nil {
		return nil, err
	}
	reads := load.Config{URL: server.URL, Mix: load.Page, Rate: full.RPS / 4, Shop: server.Shop}
	var accepted []float64
	for range o.rounds {
		alone, err := o.send(ctx, "reads alone", reads)
		if err != nil {
			return nil, err
		}
		beside, events, err := o.readBeside(ctx, server, reads)
		if err != nil {
			return nil, err
		}
		p50.Values = append(p50.Values, beside.Latency.P50/alone.Latency.P50)
		p99.Values = append(p99.Values, beside.Latency.P99/alone.Latency.P99)
		accepted = append(accepted, events)
	}
	p50.Note = fmt.Sprintf("reads at a quarter of the saturation rate (%s/s); %s accepted meanwhile", amount(reads.Rate, ""), amount(median(accepted), "events/s"))
	if median(accepted) < 0.95*besideEvents {
		p50.Reason = "the server does not take 20,000 events/s beside the reads"
		p99.Reason = p50.Reason
	}
	return []Check{p50, p99}, nil
}

// readBeside reads while events come, and returns how many per second were accepted.
func (o *options) readBeside(ctx context.Context, server *load.Server, reads load.Config) (load.Result, float64, error) {
	type ended struct {
		result load.Result
		err    error
	}
	wrote := make(chan ended, 1)
	go func() {
		r, err := load.Run(ctx, load.Config{
			URL: server.URL, Mix: load.Ingest, Batch: besideBatch, Rate: besideEvents / besideBatch, Shop: server.Shop,
			Duration: o.loadTime + o.loadTime/5, Seed: o.seed + 1,
		})
		wrote <- ended{r, err}
	}()
	read, err := o.send(ctx, "reads beside ingest", reads)
	w := <-wrote
	return read, w.result.EventsPS, errors.Join(err, w.err)
}

// measureWrites is goal 7.
func measureWrites(ctx context.Context, o *options, server *load.Server) ([]Check, error) {
	batches := Check{Goal: 7, What: "durable events/s in batches of 1,000", Bound: atLeast(100_000, "events/s")}
	single := Check{Goal: 7, What: "single events/s from 256 clients", Bound: atLeast(10_000, "events/s")}
	slow := Check{Goal: 7, What: "p99 of those", Bound: atMost(50, "ms")}
	for range o.rounds {
		b, err := o.send(ctx, "batches of events", load.Config{URL: server.URL, Mix: load.Ingest, Batch: 1000, Clients: 8, Shop: server.Shop})
		if err != nil {
			return nil, err
		}
		s, err := o.send(ctx, "single events", load.Config{URL: server.URL, Mix: load.Orders, Clients: 256, Shop: server.Shop})
		if err != nil {
			return nil, err
		}
		batches.Values = append(batches.Values, b.EventsPS)
		single.Values, slow.Values = append(single.Values, s.EventsPS), append(slow.Values, s.Latency.P99)
	}
	batches.Note = "client and server share the machine's cores"
	return []Check{batches, single, slow}, nil
}
