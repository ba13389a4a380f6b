package engine

import (
	"slices"

	"osusume/recommend"
	"osusume/recommend/cooccur"
	"osusume/recommend/profile"
)

// maxReasons bounds the reasons of an item in an explained answer.
const maxReasons = 3

// evidence is one contribution to the score of a ranked item.
type evidence struct {
	rank        int // place of the item in the list
	score       float32
	code        recommend.ReasonCode
	stage       recommend.Stage
	from        uint32 // the item it links to, noItem for none
	support, of uint32
}

const noItem = ^uint32(0)

// addRanked appends the ranked items with the stage and the reasons that
// contributed most to each.
func (l *list) addRanked(m *model, p *profile.Visitor, ranked []scored) {
	s := l.s
	s.evidence = s.evidence[:0]
	for k, r := range ranked {
		if s.arrived(r.item) {
			l.arrivalEvidence(k, r.item, m)
		}
	}
	// The accumulator has done its work: it now holds each ranked item's place.
	for _, j := range s.touched {
		s.acc[j] = 0
	}
	for k, r := range ranked {
		s.touch(r.item)
		s.acc[r.item] = float32(k + 1)
	}
	for k := range m.signals {
		l.signalEvidence(&m.signals[k], m, s.profiles[k])
	}
	for k, r := range ranked {
		if m.cfg.Personal.Weight > 0 && s.extra[r.item] > 0 && p != nil {
			l.personalEvidence(k, r.item, p)
		}
		if m.recent >= 0 {
			l.recentEvidence(k, r.item, m)
		}
	}
	slices.SortStableFunc(s.evidence, func(a, b evidence) int {
		switch {
		case a.rank != b.rank:
			return a.rank - b.rank
		case a.score > b.score:
			return -1
		case a.score < b.score:
			return 1
		default:
			return 0
		}
	})
	rest := s.evidence
	for k, r := range ranked {
		n := 0
		for n < len(rest) && rest[n].rank == k {
			n++
		}
		stage, reasons := l.reasons(rest[:n])
		rest = rest[n:]
		l.add(r.item, float64(r.score), stage, reasons)
	}
}

// arrivalEvidence is what a new arrival got for its likeness to others. It stands
// for what the signals gave, which was less.
func (l *list) arrivalEvidence(rank int, item uint32, m *model) {
	score := l.s.acc[item]
	if m.trend >= 0 && int(item) < len(l.v.popular.trends[m.trend]) {
		score *= l.v.popular.trends[m.trend][item]
	}
	stage, reasons := l.v.newcomerReason(item)
	from, _ := l.v.catalog.Lookup(reasons[0].ItemID)
	l.s.evidence = append(l.s.evidence, evidence{rank: rank, score: score, code: reasons[0].Code, stage: stage, from: from})
}

// signalEvidence finds what the signal's profile items gave to ranked items,
// but for arrivals.
func (l *list) signalEvidence(sig *signal, m *model, items []profileItem) {
	s, v := l.s, l.v
	lists := &v.lists[sig.set]
	note := func(j, from uint32, score float32, code recommend.ReasonCode, support, of uint32) {
		if m.trend >= 0 && int(j) < len(v.popular.trends[m.trend]) {
			score *= v.popular.trends[m.trend][j]
		}
		s.evidence = append(s.evidence, evidence{
			rank: int(s.acc[j]) - 1, score: score, code: code,
			stage: l.stageOf(sig.From), from: from, support: support, of: of,
		})
	}
	for _, pi := range items {
		near := lists.of(pi.item)
		for n, j := range near.Items {
			if s.acc[j] > 0 && !s.arrived(j) {
				note(j, pi.item, pi.weight*near.Weights[n], together(lists.kind), near.Support[n], near.of)
			}
		}
		if sig.Self > 0 && s.acc[pi.item] > 0 && !s.arrived(pi.item) {
			note(pi.item, pi.item, float32(sig.Self)*pi.weight, recommend.ReasonRecentlyViewed, 0, 0)
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

// personalEvidence says in how many of their orders the visitor bought item.
func (l *list) personalEvidence(rank int, item uint32, p *profile.Visitor) {
	orders, with := make(map[uint32]bool), uint32(0)
	for _, line := range p.Lines {
		if !line.Bought() {
			continue
		}
		if line.Item == item && !orders[line.Group] {
			orders[line.Group] = true
			with++
		} else if _, seen := orders[line.Group]; !seen {
			orders[line.Group] = false
		}
	}
	l.s.evidence = append(l.s.evidence, evidence{
		rank: rank, score: l.s.extra[item], code: recommend.ReasonBuyAgain,
		stage: recommend.StageForYou, from: noItem, support: with, of: uint32(len(orders)),
	})
}

func (l *list) recentEvidence(rank int, item uint32, m *model) {
	p := l.v.popular
	buyers := at(p.buyers[m.recent], item)
	if buyers == 0 {
		return
	}
	e := evidence{
		rank: rank, score: float32(m.cfg.Recent.Weight) * float32(buyers) / float32(max(p.most[m.recent], 1)),
		code: recommend.ReasonBestseller, stage: recommend.StageBestseller, from: noItem,
		support: buyers, of: uint32(windows[m.recent]),
	}
	l.s.evidence = append(l.s.evidence, e)
}

// reasons turns the evidence of one item, strongest first, into its stage and
// reasons: one, or up to maxReasons when the request asks to explain.
func (l *list) reasons(found []evidence) (recommend.Stage, []recommend.Reason) {
	if len(found) == 0 {
		return recommend.StageCatalog, []recommend.Reason{{Code: recommend.ReasonInCatalog}}
	}
	most := 1
	if l.req.Explain {
		most = maxReasons
	}
	out := make([]recommend.Reason, 0, most)
	for k, e := range found {
		// Two signals may rest on the same evidence; it is told once.
		if slices.ContainsFunc(found[:k], func(f evidence) bool { return f.code == e.code && f.from == e.from }) {
			continue
		}
		r := recommend.Reason{Code: e.code, Support: e.support, Of: e.of}
		if e.from != noItem {
			r.ItemID = l.v.catalog.ID(e.from)
		}
		if out = append(out, r); len(out) == most {
			break
		}
	}
	return found[0].stage, out
}

// popularReason is the reason of an item that is there because it sells.
func (l *list) popularReason(code recommend.ReasonCode, item uint32, days int) []recommend.Reason {
	return []recommend.Reason{{Code: code, Support: at(l.v.popular.buyers[windowIndex(days)], item), Of: uint32(days)}}
}
