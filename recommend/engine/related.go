package engine

import (
	"math"

	"osusume/recommend"
)

// Related lists items related to req.ItemID, best first; recommend.CodeNotFound
// when the item is unknown. Too few relations are filled with items alike, then
// with what sells, so that the list is as long as asked while items exist.
func (v *View) Related(kind recommend.RelatedKind, req *recommend.Request) (recommend.Answer, error) {
	limit, err := checkLimit(req.Limit)
	if err != nil {
		return recommend.Answer{}, err
	}
	set, ok := v.related[kind]
	if !ok {
		return recommend.Answer{}, recommend.Invalid("kind", "must be also_bought, also_viewed, similar or bought_together, got %q", string(kind))
	}
	item, ok := v.catalog.Lookup(req.ItemID)
	if !ok || v.catalog.Deleted(item) {
		return recommend.Answer{}, recommend.NotFound("item_id", "no item %q", req.ItemID)
	}
	s := v.borrow()
	defer v.giveBack(s)
	if err := s.filter.Compile(v.catalog, &req.Filter); err != nil {
		return recommend.Answer{}, err
	}
	for _, id := range req.Exclude {
		if i, ok := v.catalog.Lookup(id); ok {
			s.hide(i)
		}
	}
	s.hide(item)
	l := list{v: v, s: s, limit: limit, req: req}
	if kind == recommend.Similar {
		l.addSimilar(item, set)
	} else {
		near := v.lists[set].of(item)
		for n, j := range near.Items {
			if l.full() {
				break
			}
			if s.shows(j) {
				l.add(j, float64(near.Weights[n]), recommend.StageRelated, []recommend.Reason{{
					Code: together(v.lists[set].kind), ItemID: req.ItemID, Support: near.Support[n], Of: near.of,
				}})
			}
		}
		if !l.full() {
			l.addSimilar(item, v.related[recommend.Similar])
		}
	}
	l.fill()
	return l.answer(string(kind)), nil
}

// maxAlike bounds how many items of one category, family or brand are compared.
const maxAlike = 2000

// The shares of the parts of likeness; they sum to 1.
const (
	shareCoViewed = 0.4
	shareFamily   = 0.2
	shareLeaf     = 0.25
	shareBrand    = 0.05
	sharePrice    = 0.1
)

// addSimilar appends items that may stand in for item: of the same leaf
// category or family where those are known, ordered by how often people who
// view one view the other, and by attributes and price.
func (l *list) addSimilar(item uint32, set int) {
	v, s := l.v, l.s
	leaf, family, brand := v.catalog.Leaf(item), v.catalog.Family(item), v.catalog.Brand(item)
	near := v.lists[set].of(item)
	for n, j := range near.Items {
		s.touch(j)
		s.acc[j] += min(near.Weights[n]/v.lists[set].scale, 1)
	}
	supports := make(map[uint32]uint32, near.Len())
	for n, j := range near.Items {
		supports[j] = near.Support[n]
	}
	candidates := append([]uint32(nil), near.Items...)
	alike := func(all func(func(uint32) bool)) {
		n := 0
		all(func(j uint32) bool {
			candidates = append(candidates, j)
			n++
			return n < maxAlike
		})
	}
	if family != 0 {
		alike(v.catalog.InFamily(family).All())
	}
	if leaf != 0 {
		alike(v.catalog.InLeaf(leaf).All())
	}
	s.top.reset(l.limit)
	for _, j := range candidates {
		sameLeaf, sameFamily := leaf != 0 && v.catalog.Leaf(j) == leaf, family != 0 && v.catalog.Family(j) == family
		if j == item || (leaf != 0 && !sameLeaf && !sameFamily) || !s.shows(j) {
			continue
		}
		s.hide(j) // once per candidate
		score := shareCoViewed * float64(s.acc[j])
		if sameLeaf {
			score += shareLeaf
		}
		if sameFamily {
			score += shareFamily
		}
		if brand != 0 && v.catalog.Brand(j) == brand {
			score += shareBrand
		}
		if p, q := v.catalog.Price(item), v.catalog.Price(j); p > 0 && q > 0 {
			score += sharePrice * math.Exp(-math.Abs(math.Log(p/q)))
		}
		if score > 0 {
			s.top.push(v.catalog, scored{j, float32(score)})
		}
	}
	for _, r := range s.top.sorted(v.catalog) {
		if l.full() {
			return
		}
		reason := recommend.Reason{Code: recommend.ReasonSimilar, ItemID: l.req.ItemID}
		coViewed := shareCoViewed * s.acc[r.item]
		if n := supports[r.item]; n > 0 && coViewed >= r.score-coViewed { // what gave most of the score
			reason = recommend.Reason{Code: recommend.ReasonViewedTogether, ItemID: l.req.ItemID, Support: n, Of: near.of}
		}
		l.add(r.item, float64(r.score), recommend.StageSimilar, []recommend.Reason{reason})
	}
}
