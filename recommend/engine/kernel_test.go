package engine

import (
	"slices"
	"testing"

	"osusume/recommend/weight"
)

// The kernel gives what adding up in a map and sorting gives.
func TestKernelAgainstMap(t *testing.T) {
	const items, top = 500, 10
	r := seeded()
	lists := make([]weight.List, items)
	for i := range lists {
		cells := make([]weight.Cell, 30)
		for k := range cells {
			cells[k] = weight.Cell{Item: uint32(zipf(r, items)), Value: r.Float32() + 0.01}
		}
		lists[i] = weight.MakeList(cells, make([]uint32, len(cells)), 1)
	}
	k := NewKernel(items, lists, top)
	for range 100 {
		profile := make([]uint32, 5)
		sums := make(map[uint32]float32)
		for n := range profile {
			profile[n] = uint32(r.IntN(items))
			for _, c := range lists[profile[n]].Cells() {
				sums[c.Item] += c.Value
			}
		}
		var scores []float32
		for item, score := range sums {
			if item%10 != 9 {
				scores = append(scores, score)
			}
		}
		slices.Sort(scores)
		if got, want := k.Score(profile), scores[len(scores)-top]; got != want {
			t.Fatalf("the %dth score is %v, want %v", top, got, want)
		}
	}
	if n := testing.AllocsPerRun(100, func() { k.Score([]uint32{1, 2, 3, 4, 5}) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
