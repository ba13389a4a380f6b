package tune

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"osusume/bench/datasets"
	"osusume/bench/eval"
	"osusume/recommend"
	"osusume/recommend/profile"
)

const (
	// windowDays is the longest time held out at once, and windowShare the
	// largest share of the history.
	windowDays  = 30
	windowShare = 0.1
	windows     = 3
	// sessionShare is the share of the sessions held out at once.
	sessionShare   = 0.035
	sessionWindows = 2
	// A fold of ratings is one of ratingParts; ratingFolds of them are used. The
	// protocol holds out a quarter, but of a file with more ratings: how much
	// smoothing is best, and how much simple weights help, depends on how many
	// are left to learn from, so that has to stay near the whole.
	ratingParts = 10
	ratingFolds = 4
	// casesPerOrder is how often an order is asked about, each time with
	// another hidden item.
	casesPerOrder = 2
	// maxCases bounds the cases of one variant of a cut, and so the time of a
	// trial in a large shop.
	maxCases = 5_000
	// minCases is what a choice needs at the very least, over all cuts.
	minCases = 30
)

// cuts makes the validation exams of a task from the events of the train file
// (oldest first), newest cut first.
func cuts(task eval.Task, events []recommend.Event, minPrefix int, seed uint64) ([]*eval.Exam, error) {
	var out []*eval.Exam
	add := func(train, test []recommend.Event, cases []datasets.Basket) error {
		x, err := eval.NewExam(task, train, test, cases, minPrefix)
		if errors.Is(err, eval.ErrNoCase) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("cut --train: %w", err)
		}
		x.Sample(maxCases, seed)
		out = append(out, x)
		return nil
	}
	var err error
	switch task {
	case eval.Purchases, eval.Baskets:
		for _, w := range timeWindows(events) {
			var cases []datasets.Basket
			if task == eval.Baskets {
				cases = basketCases(w.train, w.test, seed)
				if len(cases) == 0 {
					continue
				}
			}
			err = errors.Join(err, add(w.train, w.test, cases))
		}
	case eval.Sessions:
		for _, w := range sessionCuts(events) {
			err = errors.Join(err, add(w.train, w.test, nil))
		}
	case eval.Ratings:
		for fold := range ratingFolds {
			train, test := ratingFold(events, fold, seed)
			err = errors.Join(err, add(train, test, nil))
		}
	}
	return out, err
}

// part is one way to cut events.
type part struct{ train, test []recommend.Event }

// timeWindows cuts windows off the end of events, the newest first, and never
// more than half of the history.
func timeWindows(events []recommend.Event) []part {
	if len(events) == 0 {
		return nil
	}
	first, end := events[0].Time, events[len(events)-1].Time
	window := min(windowDays*24*time.Hour, time.Duration(windowShare*float64(end.Sub(first))))
	if window <= 0 {
		return nil
	}
	place := func(t time.Time) int {
		i, _ := slices.BinarySearchFunc(events, t, func(e recommend.Event, t time.Time) int { return e.Time.Compare(t) })
		return i
	}
	var out []part
	to := len(events)
	for k := range windows {
		from := place(end.Add(-window * time.Duration(k+1)))
		if from > 0 && from < to {
			out = append(out, part{events[:from:from], events[from:to:to]})
		}
		to = from
	}
	return out
}

// sessionCuts holds out the last sessions, by their first event. Events without
// a session stay as long as they are older than the first session held out.
func sessionCuts(events []recommend.Event) []part {
	rank := make(map[string]int)
	var starts []time.Time
	for i := range events {
		if id := events[i].SessionID; id != "" {
			if _, ok := rank[id]; !ok {
				rank[id] = len(rank)
				starts = append(starts, events[i].Time)
			}
		}
	}
	size := int(sessionShare*float64(len(rank)) + 0.5)
	if size == 0 {
		return nil
	}
	var out []part
	for k := range sessionWindows {
		to := len(rank) - k*size
		from := to - size
		var p part
		for i := range events {
			e := &events[i]
			if e.SessionID == "" {
				if e.Time.Before(starts[from]) {
					p.train = append(p.train, *e)
				}
				continue
			}
			switch r := rank[e.SessionID]; {
			case r < from:
				p.train = append(p.train, *e)
			case r < to:
				p.test = append(p.test, *e)
			}
		}
		out = append(out, p)
	}
	return out
}

// ratingFold holds out one of ratingParts equal parts of each item's ratings.
func ratingFold(events []recommend.Event, fold int, seed uint64) (train, test []recommend.Event) {
	byItem := make(map[string][]int)
	var items []string
	for i := range events {
		if e := &events[i]; len(e.Items) > 0 {
			id := e.Items[0].ItemID
			if byItem[id] == nil {
				items = append(items, id)
			}
			byItem[id] = append(byItem[id], i)
		}
	}
	held := make([]bool, len(events))
	rng := rand.New(rand.NewPCG(seed, 0x726174696e67))
	for _, id := range items {
		of := byItem[id]
		// The start differs by item, so that items with few ratings are not all
		// held out in the same fold.
		start := rng.IntN(ratingParts)
		for at, k := range rng.Perm(len(of)) {
			held[of[k]] = (at+start)%ratingParts == fold
		}
	}
	for i := range events {
		if held[i] {
			test = append(test, events[i])
		} else {
			train = append(train, events[i])
		}
	}
	return train, test
}

// basketCases makes the cases of the baskets task of the orders in test, out of
// items that train knows.
func basketCases(train, test []recommend.Event, seed uint64) []datasets.Basket {
	known := make(map[string]bool)
	for i := range train {
		for k := range train[i].Items {
			known[train[i].Items[k].ItemID] = true
		}
	}
	var orders []string
	items := make(map[string][]string)
	for i := range test {
		e := &test[i]
		if e.Type != recommend.Purchase {
			continue
		}
		id := e.OrderID
		if id == "" {
			id = fmt.Sprintf("event %d", i)
		}
		if _, ok := items[id]; !ok {
			orders = append(orders, id)
		}
		for k := range e.Items {
			if item := e.Items[k].ItemID; known[item] && !slices.Contains(items[id], item) {
				items[id] = append(items[id], item)
			}
		}
	}
	rng := rand.New(rand.NewPCG(seed, 0x6261736b6574))
	var cases []datasets.Basket
	for _, id := range orders {
		order := items[id]
		if len(order) < 2 {
			continue
		}
		rng.Shuffle(len(order), func(a, b int) { order[a], order[b] = order[b], order[a] })
		for k := range casesPerOrder {
			turned := append(slices.Clone(order[k:]), order[:k]...)
			b := datasets.Basket{Invoice: id, Hidden: turned[0], Cart: turned[1:], Seed: turned[1]}
			b.Rest = append(slices.Clone(turned[2:]), turned[0])
			cases = append(cases, b)
		}
	}
	return cases
}

// evidenceOf looks at what events and the requests of a task offer.
func evidenceOf(task eval.Task, events []recommend.Event) evidence {
	has := evidence{
		visitor: task == eval.Purchases || task == eval.Ratings,
		session: task == eval.Sessions,
		cart:    task == eval.Baskets,
	}
	for i := range events {
		e := &events[i]
		has.sessions = has.sessions || profile.Line{Kind: e.Type}.Browsed()
		has.orders = has.orders || e.Type == recommend.Purchase && len(e.Items) > 1
	}
	return has
}
