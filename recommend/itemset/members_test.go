package itemset

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func membersOf(m model) *Members {
	out := &Members{}
	for _, i := range m.sorted() {
		out.Add(i)
	}
	return out
}

// dense is the Members of all items below n, as a Set.
func dense(n int) *Members {
	m := &Members{}
	for i := range uint32(n) {
		m.Add(i)
	}
	return m
}

func checkMembers(t *rapid.T, m *Members, want model) {
	t.Helper()
	if diff := cmp.Diff(want.sorted(), m.AppendTo(nil)); diff != "" {
		t.Fatalf("members (-want +got):\n%s", diff)
	}
	if got := slices.Collect(m.All()); !slices.Equal(got, want.sorted()) {
		t.Fatalf("All differs from AppendTo: %v", got)
	}
	if m.Count() != len(want) {
		t.Fatalf("Count = %d, want %d", m.Count(), len(want))
	}
	for i := range uint32(600) {
		if m.Has(i) != want[i] {
			t.Fatalf("Has(%d) = %v, want %v", i, m.Has(i), want[i])
		}
	}
}

func TestMembersAgainstMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m, want := &Members{}, model{}
		var old *Members
		var oldWant model
		add := func(i uint32) {
			if got := m.Add(i); got == want[i] {
				t.Fatalf("Add(%d) = %v", i, got)
			}
			want[i] = true
		}
		remove := func(i uint32) {
			if got := m.Remove(i); got != want[i] {
				t.Fatalf("Remove(%d) = %v", i, got)
			}
			delete(want, i)
		}
		item := rapid.OneOf(rapid.Uint32Range(0, 500), rapid.Uint32Range(0, 20_000))
		t.Repeat(map[string]func(*rapid.T){
			"add":    func(t *rapid.T) { add(item.Draw(t, "item")) },
			"remove": func(t *rapid.T) { remove(item.Draw(t, "item")) },
			"add a run": func(t *rapid.T) {
				from := item.Draw(t, "from")
				for i := from; i < from+100; i++ {
					add(i)
				}
			},
			"remove a run": func(t *rapid.T) {
				from := item.Draw(t, "from")
				for i := from; i < from+100; i++ {
					remove(i)
				}
			},
			"clone": func(t *rapid.T) {
				old, oldWant = m, model{}
				for i := range want {
					oldWant[i] = true
				}
				m = m.Clone()
			},
			"": func(t *rapid.T) {
				checkMembers(t, m, want)
				if old != nil {
					checkMembers(t, old, oldWant)
				}
			},
		})
	})
}

func TestMembersFormFollowsDensity(t *testing.T) {
	m := &Members{}
	for i := range uint32(alwaysList - 1) {
		m.Add(i)
	}
	if m.set != nil {
		t.Fatalf("%d members are a set, want a list", m.Count())
	}
	m.Add(alwaysList - 1)
	if m.set == nil {
		t.Fatalf("%d members of %d items are a list, want a set", m.Count(), alwaysList)
	}
	// One far member makes the span 100,000 items for 65 members: a list again.
	m.Add(99_999)
	if m.set != nil {
		t.Fatal("65 members of 100,000 items are a set, want a list")
	}
	if diff := cmp.Diff(append(ids(0, alwaysList), 99_999), m.AppendTo(nil)); diff != "" {
		t.Error(diff)
	}
	if m.Bytes() > 1000 {
		t.Errorf("Bytes = %d for 65 members", m.Bytes())
	}
}

func TestNilMembersAreEmpty(t *testing.T) {
	var m *Members
	if m.Has(0) || m.Count() != 0 || m.AppendTo(nil) != nil || m.Bytes() != 0 {
		t.Error("a nil Members must be empty")
	}
	for i := range m.All() {
		t.Errorf("a nil Members has %d", i)
	}
	s := New(100)
	s.Set(5)
	s.OrMembers(nil)
	if !s.Has(5) {
		t.Error("or with nothing removed a member")
	}
	s.AndMembers(nil)
	if s.Count() != 0 {
		t.Error("and with nothing must leave nothing")
	}
}
