package itemset

import (
	"maps"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// model is a set as a test believes it to be.
type model map[uint32]bool

func (m model) sorted() []uint32 { return slices.Sorted(maps.Keys(m)) }

// drawSet draws a set and its model. Lengths reach past several steps of the
// widest vector kernel (512 bits) and include 0 and lengths inside a word.
func drawSet(t *rapid.T, label string) (*Set, model) {
	n := rapid.OneOf(rapid.IntRange(0, 70), rapid.IntRange(0, 3000)).Draw(t, label+" length")
	s, m := New(n), model{}
	if n == 0 {
		return s, m
	}
	if rapid.Bool().Draw(t, label+" full") {
		for i := range uint32(n) {
			s.Set(i)
			m[i] = true
		}
	}
	for _, i := range rapid.SliceOfN(rapid.Uint32Range(0, uint32(n-1)), 0, 50).Draw(t, label+" toggled") {
		if m[i] {
			s.Clear(i)
			delete(m, i)
		} else {
			s.Set(i)
			m[i] = true
		}
	}
	return s, m
}

// check compares everything a Set says with the model, and its invariant.
func check(t *rapid.T, what string, s *Set, want model, n int) {
	t.Helper()
	if diff := cmp.Diff(want.sorted(), s.AppendTo(nil)); diff != "" {
		t.Fatalf("%s: members (-want +got):\n%s", what, diff)
	}
	if got := slices.Collect(s.All()); !slices.Equal(got, want.sorted()) {
		t.Fatalf("%s: All differs from AppendTo: %v", what, got)
	}
	if s.Len() != n || s.Count() != len(want) {
		t.Fatalf("%s: Len, Count = %d, %d, want %d, %d", what, s.Len(), s.Count(), n, len(want))
	}
	for i := range uint32(n + 130) {
		if s.Has(i) != want[i] {
			t.Fatalf("%s: Has(%d) = %v, want %v", what, i, s.Has(i), want[i])
		}
	}
	if len(s.words) != wordsFor(n) {
		t.Fatalf("%s: %d words for %d items", what, len(s.words), n)
	}
	if rest := n & 63; rest != 0 && s.words[len(s.words)-1]>>rest != 0 {
		t.Fatalf("%s: bits beyond the length", what)
	}
}

func TestSetAgainstMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, ma := drawSet(t, "a")
		b, mb := drawSet(t, "b")
		n := a.Len()
		check(t, "a", a, ma, n)

		and, andNot, or, below := model{}, model{}, maps.Clone(ma), maps.Clone(ma)
		for i := range ma {
			if mb[i] {
				and[i] = true
			} else {
				andNot[i] = true
			}
		}
		for i := range mb {
			or[i] = true
			if int(i) < n {
				below[i] = true
			}
		}
		op := func(f func(s *Set)) *Set {
			s := a.Clone()
			f(s)
			return s
		}
		members := membersOf(mb)
		check(t, "And", op(func(s *Set) { s.And(b) }), and, n)
		check(t, "AndNot", op(func(s *Set) { s.AndNot(b) }), andNot, n)
		check(t, "Or", op(func(s *Set) { s.Or(b) }), or, max(n, b.Len()))
		check(t, "AndMembers", op(func(s *Set) { s.AndMembers(members) }), and, n)
		check(t, "OrMembers", op(func(s *Set) { s.OrMembers(members) }), below, n)
		check(t, "CopyFrom", op(func(s *Set) { s.CopyFrom(b) }), mb, b.Len())
		check(t, "Reset", op(func(s *Set) { s.Reset(b.Len()) }), model{}, b.Len())
		check(t, "Grow", op(func(s *Set) { s.Grow(b.Len()) }), ma, max(n, b.Len()))
		check(t, "And with itself", op(func(s *Set) { s.And(s) }), ma, n)
		check(t, "operand", b, mb, b.Len())
		check(t, "a after all", a, ma, n)
		if got, want := a.Equal(b), maps.Equal(ma, mb); got != want {
			t.Fatalf("Equal = %v, want %v", got, want)
		}
	})
}

// TestFaultsOfTheLibrary holds the guards against the known faults of
// kelindar/bitmap 1.5.5, one case each; run it with and without -tags noasm.
func TestFaultsOfTheLibrary(t *testing.T) {
	set := func(n int, ids ...uint32) *Set {
		s := New(n)
		for _, i := range ids {
			s.Set(i)
		}
		return s
	}
	tests := []struct {
		name string
		op   func() *Set
		want []uint32
		n    int
	}{
		{"or with an empty operand", func() *Set { s := set(100, 7); s.Or(New(0)); return s }, []uint32{7}, 100},
		{"or of an empty set", func() *Set { s := New(0); s.Or(set(100, 7)); return s }, []uint32{7}, 100},
		{"or of two empty sets", func() *Set { s := New(0); s.Or(New(0)); return s }, nil, 0},
		{"or with a shorter one", func() *Set { s := set(1000, 7, 999); s.Or(set(65, 64)); return s }, []uint32{7, 64, 999}, 1000},
		{"or with a longer one", func() *Set { s := set(65, 64); s.Or(set(1000, 7, 999)); return s }, []uint32{7, 64, 999}, 1000},
		{"or of members beyond the length", func() *Set { s := set(65, 64); s.OrMembers(dense(1000)); return s }, ids(0, 65), 65},
		{"and with an empty operand", func() *Set { s := set(100, 7); s.And(New(0)); return s }, nil, 100},
		{"and with a shorter one", func() *Set { s := set(1000, 7, 64, 999); s.And(set(65, 64)); return s }, []uint32{64}, 1000},
		{"and with a longer one", func() *Set { s := set(65, 7, 64); s.And(set(1000, 64, 999)); return s }, []uint32{64}, 65},
		{"and not with an empty operand", func() *Set { s := set(100, 7); s.AndNot(New(0)); return s }, []uint32{7}, 100},
		{"and not with a shorter one keeps the tail", func() *Set { s := set(1000, 7, 64, 999); s.AndNot(set(65, 64)); return s }, []uint32{7, 999}, 1000},
		{"and not with a longer one", func() *Set { s := set(65, 7, 64); s.AndNot(set(1000, 64, 999)); return s }, []uint32{7}, 65},
		{"copy over a longer one leaves nothing behind", func() *Set {
			s := set(1000, 7, 999)
			s.CopyFrom(set(65, 64))
			s.Grow(1000)
			return s
		}, []uint32{64}, 1000},
		{"growing over used memory finds zeros", func() *Set {
			s := set(1000, 7, 999)
			s.Reset(10)
			s.Grow(1000)
			return s
		}, nil, 1000},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := tt.op()
			if diff := cmp.Diff(tt.want, got.AppendTo(nil)); diff != "" {
				t.Errorf("members (-want +got):\n%s", diff)
			}
			if got.Len() != tt.n {
				t.Errorf("Len = %d, want %d", got.Len(), tt.n)
			}
		})
	}
}

func TestSetBeyondLengthPanics(t *testing.T) {
	for _, i := range []uint32{70, 100, 1 << 31, 1<<32 - 1} {
		func() {
			s := New(70)
			defer func() {
				if recover() == nil {
					t.Errorf("Set(%d) of a set of 70 must panic", i)
				}
				if len(s.words) != 2 {
					t.Errorf("Set(%d) made the set %d words long", i, len(s.words))
				}
			}()
			s.Clear(i)
			if s.Has(i) {
				t.Errorf("Has(%d) of a set of 70", i)
			}
			s.Set(i)
		}()
	}
}

func TestCloneIsIndependent(t *testing.T) {
	a := New(100)
	a.Set(3)
	b := a.Clone()
	b.Set(4)
	b.Clear(3)
	if !a.Has(3) || a.Has(4) {
		t.Error("a clone shares bits with its original")
	}
}

func TestNoAllocation(t *testing.T) {
	a, b, m := New(10_000), New(9_000), dense(5_000)
	list := &Members{}
	list.Add(77)
	work := New(10_000)
	got := testing.AllocsPerRun(10, func() {
		work.CopyFrom(a)
		work.Or(b)
		work.And(b)
		work.AndNot(b)
		work.Reset(9_000)
		work.OrMembers(m)
		work.OrMembers(list)
		work.AndMembers(m)
		work.AndMembers(list)
		if work.Count() != 1 {
			t.Fatalf("Count = %d, want 1", work.Count())
		}
	})
	if got != 0 {
		t.Errorf("%v allocations, want 0", got)
	}
}

// TestHasInlines asks the compiler, because scoring calls Has per candidate.
func TestHasInlines(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the compiler")
	}
	goTool, err := exec.LookPath("go")
	if err != nil {
		t.Skip("no go command here")
	}
	out, err := exec.CommandContext(t.Context(), goTool, "build", "-gcflags=-m", ".").CombinedOutput()
	if err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	for _, f := range []string{"(*Set).Has", "(*Set).Len", "(*Set).Clear"} {
		if !strings.Contains(string(out), "can inline "+f+"\n") {
			t.Errorf("%s no longer inlines", f)
		}
	}
}

func ids(from, to uint32) []uint32 {
	var list []uint32
	for i := from; i < to; i++ {
		list = append(list, i)
	}
	return list
}
