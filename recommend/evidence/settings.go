package evidence

import "math"

// Settings shape the counts. The zero value takes the defaults.
type Settings struct {
	// ChoiceDays is how long after a look a purchase still answers it. Default 7.
	ChoiceDays int `yaml:"choice_days,omitempty"`
	// UpgradeDays is how long after a purchase another one in the family still
	// follows from it. Default 730.
	UpgradeDays int `yaml:"upgrade_days,omitempty"`
	// FamilyLines is how many lines of a visitor count in one family, the newest.
	// Default 128.
	FamilyLines int `yaml:"family_lines,omitempty"`
	// ItemOrder counts what is bought before what per pair of items of different
	// leaf categories, beside per pair of leaves. It takes 8 bytes for nearly
	// every pair of items that a customer bought one after the other.
	ItemOrder bool `yaml:"item_order,omitempty"`
}

const (
	secondsPerDay = 86400
	// mostLines bounds the lines of a visitor in all families together.
	mostLines = 2048
	// mostFirsts bounds the leaves, and the items, whose first purchase counts.
	mostFirsts = 64
)

// WithDefaults returns s with what is not positive replaced.
func (s Settings) WithDefaults() Settings {
	def := func(v *int, d, most int) {
		if *v <= 0 {
			*v = d
		}
		*v = min(*v, most)
	}
	def(&s.ChoiceDays, 7, math.MaxUint32/secondsPerDay)
	def(&s.UpgradeDays, 730, math.MaxUint32/secondsPerDay)
	def(&s.FamilyLines, 128, mostLines)
	return s
}
