package storetest

import (
	"fmt"
	"time"

	"osusume/recommend"
)

// Event is a plain purchase with the given event id.
func Event(id string) recommend.Record {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	return recommend.Record{
		Kind: recommend.RecordEvent,
		Event: recommend.Event{
			ID: id, Type: recommend.Purchase, Time: at, CustomerID: "c1", OrderID: "o1",
			Items: []recommend.EventItem{{ItemID: "i1", Quantity: 1, Price: recommend.Money{Amount: 1200, Currency: "JPY"}}},
		},
		Received: at.Add(time.Second),
	}
}

// LargeBatch is n events with the given number of lines each.
func LargeBatch(n, lines int) []recommend.Record {
	batch := make([]recommend.Record, n)
	for i := range batch {
		batch[i] = Event(fmt.Sprintf("large-%06d", i))
		items := make([]recommend.EventItem, lines)
		for k := range items {
			items[k] = recommend.EventItem{
				ItemID:   fmt.Sprintf("item-%06d", (i*lines+k)%100_000),
				Quantity: int64(k%5 + 1),
				Price:    recommend.Money{Amount: int64(100 + k), Currency: "JPY"},
			}
		}
		batch[i].Event.Items = items
	}
	return batch
}

// Samples are records that together use every field of the vocabulary and the
// values at its edges.
func Samples() []recommend.Record {
	at := time.Date(2026, 3, 1, 12, 30, 15, 123456789, time.UTC)
	stock, none := int64(12), int64(0)
	yen := func(n int64) recommend.Money { return recommend.Money{Amount: n, Currency: "JPY"} }
	return []recommend.Record{
		{
			Kind: recommend.RecordEvent,
			Event: recommend.Event{
				ID: "e1", Type: recommend.Purchase, Time: at, CustomerID: "山田", AnonymousID: "a1",
				SessionID: "s1", OrderID: "o1", Channel: "web", RecommendationID: "r_1",
				Items: []recommend.EventItem{
					{ItemID: "i1", Quantity: 2, Price: yen(1980)},
					{ItemID: "i2", Quantity: 1, Price: yen(0)},
					{ItemID: "i3", Quantity: 0},
					{ItemID: "i4", Quantity: 1_000_000, Price: recommend.Money{Amount: recommend.MaxAmount, Currency: "USD"}},
					{ItemID: "i5", Quantity: 1, Price: recommend.Money{Amount: 5, Currency: "USD"}},
				},
				Value: 4.5,
			},
			Received: at.Add(42 * time.Millisecond),
		},
		{Kind: recommend.RecordEvent, Event: recommend.Event{Type: recommend.Login}},
		{
			Kind:     recommend.RecordEvent,
			Event:    recommend.Event{ID: "e2", Type: recommend.Feedback, Time: time.Unix(0, 0).UTC(), SessionID: "s", Value: -1},
			Received: time.Date(9999, 12, 31, 23, 59, 59, 999_999_999, time.UTC),
		},
		{
			Kind: recommend.RecordItemPut,
			Item: recommend.Item{
				ID: "i1", GroupID: "g1", Family: "f1",
				Title:    recommend.Text{"ja": "ヘッドホン", "en": "Headphones"},
				Category: []string{"Audio", "Headphones"}, Brand: "Oto", Tags: []string{"new", "sale"},
				Role:  recommend.RoleMain,
				Price: yen(19800), ListPrice: yen(24800), Cost: recommend.Money{Amount: 9000, Currency: "USD"},
				TaxRate: 0.1, Stock: &stock, Rating: 4.25, RatingCount: 321,
				Attributes: map[string]string{"colour": "black", "weight_grams": "250", "empty": ""},
				UpgradeAxes: []recommend.UpgradeAxis{
					{Key: "battery_hours", Label: recommend.Text{"en": "battery"}, HigherIsBetter: true},
					{Key: "weight_grams"},
				},
				CompatibleWith: []string{"g1", "connector=usb-c"}, BundleOf: []string{"i8", "i9"},
				URL: "https://shop.example/i1", ImageURL: "https://shop.example/i1.jpg",
			},
			Received: at,
		},
		{Kind: recommend.RecordItemPut, Item: recommend.Item{ID: "bare"}, Received: at},
		{Kind: recommend.RecordItemPut, Item: recommend.Item{ID: "gone", Unavailable: true, Stock: &none, Price: recommend.Money{Currency: "JPY"}}},
		{Kind: recommend.RecordItemDelete, Item: recommend.Item{ID: "i1"}, Received: at},
		{Kind: recommend.RecordItemDelete, Item: recommend.Item{ID: "i2"}},
	}
}
