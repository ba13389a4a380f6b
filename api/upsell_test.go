package api

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// suggestions is the answer of /upsell.
type suggestions struct {
	ID    string   `json:"recommendation_id"`
	Kinds []string `json:"kind_order"`
	Items []struct {
		ID       string `json:"item_id"`
		Kind     string
		From     string `json:"from_item_id"`
		Price    float64
		Currency string
		Title    string
		Parts    []string
		Due      string
		Value    struct {
			PriceDelta *float64                                `json:"price_delta"`
			Gains      []struct{ Key, Label, From, To string } `json:"feature_gains"`
			Rating     *float64
			Savings    *float64
			CompareAt  struct {
				Allowed bool
				Price   float64
				Why     string
			} `json:"compare_at"`
		}
		Reasons []struct {
			Code   string
			Params map[string]any
			N      int
			Text   string
		}
		Score struct {
			P           float64
			PriceFit    float64 `json:"price_fit"`
			MarginDelta float64 `json:"margin_delta"`
			EV          float64
			Source      string `json:"margin_source"`
		}
	}
	Gaps []struct {
		Code, Currency, Text string
		Amount               float64
	}
	Surface string
}

// told lists suggestions as "kind item".
func (s *suggestions) told() []string {
	list := []string{}
	for _, it := range s.Items {
		list = append(list, it.Kind+" "+it.ID)
	}
	return list
}

// texts lists the reasons of the first suggestion.
func (s *suggestions) texts() []string {
	var list []string
	for _, r := range s.Items[0].Reasons {
		list = append(list, r.Code+" "+r.Text)
	}
	return list
}

// newUpsellClient serves a shop of phones, coffee and plans. Of 70 people who looked
// at the phone, 55 bought it, 25 of them with the case, and 15 left with the better
// one. 60 others buy coffee every ten days.
func newUpsellClient(t testing.TB, change ...func(*Config)) *client {
	c := newClient(t, change...)
	axes := `"upgrade_axes":[{"key":"gb","label":{"ja":"容量","en":"Storage"}}]`
	c.ok("POST", "/items", `[
		{"item_id":"phone","title":{"ja":"電話","en":"Phone"},"family":"kaze","role":"main","category":["Phones"],"price":80000,"cost":60000,"rating":4.5,"attributes":{"gb":"128GB"},`+axes+`},
		{"item_id":"plus","title":{"ja":"電話プラス","en":"Phone plus"},"family":"kaze","role":"main","category":["Phones"],"price":92000,"list_price":98000,"cost":66000,"rating":4.6,"attributes":{"gb":"256GB"},`+axes+`,
		 "price_history":[{"price":98000,"from":"2025-09-01T00:00:00Z","to":"2026-01-25T00:00:00Z"},{"price":92000,"from":"2026-01-25T00:00:00Z"}]},
		{"item_id":"case","title":{"ja":"ケース","en":"Case"},"role":"accessory","category":["Cases"],"price":2000,"cost":600,"compatible_with":["phone"]},
		{"item_id":"set","title":{"ja":"セット","en":"Set"},"price":81000,"cost":60600,"bundle_of":["phone","case"]},
		{"item_id":"coffee","title":{"ja":"豆","en":"Beans"},"role":"consumable","category":["Coffee"],"price":1200,"cost":500},
		{"item_id":"small","family":"mobile","role":"plan","category":["Plans"],"price":1000,"cost":500,"attributes":{"gb":"3GB"},`+axes+`},
		{"item_id":"large","family":"mobile","role":"plan","category":["Plans"],"price":1800,"cost":700,"attributes":{"gb":"20GB"},`+axes+`},
		{"item_id":"dollars","price":12.50,"currency":"USD"}]`)
	var events []string
	add := func(event, customer, day string, items ...string) {
		lines := `{"item_id":"` + strings.Join(items, `"},{"item_id":"`) + `"}`
		events = append(events, fmt.Sprintf(`{"event":%q,"event_id":"e%d","customer_id":%q,"order_id":"o%d","time":"2026-%sT00:00:00Z","items":[%s]}`,
			event, len(events), customer, len(events), day, lines))
	}
	for k := range 130 {
		customer := fmt.Sprint("c", k)
		switch {
		case k < 70:
			add("view_item", customer, "01-02", "phone")
			switch {
			case k < 25:
				add("purchase", customer, "01-03", "phone", "case")
			case k < 55:
				add("purchase", customer, "01-03", "phone")
			default:
				add("purchase", customer, "01-04", "plus")
			}
		default:
			add("purchase", customer, "01-01", "coffee")
			add("purchase", customer, "01-11", "coffee")
			add("purchase", customer, "01-21", "coffee")
		}
	}
	c.ok("POST", "/events", "["+strings.Join(events, ",")+"]")
	if err := c.shop.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestUpsellAnswer(t *testing.T) {
	c := newUpsellClient(t)
	a := decode[suggestions](t, c.get("/upsell?surface=product&item_id=phone&fields=title,price,list_price&locale=ja"))
	if diff := cmp.Diff([]string{"upgrade plus", "accessory case", "bundle set"}, a.told()); diff != "" {
		t.Fatalf("suggestions (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"upgrade", "accessory", "bundle"}, a.Kinds); diff != "" {
		t.Errorf("kinds (-want +got):\n%s", diff)
	}
	plus := a.Items[0]
	// 15 of 70, and the family's base rate is the same, for nobody looked at another
	// of its items: (15 + 20*15/70) / 90.
	if got, want := plus.Score.P, 15.0/70; got < want-1e-9 || got > want+1e-9 {
		t.Errorf("p = %v, want %v", got, want)
	}
	if plus.Score.MarginDelta != 6000 || plus.Score.Source != "cost" || plus.Score.EV != plus.Score.P*plus.Score.PriceFit*6000 {
		t.Errorf("score %+v", plus.Score)
	}
	if plus.From != "phone" || plus.Price != 92000 || plus.Currency != "JPY" || plus.Title != "電話プラス" || *plus.Value.PriceDelta != 12000 {
		t.Errorf("upgrade %+v", plus)
	}
	if diff := cmp.Diff([]struct{ Key, Label, From, To string }{{"gb", "容量", "128GB", "256GB"}}, plus.Value.Gains); diff != "" {
		t.Errorf("gains (-want +got):\n%s", diff)
	}
	// Sold at 98,000 for seven of the last eight weeks, until six days ago.
	if at := plus.Value.CompareAt; !at.Allowed || at.Price != 98000 || plus.Value.Savings == nil || *plus.Value.Savings != 6000 {
		t.Errorf("former price %+v, saves %v", at, plus.Value.Savings)
	}
	if diff := cmp.Diff([]string{
		"VIEWED_A_BOUGHT_B この商品を見て購入した人の21%がこちらを選びました",
		"PRICE_DELTA +¥12,000で",
		"FEATURE_GAIN 容量が128GB→256GBに",
		"SAVINGS 以前の価格より¥6,000お得(6%)",
	}, a.texts()); diff != "" {
		t.Errorf("reasons (-want +got):\n%s", diff)
	}
	if r := plus.Reasons[0]; r.N != 70 || r.Params["pct"] != 21.0 {
		t.Errorf("evidence %+v", r)
	}
	box, set := a.Items[1], a.Items[2]
	if box.Value.CompareAt.Allowed || box.Value.CompareAt.Why != "NO_COMPARE_PRICE" || box.Value.Savings != nil || box.Value.PriceDelta != nil {
		t.Errorf("accessory %+v", box.Value)
	}
	if diff := cmp.Diff([]string{"phone", "case"}, set.Parts); diff != "" || *set.Value.Savings != 1000 {
		t.Errorf("saves %v (-want +got):\n%s", set.Value.Savings, diff)
	}

	english := c.get("/upsell?item_id=phone&locale=en")
	a = decode[suggestions](t, english)
	if got, want := a.Items[0].Reasons[0].Text, "21% of people who viewed this and then bought chose this one"; got != want || a.Surface != "product" {
		t.Errorf("text %q on %q, want %q", got, a.Surface, want)
	}
	if lang := english.header.Get("Content-Language"); lang != "en" {
		t.Errorf("Content-Language %q", lang)
	}
}

func TestUpsellSurfaces(t *testing.T) {
	c := newUpsellClient(t)
	c.ok("POST", "/events", `[
		{"event":"purchase","customer_id":"drinker","order_id":"d1","time":"2026-01-11T00:00:00Z","items":[{"item_id":"coffee"}]},
		{"event":"purchase","customer_id":"drinker","order_id":"d2","time":"2026-01-21T00:00:00Z","items":[{"item_id":"coffee"}]},
		{"event":"purchase","customer_id":"caller","order_id":"p1","time":"2026-01-30T00:00:00Z","items":[{"item_id":"phone"}]}]`)
	if err := c.shop.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		name, body string
		want, gaps []string
	}{
		{"cart", `{"surface":"cart","cart":[{"item_id":"phone"}]}`, []string{"accessory case", "bundle set"}, nil},
		{
			"short of free shipping", `{"surface":"cart","cart":[{"item_id":"phone","price":78500}],"free_shipping":80000}`,
			[]string{"cart_threshold case", "bundle set"},
			[]string{"FREE_SHIPPING_GAP あと¥1,500で送料無料"},
		},
		{
			"short of a tier", `{"surface":"cart","cart":[{"item_id":"phone","quantity":1}],"subtotal":10000,"next_tier":{"name":{"ja":"ゴールド","en":"Gold"},"gap":11600}}`,
			[]string{"tier_nudge case", "bundle set"},
			[]string{"TIER_GAP あと¥1,600でゴールド会員"},
		},
		{"just bought", `{"surface":"post_purchase","customer_id":"caller"}`, []string{"accessory case"}, nil},
		{"order", `{"surface":"post_purchase","order":["phone"]}`, []string{"accessory case"}, nil},
		{"due", `{"surface":"account","customer_id":"drinker"}`, []string{"buy_it_again coffee"}, nil},
		{"plan", `{"surface":"email","usage":[{"item_id":"small","used":2.5,"limit":3}]}`, []string{"plan_upgrade large"}, nil},
		{"plan that suffices", `{"surface":"email","usage":[{"item_id":"small","used":1,"limit":3}]}`, []string{}, nil},
		{"overage", `{"surface":"email","usage":[{"item_id":"small","limit":3,"overage":1000}]}`, []string{"plan_upgrade large"}, nil},
		{"excluded", `{"item_id":"phone","exclude":["plus","set"]}`, []string{"accessory case"}, nil},
		{"one", `{"item_id":"phone","limit":1}`, []string{"upgrade plus"}, nil},
		{"unknown customer", `{"surface":"account","customer_id":"nobody"}`, []string{}, nil},
		{"of a thing nobody bought", `{"item_id":"dollars"}`, []string{}, nil},
	} {
		t.Run(x.name, func(t *testing.T) {
			a := decode[suggestions](t, c.ok("POST", "/upsell", x.body))
			if diff := cmp.Diff(x.want, a.told()); diff != "" {
				t.Errorf("suggestions (-want +got):\n%s", diff)
			}
			var gaps []string
			for _, g := range a.Gaps {
				gaps = append(gaps, g.Code+" "+g.Text)
			}
			if diff := cmp.Diff(x.gaps, gaps); diff != "" {
				t.Errorf("gaps (-want +got):\n%s", diff)
			}
		})
	}
}

// TestUpsellDismissal: an event in one channel keeps a suggestion away in all.
func TestUpsellDismissal(t *testing.T) {
	c := newUpsellClient(t)
	shown := func() []string {
		a := decode[suggestions](t, c.get("/upsell?item_id=phone&customer_id=me"))
		return a.told()
	}
	if !slices.Contains(shown(), "upgrade plus") {
		t.Fatalf("before: %v", shown())
	}
	feedback := func(value string) {
		seq := decode[struct{ Seq uint64 }](t, c.ok("POST", "/events",
			`{"event":"feedback","customer_id":"me","channel":"line","value":`+value+`,"items":[{"item_id":"plus"}]}`)).Seq
		c.get(fmt.Sprint("/upsell?item_id=phone&min_seq=", seq))
	}
	feedback("-1")
	if slices.Contains(shown(), "upgrade plus") {
		t.Errorf("dismissed: %v", shown())
	}
	feedback("1")
	if !slices.Contains(shown(), "upgrade plus") {
		t.Errorf("wanted after all: %v", shown())
	}
}

// TestUpsellIsDeterministic: the same question has the same bytes, both ways of asking
// are one, and whatever changes the answer changes its id.
func TestUpsellIsDeterministic(t *testing.T) {
	c := newUpsellClient(t)
	first := c.get("/upsell?item_id=phone&customer_id=c3&locale=ja").body
	for range 3 {
		if again := c.get("/upsell?item_id=phone&customer_id=c3&locale=ja").body; !bytes.Equal(first, again) {
			t.Fatalf("two answers:\n%s\n%s", first, again)
		}
	}
	if posted := c.ok("POST", "/upsell", `{"item_id":"phone","customer_id":"c3"}`).body; !bytes.Equal(first, posted) {
		t.Errorf("GET and POST differ:\n%s\n%s", first, posted)
	}
	ids := map[string]string{}
	for _, body := range []string{
		`{"surface":"cart"}`,
		`{"surface":"cart","cart":[{"item_id":"phone"}]}`,
		`{"surface":"cart","cart":[{"item_id":"phone","quantity":2}]}`,
		`{"surface":"cart","cart":[{"item_id":"phone","price":1}]}`,
		`{"surface":"cart","exclude":["phone"]}`,
		`{"surface":"cart","order":["phone"]}`,
		`{"surface":"cart","subtotal":1}`,
		`{"surface":"cart","free_shipping":1}`,
		`{"surface":"cart","free_shipping":1,"currency":"USD"}`,
		`{"surface":"cart","usage":[{"item_id":"small"}]}`,
		`{"surface":"cart","usage":[{"item_id":"small","used":1}]}`,
		`{"surface":"cart","usage":[{"item_id":"small","limit":1}]}`,
		`{"surface":"cart","usage":[{"item_id":"small","overage":1}]}`,
		`{"surface":"cart","next_tier":{"name":"a","gap":1}}`,
		`{"surface":"cart","next_tier":{"name":"a","gap":2}}`,
		`{"surface":"cart","next_tier":{"name":{"en":"a"},"gap":1}}`,
		`{"surface":"cart","locale":"en"}`,
		`{"surface":"cart","limit":1}`,
		`{"surface":"cart","fields":["title"]}`,
		`{"surface":"cart","customer_id":"phone"}`,
		`{"surface":"cart","anonymous_id":"phone"}`,
		`{"surface":"cart","session_id":"phone"}`,
		`{"surface":"cart","item_id":"phone"}`,
		`{"surface":"account"}`,
	} {
		id := decode[suggestions](t, c.ok("POST", "/upsell", body)).ID
		if other, taken := ids[id]; taken {
			t.Errorf("%s and %s have the same id", body, other)
		}
		ids[id] = body
	}
}

func TestBadUpsell(t *testing.T) {
	c := newUpsellClient(t)
	for _, x := range []struct{ name, body, field string }{
		{"no item", `{}`, "item_id"},
		{"surface", `{"surface":"shelf"}`, "surface"},
		{"unknown field", `{"surface":"cart","colour":"red"}`, "colour"},
		{"cart of ids", `{"surface":"cart","cart":["phone"]}`, "cart[0]"},
		{"cart without id", `{"surface":"cart","cart":[{"quantity":1}]}`, "cart[0].item_id"},
		{"quantity of none", `{"surface":"cart","cart":[{"item_id":"phone","quantity":0}]}`, "cart[0].quantity"},
		{"price of half a yen", `{"surface":"cart","cart":[{"item_id":"phone","price":0.5}]}`, "cart[0].price"},
		{"negative price", `{"surface":"cart","cart":[{"item_id":"phone","price":-5}]}`, "cart[0].price"},
		{"negative threshold", `{"surface":"cart","free_shipping":-1}`, "free_shipping"},
		{"negative subtotal", `{"surface":"cart","subtotal":-1}`, "subtotal"},
		{"currency", `{"surface":"cart","currency":"yen"}`, "currency"},
		{"limit of none", `{"surface":"cart","limit":0}`, "limit"},
		{"limit", `{"surface":"cart","limit":101}`, "limit"},
		{"locale", `{"surface":"cart","locale":"fr"}`, "locale"},
		{"fields", `{"surface":"cart","fields":["cost"]}`, "fields[0]"},
		{"negative use", `{"surface":"email","usage":[{"item_id":"small","used":-1}]}`, "usage[0].used"},
		{"negative overage", `{"surface":"email","usage":[{"item_id":"small","overage":-1}]}`, "usage[0].overage"},
		{"no plan", `{"surface":"email","usage":[{"used":1}]}`, "usage[0].item_id"},
		{"tier without a gap", `{"surface":"cart","next_tier":{"name":"Gold"}}`, "next_tier.gap"},
		{"tier without a name", `{"surface":"cart","next_tier":{"gap":1}}`, "next_tier.name"},
		{"negative gap", `{"surface":"cart","next_tier":{"name":"Gold","gap":-1}}`, "next_tier.gap"},
		{"empty order id", `{"surface":"post_purchase","order":[""]}`, "order[0]"},
		{"excluded newline", `{"surface":"cart","exclude":["a\nb"]}`, "exclude[0]"},
		{"customer", `{"surface":"account","customer_id":"a\nb"}`, "customer_id"},
		{"too many lines", `{"surface":"cart","cart":[` + strings.Repeat(`{"item_id":"phone"},`, maxCartLines) + `{"item_id":"phone"}]}`, "cart"},
		{"not JSON", `nonsense`, "body"},
	} {
		t.Run(x.name, func(t *testing.T) { c.refused(c.send("POST", "/upsell", x.body), 400, x.field) })
	}
	c.refused(c.send("POST", "/upsell", `{"item_id":"nothing"}`), 404, "item_id")
	for query, field := range map[string]string{
		"surface=shelf": "surface", "": "item_id", "surface=cart&free_shipping=-1": "free_shipping",
		"surface=cart&free_shipping=1&currency=yen": "currency", "surface=cart&colour=red": "colour",
		"surface=cart&limit=0": "limit", "surface=cart&min_seq=99999999": "min_seq",
	} {
		c.refused(c.get("/upsell?"+query), 400, field)
	}
}

// BenchmarkUpsell asks the demo shop with all its history.
func BenchmarkUpsell(b *testing.B) {
	cfg := benchConfig(b, time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC))
	handler := New(cfg).Handler()
	for _, x := range []struct{ name, target string }{
		{"product", "/upsell?item_id=phone-aozora-8-128&customer_id=c-photo"},
		{"cart of 1", "/upsell?surface=cart&free_shipping=3000&customer_id=c-coffee&cart=dripper-cone-ceramic"},
		{"cart of 10", "/upsell?surface=cart&free_shipping=900000&customer_id=c-coffee&cart=dripper-cone-ceramic,phone-aozora-8-128,camera-hikari-m1,tent-mori-2,lotion-komenuka-bottle,kotatsu-80,charger-usbc-20w,knife-santoku,pen-shizuku-f,catfood-salmon-1kg"},
		{"account", "/upsell?surface=account&customer_id=c-photo"},
	} {
		b.Run(x.name, func(b *testing.B) {
			r, err := http.NewRequestWithContext(b.Context(), http.MethodGet, x.target, nil)
			if err != nil {
				b.Fatal(err)
			}
			w := &discard{header: http.Header{}}
			b.ReportAllocs()
			for b.Loop() {
				clear(w.header)
				handler.ServeHTTP(w, r)
			}
			if w.status != http.StatusOK || w.bytes == 0 {
				b.Fatalf("status %d, %d bytes", w.status, w.bytes)
			}
		})
	}
}
