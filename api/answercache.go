package api

import (
	"sync/atomic"
	"weak"

	"github.com/cespare/xxhash/v2"

	"osusume/recommend"
	"osusume/recommend/engine"
)

// answerCache keeps rendered answers of the lists that are the same for
// everybody. An answer is sent as it is for the View it was rendered from. For a
// newer View that holds all it rests on, its state is renewed: the id, the moment
// and the sequence, byte for byte what rendering it again would give. Otherwise it
// is of no use any more, and overwritten in time.
//
// It is a table of 2^n slots, each an atomic pointer to an immutable answer: a
// key may lie in either of two neighbouring slots. Readers and writers take no
// lock; a lost race costs one rendering.
//
// Views are held weakly, so that no answer keeps the memory of an old one.
type answerCache struct {
	slots []atomic.Pointer[cachedAnswer]
	mask  uint64
	limit int64
	bytes atomic.Int64
	// hand is the slot that makes room next.
	hand atomic.Uint64

	hits, misses, notModified atomic.Uint64
}

// cachedAnswer is immutable.
type cachedAnswer struct {
	key    string // canonical request
	view   weak.Pointer[engine.View]
	basis  engine.Basis
	body   []byte
	state  int      // where in body the state begins; see appendState
	etag   []string // one header value
	stages []recommend.Stage
	items  int
}

// DefaultCacheBytes bounds the rendered answers kept: some 100,000 lists of ten.
const DefaultCacheBytes = 192 << 20

const (
	// slotBytes is the limit's share of a slot: answers are rarely smaller, so
	// the table seldom has to turn one away while there is room.
	slotBytes = 1 << 10
	// answerOverhead estimates what an answer takes beside its key and body.
	answerOverhead = 256
)

// newAnswerCache returns a cache of at most limit bytes, nil when limit is not
// positive: that one keeps nothing.
func newAnswerCache(limit int64) *answerCache {
	if limit <= 0 {
		return nil
	}
	n := uint64(2)
	for int64(n)*slotBytes < limit {
		n *= 2
	}
	return &answerCache{slots: make([]atomic.Pointer[cachedAnswer], n), mask: n - 1, limit: limit}
}

// get returns view's answer to the canonical request key, nil when there is none.
func (c *answerCache) get(view *engine.View, key []byte) *cachedAnswer {
	if c == nil {
		return nil
	}
	at := xxhash.Sum64(key) & c.mask
	for _, i := range [...]uint64{at, at ^ 1} {
		a := c.slots[i].Load()
		if a == nil || a.key != string(key) {
			continue
		}
		if a.view == view.Weak() {
			c.hits.Add(1)
			return a
		}
		if view.Holds(&a.basis) {
			c.hits.Add(1)
			a = a.renewed(view)
			c.put(a)
			return a
		}
	}
	c.misses.Add(1)
	return nil
}

// renewed returns a as rendering it from view would make it. view holds what a
// rests on.
func (a *cachedAnswer) renewed(view *engine.View) *cachedAnswer {
	n := *a
	n.view = view.Weak()
	var room [recommendationIDBytes]byte
	var key [canonicalBytes]byte
	id := appendRecommendationID(room[:0], append(key[:0], a.key...), view.Seq())
	n.body = make([]byte, 0, len(a.body)+stateSlack)
	n.body = append(n.body, a.body[:a.state]...)
	copy(n.body[len(answerPrefix):], id)
	n.body = appendState(n.body, view.AsOf(), view.Seq())
	n.tag(view.Seq())
	return &n
}

// stateSlack is room for a state that is longer than the one before.
const stateSlack = 16

// tag gives the answer its ETag.
func (a *cachedAnswer) tag(seq uint64) {
	var room [40]byte
	a.etag = []string{string(appendETag(room[:0], a.body, seq))}
}

// put keeps a, unless it takes more than its share of the room.
func (c *answerCache) put(a *cachedAnswer) {
	size := a.bytes()
	if c == nil || size > c.limit/16 {
		return
	}
	at := xxhash.Sum64String(a.key) & c.mask
	slot := &c.slots[at]
	if old, other := slot.Load(), &c.slots[at^1]; old != nil && old.key != a.key {
		// The neighbour is the better place when it is free or its answer has had
		// its day.
		if o := other.Load(); o == nil || o.key == a.key || o.view != a.view {
			slot = other
		}
	}
	c.replace(slot, a, size)
	for range c.slots {
		if c.bytes.Load() <= c.limit {
			return
		}
		c.replace(&c.slots[c.hand.Add(1)&c.mask], nil, 0)
	}
}

func (c *answerCache) replace(slot *atomic.Pointer[cachedAnswer], a *cachedAnswer, size int64) {
	if old := slot.Swap(a); old != nil {
		size -= old.bytes()
	}
	c.bytes.Add(size)
}

func (c *answerCache) countNotModified() {
	if c != nil {
		c.notModified.Add(1)
	}
}

func (a *cachedAnswer) bytes() int64 {
	return int64(len(a.key)) + int64(len(a.body)) + answerOverhead
}

// appendETag appends a strong tag for body. Among answers at one URL the
// sequence alone tells nearly all apart; the hash tells those made of one
// sequence at other moments.
func appendETag(b, body []byte, seq uint64) []byte {
	b = append(b, '"')
	b = appendHex(b, seq)
	b = append(b, '-')
	b = appendHex(b, xxhash.Sum64(body))
	return append(b, '"')
}

func appendHex(b []byte, n uint64) []byte {
	for shift := 60; shift >= 0; shift -= 4 {
		b = append(b, hexDigits[n>>shift&0xf])
	}
	return b
}
