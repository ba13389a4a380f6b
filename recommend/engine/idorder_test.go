package engine

import (
	"testing"

	"pgregory.net/rapid"
)

func TestIDOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		prefix := rapid.SampledFrom([]string{"", "item-", "品番"}).Draw(t, "prefix")
		ids := rapid.SliceOfDistinct(rapid.OneOf(
			rapid.StringMatching(`[ab\x00]{0,12}`), rapid.Just("0"), rapid.StringN(0, 4, 12),
		), rapid.ID[string]).Draw(t, "ids")
		for i := range ids {
			if i != len(ids)/2 { // one that begins in another way, in the middle
				ids[i] = prefix + ids[i]
			}
		}
		o := idOrder{id: func(i uint32) string { return ids[i] }}
		for n := range ids {
			o.grow(n + 1)
			for a := range uint32(n + 1) {
				if got, want := o.less(a, uint32(n)), ids[a] < ids[n]; got != want {
					t.Fatalf("%q before %q: %v", ids[a], ids[n], got)
				}
			}
		}
	})
}
