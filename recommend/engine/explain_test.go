package engine_test

import (
	"cmp"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"osusume/recommend"
	"osusume/recommend/engine"
	"osusume/recommend/weight"
)

// rawLine is one item of one event, as a shopkeeper would list it.
type rawLine struct {
	item, order, session string
	kind                 recommend.EventType
	time                 time.Time
}

func (l rawLine) bought() bool { return l.kind == recommend.Purchase }

func (l rawLine) browsed() bool {
	return slices.Contains([]recommend.EventType{
		recommend.ViewItem, recommend.AddToCart, recommend.SelectItem, recommend.AddToWishlist,
	}, l.kind)
}

// rawShop is what happened, by customer, oldest first.
type rawShop struct {
	now    time.Time
	titles map[string]recommend.Text
	lines  map[string][]rawLine
	named  map[string]bool // items that records name
}

// drawToldShop draws records in which every event names its customer, sessions
// and orders belong to one customer and an order has one time.
func drawToldShop(t *rapid.T, now time.Time) ([]recommend.Record, *rawShop) {
	records := append(drawRecords(t, 25), drawRush(t, now)...)
	shop := &rawShop{now: now, titles: make(map[string]recommend.Text), lines: make(map[string][]rawLine), named: make(map[string]bool)}
	for n := range records {
		switch r := &records[n]; r.Kind {
		case recommend.RecordItemPut:
			r.Received = shopStart
			r.Item.Title["en"] += " of " + r.Item.ID
			r.Item.Title["ja"] = "品の" + r.Item.ID
			shop.titles[r.Item.ID] = r.Item.Title
			shop.named[r.Item.ID] = true
		case recommend.RecordEvent:
			tellCustomer(t, &r.Event)
			shop.add(&r.Event)
		}
	}
	for _, lines := range shop.lines {
		slices.SortStableFunc(lines, func(a, b rawLine) int { return a.time.Compare(b.time) })
	}
	return records, shop
}

// drawRush is one item that everybody bought in the last week, sometimes, and a
// few who looked at it together with one that has just come.
func drawRush(t *rapid.T, now time.Time) []recommend.Record {
	var records []recommend.Record
	add := func(e recommend.Event) {
		e.ID, e.CustomerID = fmt.Sprint("rush", len(records)), "c0"
		records = append(records, recommend.Record{Kind: recommend.RecordEvent, Event: e})
	}
	if rapid.Bool().Draw(t, "rush") {
		item := []recommend.EventItem{{ItemID: pick(t, "i", 8, 0), Quantity: 1}}
		for n := range rapid.IntRange(1, 8).Draw(t, "rushed") {
			add(recommend.Event{Type: recommend.Purchase, Time: now.Add(time.Duration(-n) * time.Hour), Items: item})
		}
		for range rapid.IntRange(0, 2).Draw(t, "looked") {
			both := append(slices.Clone(item), recommend.EventItem{ItemID: pick(t, "i", 9, 0)}, recommend.EventItem{ItemID: "i8"})
			add(recommend.Event{Type: recommend.ViewItem, Time: now.Add(-time.Hour), SessionID: pick(t, "s", 2, 0), Items: both})
		}
	}
	return records
}

func tellCustomer(t *rapid.T, e *recommend.Event) {
	e.AnonymousID, e.CustomerID = "", pick(t, "c", 4, 0)
	if e.Type == recommend.Rating {
		e.Type = recommend.Purchase
	}
	if e.SessionID != "" {
		e.SessionID = e.CustomerID + e.SessionID
	}
	if e.OrderID != "" {
		n, _ := strconv.Atoi(e.OrderID[1:])
		e.Time = shopStart.AddDate(0, 0, 11*n).Add(time.Second)
		e.OrderID = e.CustomerID + e.OrderID
	}
}

func (s *rawShop) add(e *recommend.Event) {
	for _, it := range e.Items {
		s.named[it.ItemID] = true
	}
	if e.Type == recommend.ViewItemList {
		return
	}
	told := slices.Clone(s.lines[e.CustomerID])
	for _, it := range e.Items {
		l := rawLine{item: it.ItemID, session: e.SessionID, kind: e.Type, time: e.Time}
		if e.Type == recommend.Purchase || e.Type == recommend.Refund {
			l.session, l.order = "", cmp.Or(e.OrderID, e.ID)
		}
		// A line of an order that another event has told already is no new one.
		if e.OrderID != "" && l.order != "" && slices.ContainsFunc(told, func(k rawLine) bool {
			return k.item == l.item && k.order == l.order && k.kind == l.kind
		}) {
			continue
		}
		s.lines[e.CustomerID] = append(s.lines[e.CustomerID], l)
	}
}

// sets are the cases of a reason code: orders, customers or visits with the
// items in each.
func (s *rawShop) sets(code recommend.ReasonCode) map[string]map[string]bool {
	out := make(map[string]map[string]bool)
	put := func(name, item string) {
		if out[name] == nil {
			out[name] = make(map[string]bool)
		}
		out[name][item] = true
	}
	for customer, lines := range s.lines {
		visit, last := 0, time.Time{}
		for _, l := range lines {
			switch {
			case code == recommend.ReasonBoughtTogether && l.bought():
				put(customer+l.order, l.item)
			case code == recommend.ReasonAlsoBought && l.bought():
				put(customer, l.item)
			case code == recommend.ReasonViewedTogether && l.browsed() && l.session != "":
				put(l.session, l.item)
			case code == recommend.ReasonViewedTogether && l.browsed():
				// Without a session id a visit ends after half an hour of nothing.
				if l.time.Sub(last) > 30*time.Minute {
					visit++
				}
				last = l.time
				put(fmt.Sprint(customer, " visit ", visit), l.item)
			}
		}
	}
	return out
}

// recount is the support and the denominator of a reason for item.
func (s *rawShop) recount(code recommend.ReasonCode, item, from string) (support, of uint32) {
	for _, set := range s.sets(code) {
		if set[from] {
			of++
			if set[item] {
				support++
			}
		}
	}
	return support, of
}

// ownOrders is in how many of the customer's orders item is, and how many there are.
func (s *rawShop) ownOrders(customer, item string) (support, of uint32) {
	with := make(map[string]bool)
	for _, l := range s.lines[customer] {
		if l.bought() {
			with[l.order] = with[l.order] || l.item == item
		}
	}
	for _, has := range with {
		of++
		if has {
			support++
		}
	}
	return support, of
}

// buyers is how many customers bought item in the last days, 0 for ever; in a
// shop where nobody bought anything, how many browsed it.
func (s *rawShop) buyers(item string, days int) uint32 {
	took := rawLine.browsed
	for _, lines := range s.lines {
		if slices.ContainsFunc(lines, rawLine.bought) {
			took = rawLine.bought
		}
	}
	since := s.now.Truncate(24*time.Hour).AddDate(0, 0, -days)
	n := uint32(0)
	for _, lines := range s.lines {
		if slices.ContainsFunc(lines, func(l rawLine) bool {
			return l.item == item && took(l) && (days == 0 || !l.time.Before(since))
		}) {
			n++
		}
	}
	return n
}

func (s *rawShop) age(l rawLine) float64 { return max(0, s.now.Sub(l.time).Hours()/24) }

func halved(age, halfLife float64) float64 {
	if halfLife <= 0 {
		return 1
	}
	return max(math.Exp2(-age/halfLife), 1e-20)
}

// steps are the items of the session of a request, newest first, with their ages.
func (s *rawShop) steps(req *recommend.Request, known func(string) bool) (items []string, ages []float64) {
	note := func(item string, age float64) {
		if !slices.Contains(items, item) {
			items, ages = append(items, item), append(ages, age)
		}
	}
	for _, item := range slices.Backward(req.SessionItems) {
		if known(item) {
			note(item, 0)
		}
	}
	if len(req.SessionItems) > 0 {
		return items, ages
	}
	for _, session := range []string{req.SessionID, ""} {
		for _, l := range slices.Backward(s.lines[req.CustomerID]) {
			if l.browsed() && (session == "" || l.session == session) {
				note(l.item, s.age(l))
			}
		}
		if len(items) > 0 {
			break
		}
	}
	return items, ages
}

// cart is what the request says is in the cart, else what the customer left
// there in the last week, else the order of that week.
func (s *rawShop) cart(req *recommend.Request, known func(string) bool) []string {
	var cart []string
	for _, item := range append([]string{req.ItemID}, req.Cart...) {
		if known(item) && !slices.Contains(cart, item) {
			cart = append(cart, item)
		}
	}
	if len(cart) > 0 {
		return cart
	}
	settled := make(map[string]bool)
	order := ""
	for _, l := range slices.Backward(s.lines[req.CustomerID]) {
		if s.age(l) > 7 {
			break
		}
		if l.bought() && order == "" {
			order = l.order
		}
		if l.kind == recommend.AddToCart && !settled[l.item] {
			cart = append(cart, l.item)
		}
		if l.kind == recommend.AddToCart || l.kind == recommend.RemoveFromCart || l.bought() {
			settled[l.item] = true
		}
	}
	if len(cart) > 0 {
		return cart
	}
	for _, l := range s.lines[req.CustomerID] {
		if order != "" && l.order == order && l.bought() && !slices.Contains(cart, l.item) {
			cart = append(cart, l.item)
		}
	}
	return cart
}

// profile is the naive profile of a signal that keeps every item.
func (s *rawShop) profile(sig engine.Signal, req *recommend.Request, known func(string) bool) map[string]float64 {
	p := make(map[string]float64)
	switch sig.From {
	case engine.FromBought:
		for _, l := range slices.Backward(s.lines[req.CustomerID]) {
			if _, has := p[l.item]; l.bought() && !(has && sig.Binary) {
				p[l.item] += halved(s.age(l), sig.HalfLifeDays)
			}
		}
	case engine.FromSession:
		items, ages := s.steps(req, known)
		for k, item := range items {
			p[item] = halved(ages[k], sig.HalfLifeDays)
			if sig.StepDecay > 0 {
				p[item] *= math.Exp(-float64(k) / sig.StepDecay)
			}
		}
	case engine.FromCart:
		for _, item := range s.cart(req, known) {
			p[item] = 1
		}
	}
	total := 0.0
	for _, w := range p {
		total += w
	}
	for item := range p {
		if p[item] *= cmp.Or(sig.Scale, 1); sig.Normalise {
			p[item] /= total
		}
	}
	return p
}

// told is what a reason says without its numbers.
type told struct {
	code recommend.ReasonCode
	from string
}

// contributions is what each piece of evidence gives to the score of item, by
// the formula of the model. Evidence of two signals counts with the stronger.
func (s *rawShop) contributions(v *engine.View, model string, req *recommend.Request, item string) map[told]float64 {
	m, out := v.ModelOf(model), make(map[told]float64)
	known := func(id string) bool { return s.named[id] }
	own := make(map[string]float64) // what signals give to each item
	for k, sig := range m.Signals {
		code := map[string]recommend.ReasonCode{
			"orders": recommend.ReasonBoughtTogether, "customers": recommend.ReasonAlsoBought,
		}[sig.Weights.Over]
		code = cmp.Or(code, recommend.ReasonViewedTogether)
		for from, p := range s.profile(sig, req, known) {
			p = max(p/v.ScaleOf(model, k), 1e-14) // nothing vanishes altogether
			weights := v.WeightsFrom(model, k, from)
			for to, w := range weights {
				own[to] += p * w
			}
			if w := weights[item]; w > 0 {
				out[told{code, from}] = max(out[told{code, from}], p*w*v.TrendFactor(model, item))
			}
			self := p * sig.Self
			own[from] += self
			if from == item && self > 0 {
				out[told{recommend.ReasonRecentlyViewed, item}] += self * v.TrendFactor(model, item)
			}
		}
	}
	if shares, most := v.AlikeOf(item); most != "" && v.PlacementOf(req.Placement).Explore > 0 && !req.NoExplore {
		likeness := 0.0
		for other, share := range shares {
			likeness += share * (own[other] + s.personal(v, model, req, other))
		}
		// Likeness stands for what a newcomer has of its own where it is more.
		if likeness > own[item] {
			clear(out)
			out[told{recommend.ReasonNewArrival, most}] = likeness * v.TrendFactor(model, item)
		}
	}
	if w := s.personal(v, model, req, item); w > 0 {
		out[told{recommend.ReasonBuyAgain, ""}] = w
	}
	if n := s.buyers(item, m.Recent.Days); m.Recent.Weight > 0 && n > 0 {
		most := uint32(1)
		for id := range s.named {
			most = max(most, s.buyers(id, m.Recent.Days))
		}
		out[told{recommend.ReasonBestseller, ""}] = m.Recent.Weight * float64(n) / float64(most)
	}
	return out
}

// personal is Personal.Weight times the customer's own rate of item.
func (s *rawShop) personal(v *engine.View, model string, req *recommend.Request, item string) float64 {
	m := v.ModelOf(model)
	cfg := m.Personal
	if cfg.Weight == 0 {
		return 0
	}
	all, with, sum := make(map[string]bool), make(map[string]bool), 0.0
	total := 0.0
	for _, l := range s.lines[req.CustomerID] {
		if !l.bought() {
			continue
		}
		w := halved(s.age(l), cfg.HalfLifeDays)
		if !all[l.order] {
			total += w
		}
		all[l.order] = true
		if l.item == item && (cfg.Lines || !with[l.order]) {
			sum += w
			with[l.order] = true
		}
	}
	if !cfg.Lines {
		sum /= math.Pow(total+1, cfg.Power)
	}
	if cfg.Trend > 0 && m.Trend.Power > 0 {
		sum *= math.Pow(v.TrendFactor(model, item), cfg.Trend/m.Trend.Power)
	}
	return cfg.Weight * sum
}

// checkNumbers compares the support of a reason with the raw events.
func (s *rawShop) checkNumbers(t *rapid.T, r recommend.Reason, item, customer string) {
	t.Helper()
	var support, of uint32
	switch r.Code {
	case recommend.ReasonBoughtTogether, recommend.ReasonAlsoBought, recommend.ReasonViewedTogether:
		support, of = s.recount(r.Code, item, r.ItemID)
	case recommend.ReasonBuyAgain:
		support, of = s.ownOrders(customer, item)
	case recommend.ReasonBestseller:
		support, of = s.buyers(item, int(r.Of)), r.Of
	case recommend.ReasonTrending:
		support, of = s.buyers(item, 7), 7
	}
	if r.Support != support || r.Of != of {
		t.Fatalf("%s is told with %+v, the events have %d of %d", item, r, support, of)
	}
	if linked := r.ItemID != ""; linked != slices.Contains(linkedCodes, r.Code) {
		t.Fatalf("%s is told with %+v: links to an item: %v", item, r, linked)
	}
	if counted := r.Support > 0; counted == slices.Contains(uncounted, r.Code) {
		t.Fatalf("%s is told with %+v: counts something: %v", item, r, counted)
	}
}

var (
	linkedCodes = []recommend.ReasonCode{
		recommend.ReasonBoughtTogether, recommend.ReasonAlsoBought, recommend.ReasonViewedTogether,
		recommend.ReasonRecentlyViewed, recommend.ReasonSimilar, recommend.ReasonNewArrival,
	}
	uncounted = []recommend.ReasonCode{
		recommend.ReasonRecentlyViewed, recommend.ReasonSimilar, recommend.ReasonNewArrival, recommend.ReasonInCatalog,
	}
	digits = regexp.MustCompile("[0-9]+")
)

// checkText expects the numbers of the reason and the title of its item in the
// text; Japanese names the whole before the part.
func (s *rawShop) checkText(t *rapid.T, r recommend.Reason, locale string) {
	t.Helper()
	text := r.Text
	if r.ItemID != "" && r.Code != recommend.ReasonRecentlyViewed {
		title := cmp.Or(s.titles[r.ItemID].In(locale), r.ItemID)
		if !strings.Contains(text, title) {
			t.Fatalf("the %s text %q of %+v does not name %q", locale, text, r, title)
		}
		text = strings.ReplaceAll(text, title, "")
	}
	var want []string
	switch {
	case r.Code == recommend.ReasonBestseller && r.Of == 0:
		want = []string{fmt.Sprint(r.Support)}
	case slices.Contains(uncounted, r.Code):
	case locale == "en":
		want = []string{fmt.Sprint(r.Support), fmt.Sprint(r.Of)}
	default:
		want = []string{fmt.Sprint(r.Of), fmt.Sprint(r.Support)}
	}
	if got := digits.FindAllString(text, -1); text == "" || !slices.Equal(got, want) {
		t.Fatalf("the %s text %q of %+v has the numbers %v, want %v", locale, r.Text, r, got, want)
	}
}

// checkStrongest expects the reasons of a scored item to be the greatest of its
// contributions, the greatest first, as many as are told.
func checkStrongest(t *rapid.T, it recommend.Recommendation, from map[told]float64) {
	t.Helper()
	var order []float64
	for _, w := range from {
		order = append(order, w)
	}
	slices.SortFunc(order, func(a, b float64) int { return cmp.Compare(b, a) })
	if want := min(len(order), 3); len(it.Reasons) != want {
		t.Fatalf("%s has %d reasons, want %d: %+v of %v", it.ItemID, len(it.Reasons), want, it.Reasons, from)
	}
	for k, r := range it.Reasons {
		id := r.ItemID
		if w := from[told{r.Code, id}]; w < order[k]*(1-1e-4) || w == 0 {
			t.Fatalf("reason %d of %s is %s %s with %v, but %v contributed: %v", k, it.ItemID, r.Code, id, w, order[k], from)
		}
	}
}

// fallback says what a stage that fills up may give as its reason.
var fallback = map[recommend.Stage][]recommend.ReasonCode{
	recommend.StageTrending:   {recommend.ReasonTrending},
	recommend.StageBestseller: {recommend.ReasonBestseller},
	recommend.StageCatalog:    {recommend.ReasonInCatalog},
	recommend.StageExplore:    {recommend.ReasonNewArrival},
	recommend.StageSimilar:    {recommend.ReasonSimilar, recommend.ReasonViewedTogether},
}

// toldModels are the models of the drawn shops: every closed form, and one in
// which two signals rest on the same evidence. Profiles keep every item.
func toldModels(t *rapid.T) map[string]engine.Model {
	models := everyFormula(t)
	for name, m := range models {
		m.Signals[0].MaxItems = 50
		m.Recent = engine.Recent{Weight: 0.2, Days: 30}
		models[name] = m
	}
	over := func(from engine.Source, f weight.Formula, over string, scale float64) engine.Signal {
		return engine.Signal{From: from, Weights: weight.Spec{Formula: f, Over: over}, Scale: scale, Self: 0}
	}
	models["mixed"] = engine.Model{
		Signals: []engine.Signal{
			over(engine.FromBought, weight.Cosine, "orders", 0.6),
			over(engine.FromCart, weight.Conditional, "orders", 0.4),
			over(engine.FromBought, weight.Conditional, "customers", 0.5),
			over(engine.FromSession, weight.Conditional, "sessions", 0.5),
			{From: engine.FromSession, Weights: weight.Spec{Formula: weight.Steps, Shrink: 1, RowPower: 1}, Self: 0.5},
		},
		Trend:    engine.Trend{Power: 0.5},
		Personal: engine.Personal{Weight: 0.3, Lines: true, HalfLifeDays: 30, Trend: 0.2},
		Recent:   engine.Recent{Weight: 0.1, Days: 0},
	}
	return models
}

// drawToldView is a shop with everything up to date, learned or not.
func drawToldView(t *rapid.T) (*engine.View, *rawShop) {
	now := rapid.SampledFrom([]time.Time{shopStart.AddDate(0, 0, 61), shopStart.AddDate(0, 0, 30), shopNow}).Draw(t, "now")
	records, shop := drawToldShop(t, now)
	x := newIndex(t, engine.Settings{
		Models: toldModels(t), Newcomers: engine.Newcomers{Days: 365, Buyers: 2, Sessions: 3},
	})
	x.Apply(uint64(len(records)), records)
	x.Refresh(now, nil)
	x.RefreshPopularity()
	if rapid.Bool().Draw(t, "learn") {
		x.Learn()
		x.RefreshPopularity()
	}
	return x.Publish(now), shop
}

func drawToldRequest(t *rapid.T, v *engine.View) recommend.Request {
	req := recommend.Request{
		CustomerID: pick(t, "c", 5, 0), ItemID: pick(t, "i", 9, 2), Explain: true,
		Placement: rapid.SampledFrom(v.Placements()).Draw(t, "placement"),
		Model:     rapid.SampledFrom(append(v.Models(), "", "", "mixed", "mixed")).Draw(t, "model"),
		Limit:     rapid.SampledFrom([]int{10, 20}).Draw(t, "limit"),
		Repeat:    rapid.SampledFrom([]recommend.Repeat{0, recommend.RepeatAllow, recommend.RepeatExclude}).Draw(t, "repeat"),
		NoExplore: rapid.Bool().Draw(t, "no explore"),
	}
	if s := pick(t, "s", 4, 2); s != "" {
		req.SessionID = req.CustomerID + s
	}
	if rapid.Bool().Draw(t, "brings a cart") {
		req.Cart = drawIDs(t, "cart")
	}
	if rapid.Bool().Draw(t, "brings a session") {
		req.SessionItems = drawIDs(t, "session items")
	}
	return req
}

func TestExplainRecommend(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v, shop := drawToldView(t)
		for range 4 {
			req := drawToldRequest(t, v)
			for _, locale := range []string{"ja", "en"} {
				req.Locale = locale
				answer, err := v.Recommend(&req)
				if err != nil {
					t.Fatal(err)
				}
				for _, it := range answer.Items {
					for _, r := range it.Reasons {
						shop.checkNumbers(t, r, it.ItemID, req.CustomerID)
						shop.checkText(t, r, locale)
					}
					from := shop.contributions(v, answer.Model, &req, it.ItemID)
					if it.Score > 0 {
						checkStrongest(t, it, from)
					}
					if codes, ok := fallback[it.Stage]; ok && !slices.Contains(codes, it.Reasons[0].Code) {
						t.Fatalf("%s of stage %s is told with %+v", it.ItemID, it.Stage, it.Reasons)
					}
					if it.Score == 0 && (len(it.Reasons) != 1 || fallback[it.Stage] == nil) {
						t.Fatalf("%s fills up as %s with %+v", it.ItemID, it.Stage, it.Reasons)
					}
				}
			}
		}
	})
}

func TestExplainRelatedAndPopular(t *testing.T) {
	codes := map[recommend.RelatedKind]recommend.ReasonCode{
		recommend.AlsoBought: recommend.ReasonAlsoBought, recommend.AlsoViewed: recommend.ReasonViewedTogether,
		recommend.BoughtTogether: recommend.ReasonBoughtTogether,
	}
	rapid.Check(t, func(t *rapid.T) {
		v, shop := drawToldView(t)
		check := func(answer recommend.Answer, locale string) {
			for _, it := range answer.Items {
				r := it.Reasons[0]
				shop.checkNumbers(t, r, it.ItemID, "")
				shop.checkText(t, r, locale)
				want := fallback[it.Stage]
				if it.Stage == recommend.StageRelated {
					want = []recommend.ReasonCode{codes[recommend.RelatedKind(answer.Model)]}
				}
				if !slices.Contains(want, r.Code) || len(it.Reasons) != 1 {
					t.Fatalf("%s of stage %s is told with %+v", it.ItemID, it.Stage, it.Reasons)
				}
			}
		}
		for _, locale := range []string{"ja", "en"} {
			for _, kind := range []recommend.RelatedKind{recommend.AlsoBought, recommend.AlsoViewed, recommend.BoughtTogether, recommend.Similar} {
				req := recommend.Request{ItemID: pick(t, "i", 8, 0), Explain: true, Locale: locale}
				if answer, err := v.Related(kind, &req); err == nil {
					check(answer, locale)
				}
			}
			for _, days := range engine.Windows() {
				answer, err := v.Popular(&recommend.PopularQuery{WindowDays: days, Trending: days == 1, Explain: true, Locale: locale})
				if err != nil {
					t.Fatal(err)
				}
				check(answer, locale)
			}
		}
	})
}
