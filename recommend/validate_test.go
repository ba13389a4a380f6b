package recommend_test

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"osusume/recommend"
)

var now = time.Date(2026, 4, 1, 12, 0, 0, 0, time.UTC)

func validEvent() recommend.Event {
	return recommend.Event{
		ID: "e1", Type: recommend.Purchase, Time: now, CustomerID: "ann", OrderID: "o1",
		Items: []recommend.EventItem{{ItemID: "phone", Quantity: 1, Price: recommend.Money{Amount: 100, Currency: "JPY"}}},
	}
}

// wantField fails unless err is an invalid value in field, "" for no error.
func wantField(t *testing.T, err error, field string) {
	t.Helper()
	if field == "" {
		if err != nil {
			t.Errorf("refused: %v", err)
		}
		return
	}
	var e *recommend.Error
	if !errors.As(err, &e) || e.Code != recommend.CodeInvalid || e.Field != field || e.Message == "" {
		t.Errorf("error %#v, want an invalid %s", err, field)
	}
}

func TestEventValidate(t *testing.T) {
	long := strings.Repeat("x", recommend.MaxIDBytes)
	tests := []struct {
		name   string
		change func(e *recommend.Event)
		field  string
	}{
		{"as it is", func(*recommend.Event) {}, ""},
		{"without event id", func(e *recommend.Event) { e.ID = "" }, ""},
		{"longest id", func(e *recommend.Event) { e.ID = long }, ""},
		{"id too long", func(e *recommend.Event) { e.ID = long + "x" }, "event_id"},
		{"no type", func(e *recommend.Event) { e.Type = recommend.EventUnknown }, "event"},
		{"a type beyond the last", func(e *recommend.Event) { e.Type = recommend.Feedback + 1 }, "event"},
		{"customer", func(e *recommend.Event) { e.CustomerID = "a\x00b" }, "customer_id"},
		{"device", func(e *recommend.Event) { e.AnonymousID = "a\nb" }, "anonymous_id"},
		{"session", func(e *recommend.Event) { e.SessionID = "\xff" }, "session_id"},
		{"order", func(e *recommend.Event) { e.OrderID = "\x7f" }, "order_id"},
		{"channel", func(e *recommend.Event) { e.Channel = "\u2028" }, "channel"},
		{"recommendation", func(e *recommend.Event) { e.RecommendationID = "\u0085" }, "recommendation_id"},
		{"order alone says who", func(e *recommend.Event) { e.CustomerID = "" }, ""},
		{"nobody", func(e *recommend.Event) { e.CustomerID, e.OrderID = "", "" }, "customer_id"},
		{"no time", func(e *recommend.Event) { e.Time = time.Time{} }, "time"},
		{"1971", func(e *recommend.Event) { e.Time = time.Date(1971, 1, 1, 0, 0, 0, 0, time.UTC) }, ""},
		{"before 1971", func(e *recommend.Event) { e.Time = time.Date(1970, 12, 31, 23, 59, 59, 0, time.UTC) }, "time"},
		{"a day ahead", func(e *recommend.Event) { e.Time = now.Add(24 * time.Hour) }, ""},
		{"a day and a bit ahead", func(e *recommend.Event) { e.Time = now.Add(24*time.Hour + time.Nanosecond) }, "time"},
		{"value not a number", func(e *recommend.Event) { e.Value = math.NaN() }, "value"},
		{"value infinite", func(e *recommend.Event) { e.Value = math.Inf(-1) }, "value"},
		{"no items", func(e *recommend.Event) { e.Items = nil }, "items"},
		{"login without items", func(e *recommend.Event) { e.Type, e.Items = recommend.Login, nil }, ""},
		{"refund of a whole order", func(e *recommend.Event) { e.Type, e.Items = recommend.Refund, nil }, ""},
		{"most items", func(e *recommend.Event) { e.Items = slices.Repeat(e.Items, recommend.MaxEventItems) }, ""},
		{"too many items", func(e *recommend.Event) { e.Items = slices.Repeat(e.Items, recommend.MaxEventItems+1) }, "items"},
		{"item without id", func(e *recommend.Event) { e.Items[0].ItemID = "" }, "items[0].item_id"},
		{"item id", func(e *recommend.Event) { e.Items = append(e.Items, recommend.EventItem{ItemID: "\t"}) }, "items[1].item_id"},
		{"quantity of 0", func(e *recommend.Event) { e.Items[0].Quantity = 0 }, ""},
		{"negative quantity", func(e *recommend.Event) { e.Items[0].Quantity = -1 }, "items[0].quantity"},
		{"most", func(e *recommend.Event) { e.Items[0].Quantity = recommend.MaxQuantity }, ""},
		{"too many", func(e *recommend.Event) { e.Items[0].Quantity = recommend.MaxQuantity + 1 }, "items[0].quantity"},
		{"no price", func(e *recommend.Event) { e.Items[0].Price = recommend.Money{} }, ""},
		{"negative price", func(e *recommend.Event) { e.Items[0].Price.Amount = -1 }, "items[0].price"},
		{"price without currency", func(e *recommend.Event) { e.Items[0].Price.Currency = "" }, "items[0].currency"},
		{"huge price", func(e *recommend.Event) { e.Items[0].Price.Amount = recommend.MaxAmount + 1 }, "items[0].price"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := validEvent()
			tt.change(&e)
			wantField(t, e.Validate(now), tt.field)
		})
	}
}

func TestItemValidate(t *testing.T) {
	stock := func(n int64) *int64 { return &n }
	text := strings.Repeat("x", recommend.MaxTextBytes)
	tests := []struct {
		name  string
		item  recommend.Item
		field string
	}{
		{"id alone", recommend.Item{ID: "a"}, ""},
		{"nothing", recommend.Item{}, "item_id"},
		{"group", recommend.Item{ID: "a", GroupID: "\n"}, "item_group_id"},
		{"family", recommend.Item{ID: "a", Family: "\n"}, "family"},
		{"brand", recommend.Item{ID: "a", Brand: "\n"}, "brand"},
		{"category", recommend.Item{ID: "a", Category: []string{"x", ""}}, "category[1]"},
		{"deep category", recommend.Item{ID: "a", Category: slices.Repeat([]string{"x"}, recommend.MaxCategoryDepth+1)}, "category"},
		{"tag", recommend.Item{ID: "a", Tags: []string{"\x01"}}, "tags[0]"},
		{"tags", recommend.Item{ID: "a", Tags: slices.Repeat([]string{"x"}, recommend.MaxItemTags+1)}, "tags"},
		{"role", recommend.Item{ID: "a", Role: "extra"}, "role"},
		{"each role", recommend.Item{ID: "a", Role: recommend.RolePlan}, ""},
		{"tax of 10 %", recommend.Item{ID: "a", TaxRate: 0.1}, ""},
		{"tax of 1000 %", recommend.Item{ID: "a", TaxRate: 10}, "tax_rate"},
		{"tax not a number", recommend.Item{ID: "a", TaxRate: math.NaN()}, "tax_rate"},
		{"rating", recommend.Item{ID: "a", Rating: -1}, "rating"},
		{"rating not a number", recommend.Item{ID: "a", Rating: math.NaN()}, "rating"},
		{"ratings", recommend.Item{ID: "a", RatingCount: -1}, "rating_count"},
		{"sold out", recommend.Item{ID: "a", Stock: stock(0)}, ""},
		{"negative stock", recommend.Item{ID: "a", Stock: stock(-1)}, "stock"},
		{"price", recommend.Item{ID: "a", Price: recommend.Money{Amount: -1, Currency: "JPY"}}, "price"},
		{"list price", recommend.Item{ID: "a", ListPrice: recommend.Money{Amount: -1, Currency: "JPY"}}, "list_price"},
		{"cost", recommend.Item{ID: "a", Cost: recommend.Money{Amount: -1, Currency: "JPY"}}, "cost"},
		{"longest title", recommend.Item{ID: "a", Title: recommend.Text{"en": text}}, ""},
		{"title", recommend.Item{ID: "a", Title: recommend.Text{"en": text + "x"}}, "title.en"},
		{"language", recommend.Item{ID: "a", Title: recommend.Text{"": "x"}}, "title"},
		{"attribute", recommend.Item{ID: "a", Attributes: map[string]string{"size": text + "x"}}, "attributes.size"},
		{"attribute name", recommend.Item{ID: "a", Attributes: map[string]string{"": "x"}}, "attributes"},
		{"axis", recommend.Item{ID: "a", UpgradeAxes: []recommend.UpgradeAxis{{Key: "ok"}, {}}}, "upgrade_axes[1].key"},
		{"fits", recommend.Item{ID: "a", CompatibleWith: []string{""}}, "compatible_with[0]"},
		{"bundle", recommend.Item{ID: "a", BundleOf: []string{"b", "\x02"}}, "bundle_of[1]"},
		{"price history", recommend.Item{ID: "a", PriceHistory: []recommend.PricePeriod{period(100, 0, 7), period(90, 7, 9), period(80, 12, -1)}}, ""},
		{"history overlaps", recommend.Item{ID: "a", PriceHistory: []recommend.PricePeriod{period(100, 0, 7), period(90, 6, 9)}}, "price_history[1].from"},
		{"history goes on in the middle", recommend.Item{ID: "a", PriceHistory: []recommend.PricePeriod{period(100, 0, -1), period(90, 6, 9)}}, "price_history[1].from"},
		{"history backwards", recommend.Item{ID: "a", PriceHistory: []recommend.PricePeriod{period(100, 7, 7)}}, "price_history[0].to"},
		{"history from nowhere", recommend.Item{ID: "a", PriceHistory: []recommend.PricePeriod{{Price: recommend.Money{Amount: 1, Currency: "JPY"}}}}, "price_history[0].from"},
		{"history without price", recommend.Item{ID: "a", PriceHistory: []recommend.PricePeriod{{From: now}}}, "price_history[0].currency"},
		{"long history", recommend.Item{ID: "a", PriceHistory: make([]recommend.PricePeriod, recommend.MaxPricePeriods+1)}, "price_history"},
		{"address", recommend.Item{ID: "a", URL: text + "x"}, "url"},
		{"picture", recommend.Item{ID: "a", ImageURL: text + "x"}, "image_url"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { wantField(t, tt.item.Validate(), tt.field) })
	}
}

// period is on sale at yen from one day to another; to < 0 means still.
func period(yen int64, from, to int) recommend.PricePeriod {
	p := recommend.PricePeriod{Price: recommend.Money{Amount: yen, Currency: "JPY"}, From: now.AddDate(0, 0, from)}
	if to >= 0 {
		p.To = now.AddDate(0, 0, to)
	}
	return p
}

func TestEligible(t *testing.T) {
	none, some := int64(0), int64(1)
	tests := []struct {
		item recommend.Item
		want bool
	}{
		{recommend.Item{}, true},
		{recommend.Item{Stock: &some}, true},
		{recommend.Item{Stock: &none}, false},
		{recommend.Item{Unavailable: true, Stock: &some}, false},
	}
	for _, tt := range tests {
		if got := tt.item.Eligible(); got != tt.want {
			t.Errorf("%+v eligible: %v", tt.item, got)
		}
	}
}

func TestTextIn(t *testing.T) {
	tests := []struct {
		text   recommend.Text
		locale string
		want   string
	}{
		{recommend.Text{"ja": "電話", "en": "phone"}, "ja", "電話"},
		{recommend.Text{"ja": "電話", "en": "phone"}, "fr", "phone"},
		{recommend.Text{"ja": "電話", "de": "Telefon"}, "fr", "電話"},
		{recommend.Text{"it": "telefono", "de": "Telefon"}, "fr", "Telefon"},
		{nil, "ja", ""},
	}
	for _, tt := range tests {
		if got := tt.text.In(tt.locale); got != tt.want {
			t.Errorf("%v in %s is %q, want %q", tt.text, tt.locale, got, tt.want)
		}
	}
}

func TestEventNames(t *testing.T) {
	names := recommend.EventNames()
	seen := make(map[string]bool)
	for _, name := range names {
		typ, ok := recommend.ParseEventType(name)
		if !ok || typ.String() != name || seen[name] {
			t.Errorf("%q parses to %v (%v), twice: %v", name, typ, ok, seen[name])
		}
		seen[name] = true
	}
	// Codes are on disk.
	for name, code := range map[string]recommend.EventType{"view_item": 1, "purchase": 3, "login": 13, "feedback": 16} {
		if typ, _ := recommend.ParseEventType(name); typ != code {
			t.Errorf("%s has code %d, want %d", name, typ, code)
		}
	}
	for _, name := range []string{"", "View_Item", "nothing"} {
		if typ, ok := recommend.ParseEventType(name); ok {
			t.Errorf("%q parses to %v", name, typ)
		}
	}
	if got := recommend.EventType(200).String(); got != "" {
		t.Errorf("an unknown type is called %q", got)
	}
	names[0] = "changed"
	if slices.Contains(recommend.EventNames(), "changed") {
		t.Error("callers share the list of names")
	}
}

func TestCodeOf(t *testing.T) {
	invalid := recommend.Invalid("limit", "at most %d", 100)
	cases := map[error]recommend.Code{
		nil:                                recommend.Code(""),
		invalid:                            recommend.CodeInvalid,
		fmt.Errorf("parse: %w", invalid):   recommend.CodeInvalid,
		recommend.NotFound("item_id", "x"): recommend.CodeNotFound,
		errors.New("the disk is gone"):     recommend.CodeInternal,
	}
	for err := range maps.Keys(cases) {
		if got := recommend.CodeOf(err); got != cases[err] {
			t.Errorf("code of %v is %q, want %q", err, got, cases[err])
		}
	}
	if got := invalid.Error(); got != "limit: at most 100" {
		t.Errorf("it says %q", got)
	}
	if got := (&recommend.Error{Message: "x"}).Error(); got != "x" {
		t.Errorf("it says %q", got)
	}
}

func TestRecordKey(t *testing.T) {
	for _, tt := range []struct {
		record recommend.Record
		want   string
	}{
		{recommend.Record{Kind: recommend.RecordEvent, Event: recommend.Event{ID: "e"}}, "e"},
		{recommend.Record{Kind: recommend.RecordItemPut, Event: recommend.Event{ID: "e"}, Item: recommend.Item{ID: "i"}}, ""},
	} {
		if got := tt.record.Key(); got != tt.want {
			t.Errorf("key of %+v is %q", tt.record, got)
		}
	}
}

func FuzzValidateID(f *testing.F) {
	for _, id := range []string{"", "a", "商品", "a\x00", "\u2028", "\u0085", "\xff", strings.Repeat("x", 257), "\ufeff", "a b"} {
		f.Add(id)
	}
	f.Fuzz(func(t *testing.T, id string) {
		// Said again in other words; U+2028 and U+2029 end lines in scripts.
		bad := func(r rune) bool { return unicode.Is(unicode.Cc, r) || r == '\u2028' || r == '\u2029' }
		want := id != "" && len(id) <= recommend.MaxIDBytes && utf8.ValidString(id) && !strings.ContainsFunc(id, bad)
		err := recommend.ValidateID("id", id)
		if (err == nil) != want {
			t.Fatalf("%q: %v, want valid %v", id, err, want)
		}
		if err != nil && (err.Field != "id" || err.Code != recommend.CodeInvalid || !utf8.ValidString(err.Message)) {
			t.Fatalf("%q: %#v", id, err)
		}
	})
}
