package catalog

import (
	"strings"
	"time"

	"osusume/recommend"
)

// Sizes for the estimate of Bytes, from the types' layouts: perItemBytes is
// what every interned item takes in the dictionary, the arrays and the order.
const (
	perItemBytes = 16 + 8 + 8 + 24 + 6
	itemSize     = 400
	periodSize   = 72
	stringSize   = 16
	mapSize      = 48 + 8*2*stringSize
)

// keep returns the catalog's own copy of the item, nil when it is nothing but
// its id. Words that items share (brand, tags, category segments, currencies,
// attribute keys) are kept once for all. Empty lists and maps become nil, so
// that equal items have one form.
func (c *Catalog) keep(i uint32, item *recommend.Item) *recommend.Item {
	if bare(item) {
		return nil
	}
	own := *item
	var all texts
	all.room(item)
	own.ID = c.ids.Key(i)
	own.GroupID = c.groups.name(c.groups.ordinal(item.GroupID))
	own.Family = c.families.name(c.families.ordinal(item.Family))
	own.Brand = c.brands.name(c.brands.ordinal(item.Brand))
	own.Tags = mapped(item.Tags, func(t string) string { return c.tags.name(c.tags.ordinal(t)) })
	own.Category = mapped(item.Category, c.word)
	own.Role = recommend.Role(c.word(string(item.Role)))
	own.Price.Currency = c.word(item.Price.Currency)
	own.ListPrice.Currency = c.word(item.ListPrice.Currency)
	own.Cost.Currency = c.word(item.Cost.Currency)
	own.Title = c.copyOf(item.Title, &all)
	own.Attributes = c.copyOf(item.Attributes, &all)
	own.UpgradeAxes = mapped(item.UpgradeAxes, func(a recommend.UpgradeAxis) recommend.UpgradeAxis {
		return recommend.UpgradeAxis{Key: c.word(a.Key), Label: c.copyOf(a.Label, &all), HigherIsBetter: a.HigherIsBetter}
	})
	own.CompatibleWith = mapped(item.CompatibleWith, all.clone)
	own.BundleOf = mapped(item.BundleOf, all.clone)
	own.URL = all.clone(item.URL)
	own.ImageURL = all.clone(item.ImageURL)
	if item.Stock != nil {
		stock := *item.Stock
		own.Stock = &stock
	}
	// To the second and in UTC, as the checkpoint keeps it.
	own.PriceHistory = mapped(item.PriceHistory, func(p recommend.PricePeriod) recommend.PricePeriod {
		p.Price.Currency = c.word(p.Price.Currency)
		p.From = p.From.UTC().Truncate(time.Second)
		if !p.To.IsZero() {
			p.To = p.To.UTC().Truncate(time.Second)
		}
		return p
	})
	return &own
}

// bare reports whether an item is nothing but its id.
func bare(it *recommend.Item) bool {
	var unknown recommend.Money
	return it.GroupID == "" && it.Family == "" && it.Brand == "" && it.Role == "" &&
		it.URL == "" && it.ImageURL == "" &&
		len(it.Title) == 0 && len(it.Category) == 0 && len(it.Tags) == 0 && len(it.Attributes) == 0 &&
		len(it.UpgradeAxes) == 0 && len(it.CompatibleWith) == 0 && len(it.BundleOf) == 0 &&
		it.Price == unknown && it.ListPrice == unknown && it.Cost == unknown &&
		it.TaxRate == 0 && it.Rating == 0 && it.RatingCount == 0 &&
		!it.Unavailable && it.Stock == nil && len(it.PriceHistory) == 0
}

// word returns the catalog's copy of a string that many items share.
func (c *Catalog) word(s string) string {
	if s == "" {
		return ""
	}
	if w, ok := c.words.Lookup(s); ok {
		return c.words.Key(w)
	}
	return c.words.Key(c.words.Intern(strings.Clone(s)))
}

// copyOf copies a map of words to texts.
func (c *Catalog) copyOf(m map[string]string, all *texts) map[string]string {
	if len(m) == 0 {
		return nil
	}
	own := make(map[string]string, len(m))
	for k, v := range m {
		own[c.word(k)] = all.clone(v)
	}
	return own
}

// texts are those of one item, in one piece of memory: the garbage collector looks
// at every object, and a catalog of a million items has millions of texts.
type texts struct{ together strings.Builder }

// room makes room for all texts of item.
func (t *texts) room(item *recommend.Item) {
	n := len(item.URL) + len(item.ImageURL) + lengths(item.Title) + lengths(item.Attributes)
	for i := range item.UpgradeAxes {
		n += lengths(item.UpgradeAxes[i].Label)
	}
	for _, list := range [...][]string{item.CompatibleWith, item.BundleOf} {
		for _, s := range list {
			n += len(s)
		}
	}
	t.together.Grow(n)
}

func lengths(m map[string]string) (n int) {
	for _, s := range m {
		n += len(s)
	}
	return n
}

func (t *texts) clone(s string) string {
	from := t.together.Len()
	t.together.WriteString(s)
	return t.together.String()[from:]
}

func mapped[T any](list []T, f func(T) T) []T {
	if len(list) == 0 {
		return nil
	}
	own := make([]T, len(list))
	for i, v := range list {
		own[i] = f(v)
	}
	return own
}

// itemBytes estimates the memory of an item beyond perItemBytes; shared words
// count as their headers alone.
func itemBytes(it *recommend.Item) int64 {
	if it == nil {
		return 0
	}
	n := int64(itemSize)
	for _, list := range [...][]string{it.Category, it.Tags, it.CompatibleWith, it.BundleOf} {
		n += int64(len(list)) * stringSize
	}
	for _, s := range it.CompatibleWith {
		n += int64(len(s))
	}
	for _, s := range it.BundleOf {
		n += int64(len(s))
	}
	n += textsBytes(it.Title) + textsBytes(it.Attributes)
	for _, a := range it.UpgradeAxes {
		n += 2*stringSize + textsBytes(a.Label)
	}
	n += int64(len(it.PriceHistory)) * periodSize
	return n + int64(len(it.URL)+len(it.ImageURL))
}

func textsBytes(m map[string]string) int64 {
	if m == nil {
		return 0
	}
	n := int64(mapSize)
	if len(m) > 8 {
		n += int64(len(m)) * 3 * stringSize
	}
	for _, v := range m {
		n += int64(len(v))
	}
	return n
}
