package api

import (
	"crypto/sha256"
	"encoding/binary"
	"math"
	"strconv"

	"github.com/labstack/echo/v4"

	"osusume/recommend"
	"osusume/recommend/engine"
)

// listHead is what precedes the items of an answer. kind is the relation of
// /related and the ranking of /popular, empty for /recommend.
type listHead struct {
	id, placement, kind string
}

// answerList sends a list.
func (s *Server) answerList(c echo.Context, view *engine.View, r *listRequest, head listHead, answer *recommend.Answer) error {
	h := c.Response().Header()
	h[headerContentLanguage] = valueJA
	if r.Locale == localeEN {
		h[headerContentLanguage] = valueEN
	}
	var lookup func(string) (*recommend.Item, bool)
	if r.fields != 0 {
		lookup = view.Item
	}
	b := make([]byte, 0, 256+listItemBytes(r)*len(answer.Items))
	return answerJSON(c, appendAnswer(b, head, answer, r.fields, r.Locale, lookup))
}

// listItemBytes estimates the room one item takes, so that most answers are
// written without growing the buffer.
func listItemBytes(r *listRequest) int {
	n := 160
	if r.Explain {
		n += 160
	}
	if r.fields != 0 {
		n += 256
	}
	return n
}

// appendAnswer appends the whole answer. lookup finds catalog entries for
// fields; it is not called when fields is empty.
func appendAnswer(b []byte, head listHead, answer *recommend.Answer, fields fieldSet, locale string, lookup func(string) (*recommend.Item, bool)) []byte {
	b = append(b, `{"recommendation_id":"`...)
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
	b = appendString(b, answer.Model)
	if !answer.AsOf.IsZero() {
		b = append(b, `,"as_of":`...)
		b = appendTime(b, answer.AsOf)
	}
	b = append(b, `},"applied_seq":`...)
	b = strconv.AppendUint(b, answer.AppliedSeq, 10)
	return append(b, '}')
}

func appendRecommendation(b []byte, rec *recommend.Recommendation, fields fieldSet, locale string, lookup func(string) (*recommend.Item, bool)) []byte {
	b = append(b, `{"item_id":`...)
	b = appendString(b, rec.ItemID)
	b = append(b, `,"score":`...)
	b = appendScore(b, rec.Score)
	b = append(b, `,"stage":`...)
	b = appendString(b, string(rec.Stage))
	b = append(b, `,"reasons":[`...)
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

// recommendationID derives the id of an answer from the request and the state
// it was answered from, so that the same question about the same state has the
// same id, on every replica.
func recommendationID(canonical []byte, appliedSeq uint64) string {
	canonical = binary.BigEndian.AppendUint64(canonical, appliedSeq)
	sum := sha256.Sum256(canonical)
	return string(appendID(append(make([]byte, 0, 32), "r_"...), sum[:16]))
}

// canonicalBytes is room for the encoding of most requests.
const canonicalBytes = 512

// appendRequest appends a canonical encoding of everything in r that can change
// the answer. min_seq cannot: it decides when to answer, not what.
func appendRequest(b []byte, route string, r *listRequest) []byte {
	b = appendField(b, route)
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
