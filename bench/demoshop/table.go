package demoshop

import (
	"time"

	"osusume/recommend"
)

// aisle is what one kind of visitor comes for. Visits start in an aisle by
// taste and drift along its shelves.
type aisle struct {
	name    string
	shelves []shelf
}

// shelf is one leaf category and what its rows share.
type shelf struct {
	path, ja string // "Coffee/Beans" and its Japanese reading, level by level
	brand    string // of rows that name none
	role     recommend.Role
	cost     float64 // what the shop pays, as a share of the price
	pop      float64 // share of the aisle's visits that start here
	cycle    cycle
	axes     []recommend.UpgradeAxis
	season   season
	tags     string // space separated, on every row
	food     bool   // reduced tax
	sizes    []size // every row is sold in each of these
	rows     []row
}

// row is one model of a shelf, the most popular first; with sizes it becomes
// one item group.
type row struct {
	id, ja, en   string
	yen          int64 // tax included, of the first size
	brand        string
	family, next string // next is the row id of the better model
	attrs        string // "key=value key=value"
	tags         string
	fits         []string // item ids, group ids or key=value
	was          int64    // price before the reduction, yen
	out          bool     // stock is zero
	gone         bool     // not for sale any more
	fresh        bool     // arrived on the last day: no event knows it
}

// size is one variant of a row.
type size struct {
	id, ja, en string
	key, value string  // the attribute it sets
	times      float64 // price against the first size
}

// cycle is how often a consumable is bought again: normally distributed.
type cycle struct{ days, spread float64 }

// season names when an item sells.
type season uint8

const (
	allYear season = iota
	summer
	winter
	rainy
	yearEnd
	valentine
	newLife // April: the Japanese school and business year starts
)

// factor is the demand in a month, 1 at the peak.
func (s season) factor(month time.Month) float64 {
	const low = 0.06
	curves := [...][12]float64{
		allYear:   {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1},
		summer:    {low, low, low, low, .3, .8, 1, 1, .25, low, low, low},
		winter:    {1, .8, .25, low, low, low, low, low, .1, .35, .9, 1},
		rainy:     {low, low, .1, .2, .5, 1, .8, .2, .4, .15, low, low},
		yearEnd:   {.1, low, low, low, low, low, low, low, low, .1, .5, 1},
		valentine: {.5, 1, .2, low, low, low, low, low, low, low, low, low},
		newLife:   {.5, .3, .9, 1, .15, low, low, low, low, low, .3, .8},
	}
	return curves[s][month-1]
}

// peak lists the months with at least half of the greatest demand.
func (s season) peak() []time.Month {
	var months []time.Month
	for m := time.January; m <= time.December; m++ {
		if s.factor(m) >= 0.5 {
			months = append(months, m)
		}
	}
	return months
}

func axis(key, ja, en string) recommend.UpgradeAxis {
	return recommend.UpgradeAxis{Key: key, Label: recommend.Text{"ja": ja, "en": en}, HigherIsBetter: true}
}

// aisles is the whole hand-written catalog; books fill it up to the wanted size.
func aisles() []aisle {
	return []aisle{
		{"phones", phoneShelves()},
		{"computers", computerShelves()},
		{"audio", audioShelves()},
		{"cameras", cameraShelves()},
		{"games", gameShelves()},
		{"coffee", coffeeShelves()},
		{"tea", teaShelves()},
		{"kitchen", kitchenShelves()},
		{"stationery", stationeryShelves()},
		{"beauty", beautyShelves()},
		{"pets", petShelves()},
		{"baby", babyShelves()},
		{"outdoor", outdoorShelves()},
		{"home", homeShelves()},
		{"seasonal", seasonalShelves()},
	}
}
