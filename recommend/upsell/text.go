package upsell

import (
	"fmt"
	"strconv"

	"osusume/recommend"
)

// Text renders the reason in a locale, "en" or else Japanese. Every share names
// whom it counts.
func (r *Reason) Text(locale string) string {
	if locale == "en" {
		return r.english()
	}
	return r.japanese()
}

func (r *Reason) japanese() string {
	p := &r.Params
	switch r.Code {
	case CodeViewedBought:
		return fmt.Sprintf("この商品を見て購入した人の%d%%がこちらを選びました", p.Percent)
	case CodeBoughtThen:
		return fmt.Sprintf("この商品のあと同じシリーズを購入した人の%d%%がこちらを選びました", p.Percent)
	case CodeCompared:
		return fmt.Sprintf("%s人がこの商品と見比べています", digits(int64(r.N)))
	case CodePriceDelta:
		return "+" + Amount(p.Amount) + "で"
	case CodeFeatureGain:
		return p.Feature.In("ja") + "が" + p.From + "→" + p.To + "に"
	case CodeTogether:
		return fmt.Sprintf("購入者の%d%%が一緒に購入しています", p.Percent)
	case CodeCompatible:
		return "対応商品です"
	case CodeTierGap:
		return "あと" + Amount(p.Amount) + "で" + p.Tier.In("ja") + "会員"
	case CodeShippingGap:
		return "あと" + Amount(p.Amount) + "で送料無料"
	case CodeReplenish:
		return fmt.Sprintf("前回の購入から約%d日。そろそろ補充の時期です", p.Days)
	case CodeOverdue:
		return fmt.Sprintf("前回の購入から%d日。いつもは約%d日ごとのご購入です", p.Elapsed, p.Days)
	case CodeTypical:
		return fmt.Sprintf("くり返し購入している人は約%d日ごとに購入しています", p.Days)
	case CodeBoughtBefore:
		return fmt.Sprintf("%d日前に購入された商品です", p.Elapsed)
	case CodeWelcomeBack:
		return "おかえりなさい"
	case CodeBundleSavings:
		return fmt.Sprintf("セットで%sお得(%d%%)", Amount(p.Amount), p.Percent)
	case CodeSavings:
		return fmt.Sprintf("以前の価格より%sお得(%d%%)", Amount(p.Amount), p.Percent)
	case CodePlanUsage:
		return fmt.Sprintf("上限の%d%%をご利用です", p.Percent)
	case CodePlanSavings:
		return "今のご利用なら" + Amount(p.Amount) + "お得です"
	default:
		return ""
	}
}

func (r *Reason) english() string {
	p := &r.Params
	switch r.Code {
	case CodeViewedBought:
		return fmt.Sprintf("%d%% of people who viewed this and then bought chose this one", p.Percent)
	case CodeBoughtThen:
		return fmt.Sprintf("%d%% of people who bought this and later bought from the same line chose this one", p.Percent)
	case CodeCompared:
		return digits(int64(r.N)) + " people compared it with this one"
	case CodePriceDelta:
		return "for " + Amount(p.Amount) + " more"
	case CodeFeatureGain:
		return p.Feature.In("en") + " " + p.From + " → " + p.To
	case CodeTogether:
		return fmt.Sprintf("%d%% of buyers also bought this", p.Percent)
	case CodeCompatible:
		return "Made to fit"
	case CodeTierGap:
		return Amount(p.Amount) + " more to reach " + p.Tier.In("en")
	case CodeShippingGap:
		return Amount(p.Amount) + " away from free shipping"
	case CodeReplenish:
		return fmt.Sprintf("You usually reorder about every %d days", p.Days)
	case CodeOverdue:
		return fmt.Sprintf("%d days since your last order; you usually reorder about every %d days", p.Elapsed, p.Days)
	case CodeTypical:
		return fmt.Sprintf("People who buy this again do so about every %d days", p.Days)
	case CodeBoughtBefore:
		return fmt.Sprintf("You bought this %d days ago", p.Elapsed)
	case CodeWelcomeBack:
		return "Welcome back"
	case CodeBundleSavings:
		return fmt.Sprintf("Save %s (%d%%) as a set", Amount(p.Amount), p.Percent)
	case CodeSavings:
		return fmt.Sprintf("%s (%d%%) below its former price", Amount(p.Amount), p.Percent)
	case CodePlanUsage:
		return fmt.Sprintf("You use %d%% of your limit", p.Percent)
	case CodePlanSavings:
		return "At your present use you save " + Amount(p.Amount)
	default:
		return ""
	}
}

// Amount writes money for people: ¥1,200, and 12.50 USD for other currencies.
func Amount(m recommend.Money) string {
	if m.Currency == "JPY" {
		return "¥" + digits(m.Amount)
	}
	return m.String()
}

// digits writes n with a comma before each group of three digits.
func digits(n int64) string {
	s := strconv.FormatInt(n, 10)
	first := 0
	if n < 0 {
		first = 1
	}
	for at := len(s) - 3; at > first; at -= 3 {
		s = s[:at] + "," + s[at:]
	}
	return s
}
