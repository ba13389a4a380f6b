package engine

import (
	"slices"

	"osusume/recommend"
	"osusume/recommend/cooccur"
	"osusume/recommend/profile"
	"osusume/recommend/weight"
)

// maxReasons bounds the reasons of an item in an explained answer.
const maxReasons = 3

// ground is one contribution to the score of a ranked item.
type ground struct {
	score       float32
	code        recommend.ReasonCode
	stage       recommend.Stage
	from        uint32 // the item it links to, noItem for none
	support, of uint32
}

const noItem = ^uint32(0)

// grounds keeps the strongest evidence of each place of a list, strongest first;
// of equals the first to come. Two signals may rest on the same evidence: it is
// kept once, with the greater score.
type grounds struct {
	keep int
	n    []int    // by place
	best []ground // keep per place
}

func (g *grounds) reset(places, keep int) {
	g.keep = keep
	g.n = slices.Grow(g.n[:0], places)[:places]
	clear(g.n)
	g.best = slices.Grow(g.best[:0], places*keep)[:places*keep]
}

// of returns what is kept for a place.
func (g *grounds) of(place int) []ground {
	return g.best[place*g.keep:][:g.n[place]]
}

// weak reports whether evidence of that score would not be kept.
func (g *grounds) weak(place int, score float32) bool {
	n := g.n[place]
	return n == g.keep && score <= g.best[place*g.keep+n-1].score
}

func (g *grounds) add(place int, e ground) {
	if g.weak(place, e.score) {
		return
	}
	row, n := g.best[place*g.keep:][:g.keep], g.n[place]
	same := slices.IndexFunc(row[:n], func(o ground) bool { return o.code == e.code && o.from == e.from })
	switch {
	case same >= 0 && row[same].score >= e.score:
		return
	case same >= 0:
		copy(row[same:], row[same+1:n])
		n--
	case n == g.keep:
		n--
	}
	at := n
	for at > 0 && row[at-1].score < e.score {
		at--
	}
	copy(row[at+1:n+1], row[at:n])
	row[at] = e
	g.n[place] = n + 1
}

// addRanked appends the ranked items with the stage and the reasons that
// contributed most to each.
func (l *list) addRanked(m *model, p *profile.Visitor, ranked []scored) {
	s := l.s
	most := 1
	if l.req.Explain {
		most = maxReasons
	}
	s.grounds.reset(len(ranked), most)
	if len(s.arrivals) > 0 {
		for k, r := range ranked {
			if s.arrived(r.item) {
				l.arrivalEvidence(k, r.item, m)
			}
		}
	}
	// The accumulator has done its work: it now holds each ranked item's place.
	s.clear()
	clear(s.marks[:])
	for k, r := range ranked {
		s.touched = append(s.touched, r.item)
		s.acc[r.item] = float32(k + 1)
		s.marks[r.item/64%64] |= 1 << (r.item % 64)
	}
	near := s.near
	for k := range m.signals {
		l.signalEvidence(&m.signals[k], m, s.profiles[k], near)
		near = near[len(s.profiles[k]):]
	}
	if m.cfg.Personal.Weight > 0 && p != nil {
		l.personalEvidence(ranked, p)
	}
	if m.recent >= 0 {
		for k, r := range ranked {
			l.recentEvidence(k, r.item, m)
		}
	}
	for k, r := range ranked {
		stage, reasons := l.told(s.grounds.of(k))
		l.add(r.item, float64(r.score), stage, reasons)
	}
}

// arrivalEvidence is what a new arrival got for its likeness to others. It stands
// for what the signals gave, which was less.
func (l *list) arrivalEvidence(place int, item uint32, m *model) {
	l.s.grounds.add(place, ground{
		score: l.s.acc[item] * l.v.trend(m, item), code: recommend.ReasonNewArrival,
		stage: recommend.StageExplore, from: l.v.mostAlike(item),
	})
}

// signalEvidence finds what the signal's profile items, whose neighbours begin
// lists, gave to ranked items, but for arrivals.
func (l *list) signalEvidence(sig *signal, m *model, items []profileItem, lists []weight.List) {
	s, v := l.s, l.v
	stage, code := l.stageOf(sig.From), together(v.lists[sig.set].kind)
	for k, pi := range items {
		near := lists[k]
		for n, c := range near.Cells() {
			j := c.Item
			// Hardly one in ten neighbours is ranked; the marks say so without a
			// look into the accumulator.
			if s.marks[j/64%64]>>(j%64)&1 == 0 || s.acc[j] == 0 || s.arrived(j) {
				continue
			}
			place, score := int(s.acc[j])-1, pi.weight*c.Value*v.trend(m, j)
			if !s.grounds.weak(place, score) {
				s.grounds.add(place, ground{score, code, stage, pi.item, near.Supports()[n], near.Of()})
			}
		}
		if j := pi.item; sig.Self > 0 && s.acc[j] > 0 && !s.arrived(j) {
			s.grounds.add(int(s.acc[j])-1, ground{
				score: float32(sig.Self) * pi.weight * v.trend(m, j), code: recommend.ReasonRecentlyViewed, stage: stage, from: j,
			})
		}
	}
}

func together(k cooccur.Kind) recommend.ReasonCode {
	switch k {
	case cooccur.Orders:
		return recommend.ReasonBoughtTogether
	case cooccur.Customers:
		return recommend.ReasonAlsoBought
	default:
		return recommend.ReasonViewedTogether
	}
}

func (l *list) stageOf(from Source) recommend.Stage {
	switch {
	case from == FromBought:
		return recommend.StageForYou
	case from == FromSession:
		return recommend.StageSession
	case len(l.req.Cart) == 0 && l.req.ItemID != "":
		return recommend.StageRelated
	default:
		return recommend.StageCart
	}
}

// personalEvidence says in how many of their orders the visitor bought each item.
func (l *list) personalEvidence(ranked []scored, p *profile.Visitor) {
	s := l.s
	distinct := func(bought func(profile.Line) bool) uint32 {
		s.orders = s.orders[:0]
		for _, line := range p.Lines {
			// Most lines of an order lie together.
			if n := len(s.orders); bought(line) && (n == 0 || s.orders[n-1] != line.Group) {
				s.orders = append(s.orders, line.Group)
			}
		}
		slices.Sort(s.orders)
		return uint32(len(slices.Compact(s.orders)))
	}
	all := uint32(0)
	for k, r := range ranked {
		if s.extra[r.item] == 0 {
			continue
		}
		if all == 0 {
			all = distinct(func(line profile.Line) bool { return line.Kind == recommend.Purchase })
		}
		with := distinct(func(line profile.Line) bool { return line.Item == r.item && line.Kind == recommend.Purchase })
		s.grounds.add(k, ground{
			score: s.extra[r.item], code: recommend.ReasonBuyAgain,
			stage: recommend.StageForYou, from: noItem, support: with, of: all,
		})
	}
}

func (l *list) recentEvidence(place int, item uint32, m *model) {
	p := l.v.popular
	buyers := l.v.recent(m, item)
	if buyers == 0 {
		return
	}
	l.s.grounds.add(place, ground{
		score: float32(m.cfg.Recent.Weight) * float32(buyers) / float32(max(p.most[m.recent], 1)),
		code:  recommend.ReasonBestseller, stage: recommend.StageBestseller, from: noItem,
		support: buyers, of: uint32(windows[m.recent]),
	})
}

// told turns the evidence of one item, strongest first, into its stage and its
// reasons.
func (l *list) told(found []ground) (recommend.Stage, []recommend.Reason) {
	if len(found) == 0 {
		return recommend.StageCatalog, l.one(recommend.Reason{Code: recommend.ReasonInCatalog})
	}
	from := len(l.reasons)
	for _, e := range found {
		r := recommend.Reason{Code: e.code, Support: e.support, Of: e.of}
		if e.from != noItem {
			r.ItemID = l.v.catalog.ID(e.from)
		}
		l.one(r)
	}
	return found[0].stage, l.reasons[from:len(l.reasons):len(l.reasons)]
}

// popularReason is the reason of an item that is there because it sells.
func (l *list) popularReason(code recommend.ReasonCode, item uint32, days int) []recommend.Reason {
	return l.one(recommend.Reason{Code: code, Support: at(l.v.popular.buyers[windowIndex(days)], item), Of: uint32(days)})
}
