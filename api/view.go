package api

import (
	"context"

	"github.com/labstack/echo/v4"

	"osusume/recommend"
	"osusume/recommend/engine"
)

// viewAt returns a View that includes minSeq, waiting for it at most
// AwaitTimeout. Errors: invalid when minSeq was never acknowledged,
// unavailable when the time runs out.
func (s *Server) viewAt(c echo.Context, minSeq uint64) (*engine.View, error) {
	view := s.shop.View()
	if minSeq == 0 || view.Seq() >= minSeq {
		return view, nil
	}
	if newest := s.shop.Status().Acknowledged; minSeq > newest {
		return nil, recommend.Invalid("min_seq", "must be a sequence number an earlier answer gave; the newest is %d, got %d", newest, minSeq)
	}
	ctx, cancel := context.WithTimeout(c.Request().Context(), s.awaitTimeout)
	defer cancel()
	if err := s.shop.Await(ctx, minSeq); err != nil {
		if ctx.Err() == nil {
			return nil, err
		}
		return nil, &recommend.Error{
			Code: recommend.CodeUnavailable, Field: "min_seq",
			Message: "is acknowledged but not yet part of the answers; ask again",
		}
	}
	return s.shop.View(), nil
}
