package cooccur

import "math"

// Settings bound and shape the counts. The zero value takes the defaults; -1
// lifts a window.
type Settings struct {
	// OrderWindow, CustomerWindow and SessionWindow bound how far apart in
	// order of first appearance two distinct items of one order, customer or
	// session may be to count as a pair, so that no bulk buyer or bot weighs
	// more than its window. Defaults 250, 250, 50.
	OrderWindow    int `yaml:"order_window,omitempty"`
	CustomerWindow int `yaml:"customer_window,omitempty"`
	SessionWindow  int `yaml:"session_window,omitempty"`
	// StepWindow and StepLambda shape the directional session weight
	// exp(-(d-1)/StepLambda) for d <= StepWindow steps apart. Defaults 40, 1.5.
	StepWindow int     `yaml:"step_window,omitempty"`
	StepLambda float64 `yaml:"step_lambda,omitempty"`
	// SessionHalfLifeDays is the half-life of a session's weight, at least 14.
	// Default 80.
	SessionHalfLifeDays float64 `yaml:"session_half_life_days,omitempty"`
	// BoughtBreadth and BrowsedBreadth are how many distinct items a visitor may
	// buy and browse with whole votes; each doubling beyond halves those of a buyer
	// and quarters those of a browser. Defaults 32 and 128.
	BoughtBreadth  int `yaml:"bought_breadth,omitempty"`
	BrowsedBreadth int `yaml:"browsed_breadth,omitempty"`
	// Sittings is how many sessions a visitor may have with whole votes; each
	// doubling beyond quarters them. Default 32.
	Sittings int `yaml:"sittings,omitempty"`
	// Revisits is how often a session's steps may come back to an item. Default 1.
	Revisits int `yaml:"revisits,omitempty"`
}

// WithDefaults returns s with its zero values replaced.
func (s Settings) WithDefaults() Settings {
	def := func(v *int, d int) {
		switch {
		case *v == 0:
			*v = d
		case *v < 0:
			*v = math.MaxInt
		}
	}
	def(&s.OrderWindow, 250)
	def(&s.CustomerWindow, 250)
	def(&s.SessionWindow, 50)
	def(&s.StepWindow, 40)
	def(&s.BoughtBreadth, 32)
	def(&s.BrowsedBreadth, 128)
	def(&s.Sittings, 32)
	def(&s.Revisits, 1)
	if s.StepLambda <= 0 {
		s.StepLambda = 1.5
	}
	if s.SessionHalfLifeDays <= 0 {
		s.SessionHalfLifeDays = 80
	}
	s.SessionHalfLifeDays = max(s.SessionHalfLifeDays, 14)
	return s
}
