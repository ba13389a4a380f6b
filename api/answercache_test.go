package api

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"weak"

	"pgregory.net/rapid"

	"osusume/recommend/engine"
)

// sharedTargets are requests for lists that are everybody's, each another list.
var sharedTargets = []string{
	"/related/beans", "/related/beans?kind=similar", "/related/beans?limit=1", "/related/beans?locale=en",
	"/related/beans?explain=true", "/related/beans?fields=title", "/related/beans?fields=price",
	"/related/beans?exclude=mug", "/related/beans?price_max=1000", "/related/beans?category=Kitchen",
	"/related/mug", "/popular", "/popular?window=7d", "/popular?trending=true", "/popular?fields=title,price",
	"/popular?include_unavailable=true", "/popular?locale=en&explain=true", "/popular?tag=new",
}

func fillShared(c *client) {
	c.ok("POST", "/items", `[
		{"item_id":"beans","title":{"ja":"豆","en":"Beans"},"price":1480,"category":["Coffee"],"tags":["new"]},
		{"item_id":"mug","title":{"ja":"マグ","en":"Mug"},"price":900,"category":["Kitchen"]},
		{"item_id":"kettle","title":{"ja":"ケトル","en":"Kettle"},"price":4200,"category":["Kitchen"],"available":false},
		{"item_id":"filter","title":{"ja":"フィルター","en":"Filter"},"price":580,"category":["Coffee"]}]`)
	for i := range 6 {
		c.ok("POST", "/events", fmt.Sprintf(
			`{"event":"purchase","customer_id":"c%d","order_id":"o%d","items":[{"item_id":"beans"},{"item_id":"mug"},{"item_id":"filter"}]}`, i, i))
	}
	if err := c.shop.Refresh(c.t.Context()); err != nil {
		c.t.Fatal(err)
	}
}

// stillShop answers from the View that was there when still was called: learning
// publishes Views of its own accord.
type stillShop struct {
	Shop
	held *engine.View
}

func (s *stillShop) still() { s.held = s.Shop.View() }

func (s *stillShop) View() *engine.View {
	if s.held != nil {
		return s.held
	}
	return s.Shop.View()
}

// pair serves one shop twice: with kept answers and without.
func pair(t *testing.T) (kept, fresh *client, shop *stillShop, answers *answerCache) {
	t.Helper()
	var server *Server
	kept = newClient(t, func(cfg *Config) {
		shop = &stillShop{Shop: cfg.Shop}
		cfg.Shop = shop
		server = New(*cfg)
		plain := *cfg
		plain.CacheBytes, plain.Metrics = -1, nil
		fresh = &client{t: t, handler: New(plain).Handler()}
	})
	kept.handler = server.Handler()
	server.metrics.watch(server.answers) // newClient has made another Server since
	fresh.contract, fresh.shop = kept.contract, kept.shop
	return kept, fresh, shop, server.answers
}

func TestKeptAnswersAreThoseOfTheView(t *testing.T) {
	kept, fresh, shop, answers := pair(t)
	fillShared(kept)
	shop.still()
	seen := map[string]string{}
	for _, target := range sharedTargets {
		first, again, want := kept.get(target), kept.get(target), fresh.get(target)
		if first.status != http.StatusOK || !bytes.Equal(first.body, want.body) || !bytes.Equal(again.body, want.body) {
			t.Errorf("%s:\n got %s\nthen %s\nwant %s", target, first.body, again.body, want.body)
		}
		for _, name := range []string{"Etag", "Content-Language", "Cache-Control", "Vary", "Content-Type"} {
			if got, want := again.header.Get(name), want.header.Get(name); got != want || got == "" {
				t.Errorf("%s: %s is %q when kept, %q when fresh", target, name, got, want)
			}
		}
		if other, ok := seen[string(want.body)]; ok {
			t.Errorf("%s and %s have the same answer: the test cannot tell them apart", target, other)
		}
		seen[string(want.body)] = target
	}
	if hits, misses := answers.hits.Load(), answers.misses.Load(); hits != uint64(len(sharedTargets)) || misses != hits {
		t.Errorf("%d hits and %d misses of %d lists asked for twice", hits, misses, len(sharedTargets))
	}
	// The order of parameters makes no other list.
	kept.get("/popular?fields=price&fields=title")
	if answers.hits.Load() != uint64(len(sharedTargets))+1 {
		t.Error("the same request written otherwise was rendered again")
	}
}

func TestAWriteEndsKeptAnswers(t *testing.T) {
	kept, fresh, shop, _ := pair(t)
	fillShared(kept)
	for _, target := range sharedTargets {
		kept.get(target)
	}
	kept.ok("PATCH", "/items/mug", `{"available":false}`)
	shop.still()
	for _, target := range sharedTargets {
		got, want := kept.get(target), fresh.get(target)
		if !bytes.Equal(got.body, want.body) {
			t.Errorf("%s:\n got %s\nwant %s", target, got.body, want.body)
		}
	}
	if body := kept.get("/related/beans").body; bytes.Contains(body, []byte(`"item_id":"mug","score"`)) {
		t.Errorf("an item that cannot be bought is still shown: %s", body)
	}
}

func TestSharedListsNotModified(t *testing.T) {
	kept, _, shop, answers := pair(t)
	fillShared(kept)
	ask := func(target, tag, encoding string) answer {
		r := httptest.NewRequest(http.MethodGet, target, nil)
		if tag != "" {
			r.Header.Set("If-None-Match", tag)
		}
		r.Header.Set("Accept-Encoding", encoding)
		return kept.do(r)
	}
	for _, target := range []string{"/related/beans", "/popular?limit=3"} {
		shop.still()
		tag := ask(target, "", "").header.Get("ETag")
		if tag == "" || tag[0] != '"' {
			t.Fatalf("%s: ETag %q is not strong", target, tag)
		}
		misses := answers.misses.Load()
		for _, sent := range []string{tag, "W/" + tag, `"other", ` + tag, "*"} {
			a := ask(target, sent, "gzip")
			if a.status != http.StatusNotModified || len(a.body) > 0 {
				t.Errorf("%s with %s: status %d, %d bytes", target, sent, a.status, len(a.body))
			}
			for name, want := range map[string]string{"ETag": tag, "Cache-Control": "no-cache", "Vary": "Accept-Encoding, Accept-Language", "Content-Type": ""} {
				if got := a.header.Get(name); got != want {
					t.Errorf("%s with %s: %s is %q, want %q", target, sent, name, got, want)
				}
			}
		}
		if answers.misses.Load() != misses {
			t.Errorf("%s: a list the client has was rendered again", target)
		}
		if a := ask(target, `"other"`, ""); a.status != http.StatusOK {
			t.Errorf("%s with another tag: status %d", target, a.status)
		}
		kept.ok("POST", "/events", view("after "+target))
		shop.still()
		if a := ask(target, tag, ""); a.status != http.StatusOK || a.header.Get("ETag") == tag {
			t.Errorf("%s after a write: status %d, ETag %s", target, a.status, a.header.Get("ETag"))
		}
	}
	if a := ask("/recommend?limit=3", "*", ""); a.status != http.StatusOK || a.header.Get("ETag") != "" || a.header.Get("Cache-Control") != "no-store" {
		t.Errorf("/recommend with If-None-Match: status %d, %v", a.status, a.header)
	}
}

// TestKeptAnswersAreThoseOfEveryView changes the shop at random and holds every kept
// answer against a fresh one of the same View, bytes and tag.
func TestKeptAnswersAreThoseOfEveryView(t *testing.T) {
	kept, fresh, shop, answers := pair(t)
	fillShared(kept)
	items := []string{"beans", "mug", "kettle", "filter", "scale", "tamper"}
	targets := slices.Clone(sharedTargets)
	for _, kind := range []string{"also_bought", "also_viewed", "similar", "bought_together"} {
		for _, item := range items {
			targets = append(targets, "/related/"+item+"?limit=2&explain=true&kind="+kind)
		}
	}
	// Other tests hold answers to the contract, which takes most of their time.
	ask := func(c *client, target string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		c.handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, target, nil))
		return w
	}
	rng := rand.New(rand.NewPCG(4, 4))
	pick := func() string { return items[rng.IntN(len(items))] }
	for step := range 150 {
		switch op := rng.IntN(12); {
		case op < 4:
			kept.ok("POST", "/events", fmt.Sprintf(`[{"event":"view_item","session_id":"s%d","items":[{"item_id":%q}]},{"event":"view_item","session_id":"s%d","items":[{"item_id":%q}]}]`, step%7, pick(), step%7, pick()))
		case op < 7:
			kept.ok("POST", "/events", fmt.Sprintf(`{"event":"purchase","customer_id":"k%d","order_id":"k%d","items":[{"item_id":%q},{"item_id":%q}]}`, rng.IntN(9), step, pick(), pick()))
		case op == 7:
			kept.ok("PATCH", "/items/"+items[rng.IntN(4)], fmt.Sprintf(`{"available":%t}`, rng.IntN(2) > 0))
		case op == 8:
			kept.ok("PATCH", "/items/"+items[rng.IntN(4)], fmt.Sprintf(`{"price":%d}`, 500+rng.IntN(3)*500))
		default: // nothing but another View, as a minute without a write makes
			if err := kept.shop.Refresh(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		shop.still()
		for _, target := range targets {
			got, want := ask(kept, target), ask(fresh, target)
			if want.Code == http.StatusNotFound && got.Code == want.Code {
				continue // not heard of yet; problems have request ids
			}
			if got.Code != want.Code || got.Body.String() != want.Body.String() || got.Header().Get("Etag") != want.Header().Get("Etag") {
				t.Fatalf("step %d, %s:\n got %s\nwant %s", step, target, got.Body, want.Body)
			}
		}
		shop.held = nil
	}
	// Each list is asked for once in a View, so that every hit is a renewed one.
	if hits, misses := answers.hits.Load(), answers.misses.Load(); hits < 200 || misses < 200 {
		t.Errorf("%d answers renewed and %d rendered: the test shows nothing", hits, misses)
	}
}

// TestAnswerCacheIsBounded fills a small cache with answers of any size and
// counts after each what it holds.
func TestAnswerCacheIsBounded(t *testing.T) {
	views := []*engine.View{{}, {}}
	rapid.Check(t, func(t *rapid.T) {
		c := newAnswerCache(rapid.SampledFrom([]int64{1, 5_000, 20_000}).Draw(t, "limit"))
		for range 150 {
			v := views[rapid.IntRange(0, 1).Draw(t, "view")]
			key := fmt.Sprint(rapid.IntRange(0, 99).Draw(t, "key"))
			body := make([]byte, rapid.IntRange(900, 1300).Draw(t, "size"))
			a := &cachedAnswer{key: key, view: weak.Make(v), body: body}
			c.put(a)
			if got := c.get(v, []byte(key)); got != nil && got != a && a.bytes() <= c.limit/16 {
				t.Fatalf("key %s: an older answer hides the newest", key)
			}
			var sum int64
			for i := range c.slots {
				if held := c.slots[i].Load(); held != nil {
					sum += held.bytes()
				}
			}
			if sum != c.bytes.Load() || sum > c.limit {
				t.Fatalf("%d bytes held, %d counted, %d allowed", sum, c.bytes.Load(), c.limit)
			}
		}
	})
}

func TestAnswerCacheTakesConcurrentUse(t *testing.T) {
	c := newAnswerCache(64 << 10)
	v := &engine.View{}
	var wg sync.WaitGroup
	for worker := range 4 {
		wg.Go(func() {
			for i := range 2000 {
				key := fmt.Sprint((i * (worker + 1)) % 97)
				if a := c.get(v, []byte(key)); a != nil && string(a.body) != key {
					t.Errorf("key %s has the answer of %s", key, a.body)
				}
				c.put(&cachedAnswer{key: key, view: weak.Make(v), body: []byte(key)})
			}
		})
	}
	wg.Wait()
	var sum int64
	for i := range c.slots {
		if a := c.slots[i].Load(); a != nil {
			sum += a.bytes()
		}
	}
	if sum != c.bytes.Load() {
		t.Errorf("%d bytes held, %d counted", sum, c.bytes.Load())
	}
}

func TestKeptAnswersAreCounted(t *testing.T) {
	kept, _, shop, answers := pair(t)
	fillShared(kept)
	shop.still()
	kept.get("/popular")
	kept.get("/popular")
	r := httptest.NewRequest(http.MethodGet, "/popular", nil)
	r.Header.Set("If-None-Match", "*")
	kept.do(r)
	text := string(kept.get("/metrics").body)
	for _, line := range []string{
		`osusume_answer_cache_lookups_total{result="hit"} 2`,
		`osusume_answer_cache_lookups_total{result="miss"} 1`,
		`osusume_answers_not_modified_total 1`,
		fmt.Sprintf(`osusume_index_bytes{part="caches"} %d`, answers.bytes.Load()),
		`osusume_recommendation_lists_total{placement="popular"} 3`,
	} {
		if !strings.Contains(text, line+"\n") {
			t.Errorf("/metrics lacks %s", line)
		}
	}
	if answers.bytes.Load() < 500 {
		t.Errorf("a kept list takes %d bytes", answers.bytes.Load())
	}
}

// TestKeptAnswersLetOldViewsGo asks for lists all the time while the collector is at
// work: kept answers of old Views are looked at over and over, and must not keep
// those Views by that.
func TestKeptAnswersLetOldViewsGo(t *testing.T) {
	// It works when it is told to.
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	kept, _, shop, answers := pair(t)
	fillShared(kept)
	const views = 40
	var gone atomic.Int64
	publish := func(i int) {
		kept.ok("POST", "/events", fmt.Sprintf(
			`{"event":"purchase","customer_id":"n%d","order_id":"n%d","items":[{"item_id":"beans"},{"item_id":"mug"}]}`, i, i))
		if err := kept.shop.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		shop.still()
	}
	for i := range views {
		publish(i)
		runtime.AddCleanup(shop.held, func(struct{}) { gone.Add(1) }, struct{}{})
		kept.get(fmt.Sprintf("/related/beans?limit=%d", i+1))
	}
	publish(views)
	newest := shop.held
	var keys [][]byte
	for i := range answers.slots {
		if a := answers.slots[i].Load(); a != nil {
			keys = append(keys, []byte(a.key))
		}
	}
	if len(keys) != views {
		t.Fatalf("%d answers are kept of %d Views", len(keys), views)
	}
	for cycle := 0; cycle < 8 && gone.Load() < views; cycle++ {
		collected := make(chan struct{})
		go func() {
			runtime.GC()
			close(collected)
		}()
		for asking := true; asking; {
			for _, key := range keys {
				if answers.get(newest, key) != nil {
					t.Fatalf("an old answer to %s is given", key)
				}
			}
			select {
			case <-collected:
				asking = false
			default:
				runtime.Gosched()
			}
		}
	}
	if n := gone.Load(); n < views {
		t.Errorf("%d of %d old Views are still kept", views-n, views)
	}
	runtime.KeepAlive(newest)
}
