package live

import (
	"context"
	"fmt"
	"io"
	"time"

	"osusume/recommend"
	"osusume/recommend/engine"
)

// A replay of more than longReplay records, and of more than one part in
// longReplayShare of what the checkpoint holds, is a long one.
const (
	longReplay      = 10_000
	longReplayShare = 4
)

// recover builds the index from the newest checkpoint and the log after it.
func (l *Live) recover(ctx context.Context) error {
	index, err := engine.NewIndex(l.cfg.Settings)
	if err != nil {
		return fmt.Errorf("open index: %w", err)
	}
	l.index, l.sets = index, index.Sets()
	l.cfg.Start.Tell(Progress{Phase: Loading})
	if !l.cfg.IgnoreCheckpoint {
		if err := l.loadCheckpoint(); err != nil {
			return err
		}
	}
	last := l.cfg.Log.LastSeq()
	if from := l.index.Seq(); from > last {
		return fmt.Errorf("open index: the checkpoint includes record %d, the log ends at %d", from, last)
	}
	if err := l.replay(ctx, last); err != nil {
		return err
	}
	now := l.cfg.Clock()
	l.acknowledged.Store(last)
	if !l.cfg.FillOnly {
		// Lists out of a checkpoint serve at once; the applier brings those up to
		// date that the records after it, or a new day, have left behind.
		if !l.index.Ranked() {
			l.index.Refresh(now, nil)
		}
		l.index.RefreshPopularity()
	}
	l.publish(now)
	ready := l.cfg.Start.Progress()
	ready.Phase = Ready
	l.cfg.Start.Tell(ready)
	return nil
}

// loadCheckpoint starts from the newest checkpoint. One that this version cannot
// read is passed over: the log has everything.
func (l *Live) loadCheckpoint() error {
	var decodeErr error
	_, err := l.cfg.Log.LoadCheckpoint(func(seq uint64, r io.Reader) error {
		index, err := engine.DecodeIndex(r, l.cfg.Settings)
		switch {
		case err != nil:
			decodeErr = err
		case index.Seq() != seq:
			decodeErr = fmt.Errorf("checkpoint of record %d holds %d", seq, index.Seq())
		default:
			l.index = index
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("load checkpoint: %w", err)
	}
	if decodeErr != nil {
		l.cfg.Logger.Warn("checkpoint passed over, replaying the whole log", "error", decodeErr)
	}
	return nil
}

// replay applies the log after the index. A long run goes through a Batch: what
// the checkpoint has counted is then counted again with the rest, which costs
// less than counting the run record by record.
func (l *Live) replay(ctx context.Context, last uint64) error {
	begin := l.index.Seq()
	p := Progress{Phase: Reading, Total: last - begin}
	began := time.Now()
	tell := func() {
		if p.Phase == Reading {
			p.Read = time.Since(began)
		}
		l.cfg.Start.Tell(p)
		if l.cfg.Progress != nil && p.Phase == Reading && p.Done > 0 {
			l.cfg.Progress(p.Done, p.Total)
		}
	}
	tell()
	apply := l.index.Apply
	var batch *engine.Batch
	if p.Total > max(longReplay, begin/longReplayShare) {
		batch = engine.NewBatch(l.index)
		apply = batch.Apply
	}
	err := l.cfg.Log.ReplayChunks(ctx, begin+1, func(first uint64, records []recommend.Record) error {
		seq := first + uint64(len(records)) - 1
		apply(seq, records)
		p.Done = seq - begin
		tell()
		return nil
	})
	if err != nil {
		return fmt.Errorf("replay log: %w", err)
	}
	if batch != nil {
		p.Phase = Counting
		tell()
		l.cfg.Logger.Info("counting what goes together", "records", p.Total)
		l.index = batch.Done()
	}
	if l.index.Seq() != last {
		return fmt.Errorf("replay log: ended at record %d of %d", l.index.Seq(), last)
	}
	p.Phase, p.Done = Ranking, p.Total
	tell()
	return nil
}

// checkpoint saves the index unless nothing changed since the last one.
func (l *Live) checkpoint() error {
	if l.index.Seq() == 0 {
		return nil
	}
	if err := l.cfg.Log.SaveCheckpoint(l.index.Seq(), l.index.Encode); err != nil {
		return fmt.Errorf("save checkpoint: %w", err)
	}
	return nil
}
