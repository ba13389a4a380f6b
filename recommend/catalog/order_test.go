package catalog

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"osusume/recommend/snapshot"
)

func TestOrder(t *testing.T) {
	const n = 6000
	rng := rand.New(rand.NewPCG(5, 5))
	random := make([]string, n)
	for i := range random {
		// Many names share their first eight bytes, and some are shorter.
		random[i] = fmt.Sprintf("same-pre%x", rng.Uint64())
		if i%3 == 0 {
			random[i] = fmt.Sprintf("%x", i)
		}
	}
	ascending := slices.Sorted(slices.Values(random))
	descending := slices.Clone(ascending)
	slices.Reverse(descending)
	tests := []struct {
		name  string
		names []string
	}{
		{"random", random},
		{"ascending", ascending},
		{"descending", descending},
		{"none", nil},
		{"bytes, not letters", []string{"b", "B", "あ", "a\x00", "a", "", "\xff"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var names snapshot.Dict
			var o, built order
			var frozen []frozenOrder
			for k, name := range tt.names {
				o.insert(&names, names.Intern(name))
				if k%1000 == 500 {
					frozen = append(frozen, o.freeze())
				}
			}
			built.build(&names)
			f := names.Freeze()
			sorted := func(what string, fo frozenOrder, of []string) {
				t.Helper()
				want := slices.Sorted(slices.Values(of))
				var got []string
				for id := range fo.all() {
					got = append(got, f.Key(id))
				}
				if !slices.Equal(got, want) {
					t.Errorf("%s: %d names not in order, want %d", what, len(got), len(want))
				}
				for _, b := range fo.blocks {
					if b.n == 0 {
						t.Errorf("%s: an empty block", what)
					}
				}
			}
			sorted("inserted", o.freeze(), tt.names)
			sorted("built", built.freeze(), tt.names)
			for k, fo := range frozen {
				sorted(fmt.Sprintf("frozen at %d", k*1000+501), fo, tt.names[:k*1000+501])
			}
			if len(tt.names) < n {
				return
			}
			for k := 0; k < n; k += 97 {
				next := ""
				for id := range o.freeze().after(f, ascending[k]) {
					next = f.Key(id)
					break
				}
				want := ""
				if k+1 < n {
					want = ascending[k+1]
				}
				if next != want {
					t.Errorf("after %q comes %q, want %q", ascending[k], next, want)
				}
			}
		})
	}
	t.Run("ascending names fill their blocks", func(t *testing.T) {
		var names snapshot.Dict
		var o order
		for _, name := range ascending {
			o.insert(&names, names.Intern(name))
		}
		if want := (n + blockLen - 1) / blockLen; len(o.blocks) != want {
			t.Errorf("%d blocks, want %d", len(o.blocks), want)
		}
	})
	t.Run("a full block splits at any place", func(t *testing.T) {
		for _, at := range []int{0, 1, blockLen/2 - 1, blockLen / 2, blockLen/2 + 1, blockLen/2 + 2, blockLen - 1, blockLen, blockLen + 1, 3 * blockLen / 2, 3*blockLen/2 + 1, 2*blockLen - 1, 2 * blockLen} {
			var names snapshot.Dict
			var o order
			for k := range 2 * blockLen {
				o.insert(&names, names.Intern(fmt.Sprintf("%04d", k)))
			}
			o.freeze()
			// "-001+" comes before "0000".
			o.insert(&names, names.Intern(fmt.Sprintf("%04d+", at-1)))
			last, n := "", 0
			for id := range o.freeze().all() {
				if name := names.Key(id); name <= last {
					t.Fatalf("a name at %d: %q follows %q", at, name, last)
				}
				last = names.Key(id)
				n++
			}
			if n != 2*blockLen+1 {
				t.Fatalf("a name at %d: %d names", at, n)
			}
		}
	})
}
