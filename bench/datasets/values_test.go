package datasets

import (
	"bytes"
	"math"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"osusume/recommend"
)

func TestParsePrice(t *testing.T) {
	tests := []struct {
		name, in, currency string
		want               int64
		rounded            bool
		err                string
	}{
		{name: "pounds", in: "2.55", currency: "GBP", want: 255},
		{name: "one decimal", in: "2.1", currency: "GBP", want: 210},
		{name: "whole", in: "12", currency: "GBP", want: 1200},
		{name: "no whole part", in: ".5", currency: "GBP", want: 50},
		{name: "yen", in: "1980", currency: "JPY", want: 1980},
		{name: "yen with empty decimals", in: " 1980.00 ", currency: "JPY", want: 1980},
		{name: "dinar", in: "1.234", currency: "KWD", want: 1234},
		{name: "minus zero", in: "-0.0", currency: "GBP", want: 0},
		{name: "most", in: "10000000000", currency: "GBP", want: recommend.MaxAmount},
		{name: "no float error", in: "1.15", currency: "GBP", want: 115},
		{name: "above the most", in: "10000000000.01", currency: "GBP", err: `price: must be at most 1000000000000 minor units of GBP, got "10000000000.01"`},
		{name: "endless", in: "99999999999999999999999999", currency: "JPY", err: `price: must be at most 1000000000000 minor units of JPY, got "99999999999999999999999999"`},
		{name: "negative", in: "-1", currency: "GBP", err: `price: must not be negative, got "-1"`},
		{name: "thousands", in: "1,980", currency: "JPY", err: `price: must be a decimal number without signs, spaces or thousands separators, got "1,980"`},
		{name: "exponent", in: "1e3", currency: "JPY", err: `price: must be a decimal number without signs, spaces or thousands separators, got "1e3"`},
		{name: "nan", in: "NaN", currency: "JPY", err: `price: must be a decimal number without signs, spaces or thousands separators, got "NaN"`},
		{name: "dot", in: ".", currency: "JPY", err: `price: must be a decimal number, got "."`},
		{name: "bad decimals", in: "1.x", currency: "JPY", err: `price: must be a decimal number without signs, spaces or thousands separators, got "1.x"`},
		{name: "noise above", in: "0.42000000000000004", currency: "GBP", want: 42},
		{name: "noise below", in: "6.349999999999999", currency: "GBP", want: 635},
		{name: "noise in yen", in: "1979.9999999999998", currency: "JPY", want: 1980},
		{name: "rounded up", in: "2.325", currency: "GBP", want: 233, rounded: true},
		{name: "rounded down", in: "2.3249", currency: "GBP", want: 232, rounded: true},
		{name: "rounded to nothing", in: "0.001", currency: "GBP", want: 0, rounded: true},
		{name: "rounded above the most", in: "10000000000.005", currency: "GBP", err: `price: must be at most 1000000000000 minor units of GBP, got "10000000000.005"`},
		{name: "almost nothing below zero", in: "-0.001", currency: "GBP", err: `price: must not be negative, got "-0.001"`},
		{name: "misfit", in: "2.55", currency: "JPY", err: "price: JPY has no decimals, got 2.55; name the currency of the file with --currency (option Currency)"},
		{name: "misfit near a whole", in: "2.999", currency: "JPY", err: "price: JPY has no decimals, got 2.999; name the currency of the file with --currency (option Currency)"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, rounded, err := parsePrice([]byte(tt.in), tt.currency)
			if message(err) != tt.err {
				t.Fatalf("error %q, want %q", message(err), tt.err)
			}
			if err == nil && got != (recommend.Money{Amount: tt.want, Currency: tt.currency}) {
				t.Errorf("got %v, want %d", got, tt.want)
			}
			if rounded != tt.rounded {
				t.Errorf("rounded %t, want %t", rounded, tt.rounded)
			}
		})
	}
}

// Every amount reads back as it is written.
func TestParsePriceRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := recommend.Money{
			Amount:   rapid.Int64Range(0, recommend.MaxAmount).Draw(t, "amount"),
			Currency: rapid.SampledFrom([]string{"JPY", "GBP", "KWD"}).Draw(t, "currency"),
		}
		got, rounded, err := parsePrice(m.AppendMajor(nil), m.Currency)
		if err != nil || got != m || rounded {
			t.Fatalf("%s reads as %v, %v", m, got, err)
		}
	})
}

func TestParseQuantity(t *testing.T) {
	for in, want := range map[string]int64{"6": 6, "6.0": 6, "-3": -3, " 0 ": 0} {
		if got, err := parseQuantity([]byte(in)); err != nil || got != want {
			t.Errorf("%q: got %d, %v; want %d", in, got, err, want)
		}
	}
	for _, in := range []string{"", "x", "1.5", "1e3", "99999999999999999999", "1.0x"} {
		if got, err := parseQuantity([]byte(in)); err == nil {
			t.Errorf("%q: got %d, want an error", in, got)
		}
	}
}

func TestParseTime(t *testing.T) {
	tokyo := time.FixedZone("JST", 9*60*60)
	tests := []struct {
		in   string
		loc  *time.Location
		want string
	}{
		{"2011-11-10T08:06:00Z", tokyo, "2011-11-10T08:06:00Z"},
		{"2011-11-10T08:06:00+09:00", time.UTC, "2011-11-09T23:06:00Z"},
		{"2011-11-10 08:06:00", time.UTC, "2011-11-10T08:06:00Z"},
		{"2011-11-10 08:06:00", tokyo, "2011-11-09T23:06:00Z"},
		{"2011-11-10", tokyo, "2011-11-09T15:00:00Z"},
		{"1320912360", tokyo, "2011-11-10T08:06:00Z"},
		{"999999999", tokyo, "2001-09-09T01:46:39Z"},
		{"999999999000", tokyo, "2001-09-09T01:46:39Z"},
		{"1320912360000", tokyo, "2011-11-10T08:06:00Z"},
	}
	for _, tt := range tests {
		got, err := parseTime([]byte(tt.in), tt.loc)
		if err != nil || got.Format(time.RFC3339) != tt.want || got.Location() != time.UTC {
			t.Errorf("%q in %s: got %v, %v; want %s", tt.in, tt.loc, got, err, tt.want)
		}
	}
	for _, in := range []string{"", "yesterday", "2011-13-01", "12", "2011-11-10T25:00:00Z"} {
		if got, err := parseTime([]byte(in), time.UTC); err == nil {
			t.Errorf("%q: got %v, want an error", in, got)
		}
	}
}

func TestInternerIsBounded(t *testing.T) {
	in := make(interner)
	for n := range 2 * maxInterned {
		if s := strconv.Itoa(n); in.get([]byte(s)) != s {
			t.Fatalf("%s comes back changed", s)
		}
	}
	if len(in) > maxInterned {
		t.Errorf("%d strings kept, want at most %d", len(in), maxInterned)
	}
}

// FuzzValues: no cell may panic a parser or come out of bounds.
func FuzzValues(f *testing.F) {
	for _, s := range []string{"2.55", "-1", "1e9", "2011-11-10", "99999999999999999999", ".", "\xff", "9223372036854775807"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		for _, currency := range []string{"JPY", "GBP", "KWD"} {
			if m, _, err := parsePrice(in, currency); err == nil {
				want, perr := strconv.ParseFloat(string(bytes.TrimSpace(in)), 64)
				if m.Amount < 0 || m.Amount > recommend.MaxAmount || perr != nil || math.Abs(m.Major()-want) > 0.5/math.Pow10(recommend.Exponent(currency))+1e-9*max(1, want) {
					t.Fatalf("%q reads as %v", in, m)
				}
			}
		}
		if at, err := parseTime(in, time.UTC); err == nil && at.Location() != time.UTC {
			t.Fatalf("%q reads as %v", in, at)
		}
		_, _ = parseQuantity(in)
	})
}

func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
