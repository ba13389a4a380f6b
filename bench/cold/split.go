package cold

import (
	"fmt"
	"slices"
	"time"

	"osusume/recommend"
)

// coldTag marks the cold items in the catalog, so that a filter can ask for
// them alone.
const coldTag = "cold"

// split is a history cut in two.
type split struct {
	name  string
	cut   time.Time
	items []recommend.Item  // cold ones carry coldTag and come last
	train []recommend.Event // before the cut, without cold items
	cold  []string          // sorted
	// buyers are the customers known at the cut, by id; unknown counts the
	// others who bought cold items.
	buyers  []buyer
	unknown int
}

// buyer is a customer with what was bought after the cut, each sorted.
type buyer struct {
	id         string
	cold, warm []string
}

const week = 7 * 24 * time.Hour

// newSplit cuts h at weeks before its end, after leaving out its last skip
// weeks.
func newSplit(h *history, weeks, skip int) (*split, error) {
	end := h.end.Add(-time.Duration(skip) * week)
	s := &split{name: h.name, cut: end.Add(-time.Duration(weeks) * week)}
	var before, after []recommend.Event
	for _, e := range h.events {
		switch {
		case e.Time.Before(s.cut):
			before = append(before, e)
		case e.Time.Before(end):
			after = append(after, e)
		}
	}
	if len(before) == 0 || len(after) == 0 {
		return nil, fmt.Errorf("cut %s: no events on both sides of %s", h.name, s.cut.Format(time.DateOnly))
	}
	isCold := s.chooseCold(h, before, after)
	if len(s.cold) == 0 {
		return nil, fmt.Errorf("cut %s: no item was first sold after %s", h.name, s.cut.Format(time.DateOnly))
	}
	s.stock(h.items, before, isCold)
	had := make(map[[2]string]bool) // customer and cold item, before the cut
	known := make(map[string]bool)
	for _, e := range before {
		if lines := e.Items; len(lines) > 0 {
			e.Items = make([]recommend.EventItem, 0, len(lines))
			for _, l := range lines {
				if isCold[l.ItemID] {
					had[[2]string{e.CustomerID, l.ItemID}] = true
				} else {
					e.Items = append(e.Items, l)
				}
			}
			if len(e.Items) == 0 {
				continue
			}
		}
		s.train = append(s.train, e)
		if e.CustomerID != "" {
			known[e.CustomerID] = true
		}
	}
	s.foresee(after, isCold, known, had)
	return s, nil
}

// chooseCold sets the cold items.
func (s *split) chooseCold(h *history, before, after []recommend.Event) map[string]bool {
	old, sold := make(map[string]bool), make(map[string]bool)
	for _, e := range before {
		for _, l := range e.Items {
			old[l.ItemID] = true
		}
	}
	for _, e := range after {
		for _, l := range e.Items {
			if e.Type == recommend.Purchase && (h.launch != nil || !old[l.ItemID]) {
				sold[l.ItemID] = true
			}
		}
	}
	for id := range sold {
		s.cold = append(s.cold, id)
	}
	slices.Sort(s.cold)
	if h.launch != nil {
		s.cold = h.launch(s.cold)
		slices.Sort(s.cold)
	}
	isCold := make(map[string]bool, len(s.cold))
	for _, id := range s.cold {
		isCold[id] = true
	}
	return isCold
}

// stock takes from the catalog what it held at the cut: what was named before
// it, and the cold items.
func (s *split) stock(items []recommend.Item, before []recommend.Event, isCold map[string]bool) {
	old := make(map[string]bool)
	for _, e := range before {
		for _, l := range e.Items {
			old[l.ItemID] = true
		}
	}
	var arrivals []recommend.Item
	for _, it := range items {
		switch {
		case isCold[it.ID]:
			it.Tags = append(slices.Clone(it.Tags), coldTag)
			arrivals = append(arrivals, it)
		case old[it.ID]:
			s.items = append(s.items, it)
		}
	}
	s.items = append(s.items, arrivals...)
}

// foresee lists who bought what after the cut.
func (s *split) foresee(after []recommend.Event, isCold, known map[string]bool, had map[[2]string]bool) {
	bought := make(map[string]*buyer)
	for _, e := range after {
		if e.Type != recommend.Purchase || e.CustomerID == "" {
			continue
		}
		b := bought[e.CustomerID]
		if b == nil {
			b = &buyer{id: e.CustomerID}
			bought[e.CustomerID] = b
		}
		for _, l := range e.Items {
			switch {
			case !isCold[l.ItemID]:
				b.warm = append(b.warm, l.ItemID)
			case !had[[2]string{e.CustomerID, l.ItemID}]:
				b.cold = append(b.cold, l.ItemID)
			}
		}
	}
	for id, b := range bought {
		if !known[id] {
			if len(b.cold) > 0 {
				s.unknown++
			}
			continue
		}
		slices.Sort(b.cold)
		slices.Sort(b.warm)
		b.cold, b.warm = slices.Compact(b.cold), slices.Compact(b.warm)
		s.buyers = append(s.buyers, *b)
	}
	slices.SortFunc(s.buyers, func(a, b buyer) int {
		if a.id < b.id {
			return -1
		}
		return 1
	})
}
