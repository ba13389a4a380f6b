package offer

import (
	"fmt"
	"time"

	"github.com/go-json-experiment/json"

	"osusume/recommend"
	"osusume/recommend/strictjson"
)

// document is an offer as it travels and as it is stored.
type document struct {
	ID               string          `json:"id"`
	Status           Status          `json:"status,omitzero"`
	Type             Type            `json:"type,omitzero"`
	StartsAt         time.Time       `json:"starts_at,omitzero"`
	EndsAt           time.Time       `json:"ends_at,omitzero"`
	Channels         []string        `json:"channels,omitempty"`
	Surfaces         []string        `json:"surfaces,omitempty"`
	Consent          []string        `json:"consent,omitempty"`
	Condition        string          `json:"condition,omitzero"`
	ItemID           string          `json:"item_id,omitzero"`
	Bundle           *bundleDocument `json:"bundle,omitzero"`
	Caps             capsDocument    `json:"caps,omitzero"`
	Budget           budgetDocument  `json:"budget,omitzero"`
	Value            valueDocument   `json:"value,omitzero"`
	MarginYen        *int64          `json:"margin_yen,omitzero"`
	Priority         int64           `json:"priority,omitzero"`
	ExclusivityGroup string          `json:"exclusivity_group,omitzero"`
	HoldoutBP        int64           `json:"holdout_bp,omitzero"`
	Text             recommend.Text  `json:"text,omitempty"`
	Version          uint64          `json:"version,omitzero"`
}

type bundleDocument struct {
	ItemIDs  []string `json:"item_ids"`
	PriceYen *int64   `json:"price_yen,omitzero"`
}

type capsDocument struct {
	PerCustomerDay   *int64 `json:"per_customer_day,omitzero"`
	PerCustomerTotal *int64 `json:"per_customer_total,omitzero"`
	CooldownHours    *int64 `json:"cooldown_hours,omitzero"`
}

type budgetDocument struct {
	MaxRedemptions *int64 `json:"max_redemptions,omitzero"`
	MaxYen         *int64 `json:"max_yen,omitzero"`
}

type valueDocument struct {
	Yen    *int64 `json:"yen,omitzero"`
	Points *int64 `json:"points,omitzero"`
}

// Parse reads one offer. Unknown and repeated members, names in another
// letter case, wrong types and anything after the object are errors that name
// the field, and so is a bound of 0, which would read as "none at all" and
// mean "no bound". A status left out is draft, a type message. What the
// values mean is for Validate.
func Parse(text []byte) (Offer, error) {
	d := document{Status: Draft, Type: Message}
	if fault := strictjson.UnmarshalObject(text, &d); fault != nil {
		return Offer{}, fault
	}
	bounds := [...]struct {
		field string
		value *int64
	}{
		{"caps.per_customer_day", d.Caps.PerCustomerDay},
		{"caps.per_customer_total", d.Caps.PerCustomerTotal},
		{"caps.cooldown_hours", d.Caps.CooldownHours},
		{"budget.max_redemptions", d.Budget.MaxRedemptions},
		{"budget.max_yen", d.Budget.MaxYen},
		{"value.yen", d.Value.Yen},
		{"value.points", d.Value.Points},
		{"margin_yen", d.MarginYen},
	}
	for _, b := range bounds {
		if b.value != nil && *b.value == 0 {
			return Offer{}, recommend.Invalid(b.field, "must be at least 1; leave it out for none")
		}
	}
	return d.offer(), nil
}

func (d *document) offer() Offer {
	o := Offer{
		ID: d.ID, Status: d.Status, Type: d.Type, StartsAt: d.StartsAt, EndsAt: d.EndsAt,
		Channels: d.Channels, Surfaces: d.Surfaces, Consent: d.Consent, Condition: d.Condition, ItemID: d.ItemID,
		Caps: Caps{
			PerCustomerDay:   orZero(d.Caps.PerCustomerDay),
			PerCustomerTotal: orZero(d.Caps.PerCustomerTotal),
			CooldownHours:    orZero(d.Caps.CooldownHours),
		},
		Budget:    Budget{MaxRedemptions: orZero(d.Budget.MaxRedemptions), MaxYen: orZero(d.Budget.MaxYen)},
		Value:     Value{Yen: orZero(d.Value.Yen), Points: orZero(d.Value.Points)},
		MarginYen: orZero(d.MarginYen), Priority: d.Priority, ExclusivityGroup: d.ExclusivityGroup, HoldoutBP: d.HoldoutBP,
		Text: d.Text, Version: d.Version,
	}
	if d.Bundle != nil {
		o.Bundle = &Bundle{ItemIDs: d.Bundle.ItemIDs, PriceYen: orZero(d.Bundle.PriceYen)}
	}
	return o
}

// JSON returns the offer in the form that Parse reads; equal offers give
// equal bytes.
func (o *Offer) JSON() ([]byte, error) {
	d := document{
		ID: o.ID, Status: o.Status, Type: o.Type, StartsAt: o.StartsAt, EndsAt: o.EndsAt,
		Channels: o.Channels, Surfaces: o.Surfaces, Consent: o.Consent, Condition: o.Condition, ItemID: o.ItemID,
		Caps: capsDocument{
			PerCustomerDay:   unlessZero(o.Caps.PerCustomerDay),
			PerCustomerTotal: unlessZero(o.Caps.PerCustomerTotal),
			CooldownHours:    unlessZero(o.Caps.CooldownHours),
		},
		Budget:    budgetDocument{MaxRedemptions: unlessZero(o.Budget.MaxRedemptions), MaxYen: unlessZero(o.Budget.MaxYen)},
		Value:     valueDocument{Yen: unlessZero(o.Value.Yen), Points: unlessZero(o.Value.Points)},
		MarginYen: unlessZero(o.MarginYen), Priority: o.Priority, ExclusivityGroup: o.ExclusivityGroup, HoldoutBP: o.HoldoutBP,
		Text: o.Text, Version: o.Version,
	}
	if o.Bundle != nil {
		d.Bundle = &bundleDocument{ItemIDs: o.Bundle.ItemIDs, PriceYen: unlessZero(o.Bundle.PriceYen)}
	}
	text, err := json.Marshal(&d, json.Deterministic(true))
	if err != nil {
		return nil, fmt.Errorf("encode offer %s: %w", o.ID, err)
	}
	return text, nil
}

func orZero(n *int64) int64 {
	if n == nil {
		return 0
	}
	return *n
}

func unlessZero(n int64) *int64 {
	if n == 0 {
		return nil
	}
	return &n
}
