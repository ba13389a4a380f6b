package api

import (
	"strconv"

	"github.com/labstack/echo/v4"

	"osusume/recommend"
	"osusume/recommend/engine"
)

// getPopular lists bestsellers, or what is selling faster than usual.
func (s *Server) getPopular(c echo.Context) error {
	w := beginList(c)
	defer w.end()
	q, r := &w.query, &w.request
	days := q.window("window")
	trending := q.flag("trending")
	slot := q.id("placement")
	q.listOptions(r)
	q.answerOptions(r, c.Request())
	if err := q.finish(); err != nil {
		return err
	}
	view, err := s.viewAt(c, r.minSeq)
	if err != nil {
		return err
	}
	kind := "bestseller"
	if trending {
		kind = "trending"
	}
	a, err := s.arrangementNamed(view, slot)
	if err != nil {
		return err
	}
	var room [16]byte
	w.key = appendRoute(w.key, "popular/", kind, "/", string(strconv.AppendInt(room[:0], int64(days), 10)))
	if a != nil {
		return s.sendArranged(c, w, view, a, slot, listHead{placement: PlacementPopular, kind: kind}, func(req *recommend.Request) (recommend.Answer, error) {
			return popular(view, req, days, trending)
		})
	}
	w.key = appendRequestFields(w.key, r)
	if a := s.answers.get(view, w.key); a != nil {
		return s.sendCached(c, r, PlacementPopular, a)
	}
	answer, err := popular(view, &r.Request, days, trending)
	if err != nil {
		return err
	}
	state := w.render(view, listHead{placement: PlacementPopular, kind: kind}, &answer)
	return s.sendCached(c, r, PlacementPopular, s.keep(view, view.PopularBasis(), w, state, &answer))
}

// popular asks for the bestsellers of a window, of all time when days is 0.
func popular(view *engine.View, req *recommend.Request, days int, trending bool) (recommend.Answer, error) {
	return view.Popular(&recommend.PopularQuery{
		WindowDays: days,
		Trending:   trending,
		Limit:      req.Limit,
		Exclude:    req.Exclude,
		Filter:     req.Filter,
		Explain:    req.Explain,
		Locale:     req.Locale,
	})
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
