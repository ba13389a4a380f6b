package cooccur_test

import (
	"bytes"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"osusume/recommend"
	"osusume/recommend/cooccur"
	"osusume/recommend/profile"
)

// TestPruned adds, removes and prunes, at once or a few rows at a time with counting
// between: no count falls below 0, none exceeds the exact one or misses more of it
// than the error bound.
func TestPruned(t *testing.T) {
	const n = 30
	rapid.Check(t, func(t *rapid.T) {
		cfg := cooccur.Settings{BoughtBreadth: 3, BrowsedBreadth: 3, Sittings: 2, OrderWindow: 4, SessionWindow: 5}
		pruned, exact := cooccur.New(cfg, nil), cooccur.New(cfg, nil)
		pruned.Grow(n)
		exact.Grow(n)
		var there [][]profile.Line
		check := func() {
			var mass, partners [cooccur.Kinds]uint64
			for k := range cooccur.Kinds {
				for i := range uint32(n) {
					pruned.Each(k, i, func(j uint32, p cooccur.Pair) {
						mass[k] += uint64(p.Votes)
						partners[k]++
					})
					for j := range uint32(n) {
						got, want := pruned.Pair(k, i, j), exact.Pair(k, i, j)
						bound := pruned.ErrorBound(k, i)
						if got.Support > want.Support || got.Visitors > want.Visitors || got.Votes > want.Votes || want.Support-got.Support > bound {
							t.Fatalf("%s %d-%d: %+v, exactly %+v, bound %d", k, i, j, got, want, bound)
						}
					}
					pruned.EachSession(i, func(j uint32, s cooccur.Session) {
						exact.EachSession(i, func(other uint32, e cooccur.Session) {
							if j == other && (s.After > e.After || s.Before > e.Before || s.After < 0 || s.Before < 0) {
								t.Fatalf("%d-%d: %+v, exactly %+v", i, j, s, e)
							}
						})
					})
				}
				if pruned.Pairs(k) != int64(partners[k]) {
					t.Fatalf("%s: %d pairs, said to be %d", k, partners[k], pruned.Pairs(k))
				}
			}
		}
		for range rapid.IntRange(1, 12).Draw(t, "steps") {
			switch action := rapid.IntRange(0, 6).Draw(t, "action"); {
			case action == 0 && len(there) > 0:
				v := rapid.IntRange(0, len(there)-1).Draw(t, "visitor")
				pruned.Remove(there[v])
				exact.Remove(there[v])
				there = append(there[:v:v], there[v+1:]...)
			case action == 2:
				pruned.StartPrune(pruned.Bytes() - int64(rapid.IntRange(-100, 3000).Draw(t, "less")))
			case action == 3:
				pairs := pruned.Pairs(0) + pruned.Pairs(1) + pruned.Pairs(2)
				dropped := pruned.PruneRows(rapid.IntRange(0, 100).Draw(t, "rows"))
				if left := pruned.Pairs(0) + pruned.Pairs(1) + pruned.Pairs(2); left != pairs-int64(dropped) {
					t.Fatalf("%d of %d dropped, %d left", dropped, pairs, left)
				}
			case action == 1:
				before := pruned.Bytes()
				budget := before - int64(rapid.IntRange(-100, 3000).Draw(t, "less"))
				pairs := pruned.Pairs(0) + pruned.Pairs(1) + pruned.Pairs(2)
				dropped := pruned.Prune(budget)
				left := pruned.Pairs(0) + pruned.Pairs(1) + pruned.Pairs(2)
				if left != pairs-int64(dropped) {
					t.Fatalf("%d of %d dropped, %d left", dropped, pairs, left)
				}
				if budget >= before && dropped > 0 || budget < before && left > 0 && pruned.Bytes() > budget {
					t.Fatalf("%d bytes before, %d after, budget %d: %d dropped", before, pruned.Bytes(), budget, dropped)
				}
			default:
				lines := make([]profile.Line, rapid.IntRange(1, 25).Draw(t, "lines"))
				for k := range lines {
					lines[k] = profile.Line{
						Item: uint32(rapid.IntRange(0, n-1).Draw(t, "item")), Time: uint32(k * 700),
						Group: uint32(rapid.IntRange(0, 3).Draw(t, "group")), Quantity: 1,
						Kind: rapid.SampledFrom([]recommend.EventType{recommend.ViewItem, recommend.Purchase}).Draw(t, "kind"),
					}
				}
				cut := rapid.IntRange(0, len(lines)).Draw(t, "cut")
				for _, c := range []*cooccur.Counts{pruned, exact} {
					c.Add(lines[:cut], 0)
					c.Add(lines, cut)
				}
				there = append(there, lines)
			}
			check()
			back, err := cooccur.ReadImage(cfg, image(t, pruned))
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(image(t, back), image(t, pruned)) {
				t.Fatal("the image differs")
			}
		}
	})
}

// TestPruneKeepsTheBest: long rows are cut first, and of what is worth least.
func TestPruneKeepsTheBest(t *testing.T) {
	const n = 2000
	c := cooccur.New(cooccur.Settings{OrderWindow: -1, CustomerWindow: 1}, nil)
	c.Grow(n)
	// Item 0 is bought with all others; once with most and twice with each tenth.
	for i := uint32(2); i < n; i++ {
		for range 1 + (i%10)/9 {
			c.Add([]profile.Line{buy(5, 0, 1), buy(5, i, 1)}, 0)
		}
	}
	// The others have 70 partners among themselves that they were bought with
	// three times.
	for i := uint32(2); i < n; i++ {
		lines := []profile.Line{buy(5, i, 1)}
		for d := range uint32(35) {
			lines = append(lines, buy(5, 2+(i+d*7+1)%(n-2), 1))
		}
		for range 3 {
			c.Add(lines, 0)
		}
	}
	bySupport := func() map[uint32]int {
		got := make(map[uint32]int)
		for i := range uint32(n) {
			c.Each(cooccur.Orders, i, func(j uint32, p cooccur.Pair) {
				if i != 0 && j != 0 {
					got[p.Support]++
				}
			})
		}
		return got
	}
	others, customers := bySupport(), c.Pairs(cooccur.Customers)
	c.StartPrune(2 * c.Bytes()) // nothing goes, and there are error bounds
	if dropped := c.PruneRows(math.MaxInt); dropped != 0 || c.Pruning() {
		t.Fatalf("%d dropped that fit", dropped)
	}
	before := c.Bytes()
	dropped := c.Prune(before - 4000)
	got := make(map[uint32]int)
	c.Each(cooccur.Orders, 0, func(_ uint32, p cooccur.Pair) { got[p.Support]++ })
	lost := 1798 - got[1] // and as many of the pairs of customers, of which item 0 has as many
	if c.Bytes() > before-4000 || lost < 100 || lost > 1000 || dropped != 2*lost {
		t.Errorf("%d dropped, %d bytes of %d left, item 0 by support %v; want 4,000 bytes less, all of item 0", dropped, c.Bytes(), before, got)
	}
	if got[2] != 200 { // i = 9, 19, ..., 1999
		t.Errorf("item 0 has %d partners of support 2, want all 200", got[2])
	}
	if diff := cmp.Diff(others, bySupport()); diff != "" {
		t.Errorf("others by support (-want +got)\n%s", diff)
	}
	if want := customers - int64(lost); c.Pairs(cooccur.Customers) != want {
		t.Errorf("%d pairs of customers, want %d: items with few partners keep theirs", c.Pairs(cooccur.Customers), want)
	}
	if got := c.ErrorBound(cooccur.Orders, 0); got != 1 {
		t.Errorf("error bound %d, want 1", got)
	}
}
