package evidence

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"osusume/recommend"
	"osusume/recommend/profile"
)

// The items of the stories: two phones of one family, a variant of the first one
// without a family, a case in another leaf, and a phone of another family.
const (
	phone = iota
	better
	variant
	phoneCase
	stranger
	storyItems
)

const (
	phones = 1 + iota
	cases
	storyLeaves
)

func storyFacts(x *Index) {
	for item, f := range []Facts{
		phone:     {Family: 1, Group: 1, Leaf: phones},
		better:    {Family: 1, Leaf: phones},
		variant:   {Group: 1, Leaf: phones},
		phoneCase: {Leaf: cases},
		stranger:  {Family: 2, Leaf: phones},
	} {
		x.SetFacts(uint32(item), f)
	}
}

const start = 20000 * secondsPerDay

func seen(item, at, session uint32) profile.Line {
	return profile.Line{Item: item, Time: start + at, Group: session, Quantity: 1, Kind: recommend.ViewItem}
}

func buy(item, at, order uint32) profile.Line {
	return profile.Line{Item: item, Time: start + at, Group: order, Quantity: 1, Kind: recommend.Purchase}
}

func giveBack(item, at, order uint32) profile.Line {
	return profile.Line{Item: item, Time: start + at, Group: order, Quantity: 1, Kind: recommend.Refund}
}

func TestStories(t *testing.T) {
	const day, order1, order2, order3 = secondsPerDay, 11, 12, 13
	bought := func(items ...int) dump {
		d := dump{}
		for _, i := range items {
			leaf := phones
			if i == phoneCase {
				leaf = cases
			}
			d.add(1, "buyers %d", i)
			d.add(1, "leaf buyers %d", leaf)
		}
		return d
	}
	tests := map[string]struct {
		settings Settings
		// steps are the lines of one visitor, told one step after the other.
		steps [][]profile.Line
		want  dump
	}{
		"looked at one, took the better one": {
			steps: [][]profile.Line{{seen(phone, 0, 1)}, {buy(better, 7*day, order1)}},
			want:  with(bought(better), "chosen 0", "sub 0 1", "switched 0"),
		},
		"a second too late": {
			steps: [][]profile.Line{{seen(phone, 0, 1)}, {buy(better, 7*day+1, order1)}},
			want:  bought(better),
		},
		"took what was looked at": {
			steps: [][]profile.Line{{seen(phone, 0, 1)}, {buy(phone, day, order1)}},
			want:  with(bought(phone), "chosen 0"),
		},
		"took the other, then the one looked at too, much later": {
			steps: [][]profile.Line{{seen(phone, 0, 1)}, {buy(better, day, order1)}, {buy(phone, 90*day, order2)}},
			want:  with(bought(phone, better), "chosen 0", "upg 1 0", "upgraded 1", "boughtOn 1"),
		},
		"bought on within the family": {
			steps: [][]profile.Line{{buy(phone, 0, order1)}, {buy(better, 730*day, order2)}},
			want:  with(bought(phone, better), "upg 0 1", "upgraded 0", "boughtOn 0"),
		},
		"both in one order are no upgrade": {
			steps: [][]profile.Line{{buy(phone, 0, order1), buy(better, 60, order1)}},
			want:  bought(phone, better),
		},
		"a variant is a relative by its group": {
			steps: [][]profile.Line{{seen(variant, 0, 1)}, {buy(phone, day, order1)}},
			want:  with(bought(phone), "chosen 2", "sub 2 0", "switched 2"),
		},
		"relatives of relatives are none": {
			steps: [][]profile.Line{{seen(variant, 0, 1)}, {buy(better, day, order1)}},
			want:  bought(better),
		},
		"another family": {
			steps: [][]profile.Line{{seen(phone, 0, 1), seen(stranger, 1, 1)}, {buy(stranger, day, order1)}},
			want:  with(bought(stranger), "chosen 4"),
		},
		"compared in one session": {
			steps: [][]profile.Line{{seen(phone, 0, 1), seen(better, 5*day, 1)}},
			want:  with(dump{}, "cmp 0 1", "cmp 1 0"),
		},
		"two sessions are no comparison": {
			steps: [][]profile.Line{{seen(phone, 0, 1), seen(better, 60, 2)}},
			want:  dump{},
		},
		"without a session, half an hour": {
			steps: [][]profile.Line{{seen(phone, 0, 0), seen(better, 1800, 0), seen(phone, 3601, 0)}},
			want:  with(dump{}, "cmp 0 1", "cmp 1 0"),
		},
		"a late look": {
			steps: [][]profile.Line{{buy(better, day, order1)}, {seen(phone, 0, 1)}},
			want:  with(bought(better), "chosen 0", "sub 0 1", "switched 0"),
		},
		"given back": {
			steps: [][]profile.Line{{seen(phone, 0, 1), buy(better, day, order1)}, {giveBack(better, 2*day, order1)}},
			want:  dump{},
		},
		"another order given back": {
			steps: [][]profile.Line{{seen(phone, 0, 1), buy(better, day, order1)}, {giveBack(better, 2*day, order2)}},
			want:  with(bought(better), "chosen 0", "sub 0 1", "switched 0"),
		},
		"first the phone, then the case, then a phone again": {
			steps: [][]profile.Line{{buy(phone, 0, order1)}, {buy(phoneCase, day, order2)}, {buy(stranger, 2*day, order3)}},
			want:  with(bought(phone, phoneCase, stranger), "leaf 1 2"),
		},
		"the same by items": {
			settings: Settings{ItemOrder: true},
			steps:    [][]profile.Line{{buy(phone, 0, order1)}, {buy(phoneCase, day, order2)}, {buy(stranger, 2*day, order3)}},
			want:     with(bought(phone, phoneCase, stranger), "leaf 1 2", "then 0 3", "then 3 4"),
		},
		"a phone with its case has no order": {
			steps: [][]profile.Line{{buy(phone, 0, order1), buy(phoneCase, 5, order1)}},
			want:  bought(phone, phoneCase),
		},
		// Days 0, 10 and 30, twice on the last: 2 gaps of 10 and 20 days, 2/30 a
		// day: 4369.07 of 65536.
		"bought again and again": {
			steps: [][]profile.Line{{buy(phoneCase, 0, order1)}, {buy(phoneCase, 10*day, order2)}, {buy(phoneCase, 30*day, order3), buy(phoneCase, 30*day+5, 14)}},
			want: dump{
				"buyers 3": 1, "repeaters 3": 1, "gaps 3": 2, "days 3": 30, "days² 3": 10*10 + 20*20,
				"rates 3": 4369, "rates² 3": 4369 * 4369,
				"leaf buyers 2": 1, "leaf repeaters 2": 1, "leaf gaps 2": 2, "leaf days 2": 30, "leaf days² 2": 10*10 + 20*20,
				"leaf rates 2": 4369, "leaf rates² 2": 4369 * 4369,
			},
		},
		"the newest lines of a family count, also within a second": {
			settings: Settings{FamilyLines: 2},
			steps:    [][]profile.Line{{seen(phone, 0, 1), seen(better, 0, 1)}, {seen(better, 0, 1)}},
			want:     dump{},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			x := New(tt.settings)
			storyFacts(x)
			var lines []profile.Line
			for _, step := range tt.steps {
				old := lines
				now, first := profile.Insert(slices.Clone(lines), step)
				x.Update(0, old, now, first)
				lines = now
			}
			if diff := cmp.Diff(tt.want, dumpOf(x.Freeze(), storyItems, storyLeaves)); diff != "" {
				t.Errorf("counts (-want +got):\n%s", diff)
			}
			x.Update(0, lines, nil, 0)
			if got := dumpOf(x.Freeze(), storyItems, storyLeaves); len(got) > 0 || x.Pairs() != 0 {
				t.Errorf("after erasure %v, %d pairs", got, x.Pairs())
			}
		})
	}
}

// with adds counts of 1.
func with(d dump, names ...string) dump {
	for _, n := range names {
		d.add(1, "%s", n)
	}
	return d
}

// TestFactsTakenBack: facts that waited and are as before again change nothing.
func TestFactsTakenBack(t *testing.T) {
	x := New(Settings{})
	storyFacts(x)
	x.Update(0, nil, []profile.Line{seen(phone, 0, 1), seen(better, 1, 1)}, 0)
	x.SetFacts(better, Facts{Family: 2})
	if !x.Behind() {
		t.Fatal("new facts of an item in use do not wait")
	}
	x.SetFacts(better, Facts{Family: 1, Leaf: phones})
	if x.Behind() {
		t.Error("the facts in force wait")
	}
	x.SetFacts(storyItems, Facts{Family: 1})
	if x.Behind() {
		t.Error("facts of an item nobody touched wait")
	}
	if got, want := x.Freeze().Pair(phone, better), (Pair{Cmp: 1}); got != want {
		t.Errorf("pair %+v, want %+v", got, want)
	}
}

func TestPool(t *testing.T) {
	x := New(Settings{})
	storyFacts(x)
	// Two look at the phone: one takes the better one, one takes it. One looks at
	// the better one and takes it.
	for v, lines := range [][]profile.Line{
		{seen(phone, 0, 1), buy(better, 9, 11)},
		{seen(phone, 0, 2), buy(phone, 9, 12), buy(better, 90, 13)},
		{seen(better, 0, 3), buy(better, 9, 14)},
	} {
		x.Update(uint32(v), nil, lines, 0)
	}
	got := x.Freeze().Pool(slices.Values([]uint32{phone, better, 1000}))
	want := Pool{Choosers: 2, OnBuyers: 1, Chosen: 3, Switched: 1, BoughtOn: 1, Upgraded: 1}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("pool (-want +got):\n%s", diff)
	}
	// 1 of 3 choices fell on the one other item; 1 of 1 bought on to it.
	if got.SubRate() != 1.0/3 || got.UpgRate() != 1 {
		t.Errorf("rates %v and %v", got.SubRate(), got.UpgRate())
	}
	if (Pool{}).SubRate() != 0 {
		t.Error("a rate out of nothing")
	}
}

// TestGreedyVisitor: beyond the bounds, line by line is still all at once.
func TestGreedyVisitor(t *testing.T) {
	byStep, atOnce := New(Settings{ItemOrder: true}), New(Settings{ItemOrder: true})
	const items = 300
	for i := range uint32(items) {
		f := Facts{Family: 1 + i%30, Leaf: 1 + i%100}
		byStep.SetFacts(i, f)
		atOnce.SetFacts(i, f)
	}
	var lines []profile.Line
	for n := range uint32(4000) {
		l := seen(n*n%items, n*1000, n/20)
		if n%7 == 0 {
			l = buy(n*n%items, n*1000, 100_000+n)
		}
		next := append(lines, l)
		byStep.Update(0, lines, next, len(lines))
		lines = next
	}
	atOnce.Update(0, nil, lines, 0)
	got, want := dumpOf(byStep.Freeze(), items, 101), dumpOf(atOnce.Freeze(), items, 101)
	if diff := cmp.Diff(want, got); diff != "" || len(want) < 1000 {
		t.Errorf("%d counts (-at once +step by step):\n%s", len(want), diff)
	}
}

// TestBounds: of all that a visitor does, as much counts as is said.
func TestBounds(t *testing.T) {
	x := New(Settings{ItemOrder: true})
	// As many lines as count, and a family's more, the oldest: its comparison is
	// forgotten.
	const perFamily, families = 128, mostLines/128 + 1
	var lines []profile.Line
	for f := range uint32(families) {
		x.SetFacts(2*f, Facts{Family: 1 + f})
		x.SetFacts(2*f+1, Facts{Family: 1 + f})
		for n := range uint32(perFamily) {
			lines = append(lines, seen(2*f+n%2, f*perFamily+n, 1+f))
		}
	}
	x.Update(0, nil, lines, 0)
	compared := 0
	for f := range uint32(families) {
		compared += int(x.Freeze().Pair(2*f, 2*f+1).Cmp)
	}
	if compared != families-1 {
		t.Errorf("%d comparisons of %d, want all but one", compared, families)
	}

	var bought []profile.Line
	for n := range uint32(mostFirsts + 6) {
		x.SetFacts(1000+n, Facts{Leaf: 1 + n})
		bought = append(bought, buy(1000+n, n, 1+n))
	}
	x.Update(1, nil, bought, 0)
	v, leaves, items := x.Freeze(), 0, 0
	for a := range uint32(mostFirsts + 7) {
		for b := range uint32(mostFirsts + 7) {
			leaves += int(v.LeafThen(a, b))
			items += int(v.ItemThen(1000+a, 1000+b))
		}
	}
	if want := mostFirsts * (mostFirsts - 1) / 2; leaves != want || items != want {
		t.Errorf("%d pairs of leaves and %d of items, want %d", leaves, items, want)
	}
}

func TestRhythms(t *testing.T) {
	const day = secondsPerDay
	got := AppendRhythms(nil, []profile.Line{
		buy(7, 0, 1), seen(9, 5, 2), buy(3, 0, 1), buy(7, day, 2), buy(7, 11*day, 3), giveBack(7, 12*day, 3), buy(7, 12*day, 4),
	})
	want := []Rhythm{
		{Item: 3, Times: 1, First: 20000, Last: 20000},
		{Item: 7, Times: 3, First: 20000, Last: 20012, Squares: 1 + 11*11},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rhythms (-want +got):\n%s", diff)
	}
}
