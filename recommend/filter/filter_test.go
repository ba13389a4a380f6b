package filter_test

import (
	"errors"
	"fmt"
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
	"osusume/recommend/filter"
)

func price(v float64) *float64 { return &v }

func yen(amount int64) recommend.Money { return recommend.Money{Amount: amount, Currency: "JPY"} }

// shop has one item for every reason to be let through or not.
func shop() *catalog.Snapshot {
	c := catalog.New()
	none := int64(0)
	c.Put(recommend.Item{ID: "earphones", Category: []string{"Audio", "Earphones"}, Tags: []string{"new", "red"}, Price: yen(9800)})
	c.Put(recommend.Item{ID: "speaker", Category: []string{"Audio"}, Tags: []string{"new"}, Price: yen(15000)})
	c.Put(recommend.Item{ID: "kettle", Category: []string{"Kitchen"}, Tags: []string{"new"}, Price: yen(4000)})
	c.Put(recommend.Item{ID: "discontinued", Category: []string{"Audio"}, Tags: []string{"new"}, Price: yen(9000), Unavailable: true})
	c.Put(recommend.Item{ID: "sold out", Category: []string{"Audio"}, Price: yen(9000), Stock: &none})
	c.Put(recommend.Item{ID: "deleted", Category: []string{"Audio"}, Tags: []string{"new"}, Price: yen(9000)})
	c.Delete("deleted")
	c.Put(recommend.Item{ID: "unpriced", Category: []string{"Audio"}})
	c.Put(recommend.Item{ID: "gift", Price: yen(0)})
	c.Intern("event only")
	return c.Snapshot()
}

func allowed(c *filter.Compiled, s *catalog.Snapshot) []string {
	var ids []string
	for i := range uint32(s.Len()) + 200 {
		if c.Allows(i) {
			ids = append(ids, s.ID(i))
		}
	}
	return ids
}

func TestCompile(t *testing.T) {
	tests := []struct {
		name    string
		filter  recommend.Filter
		exclude []string
		want    []string
	}{
		{"empty lets everything eligible pass", recommend.Filter{}, nil, []string{"earphones", "speaker", "kettle", "unpriced", "gift", "event only"}},
		{"unavailable too", recommend.Filter{IncludeUnavailable: true}, nil, []string{"earphones", "speaker", "kettle", "discontinued", "sold out", "unpriced", "gift", "event only"}},
		{"category", recommend.Filter{Category: []string{"Audio"}}, nil, []string{"earphones", "speaker", "unpriced"}},
		{"leaf", recommend.Filter{Category: []string{"Audio/Earphones"}}, nil, []string{"earphones"}},
		{"any of the categories", recommend.Filter{Category: []string{"Audio/Earphones", "Kitchen"}}, nil, []string{"earphones", "kettle"}},
		{"category with unavailable", recommend.Filter{Category: []string{"Audio"}, IncludeUnavailable: true}, nil, []string{"earphones", "speaker", "discontinued", "sold out", "unpriced"}},
		{"all of the tags", recommend.Filter{Tags: []string{"new", "red"}}, nil, []string{"earphones"}},
		{"category and tag", recommend.Filter{Category: []string{"Audio", "Kitchen"}, Tags: []string{"new"}}, nil, []string{"earphones", "speaker", "kettle"}},
		{"bounds are inclusive", recommend.Filter{PriceMin: price(4000), PriceMax: price(9800)}, nil, []string{"earphones", "kettle"}},
		{"one price", recommend.Filter{PriceMin: price(4000), PriceMax: price(4000)}, nil, []string{"kettle"}},
		{"open above", recommend.Filter{PriceMin: price(9801)}, nil, []string{"speaker"}},
		{"open below, unknown prices never pass", recommend.Filter{PriceMax: price(4000)}, nil, []string{"kettle", "gift"}},
		{"from zero, unknown prices never pass", recommend.Filter{PriceMin: price(0)}, nil, []string{"earphones", "speaker", "kettle", "gift"}},
		{"unknown category", recommend.Filter{Category: []string{"Books"}}, nil, nil},
		{"one known category of two", recommend.Filter{Category: []string{"Books", "Kitchen"}}, nil, []string{"kettle"}},
		{"a path is not a prefix of bytes", recommend.Filter{Category: []string{"Aud"}}, nil, nil},
		{"unknown tag", recommend.Filter{Tags: []string{"new", "blue"}}, nil, nil},
		{"exclusions alone", recommend.Filter{}, []string{"gift", "kettle", "gift"}, []string{"earphones", "speaker", "unpriced", "event only"}},
		{"exclusions and price", recommend.Filter{PriceMax: price(9800)}, []string{"gift", "deleted"}, []string{"earphones", "kettle"}},
	}
	s := shop()
	var c filter.Compiled // the same for all: nothing may be left over
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if err := c.Compile(s, &tt.filter); err != nil {
				t.Fatal(err)
			}
			for _, id := range tt.exclude {
				i, ok := s.Lookup(id)
				if !ok {
					t.Fatalf("no item %q", id)
				}
				c.Exclude(i)
			}
			c.Exclude(uint32(s.Len()))
			c.Exclude(math.MaxUint32)
			if diff := cmp.Diff(tt.want, allowed(&c, s)); diff != "" {
				t.Errorf("allowed (-want +got):\n%s", diff)
			}
			priced := tt.filter.PriceMin != nil || tt.filter.PriceMax != nil
			if got, want := c.Bare(), !priced && tt.exclude == nil; got != want {
				t.Errorf("Bare = %v, want %v", got, want)
			}
		})
	}
}

func TestEmptyFilterSharesTheCatalogsSet(t *testing.T) {
	s := shop()
	var c filter.Compiled
	if err := c.Compile(s, &recommend.Filter{}); err != nil {
		t.Fatal(err)
	}
	if c.Mask() != s.Eligible() {
		t.Error("an empty filter must share Eligible")
	}
	if err := c.Compile(s, &recommend.Filter{IncludeUnavailable: true}); err != nil {
		t.Fatal(err)
	}
	if c.Mask() != s.Shown() {
		t.Error("with unavailable items it must share Shown")
	}
	before := s.Shown().Count()
	if err := c.Compile(s, &recommend.Filter{Tags: []string{"new"}}); err != nil {
		t.Fatal(err)
	}
	if s.Shown().Count() != before || c.Mask() == s.Shown() {
		t.Error("compiling changed the catalog's set")
	}
}

func TestCompileRefuses(t *testing.T) {
	many := slices.Repeat([]string{"x"}, filter.MaxConditions+1)
	tests := []struct {
		name   string
		filter recommend.Filter
		field  string
	}{
		{"empty category", recommend.Filter{Category: []string{"Audio", ""}}, "category[1]"},
		{"empty tag", recommend.Filter{Tags: []string{""}}, "tags[0]"},
		{"many categories", recommend.Filter{Category: many}, "category"},
		{"many tags", recommend.Filter{Tags: many}, "tags"},
		{"negative minimum", recommend.Filter{PriceMin: price(-0.01)}, "price_min"},
		{"negative maximum", recommend.Filter{PriceMax: price(-1)}, "price_max"},
		{"NaN minimum", recommend.Filter{PriceMin: price(math.NaN())}, "price_min"},
		{"NaN maximum", recommend.Filter{PriceMax: price(math.NaN())}, "price_max"},
		{"infinite maximum", recommend.Filter{PriceMax: price(math.Inf(1))}, "price_max"},
		{"minimum above maximum", recommend.Filter{PriceMin: price(2), PriceMax: price(1)}, "price_min"},
	}
	s := shop()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var c filter.Compiled
			if err := c.Compile(s, &recommend.Filter{Tags: []string{"new"}}); err != nil || allowed(&c, s) == nil {
				t.Fatalf("Compile = %v, or nothing passes", err)
			}
			err := c.Compile(s, &tt.filter)
			var e *recommend.Error
			if !errors.As(err, &e) || e.Code != recommend.CodeInvalid || e.Field != tt.field {
				t.Fatalf("Compile = %#v, want invalid %s", err, tt.field)
			}
			if got := allowed(&c, s); got != nil {
				t.Errorf("a refused filter lets %v pass", got)
			}
		})
	}
	var c filter.Compiled
	if err := c.Compile(s, &recommend.Filter{Category: many[1:], Tags: many[1:], PriceMin: price(0), PriceMax: price(0)}); err != nil {
		t.Errorf("the limits themselves must be allowed: %v", err)
	}
}

var vocabulary = []string{"a", "b", "c", "d"}

func randomShop(rng *rand.Rand, n int) *catalog.Catalog {
	c := catalog.New()
	for i := range n {
		id := fmt.Sprint("i", i)
		if rng.IntN(10) == 0 {
			c.Intern(id)
			continue
		}
		it := recommend.Item{ID: id, Unavailable: rng.IntN(6) == 0}
		for range rng.IntN(3) {
			it.Category = append(it.Category, vocabulary[rng.IntN(3)])
			it.Tags = append(it.Tags, vocabulary[rng.IntN(3)])
		}
		if rng.IntN(4) > 0 {
			it.Price = yen(rng.Int64N(10))
		}
		c.Put(it)
		if rng.IntN(10) == 0 {
			c.Delete(id)
		}
	}
	return c
}

// naive decides from the item itself.
func naive(s *catalog.Snapshot, f *recommend.Filter, excluded map[uint32]bool, i uint32) bool {
	it := s.Item(i)
	if s.Deleted(i) || excluded[i] || !f.IncludeUnavailable && !it.Eligible() {
		return false
	}
	if len(f.Category) > 0 && !slices.ContainsFunc(f.Category, func(path string) bool {
		full := strings.Join(it.Category, "/")
		return full == path || strings.HasPrefix(full, path+"/")
	}) {
		return false
	}
	for _, tag := range f.Tags {
		if !slices.Contains(it.Tags, tag) {
			return false
		}
	}
	known := it.Price.Currency != ""
	if f.PriceMin != nil && !(known && it.Price.Major() >= *f.PriceMin) {
		return false
	}
	return f.PriceMax == nil || known && it.Price.Major() <= *f.PriceMax
}

func TestCompiledAgainstNaive(t *testing.T) {
	var c filter.Compiled // over snapshots of different lengths
	rapid.Check(t, func(t *rapid.T) {
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "shop"), 3))
		s := randomShop(rng, rapid.IntRange(0, 300).Draw(t, "items")).Snapshot()
		for range 3 {
			path := rapid.Custom(func(t *rapid.T) string {
				return strings.Join(rapid.SliceOfN(rapid.SampledFrom(vocabulary), 1, 2).Draw(t, "path"), "/")
			})
			f := recommend.Filter{
				Category:           rapid.SliceOfN(path, 0, 2).Draw(t, "category"),
				Tags:               rapid.SliceOfN(rapid.SampledFrom(vocabulary), 0, 2).Draw(t, "tags"),
				IncludeUnavailable: rapid.Bool().Draw(t, "unavailable"),
			}
			if rapid.Bool().Draw(t, "has min") {
				f.PriceMin = price(float64(rapid.IntRange(0, 5).Draw(t, "min")))
			}
			if rapid.Bool().Draw(t, "has max") {
				f.PriceMax = price(float64(rapid.IntRange(5, 10).Draw(t, "max")))
			}
			if err := c.Compile(s, &f); err != nil {
				t.Fatal(err)
			}
			excluded := map[uint32]bool{}
			for _, i := range rapid.SliceOf(rapid.Uint32Range(0, 310)).Draw(t, "excluded") {
				c.Exclude(i)
				excluded[i] = true
			}
			var got, want, mask []uint32
			for i := range uint32(s.Len()) {
				if c.Allows(i) {
					got = append(got, i)
				}
				if naive(s, &f, excluded, i) {
					want = append(want, i)
				}
				unpriced := f
				unpriced.PriceMin, unpriced.PriceMax = nil, nil
				if naive(s, &unpriced, nil, i) {
					mask = append(mask, i)
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("%+v (-want +got):\n%s", f, diff)
			}
			if diff := cmp.Diff(mask, c.Mask().AppendTo(nil), cmpopts.EquateEmpty()); diff != "" {
				t.Fatalf("Mask of %+v (-want +got):\n%s", f, diff)
			}
		}
	})
}

func TestNoAllocationOnceWarm(t *testing.T) {
	s := randomShop(rand.New(rand.NewPCG(1, 3)), 2000).Snapshot()
	f := recommend.Filter{Category: []string{"a", "b/c"}, Tags: []string{"a"}, PriceMax: price(5)}
	var c filter.Compiled
	got := testing.AllocsPerRun(10, func() {
		if err := c.Compile(s, &f); err != nil {
			t.Fatal(err)
		}
		for i := range uint32(100) {
			c.Exclude(i)
			c.Allows(i + 50)
		}
	})
	if got != 0 {
		t.Errorf("%v allocations, want 0", got)
	}
}
