package api

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// jsonString is what encoding/json writes for s.
func jsonString(t interface{ Fatal(...any) }, s string) string {
	want, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	return string(want)
}

func TestAppendStringAgreesWithEncodingJSON(t *testing.T) {
	var all strings.Builder
	for r := rune(0); r < 0x250; r++ {
		all.WriteRune(r)
	}
	cases := map[string]string{
		"empty":             "",
		"plain":             "coffee",
		"japanese":          "霧ブレンド 200g",
		"emoji":             "☕🫘",
		"every low rune":    all.String(),
		"separators":        "a\u2028b\u2029c",
		"script":            "</script><!--&",
		"broken utf-8":      "a\xffb\xc3",
		"surrogate bytes":   "\xed\xa0\x80",
		"replacement rune":  "\ufffd",
		"quote at the ends": `"x"`,
	}
	for name, s := range cases {
		t.Run(name, func(t *testing.T) {
			if got, want := string(appendString(nil, s)), jsonString(t, s); got != want {
				t.Errorf("appendString(%q) = %s, want %s", s, got, want)
			}
		})
	}
}

func TestAppendStringProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := string(rapid.SliceOf(rapid.Byte()).Draw(t, "bytes"))
		got := appendString([]byte("x"), s)
		if want := "x" + jsonString(t, s); string(got) != want {
			t.Fatalf("appendString(%q) = %s, want %s", s, got, want)
		}
		if !utf8.Valid(got) {
			t.Fatalf("appendString(%q) is not UTF-8", s)
		}
	})
}

func TestAppendNumberReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := rapid.Float64().Draw(t, "f")
		b := appendNumber(nil, f)
		var got float64
		if err := json.Unmarshal(b, &got); err != nil {
			t.Fatalf("appendNumber(%v) = %s: %v", f, b, err)
		}
		if got != f {
			t.Fatalf("appendNumber(%v) = %s, reads back as %v", f, b, got)
		}
	})
	for _, f := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		if got := string(appendNumber(nil, f)); got != "0" {
			t.Errorf("appendNumber(%v) = %s, want 0", f, got)
		}
	}
}

func TestAppendScoreKeepsTheOrder(t *testing.T) {
	read := func(t *rapid.T, f float64) float64 {
		b := appendScore(nil, f)
		var got float64
		if err := json.Unmarshal(b, &got); err != nil {
			t.Fatalf("appendScore(%v) = %s: %v", f, b, err)
		}
		return got
	}
	rapid.Check(t, func(t *rapid.T) {
		a := rapid.Float32().Draw(t, "a")
		b := math.Nextafter32(a, float32(math.Inf(1)))
		if x, y := read(t, float64(a)), read(t, float64(b)); !(x < y) && !math.IsInf(float64(b), 0) {
			t.Fatalf("%v < %v, but they are written as %v and %v", a, b, x, y)
		}
		if x := read(t, float64(a)); float32(x) != a {
			t.Fatalf("%v reads back as %v", a, x)
		}
		if f := rapid.Float64().Draw(t, "double"); float64(float32(f)) != f && read(t, f) != f {
			t.Fatalf("%v reads back as %v", f, read(t, f))
		}
	})
	if got, want := string(appendScore(nil, float64(float32(1.0212027)))), "1.0212027"; got != want {
		t.Errorf("appendScore = %s, want %s", got, want)
	}
}

func TestAppendTimeIsUTC(t *testing.T) {
	at := time.Date(2026, 1, 31, 9, 30, 0, 250_000_000, time.FixedZone("JST", 9*60*60))
	if got, want := string(appendTime(nil, at)), `"2026-01-31T00:30:00.25Z"`; got != want {
		t.Errorf("appendTime = %s, want %s", got, want)
	}
}

// BenchmarkAppendString compares copying with looking at every rune.
func BenchmarkAppendString(b *testing.B) {
	for _, x := range []struct{ name, s string }{
		{"id", "phone-aozora-8-128"},
		{"title", "霧ブレンド コーヒー豆 200g"},
		{"sentence", "「霧ブレンド」を購入した412人のうち37人が購入しています"},
	} {
		for _, way := range []struct {
			name   string
			append func([]byte, string) []byte
		}{{"copied", appendString}, {"by-rune", appendEscaped}} {
			b.Run(x.name+"/"+way.name, func(b *testing.B) {
				buf := make([]byte, 0, 256)
				for b.Loop() {
					buf = way.append(buf[:0], x.s)
				}
			})
		}
	}
}
