package evidence

import (
	"fmt"
	"maps"
	"slices"

	"osusume/recommend"
	"osusume/recommend/profile"
)

// The model counts what the package documentation says by asking, of every pair
// of items, whether lines like that exist.

type dump map[string]uint64

func (d dump) add(n uint64, format string, args ...any) {
	if n != 0 {
		d[fmt.Sprintf(format, args...)] += n
	}
}

func (d dump) addRepeat(r Repeat, of string, a uint32) {
	d.add(uint64(r.Buyers), "%sbuyers %d", of, a)
	d.add(uint64(r.Repeaters), "%srepeaters %d", of, a)
	d.add(r.Gaps, "%sgaps %d", of, a)
	d.add(r.Days, "%sdays %d", of, a)
	d.add(r.DaysSquared, "%sdays² %d", of, a)
	d.add(r.Rates, "%srates %d", of, a)
	d.add(r.RatesSquared, "%srates² %d", of, a)
}

// dumpOf writes down all counts of items and leaves below the bounds.
func dumpOf(v View, items, leaves uint32) dump {
	d := dump{}
	for a := range items {
		for b, p := range v.Others(a) {
			d.add(uint64(p.Sub), "sub %d %d", a, b)
			d.add(uint64(p.Upg), "upg %d %d", a, b)
			d.add(uint64(p.Cmp), "cmp %d %d", a, b)
			if p != v.Pair(a, b) || p == (Pair{}) {
				panic(fmt.Sprintf("Others tells %+v of (%d, %d), Pair %+v", p, a, b, v.Pair(a, b)))
			}
		}
		for b := range items {
			d.add(uint64(v.ItemThen(a, b)), "then %d %d", a, b)
		}
		it := v.Item(a)
		d.add(uint64(it.Chosen), "chosen %d", a)
		d.add(uint64(it.BoughtOn), "boughtOn %d", a)
		pool := v.Pool(slices.Values([]uint32{a}))
		d.add(pool.Switched, "switched %d", a)
		d.add(pool.Upgraded, "upgraded %d", a)
		d.addRepeat(v.Repeat(a), "", a)
	}
	for a := range leaves {
		d.addRepeat(v.LeafRepeat(a), "leaf ", a)
		for b := range leaves {
			d.add(uint64(v.LeafThen(a, b)), "leaf %d %d", a, b)
		}
	}
	return d
}

// modelOf counts everybody.
func modelOf(s Settings, facts map[uint32]Facts, visitors [][]profile.Line, items, leaves uint32) dump {
	d := dump{}
	for _, lines := range visitors {
		modelFamilies(d, s.WithDefaults(), facts, lines, items)
		modelOrder(d, s, facts, lines, items, leaves)
		modelRepeats(d, facts, lines, items)
	}
	return d
}

func modelKept(lines []profile.Line, l profile.Line) bool {
	return l.Kind == recommend.Purchase && !slices.ContainsFunc(lines, func(r profile.Line) bool {
		return r.Kind == recommend.Refund && r.Item == l.Item && r.Group == l.Group && r.Quantity >= l.Quantity
	})
}

func modelFamilies(d dump, s Settings, facts map[uint32]Facts, all []profile.Line, items uint32) {
	var looks, buys []profile.Line
	perFamily := map[[2]uint32]int{}
	for _, l := range slices.Backward(all) {
		f := facts[l.Item]
		key := [2]uint32{f.Family, 0}
		if f.Family == 0 {
			key = [2]uint32{0, f.Group}
		}
		if key == ([2]uint32{}) || perFamily[key] == s.FamilyLines {
			continue
		}
		switch {
		case l.Browsed():
			looks = append(looks, l)
		case modelKept(all, l):
			buys = append(buys, l)
		default:
			continue
		}
		perFamily[key]++
	}
	exists := func(as, bs []profile.Line, a, b uint32, test func(x, y profile.Line) bool) bool {
		for _, x := range as {
			for _, y := range bs {
				if x.Item == a && y.Item == b && test(x, y) {
					return true
				}
			}
		}
		return false
	}
	answered := func(x, y profile.Line) bool { return y.Time >= x.Time && y.Time <= x.Time+uint32(s.ChoiceDays)*86400 }
	followed := func(x, y profile.Line) bool {
		return y.Time > x.Time && y.Time <= x.Time+uint32(s.UpgradeDays)*86400 && x.Group != y.Group
	}
	together := func(x, y profile.Line) bool {
		if x.Group != 0 && y.Group != 0 {
			return x.Group == y.Group
		}
		return max(x.Time, y.Time)-min(x.Time, y.Time) <= 30*60
	}
	for a := range items {
		chosen, boughtOn := false, false
		owned := slices.ContainsFunc(buys, func(l profile.Line) bool { return l.Item == a })
		for b := range items {
			f, g := facts[a], facts[b]
			if (f.Family == 0 || f.Family != g.Family) && (f.Group == 0 || f.Group != g.Group) {
				continue
			}
			answers, follows := exists(looks, buys, a, b, answered), exists(buys, buys, a, b, followed)
			chosen, boughtOn = chosen || answers, boughtOn || follows
			if a == b {
				continue
			}
			if answers && !owned {
				d.add(1, "sub %d %d", a, b)
				d.add(1, "switched %d", a)
			}
			if follows {
				d.add(1, "upg %d %d", a, b)
				d.add(1, "upgraded %d", a)
			}
			if exists(looks, looks, a, b, together) {
				d.add(1, "cmp %d %d", a, b)
			}
		}
		if chosen {
			d.add(1, "chosen %d", a)
		}
		if boughtOn {
			d.add(1, "boughtOn %d", a)
		}
	}
}

func modelOrder(d dump, s Settings, facts map[uint32]Facts, lines []profile.Line, items, leaves uint32) {
	firstOf := func(is func(item uint32) bool) *profile.Line {
		for i := range lines {
			if is(lines[i].Item) && modelKept(lines, lines[i]) {
				return &lines[i]
			}
		}
		return nil
	}
	before := func(a, b *profile.Line) bool {
		return a != nil && b != nil && a.Time < b.Time && a.Group != b.Group
	}
	for a := uint32(1); a < leaves; a++ {
		for b := uint32(1); b < leaves; b++ {
			if before(firstOf(func(i uint32) bool { return facts[i].Leaf == a }), firstOf(func(i uint32) bool { return facts[i].Leaf == b })) {
				d.add(1, "leaf %d %d", a, b)
			}
		}
	}
	for a := range items {
		for b := range items {
			if s.ItemOrder && facts[a].Leaf*facts[b].Leaf != 0 && facts[a].Leaf != facts[b].Leaf &&
				before(firstOf(func(i uint32) bool { return i == a }), firstOf(func(i uint32) bool { return i == b })) {
				d.add(1, "then %d %d", a, b)
			}
		}
	}
}

func modelRepeats(d dump, facts map[uint32]Facts, lines []profile.Line, items uint32) {
	for a := range items {
		days := map[uint32]bool{}
		for _, l := range lines {
			if l.Item == a && modelKept(lines, l) {
				days[l.Time/86400] = true
			}
		}
		if len(days) == 0 {
			continue
		}
		r := Repeat{Buyers: 1}
		if len(days) > 1 {
			sorted := slices.Sorted(maps.Keys(days))
			span, gaps := uint64(sorted[len(sorted)-1]-sorted[0]), uint64(len(sorted)-1)
			rate := (2*gaps*65536 + span) / (2 * span)
			r.Repeaters, r.Gaps, r.Days, r.Rates, r.RatesSquared = 1, gaps, span, rate, rate*rate
			for i := range sorted[1:] {
				gap := uint64(sorted[i+1] - sorted[i])
				r.DaysSquared += gap * gap
			}
		}
		d.addRepeat(r, "", a)
		if leaf := facts[a].Leaf; leaf != 0 {
			d.addRepeat(r, "leaf ", leaf)
		}
	}
}
