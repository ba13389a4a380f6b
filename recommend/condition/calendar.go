package condition

import (
	"time"

	"osusume/recommend"
)

// Anniversary is a day that comes round every year, such as a birthday. 29
// February comes round on the 28th in years without one.
type Anniversary struct {
	Year  int // 0: not told
	Month time.Month
	Day   int
}

// ParseAnniversary reads "1990-01-03", or "--01-03" without a year. The error
// is about field.
func ParseAnniversary(field, text string) (Anniversary, error) {
	value := text
	if len(text) == len("--01-02") && text[:2] == "--" {
		value = "2000" + text[1:] // a leap year, in which every day exists
	}
	t, err := time.Parse(time.DateOnly, value)
	if err != nil || t.Year() < 1 {
		return Anniversary{}, recommend.Invalid(field, "must be a date such as 1990-01-03, or --01-03 without a year, got %.40q", text)
	}
	a := Anniversary{Year: t.Year(), Month: t.Month(), Day: t.Day()}
	if value != text {
		a.Year = 0
	}
	return a, nil
}

// IsZero reports that there is no anniversary.
func (a Anniversary) IsZero() bool { return a == Anniversary{} }

// in returns the anniversary of a year as a date in UTC.
func (a Anniversary) in(year int) time.Time {
	if a.Month == time.February && a.Day == 29 && !isLeap(year) {
		return time.Date(year, time.February, 28, 0, 0, 0, 0, time.UTC)
	}
	return time.Date(year, a.Month, a.Day, 0, 0, 0, 0, time.UTC)
}

// Offset returns the days since the nearest return of the anniversary by the
// calendar of zone, negative before it: from -182 to 183.
func (a Anniversary) Offset(now time.Time, zone *time.Location) int64 {
	today := date(now, zone)
	nearest := days(a.in(today.Year()), today)
	for _, year := range [...]int{today.Year() - 1, today.Year() + 1} {
		if d := days(a.in(year), today); closer(d, nearest) {
			nearest = d
		}
	}
	return nearest
}

// Age returns the full years since the anniversary by the calendar of zone;
// unknown without a year, and before the day itself.
func (a Anniversary) Age(now time.Time, zone *time.Location) Maybe[int64] {
	today := date(now, zone)
	age := today.Year() - a.Year
	if today.Before(a.in(today.Year())) {
		age--
	}
	if a.Year == 0 || age < 0 {
		return Maybe[int64]{}
	}
	return Known(int64(age))
}

// DaysBetween returns the calendar days of zone from one moment to another: 0
// on one day, 1 from before midnight to after it.
func DaysBetween(from, to time.Time, zone *time.Location) int64 {
	return days(date(from, zone), date(to, zone))
}

// date returns the day of zone, nil for UTC, as midnight in UTC, where all
// days are of one length.
func date(t time.Time, zone *time.Location) time.Time {
	if zone == nil {
		zone = time.UTC
	}
	y, m, d := t.In(zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// days counts whole days between two dates.
func days(from, to time.Time) int64 { return (to.Unix() - from.Unix()) / (24 * 60 * 60) }

func isLeap(year int) bool { return year%4 == 0 && (year%100 != 0 || year%400 == 0) }
