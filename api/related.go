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
	q := newQuery(c.Request())
	kind := recommend.RelatedKind(q.choice("kind",
		string(recommend.AlsoBought), string(recommend.AlsoViewed), string(recommend.Similar), string(recommend.BoughtTogether)))
	if kind == "" {
		kind = recommend.AlsoBought
	}
	var r listRequest
	r.ItemID = id
	q.listOptions(&r)
	q.answerOptions(&r, c.Request())
	if err := q.finish(); err != nil {
		return err
	}
	view, err := s.viewAt(c, r.minSeq)
	if err != nil {
		return err
	}
	answer, err := view.Related(kind, &r.Request)
	if err != nil {
		return err
	}
	s.metrics.Recommendation(PlacementRelated, answer.Stages, len(answer.Items), r.Limit)
	answerID := recommendationID(appendRequest(make([]byte, 0, canonicalBytes), "related/"+string(kind), &r), answer.AppliedSeq)
	return s.answerList(c, view, &r, listHead{id: answerID, placement: PlacementRelated, kind: string(kind)}, &answer)
}
