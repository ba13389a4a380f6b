package placement

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"osusume/recommend"
	"osusume/recommend/condition"
)

// Action is what a rule does to the items its condition holds for.
type Action string

// The actions.
const (
	Filter Action = "filter"
	Hide   Action = "hide"
	Boost  Action = "boost"
	Bury   Action = "bury"
	Pin    Action = "pin"
)

// Status says whether a rule is in force.
type Status string

// The statuses.
const (
	Active Status = "active"
	Paused Status = "paused"
)

// Limits on a rule.
const (
	MaxFactor     = 100
	MaxPins       = 50
	MaxPlacements = 100
	MaxPriority   = 1000
	maxNoteBytes  = 1000
)

// Rule is one merchandising rule as a shop writes it.
type Rule struct {
	ID     string `json:"id"`
	Status Status `json:"status,omitempty"` // empty is active
	// Placements are the slots it works in; none is every one.
	Placements []string  `json:"placements,omitempty"`
	StartsAt   time.Time `json:"starts_at,omitzero"`
	EndsAt     time.Time `json:"ends_at,omitzero"` // exclusive
	Action     Action    `json:"action"`
	// Condition is asked of each candidate; a pin may go without.
	Condition string `json:"condition,omitempty"`
	// Factor is of a boost, above 1 and at most MaxFactor.
	Factor float64 `json:"factor,omitzero"`
	// ItemIDs are pinned from Position on, 1 being the top and the default.
	ItemIDs  []string `json:"item_ids,omitempty"`
	Position int      `json:"position,omitzero"`
	// Priority orders pins; the highest comes first.
	Priority int    `json:"priority,omitzero"`
	Note     string `json:"note,omitempty"`
}

// Validate checks everything but the names of placements. now is the time of the
// write: a rule that ended before it is refused; a zero now takes any end, for
// rules that were stored long ago.
func (r *Rule) Validate(now time.Time) error {
	if err := recommend.ValidateID("id", r.ID); err != nil {
		return err
	}
	switch r.Status {
	case "", Active, Paused:
	default:
		return recommend.Invalid("status", "must be active or paused, got %q", r.Status)
	}
	if err := ids("placements", r.Placements, MaxPlacements); err != nil {
		return err
	}
	if err := window(r.StartsAt, r.EndsAt, now); err != nil {
		return err
	}
	if len(r.Note) > maxNoteBytes {
		return recommend.Invalid("note", "must be at most %d bytes, got %d", maxNoteBytes, len(r.Note))
	}
	if r.Priority < -MaxPriority || r.Priority > MaxPriority {
		return recommend.Invalid("priority", "must be between -%d and %d, got %d", MaxPriority, MaxPriority, r.Priority)
	}
	return r.validateAction()
}

func (r *Rule) validateAction() error {
	switch r.Action {
	case Filter, Hide, Boost, Bury, Pin:
	case "":
		return recommend.Invalid("action", "is required: filter, hide, boost, bury or pin")
	default:
		return recommend.Invalid("action", "must be filter, hide, boost, bury or pin, got %q", r.Action)
	}
	if r.Action == Boost {
		if !(r.Factor > 1 && r.Factor <= MaxFactor) {
			return recommend.Invalid("factor", "must be above 1 and at most %d, got %v", MaxFactor, r.Factor)
		}
	} else if r.Factor != 0 {
		return recommend.Invalid("factor", "is for boost alone")
	}
	if r.Action != Pin {
		switch {
		case r.Condition == "":
			return recommend.Invalid("condition", "is required; write true for every item")
		case len(r.ItemIDs) > 0:
			return recommend.Invalid("item_ids", "is for pin alone; name items in the condition: item.id in ['a', 'b']")
		case r.Position != 0:
			return recommend.Invalid("position", "is for pin alone")
		}
		return nil
	}
	if len(r.ItemIDs) == 0 {
		return recommend.Invalid("item_ids", "is required for pin")
	}
	if err := ids("item_ids", r.ItemIDs, MaxPins); err != nil {
		return err
	}
	if r.Position < 0 || r.Position > recommend.MaxLimit {
		return recommend.Invalid("position", "must be between 1 and %d, got %d", recommend.MaxLimit, r.Position)
	}
	return nil
}

// ids checks a list of distinct ids.
func ids(field string, list []string, most int) error {
	if len(list) > most {
		return recommend.Invalid(field, "at most %d entries, got %d", most, len(list))
	}
	for i, id := range list {
		at := field + "[" + strconv.Itoa(i) + "]"
		if err := recommend.ValidateID(at, id); err != nil {
			return err
		}
		if k := slices.Index(list, id); k < i {
			return recommend.Invalid(at, "is the same as entry %d", k)
		}
	}
	return nil
}

func window(starts, ends, now time.Time) error {
	for _, t := range [...]struct {
		field string
		at    time.Time
	}{{"starts_at", starts}, {"ends_at", ends}} {
		if y := t.at.UTC().Year(); !t.at.IsZero() && (y < 1971 || y > 9999) {
			return recommend.Invalid(t.field, "must lie within the years 1971 to 9999")
		}
	}
	switch {
	case ends.IsZero():
	case !starts.IsZero() && !ends.After(starts):
		return recommend.Invalid("ends_at", "must be after starts_at %s, got %s", starts.Format(time.RFC3339), ends.Format(time.RFC3339))
	case !now.IsZero() && !ends.After(now):
		return recommend.Invalid("ends_at", "must not be in the past, got %s", ends.Format(time.RFC3339))
	}
	return nil
}

// rule is a Rule ready to be asked.
type rule struct {
	Rule
	condition *condition.Condition // nil: holds
	uses      []string             // variables of the condition
}

// Compile checks r as Validate does and compiles its condition.
func Compile(r Rule, now time.Time) (Compiled, error) {
	if err := r.Validate(now); err != nil {
		return Compiled{}, err
	}
	if r.Position == 0 {
		r.Position = 1
	}
	c := &rule{Rule: r}
	if r.Condition != "" {
		var err error
		if c.condition, err = condition.Compile(r.Condition, condition.Rule); err != nil {
			return Compiled{}, err
		}
		c.uses = c.condition.Uses()
	}
	return Compiled{c}, nil
}

// Compiled is a rule ready for a Set.
type Compiled struct{ rule *rule }

// Rule returns what it was compiled from.
func (c Compiled) Rule() Rule { return c.rule.Rule }

// inForce reports whether the rule works in a slot at a time.
func (r *rule) inForce(placement string, now time.Time) bool {
	return r.Status != Paused &&
		(r.StartsAt.IsZero() || !now.Before(r.StartsAt)) &&
		(r.EndsAt.IsZero() || now.Before(r.EndsAt)) &&
		(len(r.Placements) == 0 || slices.Contains(r.Placements, placement))
}

// Set holds the rules of a shop.
type Set struct{ rules []*rule }

// NewSet returns the set of the given rules.
func NewSet(rules []Compiled) *Set {
	s := &Set{rules: make([]*rule, len(rules))}
	for i, c := range rules {
		s.rules[i] = c.rule
	}
	slices.SortFunc(s.rules, func(a, b *rule) int {
		if c := cmp.Compare(b.Priority, a.Priority); c != 0 {
			return c
		}
		return cmp.Compare(a.ID, b.ID)
	})
	return s
}

// With returns the set with c in the place of the rule of its id, for a dry run.
func (s *Set) With(c Compiled) *Set {
	rules := []Compiled{c}
	for _, r := range s.rules {
		if r.ID != c.rule.ID {
			rules = append(rules, Compiled{r})
		}
	}
	return NewSet(rules)
}

// InForce returns the rules of a slot at a time, nil when there are none.
func (s *Set) InForce(placement string, now time.Time) *Rules {
	if s == nil {
		return nil
	}
	var in []*rule
	for _, r := range s.rules {
		if r.inForce(placement, now) {
			in = append(in, r)
		}
	}
	if in == nil {
		return nil
	}
	return &Rules{rules: in}
}

// IDs are those of the rules, by descending priority, then id.
func (r *Rules) IDs() []string {
	if r == nil {
		return nil
	}
	out := make([]string, len(r.rules))
	for i, rule := range r.rules {
		out[i] = rule.ID
	}
	return out
}

// AskAbout reports whether a condition reads a variable that begins with family,
// such as "customer.".
func (r *Rules) AskAbout(family string) bool {
	return slices.ContainsFunc(r.rules, func(rule *rule) bool {
		return slices.ContainsFunc(rule.uses, func(name string) bool { return strings.HasPrefix(name, family) })
	})
}
