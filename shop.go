package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"osusume/api"
	"osusume/recommend/engine"
	"osusume/recommend/live"
	"osusume/store"
)

// shop is one data folder opened by this process alone: the store and the
// index over it.
type shop struct {
	store *store.Store
	*live.Live
}

type shopConfig struct {
	learnShare float64 // see live.Config
	fillOnly   bool    // see live.Config
	dir        string
	settings   engine.Settings
	acceptLoss bool
	logger     *slog.Logger
	clock      func() time.Time
	observer   live.Observer
	zone       *time.Location // see live.Config
	start      *live.Start    // told how far opening is; may be nil
}

// openShop opens the folder, replays its log and starts the writer.
func openShop(ctx context.Context, cfg shopConfig) (*shop, error) {
	log, err := store.Open(cfg.dir, store.Options{Logger: cfg.logger, AcceptLoss: cfg.acceptLoss})
	if err != nil {
		return nil, err
	}
	began, start := cfg.clock(), cfg.start
	if start == nil {
		start = &live.Start{}
	}
	index, err := live.Open(ctx, live.Config{
		Log:        log,
		Documents:  log,
		Decisions:  log,
		Settings:   cfg.settings,
		Clock:      cfg.clock,
		Logger:     cfg.logger,
		Observer:   cfg.observer,
		Progress:   replayProgress(cfg.logger, cfg.clock, start),
		Start:      start,
		LearnShare: cfg.learnShare,
		FillOnly:   cfg.fillOnly,
		Zone:       cfg.zone,
	})
	if err != nil {
		return nil, errors.Join(err, log.Close())
	}
	cfg.logger.Info("shop is open", "data", cfg.dir, "seq", log.LastSeq(), "took", cfg.clock().Sub(began).Round(time.Millisecond))
	return &shop{store: log, Live: index}, nil
}

// Close applies what is acknowledged, saves a checkpoint and closes the store.
func (s *shop) Close() error {
	return errors.Join(s.Live.Close(), s.store.Close())
}

// replayProgress logs how far a replay is, every two seconds.
func replayProgress(logger *slog.Logger, clock func() time.Time, start *live.Start) func(done, total uint64) {
	last := clock()
	return func(done, total uint64) {
		now := clock()
		if now.Sub(last) < 2*time.Second {
			return
		}
		last = now
		p := start.Progress()
		logger.Info("replaying the log", "done", done, "total", total,
			"percent", fmt.Sprintf("%.1f", p.Percent()), "records_per_second", int64(p.PerSecond()),
			"remaining", p.Remaining().Round(time.Second))
	}
}

// sizes are the store's, for the metrics.
func (s *shop) sizes() api.StoreStats {
	// What could not be read is 0: metrics go on without it.
	st, _ := s.store.Stats()
	return api.StoreStats{
		LSMBytes: st.LSMBytes, ValueLogBytes: st.ValueLogBytes, CheckpointBytes: st.CheckpointBytes,
		LastSeq: st.LastSeq, CheckpointSeq: st.CheckpointSeq, CheckpointsDropped: st.CheckpointsDropped,
		FilterBytes: st.FilterBytes,
	}
}
