package api

import (
	"osusume/recommend"
	"osusume/recommend/placement"
	"osusume/recommend/strictjson"
)

// placements is the resource of named slots.
func (s *Server) placements() *resource {
	return &resource{s: s, kind: recommend.DocumentPlacement, plural: "placements", decode: func(body []byte) ([]byte, error) {
		var p placement.Placement
		if fault := strictjson.UnmarshalObject(body, &p); fault != nil {
			return nil, fault
		}
		return canonical(&p)
	}}
}
