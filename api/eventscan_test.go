package api

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// usualEvents are of the form that is scanned.
func usualEvents() []string {
	return append(benchEvents(20),
		" {\t\"event\" : \"view_item\",\r\n \"session_id\":\"s\" , \"items\": [ { \"item_id\":\"豆\" } , {\"item_id\":\"b\"} ] } ",
		`{"event":"purchase","anonymous_id":"a","order_id":"o","channel":"app","recommendation_id":"r_1","currency":"USD","items":[{"item_id":"x","quantity":0,"price":12.50},{"item_id":"y","price":3,"currency":"JPY"},{"item_id":"z","currency":"KWD","price":0.125}]}`,
		`{"event":"rating","customer_id":"c","value":4.5,"items":[{"item_id":"x"}]}`,
		`{"event":"feedback","customer_id":"c","items":[{"item_id":"x"}]}`,
		`{"event":"login","customer_id":"c","value":7,"items":[]}`,
		`{"event":"view_item","customer_id":"","session_id":"s","items":[{"item_id":"x"}]}`,
	)
}

// unusualEvents are left to the strict decoder, which takes some of them.
func unusualEvents() []string {
	return []string{
		``, `null`, `[]`, `{}`, `"x"`, `{`, `{"event"`, `{"event":`, `{"event":"login"`, `{"event":"login",`, `{"event":"login",}`,
		`{"event":"login","customer_id":"c"} x`, `{"event":"login","customer_id":"c"}{}`,
		`{"event":"login","event":"login","customer_id":"c"}`, `{"event":"login","customer_id":null}`,
		`{"Event":"login","customer_id":"c"}`, `{"event":"log\u0069n","customer_id":"c"}`, `{"event":"logon","customer_id":"c"}`,
		"{\"event\":\"login\",\"customer_id\":\"a\xff\"}", "{\"event\":\"login\",\"customer_id\":\"a\nb\"}",
		`{"event":"login","customer_id":"c","time":"yesterday"}`,
		`{"event":"login","customer_id":"c","currency":"yen"}`, `{"event":"rating","customer_id":"c","items":[{"item_id":"x"}]}`,
		`{"event":"login","customer_id":"c","value":01}`, `{"event":"login","customer_id":"c","value":1.}`,
		`{"event":"login","customer_id":"c","value":.5}`, `{"event":"login","customer_id":"c","value":-1}`,
		`{"event":"login","customer_id":"c","value":1e3}`, `{"event":"login","customer_id":"c","value":1234567890123456}`,
		`{"event":"view_item","customer_id":"c","items":[{"item_id":"x"},]}`, `{"event":"view_item","customer_id":"c","items":[{"item_id":"x"}`,
		`{"event":"view_item","customer_id":"c","items":[{"item_id":"x","quantity":1.0}]}`,
		`{"event":"view_item","customer_id":"c","items":[{"item_id":"x","item_id":"x"}]}`,
		`{"event":"view_item","customer_id":"c","items":[{"item_id":"x","color":"red"}]}`,
		`{"event":"view_item","customer_id":"c","items":[{"item_id":"x","price":1.234}]}`,
		`{"event":"view_item","customer_id":"c","items":[{"item_id":"x","price":1.5}],"currency":"USD"}`,
		`{"event":"view_item","customer_id":"c","items":{"item_id":"x"}}`, `{"event":"view_item","customer_id":"c","items":["x"]}`,
	}
}

func TestUsualEventsAreScanned(t *testing.T) {
	for _, body := range usualEvents() {
		got, ok := scanEvent([]byte(body), testNow)
		want, err := decodeEventStrictly([]byte(body), testNow)
		if !ok || err != nil {
			t.Errorf("%s: scanned %v, strict error %v", body, ok, err)
			continue
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-strict +scanned):\n%s", body, diff)
		}
	}
	for _, body := range unusualEvents() {
		if got, ok := scanEvent([]byte(body), testNow); ok {
			t.Errorf("%s was scanned as %+v", body, got)
		}
	}
}

// TestScanNeverDisagrees changes, drops and doubles pieces of events: what is
// still scanned must be what the strict decoder reads.
func TestScanNeverDisagrees(t *testing.T) {
	seeds := append(usualEvents(), unusualEvents()...)
	pieces := []string{`"`, `,`, `:`, `{`, `}`, `[`, `]`, `0`, `9`, `.`, `-`, `e`, ` `, `\`, "\x00", "\xff", `null`, `"event":`, `"currency":"USD",`, `"value":3,`, `"quantity":2,`, `"price":0.5,`}
	rapid.Check(t, func(t *rapid.T) {
		body := []byte(rapid.SampledFrom(seeds).Draw(t, "seed"))
		for range rapid.IntRange(0, 3).Draw(t, "changes") {
			at := rapid.IntRange(0, len(body)).Draw(t, "at")
			end := min(len(body), at+rapid.IntRange(0, 12).Draw(t, "dropped"))
			body = slices.Concat(body[:at], []byte(rapid.SampledFrom(pieces).Draw(t, "piece")), body[end:])
		}
		got, ok := scanEvent(body, testNow)
		if !ok {
			return
		}
		want, err := decodeEventStrictly(body, testNow)
		if err != nil {
			t.Fatalf("%q was scanned, the strict decoder says %v", body, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("%q (-strict +scanned):\n%s", body, diff)
		}
	})
}

func BenchmarkReadEvent(b *testing.B) {
	events := benchEvents(1000)
	b.Run("scanned", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			if _, ok := scanEvent([]byte(events[i%len(events)]), testNow); !ok {
				b.Fatal("not scanned")
			}
		}
	})
	b.Run("strict", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			if _, err := decodeEventStrictly([]byte(events[i%len(events)]), testNow); err != nil {
				b.Fatal(err)
			}
		}
	})
}
