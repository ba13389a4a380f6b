package upsell

// Rounding is what becomes of a fraction of the minor unit. Any is lawful for
// prices in Japan; down is usual.
type Rounding uint8

// The roundings.
const (
	RoundDown Rounding = iota
	RoundHalfUp
	RoundUp
)

// TaxIncluded is the price a customer sees for a net amount, in minor units,
// at a tax of whole percent. It computes in integers: 1980 at 8 % is exactly
// 2138.4. net and percent must not be negative.
func TaxIncluded(net int64, percent int, r Rounding) int64 {
	hundredths := net * int64(100+percent)
	switch r {
	case RoundHalfUp:
		hundredths += 50
	case RoundUp:
		hundredths += 99
	}
	return hundredths / 100
}
