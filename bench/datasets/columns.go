package datasets

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// column is a cell of the events CSV.
type column uint8

const (
	colEvent column = iota
	colTime
	colCustomerID
	colSessionID
	colOrderID
	colItemID
	colQuantity
	colPrice
	colValue
	colEventID
	colAnonymousID
	colChannel
	colCurrency
	colRecommendationID
	columnCount
)

// columnNames are the header names of the events CSV; the first nine are its
// published layout, the others are read when present.
var columnNames = [columnCount]string{
	"event", "time", "customer_id", "session_id", "order_id", "item_id", "quantity", "price", "value",
	"event_id", "anonymous_id", "channel", "currency", "recommendation_id",
}

// Columns says where the cells of the events CSV come from in a file with
// other names. Its zero value expects the events CSV's own names.
type Columns struct {
	from  [columnCount]string
	fixed [columnCount]string
}

// ParseColumns reads "name=header,..." where name is a column of the events
// CSV and header one of the file: "time=timestamp,customer_id=user,item_id=sku".
// "name:=text" gives every row the same text, as in "event:=purchase" for a
// file of orders. Columns not named are found under their own name.
func ParseColumns(s string) (Columns, error) {
	var c Columns
	if strings.TrimSpace(s) == "" {
		return c, nil
	}
	for pair := range strings.SplitSeq(s, ",") {
		name, value, ok := strings.Cut(pair, "=")
		name, fixed := strings.CutSuffix(strings.TrimSpace(name), ":")
		value = strings.TrimSpace(value)
		if !ok || name == "" || value == "" {
			return Columns{}, fmt.Errorf("columns: want name=header or name:=text, got %q", clip(pair))
		}
		i := slices.Index(columnNames[:], name)
		if i < 0 {
			return Columns{}, fmt.Errorf("columns: unknown column %q; known are %s", clip(name), strings.Join(columnNames[:], ", "))
		}
		if c.from[i] != "" || c.fixed[i] != "" {
			return Columns{}, fmt.Errorf("columns: %s is given twice", name)
		}
		if fixed {
			c.fixed[i] = value
		} else {
			c.from[i] = value
		}
	}
	return c, nil
}

// places finds the columns in a file's header: the cell index of each, -1
// when the file does not have it.
func (c *Columns) places(header []string) ([columnCount]int, error) {
	var at [columnCount]int
	for i := range at {
		at[i] = -1
		name := columnNames[i]
		if c.fixed[i] != "" {
			continue
		}
		if c.from[i] != "" {
			name = c.from[i]
		}
		at[i] = slices.Index(header, name)
		if at[i] >= 0 && slices.Contains(header[at[i]+1:], name) {
			return at, fmt.Errorf("header: column %q stands twice", clip(name))
		}
		if at[i] < 0 && c.from[i] != "" {
			return at, fmt.Errorf("header: no column %q for %s; the file has %s", clip(name), columnNames[i], clip(strings.Join(header, ", ")))
		}
	}
	for _, i := range [...]column{colEvent, colTime} {
		if at[i] < 0 && c.fixed[i] == "" {
			return at, fmt.Errorf("header: no column %q; the file has %s: map it with --columns %s=THEIRS (option Columns)",
				columnNames[i], clip(strings.Join(header, ", ")), columnNames[i])
		}
	}
	who := [...]column{colCustomerID, colAnonymousID, colSessionID, colOrderID}
	if !slices.ContainsFunc(who[:], func(i column) bool { return at[i] >= 0 || c.fixed[i] != "" }) {
		return at, errors.New("header: one of customer_id, anonymous_id, session_id, order_id is required: map it with --columns (option Columns)")
	}
	return at, nil
}
