package engine

import (
	"math"
	"slices"
	"strings"

	"osusume/recommend"
	"osusume/recommend/profile"
	"osusume/recommend/weight"
)

// Recommend answers a request. Errors: recommend.CodeInvalid with the field
// (limit, placement, model, filter...); unknown customers, sessions and items
// are no error.
func (v *View) Recommend(req *recommend.Request) (recommend.Answer, error) {
	limit, err := checkLimit(req.Limit)
	if err != nil {
		return recommend.Answer{}, err
	}
	name := req.Placement
	if name == "" {
		name = DefaultPlacement
	}
	place, ok := v.settings.Placements[name]
	if !ok {
		return recommend.Answer{}, recommend.Invalid("placement", "must be one of %s, got %q", strings.Join(v.Placements(), ", "), name)
	}
	if req.Model != "" && v.model(req.Model) == nil {
		return recommend.Answer{}, recommend.Invalid("model", "must be one of %s, got %q", strings.Join(v.Models(), ", "), req.Model)
	}
	bounds, err := boundsOf(req, place)
	if err != nil {
		return recommend.Answer{}, err
	}
	s := v.borrow()
	defer v.giveBack(s)
	if err := s.filter.Compile(v.catalog, &req.Filter); err != nil {
		return recommend.Answer{}, err
	}
	who := v.subject(req)
	v.context(s, req, who)
	v.hideKnown(s, req, place, who.visitor)
	m := v.model(modelOf(req, place, s, who.visitor))
	v.score(s, m, who.visitor)
	if place.Rotate > 0 && who.visitor != nil {
		v.rotate(s, place.Rotate, who.visitor)
	}
	arrival := scored{item: noItem}
	if place.Explore > 0 && !req.NoExplore && len(v.newcomers.list) > 0 {
		if bounds.newcomers = v.explores(place.Explore, limit, req); bounds.newcomers > 0 {
			arrival = v.scoreNewcomers(s)
		}
	}
	l := list{v: v, s: s, limit: limit, req: req, bounds: bounds}
	s.top.reset(bounds.pool(limit))
	v.pick(s, m)
	chosen := l.tryNewcomer(l.choose(), arrival)
	l.addRanked(m, who.visitor, chosen)
	if m.cfg.NoFallback {
		l.fillCatalog()
		l.loose = true // bounds give way before the list stays short
		l.fillCatalog()
	} else {
		l.fill()
	}
	return l.answer(m.name), nil
}

// modelOf chooses the model: the one asked for, else the placement's for this
// kind of visitor and list.
func modelOf(req *recommend.Request, place Placement, s *scratch, p *profile.Visitor) string {
	switch {
	case req.Model != "":
		return req.Model
	case place.Browsing != "" && len(s.session) > 0 && !hasBought(p):
		return place.Browsing
	case place.New != "" && req.Repeat == recommend.RepeatExclude:
		return place.New
	default:
		return place.Model
	}
}

func hasBought(p *profile.Visitor) bool {
	return p != nil && slices.ContainsFunc(p.Lines, profile.Line.Bought)
}

func checkLimit(limit int) (int, error) {
	if limit == 0 {
		return recommend.DefaultLimit, nil
	}
	if limit < 1 || limit > recommend.MaxLimit {
		return 0, recommend.Invalid("limit", "must be between 1 and %d, got %d", recommend.MaxLimit, limit)
	}
	return limit, nil
}

func (v *View) model(name string) *model {
	for i := range v.models {
		if v.models[i].name == name {
			return &v.models[i]
		}
	}
	return nil
}

func (v *View) borrow() *scratch {
	s := v.scratch.get()
	s.reset(v.catalog)
	return s
}

func (v *View) giveBack(s *scratch) {
	var clean *scratch // none when zero panics
	defer func() { v.scratch.put(clean) }()
	s.zero()
	clean = s
}

// score sums the model's signals into acc and the personal rates into extra.
func (v *View) score(s *scratch, m *model, p *profile.Visitor) {
	v.profiles(s, m, p)
	v.addNeighbours(s, m)
	v.addHabits(s, m, p)
}

// profiles builds the profiles of the model's signals.
func (v *View) profiles(s *scratch, m *model, p *profile.Visitor) {
	for len(s.profiles) < len(m.signals) {
		s.profiles = append(s.profiles, nil)
	}
	for k := range m.signals {
		s.profiles[k] = v.profile(s, &m.signals[k], p, s.profiles[k][:0])
	}
}

// addNeighbours sums the model's signals into acc.
func (v *View) addNeighbours(s *scratch, m *model) {
	s.near = s.near[:0]
	for k := range m.signals {
		s.near = v.lists[m.signals[k].set].appendOf(s.near, s.profiles[k])
	}
	near := s.near
	for k := range m.signals {
		v.accumulate(s, near[:len(s.profiles[k])], s.profiles[k])
		near = near[len(s.profiles[k]):]
		sig := &m.signals[k]
		if sig.Self > 0 {
			for _, pi := range s.profiles[k] {
				s.touch(pi.item)
				s.acc[pi.item] += float32(sig.Self) * pi.weight
			}
		}
	}
}

// addHabits sums the personal rates into extra.
func (v *View) addHabits(s *scratch, m *model, p *profile.Visitor) {
	if m.cfg.Personal.Weight > 0 && p != nil {
		v.scorePersonal(s, m, p)
	}
}

// appendOf appends the lists of the items of a profile.
func (f *frozenLists) appendOf(near []weight.List, items []profileItem) []weight.List {
	for _, pi := range items {
		near = append(near, f.of(pi.item))
	}
	return near
}

// accumulate adds up near, the neighbours of the items of a profile. Lists lie far
// apart, and waiting for each in turn would take longer than adding: all that fit
// the nearest cache are asked for in one go, first where they end, then the rest.
func (v *View) accumulate(s *scratch, near []weight.List, items []profileItem) {
	n, touched := len(s.touched), s.touched[:cap(s.touched)]
	for len(near) > 0 {
		now := min(len(near), fetchLists)
		for _, l := range near[:now] {
			s.ahead += l.Of()
		}
		for _, l := range near[:now] {
			s.ahead += fetch(l.Cells())
		}
		for k, l := range near[:now] {
			n = addUp(s.acc, touched, n, l.Cells(), items[k].weight)
		}
		near, items = near[now:], items[now:]
	}
	s.touched = touched[:n]
}

// fetchLists is how many lists are asked for at a time: 100 neighbours of each take
// 25 kB.
const fetchLists = 32

// addUp adds the cells times weight to acc and notes those that were 0 in
// touched[n:]; it returns the new n. This is where the time of an answer goes, so
// it does not branch on whether a cell is new, which nobody can foretell: its item
// is written behind the touched ones every time, and the end of those moves on
// only when the sum was 0.
func addUp(acc []float32, touched []uint32, n int, cells []weight.Cell, weight float32) int {
	for k := range cells {
		item := cells[k].Item
		sum := acc[item]
		touched[n] = item
		if math.Float32bits(sum) == 0 {
			n++
		}
		acc[item] = sum + weight*cells[k].Value
	}
	return n
}

// fetch reads a word of each cache line of cells.
func fetch(cells []weight.Cell) uint32 {
	var sum uint32
	for k := 0; k < len(cells); k += 64 / 8 {
		sum += cells[k].Item
	}
	return sum
}

// scorePersonal adds how often the visitor bought each item.
func (v *View) scorePersonal(s *scratch, m *model, p *profile.Visitor) {
	cfg := &m.cfg.Personal
	var total float64
	group := ^uint32(0)
	for _, l := range p.Lines {
		// Lines of an order lie together, but for orders at the same second.
		if l.Kind == recommend.Purchase && l.Group != group {
			group = l.Group
			total += float64(decay(v.age(l), cfg.HalfLifeDays))
		}
	}
	unit := float32(cfg.Weight)
	if !cfg.Lines {
		unit /= float32(math.Pow(total+1, cfg.Power))
	}
	for k, l := range p.Lines {
		if l.Kind != recommend.Purchase || (!cfg.Lines && repeatsLine(p.Lines[:k], l)) {
			continue
		}
		s.touch(l.Item)
		u := unit * decay(v.age(l), cfg.HalfLifeDays)
		if cfg.Trend > 0 && m.cfg.Trend.Power > 0 {
			u *= float32(math.Pow(float64(v.trend(m, l.Item)), cfg.Trend/m.cfg.Trend.Power))
		}
		s.addExtra(l.Item, u)
	}
}

// repeatsLine reports whether one of the lines just before, of the same order,
// has the same item.
func repeatsLine(lines []profile.Line, l profile.Line) bool {
	for k := len(lines) - 1; k >= 0 && lines[k].Group == l.Group; k-- {
		if lines[k].Item == l.Item {
			return true
		}
	}
	return false
}

// rank picks the best and puts them into the top list, worst first.
func (v *View) rank(s *scratch, m *model) {
	v.pick(s, m)
	s.selection.into(&s.top)
}

// pick selects the best, as many as the top list is to have, of what was scored, new
// arrivals among them, and of what only sells lately.
func (v *View) pick(s *scratch, m *model) {
	s.selection.sums = v.sum(s, m, s.selection.sums[:0])
	v.pickScored(s, m)
}

// pickScored is pick once the scores are summed.
func (v *View) pickScored(s *scratch, m *model) {
	t := &s.selection
	t.begin(v.catalog, s.top.k)
	floor, touched := t.least(), s.touched // more are touched below
	for k, score := range t.sums[:len(touched)] {
		if score >= floor && s.shows(touched[k]) {
			t.add(scored{touched[k], score})
			floor = t.least()
		}
	}
	for k, score := range t.sums[len(touched):] {
		if score >= floor && s.shows(s.fresh[k].item) {
			t.add(scored{s.fresh[k].item, score})
			floor = t.least()
			s.arrive(s.fresh[k])
		}
	}
	if m.recent >= 0 {
		recent, unit := v.popular.buyers[m.recent], v.recentUnit(m)
		for _, j := range v.popular.ranked[m.recent] {
			score := unit * float32(recent[j])
			if !t.wants(score) {
				break // ranked is descending, and rotation only lowers
			}
			score *= s.rotated(j)
			if t.wants(score) && s.acc[j] == 0 && s.extraOf(j) == 0 && s.shows(j) {
				t.add(scored{j, score})
			}
		}
	}
	t.settle()
}

// sum returns the final scores of the touched items and then of the fresh ones, in
// the memory of sums, which is empty.
func (v *View) sum(s *scratch, m *model, sums []float32) []float32 {
	all := len(s.touched) + len(s.fresh)
	sums = slices.Grow(sums, all)[:all]
	f, unit := &v.popular.figures, v.recentUnit(m)
	switch {
	case m.figures >= 0 && f.many != nil:
		scaled(s, f.many, f.of[m.figures], unit, sums)
	case m.figures >= 0:
		scaled(s, f.few, f.of[m.figures], unit, sums)
	case m.recent >= 0:
		recent := v.popular.buyers[m.recent]
		for k, j := range s.touched {
			sums[k] = s.acc[j] + s.extraOf(j) + float32(unit*float32(at(recent, j)))
		}
		for k, c := range s.fresh {
			sums[len(s.touched)+k] = c.score + float32(unit*float32(at(recent, c.item)))
		}
	default:
		for k, j := range s.touched {
			sums[k] = s.acc[j] + s.extraOf(j)
		}
		for k, c := range s.fresh {
			sums[len(s.touched)+k] = c.score
		}
	}
	if s.rotation != nil {
		for k, j := range s.touched {
			sums[k] *= s.rotated(j)
		}
		for k, c := range s.fresh {
			sums[len(s.touched)+k] *= s.rotated(c.item)
		}
	}
	return sums
}

// recentUnit is what one recent buyer is worth to the model.
func (v *View) recentUnit(m *model) float32 {
	if m.recent < 0 {
		return 0
	}
	return float32(m.cfg.Recent.Weight) / float32(max(v.popular.most[m.recent], 1))
}

// list collects an answer.
type list struct {
	v      *View
	s      *scratch
	req    *recommend.Request
	limit  int
	items  []recommend.Recommendation
	stages []recommend.Stage
	// bounds hold until loose.
	bounds bounds
	loose  bool
	// reasons holds the reasons of all items, so that they take one allocation.
	reasons []recommend.Reason
}

// one keeps a reason and returns it as the only one of an item.
func (l *list) one(r recommend.Reason) []recommend.Reason {
	if l.reasons == nil {
		l.reasons = make([]recommend.Reason, 0, l.limit)
	}
	l.reasons = append(l.reasons, r)
	n := len(l.reasons)
	return l.reasons[n-1 : n : n]
}

func (l *list) full() bool { return len(l.items) >= l.limit }

// add appends an item and hides it from later stages.
func (l *list) add(item uint32, score float64, stage recommend.Stage, reasons []recommend.Reason) {
	l.s.hide(item)
	if l.items == nil {
		l.items = make([]recommend.Recommendation, 0, l.limit)
		l.stages = make([]recommend.Stage, 0, 4)
	}
	l.items = append(l.items, recommend.Recommendation{
		ItemID: l.v.catalog.ID(item), Score: score, Stage: stage, Reasons: reasons,
	})
	if !slices.Contains(l.stages, stage) {
		l.stages = append(l.stages, stage)
	}
}

// fill adds trending items, bestsellers and at last anything eligible. Bounds on
// likeness give way only when nothing else is left.
func (l *list) fill() {
	for _, loose := range [...]bool{false, true} {
		l.loose = loose
		p := l.v.popular
		for _, j := range p.trending {
			if l.full() {
				return
			}
			if l.wants(j) {
				l.fillIn(j, recommend.StageTrending, l.popularReason(recommend.ReasonTrending, j, trendingDays))
			}
		}
		for _, j := range p.bestsellers {
			if l.full() {
				return
			}
			if at(p.buyers[0], j) > 0 && l.wants(j) {
				l.fillIn(j, recommend.StageBestseller, l.popularReason(recommend.ReasonBestseller, j, 0))
			}
		}
		l.fillCatalog()
	}
}

// fillCatalog adds anything eligible, by external id.
func (l *list) fillCatalog() {
	if l.full() {
		return
	}
	for j := range l.v.catalog.InOrder(l.s.filter.Mask()) {
		if l.full() {
			return
		}
		if l.wants(j) {
			l.fillIn(j, recommend.StageCatalog, l.one(recommend.Reason{Code: recommend.ReasonInCatalog}))
		}
	}
}

func (l *list) wants(item uint32) bool {
	return l.s.shows(item) && (l.loose || l.fits(item))
}

func (l *list) fillIn(item uint32, stage recommend.Stage, reasons []recommend.Reason) {
	l.take(item)
	l.add(item, 0, stage, reasons)
}

func (l *list) answer(model string) recommend.Answer {
	l.v.texts(l.req, l.items)
	return recommend.Answer{
		Items: l.items, Stages: l.stages, Model: model,
		AppliedSeq: l.v.seq, AsOf: l.v.asOf,
	}
}

// at returns counts[i], 0 for items that came later.
func at(counts []uint32, i uint32) uint32 {
	if int(i) >= len(counts) {
		return 0
	}
	return counts[i]
}
