package datasets

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Basket is one case of basket completion: given Cart, find Hidden; given
// Seed alone, find Rest.
type Basket struct {
	Invoice string
	Cart    []string
	Hidden  string
	Seed    string
	Rest    []string
}

var basketColumns = [...]string{"invoice", "cart", "hidden", "seed", "rest"}

// ReadBaskets reads a file of cases with the header
// invoice,cart,hidden,seed,rest ("|" separates items), compressed or not. Any
// bad row is an error: a case left out would change every figure.
func ReadBaskets(name string) ([]Basket, error) {
	f, _, err := Open(name, nil)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	cases, err := readBaskets(f)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return cases, nil
}

func readBaskets(r io.Reader) ([]Basket, error) {
	text, err := plain(r)
	if err != nil {
		return nil, err
	}
	rows := newRowReader(text, ',')
	header, err := rows.next()
	if err != nil {
		return nil, fmt.Errorf("read header: %w", err)
	}
	var at [len(basketColumns)]int
	for i, name := range basketColumns {
		at[i] = slices.IndexFunc(header.cells, func(c []byte) bool { return string(c) == name })
		if at[i] < 0 {
			return nil, fmt.Errorf("header: no column %q", name)
		}
	}
	width := len(header.cells)
	strs := make(interner)
	var cases []Basket
	for {
		row, err := rows.next()
		if errors.Is(err, io.EOF) {
			return cases, nil
		}
		if err != nil {
			return nil, err
		}
		if len(row.cells) != width {
			return nil, &RowError{Line: row.line, Reason: fmt.Sprintf("has %d cells, the header has %d", len(row.cells), width), Raw: string(row.raw)}
		}
		b := Basket{
			Invoice: string(row.cells[at[0]]),
			Cart:    itemList(strs, row.cells[at[1]]),
			Hidden:  strs.get(row.cells[at[2]]),
			Seed:    strs.get(row.cells[at[3]]),
			Rest:    itemList(strs, row.cells[at[4]]),
		}
		if len(b.Cart) == 0 || b.Hidden == "" || b.Seed == "" || len(b.Rest) == 0 {
			return nil, &RowError{Line: row.line, Reason: "cart, hidden, seed and rest must not be empty", Raw: string(row.raw)}
		}
		cases = append(cases, b)
	}
}

func itemList(strs interner, cell []byte) []string {
	if len(cell) == 0 {
		return nil
	}
	var items []string
	for id := range strings.SplitSeq(string(cell), "|") {
		items = append(items, strs.get([]byte(id)))
	}
	return items
}
