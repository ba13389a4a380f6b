package upsell

import (
	"math"
	"time"

	"osusume/recommend"
)

// Settings are the parameters of all rules. A zero field takes the default
// named beside it; none of the defaults is tuned.
type Settings struct {
	// Upgrades.
	MinPriceRatio float64 `yaml:"min_price_ratio,omitempty"` // 1.05: of price B to price A
	MaxPriceRatio float64 `yaml:"max_price_ratio,omitempty"` // 1.60
	RatingSlack   float64 `yaml:"rating_slack,omitempty"`    // 0.2: by which B may be rated below A
	PriorWeight   float64 `yaml:"prior_weight,omitempty"`    // 20: customers that the base rate stands for
	FitWidth      float64 `yaml:"fit_width,omitempty"`       // 0.25: percentiles above the usual that weigh exp(-1/2)
	AffinityPrior float64 `yaml:"affinity_prior,omitempty"`  // 3: purchases that a percentile of 0.5 stands for
	MaxUpgrades   int     `yaml:"max_upgrades,omitempty"`    // 3: per answer
	// JustBought is how long after a purchase its family is not upgraded, and
	// how long its accessories are offered: 7 days.
	JustBought time.Duration `yaml:"just_bought,omitempty"`
	// MovesOn is how long after a purchase owners are asked to move on: 730 days.
	MovesOn time.Duration `yaml:"moves_on,omitempty"`

	// Complements.
	MinTogether  uint32  `yaml:"min_together,omitempty"`  // 3: customers who bought both
	MinLift      float64 `yaml:"min_lift,omitempty"`      // 1.2: exclusive
	MinG2        float64 `yaml:"min_g2,omitempty"`        // 10.83: chi-square of one degree at p = 0.001
	MinDirection uint32  `yaml:"min_direction,omitempty"` // 10: customers who bought one before the other
	// WrongWay is the share of those who bought B first from which A is taken
	// to go with B and not B with A: 2/3.
	WrongWay float64 `yaml:"wrong_way,omitempty"`

	// Margins. The rate of an item without a known cost is that of the longest
	// path in CategoryMargins ("Audio/Headphones") that holds it, else MarginRate.
	MarginRate      float64            `yaml:"margin_rate,omitempty"` // 0.3: of the price
	CategoryMargins map[string]float64 `yaml:"category_margins,omitempty"`
	// BundleMargin is the least margin of a bundle as a share of its price: 0.1.
	BundleMargin float64 `yaml:"bundle_margin,omitempty"`

	// Thresholds.
	GapFactor    float64 `yaml:"gap_factor,omitempty"`    // 1.5: the dearest item to propose, as a multiple of the gap
	MaxThreshold int     `yaml:"max_threshold,omitempty"` // 3: per threshold and answer

	// Buying again.
	MinRepeatShare float64 `yaml:"min_repeat_share,omitempty"` // 0.1: RCP, the repeaters' share of the buyers
	MinRepeaters   uint32  `yaml:"min_repeaters,omitempty"`    // 3
	RepeatHorizon  float64 `yaml:"repeat_horizon,omitempty"`   // 7: days
	RepeatPrior    float64 `yaml:"repeat_prior,omitempty"`     // 20: repeaters that the category stands for
	// DefaultShape and DefaultRate are alpha (2) and beta (60 days) where
	// neither item nor category has two repeaters.
	DefaultShape float64 `yaml:"default_shape,omitempty"`
	DefaultRate  float64 `yaml:"default_rate,omitempty"`

	PlanUsage float64 `yaml:"plan_usage,omitempty"` // 0.8: of the limit
	// CoolDown is how long a dismissed item stays away: 30 days.
	CoolDown time.Duration `yaml:"cool_down,omitempty"`
	// EvidenceOf and EvidenceChose are the least customers counted and the
	// least who chose, for evidence to be told: 50 and 5.
	EvidenceOf    uint32 `yaml:"evidence_of,omitempty"`
	EvidenceChose uint32 `yaml:"evidence_chose,omitempty"`
}

const day = 24 * time.Hour

// withDefaults fills in zero fields.
func (s Settings) withDefaults() Settings {
	setDefault(&s.MinPriceRatio, 1.05)
	setDefault(&s.MaxPriceRatio, 1.60)
	setDefault(&s.RatingSlack, 0.2)
	setDefault(&s.PriorWeight, 20)
	setDefault(&s.FitWidth, 0.25)
	setDefault(&s.AffinityPrior, 3)
	setDefault(&s.MaxUpgrades, 3)
	setDefault(&s.JustBought, 7*day)
	setDefault(&s.MovesOn, 730*day)
	setDefault(&s.MinTogether, 3)
	setDefault(&s.MinLift, 1.2)
	setDefault(&s.MinG2, 10.83)
	setDefault(&s.MinDirection, 10)
	setDefault(&s.WrongWay, 2.0/3)
	setDefault(&s.MarginRate, 0.3)
	setDefault(&s.BundleMargin, 0.1)
	setDefault(&s.GapFactor, 1.5)
	setDefault(&s.MaxThreshold, 3)
	setDefault(&s.MinRepeatShare, 0.1)
	setDefault(&s.MinRepeaters, 3)
	setDefault(&s.RepeatHorizon, 7)
	setDefault(&s.RepeatPrior, 20)
	setDefault(&s.DefaultShape, 2)
	setDefault(&s.DefaultRate, 60)
	setDefault(&s.PlanUsage, 0.8)
	setDefault(&s.CoolDown, 30*day)
	setDefault(&s.EvidenceOf, 50)
	setDefault(&s.EvidenceChose, 5)
	return s
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// validate names the first setting that makes no sense.
func (s *Settings) validate() error {
	positive := [...]struct {
		name  string
		value float64
		most  float64
	}{
		{"min_price_ratio", s.MinPriceRatio, 100},
		{"max_price_ratio", s.MaxPriceRatio, 100},
		{"rating_slack", s.RatingSlack, 100},
		{"prior_weight", s.PriorWeight, 1e6},
		{"fit_width", s.FitWidth, 100},
		{"affinity_prior", s.AffinityPrior, 1e6},
		{"just_bought", float64(s.JustBought), math.MaxInt64},
		{"moves_on", float64(s.MovesOn), math.MaxInt64},
		{"min_lift", s.MinLift, 1e6},
		{"min_g2", s.MinG2, 1e6},
		{"wrong_way", s.WrongWay, 1},
		{"margin_rate", s.MarginRate, 1},
		{"bundle_margin", s.BundleMargin, 1},
		{"gap_factor", s.GapFactor, 100},
		{"min_repeat_share", s.MinRepeatShare, 1},
		{"repeat_horizon", s.RepeatHorizon, 3650},
		{"repeat_prior", s.RepeatPrior, 1e6},
		{"default_shape", s.DefaultShape, 1e6},
		{"default_rate", s.DefaultRate, 1e6},
		{"plan_usage", s.PlanUsage, 100},
		{"cool_down", float64(s.CoolDown), math.MaxInt64},
		{"max_upgrades", float64(s.MaxUpgrades), recommend.MaxLimit},
		{"max_threshold", float64(s.MaxThreshold), recommend.MaxLimit},
	}
	for _, p := range positive {
		if !(p.value > 0 && p.value <= p.most) { // NaN fails too
			return recommend.Invalid(p.name, "must be above 0 and at most %v, got %v", p.most, p.value)
		}
	}
	if s.MinPriceRatio <= 1 || s.MaxPriceRatio < s.MinPriceRatio {
		return recommend.Invalid("max_price_ratio", "must not be below min_price_ratio, which must be above 1")
	}
	for path, rate := range s.CategoryMargins {
		if !(rate >= 0 && rate <= 1) {
			return recommend.Invalid("category_margins", "%q must be between 0 and 1, got %v", path, rate)
		}
	}
	return nil
}
