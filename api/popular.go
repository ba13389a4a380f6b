package api

import (
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"osusume/recommend"
)

// maxWindowDays is ten years: further back, "all" says it better.
const maxWindowDays = 3650

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
	canonical := appendRequest(nil, "popular/"+kind+"/"+strconv.Itoa(days), &r)
	id := recommendationID(canonical, answer.AppliedSeq)
	return s.answerList(c, view, &r, listHead{id: id, placement: PlacementPopular, kind: kind}, &answer)
}

// window reads a number of whole UTC days ("30d") or "all", which is 0.
func (q *query) window(name string) int {
	value, given := q.one(name)
	if !given || value == "all" {
		return 0
	}
	digits, ok := strings.CutSuffix(value, "d")
	days, err := strconv.Atoi(digits)
	if !ok || err != nil || days < 1 || days > maxWindowDays {
		q.fail(recommend.Invalid(name, "must be all or a number of days from 1d to %dd, got %q", maxWindowDays, clip(value)))
		return 0
	}
	return days
}
