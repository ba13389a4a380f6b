package report

import (
	"osusume/bench/eval"
)

// segment is a range of how much a case has to go by; High 0 is open.
type segment struct {
	Name      string
	Low, High int
}

// segmentsOf are the segments a variant is split into and what they count;
// none for a variant whose cases are all alike.
func segmentsOf(t eval.Task, variant string) (by string, out []segment) {
	switch {
	case t == eval.Sessions:
		return "items of the session so far", []segment{{"1", 1, 1}, {"2", 2, 2}, {"3", 3, 3}, {"4–5", 4, 5}, {"6–10", 6, 10}, {">10", 11, 0}}
	case t == eval.Baskets && variant == "cart":
		return "items in the cart", []segment{{"1–2", 1, 2}, {"3–5", 3, 5}, {"6–10", 6, 10}, {"11–20", 11, 20}, {">20", 21, 0}}
	case t == eval.Purchases || t == eval.Ratings:
		return "distinct items in the customer's history", []segment{{"1–5", 1, 5}, {"6–20", 6, 20}, {"21–100", 21, 100}, {">100", 101, 0}}
	default:
		return "", nil
	}
}

func (s segment) has(n int) bool { return n >= s.Low && (s.High == 0 || n <= s.High) }

// segmentMean is the mean of a metric over the cases of a segment.
type segmentMean struct {
	N    int
	Mean float64
	CI   eval.Interval
}

// bySegment averages a metric of v over each segment; known is how much each
// case had to go by.
func bySegment(v *eval.Variant, metric string, known []int, segments []segment, seed uint64) []segmentMean {
	m, _ := v.Metric(metric)
	out := make([]segmentMean, len(segments))
	for k, s := range segments {
		var units []string
		var values []float64
		for i, value := range m.Values {
			if s.has(known[i]) {
				units = append(units, v.Cases[i].Unit)
				values = append(values, value)
			}
		}
		out[k].N = len(values)
		if len(values) == 0 {
			continue
		}
		sum := 0.0
		for _, value := range values {
			sum += value
		}
		out[k].Mean = sum / float64(len(values))
		out[k].CI = eval.MeanInterval(units, values, seed)
	}
	return out
}
