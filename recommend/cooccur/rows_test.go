package cooccur

import (
	"fmt"
	"maps"
	"testing"

	"pgregory.net/rapid"
)

func TestHashOfIsOneToOne(t *testing.T) {
	for n := range uint32(1 << 16) {
		for _, item := range []uint32{n, n * 65536, 1<<32 - 2 - n} {
			if h := hashOf(item); h == 0 || itemOf(h) != item {
				t.Fatalf("item %d has hash %d, of item %d", item, h, itemOf(h))
			}
		}
	}
}

// check tells what is wrong with the order of a row.
func (r *row) check(width int) error {
	n, last, next := 0, uint32(0), 0
	for at := 0; at < r.room(width); at++ {
		cell := r.cells[at*width]
		if cell == 0 {
			next = at + 1
			continue
		}
		h := uint32(cell >> 32)
		home := 0
		if r.homes > 0 {
			home = scale(h, r.homes)
		}
		switch {
		case h <= last:
			return fmt.Errorf("hash %x at %d follows %x", h, at, last)
		case home > at:
			return fmt.Errorf("hash %x at %d stands before its home %d", h, at, home)
		case home < next:
			return fmt.Errorf("a gap at %d is between hash %x at %d and its home %d", next-1, h, at, home)
		}
		n, last = n+1, h
	}
	if n != int(r.n) {
		return fmt.Errorf("%d entries, said to be %d", n, r.n)
	}
	return nil
}

// TestRowAgainstMap grows and shrinks a row through all its forms.
func TestRowAgainstMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		width := rapid.IntRange(1, 2).Draw(t, "width")
		// Few distinct items come and go, many make rows with gaps; hashes that
		// stand close together run past the last home.
		items := rapid.SampledFrom([]int{3, 70, 300, 3000}).Draw(t, "items")
		crowded := rapid.Bool().Draw(t, "crowded")
		var r row
		want := make(map[uint32]uint64)
		for step := range rapid.IntRange(1, 4*items).Draw(t, "steps") {
			k := uint32(rapid.IntRange(1, items).Draw(t, "item"))
			h := hashOf(k)
			if crowded {
				h = ^uint32(0) - k
			}
			place, found := r.find(h, width)
			if _, ok := want[h]; ok != found {
				t.Fatalf("found %v, want %v", found, ok)
			}
			if found && rapid.IntRange(0, 2).Draw(t, "remove") > 0 {
				r.remove(place, width)
				delete(want, h)
			} else {
				if !found {
					place = r.insert(h, place, width)
				}
				r.cells[place*width+width-1] += uint64(step + 1)
				want[h] += uint64(step + 1)
			}
			if err := r.check(width); err != nil {
				t.Fatal(err)
			}
		}
		got := make(map[uint32]uint64)
		for at := 0; at < len(r.cells); at += width {
			if h := uint32(r.cells[at] >> 32); h != 0 {
				got[h] = uint64(uint32(r.cells[at+width-1]))
			}
		}
		if !maps.Equal(got, want) {
			t.Fatalf("got %v, want %v", got, want)
		}
	})
}
