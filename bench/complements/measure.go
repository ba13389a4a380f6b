package complements

import (
	"context"
	"fmt"
	"math"
	"slices"

	"osusume/bench/datasets"
	"osusume/bench/eval"
	"osusume/recommend"
	"osusume/recommend/engine"
	"osusume/recommend/upsell"
)

// listLength is the most that is shown.
const listLength = 10

// rankings are the lists that are compared, the complements first.
var rankings = [...]string{
	"complements",
	"co-occurrence, orders", "co-occurrence, customers",
	"orders, other families", "customers, other families",
	"complements by orders", "complements by customers",
}

// truths are what lists are judged by.
var truths = [...]string{truthRest, truthOthers}

const (
	truthRest   = "rest"
	truthOthers = "other families"
)

// question is one case with the lists that answer it, by the order of rankings,
// all of one length.
type question struct {
	invoice, seed string
	rest          []string // ascending
	lists         [len(rankings)][]string
	told          []float64 // P(B|A) of the complements
}

// ask answers the cases. Those that the complements leave empty are left out.
func ask(ctx context.Context, view *engine.View, cases []datasets.Basket, families map[string]string, progress func(string, int, int)) ([]question, error) {
	var answered []question
	for i := range cases {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("ask: %w", err)
		}
		progress("ask", i, len(cases))
		b := &cases[i]
		q := question{invoice: b.Invoice, seed: b.Seed, rest: slices.Clone(b.Rest)}
		slices.Sort(q.rest)
		q.rest = slices.Compact(q.rest)
		found, told, err := complementsOf(view, b.Seed)
		if err != nil {
			return nil, err
		}
		if len(found) == 0 {
			continue
		}
		shown := min(len(found), listLength)
		q.lists[0], q.told = found[:shown], told[:shown]
		for k, model := range [...]string{byOrders, byCustomers} {
			list, err := together(view, b.Seed, model)
			if err != nil {
				return nil, err
			}
			q.lists[1+k] = list[:min(shown, len(list))]
			other := without(list, func(id string) bool { return sameFamily(families, b.Seed, id) })
			q.lists[3+k] = other[:min(shown, len(other))]
			// The same complements by the rival's count; those it does not name come last.
			kept := without(list, func(id string) bool { return !slices.Contains(found, id) })
			for _, id := range found {
				if len(kept) < shown && !slices.Contains(kept, id) {
					kept = append(kept, id)
				}
			}
			q.lists[5+k] = kept[:shown]
		}
		answered = append(answered, q)
	}
	return answered, nil
}

// without returns a copy of list without what drop names.
func without(list []string, drop func(id string) bool) []string {
	return slices.DeleteFunc(slices.Clone(list), drop)
}

// complementsOf asks as the page of an item does, for all there are and how probable
// each is.
func complementsOf(view *engine.View, seed string) (ids []string, told []float64, err error) {
	answer, err := view.Upsell(&engine.UpsellRequest{Request: upsell.Request{Surface: upsell.SurfaceProduct, ItemID: seed, Limit: recommend.MaxLimit}})
	if recommend.CodeOf(err) == recommend.CodeNotFound {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, fmt.Errorf("ask for complements of %s: %w", seed, err)
	}
	for i := range answer.Suggestions {
		if s := &answer.Suggestions[i]; s.Kind == upsell.KindAccessory {
			ids, told = append(ids, s.ItemID), append(told, s.Score.P)
		}
	}
	return ids, told, nil
}

func together(view *engine.View, seed, model string) ([]string, error) {
	answer, err := view.Recommend(&recommend.Request{ItemID: seed, Placement: "item", Model: model, Limit: recommend.MaxLimit})
	if err != nil {
		return nil, fmt.Errorf("ask for company of %s: %w", seed, err)
	}
	ids := make([]string, len(answer.Items))
	for i := range answer.Items {
		ids[i] = answer.Items[i].ItemID
	}
	return ids, nil
}

func sameFamily(families map[string]string, a, b string) bool {
	f := families[a]
	return f != "" && f == families[b]
}

// Row is one ranking judged by one truth.
type Row struct {
	Name  string `json:"name"`
	Truth string `json:"truth"`
	Cases int    `json:"cases"`
	// NDCG at 10 against an ideal list of ten, and the share of the places
	// shown that were right.
	NDCG      float64 `json:"ndcg@10"`
	NDCGCI    Span    `json:"ndcg@10_ci"`
	Precision float64 `json:"precision"`
	PrecCI    Span    `json:"precision_ci"`
	// Gain is the NDCG of the complements minus this one's, Better that of the
	// precision; nil for the complements.
	Gain   *Difference `json:"complements_ndcg_gain,omitempty"`
	Better *Difference `json:"complements_precision_gain,omitempty"`
}

// Span is a 95 % interval.
type Span [2]float64

// Difference is a gain with its paired interval.
type Difference struct {
	Mean float64 `json:"mean"`
	CI   Span    `json:"ci"`
}

// Substitutes counts pairs of seed and item shown.
type Substitutes struct {
	Name string `json:"name"`
	// Pairs shown; Family are of the seed's family, Variants have its stock code
	// but for the letters.
	Pairs    int `json:"pairs"`
	Family   int `json:"same_family"`
	Variants int `json:"same_stock_code"`
	// Right pairs are in the basket; RightFamily are of the seed's family too.
	Right       int `json:"right"`
	RightFamily int `json:"right_same_family"`
}

const (
	metricNDCG      = "ndcg@10"
	metricPrecision = "precision"
)

// judge makes the rows of all rankings and truths.
func judge(answered []question, families map[string]string, seed uint64) ([]Row, error) {
	var rows []Row
	for _, truth := range truths {
		var asked []eval.Case
		var values [len(rankings)][2][]float64
		for i := range answered {
			q := &answered[i]
			right := q.rest
			if truth == truthOthers {
				right = without(q.rest, func(id string) bool { return sameFamily(families, q.seed, id) })
			}
			if len(right) == 0 {
				continue
			}
			asked = append(asked, eval.Case{Unit: q.invoice})
			for k := range q.lists {
				gain, share := score(q.lists[k], right, len(q.lists[0]))
				values[k][0] = append(values[k][0], gain)
				values[k][1] = append(values[k][1], share)
			}
		}
		variants := make([]eval.Variant, len(rankings))
		for k := range variants {
			variants[k] = variant(asked, values[k][0], values[k][1])
		}
		zero := make([]float64, len(asked))
		none := variant(asked, zero, zero)
		for k, name := range rankings {
			row := Row{Name: name, Truth: truth, Cases: len(asked)}
			d, err := compare(&variants[k], &none, metricNDCG, seed)
			if err != nil {
				return nil, err
			}
			row.NDCG, row.NDCGCI = d.Mean, d.CI
			if d, err = compare(&variants[k], &none, metricPrecision, seed); err != nil {
				return nil, err
			}
			row.Precision, row.PrecCI = d.Mean, d.CI
			if k > 0 {
				gain, err := compare(&variants[0], &variants[k], metricNDCG, seed)
				if err != nil {
					return nil, err
				}
				better, err := compare(&variants[0], &variants[k], metricPrecision, seed)
				if err != nil {
					return nil, err
				}
				row.Gain, row.Better = &gain, &better
			}
			rows = append(rows, row)
		}
	}
	return rows, nil
}

func variant(asked []eval.Case, gains, shares []float64) eval.Variant {
	return eval.Variant{Cases: asked, Metrics: []eval.Metric{{Name: metricNDCG, Values: gains}, {Name: metricPrecision, Values: shares}}}
}

// compare returns a minus b. The interval of a mean is that of its difference to
// a list without hits.
func compare(a, b *eval.Variant, metric string, seed uint64) (Difference, error) {
	d, err := eval.Compare(a, b, metric, seed)
	return Difference{d.Mean, Span{d.CI.Low, d.CI.High}}, err
}

// score returns the NDCG at 10 of a list and the share of its places that are
// right; right is ascending and not empty.
func score(list, right []string, places int) (gain, share float64) {
	ideal := 0.0
	hits := 0
	for k := range listLength {
		discount := 1 / math.Log2(float64(k)+2)
		if k < len(right) {
			ideal += discount
		}
		if k < len(list) {
			if _, ok := slices.BinarySearch(right, list[k]); ok {
				hits++
				gain += discount
			}
		}
	}
	return gain / ideal, float64(hits) / float64(places)
}

// countSubstitutes counts what lists should not hold.
func countSubstitutes(answered []question, families map[string]string) []Substitutes {
	counts := make([]Substitutes, len(rankings))
	for k, name := range rankings {
		counts[k].Name = name
		for i := range answered {
			q := &answered[i]
			for _, id := range q.lists[k] {
				counts[k].Pairs++
				same := sameFamily(families, q.seed, id)
				if same {
					counts[k].Family++
				}
				if _, right := slices.BinarySearch(q.rest, id); right {
					counts[k].Right++
					if same {
						counts[k].RightFamily++
					}
				}
				if Variants(q.seed, id) {
					counts[k].Variants++
				}
			}
		}
	}
	return counts
}
