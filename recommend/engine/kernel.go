package engine

import (
	"strconv"

	"osusume/recommend"
	"osusume/recommend/catalog"
	"osusume/recommend/snapshot"
	"osusume/recommend/weight"
)

// Kernel is the scoring of a View by itself, from a profile to the best items, on
// lists that are given: for measuring what an answer costs at least. It belongs
// to one goroutine.
type Kernel struct {
	v       *View
	s       *scratch
	m       *model
	lists   *frozenLists
	profile []profileItem
	top     int
}

// NewKernel returns a kernel over items items of which the first len(lists) have
// neighbours; one item in ten is not available. Answers have top items.
func NewKernel(items int, lists []weight.List, top int) *Kernel {
	c := catalog.New()
	for i := range items {
		if i%10 == 9 {
			c.Put(recommend.Item{ID: strconv.Itoa(1e9 + i), Unavailable: true})
		} else {
			c.Intern(strconv.Itoa(1e9 + i))
		}
	}
	var near snapshot.Array[weight.List]
	for _, l := range lists {
		near.Append(l)
	}
	k := &Kernel{
		v: &View{catalog: c.Snapshot(), lists: []frozenLists{{Frozen: near.Freeze(), scale: 1}}, popular: &popularity{}},
		s: &scratch{}, m: &model{figures: -1, recent: -1}, top: top,
	}
	k.lists = &k.v.lists[0]
	k.s.reset(k.v.catalog)
	if err := k.s.filter.Compile(k.v.catalog, &recommend.Filter{}); err != nil {
		panic(err) // an empty filter is valid
	}
	return k
}

// Score adds up the neighbours of the items, ranks those available and returns the
// score of the last of the best, 0 when there are fewer.
func (k *Kernel) Score(items []uint32) float32 {
	k.profile = k.profile[:0]
	for _, i := range items {
		k.profile = append(k.profile, profileItem{i, 1})
	}
	k.s.near = k.lists.appendOf(k.s.near[:0], k.profile)
	k.v.accumulate(k.s, k.s.near, k.profile)
	k.s.top.reset(k.top)
	k.v.rank(k.s, k.m)
	k.s.selection.end()
	k.s.clear()
	if !k.s.top.full() {
		return 0
	}
	return k.s.top.worst()
}
