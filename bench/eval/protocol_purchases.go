package eval

import (
	"osusume/recommend"
)

// purchases asks for each customer of the test file what they buy next.
func purchases(train, test *history) *exam {
	_, known := wantedBy(train)
	customers, bought := wantedBy(test)
	x := &exam{
		train: train,
		now:   test.events[0].Time,
		variants: []questions{
			{variant: variantAll, measures: rankMeasures(), coverage: true},
			{variant: variantNew, measures: rankMeasures(), coverage: true},
		},
	}
	for _, customer := range customers {
		had, ok := known[customer]
		if !ok {
			continue
		}
		for v, repeat := range [...]recommend.Repeat{recommend.RepeatAllow, recommend.RepeatExclude} {
			truth := bought[customer].keep(func(id string) bool {
				return train.items.has(id) && (repeat == recommend.RepeatAllow || !had.has(id))
			})
			if len(truth) == 0 {
				continue
			}
			x.variants[v].list = append(x.variants[v].list, question{
				Case:    Case{Unit: customer},
				request: recommend.Request{CustomerID: customer, Limit: 20, Repeat: repeat},
				truth:   truth,
			})
		}
	}
	return x
}
