package api

import (
	"github.com/labstack/echo/v4"

	"osusume/recommend"
)

// getRelated lists items related to one item.
func (s *Server) getRelated(c echo.Context) error {
	id, err := itemID(c)
	if err != nil {
		return err
	}
	w := beginList(c)
	defer w.end()
	q, r := &w.query, &w.request
	kind := recommend.RelatedKind(q.choice("kind",
		string(recommend.AlsoBought), string(recommend.AlsoViewed), string(recommend.Similar), string(recommend.BoughtTogether)))
	if kind == "" {
		kind = recommend.AlsoBought
	}
	slot := q.id("placement")
	r.ItemID = id
	q.listOptions(r)
	q.answerOptions(r, c.Request())
	if err := q.finish(); err != nil {
		return err
	}
	view, err := s.viewAt(c, r.minSeq)
	if err != nil {
		return err
	}
	a, err := s.arrangementNamed(view, slot)
	if err != nil {
		return err
	}
	w.key = appendRoute(w.key, "related/", string(kind))
	if a != nil {
		return s.sendArranged(c, w, view, a, slot, listHead{placement: PlacementRelated, kind: string(kind)}, func(req *recommend.Request) (recommend.Answer, error) {
			return view.Related(kind, req)
		})
	}
	w.key = appendRequestFields(w.key, r)
	if a := s.answers.get(view, w.key); a != nil {
		return s.sendCached(c, r, PlacementRelated, a)
	}
	answer, err := view.Related(kind, &r.Request)
	if err != nil {
		return err
	}
	state := w.render(view, listHead{placement: PlacementRelated, kind: string(kind)}, &answer)
	basis := view.RelatedBasis(kind, &r.Request, &answer)
	return s.sendCached(c, r, PlacementRelated, s.keep(view, basis, w, state, &answer))
}
