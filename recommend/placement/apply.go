package placement

import (
	"slices"

	"osusume/recommend"
	"osusume/recommend/condition"
)

// Rules are the rules in force for one list, by descending priority, then id.
type Rules struct{ rules []*rule }

// Pinned lists the items that rules want at a place, in the order they get one.
func (r *Rules) Pinned() []string {
	var items []string
	for _, rule := range r.rules {
		if rule.Action == Pin {
			items = append(items, rule.ItemIDs...)
		}
	}
	return items
}

// Shown is one place of a list after the rules.
type Shown struct {
	Item *recommend.Item
	// From is the item's place among the candidates, -1 for one that was not.
	From int
	// Rules are the ids of those that moved it, in order of priority.
	Rules []string
}

// Effect is what rules made of a list.
type Effect struct {
	Shown []Shown
	// Removed are the candidates that were filtered or hidden, by place, and the
	// rule that did it.
	Removed []Removed
}

// Removed is a candidate that a rule took out.
type Removed struct {
	From int
	Rule string
}

// Apply orders candidates, best first, by the rules and keeps limit of them.
// input is what conditions may ask about besides the item. pinned returns an
// item that may be shown though it is no candidate, nil when it may not.
func (r *Rules) Apply(candidates []*recommend.Item, input condition.Input, limit int, pinned func(id string) *recommend.Item) Effect {
	var effect Effect
	var judge judge
	judge.input = input
	type standing struct {
		Shown
		place  float64
		buried bool
	}
	var list []standing
	removed := map[string]bool{}
	for i, item := range candidates {
		s := standing{Shown: Shown{Item: item, From: i}, place: float64(i + 1)}
		by := r.remover(&judge, item)
		if by != "" {
			removed[item.ID] = true
			effect.Removed = append(effect.Removed, Removed{From: i, Rule: by})
			continue
		}
		for _, rule := range r.rules {
			if (rule.Action != Boost && rule.Action != Bury) || !judge.holds(rule, item) {
				continue
			}
			s.Rules = append(s.Rules, rule.ID)
			if rule.Action == Bury {
				s.buried = true
			} else {
				s.place /= rule.Factor
			}
		}
		list = append(list, s)
	}
	// The order of candidates decides between equal places.
	slices.SortStableFunc(list, func(a, b standing) int {
		switch {
		case a.buried != b.buried:
			if a.buried {
				return 1
			}
			return -1
		case a.buried:
			return 0
		case a.place < b.place:
			return -1
		case a.place > b.place:
			return 1
		default:
			return 0
		}
	})

	taken := map[int]Shown{}
	isPinned := map[string]bool{}
	for _, rule := range r.rules {
		if rule.Action != Pin {
			continue
		}
		for k, id := range rule.ItemIDs {
			if isPinned[id] || removed[id] {
				continue
			}
			s := Shown{From: -1}
			if at := slices.IndexFunc(list, func(s standing) bool { return s.Item.ID == id }); at >= 0 {
				s = list[at].Shown
			} else if s.Item = pinned(id); s.Item == nil || r.remover(&judge, s.Item) != "" {
				continue
			}
			if !judge.holds(rule, s.Item) {
				continue
			}
			place := rule.Position - 1 + k
			for _, full := taken[place]; full; _, full = taken[place] {
				place++
			}
			s.Rules = append(s.Rules[:len(s.Rules):len(s.Rules)], rule.ID)
			taken[place], isPinned[id] = s, true
		}
	}
	next := 0
	for place := 0; len(effect.Shown) < limit; place++ {
		if s, ok := taken[place]; ok {
			effect.Shown = append(effect.Shown, s)
			delete(taken, place)
			continue
		}
		for next < len(list) && isPinned[list[next].Item.ID] {
			next++
		}
		switch {
		case next < len(list):
			effect.Shown = append(effect.Shown, list[next].Shown)
			next++
		case len(taken) == 0:
			return effect
		}
		// A pin beyond the end of a short list moves up to it.
	}
	return effect
}

// remover returns the first rule that takes item out of the list, "" for none.
func (r *Rules) remover(j *judge, item *recommend.Item) string {
	for _, rule := range r.rules {
		switch {
		case rule.Action == Filter && !j.holds(rule, item), rule.Action == Hide && j.holds(rule, item):
			return rule.ID
		}
	}
	return ""
}

// judge asks conditions about one item after the other.
type judge struct {
	input      condition.Input
	item       condition.Item
	bound      *recommend.Item
	activation condition.Activation
}

func (j *judge) holds(r *rule, item *recommend.Item) bool {
	if r.condition == nil {
		return true
	}
	if j.bound != item {
		j.item = ItemOf(item)
		j.input.Item = &j.item
		j.activation.Bind(&j.input)
		j.bound = item
	}
	return r.condition.Eval(&j.activation) == condition.True
}

// ItemOf is what conditions may ask about an item.
func ItemOf(it *recommend.Item) condition.Item {
	out := condition.Item{
		ID: it.ID, GroupID: it.GroupID, Family: it.Family, Brand: it.Brand, Role: string(it.Role),
		Category: it.Category, Tags: it.Tags, Attributes: it.Attributes,
	}
	if it.Price != (recommend.Money{}) {
		out.Price = condition.Known(it.Price.Amount)
	}
	if it.Stock != nil {
		out.Stock = condition.Known(*it.Stock)
	}
	if it.RatingCount > 0 || it.Rating > 0 {
		out.Rating = condition.Known(it.Rating)
	}
	return out
}
