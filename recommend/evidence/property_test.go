package evidence

import (
	"slices"
	"testing"
	"unsafe"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"osusume/recommend"
	"osusume/recommend/profile"
)

const (
	modelItems  = 9
	modelLeaves = 4
)

// shop is an Index beside the histories it was told of.
type shop struct {
	settings Settings
	x        *Index
	facts    map[uint32]Facts
	visitors [][]profile.Line
	views    []View
	dumps    []dump
}

func (s *shop) Len() int                      { return len(s.visitors) }
func (s *shop) Lines(v uint32) []profile.Line { return s.visitors[v] }

func (s *shop) update(v uint32, now []profile.Line, first int) {
	s.x.Update(v, s.visitors[v], now, first)
	s.visitors[v] = now
}

func (s *shop) model() dump {
	return modelOf(s.settings, s.facts, s.visitors, modelItems, modelLeaves)
}

func (s *shop) dump() dump { return dumpOf(s.x.Freeze(), modelItems, modelLeaves) }

func drawSettings(t *rapid.T) Settings {
	return Settings{
		ChoiceDays:  rapid.IntRange(0, 2).Draw(t, "choice days"),
		UpgradeDays: rapid.IntRange(0, 5).Draw(t, "upgrade days"),
		FamilyLines: rapid.SampledFrom([]int{0, 1, 3, 6}).Draw(t, "family lines"),
		ItemOrder:   rapid.Bool().Draw(t, "item order"),
	}
}

func drawFacts(t *rapid.T) Facts {
	return Facts{
		Family: rapid.Uint32Range(0, 2).Draw(t, "family"),
		Group:  rapid.Uint32Range(0, 3).Draw(t, "group"),
		Leaf:   rapid.Uint32Range(0, modelLeaves-1).Draw(t, "leaf"),
	}
}

// drawLines draws lines in time order, close enough for bounds to matter.
func drawLines(t *rapid.T, most int) []profile.Line {
	kinds := []recommend.EventType{
		recommend.ViewItem, recommend.AddToCart, recommend.Purchase, recommend.Purchase,
		recommend.Refund, recommend.Rating, recommend.RemoveFromCart,
	}
	lines := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) profile.Line {
		return profile.Line{
			Item: rapid.Uint32Range(0, modelItems-1).Draw(t, "item"),
			// The edges of 30 minutes and of days are hit now and then.
			Time: 100*secondsPerDay + rapid.Uint32Range(0, 6).Draw(t, "day")*secondsPerDay +
				rapid.SampledFrom([]uint32{0, 1, 1800, 1801, secondsPerDay - 1}).Draw(t, "second"),
			Group:    rapid.Uint32Range(0, 4).Draw(t, "group"),
			Quantity: uint16(rapid.IntRange(1, 2).Draw(t, "quantity")),
			Kind:     rapid.SampledFrom(kinds).Draw(t, "kind"),
		}
	}), 0, most).Draw(t, "lines")
	slices.SortStableFunc(lines, func(a, b profile.Line) int { return int(int64(a.Time) - int64(b.Time)) })
	return lines
}

// TestIndexIsItsModel does everything that can happen to histories and facts, in
// any order, with recounts in between and unfinished: in the end the counts are
// the sum over visitors of what the definitions say, and no View has changed.
func TestIndexIsItsModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		settings := drawSettings(t)
		s := &shop{settings: settings, x: New(settings), facts: map[uint32]Facts{}}
		visitor := func(t *rapid.T) uint32 {
			if len(s.visitors) == 0 {
				t.Skip("nobody yet")
			}
			return rapid.Uint32Range(0, uint32(len(s.visitors)-1)).Draw(t, "visitor")
		}
		t.Repeat(map[string]func(*rapid.T){
			"arrive": func(t *rapid.T) {
				s.visitors = append(s.visitors, nil)
				s.update(uint32(len(s.visitors)-1), drawLines(t, 12), 0)
			},
			"act": func(t *rapid.T) {
				v := visitor(t)
				now, first := profile.Insert(slices.Clone(s.visitors[v]), drawLines(t, 5))
				s.update(v, now, first)
			},
			"drop the oldest": func(t *rapid.T) {
				v := visitor(t)
				s.update(v, s.visitors[v][len(s.visitors[v])/2:], 0)
			},
			"erase": func(t *rapid.T) { s.update(visitor(t), nil, 0) },
			"merge": func(t *rapid.T) {
				from, into := visitor(t), visitor(t)
				if from == into {
					t.Skip("with itself")
				}
				moved := s.visitors[from]
				s.update(from, nil, 0)
				now, first := profile.Insert(slices.Clone(s.visitors[into]), moved)
				s.update(into, now, first)
			},
			"describe": func(t *rapid.T) {
				item := rapid.Uint32Range(0, modelItems-1).Draw(t, "item")
				s.facts[item] = drawFacts(t)
				s.x.SetFacts(item, s.facts[item])
			},
			"restart": func(t *rapid.T) { s.x.Restart() },
			"recount": func(t *rapid.T) {
				steps := rapid.IntRange(0, 2).Draw(t, "steps")
				s.x.Recount(s, func() bool { steps--; return steps >= 0 })
			},
			"recount part of a step": func(t *rapid.T) {
				// As if a step had been cut there: only what the first visitors
				// bring is behind the recount.
				if s.x.Behind() && s.x.mode != settled && int(s.x.next) < len(s.visitors) {
					s.x.recount(s.visitors[s.x.next])
					s.x.next++
				}
			},
			"freeze": func(t *rapid.T) {
				s.views = append(s.views, s.x.Freeze())
				s.dumps = append(s.dumps, dumpOf(s.views[len(s.views)-1], modelItems, modelLeaves))
			},
			"": func(t *rapid.T) {
				if s.x.Behind() {
					return
				}
				if diff := cmp.Diff(s.model(), s.dump()); diff != "" {
					t.Fatalf("counts (-model +index):\n%s", diff)
				}
			},
		})
		if !s.x.Recount(s, func() bool { return true }) || s.x.Behind() {
			t.Fatal("a recount without a limit is not done")
		}
		if diff := cmp.Diff(s.model(), s.dump()); diff != "" {
			t.Errorf("counts (-model +index):\n%s", diff)
		}
		checkTable(t, "pairs", &s.x.pairs)
		checkTable(t, "leaf order", &s.x.leafOrder)
		checkTable(t, "item order", &s.x.itemOrder)
		for i, v := range s.views {
			if diff := cmp.Diff(s.dumps[i], dumpOf(v, modelItems, modelLeaves)); diff != "" {
				t.Errorf("view %d changed (-then +now):\n%s", i, diff)
			}
		}
	})
}

// checkTable holds a table's own figures against its rows.
func checkTable[C counts](t *rapid.T, name string, of *table[C]) {
	pairs, held := 0, int64(0)
	for i := range uint32(of.rows.rows.Len()) {
		r := of.rows.rows.At(i)
		pairs += len(r.entries)
		held += int64(cap(r.entries)) * int64(unsafe.Sizeof(entry[C]{}))
	}
	if pairs != of.pairs || held != of.held {
		t.Errorf("%s: %d pairs of %d bytes, said to be %d of %d", name, pairs, held, of.pairs, of.held)
	}
}

// TestOrderOfVisitorsDoesNotMatter: who comes first changes nothing.
func TestOrderOfVisitorsDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		settings := drawSettings(t)
		one, other := New(settings), New(settings)
		for i := range uint32(modelItems) {
			f := drawFacts(t)
			one.SetFacts(i, f)
			other.SetFacts(i, f)
		}
		visitors := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) []profile.Line { return drawLines(t, 12) }), 2, 4).Draw(t, "visitors")
		order := rapid.Permutation([]int{0, 1, 2, 3}).Draw(t, "order")
		for v, lines := range visitors {
			one.Update(uint32(v), nil, lines, 0)
		}
		for _, v := range order {
			if v < len(visitors) {
				other.Update(uint32(v), nil, visitors[v], 0)
			}
		}
		if diff := cmp.Diff(dumpOf(one.Freeze(), modelItems, modelLeaves), dumpOf(other.Freeze(), modelItems, modelLeaves)); diff != "" {
			t.Errorf("counts differ:\n%s", diff)
		}
	})
}
