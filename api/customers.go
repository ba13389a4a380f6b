package api

import (
	"maps"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"osusume/recommend"
)

// getCustomer returns what the index knows of one customer.
func (s *Server) getCustomer(c echo.Context) error {
	id, err := pathID(c.Request(), "customer_id", c.Param("customer_id"))
	if err != nil {
		return err
	}
	q := newQuery(c.Request())
	limit := q.integer("limit", recommend.DefaultLimit, 1, recommend.MaxLimit)
	minSeq := q.sequence("min_seq")
	if err := q.finish(); err != nil {
		return err
	}
	view, err := s.viewAt(c, minSeq)
	if err != nil {
		return err
	}
	customer, ok := view.Customer(id, limit)
	if !ok {
		return recommend.NotFound("customer_id", "nothing is known of customer %q", recommend.Clip(id))
	}
	return answerJSON(c, appendCustomer(make([]byte, 0, 1024), &customer, view.Seq()))
}

func appendCustomer(b []byte, customer *recommend.Customer, seq uint64) []byte {
	b = append(b, `{"customer_id":`...)
	b = appendString(b, customer.ID)
	b = append(b, `,"orders":`...)
	b = strconv.AppendInt(b, int64(customer.Orders), 10)
	b = append(b, `,"distinct_items_bought":`...)
	b = strconv.AppendInt(b, int64(customer.DistinctItemsBought), 10)
	b = append(b, `,"distinct_items_visited":`...)
	b = strconv.AppendInt(b, int64(customer.DistinctItemsVisited), 10)
	if !customer.FirstSeen.IsZero() {
		b = append(b, `,"first_seen":`...)
		b = appendTime(b, customer.FirstSeen)
	}
	if !customer.LastSeen.IsZero() {
		b = append(b, `,"last_seen":`...)
		b = appendTime(b, customer.LastSeen)
	}
	b = append(b, `,"counts":{`...)
	for i, name := range slices.Sorted(maps.Keys(customer.Counts)) {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendString(b, name)
		b = append(b, ':')
		b = strconv.AppendInt(b, int64(customer.Counts[name]), 10)
	}
	b = append(b, `},"recent":[`...)
	for i := range customer.Recent {
		if i > 0 {
			b = append(b, ',')
		}
		r := &customer.Recent[i]
		b = append(b, `{"event":"`...)
		b = append(b, r.Type.String()...)
		b = append(b, `","time":`...)
		b = appendTime(b, r.Time)
		b = appendNonEmpty(b, "item_id", r.ItemID)
		b = append(b, '}')
	}
	b = append(b, `],"applied_seq":`...)
	b = strconv.AppendUint(b, seq, 10)
	return append(b, '}')
}
