package recommend

import (
	"math"
	"strconv"
	"time"
)

// Role is the part an item plays in a sale.
type Role string

// The roles.
const (
	RoleNone       Role = ""
	RoleMain       Role = "main"
	RoleAccessory  Role = "accessory"
	RoleConsumable Role = "consumable"
	RolePlan       Role = "plan"
)

// Text is one text in several locales, keyed by language ("ja", "en").
type Text map[string]string

// In returns the text for locale, else English, else Japanese, else the
// alphabetically first one, else "".
func (t Text) In(locale string) string {
	for _, l := range [...]string{locale, "en", "ja"} {
		if s, ok := t[l]; ok {
			return s
		}
	}
	first := ""
	for l := range t {
		if first == "" || l < first {
			first = l
		}
	}
	return t[first]
}

// UpgradeAxis declares an attribute along which a better model is better.
type UpgradeAxis struct {
	Key            string
	Label          Text
	HigherIsBetter bool
}

// PricePeriod is a time during which an item was on sale at one price, tax
// included: from From until before To; a zero To means it still is.
type PricePeriod struct {
	Price    Money
	From, To time.Time
}

// Item is one thing a shop sells. Only ID is required. An item known from
// events alone has nothing but its ID and is recommended like any other.
type Item struct {
	ID string
	// GroupID joins variants of one item; Family joins models of one line.
	GroupID, Family string
	Title           Text
	Category        []string // path, root first
	Brand           string
	Tags            []string
	Role            Role
	// Price is what a customer pays, tax included. Its zero value means unknown.
	Price     Money
	ListPrice Money
	Cost      Money
	TaxRate   float64 // 0.10 is ten percent
	// Unavailable items are never shown; so are items with Stock of 0.
	Unavailable bool
	Stock       *int64 // nil: not counted
	Rating      float64
	RatingCount int64
	Attributes  map[string]string
	UpgradeAxes []UpgradeAxis
	// CompatibleWith holds item ids, group ids or "key=value" attributes.
	CompatibleWith []string
	BundleOf       []string
	URL, ImageURL  string
	// PriceHistory is what the item was sold at, oldest first and without
	// overlaps; between two periods it was not on sale.
	PriceHistory []PricePeriod
}

// Eligible reports whether the item may be shown at all.
func (it *Item) Eligible() bool {
	return !it.Unavailable && (it.Stock == nil || *it.Stock > 0)
}

// Limits on what one item may hold.
const (
	MaxTextBytes      = 4096
	MaxCategoryDepth  = 10
	MaxItemTags       = 100
	MaxItemAttributes = 200
	MaxItemLocales    = 50
	MaxUpgradeAxes    = 50
	MaxPricePeriods   = 200
)

// Validate checks the item against the limits above.
func (it *Item) Validate() error {
	if it.ID == "" {
		return Invalid("item_id", "is required")
	}
	if err := it.validateIDs(); err != nil {
		return err
	}
	if len(it.Category) > MaxCategoryDepth {
		return Invalid("category", "at most %d levels, got %d", MaxCategoryDepth, len(it.Category))
	}
	if len(it.Tags) > MaxItemTags {
		return Invalid("tags", "at most %d tags, got %d", MaxItemTags, len(it.Tags))
	}
	if len(it.Attributes) > MaxItemAttributes {
		return Invalid("attributes", "at most %d attributes, got %d", MaxItemAttributes, len(it.Attributes))
	}
	if len(it.Title) > MaxItemLocales {
		return Invalid("title", "at most %d locales, got %d", MaxItemLocales, len(it.Title))
	}
	if len(it.UpgradeAxes) > MaxUpgradeAxes {
		return Invalid("upgrade_axes", "at most %d axes, got %d", MaxUpgradeAxes, len(it.UpgradeAxes))
	}
	for i := range it.UpgradeAxes {
		if err := it.UpgradeAxes[i].validate(); err != nil {
			return within(indexed("upgrade_axes", i), err)
		}
	}
	for k, v := range it.Attributes {
		if err := ValidateID("attributes", k); err != nil {
			return err
		}
		if len(v) > MaxTextBytes {
			return Invalid("attributes."+k, "must be at most %d bytes", MaxTextBytes)
		}
	}
	for l, s := range it.Title {
		if err := ValidateID("title", l); err != nil {
			return err
		}
		if len(s) > MaxTextBytes {
			return Invalid("title."+l, "must be at most %d bytes", MaxTextBytes)
		}
	}
	if err := validateHistory(it.PriceHistory); err != nil {
		return err
	}
	if len(it.URL) > MaxTextBytes {
		return Invalid("url", "must be at most %d bytes", MaxTextBytes)
	}
	if len(it.ImageURL) > MaxTextBytes {
		return Invalid("image_url", "must be at most %d bytes", MaxTextBytes)
	}
	return it.validateNumbers()
}

func (a *UpgradeAxis) validate() *Error {
	if err := ValidateID("key", a.Key); err != nil {
		return err
	}
	if len(a.Label) > MaxItemLocales {
		return Invalid("label", "at most %d locales, got %d", MaxItemLocales, len(a.Label))
	}
	for l, s := range a.Label {
		if err := ValidateID("label", l); err != nil {
			return err
		}
		if len(s) > MaxTextBytes {
			return Invalid("label."+l, "must be at most %d bytes", MaxTextBytes)
		}
	}
	return nil
}

func validateHistory(periods []PricePeriod) error {
	if len(periods) > MaxPricePeriods {
		return Invalid("price_history", "at most %d periods, got %d", MaxPricePeriods, len(periods))
	}
	for i := range periods {
		p := &periods[i]
		field := indexed("price_history", i)
		if err := p.Price.validate("price"); err != nil {
			return within(field, err)
		}
		if p.From.Before(earliestTime) {
			return Invalid(field+".from", "is required and must not be before %s", earliestTime.Format(time.RFC3339))
		}
		if !p.To.IsZero() && !p.To.After(p.From) {
			return Invalid(field+".to", "must be after from")
		}
		if i == 0 {
			continue
		}
		if last := periods[i-1].To; last.IsZero() || p.From.Before(last) {
			return Invalid(field+".from", "must not be before the end of the period before; only the last period may be open")
		}
	}
	return nil
}

func (it *Item) validateIDs() error {
	ids := [...]struct{ field, value string }{
		{"item_id", it.ID},
		{"item_group_id", it.GroupID},
		{"family", it.Family},
		{"brand", it.Brand},
	}
	for _, id := range ids {
		if id.value == "" {
			continue
		}
		if err := ValidateID(id.field, id.value); err != nil {
			return err
		}
	}
	lists := [...]struct {
		field  string
		values []string
	}{
		{"category", it.Category},
		{"tags", it.Tags},
		{"compatible_with", it.CompatibleWith},
		{"bundle_of", it.BundleOf},
	}
	for _, l := range lists {
		if len(l.values) > MaxEventItems {
			return Invalid(l.field, "at most %d entries, got %d", MaxEventItems, len(l.values))
		}
		for i, v := range l.values {
			if err := ValidateID(indexed(l.field, i), v); err != nil {
				return err
			}
		}
	}
	switch it.Role {
	case RoleNone, RoleMain, RoleAccessory, RoleConsumable, RolePlan:
		return nil
	default:
		return Invalid("role", "must be main, accessory, consumable or plan, got %q", string(it.Role))
	}
}

func (it *Item) validateNumbers() error {
	prices := [...]struct {
		field string
		value Money
	}{{"price", it.Price}, {"list_price", it.ListPrice}, {"cost", it.Cost}}
	for _, p := range prices {
		if p.value == (Money{}) {
			continue
		}
		if err := p.value.validate(p.field); err != nil {
			return err
		}
	}
	if !(it.TaxRate >= 0 && it.TaxRate <= 1) {
		return Invalid("tax_rate", "must be between 0 and 1, got %v", it.TaxRate)
	}
	if !(it.Rating >= 0 && it.Rating <= 100) || math.IsNaN(it.Rating) {
		return Invalid("rating", "must be between 0 and 100, got %v", it.Rating)
	}
	if it.RatingCount < 0 || it.RatingCount > 1e12 {
		return Invalid("rating_count", "must not be negative, got %d", it.RatingCount)
	}
	if it.Stock != nil && (*it.Stock < 0 || *it.Stock > 1e12) {
		return Invalid("stock", "must not be negative, got %d", *it.Stock)
	}
	return nil
}

func indexed(field string, i int) string {
	return field + "[" + strconv.Itoa(i) + "]"
}
