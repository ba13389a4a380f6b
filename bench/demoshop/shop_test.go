package demoshop

import (
	"crypto/sha256"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"osusume/recommend"
)

func TestStandardShopCounts(t *testing.T) {
	shop := New(Config{})
	if got := len(shop.Items()); got < 600 {
		t.Errorf("items: got %d, want at least 600", got)
	}
	customers := map[string]bool{}
	types := map[recommend.EventType]int{}
	total := 0
	end := shop.cfg.End
	last := end.Add(-Days * 24 * time.Hour)
	for e := range shop.Events() {
		total++
		types[e.Type]++
		if e.CustomerID != "" {
			customers[e.CustomerID] = true
		}
		if want := fmt.Sprintf("demo-%06d", total); e.ID != want {
			t.Fatalf("event %d: id %q, want %q", total, e.ID, want)
		}
		if e.Time.Before(last) || !e.Time.Before(end) {
			t.Fatalf("event %s at %v: not in time order or outside the year", e.ID, e.Time)
		}
		last = e.Time
	}
	if total != DefaultEvents || total != shop.EventCount() {
		t.Errorf("events: got %d, EventCount %d, want %d", total, shop.EventCount(), DefaultEvents)
	}
	if len(customers) != DefaultCustomers {
		t.Errorf("customers: got %d, want %d", len(customers), DefaultCustomers)
	}
	if since := end.Sub(last); since > 6*time.Hour {
		t.Errorf("last event %v before the end", since)
	}
	if share := float64(types[recommend.ViewItem]) / float64(total); share < 0.55 || share > 0.68 {
		t.Errorf("view_item share %.3f, want about 0.6", share)
	}
	for _, want := range []recommend.EventType{
		recommend.AddToCart, recommend.Purchase, recommend.Refund, recommend.ViewItemList, recommend.SelectItem,
		recommend.RemoveFromCart, recommend.AddToWishlist, recommend.ViewCart, recommend.BeginCheckout,
		recommend.Login, recommend.SignUp, recommend.Rating,
	} {
		if types[want] < 50 {
			t.Errorf("%s: %d events, want some", want, types[want])
		}
	}
}

func TestCatalog(t *testing.T) {
	readable := regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	japanese := regexp.MustCompile(`[\p{Hiragana}\p{Katakana}\p{Han}]`)
	shop := New(Config{})
	ids, titles := map[string]bool{}, map[string]string{}
	roles := map[recommend.Role]int{}
	groups := map[string]int{}
	out, gone, sale, axes := 0, 0, 0, 0
	for _, it := range shop.Items() {
		if err := it.Validate(); err != nil {
			t.Errorf("%s: %v", it.ID, err)
		}
		if ids[it.ID] || !readable.MatchString(it.ID) {
			t.Errorf("id %q: twice or unreadable", it.ID)
		}
		ids[it.ID] = true
		for _, locale := range []string{"ja", "en"} {
			title := it.Title[locale]
			if first, again := titles[title]; again || title == "" {
				t.Errorf("%s: %s title %q, also of %q", it.ID, locale, title, first)
			}
			titles[title] = it.ID
			if japanese.MatchString(title) != (locale == "ja") {
				t.Errorf("%s: %s title %q is in the wrong language", it.ID, locale, title)
			}
		}
		if it.Price.Currency != "JPY" || it.Price.Amount < 100 || it.Cost.Amount <= 0 || it.Cost.Amount >= it.Price.Amount {
			t.Errorf("%s: price %v, cost %v", it.ID, it.Price, it.Cost)
		}
		if it.ListPrice.Amount > 0 {
			sale++
			if it.ListPrice.Amount <= it.Price.Amount || !slices.Contains(it.Tags, "sale") {
				t.Errorf("%s: list price %v, price %v, tags %v", it.ID, it.ListPrice, it.Price, it.Tags)
			}
		}
		if len(it.Category) != 1+strings.Count(it.Attributes["category_ja"], "/") {
			t.Errorf("%s: category %v, in Japanese %q", it.ID, it.Category, it.Attributes["category_ja"])
		}
		for _, ax := range it.UpgradeAxes {
			if it.Attributes[ax.Key] == "" {
				t.Errorf("%s: no attribute for upgrade axis %s", it.ID, ax.Key)
			}
		}
		roles[it.Role]++
		groups[it.GroupID]++
		if it.Stock != nil && *it.Stock == 0 {
			out++
		}
		if it.Unavailable {
			gone++
		}
		axes += len(it.UpgradeAxes)
	}
	for _, r := range []recommend.Role{recommend.RoleMain, recommend.RoleAccessory, recommend.RoleConsumable, recommend.RolePlan} {
		if roles[r] < 5 {
			t.Errorf("role %q: %d items", r, roles[r])
		}
	}
	if len(groups) < 30 || out < 1 || gone < 1 || sale < 10 || axes < 50 {
		t.Errorf("groups %d, out of stock %d, unavailable %d, reduced %d, axes %d: too few", len(groups), out, gone, sale, axes)
	}
	for _, it := range shop.Items() {
		for _, c := range it.CompatibleWith {
			if !strings.Contains(c, "=") && !ids[c] && groups[c] == 0 {
				t.Errorf("%s: compatible with %q, which does not exist", it.ID, c)
			}
		}
	}
}

func TestUpgradesAreBetterAndDearer(t *testing.T) {
	shop := New(Config{})
	for _, u := range shop.Truth().Upgrades {
		from, to := shop.goods[shop.byID[u.From]].item, shop.goods[shop.byID[u.To]].item
		if to.Price.Amount <= from.Price.Amount {
			t.Errorf("%s at %v to %s at %v: not dearer", u.From, from.Price, u.To, to.Price)
		}
		if from.Family != to.Family || from.Family == "" {
			t.Errorf("%s to %s: families %q and %q", u.From, u.To, from.Family, to.Family)
		}
	}
}

func TestEventsAreValid(t *testing.T) {
	shop := New(Config{Seed: 5})
	items := map[string]recommend.Item{}
	for _, it := range shop.Items() {
		items[it.ID] = it
	}
	orders := map[string][]string{}
	for e := range shop.Events() {
		if err := e.Validate(shop.cfg.End); err != nil {
			t.Fatalf("%s: %v", e.ID, err)
		}
		for _, line := range e.Items {
			it, ok := items[line.ItemID]
			if !ok {
				t.Fatalf("%s: unknown item %q", e.ID, line.ItemID)
			}
			if line.Quantity > 0 && line.Price != it.Price {
				t.Fatalf("%s: %s at %v, catalog says %v", e.ID, line.ItemID, line.Price, it.Price)
			}
		}
		switch e.Type {
		case recommend.Purchase:
			if _, twice := orders[e.OrderID]; twice || e.OrderID == "" {
				t.Errorf("%s: order %q twice or missing", e.ID, e.OrderID)
			}
			for _, line := range e.Items {
				if slices.Contains(orders[e.OrderID], line.ItemID) {
					t.Errorf("%s: %s twice in one order", e.ID, line.ItemID)
				}
				orders[e.OrderID] = append(orders[e.OrderID], line.ItemID)
			}
		case recommend.Refund:
			if !slices.Contains(orders[e.OrderID], e.Items[0].ItemID) {
				t.Errorf("%s: refund of %s, which order %q does not hold", e.ID, e.Items[0].ItemID, e.OrderID)
			}
		default:
		}
	}
}

// digest hashes everything a shop says.
func digest(s *Shop) string {
	h := sha256.New()
	for _, it := range s.Items() {
		stock := int64(-1)
		if it.Stock != nil {
			stock = *it.Stock
		}
		it.Stock = nil
		fmt.Fprintf(h, "%+v %d\n", it, stock)
	}
	for e := range s.Events() {
		fmt.Fprintf(h, "%+v\n", e)
	}
	fmt.Fprintf(h, "%+v\n", s.Truth())
	return string(h.Sum(nil))
}

func TestDeterminism(t *testing.T) {
	cfg := Config{Seed: 7, Customers: 400, Events: 12_000}
	shop := New(cfg)
	first := digest(shop)
	if digest(shop) != first {
		t.Error("a second pass over one shop differs")
	}
	if digest(New(cfg)) != first {
		t.Error("the same configuration gives another shop")
	}
	other := cfg
	other.Seed = 8
	if digest(New(other)) == first {
		t.Error("another seed gives the same shop")
	}
	if cmp.Equal(New(other).Items(), shop.Items()) || cmp.Equal(New(other).Truth().Segments, shop.Truth().Segments) {
		t.Error("another seed gives the same catalog or the same people")
	}
	other = cfg
	other.End = time.Date(2025, time.February, 3, 4, 5, 6, 0, time.UTC)
	if digest(New(other)) == first {
		t.Error("another end gives the same shop")
	}
}

func TestSizes(t *testing.T) {
	tests := []struct {
		name                     string
		cfg                      Config
		items, customers, events int
	}{
		{"least", Config{Items: 1, Customers: 1, Events: 1}, 600, 8, 2000},
		{"too many customers for the events", Config{Customers: 5000, Events: 6000}, 600, 240, 6000},
		{"few customers, many events", Config{Customers: 60, Events: 20_000}, 600, 60, 20_000},
		{"many items", Config{Items: 5000, Customers: 100, Events: 3000}, 5000, 100, 3000},
		{"end in the morning", Config{End: time.Date(2026, 3, 14, 1, 59, 26, 0, time.UTC), Customers: 100, Events: 3000}, 600, 100, 3000},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			shop := New(tt.cfg)
			events := 0
			customers := map[string]bool{}
			var last time.Time
			for e := range shop.Events() {
				events++
				if e.CustomerID != "" {
					customers[e.CustomerID] = true
				}
				if e.Time.Before(last) || !e.Time.Before(shop.cfg.End) {
					t.Fatalf("%s: time %v", e.ID, e.Time)
				}
				last = e.Time
			}
			if len(shop.Items()) < tt.items || len(customers) != tt.customers || events != tt.events {
				t.Errorf("got %d items, %d customers, %d events, want at least %d, exactly %d and %d",
					len(shop.Items()), len(customers), events, tt.items, tt.customers, tt.events)
			}
		})
	}
}

func TestEventsCanStopEarly(t *testing.T) {
	n := 0
	for range New(Config{Events: 5000}).Events() {
		n++
		if n == 1234 {
			break
		}
	}
	if n != 1234 {
		t.Errorf("got %d events", n)
	}
}

func BenchmarkShop(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		n := 0
		for range New(Config{}).Events() {
			n++
		}
		b.ReportMetric(float64(n), "events")
	}
}
