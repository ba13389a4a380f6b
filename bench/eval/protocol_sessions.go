package eval

import (
	"slices"

	"osusume/recommend"
)

// sessions asks at each place of each test session, from minPrefix on, for the
// next item.
func sessions(train, test *history, minPrefix int) *exam {
	var order []string
	steps := make(map[string][]string)
	for i := range test.events {
		e := &test.events[i]
		if e.SessionID == "" {
			continue
		}
		if _, ok := steps[e.SessionID]; !ok {
			order = append(order, e.SessionID)
		}
		for k := range e.Items {
			steps[e.SessionID] = append(steps[e.SessionID], e.Items[k].ItemID)
		}
	}
	x := &exam{
		train: train,
		now:   train.end(),
		variants: []questions{
			{variant: variantAll, measures: sessionMeasures()},
			{variant: variantNew, measures: sessionMeasures()},
		},
	}
	for _, session := range order {
		items := steps[session]
		for at := minPrefix; at < len(items); at++ {
			for v, repeat := range [...]recommend.Repeat{recommend.RepeatAllow, recommend.RepeatExclude} {
				if repeat == recommend.RepeatExclude && slices.Contains(items[:at], items[at]) {
					continue
				}
				x.variants[v].list = append(x.variants[v].list, question{
					Case:    Case{Unit: session, Number: at},
					request: recommend.Request{SessionItems: items[:at:at], Placement: "session", Limit: 20, Repeat: repeat},
					truth:   items[at : at+1 : at+1],
				})
			}
		}
	}
	return x
}
