package engine

import (
	"fmt"
	"maps"
	"slices"

	"osusume/recommend"
	"osusume/recommend/cooccur"
	"osusume/recommend/evidence"
	"osusume/recommend/upsell"
	"osusume/recommend/weight"
)

// Settings choose what is counted, how lists are made and which model answers
// where. The zero value takes the defaults; models and placements named here
// replace the default ones of the same name.
type Settings struct {
	Counts cooccur.Settings `yaml:"counts,omitempty"`
	// MaxLines bounds the history kept per visitor, in lines (items of events);
	// the oldest go first. Default 2000, -1 keeps all.
	MaxLines int `yaml:"max_lines,omitempty"`
	// MaxBytes bounds the memory of the index, as View.Stats estimates it: beyond it
	// lists are cut shorter and the pairs of least value dropped. Then the counts
	// of pairs are lower bounds, and an index that grew event by event may differ
	// from a rebuilt one. 0 is no bound. It belongs to the machine, not the shop.
	MaxBytes int64 `yaml:"-"`
	// Neighbours is the length of the neighbour lists whose weights name none, at
	// most 1000. Default 100; shorter lists take less memory and time.
	Neighbours int `yaml:"neighbours,omitempty"`
	// Evidence says what upsell counts.
	Evidence evidence.Settings `yaml:"evidence,omitempty"`
	// RebuyRate is the share of an item's buyers who bought it in at least two
	// orders from which on it may be recommended to those who have it (the
	// repeat customer probability of Bhagat et al., KDD 2018, shrunk). Items of
	// role consumable always may, those of role main and plan never. Default 0.1.
	RebuyRate float64 `yaml:"rebuy_rate,omitempty"`
	// Newcomers say which items are new arrivals.
	Newcomers  Newcomers            `yaml:"newcomers,omitempty"`
	Models     map[string]Model     `yaml:"models,omitempty"`
	Placements map[string]Placement `yaml:"placements,omitempty"`
	// Related are the weights behind /related.
	Related map[recommend.RelatedKind]weight.Spec `yaml:"related,omitempty"`
	// Upsell are the rules of what is suggested beside an item, a cart or an order.
	Upsell upsell.Settings `yaml:"upsell,omitempty"`
}

// Newcomers are items too new to have neighbours; they are scored through the
// items most like them by title, category, family, brand and price.
type Newcomers struct {
	// Days is how long an item is new; 0 is 60, -1 switches newcomers off.
	Days int `yaml:"days,omitempty"`
	// Buyers and Sessions are the counts from which on an item speaks for
	// itself; 0 is 5 and 30.
	Buyers   uint32 `yaml:"buyers,omitempty"`
	Sessions uint32 `yaml:"sessions,omitempty"`
	// Share of the score of the items alike that a newcomer gets; 0 is 0.5.
	Share float64 `yaml:"share,omitempty"`
}

// Placement is a slot of a page.
type Placement struct {
	Model string `yaml:"model"`
	// New is the model of lists that leave out all known items; empty is Model.
	New string `yaml:"new,omitempty"`
	// Browsing is the model for visitors who have bought nothing yet but are
	// looking at something; empty is Model.
	Browsing string `yaml:"browsing,omitempty"`
	// Bought says which items the visitor has bought may be shown again:
	// "rebuy" (the default) those that people re-buy, "always", "never".
	Bought Bought `yaml:"bought,omitempty"`
	// HideSeen keeps items of the current session out of the list.
	HideSeen bool `yaml:"hide_seen,omitempty"`
	// Diversity is that of requests that name none; see recommend.Request.
	Diversity float64 `yaml:"diversity,omitempty"`
	// MaxPerCategory (0 is no bound) and MaxPerGroup (0 is 1, -1 no bound) are
	// those of requests that name none.
	MaxPerCategory int `yaml:"max_per_category,omitempty"`
	MaxPerGroup    int `yaml:"max_per_group,omitempty"`
	// Explore is the share of a list's places that new arrivals may take to be
	// tried, 0 to 0.5; a share below one place is given to that part of the
	// visitors, day by day.
	Explore float64 `yaml:"explore,omitempty"`
	// Rotate weakens an item by Rotate for each time it was shown (view_item_list)
	// in the last two weeks and not touched since: score / (1 + Rotate * shown).
	Rotate float64 `yaml:"rotate,omitempty"`
}

// Bought is a placement's rule for items the visitor has.
type Bought string

// The rules.
const (
	BoughtRebuy  Bought = "rebuy"
	BoughtAlways Bought = "always"
	BoughtNever  Bought = "never"
)

// Model scores item j as
//
//	(sum over signals of Scale * sum over i of p_i W_ij) * trend_j^Trend.Power
//	  + Personal.Weight * personal_j + Recent.Weight * recent_j
//
// with p a profile of the visitor and W neighbour weights.
type Model struct {
	Signals  []Signal `yaml:"signals,omitempty"`
	Trend    Trend    `yaml:"trend,omitempty"`
	Personal Personal `yaml:"personal,omitempty"`
	Recent   Recent   `yaml:"recent,omitempty"`
	// NoFallback fills short lists by item id alone, for measuring the model by
	// itself; otherwise trending items and bestsellers fill them.
	NoFallback bool `yaml:"no_fallback,omitempty"`
}

// Source is where a signal's profile comes from.
type Source string

// The sources.
const (
	FromBought  Source = "bought"  // what the visitor bought (or rated)
	FromSession Source = "session" // the current session, else what was browsed last
	FromCart    Source = "cart"    // the cart and the item looked at
)

// Signal is one profile multiplied with one kind of neighbour lists.
type Signal struct {
	From    Source      `yaml:"from"`
	Weights weight.Spec `yaml:"weights"`
	// Scale multiplies the signal; 0 is 1.
	Scale float64 `yaml:"scale,omitempty"`
	// HalfLifeDays halves a line's weight for every such age; 0 is no decay.
	HalfLifeDays float64 `yaml:"half_life_days,omitempty"`
	// Binary lets an item count once, with its newest line, however often it
	// occurs; sessions and carts always are.
	Binary bool `yaml:"binary,omitempty"`
	// StepDecay weighs the k-th distinct item from the end with exp(-k/StepDecay);
	// 0 is no decay. For sessions.
	StepDecay float64 `yaml:"step_decay,omitempty"`
	// MaxItems keeps the heaviest items of the profile; 0 is 50, -1 all.
	MaxItems int `yaml:"max_items,omitempty"`
	// Normalise makes the profile sum to 1.
	Normalise bool `yaml:"normalise,omitempty"`
	// Self is the weight of an item to itself.
	Self float64 `yaml:"self,omitempty"`
}

// Trend compares an item's share of recent buyers with its share over a year.
type Trend struct {
	Power float64 `yaml:"power,omitempty"` // 0 switches it off
	// Days and BaseDays are windows out of Windows; 0 is 10 and 365.
	Days     int `yaml:"days,omitempty"`
	BaseDays int `yaml:"base_days,omitempty"`
}

// Personal is how often the visitor bought the item: its orders over
// (all orders + 1)^Power; with Lines the number of purchase lines, undivided.
// Orders decay with their age.
type Personal struct {
	Weight float64 `yaml:"weight,omitempty"`
	Power  float64 `yaml:"power,omitempty"`
	Lines  bool    `yaml:"lines,omitempty"`
	// HalfLifeDays halves an order's weight for every such age; 0 is no decay.
	HalfLifeDays float64 `yaml:"half_life_days,omitempty"`
	// Trend is the power of the item's trend ratio the rate is multiplied with.
	Trend float64 `yaml:"trend,omitempty"`
}

// Recent is the item's distinct buyers within Days (0 is all time) over the
// most any item has.
type Recent struct {
	Weight float64 `yaml:"weight,omitempty"`
	Days   int     `yaml:"days,omitempty"`
}

// Windows are the day windows popularity is kept for; 0 is all time.
var windows = [...]int{0, 1, 7, 10, 30, 90, 365}

// windowIndex returns the place of days in windows, -1 when it is none.
func windowIndex(days int) int { return slices.Index(windows[:], days) }

// Windows lists the accepted popularity windows in days; 0 is all time.
func Windows() []int { return append([]int(nil), windows[:]...) }

// DefaultModels returns the models that are always there.
func DefaultModels() map[string]Model {
	steps := weight.Spec{Formula: weight.Steps, Backward: 0.3, Shrink: 10, RowPower: 1, ColumnPower: 0.05}
	stepsNew := weight.Spec{Formula: weight.Steps, Backward: 0.8, Shrink: 10, RowPower: 0.6, ColumnPower: 0.05}
	visits := weight.Spec{Formula: weight.Cosine, Over: "sessions", Shrink: 20}
	tastes := weight.Spec{Formula: weight.SLIM, Over: "customers", Learned: weight.Learned{L1: 1, L2: 100, HalfLifeDays: 90, CasePower: 0.5}}
	lasting := weight.Spec{Formula: weight.SLIM, Over: "customers", Learned: weight.Learned{L1: 1, L2: 150, Candidates: 400}}
	baskets := weight.Spec{Formula: weight.SLIM, Over: "orders", Learned: weight.Learned{L1: 1, L2: 20, HalfLifeDays: 365, CasePower: 0.3}}
	together := weight.Spec{Formula: weight.Walk, Over: "orders", MinSupport: 2, Learned: weight.Learned{HalfLifeDays: 120, CasePower: 0.5, ItemPower: 0.1}}
	session := func(w weight.Spec, self float64) Signal {
		return Signal{From: FromSession, Weights: w, StepDecay: 2, MaxItems: 20, Self: self}
	}
	coViewed := func(scale float64) Signal {
		return Signal{From: FromSession, Weights: visits, StepDecay: 2, MaxItems: 20, Scale: scale}
	}
	browsing := session(stepsNew, 0)
	browsing.HalfLifeDays, browsing.Scale = 3, 0.5
	return map[string]Model{
		"popularity": {Recent: Recent{Weight: 1, Days: 7}},
		"personal":   {Personal: Personal{Weight: 1, Lines: true}, Recent: Recent{Weight: 1e-3, Days: 30}},
		// for_you blends what was bought, what is being looked at, habits and
		// what sells now.
		"for_you": {
			Signals: []Signal{
				{From: FromBought, Weights: tastes, HalfLifeDays: 60, MaxItems: 200, Normalise: true},
				browsing,
			},
			Trend:    Trend{Power: 0.5},
			Personal: Personal{Weight: 0.5, Power: 0.6, Trend: 0.2},
			Recent:   Recent{Weight: 0.1, Days: 10},
		},
		// for_you_new is for lists without known items: habits say nothing, the
		// season says more, and old tastes still tell.
		"for_you_new": {
			Signals: []Signal{
				{From: FromBought, Weights: tastes, HalfLifeDays: 180, MaxItems: 500, Normalise: true},
				browsing,
			},
			Trend:  Trend{Power: 0.9},
			Recent: Recent{Weight: 0.02, Days: 10},
		},
		// discover follows lasting tastes, whatever the season.
		"discover": {Signals: []Signal{
			{From: FromBought, Weights: lasting, Binary: true, MaxItems: 500, Normalise: true},
			browsing,
		}},
		"session": {
			Signals: []Signal{session(steps, 0.3), coViewed(0.3)},
			Trend:   Trend{Power: 0.2},
		},
		"session_new": {
			Signals: []Signal{session(stepsNew, 0), coViewed(0.4)},
			Trend:   Trend{Power: 0.3},
		},
		// A whole cart says what kind of order this is; a single item is best
		// followed by what most often goes with it.
		"cart": {
			Signals: []Signal{{From: FromCart, Weights: baskets, MaxItems: 100}},
			Trend:   Trend{Power: 0.1},
		},
		"item": {
			Signals: []Signal{
				{From: FromCart, Weights: together, MaxItems: 50},
				{From: FromSession, Weights: stepsNew, StepDecay: 2, MaxItems: 20, Scale: 0.2, HalfLifeDays: 1},
			},
			Trend: Trend{Power: 0.1},
		},
	}
}

// DefaultPlacements returns the slots that are always there.
func DefaultPlacements() map[string]Placement {
	return map[string]Placement{
		"home":          {Model: "for_you", New: "for_you_new", Browsing: "session_new", Explore: 0.1, Rotate: 0.1},
		"discover":      {Model: "discover", Browsing: "session_new", Bought: BoughtNever, Explore: 0.1, Rotate: 0.1},
		"item":          {Model: "item"},
		"cart":          {Model: "cart"},
		"session":       {Model: "session", New: "session_new", Bought: BoughtAlways},
		"post_purchase": {Model: "cart", Bought: BoughtNever},
		"email":         {Model: "for_you_new", New: "for_you_new", Browsing: "session_new", Explore: 0.1, Rotate: 0.1},
	}
}

// DefaultPlacement is the slot of a request that names none.
const DefaultPlacement = "home"

// DefaultRelated returns the weights behind /related.
func DefaultRelated() map[recommend.RelatedKind]weight.Spec {
	views := weight.Spec{Formula: weight.Cosine, Over: "sessions", Shrink: 5, MinSupport: 2}
	return map[recommend.RelatedKind]weight.Spec{
		recommend.AlsoBought:     {Formula: weight.Conditional, Over: "customers", MinSupport: 2},
		recommend.BoughtTogether: {Formula: weight.Conditional, Over: "orders", MinSupport: 2},
		recommend.AlsoViewed:     {Formula: weight.Conditional, Over: "sessions", MinSupport: 2},
		recommend.Similar:        views,
	}
}

// withDefaults returns s complete and checked.
func (s Settings) withDefaults() (Settings, error) {
	s.Counts = s.Counts.WithDefaults()
	if s.MaxLines == 0 {
		s.MaxLines = 2000
	}
	if s.RebuyRate == 0 {
		s.RebuyRate = 0.1
	}
	s.Newcomers = s.Newcomers.withDefaults()
	s.Models = over(DefaultModels(), s.Models)
	s.Placements = over(DefaultPlacements(), s.Placements)
	s.Related = over(DefaultRelated(), s.Related)
	switch {
	case s.Neighbours == 0:
		s.Neighbours = weight.DefaultNeighbours
	case s.Neighbours < 1 || s.Neighbours > 1000:
		return s, fmt.Errorf("neighbours must be between 1 and 1000, got %d", s.Neighbours)
	}
	s.setLengths()
	for _, name := range slices.Sorted(maps.Keys(s.Models)) {
		if err := s.Models[name].validate(); err != nil {
			return s, fmt.Errorf("model %s: %w", name, err)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.Placements)) {
		p := s.Placements[name]
		for _, model := range [...]string{p.Model, p.New, p.Browsing} {
			if _, ok := s.Models[model]; !ok && (model != "" || p.Model == "") {
				return s, fmt.Errorf("placement %s: unknown model %q", name, model)
			}
		}
		if err := p.complete(); err != nil {
			return s, fmt.Errorf("placement %s: %w", name, err)
		}
		s.Placements[name] = p
	}
	for kind, spec := range s.Related {
		if err := spec.Validate(); err != nil {
			return s, fmt.Errorf("related %s: %w", kind, err)
		}
	}
	return s, nil
}

// complete fills in the defaults of a placement and checks it.
func (p *Placement) complete() error {
	if p.Bought == "" {
		p.Bought = BoughtRebuy
	}
	if p.MaxPerGroup == 0 {
		p.MaxPerGroup = 1
	}
	switch p.Bought {
	case BoughtRebuy, BoughtAlways, BoughtNever:
	default:
		return fmt.Errorf("bought must be rebuy, always or never, got %q", p.Bought)
	}
	if !(p.Diversity >= 0 && p.Diversity <= 1) {
		return fmt.Errorf("diversity must be between 0 and 1, got %v", p.Diversity)
	}
	if !(p.Explore >= 0 && p.Explore <= 0.5) {
		return fmt.Errorf("explore must be between 0 and 0.5, got %v", p.Explore)
	}
	if !(p.Rotate >= 0 && p.Rotate <= 10) {
		return fmt.Errorf("rotate must be between 0 and 10, got %v", p.Rotate)
	}
	return nil
}

func (n Newcomers) withDefaults() Newcomers {
	if n.Days == 0 {
		n.Days = 60
	}
	if n.Buyers == 0 {
		n.Buyers = 5
	}
	if n.Sessions == 0 {
		n.Sessions = 30
	}
	if n.Share == 0 {
		n.Share = 0.5
	}
	return n
}

// setLengths gives lists whose weights name no length the one of the settings.
func (s *Settings) setLengths() {
	s.Models, s.Related = maps.Clone(s.Models), maps.Clone(s.Related) // Views share them
	for name, m := range s.Models {
		m.Signals = slices.Clone(m.Signals)
		for k := range m.Signals {
			m.Signals[k].Weights = s.complete(m.Signals[k].Weights)
		}
		s.Models[name] = m
	}
	for kind, spec := range s.Related {
		s.Related[kind] = s.complete(spec)
	}
}

// complete fills in the defaults of a spec, so that equal specs compare equal.
func (s *Settings) complete(spec weight.Spec) weight.Spec {
	if spec.Neighbours == 0 {
		spec.Neighbours = s.Neighbours
	}
	if spec.Formula == weight.Steps {
		spec.Over = "sessions"
	}
	return spec
}

func over[K comparable, V any](base, top map[K]V) map[K]V {
	maps.Copy(base, top)
	return base
}

func (m Model) validate() error {
	for i, sig := range m.Signals {
		switch sig.From {
		case FromBought, FromSession, FromCart:
		default:
			return fmt.Errorf("signal %d: from must be bought, session or cart, got %q", i, sig.From)
		}
		if err := sig.Weights.Validate(); err != nil {
			return fmt.Errorf("signal %d: %w", i, err)
		}
		for _, v := range [...]float64{sig.Scale, sig.HalfLifeDays, sig.StepDecay, sig.Self} {
			if !(v >= 0 && v < 1e9) {
				return fmt.Errorf("signal %d: parameters must be finite and not negative, got %v", i, v)
			}
		}
	}
	for _, d := range [...]int{m.Trend.Days, m.Trend.BaseDays, m.Recent.Days} {
		if windowIndex(d) < 0 {
			return fmt.Errorf("windows must be one of %v days, got %d", windows, d)
		}
	}
	for _, v := range [...]float64{m.Trend.Power, m.Personal.Weight, m.Personal.Power, m.Recent.Weight} {
		if !(v >= 0 && v < 1e9) {
			return fmt.Errorf("parameters must be finite and not negative, got %v", v)
		}
	}
	return nil
}
