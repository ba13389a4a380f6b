package engine

import (
	"fmt"

	"osusume/recommend"
)

// texts fills in the reason texts of an answer when the request asks for them.
func (v *View) texts(req *recommend.Request, items []recommend.Recommendation) {
	if !req.Explain {
		return
	}
	for i := range items {
		for k := range items[i].Reasons {
			r := &items[i].Reasons[k]
			r.Text = v.text(r, req.Locale)
		}
	}
}

// text renders one reason. Every number names what it counts.
func (v *View) text(r *recommend.Reason, locale string) string {
	title := ""
	if i, ok := v.catalog.Lookup(r.ItemID); ok {
		if title = v.catalog.Item(i).Title.In(locale); title == "" {
			title = r.ItemID
		}
	}
	if locale == "en" {
		return english(r, title)
	}
	return japanese(r, title)
}

func japanese(r *recommend.Reason, title string) string {
	switch r.Code {
	case recommend.ReasonBoughtTogether:
		return fmt.Sprintf("「%s」を含む%d件の注文のうち%d件で一緒に購入されています", title, r.Of, r.Support)
	case recommend.ReasonAlsoBought:
		return fmt.Sprintf("「%s」を購入した%d人のうち%d人が購入しています", title, r.Of, r.Support)
	case recommend.ReasonViewedTogether:
		return fmt.Sprintf("「%s」が閲覧された%d回の訪問のうち%d回で一緒に閲覧されています", title, r.Of, r.Support)
	case recommend.ReasonRecentlyViewed:
		return "最近ご覧になった商品です"
	case recommend.ReasonBuyAgain:
		return fmt.Sprintf("これまでの%d回のご注文のうち%d回で購入されています", r.Of, r.Support)
	case recommend.ReasonSimilar:
		return fmt.Sprintf("「%s」に似た商品です", title)
	case recommend.ReasonNewArrival:
		return fmt.Sprintf("「%s」に似た新着商品です", title)
	case recommend.ReasonTrending:
		return fmt.Sprintf("人気上昇中：過去%d日間に%d人が選びました", r.Of, r.Support)
	case recommend.ReasonBestseller:
		if r.Of == 0 {
			return fmt.Sprintf("これまでに%d人が選んだ人気商品です", r.Support)
		}
		return fmt.Sprintf("過去%d日間に%d人が選んだ人気商品です", r.Of, r.Support)
	default:
		return "取扱商品です"
	}
}

func english(r *recommend.Reason, title string) string {
	switch r.Code {
	case recommend.ReasonBoughtTogether:
		return fmt.Sprintf("In %d of %d orders with %s", r.Support, r.Of, title)
	case recommend.ReasonAlsoBought:
		return fmt.Sprintf("Bought by %d of %d customers who bought %s", r.Support, r.Of, title)
	case recommend.ReasonViewedTogether:
		return fmt.Sprintf("Viewed in %d of %d visits that viewed %s", r.Support, r.Of, title)
	case recommend.ReasonRecentlyViewed:
		return "You looked at this recently"
	case recommend.ReasonBuyAgain:
		return fmt.Sprintf("In %d of your %d orders", r.Support, r.Of)
	case recommend.ReasonSimilar:
		return "Similar to " + title
	case recommend.ReasonNewArrival:
		return "New, and similar to " + title
	case recommend.ReasonTrending:
		return fmt.Sprintf("Trending: chosen by %d people in the last %d days", r.Support, r.Of)
	case recommend.ReasonBestseller:
		if r.Of == 0 {
			return fmt.Sprintf("A bestseller: chosen by %d people", r.Support)
		}
		return fmt.Sprintf("A bestseller: chosen by %d people in the last %d days", r.Support, r.Of)
	default:
		return "In our range"
	}
}
