package engine

import (
	"fmt"
	"slices"
	"time"
	"weak"

	"osusume/recommend"
	"osusume/recommend/catalog"
	"osusume/recommend/cooccur"
	"osusume/recommend/evidence"
	"osusume/recommend/profile"
	"osusume/recommend/upsell"
	"osusume/recommend/weight"
)

// Index is the writer's side of the engine: it applies records in sequence
// order and publishes Views. It belongs to one goroutine.
//
// Apply changes histories and counts at once and marks the items whose lists
// are behind; Refresh brings lists up to date, as many as the caller allows;
// Publish freezes everything into a View. After Refresh without a limit the
// View depends on the records alone, not on how they were batched.
type Index struct {
	cfg      Settings
	catalog  *catalog.Catalog
	visitors *profile.Visitors
	counts   *cooccur.Counts
	sets     []*listSet
	models   []model
	related  map[recommend.RelatedKind]int // places in sets
	builders [weight.MaxWorkers]weight.Builder
	waiting  waiting // items whose lists are behind
	order    idOrder
	born     []uint32 // Unix seconds at which each item was first heard of
	features features
	// drifted is set once counts moved that lists of untouched items depend on
	// too: how often a neighbour occurs, and how many cases there are.
	drifted   bool
	evidence  *evidence.Index
	suggester *upsell.Suggester         // of the settings
	pending   map[uint32][]profile.Line // lines of the batch being applied, by visitor
	touched   []uint32                  // keys of pending in order of appearance
	items     []uint32                  // of the event being applied
	lines     []profile.Line            // of the event being applied
	seq       uint64
	events    uint64
	now       time.Time // of the record being applied
	day       int32     // of the lists: the decay of session weights moves daily
	popular   *popularity
	popStale  bool
	ranked    bool           // lists came from a checkpoint
	recount   *PopularityJob // under way
	// newcomers are found when popularity is recounted.
	newcomers newcomers
	unchecked int          // events since memory was looked at
	tooLong   int          // lists to be made anew before they are cut shorter again
	dropped   int64        // pairs dropped for want of memory
	scratch   *scratchPool // of the Views
}

// NewIndex returns an empty index.
func NewIndex(s Settings) (*Index, error) {
	cfg, err := s.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("settings: %w", err)
	}
	suggester, err := upsell.New(cfg.Upsell)
	if err != nil {
		return nil, fmt.Errorf("settings: upsell: %w", err)
	}
	x := &Index{
		cfg:       cfg,
		suggester: suggester,
		catalog:   catalog.New(),
		visitors:  profile.NewVisitors(),
		evidence:  evidence.New(cfg.Evidence),
		pending:   make(map[uint32][]profile.Line),
		popStale:  true,
		scratch:   newScratchPool(),
	}
	x.counts = cooccur.New(cfg.Counts, x.mark)
	x.order.id = func(i uint32) string { return x.catalog.ID(i) }
	x.compile()
	return x, nil
}

// Seq is the newest record applied.
func (x *Index) Seq() uint64 { return x.seq }

// intern returns the dense id of an item, making room for it everywhere.
func (x *Index) intern(id string) uint32 {
	i := x.catalog.Intern(id)
	x.room()
	return i
}

func (x *Index) room() {
	n := x.catalog.Len()
	if n <= len(x.waiting.why) {
		return
	}
	x.waiting.grow(n)
	x.order.grow(n)
	born := uint32(max(x.now.Unix(), 0))
	for len(x.born) < n {
		x.born = append(x.born, born)
	}
	x.counts.Grow(n)
	for _, s := range x.sets {
		s.lists.Grow(n)
	}
	x.popStale = true
}

// Apply applies records in order; seq is the sequence of the last one.
func (x *Index) Apply(seq uint64, records []recommend.Record) {
	events := 0
	for i := range records {
		switch r := &records[i]; r.Kind {
		case recommend.RecordEvent:
			x.now = r.Event.Time
			x.items = x.items[:0]
			for n := range r.Event.Items {
				x.items = append(x.items, x.intern(r.Event.Items[n].ItemID))
			}
			x.event(&r.Event, x.visitors.Keys(&r.Event), x.items, x)
			x.events++
			events++
		case recommend.RecordItemPut:
			x.now = r.Received
			i := x.catalog.Put(r.Item)
			x.room()
			x.features.put(i, &r.Item)
			x.describe(i)
			x.popStale = true
		case recommend.RecordItemDelete:
			x.catalog.Delete(r.Item.ID)
			x.popStale = true
		}
	}
	x.flushAll()
	x.seq = seq
	x.boundBit(events)
}

// histories is where the lines of events go: an Index counts them with the others
// of their batch, a Batch in the end.
type histories interface {
	// merge moves the lines of one visitor to another.
	merge(from, into uint32)
	// history returns all lines of a visitor so far.
	history(visitor uint32) []profile.Line
	// keep adds lines, which it does not hold on to.
	keep(visitor uint32, lines []profile.Line)
}

// event takes an event into the histories, its items and the keys of its ids given.
func (x *Index) event(e *recommend.Event, keys profile.Keys, items []uint32, to histories) {
	id := x.visitors.Resolve(e, keys, to.merge)
	if e.Type == recommend.ViewItemList {
		x.visitors.Show(id.Visitor, impressions(e, items, id.Session))
		return
	}
	if !kept(e) {
		return
	}
	group := id.Session
	var before []profile.Line // lines that may hold the same order
	if e.Type == recommend.Purchase || e.Type == recommend.Refund {
		group = id.Order
		if group == 0 {
			group = x.visitors.OrderGroup(e.ID)
		} else if !id.NewOrder {
			before = to.history(id.Visitor)
		}
	}
	x.lines = x.lines[:0]
	for i := range e.Items {
		line := profile.Line{
			Item:     items[i],
			Time:     uint32(e.Time.Unix()),
			Group:    group,
			Quantity: uint16(min(e.Items[i].Quantity, 65535)),
			Kind:     e.Type,
		}
		if e.Type == recommend.Feedback {
			line.Quantity = opinion(e)
		}
		if before != nil && holds(before, line) {
			continue // an order line counts once, whichever event brings it
		}
		x.lines = append(x.lines, line)
	}
	to.keep(id.Visitor, x.lines)
}

func (x *Index) merge(from, into uint32) {
	x.flush(from)
	x.flush(into)
	moved := x.visitors.Lines(from)
	x.counts.Remove(moved)
	x.evidence.Update(from, moved, nil, 0)
	x.pending[into] = append(x.pending[into], moved...)
	x.flush(into)
}

func (x *Index) history(visitor uint32) []profile.Line {
	x.flush(visitor)
	return x.visitors.Lines(visitor)
}

func (x *Index) keep(visitor uint32, lines []profile.Line) {
	if len(lines) == 0 {
		return
	}
	pending, ok := x.pending[visitor]
	if !ok {
		x.touched = append(x.touched, visitor)
	}
	x.pending[visitor] = append(pending, lines...)
}

// impressions are the lines of a list that was shown.
func impressions(e *recommend.Event, items []uint32, session uint32) []profile.Line {
	lines := make([]profile.Line, len(items))
	for i, item := range items {
		lines[i] = profile.Line{Item: item, Time: uint32(e.Time.Unix()), Group: session, Quantity: 1, Kind: e.Type}
	}
	return lines
}

// kept reports whether the event becomes lines of the history.
func kept(e *recommend.Event) bool {
	switch e.Type {
	case recommend.ViewItem, recommend.SelectItem, recommend.AddToCart, recommend.RemoveFromCart,
		recommend.AddToWishlist, recommend.Purchase, recommend.Refund, recommend.Rating:
		return true
	case recommend.Feedback:
		return e.Value != 0
	default:
		return false
	}
}

// dismissed is the quantity of a line of negative feedback. That of any other is 0:
// it takes the dismissal back.
const dismissed = 1

func opinion(e *recommend.Event) uint16 {
	if e.Value < 0 {
		return dismissed
	}
	return 0
}

func holds(lines []profile.Line, l profile.Line) bool {
	return slices.ContainsFunc(lines, func(k profile.Line) bool {
		return k.Group == l.Group && k.Item == l.Item && k.Kind == l.Kind
	})
}

func (x *Index) flushAll() {
	for _, v := range x.touched {
		x.flush(v)
	}
	x.touched = x.touched[:0]
	clear(x.pending)
}

// flush moves the pending lines of a visitor into the history and the counts.
func (x *Index) flush(visitor uint32) {
	added := x.pending[visitor]
	delete(x.pending, visitor) // also an empty entry: keep takes one for a touched visitor
	if len(added) == 0 {
		return
	}
	slices.SortStableFunc(added, func(a, b profile.Line) int { return int(int64(a.Time) - int64(b.Time)) })
	old := x.visitors.Lines(visitor)
	lines, first := profile.Insert(old, added)
	drop := x.visitors.Dropped(visitor, len(added), len(lines), x.cfg.MaxLines)
	same := first // lines from the first on
	switch {
	case drop > 0:
		same = 0
		x.counts.Remove(old)
		lines = slices.Clone(lines[drop:])
		x.counts.Add(lines, 0)
	case first < len(old):
		x.counts.Remove(old)
		x.counts.Add(lines, 0)
	default:
		x.counts.Add(lines, first)
	}
	x.evidence.Update(visitor, old, lines, same)
	x.visitors.SetLines(visitor, lines)
}

// Publish freezes the current state. asOf is the View's moment.
func (x *Index) Publish(asOf time.Time) *View {
	if x.popular == nil {
		x.day = dayOf(asOf)
		x.RefreshPopularity()
	}
	v := &View{
		settings:  &x.cfg,
		catalog:   x.catalog.Snapshot(),
		visitors:  x.visitors.Freeze(),
		evidence:  x.evidence.Freeze(),
		suggester: x.suggester,
		popular:   x.popular,
		newcomers: x.newcomers,
		models:    x.models,
		related:   x.related,
		scratch:   x.scratch,
		seq:       x.seq,
		asOf:      asOf,
		lists:     make([]frozenLists, len(x.sets)),
	}
	for i, s := range x.sets {
		v.lists[i] = frozenLists{Frozen: s.lists.Freeze(), spec: s.spec, scale: s.scale, kind: s.spec.Kind()}
	}
	v.self = weak.Make(v)
	v.stats = Stats{
		Items:         v.catalog.Len(),
		EligibleItems: v.catalog.Eligible().Count(),
		Visitors:      v.visitors.Len(),
		OrderPairs:    x.counts.Pairs(cooccur.Orders),
		CustomerPairs: x.counts.Pairs(cooccur.Customers),
		SessionPairs:  x.counts.Pairs(cooccur.Sessions),
		Bytes:         x.bytes(),
		MaxBytes:      x.cfg.MaxBytes,
		DroppedPairs:  x.dropped,
	}
	return v
}

const secondsPerDay = 86400

func dayOf(t time.Time) int32 { return int32(t.Unix() / secondsPerDay) }
