package api

import (
	"crypto/sha256"
	"encoding/binary"
	"math"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"osusume/recommend"
	"osusume/recommend/engine"
)

// listHead is what precedes the items of an answer. kind is the relation of
// /related and the ranking of /popular, empty for /recommend.
type listHead struct {
	id              []byte
	placement, kind string
}

// render writes the answer to the request in w, whose key is complete, and returns
// where in it the state begins.
func (w *listWork) render(view *engine.View, head listHead, answer *recommend.Answer) (state int) {
	r := &w.request
	var lookup func(string) (*recommend.Item, bool)
	if r.fields != 0 {
		lookup = view.Item
	}
	head.id = appendRecommendationID(w.id[:0], w.key, answer.AppliedSeq)
	w.body = appendAnswer(w.body[:0], head, answer, r.fields, r.Locale, lookup)
	state = len(w.body)
	w.body = appendState(w.body, answer.AsOf, answer.AppliedSeq)
	return state
}

// keep makes the answer rendered in w, with its state at state, one to send now and, for as long as Views
// hold what it rests on, again.
func (s *Server) keep(view *engine.View, basis engine.Basis, w *listWork, state int, answer *recommend.Answer) *cachedAnswer {
	a := &cachedAnswer{
		key:    string(w.key),
		view:   view.Weak(),
		basis:  basis,
		body:   append([]byte(nil), w.body...),
		state:  state,
		stages: slices.Clone(answer.Stages), // the engine may use its own again
		items:  len(answer.Items),
	}
	a.tag(answer.AppliedSeq)
	s.answers.put(a)
	return a
}

// sendCached sends an answer that is everybody's, or says that the client has it
// already.
func (s *Server) sendCached(c echo.Context, r *listRequest, placement string, a *cachedAnswer) error {
	s.metrics.Recommendation(placement, a.stages, a.items, r.Limit)
	setLanguage(c, r.Locale)
	h := c.Response().Header()
	h[headerETag] = a.etag
	h[headerCacheControl] = valueNoCache
	if matches(c.Request(), a.etag[0]) {
		s.answers.countNotModified()
		return sendNotModified(c)
	}
	return send(c, http.StatusOK, valueJSON, a.body)
}

// setLanguage names the language of the texts in an answer.
func setLanguage(c echo.Context, locale string) {
	value := valueJA
	if locale == localeEN {
		value = valueEN
	}
	c.Response().Header()[headerContentLanguage] = value
}

// answerPrefix is what every answer begins with; the id follows.
const answerPrefix = `{"recommendation_id":"`

// appendAnswer appends the answer but for its state, which appendState appends.
// lookup finds catalog entries for
// fields; it is not called when fields is empty.
func appendAnswer(b []byte, head listHead, answer *recommend.Answer, fields fieldSet, locale string, lookup func(string) (*recommend.Item, bool)) []byte {
	b = append(b, answerPrefix...)
	b = append(b, head.id...)
	b = append(b, `","items":[`...)
	for i := range answer.Items {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendRecommendation(b, &answer.Items[i], fields, locale, lookup)
	}
	b = append(b, `],"stages":[`...)
	for i, stage := range answer.Stages {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendString(b, string(stage))
	}
	b = append(b, `],"placement":`...)
	b = appendString(b, head.placement)
	b = appendNonEmpty(b, "kind", head.kind)
	b = append(b, `,"model":{"name":`...)
	return appendString(b, answer.Model)
}

// appendState ends an answer with the state that it is made from. Beside the id,
// this is all in which answers of the same items differ.
func appendState(b []byte, asOf time.Time, appliedSeq uint64) []byte {
	if !asOf.IsZero() {
		b = append(b, `,"as_of":`...)
		b = appendTime(b, asOf)
	}
	b = append(b, `},"applied_seq":`...)
	b = strconv.AppendUint(b, appliedSeq, 10)
	return append(b, '}')
}

func appendRecommendation(b []byte, rec *recommend.Recommendation, fields fieldSet, locale string, lookup func(string) (*recommend.Item, bool)) []byte {
	b = append(b, `{"item_id":`...)
	b = appendString(b, rec.ItemID)
	b = append(b, `,"score":`...)
	b = appendScore(b, rec.Score)
	b = append(b, `,"stage":"`...)
	b = append(b, rec.Stage...) // of a closed set, as the codes of reasons are
	b = append(b, `","reasons":[`...)
	for i := range rec.Reasons {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendReason(b, &rec.Reasons[i])
	}
	b = append(b, ']')
	if fields != 0 {
		if it, ok := lookup(rec.ItemID); ok {
			b = fields.append(b, it, locale)
		}
	}
	return append(b, '}')
}

// appendReason appends one reason with the evidence its code has: support of a
// number of cases, buyers within a window, or none.
func appendReason(b []byte, r *recommend.Reason) []byte {
	b = append(b, `{"code":"`...)
	b = append(b, r.Code...)
	b = append(b, '"')
	b = appendNonEmpty(b, "item_id", r.ItemID)
	switch r.Code {
	case recommend.ReasonBoughtTogether, recommend.ReasonAlsoBought, recommend.ReasonViewedTogether, recommend.ReasonBuyAgain:
		b = appendEvidence(b, r.Support, `,"of":`, r.Of)
	case recommend.ReasonTrending, recommend.ReasonBestseller:
		b = appendEvidence(b, r.Support, `,"window_days":`, r.Of)
	case recommend.ReasonRecentlyViewed, recommend.ReasonSimilar, recommend.ReasonNewArrival, recommend.ReasonInCatalog:
		// The reason says all there is; "0 of 0" would look like evidence.
	}
	b = appendNonEmpty(b, "text", r.Text)
	return append(b, '}')
}

func appendEvidence(b []byte, support uint32, name string, n uint32) []byte {
	b = append(b, `,"support":`...)
	b = strconv.AppendUint(b, uint64(support), 10)
	b = append(b, name...)
	return strconv.AppendUint(b, uint64(n), 10)
}

// appendRecommendationID appends the id of an answer, derived from the request
// and the state it was answered from, so that the same question about the same
// state has the same id, on every replica.
func appendRecommendationID(b, canonical []byte, appliedSeq uint64) []byte {
	sum := sha256.Sum256(binary.BigEndian.AppendUint64(canonical, appliedSeq))
	return appendID(append(b, "r_"...), sum[:16])
}

// recommendationIDBytes is the length of an id.
const recommendationIDBytes = 2 + 26

// canonicalBytes is room for the encoding of most requests.
const canonicalBytes = 512

// appendRequest appends a canonical encoding of everything in r that can change
// the answer. min_seq cannot: it decides when to answer, not what.
func appendRequest(b []byte, route string, r *listRequest) []byte {
	return appendRequestFields(appendField(b, route), r)
}

// appendRoute appends what appendField makes of the parts written together.
func appendRoute(b []byte, parts ...string) []byte {
	n := 0
	for _, part := range parts {
		n += len(part)
	}
	b = strconv.AppendInt(b, int64(n), 10)
	b = append(b, ':')
	for _, part := range parts {
		b = append(b, part...)
	}
	return b
}

func appendRequestFields(b []byte, r *listRequest) []byte {
	for _, s := range [...]string{r.CustomerID, r.AnonymousID, r.SessionID, r.ItemID, r.Placement, r.Model, r.Locale} {
		b = appendField(b, s)
	}
	for _, list := range [...][]string{r.Cart, r.SessionItems, r.Exclude, r.Filter.Category, r.Filter.Tags} {
		b = strconv.AppendInt(b, int64(len(list)), 10)
		b = append(b, '#')
		for _, s := range list {
			b = appendField(b, s)
		}
	}
	for _, bound := range [...]*float64{r.Filter.PriceMin, r.Filter.PriceMax, r.Diversity} {
		if bound == nil {
			b = append(b, '-')
			continue
		}
		b = append(b, '+')
		b = binary.BigEndian.AppendUint64(b, math.Float64bits(*bound))
	}
	b = strconv.AppendBool(b, r.Filter.IncludeUnavailable)
	b = strconv.AppendBool(b, r.Explain)
	b = strconv.AppendBool(b, r.NoExplore)
	b = append(b, byte(r.Repeat))
	b = binary.BigEndian.AppendUint32(b, uint32(r.fields))
	for _, n := range [...]int{r.Limit, r.MaxPerCategory, r.MaxPerGroup} {
		b = strconv.AppendInt(b, int64(n), 10)
		b = append(b, ';')
	}
	return b
}
