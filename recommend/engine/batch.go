package engine

import (
	"math"
	"runtime"
	"slices"

	"osusume/recommend"
	"osusume/recommend/catalog"
	"osusume/recommend/cooccur"
	"osusume/recommend/profile"
)

// Batch applies a long run of records at the speed of a rebuild: it keeps
// histories and the catalog as Index.Apply does, one record after the other,
// and counts only in the end, all visitors at once. Counts are sums over the
// visitors of a function of their lines, so the index is the same as if the
// records had been applied one by one; a property test holds the two together.
//
// While a Batch is under way its Index must not be used; Done hands it back.
//
// What a record costs here is mostly waiting for memory. So the items of a block of
// records are looked up together, while the histories of the block before are written.
type Batch struct {
	x     *Index
	ids   []string       // of the items of a block
	items []uint32       // of the records handed to Apply
	keys  []profile.Keys // of these records
	block int            // how many records are looked up together
}

// NewBatch begins a batch on x. What x has counted before is given up at once,
// to be counted again with the rest.
func NewBatch(x *Index) *Batch {
	x.flushAll()
	x.ranked = false
	x.evidence.Restart()
	x.counts = cooccur.New(x.cfg.Counts, x.mark)
	x.counts.Grow(x.catalog.Len())
	return &Batch{x: x, block: 64}
}

// Apply applies records in order; seq is the sequence of the last one.
func (b *Batch) Apply(seq uint64, records []recommend.Record) {
	x := b.x
	items := 0
	for i := range records {
		items += len(records[i].Event.Items)
	}
	b.items = slices.Grow(b.items[:0], items)[:items]
	b.keys = slices.Grow(b.keys[:0], len(records))[:len(records)]
	blocks := make(chan batchBlock, len(records)/b.block+1)
	lookUp := func() {
		items, keys := b.items, b.keys
		for part := range slices.Chunk(records, b.block) {
			k := batchBlock{records: part, items: items, keys: keys}
			used := b.lookUp(k)
			items, keys = items[used:], keys[len(part):]
			blocks <- k
		}
		close(blocks)
	}
	if len(records) > b.block {
		go lookUp()
	} else {
		lookUp()
	}
	for k := range blocks {
		b.keepBlock(k)
	}
	x.seq = seq
}

// batchBlock is some records and what is looked up for them: the items of all events, one
// after the other, and the keys of each record.
type batchBlock struct {
	records []recommend.Record
	items   []uint32
	keys    []profile.Keys
}

// lookUp fills k in and returns how many items it has. It takes the records that are
// no events: they are of the catalog and count nothing.
func (b *Batch) lookUp(k batchBlock) int {
	x := b.x
	b.ids = b.ids[:0]
	for i := range k.records {
		for n := range k.records[i].Event.Items {
			b.ids = append(b.ids, k.records[i].Event.Items[n].ItemID)
		}
	}
	x.catalog.LookupAll(b.ids, k.items[:len(b.ids)])
	at := 0
	for i := range k.records {
		r := &k.records[i]
		if r.Kind != recommend.RecordEvent {
			x.Apply(x.seq, k.records[i:i+1])
			continue
		}
		x.now = r.Event.Time
		k.keys[i] = x.visitors.Keys(&r.Event)
		for range r.Event.Items {
			if k.items[at] == catalog.NoItem {
				k.items[at] = x.intern(b.ids[at])
			}
			at++
		}
	}
	return at
}

// keepBlock takes the events of k into the histories. It touches nothing that lookUp
// does.
func (b *Batch) keepBlock(k batchBlock) {
	items := k.items
	for i := range k.records {
		if e := &k.records[i].Event; k.records[i].Kind == recommend.RecordEvent {
			b.x.event(e, k.keys[i], items[:len(e.Items)], b)
			b.x.events++
			items = items[len(e.Items):]
		}
	}
}

func (b *Batch) merge(from, into uint32) { b.keep(into, b.x.visitors.Lines(from)) }

func (b *Batch) history(visitor uint32) []profile.Line { return b.x.visitors.Lines(visitor) }

// keep adds lines in time order to a history.
func (b *Batch) keep(visitor uint32, added []profile.Line) {
	if len(added) == 0 {
		return
	}
	v := b.x.visitors
	lines, _ := profile.Insert(v.Lines(visitor), added)
	if drop := v.Dropped(visitor, len(added), len(lines), b.x.cfg.MaxLines); drop > 0 {
		lines = slices.Clone(lines[drop:])
	}
	v.SetLines(visitor, lines)
}

// Done counts all visitors and hands the index back, its lists behind.
func (b *Batch) Done() *Index {
	x := b.x
	visitors := x.visitors
	x.setCounts(cooccur.Build(x.cfg.Counts, x.catalog.Len(), visitors.Len(),
		func(visitor int) []profile.Line { return visitors.Lines(uint32(visitor)) }, runtime.GOMAXPROCS(0), x.pairBudget()))
	x.dropped += x.counts.Dropped()
	x.allBehind()
	x.startBound() // there are no lists yet
	x.dropped += int64(x.counts.PruneRows(math.MaxInt))
	return x
}

// setCounts replaces the counts; what lists are behind is the caller's to say.
func (x *Index) setCounts(c *cooccur.Counts) {
	x.counts = c
	x.counts.OnTouch(x.mark)
	x.counts.Grow(x.catalog.Len())
}
