package api

import (
	"encoding/binary"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"osusume/recommend"
	"osusume/recommend/condition"
	"osusume/recommend/engine"
	"osusume/recommend/live"
	"osusume/recommend/placement"
)

// arrangement is what a shop's configuration makes of one list.
type arrangement struct {
	configuration *live.Configuration
	placement     *placement.Placement // nil for a built-in one
	rules         *placement.Rules     // nil for none
	now           time.Time
	zone          *time.Location
}

// arrangementOf returns what applies to a list of a slot now, nil when nothing does.
func (s *Server) arrangementOf(slot string) *arrangement {
	d := s.shop.Documents()
	if d == nil {
		return nil
	}
	a := arrangement{configuration: d.Configuration(), now: s.clock(), zone: s.shop.Zone()}
	a.placement = a.configuration.Placement(slot)
	a.rules = a.configuration.Rules().InForce(slot, a.now)
	if a.placement == nil && a.rules == nil {
		return nil
	}
	return &a
}

// complete fills in what the slot says and the request does not.
func (a *arrangement) complete(r *listRequest) {
	p := a.placement
	if p == nil {
		return
	}
	if !r.limitGiven && p.Limit > 0 {
		r.Limit = p.Limit
	}
	if r.Model == "" {
		r.Model = p.Model
	}
	f := &r.Filter
	if p.Filter != nil && len(f.Category) == 0 && len(f.Tags) == 0 && f.PriceMin == nil && f.PriceMax == nil {
		f.Category, f.Tags, f.PriceMin, f.PriceMax = p.Filter.Category, p.Filter.Tags, p.Filter.PriceMin, p.Filter.PriceMax
	}
}

// appendKey appends what makes two answers to one request differ.
func (a *arrangement) appendKey(b []byte) []byte {
	if a == nil {
		return b
	}
	b = binary.BigEndian.AppendUint64(append(b, '!'), a.configuration.Revision())
	for _, id := range a.rules.IDs() {
		b = appendField(b, id)
	}
	return b
}

// arrangementNamed is arrangementOf for a list that need not name a slot; one that
// there is not is an error about the field placement.
func (s *Server) arrangementNamed(view *engine.View, slot string) (*arrangement, error) {
	if slot == "" {
		return nil, nil
	}
	a := s.arrangementOf(slot)
	if (a == nil || a.placement == nil) && !slices.Contains(view.Placements(), slot) {
		return nil, s.unknownPlacement("placement", slot, recommend.CodeInvalid)
	}
	return a, nil
}

// sendArranged answers r, which names slot, with what ask finds and the rules of
// the slot make of it. Such an answer is not kept: rules ask about the time, too.
func (s *Server) sendArranged(c echo.Context, w *listWork, view *engine.View, a *arrangement, slot string, head listHead, ask func(*recommend.Request) (recommend.Answer, error)) error {
	r := &w.request
	r.limitGiven = w.query.given("limit")
	r.Placement = slot
	a.complete(r)
	answer, _, err := a.arranged(view, r, ask)
	if err != nil {
		return err
	}
	w.key = a.appendKey(appendRequestFields(w.key, r))
	w.render(view, head, &answer)
	fresh := &cachedAnswer{body: w.body, stages: answer.Stages, items: len(answer.Items)}
	fresh.tag(answer.AppliedSeq)
	return s.sendCached(c, r, head.placement, fresh)
}

// like is the built-in placement a configured one is made like.
func (a *arrangement) like(view *engine.View, slot string) string {
	switch {
	case a.placement == nil:
		return slot
	case a.placement.Like != "":
		return a.placement.Like
	case slices.Contains(view.Placements(), slot):
		return slot
	default:
		return engine.DefaultPlacement
	}
}

const (
	// spareCandidates are asked for beyond the limit, so that rules have
	// something to choose from.
	spareCandidates = 40
	// maxRounds bounds how often more candidates are asked for when rules take
	// items out: a list is short only if too few of about 2,000 are left.
	maxRounds = 20
)

// recommend answers r, which complete has seen, by the arrangement.
func (a *arrangement) recommend(view *engine.View, r *listRequest) (recommend.Answer, error) {
	answer, _, err := a.recommended(view, r)
	return answer, err
}

// recommended is recommend that also tells what the rules did.
func (a *arrangement) recommended(view *engine.View, r *listRequest) (recommend.Answer, placement.Effect, error) {
	like := a.like(view, r.Placement)
	return a.arranged(view, r, func(req *recommend.Request) (recommend.Answer, error) {
		req.Placement = like
		return view.Recommend(req)
	})
}

// arranged answers r with what ask finds, by the rules. The places in the effect
// are those among the candidates it returns beside it.
func (a *arrangement) arranged(view *engine.View, r *listRequest, ask func(*recommend.Request) (recommend.Answer, error)) (recommend.Answer, placement.Effect, error) {
	req := r.Request
	if a.rules == nil {
		answer, err := ask(&req)
		return answer, placement.Effect{}, err
	}
	want := r.Limit
	req.Limit = min(want+spareCandidates, recommend.MaxLimit)
	input := a.input(view, r)
	pinned := func(id string) *recommend.Item {
		it, ok := view.Item(id)
		if !ok || !a.mayPin(r, it) {
			return nil
		}
		return it
	}
	var all recommend.Answer
	var candidates []*recommend.Item
	var effect placement.Effect
	for round := 0; ; round++ {
		answer, err := ask(&req)
		if err != nil {
			return answer, effect, err
		}
		if round == 0 {
			all = answer
			all.Items = nil
		}
		for _, rec := range answer.Items {
			if it, ok := view.Item(rec.ItemID); ok {
				all.Items = append(all.Items, rec)
				candidates = append(candidates, it)
			}
		}
		effect = a.rules.Apply(candidates, input, want, pinned)
		if len(effect.Shown) >= want || len(answer.Items) < req.Limit || round == maxRounds {
			break
		}
		// None twice: the next candidates are those behind these.
		req.Limit = recommend.MaxLimit
		req.Exclude = slices.Clone(r.Exclude)
		for _, it := range candidates {
			req.Exclude = append(req.Exclude, it.ID)
		}
	}
	items := make([]recommend.Recommendation, 0, len(effect.Shown))
	seen := map[recommend.Stage]bool{}
	for _, shown := range effect.Shown {
		rec := recommend.Recommendation{ItemID: shown.Item.ID, Stage: recommend.StagePinned}
		if shown.From >= 0 {
			rec = all.Items[shown.From]
		}
		items = append(items, rec)
		seen[rec.Stage] = true
	}
	all.Items, all.Stages = items, nil
	for _, stage := range stageNames {
		if seen[stage] {
			all.Stages = append(all.Stages, stage)
		}
	}
	return all, effect, nil
}

// mayPin reports whether an item that is no candidate may be shown: it can be
// bought, and the request does not keep it out.
func (a *arrangement) mayPin(r *listRequest, it *recommend.Item) bool {
	if !it.Eligible() && !r.Filter.IncludeUnavailable || it.ID == r.ItemID {
		return false
	}
	if slices.Contains(r.Cart, it.ID) || slices.Contains(r.Exclude, it.ID) {
		return false
	}
	return passes(&r.Filter, it)
}

// passes holds an item against a filter, but for availability.
func passes(f *recommend.Filter, it *recommend.Item) bool {
	if len(f.Category) > 0 && !slices.ContainsFunc(f.Category, func(path string) bool { return below(it.Category, path) }) {
		return false
	}
	for _, tag := range f.Tags {
		if !slices.Contains(it.Tags, tag) {
			return false
		}
	}
	if f.PriceMin == nil && f.PriceMax == nil {
		return true
	}
	if it.Price == (recommend.Money{}) {
		return false
	}
	price := it.Price.Major()
	return (f.PriceMin == nil || price >= *f.PriceMin) && (f.PriceMax == nil || price <= *f.PriceMax)
}

// below reports whether a category path leads through the one written "A/B".
func below(category []string, path string) bool {
	joined := ""
	for i, level := range category {
		if i > 0 {
			joined += "/"
		}
		if joined += level; joined == path {
			return true
		}
	}
	return false
}

// input is what the rules in force may ask about besides the item, worked out
// only as far as they do ask.
func (a *arrangement) input(view *engine.View, r *listRequest) condition.Input {
	in := condition.Input{Now: a.now, Zone: a.zone, Surface: r.Placement}
	if r.CustomerID != "" && a.rules.AskAbout("customer.") {
		in.Customer = &condition.Customer{ID: r.CustomerID, Locale: r.Locale}
		history(in.Customer, view, r.CustomerID, a.now, a.zone)
	}
	if r.Cart != nil && a.rules.AskAbout("cart.") {
		in.Cart = cartOf(view, r.Cart)
	}
	return in
}

// cartOf is a cart of which only the items are known, one piece of each; nil,
// unknown, when the catalog lacks a price.
func cartOf(view *engine.View, ids []string) *condition.Cart {
	cart := &condition.Cart{Count: int64(len(ids)), ItemIDs: ids}
	categories := map[string]bool{}
	for _, id := range ids {
		it, ok := view.Item(id)
		if !ok || it.Price == (recommend.Money{}) || cart.Total > math.MaxInt64-it.Price.Amount {
			return nil
		}
		cart.Total += it.Price.Amount
		levels(categories, it.Category)
	}
	cart.Categories = slices.Sorted(maps.Keys(categories))
	return cart
}
