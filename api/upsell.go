package api

import (
	"math"
	"strconv"

	"github.com/labstack/echo/v4"

	"osusume/recommend"
	"osusume/recommend/engine"
	"osusume/recommend/strictjson"
	"osusume/recommend/upsell"
)

// upsellRequest is a request for suggestions, and how to answer it.
type upsellRequest struct {
	engine.UpsellRequest
	fields fieldSet
	locale string
	minSeq uint64
}

// impliedFields are never added to a suggestion: it has its price anyway, and says
// itself whether a former one may be shown.
const impliedFields = fieldPrice | fieldCurrency | fieldListPrice

// surfaces lists where suggestions are shown; the first one is the default.
var surfaces = [...]string{
	string(upsell.SurfaceProduct), string(upsell.SurfaceCart), string(upsell.SurfacePostPurchase),
	string(upsell.SurfaceAccount), string(upsell.SurfaceEmail),
}

// getUpsell answers from query parameters.
func (s *Server) getUpsell(c echo.Context) error {
	q := newQuery(c.Request())
	var r upsellRequest
	r.CustomerID = q.id("customer_id")
	r.AnonymousID = q.id("anonymous_id")
	r.SessionID = q.id("session_id")
	r.Surface = upsell.Surface(q.choice("surface", surfaces[:]...))
	r.ItemID = q.id("item_id")
	for _, id := range q.list("cart", true, maxCartLines) {
		r.Cart = append(r.Cart, upsell.CartLine{ItemID: id})
	}
	r.Order = q.list("order", true, maxCartLines)
	r.Exclude = q.list("exclude", true, maxContextIDs)
	r.Limit = q.integer("limit", recommend.DefaultLimit, 1, recommend.MaxLimit)
	threshold := q.number("free_shipping")
	currency := q.id("currency")
	q.fields("fields", &r.fields)
	r.locale = q.choice("locale", localeJA, localeEN)
	r.minSeq = q.sequence("min_seq")
	if err := q.finish(); err != nil {
		return err
	}
	if currency == "" {
		currency = defaultCurrency
	}
	if threshold != nil {
		var fault *recommend.Error
		if r.FreeShipping, fault = unsigned("free_shipping", *threshold, currency); fault != nil {
			return fault
		}
	}
	return s.answerUpsell(c, &r)
}

// upsellDocument is the body of POST /upsell.
type upsellDocument struct {
	CustomerID   string          `json:"customer_id"`
	AnonymousID  string          `json:"anonymous_id"`
	SessionID    string          `json:"session_id"`
	Surface      string          `json:"surface"`
	ItemID       string          `json:"item_id"`
	Cart         []cartDocument  `json:"cart"`
	Subtotal     *float64        `json:"subtotal"`
	FreeShipping *float64        `json:"free_shipping"`
	Currency     string          `json:"currency"`
	Order        []string        `json:"order"`
	Exclude      []string        `json:"exclude"`
	Usage        []usageDocument `json:"usage"`
	NextTier     *tierDocument   `json:"next_tier"`
	Limit        *int            `json:"limit"`
	Fields       []string        `json:"fields"`
	Locale       string          `json:"locale"`
	MinSeq       uint64          `json:"min_seq"`
}

// usageDocument is how much of a plan was used in one period of payment.
type usageDocument struct {
	ItemID  string   `json:"item_id"`
	Used    float64  `json:"used"`
	Limit   float64  `json:"limit"`
	Overage *float64 `json:"overage"`
}

// tierDocument is the loyalty tier to reach next.
type tierDocument struct {
	Name textDocument `json:"name"`
	Gap  *float64     `json:"gap"`
}

const maxUsages = 100

// postUpsell answers from a JSON body, which can hold what a query cannot: prices of
// the cart, the use of plans and the next tier.
func (s *Server) postUpsell(c echo.Context) error {
	if err := noQuery(c.Request()); err != nil {
		return err
	}
	body, _, err := readBody(c.Response(), c.Request(), s.bodyLimit, mediaJSON)
	if err != nil {
		return err
	}
	var doc upsellDocument
	if fault := strictjson.UnmarshalObject(body, &doc); fault != nil {
		return fault
	}
	r, err := doc.request()
	if err != nil {
		return err
	}
	return s.answerUpsell(c, r)
}

// request checks the document. What is wrong with a surface is for the rules to say.
func (d *upsellDocument) request() (*upsellRequest, error) {
	r := &upsellRequest{locale: d.Locale, minSeq: d.MinSeq}
	r.CustomerID, r.AnonymousID, r.SessionID = d.CustomerID, d.AnonymousID, d.SessionID
	r.Surface, r.ItemID, r.Order, r.Exclude = upsell.Surface(d.Surface), d.ItemID, d.Order, d.Exclude
	if err := d.checkIDs(); err != nil {
		return nil, err
	}
	switch d.Locale {
	case "", localeJA, localeEN:
	default:
		return nil, notOneOf("locale", d.Locale, []string{localeJA, localeEN})
	}
	r.Limit = recommend.DefaultLimit
	if d.Limit != nil {
		if err := between("limit", *d.Limit, 1, recommend.MaxLimit); err != nil {
			return nil, err
		}
		r.Limit = *d.Limit
	}
	for i, name := range d.Fields {
		if err := r.fields.add("fields["+strconv.Itoa(i)+"]", name); err != nil {
			return nil, err
		}
	}
	currency := d.Currency
	if currency == "" {
		currency = defaultCurrency
	}
	if !recommend.ValidCurrency(currency) {
		return nil, recommend.Invalid("currency", "must be an upper-case ISO 4217 code such as JPY, got %q", recommend.Clip(currency))
	}
	if fault := d.amounts(r, currency); fault != nil {
		return nil, fault
	}
	return r, nil
}

// checkIDs holds the ids and the lengths of lists against their limits.
func (d *upsellDocument) checkIDs() error {
	err := validIDs([]idField{
		{"customer_id", d.CustomerID},
		{"anonymous_id", d.AnonymousID},
		{"session_id", d.SessionID},
		{"item_id", d.ItemID},
	}, []idList{{"order", d.Order, maxCartLines}, {"exclude", d.Exclude, maxContextIDs}})
	if err != nil {
		return err
	}
	if len(d.Cart) > maxCartLines {
		return recommend.Invalid("cart", "at most %d lines, got %d", maxCartLines, len(d.Cart))
	}
	if len(d.Usage) > maxUsages {
		return recommend.Invalid("usage", "at most %d entries, got %d", maxUsages, len(d.Usage))
	}
	return nil
}

// amounts reads what is counted in money: the cart, thresholds, plans and the tier.
func (d *upsellDocument) amounts(r *upsellRequest, currency string) *recommend.Error {
	read := func(field string, major *float64, into *recommend.Money) (fault *recommend.Error) {
		if major != nil {
			*into, fault = unsigned(field, *major, currency)
		}
		return fault
	}
	if fault := read("subtotal", d.Subtotal, &r.Subtotal); fault != nil {
		return fault
	}
	if fault := read("free_shipping", d.FreeShipping, &r.FreeShipping); fault != nil {
		return fault
	}
	for i := range d.Cart {
		field, line := "cart["+strconv.Itoa(i)+"]", &d.Cart[i]
		if err := recommend.ValidateID(field+".item_id", line.ItemID); err != nil {
			return err
		}
		out := upsell.CartLine{ItemID: line.ItemID, Quantity: 1}
		if line.Quantity != nil {
			if *line.Quantity < 1 || *line.Quantity > recommend.MaxQuantity {
				return recommend.Invalid(field+".quantity", "must be between 1 and %d, got %d", recommend.MaxQuantity, *line.Quantity)
			}
			out.Quantity = *line.Quantity
		}
		if fault := read(field+".price", line.Price, &out.Price); fault != nil {
			return fault
		}
		r.Cart = append(r.Cart, out)
	}
	for i := range d.Usage {
		field, u := "usage["+strconv.Itoa(i)+"]", &d.Usage[i]
		if err := recommend.ValidateID(field+".item_id", u.ItemID); err != nil {
			return err
		}
		out := engine.PlanUsage{PlanID: u.ItemID, Used: u.Used, Limit: u.Limit}
		for _, n := range [...]struct {
			name  string
			value float64
		}{{".used", u.Used}, {".limit", u.Limit}} {
			if !(n.value >= 0 && n.value <= recommend.MaxAmount) {
				return recommend.Invalid(field+n.name, "must be between 0 and %d, got %v", int64(recommend.MaxAmount), n.value)
			}
		}
		if fault := read(field+".overage", u.Overage, &out.Overage); fault != nil {
			return fault
		}
		r.Usage = append(r.Usage, out)
	}
	if d.NextTier == nil {
		return nil
	}
	if len(d.NextTier.Name) == 0 || len(d.NextTier.Name) > recommend.MaxItemLocales {
		return recommend.Invalid("next_tier.name", "must be a text, or 1 to %d texts by locale", recommend.MaxItemLocales)
	}
	for locale, text := range d.NextTier.Name {
		if err := recommend.ValidateID("next_tier.name."+locale, text); err != nil {
			return err
		}
	}
	if d.NextTier.Gap == nil {
		return recommend.Invalid("next_tier.gap", "is required")
	}
	r.NextTier = &upsell.Tier{Name: recommend.Text(d.NextTier.Name)}
	return read("next_tier.gap", d.NextTier.Gap, &r.NextTier.Gap)
}

// unsigned is money that is not negative.
func unsigned(field string, major float64, currency string) (recommend.Money, *recommend.Error) {
	m, fault := money(field, major, currency)
	if fault == nil && (m.Amount < 0 || m.Amount > recommend.MaxAmount) {
		fault = recommend.Invalid(field, "must be between 0 and %d minor units, got %d", int64(recommend.MaxAmount), m.Amount)
	}
	return m, fault
}

// answerUpsell answers both forms of /upsell. The moment everything is judged at is
// the View's, as with lists: the same request and state have the same bytes.
func (s *Server) answerUpsell(c echo.Context, r *upsellRequest) error {
	if r.Surface == "" {
		r.Surface = upsell.SurfaceProduct
	}
	if r.locale == "" {
		r.locale = locale(c.Request().Header.Get("Accept-Language"))
	}
	r.fields &^= impliedFields
	r.Zone = s.shop.Zone()
	view, err := s.viewAt(c, r.minSeq)
	if err != nil {
		return err
	}
	answer, err := view.Upsell(&r.UpsellRequest)
	if err != nil {
		return err
	}
	key := appendUpsellRequest(make([]byte, 0, canonicalBytes), r)
	b := append(make([]byte, 0, 4096), answerPrefix...)
	b = appendRecommendationID(b, key, answer.AppliedSeq)
	b = append(b, '"')
	b = appendSuggestions(b, &answer, r, view.Item)
	setLanguage(c, r.locale)
	return answerJSON(c, b)
}

// appendUpsellRequest appends a canonical encoding of everything in r that can change
// the answer.
func appendUpsellRequest(b []byte, r *upsellRequest) []byte {
	texts := func(list ...string) {
		b = strconv.AppendInt(b, int64(len(list)), 10)
		b = append(b, '#')
		for _, s := range list {
			b = appendField(b, s)
		}
	}
	amount := func(m recommend.Money) { texts(strconv.FormatInt(m.Amount, 10), m.Currency) }
	float := func(f float64) { texts(strconv.FormatUint(math.Float64bits(f), 16)) }
	texts("upsell", r.CustomerID, r.AnonymousID, r.SessionID, string(r.Surface), r.ItemID, r.locale)
	texts(r.Order...)
	texts(r.Exclude...)
	texts(strconv.Itoa(r.Limit), strconv.Itoa(int(r.fields)))
	amount(r.Subtotal)
	amount(r.FreeShipping)
	for _, l := range r.Cart {
		texts("line", l.ItemID, strconv.FormatInt(max(l.Quantity, 1), 10))
		amount(l.Price)
	}
	for _, u := range r.Usage {
		texts("usage", u.PlanID)
		float(u.Used)
		float(u.Limit)
		amount(u.Overage)
	}
	if t := r.NextTier; t != nil {
		texts("tier", string(appendStringMap(nil, t.Name)))
		amount(t.Gap)
	}
	return b
}
