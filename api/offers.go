package api

import (
	"fmt"

	"osusume/recommend"
	"osusume/recommend/offer"
)

// offers is the resource of offers.
func (s *Server) offers() *resource {
	return &resource{
		s: s, kind: recommend.DocumentOffer, plural: "offers", taken: []string{"decide", "decisions"},
		decode: func(body []byte) ([]byte, error) {
			o, err := offer.Parse(body)
			if err != nil {
				return nil, err
			}
			return o.JSON()
		},
		allowed: func(old, body []byte) error {
			was, err := offer.Parse(old)
			if err != nil {
				return fmt.Errorf("read stored offer: %w", err)
			}
			next, err := offer.Parse(body)
			if err != nil {
				return err
			}
			if !was.Status.CanBecome(next.Status) {
				return &recommend.Error{
					Code: recommend.CodeConflict, Field: "status",
					Message: fmt.Sprintf("an offer that is %s cannot become %q", was.Status, string(next.Status)),
				}
			}
			return nil
		},
	}
}
