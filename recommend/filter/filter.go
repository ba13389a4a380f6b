// Package filter compiles what a request asks for, and what it must not show,
// into a test per item.
//
// The cheapest test comes first: one bit says whether the item is eligible and
// carries the categories and tags asked for; only then come the price bounds
// and the exclusions. A request without a filter shares the catalog's own
// eligible set, so that it costs nothing to compile.
//
// An unknown category or tag lets nothing pass: that is an answer, not an
// error.
package filter

import (
	"math"
	"strconv"

	"osusume/recommend"
	"osusume/recommend/catalog"
	"osusume/recommend/itemset"
)

// MaxConditions bounds the categories and the tags of one filter.
const MaxConditions = 100

// Compiled is a filter ready to test items of one catalog snapshot. The zero
// value is ready for Compile, which comes before everything else. It is meant
// to be used again and again by one goroutine at a time: Compile keeps its
// memory, one bit per item for the set and one for the exclusions, and does
// not allocate once that has grown to the catalog's size.
type Compiled struct {
	catalog *catalog.Snapshot
	mask    *itemset.Set // the catalog's or &own
	own     itemset.Set
	// bare says that mask alone decides: no price bounds, no exclusions.
	bare     bool
	priced   bool
	min, max float64

	excluded itemset.Set
	// marked lists the bits set in excluded, so that clearing them costs what
	// was set.
	marked []uint32
}

// Compile makes c test items of s by f, without exclusions. The error is a
// recommend.Error that names the field of f ("category[1]", "price_min"); c
// then lets nothing pass.
func (c *Compiled) Compile(s *catalog.Snapshot, f *recommend.Filter) error {
	c.reset(s)
	if err := validate(f); err != nil {
		return err
	}
	c.min, c.max = math.Inf(-1), math.Inf(1)
	if f.PriceMin != nil {
		c.min = *f.PriceMin
	}
	if f.PriceMax != nil {
		c.max = *f.PriceMax
	}
	c.priced = f.PriceMin != nil || f.PriceMax != nil
	c.bare = !c.priced

	base := s.Eligible()
	if f.IncludeUnavailable {
		base = s.Shown()
	}
	if len(f.Category) == 0 && len(f.Tags) == 0 {
		c.mask = base
		return nil
	}
	c.mask = &c.own
	if len(f.Category) == 0 {
		c.own.CopyFrom(base)
	} else {
		c.own.Reset(base.Len())
		for _, path := range f.Category {
			c.own.OrMembers(s.Category(path))
		}
		c.own.And(base)
	}
	for _, tag := range f.Tags {
		c.own.AndMembers(s.Tag(tag))
	}
	return nil
}

func (c *Compiled) reset(s *catalog.Snapshot) {
	for _, i := range c.marked {
		c.excluded.Clear(i)
	}
	c.marked = c.marked[:0]
	c.excluded.Grow(s.Len())
	c.catalog = s
	c.own.Reset(0)
	c.mask = &c.own
	c.bare = true
	c.priced = false
}

// Exclude keeps item i from passing until the next Compile. Exclusions are
// bits, so thousands of them (what a visitor has bought) cost no more per test
// than one. An id beyond the catalog is ignored.
func (c *Compiled) Exclude(i uint32) {
	if int(i) >= c.excluded.Len() || c.excluded.Has(i) {
		return
	}
	c.excluded.Set(i)
	c.marked = append(c.marked, i)
	c.bare = false
}

// Allows reports whether item i passes; an id beyond the catalog does not.
func (c *Compiled) Allows(i uint32) bool {
	return c.mask.Has(i) && (c.bare || c.allows(i))
}

func (c *Compiled) allows(i uint32) bool {
	if c.priced {
		// An unknown price is NaN and fails both comparisons.
		if p := c.catalog.Price(i); !(p >= c.min && p <= c.max) {
			return false
		}
	}
	return !c.excluded.Has(i)
}

// Mask is the set of items that pass everything but price bounds and
// exclusions. For reading only, and only until the next Compile.
func (c *Compiled) Mask() *itemset.Set { return c.mask }

// Bare reports whether Mask alone decides. Allows is too long for the compiler
// to inline but Has of a Set is not, so a hot loop that asks
//
//	mask.Has(i) && (bare || c.Allows(i))
//
// makes no call at all without a filter, and none for items the mask refuses.
func (c *Compiled) Bare() bool { return c.bare }

func validate(f *recommend.Filter) error {
	if err := validateNames("category", f.Category); err != nil {
		return err
	}
	if err := validateNames("tags", f.Tags); err != nil {
		return err
	}
	bounds := [...]struct {
		field string
		value *float64
	}{{"price_min", f.PriceMin}, {"price_max", f.PriceMax}}
	for _, b := range bounds {
		if b.value == nil {
			continue
		}
		if math.IsNaN(*b.value) || math.IsInf(*b.value, 0) {
			return recommend.Invalid(b.field, "must be a finite number")
		}
		if *b.value < 0 {
			return recommend.Invalid(b.field, "must not be negative, got %v", *b.value)
		}
	}
	if f.PriceMin != nil && f.PriceMax != nil && *f.PriceMin > *f.PriceMax {
		return recommend.Invalid("price_min", "must not be above price_max %v, got %v", *f.PriceMax, *f.PriceMin)
	}
	return nil
}

func validateNames(field string, names []string) error {
	if len(names) > MaxConditions {
		return recommend.Invalid(field, "at most %d values, got %d", MaxConditions, len(names))
	}
	for i, name := range names {
		if name == "" {
			return recommend.Invalid(field+"["+strconv.Itoa(i)+"]", "must not be empty")
		}
	}
	return nil
}
