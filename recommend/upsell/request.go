package upsell

import (
	"strconv"
	"time"

	"osusume/recommend"
)

// Surface is where suggestions are shown.
type Surface string

// The surfaces.
const (
	SurfaceProduct      Surface = "product"       // the page of Request.ItemID
	SurfaceCart         Surface = "cart"          // with Request.Cart
	SurfacePostPurchase Surface = "post_purchase" // after Request.Order
	SurfaceAccount      Surface = "account"
	SurfaceEmail        Surface = "email"
)

// Request asks for suggestions for one customer at one moment.
type Request struct {
	Surface Surface
	// ItemID is the item looked at; the product surface needs it.
	ItemID string
	// Cart is what the cart holds, on any surface. Its items, their variants
	// and more of their leaf categories are not suggested as accessories.
	Cart []CartLine
	// Subtotal is the cart's, tax included; its zero value leaves it to the
	// prices of the lines.
	Subtotal recommend.Money
	// FreeShipping is the subtotal from which shipping is free; its zero value
	// means there is no such threshold.
	FreeShipping recommend.Money
	// Order holds the ids of the items just bought, for the post_purchase
	// surface. Empty leaves it to the customer's purchases of the last days.
	Order []string
	// Exclude holds ids of items not to suggest.
	Exclude []string
	// Limit is the wanted number, 1 to recommend.MaxLimit; 0 is
	// recommend.DefaultLimit.
	Limit int
	// Now is the moment everything is judged at; required.
	Now time.Time
	// Zone is the shop's, for days told in texts; nil is UTC.
	Zone *time.Location
	// Customer is who asks; nil is somebody unknown.
	Customer *Customer
}

// CartLine is one line of a cart.
type CartLine struct {
	ItemID   string
	Quantity int64 // 0 counts as 1
	// Price is of one unit, tax included; its zero value leaves it to the catalog.
	Price recommend.Money
}

// Customer is what is known of who asks. Items are dense ids.
type Customer struct {
	// Purchases are the customer's, oldest first, one per order and item.
	// Whatever was bought and not returned is owned.
	Purchases []Purchase
	Dismissed []Dismissal
	Usage     []Usage
	// NextTier is the tier above the customer's, nil without one.
	NextTier *Tier
}

// Purchase is one item of one order.
type Purchase struct {
	Item uint32
	At   time.Time
}

// Dismissal is a suggestion the customer did not want, in any channel.
type Dismissal struct {
	Item uint32
	At   time.Time
}

// Usage is how much of a plan the customer uses in one period of payment.
type Usage struct {
	Plan uint32
	// Used and Limit are in one unit; Limit 0 is no limit.
	Used, Limit float64
	// Overage is what the customer paid beyond the plan's price.
	Overage recommend.Money
}

// Tier is a loyalty tier and what the customer has yet to spend for it, the
// present cart not counted.
type Tier struct {
	Name recommend.Text
	Gap  recommend.Money
}

// validate checks what Suggest relies on. Errors are recommend.Error.
func (r *Request) validate() error {
	switch r.Surface {
	case SurfaceProduct:
		if r.ItemID == "" {
			return recommend.Invalid("item_id", "is required on surface product")
		}
	case SurfaceCart, SurfacePostPurchase, SurfaceAccount, SurfaceEmail:
	default:
		return recommend.Invalid("surface", "must be product, cart, post_purchase, account or email, got %q", string(r.Surface))
	}
	if r.Limit < 0 || r.Limit > recommend.MaxLimit {
		return recommend.Invalid("limit", "must be between 1 and %d, got %d", recommend.MaxLimit, r.Limit)
	}
	if r.Now.IsZero() {
		return recommend.Invalid("now", "is required")
	}
	if len(r.Cart) > recommend.MaxEventItems {
		return recommend.Invalid("cart", "at most %d lines, got %d", recommend.MaxEventItems, len(r.Cart))
	}
	if len(r.Order) > recommend.MaxEventItems {
		return recommend.Invalid("order", "at most %d items, got %d", recommend.MaxEventItems, len(r.Order))
	}
	for i, l := range r.Cart {
		if l.Quantity < 0 || l.Quantity > recommend.MaxQuantity {
			return recommend.Invalid("cart["+strconv.Itoa(i)+"].quantity", "must be between 1 and %d, got %d", recommend.MaxQuantity, l.Quantity)
		}
		if err := amount("cart["+strconv.Itoa(i)+"].price", l.Price); err != nil {
			return err
		}
	}
	if err := amount("subtotal", r.Subtotal); err != nil {
		return err
	}
	return amount("free_shipping", r.FreeShipping)
}

// amount checks money that may be left out.
func amount(field string, m recommend.Money) error {
	switch {
	case m == recommend.Money{}:
		return nil
	case m.Amount < 0 || m.Amount > recommend.MaxAmount:
		return recommend.Invalid(field, "must be between 0 and %d minor units, got %d", int64(recommend.MaxAmount), m.Amount)
	case !recommend.ValidCurrency(m.Currency):
		return recommend.Invalid(field, "must have an upper-case ISO 4217 currency such as JPY, got %q", m.Currency)
	}
	return nil
}
