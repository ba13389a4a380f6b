package demoshop

import (
	"maps"
	"math"
	"slices"
	"testing"
	"time"

	"osusume/recommend"
)

// purchased is one line of an order.
type purchased struct {
	item string
	at   time.Time
}

// history is a naive reading of the raw events: by customer, with anonymous
// events resolved through the planted logins.
type history struct {
	shop      *Shop
	truth     Truth
	bought    map[string][]purchased
	viewed    map[string][]purchased
	orders    map[string][]string // order id -> items
	buyers    map[string]map[string]bool
	sessions  map[string][]recommend.Event
	first     map[string]time.Time
	last      map[string]time.Time
	orderedBy map[string]int
	refunds   int
}

func read(cfg Config) *history {
	shop := New(cfg)
	h := &history{
		shop: shop, truth: shop.Truth(), bought: map[string][]purchased{}, viewed: map[string][]purchased{},
		orders: map[string][]string{}, buyers: map[string]map[string]bool{}, sessions: map[string][]recommend.Event{},
		first: map[string]time.Time{}, last: map[string]time.Time{}, orderedBy: map[string]int{},
	}
	for e := range shop.Events() {
		who := e.CustomerID
		if who == "" {
			who = e.AnonymousID
			if c, ok := h.truth.Logins[who]; ok {
				who = c
			}
		}
		if _, ok := h.first[who]; !ok {
			h.first[who] = e.Time
		}
		h.last[who] = e.Time
		if e.SessionID != "" {
			h.sessions[e.SessionID] = append(h.sessions[e.SessionID], e)
		}
		for _, line := range e.Items {
			switch e.Type {
			case recommend.Purchase:
				h.bought[who] = append(h.bought[who], purchased{line.ItemID, e.Time})
				h.orders[e.OrderID] = append(h.orders[e.OrderID], line.ItemID)
				if h.buyers[line.ItemID] == nil {
					h.buyers[line.ItemID] = map[string]bool{}
				}
				h.buyers[line.ItemID][who] = true
			case recommend.ViewItem:
				h.viewed[who] = append(h.viewed[who], purchased{line.ItemID, e.Time})
			default:
			}
		}
		switch e.Type {
		case recommend.Purchase:
			h.orderedBy[who]++
		case recommend.Refund:
			h.refunds++
		default:
		}
	}
	return h
}

// followed counts buyers of main, and those of them who bought with in the
// same order or within the given days after it.
func (h *history) followed(main, with string, days int) (followed, buyers int) {
	for who := range h.buyers[main] {
		buyers++
		var at time.Time
		for _, p := range h.bought[who] {
			if p.item == main {
				at = p.at
				break
			}
		}
		if slices.ContainsFunc(h.bought[who], func(p purchased) bool {
			return p.item == with && !p.at.Before(at) && p.at.Sub(at) <= time.Duration(days)*24*time.Hour
		}) {
			followed++
		}
	}
	return followed, buyers
}

func TestPlantedTruth(t *testing.T) {
	for _, cfg := range []Config{{}, {Seed: 1, End: time.Date(2026, time.November, 30, 15, 0, 0, 0, time.UTC)}, {Seed: 42, End: time.Date(2025, time.December, 20, 3, 0, 0, 0, time.UTC)}} {
		h := read(cfg)
		t.Run(h.shop.cfg.End.Format(time.DateOnly), func(t *testing.T) {
			t.Run("accessories", h.testAccessories)
			t.Run("repurchases", h.testRepurchases)
			t.Run("upgrades", h.testUpgrades)
			t.Run("sequels", h.testSequels)
			t.Run("seasons", h.testSeasons)
			t.Run("trending", h.testTrending)
			t.Run("arrivals", h.testArrivals)
			t.Run("segments", h.testSegments)
			t.Run("logins", h.testLogins)
			t.Run("habits", h.testHabits)
			t.Run("refunds", h.testRefunds)
			t.Run("popularity", h.testPopularity)
			t.Run("personas", h.testPersonas)
		})
	}
}

func (h *history) testAccessories(t *testing.T) {
	expected, got, judged := 0.0, 0, 0
	chance, judgedGot := 0.0, 0
	total := len(h.bought)
	for _, a := range h.truth.Accessories {
		n, buyers := h.followed(a.Main, a.With, 11)
		expected += a.Probability * float64(buyers)
		got += n
		if buyers < 30 {
			continue
		}
		judged++
		share := float64(n) / float64(buyers)
		base := float64(len(h.buyers[a.With])) / float64(total)
		// Owners do not buy again and one-time customers do not come back, so a
		// fifth less is as planted; then three standard errors and a half.
		least := 0.8*a.Probability - 3.5*math.Sqrt(a.Probability*(1-a.Probability)/float64(buyers))
		if share < least || (a.Probability >= 0.3 && share < 3*base) {
			t.Errorf("%s with %s: %d of %d buyers, planted %.2f, base rate %.3f", a.Main, a.With, n, buyers, a.Probability, base)
		}
		chance += base * float64(buyers)
		judgedGot += n
	}
	if float64(judgedGot) < 8*chance {
		t.Errorf("judged pairs: %d bought, %.1f by chance", judgedGot, chance)
	}
	if ratio := float64(got) / expected; ratio < 0.8 || ratio > 1.2 {
		t.Errorf("all pairs: %d bought, %.0f planted", got, expected)
	}
	if judged < 30 {
		t.Errorf("only %d pairs have 30 buyers", judged)
	}
	t.Logf("%d pairs judged, %d of %.0f", judged, got, expected)
}

func (h *history) testRepurchases(t *testing.T) {
	judged := 0
	for _, r := range h.truth.Repurchases {
		var gaps []float64
		for _, list := range h.bought {
			var last time.Time
			for _, p := range list {
				if p.item != r.ItemID {
					continue
				}
				if !last.IsZero() {
					gaps = append(gaps, p.at.Sub(last).Hours()/24)
				}
				last = p.at
			}
		}
		if len(gaps) < 25 {
			continue
		}
		judged++
		slices.Sort(gaps)
		// The standard error of a median is 1.25 spreads over the root of n; three
		// and a half of them, and a twentieth for the year's edge.
		if median := gaps[len(gaps)/2]; math.Abs(median-r.Days) > 0.05*r.Days+4.4*r.SpreadDays/math.Sqrt(float64(len(gaps))) {
			t.Errorf("%s: median of %d gaps is %.1f days, planted %.0f", r.ItemID, len(gaps), median, r.Days)
		}
	}
	if judged < 25 {
		t.Errorf("only %d consumables have 25 gaps", judged)
	}
}

func (h *history) testUpgrades(t *testing.T) {
	type count struct{ from, to int }
	instead := map[string]count{}
	partners := map[string][]string{}
	for _, u := range h.truth.Upgrades {
		partners[u.From] = append(partners[u.From], u.To)
	}
	for _, events := range h.sessions {
		viewed, bought := map[string]bool{}, map[string]bool{}
		for _, e := range events {
			for _, line := range e.Items {
				switch e.Type {
				case recommend.ViewItem:
					viewed[line.ItemID] = true
				case recommend.Purchase:
					bought[line.ItemID] = true
				default:
				}
			}
		}
		for from := range viewed {
			c := instead[from]
			if bought[from] {
				c.from++
			}
			if slices.ContainsFunc(partners[from], func(to string) bool { return bought[to] }) {
				c.to++
			}
			instead[from] = c
		}
	}
	var all count
	owners, later, baseLater := 0, 0, 0.0
	for _, u := range h.truth.Upgrades {
		c := instead[u.From]
		all.from, all.to = all.from+c.from, all.to+c.to
		if u.Later == 0 {
			continue
		}
		n, buyers := h.followed(u.From, u.To, Days)
		same, _ := h.followed(u.From, u.To, 30)
		owners, later = owners+buyers, later+n-same
		baseLater += float64(buyers) * float64(len(h.buyers[u.To])) / float64(len(h.bought))
	}
	if share := float64(all.to) / float64(all.from+all.to); share < 0.25 || share > 0.65 {
		t.Errorf("viewed A and bought: %d A, %d a better one (%.2f)", all.from, all.to, share)
	}
	if float64(later) < 3*baseLater {
		t.Errorf("%d of %d owners came back for the better model, %.1f by chance", later, owners, baseLater)
	}
}

func (h *history) testSequels(t *testing.T) {
	got, buyers := 0, 0
	for _, s := range h.truth.Sequels {
		n, b := h.followed(s.From, s.To, 30)
		got, buyers = got+n, buyers+b
	}
	if share := float64(got) / float64(buyers); share < 0.25 {
		t.Errorf("%d of %d readers bought the next volume, planted %.2f of customers", got, buyers, sequelShare)
	}
}

func (h *history) testSeasons(t *testing.T) {
	perMonth := map[string]*[13]float64{}
	for _, list := range h.viewed {
		for _, v := range list {
			if perMonth[v.item] == nil {
				perMonth[v.item] = new([13]float64)
			}
			perMonth[v.item][v.at.In(japan()).Month()]++
		}
	}
	judged := 0
	for _, s := range h.truth.Seasons {
		if len(s.Peak) < 1 || len(s.Peak) > 5 {
			t.Fatalf("%s: season of %d months", s.ItemID, len(s.Peak))
		}
		counts := perMonth[s.ItemID]
		if counts == nil {
			continue
		}
		in, off := 0.0, 0.0
		for m := time.January; m <= time.December; m++ {
			if slices.Contains(s.Peak, m) {
				in += counts[m]
			} else {
				off += counts[m]
			}
		}
		if in+off < 60 {
			continue
		}
		judged++
		in, off = in/float64(len(s.Peak)), off/float64(12-len(s.Peak))
		if in < 3*off {
			t.Errorf("%s: %.1f views in a month of the season, %.1f in another", s.ItemID, in, off)
		}
	}
	if judged < 30 {
		t.Errorf("only %d seasonal items were seen enough", judged)
	}
}

func (h *history) testTrending(t *testing.T) {
	since := h.shop.cfg.End.AddDate(0, 0, -trendDays)
	recent, before := map[string]float64{}, map[string]float64{}
	for _, list := range h.bought {
		for _, p := range list {
			if p.at.Before(since) {
				before[p.item]++
			} else {
				recent[p.item]++
			}
		}
	}
	for _, id := range h.truth.Trending {
		now, then := recent[id]/trendDays, before[id]/(Days-trendDays)
		if recent[id] < 8 || now < 5*then {
			t.Errorf("%s: %.0f bought in two weeks (%.2f a day), %.0f before (%.3f a day)", id, recent[id], now, before[id], then)
		}
	}
}

func (h *history) testArrivals(t *testing.T) {
	if len(h.truth.Arrivals) < 3 {
		t.Errorf("arrivals: %v, want some", h.truth.Arrivals)
	}
	for _, events := range h.sessions {
		for _, e := range events {
			for _, line := range e.Items {
				if slices.Contains(h.truth.Arrivals, line.ItemID) {
					t.Fatalf("%s knows %s, which arrived after it", e.ID, line.ItemID)
				}
			}
		}
	}
}

func (h *history) in(item string, paths []string) bool {
	it := &h.shop.goods[h.shop.byID[item]].item
	return slices.ContainsFunc(paths, func(p string) bool { return item == p || under(it.Category, p) })
}

// under reports whether a category lies in the path.
func under(category []string, path string) bool {
	joined := ""
	for _, c := range category {
		joined += c
		if joined == path {
			return true
		}
		joined += "/"
	}
	return false
}

func (h *history) testSegments(t *testing.T) {
	if len(h.truth.Segments) < 8 {
		t.Errorf("%d segments", len(h.truth.Segments))
	}
	for _, seg := range h.truth.Segments {
		own, all := 0, 0
		for _, who := range seg.CustomerIDs {
			for _, v := range h.viewed[who] {
				all++
				if h.in(v.item, seg.Categories) {
					own++
				}
			}
		}
		if share := float64(own) / float64(all); share < 0.6 {
			t.Errorf("%s: %.2f of views in %v", seg.Name, share, seg.Categories)
		}
	}
}

func (h *history) testLogins(t *testing.T) {
	seen := map[string]string{}
	anonymousFirst := map[string]bool{}
	for _, id := range slices.Sorted(maps.Keys(h.sessions)) {
		for _, e := range h.sessions[id] {
			switch {
			case e.AnonymousID != "" && e.CustomerID != "":
				if h.truth.Logins[e.AnonymousID] != e.CustomerID {
					t.Fatalf("%s ties %s to %s, truth says %q", e.ID, e.AnonymousID, e.CustomerID, h.truth.Logins[e.AnonymousID])
				}
				seen[e.AnonymousID] = e.CustomerID
			case e.AnonymousID != "":
				anonymousFirst[e.AnonymousID] = true
			}
		}
	}
	if !maps.Equal(seen, h.truth.Logins) {
		t.Errorf("%d anonymous ids tied to customers, truth has %d", len(seen), len(h.truth.Logins))
	}
	guests, known := 0, 0
	for id := range anonymousFirst {
		if _, ok := h.truth.Logins[id]; ok {
			known++
		} else {
			guests++
		}
	}
	if guests < 500 || known < 500 {
		t.Errorf("%d visitors stayed anonymous, %d logged in later; want many of both", guests, known)
	}
}

func (h *history) testHabits(t *testing.T) {
	end := h.shop.cfg.End
	if len(h.truth.OneTime) < 300 || len(h.truth.Dormant) < 200 || len(h.truth.Newcomers) < 80 {
		t.Errorf("one-time %d, dormant %d, newcomers %d: too few", len(h.truth.OneTime), len(h.truth.Dormant), len(h.truth.Newcomers))
	}
	for _, who := range h.truth.OneTime {
		if h.orderedBy[who] != 1 {
			t.Errorf("%s: %d orders, want one", who, h.orderedBy[who])
		}
	}
	for _, who := range h.truth.Dormant {
		if away := end.Sub(h.last[who]).Hours() / 24; away < dormantDays {
			t.Errorf("%s: away for %.0f days only", who, away)
		}
	}
	for _, who := range h.truth.Newcomers {
		if here := end.Sub(h.first[who]).Hours() / 24; here > newcomerDays {
			t.Errorf("%s: first came %.0f days ago", who, here)
		}
	}
}

func (h *history) testRefunds(t *testing.T) {
	if share := float64(h.refunds) / float64(len(h.orders)); share < 0.005 || share > 0.02 {
		t.Errorf("%d refunds of %d orders (%.4f), want about 1 %%", h.refunds, len(h.orders), share)
	}
}

func (h *history) testPopularity(t *testing.T) {
	views := map[string]int{}
	total := 0
	for _, list := range h.viewed {
		for _, v := range list {
			views[v.item]++
			total++
		}
	}
	counts := slices.Sorted(maps.Values(views))
	slices.Reverse(counts)
	top := 0
	for _, c := range counts[:len(h.shop.goods)/10] {
		top += c
	}
	if share := float64(top) / float64(total); share < 0.3 || share > 0.8 {
		t.Errorf("the top tenth of items has %.2f of the views", share)
	}
}
