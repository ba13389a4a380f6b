package api

import (
	"github.com/prometheus/client_golang/prometheus"

	"osusume/recommend/offer"
)

// newDecisionCounters returns one counter for each reason, all there from the
// start.
func newDecisionCounters() (*prometheus.CounterVec, map[offer.Reason]prometheus.Counter) {
	vec := counters("osusume_offer_decisions_total", "Verdicts on offers, by reason; those of a holdout are ghosts: eligible visitors who were not shown the offer.", "reason")
	byReason := make(map[offer.Reason]prometheus.Counter)
	for _, reason := range offer.ReasonOrder() {
		byReason[reason] = vec.WithLabelValues(reason.String())
	}
	return vec, byReason
}

// Decision counts what became of every offer in one answer.
func (m *Metrics) Decision(d *offer.Decision) {
	if m == nil {
		return
	}
	for reason, n := range d.Counts {
		if n > 0 {
			m.decisions[offer.Reason(reason)].Add(float64(n))
		}
	}
}
