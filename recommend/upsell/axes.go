package upsell

import (
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"

	"osusume/recommend"
)

// relation is how an attribute of B compares with that of A.
type relation uint8

const (
	unknown relation = iota // missing on a side, or not comparable
	equal
	better
	worse
)

// eachAxis visits the upgrade axes of A and B together, those of A first, until
// visit returns false. One that they declare in opposite directions is unknown.
func eachAxis(a, b *recommend.Item, visit func(axis *recommend.UpgradeAxis, r relation) bool) {
	for i := range a.UpgradeAxes {
		axis := &a.UpgradeAxes[i]
		r := compareAxis(axis, a, b)
		if other := findAxis(b, axis.Key); other != nil && other.HigherIsBetter != axis.HigherIsBetter {
			r = unknown
		}
		if !visit(axis, r) {
			return
		}
	}
	for i := range b.UpgradeAxes {
		axis := &b.UpgradeAxes[i]
		if findAxis(a, axis.Key) == nil && !visit(axis, compareAxis(axis, a, b)) {
			return
		}
	}
}

func findAxis(it *recommend.Item, key string) *recommend.UpgradeAxis {
	for i := range it.UpgradeAxes {
		if it.UpgradeAxes[i].Key == key {
			return &it.UpgradeAxes[i]
		}
	}
	return nil
}

func compareAxis(axis *recommend.UpgradeAxis, a, b *recommend.Item) relation {
	va, vb := a.Attributes[axis.Key], b.Attributes[axis.Key]
	if va == "" || vb == "" {
		return unknown
	}
	if va == vb {
		return equal
	}
	qa, okA := parseQuantity(va)
	qb, okB := parseQuantity(vb)
	switch {
	case !okA || !okB || qa.unit != qb.unit:
		return unknown
	case qa.value == qb.value:
		return equal
	case qb.value > qa.value == axis.HigherIsBetter:
		return better
	default:
		return worse
	}
}

// axes reports whether B is worse than A along any axis, and along how many it
// is better.
func axes(a, b *recommend.Item) (gains int, isWorse bool) {
	eachAxis(a, b, func(_ *recommend.UpgradeAxis, r relation) bool {
		switch r {
		case better:
			gains++
		case worse:
			isWorse = true
		}
		return !isWorse
	})
	return gains, isWorse
}

// gains lists the axes along which B is better than A, as declared.
func gains(a, b *recommend.Item) []FeatureGain {
	var list []FeatureGain
	eachAxis(a, b, func(axis *recommend.UpgradeAxis, r relation) bool {
		if r == better {
			list = append(list, FeatureGain{
				Key: axis.Key, Label: axis.Label,
				From: a.Attributes[axis.Key], To: b.Attributes[axis.Key],
			})
		}
		return true
	})
	return list
}

// quantity is a number in the base of its unit.
type quantity struct {
	value float64
	unit  string
}

// maxQuantityBytes bounds what is read as a quantity; longer text is prose.
const maxQuantityBytes = 40

// parseQuantity reads "128GB", "1,000 mAh", "約10時間", "6.1インチ", true and
// false. Text of any other form, ranges among it, has no order.
func parseQuantity(s string) (quantity, bool) {
	if len(s) > maxQuantityBytes {
		return quantity{}, false
	}
	switch s {
	case "true":
		return quantity{1, "bool"}, true
	case "false":
		return quantity{0, "bool"}, true
	}
	if !ascii(s) {
		s = norm.NFKC.String(s)
		for _, prefix := range [...]string{"約", "最大"} {
			s = strings.TrimPrefix(s, prefix)
		}
	}
	s = strings.TrimSpace(s)
	end := 0
	for end < len(s) && (s[end] >= '0' && s[end] <= '9' || s[end] == '.' || s[end] == ',' || end == 0 && s[end] == '-') {
		end++
	}
	number := s[:end]
	if strings.Contains(number, ",") {
		if !grouped(number) {
			return quantity{}, false
		}
		number = strings.ReplaceAll(number, ",", "")
	}
	value, err := strconv.ParseFloat(number, 64)
	if err != nil {
		return quantity{}, false
	}
	unit := strings.TrimSpace(s[end:])
	for i := range len(unit) {
		if unit[i] >= '0' && unit[i] <= '9' {
			return quantity{}, false // a range or a product, not one number
		}
	}
	base, factor := baseUnit(unit)
	return quantity{value * factor, base}, true
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// grouped reports whether commas stand before groups of three digits only: in
// "1,5" they may mean something else.
func grouped(s string) bool {
	whole, _, _ := strings.Cut(s, ".")
	for k, part := range strings.Split(whole, ",") {
		if k > 0 && len(part) != 3 || part == "" {
			return false
		}
	}
	return true
}

// baseUnit returns the unit that others of its kind are counted in, and how
// many of it one unit is. A unit of no known kind is its own, so that values
// in it still compare. Case tells units apart (mW, MW) unless nothing else is
// meant.
func baseUnit(unit string) (string, float64) {
	switch unit {
	case "":
		return "", 1
	case "B":
		return "B", 1
	case "KB", "kB", "kb":
		return "B", 1e3
	case "MB", "mb":
		return "B", 1e6
	case "GB", "gb", "ギガ":
		return "B", 1e9
	case "TB", "tb", "テラ":
		return "B", 1e12
	case "KiB":
		return "B", 1 << 10
	case "MiB":
		return "B", 1 << 20
	case "GiB":
		return "B", 1 << 30
	case "TiB":
		return "B", 1 << 40
	case "mm", "ミリ":
		return "m", 1e-3
	case "cm", "センチ":
		return "m", 1e-2
	case "m", "メートル":
		return "m", 1
	case "km":
		return "m", 1e3
	case "in", "inch", "inches", "\"", "インチ", "型":
		return "m", 0.0254
	case "mg":
		return "g", 1e-3
	case "g", "グラム":
		return "g", 1
	case "kg", "キロ", "キログラム":
		return "g", 1e3
	case "ml", "mL", "ミリリットル":
		return "l", 1e-3
	case "l", "L", "リットル":
		return "l", 1
	case "mAh":
		return "Ah", 1e-3
	case "Ah":
		return "Ah", 1
	case "Wh":
		return "Wh", 1
	case "kWh":
		return "Wh", 1e3
	case "mW":
		return "W", 1e-3
	case "W", "ワット":
		return "W", 1
	case "kW":
		return "W", 1e3
	case "Hz":
		return "Hz", 1
	case "kHz":
		return "Hz", 1e3
	case "MHz":
		return "Hz", 1e6
	case "GHz":
		return "Hz", 1e9
	case "Mbps":
		return "bit/s", 1e6
	case "Gbps":
		return "bit/s", 1e9
	case "ms":
		return "s", 1e-3
	case "s", "sec", "秒":
		return "s", 1
	case "min", "分":
		return "s", 60
	case "h", "hr", "hours", "hour", "時間":
		return "s", 3600
	case "d", "day", "days", "日":
		return "s", 86400
	case "MP", "megapixels":
		return "px", 1e6
	case "万画素":
		return "px", 1e4
	default:
		return unit, 1
	}
}
