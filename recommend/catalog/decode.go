package catalog

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"time"

	"osusume/recommend"
)

var errCorrupt = errors.New("corrupt catalog")

// Decode reads what Encode wrote, and no byte beyond what r holds of it. The
// bytes may be damaged: every length is capped and memory grows with the bytes
// actually read, never with what a length promises.
func Decode(r io.Reader) (*Catalog, error) {
	d := decoder{r: bufio.NewReaderSize(r, 1<<16)}
	head := make([]byte, len(magic)+1)
	d.full(head)
	if d.err == nil && string(head[:len(magic)]) != magic {
		return nil, fmt.Errorf("decode catalog: %w: not a catalog", errCorrupt)
	}
	if v := head[len(magic)]; d.err == nil && v != version {
		return nil, fmt.Errorf("decode catalog: version %d is unknown, want %d", v, version)
	}
	n := d.count(maxItems)
	c := New()
	for i := range n {
		if d.err != nil {
			break
		}
		d.record(c)
		if d.err != nil {
			return nil, fmt.Errorf("decode catalog item %d: %w", i, d.err)
		}
	}
	if d.byte() != trailer {
		d.fail("no end mark") // kept only if the byte itself could be read
	}
	if d.err == nil {
		if _, err := d.r.ReadByte(); err != io.EOF {
			d.fail("bytes beyond the end")
		}
	}
	if d.err != nil {
		return nil, fmt.Errorf("decode catalog: %w", d.err)
	}
	c.order.build(&c.ids)
	return c, nil
}

// record reads one item into c.
func (d *decoder) record(c *Catalog) {
	id := d.string()
	flags := d.byte()
	if d.err != nil {
		return
	}
	if _, ok := c.ids.Lookup(id); ok {
		d.fail("item id twice")
		return
	}
	if flags&^(flagDeleted|flagAttributes) != 0 {
		d.fail("unknown flags")
		return
	}
	shown := flags&flagDeleted == 0
	i := c.append(id, nil, shown)
	if flags&flagAttributes == 0 {
		return
	}
	item := d.item()
	if d.err != nil {
		return
	}
	item.ID = id
	kept := c.keep(i, &item)
	if kept == nil {
		d.fail("attributes without any")
		return
	}
	c.replace(i, kept, shown)
}

type decoder struct {
	r    *bufio.Reader
	text []byte // the string being read
	err  error
}

func (d *decoder) fail(what string) {
	if d.err == nil {
		d.err = fmt.Errorf("%w: %s", errCorrupt, what)
	}
}

func (d *decoder) readError(err error) {
	if d.err != nil {
		return
	}
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	d.err = err
}

func (d *decoder) full(b []byte) {
	if d.err != nil {
		return
	}
	if _, err := io.ReadFull(d.r, b); err != nil {
		d.readError(err)
	}
}

func (d *decoder) byte() byte {
	if d.err != nil {
		return 0
	}
	b, err := d.r.ReadByte()
	if err != nil {
		d.readError(err)
	}
	return b
}

func (d *decoder) uint() uint64 {
	if d.err != nil {
		return 0
	}
	v, err := binary.ReadUvarint(d.r)
	if err != nil {
		d.readError(err)
	}
	return v
}

func (d *decoder) int() int64 {
	if d.err != nil {
		return 0
	}
	v, err := binary.ReadVarint(d.r)
	if err != nil {
		d.readError(err)
	}
	return v
}

func (d *decoder) float() float64 {
	var b [8]byte
	d.full(b[:])
	return math.Float64frombits(binary.LittleEndian.Uint64(b[:]))
}

// count reads a length that is at most limit, 0 after an error.
func (d *decoder) count(limit int) int {
	n := d.uint()
	if n > uint64(limit) {
		d.fail("length beyond its cap")
	}
	if d.err != nil {
		return 0
	}
	return int(n)
}

func (d *decoder) string() string {
	n := d.count(maxString)
	// In pieces, so that a false length costs no more than what is there.
	d.text = d.text[:0]
	for n > 0 && d.err == nil {
		at, piece := len(d.text), min(n, 4096)
		d.text = slices.Grow(d.text, piece)[:at+piece]
		d.full(d.text[at:])
		n -= piece
	}
	if d.err != nil {
		return ""
	}
	return string(d.text)
}

func (d *decoder) list(limit int) []string {
	n := d.count(limit)
	var l []string
	for range n {
		if d.err != nil {
			return nil
		}
		l = append(l, d.string())
	}
	return l
}

func (d *decoder) texts() map[string]string {
	n := d.count(maxCount)
	if n == 0 {
		return nil
	}
	m := make(map[string]string, min(n, 8))
	last := ""
	for i := range n {
		k, v := d.string(), d.string()
		if i > 0 && k <= last {
			d.fail("map keys out of order")
		}
		if d.err != nil {
			return nil
		}
		m[k] = v
		last = k
	}
	return m
}

// flags reads a byte with no bits beyond mask.
func (d *decoder) flags(mask byte) byte {
	b := d.byte()
	if b&^mask != 0 {
		d.fail("unknown flags")
	}
	return b
}

func (d *decoder) item() recommend.Item {
	var it recommend.Item
	it.GroupID, it.Family, it.Brand = d.string(), d.string(), d.string()
	it.Role = recommend.Role(d.string())
	it.URL, it.ImageURL = d.string(), d.string()
	it.Category, it.Tags = d.list(maxDepth), d.list(maxCount)
	it.CompatibleWith, it.BundleOf = d.list(maxCount), d.list(maxCount)
	it.Title, it.Attributes = d.texts(), d.texts()
	for _, m := range [...]*recommend.Money{&it.Price, &it.ListPrice, &it.Cost} {
		*m = d.money()
	}
	it.TaxRate, it.Rating = d.float(), d.float()
	it.RatingCount = d.int()
	flags := d.flags(flagUnavailable | flagStock | flagHistory)
	it.Unavailable = flags&flagUnavailable != 0
	if flags&flagStock != 0 {
		stock := d.int()
		it.Stock = &stock
	}
	for range d.count(maxCount) {
		if d.err != nil {
			break
		}
		it.UpgradeAxes = append(it.UpgradeAxes, recommend.UpgradeAxis{
			Key: d.string(), Label: d.texts(), HigherIsBetter: d.flags(1) == 1,
		})
	}
	if flags&flagHistory != 0 {
		it.PriceHistory = d.history()
	}
	return it
}

func (d *decoder) money() recommend.Money {
	amount := d.int()
	return recommend.Money{Amount: amount, Currency: d.string()}
}

func (d *decoder) history() []recommend.PricePeriod {
	n := d.count(maxCount)
	if n == 0 {
		d.fail("a price history without periods")
	}
	var periods []recommend.PricePeriod
	for range n {
		p := recommend.PricePeriod{Price: d.money(), From: time.Unix(d.int(), 0).UTC()}
		if d.flags(1) == 1 {
			p.To = time.Unix(d.int(), 0).UTC()
			if p.To.IsZero() {
				d.fail("a period that ends at no time")
			}
		}
		if d.err != nil {
			return nil
		}
		periods = append(periods, p)
	}
	return periods
}
