package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"time"
	_ "time/tzdata" // the image has no time zones of its own

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"osusume/api"
	"osusume/recommend/engine"
	"osusume/recommend/live"
	"osusume/recommend/offer"
)

//go:embed openapi.yaml
var openAPI []byte

type serveOptions struct {
	addr, data string
	demo       bool
	insecure   bool
	acceptLoss bool
	logFormat  choice
	logLevel   choice
	memory     byteSize
	origins    originList
	learnShare float64
	holdoutBP  int
	zone       string
}

// share is the learning share as live takes it.
func (o *serveOptions) share() float64 {
	if o.learnShare == 0 {
		return -1
	}
	return o.learnShare
}

func newServeCommand(p *process) *cobra.Command {
	o := serveOptions{
		logFormat: choice{value: "text", allowed: []string{"text", "json"}},
		logLevel:  choice{value: "info", allowed: []string{"debug", "info", "warn", "error"}},
	}
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve the HTTP API",
		Long: `Serve the HTTP API of the shop in the data folder.

SIGINT or SIGTERM (Ctrl-C) finishes the requests under way, saves a checkpoint
and ends with status 0; a second one ends at once. Nothing acknowledged is lost
either way.`,
		Example: `  osusume serve --demo
  osusume serve --data ./shop --cors-origin https://shop.example
  osusume serve --addr 127.0.0.1:9000 --data /var/lib/osusume --log-format json
  OSUSUME_MEMORY_LIMIT=2GiB osusume serve --config shop.yaml`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return serve(cmd.Context(), p, &o) },
	}
	dataFlag(cmd, &o.data)
	f := cmd.Flags()
	f.StringVar(&o.addr, "addr", defaultAddr, "address to listen on; port 0 takes a free one")
	f.BoolVar(&o.demo, "demo", false, "fill an empty store with a generated shop")
	f.BoolVar(&o.insecure, "insecure", false, "serve without keys on an address that others can reach")
	f.BoolVar(&o.acceptLoss, "accept-loss", false, "go on although acknowledged events are missing from a damaged store")
	f.Var(&o.logFormat, "log-format", "how to log")
	f.Var(&o.logLevel, "log-level", "least level to log")
	f.Var(&o.origins, "cors-origin", "origin whose pages may call the API from the browser, such as https://shop.example; repeat it for more, * is any")
	f.Float64Var(&o.learnShare, "learn-share", 0.25, "part of one core that learning in the background may use, up to 1; 0 learns nothing")
	f.IntVar(&o.holdoutBP, "offer-holdout", 0, "share of customers who never see an offer, in basis points up to 10000, to measure what offers bring")
	f.StringVar(&o.zone, "zone", "Asia/Tokyo", "IANA time zone in which the shop's days begin and end")
	memoryFlag(cmd, &o.memory)
	return cmd
}

// serve runs until ctx ends.
func serve(ctx context.Context, p *process, o *serveOptions) (err error) {
	logger := newLogger(p.stderr, o.logFormat.value, o.logLevel.value)
	if !(o.learnShare >= 0 && o.learnShare <= 1) {
		return usage("--learn-share must be between 0 and 1, got %v", o.learnShare)
	}
	if o.holdoutBP < 0 || o.holdoutBP > offer.MaxHoldoutBP {
		return usage("--offer-holdout must be between 0 and %d basis points, got %d", offer.MaxHoldoutBP, o.holdoutBP)
	}
	zone, err := time.LoadLocation(o.zone)
	if err != nil || o.zone == "" || o.zone == "Local" {
		return usage("--zone must be an IANA time zone such as Asia/Tokyo, got %q", o.zone)
	}
	o.memory.apply(&p.settings)
	// The port is taken first: a clash shows at once, and clients that come
	// during a long replay are told how far it is.
	ln, err := listen(ctx, o.addr, o.insecure)
	if err != nil {
		return err
	}
	defer ln.Close() //nolint:errcheck // closed by the server already, unless the start failed
	if !isLoopback(ln.Addr()) {
		logger.Warn("INSECURE: everyone who can reach this address can read and change the shop", "addr", ln.Addr().String())
	}

	if slices.Contains(o.origins, api.AnyOrigin) {
		logger.Warn("pages of every origin may ask for lists and send events", "cors-origin", api.AnyOrigin)
	}

	start := &live.Start{}
	var index atomic.Pointer[shop] // set once the replay is done; scraped before
	metrics := api.NewMetrics(api.MetricsConfig{
		Version: buildVersion(),
		Clock:   p.clock,
		Start:   start.Progress,
		Status: func() live.Status {
			if s := index.Load(); s != nil {
				return s.Status()
			}
			return live.Status{}
		},
		View: func() *engine.View {
			if s := index.Load(); s != nil {
				return s.View()
			}
			return nil
		},
		Offers: func() offer.Totals {
			if s := index.Load(); s != nil {
				return s.Decisions().Totals()
			}
			return offer.Totals{}
		},
		StoreStats: func() api.StoreStats {
			if s := index.Load(); s != nil {
				return s.sizes()
			}
			return api.StoreStats{}
		},
	})
	front := api.NewFront(api.Config{
		Logger: logger, Clock: p.clock, Metrics: metrics,
		Version: buildVersion(), OpenAPI: openAPI, CORSOrigins: o.origins,
		HoldoutBP: o.holdoutBP, CacheBytes: o.memory.cacheBytes(),
	}, start.Progress)
	// HTTP ends before the shop is closed, and an end of it ends the opening.
	serving, cancel := context.WithCancel(ctx)
	defer cancel()
	served := make(chan error, 1)
	go func() {
		defer cancel()
		served <- front.Serve(serving, ln)
	}()
	url := "http://" + reachable(ln.Addr().String())
	logger.Info("opening the shop", "url", url, "data", o.data)
	s, err := openShop(serving, shopConfig{
		dir: o.data, settings: p.settings, acceptLoss: o.acceptLoss, start: start,
		logger: logger, clock: p.clock, observer: metrics, learnShare: o.share(),
		zone: zone,
	})
	if err == nil {
		defer func() {
			err = errors.Join(err, s.Close())
			logger.Info("stopped")
		}()
		index.Store(s)
		err = prepareDemo(serving, p, s, o, start, logger)
	}
	if err != nil {
		cancel()
		if broken := <-served; broken != nil {
			return errors.Join(broken, err)
		}
		if ctx.Err() != nil {
			logger.Info("stopped before it was ready", "at", err)
			return nil
		}
		return err
	}
	defer leaveRoomForAnswers(p.env)()
	front.Open(s)
	logger.Info("listening", "url", url, "version", buildVersion())
	if isTerminal(p.stdout) {
		_, demo, err := readDemo(o.data)
		if err != nil {
			cancel()
			return errors.Join(err, <-served)
		}
		banner(p.stdout, url, demo)
	}
	if p.ready != nil {
		p.ready(url)
	}
	stopping := context.AfterFunc(ctx, func() { logger.Info("stopping; once more ends at once") })
	defer stopping()
	err = <-served
	if ctx.Err() != nil && errors.Is(err, context.DeadlineExceeded) {
		logger.Warn("closed connections that did not finish in time")
		return nil
	}
	return err
}

func newLogger(w io.Writer, format, level string) *slog.Logger {
	opts := &slog.HandlerOptions{Level: map[string]slog.Level{
		"debug": slog.LevelDebug, "warn": slog.LevelWarn, "error": slog.LevelError,
	}[level]} // info is the zero Level
	if format == "json" {
		return slog.New(slog.NewJSONHandler(w, opts))
	}
	return slog.New(slog.NewTextHandler(w, opts))
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// banner greets whoever started the server by hand.
func banner(w io.Writer, url string, demo bool) {
	title := "your shop"
	tries := []string{
		"curl '" + url + "/popular'",
		"curl '" + url + "/recommend?customer_id=YOUR-CUSTOMER&explain=true&locale=en'",
		"curl '" + url + "/events' -H 'Content-Type: application/json' \\\n" +
			`      -d '{"event":"view_item","customer_id":"YOUR-CUSTOMER","items":[{"item_id":"YOUR-ITEM"}]}'`,
	}
	if demo {
		title = "the demo shop"
		tries = []string{
			"curl '" + url + "/recommend?customer_id=c-coffee&explain=true&locale=en'",
			"curl '" + url + "/related/phone-aozora-8?kind=bought_together&fields=title'",
			"curl '" + url + "/placements/product-page/page' -H 'Content-Type: application/json' \\\n" +
				`      -d '{"customer_id":"c-coffee","item_id":"grinder-hand","locale":"ja","fields":["title"]}'`,
		}
	}
	fmt.Fprintf(w, `
  おすすめ  Osusume serves %s at %s

    %s

  Every route and how to call it: %s/docs
  Stop with Ctrl-C.

`, title, url, strings.Join(tries, "\n    "), url)
}
