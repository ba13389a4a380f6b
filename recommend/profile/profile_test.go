package profile

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"osusume/recommend"
)

func drawLines(t *rapid.T, label string, atMost int) []Line {
	lines := make([]Line, rapid.IntRange(0, atMost).Draw(t, label))
	for n := range lines {
		lines[n] = Line{
			Item: uint32(rapid.IntRange(0, 4).Draw(t, "item")), Time: uint32(rapid.IntRange(0, 6).Draw(t, "time")),
			Quantity: uint16(n), Kind: recommend.ViewItem, // Quantity tells equal lines apart
		}
	}
	return lines
}

func byTime(a, b Line) int { return int(a.Time) - int(b.Time) }

// Inserting in parts is sorting everything at once, stably: of equal times the
// earlier arrival comes first.
func TestInsertEqualsSort(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var got, all []Line
		for range rapid.IntRange(1, 4).Draw(t, "parts") {
			added := drawLines(t, "added", 8)
			all = append(all, added...)
			slices.SortStableFunc(added, byTime)
			old := slices.Clone(got)
			frozen := got[:len(got):len(got)]
			next, first := Insert(got, added)
			if !slices.Equal(frozen, old) {
				t.Fatal("lines that readers may hold have changed")
			}
			if first < 0 || first > len(old) || !slices.Equal(next[:first], old[:first]) {
				t.Fatalf("first changed place %d: %v became %v", first, old, next)
			}
			if len(added) > 0 && first < len(old) && next[first] == old[first] {
				t.Fatalf("place %d is told as changed but is not: %v became %v", first, old, next)
			}
			got = next
		}
		slices.SortStableFunc(all, byTime)
		if !slices.Equal(got, all) {
			t.Fatalf("got  %v\nwant %v", got, all)
		}
	})
}

// Of any number of lines ever added, in whatever parts, those kept are the
// newest, at most the limit and at least seven eighths of it.
func TestDropped(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		limit := rapid.IntRange(1, 40).Draw(t, "limit")
		total := rapid.IntRange(0, 200).Draw(t, "total")
		keep := func(parts func(left int) int) int {
			v := NewVisitors()
			id := v.add(0)
			length := 0
			for left := total; left > 0; {
				n := parts(left)
				left -= n
				length += n
				length -= v.Dropped(id, n, length, limit)
			}
			return length
		}
		once := keep(func(left int) int { return left })
		single := keep(func(int) int { return 1 })
		parts := keep(func(left int) int { return rapid.IntRange(1, left).Draw(t, "part") })
		if once != single || once != parts {
			t.Fatalf("%d kept at once, %d one by one, %d in parts", once, single, parts)
		}
		if want := min(total, limit-limit/8); once > limit || once < want {
			t.Fatalf("%d of %d kept, want %d to %d", once, total, want, limit)
		}
	})
	v := NewVisitors()
	id := v.add(0)
	if got := v.Dropped(id, 1_000_000, 1_000_000, -1); got != 0 {
		t.Errorf("%d lines dropped without a limit", got)
	}
}

// shop drives Resolve as an index does: merge moves the lines.
type shop struct {
	*Visitors
	merges []string
	names  map[uint32]string // of visitors, by their first event
}

func newShop() *shop { return &shop{Visitors: NewVisitors(), names: make(map[uint32]string)} }

// see resolves an event written as "c=ann a=phone s=1 o=7" and gives its
// visitor one line.
func (s *shop) see(event string) Identity {
	e := recommend.Event{Type: recommend.ViewItem, Time: time.Unix(1e9, 0)}
	for _, field := range strings.Fields(event) {
		key, value, _ := strings.Cut(field, "=")
		switch key {
		case "c":
			e.CustomerID = value
		case "a":
			e.AnonymousID = value
		case "s":
			e.SessionID = value
		case "o":
			e.OrderID = value
		}
	}
	id := s.Resolve(&e, s.Keys(&e), func(from, into uint32) {
		s.merges = append(s.merges, s.names[from]+" into "+s.names[into])
		lines, _ := Insert(s.Lines(into), s.Lines(from))
		s.SetLines(into, lines)
	})
	if _, ok := s.names[id.Visitor]; !ok {
		s.names[id.Visitor] = event
	}
	lines, _ := Insert(s.Lines(id.Visitor), []Line{{Time: uint32(len(s.names))}})
	s.SetLines(id.Visitor, lines)
	return id
}

func TestResolve(t *testing.T) {
	tests := []struct {
		name   string
		events []string
		// visitors is, per event, the number of the event whose visitor it
		// belongs to in the end; lines how many lines that visitor has.
		visitors []int
		lines    map[int]int
	}{
		{"nobody twice", []string{"a=x", "a=y"}, []int{0, 1}, map[int]int{0: 1, 1: 1}},
		{"the same device", []string{"a=x", "a=x s=1"}, []int{0, 0}, map[int]int{0: 2}},
		{"login in mid-session, by device", []string{"a=x", "c=ann a=x", "a=x"}, []int{1, 1, 1}, map[int]int{1: 3}},
		{"login in mid-session, by session alone", []string{"s=1", "c=ann s=1", "s=1"}, []int{1, 1, 1}, map[int]int{1: 3}},
		{"login of a known customer on a new device", []string{"c=ann", "a=x s=1", "c=ann a=x s=1"}, []int{0, 0, 0}, map[int]int{0: 3}},
		{
			"device and session of two strangers become one customer",
			[]string{"a=x", "s=1", "c=ann a=x s=1"},
			[]int{2, 2, 2},
			map[int]int{2: 3},
		},
		{"two strangers turn out to be one", []string{"a=x", "s=1", "a=x s=1"}, []int{0, 0, 0}, map[int]int{0: 3}},
		{
			// Ann's history stays hers; what follows on the device is Bob's.
			"a shared device changes hands",
			[]string{"c=ann a=x", "c=bob a=x", "a=x"},
			[]int{0, 1, 1},
			map[int]int{0: 1, 1: 2},
		},
		{
			"a session of a known customer does not move",
			[]string{"c=ann s=1", "c=bob s=1", "s=1", "c=ann"},
			[]int{0, 1, 1, 0},
			map[int]int{0: 2, 1: 2},
		},
		{
			"the known one wins over the stranger's device",
			[]string{"c=ann s=1", "a=x", "a=x s=1"},
			[]int{0, 0, 0},
			map[int]int{0: 3},
		},
		{"order only", []string{"o=7", "o=7", "o=8"}, []int{0, 0, 2}, map[int]int{0: 2, 2: 1}},
		{"order only, after the customer's", []string{"c=ann o=7", "o=7"}, []int{0, 0}, map[int]int{0: 2}},
		{"order of a stranger, then the customer's", []string{"a=x o=7", "c=ann o=7", "a=x"}, []int{1, 1, 1}, map[int]int{1: 3}},
		{"another customer's order", []string{"c=ann o=7", "c=bob o=7", "o=7"}, []int{0, 1, 0}, map[int]int{0: 2, 1: 1}},
		{"merged twice over", []string{"s=1", "a=x s=1", "c=ann a=x", "s=1"}, []int{2, 2, 2, 2}, map[int]int{2: 4}},
		{"customer ids and anonymous ids are different names", []string{"c=x", "a=x", "s=x", "o=x"}, []int{0, 1, 2, 3}, map[int]int{0: 1, 1: 1}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newShop()
			var ids []uint32
			for _, e := range tt.events {
				ids = append(ids, s.see(e).Visitor)
			}
			for n, want := range tt.visitors {
				if s.Find(ids[n]) != s.Find(ids[want]) {
					t.Errorf("event %d (%s) is not of the visitor of event %d (%s); merges %q", n, tt.events[n], want, tt.events[want], s.merges)
				}
				for other, place := range tt.visitors {
					if place != want && s.Find(ids[other]) == s.Find(ids[n]) {
						t.Errorf("events %d and %d are of one visitor; merges %q", n, other, s.merges)
					}
				}
			}
			for n, want := range tt.lines {
				if got := len(s.Lines(s.Find(ids[n]))); got != want {
					t.Errorf("the visitor of event %d has %d lines, want %d", n, got, want)
				}
			}
			if err := s.check(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestResolveNamesGroups(t *testing.T) {
	s := newShop()
	first := s.see("c=ann s=1 o=7")
	if first.Session == 0 || first.Order == 0 || first.Session == first.Order || !first.NewOrder {
		t.Errorf("%+v, want a session and a new order", first)
	}
	again := s.see("c=ann o=7")
	if again.Session != 0 || again.Order != first.Order || again.NewOrder {
		t.Errorf("%+v, want the order of before and no session", again)
	}
	if g := s.OrderGroup("7"); g == first.Order || g == 0 || g != s.OrderGroup("7") {
		t.Errorf("an event that stands for an order has group %d", g)
	}
}

func TestFrozenLooksUpByKind(t *testing.T) {
	s := newShop()
	s.see("a=x s=1")
	f := s.Freeze()
	s.see("c=ann a=x")
	s.see("c=bob s=9")
	if f.Customer("ann") != nil || f.Anonymous("x") == nil || len(f.Anonymous("x").Lines) != 1 {
		t.Error("the frozen state has changed")
	}
	f = s.Freeze()
	ann := f.Customer("ann")
	if ann == nil || len(ann.Lines) != 2 || !ann.known() || f.Anonymous("x") != ann {
		t.Errorf("ann is %+v, want the device's two lines", ann)
	}
	if v, node := f.Session("1"); v != ann || node == 0 {
		t.Errorf("session 1 is of %+v, group %d", v, node)
	}
	for _, id := range []string{"", "nobody", "x", strings.Repeat("y", recommend.MaxIDBytes+1)} {
		if v := f.Customer(id); v != nil {
			t.Errorf("customer %.10q is %+v", id, v)
		}
	}
	longest := strings.Repeat("z", recommend.MaxIDBytes)
	s.see("c=" + longest)
	if s.Freeze().Customer(longest) == nil {
		t.Error("a customer of the longest id is not found")
	}
}

// state is everything Each tells, written down.
func state(v *Visitors) string {
	var b strings.Builder
	v.Each(func(keys []string, lines []Line, group func(uint32) string) {
		fmt.Fprintf(&b, "%q", keys)
		for _, l := range lines {
			fmt.Fprintf(&b, " %+v %q", l, group(l.Group))
		}
		b.WriteByte('\n')
	})
	return b.String()
}

func TestEachTellsLiveVisitorsOnce(t *testing.T) {
	s := newShop()
	s.see("a=x")
	s.see("c=ann a=x")
	s.see("s=2")
	var got [][]string
	s.Each(func(keys []string, lines []Line, _ func(uint32) string) {
		got = append(got, append(keys, fmt.Sprint(len(lines))))
	})
	want := [][]string{{"ann", "1", "2"}, {"", "1", "1"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
