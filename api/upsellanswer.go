package api

import (
	"strconv"

	"osusume/recommend"
	"osusume/recommend/engine"
	"osusume/recommend/upsell"
)

// appendSuggestions appends all of an answer but its id, and ends it. lookup finds
// catalog entries for fields; it is not called when there are none.
func appendSuggestions(b []byte, answer *engine.UpsellAnswer, r *upsellRequest, lookup func(string) (*recommend.Item, bool)) []byte {
	b = append(b, `,"kind_order":[`...)
	for i, kind := range answer.Kinds {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendString(b, string(kind))
	}
	b = append(b, `],"items":[`...)
	for i := range answer.Suggestions {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendSuggestion(b, &answer.Suggestions[i], r, lookup)
	}
	b = append(b, `],"gaps":[`...)
	for i := range answer.Gaps {
		if i > 0 {
			b = append(b, ',')
		}
		g := &answer.Gaps[i]
		b = append(b, `{"code":"`...)
		b = append(b, g.Reason.Code...)
		b = append(b, `","amount":`...)
		b = g.Amount.AppendMajor(b)
		b = appendNonEmpty(b, "currency", g.Amount.Currency)
		b = appendNonEmpty(b, "text", g.Reason.Text(r.locale))
		b = append(b, '}')
	}
	b = append(b, `],"surface":"`...)
	b = append(b, r.Surface...) // of a closed set
	b = append(b, '"')
	if !answer.AsOf.IsZero() {
		b = append(b, `,"as_of":`...)
		b = appendTime(b, answer.AsOf)
	}
	b = append(b, `,"applied_seq":`...)
	b = strconv.AppendUint(b, answer.AppliedSeq, 10)
	return append(b, '}')
}

func appendSuggestion(b []byte, s *engine.Suggestion, r *upsellRequest, lookup func(string) (*recommend.Item, bool)) []byte {
	b = append(b, `{"item_id":`...)
	b = appendString(b, s.ItemID)
	b = append(b, `,"kind":"`...)
	b = append(b, s.Kind...) // of a closed set
	b = append(b, '"')
	b = appendNonEmpty(b, "from_item_id", s.FromID)
	b = append(b, `,"price":`...)
	b = s.Price.AppendMajor(b)
	b = append(b, `,"currency":`...)
	b = appendString(b, s.Price.Currency)
	b = append(b, `,"tax_included":true,"value":`...)
	b = appendValue(b, &s.Value, r.locale)
	b = append(b, `,"reasons":[`...)
	for i := range s.Reasons {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendUpsellReason(b, &s.Reasons[i], r.locale)
	}
	b = append(b, `],"score":`...)
	b = appendUpsellScore(b, &s.Score, s.Price.Currency)
	if !s.Due.IsZero() {
		b = append(b, `,"due":`...)
		b = appendTime(b, s.Due)
	}
	b = appendNonEmptyList(b, "parts", s.PartIDs)
	if r.fields != 0 {
		if it, ok := lookup(s.ItemID); ok {
			b = r.fields.append(b, it, r.locale)
		}
	}
	return append(b, '}')
}

// appendValue appends the value proposition: what it costs more, what it is better
// in, and what is saved, if that may be said.
func appendValue(b []byte, v *upsell.Value, locale string) []byte {
	b = append(b, `{"price_delta":`...)
	b = appendMoneyOrNull(b, v.PriceDelta)
	b = append(b, `,"feature_gains":[`...)
	for i := range v.FeatureGains {
		if i > 0 {
			b = append(b, ',')
		}
		g := &v.FeatureGains[i]
		b = append(b, `{"key":`...)
		b = appendString(b, g.Key)
		b = appendNonEmpty(b, "label", g.Label.In(locale))
		b = append(b, `,"from":`...)
		b = appendString(b, g.From)
		b = append(b, `,"to":`...)
		b = appendString(b, g.To)
		b = append(b, '}')
	}
	b = append(b, `],"rating":`...)
	if v.Rating == 0 {
		b = append(b, "null"...)
	} else {
		b = appendNumber(b, v.Rating)
	}
	b = append(b, `,"savings":`...)
	b = appendMoneyOrNull(b, v.Savings)
	if v.Savings.Amount > 0 && v.SavingsPercent > 0 {
		b = append(b, `,"savings_percent":`...)
		b = strconv.AppendInt(b, int64(v.SavingsPercent), 10)
	}
	b = append(b, `,"compare_at":{"allowed":`...)
	b = strconv.AppendBool(b, v.CompareAt.Allowed)
	if v.CompareAt.Allowed {
		b = append(b, `,"price":`...)
		b = v.CompareAt.Price.AppendMajor(b)
	}
	b = appendNonEmpty(b, "why", string(v.CompareAt.Why))
	return append(b, "}}"...)
}

func appendMoneyOrNull(b []byte, m recommend.Money) []byte {
	if m == (recommend.Money{}) {
		return append(b, "null"...)
	}
	return m.AppendMajor(b)
}

// appendUpsellReason appends a reason with the parameters its code has.
func appendUpsellReason(b []byte, r *upsell.Reason, locale string) []byte {
	b = append(b, `{"code":"`...)
	b = append(b, r.Code...) // of a closed set
	b = append(b, `","params":{`...)
	first := true
	member := func(name string) {
		if !first {
			b = append(b, ',')
		}
		first = false
		b = append(b, '"')
		b = append(b, name...)
		b = append(b, `":`...)
	}
	number := func(name string, n int) {
		member(name)
		b = strconv.AppendInt(b, int64(n), 10)
	}
	text := func(name, s string) {
		member(name)
		b = appendString(b, s)
	}
	amount := func() {
		member("amount")
		b = r.Params.Amount.AppendMajor(b)
	}
	p := &r.Params
	switch r.Code {
	case upsell.CodeViewedBought, upsell.CodeBoughtThen, upsell.CodeTogether, upsell.CodePlanUsage:
		number("pct", p.Percent)
	case upsell.CodePriceDelta, upsell.CodeShippingGap, upsell.CodePlanSavings:
		amount()
	case upsell.CodeTierGap:
		amount()
		text("tier", p.Tier.In(locale))
	case upsell.CodeFeatureGain:
		text("feature", p.Feature.In(locale))
		text("from", p.From)
		text("to", p.To)
	case upsell.CodeReplenish, upsell.CodeOverdue, upsell.CodeTypical:
		number("days", p.Days)
		number("elapsed_days", p.Elapsed)
	case upsell.CodeBoughtBefore:
		number("elapsed_days", p.Elapsed)
	case upsell.CodeBundleSavings, upsell.CodeSavings:
		amount()
		number("pct", p.Percent)
	case upsell.CodeCompared, upsell.CodeCompatible, upsell.CodeWelcomeBack:
	}
	b = append(b, '}')
	if r.N > 0 {
		b = append(b, `,"n":`...)
		b = strconv.AppendUint(b, uint64(r.N), 10)
	}
	b = append(b, `,"text":`...)
	b = appendString(b, r.Text(locale))
	return append(b, '}')
}

// appendUpsellScore appends the parts of a score; amounts in major units.
func appendUpsellScore(b []byte, s *upsell.Score, currency string) []byte {
	major := 1.0
	for range recommend.Exponent(currency) {
		major *= 10
	}
	b = append(b, `{"p":`...)
	b = appendNumber(b, s.P)
	b = append(b, `,"price_fit":`...)
	b = appendNumber(b, s.PriceFit)
	b = append(b, `,"margin_delta":`...)
	b = appendNumber(b, s.MarginDelta/major)
	b = append(b, `,"ev":`...)
	b = appendNumber(b, s.EV/major)
	b = append(b, `,"margin_source":"`...)
	b = append(b, s.MarginSource...) // of a closed set
	return append(b, `"}`...)
}
