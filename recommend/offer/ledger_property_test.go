package offer

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestLedgerProperties drives a ledger with random calls, some of which turn
// out not to be durable, and checks after each that no cap and no budget is
// passed, that doing it twice is doing it once, and that the durable records
// alone rebuild the same state.
func TestLedgerProperties(t *testing.T) {
	offers := []*Offer{
		{ID: "once", Caps: Caps{PerCustomerTotal: 1}},
		{ID: "daily", Caps: Caps{PerCustomerDay: 2, PerCustomerTotal: 5}, Budget: Budget{MaxYen: 1000}, Value: Value{Yen: 300}},
		{ID: "slow", Caps: Caps{CooldownHours: 1}, Budget: Budget{MaxRedemptions: 4}},
	}
	rapid.Check(t, func(t *rapid.T) {
		l := NewLedger(time.FixedZone("JST", 9*60*60))
		now := noon.Add(11*time.Hour + 30*time.Minute) // half an hour to midnight
		var log []Record
		durable := func(r Record) bool {
			if r.IsZero() {
				return true
			}
			if rapid.IntRange(0, 5).Draw(t, "durability") == 0 {
				l.Undo(r)
				return false
			}
			log = append(log, r)
			return true
		}
		// Views are reported only by those who hold a reservation, or else they
		// would pass caps by themselves.
		type held struct{ decision, offer, customer string }
		var reservations []held
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			if rapid.IntRange(0, 3).Draw(t, "wait") == 0 {
				now = now.Add(time.Duration(rapid.IntRange(0, 40).Draw(t, "minutes")) * time.Minute)
			}
			step := rapid.SampledFrom([]string{"reserve", "reserve", "reserve", "confirm", "release", "show", "accept", "expire", "erase", "forget"}).Draw(t, "step")
			var of held
			if step == "confirm" || step == "release" || step == "show" || step == "accept" {
				if len(reservations) == 0 {
					continue
				}
				of = rapid.SampledFrom(reservations).Draw(t, "reservation")
			}
			switch step {
			case "reserve":
				o := rapid.SampledFrom(offers).Draw(t, "offer")
				of = held{fmt.Sprint("d", rapid.IntRange(0, 20).Draw(t, "decision")), o.ID, fmt.Sprint("c", rapid.IntRange(0, 2).Draw(t, "customer"))}
				r, reason, err := l.Reserve(o, of.decision, of.customer, now)
				if err != nil || reason != Shown {
					if !r.IsZero() {
						t.Fatalf("a record of what was refused: %+v", r)
					}
					break
				}
				if durable(r) {
					reservations = append(reservations, of)
				}
			case "confirm":
				if r, err := l.Confirm(of.decision, of.offer, now); err == nil && durable(r) {
					if again, err := l.Confirm(of.decision, of.offer, now); err != nil || !again.IsZero() {
						t.Fatalf("confirmed twice: %+v, %v", again, err)
					}
				}
			case "release":
				if r, err := l.Release(of.decision, of.offer, now); err == nil && durable(r) {
					if again, err := l.Release(of.decision, of.offer, now); err != nil || !again.IsZero() {
						t.Fatalf("released twice: %+v, %v", again, err)
					}
				}
			case "show":
				c := l.claims[claimKey{of.decision, of.offer}]
				if c == nil || c.state != ReservationOpen && c.state != ReservationConfirmed {
					break
				}
				if r, err := l.Show(of.decision, of.offer, of.customer, now); err == nil && durable(r) {
					if again, err := l.Show(of.decision, of.offer, of.customer, now); err != nil || !again.IsZero() {
						t.Fatalf("shown twice: %+v, %v", again, err)
					}
				}
			case "accept":
				if r, err := l.Accept(of.decision, of.offer, of.customer, now); err == nil && durable(r) {
					if again, err := l.Accept(of.decision, of.offer, of.customer, now); err != nil || !again.IsZero() {
						t.Fatalf("accepted twice: %+v, %v", again, err)
					}
				}
			case "expire":
				durable(l.Expire(now))
			case "erase":
				if rapid.IntRange(0, 3).Draw(t, "really") == 0 {
					if r := l.Erase("c0", now); !r.IsZero() {
						applied(t, l, r)
						log = append(log, r)
					}
				}
			case "forget":
				if r := l.Forget(now, now); !r.IsZero() {
					applied(t, l, r)
					log = append(log, r)
				}
			}
			withinBounds(t, l, offers)
			rebuilt := NewLedger(l.zone)
			for _, r := range log {
				applied(t, rebuilt, r)
			}
			rebuilt.Expire(l.now)
			sameState(t, rebuilt, l)
		}
	})
}

func applied(t *rapid.T, l *Ledger, r Record) {
	if err := l.Apply(r); err != nil {
		t.Fatalf("apply: %v", err)
	}
}

// withinBounds counts everything anew from the claims and compares it with
// what the ledger says and with what is allowed.
func withinBounds(t *rapid.T, l *Ledger, offers []*Offer) {
	for _, o := range offers {
		used := l.Usage(o.ID)
		if o.Budget.MaxRedemptions > 0 && used.Redemptions > o.Budget.MaxRedemptions ||
			o.Budget.MaxYen > 0 && used.Yen > o.Budget.MaxYen {
			t.Fatalf("%s: usage %+v passes budget %+v", o.ID, used, o.Budget)
		}
		for customer, of := range l.customers {
			e := of[o.ID]
			if e == nil {
				continue
			}
			pending, views := int64(0), int64(0)
			days := map[int64]int64{}
			for _, c := range e.claims {
				switch {
				case !c.spent.IsZero():
					views++
					days[l.day(c.spent)]++
				case c.state == ReservationOpen:
					pending++
					days[l.day(l.now)]++
				}
			}
			if got := e.total; got != views {
				t.Fatalf("%s has seen %s %d times by the tally, %d by the claims", customer, o.ID, got, views)
			}
			if got := l.Exposure(customer, o.ID, l.now).Total; got != e.base+views+pending {
				t.Fatalf("%s has seen %s %d times, want %d and %d and %d", customer, o.ID, got, e.base, views, pending)
			}
			if most := o.Caps.PerCustomerTotal; most > 0 && e.base+views+pending > most {
				t.Fatalf("%s: %d views and %d pending pass a cap of %d", o.ID, views, pending, most)
			}
			for day, n := range days {
				if most := o.Caps.PerCustomerDay; most > 0 && n > most {
					t.Fatalf("%s: %d on day %d pass a cap of %d", o.ID, n, day, most)
				}
			}
		}
	}
}
