package store

import (
	"encoding/binary"
	"maps"
	"slices"
	"time"

	"osusume/recommend"
)

// Bits of an encoded item.
const (
	itemUnavailable = 1 << iota
	itemHasStock
	itemNoReceived
	// itemHasHistory: the item ends with its price history. Records from before there
	// was one do not have the bit.
	itemHasHistory
	itemBits // first unused bit
)

// checkItem refuses an item beyond the codec's caps.
func checkItem(it *recommend.Item) error {
	longest := 0
	see := func(values ...string) {
		for _, s := range values {
			longest = max(longest, len(s))
		}
	}
	seeText := func(m map[string]string) {
		for k, v := range m {
			see(k, v)
		}
	}
	see(it.ID, it.GroupID, it.Family, it.Brand, string(it.Role), it.URL, it.ImageURL)
	see(it.Price.Currency, it.ListPrice.Currency, it.Cost.Currency)
	see(it.Category...)
	see(it.Tags...)
	see(it.CompatibleWith...)
	see(it.BundleOf...)
	seeText(it.Title)
	seeText(it.Attributes)
	lists := max(len(it.Category), len(it.Tags), len(it.CompatibleWith), len(it.BundleOf),
		len(it.Title), len(it.Attributes), len(it.UpgradeAxes), len(it.PriceHistory))
	for i := range it.UpgradeAxes {
		see(it.UpgradeAxes[i].Key)
		seeText(it.UpgradeAxes[i].Label)
		lists = max(lists, len(it.UpgradeAxes[i].Label))
	}
	for i := range it.PriceHistory {
		p := &it.PriceHistory[i]
		see(p.Price.Currency)
		if !storable(p.From) || !storable(p.To) {
			return recommend.Invalid("price_history", "must lie within the years 1 to 9999")
		}
	}
	if longest > maxStringBytes {
		return tooLarge("a text of an item may take at most %d bytes, got %d", maxStringBytes, longest)
	}
	if lists > maxListLen {
		return tooLarge("a list of an item may have at most %d entries, got %d", maxListLen, lists)
	}
	return nil
}

func appendItem(b []byte, it *recommend.Item, received time.Time) []byte {
	bits := byte(0)
	if it.Unavailable {
		bits |= itemUnavailable
	}
	if it.Stock != nil {
		bits |= itemHasStock
	}
	if received.IsZero() {
		bits |= itemNoReceived
	}
	if len(it.PriceHistory) > 0 {
		bits |= itemHasHistory
	}
	b = append(b, bits)
	if !received.IsZero() {
		b = appendTime(b, received)
	}
	for _, s := range [...]string{it.ID, it.GroupID, it.Family, it.Brand, string(it.Role), it.URL, it.ImageURL} {
		b = appendString(b, s)
	}
	b = appendMap(b, it.Title)
	b = appendList(b, it.Category)
	b = appendList(b, it.Tags)
	currency := ""
	b = appendMoney(b, it.Price, &currency)
	b = appendMoney(b, it.ListPrice, &currency)
	b = appendMoney(b, it.Cost, &currency)
	b = appendFloat(b, it.TaxRate)
	if it.Stock != nil {
		b = binary.AppendVarint(b, *it.Stock)
	}
	b = appendFloat(b, it.Rating)
	b = binary.AppendVarint(b, it.RatingCount)
	b = appendMap(b, it.Attributes)
	b = binary.AppendUvarint(b, uint64(len(it.UpgradeAxes)))
	for i := range it.UpgradeAxes {
		a := &it.UpgradeAxes[i]
		b = appendString(b, a.Key)
		b = appendMap(b, a.Label)
		higher := byte(0)
		if a.HigherIsBetter {
			higher = 1
		}
		b = append(b, higher)
	}
	b = appendList(b, it.CompatibleWith)
	b = appendList(b, it.BundleOf)
	if len(it.PriceHistory) > 0 {
		b = binary.AppendUvarint(b, uint64(len(it.PriceHistory)))
		for i := range it.PriceHistory {
			p := &it.PriceHistory[i]
			b = appendMoney(b, p.Price, &currency)
			b = appendTime(b, p.From)
			b = appendTime(b, p.To) // the zero time is one of these
		}
	}
	return b
}

func appendItemDelete(b []byte, id string, received time.Time) []byte {
	bits := byte(0)
	if received.IsZero() {
		bits = itemNoReceived
	}
	b = append(b, bits)
	if !received.IsZero() {
		b = appendTime(b, received)
	}
	return appendString(b, id)
}

func appendList(b []byte, list []string) []byte {
	b = binary.AppendUvarint(b, uint64(len(list)))
	for _, s := range list {
		b = appendString(b, s)
	}
	return b
}

// appendMap appends m sorted by key, so that equal items have equal bytes.
func appendMap(b []byte, m map[string]string) []byte {
	b = binary.AppendUvarint(b, uint64(len(m)))
	for _, k := range slices.Sorted(maps.Keys(m)) {
		b = appendString(b, k)
		b = appendString(b, m[k])
	}
	return b
}

func decodeItem(r *reader, rec *recommend.Record) {
	it := &rec.Item
	bits := r.byte()
	if bits >= itemBits {
		r.fail("unknown item bits %#x", bits)
		return
	}
	if bits&itemNoReceived == 0 {
		rec.Received = r.time()
	}
	it.Unavailable = bits&itemUnavailable != 0
	it.ID, it.GroupID, it.Family, it.Brand = r.string(), r.string(), r.string(), r.string()
	it.Role = recommend.Role(r.string())
	it.URL, it.ImageURL = r.string(), r.string()
	it.Title = r.stringMap()
	it.Category = r.list()
	it.Tags = r.list()
	currency := ""
	it.Price = r.money(&currency)
	it.ListPrice = r.money(&currency)
	it.Cost = r.money(&currency)
	it.TaxRate = r.float()
	if bits&itemHasStock != 0 {
		stock := r.varint()
		it.Stock = &stock
	}
	it.Rating = r.float()
	it.RatingCount = r.varint()
	it.Attributes = r.stringMap()
	// An axis takes at least a key, a label count and a flag.
	if n := r.length(maxListLen, 3); n > 0 {
		it.UpgradeAxes = make([]recommend.UpgradeAxis, n)
		for i := range it.UpgradeAxes {
			a := &it.UpgradeAxes[i]
			a.Key = r.string()
			a.Label = r.stringMap()
			a.HigherIsBetter = r.byte() == 1
		}
	}
	it.CompatibleWith = r.list()
	it.BundleOf = r.list()
	if bits&itemHasHistory != 0 {
		// A period takes at least a price and two times.
		n := r.length(maxListLen, 5)
		if n == 0 {
			r.fail("a price history without periods")
			return
		}
		it.PriceHistory = make([]recommend.PricePeriod, n)
		for i := range it.PriceHistory {
			it.PriceHistory[i] = recommend.PricePeriod{Price: r.money(&currency), From: r.time(), To: r.time()}
		}
	}
}

func decodeItemDelete(r *reader, rec *recommend.Record) {
	bits := r.byte()
	if bits&^itemNoReceived != 0 {
		r.fail("unknown item bits %#x", bits)
		return
	}
	if bits&itemNoReceived == 0 {
		rec.Received = r.time()
	}
	rec.Item.ID = r.string()
}

func (r *reader) list() []string {
	n := r.length(maxListLen, 1)
	if n == 0 {
		return nil
	}
	list := make([]string, n)
	for i := range list {
		list[i] = r.string()
	}
	return list
}

func (r *reader) stringMap() map[string]string {
	n := r.length(maxListLen, 2)
	if n == 0 {
		return nil
	}
	m := make(map[string]string, min(n, 64))
	for range n {
		k := r.string()
		m[k] = r.string()
	}
	return m
}
