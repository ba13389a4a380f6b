package cooccur

import (
	"math"
	"sync"
)

// A record is what a visitor changes in one row, one cell, and for sessions one
// more:
//
//	cell 0   number of the row in its shard (24 bits)  hash of the other item (32)  code (8)
//	cell 1   After or Before, a float64
//
// so that cells sort as rows and their entries do. The code has the votes (5
// bits: 0 for none, else one more than how often they were halved), whether there
// is support, and whether the weight of a session is Before. Records of days have
// the day in place of the hash.
const (
	codeVotes    = 1<<5 - 1
	codeSupport  = 1 << 5
	codeReversed = 1 << 6

	codeBits = 8
	hashBits = 32
)

// stream is what a record is of: a kind, or the day of a visitor's newest
// purchase or browsing of an item.
type stream int

const (
	boughtDays  = stream(Kinds)
	browsedDays = stream(Kinds) + 1
	streams     = int(Kinds) + 2
)

func (s stream) width() int {
	if s == stream(Sessions) {
		return 2
	}
	return 1
}

func codeOf(ch *change) uint64 {
	code := uint64(ch.support) * codeSupport
	if ch.first {
		code |= uint64(ch.halvings) + 1
	}
	return code
}

// addRecord adds a record to the values of its entry.
func (v *Session) addRecord(cell uint64, weight uint64, width int) {
	v.Support += uint32(cell/codeSupport) & 1
	if votes := cell & codeVotes; votes != 0 {
		v.Votes += VoteUnit >> (votes - 1)
		if votes-1 <= vouching {
			v.Visitors++
		}
	}
	if width == 2 {
		if cell&codeReversed != 0 {
			v.Before += math.Float64frombits(weight)
		} else {
			v.After += math.Float64frombits(weight)
		}
	}
}

const (
	// chunkCells is the size of the pieces that records are kept in.
	chunkCells = 1 << 10
	// mergeCells is how many cells of a shard are kept before they are merged:
	// 8 bytes each, in all shards at most 768 MB. Fewer make for more merges, each
	// of which moves most rows.
	mergeCells = 12 << 17
)

// records are chunks of records, by stream.
type records struct {
	chunks [streams][][]uint64
	cells  int
}

// chunks are empty chunks to reuse.
type chunks struct {
	mu   sync.Mutex
	free [][]uint64
}

func (c *chunks) get() []uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	if n := len(c.free); n > 0 {
		chunk := c.free[n-1]
		c.free = c.free[:n-1]
		return chunk[:0]
	}
	return make([]uint64, 0, chunkCells)
}

func (c *chunks) put(all [][]uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.free = append(c.free, all...)
}

func recordOf(item, hash uint32, code uint64) uint64 {
	return uint64(item/shards)<<(hashBits+codeBits) | uint64(hash)<<codeBits | code
}

func (w *builder) put(item uint32, s stream, hash uint32, code uint64) {
	open := &w.open[item%shards][s]
	if len(*open) == cap(*open) {
		w.turn(int(item%shards), s, open)
	}
	*open = append(*open, recordOf(item, hash, code))
}

func (w *builder) putSession(item, hash uint32, code uint64, weight float64) {
	open := &w.open[item%shards][Sessions]
	if len(*open) == cap(*open) {
		w.turn(int(item%shards), stream(Sessions), open)
	}
	*open = append(*open, recordOf(item, hash, code), math.Float64bits(weight))
}

// turn hands a full chunk over and opens an empty one.
func (w *builder) turn(shard int, s stream, open *[]uint64) {
	if len(*open) > 0 {
		w.hand(shard, s, *open)
	}
	*open = w.chunks.get()
}

// hand hands a chunk over to its shard and merges its records if there are many.
func (w *builder) hand(shard int, s stream, chunk []uint64) {
	to := &w.shards[shard]
	to.Lock()
	defer to.Unlock()
	to.chunks[s] = append(to.chunks[s], chunk)
	to.cells += len(chunk)
	if to.cells < w.mergeCells {
		return
	}
	w.merger.merge(shard, &to.records, w.budget)
	for s := range to.chunks {
		w.build.chunks.put(to.chunks[s])
		to.chunks[s] = to.chunks[s][:0]
	}
	to.cells = 0
}
