package store

import (
	"context"
	"fmt"
	"runtime"
	"sync"

	"osusume/recommend"
)

// Reading ahead takes part of the machine, never much memory: at most
// aheadPieces pieces of about aheadBytes encoded bytes, each of them held
// encoded and decoded.
const (
	aheadBytes  = 128 << 10
	aheadChunks = 4096
	aheadPieces = 8
)

// piece is a run of chunks on its way from the reader to the caller.
type piece struct {
	chunks []pieceChunk
	bytes  int
	// records and lines are the memory of the decoded records, kept for the
	// pieces to come; their strings are not.
	records []recommend.Record
	dec     decoder
	// done is closed when the piece is decoded.
	done chan struct{}
}

// pieceChunk is one chunk of the log: what it was filed under and its value,
// then what came of it.
type pieceChunk struct {
	first, from uint64
	count       uint32
	value       []byte
	h           chunkHeader
	start, end  int // of its records in piece.records
	err         error
}

// ReplayChunks is Replay by the chunk, decoded ahead of fn on other cores:
// records are those from sequence first on, without a gap. The slice and the
// items of its events are valid until fn returns; its strings may be kept, but
// keep a chunk of up to a megabyte in memory.
func (s *Store) ReplayChunks(ctx context.Context, from uint64, fn func(first uint64, records []recommend.Record) error) error {
	last := s.last.Load()
	if from > last {
		return ctx.Err()
	}
	from = max(from, 1)
	// Ending the reader by its own context leaves the caller's errors apart.
	reading, stop := context.WithCancel(ctx)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer stop()
	work := make(chan *piece, aheadPieces)
	ordered := make(chan *piece, aheadPieces)
	free := make(chan *piece, aheadPieces)
	for range aheadPieces {
		free <- &piece{dec: decoder{keep: true}}
	}
	var chain chainCheck
	var readErr error // set before ordered is closed
	wg.Go(func() {
		defer close(ordered)
		defer close(work)
		readErr = s.readAhead(reading, from, last, &chain, free, func(p *piece) {
			work <- p
			ordered <- p
		})
	})
	for range max(runtime.GOMAXPROCS(0)-1, 1) {
		wg.Go(func() {
			for p := range work {
				p.decode()
				close(p.done)
			}
		})
	}
	for p := range ordered {
		<-p.done
		if err := p.hand(ctx, &chain, fn); err != nil {
			return err
		}
		free <- p
	}
	if readErr != nil {
		return readErr
	}
	return chain.finish(last)
}

// readAhead reads the chunks that hold records from..last into free pieces and
// sends them on. It sets up chain before the first one.
func (s *Store) readAhead(ctx context.Context, from, last uint64, chain *chainCheck, free <-chan *piece, send func(p *piece)) error {
	var p *piece
	err := guard(func() error {
		return s.eachChunk(ctx, from, last, chain, func(first uint64, count uint32, value []byte) error {
			if p == nil {
				select {
				case p = <-free:
				case <-ctx.Done():
					return ctx.Err()
				}
				p.chunks, p.bytes, p.done = p.chunks[:0], 0, make(chan struct{})
			}
			// The value lies in memory Badger has mapped.
			p.chunks = append(p.chunks, pieceChunk{first: first, from: from, count: count, value: append([]byte(nil), value...)})
			p.bytes += len(value)
			if p.bytes >= aheadBytes || len(p.chunks) >= aheadChunks {
				send(p)
				p = nil
			}
			return nil
		})
	})
	if p != nil {
		send(p) // what was read before an error is good
	}
	return err
}

// decode checks every chunk against its header and decodes its records.
func (p *piece) decode() {
	p.records = p.records[:0]
	p.dec.lines = p.dec.lines[:0]
	for i := range p.chunks {
		c := &p.chunks[i]
		var payload []byte
		if c.h, payload, c.err = parseChunk(c.value); c.err != nil {
			c.err = fmt.Errorf("%s damaged: %w", Range{c.first, c.first + uint64(c.count) - 1}, c.err)
			return
		}
		c.start = len(p.records)
		c.err = p.decodeChunk(c, string(payload))
		c.end, c.value = len(p.records), nil
		if c.err != nil {
			return
		}
	}
}

func (p *piece) decodeChunk(c *pieceChunk, payload string) error {
	r := reader{s: payload}
	for i := range uint64(c.h.count) {
		seq := c.h.first + i
		if seq < c.from {
			var skipped recommend.Record
			if err := p.dec.decode(&r, &skipped); err != nil {
				return fmt.Errorf("decode record %d: %w", seq, err)
			}
			continue
		}
		p.records = append(p.records, recommend.Record{})
		if err := p.dec.decode(&r, &p.records[len(p.records)-1]); err != nil {
			return fmt.Errorf("decode record %d: %w", seq, err)
		}
	}
	if r.i != len(payload) {
		return fmt.Errorf("chunk of records %d to %d: %d bytes left over", c.h.first, c.h.last(), len(payload)-r.i)
	}
	return nil
}

// hand checks the place of each chunk in the chain and hands its records on.
func (p *piece) hand(ctx context.Context, chain *chainCheck, fn func(first uint64, records []recommend.Record) error) error {
	for i := range p.chunks {
		c := &p.chunks[i]
		if err := ctx.Err(); err != nil {
			return err
		}
		if c.h.count > 0 { // the header was read
			if err := chain.next(c.h, c.first, c.count); err != nil {
				return fmt.Errorf("%s damaged: %w", Range{c.first, c.first + uint64(c.count) - 1}, err)
			}
		}
		if c.err != nil {
			return c.err
		}
		if c.start == c.end {
			continue
		}
		if err := fn(max(c.h.first, c.from), p.records[c.start:c.end:c.end]); err != nil {
			return err
		}
	}
	return nil
}
