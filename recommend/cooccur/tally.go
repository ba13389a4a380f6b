package cooccur

import "osusume/recommend/profile"

// tally has what is counted per item alone.
type tally struct {
	// single is in how many orders, customers, sessions each item occurs;
	// total how many there are, occurs the sum of single.
	single [Kinds][]uint32
	total  [Kinds]uint32
	occurs [Kinds]uint64
	// viewers is how many visitors browsed each item, viewings their sum.
	viewers  []uint32
	viewings uint64
	// repeaters bought the item in two orders or more.
	repeaters []uint32
	// bought and browsed hold how many visitors bought or browsed each item last
	// on which day.
	bought, browsed []histogram
	dayBytes        int64 // of the days themselves
}

// extend makes s at least n long.
func extend[T any](s []T, n int) []T {
	if n <= len(s) {
		return s
	}
	return append(s, make([]T, n-len(s))...)
}

func (t *tally) grow(n int) {
	t.growCases(n)
	t.bought, t.browsed = extend(t.bought, n), extend(t.browsed, n)
}

// growCases makes room for n items but not for days, which are not counted then.
func (t *tally) growCases(n int) {
	for k := range t.single {
		t.single[k] = extend(t.single[k], n)
	}
	t.viewers, t.repeaters = extend(t.viewers, n), extend(t.repeaters, n)
}

func (t *tally) bytes() int64 {
	n := 4 * int64(cap(t.viewers)+cap(t.repeaters))
	for k := range t.single {
		n += 4 * int64(cap(t.single[k]))
	}
	return n + 24*int64(cap(t.bought)+cap(t.browsed)) + t.dayBytes
}

func (t *tally) add(k Kind, item uint32, sign int) {
	t.single[k][item] += uint32(sign)
	t.occurs[k] += uint64(sign)
}

// lastBought moves the day of a visitor's newest purchase of item from old, -1 for
// none, to now.
func (t *tally) lastBought(item uint32, old, now int32, sign int) {
	if len(t.bought) > 0 {
		t.dayBytes += t.bought[item].move(old, now, int32(sign))
	}
}

// lastBrowsed does the same for browsing.
func (t *tally) lastBrowsed(item uint32, old, now int32, sign int) {
	if old < 0 {
		t.viewers[item] += uint32(sign)
		t.viewings += uint64(sign)
	}
	if len(t.browsed) > 0 {
		t.dayBytes += t.browsed[item].move(old, now, int32(sign))
	}
}

// days is the histogram of item, empty for orders.
func (t *tally) days(k Kind, item uint32) histogram {
	switch k {
	case Customers:
		return t.bought[item]
	case Sessions:
		return t.browsed[item]
	default:
		return nil
	}
}

// mergeItems adds what o counted of the items from first to before end.
func (t *tally) mergeItems(o *tally, first, end uint32) {
	for i := first; i < end; i++ {
		for k := range t.single {
			t.single[k][i] += o.single[k][i]
		}
		t.viewers[i] += o.viewers[i]
		t.repeaters[i] += o.repeaters[i]
	}
}

func (t *tally) mergeTotals(o *tally) {
	for k := range t.total {
		t.total[k] += o.total[k]
		t.occurs[k] += o.occurs[k]
	}
	t.viewings += o.viewings
}

const secondsPerDay = 86400

func dayOf(l *profile.Line) int32 { return int32(l.Time / secondsPerDay) }
