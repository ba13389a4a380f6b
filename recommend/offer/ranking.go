package offer

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// Ranking orders offers of one priority.
type Ranking uint8

// The rankings.
const (
	// ByID is ascending id.
	ByID Ranking = iota
	// Thompson draws for each offer how likely it is to be accepted, from what
	// came of showing it so far, and puts what is expected to bring most first.
	// An offer shown seldom has a wide range to draw from, so it gets its chance;
	// the better one is known the more often it wins.
	Thompson
)

// Draw is what Thompson ranking has drawn for an offer.
type Draw struct {
	Outcomes
	// Share is the drawn share of views that are accepted, of
	// Beta(1 + accepted, 1 + views - accepted).
	Share float64
	// Expected is what offers are ordered by: the share, times the margin of one
	// acceptance in yen if all offers of the race have one.
	Expected float64
}

// runner is an offer that may be shown, in a race of those of one priority.
type runner struct {
	entry *entry
	place int // in Decision.Trace when explained
	draw  Draw
}

// run draws for all and orders them. The draws follow from the seed of the
// request and the offers' ids alone: another offer in the race does not change
// them, unless it has no margin.
func run(race []runner, r *Request) {
	margins := !slices.ContainsFunc(race, func(n runner) bool { return n.entry.offer.MarginYen == 0 })
	for i := range race {
		n := &race[i]
		o := &n.entry.offer
		if r.Outcomes != nil {
			n.draw.Outcomes = r.Outcomes(o.ID)
		}
		n.draw.Share = draw(r.seed(), o.ID, n.draw.Outcomes)
		n.draw.Expected = n.draw.Share
		if margins {
			n.draw.Expected *= float64(o.MarginYen)
		}
	}
	slices.SortStableFunc(race, func(a, b runner) int { return cmp.Compare(b.draw.Expected, a.draw.Expected) })
}

func (r *Request) seed() string {
	if r.Seed != "" {
		return r.Seed
	}
	return r.DecisionID
}

// draw is a random number of Beta(1 + accepted, 1 + views - accepted) that seed
// and offerID decide.
func draw(seed, offerID string, o Outcomes) float64 {
	key := make([]byte, 0, 128)
	key = append(append(append(key, seed...), 0), offerID...)
	sum := sha256.Sum256(key)
	src := rand.NewPCG(binary.BigEndian.Uint64(sum[:]), binary.BigEndian.Uint64(sum[8:]))
	return distuv.Beta{Alpha: 1 + float64(o.Accepted), Beta: 1 + float64(o.Views-o.Accepted), Src: src}.Rand()
}
