package recommend

import (
	"math"
	"strconv"
)

// Money is an amount in the minor unit of a currency: yen for JPY, cents for
// USD. Currency is an upper-case ISO 4217 code.
type Money struct {
	Amount   int64
	Currency string
}

// MaxAmount bounds every amount so that sums of a million lines cannot
// overflow an int64 (9.2e18).
const MaxAmount = 1_000_000_000_000

// Exponent is the number of decimals of a currency's major unit (ISO 4217:
// 0 for JPY, 3 for KWD, 2 for most).
func Exponent(currency string) int {
	switch currency {
	case "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF":
		return 0
	case "BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND":
		return 3
	default:
		return 2
	}
}

// ValidCurrency reports whether s has the form of an ISO 4217 code.
func ValidCurrency(s string) bool {
	if len(s) != 3 {
		return false
	}
	for i := range len(s) {
		if s[i] < 'A' || s[i] > 'Z' {
			return false
		}
	}
	return true
}

var pow10 = [...]float64{1, 10, 100, 1000}

// MoneyFromMajor converts a price in major units (12.50) to minor units
// (1250 for USD). It fails on NaN, infinities, negative amounts, amounts above
// MaxAmount, and more decimals than the currency has.
func MoneyFromMajor(major float64, currency string) (Money, error) {
	if !ValidCurrency(currency) {
		return Money{}, Invalid("currency", "must be an upper-case ISO 4217 code such as JPY, got %q", currency)
	}
	exp := Exponent(currency)
	scaled := major * pow10[exp]
	switch {
	case math.IsNaN(major) || math.IsInf(major, 0):
		return Money{}, Invalid("price", "must be a finite number")
	case major < 0:
		return Money{}, Invalid("price", "must not be negative, got %v", major)
	case scaled > MaxAmount:
		return Money{}, Invalid("price", "must be at most %d minor units of %s", int64(MaxAmount), currency)
	}
	minor := math.Round(scaled)
	if math.Abs(minor-scaled) > 1e-6+1e-15*scaled { // what float64 rounds off
		return Money{}, Invalid("price", "%s has %d decimals, got %v", currency, exp, major)
	}
	return Money{Amount: int64(minor), Currency: currency}, nil
}

// AppendMajor appends the amount in major units as a JSON number with exactly
// the currency's decimals: 1250 USD is 12.50, 1250 JPY is 1250.
func (m Money) AppendMajor(b []byte) []byte {
	exp := Exponent(m.Currency)
	if exp == 0 {
		return strconv.AppendInt(b, m.Amount, 10)
	}
	n := m.Amount
	if n < 0 {
		b = append(b, '-')
		n = -n
	}
	unit := int64(pow10[exp])
	b = strconv.AppendInt(b, n/unit, 10)
	b = append(b, '.')
	frac := strconv.FormatInt(n%unit, 10)
	for range exp - len(frac) {
		b = append(b, '0')
	}
	return append(b, frac...)
}

// Major returns the amount in major units, for display and JSON decoding
// round trips; arithmetic stays in minor units.
func (m Money) Major() float64 { return float64(m.Amount) / pow10[Exponent(m.Currency)] }

// String returns the amount in major units and the code, such as "12.50 USD".
func (m Money) String() string {
	return string(m.AppendMajor(nil)) + " " + m.Currency
}
