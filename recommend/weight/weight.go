// Package weight turns co-occurrence counts into neighbour lists: per item, the
// other items a recommendation may come from, best first, each with the weight
// that scoring adds up and the support that explains it.
//
// The closed forms below are computed from one row and the single counts, so a
// row can be brought up to date by itself whenever it was touched.
//
// # Robust counts
//
// Unless Spec.Raw says otherwise, cases are not counted as they come: a few
// visitors who push an item by placing many orders, by buying or looking at
// everything with it, could put it into every list. Instead
//
//   - C is the votes of package cooccur: each visitor counts once per pair, and
//     for less the more they take; ci and cj are distinct visitors
//   - a neighbour j needs MinSupport distinct visitors, and a 16th of as many
//     votes; a learned one needs one visitor who does not take everything
//   - votes that come with anything else are left out: where the visitors of j
//     take far more besides than is usual in this shop, what that gives to each
//     partner of j, times prominence, is no evidence for any of them
//
// Steps and learned weights are multiplied with the part of the votes that stays.
// The bounds are far outside of what honest items of known shops reach, so that
// their lists change little.
package weight

import (
	"fmt"
	"math"
	"time"

	"osusume/recommend/cooccur"
)

// Formula names how a weight follows from counts. With C the number of cases
// (orders, customers or sessions) with both items, ci and cj with each, and N
// of all:
type Formula string

// The formulas.
const (
	Cooccurrence Formula = "cooccurrence" // C
	Conditional  Formula = "conditional"  // C / ci, the probability of j given i
	Cosine       Formula = "cosine"       // C / (sqrt(ci cj) + shrink), Sarwar et al. 2001
	Jaccard      Formula = "jaccard"      // C / (ci + cj - C)
	// LLR is Dunning's G2 (Computational Linguistics 19(1), 1993) of the 2x2
	// table, positive associations only; with Root its square root.
	LLR Formula = "llr"
	// Steps is the directional session weight: M / (row sum + shrink)^RowPower
	// / cj^ColumnPower, with M the decayed weight of j after i plus Backward
	// times that of j before i.
	Steps Formula = "steps"
	// SLIM and Walk weights are learned in the background; see Learned.
	SLIM Formula = "slim"
	Walk Formula = "walk"
)

// Spec is everything a neighbour list depends on besides the counts. It is
// comparable: models with equal specs share lists.
type Spec struct {
	Formula Formula `yaml:"formula"`
	// Over is what is counted: orders, customers or sessions. Steps is always
	// over sessions.
	Over string `yaml:"over"`
	// Neighbours is how many to keep per item; 0 is 100, -1 all.
	Neighbours int `yaml:"neighbours,omitempty"`
	// MinSupport is the least C of a neighbour; 0 is 1.
	MinSupport uint32  `yaml:"min_support,omitempty"`
	Shrink     float64 `yaml:"shrink,omitempty"`
	Root       bool    `yaml:"root,omitempty"`
	// Raw counts every case for as much, whoever it comes from; see Robust counts
	// in the package doc.
	Raw bool `yaml:"raw,omitempty"`
	// Steps only.
	Backward    float64 `yaml:"backward,omitempty"`
	RowPower    float64 `yaml:"row_power,omitempty"`
	ColumnPower float64 `yaml:"column_power,omitempty"`
	// Learned is for SLIM and Walk only.
	Learned Learned `yaml:"learned,omitempty"`
}

// DefaultNeighbours is the length of a list when a Spec names none.
const DefaultNeighbours = 100

// keep is how many of n neighbours the spec keeps.
func (s Spec) keep(n int) int {
	switch {
	case s.Neighbours == 0:
		return DefaultNeighbours
	case s.Neighbours < 0:
		return n
	default:
		return s.Neighbours
	}
}

// IsLearned reports whether the weights are computed in the background from all
// cases at once; see Learned.
func (s Spec) IsLearned() bool { return s.Formula == SLIM || s.Formula == Walk }

// Kind is the count the spec is over.
func (s Spec) Kind() cooccur.Kind {
	switch {
	case s.Over == "customers":
		return cooccur.Customers
	case s.Over == "sessions" || s.Formula == Steps:
		return cooccur.Sessions
	default:
		return cooccur.Orders
	}
}

// Validate checks that the spec names known things and finite numbers.
func (s Spec) Validate() error {
	switch s.Formula {
	case Cooccurrence, Conditional, Cosine, Jaccard, LLR, SLIM, Walk:
	case Steps:
		if s.Over != "" && s.Over != "sessions" {
			return fmt.Errorf("weights over %q: steps are over sessions", s.Over)
		}
	default:
		return fmt.Errorf("unknown weight formula %q", s.Formula)
	}
	switch s.Over {
	case "orders", "customers", "sessions":
	case "":
		if s.Formula != Steps {
			return fmt.Errorf("weights %s: over must be orders, customers or sessions", s.Formula)
		}
	default:
		return fmt.Errorf("weights over %q: must be orders, customers or sessions", s.Over)
	}
	for _, v := range [...]float64{
		s.Shrink, s.Backward, s.RowPower, s.ColumnPower,
		s.Learned.L1, s.Learned.L2, s.Learned.HalfLifeDays, float64(s.Learned.Candidates),
		s.Learned.CasePower, s.Learned.ItemPower,
	} {
		if !(v >= 0 && v < 1e9) {
			return fmt.Errorf("weights %s: parameters must be finite and not negative, got %v", s.Formula, v)
		}
	}
	return nil
}

type candidate struct {
	item, support uint32
	weight        float64
}

// Builder makes lists; it keeps scratch space and belongs to one goroutine.
type Builder struct {
	// Less orders items of equal weight (by external id).
	Less func(a, b uint32) bool
	// Longest is the most neighbours a list may have, whatever its spec says; 0 is
	// no bound.
	Longest    int
	candidates []candidate
	cells      []Cell
	supports   []uint32
	powers     []powers
	row        row
	keys       []uint64    // of candidates, see top
	sorted     []candidate // what top returns
}

// row is what the counts say of the pairs of one item, gathered once for all
// lists over one kind.
type row struct {
	pairs         []pair
	after, before float64 // sums over the pairs
}

// pair is the evidence for one neighbour.
type pair struct {
	item uint32
	cooccur.Session
	// single and visitors are the neighbour's own; distinct is the votes, in whole
	// ones, that stand out from what goes with it anyway.
	single, visitors uint32
	distinct         float64
}

// Gather reads the pairs of item, of one kind, for the Builds that follow.
func (b *Builder) Gather(c *cooccur.Counts, kind cooccur.Kind, item uint32) {
	r := &b.row
	r.pairs, r.after, r.before = r.pairs[:0], 0, 0
	note := func(other uint32, s cooccur.Session) {
		r.pairs = append(r.pairs, pair{
			item: other, Session: s, single: c.Single(kind, other), visitors: c.Visitors(kind, other),
			distinct: distinct(c, kind, other, s.Pair),
		})
		r.after += s.After
		r.before += s.Before
	}
	if kind == cooccur.Sessions {
		c.EachSession(item, note)
		return
	}
	c.Each(kind, item, func(other uint32, p cooccur.Pair) { note(other, cooccur.Session{Pair: p}) })
}

// Build returns the neighbours of item under spec as of now. The pairs of the
// item, of the spec's kind, must have been gathered and not have changed since.
func (b *Builder) Build(c *cooccur.Counts, spec *Spec, item uint32, now time.Time) List {
	b.candidates = b.candidates[:0]
	if spec.Formula == Steps {
		b.steps(c, spec, now)
	} else {
		b.closedForm(c, spec, item)
	}
	return b.list(spec, c.Single(spec.Kind(), item))
}

// BuildLearned returns the list of item, whose learned weights to others are
// given. Pairs without support, which lie outside the windows of the counts, are
// left out: nothing could explain them. MinSupport is for the closed form that
// serves until the weights are learned.
func (b *Builder) BuildLearned(c *cooccur.Counts, spec *Spec, item uint32, weights []Cell) List {
	b.candidates = b.candidates[:0]
	kind := spec.Kind()
	for _, cell := range weights {
		p := c.Pair(kind, item, cell.Item)
		w := float64(cell.Value)
		if !spec.Raw {
			if p.Visitors == 0 {
				continue
			}
			w *= share(distinct(c, kind, cell.Item, p), p)
		}
		if p.Support > 0 {
			b.add(&Spec{}, cell.Item, p.Support, w)
		}
	}
	return b.list(spec, c.Single(kind, item))
}

// list keeps the best candidates.
func (b *Builder) list(spec *Spec, of uint32) List {
	keep := spec.keep(len(b.candidates))
	if b.Longest > 0 {
		keep = min(keep, b.Longest)
	}
	best := b.top(keep)
	b.cells, b.supports = b.cells[:0], b.supports[:0]
	for _, cand := range best {
		b.cells = append(b.cells, Cell{cand.item, float32(cand.weight)})
		b.supports = append(b.supports, cand.support)
	}
	return MakeList(b.cells, b.supports, of)
}

func (b *Builder) add(spec *Spec, item, support uint32, weight float64) {
	if support >= spec.MinSupport && weight > 1e-30 && weight < 1e30 {
		b.candidates = append(b.candidates, candidate{item, support, weight})
	}
}

func (b *Builder) closedForm(c *cooccur.Counts, spec *Spec, item uint32) {
	kind := spec.Kind()
	ci, n := float64(c.Single(kind, item)), float64(c.Total(kind))
	if !spec.Raw {
		ci = float64(c.Visitors(kind, item))
		if kind == cooccur.Orders {
			n = float64(c.Total(cooccur.Customers))
		}
	}
	for k := range b.row.pairs {
		p := &b.row.pairs[k]
		both, cj := float64(p.Support), float64(p.single)
		if !spec.Raw {
			both, cj = p.distinct, float64(p.visitors)
			if p.Visitors < spec.MinSupport || both < leastVote*float64(spec.MinSupport) {
				continue
			}
		}
		var w float64
		switch spec.Formula {
		case Conditional, Walk: // until the walk is learned, its plain form serves
			w = both / (ci + spec.Shrink)
		case Cosine, SLIM: // until SLIM is learned, cosine serves
			w = both / (math.Sqrt(ci*cj) + spec.Shrink)
		case Jaccard:
			w = both / (ci + cj - both + spec.Shrink)
		case LLR:
			w = G2(both, ci, cj, n)
			if spec.Root {
				w = math.Sqrt(w)
			}
		default:
			w = both
		}
		b.add(spec, p.item, p.Support, w)
	}
}

// See Robust counts in the package doc.
const (
	// company is how much else the visitors of an item may take, as a multiple of
	// what those of an average item take, before it is background. In shops and
	// ratings looked at, one item in a hundred reaches 1.6 among buyers and 4
	// among the viewers of rarely seen items.
	company    = 3
	prominence = 3
	// leastVote, times MinSupport, is the least sum of votes of a neighbour.
	leastVote = 1. / 16
)

// distinct is the votes for a pair that stand out from what goes with other
// anyway.
func distinct(c *cooccur.Counts, kind cooccur.Kind, other uint32, p cooccur.Pair) float64 {
	votes := float64(p.Votes)
	if b := c.Background(kind, other, company); b > 0 {
		votes = max(votes-prominence*b, 0)
	}
	return votes / cooccur.VoteUnit
}

// share is the part of the votes that is distinct.
func share(distinct float64, p cooccur.Pair) float64 {
	if p.Votes == 0 {
		return 0
	}
	return distinct * cooccur.VoteUnit / float64(p.Votes)
}

// G2 is Dunning's log-likelihood ratio statistic of two items that occur in ci
// and cj of n cases and together in both, 0 when they occur together no more
// often than by chance.
func G2(both, ci, cj, n float64) float64 {
	if both*n <= ci*cj {
		return 0
	}
	xlogx := func(x float64) float64 {
		if x <= 0 {
			return 0
		}
		return x * math.Log(x)
	}
	k12, k21, k22 := ci-both, cj-both, n-ci-cj+both
	g := 2 * (xlogx(both) + xlogx(k12) + xlogx(k21) + xlogx(k22) -
		xlogx(ci) - xlogx(n-ci) - xlogx(cj) - xlogx(n-cj) + xlogx(n))
	return max(g, 0)
}

func (b *Builder) steps(c *cooccur.Counts, spec *Spec, now time.Time) {
	decay := c.Decay(now)
	row := math.Pow((b.row.after+spec.Backward*b.row.before)*decay+spec.Shrink, spec.RowPower)
	if row <= 0 {
		return
	}
	for k := range b.row.pairs {
		p := &b.row.pairs[k]
		w := (p.After + spec.Backward*p.Before) * decay / row
		if spec.ColumnPower > 0 {
			w /= b.power(p.single, spec.ColumnPower)
		}
		if !spec.Raw {
			w *= share(p.distinct, p.Pair)
		}
		b.add(spec, p.item, p.Support, w)
	}
}

// powers are those of the numbers from 0 on.
type powers struct {
	to float64
	of []float64
}

// power is math.Pow(n, to), remembered for the numbers that occur most.
func (b *Builder) power(n uint32, to float64) float64 {
	const known = 1024
	if n >= known {
		return math.Pow(float64(n), to)
	}
	for k := range b.powers {
		if b.powers[k].to == to {
			return b.powers[k].of[n]
		}
	}
	p := powers{to: to, of: make([]float64, known)}
	for k := range p.of {
		p.of[k] = math.Pow(float64(k), to)
	}
	b.powers = append(b.powers, p)
	return p.of[n]
}
