package catalog_test

import (
	"bytes"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"osusume/recommend"
	"osusume/recommend/catalog"
	"osusume/recommend/itemset"
)

// model is the naive catalog: everything is recomputed from the items.
type model struct {
	ids     []string // by dense id
	items   map[string]recommend.Item
	deleted map[string]bool
}

func newModel() *model {
	return &model{items: map[string]recommend.Item{}, deleted: map[string]bool{}}
}

func (m *model) intern(id string) {
	if _, ok := m.items[id]; !ok {
		m.ids = append(m.ids, id)
		m.items[id] = recommend.Item{ID: id}
	}
}

func (m *model) put(it recommend.Item) {
	m.intern(it.ID)
	m.items[it.ID] = it
	delete(m.deleted, it.ID)
}

func (m *model) delete(id string) bool {
	_, known := m.items[id]
	if !known || m.deleted[id] {
		return false
	}
	m.deleted[id] = true
	return true
}

func (m *model) clone() *model {
	return &model{ids: slices.Clone(m.ids), items: maps.Clone(m.items), deleted: maps.Clone(m.deleted)}
}

// where lists the dense ids of the shown items that keep returns true for.
func (m *model) where(keep func(it *recommend.Item) bool) []uint32 {
	var list []uint32
	for i, id := range m.ids {
		it := m.items[id]
		if !m.deleted[id] && keep(&it) {
			list = append(list, uint32(i))
		}
	}
	return list
}

func below(it *recommend.Item, path string) bool {
	for k := range it.Category {
		if strings.Join(it.Category[:k+1], "/") == path {
			return true
		}
	}
	return false
}

// The vocabulary the tests draw from; the last of each is never used.
var (
	testPaths = [][]string{nil, {"A"}, {"A", "B"}, {"A", "B", "C"}, {"A/B"}, {"D"}, {"あ", "い"}}
	testNames = []string{"A", "A/B", "A/B/C", "D", "あ", "あ/い", "B", "none"}
	testTags  = []string{"new", "sale", "red", "none"}
	testWords = []string{"", "x", "y", "z"}
)

type verdict interface {
	Helper()
	Fatalf(format string, args ...any)
}

// checkSnapshot compares every answer of s with the model.
func checkSnapshot(t verdict, s *catalog.Snapshot, m *model) {
	t.Helper()
	equal := func(what string, got, want any, options ...cmp.Option) {
		t.Helper()
		if diff := cmp.Diff(want, got, options...); diff != "" {
			t.Fatalf("%s (-want +got):\n%s", what, diff)
		}
	}
	same := func(what string, got *itemset.Members, want []uint32) {
		t.Helper()
		equal(what, got.AppendTo(nil), want)
		if (got == nil) != (len(want) == 0) {
			t.Fatalf("%s: nil is for no members and nothing else", what)
		}
	}
	equal("Len", s.Len(), len(m.ids))
	all := func(*recommend.Item) bool { return true }
	eligible := m.where((*recommend.Item).Eligible)
	equal("Shown", s.Shown().AppendTo(nil), m.where(all))
	equal("Eligible", s.Eligible().AppendTo(nil), eligible)
	equal("lengths of the masks", []int{s.Shown().Len(), s.Eligible().Len()}, []int{len(m.ids), len(m.ids)})

	seen := map[string]string{} // attributes whose members were compared
	for i, id := range m.ids {
		i := uint32(i)
		it := m.items[id]
		if got, ok := s.Lookup(id); !ok || got != i {
			t.Fatalf("Lookup(%q) = %d, %v, want %d", id, got, ok, i)
		}
		equal("ID", s.ID(i), id)
		equal("Item "+id, *s.Item(i), it)
		equal("Role "+id, s.Role(i), it.Role)
		equal("Deleted "+id, s.Deleted(i), m.deleted[id])
		price := math.NaN()
		if it.Price != (recommend.Money{}) {
			price = it.Price.Major()
		}
		if got := s.Price(i); got != price && !(math.IsNaN(got) && math.IsNaN(price)) {
			t.Fatalf("Price(%s) = %v, want %v", id, got, price)
		}
		attributes := [...]struct {
			name    string
			ordinal uint32
			value   string
			members func(uint32) *itemset.Members
			of      func(*recommend.Item) string
		}{
			{"leaf", s.Leaf(i), strings.Join(it.Category, "/"), s.InLeaf, func(it *recommend.Item) string { return strings.Join(it.Category, "/") }},
			{"group", s.Group(i), it.GroupID, s.InGroup, func(it *recommend.Item) string { return it.GroupID }},
			{"family", s.Family(i), it.Family, s.InFamily, func(it *recommend.Item) string { return it.Family }},
			{"brand", s.Brand(i), it.Brand, s.InBrand, func(it *recommend.Item) string { return it.Brand }},
		}
		for _, a := range attributes {
			if (a.ordinal == 0) != (a.value == "") {
				t.Fatalf("%s of %s = %d for %q", a.name, id, a.ordinal, a.value)
			}
			key := fmt.Sprint(a.name, a.ordinal)
			if name, ok := seen[key]; a.ordinal == 0 || ok {
				if ok && name != a.value {
					t.Fatalf("%s %q and %q share an ordinal", a.name, name, a.value)
				}
				continue
			}
			seen[key] = a.value
			same(a.name+" of "+id, a.members(a.ordinal), m.where(func(it *recommend.Item) bool { return a.of(it) == a.value }))
		}
	}
	if _, ok := s.Lookup("never seen"); ok {
		t.Fatalf("Lookup finds an unknown id")
	}
	for _, none := range []*itemset.Members{s.InLeaf(0), s.InGroup(0), s.InFamily(0), s.InBrand(0), s.InBrand(1 << 30), s.Category(""), s.Tag("")} {
		if none != nil {
			t.Fatalf("no name has members: %v", none.AppendTo(nil))
		}
	}

	var categories []string
	for _, path := range testNames {
		want := m.where(func(it *recommend.Item) bool { return below(it, path) })
		same("category "+path, s.Category(path), want)
		if want != nil {
			categories = append(categories, path)
		}
	}
	slices.Sort(categories)
	equal("Categories", s.Categories(), categories)
	for _, tag := range testTags {
		same("tag "+tag, s.Tag(tag), m.where(func(it *recommend.Item) bool { return slices.Contains(it.Tags, tag) }))
	}

	for _, part := range append(slices.Clone(m.ids), "part", "never seen") {
		same("bundles of "+part, s.Bundles(part), m.where(func(it *recommend.Item) bool { return slices.Contains(it.BundleOf, part) }))
	}

	sorted := slices.Clone(m.ids)
	slices.Sort(sorted)
	var byID, listed []string
	for i := range s.ByID() {
		byID = append(byID, s.ID(i))
	}
	for _, it := range s.List("", len(m.ids)+1) {
		listed = append(listed, it.ID)
	}
	equal("List", listed, slices.DeleteFunc(slices.Clone(sorted), func(id string) bool { return m.deleted[id] }), cmpopts.EquateEmpty())
	equal("ByID", byID, slices.DeleteFunc(slices.Clone(sorted), func(id string) bool {
		it := m.items[id]
		return m.deleted[id] || !it.Eligible()
	}), cmpopts.EquateEmpty())
	for k := 1; k < len(sorted); k++ {
		a, _ := s.Lookup(sorted[k-1])
		b, _ := s.Lookup(sorted[k])
		if !s.Less(a, b) || s.Less(b, a) || s.Less(a, a) {
			t.Fatalf("Less disagrees on %q and %q", sorted[k-1], sorted[k])
		}
	}
}

func randomItem(rng *rand.Rand, id string) recommend.Item {
	one := func(list []string) string { return list[rng.IntN(len(list))] }
	it := recommend.Item{
		ID:          id,
		GroupID:     one(testWords),
		Family:      one(testWords),
		Brand:       one(testWords),
		Category:    slices.Clone(testPaths[rng.IntN(len(testPaths))]),
		Unavailable: rng.IntN(5) == 0,
	}
	for range rng.IntN(3) {
		it.Tags = append(it.Tags, one(testTags[:len(testTags)-1])) // the same twice too
	}
	if rng.IntN(3) > 0 {
		it.Price = recommend.Money{Amount: rng.Int64N(5000), Currency: []string{"JPY", "USD", "KWD"}[rng.IntN(3)]}
	}
	if rng.IntN(3) == 0 {
		stock := rng.Int64N(2)
		it.Stock = &stock
	}
	if rng.IntN(3) == 0 {
		it.Title = recommend.Text{"ja": "本 " + id, "en": "Book " + id}
		it.Attributes = map[string]string{"size": one(testWords), "k" + one(testWords): "v"}
		it.UpgradeAxes = []recommend.UpgradeAxis{{Key: "size", Label: recommend.Text{"en": "Size"}, HigherIsBetter: true}}
		it.CompatibleWith = []string{"size=x", id}
		it.BundleOf = [][]string{{id}, {id, "part"}, {"part", "part"}}[rng.IntN(3)]
		it.Role = recommend.RoleAccessory
		it.TaxRate, it.Rating, it.RatingCount = 0.1, 4.5, 12
		it.URL, it.ImageURL = "https://shop.example/"+id, "https://shop.example/"+id+".png"
		it.Cost = recommend.Money{Amount: 10, Currency: "JPY"}
		it.ListPrice = recommend.Money{Amount: 20, Currency: "JPY"}
	}
	return it
}

func reload(t verdict, c *catalog.Catalog) *catalog.Catalog {
	t.Helper()
	var first, second bytes.Buffer
	if err := c.Encode(&first); err != nil {
		t.Fatalf("Encode: %v", err)
	}
	d, err := catalog.Decode(bytes.NewReader(first.Bytes()))
	if err != nil {
		t.Fatalf("Decode: %v", err)
	}
	if err := d.Encode(&second); err != nil {
		t.Fatalf("Encode again: %v", err)
	}
	if !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Fatalf("a decoded catalog encodes to other bytes")
	}
	return d
}

// TestCatalogAgainstModel runs random histories; every snapshot ever taken must
// go on saying what was true when it was taken.
func TestCatalogAgainstModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, m := catalog.New(), newModel()
		type taken struct {
			s *catalog.Snapshot
			m *model
		}
		var kept []taken
		id := rapid.Custom(func(t *rapid.T) string {
			return fmt.Sprintf("i%d", rapid.IntRange(0, 40).Draw(t, "n"))
		})
		t.Repeat(map[string]func(*rapid.T){
			"intern": func(t *rapid.T) {
				id := id.Draw(t, "id")
				m.intern(id)
				if i := c.Intern(id); m.ids[i] != id {
					t.Fatalf("Intern(%q) = %d", id, i)
				}
			},
			"put": func(t *rapid.T) {
				it := randomItem(rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1)), id.Draw(t, "id"))
				m.put(it)
				if i := c.Put(it); m.ids[i] != it.ID {
					t.Fatalf("Put(%q) = %d", it.ID, i)
				}
			},
			"patch": func(t *rapid.T) {
				i, ok := c.Lookup(id.Draw(t, "id"))
				if !ok {
					return
				}
				it := m.items[m.ids[i]]
				it.Unavailable = !it.Unavailable
				it.Price = recommend.Money{Amount: rapid.Int64Range(0, 100).Draw(t, "price"), Currency: "JPY"}
				m.put(it)
				c.Put(it)
			},
			"delete": func(t *rapid.T) {
				id := id.Draw(t, "id")
				if got, want := c.Delete(id), m.delete(id); got != want {
					t.Fatalf("Delete(%q) = %v, want %v", id, got, want)
				}
			},
			"snapshot": func(t *rapid.T) {
				if len(kept) == 3 {
					kept = kept[1:]
				}
				kept = append(kept, taken{c.Snapshot(), m.clone()})
			},
			"reload": func(t *rapid.T) { c = reload(t, c) },
			"": func(t *rapid.T) {
				if c.Len() != len(m.ids) {
					t.Fatalf("Len = %d, want %d", c.Len(), len(m.ids))
				}
			},
		})
		for _, k := range kept {
			checkSnapshot(t, k.s, k.m)
		}
		s := c.Snapshot()
		checkSnapshot(t, s, m)
		if c.Snapshot() != s {
			t.Fatalf("a second Snapshot without a change is another one")
		}
		checkSnapshot(t, reload(t, c).Snapshot(), m)
	})
}

// TestManyItems crosses pages, blocks of the order and both forms of member
// sets, with a reader on an old snapshot while the writer goes on.
func TestManyItems(t *testing.T) {
	const n = 3000
	rng := rand.New(rand.NewPCG(7, 7))
	c, m := catalog.New(), newModel()
	fill := func() {
		for _, k := range rng.Perm(n)[:n/2] {
			it := randomItem(rng, fmt.Sprintf("item-%d", k))
			m.put(it)
			c.Put(it)
		}
		for k := range n / 10 {
			id := fmt.Sprintf("item-%d", k*7)
			if c.Delete(id) != m.delete(id) {
				t.Fatalf("Delete(%s) disagrees with the model", id)
			}
		}
	}
	fill()
	for range 2 {
		s, then := c.Snapshot(), m.clone()
		read := make(chan map[string]string)
		go func() { read <- digest(s) }()
		fill()
		busy := <-read
		if diff := cmp.Diff(busy, digest(s)); diff != "" {
			t.Fatalf("the snapshot changed while it was read:\n%s", diff)
		}
		checkSnapshot(t, s, then)
	}
	checkSnapshot(t, c.Snapshot(), m)
	checkSnapshot(t, reload(t, c).Snapshot(), m)
}

// digest renders what readers ask for most.
func digest(s *catalog.Snapshot) map[string]string {
	out := map[string]string{
		"shown":    fmt.Sprint(s.Shown().AppendTo(nil)),
		"eligible": fmt.Sprint(s.Eligible().AppendTo(nil)),
		"names":    fmt.Sprint(s.Categories()),
	}
	for _, name := range testNames {
		out["category "+name] = fmt.Sprint(s.Category(name).AppendTo(nil))
	}
	for i := range uint32(s.Len()) {
		out["item "+s.ID(i)] = fmt.Sprint(*s.Item(i), s.Price(i), s.Leaf(i), s.Brand(i))
	}
	return out
}
