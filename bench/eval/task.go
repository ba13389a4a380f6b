package eval

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"osusume/bench/datasets"
	"osusume/recommend"
)

// Task is one of the four protocols of the package doc.
type Task string

// The tasks.
const (
	Purchases Task = "purchases"
	Baskets   Task = "baskets"
	Sessions  Task = "sessions"
	Ratings   Task = "ratings"
)

// Tasks lists all tasks.
func Tasks() []Task { return []Task{Purchases, Baskets, Sessions, Ratings} }

// variantNames are the variants of each task in the order they are reported.
func (t Task) variantNames() []string {
	switch t {
	case Baskets:
		return []string{variantCart, variantItem}
	case Ratings:
		return []string{variantAll}
	default:
		return []string{variantAll, variantNew}
	}
}

// The variants.
const (
	variantAll  = "all"
	variantNew  = "new"
	variantCart = "cart"
	variantItem = "item"
)

// exam is a task read from its files: what to learn from and what to ask.
type exam struct {
	train *history
	// now is the moment of all requests.
	now      time.Time
	variants []questions
}

// questions are those of one variant and how answers are judged.
type questions struct {
	variant  string
	measures []measure
	coverage bool
	list     []question
}

// question is one request and its truth: distinct item ids, ascending.
type question struct {
	Case
	request recommend.Request
	truth   []string
}

// judge returns by rank whether list holds what was true.
func (q *question) judge(list []string) []bool {
	hits := make([]bool, len(list))
	for i, item := range list {
		_, hits[i] = slices.BinarySearch(q.truth, item)
	}
	return hits
}

// history is the events of one file.
type history struct {
	events []recommend.Event // oldest first; equal times in file order
	// items is every item of the events.
	items   itemSet
	skipped int // rows that could not be read
}

// end is the time of the newest event.
func (h *history) end() time.Time { return h.events[len(h.events)-1].Time }

type itemSet map[string]struct{}

func (s itemSet) add(id string) { s[id] = struct{}{} }

func (s itemSet) has(id string) bool {
	_, ok := s[id]
	return ok
}

// sortedKeys returns the keys of m in ascending order.
func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// readHistory reads an events CSV. Prices play no part in any protocol, so they
// are not read: a file in another currency is none the worse for it.
func readHistory(flag, path string, tell func(rows int)) (*history, error) {
	columns, err := datasets.ParseColumns("price:=0")
	if err != nil {
		return nil, fmt.Errorf("read --%s: %w", flag, err)
	}
	f, _, err := datasets.Open(path, strings.NewReader(""))
	if err != nil {
		return nil, fmt.Errorf("read --%s: %w", flag, err)
	}
	defer f.Close()
	h := &history{items: make(itemSet)}
	for e, err := range datasets.ReadEvents(f, datasets.Options{Columns: columns}) {
		if bad := new(datasets.RowError); errors.As(err, &bad) {
			h.skipped++
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("read --%s %s: %w", flag, path, err)
		}
		h.events = append(h.events, e)
		for i := range e.Items {
			h.items.add(e.Items[i].ItemID)
		}
		if tell != nil && len(h.events)%10_000 == 0 {
			tell(len(h.events))
		}
	}
	if len(h.events) == 0 {
		return nil, fmt.Errorf("read --%s %s: the file holds no event (%d rows could not be read)", flag, path, h.skipped)
	}
	slices.SortStableFunc(h.events, func(a, b recommend.Event) int { return a.Time.Compare(b.Time) })
	return h, nil
}

// wanted reports whether an event says that the customer took the item: a
// purchase, or a rating where there are no purchases.
func wanted(e *recommend.Event) bool {
	return e.Type == recommend.Purchase || e.Type == recommend.Rating
}

// wantedBy collects the items each customer took, in the order of their first
// event.
func wantedBy(h *history) (order []string, items map[string]itemSet) {
	items = make(map[string]itemSet)
	for i := range h.events {
		e := &h.events[i]
		if e.CustomerID == "" || !wanted(e) {
			continue
		}
		set, ok := items[e.CustomerID]
		if !ok {
			set = make(itemSet)
			items[e.CustomerID] = set
			order = append(order, e.CustomerID)
		}
		for k := range e.Items {
			set.add(e.Items[k].ItemID)
		}
	}
	return order, items
}

// keep returns the items of s for which ok holds, ascending.
func (s itemSet) keep(ok func(id string) bool) []string {
	var out []string
	for id := range s {
		if ok(id) {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return out
}
