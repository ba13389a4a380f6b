package api

import (
	"bytes"

	"github.com/labstack/echo/v4"

	"osusume/recommend"
	"osusume/recommend/strictjson"
)

// settleDocument is the body of the routes that end a reservation; it may be
// left out.
type settleDocument struct {
	OfferID string `json:"offer_id"`
}

// postConfirm redeems what a decision reserved.
func (s *Server) postConfirm(c echo.Context) error {
	d, err := s.decisions()
	if err != nil {
		return err
	}
	return s.settle(c, "confirmed", d.Confirm)
}

// postRelease gives back what a decision reserved.
func (s *Server) postRelease(c echo.Context) error {
	d, err := s.decisions()
	if err != nil {
		return err
	}
	return s.settle(c, "released", d.Release)
}

func (s *Server) settle(c echo.Context, state string, end func(decisionID, offerID string) ([]string, error)) error {
	id, err := pathID(c.Request(), "decision_id", c.Param("decision_id"))
	if err != nil {
		return err
	}
	if err := noQuery(c.Request()); err != nil {
		return err
	}
	var doc settleDocument
	// A body needs its Content-Type; none at all is fine.
	if c.Request().ContentLength != 0 || c.Request().Header.Get("Content-Type") != "" {
		body, _, err := readBody(c.Response(), c.Request(), s.bodyLimit, mediaJSON)
		if err != nil {
			return err
		}
		if len(bytes.TrimSpace(body)) > 0 {
			if fault := strictjson.UnmarshalObject(body, &doc); fault != nil {
				return fault
			}
		}
	}
	if doc.OfferID != "" {
		if err := recommend.ValidateID("offer_id", doc.OfferID); err != nil {
			return err
		}
	}
	offers, err := end(id, doc.OfferID)
	if err != nil {
		return err
	}
	b := append(make([]byte, 0, 128), `{"decision_id":`...)
	b = appendString(b, id)
	b = append(b, `,"`...)
	b = append(b, state...)
	b = append(b, `":`...)
	b = appendStrings(b, offers)
	return answerJSON(c, append(b, '}'))
}
