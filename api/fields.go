package api

import (
	"strconv"
	"strings"

	"osusume/recommend"
)

// fieldSet is the set of catalog fields an answer adds to each item.
type fieldSet uint32

// The fields, in the order they are written.
const (
	fieldTitle fieldSet = 1 << iota
	fieldPrice
	fieldListPrice
	fieldCurrency
	fieldCategory
	fieldBrand
	fieldTags
	fieldRole
	fieldItemGroupID
	fieldFamily
	fieldRating
	fieldStock
	fieldAvailable
	fieldAttributes
	fieldURL
	fieldImageURL
)

// fieldNames holds the name of each field at the place of its bit.
var fieldNames = [...]string{
	"title", "price", "list_price", "currency", "category", "brand", "tags", "role",
	"item_group_id", "family", "rating", "stock", "available", "attributes", "url", "image_url",
}

// add puts the field called name into the set; an unknown name is param's error.
func (f *fieldSet) add(param, name string) error {
	for i, known := range fieldNames {
		if name == known {
			*f |= 1 << i
			return nil
		}
	}
	return recommend.Invalid(param, "must be any of %s, got %q", strings.Join(fieldNames[:], ", "), recommend.Clip(name))
}

func (f fieldSet) has(field fieldSet) bool { return f&field != 0 }

// append appends the members of it that are in the set and have a value. The
// title is in locale. A price never comes without its currency, asked for or
// not. available says whether the item can be bought now, stock considered.
func (f fieldSet) append(b []byte, it *recommend.Item, locale string) []byte {
	if f.has(fieldTitle) {
		b = appendNonEmpty(b, "title", it.Title.In(locale))
	}
	currency := ""
	if f.has(fieldPrice) && it.Price != (recommend.Money{}) {
		b = append(b, `,"price":`...)
		b = it.Price.AppendMajor(b)
		currency = it.Price.Currency
	}
	if f.has(fieldListPrice) && it.ListPrice != (recommend.Money{}) && (currency == "" || currency == it.ListPrice.Currency) {
		b = append(b, `,"list_price":`...)
		b = it.ListPrice.AppendMajor(b)
		currency = it.ListPrice.Currency
	}
	if f.has(fieldCurrency) && currency == "" {
		currency = it.Price.Currency
	}
	b = appendNonEmpty(b, "currency", currency)
	if f.has(fieldCategory) {
		b = appendNonEmptyList(b, "category", it.Category)
	}
	if f.has(fieldBrand) {
		b = appendNonEmpty(b, "brand", it.Brand)
	}
	if f.has(fieldTags) {
		b = appendNonEmptyList(b, "tags", it.Tags)
	}
	if f.has(fieldRole) {
		b = appendNonEmpty(b, "role", string(it.Role))
	}
	if f.has(fieldItemGroupID) {
		b = appendNonEmpty(b, "item_group_id", it.GroupID)
	}
	if f.has(fieldFamily) {
		b = appendNonEmpty(b, "family", it.Family)
	}
	if f.has(fieldRating) && it.Rating != 0 {
		b = append(b, `,"rating":`...)
		b = appendNumber(b, it.Rating)
	}
	if f.has(fieldStock) && it.Stock != nil {
		b = append(b, `,"stock":`...)
		b = strconv.AppendInt(b, *it.Stock, 10)
	}
	if f.has(fieldAvailable) {
		b = append(b, `,"available":`...)
		b = strconv.AppendBool(b, it.Eligible())
	}
	if f.has(fieldAttributes) && len(it.Attributes) > 0 {
		b = append(b, `,"attributes":`...)
		b = appendStringMap(b, it.Attributes)
	}
	if f.has(fieldURL) {
		b = appendNonEmpty(b, "url", it.URL)
	}
	if f.has(fieldImageURL) {
		b = appendNonEmpty(b, "image_url", it.ImageURL)
	}
	return b
}
