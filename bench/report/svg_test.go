package report

import (
	"encoding/xml"
	"errors"
	"io"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"osusume/bench/eval"
)

var approximately = cmpopts.EquateApprox(0, 1e-9)

func TestLinearTicks(t *testing.T) {
	tests := map[string]struct {
		low, high float64
		want      []float64
	}{
		"from zero":        {0, 0.37, []float64{0, 0.1, 0.2, 0.3, 0.4}},
		"round already":    {0, 0.4, []float64{0, 0.1, 0.2, 0.3, 0.4}},
		"around zero":      {-0.012, 0.004, []float64{-0.015, -0.01, -0.005, 0, 0.005}},
		"large":            {0, 930, []float64{0, 250, 500, 750, 1000}},
		"nothing to span":  {0, 0, []float64{0, 0.25, 0.5, 0.75, 1}},
		"not from zero":    {0.31, 0.36, []float64{0.3, 0.32, 0.34, 0.36}},
		"very small steps": {0, 4e-5, []float64{0, 1e-5, 2e-5, 3e-5, 4e-5}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			a, ticks := linear(tt.low, tt.high, 0, 100, 4)
			if diff := cmp.Diff(tt.want, ticks, approximately); diff != "" {
				t.Errorf("ticks (-want +got):\n%s", diff)
			}
			if a.at(ticks[0]) != 0 || math.Abs(a.at(ticks[len(ticks)-1])-100) > 1e-9 {
				t.Errorf("the axis runs from %v to %v, want 0 to 100", a.at(ticks[0]), a.at(ticks[len(ticks)-1]))
			}
		})
	}
}

func TestLogarithmicTicks(t *testing.T) {
	tests := map[string]struct {
		low, high float64
		want      []float64
	}{
		"one decade":     {10, 100, []float64{10, 20, 50, 100}},
		"between":        {7, 383, []float64{5, 10, 20, 50, 100, 200, 500}},
		"a single value": {30, 30, []float64{20, 50}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			a, ticks := logarithmic(tt.low, tt.high, 0, 100)
			if diff := cmp.Diff(tt.want, ticks, cmpopts.EquateApprox(1e-9, 0)); diff != "" {
				t.Errorf("ticks (-want +got):\n%s", diff)
			}
			if got := a.at(math.Sqrt(ticks[0] * ticks[len(ticks)-1])); math.Abs(got-50) > 1e-9 {
				t.Errorf("the geometric middle is at %v, want 50", got)
			}
		})
	}
}

// TestAxes: whatever the range, ticks cover it and all lies within the axis.
func TestAxes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		low := rapid.Float64Range(-1e6, 1e6).Draw(t, "low")
		high := low + rapid.Float64Range(0, 1e6).Draw(t, "span")
		a, ticks := linear(low, high, 10, 200, 4)
		if len(ticks) < 2 || len(ticks) > 12 {
			t.Fatalf("%d ticks for %v to %v", len(ticks), low, high)
		}
		for _, v := range []float64{low, high} {
			if at := a.at(v); !(at >= 10-1e-6 && at <= 200+1e-6) {
				t.Fatalf("%v of %v to %v is at %v, outside the axis", v, low, high, at)
			}
		}
		low, high = math.Abs(low)+1e-3, math.Abs(low)+1e-3+math.Abs(high)
		a, _ = logarithmic(low, high, 10, 200)
		for _, v := range []float64{low, high} {
			if at := a.at(v); !(at >= 10-1e-6 && at <= 200+1e-6) {
				t.Fatalf("%v of %v to %v is at %v, outside the logarithmic axis", v, low, high, at)
			}
		}
	})
}

func TestDecimals(t *testing.T) {
	tests := map[string]struct {
		ticks []float64
		want  int
	}{
		"whole":     {[]float64{0, 5, 10}, 0},
		"quarters":  {[]float64{0, 0.25, 0.5}, 2},
		"hundreths": {[]float64{-0.01, 0, 0.01}, 2},
		"one":       {[]float64{1}, 2},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := decimals(tt.ticks); got != tt.want {
				t.Errorf("decimals(%v) = %d, want %d", tt.ticks, got, tt.want)
			}
		})
	}
}

func TestApart(t *testing.T) {
	tests := map[string]struct {
		wanted, want []float64
	}{
		"far enough":       {[]float64{10, 60, 30}, []float64{10, 60, 30}},
		"one place":        {[]float64{50, 50, 50}, []float64{50, 66, 82}},
		"at the far end":   {[]float64{98, 97}, []float64{98, 82}},
		"at the near end":  {[]float64{-4, 0}, []float64{0, 16}},
		"nothing to place": {nil, []float64{}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, apart(tt.wanted, 16, 0, 98)); diff != "" {
				t.Errorf("places (-want +got):\n%s", diff)
			}
		})
	}
	rapid.Check(t, func(t *rapid.T) {
		wanted := rapid.SliceOfN(rapid.Float64Range(0, 100), 1, 6).Draw(t, "wanted")
		got := apart(wanted, 16, 0, 100)
		slices.Sort(got)
		for i, v := range got {
			if v < -1e-9 || v > 100+1e-9 || i > 0 && v-got[i-1] < 16-1e-9 {
				t.Fatalf("apart(%v) = %v", wanted, got)
			}
		}
	})
}

func TestNumbersAsText(t *testing.T) {
	for got, want := range map[string]string{
		fixed(-0.0001, 2): "0.00", fixed(-0.25, 2): "-0.25", fixed(12, 0): "12",
		signed(-0.5, 1): "−0.5", signed(0.5, 1): "+0.5", signed(-0.001, 1): "+0.0",
		percent(0): "0.0 %", percent(0.0005): "<0.1 %", percent(0.0425): "4.2 %", percent(0.934): "93 %",
		micros(4.25): "4.2 µs", micros(88.4): "88 µs", micros(1500): "1.5 ms", micros(23000): "23 ms", micros(1000): "1 ms",
		grouped(7364): "7,364", grouped(12): "12", grouped(1234567): "1,234,567",
		px(1.25): "1.3", px(-0.01): "0",
		(&File{Bytes: 999}).Size(): "999 B", (&File{Bytes: 1_530_000}).Size(): "1.5 MB",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// wellFormed reports what is wrong with an SVG.
func wellFormed(svg string) error {
	for d := xml.NewDecoder(strings.NewReader(svg)); ; {
		_, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func TestPlotsAreWellFormed(t *testing.T) {
	span := &eval.Interval{Low: 0.1, High: 0.3}
	dots := dotPlot{label: `a "label" & <b>`, unit: "<unit>", rows: []dotRow{{label: "<i>one", value: 0.2, span: span, text: "0.2", main: true}, {label: "two"}}}
	lines := linePlot{
		label: "<", unit: "&", places: []string{"a", "<b"}, notes: []string{"n = 1", "n = <2"},
		series: []lineSeries{
			{label: "<x>", points: []linePoint{{value: 0.2, span: span}, {value: 0.4}}},
			{label: "y", style: 1, points: []linePoint{{absent: true}, {value: 0.4}}},
		},
	}
	bars := lines
	bars.bars, bars.barLabel, bars.zero = []float64{0.5, 0.1}, "<bars>", true
	for name, svg := range map[string]string{
		"dots": dots.svg(), "no dots": (&dotPlot{}).svg(), "lines": lines.svg(), "bars": bars.svg(), "no lines": (&linePlot{}).svg(),
	} {
		t.Run(name, func(t *testing.T) {
			if err := wellFormed(svg); err != nil {
				t.Errorf("%v in\n%s", err, svg)
			}
			if strings.Contains(svg, "NaN") || strings.Contains(svg, "Inf") {
				t.Errorf("a number that is none in\n%s", svg)
			}
		})
	}
}

// TestBarPlaces: the axis of 0 to 0.6 runs from 204 up to 24 pixels, so a bar of
// 0.5 is 150 high and one of 0.1 is 30.
func TestBarPlaces(t *testing.T) {
	p := linePlot{places: []string{"a", "b"}, bars: []float64{0.5, 0.1}, zero: true}
	svg := p.svg()
	for _, want := range []string{`y="54" width="126.9" height="150" class="bar"`, `y="174" width="126.9" height="30" class="bar"`} {
		if !strings.Contains(svg, want) {
			t.Errorf("no %s in\n%s", want, svg)
		}
	}
}

// TestDotPlotPlaces computes by hand where a value stands: the axis of 0 to 0.4
// runs from 88 to 400 - 58 = 342 pixels, so 0.2 is in the middle, at 215.
func TestDotPlotPlaces(t *testing.T) {
	p := dotPlot{rows: []dotRow{{label: "a", value: 0.4, text: "0.4"}, {label: "b", value: 0.2, text: "0.2", main: true}}}
	svg := p.svg()
	for _, want := range []string{
		`<circle cx="342" cy="18.5" r="5" class="mark other"/>`,
		`<circle cx="215" cy="43.5" r="5" class="mark own"/>`,
	} {
		if !strings.Contains(svg, want) {
			t.Errorf("no %s in\n%s", want, svg)
		}
	}
}
