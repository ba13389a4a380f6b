package engine

import (
	"runtime"
	"slices"

	"osusume/recommend"
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
type Batch struct{ x *Index }

// NewBatch begins a batch on x. What x has counted before is given up at once,
// to be counted again with the rest.
func NewBatch(x *Index) *Batch {
	x.flushAll()
	x.ranked = false
	x.evidence.Restart()
	x.counts = cooccur.New(x.cfg.Counts, x.mark)
	x.counts.Grow(x.catalog.Len())
	return &Batch{x: x}
}

// Apply applies records in order; seq is the sequence of the last one.
func (b *Batch) Apply(seq uint64, records []recommend.Record) {
	x := b.x
	for i := range records {
		r := &records[i]
		if r.Kind == recommend.RecordEvent {
			x.now = r.Event.Time
			x.event(&r.Event, b)
			x.events++
			continue
		}
		x.Apply(seq, records[i:i+1]) // the catalog counts nothing
	}
	x.seq = seq
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
		func(visitor int) []profile.Line { return visitors.Lines(uint32(visitor)) }, runtime.GOMAXPROCS(0)))
	x.allBehind()
	x.bound()
	return x
}

// setCounts replaces the counts; what lists are behind is the caller's to say.
func (x *Index) setCounts(c *cooccur.Counts) {
	x.counts = c
	x.counts.OnTouch(x.mark)
	x.counts.Grow(x.catalog.Len())
}
