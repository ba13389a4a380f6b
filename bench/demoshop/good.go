package demoshop

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"osusume/recommend"
)

// good is an item as the simulation sees it; indices are places in Shop.goods.
type good struct {
	item         recommend.Item
	shelf, aisle int
	popularity   float64
	// quantile is the price's place among its shelf, 0 cheapest to 1 dearest.
	quantile float64
	season   season
	cycle    cycle
	follows  []follow  // bonds from here
	upgrades []upgrade // better models
	sequel   int       // next volume, or -1
	fresh    bool
	reduced  int // days before the end, 0 never
}

type follow struct {
	to int
	p  float64
}

type upgrade struct {
	to int
	// instead is the share of buyers who came for this item and leave with the
	// better one; later is the share of owners who come back for it.
	instead, later float64
}

const (
	sizeInstead  = 0.35
	modelInstead = 0.22
	modelLater   = 0.14
	sequelShare  = 0.55
)

// room is a shelf as the simulation sees it: its goods and how to draw one.
type room struct {
	season season
	pick   picker
}

// stocking collects the goods while the catalog is laid out.
type stocking struct {
	rng    *rand.Rand
	goods  []good
	rooms  []room
	halls  []hall
	byRow  map[string][]int // row id -> its sizes, first to last
	byID   map[string]int
	chains []chain
}

// hall is an aisle as the simulation sees it.
type hall struct {
	name  string
	rooms picker // of indices into rooms
}

type chain struct{ from, to string }

// stock lays out the whole catalog of about wanted items.
func stock(rng *rand.Rand, wanted int) (*stocking, error) {
	s := &stocking{rng: rng, byRow: map[string][]int{}, byID: map[string]int{}}
	for _, a := range aisles() {
		s.addAisle(a)
	}
	s.addAisle(aisle{"books", bookShelves(max(0, wanted-len(s.goods)))})
	if err := s.tie(); err != nil {
		return nil, err
	}
	return s, nil
}

func (s *stocking) addAisle(a aisle) {
	index := len(s.halls)
	var rooms []int
	var weights []float64
	for i := range a.shelves {
		sh := &a.shelves[i]
		from := len(s.goods)
		for rank := range sh.rows {
			s.addRow(sh, &sh.rows[rank], rank, index)
		}
		s.priceQuantiles(from)
		members := make([]int, 0, len(s.goods)-from)
		shares := make([]float64, 0, len(s.goods)-from)
		for g := from; g < len(s.goods); g++ {
			if s.goods[g].fresh {
				continue
			}
			members = append(members, g)
			shares = append(shares, s.goods[g].popularity)
		}
		s.rooms = append(s.rooms, room{season: sh.season, pick: newPicker(members, shares)})
		if sh.pop > 0 {
			rooms = append(rooms, len(s.rooms)-1)
			weights = append(weights, sh.pop)
		}
	}
	s.halls = append(s.halls, hall{name: a.name, rooms: newPicker(rooms, weights)})
}

// addRow makes one item of a row, or one for each size.
func (s *stocking) addRow(sh *shelf, r *row, rank, aisleIndex int) {
	sizes := sh.sizes
	if len(sizes) == 0 {
		sizes = []size{{times: 1}}
	}
	// Zipf over the shelf with noise that differs from seed to seed.
	base := math.Pow(float64(rank+1), -1.05) * math.Exp(0.25*s.rng.NormFloat64())
	if r.gone || slices.Contains(trendingIDs(), r.id) {
		base *= 0.5
	}
	for i, sz := range sizes {
		g := good{
			item: s.item(sh, r, sz), shelf: len(s.rooms), aisle: aisleIndex,
			popularity: base / math.Pow(float64(i+1), 1), season: sh.season, cycle: sh.cycle,
			sequel: -1, fresh: r.fresh,
		}
		g.reduced = reduced(r, &g.item)
		g.item.RatingCount = int64(20 + 900*g.popularity*sh.pop*(0.5+s.rng.Float64()))
		if r.fresh {
			g.item.Rating, g.item.RatingCount = 0, 0
		}
		s.byRow[r.id] = append(s.byRow[r.id], len(s.goods))
		s.byID[g.item.ID] = len(s.goods)
		s.goods = append(s.goods, g)
	}
	if r.next != "" {
		s.chains = append(s.chains, chain{r.id, r.next})
	}
}

func (s *stocking) item(sh *shelf, r *row, sz size) recommend.Item {
	it := recommend.Item{
		ID: r.id, Family: r.family, Title: recommend.Text{"ja": r.ja, "en": r.en},
		Category: strings.Split(sh.path, "/"), Brand: r.brand, Role: sh.role, TaxRate: 0.10,
		Price: yen(float64(r.yen) * sz.times), CompatibleWith: r.fits, Unavailable: r.gone,
		Attributes: map[string]string{"category_ja": sh.ja},
	}
	if it.Brand == "" {
		it.Brand = sh.brand
	}
	if sh.food {
		it.TaxRate = 0.08
	}
	for pair := range strings.FieldsSeq(r.attrs) {
		k, v, _ := strings.Cut(pair, "=")
		it.Attributes[k] = v
	}
	if sz.id != "" {
		it.GroupID = r.id
		it.ID = r.id + "-" + sz.id
		it.Title["ja"] += " " + sz.ja
		it.Title["en"] += ", " + sz.en
		it.Attributes[sz.key] = sz.value
	}
	if len(sh.axes) > 0 && r.family != "" {
		it.UpgradeAxes = slices.Clone(sh.axes)
	}
	it.Tags = slices.Compact(slices.Sorted(strings.FieldsSeq(sh.tags + " " + r.tags)))
	it.Cost = recommend.Money{Amount: int64(float64(it.Price.Amount) * sh.cost), Currency: "JPY"}
	switch {
	case r.was > 0:
		it.ListPrice = yen(float64(r.was) * sz.times)
	case sh.role != recommend.RolePlan && s.rng.Float64() < 0.06:
		it.ListPrice = yen(float64(it.Price.Amount) * 1.18)
		it.Tags = append(it.Tags, "sale")
		slices.Sort(it.Tags)
		it.Tags = slices.Compact(it.Tags)
	}
	it.Rating = math.Round((3.5+1.3*s.rng.Float64())*10) / 10
	if sh.role != recommend.RolePlan {
		n := int64(5 + s.rng.IntN(200))
		if r.out {
			n = 0
		}
		it.Stock = &n
	}
	return it
}

// priceQuantiles ranks the goods from index from on by price.
func (s *stocking) priceQuantiles(from int) {
	shelf := s.goods[from:]
	for i := range shelf {
		cheaper, n := 0, len(shelf)-1
		for j := range shelf {
			if shelf[j].item.Price.Amount < shelf[i].item.Price.Amount {
				cheaper++
			}
		}
		shelf[i].quantile = 0.5
		if n > 0 {
			shelf[i].quantile = float64(cheaper) / float64(n)
		}
	}
}

// tie connects goods by bonds, better models, bigger sizes and next volumes.
func (s *stocking) tie() error {
	for _, b := range bonds() {
		to, ok := s.byID[b.with]
		from := s.expand(b.main)
		if !ok || len(from) == 0 {
			return fmt.Errorf("tie %s to %s: no such row", b.main, b.with)
		}
		for _, f := range from {
			s.goods[f].follows = append(s.goods[f].follows, follow{to, b.probability})
		}
	}
	for _, c := range s.chains {
		from, to := s.byRow[c.from], s.byRow[c.to]
		if len(to) == 0 {
			return fmt.Errorf("tie %s to %s: no such row", c.from, c.to)
		}
		for i, f := range from {
			t := to[min(i, len(to)-1)]
			s.goods[f].upgrades = append(s.goods[f].upgrades, upgrade{t, modelInstead, modelLater})
		}
	}
	for _, sizes := range s.byRow {
		s.tieSizes(sizes)
	}
	for i := range s.goods[:max(0, len(s.goods)-1)] {
		g, next := &s.goods[i], &s.goods[i+1]
		if g.item.Attributes["series"] != "" && g.item.Attributes["series"] == next.item.Attributes["series"] {
			g.sequel = i + 1
		}
	}
	return nil
}

// tieSizes makes a bigger size an upgrade where the size is an upgrade axis.
func (s *stocking) tieSizes(sizes []int) {
	for i := 0; i+1 < len(sizes); i++ {
		from, to := &s.goods[sizes[i]], s.goods[sizes[i+1]].item
		for _, ax := range from.item.UpgradeAxes {
			if from.item.Attributes[ax.Key] != to.Attributes[ax.Key] {
				from.upgrades = append(from.upgrades, upgrade{sizes[i+1], sizeInstead, 0})
				break
			}
		}
	}
}

// expand resolves a row id to all its goods, or an item id to itself.
func (s *stocking) expand(id string) []int {
	if goods, ok := s.byRow[id]; ok {
		return goods
	}
	if g, ok := s.byID[id]; ok {
		return []int{g}
	}
	return nil
}

// yen rounds a price the way shops do: 80 at the end from 1,000 yen up, and
// to ten yen below.
func yen(v float64) recommend.Money {
	n := int64(v)
	switch {
	case n >= 1000 && n%100 != 80 && n%1000 != 0 && n%100 != 0:
		n = n/100*100 + 80
	case n < 1000:
		n = n / 10 * 10
	}
	return recommend.Money{Amount: n, Currency: "JPY"}
}

// picker draws one of its members in proportion to their shares.
type picker struct {
	members    []int
	cumulative []float64
}

func newPicker(members []int, shares []float64) picker {
	p := picker{members: members, cumulative: make([]float64, len(members))}
	total := 0.0
	for i, s := range shares {
		total += s
		p.cumulative[i] = total
	}
	return p
}

// draw returns a member; it panics when there is none.
func (p *picker) draw(rng *rand.Rand) int {
	x := rng.Float64() * p.cumulative[len(p.cumulative)-1]
	i, _ := slices.BinarySearch(p.cumulative, x)
	return p.members[min(i, len(p.members)-1)]
}
