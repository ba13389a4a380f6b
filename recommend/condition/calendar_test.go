package condition

import (
	"encoding/json"
	"os"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestCalendarVectors(t *testing.T) {
	text, err := os.ReadFile("testdata/time_jst.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors struct {
		Zone     string
		Birthday []struct {
			Birthday string
			Now      time.Time
			Window   [2]int64 `json:"window_days"`
			Offset   int64    `json:"offset_days"`
			Inside   bool
		}
		DaysSince []struct {
			Last, Now time.Time
			Days      int64 `json:"calendar_days_local"`
		} `json:"days_since"`
	}
	if err := json.Unmarshal(text, &vectors); err != nil {
		t.Fatal(err)
	}
	if len(vectors.Birthday) != 8 || len(vectors.DaysSince) != 2 {
		t.Fatalf("%d birthdays and %d spans, want 8 and 2", len(vectors.Birthday), len(vectors.DaysSince))
	}
	zone, err := time.LoadLocation(vectors.Zone)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range vectors.Birthday {
		a, err := ParseAnniversary("birth_date", v.Birthday)
		if err != nil {
			t.Fatal(err)
		}
		got := a.Offset(v.Now, zone)
		if got != v.Offset {
			t.Errorf("%s at %s: offset %d, want %d", v.Birthday, v.Now, got, v.Offset)
		}
		if inside := got >= v.Window[0] && got <= v.Window[1]; inside != v.Inside {
			t.Errorf("%s at %s: inside is %t", v.Birthday, v.Now, inside)
		}
	}
	for _, v := range vectors.DaysSince {
		if got := DaysBetween(v.Last, v.Now, zone); got != v.Days {
			t.Errorf("%s to %s: %d days, want %d", v.Last, v.Now, got, v.Days)
		}
	}
}

func TestParseAnniversary(t *testing.T) {
	tests := map[string]struct {
		text string
		want Anniversary
		ok   bool
	}{
		"date":           {"1990-01-03", Anniversary{1990, 1, 3}, true},
		"without a year": {"--02-29", Anniversary{0, 2, 29}, true},
		"no such day":    {"1990-02-29", Anniversary{}, false},
		"no such month":  {"--13-01", Anniversary{}, false},
		"year nought":    {"0000-01-01", Anniversary{}, false},
		"a time":         {"1990-01-03T00:00:00Z", Anniversary{}, false},
		"nothing":        {"", Anniversary{}, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := ParseAnniversary("birth_date", tt.text)
			if got != tt.want || (err == nil) != tt.ok {
				t.Errorf("ParseAnniversary(%q) = %+v, %v", tt.text, got, err)
			}
		})
	}
}

func TestAge(t *testing.T) {
	tests := map[string]struct {
		born Anniversary
		now  string
		want Maybe[int64]
	}{
		"the day before":             {Anniversary{1990, 4, 1}, "2026-03-31", Known[int64](35)},
		"the day":                    {Anniversary{1990, 4, 1}, "2026-04-01", Known[int64](36)},
		"29 February in other years": {Anniversary{1992, 2, 29}, "2026-02-28", Known[int64](34)},
		"29 February in leap years":  {Anniversary{1992, 2, 29}, "2028-02-28", Known[int64](35)},
		"no year":                    {Anniversary{0, 4, 1}, "2026-04-01", Maybe[int64]{}},
		"not yet born":               {Anniversary{2030, 4, 1}, "2026-04-01", Maybe[int64]{}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			now, err := time.Parse(time.DateOnly, tt.now)
			if err != nil {
				t.Fatal(err)
			}
			if got := tt.born.Age(now, nil); got != tt.want {
				t.Errorf("age %+v, want %+v", got, tt.want)
			}
		})
	}
}

// TestOffsetFindsTheDay: that many days before today, the anniversary is
// today.
func TestOffsetFindsTheDay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		born := time.Date(2000, 1, 1+rapid.IntRange(0, 365).Draw(t, "day"), 0, 0, 0, 0, time.UTC)
		a := Anniversary{Month: born.Month(), Day: born.Day()}
		now := time.Date(2026, 1, rapid.IntRange(1, 3000).Draw(t, "now"), 12, 0, 0, 0, time.UTC)
		offset := a.Offset(now, nil)
		if offset < -182 || offset > 183 {
			t.Fatalf("offset %d is not to the nearest", offset)
		}
		if then := a.Offset(now.AddDate(0, 0, -int(offset)), nil); then != 0 {
			t.Fatalf("offset %d at %s, but %d then", offset, now, then)
		}
	})
}
