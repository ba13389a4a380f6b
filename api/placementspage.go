package api

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"osusume/recommend"
	"osusume/recommend/engine"
	"osusume/recommend/live"
	"osusume/recommend/offer"
	"osusume/recommend/placement"
	"osusume/recommend/strictjson"
	"osusume/recommend/upsell"
)

// pageDocument is the body of POST /placements/{placement_id}/page: what the
// visitor is doing, for all widgets of the page.
type pageDocument struct {
	CustomerID  string             `json:"customer_id"`
	AnonymousID string             `json:"anonymous_id"`
	SessionID   string             `json:"session_id"`
	ItemID      string             `json:"item_id"`
	Cart        *[]cartDocument    `json:"cart"`
	Exclude     []string           `json:"exclude"`
	Customer    *customerStatement `json:"customer"`
	Channel     string             `json:"channel"`
	Fields      []string           `json:"fields"`
	Explain     bool               `json:"explain"`
	Locale      string             `json:"locale"`
	MinSeq      uint64             `json:"min_seq"`
}

// pageWork is one page while its widgets are filled.
type pageWork struct {
	s    *Server
	view *engine.View
	at   *placement.Placement
	doc  *pageDocument
	// request is what all lists have in common; its Exclude grows by what is
	// shown, so that no item is on the page twice.
	request listRequest
	// decision is one for the page: its widgets share what it shows.
	decision decideDocument
	decided  offer.Decision
}

// postPage fills all widgets of a placement in one answer.
func (s *Server) postPage(c echo.Context) error {
	id, err := s.placements().id(c)
	if err != nil {
		return err
	}
	if err := noQuery(c.Request()); err != nil {
		return err
	}
	body, _, err := readBody(c.Response(), c.Request(), s.bodyLimit, mediaJSON)
	if err != nil {
		return err
	}
	p := pageWork{s: s, doc: &pageDocument{}}
	if fault := strictjson.UnmarshalObject(body, p.doc); fault != nil {
		return fault
	}
	d, err := s.documents()
	if err != nil {
		return err
	}
	if p.at = pagePlacement(d.Configuration(), s.shop.View(), id); p.at == nil {
		return s.unknownPlacement("placement_id", id, recommend.CodeNotFound)
	}
	if err := p.read(c.Request().Header.Get("Accept-Language")); err != nil {
		return err
	}
	if p.view, err = s.viewAt(c, p.doc.MinSeq); err != nil {
		return err
	}
	// What is offered is not listed beside it, wherever on the page it is.
	if err := p.decide(); err != nil {
		return err
	}
	b := append(make([]byte, 0, 4096), `{"placement":`...)
	b = appendString(b, id)
	b = append(b, `,"widgets":[`...)
	for i := range p.at.Widgets {
		if i > 0 {
			b = append(b, ',')
		}
		if b, err = p.fill(b, &p.at.Widgets[i]); err != nil {
			return err
		}
	}
	setLanguage(c, p.request.Locale)
	return answerJSON(c, append(b, ']', '}'))
}

// pagePlacement is the placement of a page: one of the shop's, or a built-in
// one; without widgets it is a page of one list. nil for none of that id.
func pagePlacement(c *live.Configuration, view *engine.View, id string) *placement.Placement {
	at := c.Placement(id)
	if at == nil {
		if !slices.Contains(view.Placements(), id) {
			return nil
		}
		at = &placement.Placement{ID: id}
	}
	if len(at.Widgets) > 0 {
		return at
	}
	page := *at
	page.Widgets = []placement.Widget{{ID: id, Kind: placement.WidgetRecommend, Limit: at.Limit}}
	return &page
}

// unknownPlacement names the placements there are, the shop's own among them.
func (s *Server) unknownPlacement(field, id string, code recommend.Code) error {
	known := s.shop.View().Placements()
	if d := s.shop.Documents(); d != nil {
		for _, doc := range d.Configuration().Documents(recommend.DocumentPlacement, "", maxNamedPlacements) {
			known = append(known, doc.ID)
		}
		slices.Sort(known)
		known = slices.Compact(known)
	}
	return &recommend.Error{
		Code: code, Field: field,
		Message: fmt.Sprintf("must be one of %s, got %q", strings.Join(known, ", "), recommend.Clip(id)),
	}
}

// namePlacements tells somebody who asked for a placement there is not of the
// shop's own as well; other errors stay as they are.
func (s *Server) namePlacements(err error, id string) error {
	if fault := new(recommend.Error); errors.As(err, &fault) && fault.Field == "placement" && fault.Code == recommend.CodeInvalid {
		return s.unknownPlacement("placement", id, recommend.CodeInvalid)
	}
	return err
}

// maxNamedPlacements bounds the placements of its own a shop is told of.
const maxNamedPlacements = 50

// read makes the document the request that all lists have in common.
func (p *pageWork) read(acceptLanguage string) error {
	d := p.doc
	asked := recommendDocument{
		CustomerID: d.CustomerID, AnonymousID: d.AnonymousID, SessionID: d.SessionID, ItemID: d.ItemID,
		Exclude: d.Exclude, Fields: d.Fields, Explain: d.Explain, Locale: d.Locale,
	}
	if d.Cart != nil {
		asked.Cart = []string{}
		for _, line := range *d.Cart {
			asked.Cart = append(asked.Cart, line.ItemID)
		}
	}
	if err := asked.request(&p.request, acceptLanguage); err != nil {
		return err
	}
	d.Locale = p.request.Locale
	return nil
}

// fill appends one widget.
func (p *pageWork) fill(b []byte, w *placement.Widget) ([]byte, error) {
	b = append(b, `{"id":`...)
	b = appendString(b, w.ID)
	b = append(b, `,"kind":`...)
	b = appendString(b, string(w.Kind))
	var err error
	switch w.Kind {
	case placement.WidgetOffers:
		b = append(b, `,"decision":`...)
		b, err = p.offers(b, w)
	case placement.WidgetUpsell:
		b = append(b, `,"upsell":`...)
		b, err = p.upsell(b, w)
	default:
		b = append(b, `,"list":`...)
		b, err = p.list(b, w)
	}
	return append(b, '}'), err
}

// list appends a list of items that are not on the page yet.
func (p *pageWork) list(b []byte, w *placement.Widget) ([]byte, error) {
	r := p.request
	r.Limit, r.limitGiven = recommend.DefaultLimit, w.Limit > 0
	if w.Limit > 0 {
		r.Limit = w.Limit
	}
	head := listHead{}
	if w.Kind != placement.WidgetRecommend {
		// Those lists know no cart, and popularity no item.
		r.Exclude = slices.Concat(r.Exclude, r.Cart)
		if r.ItemID != "" {
			r.Exclude = append(r.Exclude, r.ItemID)
		}
	}
	if r.Placement = w.Placement; r.Placement == "" {
		r.Placement = p.at.ID
	}
	ask := p.view.Recommend
	switch w.Kind {
	case placement.WidgetRelated:
		if r.ItemID == "" {
			return nil, recommend.Invalid("item_id", "is required: widget %s lists what is related to it", w.ID)
		}
		kind := recommend.AlsoBought
		if w.Relation != "" {
			kind = recommend.RelatedKind(w.Relation)
		}
		head.placement, head.kind = PlacementRelated, string(kind)
		ask = func(req *recommend.Request) (recommend.Answer, error) { return p.view.Related(kind, req) }
	case placement.WidgetPopular:
		head.placement, head.kind = PlacementPopular, "bestseller"
		ask = func(req *recommend.Request) (recommend.Answer, error) { return popular(p.view, req, 0, false) }
	default:
		head.placement = r.Placement
	}
	a := p.s.arrangementOf(r.Placement)
	var answer recommend.Answer
	var err error
	switch {
	case a == nil:
		answer, err = ask(&r.Request)
	case w.Kind == placement.WidgetRecommend:
		a.complete(&r)
		answer, err = a.recommend(p.view, &r)
	default:
		a.complete(&r)
		answer, _, err = a.arranged(p.view, &r, ask)
	}
	if err != nil {
		return nil, err
	}
	p.s.metrics.Recommendation(head.placement, answer.Stages, len(answer.Items), r.Limit)
	for i := range answer.Items {
		p.request.Exclude = append(p.request.Exclude, answer.Items[i].ItemID)
	}
	var id [recommendationIDBytes]byte
	key := appendField(appendField(nil, p.at.ID), w.ID)
	key = a.appendKey(appendRequestFields(key, &r))
	head.id = appendRecommendationID(id[:0], key, answer.AppliedSeq)
	b = appendAnswer(b, head, &answer, r.fields, r.Locale, p.view.Item)
	return appendState(b, answer.AsOf, answer.AppliedSeq), nil
}

// upsell appends suggestions of what is not on the page yet.
func (p *pageWork) upsell(b []byte, w *placement.Widget) ([]byte, error) {
	r := upsellRequest{fields: p.request.fields &^ impliedFields, locale: p.request.Locale}
	r.CustomerID, r.AnonymousID, r.SessionID = p.doc.CustomerID, p.doc.AnonymousID, p.doc.SessionID
	r.Surface, r.ItemID, r.Exclude = upsell.Surface(w.Surface), p.doc.ItemID, p.request.Exclude
	r.Zone = p.s.shop.Zone()
	if r.Limit = w.Limit; r.Limit == 0 {
		r.Limit = recommend.DefaultLimit
	}
	if w.FreeShipping > 0 {
		r.FreeShipping = recommend.Money{Amount: w.FreeShipping, Currency: defaultCurrency}
	}
	if p.doc.Cart != nil {
		cart := upsellDocument{Cart: *p.doc.Cart}
		if fault := cart.amounts(&r, defaultCurrency); fault != nil {
			return nil, fault
		}
	}
	if r.Surface == "" {
		switch {
		case r.ItemID != "":
			r.Surface = upsell.SurfaceProduct
		case len(r.Cart) > 0:
			r.Surface = upsell.SurfaceCart
		default:
			r.Surface = upsell.SurfaceAccount
		}
	}
	answer, err := p.view.Upsell(&r.UpsellRequest)
	if err != nil {
		return nil, err
	}
	p.unshown(&answer)
	for i := range answer.Suggestions {
		s := &answer.Suggestions[i]
		p.request.Exclude = append(append(p.request.Exclude, s.ItemID), s.PartIDs...)
	}
	key := appendUpsellRequest(appendField(appendField(nil, p.at.ID), w.ID), &r)
	b = append(b, answerPrefix...)
	b = appendRecommendationID(b, key, answer.AppliedSeq)
	b = append(b, '"')
	return appendSuggestions(b, &answer, &r, p.view.Item), nil
}

// unshown takes out bundles with a part that is on the page already.
func (p *pageWork) unshown(a *engine.UpsellAnswer) {
	kept := slices.DeleteFunc(a.Suggestions, func(s engine.Suggestion) bool {
		return slices.ContainsFunc(s.PartIDs, func(id string) bool { return slices.Contains(p.request.Exclude, id) })
	})
	if len(kept) < len(a.Suggestions) {
		a.Kinds = slices.DeleteFunc(slices.Clone(a.Kinds), func(k upsell.Kind) bool {
			return !slices.ContainsFunc(kept, func(s engine.Suggestion) bool { return s.Kind == k })
		})
	}
	a.Suggestions = kept
}

// decide decides once for all widgets of the page that show offers.
func (p *pageWork) decide() error {
	most := 0
	for i := range p.at.Widgets {
		if w := &p.at.Widgets[i]; w.Kind == placement.WidgetOffers {
			most += max(w.Limit, 1)
		}
	}
	if most == 0 {
		return nil
	}
	d, err := p.s.decisions()
	if err != nil {
		return err
	}
	p.decision = decideDocument{
		CustomerID: p.doc.CustomerID, AnonymousID: p.doc.AnonymousID, Channel: p.doc.Channel, Surface: p.at.ID,
		ItemID: p.doc.ItemID, Cart: p.doc.Cart, Customer: p.doc.Customer,
		Locale: p.doc.Locale, Explain: p.doc.Explain,
	}
	if err := p.decision.check(); err != nil {
		return err
	}
	r, err := p.s.decideRequest(&p.decision, p.view)
	if err != nil {
		return err
	}
	// More than there is room for, since of two offers of one item the page
	// shows the first.
	r.MaxOffers = math.MaxInt
	p.decided = d.Decide(r)
	p.fit(most)
	p.s.metrics.Decision(&p.decided)
	return nil
}

// fit keeps at most that many offers, none of them about an item of an earlier
// one; what is left out has lost its slot.
func (p *pageWork) fit(most int) {
	var about []string
	n := 0
	for _, o := range slices.Clone(p.decided.Shown) {
		items := o.Items()
		if n == most || slices.ContainsFunc(items, func(id string) bool { return slices.Contains(about, id) }) {
			p.decided.Lose(o, offer.SlotLimit)
			continue
		}
		n, about = n+1, append(about, items...)
	}
	p.request.Exclude = append(p.request.Exclude, about...)
}

// offers appends the decision with the next of its offers.
func (p *pageWork) offers(b []byte, w *placement.Widget) ([]byte, error) {
	part := p.decided
	n := min(max(w.Limit, 1), len(part.Shown))
	part.Shown, p.decided.Shown = part.Shown[:n], part.Shown[n:]
	return appendDecision(b, &part, &p.decision)
}
