package api

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"osusume/recommend"
)

func jpy(n int64) recommend.Money { return recommend.Money{Amount: n, Currency: "JPY"} }

func TestDecodeItem(t *testing.T) {
	four := int64(4)
	cases := []struct {
		name, body string
		want       recommend.Item
	}{
		{"least", `{"item_id":"i"}`, recommend.Item{ID: "i"}},
		{
			"all fields",
			`{"item_id":"i","item_group_id":"g","family":"f","title":{"ja":"題","en":"title"},
			  "category":["Kitchen","Coffee"],"brand":"b","tags":["gift"],"role":"consumable",
			  "price":12.50,"currency":"USD","list_price":15,"cost":7.25,"tax_rate":0.1,"available":false,
			  "stock":4,"rating":4.5,"rating_count":120,
			  "attributes":{"colour":"red","storage_gb":128,"weight":0.50,"wireless":true},
			  "upgrade_axes":[{"key":"storage_gb","label":"容量"},{"key":"weight","label":{"en":"weight"},"higher_is_better":false}],
			  "compatible_with":["p","storage_gb=128"],"bundle_of":["x","y"],"url":"https://example.com/i","image_url":"https://example.com/i.png"}`,
			recommend.Item{
				ID: "i", GroupID: "g", Family: "f", Title: recommend.Text{"ja": "題", "en": "title"},
				Category: []string{"Kitchen", "Coffee"}, Brand: "b", Tags: []string{"gift"}, Role: recommend.RoleConsumable,
				Price:     recommend.Money{Amount: 1250, Currency: "USD"},
				ListPrice: recommend.Money{Amount: 1500, Currency: "USD"},
				Cost:      recommend.Money{Amount: 725, Currency: "USD"},
				TaxRate:   0.1, Unavailable: true, Stock: &four, Rating: 4.5, RatingCount: 120,
				// Numbers keep the digits they were sent with.
				Attributes: map[string]string{"colour": "red", "storage_gb": "128", "weight": "0.50", "wireless": "true"},
				UpgradeAxes: []recommend.UpgradeAxis{
					{Key: "storage_gb", Label: recommend.Text{"ja": "容量"}, HigherIsBetter: true},
					{Key: "weight", Label: recommend.Text{"en": "weight"}},
				},
				CompatibleWith: []string{"p", "storage_gb=128"}, BundleOf: []string{"x", "y"},
				URL: "https://example.com/i", ImageURL: "https://example.com/i.png",
			},
		},
		{"a plain title is japanese", `{"item_id":"i","title":"霧"}`, recommend.Item{ID: "i", Title: recommend.Text{"ja": "霧"}}},
		{"yen by default", `{"item_id":"i","price":1200}`, recommend.Item{ID: "i", Price: recommend.Money{Amount: 1200, Currency: "JPY"}}},
		{
			"null is absent",
			`{"item_id":"i","title":null,"price":null,"available":null,"attributes":null,"tags":null,"stock":null}`,
			recommend.Item{ID: "i"},
		},
		{"null within", `{"item_id":"i","title":{"ja":"霧","en":null},"attributes":{"a":null,"b":"c"}}`, recommend.Item{
			ID: "i", Title: recommend.Text{"ja": "霧"}, Attributes: map[string]string{"b": "c"},
		}},
		{
			"price history",
			`{"item_id":"i","price":900,"price_history":[{"price":1200,"from":"2026-01-01T00:00:00+09:00","to":"2026-03-01T00:00:00Z"},{"price":900,"from":"2026-03-01T00:00:00Z"}]}`,
			recommend.Item{ID: "i", Price: jpy(900), PriceHistory: []recommend.PricePeriod{
				{Price: jpy(1200), From: time.Date(2025, 12, 31, 15, 0, 0, 0, time.UTC), To: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)},
				{Price: jpy(900), From: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)},
			}},
		},
		{
			"price history alone", `{"item_id":"i","currency":"USD","price_history":[{"price":9.5,"from":"2026-03-01T00:00:00Z"}]}`,
			recommend.Item{ID: "i", PriceHistory: []recommend.PricePeriod{
				{Price: recommend.Money{Amount: 950, Currency: "USD"}, From: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)},
			}},
		},
		{"stock of none", `{"item_id":"i","stock":0}`, recommend.Item{ID: "i", Stock: new(int64)}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := decodeItem([]byte(c.body), "")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("decodeItem (-want +got):\n%s", diff)
			}
			again, err := decodeItem(appendItem(nil, &got), "")
			if err != nil {
				t.Fatalf("reading back %s: %v", appendItem(nil, &got), err)
			}
			if diff := cmp.Diff(got, again, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("item read back from its document (-first +second):\n%s", diff)
			}
		})
	}
}

// badItems are bodies of one item with the field each must be refused for.
func badItems() map[string]struct{ body, field string } {
	item := func(fields string) string { return `{"item_id":"i",` + fields + `}` }
	return map[string]struct{ body, field string }{
		"cut short":                  {`{"item_id":"i"`, "body"},
		"null":                       {`null`, "body"},
		"a number":                   {`5`, "body"},
		"no id":                      {`{}`, "item_id"},
		"id a number":                {`{"item_id":5}`, "item_id"},
		"id with a newline":          {`{"item_id":"a\nb"}`, "item_id"},
		"unknown field":              {item(`"colour":"red"`), "colour"},
		"other letter case":          {item(`"Price":1`), "Price"},
		"price in quotes":            {item(`"price":"12"`), "price"},
		"price negative":             {item(`"price":-12`), "price"},
		"price half a yen":           {item(`"price":12.5`), "price"},
		"price of three decimals":    {item(`"price":12.505,"currency":"USD"`), "price"},
		"price huge":                 {item(`"price":1e13`), "price"},
		"list price negative":        {item(`"list_price":-1`), "list_price"},
		"cost NaN":                   {item(`"cost":NaN`), "cost"},
		"currency":                   {item(`"price":1,"currency":"JPYEN"`), "currency"},
		"tax rate in percent":        {item(`"tax_rate":10`), "tax_rate"},
		"rating negative":            {item(`"rating":-1`), "rating"},
		"rating count a fraction":    {item(`"rating_count":1.5`), "rating_count"},
		"stock negative":             {item(`"stock":-1`), "stock"},
		"stock a fraction":           {item(`"stock":0.5`), "stock"},
		"available a string":         {item(`"available":"yes"`), "available"},
		"role":                       {item(`"role":"star"`), "role"},
		"category a string":          {item(`"category":"Kitchen"`), "category"},
		"category too deep":          {item(`"category":["1","2","3","4","5","6","7","8","9","10","11"]`), "category"},
		"empty category":             {item(`"category":["Kitchen",""]`), "category[1]"},
		"tag a number":               {item(`"tags":["a",5]`), "tags[1]"},
		"title a number":             {item(`"title":5`), "title"},
		"history without a price":    {item(`"price_history":[{"from":"2026-01-01T00:00:00Z"}]`), "price_history[0].price"},
		"history without a start":    {item(`"price_history":[{"price":1}]`), "price_history[0].from"},
		"history with a bad time":    {item(`"price_history":[{"price":1,"from":"yesterday"}]`), "price_history[0].from"},
		"history backwards":          {item(`"price_history":[{"price":1,"from":"2026-02-01T00:00:00Z","to":"2026-01-01T00:00:00Z"}]`), "price_history[0].to"},
		"history that ended in 1":    {item(`"price_history":[{"price":1,"from":"2026-02-01T00:00:00Z","to":"0001-01-01T00:00:00Z"}]`), "price_history[0].to"},
		"history that overlaps":      {item(`"price_history":[{"price":1,"from":"2026-01-01T00:00:00Z"},{"price":2,"from":"2026-02-01T00:00:00Z"}]`), "price_history[1].from"},
		"history of half a yen":      {item(`"price_history":[{"price":1.5,"from":"2026-01-01T00:00:00Z"}]`), "price_history[0].price"},
		"title of numbers":           {item(`"title":{"ja":5}`), "title.ja"},
		"title too long":             {item(`"title":{"en":"` + strings.Repeat("x", 4097) + `"}`), "title.en"},
		"attributes an array":        {item(`"attributes":["red"]`), "attributes"},
		"attribute an object":        {item(`"attributes":{"size":{"cm":3}}`), "attributes.size"},
		"attribute named by a digit": {item(`"attributes":{"7":[]}`), "attributes.7"},
		"attribute twice":            {item(`"attributes":{"a":1,"a":2}`), "attributes.a"},
		"attribute cut short":        {`{"item_id":"i","attributes":{"a":`, "attributes.a"},
		"axis without key":           {item(`"upgrade_axes":[{"label":"x"}]`), "upgrade_axes[0].key"},
		"axis with unknown field":    {item(`"upgrade_axes":[{"key":"x","unit":"gb"}]`), "upgrade_axes[0].unit"},
		"url too long":               {item(`"url":"` + strings.Repeat("x", 4097) + `"`), "url"},
	}
}

func TestDecodeItemNamesTheField(t *testing.T) {
	for name, c := range badItems() {
		t.Run(name, func(t *testing.T) {
			_, err := decodeItem([]byte(c.body), "")
			if err == nil {
				t.Fatal("accepted")
			}
			if err.Code != recommend.CodeInvalid || err.Field != c.field {
				t.Errorf("got %s for field %q (%s), want invalid for %q", err.Code, err.Field, err.Message, c.field)
			}
		})
	}
}

func TestDecodeItemOfAPath(t *testing.T) {
	for body, ok := range map[string]bool{`{}`: true, `{"item_id":"i"}`: true, `{"item_id":"j"}`: false} {
		it, err := decodeItem([]byte(body), "i")
		if (err == nil) != ok {
			t.Errorf("%s for the path i: error %v, want accepted %v", body, err, ok)
		}
		if ok && it.ID != "i" {
			t.Errorf("%s for the path i: item %q", body, it.ID)
		}
	}
}

// drawItem draws a valid item whose amounts share one currency, as every item
// that came over HTTP has it.
func drawItem(t *rapid.T) recommend.Item {
	id := rapid.StringMatching(`[a-z0-9 /ーあ]{1,12}`)
	text := rapid.StringMatching(`[ -~あ-ん]{1,20}`)
	currency := rapid.SampledFrom([]string{"JPY", "USD", "KWD"}).Draw(t, "currency")
	money := func(name string) recommend.Money {
		if !rapid.Bool().Draw(t, "has "+name) {
			return recommend.Money{}
		}
		return recommend.Money{Amount: rapid.Int64Range(0, recommend.MaxAmount).Draw(t, name), Currency: currency}
	}
	texts := rapid.MapOf(rapid.SampledFrom([]string{"ja", "en", "fr"}), text)
	it := recommend.Item{
		ID: id.Draw(t, "id"), GroupID: rapid.OneOf(rapid.Just(""), id).Draw(t, "group"),
		Title:    texts.Draw(t, "title"),
		Category: rapid.SliceOfN(id, 0, 3).Draw(t, "category"),
		Tags:     rapid.SliceOfN(id, 0, 3).Draw(t, "tags"),
		Role:     rapid.SampledFrom([]recommend.Role{"", "main", "plan"}).Draw(t, "role"),
		Price:    money("price"), ListPrice: money("list price"), Cost: money("cost"),
		TaxRate:     rapid.Float64Range(0, 1).Draw(t, "tax"),
		Unavailable: rapid.Bool().Draw(t, "unavailable"),
		Rating:      rapid.Float64Range(0, 100).Draw(t, "rating"),
		RatingCount: rapid.Int64Range(0, 1e12).Draw(t, "rating count"),
		Attributes:  rapid.MapOf(id, text).Draw(t, "attributes"),
		BundleOf:    rapid.SliceOfN(id, 0, 3).Draw(t, "bundle"),
		URL:         rapid.OneOf(rapid.Just(""), text).Draw(t, "url"),
	}
	if rapid.Bool().Draw(t, "counted") {
		stock := rapid.Int64Range(0, 1e12).Draw(t, "stock")
		it.Stock = &stock
	}
	for range rapid.IntRange(0, 2).Draw(t, "axes") {
		it.UpgradeAxes = append(it.UpgradeAxes, recommend.UpgradeAxis{
			Key: id.Draw(t, "axis"), Label: texts.Draw(t, "label"), HigherIsBetter: rapid.Bool().Draw(t, "higher"),
		})
	}
	at := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	later := func() time.Time {
		at = at.Add(time.Duration(rapid.Int64Range(1, 1e7).Draw(t, "seconds")) * time.Second)
		return at
	}
	for n := rapid.IntRange(0, 3).Draw(t, "periods"); n > 0; n-- {
		p := recommend.PricePeriod{
			Price: recommend.Money{Amount: rapid.Int64Range(0, recommend.MaxAmount).Draw(t, "former"), Currency: currency},
			From:  later(),
		}
		if n > 1 || rapid.Bool().Draw(t, "ended") {
			p.To = later()
		}
		it.PriceHistory = append(it.PriceHistory, p)
	}
	return it
}

func TestItemDocumentRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		it := drawItem(t)
		document := appendItem(nil, &it)
		got, err := decodeItem(document, "")
		if err != nil {
			t.Fatalf("reading back %s: %v", document, err)
		}
		if diff := cmp.Diff(it, got, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("item read back from %s (-want +got):\n%s", document, diff)
		}
	})
}

func FuzzDecodeItem(f *testing.F) {
	for _, c := range badItems() {
		if len(c.body) < 2048 {
			f.Add([]byte(c.body))
		}
	}
	f.Add([]byte(`{"item_id":"i","title":{"ja":"題"},"price":12.5,"currency":"USD","attributes":{"a":1,"b":true},"upgrade_axes":[{"key":"a"}]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		it, err := decodeItem(body, "")
		if err != nil {
			return
		}
		document := appendItem(nil, &it)
		again, err := decodeItem(document, "")
		if err != nil {
			t.Fatalf("reading back %s: %v", document, err)
		}
		if diff := cmp.Diff(it, again, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("item read back from %s (-want +got):\n%s", document, diff)
		}
	})
}
