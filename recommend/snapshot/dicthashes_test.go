package snapshot

import (
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// Both compact dictionaries against a map: ids are dense and in order of
// appearance, and a frozen state never learns what came later.
func TestCompactDictsAgainstMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var names Names
		var hashes Hashes
		ids, keys := map[string]uint32{}, []string{}
		// Few hashes, so that many share their start, 0 and the greatest included.
		hashOf := func(k string) uint64 { return uint64(len(k)-1)<<56 | uint64(ids[k]) - 1 }
		type state struct {
			names  FrozenNames
			hashes FrozenHashes
		}
		var states []state
		intern := func(k string) {
			want, known := ids[k]
			if !known {
				want = uint32(len(keys))
				ids[k], keys = want, append(keys, k)
			}
			if got := names.Intern(k); got != want {
				t.Fatalf("Names.Intern(%q) = %d, want %d", k, got, want)
			}
			if got := hashes.Intern(hashOf(k)); got != want {
				t.Fatalf("Hashes.Intern(%x) = %d, want %d", hashOf(k), got, want)
			}
		}
		key := rapid.OneOf(rapid.StringN(1, 3, 3), rapid.Custom(func(t *rapid.T) string {
			return strings.Repeat("x", rapid.SampledFrom([]int{1, 127, 128, 255, MaxNameBytes}).Draw(t, "length"))
		}))
		t.Repeat(map[string]func(*rapid.T){
			"intern": func(t *rapid.T) { intern(key.Draw(t, "key")) },
			"intern a run": func(t *rapid.T) {
				from := rapid.IntRange(0, 500).Draw(t, "from")
				for n := range 80 {
					intern("customer-" + strconv.Itoa(from+n))
				}
			},
			"freeze": func(*rapid.T) { states = append(states, state{names.Freeze(), hashes.Freeze()}) },
		})
		states = append(states, state{names.Freeze(), hashes.Freeze()})
		if names.Len() != len(keys) || hashes.Len() != len(keys) {
			t.Fatalf("%d names and %d hashes, want %d", names.Len(), hashes.Len(), len(keys))
		}
		for id, k := range keys {
			if names.Name(uint32(id)) != k || hashes.Hash(uint32(id)) != hashOf(k) {
				t.Fatalf("%d is %q, %x, want %q, %x", id, names.Name(uint32(id)), hashes.Hash(uint32(id)), k, hashOf(k))
			}
			for _, s := range states {
				want := id < s.names.Len()
				if got, ok := s.names.Lookup(k); ok != want || ok && (got != uint32(id) || s.names.Name(got) != k) {
					t.Fatalf("frozen at %d: name %q is %d, %v, want %d", s.names.Len(), k, got, ok, id)
				}
				if got, ok := s.hashes.Lookup(hashOf(k)); ok != want || ok && got != uint32(id) {
					t.Fatalf("frozen at %d: hash %x is %d, %v, want %d", s.names.Len(), hashOf(k), got, ok, id)
				}
			}
		}
	})
}

func TestNamesFillBlocks(t *testing.T) {
	var d Names
	const n = 200_000
	for k := range n {
		d.Intern("customer-" + strconv.Itoa(k))
	}
	if len(d.blocks) < 3 {
		t.Fatalf("%d blocks; the test wants several", len(d.blocks))
	}
	f := d.Freeze()
	for k := range n {
		name := "customer-" + strconv.Itoa(k)
		if id, ok := f.Lookup(name); !ok || id != uint32(k) || f.Name(id) != name {
			t.Fatalf("%q is %d, %v", name, id, ok)
		}
	}
	if per := float64(d.Bytes()) / n; per > 32 {
		t.Errorf("%.1f bytes a name of 11 to 15, want at most 32", per)
	}
}
