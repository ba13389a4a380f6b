package engine

import (
	"math"
	"testing"
)

// TestFiguresOfClasses: an item's figures are those of its own sales, few classes or
// many, and those of an item that came later change nothing.
func TestFiguresOfClasses(t *testing.T) {
	week, year := windowIndex(7), windowIndex(365)
	for _, c := range []struct {
		name          string
		items, grades int
		many          bool
	}{
		{"few classes", 5000, 7, false},
		{"as many as a uint16 holds", maxFew, maxFew, false},
		{"one more", maxFew + 1, maxFew + 1, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := &popularity{}
			for w := range p.buyers {
				p.buyers[w] = make([]uint32, c.items)
				for i := range p.buyers[w] {
					p.buyers[w][i] = uint32((i%c.grades)*(w+1) + w)
				}
			}
			models := []model{
				{figures: 0, recent: week, cfg: Model{Trend: Trend{Power: 0.5, Days: 7, BaseDays: 365}, Recent: Recent{Weight: 1}}},
				{figures: -1, recent: -1},
			}
			p.most[week] = 10
			p.figures = p.figuresFor(models)
			if (p.figures.many != nil) != c.many || (p.figures.few != nil) == c.many {
				t.Fatalf("%d classes: few %v, many %v", len(p.figures.examples), p.figures.few != nil, p.figures.many != nil)
			}
			v := &View{popular: p}
			s := &scratch{acc: make([]float32, c.items+1), extra: make([]float32, c.items+1)}
			sumWeek, sumYear := sum(p.buyers[week]), sum(p.buyers[year])
			for _, i := range []int{0, 1, 2, c.grades - 1, c.items / 2, c.items - 1, c.items} {
				trend, recent := float32(1), uint32(0)
				if i < c.items {
					recent = p.buyers[week][i]
					ratio := (float64(recent)/sumWeek + trendPrior) / (float64(p.buyers[year][i])/sumYear + trendPrior)
					trend = float32(math.Sqrt(min(max(ratio, trendMin), trendMax)))
				}
				if got := v.trend(&models[0], uint32(i)); got != trend {
					t.Errorf("item %d: trend %v, want %v", i, got, trend)
				}
				s.touched, s.acc[i] = []uint32{uint32(i)}, 3
				unit := float32(models[0].cfg.Recent.Weight) / 10
				if got, want := v.sum(s, &models[0], nil)[0], 3*trend+float32(unit*float32(recent)); got != want {
					t.Errorf("item %d: score %v, want %v", i, got, want)
				}
				if got := v.sum(s, &models[1], nil)[0]; got != 3 {
					t.Errorf("item %d without figures: score %v, want 3", i, got)
				}
			}
		})
	}
}
