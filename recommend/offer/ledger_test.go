package offer

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"osusume/recommend"
	"osusume/recommend/condition"
)

var noon = time.Date(2026, 3, 15, 3, 0, 0, 0, time.UTC) // in Tokyo

func tokyo(t testing.TB) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Asia/Tokyo")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// digest writes all state of a ledger, in order, one fact a line.
func digest(l *Ledger) string {
	var lines []string
	for _, c := range l.claims {
		lines = append(lines, fmt.Sprintf("claim %s/%s of %s: %s %v %v %d, seen %v, redeemed %v, chosen %v, spent %v",
			c.decision, c.offer, c.customer, c.state, c.reserved, c.expires, c.yen, c.seen, c.redeemed, c.chosen, c.spent))
	}
	for customer, of := range l.customers {
		for id, e := range of {
			lines = append(lines, fmt.Sprintf("exposure of %s to %s: %v, base %v, %d claims, %d open",
				customer, id, e.tally, e.base, len(e.claims), len(e.open)))
		}
	}
	for id, u := range l.offers {
		if *u != (usage{}) {
			lines = append(lines, fmt.Sprintf("usage of %s: %v", id, *u))
		}
	}
	for _, c := range l.open {
		lines = append(lines, fmt.Sprintf("open %s/%s", c.decision, c.offer))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

func sameState(t interface{ Errorf(string, ...any) }, want, got *Ledger) {
	if diff := cmp.Diff(digest(want), digest(got)); diff != "" {
		t.Errorf("state (-want +got):\n%s", diff)
	}
}

func reserve(t *testing.T, l *Ledger, o *Offer, decision, customer string, now time.Time, want Reason) {
	t.Helper()
	r, got, err := l.Reserve(o, decision, customer, now)
	if err != nil || got != want {
		t.Fatalf("Reserve(%s, %s) = %s, %v, want %s", decision, customer, got, err, want)
	}
	if held := got == Shown; r.IsZero() == held {
		t.Fatalf("Reserve(%s, %s) gave record %+v with %s", decision, customer, r, got)
	}
}

func TestLedgerCaps(t *testing.T) {
	o := &Offer{ID: "o", Caps: Caps{PerCustomerDay: 2, PerCustomerTotal: 3, CooldownHours: 1}}
	l := NewLedger(tokyo(t))
	show := func(decision string, at time.Time) {
		t.Helper()
		if _, err := l.Show(decision, o.ID, "c", at); err != nil {
			t.Fatal(err)
		}
	}
	check := func(name string, at time.Time, want Reason) {
		t.Helper()
		if got := o.capped(l.Exposure("c", o.ID, at), at); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	check("nothing seen", noon, Shown)
	show("d1", noon)
	show("d1", noon.Add(time.Minute)) // the same decision counts once
	check("a second before the hour is over", noon.Add(time.Hour-time.Second), Cooldown)
	check("the hour is over", noon.Add(time.Hour), Shown)
	show("d2", noon.Add(time.Hour))
	midnight := time.Date(2026, 3, 15, 15, 0, 0, 0, time.UTC) // Tokyo's
	check("twice today", midnight.Add(-time.Second), CapCustomerDay)
	check("tomorrow in Tokyo", midnight, Shown)
	show("d3", midnight)
	check("three in all", midnight.AddDate(0, 0, 30), CapCustomerTotal)
	if got := l.Exposure("somebody else", o.ID, noon); got != (Exposure{}) {
		t.Errorf("somebody else has seen %+v", got)
	}
}

// TestLedgerDays takes the days of caps from the vectors.
func TestLedgerDays(t *testing.T) {
	text, err := os.ReadFile("testdata/time_jst.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors struct {
		CapDay []struct {
			At  time.Time
			Day string
		} `json:"cap_day"`
	}
	if err := json.Unmarshal(text, &vectors); err != nil {
		t.Fatal(err)
	}
	if len(vectors.CapDay) != 3 {
		t.Fatalf("%d days, want 3", len(vectors.CapDay))
	}
	l := NewLedger(tokyo(t))
	for _, v := range vectors.CapDay {
		day, err := time.Parse(time.DateOnly, v.Day)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := l.day(v.At), day.Unix()/86400; got != want {
			t.Errorf("day of %s is %d, want %d (%s)", v.At, got, want, v.Day)
		}
	}
}

func TestLedgerReservation(t *testing.T) {
	o := &Offer{ID: "o", Caps: Caps{PerCustomerTotal: 1}, Budget: Budget{MaxRedemptions: 2, MaxYen: 1000}, Value: Value{Yen: 400}}
	l := NewLedger(nil)
	reserve(t, l, o, "d1", "c1", noon, Shown)
	if r, reason, err := l.Reserve(o, "d1", "c1", noon); !r.IsZero() || reason != Shown || err != nil {
		t.Errorf("again: %+v, %s, %v, want a zero record", r, reason, err)
	}
	reserve(t, l, o, "d2", "c1", noon, CapCustomerTotal)
	reserve(t, l, o, "d3", "c2", noon, Shown)
	reserve(t, l, o, "d4", "c3", noon, BudgetExhausted)
	if got, want := l.Usage(o.ID), (Usage{Redemptions: 2, Yen: 800}); got != want {
		t.Errorf("usage %+v, want %+v", got, want)
	}

	if _, err := l.Release("d3", o.ID, noon); err != nil {
		t.Fatal(err)
	}
	reserve(t, l, o, "d4", "c3", noon, Shown)
	if got, ok := l.Reservation("d3", o.ID); !ok || got.State != ReservationReleased || got.CustomerID != "c2" || got.Yen != 400 {
		t.Errorf("reservation %+v, %t", got, ok)
	}
	if got, ok := l.Reservation("d1", o.ID); !ok || got.State != ReservationOpen || !got.Expires.Equal(noon.Add(ReservationTTL)) {
		t.Errorf("reservation %+v, %t", got, ok)
	}
	if _, ok := l.Reservation("nobody's", o.ID); ok {
		t.Error("a reservation of nobody")
	}
	if r, err := l.Release("d3", o.ID, noon); !r.IsZero() || err != nil {
		t.Errorf("released twice: %+v, %v", r, err)
	}
	if _, err := l.Confirm("d3", o.ID, noon); recommend.CodeOf(err) != recommend.CodeConflict {
		t.Errorf("confirmed what is released: %v", err)
	}

	almost, over := noon.Add(ReservationTTL-time.Nanosecond), noon.Add(ReservationTTL)
	if r, err := l.Confirm("d1", o.ID, almost); r.IsZero() || err != nil {
		t.Errorf("confirm in time: %+v, %v", r, err)
	}
	if r, err := l.Confirm("d1", o.ID, almost); !r.IsZero() || err != nil {
		t.Errorf("confirmed twice: %+v, %v", r, err)
	}
	if _, err := l.Release("d1", o.ID, almost); recommend.CodeOf(err) != recommend.CodeConflict {
		t.Errorf("released what is confirmed: %v", err)
	}
	if next, ok := l.NextExpiry(); !ok || !next.Equal(over) {
		t.Errorf("next expiry %v, %t, want %v", next, ok, over)
	}
	if r := l.Expire(almost); !r.IsZero() {
		t.Errorf("expired early: %+v", r)
	}
	if r := l.Expire(over); r.Kind != RecordExpire {
		t.Errorf("did not expire: %+v", r)
	}
	if _, err := l.Confirm("d4", o.ID, over); recommend.CodeOf(err) != recommend.CodeConflict {
		t.Errorf("confirmed what has lapsed: %v", err)
	}
	if got, want := l.Usage(o.ID), (Usage{Redemptions: 1, Yen: 400}); got != want || l.Redeemed(o.ID) != want {
		t.Errorf("usage %+v, redeemed %+v, want %+v", got, l.Redeemed(o.ID), want)
	}
	// Redeeming spent the cap without any view.
	reserve(t, l, o, "d5", "c1", over, CapCustomerTotal)
	reserve(t, l, o, "d6", "c3", over, Shown)

	if _, err := l.Confirm("nobody's", o.ID, over); recommend.CodeOf(err) != recommend.CodeNotFound {
		t.Errorf("confirmed what was not reserved: %v", err)
	}
	if _, _, err := l.Reserve(o, "d6", "c1", over); recommend.CodeOf(err) != recommend.CodeConflict {
		t.Errorf("reserved for another customer: %v", err)
	}
}

// TestLedgerConcurrent reserves from a thousand goroutines at once.
func TestLedgerConcurrent(t *testing.T) {
	tests := map[string]struct {
		offer    Offer
		customer func(i int) string
		want     int
	}{
		"cap of one":     {Offer{Caps: Caps{PerCustomerTotal: 1}}, func(int) string { return "c" }, 1},
		"cap of one day": {Offer{Caps: Caps{PerCustomerDay: 1}}, func(int) string { return "c" }, 1},
		"cool-down":      {Offer{Caps: Caps{CooldownHours: 1}}, func(int) string { return "c" }, 1},
		"budget of 100":  {Offer{Budget: Budget{MaxRedemptions: 100}}, func(i int) string { return fmt.Sprint("c", i) }, 100},
		"budget in yen":  {Offer{Budget: Budget{MaxYen: 5_049}, Value: Value{Yen: 50}}, func(i int) string { return fmt.Sprint("c", i) }, 100},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			tt.offer.ID, tt.offer.Status = "o", Active
			set, err := NewSet([]Offer{tt.offer})
			if err != nil {
				t.Fatal(err)
			}
			l := NewLedger(nil)
			var mu sync.Mutex
			var group sync.WaitGroup
			held := 0
			for i := range 1000 {
				group.Go(func() {
					r := &Request{DecisionID: fmt.Sprint("d", i), VisitorID: tt.customer(i), Input: &condition.Input{Now: noon}}
					mu.Lock()
					defer mu.Unlock()
					for _, o := range Decide(set, r, l).Shown {
						_, reason, err := l.Reserve(o, r.DecisionID, r.VisitorID, noon)
						if err != nil || reason != Shown {
							t.Errorf("decided and then refused: %s, %v", reason, err)
						}
						held++
					}
				})
			}
			group.Wait()
			if held != tt.want {
				t.Errorf("%d reservations, want %d", held, tt.want)
			}
			if got := l.Usage("o").Redemptions; got != int64(tt.want) {
				t.Errorf("usage of %d, want %d", got, tt.want)
			}
		})
	}
}

func TestLedgerErase(t *testing.T) {
	o := &Offer{ID: "o", Caps: Caps{PerCustomerTotal: 1}, Budget: Budget{MaxRedemptions: 3}, Value: Value{Yen: 10}}
	l, want := NewLedger(nil), NewLedger(nil)
	for _, c := range []string{"gone", "stays"} {
		r, _, err := l.Reserve(o, "d-"+c, c, noon)
		if err != nil {
			t.Fatal(err)
		}
		confirm, err := l.Confirm("d-"+c, o.ID, noon)
		if err != nil {
			t.Fatal(err)
		}
		if c == "stays" {
			for _, r := range []Record{r, confirm} {
				if err := want.Apply(r); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	reserve(t, l, &Offer{ID: "p"}, "open", "gone", noon, Shown)
	r := l.Erase("gone", noon)
	if diff := cmp.Diff(Record{Kind: RecordErase, CustomerID: "gone", At: noon}, r); diff != "" {
		t.Errorf("record (-want +got):\n%s", diff)
	}
	if err := l.Apply(r); err != nil {
		t.Fatal(err)
	}
	// The customer's own records may be gone from the log: what is left of
	// them is what a Sweep adds up, a redemption of nobody.
	carry := Record{Kind: RecordCarry, OfferID: o.ID, At: noon, Redemptions: 1, Yen: 10, Views: 1, Accepted: 1}
	if err := want.Apply(carry); err != nil {
		t.Fatal(err)
	}
	sameState(t, want, l)
	if got := l.Redeemed(o.ID); got != (Usage{Redemptions: 2, Yen: 20}) {
		t.Errorf("redeemed %+v", got)
	}
	if r := l.Erase("gone", noon); !r.IsZero() {
		t.Errorf("erased twice: %+v", r)
	}
}

// TestLedgerOutcomes: a decision counts once, as seen and as accepted.
func TestLedgerOutcomes(t *testing.T) {
	o := &Offer{ID: "o", Caps: Caps{PerCustomerTotal: 3}}
	l := NewLedger(nil)
	want := func(name string, views, accepted int64) {
		t.Helper()
		if got := l.Outcomes(o.ID); got != (Outcomes{views, accepted}) {
			t.Errorf("%s: %+v, want %d views, %d accepted", name, got, views, accepted)
		}
	}
	must := func(r Record, err error) Record {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	want("nothing yet", 0, 0)
	must(l.Show("seen", o.ID, "c", noon))
	want("seen", 1, 0)
	accept := must(l.Accept("seen", o.ID, "c", noon.Add(time.Minute)))
	if want := (Record{Kind: RecordAccept, DecisionID: "seen", OfferID: "o", CustomerID: "c", At: noon.Add(time.Minute)}); accept != want {
		t.Errorf("record %+v, want %+v", accept, want)
	}
	want("chosen", 1, 1)
	if again := must(l.Accept("seen", o.ID, "c", noon.Add(time.Hour))); !again.IsZero() {
		t.Errorf("chosen twice: %+v", again)
	}
	want("chosen twice", 1, 1)
	l.Undo(accept)
	want("not chosen after all", 1, 0)

	reserve(t, l, o, "held", "c", noon, Shown)
	want("held is not seen", 1, 0)
	confirm := must(l.Confirm("held", o.ID, noon))
	want("redeemed", 2, 1)
	must(l.Show("held", o.ID, "c", noon))
	must(l.Accept("held", o.ID, "c", noon))
	want("redeemed, seen and chosen", 2, 1)
	l.Undo(confirm)
	want("chosen, not redeemed", 2, 1)

	must(l.Accept("unseen", o.ID, "d", noon))
	want("chosen without a view", 3, 2)
	if got := l.Exposure("d", o.ID, noon); got != (Exposure{}) {
		t.Errorf("choosing spent caps: %+v", got)
	}
	for _, id := range []string{"", strings.Repeat("x", 300)} {
		if _, err := l.Accept("d", o.ID, id, noon); recommend.CodeOf(err) != recommend.CodeInvalid {
			t.Errorf("accepted by %.10q: %v", id, err)
		}
	}
	if err := l.Apply(l.Forget(noon.Add(2*time.Hour), noon.Add(3*time.Hour))); err != nil {
		t.Fatal(err)
	}
	if len(l.claims) != 0 {
		t.Errorf("%d claims left", len(l.claims))
	}
	want("forgotten", 3, 2)
}

func TestLedgerForget(t *testing.T) {
	o := &Offer{ID: "o", Caps: Caps{PerCustomerTotal: 2}}
	l := NewLedger(nil)
	reserve(t, l, o, "old", "c", noon, Shown)
	if _, err := l.Confirm("old", o.ID, noon); err != nil {
		t.Fatal(err)
	}
	reserve(t, l, o, "released", "c", noon, Shown)
	if _, err := l.Release("released", o.ID, noon); err != nil {
		t.Fatal(err)
	}
	later := noon.AddDate(0, 4, 0)
	reserve(t, l, o, "young", "c", later, Shown)
	r := l.Forget(later.AddDate(0, -3, 0), later)
	if r.Kind != RecordForget {
		t.Fatalf("record %+v", r)
	}
	if err := l.Apply(r); err != nil {
		t.Fatal(err)
	}
	if len(l.claims) != 1 {
		t.Errorf("%d decisions are known, want 1", len(l.claims))
	}
	reserve(t, l, o, "third", "c", later, CapCustomerTotal)
	if got := l.Redeemed(o.ID).Redemptions; got != 1 {
		t.Errorf("%d redemptions, want 1", got)
	}
	if r := l.Forget(later.AddDate(0, -3, 0), later); !r.IsZero() {
		t.Errorf("forgot twice: %+v", r)
	}
	l.ForgetCounts(func(id string) bool { return id == o.ID })
	reserve(t, l, o, "third", "c", later, CapCustomerTotal)
	l.ForgetCounts(func(string) bool { return false })
	reserve(t, l, o, "third", "c", later, Shown)
}

func TestApplyRefusesForeignRecords(t *testing.T) {
	tests := map[string]Record{
		"no time":                     {Kind: RecordExpire},
		"unknown kind":                {Kind: 99, At: noon},
		"confirm of no reservation":   {Kind: RecordConfirm, DecisionID: "d", OfferID: "o", At: noon},
		"release of no reservation":   {Kind: RecordRelease, DecisionID: "d", OfferID: "o", At: noon},
		"reservation of what is open": {Kind: RecordReserve, DecisionID: "r", OfferID: "o", CustomerID: "c", At: noon, Expires: noon.Add(time.Hour)},
	}
	for name, r := range tests {
		t.Run(name, func(t *testing.T) {
			l := NewLedger(nil)
			reserve(t, l, &Offer{ID: "o"}, "r", "c", noon, Shown)
			before := digest(l)
			if err := l.Apply(r); err == nil {
				t.Error("no error")
			}
			if diff := cmp.Diff(before, digest(l)); diff != "" {
				t.Errorf("state changed:\n%s", diff)
			}
		})
	}
}

// TestLedgerMidnight: what was reserved yesterday may be redeemed today, so
// it counts today as well while it is open.
func TestLedgerMidnight(t *testing.T) {
	o := &Offer{ID: "o", Caps: Caps{PerCustomerDay: 1}}
	l := NewLedger(tokyo(t))
	midnight := time.Date(2026, 3, 15, 15, 0, 0, 0, time.UTC)
	reserve(t, l, o, "yesterday", "c", midnight.Add(-time.Minute), Shown)
	reserve(t, l, o, "today", "c", midnight.Add(time.Minute), CapCustomerDay)
	if _, err := l.Release("yesterday", o.ID, midnight.Add(2*time.Minute)); err != nil {
		t.Fatal(err)
	}
	reserve(t, l, o, "now", "c", midnight.Add(3*time.Minute), Shown)
}

// TestUndoAfterForget: what was forgotten still counts when a later view is
// taken back.
func TestUndoAfterForget(t *testing.T) {
	l := NewLedger(nil)
	if _, err := l.Show("old", "o", "c", noon); err != nil {
		t.Fatal(err)
	}
	if err := l.Apply(l.Forget(noon.Add(time.Second), noon.Add(time.Hour))); err != nil {
		t.Fatal(err)
	}
	r, err := l.Show("new", "o", "c", noon.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	l.Undo(r)
	if got, want := l.Exposure("c", "o", noon), (Exposure{Total: 1}); got != want {
		t.Errorf("exposure %+v, want %+v", got, want)
	}
}

// BenchmarkReserve is one reservation and its confirmation, by one of 10,000
// customers.
func BenchmarkReserve(b *testing.B) {
	o := &Offer{ID: "o", Caps: Caps{PerCustomerDay: 1_000_000}, Budget: Budget{MaxRedemptions: 1_000_000_000}}
	l := NewLedger(time.FixedZone("JST", 9*60*60))
	now, n := noon, 0
	b.ReportAllocs()
	for b.Loop() {
		n++
		now = now.Add(time.Millisecond)
		decision := fmt.Sprint("d", n)
		if _, reason, err := l.Reserve(o, decision, fmt.Sprint("c", n%10_000), now); reason != Shown || err != nil {
			b.Fatal(reason, err)
		}
		if _, err := l.Confirm(decision, o.ID, now); err != nil {
			b.Fatal(err)
		}
	}
}
