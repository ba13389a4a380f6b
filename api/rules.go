package api

import (
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/labstack/echo/v4"

	"osusume/recommend"
	"osusume/recommend/engine"
	"osusume/recommend/placement"
	"osusume/recommend/strictjson"
)

// rules is the resource of merchandising rules.
func (s *Server) rules() *resource {
	return &resource{
		s: s, kind: recommend.DocumentRule, plural: "rules", taken: []string{"preview"},
		decode: func(body []byte) ([]byte, error) {
			var r placement.Rule
			if fault := strictjson.UnmarshalObject(body, &r); fault != nil {
				return nil, fault
			}
			return canonical(&r)
		},
	}
}

// previewDocument is the body of POST /rules/preview.
type previewDocument struct {
	Rule    jsontext.Value    `json:"rule"`
	Request recommendDocument `json:"request"`
	At      *time.Time        `json:"at"`
}

// postPreview shows what a rule would change in one list, and changes nothing:
// the list with the rules there are, and with this one added, or in the place of
// the one of its id.
func (s *Server) postPreview(c echo.Context) error {
	if err := noQuery(c.Request()); err != nil {
		return err
	}
	body, _, err := readBody(c.Response(), c.Request(), s.bodyLimit, mediaJSON)
	if err != nil {
		return err
	}
	var doc previewDocument
	if fault := strictjson.UnmarshalObject(body, &doc); fault != nil {
		return fault
	}
	rule, err := s.previewed(doc.Rule)
	if err != nil {
		return err
	}
	w := beginList(c)
	defer w.end()
	r := &w.request
	if err := doc.Request.request(r, c.Request().Header.Get("Accept-Language")); err != nil {
		return withinField("request", err)
	}
	d, err := s.documents()
	if err != nil {
		return err
	}
	view, err := s.viewAt(c, r.minSeq)
	if err != nil {
		return err
	}
	if r.Placement == "" {
		r.Placement = engine.DefaultPlacement
	}
	conf := d.Configuration()
	a := arrangement{configuration: conf, now: s.clock(), zone: s.shop.Zone(), placement: conf.Placement(r.Placement)}
	if doc.At != nil {
		a.now = *doc.At
	}
	a.complete(r)
	a.rules = conf.Rules().InForce(r.Placement, a.now)
	before, err := a.recommend(view, r)
	if err != nil {
		return withinField("request", err)
	}
	with := conf.Rules().With(rule).InForce(r.Placement, a.now)
	a.rules = with
	after, effect, err := a.recommended(view, r)
	if err != nil {
		return withinField("request", err)
	}
	return answerJSON(c, appendPreview(make([]byte, 0, 1024), &before, &after, &effect, with.IDs(), rule.Rule().ID))
}

// previewed compiles the rule of a preview, which needs no id of its own.
func (s *Server) previewed(raw jsontext.Value) (placement.Compiled, error) {
	if len(raw) == 0 {
		return placement.Compiled{}, recommend.Invalid("rule", "is required")
	}
	var rule placement.Rule
	if fault := strictjson.UnmarshalObject(raw, &rule); fault != nil {
		fault.Field = recommend.JoinField("rule", fault.Field)
		return placement.Compiled{}, fault
	}
	if rule.ID == "" {
		rule.ID = "preview"
	}
	compiled, err := placement.Compile(rule, time.Time{})
	return compiled, withinField("rule", err)
}

// withinField says that an error is about a part of the body.
func withinField(field string, err error) error {
	if err == nil {
		return nil
	}
	e := *asError(err)
	if e.Code == recommend.CodeInternal {
		return err
	}
	e.Field = recommend.JoinField(field, e.Field)
	return &e
}

func appendPreview(b []byte, before, after *recommend.Answer, effect *placement.Effect, inForce []string, rule string) []byte {
	was := make(map[string]int, len(before.Items))
	for i := range before.Items {
		was[before.Items[i].ItemID] = i + 1
	}
	applies, changed := false, len(before.Items) != len(after.Items)
	for _, id := range inForce {
		applies = applies || id == rule
	}
	places := append(make([]byte, 0, 64*len(after.Items)), '[')
	is := make(map[string]bool, len(after.Items))
	for i := range after.Items {
		id := after.Items[i].ItemID
		is[id] = true
		if i > 0 {
			places = append(places, ',')
		}
		places = append(places, `{"item_id":`...)
		places = appendString(places, id)
		if n := was[id]; n > 0 {
			places = append(places, `,"before":`...)
			places = strconv.AppendInt(places, int64(n), 10)
		}
		changed = changed || was[id] != i+1
		if i < len(effect.Shown) {
			places = appendNonEmptyList(places, "rules", effect.Shown[i].Rules)
		}
		places = append(places, '}')
	}
	b = append(b, `{"in_force":`...)
	b = strconv.AppendBool(b, applies)
	b = append(b, `,"changed":`...)
	b = strconv.AppendBool(b, changed)
	b = append(b, `,"before":[`...)
	for i := range before.Items {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendString(b, before.Items[i].ItemID)
	}
	b = append(b, `],"after":`...)
	b = append(append(b, places...), ']')
	b = append(b, `,"gone":[`...)
	first := true
	for i := range before.Items {
		if id := before.Items[i].ItemID; !is[id] {
			if !first {
				b = append(b, ',')
			}
			first = false
			b = appendString(b, id)
		}
	}
	return append(b, ']', '}')
}
