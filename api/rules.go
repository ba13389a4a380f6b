package api

import (
	"osusume/recommend"
	"osusume/recommend/placement"
)

// rules is the resource of merchandising rules.
func (s *Server) rules() *resource {
	return &resource{s: s, kind: recommend.DocumentRule, plural: "rules", decode: func(body []byte) ([]byte, error) {
		var r placement.Rule
		if fault := decodeObject(body, &r); fault != nil {
			return nil, fault
		}
		return canonical(&r)
	}}
}
