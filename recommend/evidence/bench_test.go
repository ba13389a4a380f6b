package evidence

import (
	"math/rand/v2"
	"testing"

	"osusume/recommend"
	"osusume/recommend/profile"
)

// benchShop makes visitors of a shop in which families have size items each and
// one line in five is a purchase; visitors keep to a family for a while.
type benchShop struct {
	items, size int
	visitors    [][]profile.Line
}

func (s *benchShop) Len() int                      { return len(s.visitors) }
func (s *benchShop) Lines(v uint32) []profile.Line { return s.visitors[v] }

func newBenchShop(visitors, lines, size int) *benchShop {
	s := &benchShop{items: 20_000, size: size}
	r := rand.New(rand.NewPCG(1, 2))
	z := rand.NewZipf(r, 1.1, 20, uint64(s.items/size-1))
	node := uint32(1)
	for range visitors {
		var all []profile.Line
		at, family := uint32(start)+r.Uint32N(300*secondsPerDay), z.Uint64()
		for n := range lines {
			if n%4 == 0 {
				node++
				at += r.Uint32N(5 * secondsPerDay)
				family = z.Uint64()
			}
			at += r.Uint32N(300)
			l := profile.Line{Item: uint32(family)*uint32(size) + r.Uint32N(uint32(size)), Time: at, Group: node, Quantity: 1, Kind: recommend.ViewItem}
			if r.IntN(5) == 0 {
				node++
				l.Group, l.Kind = node, recommend.Purchase
			}
			all = append(all, l)
		}
		s.visitors = append(s.visitors, all)
	}
	return s
}

func (s *benchShop) index(settings Settings, plain bool) *Index {
	x := New(settings)
	for i := range uint32(s.items) {
		if !plain {
			x.SetFacts(i, Facts{Family: 1 + i/uint32(s.size), Leaf: 1 + i/uint32(s.size)%200})
		}
	}
	return x
}

var benchShops = map[string]struct {
	lines, size int
	settings    Settings
	plain       bool
}{
	"plain":            {lines: 20, size: 8, plain: true},
	"families":         {lines: 20, size: 8},
	"families,items":   {lines: 20, size: 8, settings: Settings{ItemOrder: true}},
	"families,long":    {lines: 500, size: 8},
	"one large family": {lines: 500, size: 2000},
}

var benchNames = []string{"plain", "families", "families,items", "families,long", "one large family"}

// BenchmarkUpdate is an event of one line, beside what is known of its visitor.
func BenchmarkUpdate(b *testing.B) {
	for _, name := range benchNames {
		shop := benchShops[name]
		b.Run(name, func(b *testing.B) {
			s := newBenchShop(40_000/shop.lines, shop.lines, shop.size)
			x := s.index(shop.settings, shop.plain)
			for v, lines := range s.visitors {
				x.Update(uint32(v), nil, lines[:len(lines)-1], 0)
			}
			b.ReportAllocs()
			v := 0
			for b.Loop() {
				lines := s.visitors[v]
				n := len(lines) - 1
				x.Update(uint32(v), lines[:n], lines, n)
				x.Update(uint32(v), lines, lines[:n], n) // and back: two events
				v = (v + 1) % len(s.visitors)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(2*b.N), "ns/event")
		})
	}
}

// BenchmarkUpdateAndFreeze is one event with a View after it.
func BenchmarkUpdateAndFreeze(b *testing.B) {
	s := newBenchShop(2_000, 20, 8)
	x := s.index(Settings{}, false)
	for v, lines := range s.visitors {
		x.Update(uint32(v), nil, lines[:len(lines)-1], 0)
	}
	b.ReportAllocs()
	v, there := 0, false
	for b.Loop() {
		lines := s.visitors[v]
		n := len(lines) - 1
		if there {
			x.Update(uint32(v), lines, lines[:n], n)
			v = (v + 1) % len(s.visitors)
		} else {
			x.Update(uint32(v), lines[:n], lines, n)
		}
		there = !there
		x.Freeze()
	}
}

// BenchmarkRecount counts everybody anew, as after a start.
func BenchmarkRecount(b *testing.B) {
	for _, name := range benchNames {
		shop := benchShops[name]
		b.Run(name, func(b *testing.B) {
			s := newBenchShop(400_000/shop.lines, shop.lines, shop.size)
			x := s.index(shop.settings, shop.plain)
			b.ReportAllocs()
			for b.Loop() {
				x.Restart()
				x.Recount(s, func() bool { return true })
			}
			seconds := b.Elapsed().Seconds()
			b.ReportMetric(float64(b.N*s.Len())/seconds, "visitors/s")
			b.ReportMetric(float64(b.N*s.Len()*shop.lines)/seconds/1e6, "Mlines/s")
			b.ReportMetric(float64(x.Bytes())/1e6, "MB")
			b.ReportMetric(float64(x.Pairs()), "pairs")
		})
	}
}

// BenchmarkChange is a family that changes, with everybody looked at for it.
func BenchmarkChange(b *testing.B) {
	s := newBenchShop(20_000, 20, 8)
	x := s.index(Settings{}, false)
	for v, lines := range s.visitors {
		x.Update(uint32(v), nil, lines, 0)
	}
	family := uint32(1)
	for b.Loop() {
		family = 3 - family
		x.SetFacts(100, Facts{Family: family, Leaf: 1})
		x.Recount(s, func() bool { return true })
	}
	b.ReportMetric(float64(b.N*s.Len())/b.Elapsed().Seconds(), "visitors/s")
}

// BenchmarkView reads the rows of a family.
func BenchmarkView(b *testing.B) {
	s := newBenchShop(20_000, 20, 8)
	x := s.index(Settings{}, false)
	for v, lines := range s.visitors {
		x.Update(uint32(v), nil, lines, 0)
	}
	view := x.Freeze()
	b.ReportAllocs()
	var sum uint32
	for b.Loop() {
		for a := range uint32(8) {
			for _, p := range view.Others(a) {
				sum += p.Sub + view.Item(a).Chosen
			}
		}
	}
	if sum == 0 {
		b.Fatalf("nothing counted in %d pairs", x.Pairs())
	}
}
