package eval

import (
	"math"
	"strconv"

	"osusume/recommend"
)

// Use is how one item of train was used before any question was asked.
type Use struct {
	// Taken counts its lines: purchases or ratings, in sessions all events.
	Taken int
	// People counts distinct customers (or, where nobody is named, anonymous
	// visitors, sessions or orders) among them.
	People int
}

// usage is what novelty is measured against.
type usage struct {
	items  map[string]Use
	people int // distinct people of all lines
}

// usageOf counts train. Items that nobody took are there with zeros.
func usageOf(h *history, counts func(*recommend.Event) bool) usage {
	u := usage{items: make(map[string]Use, len(h.items))}
	for id := range h.items {
		u.items[id] = Use{}
	}
	type taking struct{ who, item string }
	seen := make(map[taking]struct{})
	people := make(itemSet)
	for i := range h.events {
		e := &h.events[i]
		if !counts(e) {
			continue
		}
		who := unitOf(e)
		people.add(who)
		for k := range e.Items {
			id := e.Items[k].ItemID
			use := u.items[id]
			use.Taken++
			if _, again := seen[taking{who, id}]; !again {
				seen[taking{who, id}] = struct{}{}
				use.People++
			}
			u.items[id] = use
		}
	}
	u.people = len(people)
	return u
}

// unitOf says who an event belongs to, by the best name it carries.
func unitOf(e *recommend.Event) string {
	for _, name := range [...]struct{ kind, id string }{
		{"c", e.CustomerID},
		{"a", e.AnonymousID},
		{"s", e.SessionID},
		{"o", e.OrderID},
	} {
		if name.id != "" {
			return name.kind + name.id
		}
	}
	return "e" + e.ID
}

// counted says which events of train a task learns its popularity from.
func (t Task) counted() func(*recommend.Event) bool {
	if t == Sessions {
		return func(*recommend.Event) bool { return true }
	}
	return wanted
}

// information is -log2 of the share of people who took the item, in bits: 0
// when everybody did. An item nobody took counts as taken by one, so that it is
// as novel as the rarest.
func (u *usage) information(item string) float64 {
	n := max(u.items[item].People, 1)
	return math.Log2(float64(max(u.people, n)) / float64(n))
}

// novelty is the mean self-information of the first k (Zhou et al., "Solving
// the apparent diversity-accuracy dilemma", PNAS 107(10), 2010); 0 of an empty
// list.
func (u *usage) novelty(list []string, k int) float64 {
	list = list[:min(k, len(list))]
	if len(list) == 0 {
		return 0
	}
	sum := 0.0
	for _, item := range list {
		sum += u.information(item)
	}
	return sum / float64(len(list))
}

// diversity is the mean distance of the pairs among the first k (intra-list
// diversity, Ziegler et al., WWW 2005): 1 minus the number of leading category
// levels two items share over the depth of the deeper one. Pairs with an item
// of no known category are left out; 0 when no pair is left.
func diversity(list []string, k int, categories map[string][]string) float64 {
	list = list[:min(k, len(list))]
	sum, pairs := 0.0, 0
	for i, a := range list {
		for _, b := range list[i+1:] {
			ca, cb := categories[a], categories[b]
			if len(ca) == 0 || len(cb) == 0 {
				continue
			}
			shared := 0
			for shared < min(len(ca), len(cb)) && ca[shared] == cb[shared] {
				shared++
			}
			sum += 1 - float64(shared)/float64(max(len(ca), len(cb)))
			pairs++
		}
	}
	if pairs == 0 {
		return 0
	}
	return sum / float64(pairs)
}

// Cut is the length of list a task is judged by.
func Cut(t Task) int {
	if t == Sessions {
		return 20
	}
	return coverageCut
}

// CoverageMetric, NoveltyMetric and DiversityMetric name the metrics of a task
// that tell what lists are made of, not how good they are.
func CoverageMetric(t Task) string  { return "coverage@" + strconv.Itoa(Cut(t)) }
func NoveltyMetric(t Task) string   { return "novelty@" + strconv.Itoa(Cut(t)) }
func DiversityMetric(t Task) string { return "diversity@" + strconv.Itoa(Cut(t)) }

// breadth measures what lists are made of.
type breadth struct {
	task       Task
	usage      usage
	categories map[string][]string
}

// breadthFor reads the categories that cfg names.
func breadthFor(cfg *Config, x *exam) (*breadth, error) {
	var categories map[string][]string
	if cfg.Items != "" {
		var err error
		if categories, err = readCategories(cfg.Items); err != nil {
			return nil, err
		}
	}
	return breadthOf(cfg.Task, x.train, categories), nil
}

func breadthOf(t Task, h *history, categories map[string][]string) *breadth {
	return &breadth{task: t, usage: usageOf(h, t.counted()), categories: categories}
}

// describe adds coverage (unless it is there), novelty and, where categories
// are known, diversity to a variant.
func (b *breadth) describe(v *Variant, seed uint64) {
	k := Cut(b.task)
	if _, ok := v.Metric(CoverageMetric(b.task)); !ok {
		shown := make(itemSet)
		for _, list := range v.Lists {
			for _, item := range list[:min(k, len(list))] {
				shown.add(item)
			}
		}
		share := 0.0
		if len(b.usage.items) > 0 {
			share = float64(len(shown)) / float64(len(b.usage.items))
		}
		v.Metrics = append(v.Metrics, Metric{Name: CoverageMetric(b.task), Mean: share})
	}
	groups := clusterCases(v.units())
	add := func(name string, of func(list []string) float64) {
		values := make([]float64, len(v.Lists))
		for i, list := range v.Lists {
			values[i] = of(list)
		}
		ci := groups.interval(values, seed)
		v.Metrics = append(v.Metrics, Metric{Name: name, Mean: mean(values), CI: &ci, Values: values})
	}
	add(NoveltyMetric(b.task), func(list []string) float64 { return b.usage.novelty(list, k) })
	if len(b.categories) > 0 {
		add(DiversityMetric(b.task), func(list []string) float64 { return diversity(list, k, b.categories) })
	}
}
