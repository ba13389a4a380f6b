package live

import (
	"context"
	"fmt"
	"io"
	"slices"

	"osusume/recommend"
	"osusume/recommend/engine"
)

// replayRecords is how many records are applied at a time at start.
const replayRecords = 4096

// recover builds the index from the newest checkpoint and the log after it.
func (l *Live) recover(ctx context.Context) error {
	index, err := engine.NewIndex(l.cfg.Settings)
	if err != nil {
		return fmt.Errorf("open index: %w", err)
	}
	l.index, l.sets = index, index.Sets()
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
		l.index.Refresh(now, nil)
		l.index.RefreshPopularity()
	}
	l.publish(now)
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

func (l *Live) replay(ctx context.Context, last uint64) error {
	records := make([]recommend.Record, 0, replayRecords)
	begin := l.index.Seq()
	apply := func(seq uint64) {
		l.index.Apply(seq, records)
		clear(records)
		records = records[:0]
		if l.cfg.Progress != nil {
			l.cfg.Progress(seq-begin, last-begin)
		}
	}
	var seq uint64
	err := l.cfg.Log.Replay(ctx, begin+1, func(at uint64, r *recommend.Record) error {
		kept := *r
		kept.Event.Items = slices.Clone(r.Event.Items)
		records, seq = append(records, kept), at
		if len(records) == replayRecords {
			apply(seq)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("replay log: %w", err)
	}
	if len(records) > 0 {
		apply(seq)
	}
	if l.index.Seq() != last {
		return fmt.Errorf("replay log: ended at record %d of %d", l.index.Seq(), last)
	}
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
