package datasets

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"osusume/recommend"
)

// Reasons for which rows of the Online Retail file are left out: they are
// sound, but say nothing about what customers like.
const (
	// SkipNotAnItem: the code is not a product (postage, fees, vouchers, manual
	// and test entries).
	SkipNotAnItem = "not_an_item"
	// SkipStockAdjustment: a negative quantity on an invoice that is not a
	// cancellation (damaged, lost or miscounted stock).
	SkipStockAdjustment = "stock_adjustment"
	// SkipNoPrice: a unit price of zero or less (samples, found stock, corrections).
	SkipNoPrice = "no_price"
)

// maxTitles bounds the spellings of one item's title that are counted.
const maxTitles = 16

// retailColumns are the published header names, each with the name the second
// edition of the data set gives it.
var retailColumns = [...][2]string{
	{"InvoiceNo", "Invoice"},
	{"StockCode", "StockCode"},
	{"Description", "Description"},
	{"Quantity", "Quantity"},
	{"InvoiceDate", "InvoiceDate"},
	{"UnitPrice", "Price"},
	{"CustomerID", "Customer ID"},
}

const (
	retailInvoice = iota
	retailCode
	retailTitle
	retailQuantity
	retailTime
	retailPrice
	retailCustomer
)

// retailLayout reads the UCI Online Retail file as published.
type retailLayout struct {
	currency string
	location *time.Location

	at      [len(retailColumns)]int
	strings interner
	items   map[string]*retailItem
}

// retailItem gathers the catalog entry of one item.
type retailItem struct {
	titles   map[string]int
	price    recommend.Money
	pricedAt time.Time
}

func newRetailLayout(o *Options) *retailLayout {
	l := &retailLayout{currency: o.Currency, location: o.Location, strings: make(interner), items: make(map[string]*retailItem)}
	if l.currency == "" {
		l.currency = "GBP"
	}
	return l
}

func (l *retailLayout) header(names []string) error {
	for i, alternatives := range retailColumns {
		l.at[i] = slices.IndexFunc(names, func(name string) bool { return slices.Contains(alternatives[:], name) })
		if l.at[i] < 0 {
			return fmt.Errorf("header: no column %q: is this the Online Retail file?", alternatives[0])
		}
	}
	return nil
}

func (l *retailLayout) cell(cells [][]byte, i int) []byte { return bytes.TrimSpace(cells[l.at[i]]) }

func (l *retailLayout) decode(cells [][]byte, out *line) (skip string, err error) {
	invoice := l.cell(cells, retailInvoice)
	code := l.cell(cells, retailCode)
	if len(invoice) == 0 {
		return "", recommend.Invalid("InvoiceNo", "is required")
	}
	if len(code) == 0 {
		return "", recommend.Invalid("StockCode", "is required")
	}
	quantity, err := parseQuantity(l.cell(cells, retailQuantity))
	if err != nil {
		return "", err
	}
	at, err := parseRetailTime(l.cell(cells, retailTime), l.location)
	if err != nil {
		return "", err
	}
	if !isProduct(code) {
		return SkipNotAnItem, nil
	}
	cancelled := invoice[0] == 'C' || invoice[0] == 'c'
	switch {
	case cancelled && quantity > 0:
		return "", recommend.Invalid("Quantity", "must be negative on a cancelled invoice, got %d", quantity)
	case !cancelled && quantity < 0:
		return SkipStockAdjustment, nil
	case quantity == 0:
		return "", recommend.Invalid("Quantity", "must not be 0")
	}
	priceText := l.cell(cells, retailPrice)
	if len(priceText) > 0 && priceText[0] == '-' {
		return SkipNoPrice, nil
	}
	price, rounded, err := parsePrice(priceText, l.currency)
	if err != nil {
		return "", err
	}
	if price.Amount == 0 {
		return SkipNoPrice, nil
	}

	kind := recommend.Purchase
	if cancelled {
		kind, quantity = recommend.Refund, -quantity
	}
	// The same product is written 85123A and 85123a.
	id := l.strings.get(bytes.ToUpper(code))
	out.event = recommend.Event{
		Type:       kind,
		Time:       at,
		CustomerID: l.strings.get(bytes.TrimSuffix(l.cell(cells, retailCustomer), []byte(".0"))),
		OrderID:    l.strings.get(invoice),
	}
	out.item = recommend.EventItem{ItemID: id, Quantity: quantity, Price: price}
	out.hasItem, out.rounded = true, rounded
	if !cancelled {
		l.learn(id, l.cell(cells, retailTitle), price, at)
	}
	return "", nil
}

// learn keeps what a sale says about its item.
func (l *retailLayout) learn(id string, title []byte, price recommend.Money, at time.Time) {
	it := l.items[id]
	if it == nil {
		it = &retailItem{titles: make(map[string]int)}
		l.items[id] = it
	}
	if !at.Before(it.pricedAt) {
		it.price, it.pricedAt = price, at
	}
	if len(title) == 0 || len(title) > recommend.MaxTextBytes {
		return
	}
	if _, known := it.titles[string(title)]; known || len(it.titles) < maxTitles {
		it.titles[string(title)]++
	}
}

// catalog returns the items sold, by id. The title is the spelling most sales
// carry (a few rows carry a note of the clerk instead), the price the latest.
func (l *retailLayout) catalog() []recommend.Item {
	items := make([]recommend.Item, 0, len(l.items))
	for id, it := range l.items {
		item := recommend.Item{ID: id, Price: it.price}
		best, most := "", 0
		for title, n := range it.titles {
			if n > most || n == most && title < best {
				best, most = title, n
			}
		}
		if best != "" {
			item.Title = recommend.Text{"en": strings.ToValidUTF8(best, "\uFFFD")}
		}
		items = append(items, item)
	}
	slices.SortFunc(items, func(a, b recommend.Item) int { return cmp.Compare(a.ID, b.ID) })
	return items
}

// isProduct reports whether code is five digits and perhaps letters (85123A,
// 15056BL): everything else in the file is a fee, a voucher or a note.
func isProduct(code []byte) bool {
	const digits = 5
	if len(code) < digits {
		return false
	}
	for i, c := range code {
		letter := c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
		if i < digits && (c < '0' || c > '9') || i >= digits && !letter {
			return false
		}
	}
	return true
}

// parseRetailTime reads the time as published here or, in other copies of the
// file, as 12/1/2010 8:26.
func parseRetailTime(b []byte, loc *time.Location) (time.Time, error) {
	if t, err := time.ParseInLocation("2006-01-02 15:04:05", string(b), loc); err == nil {
		return t.UTC(), nil
	}
	if t, err := time.ParseInLocation("1/2/2006 15:04", string(b), loc); err == nil {
		return t.UTC(), nil
	}
	return parseTime(b, loc)
}
