package eval

import "math"

// The functions below judge one list. hits says by rank, best first, whether
// the item is in the truth; a list may be shorter than the cut k. truth is the
// number of items in the truth. Without truth every metric is 0.

func discount(rank int) float64 { return 1 / math.Log2(float64(rank)+1) }

// ndcg is the discounted gain of the first k over that of an ideal list
// (Järvelin, Kekäläinen, ACM TOIS 20(4), 2002, with binary relevance).
func ndcg(hits []bool, truth, k int) float64 {
	if truth <= 0 {
		return 0
	}
	got, ideal := 0.0, 0.0
	for i, hit := range head(hits, k) {
		if hit {
			got += discount(i + 1)
		}
	}
	for i := range min(k, truth) {
		ideal += discount(i + 1)
	}
	return got / ideal
}

// recall is the share of the truth among the first k.
func recall(hits []bool, truth, k int) float64 {
	if truth <= 0 {
		return 0
	}
	return float64(count(hits, k)) / float64(truth)
}

// precision is the number of hits among the first k over k, however short the
// list.
func precision(hits []bool, k int) float64 { return float64(count(hits, k)) / float64(k) }

// hitRate is 1 when one of the first k is a hit.
func hitRate(hits []bool, k int) float64 {
	if count(hits, k) > 0 {
		return 1
	}
	return 0
}

// reciprocalRank is 1 over the rank of the first hit among the first k.
func reciprocalRank(hits []bool, k int) float64 {
	for i, hit := range head(hits, k) {
		if hit {
			return 1 / float64(i+1)
		}
	}
	return 0
}

// averagePrecision is the sum of the precision at each hit among the first k
// over denominator: min(k, truth) as usual, or truth.
func averagePrecision(hits []bool, denominator, k int) float64 {
	if denominator <= 0 {
		return 0
	}
	sum, n := 0.0, 0
	for i, hit := range head(hits, k) {
		if hit {
			n++
			sum += float64(n) / float64(i+1)
		}
	}
	return sum / float64(denominator)
}

func head(hits []bool, k int) []bool { return hits[:min(k, len(hits))] }

func count(hits []bool, k int) int {
	n := 0
	for _, hit := range head(hits, k) {
		if hit {
			n++
		}
	}
	return n
}

// measure is one metric of a task.
type measure struct {
	name string
	of   func(hits []bool, truth int) float64
}

// coverageCut is the length of the lists that coverage looks at.
const coverageCut = 10

const coverageName = "coverage@10"

func rankMeasures() []measure {
	return []measure{
		{"ndcg@10", func(h []bool, t int) float64 { return ndcg(h, t, 10) }},
		{"recall@20", func(h []bool, t int) float64 { return recall(h, t, 20) }},
		{"hr@10", func(h []bool, _ int) float64 { return hitRate(h, 10) }},
		{"map@10", func(h []bool, t int) float64 { return averagePrecision(h, min(10, t), 10) }},
		{"mrr@10", func(h []bool, _ int) float64 { return reciprocalRank(h, 10) }},
	}
}

func cartMeasures() []measure {
	return []measure{
		{"hr@10", func(h []bool, _ int) float64 { return hitRate(h, 10) }},
		{"mrr@10", func(h []bool, _ int) float64 { return reciprocalRank(h, 10) }},
	}
}

func basketItemMeasures() []measure {
	return []measure{
		{"ndcg@10", func(h []bool, t int) float64 { return ndcg(h, t, 10) }},
	}
}

func sessionMeasures() []measure {
	return []measure{
		{"hr@20", func(h []bool, _ int) float64 { return hitRate(h, 20) }},
		{"mrr@20", func(h []bool, _ int) float64 { return reciprocalRank(h, 20) }},
	}
}

// ratingMeasures are those of the Microsoft Recommenders benchmark, whose MAP
// divides by the whole truth.
func ratingMeasures() []measure {
	return []measure{
		{"map@10", func(h []bool, t int) float64 { return averagePrecision(h, t, 10) }},
		{"ndcg@10", func(h []bool, t int) float64 { return ndcg(h, t, 10) }},
		{"precision@10", func(h []bool, _ int) float64 { return precision(h, 10) }},
		{"recall@10", func(h []bool, t int) float64 { return recall(h, t, 10) }},
	}
}
