package engine_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"osusume/recommend"
	"osusume/recommend/engine"
)

// Stories are the files in testdata: what a shop sells, what its visitors do,
// what is asked, and what must be answered. One statement a line, # starts a
// comment, _ in a title is a space:
//
//	item ID [price=YEN] [category=A/B] [tags=A,B] [role=R] [stock=N] [group=G]
//	        [family=F] [brand=B] [title=T]
//	delete ID
//	event AGO TYPE [c=CUSTOMER] [a=DEVICE] [s=SESSION] [o=ORDER] ITEM...
//	        AGO is 90d, 3h or 10m before now
//	repeat N ... in front of an event: N times, with # in a word counting from 1
//	ask recommend|also_bought|also_viewed|similar|bought_together|popular|trending
//	        [c=] [a=] [s=] [item=] [cart=A,B] [placement=] [limit=] [days=]
//	        [category=] [tags=] [max=YEN] [exclude=A,B] [repeat=allow|exclude] [locale=]
//
// and after an ask, about its answer:
//
//	expect ID [STAGE] [REASON [FROM] [SUPPORT/OF]]
//	        the next item of the list, and its first reason
//	text TEXT...  the text of that reason
//	end           the list has no more items
//	never ID...   none of these is anywhere in the list
//	error CODE    the ask is refused
type story struct {
	t      *testing.T
	line   int
	index  *engine.Index
	seq    uint64
	answer recommend.Answer
	err    error
	next   int // place of the item that expect is about
}

func TestStories(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "*.txt"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no stories: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			s := &story{t: t, index: newIndex(t, engine.Settings{})}
			for n, line := range strings.Split(string(text), "\n") {
				s.line = n + 1
				if words := strings.Fields(line); len(words) > 0 && !strings.HasPrefix(words[0], "#") {
					s.run(words)
				}
			}
		})
	}
}

func (s *story) fatalf(format string, args ...any) {
	s.t.Helper()
	s.t.Fatalf("line %d: %s", s.line, fmt.Sprintf(format, args...))
}

func (s *story) run(words []string) {
	s.t.Helper()
	rest := words[1:]
	switch words[0] {
	case "item":
		s.apply(recommend.Record{Kind: recommend.RecordItemPut, Item: s.item(rest)})
	case "delete":
		s.apply(recommend.Record{Kind: recommend.RecordItemDelete, Item: recommend.Item{ID: rest[0]}})
	case "repeat":
		for n := range s.number(rest[0]) {
			s.run(strings.Fields(strings.ReplaceAll(strings.Join(rest[1:], " "), "#", strconv.Itoa(n+1))))
		}
	case "event":
		s.apply(recommend.Record{Kind: recommend.RecordEvent, Event: s.event(rest)})
	case "ask":
		s.ask(rest)
	case "expect":
		s.expect(rest)
	case "text":
		if got, want := s.answer.Items[s.next-1].Reasons[0].Text, strings.Join(rest, " "); got != want {
			s.fatalf("the text is %q, want %q", got, want)
		}
	case "end":
		if s.err != nil || s.next != len(s.answer.Items) {
			s.fatalf("the list goes on: %v %v", s.ids()[s.next:], s.err)
		}
	case "never":
		for _, id := range rest {
			if s.err != nil || slices.Contains(s.ids(), id) {
				s.fatalf("%s is in the list %v (%v)", id, s.ids(), s.err)
			}
		}
	case "error":
		if got := recommend.CodeOf(s.err); string(got) != rest[0] {
			s.fatalf("error %q (%v), want %s", got, s.err, rest[0])
		}
	default:
		s.fatalf("unknown statement %q", words[0])
	}
}

func (s *story) ids() []string {
	var ids []string
	for _, it := range s.answer.Items {
		ids = append(ids, it.ItemID)
	}
	return ids
}

func (s *story) apply(r recommend.Record) {
	s.seq++
	s.index.Apply(s.seq, []recommend.Record{r})
}

func (s *story) number(word string) int {
	n, err := strconv.Atoi(word)
	if err != nil {
		s.fatalf("%v", err)
	}
	return n
}

// options splits "key=value" words from the others.
func (s *story) options(words []string, known ...string) (options map[string]string, others []string) {
	options = make(map[string]string)
	for _, w := range words {
		key, value, ok := strings.Cut(w, "=")
		switch {
		case !ok:
			others = append(others, w)
		case !slices.Contains(known, key):
			s.fatalf("unknown option %s", key)
		default:
			options[key] = value
		}
	}
	return options, others
}

func list(value string) []string {
	if value == "" {
		return nil
	}
	return strings.Split(value, ",")
}

func (s *story) item(words []string) recommend.Item {
	o, ids := s.options(words, "price", "category", "tags", "role", "stock", "group", "family", "brand", "title")
	it := recommend.Item{
		ID: ids[0], GroupID: o["group"], Family: o["family"], Brand: o["brand"],
		Role: recommend.Role(o["role"]), Tags: list(o["tags"]),
	}
	if o["category"] != "" {
		it.Category = strings.Split(o["category"], "/")
	}
	if o["title"] != "" {
		title := strings.ReplaceAll(o["title"], "_", " ")
		it.Title = recommend.Text{"en": title, "ja": title}
	}
	if o["price"] != "" {
		it.Price = recommend.Money{Amount: int64(s.number(o["price"])), Currency: "JPY"}
	}
	if o["stock"] != "" {
		stock := int64(s.number(o["stock"]))
		it.Stock = &stock
	}
	if err := it.Validate(); err != nil {
		s.fatalf("%v", err)
	}
	return it
}

func (s *story) event(words []string) recommend.Event {
	unit := map[byte]time.Duration{'d': 24 * time.Hour, 'h': time.Hour, 'm': time.Minute}[words[0][len(words[0])-1]]
	ago := time.Duration(s.number(words[0][:len(words[0])-1])) * unit
	kind, ok := recommend.ParseEventType(words[1])
	o, items := s.options(words[2:], "c", "a", "s", "o")
	if !ok || unit == 0 {
		s.fatalf("no event type %q or no time %q", words[1], words[0])
	}
	e := recommend.Event{
		ID: fmt.Sprintf("e%d", s.seq), Type: kind, Time: shopNow.Add(-ago),
		CustomerID: o["c"], AnonymousID: o["a"], SessionID: o["s"], OrderID: o["o"],
	}
	for _, id := range items {
		e.Items = append(e.Items, recommend.EventItem{ItemID: id, Quantity: 1})
	}
	if err := e.Validate(shopNow); err != nil {
		s.fatalf("%v", err)
	}
	return e
}

func (s *story) ask(words []string) {
	o, what := s.options(words, "c", "a", "s", "item", "cart", "placement", "limit", "days", "category", "tags", "max", "exclude", "repeat", "locale")
	filter := recommend.Filter{Category: list(o["category"]), Tags: list(o["tags"])}
	if o["max"] != "" {
		highest := float64(s.number(o["max"]))
		filter.PriceMax = &highest
	}
	req := recommend.Request{
		CustomerID: o["c"], AnonymousID: o["a"], SessionID: o["s"], ItemID: o["item"], Cart: list(o["cart"]),
		Placement: o["placement"], Exclude: list(o["exclude"]), Filter: filter, Locale: o["locale"], Explain: true,
		Repeat: map[string]recommend.Repeat{"allow": recommend.RepeatAllow, "exclude": recommend.RepeatExclude}[o["repeat"]],
		// What a new arrival may try depends on the day's draw.
		NoExplore: true,
	}
	if o["limit"] != "" {
		req.Limit = s.number(o["limit"])
	}
	v := published(s.t, s.index)
	s.next = 0
	switch what[0] {
	case "recommend":
		s.answer, s.err = v.Recommend(&req)
	case "popular", "trending":
		q := recommend.PopularQuery{
			Trending: what[0] == "trending", Limit: req.Limit, Exclude: req.Exclude,
			Filter: filter, Explain: true, Locale: req.Locale,
		}
		if o["days"] != "" {
			q.WindowDays = s.number(o["days"])
		}
		s.answer, s.err = v.Popular(&q)
	default:
		s.answer, s.err = v.Related(recommend.RelatedKind(what[0]), &req)
	}
}

func (s *story) expect(words []string) {
	s.t.Helper()
	if s.err != nil {
		s.fatalf("the ask failed: %v", s.err)
	}
	if s.next == len(s.answer.Items) {
		s.fatalf("the list %v has no more items, want %s", s.ids(), words[0])
	}
	it := s.answer.Items[s.next]
	s.next++
	reason := it.Reasons[0]
	have := []string{it.ItemID, string(it.Stage), string(reason.Code), reason.ItemID, fmt.Sprintf("%d/%d", reason.Support, reason.Of)}
	if reason.ItemID == "" {
		have = slices.Delete(have, 3, 4)
	}
	if len(words) > len(have) || !slices.Equal(words, have[:len(words)]) {
		s.fatalf("place %d of %v is %v, want %v", s.next, s.ids(), have, words)
	}
}
