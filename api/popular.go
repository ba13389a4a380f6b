package api

import (
	"strconv"

	"github.com/labstack/echo/v4"

	"osusume/recommend"
	"osusume/recommend/engine"
)

// getPopular lists bestsellers, or what is selling faster than usual.
func (s *Server) getPopular(c echo.Context) error {
	q := newQuery(c.Request())
	days := q.window("window")
	trending := q.flag("trending")
	var r listRequest
	q.listOptions(&r)
	q.answerOptions(&r, c.Request())
	if err := q.finish(); err != nil {
		return err
	}
	view, err := s.viewAt(c, r.minSeq)
	if err != nil {
		return err
	}
	answer, err := view.Popular(&recommend.PopularQuery{
		WindowDays: days,
		Trending:   trending,
		Limit:      r.Limit,
		Exclude:    r.Exclude,
		Filter:     r.Filter,
		Explain:    r.Explain,
		Locale:     r.Locale,
	})
	if err != nil {
		return err
	}
	s.metrics.Recommendation(PlacementPopular, answer.Stages, len(answer.Items), r.Limit)
	kind := "bestseller"
	if trending {
		kind = "trending"
	}
	canonical := appendRequest(make([]byte, 0, canonicalBytes), "popular/"+kind+"/"+strconv.Itoa(days), &r)
	id := recommendationID(canonical, answer.AppliedSeq)
	return s.answerList(c, view, &r, listHead{id: id, placement: PlacementPopular, kind: kind}, &answer)
}

// window reads one of the windows the index keeps ("30d"); "all" is 0.
func (q *query) window(name string) int {
	value, given := q.one(name)
	if !given {
		return 0
	}
	var names []string
	for _, days := range engine.Windows() {
		known := "all"
		if days > 0 {
			known = strconv.Itoa(days) + "d"
		}
		if value == known {
			return days
		}
		names = append(names, known)
	}
	q.fail(notOneOf(name, value, names))
	return 0
}
