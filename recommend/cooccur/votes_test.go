package cooccur_test

import (
	"bytes"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"osusume/recommend"
	"osusume/recommend/cooccur"
	"osusume/recommend/profile"
)

// baskets makes one order per list of items, a day apart.
func baskets(orders ...[]uint32) []profile.Line {
	var lines []profile.Line
	for k, order := range orders {
		for _, item := range order {
			lines = append(lines, buy(uint32(100+k), item, k))
		}
	}
	return lines
}

// upTo is n items from 2 on.
func upTo(n int) []uint32 {
	out := make([]uint32, n)
	for k := range out {
		out[k] = uint32(k + 2)
	}
	return out
}

func TestVotes(t *testing.T) {
	const unit = cooccur.VoteUnit
	pair := func(support, visitors, votes uint32) cooccur.Pair {
		return cooccur.Pair{Support: support, Visitors: visitors, Votes: votes}
	}
	together := []uint32{phone, cover}
	tests := []struct {
		name     string
		visitors [][]profile.Line
		kind     cooccur.Kind
		want     cooccur.Pair // of phone and cover
	}{
		{
			"a visitor has one vote, however many orders",
			[][]profile.Line{baskets(together, together, together), baskets(together)},
			cooccur.Orders, pair(4, 2, 2*unit),
		},
		{
			// 2 + 30 distinct items are 32, the most that counts in full.
			"a whole vote up to 32 items",
			[][]profile.Line{baskets(together, upTo(30))},
			cooccur.Orders, pair(1, 1, unit),
		},
		{
			"half of it from 33 on, for all pairs, also those of before",
			[][]profile.Line{baskets(together, upTo(31))},
			cooccur.Orders, pair(1, 1, unit/2),
		},
		{
			"and over customers",
			[][]profile.Line{baskets(together, upTo(31)), baskets(together)},
			cooccur.Customers, pair(2, 2, unit/2+unit),
		},
		{
			// 256 < 257 <= 512 items: four halvings.
			"who takes everything vouches for nothing",
			[][]profile.Line{baskets(together, upTo(255))},
			cooccur.Orders, pair(1, 0, unit/16),
		},
		{
			"one vote, however many sessions",
			[][]profile.Line{{view(5, phone, 100), view(5, cover, 101), view(6, phone, 200), view(6, cover, 201)}},
			cooccur.Sessions, pair(2, 1, unit),
		},
		{
			"33 sessions are more than most people have",
			[][]profile.Line{func() (lines []profile.Line) {
				for k := range uint32(33) {
					lines = append(lines, view(5+k, phone, 1000*k), view(5+k, cover, 1000*k+1))
				}
				return lines
			}()},
			cooccur.Sessions, pair(33, 1, unit/4),
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := cooccur.New(cooccur.Settings{}, nil)
			c.Grow(300)
			for _, lines := range tt.visitors {
				c.Add(lines, 0)
			}
			if got := c.Pair(tt.kind, phone, cover); got != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
}

// TestStepsOfTheLoud: going to and fro in a session, and coming back in another,
// adds next to nothing.
func TestStepsOfTheLoud(t *testing.T) {
	weightOf := func(lines []profile.Line) float64 {
		c := counted(cooccur.Settings{SessionHalfLifeDays: 1e9}, lines)
		var after float64
		c.EachSession(phone, func(other uint32, s cooccur.Session) {
			if other == cover {
				after = s.After
			}
		})
		return after
	}
	once := weightOf([]profile.Line{view(5, phone, 1), view(5, cover, 2)})
	var loud []profile.Line
	for k := range uint32(6) {
		for n := range uint32(50) {
			loud = append(loud, view(5+k, phone, 1000*k+2*n), view(5+k, cover, 1000*k+2*n+1))
		}
	}
	// phone cover phone cover: one apart twice, three apart once at exp(-2/1.5).
	if got, want := weightOf(loud), 2.2636*once; got < want*0.999 || got > want*1.001 {
		t.Errorf("weight %v, want %v", got, want)
	}
}

func TestBackground(t *testing.T) {
	c := cooccur.New(cooccur.Settings{}, nil)
	c.Grow(300)
	for range 99 {
		c.Add(baskets([]uint32{phone, cover}), 0)
	}
	if got := c.Background(cooccur.Orders, phone, 4); got != 0 {
		t.Errorf("background of an ordinary item is %v", got)
	}
	// One visitor buys the lens (3) with 16 others, two at a time: 8 orders.
	const lens = 3
	var pushing [][]uint32
	for k := range uint32(8) {
		pushing = append(pushing, []uint32{lens, 20 + 2*k, 21 + 2*k})
	}
	c.Add(baskets(pushing...), 0)
	// There are 99*2 + 8*6 = 246 votes for 99*2 + 17 = 215 items of buyers. The
	// lens has 16 from one of them; 4 times the average is usual, 4.57674:
	// (16 - 4.57674) / 16.
	want := cooccur.VoteUnit * 0.713953
	if got := c.Background(cooccur.Orders, lens, 4); got < want*0.999 || got > want*1.001 {
		t.Errorf("background %v, want %v", got, want)
	}
}

// TestVotesComeAndGo adds visitors line by line and in parts, takes some away
// and expects the same as from those who stay, at once.
func TestVotesComeAndGo(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cfg := cooccur.Settings{BoughtBreadth: 2, BrowsedBreadth: 3, Sittings: 2, OrderWindow: 2, SessionWindow: 3}
		inParts, atOnce := cooccur.New(cfg, nil), cooccur.New(cfg, nil)
		inParts.Grow(8)
		atOnce.Grow(8)
		for v := range rapid.IntRange(1, 4).Draw(t, "visitors") {
			lines := make([]profile.Line, rapid.IntRange(1, 25).Draw(t, "lines"))
			for n := range lines {
				lines[n] = profile.Line{
					Item: uint32(rapid.IntRange(0, 7).Draw(t, "item")), Time: uint32(v*1000 + n*1500),
					Group: uint32(rapid.IntRange(0, 3).Draw(t, "group")), Quantity: 1,
					Kind: rapid.SampledFrom([]recommend.EventType{recommend.ViewItem, recommend.Purchase, recommend.Rating}).Draw(t, "kind"),
				}
			}
			for from := 0; from < len(lines); {
				to := min(from+rapid.IntRange(1, 9).Draw(t, "part"), len(lines))
				inParts.Add(lines[:to], from)
				from = to
			}
			if rapid.Bool().Draw(t, "leaves") {
				inParts.Remove(lines)
			} else {
				atOnce.Add(lines, 0)
			}
		}
		var got, want bytes.Buffer
		name := func(i uint32) string { return fmt.Sprint(i) }
		for i := range uint32(8) {
			inParts.WriteItem(&got, i, name)
			atOnce.WriteItem(&want, i, name)
			for k := range cooccur.Kinds {
				if g, w := inParts.Background(k, i, 0.5), atOnce.Background(k, i, 0.5); g != w {
					t.Fatalf("background %v in parts, %v at once", g, w)
				}
			}
		}
		if got.String() != want.String() {
			t.Fatalf("in parts\n%sat once\n%s", got.String(), want.String())
		}
	})
}
