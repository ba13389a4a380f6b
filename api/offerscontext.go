package api

import (
	"maps"
	"math"
	"slices"
	"strconv"
	"time"

	"osusume/recommend"
	"osusume/recommend/condition"
	"osusume/recommend/engine"
	"osusume/recommend/offer"
	"osusume/recommend/placement"
)

// cartDocument is one line of a cart.
type cartDocument struct {
	ItemID   string   `json:"item_id"`
	Quantity *int64   `json:"quantity"`
	Price    *float64 `json:"price"`
}

// customerStatement is what the shop states of a customer in a request: facts
// that are its own (tier, consents), or that it has computed itself. What
// neither it states nor the server knows is unknown.
type customerStatement struct {
	BirthDate     string                 `json:"birth_date"`
	Anniversaries []anniversaryStatement `json:"anniversaries"`
	Gender        string                 `json:"gender"`
	Region        string                 `json:"region"`
	Age           *int64                 `json:"age"`
	Tier          string                 `json:"tier"`
	TierGapYen    *int64                 `json:"tier_gap_yen"`
	Points        *int64                 `json:"points"`
	Tags          []string               `json:"tags"`
	Consents      []string               `json:"consents"`
	Segments      *[]string              `json:"segments"`
	RFMGroup      string                 `json:"rfm_group"`
	Lifecycle     string                 `json:"lifecycle"`
	ChurnRisk     *float64               `json:"churn_risk"`
	CLV12m        *float64               `json:"clv_12m"`
	Orders        *int64                 `json:"orders"`
	DaysSinceLast *int64                 `json:"days_since_last_order"`
	LastOrder     *[]string              `json:"last_order_categories"`
}

type anniversaryStatement struct {
	Name string `json:"name"`
	Date string `json:"date"`
}

// Limits on what a request states.
const (
	maxCartLines     = 500
	maxStatedEntries = 100
)

// input is what conditions may ask about: what the request says, and what view
// knows of the customer and the items it names.
func (d *decideDocument) input(view *engine.View, now time.Time, zone *time.Location) (*condition.Input, error) {
	in := &condition.Input{Now: now, Zone: zone, Channel: d.Channel, Surface: d.Surface}
	if d.ItemID != "" {
		if it, ok := view.Item(d.ItemID); ok {
			item := placement.ItemOf(it)
			in.Item = &item
		}
	}
	var err error
	if in.Cart, err = d.cart(view); err != nil {
		return nil, err
	}
	if d.CustomerID == "" && d.Customer == nil {
		return in, nil
	}
	c := &condition.Customer{ID: d.CustomerID, Locale: d.Locale}
	if d.CustomerID != "" {
		history(c, view, d.CustomerID, now, zone)
	}
	if d.Customer != nil {
		if err := d.Customer.state(c, now, zone); err != nil {
			return nil, err
		}
	}
	in.Customer = c
	return in, nil
}

// cart adds up the cart. A line without a price has the catalog's; there must be
// one, or a threshold would be measured against too little.
func (d *decideDocument) cart(view *engine.View) (*condition.Cart, error) {
	if d.Cart == nil {
		return nil, nil
	}
	if len(*d.Cart) > maxCartLines {
		return nil, recommend.Invalid("cart", "at most %d lines, got %d", maxCartLines, len(*d.Cart))
	}
	cart := &condition.Cart{}
	categories := map[string]bool{}
	for i, line := range *d.Cart {
		at := "cart[" + strconv.Itoa(i) + "]"
		if err := recommend.ValidateID(at+".item_id", line.ItemID); err != nil {
			return nil, err
		}
		quantity := int64(1)
		if line.Quantity != nil {
			quantity = *line.Quantity
		}
		if quantity < 1 || quantity > recommend.MaxQuantity {
			return nil, recommend.Invalid(at+".quantity", "must be between 1 and %d, got %d", recommend.MaxQuantity, quantity)
		}
		it, known := view.Item(line.ItemID)
		var price recommend.Money
		switch {
		case line.Price != nil:
			var fault *recommend.Error
			if price, fault = money(at+".price", *line.Price, defaultCurrency); fault != nil {
				return nil, fault
			}
			if price.Amount < 0 || price.Amount > recommend.MaxAmount {
				return nil, recommend.Invalid(at+".price", "must be between 0 and %d, got %v", int64(recommend.MaxAmount), *line.Price)
			}
		case known && it.Price != (recommend.Money{}):
			price = it.Price
		default:
			return nil, recommend.Invalid(at+".price", "is required, as the catalog has none for this item")
		}
		if price.Amount > (math.MaxInt64-cart.Total)/quantity {
			return nil, recommend.Invalid(at+".price", "makes the cart's total too large")
		}
		cart.Total += price.Amount * quantity
		cart.Count += quantity
		cart.ItemIDs = append(cart.ItemIDs, line.ItemID)
		if known {
			levels(categories, it.Category)
		}
	}
	cart.Categories = slices.Sorted(maps.Keys(categories))
	return cart, nil
}

// levels adds every level of a category path.
func levels(into map[string]bool, path []string) {
	for _, level := range path {
		into[level] = true
	}
}

// history fills in what the index knows: orders, and the days since the last.
func history(c *condition.Customer, view *engine.View, id string, now time.Time, zone *time.Location) {
	known, ok := view.Customer(id, math.MaxInt)
	if !ok {
		c.Orders = condition.Known[int64](0)
		return
	}
	c.Orders = condition.Known(int64(known.Orders))
	var last time.Time
	categories := map[string]bool{}
	for _, r := range known.Recent { // newest first
		if r.Type != recommend.Purchase {
			continue
		}
		if last.IsZero() {
			last = r.Time
		}
		if !r.Time.Equal(last) { // an order's lines are of one moment
			break
		}
		if it, ok := view.Item(r.ItemID); ok {
			levels(categories, it.Category)
		}
	}
	if last.IsZero() {
		return
	}
	c.DaysSinceLast = condition.Known(condition.DaysBetween(last, now, zone))
	c.LastCategories = slices.Sorted(maps.Keys(categories))
	if c.LastCategories == nil {
		c.LastCategories = []string{} // known to have none
	}
}

// state lays what the shop states over what is known.
func (s *customerStatement) state(c *condition.Customer, now time.Time, zone *time.Location) error {
	texts := [...]struct {
		field string
		value string
		into  *string
	}{
		{"gender", s.Gender, &c.Gender},
		{"region", s.Region, &c.Region},
		{"tier", s.Tier, &c.Tier},
		{"rfm_group", s.RFMGroup, &c.RFMGroup},
		{"lifecycle", s.Lifecycle, &c.Lifecycle},
	}
	for _, t := range texts {
		if t.value == "" {
			continue
		}
		if err := recommend.ValidateID("customer."+t.field, t.value); err != nil {
			return err
		}
		*t.into = t.value
	}
	if err := oneOfVocabulary("customer.rfm.group", "customer.rfm_group", c.RFMGroup); err != nil {
		return err
	}
	if err := oneOfVocabulary("customer.lifecycle", "customer.lifecycle", c.Lifecycle); err != nil {
		return err
	}
	counts := [...]struct {
		field string
		value *int64
		into  *condition.Maybe[int64]
	}{
		{"age", s.Age, &c.Age},
		{"tier_gap_yen", s.TierGapYen, &c.TierGapYen},
		{"points", s.Points, &c.Points},
		{"orders", s.Orders, &c.Orders},
		{"days_since_last_order", s.DaysSinceLast, &c.DaysSinceLast},
	}
	for _, n := range counts {
		if n.value == nil {
			continue
		}
		if *n.value < 0 || *n.value > recommend.MaxAmount {
			return recommend.Invalid("customer."+n.field, "must be between 0 and %d, got %d", int64(recommend.MaxAmount), *n.value)
		}
		*n.into = condition.Known(*n.value)
	}
	if s.ChurnRisk != nil {
		if !(*s.ChurnRisk >= 0 && *s.ChurnRisk <= 1) {
			return recommend.Invalid("customer.churn_risk", "must be between 0 and 1, got %v", *s.ChurnRisk)
		}
		c.ChurnRisk = condition.Known(*s.ChurnRisk)
	}
	if s.CLV12m != nil {
		if !(*s.CLV12m >= 0 && *s.CLV12m <= recommend.MaxAmount) {
			return recommend.Invalid("customer.clv_12m", "must be between 0 and %d, got %v", int64(recommend.MaxAmount), *s.CLV12m)
		}
		c.CLV12m = condition.Known(*s.CLV12m)
	}
	return s.stateLists(c, now, zone)
}

func (s *customerStatement) stateLists(c *condition.Customer, now time.Time, zone *time.Location) error {
	lists := [...]struct {
		field string
		value []string
		into  *[]string
	}{
		{"tags", s.Tags, &c.Tags},
		{"consents", s.Consents, &c.Consents},
		{"segments", orNil(s.Segments), &c.Segments},
		{"last_order_categories", orNil(s.LastOrder), &c.LastCategories},
	}
	for _, l := range lists {
		if l.value == nil {
			continue
		}
		if len(l.value) > maxStatedEntries {
			return recommend.Invalid("customer."+l.field, "at most %d entries, got %d", maxStatedEntries, len(l.value))
		}
		for i, v := range l.value {
			at := "customer." + l.field + "[" + strconv.Itoa(i) + "]"
			if err := recommend.ValidateID(at, v); err != nil {
				return err
			}
			if l.field == "consents" && !slices.Contains(offer.ConsentKinds(), v) {
				return notOneOf(at, v, offer.ConsentKinds())
			}
		}
		*l.into = l.value
	}
	if s.BirthDate != "" {
		born, err := condition.ParseAnniversary("customer.birth_date", s.BirthDate)
		if err != nil {
			return err
		}
		c.BirthdayOffset = condition.Known(born.Offset(now, zone))
		if s.Age == nil {
			c.Age = born.Age(now, zone)
		}
	}
	if len(s.Anniversaries) > maxStatedEntries {
		return recommend.Invalid("customer.anniversaries", "at most %d entries, got %d", maxStatedEntries, len(s.Anniversaries))
	}
	for i, a := range s.Anniversaries {
		at := "customer.anniversaries[" + strconv.Itoa(i) + "]"
		if err := recommend.ValidateID(at+".name", a.Name); err != nil {
			return err
		}
		day, err := condition.ParseAnniversary(at+".date", a.Date)
		if err != nil {
			return err
		}
		if c.Anniversaries == nil {
			c.Anniversaries = map[string]int64{}
		}
		c.Anniversaries[a.Name] = day.Offset(now, zone)
	}
	return nil
}

// orNil is the list, which is not nil when it was given.
func orNil(list *[]string) []string {
	if list != nil && *list == nil {
		return []string{}
	}
	if list == nil {
		return nil
	}
	return *list
}

// oneOfVocabulary holds a text against the values a variable may have.
func oneOfVocabulary(variable, field, value string) error {
	if value == "" {
		return nil
	}
	for _, v := range condition.Variables() {
		if v.Name == variable && !slices.Contains(v.Values, value) {
			return notOneOf(field, value, v.Values)
		}
	}
	return nil
}
