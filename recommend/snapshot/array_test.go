package snapshot

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func contents[T comparable](f Frozen[T]) []T {
	out := []T{}
	for i := range uint32(f.Len()) {
		if f.At(i) != *f.Ref(i) {
			panic(fmt.Sprint("At and Ref differ at ", i))
		}
		out = append(out, f.At(i))
	}
	return out
}

// TestArrayAgainstSlice: every frozen state goes on holding what the array held
// when it was frozen, whatever the writer does.
func TestArrayAgainstSlice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var a Array[int]
		want := []int{}
		type state struct {
			frozen Frozen[int]
			want   []int
		}
		var states []state
		value := rapid.IntRange(1, 1000)
		index := func(t *rapid.T) uint32 {
			if len(want) == 0 {
				t.Skip("empty")
			}
			return rapid.Uint32Range(0, uint32(len(want)-1)).Draw(t, "index")
		}
		t.Repeat(map[string]func(*rapid.T){
			"append a run": func(t *rapid.T) {
				// Runs that end just before, at and after the end of a page.
				for range rapid.SampledFrom([]int{1, 3, PageLen - 1, PageLen, PageLen + 1}).Draw(t, "n") {
					v := value.Draw(t, "value")
					if got := a.Append(v); int(got) != len(want) {
						t.Fatalf("Append = %d, want %d", got, len(want))
					}
					want = append(want, v)
				}
			},
			"set": func(t *rapid.T) {
				i, v := index(t), value.Draw(t, "value")
				a.Set(i, v)
				want[i] = v
			},
			"change in place": func(t *rapid.T) {
				i := index(t)
				p := a.Ptr(i)
				*p++
				a.Append(0) // the pointer stays good while the array grows
				*p++
				want = append(want, 0)
				want[i] += 2
			},
			"grow": func(t *rapid.T) {
				n := len(want) + rapid.IntRange(-5, 300).Draw(t, "by")
				a.Grow(n)
				for len(want) < n {
					want = append(want, 0)
				}
			},
			"freeze": func(t *rapid.T) {
				f := a.Freeze()
				if again := a.Freeze(); again.Len() != f.Len() || f.Len() > 0 && again.Ref(0) != f.Ref(0) {
					t.Fatal("freezing twice gives two states")
				}
				states = append(states, state{f, slices.Clone(want)})
			},
			"": func(t *rapid.T) {
				if a.Len() != len(want) {
					t.Fatalf("Len = %d, want %d", a.Len(), len(want))
				}
			},
		})
		for i := range want {
			if got := a.At(uint32(i)); got != want[i] {
				t.Fatalf("At(%d) = %d, want %d", i, got, want[i])
			}
		}
		states = append(states, state{a.Freeze(), want})
		for k, s := range states {
			if diff := cmp.Diff(append([]int{}, s.want...), contents(s.frozen)); diff != "" {
				t.Fatalf("state %d (-want +got):\n%s", k, diff)
			}
		}
	})
}

// TestFreezeCopiesOnlyDirtyPages is the reason for the pages: a change clones
// one of them.
func TestFreezeCopiesOnlyDirtyPages(t *testing.T) {
	var a Array[int]
	a.Grow(4 * PageLen)
	before := a.Freeze()
	a.Set(2*PageLen+7, 1)
	after := a.Freeze()
	for p := range uint32(4) {
		same := before.Ref(p*PageLen) == after.Ref(p*PageLen)
		if same == (p == 2) {
			t.Errorf("page %d: shared = %v after a change to page 2", p, same)
		}
	}
	a.Set(2*PageLen+8, 1)
	a.Set(2*PageLen+9, 1)
	if first, second := a.Ptr(2*PageLen), a.Ptr(2*PageLen); first != second {
		t.Error("a page is cloned twice between two freezes")
	}
}

func TestAppendAfterFreezeNeedsNoClone(t *testing.T) {
	var a Array[int]
	a.Grow(10)
	before := a.Freeze()
	a.Append(5)
	after := a.Freeze()
	if before.Ref(0) != after.Ref(0) {
		t.Error("appending cloned the last page")
	}
	if before.Len() != 10 || after.Len() != 11 || after.At(10) != 5 {
		t.Errorf("lengths %d, %d, last %d, want 10, 11, 5", before.Len(), after.Len(), after.At(10))
	}
}

// TestReadersBesideTheWriter is for the race detector: a reader walks frozen
// states while the writer appends behind them and changes what they hold.
func TestReadersBesideTheWriter(t *testing.T) {
	var a Array[uint32]
	frozen := make(chan Frozen[uint32])
	failed := make(chan error, 1)
	go func() {
		defer close(failed)
		for f := range frozen {
			for i := range uint32(f.Len()) {
				if v := f.At(i); v%1000 != i%1000 {
					failed <- fmt.Errorf("At(%d) = %d", i, v)
					return
				}
			}
		}
	}()
	for round := range uint32(30) {
		for range 40 {
			a.Append(uint32(a.Len()) % 1000)
		}
		for i := round; int(i) < a.Len(); i += 37 {
			a.Set(i, a.At(i)+1000)
		}
		select {
		case frozen <- a.Freeze():
		case err := <-failed:
			t.Fatal(err)
		}
	}
	close(frozen)
	if err := <-failed; err != nil {
		t.Fatal(err)
	}
}

// Epochs come round after four thousand million publications.
func TestEpochsComeRound(t *testing.T) {
	var a Array[int]
	a.epoch = math.MaxUint32
	a.Grow(2 * PageLen)
	before := a.Freeze()
	a.Set(3, 7)
	if after := a.Freeze(); before.At(3) != 0 || after.At(3) != 7 || after.Ref(PageLen) != before.Ref(PageLen) {
		t.Errorf("%d and %d, want 0 and 7", before.At(3), after.At(3))
	}
}

func TestOutOfRangePanics(t *testing.T) {
	var a Array[int]
	a.Grow(PageLen)
	f := a.Freeze()
	a.Append(1)
	tests := []struct {
		name string
		read func()
	}{
		{"array", func() { a.At(2 * PageLen) }},
		{"frozen", func() { f.At(tableLen * PageLen) }},
		{"frozen ref", func() { f.Ref(tableLen * PageLen) }},
		{"ptr", func() { a.Ptr(2 * PageLen) }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("must panic")
				}
			}()
			tt.read()
		})
	}
}
