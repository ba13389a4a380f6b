package upsell

import (
	"math"

	"osusume/recommend"
)

// maxGains bounds the feature gains told as reasons; Value has all.
const maxGains = 3

// suggestion makes what is shown of a candidate.
func (w *work) suggestion(c *candidate) Suggestion {
	it := w.cat.Item(c.item)
	s := Suggestion{Kind: c.kind, Item: c.item, From: c.from, Price: it.Price, Score: c.score}
	if c.due != nil {
		s.Due = c.due.at
	}
	s.Value.Rating = it.Rating
	s.Value.CompareAt = Compare(it, w.req.Now)
	if at := s.Value.CompareAt; at.Allowed && c.kind != KindBundle && c.kind != KindPlanUpgrade {
		saved, percent, _ := Saved(at.Price.Amount, it.Price.Amount)
		s.Value.Savings = recommend.Money{Amount: saved, Currency: it.Price.Currency}
		s.Value.SavingsPercent = percent
	}
	switch c.kind {
	case KindUpgrade:
		w.tellUpgrade(&s, c, it)
	case KindPlanUpgrade:
		w.tellPlan(&s, c, it)
	case KindBundle:
		w.tellBundle(&s, c, it)
	case KindCartThreshold, KindTierNudge:
		s.Reasons = append(s.Reasons, w.gaps[c.gap].Reason)
		w.tellFound(&s, c)
	default:
		w.tellFound(&s, c)
	}
	if c.kind != KindBundle && c.kind != KindPlanUpgrade && s.Value.Savings.Amount > 0 {
		s.Reasons = append(s.Reasons, Reason{
			Code: CodeSavings, Params: Params{Amount: s.Value.Savings, Percent: s.Value.SavingsPercent},
		})
	}
	return s
}

func (w *work) tellUpgrade(s *Suggestion, c *candidate, it *recommend.Item) {
	from := w.cat.Item(c.from)
	w.tellEvidence(s, c.evidence)
	w.tellDifference(s, from, it)
	if n := w.facts.Compared(c.from, c.item); n >= w.set.EvidenceOf {
		s.Reasons = append(s.Reasons, Reason{Code: CodeCompared, N: n})
	}
}

// tellDifference tells the price and the gains over from.
func (w *work) tellDifference(s *Suggestion, from, it *recommend.Item) {
	s.Value.PriceDelta = recommend.Money{Amount: it.Price.Amount - from.Price.Amount, Currency: it.Price.Currency}
	s.Value.FeatureGains = gains(from, it)
	s.Reasons = append(s.Reasons, Reason{Code: CodePriceDelta, Params: Params{Amount: s.Value.PriceDelta}})
	for i, g := range s.Value.FeatureGains {
		if i == maxGains {
			break
		}
		label := g.Label
		if len(label) == 0 {
			label = recommend.Text{"en": g.Key}
		}
		s.Reasons = append(s.Reasons, Reason{Code: CodeFeatureGain, Params: Params{Feature: label, From: g.From, To: g.To}})
	}
}

func (w *work) tellPlan(s *Suggestion, c *candidate, it *recommend.Item) {
	if c.saved > 0 {
		s.Value.Savings = recommend.Money{Amount: c.saved, Currency: it.Price.Currency}
		s.Reasons = append(s.Reasons, Reason{Code: CodePlanSavings, Params: Params{Amount: s.Value.Savings}})
	}
	if w.full(c.usage) {
		percent := int(math.Floor(100*min(c.usage, 1e6) + 1e-9))
		s.Reasons = append(s.Reasons, Reason{Code: CodePlanUsage, Params: Params{Percent: percent}})
	}
	w.tellDifference(s, w.cat.Item(c.from), it)
}

func (w *work) tellBundle(s *Suggestion, c *candidate, it *recommend.Item) {
	s.Parts = w.parts(it)
	s.Value.Savings = recommend.Money{Amount: c.saved, Currency: it.Price.Currency}
	_, s.Value.SavingsPercent, _ = Saved(it.Price.Amount+c.saved, it.Price.Amount)
	s.Reasons = append(s.Reasons, Reason{
		Code: CodeBundleSavings, Params: Params{Amount: s.Value.Savings, Percent: s.Value.SavingsPercent},
	})
}

// tellFound tells how a complement or a repeat was found.
func (w *work) tellFound(s *Suggestion, c *candidate) {
	if c.from == NoItem {
		s.Reasons = append(s.Reasons, w.replenish(c.due))
		return
	}
	w.tellEvidence(s, c.evidence)
	if b := w.cat.Item(c.item); len(b.CompatibleWith) > 0 {
		s.Reasons = append(s.Reasons, Reason{Code: CodeCompatible})
	}
}

// tellEvidence adds the share of those who chose so, unless it counts too few.
func (w *work) tellEvidence(s *Suggestion, e evidence) {
	percent, ok := w.set.percent(e.chose, e.of)
	if ok {
		s.Reasons = append(s.Reasons, Reason{Code: e.code, Params: Params{Percent: percent}, N: e.of})
	}
}

// percent is the share that may be told, in whole percent rounded down: of at
// least EvidenceOf customers, of whom at least EvidenceChose chose so, and not
// less than one in a hundred.
func (s *Settings) percent(chose, of uint32) (int, bool) {
	if of < s.EvidenceOf || chose < s.EvidenceChose || chose > of {
		return 0, false
	}
	p := int(100 * uint64(chose) / uint64(of))
	return p, p > 0
}

// replenish is the reason of what is due: by the customer's own habit, else by
// that of others if they are enough, else by the last purchase alone.
func (w *work) replenish(d *due) Reason {
	p := Params{Days: int(math.Round(d.gap)), Elapsed: d.elapsed}
	switch {
	case d.own && !d.late:
		return Reason{Code: CodeReplenish, Params: p}
	case d.own:
		return Reason{Code: CodeOverdue, Params: p}
	case d.known >= w.set.EvidenceOf:
		return Reason{Code: CodeTypical, Params: p, N: d.known}
	default:
		return Reason{Code: CodeBoughtBefore, Params: p}
	}
}
