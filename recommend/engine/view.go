// Package engine answers requests from one immutable View of the index.
package engine

import (
	"time"

	"osusume/recommend"
)


// View is an immutable snapshot of the whole index.
type View struct{}

// Seq is the newest record the View includes.
func (v *View) Seq() uint64 { return 0 }

// AsOf is the moment the View was made.
func (v *View) AsOf() time.Time { return time.Time{} }

// Recommend answers a request. Errors: recommend.CodeInvalid with the field
// (limit, placement, model, ...); unknown customers and items are no error.
func (v *View) Recommend(req *recommend.Request) (recommend.Answer, error) {
	return recommend.Answer{}, nil
}

// Related lists items related to req.ItemID; recommend.CodeNotFound when the
// item is unknown.
func (v *View) Related(kind recommend.RelatedKind, req *recommend.Request) (recommend.Answer, error) {
	return recommend.Answer{}, nil
}

// Popular lists what sells.
func (v *View) Popular(q *recommend.PopularQuery) (recommend.Answer, error) {
	return recommend.Answer{}, nil
}

// Item returns the catalog entry and whether the item is known and not deleted.
func (v *View) Item(id string) (*recommend.Item, bool) { return nil, false }

// Items lists known items by id, after the given one, at most limit.
func (v *View) Items(after string, limit int) []*recommend.Item { return nil }

// Customer returns what is known of a visitor, at most limit interactions.
func (v *View) Customer(id string, limit int) (recommend.Customer, bool) {
	return recommend.Customer{}, false
}

// Placements and Models list the accepted names, sorted.
func (v *View) Placements() []string { return nil }

// Models lists the accepted model names, sorted.
func (v *View) Models() []string { return nil }

// Stats are the sizes of the index.
type Stats struct {
	Items, EligibleItems, Visitors int
	// Pairs counts directed pairs with support, by kind of count.
	OrderPairs, CustomerPairs, SessionPairs int64
	// Bytes by part, estimated from lengths: "pairs", "lists", "profiles", "catalog".
	Bytes map[string]int64
}

// Stats returns the sizes of the View; cheap.
func (v *View) Stats() Stats { return Stats{} }
