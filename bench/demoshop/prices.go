package demoshop

import (
	"time"

	"osusume/recommend"
)

// When prices were reduced, in days before the end. What the hand-written rows say was
// dearer was so until lately, and may be shown with its former price; other
// reductions are too old for that, or have outlasted half of the eight weeks that
// Japan's rule on double prices looks at.
const (
	reducedLately   = 10
	reducedBefore   = 20
	reducedLongAgo  = 45
	atFormerPriceIn = 200 // days before the end, since when the former price was asked
)

// reduced returns how many days before the end an item got cheaper, 0 for never. It
// draws nothing: the same items are reduced for every seed that reduces them.
func reduced(r *row, it *recommend.Item) int {
	switch {
	case it.ListPrice == recommend.Money{}:
		return 0
	case r.was > 0:
		return reducedLately
	case len(it.ID)%2 == 0:
		return reducedBefore
	default:
		return reducedLongAgo
	}
}

// priceHistory is that of an item reduced so many days before end.
func priceHistory(it *recommend.Item, days int, end time.Time) []recommend.PricePeriod {
	ago := func(days int) time.Time { return end.Add(-time.Duration(days) * 24 * time.Hour) }
	return []recommend.PricePeriod{
		{Price: it.ListPrice, From: ago(atFormerPriceIn), To: ago(days)},
		{Price: it.Price, From: ago(days)},
	}
}
