package api

import (
	"math"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"osusume/recommend"
	"osusume/recommend/filter"
	"osusume/recommend/strictjson"
)

// maxContextIDs bounds each list of ids in a request.
const maxContextIDs = 1000

// listRequest is a request for one list, and how to answer it.
type listRequest struct {
	recommend.Request
	fields fieldSet
	minSeq uint64
	// limitGiven says that the limit is the request's own.
	limitGiven bool
}

// getRecommend answers from query parameters.
func (s *Server) getRecommend(c echo.Context) error {
	w := beginList(c)
	defer w.end()
	q, r := &w.query, &w.request
	r.CustomerID = q.id("customer_id")
	r.AnonymousID = q.id("anonymous_id")
	r.SessionID = q.id("session_id")
	r.ItemID = q.id("item_id")
	r.Placement = q.id("placement")
	r.Model = q.id("model")
	q.listOptions(r)
	r.limitGiven = q.given("limit")
	r.Repeat = repeatOf(q.choice("repeat", "allow", "exclude"))
	q.mixOptions(r)
	q.answerOptions(r, c.Request())
	if err := q.finish(); err != nil {
		return err
	}
	return s.answerRecommend(c, w)
}

// listOptions reads what every list can be asked: its length, what must not be
// in it, and the filter.
func (q *query) listOptions(r *listRequest) {
	r.Limit = q.integer("limit", recommend.DefaultLimit, 1, recommend.MaxLimit)
	r.Exclude = q.list("exclude", true, maxContextIDs)
	r.Filter.Category = q.list("category", false, filter.MaxConditions)
	r.Filter.Tags = q.list("tag", false, filter.MaxConditions)
	r.Filter.PriceMin = q.number("price_min")
	r.Filter.PriceMax = q.number("price_max")
	r.Filter.IncludeUnavailable = q.flag("include_unavailable")
	if q.err == nil {
		q.err = checkPrices("", &r.Filter)
	}
}

// mixOptions reads how unlike each other the items are to be. What the numbers
// may be is for the engine to say.
func (q *query) mixOptions(r *listRequest) {
	r.Diversity = q.number("diversity")
	r.MaxPerCategory = q.bound("max_per_category")
	r.MaxPerGroup = q.bound("max_per_group")
	r.NoExplore = !q.flagOr("explore", true)
}

// answerOptions reads how the list is to be written.
func (q *query) answerOptions(r *listRequest, httpRequest *http.Request) {
	q.fields("fields", &r.fields)
	r.Explain = q.flag("explain")
	r.Locale = q.choice("locale", localeJA, localeEN)
	if r.Locale == "" {
		r.Locale = locale(httpRequest.Header.Get("Accept-Language"))
	}
	r.minSeq = q.sequence("min_seq")
}

// zeroBound refuses a bound of 0, which the engine takes for none given.
func zeroBound(field string) error {
	return recommend.Invalid(field, "must be between 1 and %d, or -1 for no bound, got 0", recommend.MaxLimit)
}

func repeatOf(name string) recommend.Repeat {
	switch name {
	case "allow":
		return recommend.RepeatAllow
	case "exclude":
		return recommend.RepeatExclude
	default:
		return recommend.RepeatDefault
	}
}

// checkPrices returns nil, and not a nil *Error, when the bounds make sense.
func checkPrices(prefix string, f *recommend.Filter) error {
	bounds := [...]struct {
		field string
		major *float64
	}{{"price_min", f.PriceMin}, {"price_max", f.PriceMax}}
	for _, b := range bounds {
		if b.major != nil && (math.IsNaN(*b.major) || *b.major < 0 || *b.major > recommend.MaxAmount) {
			return recommend.Invalid(recommend.JoinField(prefix, b.field), "must be between 0 and %d, got %v", int64(recommend.MaxAmount), *b.major)
		}
	}
	if f.PriceMin != nil && f.PriceMax != nil && *f.PriceMin > *f.PriceMax {
		return recommend.Invalid(recommend.JoinField(prefix, "price_min"), "must not be above price_max")
	}
	return nil
}

// recommendDocument is the body of POST /recommend.
type recommendDocument struct {
	CustomerID     string          `json:"customer_id"`
	AnonymousID    string          `json:"anonymous_id"`
	SessionID      string          `json:"session_id"`
	ItemID         string          `json:"item_id"`
	Cart           []string        `json:"cart"`
	SessionItems   []string        `json:"session_items"`
	Placement      string          `json:"placement"`
	Model          string          `json:"model"`
	Limit          *int            `json:"limit"`
	Exclude        []string        `json:"exclude"`
	Filter         *filterDocument `json:"filter"`
	Repeat         string          `json:"repeat"`
	Diversity      *float64        `json:"diversity"`
	MaxPerCategory *int            `json:"max_per_category"`
	MaxPerGroup    *int            `json:"max_per_group"`
	Explore        *bool           `json:"explore"`
	Fields         []string        `json:"fields"`
	Explain        bool            `json:"explain"`
	Locale         string          `json:"locale"`
	MinSeq         uint64          `json:"min_seq"`
}

type filterDocument struct {
	Category           []string `json:"category"`
	Tags               []string `json:"tags"`
	PriceMin           *float64 `json:"price_min"`
	PriceMax           *float64 `json:"price_max"`
	IncludeUnavailable bool     `json:"include_unavailable"`
}

// postRecommend answers from a JSON body, which can hold what a query cannot: a
// cart and a session the storefront keeps itself.
func (s *Server) postRecommend(c echo.Context) error {
	if err := noQuery(c.Request()); err != nil {
		return err
	}
	body, _, err := readBody(c.Response(), c.Request(), s.bodyLimit, mediaJSON)
	if err != nil {
		return err
	}
	var doc recommendDocument
	if fault := strictjson.UnmarshalObject(body, &doc); fault != nil {
		return fault
	}
	w := beginList(c)
	defer w.end()
	if err := doc.request(&w.request, c.Request().Header.Get("Accept-Language")); err != nil {
		return err
	}
	return s.answerRecommend(c, w)
}

// request reads the document into r.
func (d *recommendDocument) request(r *listRequest, acceptLanguage string) error {
	*r = listRequest{
		Request: recommend.Request{
			CustomerID:   d.CustomerID,
			AnonymousID:  d.AnonymousID,
			SessionID:    d.SessionID,
			ItemID:       d.ItemID,
			Cart:         d.Cart,
			SessionItems: d.SessionItems,
			Placement:    d.Placement,
			Model:        d.Model,
			Limit:        recommend.DefaultLimit,
			Exclude:      d.Exclude,
			Repeat:       repeatOf(d.Repeat),
			Diversity:    d.Diversity,
			NoExplore:    d.Explore != nil && !*d.Explore,
			Explain:      d.Explain,
			Locale:       d.Locale,
		},
		minSeq: d.MinSeq,
	}
	if d.Limit != nil {
		if err := between("limit", *d.Limit, 1, recommend.MaxLimit); err != nil {
			return err
		}
		r.Limit, r.limitGiven = *d.Limit, true
	}
	for _, bound := range [...]struct {
		field string
		given *int
		into  *int
	}{{"max_per_category", d.MaxPerCategory, &r.MaxPerCategory}, {"max_per_group", d.MaxPerGroup, &r.MaxPerGroup}} {
		if bound.given == nil {
			continue
		}
		if *bound.given == 0 {
			return zeroBound(bound.field)
		}
		*bound.into = *bound.given
	}
	switch d.Repeat {
	case "", "allow", "exclude":
	default:
		return notOneOf("repeat", d.Repeat, []string{"allow", "exclude"})
	}
	switch d.Locale {
	case "":
		r.Locale = locale(acceptLanguage)
	case localeJA, localeEN:
	default:
		return notOneOf("locale", d.Locale, []string{localeJA, localeEN})
	}
	for i, name := range d.Fields {
		if err := r.fields.add("fields["+strconv.Itoa(i)+"]", name); err != nil {
			return err
		}
	}
	if f := d.Filter; f != nil {
		r.Filter = recommend.Filter{
			Category: f.Category, Tags: f.Tags,
			PriceMin: f.PriceMin, PriceMax: f.PriceMax,
			IncludeUnavailable: f.IncludeUnavailable,
		}
		if err := checkPrices("filter", &r.Filter); err != nil {
			return err
		}
	}
	return checkIDs(&r.Request)
}

func checkIDs(r *recommend.Request) error {
	return validIDs([]idField{
		{"customer_id", r.CustomerID},
		{"anonymous_id", r.AnonymousID},
		{"session_id", r.SessionID},
		{"item_id", r.ItemID},
		{"placement", r.Placement},
		{"model", r.Model},
	}, []idList{
		{"cart", r.Cart, maxContextIDs},
		{"session_items", r.SessionItems, maxContextIDs},
		{"exclude", r.Exclude, maxContextIDs},
		{"filter.category", r.Filter.Category, filter.MaxConditions},
		{"filter.tags", r.Filter.Tags, filter.MaxConditions},
	})
}

// answerRecommend answers both forms of /recommend.
func (s *Server) answerRecommend(c echo.Context, w *listWork) error {
	r := &w.request
	view, err := s.viewAt(c, r.minSeq)
	if err != nil {
		return err
	}
	if r.Placement == "" {
		r.Placement = "home"
	}
	a := s.arrangementOf(r.Placement)
	var answer recommend.Answer
	if a == nil {
		answer, err = view.Recommend(&r.Request)
	} else {
		a.complete(r)
		answer, err = a.recommend(view, r)
	}
	if err != nil {
		return s.namePlacements(err, r.Placement)
	}
	s.metrics.Recommendation(r.Placement, answer.Stages, len(answer.Items), r.Limit)
	w.key = a.appendKey(appendRequest(w.key, "recommend", r))
	w.render(view, listHead{placement: r.Placement}, &answer)
	setLanguage(c, r.Locale)
	return answerJSON(c, w.body)
}
