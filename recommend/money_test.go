package recommend_test

import (
	"math"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"osusume/recommend"
)

func TestMoneyFromMajor(t *testing.T) {
	tests := []struct {
		name     string
		major    float64
		currency string
		want     int64 // -1: refused
	}{
		{"yen", 1980, "JPY", 1980},
		{"yen have no decimals", 1980.5, "JPY", -1},
		{"many yen have no decimals either", 1_500_000.5, "JPY", -1},
		{"dollars", 12.50, "USD", 1250},
		{"what float64 cannot hold exactly", 1.15, "USD", 115}, // 1.15 * 100 is 114.99999999999999
		{"cents have no fractions", 0.005, "USD", -1},
		{"cents of large sums have none either", 19_999.999, "USD", -1},
		{"dinars have three decimals", 1.234, "KWD", 1234},
		{"nothing", 0, "JPY", 0},
		{"minus nothing", math.Copysign(0, -1), "JPY", 0},
		{"the most", recommend.MaxAmount, "JPY", recommend.MaxAmount},
		{"the most in cents", recommend.MaxAmount / 100, "USD", recommend.MaxAmount},
		{"beyond the most", recommend.MaxAmount + 1, "JPY", -1},
		{"beyond the most in cents", recommend.MaxAmount/100 + 0.01, "USD", -1},
		{"negative", -1, "JPY", -1},
		{"not a number", math.NaN(), "JPY", -1},
		{"infinite", math.Inf(1), "JPY", -1},
		{"minus infinite", math.Inf(-1), "JPY", -1},
		{"huge", math.MaxFloat64, "USD", -1},
		{"no currency", 1, "", -1},
		{"lower case", 1, "jpy", -1},
		{"too long", 1, "JPYX", -1},
		{"letters of three bytes", 1, "円", -1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := recommend.MoneyFromMajor(tt.major, tt.currency)
			if tt.want < 0 {
				if recommend.CodeOf(err) != recommend.CodeInvalid || got != (recommend.Money{}) {
					t.Errorf("%v, %v, want it refused as invalid", got, err)
				}
				return
			}
			if err != nil || got != (recommend.Money{Amount: tt.want, Currency: tt.currency}) {
				t.Errorf("%v, %v, want %d minor units", got, err, tt.want)
			}
		})
	}
}

func TestMoneyString(t *testing.T) {
	tests := []struct {
		money recommend.Money
		want  string
	}{
		{recommend.Money{Amount: 1250, Currency: "JPY"}, "1250 JPY"},
		{recommend.Money{Amount: 1250, Currency: "USD"}, "12.50 USD"},
		{recommend.Money{Amount: 5, Currency: "USD"}, "0.05 USD"},
		{recommend.Money{Amount: 1005, Currency: "KWD"}, "1.005 KWD"},
		{recommend.Money{Amount: -1205, Currency: "USD"}, "-12.05 USD"},
		{recommend.Money{Amount: -5, Currency: "USD"}, "-0.05 USD"},
		{recommend.Money{Currency: "USD"}, "0.00 USD"},
	}
	for _, tt := range tests {
		if got := tt.money.String(); got != tt.want {
			t.Errorf("%d minor units of %s are %q, want %q", tt.money.Amount, tt.money.Currency, got, tt.want)
		}
	}
}

// Every amount survives being written in major units and read again.
func TestMoneyRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := recommend.Money{
			Amount:   rapid.Int64Range(0, recommend.MaxAmount).Draw(t, "amount"),
			Currency: rapid.SampledFrom([]string{"JPY", "USD", "KWD", "EUR"}).Draw(t, "currency"),
		}
		major, err := strconv.ParseFloat(string(m.AppendMajor(nil)), 64)
		if err != nil || major != m.Major() {
			t.Fatalf("%s reads as %v, %v; Major is %v", m, major, err, m.Major())
		}
		if back, err := recommend.MoneyFromMajor(major, m.Currency); err != nil || back != m {
			t.Fatalf("%s became %s, %v", m, back, err)
		}
	})
}
