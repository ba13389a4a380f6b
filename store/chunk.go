package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"

	"github.com/cespare/xxhash/v2"

	"osusume/recommend"
)

// formatVersion is the version of the chunk and record formats.
const formatVersion = 1

// Sizes that keep one chunk and its dedupe keys inside one Badger transaction
// (15 % of an 8 MB memtable is 1,258,291 bytes and 13,107 entries): a chunk is
// closed before it passes either limit, unless a single record is larger.
const (
	chunkPayloadBytes = 512 << 10
	chunkRecords      = 8192
)

const (
	chunkHeaderBytes = 46
	chunkCRCOffset   = 42
	chunkHashOffset  = 30
)

// flagContinued marks a chunk whose Append goes on in the next chunk.
const flagContinued = 1

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// chunkHeader describes one chunk of the log; see the package doc for its
// place in the value.
type chunkHeader struct {
	count     uint32
	continued bool
	first     uint64 // sequence of the first record
	batch     uint64 // sequence of the first record of the same Append
	prev      uint64 // running hash before this chunk
	hash      uint64 // running hash including this chunk
}

func (h *chunkHeader) last() uint64 { return h.first + uint64(h.count) - 1 }

// sealChunk writes the header into value[:chunkHeaderBytes], whose payload
// follows it, and returns the running hash.
func sealChunk(value []byte, h chunkHeader) uint64 {
	value[0] = formatVersion
	value[1] = 0
	if h.continued {
		value[1] = flagContinued
	}
	binary.BigEndian.PutUint32(value[2:], h.count)
	binary.BigEndian.PutUint64(value[6:], h.first)
	binary.BigEndian.PutUint64(value[14:], h.batch)
	binary.BigEndian.PutUint64(value[22:], h.prev)
	hash := chainHash(value)
	binary.BigEndian.PutUint64(value[chunkHashOffset:], hash)
	binary.BigEndian.PutUint32(value[38:], uint32(len(value)-chunkHeaderBytes))
	binary.BigEndian.PutUint32(value[chunkCRCOffset:], chunkCRC(value))
	return hash
}

// chainHash is the running hash after the chunk: it covers the header up to
// and including the hash before it, and the payload.
func chainHash(value []byte) uint64 {
	var d xxhash.Digest
	d.Reset()
	_, _ = d.Write(value[:chunkHashOffset])
	_, _ = d.Write(value[chunkHeaderBytes:])
	return d.Sum64()
}

func chunkCRC(value []byte) uint32 {
	crc := crc32.Update(0, castagnoli, value[:chunkCRCOffset])
	return crc32.Update(crc, castagnoli, value[chunkHeaderBytes:])
}

// parseChunk checks the value of one chunk against its own header.
func parseChunk(value []byte) (h chunkHeader, payload []byte, err error) {
	if len(value) < chunkHeaderBytes {
		return h, nil, fmt.Errorf("chunk of %d bytes is shorter than its header", len(value))
	}
	if value[0] != formatVersion {
		return h, nil, fmt.Errorf("unknown format version %d", value[0])
	}
	if value[1]&^flagContinued != 0 {
		return h, nil, fmt.Errorf("unknown chunk flags %#x", value[1])
	}
	if n := binary.BigEndian.Uint32(value[38:]); uint64(n) != uint64(len(value)-chunkHeaderBytes) {
		return h, nil, fmt.Errorf("payload of %d bytes, header says %d", len(value)-chunkHeaderBytes, n)
	}
	if want, got := binary.BigEndian.Uint32(value[chunkCRCOffset:]), chunkCRC(value); got != want {
		return h, nil, fmt.Errorf("CRC is %08x, header says %08x", got, want)
	}
	h = chunkHeader{
		count:     binary.BigEndian.Uint32(value[2:]),
		continued: value[1] == flagContinued,
		first:     binary.BigEndian.Uint64(value[6:]),
		batch:     binary.BigEndian.Uint64(value[14:]),
		prev:      binary.BigEndian.Uint64(value[22:]),
		hash:      binary.BigEndian.Uint64(value[chunkHashOffset:]),
	}
	if h.hash != chainHash(value) {
		return h, nil, errors.New("running hash does not match the payload")
	}
	if h.count == 0 || h.first == 0 || h.batch == 0 || h.batch > h.first || h.last() < h.first {
		return h, nil, fmt.Errorf("impossible header: %d records from %d, batch from %d", h.count, h.first, h.batch)
	}
	return h, value[chunkHeaderBytes:], nil
}

// eachRecord decodes the count records of payload, the first of which has the
// sequence first, and calls fn for those with sequence >= from.
func (d *decoder) eachRecord(payload string, first, from uint64, count uint32, rec *recommend.Record, fn func(seq uint64, rec *recommend.Record) error) error {
	r := reader{s: payload}
	for i := range uint64(count) {
		seq := first + i
		if err := d.decode(&r, rec); err != nil {
			return fmt.Errorf("decode record %d: %w", seq, err)
		}
		if seq < from {
			continue
		}
		if err := fn(seq, rec); err != nil {
			return err
		}
	}
	if r.i != len(payload) {
		return fmt.Errorf("chunk of records %d to %d: %d bytes left over", first, first+uint64(count)-1, len(payload)-r.i)
	}
	return nil
}
