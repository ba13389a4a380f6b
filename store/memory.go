package store

import (
	"bytes"
	"context"
	"io"
	"sort"
	"sync"

	"osusume/recommend"
)

// Memory is a log with the contract of Store that lives and dies with the
// process. It keeps records encoded, so that they come back exactly as from a
// Store and take little room. Its zero value is an empty log; it must not be
// copied.
type Memory struct {
	mu sync.RWMutex
	// The fields below are owned by mu.
	chunks     []memoryChunk
	last       uint64
	seen       map[dedupeKey]uint64
	checkpoint []byte
	// checkpointSeq is meaningful when checkpoint is not nil.
	checkpointSeq uint64
	keyed         memoryKeyed
}

type memoryChunk struct {
	first   uint64
	count   uint32
	payload string
}

// NewMemory returns an empty log.
func NewMemory() *Memory { return &Memory{} }

// Append keeps all records or none, as Store.Append does.
func (m *Memory) Append(records []recommend.Record) ([]recommend.Appended, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := make([]recommend.Appended, len(records))
	fresh := map[dedupeKey]uint64{}
	var buf []byte
	var chunks []memoryChunk
	first, next := m.last+1, m.last+1
	flush := func() {
		if next > first {
			chunks = append(chunks, memoryChunk{first: first, count: uint32(next - first), payload: string(buf)})
		}
		buf, first = buf[:0], next
	}
	total := 0
	for i := range records {
		if id := records[i].Key(); id != "" {
			key := dedupeKeyOf(id)
			seq, found := fresh[key]
			if !found {
				seq, found = m.seen[key]
			}
			if found {
				out[i] = recommend.Appended{Seq: seq, Duplicate: true}
				continue
			}
			fresh[key] = next
		}
		before := len(buf)
		var err error
		if buf, err = appendRecord(buf, &records[i]); err != nil {
			return nil, err
		}
		if total += len(buf) - before; total > MaxBatchBytes {
			return nil, tooLarge("a batch may take at most %d encoded bytes", MaxBatchBytes)
		}
		out[i] = recommend.Appended{Seq: next}
		next++
		if len(buf) >= chunkPayloadBytes {
			flush()
		}
	}
	flush()
	if m.seen == nil {
		m.seen = make(map[dedupeKey]uint64)
	}
	for k, seq := range fresh {
		m.seen[k] = seq
	}
	m.chunks = append(m.chunks, chunks...)
	m.last = next - 1
	return out, nil
}

// Replay calls fn as Store.Replay does.
func (m *Memory) Replay(ctx context.Context, from uint64, fn func(seq uint64, rec *recommend.Record) error) error {
	m.mu.RLock()
	chunks := m.chunks
	m.mu.RUnlock()
	start := sort.Search(len(chunks), func(i int) bool {
		return chunks[i].first+uint64(chunks[i].count) > from
	})
	var rec recommend.Record
	var dec decoder
	for _, c := range chunks[start:] {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := dec.eachRecord(c.payload, c.first, from, c.count, &rec, fn); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// ReplayChunks calls fn as Store.ReplayChunks does.
func (m *Memory) ReplayChunks(ctx context.Context, from uint64, fn func(first uint64, records []recommend.Record) error) error {
	m.mu.RLock()
	chunks := m.chunks
	m.mu.RUnlock()
	p := piece{dec: decoder{keep: true}}
	for _, c := range chunks {
		if c.first+uint64(c.count) <= from {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		p.records, p.dec.lines = p.records[:0], p.dec.lines[:0]
		at := pieceChunk{from: from, h: chunkHeader{first: c.first, count: c.count}}
		if err := p.decodeChunk(&at, c.payload); err != nil {
			return err
		}
		if err := fn(max(c.first, from), p.records); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// LastSeq is the sequence of the newest record, 0 when empty.
func (m *Memory) LastSeq() uint64 {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.last
}

// SaveCheckpoint keeps a snapshot as Store.SaveCheckpoint does.
func (m *Memory) SaveCheckpoint(seq uint64, write func(w io.Writer) error) error {
	if last := m.LastSeq(); seq > last {
		return recommend.Invalid("seq", "checkpoint at record %d, but the log ends at %d", seq, last)
	}
	buf := bytes.NewBuffer([]byte{})
	if err := write(buf); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.checkpoint, m.checkpointSeq = buf.Bytes(), seq
	return nil
}

// LoadCheckpoint hands the newest snapshot to read, if there is one.
func (m *Memory) LoadCheckpoint(read func(seq uint64, r io.Reader) error) (bool, error) {
	m.mu.RLock()
	data, seq := m.checkpoint, m.checkpointSeq
	m.mu.RUnlock()
	if data == nil {
		return false, nil
	}
	if err := read(seq, bytes.NewReader(data)); err != nil {
		return false, err
	}
	return true, nil
}

// Close does nothing: what is in memory stays until the Memory is let go.
func (m *Memory) Close() error { return nil }
