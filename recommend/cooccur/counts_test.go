package cooccur_test

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"osusume/recommend"
	"osusume/recommend/cooccur"
	"osusume/recommend/profile"
)

// The items of the tables.
const (
	phone, cover, strap, lens uint32 = 0, 1, 2, 3
	items                            = 4
)

const day = 86400

func buy(order, item uint32, onDay int) profile.Line {
	return profile.Line{Item: item, Time: uint32(onDay * day), Group: order, Quantity: 1, Kind: recommend.Purchase}
}

func view(session, item uint32, at uint32) profile.Line {
	return profile.Line{Item: item, Time: at, Group: session, Kind: recommend.ViewItem}
}

func counted(cfg cooccur.Settings, visitors ...[]profile.Line) *cooccur.Counts {
	c := cooccur.New(cfg, nil)
	c.Grow(items)
	for _, lines := range visitors {
		c.Add(lines, 0)
	}
	return c
}

// supports writes down "i-j n" for every pair with support, both ways checked.
func supports(t *testing.T, c *cooccur.Counts, k cooccur.Kind) map[string]uint32 {
	t.Helper()
	names := []string{"phone", "cover", "strap", "lens"}
	got := make(map[string]uint32)
	for i := range uint32(items) {
		seen := 0
		c.Each(k, i, func(j uint32, p cooccur.Pair) {
			seen++
			n := p.Support
			if n != c.Support(k, i, j) || n != c.Support(k, j, i) {
				t.Errorf("%s: Each says %d, Support %d and %d", k, n, c.Support(k, i, j), c.Support(k, j, i))
			}
			if i < j {
				got[names[i]+"-"+names[j]] = n
			}
		})
	}
	if c.Pairs(k) != int64(2*len(got)) {
		t.Errorf("%s: Pairs = %d, want both directions of %v", k, c.Pairs(k), got)
	}
	return got
}

func TestSupports(t *testing.T) {
	tests := []struct {
		name                        string
		cfg                         cooccur.Settings
		visitors                    [][]profile.Line
		orders, customers, sessions map[string]uint32
		// singles of phone and totals, by kind
		singles, totals [3]uint32
	}{
		{
			name: "one order of three",
			visitors: [][]profile.Line{
				{buy(9, phone, 1), buy(9, cover, 1), buy(9, strap, 1)},
			},
			orders:    map[string]uint32{"phone-cover": 1, "phone-strap": 1, "cover-strap": 1},
			customers: map[string]uint32{"phone-cover": 1, "phone-strap": 1, "cover-strap": 1},
			singles:   [3]uint32{1, 1, 0}, totals: [3]uint32{1, 1, 0},
		},
		{
			name: "a pair counts once per order and once per customer",
			visitors: [][]profile.Line{
				// The same order tells the phone twice; the second order has
				// the pair again; the cover alone makes a third order.
				{buy(9, phone, 1), buy(9, cover, 1), buy(9, phone, 1), buy(10, cover, 2), buy(10, phone, 2), buy(11, cover, 3)},
				{buy(12, phone, 4), buy(12, cover, 4)},
			},
			orders:    map[string]uint32{"phone-cover": 3}, // orders 9, 10 and 12
			customers: map[string]uint32{"phone-cover": 2},
			singles:   [3]uint32{3, 2, 0}, totals: [3]uint32{4, 2, 0},
		},
		{
			name: "bought apart goes together for the customer alone",
			visitors: [][]profile.Line{
				{buy(9, phone, 1), buy(10, cover, 200)},
			},
			orders:    map[string]uint32{},
			customers: map[string]uint32{"phone-cover": 1},
			singles:   [3]uint32{1, 1, 0}, totals: [3]uint32{2, 1, 0},
		},
		{
			name: "sessions by id, or split by half an hour",
			visitors: [][]profile.Line{
				{view(5, phone, 1000), view(6, cover, 1001), view(5, strap, 99_000)}, // ids hold over any gap
				// Without ids: phone and cover within 30 minutes, the lens 30
				// minutes and one second after the cover.
				{view(0, phone, 0), view(0, cover, 1800), view(0, lens, 3601)},
			},
			sessions: map[string]uint32{"phone-strap": 1, "phone-cover": 1},
			singles:  [3]uint32{0, 0, 2}, totals: [3]uint32{0, 0, 4},
		},
		{
			name: "a pair counts once per session",
			visitors: [][]profile.Line{
				{view(5, phone, 1), view(5, cover, 2), view(5, phone, 3), view(5, cover, 4)},
			},
			sessions: map[string]uint32{"phone-cover": 1},
			singles:  [3]uint32{0, 0, 1}, totals: [3]uint32{0, 0, 1},
		},
		{
			name: "windows of one pair neighbours only",
			cfg:  cooccur.Settings{OrderWindow: 1, CustomerWindow: 1, SessionWindow: 1},
			visitors: [][]profile.Line{
				{buy(9, phone, 1), buy(9, cover, 1), buy(9, strap, 1)},
				{view(5, phone, 1), view(5, cover, 2), view(5, strap, 3)},
			},
			orders:    map[string]uint32{"phone-cover": 1, "cover-strap": 1},
			customers: map[string]uint32{"phone-cover": 1, "cover-strap": 1},
			sessions:  map[string]uint32{"phone-cover": 1, "cover-strap": 1},
			singles:   [3]uint32{1, 1, 1}, totals: [3]uint32{1, 1, 1},
		},
		{
			name: "each kind has its own window",
			cfg:  cooccur.Settings{OrderWindow: 2, CustomerWindow: 1, SessionWindow: -1},
			visitors: [][]profile.Line{
				{buy(9, phone, 1), buy(9, cover, 1), buy(9, strap, 1), buy(9, lens, 1)},
				{view(5, phone, 1), view(5, cover, 2), view(5, strap, 3), view(5, lens, 4)},
			},
			orders:    map[string]uint32{"phone-cover": 1, "phone-strap": 1, "cover-strap": 1, "cover-lens": 1, "strap-lens": 1},
			customers: map[string]uint32{"phone-cover": 1, "cover-strap": 1, "strap-lens": 1},
			sessions: map[string]uint32{
				"phone-cover": 1, "phone-strap": 1, "phone-lens": 1, "cover-strap": 1, "cover-lens": 1, "strap-lens": 1,
			},
			singles: [3]uint32{1, 1, 1}, totals: [3]uint32{1, 1, 1},
		},
		{
			name: "refunds and removals are no purchases and no steps",
			visitors: [][]profile.Line{{
				buy(9, phone, 1),
				{Item: cover, Time: 2 * day, Group: 9, Kind: recommend.Refund},
				view(5, phone, 3*day),
				{Item: strap, Time: 3*day + 1, Group: 5, Kind: recommend.RemoveFromCart},
			}},
			singles: [3]uint32{1, 1, 1}, totals: [3]uint32{1, 1, 1},
		},
		{
			name: "ratings stand for purchases of the customer but are no orders",
			visitors: [][]profile.Line{{
				{Item: phone, Time: day, Kind: recommend.Rating},
				{Item: cover, Time: day, Kind: recommend.Rating},
			}},
			customers: map[string]uint32{"phone-cover": 1},
			singles:   [3]uint32{0, 1, 0}, totals: [3]uint32{0, 1, 0},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := counted(tt.cfg, tt.visitors...)
			for k, want := range []map[string]uint32{tt.orders, tt.customers, tt.sessions} {
				if want == nil {
					want = map[string]uint32{}
				}
				kind := cooccur.Kind(k)
				if diff := cmp.Diff(want, supports(t, c, kind)); diff != "" {
					t.Errorf("%s (-want +got)\n%s", kind, diff)
				}
				if c.Single(kind, phone) != tt.singles[k] || c.Total(kind) != tt.totals[k] {
					t.Errorf("%s: phone in %d of %d, want %d of %d", kind, c.Single(kind, phone), c.Total(kind), tt.singles[k], tt.totals[k])
				}
			}
			for _, lines := range tt.visitors {
				c.Remove(lines)
			}
			for k := range cooccur.Kinds {
				if got := supports(t, c, k); len(got) != 0 || c.Total(k) != 0 || c.Single(k, phone) != 0 {
					t.Errorf("%s after removing all: %v, %d, %d", k, got, c.Total(k), c.Single(k, phone))
				}
			}
		})
	}
}

func TestStepWeights(t *testing.T) {
	// One half-life is 20 days; the session of day 20 weighs twice the one of
	// day 0 and, seen from day 40, half.
	cfg := cooccur.Settings{StepWindow: 2, StepLambda: 2, SessionHalfLifeDays: 20}
	base := uint32(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Unix())
	c := counted(cfg,
		// phone, cover, strap, lens: steps 1 apart weigh exp(0) = 1, 2 apart
		// exp(-1/2) = 0.6065, 3 apart lie outside the window of 2.
		[]profile.Line{view(5, phone, base), view(5, cover, base+1), view(5, strap, base+2), view(5, lens, base+3)},
		// Twenty days later cover, phone, phone: the repeated phone is no step.
		[]profile.Line{view(6, cover, base+20*day), view(6, phone, base+20*day), view(6, phone, base+20*day)},
	)
	now := time.Unix(int64(base), 0).AddDate(0, 0, 40)
	tests := []struct {
		name          string
		i, j          uint32
		after, before float64
	}{
		// Day 0: 1 * 2^(-40/20) = 1/4. Day 20, cover before phone: 2^-1.
		{"phone then cover", phone, cover, 0.25, 0.5},
		{"cover then phone", cover, phone, 0.5, 0.25},
		{"two apart", phone, strap, 0.60653 / 4, 0},
		{"two apart, seen from the end", strap, phone, 0, 0.60653 / 4},
		{"three apart", phone, lens, 0, 0},
		{"neighbours at the end", strap, lens, 0.25, 0},
	}
	decay := c.Decay(now)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got cooccur.Session
			c.EachSession(tt.i, func(other uint32, s cooccur.Session) {
				if other == tt.j {
					got = s
				}
			})
			after, before := got.After*decay, got.Before*decay
			// Decay is kept to 8 bits: within 2^-9 of the value.
			if math.Abs(after-tt.after) > 1e-3 || math.Abs(before-tt.before) > 1e-3 {
				t.Errorf("after %.5f, before %.5f, want %.5f and %.5f", after, before, tt.after, tt.before)
			}
		})
	}
}

func TestSince(t *testing.T) {
	c := counted(
		cooccur.Settings{},
		[]profile.Line{buy(9, phone, 100), buy(10, phone, 130)}, // newest: day 130
		[]profile.Line{buy(11, phone, 100)},
		[]profile.Line{buy(12, phone, 90), buy(13, phone, 90), view(5, phone, 140*day)},
	)
	tests := []struct {
		kind cooccur.Kind
		day  int32
		want uint32 // distinct visitors whose newest is on day or later
	}{
		{cooccur.Customers, 0, 3},
		{cooccur.Customers, 90, 3},
		{cooccur.Customers, 91, 2},
		{cooccur.Customers, 100, 2},
		{cooccur.Customers, 101, 1},
		{cooccur.Customers, 130, 1},
		{cooccur.Customers, 131, 0},
		{cooccur.Sessions, 140, 1},
		{cooccur.Sessions, 141, 0},
	}
	for _, tt := range tests {
		if got := c.Since(tt.kind, phone, tt.day); got != tt.want {
			t.Errorf("%s since day %d: %d, want %d", tt.kind, tt.day, got, tt.want)
		}
	}
}

func TestRepeaters(t *testing.T) {
	c := counted(
		cooccur.Settings{},
		[]profile.Line{buy(9, phone, 1), buy(9, phone, 1)},                      // twice in one order
		[]profile.Line{buy(10, phone, 1), buy(11, phone, 2)},                    // two orders
		[]profile.Line{buy(12, phone, 1), buy(13, phone, 2), buy(14, phone, 3)}, // three, one visitor
		[]profile.Line{buy(15, cover, 1)},
	)
	if got := c.Repeaters(phone); got != 2 {
		t.Errorf("%d repeaters of the phone, want 2", got)
	}
	if got := c.Repeaters(cover); got != 0 {
		t.Errorf("%d repeaters of the cover, want 0", got)
	}
}

// drawLines draws a visitor's history in time order over some half-lives.
func drawLines(t *rapid.T, days int) []profile.Line {
	kinds := []recommend.EventType{
		recommend.ViewItem, recommend.ViewItem, recommend.AddToCart, recommend.Purchase, recommend.Purchase,
		recommend.Refund, recommend.Rating,
	}
	lines := make([]profile.Line, rapid.IntRange(0, 20).Draw(t, "lines"))
	base := uint32(time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC).Unix())
	for n := range lines {
		kind := rapid.SampledFrom(kinds).Draw(t, "kind")
		group := uint32(rapid.IntRange(0, 3).Draw(t, "group"))
		if kind == recommend.Purchase || kind == recommend.Refund {
			group += 10
		}
		lines[n] = profile.Line{
			Item: uint32(rapid.IntRange(0, items-1).Draw(t, "item")), Group: group, Kind: kind,
			Time: base + uint32(rapid.IntRange(0, days*24*4).Draw(t, "quarter hours")*900),
		}
	}
	slices.SortStableFunc(lines, func(a, b profile.Line) int { return int(a.Time) - int(b.Time) })
	return lines
}

func drawCounts(t *rapid.T) cooccur.Settings {
	window := func(name string) int { return rapid.SampledFrom([]int{1, 2, -1}).Draw(t, name) }
	return cooccur.Settings{
		OrderWindow: window("order window"), CustomerWindow: window("customer window"),
		SessionWindow: window("session window"), StepWindow: window("step window"), SessionHalfLifeDays: 80,
	}
}

// written is all counts, every bit of them.
func written(c *cooccur.Counts) string {
	var b strings.Builder
	for i := range uint32(items) {
		c.WriteItem(&b, i, func(j uint32) string { return string(rune('a' + j)) })
	}
	return b.String()
}

// Adding in two parts is adding at once; what was added can be taken back,
// though others came in between; the order of visitors does not matter.
func TestCountsAreASumOverVisitors(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cfg := drawCounts(t)
		a, b, c := drawLines(t, 60), drawLines(t, 60), drawLines(t, 60)

		want := counted(cfg, a, b)
		got := counted(cfg, b)
		got.Add(c, 0)
		cut := rapid.IntRange(0, len(a)).Draw(t, "cut")
		got.Add(a[:cut], 0)
		got.Add(a, cut)
		got.Remove(c)
		if diff := cmp.Diff(written(want), written(got)); diff != "" {
			t.Fatalf("(-want +got)\n%s", diff)
		}
		for k := range cooccur.Kinds {
			if want.Total(k) != got.Total(k) || want.Pairs(k) != got.Pairs(k) {
				t.Fatalf("%s: %d cases and %d pairs, want %d and %d", k, got.Total(k), got.Pairs(k), want.Total(k), want.Pairs(k))
			}
		}
	})
}

// Every change of a count or of a row is told, or lists would stay behind.
func TestTouchedTellsEveryChange(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cfg := drawCounts(t)
		touched := make(map[uint32]cooccur.KindSet)
		c := cooccur.New(cfg, func(i uint32, kinds cooccur.KindSet) { touched[i] |= kinds })
		c.Grow(items)
		c.Add(drawLines(t, 60), 0)
		rows := func() (out [items]string) {
			for i := range uint32(items) {
				var b strings.Builder
				c.WriteItem(&b, i, func(j uint32) string { return string(rune('a' + j)) })
				out[i] = b.String()
			}
			return out
		}
		before := rows()
		clear(touched)
		more := drawLines(t, 60)
		c.Add(more, 0)
		after := rows()
		for i := range uint32(items) {
			// Days and repeaters move without touching: popularity is
			// recounted, not ranked.
			cut := func(s string) string {
				var keep []string
				for _, line := range strings.Split(s, "\n") {
					line, _, _ = strings.Cut(line, " days ")
					if !strings.HasPrefix(line, " repeaters") {
						keep = append(keep, line)
					}
				}
				return strings.Join(keep, "\n")
			}
			linesBefore, linesAfter := strings.Split(cut(before[i]), "\n"), strings.Split(cut(after[i]), "\n")
			for k := range cooccur.Kinds {
				if !touched[i].Has(k) && linesBefore[k] != linesAfter[k] {
					t.Fatalf("%s of item %d changed untold:\n%s%s", k, i, before[i], after[i])
				}
			}
		}
	})
}
