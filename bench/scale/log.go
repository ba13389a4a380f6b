package scale

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"time"

	"osusume/bench/synthetic"
	"osusume/recommend"
	"osusume/recommend/engine"
	"osusume/recommend/live"
	"osusume/store"
)

// Fill appends the catalog and the first n events of a shop to a new store in dir,
// Batch to a commit, and returns the time spent in Append for events.
func Fill(ctx context.Context, dir string, shop *synthetic.Shop, n int, progress func(step string, done, total int)) (took time.Duration, err error) {
	log, err := store.Open(dir, store.Options{})
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	for batch := range Items(shop, Batch) {
		if _, err := appendTo(ctx, log, batch); err != nil {
			return 0, err
		}
	}
	done := 0
	for batch := range Events(shop, n, Batch) {
		d, err := appendTo(ctx, log, batch)
		if err != nil {
			return 0, err
		}
		took += d
		done += len(batch)
		progress("write the log", done, n)
	}
	return took, nil
}

func appendTo(ctx context.Context, log live.Log, batch []recommend.Record) (time.Duration, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	began := time.Now()
	_, err := log.Append(batch)
	return time.Since(began), err
}

// Reopen opens the store in dir until a View with all lists is there, and returns
// how long that took. With save it leaves a checkpoint behind. now is the shop's
// clock.
func Reopen(ctx context.Context, dir string, settings engine.Settings, now time.Time, checkpoint, save bool, progress func(step string, done, total int)) (took time.Duration, err error) {
	began := time.Now()
	log, err := store.Open(dir, store.Options{})
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	step := "rebuild from the log"
	if checkpoint {
		step = "restart from the checkpoint"
	}
	l, err := live.Open(ctx, live.Config{
		Log: unsaved{log, save}, Clock: func() time.Time { return now },
		Settings: settings, LearnShare: -1, IgnoreCheckpoint: !checkpoint,
		Progress: func(done, total uint64) { progress(step, int(done), int(total)) },
	})
	if err != nil {
		return 0, fmt.Errorf("%s: %w", step, err)
	}
	took = time.Since(began)
	return took, l.Close()
}

// unsaved is a log that keeps checkpoints only if asked to.
type unsaved struct {
	*store.Store
	save bool
}

func (u unsaved) SaveCheckpoint(seq uint64, write func(w io.Writer) error) error {
	if !u.save {
		return nil
	}
	return u.Store.SaveCheckpoint(seq, write)
}

// measureLog writes the shop into a store and starts from it.
func measureLog(ctx context.Context, cfg *Config, shop *synthetic.Shop) (*Log, error) {
	dir := filepath.Join(cfg.Dir, "shop")
	took, err := Fill(ctx, dir, shop, cfg.Events, cfg.Progress)
	if err != nil {
		return nil, fmt.Errorf("write the log: %w", err)
	}
	l := &Log{AppendRate: float64(cfg.Events) / took.Seconds()}
	if l.Bytes, err = folderBytes(dir); err != nil {
		return nil, err
	}
	now := Moment(shop, cfg.Events)
	rebuild, err := Reopen(ctx, dir, engine.Settings{}, now, false, true, cfg.Progress)
	if err != nil {
		return nil, err
	}
	restart, err := Reopen(ctx, dir, engine.Settings{}, now, true, false, cfg.Progress)
	if err != nil {
		return nil, err
	}
	l.RebuildSeconds, l.RestartSeconds = rebuild.Seconds(), restart.Seconds()
	l.CheckpointBytes, err = checkpointBytes(dir)
	return l, err
}

func checkpointBytes(dir string) (n int64, err error) {
	log, err := store.Open(dir, store.Options{})
	if err != nil {
		return 0, err
	}
	st, err := log.Stats()
	return st.CheckpointBytes, errors.Join(err, log.Close())
}

// folderBytes adds up the files below dir.
func folderBytes(dir string) (int64, error) {
	var sum int64
	err := filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		sum += info.Size()
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("add up files: %w", err)
	}
	return sum, nil
}
