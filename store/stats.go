package store

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
)

// Stats are the sizes of the store for metrics.
type Stats struct {
	LastSeq uint64
	// LSMBytes are tables and memtable logs, ValueLogBytes value log files
	// (which stay empty). Files Badger has mapped count with their full size,
	// though most of it may not be on disk yet.
	LSMBytes, ValueLogBytes int64
	// CheckpointBytes is 0 when there is no checkpoint; CheckpointSeq is what
	// its header says, not verified.
	CheckpointBytes int64
	CheckpointSeq   uint64
	// CheckpointsDropped counts damaged checkpoints removed since Open.
	CheckpointsDropped uint64
	// FilterBytes is the memory of the filter in front of the event ids.
	FilterBytes int64
}

// Stats returns the current sizes; it costs one stat per file.
func (s *Store) Stats() (Stats, error) {
	st := Stats{LastSeq: s.LastSeq(), CheckpointsDropped: s.droppedCheckpoints.Load(), FilterBytes: s.seen.bytes.Load()}
	entries, err := os.ReadDir(filepath.Join(s.dir, logDirName))
	if err != nil {
		return st, fmt.Errorf("list log directory: %w", err)
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			continue // compaction removed it meanwhile
		}
		switch filepath.Ext(e.Name()) {
		case ".sst", ".mem":
			st.LSMBytes += info.Size()
		case ".vlog":
			st.ValueLogBytes += info.Size()
		}
	}
	f, err := os.Open(filepath.Join(s.dir, checkpointName))
	if err != nil {
		return st, nil //nolint:nilerr // no checkpoint is the usual case, and no failure
	}
	defer f.Close()
	var head [checkpointHeader]byte
	if _, err := f.ReadAt(head[:], 0); err == nil {
		st.CheckpointSeq = binary.BigEndian.Uint64(head[8:])
	}
	if info, err := f.Stat(); err == nil {
		st.CheckpointBytes = info.Size()
	}
	return st, nil
}
