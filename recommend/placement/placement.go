package placement

import (
	"math"
	"strconv"
	"strings"

	"osusume/recommend"
)

// Placement is one named slot of a page, or a group of widgets on one page.
type Placement struct {
	ID string `json:"id"`
	// Like names the built-in placement whose model and manners it has; empty is
	// the built-in of the same id, or home.
	Like string `json:"like,omitempty"`
	// Model overrides that placement's model.
	Model string `json:"model,omitempty"`
	// Limit is the length of a list for requests that name none, 0 is
	// recommend.DefaultLimit.
	Limit  int        `json:"limit,omitzero"`
	Filter *ItemsOnly `json:"filter,omitempty"`
	// Widgets are what one call for the whole page answers, in order.
	Widgets []Widget `json:"widgets,omitempty"`
	Note    string   `json:"note,omitempty"`
}

// ItemsOnly keeps items that meet every condition named, as recommend.Filter.
type ItemsOnly struct {
	Category []string `json:"category,omitempty"`
	Tags     []string `json:"tags,omitempty"`
	PriceMin *float64 `json:"price_min,omitempty"`
	PriceMax *float64 `json:"price_max,omitempty"`
}

// WidgetKind says what fills a widget.
type WidgetKind string

// The kinds of widgets.
const (
	WidgetRecommend WidgetKind = "recommend"
	WidgetRelated   WidgetKind = "related"
	WidgetPopular   WidgetKind = "popular"
	WidgetOffers    WidgetKind = "offers"
	WidgetUpsell    WidgetKind = "upsell"
)

// WidgetKinds lists the kinds.
func WidgetKinds() []string {
	return []string{string(WidgetRecommend), string(WidgetRelated), string(WidgetPopular), string(WidgetOffers), string(WidgetUpsell)}
}

// Surfaces lists where a widget of kind upsell may stand.
func Surfaces() []string {
	return []string{"product", "cart", "post_purchase", "account", "email"}
}

// Widget is one part of a page.
type Widget struct {
	// ID names it in the answer.
	ID   string     `json:"id"`
	Kind WidgetKind `json:"kind"`
	// Placement is the slot a list of kind recommend is made for; empty is the
	// placement's own.
	Placement string `json:"placement,omitempty"`
	// Relation is the kind of /related; empty is also_bought.
	Relation string `json:"relation,omitempty"`
	// Surface is where a widget of kind upsell stands, as /upsell knows it; empty
	// is product where the page has an item, cart where it has a cart, else account.
	Surface string `json:"surface,omitempty"`
	// FreeShipping is the subtotal, in yen, from which shipping is free, for kind
	// upsell; 0 is no such threshold.
	FreeShipping int64 `json:"free_shipping_yen,omitzero"`
	Limit        int   `json:"limit,omitzero"` // 0 is 10 items, 1 offer
}

// Limits on a placement.
const (
	MaxWidgets = 20
	// MaxOffers bounds the offers of one widget.
	MaxOffers = 10
	maxNames  = 100
)

// Names are what a placement may refer to.
type Names struct {
	Models, BuiltIn []string
	Relations       []string
}

// Validate checks p; names are those the shop has.
func (p *Placement) Validate(names *Names) error {
	if err := recommend.ValidateID("id", p.ID); err != nil {
		return err
	}
	if err := oneOf("like", p.Like, names.BuiltIn); err != nil {
		return err
	}
	if err := oneOf("model", p.Model, names.Models); err != nil {
		return err
	}
	if p.Limit < 0 || p.Limit > recommend.MaxLimit {
		return recommend.Invalid("limit", "must be between 1 and %d, got %d", recommend.MaxLimit, p.Limit)
	}
	if len(p.Note) > maxNoteBytes {
		return recommend.Invalid("note", "must be at most %d bytes, got %d", maxNoteBytes, len(p.Note))
	}
	if err := p.Filter.validate(); err != nil {
		return err
	}
	if len(p.Widgets) > MaxWidgets {
		return recommend.Invalid("widgets", "at most %d, got %d", MaxWidgets, len(p.Widgets))
	}
	seen := map[string]bool{}
	for i := range p.Widgets {
		at := "widgets[" + strconv.Itoa(i) + "]."
		w := &p.Widgets[i]
		if err := w.validate(at, names); err != nil {
			return err
		}
		if seen[w.ID] {
			return recommend.Invalid(at+"id", "is the id of an earlier widget")
		}
		seen[w.ID] = true
	}
	return nil
}

func (w *Widget) validate(at string, names *Names) error {
	if err := recommend.ValidateID(at+"id", w.ID); err != nil {
		return err
	}
	if w.Kind == "" {
		return recommend.Invalid(at+"kind", "is required")
	}
	if err := oneOf(at+"kind", string(w.Kind), WidgetKinds()); err != nil {
		return err
	}
	most := recommend.MaxLimit
	if w.Kind == WidgetOffers {
		most = MaxOffers
	}
	switch {
	case w.Limit < 0 || w.Limit > most:
		return recommend.Invalid(at+"limit", "must be between 1 and %d, got %d", most, w.Limit)
	case w.Placement != "" && w.Kind != WidgetRecommend:
		return recommend.Invalid(at+"placement", "is for widgets of kind recommend")
	case w.Relation != "" && w.Kind != WidgetRelated:
		return recommend.Invalid(at+"relation", "is for widgets of kind related")
	case w.Surface != "" && w.Kind != WidgetUpsell:
		return recommend.Invalid(at+"surface", "is for widgets of kind upsell")
	case w.FreeShipping != 0 && w.Kind != WidgetUpsell:
		return recommend.Invalid(at+"free_shipping_yen", "is for widgets of kind upsell")
	case w.FreeShipping < 0 || w.FreeShipping > recommend.MaxAmount:
		return recommend.Invalid(at+"free_shipping_yen", "must be between 0 and %d, got %d", int64(recommend.MaxAmount), w.FreeShipping)
	}
	if err := oneOf(at+"surface", w.Surface, Surfaces()); err != nil {
		return err
	}
	if err := oneOf(at+"relation", w.Relation, names.Relations); err != nil {
		return err
	}
	return oneOf(at+"placement", w.Placement, names.BuiltIn)
}

func (f *ItemsOnly) validate() error {
	if f == nil {
		return nil
	}
	if err := ids("filter.category", f.Category, maxNames); err != nil {
		return err
	}
	if err := ids("filter.tags", f.Tags, maxNames); err != nil {
		return err
	}
	for _, b := range [...]struct {
		field string
		value *float64
	}{{"filter.price_min", f.PriceMin}, {"filter.price_max", f.PriceMax}} {
		if b.value != nil && (math.IsNaN(*b.value) || *b.value < 0 || *b.value > recommend.MaxAmount) {
			return recommend.Invalid(b.field, "must be between 0 and %d, got %v", int64(recommend.MaxAmount), *b.value)
		}
	}
	if f.PriceMin != nil && f.PriceMax != nil && *f.PriceMin > *f.PriceMax {
		return recommend.Invalid("filter.price_min", "must not be above price_max")
	}
	return nil
}

// oneOf checks a name that may be left out.
func oneOf(field, name string, known []string) error {
	if name == "" {
		return nil
	}
	for _, k := range known {
		if k == name {
			return nil
		}
	}
	return recommend.Invalid(field, "is none the shop knows: %q; known are %s", recommend.Clip(name), strings.Join(known, ", "))
}
