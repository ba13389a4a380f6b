package engine

import (
	"iter"
	"math"
	"slices"

	"osusume/recommend"
	"osusume/recommend/weight"
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
		supports := near.Supports()
		for n, c := range near.Cells() {
			if l.full() {
				break
			}
			if s.shows(c.Item) {
				l.add(c.Item, float64(c.Value), recommend.StageRelated, l.one(recommend.Reason{
					Code: together(v.lists[set].kind), ItemID: req.ItemID, Support: supports[n], Of: near.Of(),
				}))
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

// slack is more than what rounding can make of a logarithm and its exponential.
const slack = 1 + 1e-9

// addSimilar appends items that may stand in for item: of the same leaf
// category or family where those are known, ordered by how often people who
// view one view the other, and by attributes and price.
func (l *list) addSimilar(item uint32, set int) {
	v, s := l.v, l.s
	leaf, family, brand, price := v.catalog.Leaf(item), v.catalog.Family(item), v.catalog.Brand(item), v.catalog.Price(item)
	near := v.lists[set].of(item)
	candidates := s.candidates[:0]
	for _, c := range near.Cells() {
		s.touch(c.Item)
		s.acc[c.Item] += min(c.Value/v.lists[set].scale, 1)
		candidates = append(candidates, c.Item)
	}
	alike := func(all iter.Seq[uint32]) {
		n := 0
		for j := range all {
			candidates = append(candidates, j)
			if n++; n == maxAlike {
				return
			}
		}
	}
	if family != 0 {
		alike(v.catalog.InFamily(family).All())
	}
	if leaf != 0 {
		alike(v.catalog.InLeaf(leaf).All())
	}
	s.candidates = candidates
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
		if q := v.catalog.Price(j); price > 0 && q > 0 {
			// What follows is the ratio of the lesser price to the greater, within
			// far less than the slack, but slower: it is for those that may enter.
			if most := score + sharePrice*slack*min(price/q, q/price); s.top.full() && float32(most) < s.top.worst() {
				continue
			}
			score += sharePrice * math.Exp(-math.Abs(math.Log(price/q)))
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
		if coViewed := shareCoViewed * s.acc[r.item]; coViewed > 0 && coViewed >= r.score-coViewed { // what gave most of the score
			n := slices.IndexFunc(near.Cells(), func(c weight.Cell) bool { return c.Item == r.item })
			reason = recommend.Reason{Code: recommend.ReasonViewedTogether, ItemID: l.req.ItemID, Support: near.Supports()[n], Of: near.Of()}
		}
		l.add(r.item, float64(r.score), recommend.StageSimilar, l.one(reason))
	}
}
