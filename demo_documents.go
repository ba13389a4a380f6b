package main

import (
	"fmt"

	"github.com/go-json-experiment/json"

	"osusume/bench/demoshop"
	"osusume/recommend"
	"osusume/recommend/live"
)

// putDemoDocuments adds the demo shop's placements, rules and offers. What is
// there stays as it is: a filling that was stopped goes on, and nobody's change
// is lost.
func putDemoDocuments(d *live.Documents) error {
	add := func(kind recommend.DocumentKind, id string, body []byte, err error) error {
		if _, there := d.Configuration().Document(kind, id); there {
			return nil
		}
		if err == nil {
			_, err = d.Change(kind, id, func(*recommend.Document) ([]byte, error) { return body, nil })
		}
		if err != nil {
			return fmt.Errorf("add %s %s: %w", kind, id, err)
		}
		return nil
	}
	// Rules name placements, so those come first.
	for _, p := range demoshop.Placements() {
		body, err := json.Marshal(&p, json.Deterministic(true))
		if err := add(recommend.DocumentPlacement, p.ID, body, err); err != nil {
			return err
		}
	}
	for _, r := range demoshop.Rules() {
		body, err := json.Marshal(&r, json.Deterministic(true))
		if err := add(recommend.DocumentRule, r.ID, body, err); err != nil {
			return err
		}
	}
	for _, o := range demoshop.Offers() {
		body, err := o.JSON()
		if err := add(recommend.DocumentOffer, o.ID, body, err); err != nil {
			return err
		}
	}
	return nil
}
