package eval

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

func TestMetrics(t *testing.T) {
	const (
		y = true
		n = false
	)
	// 1/log2(3) = 0.63093, 1/log2(4) = 0.5, 1/log2(5) = 0.43068.
	tests := map[string]struct {
		got, want float64
	}{
		"ndcg: first of one":                       {ndcg([]bool{y, n}, 1, 10), 1},
		"ndcg: second of one":                      {ndcg([]bool{n, y}, 1, 10), 1 / math.Log2(3)},
		"ndcg: ranks 2 and 4 of three":             {ndcg([]bool{n, y, n, y}, 3, 10), (0.6309297535714575 + 0.43067655807339306) / (1 + 0.6309297535714575 + 0.5)},
		"ndcg: ideal is cut at k":                  {ndcg([]bool{y, y}, 50, 2), 1},
		"ndcg: hits after k do not count":          {ndcg([]bool{n, n, y}, 1, 2), 0},
		"ndcg: no truth":                           {ndcg([]bool{n}, 0, 10), 0},
		"ndcg: empty list":                         {ndcg(nil, 3, 10), 0},
		"recall: two of five":                      {recall([]bool{y, n, y}, 5, 20), 0.4},
		"recall: truth longer than k is not cut":   {recall([]bool{y, y}, 4, 2), 0.5},
		"recall: no truth":                         {recall(nil, 0, 20), 0},
		"precision: short list is over k":          {precision([]bool{y, y, n}, 10), 0.2},
		"hit rate: at the edge":                    {hitRate([]bool{n, n, y}, 3), 1},
		"hit rate: behind the edge":                {hitRate([]bool{n, n, y}, 2), 0},
		"reciprocal rank: third":                   {reciprocalRank([]bool{n, n, y, y}, 10), 1.0 / 3},
		"reciprocal rank: behind the edge":         {reciprocalRank([]bool{n, n, y}, 2), 0},
		"average precision: ranks 1 and 3 over 2":  {averagePrecision([]bool{y, n, y}, 2, 10), (1 + 2.0/3) / 2},
		"average precision: ranks 1 and 3 over 40": {averagePrecision([]bool{y, n, y}, 40, 10), (1 + 2.0/3) / 40},
		"average precision: no truth":              {averagePrecision([]bool{y}, 0, 10), 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, tt.got, cmpopts.EquateApprox(0, 1e-12)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestMeasures holds what each task reports, and with which cut and
// denominator: 12 of truth, hits at ranks 2 and 15.
func TestMeasures(t *testing.T) {
	hits := make([]bool, 20)
	hits[1], hits[14] = true, true
	ideal := 0.0
	for r := 1; r <= 10; r++ {
		ideal += 1 / math.Log2(float64(r)+1)
	}
	second := 1 / math.Log2(3) / ideal
	tests := map[string]struct {
		measures []measure
		want     map[string]float64
	}{
		"purchases":    {rankMeasures(), map[string]float64{"ndcg@10": second, "recall@20": 2.0 / 12, "hr@10": 1, "map@10": 0.5 / 10, "mrr@10": 0.5}},
		"baskets cart": {cartMeasures(), map[string]float64{"hr@10": 1, "mrr@10": 0.5}},
		"baskets item": {basketItemMeasures(), map[string]float64{"ndcg@10": second}},
		"sessions":     {sessionMeasures(), map[string]float64{"hr@20": 1, "mrr@20": 0.5}},
		"ratings":      {ratingMeasures(), map[string]float64{"map@10": 0.5 / 12, "ndcg@10": second, "precision@10": 0.1, "recall@10": 1.0 / 12}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := map[string]float64{}
			for _, m := range tt.measures {
				got[m.name] = m.of(hits, 12)
			}
			if diff := cmp.Diff(tt.want, got, cmpopts.EquateApprox(0, 1e-12)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestMetricsStayInRange: on any list every metric is within [0, 1], and a hit
// moved one rank up never lowers one.
func TestMetricsStayInRange(t *testing.T) {
	all := append(append(append(rankMeasures(), sessionMeasures()...), ratingMeasures()...), cartMeasures()...)
	rapid.Check(t, func(t *rapid.T) {
		hits := rapid.SliceOfN(rapid.Bool(), 0, 25).Draw(t, "hits")
		truth := count(hits, len(hits)) + rapid.IntRange(0, 30).Draw(t, "missed")
		better := append([]bool(nil), hits...)
		for i := 1; i < len(better); i++ {
			if better[i] && !better[i-1] {
				better[i-1], better[i] = true, false
				break
			}
		}
		for _, m := range all {
			got, up := m.of(hits, truth), m.of(better, truth)
			if !(got >= 0 && got <= 1+1e-12) {
				t.Fatalf("%s of %v with truth %d = %v", m.name, hits, truth, got)
			}
			if up < got-1e-12 {
				t.Fatalf("%s fell from %v to %v when a hit moved up: %v", m.name, got, up, hits)
			}
		}
	})
}
