package upsell_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"osusume/recommend/upsell"
)

// ordered is a shop that knows, for some items, the share of orders that hold them
// beside what they are asked for.
type ordered struct {
	*shop
	shares map[string]float64
}

func (o *ordered) Together(a uint32, buf []upsell.Pair) []upsell.Pair {
	buf = o.shop.Together(a, buf)
	for i := range buf {
		buf[i].Share = o.shares[o.snapshot.ID(buf[i].Item)]
	}
	return buf
}

// TestComplementsByOrders: orders say how probable a complement is, customers whether
// it is one and what is told of it.
func TestComplementsByOrders(t *testing.T) {
	type told struct {
		Item    string
		P, EV   float64
		Percent int
		N       uint32
	}
	for _, c := range []struct {
		name, item string
		shares     map[string]float64
		want       []told
	}{
		{
			"customers alone", "kettle", nil,
			// 90 of 300 at a margin of 580, 60 at 300, 80 at 200.
			[]told{{"mug", 0.3, 174, 30, 300}, {"tea", 0.2, 60, 20, 300}, {"spoon", 80. / 300, 160. / 3, 26, 300}},
		},
		{
			"orders, where they say anything", "kettle",
			map[string]float64{"tea": 0.5, "mug": 0.1},
			[]told{{"tea", 0.5, 150, 20, 300}, {"mug", 0.1, 58, 30, 300}, {"spoon", 80. / 300, 160. / 3, 26, 300}},
		},
		{
			"a share above one", "kettle",
			map[string]float64{"tea": 1.5, "mug": 0.01, "spoon": 0.001},
			[]told{{"tea", 1, 300, 20, 300}, {"mug", 0.01, 5.8, 30, 300}, {"spoon", 0.001, 0.2, 26, 300}},
		},
		{
			// Two customers are no evidence, 12 where chance makes 12 are none either,
			// and what goes with another phone does not fit.
			"no share makes up for evidence or fit", "phone-128",
			map[string]float64{"strap": 1, "magazine": 1, "case-other": 1, "film": 0.01},
			[]told{{"case-a", 0.3, 534, 30, 400}, {"film", 0.01, 9.8, 25, 400}},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := &ordered{newShop(t), c.shares}
			req := upsell.Request{Surface: upsell.SurfaceProduct, ItemID: c.item, Now: noon}
			answer, err := suggester(t).Suggest(&req, s)
			if err != nil {
				t.Fatal(err)
			}
			var got []told
			for _, g := range answer.Suggestions {
				if g.Kind != upsell.KindAccessory {
					continue
				}
				r := g.Reasons[0]
				if r.Code != upsell.CodeTogether {
					t.Errorf("%s: the first reason is %s", s.snapshot.ID(g.Item), r.Code)
				}
				got = append(got, told{s.snapshot.ID(g.Item), g.Score.P, g.Score.EV, r.Params.Percent, r.N})
			}
			if diff := cmp.Diff(c.want, got, cmpopts.EquateApprox(1e-9, 0)); diff != "" {
				t.Errorf("complements (-want +got):\n%s", diff)
			}
		})
	}
}
