package offer

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// disk keeps records at places, as a store does.
type disk struct {
	records map[uint64]Record
	last    uint64
}

func (d *disk) append(r Record) {
	if !r.IsZero() {
		d.last++
		d.records[d.last] = r
	}
}

func (d *disk) places() []uint64 { return slices.Sorted(maps.Keys(d.records)) }

// change makes a step, or refuses one that drops what is not there.
func (d *disk) change(t interface{ Fatalf(string, ...any) }, step Step, most int) {
	if n := len(step.Drop) + len(step.Add); n == 0 || n > most {
		t.Fatalf("a step of %d records, want 1 to %d", n, most)
	}
	for _, place := range step.Drop {
		if _, ok := d.records[place]; !ok {
			t.Fatalf("place %d is dropped twice", place)
		}
		delete(d.records, place)
	}
	for _, r := range step.Add {
		d.append(r)
	}
}

func (d *disk) rebuild(t *rapid.T, zone *time.Location, now time.Time, counts func(string) bool) *Ledger {
	l := NewLedger(zone)
	for _, place := range d.places() {
		applied(t, l, d.records[place])
	}
	l.Expire(now)
	l.ForgetCounts(counts)
	return l
}

// sweepOffers have caps of every kind; those of "total" and "both" count for ever.
func sweepOffers() []*Offer {
	return []*Offer{
		{ID: "both", Caps: Caps{PerCustomerDay: 1, PerCustomerTotal: 4}},
		{ID: "budget", Budget: Budget{MaxRedemptions: 6, MaxYen: 1000}, Value: Value{Yen: 200}},
		{ID: "free"},
		{ID: "slow", Caps: Caps{CooldownHours: MaxCooldownHours}},
		{ID: "total", Caps: Caps{PerCustomerTotal: 2}},
	}
}

// TestSweepChangesNoDecision lives through months of views, reservations and
// erasures in two ledgers, one of which forgets and sweeps its log, sometimes
// only in part. They decide the same, and the swept log rebuilds the one that
// was swept.
func TestSweepChangesNoDecision(t *testing.T) {
	const horizon = MaxCooldownHours * time.Hour
	swept, partial := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		zone := time.FixedZone("JST", 9*60*60)
		counts := func(id string) bool { return id == "total" || id == "both" }
		full, l := NewLedger(zone), NewLedger(zone)
		log := disk{records: map[uint64]Record{}}
		now := noon
		erased := map[string]uint64{} // by customer, what says so; records may still be there
		n := 0
		// both makes a change in both ledgers, and on disk that of the second.
		both := func(change func(l *Ledger) (Record, error)) {
			want, wantErr := change(full)
			got, err := change(l)
			if got != want || (err == nil) != (wantErr == nil) {
				t.Fatalf("%+v, %v, want %+v, %v", got, err, want, wantErr)
			}
			if err == nil {
				log.append(got)
			}
		}
		type held struct {
			decision, offer, customer string
			at                        time.Time
		}
		var recent []held
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			now = now.Add(rapid.SampledFrom([]time.Duration{0, time.Minute, 20 * time.Minute, 30 * time.Hour, horizon / 2}).Draw(t, "wait"))
			recent = slices.DeleteFunc(recent, func(h held) bool { return !h.at.After(now.Add(-horizon / 2)) })
			step := rapid.SampledFrom([]string{"reserve", "reserve", "show", "show", "confirm", "confirm", "release", "accept", "expire", "erase", "sweep", "sweep"}).Draw(t, "step")
			var of held
			switch step {
			case "reserve", "show", "accept":
				n++
				of = held{
					fmt.Sprint("d", n), rapid.SampledFrom(sweepOffers()).Draw(t, "offer").ID,
					rapid.SampledFrom([]string{"ann", "bob"}).Draw(t, "customer"), now,
				}
				if step != "reserve" && len(recent) > 0 && rapid.Bool().Draw(t, "of a decision there is") {
					of = rapid.SampledFrom(recent).Draw(t, "decision")
				}
				recent = append(recent, of)
			case "confirm", "release":
				if len(recent) == 0 {
					continue
				}
				of = rapid.SampledFrom(recent).Draw(t, "decision")
			}
			offers := sweepOffers()
			o := offers[max(0, slices.IndexFunc(offers, func(o *Offer) bool { return o.ID == of.offer }))]
			switch step {
			case "reserve":
				both(func(l *Ledger) (Record, error) {
					r, _, err := l.Reserve(o, of.decision, of.customer, now)
					return r, err
				})
			case "show", "accept":
				// Events may come late, with the time they happened.
				at := now.Add(-rapid.SampledFrom([]time.Duration{0, time.Hour, 2 * horizon}).Draw(t, "late"))
				both(func(l *Ledger) (Record, error) {
					if step == "show" {
						return l.Show(of.decision, of.offer, of.customer, at)
					}
					return l.Accept(of.decision, of.offer, of.customer, at)
				})
			case "confirm":
				both(func(l *Ledger) (Record, error) { return l.Confirm(of.decision, of.offer, now) })
			case "release":
				both(func(l *Ledger) (Record, error) { return l.Release(of.decision, of.offer, now) })
			case "expire":
				full.Expire(now)
				log.append(l.Expire(now))
			case "erase":
				customer := rapid.SampledFrom([]string{"ann", "bob", "nobody"}).Draw(t, "erased")
				if r := full.Erase(customer, now); !r.IsZero() {
					applied(t, full, r)
				}
				if r := l.Erase(customer, now); !r.IsZero() {
					applied(t, l, r)
					log.append(r)
					erased[customer] = log.last
				}
				recent = slices.DeleteFunc(recent, func(h held) bool { return h.customer == customer })
			case "sweep":
				l.Expire(now)
				full.Expire(now)
				if r := l.Forget(now.Add(-horizon), now); !r.IsZero() {
					applied(t, l, r)
					log.append(r)
					// What is forgotten is a new decision when it is heard of again.
					recent = slices.DeleteFunc(recent, func(h held) bool { return l.claims[claimKey{h.decision, h.offer}] == nil })
				}
				l.ForgetCounts(counts)
				whom := map[string]bool{}
				for customer := range erased {
					whom[customer] = true
				}
				sweep := NewSweep(now.Add(-horizon), whom, counts)
				for _, place := range log.places() {
					sweep.Add(place, log.records[place])
				}
				left := rapid.IntRange(0, 6).Draw(t, "crashes after")
				most := rapid.SampledFrom([]int{10, 12, 1000}).Draw(t, "most")
				done := true
				for step := range sweep.Steps(most) {
					if left--; left < 0 {
						done = false
						partial++
						break
					}
					log.change(t, step, most)
					sameState(t, l, log.rebuild(t, zone, now, counts))
				}
				if done {
					swept++
					checkSwept(t, &log, l, erased, now.Add(-horizon), most == 1000)
					clear(erased)
				}
			}
			l.Expire(now)
			full.Expire(now)
			sameState(t, l, log.rebuild(t, zone, now, counts))
			for _, o := range offers {
				if full.Usage(o.ID) != l.Usage(o.ID) || full.Outcomes(o.ID) != l.Outcomes(o.ID) || full.Redeemed(o.ID) != l.Redeemed(o.ID) {
					t.Fatalf("%s: usage %+v and outcomes %+v, want %+v and %+v", o.ID, l.Usage(o.ID), l.Outcomes(o.ID), full.Usage(o.ID), full.Outcomes(o.ID))
				}
				for _, customer := range []string{"ann", "bob"} {
					want, got := o.capped(full.Exposure(customer, o.ID, now), now), o.capped(l.Exposure(customer, o.ID, now), now)
					if got != want {
						t.Fatalf("%s for %s: %s, want %s", o.ID, customer, got, want)
					}
				}
			}
		}
	})
	if swept == 0 || partial == 0 {
		t.Errorf("%d sweeps, %d that ended early", swept, partial)
	}
}

// checkSwept: nothing of what was erased, nothing that is over, and one sum of
// a kind where one step had room for all.
func checkSwept(t *rapid.T, log *disk, l *Ledger, erased map[string]uint64, before time.Time, roomy bool) {
	sums := map[sumKey]int{}
	for _, place := range log.places() {
		r := log.records[place]
		switch r.Kind {
		case RecordErase, RecordForget:
			t.Fatalf("a record of kind %d is left", r.Kind)
		case RecordExpire:
			if r.At.Before(before) {
				t.Fatalf("an end of %v is left", r.At)
			}
		case RecordCarry, RecordTally:
			key := sumKey{r.OfferID, r.CustomerID}
			if sums[key]++; roomy && sums[key] > 1 {
				t.Fatalf("%d sums of %v", sums[key], key)
			}
		}
		if r.CustomerID != "" && (place < erased[r.CustomerID] || l.customers[r.CustomerID] == nil) {
			t.Fatalf("%+v is left of somebody erased", r)
		}
	}
}

// TestSweep names what goes and what is left.
func TestSweep(t *testing.T) {
	at := func(day int) time.Time { return noon.AddDate(0, 0, day) }
	show := func(decision, offer, customer string, day int) Record {
		return Record{Kind: RecordShow, DecisionID: decision, OfferID: offer, CustomerID: customer, At: at(day)}
	}
	reserve := func(decision, customer string, day int) Record {
		return Record{Kind: RecordReserve, DecisionID: decision, OfferID: "total", CustomerID: customer, At: at(day), Expires: at(day).Add(ReservationTTL), Yen: 30}
	}
	confirm := func(decision string, day int) Record {
		return Record{Kind: RecordConfirm, DecisionID: decision, OfferID: "total", At: at(day)}
	}
	forget := func(before, day int) Record {
		return Record{Kind: RecordForget, At: at(day), Expires: at(before)}
	}
	tally := func(customer string, day int, views int64) Record {
		return Record{Kind: RecordTally, OfferID: "total", CustomerID: customer, At: at(day), Views: views}
	}
	erase := Record{Kind: RecordErase, CustomerID: "ann", At: at(200)}
	tests := []struct {
		name   string
		log    []Record
		erased string
		want   []Record
	}{
		{"nothing to do", []Record{show("a", "total", "ann", 0), tally("bob", 0, 3)}, "", []Record{show("a", "total", "ann", 0), tally("bob", 0, 3)}},
		{
			"a view that is over",
			[]Record{show("a", "total", "ann", 0), show("b", "total", "ann", 150), forget(100, 200)},
			"",
			[]Record{show("b", "total", "ann", 150), {Kind: RecordCarry, OfferID: "total", At: at(0), Views: 1}, tally("ann", 0, 1)},
		},
		{
			"no cap asks for it",
			[]Record{show("a", "free", "ann", 0), forget(100, 200)},
			"",
			[]Record{{Kind: RecordCarry, OfferID: "free", At: at(0), Views: 1}},
		},
		{
			"added to what there was",
			[]Record{tally("ann", -9, 5), {Kind: RecordCarry, OfferID: "total", At: at(-9), Redemptions: 2, Yen: 60, Views: 9, Accepted: 3}, reserve("a", "ann", 0), confirm("a", 0), forget(100, 200)},
			"",
			[]Record{{Kind: RecordCarry, OfferID: "total", At: at(0).Add(ReservationTTL), Redemptions: 3, Yen: 90, Views: 10, Accepted: 4}, {Kind: RecordTally, OfferID: "total", CustomerID: "ann", At: at(0).Add(ReservationTTL), Views: 6}},
		},
		{"a reservation that came to nothing", []Record{reserve("a", "ann", 0), {Kind: RecordExpire, At: at(1)}, forget(100, 200)}, "", nil},
		{"its end is young", []Record{{Kind: RecordExpire, At: at(101)}, forget(100, 200)}, "", []Record{{Kind: RecordExpire, At: at(101)}}},
		{
			"a late view of a young decision",
			[]Record{reserve("a", "ann", 150), show("a", "total", "ann", 0), forget(100, 200)},
			"",
			[]Record{reserve("a", "ann", 150), show("a", "total", "ann", 0)},
		},
		{
			"a decision under the id of one forgotten",
			[]Record{reserve("a", "ann", 0), forget(90, 190), reserve("a", "bob", 191), forget(100, 200)},
			"",
			[]Record{reserve("a", "bob", 191)},
		},
		{"forgot more than is looked at", []Record{show("a", "free", "ann", 0), forget(101, 200)}, "", []Record{show("a", "free", "ann", 0), forget(101, 200)}},
		{
			"a customer who is erased, and comes back",
			[]Record{show("a", "total", "ann", 0), show("b", "total", "bob", 150), forget(100, 190), reserve("c", "ann", 199), confirm("c", 199), tally("ann", 0, 5), erase, show("d", "total", "ann", 201)},
			"ann",
			[]Record{show("b", "total", "bob", 150), show("d", "total", "ann", 201), {Kind: RecordCarry, OfferID: "total", At: at(199).Add(ReservationTTL), Redemptions: 1, Yen: 30, Views: 2, Accepted: 1}},
		},
		{"erased by somebody else", []Record{show("a", "total", "ann", 150), erase}, "bob", []Record{show("a", "total", "ann", 150), erase}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			log := disk{records: map[uint64]Record{}}
			s := NewSweep(at(100), map[string]bool{tt.erased: true}, func(id string) bool { return id == "total" })
			for _, r := range tt.log {
				log.append(r)
				s.Add(log.last, r)
			}
			for step := range s.Steps(1000) {
				log.change(t, step, 1000)
			}
			var got []Record
			for _, place := range log.places() {
				got = append(got, log.records[place])
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("log (-want +got):\n%s", diff)
			}
		})
	}
}

// BenchmarkSweep reads the log of 90 days and one, a thousand decisions a day of
// which half are redeemed, and finds what the last day leaves.
func BenchmarkSweep(b *testing.B) {
	var log []Record
	for day := range 91 {
		at := noon.AddDate(0, 0, day)
		for i := range 1000 {
			decision, customer := fmt.Sprintf("d_%d_%d", day, i), fmt.Sprint("c", i*day%5000)
			log = append(log,
				Record{Kind: RecordReserve, DecisionID: decision, OfferID: "total", CustomerID: customer, At: at, Expires: at.Add(ReservationTTL)},
				Record{Kind: RecordShow, DecisionID: decision, OfferID: "total", CustomerID: customer, At: at})
			if i%2 == 0 {
				log = append(log, Record{Kind: RecordConfirm, DecisionID: decision, OfferID: "total", At: at})
			}
		}
	}
	before := noon.AddDate(0, 0, 1)
	log = append(log, Record{Kind: RecordForget, At: noon.AddDate(0, 0, 91), Expires: before})
	b.ReportAllocs()
	dropped := 0
	for b.Loop() {
		s := NewSweep(before, nil, func(string) bool { return true })
		for i, r := range log {
			s.Add(uint64(i), r)
		}
		dropped = 0
		for step := range s.Steps(1000) {
			dropped += len(step.Drop)
		}
	}
	b.ReportMetric(float64(len(log)), "records")
	b.ReportMetric(float64(dropped), "dropped")
}
