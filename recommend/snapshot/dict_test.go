package snapshot

import (
	"fmt"
	"strconv"
	"testing"

	"pgregory.net/rapid"
)

// TestDictAgainstMap: ids are dense and in order of appearance, and a frozen
// dictionary never learns a word that came later.
func TestDictAgainstMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var d Dict
		ids, keys := map[string]uint32{}, []string{}
		var states []FrozenDict
		// Empty keys, keys that begin alike, and enough to grow the table.
		key := rapid.OneOf(rapid.StringN(0, 3, -1), rapid.Custom(func(t *rapid.T) string {
			return "item-" + strconv.Itoa(rapid.IntRange(0, 500).Draw(t, "n"))
		}))
		intern := func(t *rapid.T, k string) {
			id := d.Intern(k)
			want, known := ids[k]
			if !known {
				want = uint32(len(keys))
				ids[k], keys = want, append(keys, k)
			}
			if id != want {
				t.Fatalf("Intern(%q) = %d, want %d", k, id, want)
			}
		}
		t.Repeat(map[string]func(*rapid.T){
			"intern": func(t *rapid.T) { intern(t, key.Draw(t, "key")) },
			"intern a run": func(t *rapid.T) {
				from := rapid.IntRange(0, 500).Draw(t, "from")
				for n := range 80 {
					intern(t, "item-"+strconv.Itoa(from+n))
				}
			},
			"freeze": func(*rapid.T) { states = append(states, d.Freeze()) },
		})
		states = append(states, d.Freeze())
		if d.Len() != len(keys) {
			t.Fatalf("Len = %d, want %d", d.Len(), len(keys))
		}
		for id, k := range keys {
			if got, ok := d.Lookup(k); !ok || got != uint32(id) || d.Key(uint32(id)) != k {
				t.Fatalf("Lookup(%q) = %d, %v, Key = %q", k, got, ok, d.Key(uint32(id)))
			}
			for _, s := range states {
				got, ok := s.Lookup(k)
				if want := id < s.Len(); ok != want || ok && (got != uint32(id) || s.Key(got) != k) {
					t.Fatalf("frozen at %d: Lookup(%q) = %d, %v, want id %d", s.Len(), k, got, ok, id)
				}
				if b, bok := s.LookupBytes([]byte(k)); b != got || bok != ok {
					t.Fatalf("frozen at %d: LookupBytes(%q) = %d, %v, Lookup = %d, %v", s.Len(), k, b, bok, got, ok)
				}
			}
		}
		if _, ok := d.Lookup("never seen"); ok {
			t.Fatal("Lookup finds an unknown key")
		}
		asked := append(rapid.SliceOf(key).Draw(t, "asked"), "never seen")
		asked = append(asked, keys...)
		got := make([]uint32, len(asked))
		d.LookupAll(asked, got)
		for n, k := range asked {
			want, known := ids[k]
			if !known {
				want = None
			}
			if got[n] != want {
				t.Fatalf("LookupAll: %q is %d, want %d", k, got[n], want)
			}
		}
	})
}

func TestZeroDict(t *testing.T) {
	var d Dict
	if _, ok := d.Lookup("a"); ok || d.Len() != 0 {
		t.Error("a new dictionary is not empty")
	}
	f := d.Freeze()
	d.Intern("a")
	if _, ok := f.Lookup("a"); ok || f.Len() != 0 {
		t.Error("a frozen empty dictionary learned a word")
	}
}

// TestDictReadersBesideTheWriter is for the race detector: readers share the
// hash table the writer fills.
func TestDictReadersBesideTheWriter(t *testing.T) {
	const n = 2000
	var d Dict
	frozen := make(chan FrozenDict)
	failed := make(chan error, 1)
	go func() {
		defer close(failed)
		for f := range frozen {
			for i := range n {
				id, ok := f.Lookup(strconv.Itoa(i))
				if ok != (i < f.Len()) || ok && id != uint32(i) {
					failed <- fmt.Errorf("frozen at %d: Lookup(%d) = %d, %v", f.Len(), i, id, ok)
					return
				}
			}
		}
	}()
	for i := range n {
		d.Intern(strconv.Itoa(i))
		if i%100 != 50 {
			continue
		}
		select {
		case frozen <- d.Freeze():
		case err := <-failed:
			t.Fatal(err)
		}
	}
	close(frozen)
	if err := <-failed; err != nil {
		t.Fatal(err)
	}
}
