package demoshop

import (
	"osusume/recommend"
	"osusume/recommend/offer"
	"osusume/recommend/placement"
)

// FreeShippingYen is the cart from which the demo shop ships free of charge.
const FreeShippingYen = 3980

// Offers returns the shop's propositions, one of each kind a shop has: greetings,
// of which one answer shows one, nudges of the cart, an accessory, a bundle and a
// coupon by mail. Facts they ask about that nobody states are unknown, and then
// they are not shown.
func Offers() []offer.Offer {
	return []offer.Offer{
		{
			ID: "birthday", Type: offer.Points, Status: offer.Active, Priority: 90, ExclusivityGroup: "greeting",
			// The week that begins with the birthday, by the shop's calendar.
			Condition: "customer.birthday_offset_days >= 0 && customer.birthday_offset_days < 7",
			Value:     offer.Value{Points: 500}, Caps: offer.Caps{PerCustomerDay: 1},
			Text: recommend.Text{
				"ja": "お誕生日おめでとうございます。500ポイントをプレゼント",
				"en": "Happy birthday! 500 points are yours",
			},
		},
		{
			ID: "welcome-back-gold", Type: offer.Discount, Status: offer.Active, Priority: 80, ExclusivityGroup: "greeting",
			Condition: "customer.days_since_last_order >= 180 && customer.tier == 'gold'",
			Value:     offer.Value{Yen: 1500}, Caps: offer.Caps{CooldownHours: 7 * 24},
			Budget: offer.Budget{MaxRedemptions: 200},
			Text: recommend.Text{
				"ja": "おかえりなさいませ。ゴールド会員様に1,500円クーポンをご用意しました",
				"en": "Welcome back! For our gold members: ¥1,500 off",
			},
		},
		{
			ID: "welcome-back", Type: offer.Discount, Status: offer.Active, Priority: 70, ExclusivityGroup: "greeting",
			Condition: "customer.days_since_last_order >= 180",
			Value:     offer.Value{Yen: 500}, Caps: offer.Caps{CooldownHours: 7 * 24},
			Budget: offer.Budget{MaxRedemptions: 1000, MaxYen: 500_000},
			Text: recommend.Text{
				"ja": "おかえりなさいませ。500円クーポンをご利用ください",
				"en": "Welcome back! Here is ¥500 off",
			},
		},
		{
			ID: "free-shipping", Type: offer.Shipping, Status: offer.Active, Priority: 60,
			Condition: "cart.total >= 2480 && cart.total < 3980",
			Text: recommend.Text{
				"ja": "3,980円以上のお買い上げで送料無料。あと少しです",
				"en": "Free shipping from ¥3,980: you are nearly there",
			},
		},
		{
			ID: "gold-nudge", Type: offer.Message, Status: offer.Active, Priority: 50,
			Condition: "customer.tier == 'silver' && customer.tier_gap_yen > 0 && customer.tier_gap_yen <= 5000",
			Caps:      offer.Caps{PerCustomerDay: 1},
			Text: recommend.Text{
				"ja": "ゴールド会員まであと5,000円以内です",
				"en": "Less than ¥5,000 to go to gold",
			},
		},
		{
			ID: "new-phone-charger", Type: offer.ItemShow, Status: offer.Active, Priority: 40, ItemID: "charger-usbc-20w",
			Condition: "customer.days_since_last_order <= 7 && 'Smartphones' in customer.last_order_categories",
			Caps:      offer.Caps{PerCustomerTotal: 3, CooldownHours: 24},
			Text: recommend.Text{
				"ja": "新しいスマホに、急速充電器はいかがですか",
				"en": "A fast charger for your new phone?",
			},
		},
		{
			ID: "grinder-and-beans", Type: offer.Discount, Status: offer.Active, Priority: 30,
			Bundle:    &offer.Bundle{ItemIDs: []string{"grinder-hand", "beans-ethiopia-200"}, PriceYen: 5580},
			Condition: "item.id == 'grinder-hand' || 'grinder-hand' in cart.item_ids",
			Text: recommend.Text{
				"ja": "手挽きミルとエチオピアの豆をセットで5,580円",
				"en": "The hand grinder and a bag of Ethiopia beans: ¥5,580 together",
			},
		},
		{
			ID: "mail-coupon", Type: offer.Discount, Status: offer.Active, Priority: 20,
			Channels: []string{"email"}, Consent: []string{"email_marketing"},
			Condition: "customer.orders >= 3",
			Value:     offer.Value{Yen: 300}, Caps: offer.Caps{CooldownHours: 30 * 24},
			Text: recommend.Text{
				"ja": "いつもありがとうございます。メール会員様限定300円クーポン",
				"en": "Thank you for coming back: ¥300 off for our readers",
			},
		},
	}
}

// Placements returns two pages, each of which one call fills.
func Placements() []placement.Placement {
	return []placement.Placement{
		{
			ID: "product-page", Like: "item", Note: "beside one item: what others chose, and an offer",
			Widgets: []placement.Widget{
				{ID: "better", Kind: placement.WidgetUpsell, Surface: "product", Limit: 2},
				{ID: "together", Kind: placement.WidgetRelated, Relation: string(recommend.BoughtTogether), Limit: 4},
				{ID: "for-you", Kind: placement.WidgetRecommend, Placement: "discover", Limit: 4},
				{ID: "offer", Kind: placement.WidgetOffers, Limit: 1},
			},
		},
		{
			ID: "cart-page", Like: "cart", Note: "before the till: what goes with the cart, and what is missing for free shipping",
			Widgets: []placement.Widget{
				{ID: "offers", Kind: placement.WidgetOffers, Limit: 2},
				{ID: "to-add", Kind: placement.WidgetUpsell, Surface: "cart", FreeShipping: FreeShippingYen, Limit: 3},
				{ID: "goes-with-it", Kind: placement.WidgetRecommend, Limit: 5},
				{ID: "bestsellers", Kind: placement.WidgetPopular, Limit: 3},
			},
		},
	}
}

// Rules returns the merchandising rule of the shop: its cart page offers no
// large purchases.
func Rules() []placement.Rule {
	return []placement.Rule{{
		ID: "small-things-at-the-till", Placements: []string{"cart-page"}, Action: placement.Hide,
		Condition: "item.price > 10000", Note: "nobody adds a laptop on the way to the till",
	}}
}
