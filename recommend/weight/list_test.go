package weight

import (
	"testing"
	"unsafe"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestListHoldsWhatItWasMadeOf(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 130).Draw(t, "neighbours")
		cells, support := make([]Cell, n), make([]uint32, n)
		for k := range cells {
			cells[k] = Cell{rapid.Uint32().Draw(t, "item"), rapid.Float32Range(1e-20, 1e20).Draw(t, "weight")}
			support[k] = rapid.Uint32().Draw(t, "support")
		}
		of := rapid.Uint32().Draw(t, "of")
		l := MakeList(cells, support, of)
		if n == 0 {
			if l != (List{}) || l.Of() != 0 || l.Cells() != nil || l.Supports() != nil || l.Bytes() != 0 {
				t.Fatalf("an empty list is %+v", l)
			}
			return
		}
		if l.Len() != n || l.Of() != of || l.Bytes() != ListBytes(n) {
			t.Fatalf("Len %d, Of %d, Bytes %d for %d neighbours of %d", l.Len(), l.Of(), l.Bytes(), n, of)
		}
		if !gocmp.Equal(l.Cells(), cells) || !gocmp.Equal(l.Supports(), support) {
			t.Fatalf("%v %v, want %v %v", l.Cells(), l.Supports(), cells, support)
		}
		// All of it lies in the block.
		end := uintptr(unsafe.Pointer(l.block)) + uintptr(l.Bytes())
		if last := uintptr(unsafe.Pointer(&l.Supports()[n-1])) + 4; last > end {
			t.Fatalf("the last support ends %d bytes behind the block", last-end)
		}
	})
}
