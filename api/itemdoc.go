package api

import (
	"errors"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"osusume/recommend"
	"osusume/recommend/strictjson"
)

// itemDocument is one catalog entry as it travels.
type itemDocument struct {
	ItemID         string                `json:"item_id"`
	ItemGroupID    string                `json:"item_group_id"`
	Family         string                `json:"family"`
	Title          textDocument          `json:"title"`
	Category       []string              `json:"category"`
	Brand          string                `json:"brand"`
	Tags           []string              `json:"tags"`
	Role           string                `json:"role"`
	Price          *float64              `json:"price"`
	Currency       *string               `json:"currency"`
	ListPrice      *float64              `json:"list_price"`
	Cost           *float64              `json:"cost"`
	TaxRate        float64               `json:"tax_rate"`
	Available      *bool                 `json:"available"`
	Stock          *int64                `json:"stock"`
	Rating         float64               `json:"rating"`
	RatingCount    int64                 `json:"rating_count"`
	Attributes     attributesDocument    `json:"attributes"`
	UpgradeAxes    []upgradeAxisDocument `json:"upgrade_axes"`
	CompatibleWith []string              `json:"compatible_with"`
	BundleOf       []string              `json:"bundle_of"`
	URL            string                `json:"url"`
	ImageURL       string                `json:"image_url"`
	PriceHistory   []periodDocument      `json:"price_history"`
}

// periodDocument is a time at one price, in the item's currency; without an end it
// has not ended.
type periodDocument struct {
	Price *float64   `json:"price"`
	From  time.Time  `json:"from"`
	To    *time.Time `json:"to"`
}

type upgradeAxisDocument struct {
	Key            string       `json:"key"`
	Label          textDocument `json:"label"`
	HigherIsBetter *bool        `json:"higher_is_better"`
}

// textDocument is a text by locale; a plain string is Japanese, the default.
type textDocument map[string]string

// UnmarshalJSONFrom reads a string, an object of strings, or null.
func (t *textDocument) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	switch dec.PeekKind() {
	case '"':
		token, err := dec.ReadToken()
		if err != nil {
			return err
		}
		*t = textDocument{localeJA: token.String()}
		return nil
	case '{':
		byLocale := map[string]*string{}
		if err := json.UnmarshalDecode(dec, &byLocale); err != nil {
			return err
		}
		*t = make(textDocument, len(byLocale))
		for locale, text := range byLocale {
			if text != nil {
				(*t)[locale] = *text
			}
		}
		return nil
	default:
		return scalarOrFault(dec, "must be a string, or an object of strings by locale such as {\"ja\":\"...\",\"en\":\"...\"}")
	}
}

// attributesDocument holds what a shop says of an item in its own terms; whole
// and broken numbers, true and false are kept as the text they were sent as.
type attributesDocument map[string]string

// UnmarshalJSONFrom reads an object of strings, numbers and booleans, or null.
func (a *attributesDocument) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	if dec.PeekKind() != '{' {
		return scalarOrFault(dec, "must be an object")
	}
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	*a = attributesDocument{}
	for dec.PeekKind() != '}' {
		token, err := dec.ReadToken()
		if err != nil {
			return err
		}
		name := token.String()
		switch dec.PeekKind() {
		case '"', '0', 't', 'f':
			if token, err = dec.ReadToken(); err != nil {
				return err
			}
			(*a)[name] = token.String()
		default:
			if err := scalarOrFault(dec, "must be a string, a number, true or false"); err != nil {
				return err
			}
		}
	}
	_, err := dec.ReadToken()
	return err
}

// scalarOrFault reads the next value: null passes, bytes that are not JSON are
// the decoder's error, and anything else is message's.
func scalarOrFault(dec *jsontext.Decoder, message string) error {
	kind := dec.PeekKind()
	if err := dec.SkipValue(); err != nil {
		return err
	}
	if kind == 'n' {
		return nil
	}
	return &json.SemanticError{
		JSONPointer: dec.StackPointer(),
		Err:         &recommend.Error{Code: recommend.CodeInvalid, Message: message},
	}
}

// decodeItem reads one catalog entry. id, when not empty, is the one the path
// names; the document may leave its own out or repeat it.
func decodeItem(raw []byte, id string) (recommend.Item, *recommend.Error) {
	var doc itemDocument
	if err := strictjson.UnmarshalObject(raw, &doc); err != nil {
		return recommend.Item{}, err
	}
	if id != "" {
		if doc.ItemID != "" && doc.ItemID != id {
			return recommend.Item{}, recommend.Invalid("item_id", "must be the one in the path or left out")
		}
		doc.ItemID = id
	}
	return doc.item()
}

func (d *itemDocument) item() (recommend.Item, *recommend.Error) {
	it := recommend.Item{
		ID:             d.ItemID,
		GroupID:        d.ItemGroupID,
		Family:         d.Family,
		Title:          recommend.Text(d.Title),
		Category:       d.Category,
		Brand:          d.Brand,
		Tags:           d.Tags,
		Role:           recommend.Role(d.Role),
		TaxRate:        d.TaxRate,
		Unavailable:    d.Available != nil && !*d.Available,
		Stock:          d.Stock,
		Rating:         d.Rating,
		RatingCount:    d.RatingCount,
		Attributes:     d.Attributes,
		CompatibleWith: d.CompatibleWith,
		BundleOf:       d.BundleOf,
		URL:            d.URL,
		ImageURL:       d.ImageURL,
	}
	currency := defaultCurrency
	if d.Currency != nil {
		currency = *d.Currency
		if !recommend.ValidCurrency(currency) {
			return it, recommend.Invalid("currency", "must be an upper-case ISO 4217 code such as JPY, got %q", recommend.Clip(currency))
		}
	}
	amounts := [...]struct {
		field string
		major *float64
		into  *recommend.Money
	}{
		{"price", d.Price, &it.Price},
		{"list_price", d.ListPrice, &it.ListPrice},
		{"cost", d.Cost, &it.Cost},
	}
	for _, a := range amounts {
		if a.major == nil {
			continue
		}
		var err *recommend.Error
		if *a.into, err = money(a.field, *a.major, currency); err != nil {
			return it, err
		}
	}
	for i, axis := range d.UpgradeAxes {
		if err := recommend.ValidateID("upgrade_axes["+strconv.Itoa(i)+"].key", axis.Key); err != nil {
			return it, err
		}
		it.UpgradeAxes = append(it.UpgradeAxes, recommend.UpgradeAxis{
			Key:            axis.Key,
			Label:          recommend.Text(axis.Label),
			HigherIsBetter: axis.HigherIsBetter == nil || *axis.HigherIsBetter,
		})
	}
	for i := range d.PriceHistory {
		p, err := d.PriceHistory[i].period("price_history["+strconv.Itoa(i)+"]", currency)
		if err != nil {
			return it, err
		}
		it.PriceHistory = append(it.PriceHistory, p)
	}
	if err := it.Validate(); err != nil {
		var own *recommend.Error
		if !errors.As(err, &own) {
			own = recommend.Invalid("body", "is not a valid item")
		}
		return it, own
	}
	return it, nil
}

// period reads the document; whether the times make sense is for the item to say.
func (d *periodDocument) period(field, currency string) (recommend.PricePeriod, *recommend.Error) {
	p := recommend.PricePeriod{From: d.From.UTC()}
	if d.To != nil {
		if d.To.IsZero() {
			return p, recommend.Invalid(field+".to", "must be after from")
		}
		p.To = d.To.UTC()
	}
	if d.Price == nil {
		return p, recommend.Invalid(field+".price", "is required")
	}
	var err *recommend.Error
	p.Price, err = money(field+".price", *d.Price, currency)
	return p, err
}

// appendItem appends the document of it; decodeItem reads back an equal item.
// Optional members without a value are left out.
func appendItem(b []byte, it *recommend.Item) []byte {
	b = append(b, `{"item_id":`...)
	b = appendString(b, it.ID)
	b = appendNonEmpty(b, "item_group_id", it.GroupID)
	b = appendNonEmpty(b, "family", it.Family)
	if len(it.Title) > 0 {
		b = append(b, `,"title":`...)
		b = appendStringMap(b, it.Title)
	}
	b = appendNonEmptyList(b, "category", it.Category)
	b = appendNonEmpty(b, "brand", it.Brand)
	b = appendNonEmptyList(b, "tags", it.Tags)
	b = appendNonEmpty(b, "role", string(it.Role))
	b = appendAmounts(b, it)
	if it.TaxRate != 0 {
		b = append(b, `,"tax_rate":`...)
		b = appendNumber(b, it.TaxRate)
	}
	b = append(b, `,"available":`...)
	b = strconv.AppendBool(b, !it.Unavailable)
	if it.Stock != nil {
		b = append(b, `,"stock":`...)
		b = strconv.AppendInt(b, *it.Stock, 10)
	}
	if it.Rating != 0 {
		b = append(b, `,"rating":`...)
		b = appendNumber(b, it.Rating)
	}
	if it.RatingCount != 0 {
		b = append(b, `,"rating_count":`...)
		b = strconv.AppendInt(b, it.RatingCount, 10)
	}
	if len(it.Attributes) > 0 {
		b = append(b, `,"attributes":`...)
		b = appendStringMap(b, it.Attributes)
	}
	if len(it.UpgradeAxes) > 0 {
		b = append(b, `,"upgrade_axes":[`...)
		for i, axis := range it.UpgradeAxes {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(b, `{"key":`...)
			b = appendString(b, axis.Key)
			if len(axis.Label) > 0 {
				b = append(b, `,"label":`...)
				b = appendStringMap(b, axis.Label)
			}
			b = append(b, `,"higher_is_better":`...)
			b = strconv.AppendBool(b, axis.HigherIsBetter)
			b = append(b, '}')
		}
		b = append(b, ']')
	}
	b = appendNonEmptyList(b, "compatible_with", it.CompatibleWith)
	b = appendNonEmptyList(b, "bundle_of", it.BundleOf)
	b = appendNonEmpty(b, "url", it.URL)
	b = appendNonEmpty(b, "image_url", it.ImageURL)
	return append(b, '}')
}

// appendAmounts appends the item's prices, past ones too, and their one currency. A document
// has a single currency; an amount in another one, which only a file import
// can bring, is left out rather than shown as what it is not.
func appendAmounts(b []byte, it *recommend.Item) []byte {
	amounts := [...]struct {
		name  string
		value recommend.Money
	}{{"price", it.Price}, {"list_price", it.ListPrice}, {"cost", it.Cost}}
	currency := ""
	for _, a := range amounts {
		if a.value == (recommend.Money{}) || (currency != "" && a.value.Currency != currency) {
			continue
		}
		currency = a.value.Currency
		b = append(b, `,"`...)
		b = append(b, a.name...)
		b = append(b, `":`...)
		b = a.value.AppendMajor(b)
	}
	if currency == "" && len(it.PriceHistory) > 0 {
		currency = it.PriceHistory[0].Price.Currency
	}
	n := 0
	for i := range it.PriceHistory {
		p := &it.PriceHistory[i]
		if p.Price.Currency != currency {
			continue
		}
		if n++; n == 1 {
			b = append(b, `,"price_history":[`...)
		} else {
			b = append(b, ',')
		}
		b = append(b, `{"price":`...)
		b = p.Price.AppendMajor(b)
		b = append(b, `,"from":`...)
		b = appendTime(b, p.From)
		if !p.To.IsZero() {
			b = append(b, `,"to":`...)
			b = appendTime(b, p.To)
		}
		b = append(b, '}')
	}
	if n > 0 {
		b = append(b, ']')
	}
	return appendNonEmpty(b, "currency", currency)
}

func appendNonEmpty(b []byte, name, value string) []byte {
	if value == "" {
		return b
	}
	b = append(b, `,"`...)
	b = append(b, name...)
	b = append(b, `":`...)
	return appendString(b, value)
}

func appendNonEmptyList(b []byte, name string, list []string) []byte {
	if len(list) == 0 {
		return b
	}
	b = append(b, `,"`...)
	b = append(b, name...)
	b = append(b, `":`...)
	return appendStrings(b, list)
}

// appendStringMap appends an object with its members in the order of the keys.
func appendStringMap[M ~map[string]string](b []byte, m M) []byte {
	b = append(b, '{')
	for i, k := range slices.Sorted(maps.Keys(m)) {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendString(b, k)
		b = append(b, ':')
		b = appendString(b, m[k])
	}
	return append(b, '}')
}
