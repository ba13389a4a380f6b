package api

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"osusume/recommend"
)

// list is the answer of /recommend, /related and /popular.
type list struct {
	ID    string `json:"recommendation_id"`
	Items []struct {
		ID      string `json:"item_id"`
		Score   float64
		Stage   string
		Reasons []struct {
			Code        string
			ItemID      string `json:"item_id"`
			Support, Of int
			WindowDays  *int `json:"window_days"`
			Text        string
		}
		Title, Currency, Brand string
		Price                  float64
	}
	Stages          []string
	Placement, Kind string
	AppliedSeq      uint64 `json:"applied_seq"`
	Model           struct{ Name string }
}

func (l *list) ids() []string {
	var out []string
	for i := range l.Items {
		out = append(out, l.Items[i].ID)
	}
	return out
}

// newStockedClient serves a shop of six items: beans and filters are bought
// together by ten customers, the mug by one, the others by nobody.
func newStockedClient(t testing.TB, change ...func(*Config)) *client {
	c := newClient(t, change...)
	c.ok("POST", "/items", `[
		{"item_id":"beans","title":{"ja":"豆","en":"Beans"},"category":["Kitchen","Coffee"],"price":1480,"brand":"Kiri","tags":["gift"]},
		{"item_id":"filter","title":{"ja":"フィルター","en":"Filter"},"category":["Kitchen","Coffee"],"price":380},
		{"item_id":"mug","title":{"ja":"マグ","en":"Mug"},"category":["Kitchen"],"price":900,"tags":["gift","new"]},
		{"item_id":"lamp","title":{"ja":"ランプ","en":"Lamp"},"category":["Living"],"price":12.50,"currency":"USD"},
		{"item_id":"sold-out","title":{"ja":"完売"},"category":["Living"],"stock":0},
		{"item_id":"unpriced","category":["Living"]}]`)
	var events []string
	for i := range 10 {
		events = append(events, fmt.Sprintf(
			`{"event":"purchase","customer_id":"c%d","order_id":"o%d","time":"2026-01-2%dT00:00:00Z","items":[{"item_id":"beans"},{"item_id":"filter"}]}`, i, i, i))
	}
	events = append(events, `{"event":"purchase","customer_id":"c0","order_id":"m","time":"2026-01-30T00:00:00Z","items":[{"item_id":"mug"}]}`)
	c.ok("POST", "/events", "["+strings.Join(events, ",")+"]")
	if err := c.shop.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestListsAnswer(t *testing.T) {
	c := newStockedClient(t)
	related := decode[list](t, c.get("/related/beans?kind=bought_together&explain=true&locale=en"))
	if first := related.Items[0]; first.ID != "filter" || first.Reasons[0].Code != "BOUGHT_TOGETHER" ||
		first.Reasons[0].Support != 10 || first.Reasons[0].Of != 10 || first.Reasons[0].ItemID != "beans" || first.Reasons[0].Text == "" {
		t.Errorf("beside beans: %+v", first)
	}
	if related.Kind != "bought_together" || related.Placement != "related" {
		t.Errorf("kind %q, placement %q", related.Kind, related.Placement)
	}
	popular := decode[list](t, c.get("/popular?limit=3&window=30d"))
	if r := popular.Items[0].Reasons[0]; r.Code != "BESTSELLER" || r.Support != 10 || r.WindowDays == nil || *r.WindowDays != 30 {
		t.Errorf("the reason of the bestseller: %+v", r)
	}
	if diff := cmp.Diff([]string{"beans", "filter", "mug"}, popular.ids()); diff != "" {
		t.Errorf("popular (-want +got):\n%s", diff)
	}
	home := decode[list](t, c.get("/recommend?customer_id=somebody-new"))
	if len(home.Items) != 5 || slices.Contains(home.ids(), "sold-out") {
		t.Errorf("a new customer gets %v, want the five items that can be bought", home.ids())
	}
	if home.AppliedSeq != c.shop.Status().Acknowledged || len(home.Stages) == 0 || home.Model.Name == "" {
		t.Errorf("answer: %+v", home)
	}
	cart := decode[list](t, c.ok("POST", "/recommend", `{"placement":"cart","cart":["beans"],"limit":1}`))
	if diff := cmp.Diff([]string{"filter"}, cart.ids()); diff != "" {
		t.Errorf("for a cart with beans (-want +got):\n%s", diff)
	}
	c.refused(c.get("/related/nothing"), 404, "item_id")
}

func TestListsFilter(t *testing.T) {
	c := newStockedClient(t)
	cases := []struct {
		query string
		want  []string // sorted
	}{
		{"category=Kitchen", []string{"beans", "filter", "mug"}},
		{"category=Kitchen/Coffee", []string{"beans", "filter"}},
		{"category=Kitchen/Coffee&category=Living", []string{"beans", "filter", "lamp", "unpriced"}},
		{"tag=gift", []string{"beans", "mug"}},
		{"tag=gift&tag=new", []string{"mug"}},
		{"price_min=900&price_max=1480", []string{"beans", "mug"}},
		{"price_max=12.5", []string{"lamp"}},
		{"exclude=beans,filter&exclude=mug", []string{"lamp", "unpriced"}},
		{"include_unavailable=true&category=Living", []string{"lamp", "sold-out", "unpriced"}},
		{"category=Nothing", nil},
		{"customer_id=&session_id=", []string{"beans", "filter", "lamp", "mug", "unpriced"}},
	}
	for _, x := range cases {
		targets := []string{"/recommend?" + x.query}
		if !strings.Contains(x.query, "customer_id") {
			targets = append(targets, "/popular?"+x.query)
		}
		for _, target := range targets {
			got := decode[list](t, c.get(target))
			ids := got.ids()
			slices.Sort(ids)
			if diff := cmp.Diff(x.want, ids); diff != "" {
				t.Errorf("%s (-want +got):\n%s", target, diff)
			}
		}
	}
	got := decode[list](t, c.ok("POST", "/recommend", `{"exclude":["beans"],"filter":{"category":["Kitchen"],"price_max":900}}`))
	ids := got.ids()
	slices.Sort(ids)
	if diff := cmp.Diff([]string{"filter", "mug"}, ids); diff != "" {
		t.Errorf("POST (-want +got):\n%s", diff)
	}
}

func TestListsWriteFields(t *testing.T) {
	c := newStockedClient(t)
	got := decode[list](t, c.get("/popular?limit=4&fields=title,price&fields=brand&locale=en&category=Kitchen/Coffee&category=Living"))
	byID := map[string]int{}
	for i, id := range got.ids() {
		byID[id] = i
	}
	if it := got.Items[byID["beans"]]; it.Title != "Beans" || it.Price != 1480 || it.Currency != "JPY" || it.Brand != "Kiri" {
		t.Errorf("beans: %+v", it)
	}
	if it := got.Items[byID["lamp"]]; it.Price != 12.5 || it.Currency != "USD" {
		t.Errorf("lamp: %+v", it)
	}
	if it := got.Items[byID["unpriced"]]; it.Title != "" || it.Currency != "" {
		t.Errorf("unpriced: %+v", it)
	}
	every := c.get("/popular?include_unavailable=true&fields=" + strings.Join(fieldNames[:], ","))
	for _, want := range []string{`"title":"豆"`, `"available":false`, `"stock":0`, `"category":["Kitchen","Coffee"]`} {
		if !strings.Contains(string(every.body), want) {
			t.Errorf("all fields lack %s:\n%s", want, every.body)
		}
	}
}

func TestLocaleOfLists(t *testing.T) {
	c := newStockedClient(t)
	for _, x := range []struct{ query, accept, want string }{
		{"", "", "豆"},
		{"", "en", "Beans"},
		{"", "en-GB, ja;q=0.5", "Beans"},
		{"", "ja, en;q=0.5", "豆"},
		{"", "fr, en;q=0.2", "Beans"},
		{"", "fr", "豆"},
		{"", "!!", "豆"},
		{"&locale=ja", "en", "豆"},
		{"&locale=en", "ja", "Beans"},
	} {
		r := httptest.NewRequest(http.MethodGet, "/popular?limit=1&fields=title"+x.query, nil)
		r.Header.Set("Accept-Language", x.accept)
		a := c.do(r)
		if got := decode[list](t, a); got.Items[0].Title != x.want {
			t.Errorf("locale %q, Accept-Language %q: %q, want %q", x.query, x.accept, got.Items[0].Title, x.want)
		}
		if got, want := a.header.Get("Content-Language"), map[string]string{"豆": "ja", "Beans": "en"}[x.want]; got != want {
			t.Errorf("locale %q, Accept-Language %q: Content-Language %q, want %q", x.query, x.accept, got, want)
		}
	}
}

func TestListsAreDeterministic(t *testing.T) {
	c := newStockedClient(t)
	targets := []string{
		"/recommend?customer_id=c3&explain=true&fields=title,attributes", "/recommend?customer_id=c4&explain=true&fields=title,attributes",
		"/recommend", "/recommend?limit=5", "/recommend?exclude=beans", "/recommend?category=Kitchen", "/recommend?price_min=1", "/recommend?price_max=1",
		"/recommend?locale=en", "/recommend?explain=true", "/recommend?repeat=allow", "/recommend?repeat=exclude", "/recommend?fields=title",
		"/recommend?diversity=0", "/recommend?diversity=1", "/recommend?max_per_category=1", "/recommend?max_per_category=-1", "/recommend?max_per_group=1", "/recommend?explore=false",
		"/related/beans", "/related/filter", "/related/beans?kind=similar", "/popular", "/popular?trending=true", "/popular?window=7d",
	}
	seen := map[string]string{}
	for _, target := range targets {
		first := c.get(target)
		if second := c.get(target); string(first.body) != string(second.body) {
			t.Errorf("%s gave two answers:\n%s\n%s", target, first.body, second.body)
		}
		id := decode[list](t, first).ID
		if other, twice := seen[id]; twice {
			t.Errorf("%s and %s share the id %s", target, other, id)
		}
		seen[id] = target
	}
	// The same question in its other form.
	post := c.ok("POST", "/recommend", `{"customer_id":"c3","explain":true,"fields":["attributes","title"]}`)
	if get := c.get(targets[0]); string(get.body) != string(post.body) {
		t.Errorf("GET and POST differ:\n%s\n%s", get.body, post.body)
	}
	// A new event is a new state, and a new id.
	c.ok("POST", "/events", view("another"))
	if id := decode[list](t, c.get("/recommend")).ID; seen[id] != "" {
		t.Errorf("the id did not change with the state")
	}
}

func TestReadYourWrites(t *testing.T) {
	c := newStockedClient(t)
	wrote := decode[eventResults](t, c.ok("POST", "/events",
		`{"event":"view_item","anonymous_id":"a","session_id":"s","items":[{"item_id":"beans"}]}`))
	got := decode[list](t, c.get(fmt.Sprintf("/recommend?anonymous_id=a&session_id=s&repeat=exclude&min_seq=%d", wrote.Seq)))
	if got.AppliedSeq < wrote.Seq {
		t.Errorf("applied %d, wrote %d", got.AppliedSeq, wrote.Seq)
	}
	if got.Items[0].ID != "filter" {
		t.Errorf("after a view of beans the list starts with %q", got.Items[0].ID)
	}
	patched := decode[written](t, patch(c, "filter", `{"available":false}`))
	got = decode[list](t, c.get(fmt.Sprintf("/recommend?min_seq=%d", patched.Seq)))
	if slices.Contains(got.ids(), "filter") {
		t.Errorf("an item taken off sale is shown: %v", got.ids())
	}
	deleted := decode[written](t, c.ok("DELETE", "/items/beans", ""))
	got = decode[list](t, c.get(fmt.Sprintf("/popular?include_unavailable=true&min_seq=%d", deleted.Seq)))
	if slices.Contains(got.ids(), "beans") {
		t.Errorf("a deleted item is shown: %v", got.ids())
	}
}

func TestListsMix(t *testing.T) {
	c := newStockedClient(t)
	c.ok("POST", "/items", `[
		{"item_id":"tee-s","item_group_id":"tee","category":["Clothes"]},{"item_id":"tee-m","item_group_id":"tee","category":["Clothes"]},
		{"item_id":"cap","category":["Clothes"]}]`)
	for i := range 5 { // so many that it is no new arrival
		c.ok("POST", "/events", fmt.Sprintf(`{"event":"purchase","customer_id":"cap%d","order_id":"cap%d","time":"2026-01-30T00:00:00Z","items":[{"item_id":"cap"}]}`, i, i))
	}
	if err := c.shop.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	clothes := []string{"cap", "tee-m", "tee-s"}
	cases := []struct {
		name, query, body string
		want              []string // sorted
	}{
		// Bounds give way before the list stays short, so lists are cut to two.
		{"one variant by default", "limit=2&category=Clothes", `{"limit":2,"filter":{"category":["Clothes"]}}`, []string{"cap", "tee-m"}},
		{"no bound of variants", "limit=3&category=Clothes&max_per_group=-1", `{"limit":3,"filter":{"category":["Clothes"]},"max_per_group":-1}`, clothes},
		{"one of each category", "limit=2&category=Clothes&category=Kitchen/Coffee&max_per_category=1", `{"limit":2,"filter":{"category":["Clothes","Kitchen/Coffee"]},"max_per_category":1}`, []string{"beans", "cap"}},
		{"two of each category", "limit=2&category=Clothes&category=Kitchen/Coffee&max_per_category=2", `{"limit":2,"filter":{"category":["Clothes","Kitchen/Coffee"]},"max_per_category":2}`, []string{"beans", "filter"}},
		{"best by score alone", "limit=2&diversity=0&explore=false", `{"limit":2,"diversity":0,"explore":false}`, []string{"beans", "filter"}},
		{"another category first", "limit=2&diversity=1&explore=true", `{"limit":2,"diversity":1,"explore":true}`, []string{"beans", "cap"}},
	}
	for _, x := range cases {
		t.Run(x.name, func(t *testing.T) {
			get := c.get("/recommend?" + x.query)
			got := decode[list](t, get)
			ids := got.ids()
			slices.Sort(ids)
			if diff := cmp.Diff(x.want, ids); diff != "" {
				t.Errorf("GET (-want +got):\n%s", diff)
			}
			if post := c.ok("POST", "/recommend", x.body); string(post.body) != string(get.body) {
				t.Errorf("GET and POST differ:\n%s\n%s", get.body, post.body)
			}
		})
	}
}

func TestBadListRequests(t *testing.T) {
	c := newStockedClient(t)
	long := strings.Repeat("x", 257)
	for query, field := range map[string]string{
		"limit=0": "limit", "limit=-1": "limit", "limit=101": "limit", "limit=1000000000": "limit", "limit=99999999999999999999": "limit",
		"limit=ten": "limit", "limit=1.5": "limit", "limit=": "limit", "limit=5&limit=6": "limit",
		"customer_id=" + long: "customer_id", "customer_id=a%00b": "customer_id", "customer_id=%FF": "customer_id",
		"customer_id=a&customer_id=b": "customer_id", "anonymous_id=%0A": "anonymous_id", "session_id=" + long: "session_id", "item_id=%7F": "item_id",
		"placement=nowhere": "placement", "model=oracle": "model", "exclude=": "exclude", "exclude=a,,b": "exclude",
		"exclude=" + strings.Repeat("a,", 1000) + "a": "exclude", "category=": "category", "tag=" + long: "tag",
		strings.Repeat("tag=a&", 101): "tag", "price_min=NaN": "price_min", "price_max=Inf": "price_max", "price_min=-1": "price_min",
		"price_max=1e400": "price_max", "price_max=1e13": "price_max", "price_min=cheap": "price_min", "price_min=2&price_max=1": "price_min",
		"include_unavailable=yes": "include_unavailable", "include_unavailable": "include_unavailable", "explain=1": "explain",
		"diversity=-0.1": "diversity", "diversity=1.01": "diversity", "diversity=NaN": "diversity", "diversity=much": "diversity", "diversity=": "diversity",
		"diversity=0&diversity=1": "diversity",
		"max_per_category=0":      "max_per_category", "max_per_category=-2": "max_per_category", "max_per_category=101": "max_per_category",
		"max_per_category=1.5": "max_per_category", "max_per_category=99999999999999999999": "max_per_category", "max_per_category=": "max_per_category",
		"max_per_group=0": "max_per_group", "max_per_group=-2": "max_per_group", "max_per_group=101": "max_per_group", "max_per_group=none": "max_per_group",
		"explore=0": "explore", "explore=": "explore", "explore=true&explore=false": "explore",
		"repeat=maybe": "repeat", "fields=title,colour": "fields", "fields=": "fields", "locale=fr": "locale",
		"min_seq=-1": "min_seq", "min_seq=x": "min_seq", "min_seq=18446744073709551616": "min_seq", "min_seq=1000000": "min_seq",
		"customer=c": "customer", "Limit=5": "Limit", "=": "query", "%zz=1": "query", "a;b=1": "query",
	} {
		t.Run(recommend.Clip(query), func(t *testing.T) { c.refused(c.get("/recommend?"+query), 400, field) })
	}
	for body, field := range map[string]string{
		``: "body", `null`: "body", `[]`: "body", `{"limit":0}`: "limit", `{"limit":101}`: "limit", `{"limit":"5"}`: "limit", `{"limit":1.5}`: "limit",
		`{"cart":"beans"}`: "cart", `{"cart":["beans",5]}`: "cart[1]", `{"cart":["beans",""]}`: "cart[1]", `{"session_items":["a\u0000"]}`: "session_items[0]",
		`{"filter":{"price_min":-1}}`: "filter.price_min", `{"filter":{"price_min":2,"price_max":1}}`: "filter.price_min",
		`{"filter":{"colour":"red"}}`: "filter.colour", `{"filter":{"tags":[""]}}`: "filter.tags[0]", `{"filter":{"category":["` + long + `"]}}`: "filter.category[0]",
		`{"fields":["title","colour"]}`: "fields[1]", `{"repeat":"maybe"}`: "repeat", `{"locale":"fr"}`: "locale", `{"min_seq":-1}`: "min_seq",
		`{"min_seq":1000000}`: "min_seq", `{"explain":"true"}`: "explain", `{"customer_id":7}`: "customer_id", `{"category":["a"]}`: "category",
		`{"diversity":-0.1}`: "diversity", `{"diversity":1.01}`: "diversity", `{"diversity":1e400}`: "diversity", `{"diversity":"0.5"}`: "diversity", `{"diversity":NaN}`: "diversity",
		`{"max_per_category":0}`: "max_per_category", `{"max_per_category":-2}`: "max_per_category", `{"max_per_category":101}`: "max_per_category", `{"max_per_category":1.5}`: "max_per_category",
		`{"max_per_group":0}`: "max_per_group", `{"max_per_group":-2}`: "max_per_group", `{"max_per_group":101}`: "max_per_group", `{"max_per_group":true}`: "max_per_group",
		`{"explore":0}`: "explore", `{"explore":"false"}`: "explore",
		`{"filter":{"price_max":1e400}}`: "filter.price_max", `{"filter":{"price_max":-1}}`: "filter.price_max", `{"filter":{"price_max":1e13}}`: "filter.price_max",
		`{"filter":{"category":["` + strings.Repeat(`a","`, 100) + `a"]}}`: "filter.category", `{"filter":{"tags":["` + strings.Repeat(`a","`, 100) + `a"]}}`: "filter.tags",
		`{"filter":{"category":[""]}}`: "filter.category[0]", `{"filter":{"category":"a"}}`: "filter.category", `{"filter":[]}`: "filter", `{"filter":{"include_unavailable":1}}`: "filter.include_unavailable",
		`{"placement":"nowhere"}`: "placement", `{"exclude":["` + strings.Repeat(`a","`, 1000) + `a"]}`: "exclude",
	} {
		t.Run("POST "+recommend.Clip(body), func(t *testing.T) { c.refused(c.send("POST", "/recommend", body), 400, field) })
	}
	for target, field := range map[string]string{
		"/related/beans?kind=enemies": "kind", "/related/beans?customer_id=c": "customer_id", "/related/a%0Ab": "item_id",
		"/popular?window=5d": "window", "/popular?window=forever": "window", "/popular?trending=very": "trending", "/popular?placement=nowhere": "placement", "/related/beans?placement=nowhere": "placement",
		"/related/beans?diversity=1": "diversity", "/popular?max_per_group=1": "max_per_group", "/related/beans?explore=false": "explore",
		"/related/beans?limit=0": "limit", "/popular?limit=101": "limit",
	} {
		t.Run(target, func(t *testing.T) { c.refused(c.get(target), 400, field) })
	}
	c.refused(c.send("POST", "/recommend?limit=5", `{}`), 400, "limit")
	c.refused(c.sendAs("POST", "/recommend", "text/plain", `{}`), 415, "Content-Type")
	if p := c.refused(c.send("POST", "/recommend", " "), 400, "body"); p.Detail != "body: must not be empty" {
		t.Errorf("an empty body: %s", p.Detail)
	}
	c.refused(c.send("POST", "/events", `[5,6]`), 400, "[0]")
}
