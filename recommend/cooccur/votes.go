package cooccur

import (
	"math/bits"

	"osusume/recommend/profile"
)

// VoteUnit is a whole vote in the votes of a Pair.
const VoteUnit = 256

const (
	// maxHalvings bounds the votes of buyers from below, at one 256th, and is how
	// often at most a visitor's votes change on the way up.
	maxHalvings = 8
	// vouching is how often a visitor's votes may be halved for the visitor to
	// count among those behind a pair: who takes everything vouches for nothing.
	vouching = 3
)

// Pair is the evidence that two items go together.
type Pair struct {
	// Support is the number of orders, customers or sessions with both.
	Support uint32
	// Visitors is the number of distinct visitors behind them, without those who
	// buy more than eight times or browse more than twice as much as counts in
	// full. Votes is the sum of
	// all visitors' votes: VoteUnit each, less for those who take very much.
	Visitors, Votes uint32
}

// votes is how often the votes of a visitor are halved.
type votes struct{ buying, browsing int }

// of is what a visitor adds to the votes of a pair, and to its visitors.
func (v votes) of(k Kind) (votes int16, visitors int8) {
	halvings := v.halvings(k)
	if halvings <= vouching {
		visitors = 1
	}
	return VoteUnit >> halvings, visitors
}

func (v votes) halvings(k Kind) int {
	if k == Sessions {
		return v.browsing
	}
	return v.buying
}

// breadth is how much a visitor takes: distinct items bought and browsed, and
// sessions.
type breadth struct{ bought, browsed, sessions int }

func (b breadth) votes(cfg *Settings) votes {
	halvings := func(n, whole int) int { return min(bits.Len(uint(max(n-1, 0)/whole)), maxHalvings) }
	return votes{
		buying: halvings(b.bought, cfg.BoughtBreadth),
		// Looking costs nothing, and pairs grow with its square.
		browsing: 2 * max(halvings(b.browsed, cfg.BrowsedBreadth), halvings(b.sessions, cfg.Sittings)),
	}
}

// votesOf returns the votes of a visitor with the first from lines and with all
// of them. A visitor whose votes change is counted anew; on the way up that
// happens at most maxHalvings times for each of the three bounds.
func (w *walker) votesOf(lines []profile.Line, from int) (before, after votes) {
	if len(lines) <= min(w.cfg.BoughtBreadth, w.cfg.BrowsedBreadth, w.cfg.Sittings) {
		return votes{}, votes{}
	}
	b, a := w.breadth(lines, from)
	return b.votes(w.cfg), a.votes(w.cfg)
}

// Expected is the votes, in VoteUnits, that two items would have beside each
// other if all votes of each were spread as everybody's are.
func (c *Counts) Expected(k Kind, i, j uint32) float64 {
	if c.votes[k] == 0 {
		return 0
	}
	return float64(c.mass[k][i]) * float64(c.mass[k][j]) / float64(c.votes[k])
}

// Background is the votes, in VoteUnits, that every partner of item gets because
// its visitors take so much besides: what its pairs have per visitor beyond
// company times what an average item's have, or in twice as many usual cases,
// spread evenly over its partners; 0 for nearly every item of an honest shop. Few
// huge cases can lift the average, many small ones cannot make cases larger.
func (c *Counts) Background(k Kind, item uint32, company float64) float64 {
	partners, visits := c.partners[k][item], c.occurs[Customers]
	if k == Sessions {
		visits = c.viewings
	}
	if partners == 0 || visits == 0 {
		return 0
	}
	usual := min(float64(c.votes[k])/float64(visits), 2*VoteUnit*float64(c.occurs[k])/float64(c.total[k]))
	excess := float64(c.mass[k][item]) - company*usual*float64(c.Visitors(k, item))
	return max(excess, 0) / float64(partners)
}
