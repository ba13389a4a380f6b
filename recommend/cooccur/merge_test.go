package cooccur

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestSortedRecords sorts few and many records, of many items and of few with
// hashes close together.
func TestSortedRecords(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		width := rapid.IntRange(1, 2).Draw(t, "width")
		items := rapid.SampledFrom([]uint32{1, 2, 30, 100_000}).Draw(t, "items")
		near := rapid.Bool().Draw(t, "near")
		n := rapid.SampledFrom([]int{0, 1, 2, fewRecords, fewRecords + 1, 300, 5000}).Draw(t, "records")
		seed := rapid.Uint32().Draw(t, "seed")
		type record struct{ hash, weight uint64 }
		var run []uint64
		var want []record
		for i := range uint32(n) {
			h := hashOf((seed + i*i*2654435761>>7) % items)
			if near {
				h = 1<<31 + h%items
			}
			run = append(run, 5<<(hashBits+codeBits)|uint64(h)<<codeBits|uint64(i%128))
			weight := run[len(run)-1]
			if width == 2 {
				weight = uint64(i)
				run = append(run, weight)
			}
			want = append(want, record{uint64(h), weight})
		}
		var m merger
		out := m.sorted(slices.Clone(run), width)
		var got []record
		for at := 0; at < len(out); at += width {
			got = append(got, record{out[at] >> codeBits & (1<<hashBits - 1), out[at+width-1]})
		}
		byHash := func(a, b record) int { return int(int64(a.hash) - int64(b.hash)) }
		if !slices.IsSortedFunc(got, byHash) {
			t.Fatal("the hashes are out of order")
		}
		whole := func(a, b record) int {
			if d := byHash(a, b); d != 0 {
				return d
			}
			return int(int64(a.weight) - int64(b.weight))
		}
		slices.SortFunc(got, whole)
		slices.SortFunc(want, whole)
		if !slices.Equal(got, want) {
			t.Fatal("not the same records")
		}
	})
}
