package eval

import (
	"osusume/recommend"
)

// ratings asks for each customer of the test file which items they rate next.
// Items that train does not know stay in the truth: nobody can foresee them, and
// the benchmark this follows counts them too.
func ratings(train, test *history) *exam {
	_, known := wantedBy(train)
	customers, rated := wantedBy(test)
	qs := questions{variant: variantAll, measures: ratingMeasures()}
	for _, customer := range customers {
		had, ok := known[customer]
		if !ok {
			continue
		}
		truth := rated[customer].keep(func(id string) bool { return !had.has(id) })
		if len(truth) == 0 {
			continue
		}
		qs.list = append(qs.list, question{
			Case:    Case{Unit: customer},
			request: recommend.Request{CustomerID: customer, Placement: "discover", Limit: 10, Repeat: recommend.RepeatExclude},
			truth:   truth,
		})
	}
	return &exam{train: train, now: train.end(), variants: []questions{qs}}
}
