package api

import (
	"crypto/rand"
	"strconv"

	"github.com/go-json-experiment/json"
	"github.com/labstack/echo/v4"

	"osusume/recommend"
	"osusume/recommend/condition"
	"osusume/recommend/engine"
	"osusume/recommend/live"
	"osusume/recommend/offer"
	"osusume/recommend/strictjson"
)

// Most offers of one answer.
const maxDecideOffers = 50

// How offers of one priority are ordered.
const (
	rankingID       = "id"
	rankingThompson = "thompson"
)

// decideDocument is the body of POST /offers/decide.
type decideDocument struct {
	CustomerID  string             `json:"customer_id"`
	AnonymousID string             `json:"anonymous_id"`
	Channel     string             `json:"channel"`
	Surface     string             `json:"surface"`
	ItemID      string             `json:"item_id"`
	Cart        *[]cartDocument    `json:"cart"`
	Customer    *customerStatement `json:"customer"`
	MaxOffers   *int               `json:"max_offers"`
	Ranking     string             `json:"ranking"`
	Seed        string             `json:"seed"`
	Locale      string             `json:"locale"`
	Explain     bool               `json:"explain"`
	Reserve     bool               `json:"reserve"`
	DecisionID  string             `json:"decision_id"`
	MinSeq      uint64             `json:"min_seq"`
}

// decisions is the shop's ledger of offers. Error: unavailable for a shop that
// has none.
func (s *Server) decisions() (*live.Decisions, error) {
	if d := s.shop.Decisions(); d != nil {
		return d, nil
	}
	return nil, &recommend.Error{Code: recommend.CodeUnavailable, Message: "this shop was opened without a ledger of offers"}
}

// postDecide says which offers to show now, and reserves them if asked to.
func (s *Server) postDecide(c echo.Context) error {
	if err := noQuery(c.Request()); err != nil {
		return err
	}
	body, _, err := readBody(c.Response(), c.Request(), s.bodyLimit, mediaJSON)
	if err != nil {
		return err
	}
	var doc decideDocument
	if fault := strictjson.UnmarshalObject(body, &doc); fault != nil {
		return fault
	}
	if err := doc.check(); err != nil {
		return err
	}
	if doc.Locale == "" {
		doc.Locale = locale(c.Request().Header.Get("Accept-Language"))
	}
	d, err := s.decisions()
	if err != nil {
		return err
	}
	view, err := s.viewAt(c, doc.MinSeq)
	if err != nil {
		return err
	}
	r, err := s.decideRequest(&doc, view)
	if err != nil {
		return err
	}
	var decision offer.Decision
	if doc.Reserve {
		if decision, err = d.Reserve(r); err != nil {
			return err
		}
	} else {
		decision = d.Decide(r)
	}
	s.metrics.Decision(&decision)
	b, err := appendDecision(make([]byte, 0, 1024), &decision, &doc)
	if err != nil {
		return err
	}
	setLanguage(c, doc.Locale)
	return answerJSON(c, b)
}

// decideRequest is what a document asks the ledger, under a fresh decision id
// unless it brings one.
func (s *Server) decideRequest(doc *decideDocument, view *engine.View) (*offer.Request, error) {
	input, err := doc.input(view, s.clock(), s.shop.Zone())
	if err != nil {
		return nil, err
	}
	r := &offer.Request{
		DecisionID: doc.DecisionID, VisitorID: doc.visitor(), Input: input, Explain: doc.Explain,
		HoldoutBP: s.holdoutBP,
		InStock: func(id string) bool {
			it, ok := view.Item(id)
			return ok && it.Eligible()
		},
	}
	if doc.MaxOffers != nil {
		r.MaxOffers = *doc.MaxOffers
	}
	if doc.Ranking == rankingThompson {
		r.Ranking, r.Seed = offer.Thompson, doc.Seed
	}
	if r.DecisionID == "" {
		r.DecisionID = newDecisionID()
	}
	return r, nil
}

// newDecisionID is a fresh id: two decisions are two.
func newDecisionID() string {
	var id [16]byte
	_, _ = rand.Read(id[:]) // never fails
	return string(appendID(append(make([]byte, 0, 32), "d_"...), id[:]))
}

func (d *decideDocument) visitor() string {
	if d.CustomerID != "" {
		return d.CustomerID
	}
	return d.AnonymousID
}

// check holds the document against its limits.
func (d *decideDocument) check() error {
	for _, id := range [...]struct{ field, value string }{
		{"customer_id", d.CustomerID},
		{"anonymous_id", d.AnonymousID},
		{"channel", d.Channel},
		{"surface", d.Surface},
		{"item_id", d.ItemID},
		{"decision_id", d.DecisionID},
		{"seed", d.Seed},
	} {
		if id.value == "" {
			continue
		}
		if err := recommend.ValidateID(id.field, id.value); err != nil {
			return err
		}
	}
	switch d.Locale {
	case "", localeJA, localeEN:
	default:
		return notOneOf("locale", d.Locale, []string{localeJA, localeEN})
	}
	switch d.Ranking {
	case "", rankingID, rankingThompson:
	default:
		return notOneOf("ranking", d.Ranking, []string{rankingID, rankingThompson})
	}
	// Who chooses the seed chooses the offers: it is for those who may see why.
	if d.Seed != "" && (d.Ranking != rankingThompson || !d.Explain || d.Reserve) {
		return recommend.Invalid("seed", "goes with ranking thompson and explain, and without reserve: it replays the draws of a decision")
	}
	if d.MaxOffers != nil {
		if err := between("max_offers", *d.MaxOffers, 1, maxDecideOffers); err != nil {
			return err
		}
	}
	if d.Reserve && d.visitor() == "" {
		return recommend.Invalid("customer_id", "is required to reserve, or anonymous_id: reservations are somebody's")
	}
	return nil
}

func appendDecision(b []byte, d *offer.Decision, doc *decideDocument) ([]byte, error) {
	b = append(b, `{"decision_id":`...)
	b = appendString(b, d.ID)
	b = append(b, `,"offers":[`...)
	for i, o := range d.Shown {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendOffer(b, o, doc.Locale)
	}
	b = append(b, `],"reserved":`...)
	b = strconv.AppendBool(b, doc.Reserve && len(d.Shown) > 0)
	if !doc.Explain {
		return append(b, '}'), nil
	}
	b = append(b, `,"trace":[`...)
	for i := range d.Trace {
		if i > 0 {
			b = append(b, ',')
		}
		var err error
		if b, err = appendVerdict(b, &d.Trace[i]); err != nil {
			return nil, err
		}
	}
	return append(b, ']', '}'), nil
}

// appendOffer appends what a customer is told of an offer.
func appendOffer(b []byte, o *offer.Offer, locale string) []byte {
	b = append(b, `{"offer_id":`...)
	b = appendString(b, o.ID)
	b = append(b, `,"version":`...)
	b = strconv.AppendUint(b, o.Version, 10)
	b = append(b, `,"type":`...)
	b = appendString(b, string(o.Type))
	b = append(b, `,"text":`...)
	b = appendString(b, textIn(o.Text, locale))
	b = appendNonEmpty(b, "item_id", o.ItemID)
	if o.Bundle != nil {
		b = append(b, `,"bundle":{"item_ids":`...)
		b = appendStrings(b, o.Bundle.ItemIDs)
		b = appendPositive(b, "price_yen", o.Bundle.PriceYen)
		b = append(b, '}')
	}
	if o.Value != (offer.Value{}) {
		b = append(b, `,"value":{`...)
		if o.Value.Yen > 0 {
			b = append(b, `"yen":`...)
			b = strconv.AppendInt(b, o.Value.Yen, 10)
			b = appendPositive(b, "points", o.Value.Points)
		} else {
			b = append(b, `"points":`...)
			b = strconv.AppendInt(b, o.Value.Points, 10)
		}
		b = append(b, '}')
	}
	if !o.EndsAt.IsZero() {
		b = append(b, `,"ends_at":`...)
		b = appendTime(b, o.EndsAt)
	}
	return append(b, '}')
}

func appendPositive(b []byte, name string, n int64) []byte {
	if n <= 0 {
		return b
	}
	b = append(b, ',', '"')
	b = append(b, name...)
	b = append(b, '"', ':')
	return strconv.AppendInt(b, n, 10)
}

// textIn is the text in a locale, or in the other one where there is none.
func textIn(t recommend.Text, locale string) string {
	if text := t[locale]; text != "" {
		return text
	}
	if text := t[localeJA]; text != "" {
		return text
	}
	return t[localeEN]
}

func appendVerdict(b []byte, v *offer.Verdict) ([]byte, error) {
	b = append(b, `{"offer_id":`...)
	b = appendString(b, v.Offer.ID)
	b = append(b, `,"reason":"`...)
	b = append(b, v.Reason.String()...)
	b = append(b, '"')
	b = appendNonEmpty(b, "lost_to", v.LostTo)
	if v.Ghost {
		b = append(b, `,"ghost":true`...)
	}
	if v.Draw != nil {
		b = appendDraw(b, v.Draw)
	}
	if v.Clauses == nil {
		return append(b, '}'), nil
	}
	b = append(b, `,"clauses":[`...)
	for i := range v.Clauses {
		if i > 0 {
			b = append(b, ',')
		}
		var err error
		if b, err = appendClause(b, &v.Clauses[i]); err != nil {
			return nil, err
		}
	}
	return append(b, ']', '}'), nil
}

func appendDraw(b []byte, d *offer.Draw) []byte {
	b = append(b, `,"draw":{"views":`...)
	b = strconv.AppendInt(b, d.Views, 10)
	b = append(b, `,"accepted":`...)
	b = strconv.AppendInt(b, d.Accepted, 10)
	b = append(b, `,"share":`...)
	b = strconv.AppendFloat(b, d.Share, 'f', 6, 64)
	b = append(b, `,"expected":`...)
	b = strconv.AppendFloat(b, d.Expected, 'f', 6, 64)
	return append(b, '}')
}

func appendClause(b []byte, c *condition.Clause) ([]byte, error) {
	b = append(b, `{"src":`...)
	b = appendString(b, c.Source)
	switch c.Outcome {
	case condition.True, condition.False:
		b = append(b, `,"value":`...)
		b = strconv.AppendBool(b, c.Outcome == condition.True)
	default: // unknown, or not to be computed
		b = append(b, `,"value":null`...)
	}
	b = appendNonEmpty(b, "error", c.Error)
	inputs, err := json.Marshal(c.Inputs, json.Deterministic(true))
	if err != nil {
		return nil, err
	}
	b = append(b, `,"inputs":`...)
	b = append(b, inputs...)
	return append(b, '}'), nil
}
