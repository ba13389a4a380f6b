package coupons

import (
	"context"
	"fmt"
	"math"
	"time"

	"osusume/bench/eval"
)

// cuts are the lengths of the lists judged.
var cuts = [...]int{1, 5, 10}

// ranking is a way to rank the offers decided.
type ranking struct {
	name string
	// score of an offer; ties share their places.
	score func(o *option) float64
}

// asked is a redemption with what was known of all offers before its day.
type asked struct {
	redemption
	choice
}

// split parts the redemptions by the start of their campaigns: early ones are
// redeemed before the cut.
type split struct {
	early, late []asked
	// between are redemptions, after the cut, of campaigns that began before it.
	between int
	// missed are redemptions of offers not decided for the household, by reason.
	missed map[string]int
}

// look goes through the history day by day and notes what was known.
func look(ctx context.Context, h *history, cut time.Time, progress func(string, int, int)) (*split, error) {
	k, err := newKnowledge(h)
	if err != nil {
		return nil, err
	}
	at := make(map[string]int, len(h.offers))
	for i := range h.offers {
		at[h.offers[i].id] = i
	}
	s := &split{missed: make(map[string]int)}
	for n, r := range h.redeemed {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("look: %w", err)
		}
		progress("decide", n, len(h.redeemed))
		k.advance(r.day)
		a := asked{redemption: r, choice: choice{chosen: -1}}
		likes, err := k.likes(r.household)
		if err != nil {
			return nil, err
		}
		for _, o := range k.decide(r.household, false).Shown {
			i := at[o.ID]
			if i == r.offer {
				a.chosen = len(a.options)
			}
			a.options = append(a.options, k.describe(i, r.household, likes))
		}
		if a.chosen < 0 {
			for _, v := range k.decide(r.household, true).Trace {
				if v.Offer.ID == h.offers[r.offer].id {
					s.missed[v.Reason.String()]++
				}
			}
		}
		switch late := !h.offers[r.offer].start.Before(cut); {
		case late:
			s.late = append(s.late, a)
		case r.day.Before(cut):
			s.early = append(s.early, a)
		default:
			s.between++
		}
	}
	return s, nil
}

// hit returns the probability that the redeemed offer is among the first k when
// ties are put in a random order.
func (r *ranking) hit(a *asked, k int) float64 {
	if a.chosen < 0 {
		return 0
	}
	const same = 1e-12
	mine := r.score(&a.options[a.chosen])
	better, ties := 0, 0
	for i := range a.options {
		switch s := r.score(&a.options[i]); {
		case s > mine+same:
			better++
		case s >= mine-same:
			ties++
		}
	}
	return max(0, min(1, float64(k-better)/float64(ties)))
}

// judge measures a ranking on redemptions.
func (r *ranking) judge(list []asked) eval.Variant { return variant(list, r.hit) }

// variant holds the hits of each redemption by the length of the list. Households
// are what is resampled.
func variant(list []asked, hit func(a *asked, k int) float64) eval.Variant {
	var v eval.Variant
	for i := range list {
		v.Cases = append(v.Cases, eval.Case{Unit: list[i].household, Number: i})
	}
	for _, k := range cuts {
		m := eval.Metric{Name: metricName(k), Values: make([]float64, len(list))}
		for i := range list {
			m.Values[i] = hit(&list[i], k)
		}
		v.Metrics = append(v.Metrics, m)
	}
	return v
}

func metricName(k int) string { return fmt.Sprintf("top %d", k) }

// model is the value model as fitted.
type model struct {
	value
	prior      prior
	likelihood float64
}

// tune chooses prior and weights by the redemptions of early, and prepares late.
func tune(early, late []asked) model {
	var best model
	for _, p := range priors {
		setShare(early, p)
		w := fit(choicesOf(early))
		if l := w.likelihood(choicesOf(early)); best.prior == (prior{}) || l > best.likelihood {
			best = model{value: w, prior: p, likelihood: l}
		}
	}
	setShare(early, best.prior)
	setShare(late, best.prior)
	return best
}

func choicesOf(list []asked) []choice {
	var choices []choice
	for i := range list {
		if list[i].chosen >= 0 {
			choices = append(choices, list[i].choice)
		}
	}
	return choices
}

// rankings are all that is compared, the value model first.
func rankings(m *model) []ranking {
	return []ranking{
		{"value model", func(o *option) float64 { return m.of(&o.x) }},
		{"expected share of purchases", func(o *option) float64 { return o.x[fShare] }},
		{"engine", func(o *option) float64 { return o.liked }},
		{"own purchases", func(o *option) float64 { return o.own }},
		{"most popular", func(o *option) float64 { return o.x[fRedeemed] }},
		{"most popular, by code", func(o *option) float64 { return math.Exp(o.x[fRedeemed]) + math.Exp(o.x[fCode]) }},
		{"random", func(*option) float64 { return 0 }},
	}
}
