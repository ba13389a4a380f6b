package datasets

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"osusume/recommend"
)

// SkipNoQuantity: a line of no pieces, such as a coupon handed in by itself.
const SkipNoQuantity = "no_quantity"

// notGoods is the category of fuel, coupons and the till's own entries, counted
// in thousandths of a gallon or in cents.
const notGoods = "COUPON/MISC ITEMS"

// missing stands in empty cells of the files.
const missing = "NA"

// Journey names the files of a folder with the Complete Journey data.
type Journey struct{ dir string }

// NewJourney returns the folder's files. It fails when the folder lacks one that
// an import needs.
func NewJourney(dir string) (*Journey, error) {
	j := &Journey{dir: dir}
	for _, table := range [...]string{"products", "transactions"} {
		if _, err := j.file(table); err != nil {
			return nil, err
		}
	}
	return j, nil
}

// file finds a table: NAME.csv or NAME_anything.csv, compressed or not.
func (j *Journey) file(table string) (string, error) {
	for _, pattern := range [...]string{".csv", ".csv.gz", "_*.csv", "_*.csv.gz"} {
		found, err := filepath.Glob(filepath.Join(j.dir, table+pattern))
		if err != nil {
			return "", fmt.Errorf("find %s in %s: %w", table, j.dir, err)
		}
		if len(found) > 0 {
			return found[0], nil
		}
	}
	return "", fmt.Errorf("find %s.csv in %s: %w", table, j.dir, os.ErrNotExist)
}

// Transactions is the file of purchases, for Import and ReadEvents with Format
// CompleteJourney.
func (j *Journey) Transactions() string {
	name, _ := j.file("transactions") // NewJourney found it
	return name
}

// Products reads the catalog, ascending by id, for Options.Items. Prices are not
// in it: sales tell them.
func (j *Journey) Products() ([]recommend.Item, error) {
	var items []recommend.Item
	columns := []string{"product_id", "manufacturer_id", "department", "brand", "product_category", "product_type", "package_size"}
	err := j.read("products", columns, func(cells []string) error {
		if item, ok := journeyItem(cells); ok {
			items = append(items, item)
		}
		return nil
	})
	slices.SortFunc(items, func(a, b recommend.Item) int { return cmp.Compare(a.ID, b.ID) })
	return items, err
}

// journeyItem makes an item of a row of products; ok is false for what is no
// product.
func journeyItem(cells []string) (item recommend.Item, ok bool) {
	id, maker, department, brand, category, kind, size := cells[0], cells[1], cells[2], cells[3], cells[4], cells[5], cells[6]
	if category == notGoods || department == "FUEL" || department == "COUPON" {
		return recommend.Item{}, false
	}
	item.ID = id
	for _, level := range [...]string{department, category, kind} {
		if level == "" {
			break
		}
		// A slash would look like two levels.
		item.Category = append(item.Category, strings.ReplaceAll(level, "/", "-"))
	}
	if maker != "" {
		item.Brand = "manufacturer " + maker
		if kind != "" {
			item.Family = maker + " " + kind
		}
	}
	if brand != "" {
		item.Tags = []string{strings.ToLower(brand)}
	}
	if size != "" {
		item.Attributes = map[string]string{"package_size": size}
	}
	if kind != "" {
		item.Title = recommend.Text{"en": strings.TrimSpace(kind + " " + size)}
	}
	return item, true
}

// Campaign is a mailing of coupons.
type Campaign struct {
	ID string
	// Type is "Type A" (a household gets some of the coupons, by what it buys),
	// "Type B" or "Type C" (all of them).
	Type string
	// Start and End are the first and the last day, at midnight.
	Start, End time.Time
	// Households that the campaign went to, in the order of the file.
	Households []string
	Coupons    []Coupon // ascending by code
}

// Coupon is one code of a campaign.
type Coupon struct {
	Code string
	// Products it holds for, ascending.
	Products []string
}

// Redemption is a coupon handed in.
type Redemption struct {
	Household, Code, Campaign string
	Day                       time.Time // at midnight
}

// Campaigns reads campaigns with their members and coupons, ascending by id.
func (j *Journey) Campaigns() ([]Campaign, error) {
	byID := make(map[string]*Campaign)
	err := j.read("campaign_descriptions", []string{"campaign_id", "campaign_type", "start_date", "end_date"}, func(cells []string) error {
		start, err := time.Parse(time.DateOnly, cells[2])
		if err != nil {
			return fmt.Errorf("start_date: %w", err)
		}
		end, err := time.Parse(time.DateOnly, cells[3])
		if err != nil {
			return fmt.Errorf("end_date: %w", err)
		}
		byID[cells[0]] = &Campaign{ID: cells[0], Type: cells[1], Start: start, End: end}
		return nil
	})
	if err != nil {
		return nil, err
	}
	campaign := func(id string) (*Campaign, error) {
		if c := byID[id]; c != nil {
			return c, nil
		}
		return nil, fmt.Errorf("campaign_id: no campaign %q is described", clip(id))
	}
	err = j.read("campaigns", []string{"campaign_id", "household_id"}, func(cells []string) error {
		c, err := campaign(cells[0])
		if err == nil {
			c.Households = append(c.Households, cells[1])
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	type code struct{ campaign, code string }
	products := make(map[code][]string)
	err = j.read("coupons", []string{"coupon_upc", "product_id", "campaign_id"}, func(cells []string) error {
		_, err := campaign(cells[2])
		k := code{cells[2], cells[0]}
		products[k] = append(products[k], cells[1])
		return err
	})
	if err != nil {
		return nil, err
	}
	for k, ids := range products {
		slices.Sort(ids)
		byID[k.campaign].Coupons = append(byID[k.campaign].Coupons, Coupon{Code: k.code, Products: slices.Compact(ids)})
	}
	all := make([]Campaign, 0, len(byID))
	for _, c := range byID {
		slices.SortFunc(c.Coupons, func(a, b Coupon) int { return cmp.Compare(a.Code, b.Code) })
		all = append(all, *c)
	}
	slices.SortFunc(all, func(a, b Campaign) int { return cmp.Compare(a.ID, b.ID) })
	return all, nil
}

// Redemptions reads all redemptions by day, in the order of the file within one.
func (j *Journey) Redemptions() ([]Redemption, error) {
	var all []Redemption
	columns := []string{"household_id", "coupon_upc", "campaign_id", "redemption_date"}
	err := j.read("coupon_redemptions", columns, func(cells []string) error {
		day, err := time.Parse(time.DateOnly, cells[3])
		if err != nil {
			return fmt.Errorf("redemption_date: %w", err)
		}
		all = append(all, Redemption{Household: cells[0], Code: cells[1], Campaign: cells[2], Day: day})
		return nil
	})
	slices.SortStableFunc(all, func(a, b Redemption) int { return a.Day.Compare(b.Day) })
	return all, err
}

// read hands out the named columns of each row of a table; "NA" is empty. Any bad
// row is an error: a campaign half read would change every figure.
func (j *Journey) read(table string, columns []string, take func(cells []string) error) error {
	name, err := j.file(table)
	if err != nil {
		return err
	}
	f, _, err := Open(name, nil)
	if err != nil {
		return err
	}
	defer f.Close()
	text, err := plain(f)
	if err == nil {
		err = eachRow(newRowReader(text, ','), columns, take)
	}
	if err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	return nil
}

// eachRow calls take with the named columns of each row.
func eachRow(rows *rowReader, columns []string, take func(cells []string) error) error {
	header, err := rows.next()
	if err != nil {
		return fmt.Errorf("read header: %w", err)
	}
	width := len(header.cells)
	at := make([]int, len(columns))
	for i, name := range columns {
		at[i] = slices.IndexFunc(header.cells, func(c []byte) bool { return string(c) == name })
		if at[i] < 0 {
			return fmt.Errorf("header: no column %q", name)
		}
	}
	strs := make(interner)
	cells := make([]string, len(columns))
	for {
		row, err := rows.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if len(row.cells) != width {
			return &RowError{Line: row.line, Reason: fmt.Sprintf("has %d cells, the header has %d", len(row.cells), width), Raw: string(row.raw)}
		}
		for i := range cells {
			if cells[i] = strs.get(bytes.TrimSpace(row.cells[at[i]])); cells[i] == missing {
				cells[i] = ""
			}
		}
		if err := take(cells); err != nil {
			return fmt.Errorf("line %d: %w", row.line, err)
		}
	}
}

// journeyColumns are those of the transactions that are read.
var journeyColumns = [...]string{"household_id", "basket_id", "product_id", "quantity", "sales_value", "transaction_timestamp"}

// journeyLayout reads the transactions of the Complete Journey.
type journeyLayout struct {
	currency string
	location *time.Location

	at      [len(journeyColumns)]int
	strings interner
	items   map[string]*journeyProduct
}

// journeyProduct is a catalog entry and the time of the sale its price is from.
type journeyProduct struct {
	item     recommend.Item
	pricedAt time.Time
}

func newJourneyLayout(o *Options) *journeyLayout {
	l := &journeyLayout{
		currency: cmp.Or(o.Currency, "USD"), location: o.Location,
		strings: make(interner), items: make(map[string]*journeyProduct, len(o.Items)),
	}
	for i := range o.Items {
		l.items[o.Items[i].ID] = &journeyProduct{item: o.Items[i]}
	}
	return l
}

// window is all of the file: its rows are in no order.
func (*journeyLayout) window() int64 { return math.MaxInt64 }

func (l *journeyLayout) header(names []string) error {
	for i, want := range journeyColumns {
		if l.at[i] = slices.Index(names, want); l.at[i] < 0 {
			return fmt.Errorf("header: no column %q: is this the Complete Journey's file of transactions?", want)
		}
	}
	return nil
}

func (l *journeyLayout) decode(cells [][]byte, out *line) (skip string, err error) {
	var c [len(journeyColumns)][]byte
	for i, at := range l.at {
		c[i] = bytes.TrimSpace(cells[at])
	}
	household, basket, product := c[0], c[1], c[2]
	for i, cell := range [...][]byte{household, basket, product} {
		if len(cell) == 0 {
			return "", recommend.Invalid(journeyColumns[i], "is required")
		}
	}
	quantity, err := parseQuantity(c[3])
	if err != nil {
		return "", err
	}
	at, err := parseTime(c[5], l.location)
	if err != nil {
		return "", err
	}
	id := l.strings.get(product)
	known := l.items[id]
	switch {
	case known == nil && len(l.items) > 0:
		// The catalog leaves out what is no product.
		return SkipNotAnItem, nil
	case quantity == 0:
		return SkipNoQuantity, nil
	}
	paid, rounded, err := parsePrice(c[4], l.currency)
	if err != nil {
		return "", err
	}
	if paid.Amount == 0 {
		return SkipNoPrice, nil
	}
	price := recommend.Money{Amount: (2*paid.Amount + quantity) / (2 * quantity), Currency: paid.Currency}
	out.event = recommend.Event{
		Type: recommend.Purchase, Time: at,
		CustomerID: l.strings.get(household), OrderID: string(basket),
	}
	out.item = recommend.EventItem{ItemID: id, Quantity: quantity, Price: price}
	out.hasItem, out.rounded = true, rounded || price.Amount*quantity != paid.Amount
	if known != nil && !at.Before(known.pricedAt) {
		known.item.Price, known.pricedAt = price, at
	}
	return "", nil
}

// catalog returns Options.Items with the prices of their latest sales.
func (l *journeyLayout) catalog() []recommend.Item {
	items := make([]recommend.Item, 0, len(l.items))
	for _, p := range l.items {
		items = append(items, p.item)
	}
	slices.SortFunc(items, func(a, b recommend.Item) int { return cmp.Compare(a.ID, b.ID) })
	return items
}
