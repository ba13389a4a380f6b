package offer

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"osusume/recommend"
	"osusume/recommend/condition"
)

// Limits on one offer.
const (
	MaxPlaces        = 50 // channels, surfaces
	MaxCap           = 1_000_000
	MaxCooldownHours = 24 * 90 // what the ledger remembers at least
	MaxRedemptions   = 1_000_000_000
	MaxPriority      = 1_000_000
	MaxHoldoutBP     = 10_000
	MinBundleItems   = 2
	MaxBundleItems   = 4
)

// ConsentKinds returns the kinds of consent there are.
func ConsentKinds() []string {
	return []string{"personalization", "analytics", "email_marketing", "push"}
}

// Validate checks an offer that is about to be stored. Its error is a
// *recommend.Error that names the field and says what is allowed. Bundles of
// several offers are checked when the offer is put into a Set.
func (o *Offer) Validate(now time.Time) error {
	for _, check := range [...]func(time.Time) *recommend.Error{
		o.checkNames, o.checkTimes, o.checkPlaces, o.checkContent, o.checkBundle, o.checkNumbers, o.checkText,
	} {
		if err := check(now); err != nil {
			return err
		}
	}
	if strings.TrimSpace(o.Condition) == "" {
		return nil
	}
	_, err := condition.Compile(o.Condition, condition.Offer)
	return err
}

func (o *Offer) checkNames(time.Time) *recommend.Error {
	if o.ID == "" {
		return recommend.Invalid("id", "is required")
	}
	if err := recommend.ValidateID("id", o.ID); err != nil {
		return err
	}
	if strings.ContainsAny(o.ID, "/?#") {
		return recommend.Invalid("id", "must not contain /, ? or #, since it is part of a URL")
	}
	switch o.Status {
	case Draft, Active, Paused, Archived:
	default:
		return recommend.Invalid("status", "must be draft, active, paused or archived, got %q", string(o.Status))
	}
	switch o.Type {
	case Discount, Points, Gift, Shipping, Message, ItemShow:
	default:
		return recommend.Invalid("type", "must be discount, points, gift, shipping, message or item, got %q", string(o.Type))
	}
	if o.ExclusivityGroup != "" {
		return recommend.ValidateID("exclusivity_group", o.ExclusivityGroup)
	}
	return nil
}

func (o *Offer) checkTimes(now time.Time) *recommend.Error {
	if o.EndsAt.IsZero() {
		return nil
	}
	if !o.StartsAt.IsZero() && !o.StartsAt.Before(o.EndsAt) {
		return recommend.Invalid("ends_at", "must be after starts_at: it ends %s and starts %s",
			o.EndsAt.Format(time.RFC3339), o.StartsAt.Format(time.RFC3339))
	}
	if o.Status != Archived && o.afterEnd(now) {
		return recommend.Invalid("ends_at", "is past, it is %s now; archive the offer or give it a later end", now.In(o.EndsAt.Location()).Format(time.RFC3339))
	}
	return nil
}

func (o *Offer) checkPlaces(time.Time) *recommend.Error {
	lists := [...]struct {
		field  string
		values []string
		only   []string
	}{
		{"channels", o.Channels, nil},
		{"surfaces", o.Surfaces, nil},
		{"consent", o.Consent, ConsentKinds()},
	}
	for _, l := range lists {
		if len(l.values) > MaxPlaces {
			return recommend.Invalid(l.field, "at most %d entries, got %d", MaxPlaces, len(l.values))
		}
		for i, v := range l.values {
			field := indexed(l.field, i)
			if err := recommend.ValidateID(field, v); err != nil {
				return err
			}
			if slices.Contains(l.values[:i], v) {
				return recommend.Invalid(field, "%q is there twice", v)
			}
			if l.only != nil && !slices.Contains(l.only, v) {
				return recommend.Invalid(field, "must be one of %s, got %q", strings.Join(l.only, ", "), v)
			}
		}
	}
	return nil
}

func (o *Offer) checkContent(time.Time) *recommend.Error {
	if o.ItemID != "" {
		if err := recommend.ValidateID("item_id", o.ItemID); err != nil {
			return err
		}
	}
	switch {
	case o.Type == ItemShow && o.ItemID == "":
		return recommend.Invalid("item_id", "is required for type item")
	case o.Type == Points && o.Value.Points == 0:
		return recommend.Invalid("value.points", "is required for type points")
	default:
		return nil
	}
}

func (o *Offer) checkBundle(time.Time) *recommend.Error {
	if o.Bundle == nil {
		return nil
	}
	ids := o.Bundle.ItemIDs
	if len(ids) < MinBundleItems || len(ids) > MaxBundleItems {
		return recommend.Invalid("bundle.item_ids", "must be %d to %d items, got %d", MinBundleItems, MaxBundleItems, len(ids))
	}
	for i, id := range ids {
		if err := recommend.ValidateID(indexed("bundle.item_ids", i), id); err != nil {
			return err
		}
		if slices.Contains(ids[:i], id) {
			return recommend.Invalid(indexed("bundle.item_ids", i), "%s is there twice", id)
		}
	}
	return nil
}

func (o *Offer) checkNumbers(time.Time) *recommend.Error {
	var price int64
	if o.Bundle != nil {
		price = o.Bundle.PriceYen
	}
	ranges := [...]struct {
		field       string
		value       int64
		least, most int64
	}{
		{"bundle.price_yen", price, 0, recommend.MaxAmount},
		{"caps.per_customer_day", o.Caps.PerCustomerDay, 0, MaxCap},
		{"caps.per_customer_total", o.Caps.PerCustomerTotal, 0, MaxCap},
		{"caps.cooldown_hours", o.Caps.CooldownHours, 0, MaxCooldownHours},
		{"budget.max_redemptions", o.Budget.MaxRedemptions, 0, MaxRedemptions},
		{"budget.max_yen", o.Budget.MaxYen, 0, recommend.MaxAmount},
		{"value.yen", o.Value.Yen, 0, recommend.MaxAmount},
		{"value.points", o.Value.Points, 0, recommend.MaxAmount},
		{"margin_yen", o.MarginYen, 0, recommend.MaxAmount},
		{"priority", o.Priority, -MaxPriority, MaxPriority},
		{"holdout_bp", o.HoldoutBP, 0, MaxHoldoutBP},
	}
	for _, r := range ranges {
		switch {
		case r.value < r.least && r.least == 0:
			return recommend.Invalid(r.field, "must not be negative, got %d", r.value)
		case r.value < r.least || r.value > r.most:
			return recommend.Invalid(r.field, "must be between %d and %d, got %d", r.least, r.most, r.value)
		}
	}
	day, total := o.Caps.PerCustomerDay, o.Caps.PerCustomerTotal
	switch {
	case day > 0 && total > 0 && day > total:
		return recommend.Invalid("caps.per_customer_day", "must be at most per_customer_total of %d, got %d", total, day)
	case o.Budget.MaxYen > 0 && o.CostYen() == 0:
		return recommend.Invalid("value.yen", "is required with budget.max_yen: say what one redemption costs at most")
	case o.Budget.MaxYen > 0 && o.CostYen() > o.Budget.MaxYen:
		return recommend.Invalid("budget.max_yen", "must cover one redemption of %d yen, got %d", o.CostYen(), o.Budget.MaxYen)
	default:
		return nil
	}
}

func (o *Offer) checkText(time.Time) *recommend.Error {
	locales := make([]string, 0, len(o.Text))
	for locale := range o.Text {
		locales = append(locales, locale)
	}
	slices.Sort(locales)
	for _, locale := range locales {
		field, text := "text."+locale, o.Text[locale]
		switch {
		case locale != "ja" && locale != "en":
			return recommend.Invalid("text", "must be in ja or en, got %q", locale)
		case strings.TrimSpace(text) == "":
			return recommend.Invalid(field, "must not be empty")
		case len(text) > recommend.MaxTextBytes:
			return recommend.Invalid(field, "must be at most %d bytes, got %d", recommend.MaxTextBytes, len(text))
		case strings.ContainsFunc(text, func(r rune) bool { return r < ' ' && r != '\n' }):
			return recommend.Invalid(field, "must not contain control characters")
		}
	}
	if len(locales) == 0 {
		return recommend.Invalid("text", `is required: {"ja":"...","en":"..."}, at least one of them`)
	}
	return nil
}

func indexed(field string, i int) string { return field + "[" + strconv.Itoa(i) + "]" }
