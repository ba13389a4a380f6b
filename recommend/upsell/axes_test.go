package upsell_test

import (
	"math"
	"testing"

	"osusume/recommend"
	"osusume/recommend/upsell"
)

func TestQuantity(t *testing.T) {
	tests := []struct {
		text  string
		value float64
		unit  string
		ok    bool
	}{
		{"128GB", 128e9, "B", true},
		{"0.5 TB", 500e9, "B", true},
		{"１２８ＧＢ", 128e9, "B", true},
		{"64", 64, "", true},
		{"-3", -3, "", true},
		{"5,000mAh", 5, "Ah", true},
		{"1,234,567", 1234567, "", true},
		{"1,5", 0, "", false},
		{",500", 0, "", false},
		{"約10時間", 36000, "s", true},
		{"最大 600分", 36000, "s", true},
		{"6.1インチ", 6.1 * 0.0254, "m", true},
		{"120Hz", 120, "Hz", true},
		{"1200万画素", 12e6, "px", true},
		{"12 stars", 12, "stars", true},
		{"true", 1, "bool", true},
		{"false", 0, "bool", true},
		{"18-55mm", 0, "", false},
		{"3x4", 0, "", false},
		{"IP68", 0, "", false},
		{"blue", 0, "", false},
		{"", 0, "", false},
		{"1.2.3", 0, "", false},
		{"1e3", 0, "", false},
		{"128GB with a long story about what it is for", 0, "", false},
	}
	for _, tt := range tests {
		value, unit, ok := upsell.Quantity(tt.text)
		if math.Abs(value-tt.value) > 1e-9*math.Abs(tt.value) || unit != tt.unit || ok != tt.ok {
			t.Errorf("%q is %v %q (%v), want %v %q (%v)", tt.text, value, unit, ok, tt.value, tt.unit, tt.ok)
		}
	}
}

func FuzzQuantity(f *testing.F) {
	for _, s := range []string{"128GB", "約10時間", "1,000.5 mAh", "-.", "true", "\xff", "1e309", "9999999999999999999999999999999999999TB"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		value, _, ok := upsell.Quantity(s)
		if ok && (math.IsNaN(value) || math.IsInf(value, 0)) {
			t.Errorf("%q is %v", s, value)
		}
		again, _, okAgain := upsell.Quantity(s)
		if ok != okAgain || value != again {
			t.Errorf("%q is read in two ways", s)
		}
	})
}

func TestAxes(t *testing.T) {
	item := func(higher bool, value string) *recommend.Item {
		it := &recommend.Item{UpgradeAxes: []recommend.UpgradeAxis{{Key: "k", HigherIsBetter: higher}}}
		if value != "" {
			it.Attributes = map[string]string{"k": value}
		}
		return it
	}
	plain := func(value string) *recommend.Item {
		return &recommend.Item{Attributes: map[string]string{"k": value}}
	}
	tests := []struct {
		name  string
		a, b  *recommend.Item
		gains int
		worse bool
	}{
		{"more is better", item(true, "128GB"), item(true, "256GB"), 1, false},
		{"across units", item(true, "512GB"), item(true, "1TB"), 1, false},
		{"less is worse", item(true, "256GB"), item(true, "128GB"), 0, true},
		{"less is better", item(false, "1.4kg"), item(false, "900g"), 1, false},
		{"more is worse", item(false, "900g"), item(false, "1.4kg"), 0, true},
		{"as much", item(true, "1000MB"), item(true, "1GB"), 0, false},
		{"the same text", item(true, "blue"), item(true, "blue"), 0, false},
		{"text without order", item(true, "blue"), item(true, "red"), 0, false},
		{"another kind of unit", item(true, "128GB"), item(true, "256mm"), 0, false},
		{"unknown of A", item(true, ""), item(true, "256GB"), 0, false},
		{"unknown of B", item(true, "128GB"), item(true, ""), 0, false},
		{"declared by A alone", item(true, "1"), plain("2"), 1, false},
		{"declared by B alone", plain("2"), item(true, "1"), 0, true},
		{"declared by nobody", plain("1"), plain("2"), 0, false},
		{"declared in two directions", item(true, "1"), item(false, "2"), 0, false},
		{"yes for no", item(true, "false"), item(true, "true"), 1, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if gained, worse := upsell.CompareAxes(tt.a, tt.b); gained != tt.gains || worse != tt.worse {
				t.Errorf("%d gains, worse %v; want %d, %v", gained, worse, tt.gains, tt.worse)
			}
		})
	}
}
