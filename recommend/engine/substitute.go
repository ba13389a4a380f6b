package engine

import (
	"osusume/recommend"
	"osusume/recommend/upsell"
	"osusume/recommend/weight"
)

// looks are the items looked at in one session with an item.
//
// People look at what competes and at what belongs together, so a session alone
// says little. B is taken for a substitute of A, not a complement, if both hold:
//
//   - they are looked at together in many sessions, more than by chance: a lift
//     above lookLift with G2 of at least lookG2,
//   - and that lift is greater than the lift of being bought together by comboFactor
//     or more: they are compared rather than combined.
//
// What is looked at and bought together in like measure, as a phone and its case
// are, stays a complement.
type looks struct {
	v    *View
	near weight.List
}

const (
	lookLift    = 1.2
	lookG2      = 10.83 // chi-square of one degree at p = 0.001
	comboFactor = 2
)

func (v *View) looks(item uint32) looks {
	return looks{v, v.lists[v.related[recommend.AlsoViewed]].of(item)}
}

// compete reports whether the items of p stand in for each other.
func (l *looks) compete(p *upsell.Pair) bool {
	for k, cell := range l.near.Cells() {
		if cell.Item != p.Item {
			continue
		}
		both := l.near.Supports()[k]
		// A list of B tells in how many sessions it was looked at.
		of := l.v.lists[l.v.related[recommend.AlsoViewed]].of(p.Item).Of()
		seen := upsell.Association{
			Both: both, OfA: max(l.near.Of(), both), OfB: max(of, both), All: l.v.popular.sessions,
		}
		bought := upsell.Association{Both: p.Both, OfA: p.OfA, OfB: p.OfB, All: l.v.popular.customers}
		return seen.Lift() > lookLift && seen.G2() >= lookG2 && seen.Lift() >= comboFactor*bought.Lift()
	}
	return false
}
