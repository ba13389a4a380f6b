package eval

import (
	"slices"

	"osusume/bench/datasets"
	"osusume/recommend"
)

// baskets asks of each case for the hidden item given the cart, and for the rest
// of the basket given one item.
func baskets(train *history, cases []datasets.Basket) *exam {
	cart := questions{variant: variantCart, measures: cartMeasures()}
	item := questions{variant: variantItem, measures: basketItemMeasures()}
	for i := range cases {
		b := &cases[i]
		cart.list = append(cart.list, question{
			Case:    Case{Unit: b.Invoice},
			request: recommend.Request{Cart: b.Cart, Placement: "cart", Limit: 10},
			truth:   []string{b.Hidden},
		})
		rest := slices.Clone(b.Rest)
		slices.Sort(rest)
		item.list = append(item.list, question{
			Case:    Case{Unit: b.Invoice},
			request: recommend.Request{ItemID: b.Seed, Placement: "item", Limit: 10},
			truth:   slices.Compact(rest),
		})
	}
	return &exam{train: train, now: train.end(), variants: []questions{cart, item}}
}
