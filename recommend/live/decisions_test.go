package live_test

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"osusume/recommend"
	"osusume/recommend/condition"
	"osusume/recommend/live"
	"osusume/recommend/offer"
	"osusume/store"
)

// ledgerStore counts and fails commits of decisions when told to.
type ledgerStore struct {
	*store.Memory
	mu      sync.Mutex
	commits int
	err     error
	// stuck, when set, holds up each commit until it is closed.
	stuck chan struct{}
}

func (s *ledgerStore) AppendDecisions(records []recommend.DecisionRecord) (uint64, error) {
	if s.stuck != nil {
		<-s.stuck
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.commits++
	if s.err != nil {
		return 0, s.err
	}
	return s.Memory.AppendDecisions(records)
}

// movingClock stands still until it is moved.
type movingClock struct{ after atomic.Int64 }

func startClock() *movingClock { return &movingClock{} }

func (c *movingClock) time() time.Time { return noon.Add(time.Duration(c.after.Load())) }

func (c *movingClock) move(d time.Duration) { c.after.Add(int64(d)) }

// offersShop is a shop with the given offers, whose clock is now.
type offersShop struct {
	*live.Live
	t *testing.T
}

func openOffers(t *testing.T, disk *ledgerStore, now *movingClock, offers ...string) offersShop {
	t.Helper()
	l := open(t, live.Config{Log: disk.Memory, Documents: disk, Decisions: disk, Clock: now.time})
	for _, body := range offers {
		id, _, _ := strings.Cut(strings.TrimPrefix(body, `{"id":"`), `"`)
		change(t, l.Documents(), recommend.DocumentOffer, id, body)
	}
	return offersShop{l, t}
}

// request is one customer's question under a decision id.
func request(decision, customer string) *offer.Request {
	return &offer.Request{DecisionID: decision, VisitorID: customer, Input: &condition.Input{Channel: "web"}}
}

func (s offersShop) reserve(decision, customer string) string {
	s.t.Helper()
	d, err := s.Decisions().Reserve(request(decision, customer))
	if err != nil {
		s.t.Fatalf("Reserve(%s): %v", decision, err)
	}
	return shownIDs(&d)
}

// reasons are what Decide says of every offer, such as "a:SHOWN".
func (s offersShop) reasons(customer string) string {
	r := request("", customer)
	r.Explain = true
	d := s.Decisions().Decide(r)
	var out []string
	for _, v := range d.Trace {
		out = append(out, v.Offer.ID+":"+v.Reason.String())
	}
	return strings.Join(out, " ")
}

func shownIDs(d *offer.Decision) string {
	var ids []string
	for _, o := range d.Shown {
		ids = append(ids, o.ID)
	}
	return strings.Join(ids, " ")
}

const (
	once     = `{"id":"once","status":"active","caps":{"per_customer_total":1},"text":{"en":"Once"}}`
	budget   = `{"id":"budget","status":"active","budget":{"max_redemptions":100},"text":{"en":"First hundred"}}`
	twoLeft  = `{"id":"two","status":"active","budget":{"max_redemptions":2},"text":{"en":"Two"}}`
	inactive = `{"id":"draft","text":{"en":"Draft"}}`
)

// A thousand at once: exactly one of one customer's, exactly a hundred of all.
func TestReserveAtOnce(t *testing.T) {
	tests := []struct {
		name, offer string
		customer    func(i int) string
		want        int
	}{
		{"a cap of one", once, func(int) string { return "ann" }, 1},
		{"a budget of a hundred", budget, func(i int) string { return fmt.Sprint("c", i) }, 100},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			now := startClock()
			disk := &ledgerStore{Memory: store.NewMemory()}
			s := openOffers(t, disk, now, tt.offer)
			const callers = 1000
			got := make([]string, callers)
			var wg sync.WaitGroup
			for i := range callers {
				wg.Go(func() { got[i] = s.reserve(fmt.Sprint("d", i), tt.customer(i)) })
			}
			wg.Wait()
			held := 0
			for i, ids := range got {
				if ids == "" {
					continue
				}
				held++
				if _, err := s.Decisions().Confirm(fmt.Sprint("d", i), ""); err != nil {
					t.Errorf("Confirm: %v", err)
				}
			}
			if held != tt.want {
				t.Errorf("%d reserved, want %d", held, tt.want)
			}
			// A new start counts the same.
			again := openOffers(t, disk, now)
			if got := again.reserve("late", "ann"); got != "" {
				t.Errorf("%s reserved after a start", got)
			}
		})
	}
}

// Those who wait while one commit is written share the next.
func TestReservationsAreCommittedTogether(t *testing.T) {
	now := startClock()
	disk := &ledgerStore{Memory: store.NewMemory(), stuck: make(chan struct{})}
	s := openOffers(t, disk, now, budget)
	var wg sync.WaitGroup
	const callers = 50
	for i := range callers {
		wg.Go(func() { s.reserve(fmt.Sprint("d", i), fmt.Sprint("c", i)) })
	}
	// All have reserved in memory, and none is told so yet.
	for s.Decisions().Usage("budget").Redemptions < callers {
		runtime.Gosched()
	}
	close(disk.stuck)
	wg.Wait()
	if disk.commits > 2 {
		t.Errorf("%d commits for %d reservations that waited together, want 2", disk.commits, callers)
	}
}

func TestReservationLife(t *testing.T) {
	now := startClock()
	disk := &ledgerStore{Memory: store.NewMemory()}
	s := openOffers(t, disk, now, twoLeft, inactive)
	wantShown := func(decision, customer, want string) {
		t.Helper()
		if got := s.reserve(decision, customer); got != want {
			t.Errorf("%s for %s reserved %q, want %q", decision, customer, got, want)
		}
	}
	wantShown("d1", "ann", "two")
	wantShown("d1", "ann", "two") // asked again: the same, counted once
	wantShown("d2", "bob", "two")
	wantShown("d3", "cid", "")
	_, err := s.Decisions().Reserve(request("d1", "bob"))
	wantCode(t, err, recommend.CodeConflict, "decision_id")
	if got, want := s.reasons("dan"), "draft:NOT_ACTIVE two:BUDGET_EXHAUSTED"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	// Given back, it is free for another; confirmed, it stays spent.
	if got, err := s.Decisions().Release("d1", ""); err != nil || !slices.Equal(got, []string{"two"}) {
		t.Errorf("Release = %v, %v", got, err)
	}
	if _, err := s.Decisions().Release("d1", "two"); err != nil {
		t.Errorf("Release again: %v", err)
	}
	if got, err := s.Decisions().Confirm("d2", "two"); err != nil || !slices.Equal(got, []string{"two"}) {
		t.Errorf("Confirm = %v, %v", got, err)
	}
	_, err = s.Decisions().Confirm("d1", "")
	wantCode(t, err, recommend.CodeConflict, "decision_id")
	_, err = s.Decisions().Release("d2", "")
	wantCode(t, err, recommend.CodeConflict, "decision_id")
	for _, id := range []string{"", "two"} {
		_, err = s.Decisions().Confirm("nobody", id)
		wantCode(t, err, recommend.CodeNotFound, "decision_id")
	}
	wantShown("d3", "cid", "two") // decided anew: the first time reserved nothing
	// A millisecond before its time is up it holds, after it no more; also
	// over a start.
	now.move(offer.ReservationTTL - time.Millisecond)
	if got, want := s.reasons("dan"), "draft:NOT_ACTIVE two:BUDGET_EXHAUSTED"; got != want {
		t.Errorf("before its end: %s, want %s", got, want)
	}
	now.move(time.Millisecond)
	if got, want := s.reasons("dan"), "draft:NOT_ACTIVE two:SHOWN"; got != want {
		t.Errorf("after its end: %s, want %s", got, want)
	}
	s = openOffers(t, disk, now)
	_, err = s.Decisions().Confirm("d3", "")
	wantCode(t, err, recommend.CodeConflict, "decision_id")
	wantShown("d4", "dan", "two")
	wantShown("d5", "eve", "")
}

func promotion(id, customer, decision, offer string, at time.Time) recommend.Event {
	return recommend.Event{
		ID: id, Type: recommend.ViewPromotion, Time: at, CustomerID: customer, DecisionID: decision, OfferID: offer,
	}
}

// Deciding spends nothing; a view spends the caps, once for a decision.
func TestViewsSpendCaps(t *testing.T) {
	now := startClock()
	disk := &ledgerStore{Memory: store.NewMemory()}
	s := openOffers(t, disk, now, `{"id":"a","status":"active","caps":{"per_customer_total":2},"text":{"en":"A"}}`)
	want := func(s offersShop, want string) {
		t.Helper()
		for range 3 {
			if got := s.reasons("ann"); got != want {
				t.Errorf("%s, want %s", got, want)
			}
		}
	}
	send := func(events ...recommend.Event) {
		t.Helper()
		if _, _, err := s.Ingest(t.Context(), events); err != nil {
			t.Fatal(err)
		}
	}
	want(s, "a:SHOWN")
	send(promotion("e1", "ann", "d1", "a", now.time()), promotion("e2", "ann", "d1", "a", now.time()), promotion("e3", "ann", "d2", "gone", now.time()))
	send(promotion("e1", "ann", "d1", "a", now.time()), promotion("e4", "bob", "d3", "a", now.time()))
	want(s, "a:SHOWN")
	send(promotion("e5", "ann", "d4", "a", now.time()))
	want(s, "a:CAP_CUSTOMER_TOTAL")
	want(openOffers(t, disk, now), "a:CAP_CUSTOMER_TOTAL")
	if got := s.reasons("bob"); got != "a:SHOWN" {
		t.Errorf("bob: %s", got)
	}
}

// A view that was stored as an event but not in the ledger, because the process
// ended between the two, counts when the event is sent again.
func TestViewCountsWhenSentAgain(t *testing.T) {
	now := startClock()
	disk := &ledgerStore{Memory: store.NewMemory()}
	s := openOffers(t, disk, now, once)
	disk.err = errors.New("disk on fire")
	_, _, err := s.Ingest(t.Context(), []recommend.Event{promotion("e1", "ann", "d1", "once", now.time())})
	wantCode(t, err, recommend.CodeUnavailable, "")
	disk.err = nil
	s = openOffers(t, disk, now)
	if got := s.reasons("ann"); got != "once:SHOWN" {
		t.Errorf("before: %s", got)
	}
	verdicts, _, err := s.Ingest(t.Context(), []recommend.Event{promotion("e1", "ann", "d1", "once", now.time())})
	if err != nil || verdicts[0].Status != recommend.Duplicate {
		t.Fatalf("Ingest = %+v, %v", verdicts, err)
	}
	if got := s.reasons("ann"); got != "once:CAP_CUSTOMER_TOTAL" {
		t.Errorf("after: %s", got)
	}
}

// What cannot be stored is taken back, everybody who waited is told, and nothing
// more is taken.
func TestReservationThatCannotBeStored(t *testing.T) {
	now := startClock()
	disk := &ledgerStore{Memory: store.NewMemory()}
	s := openOffers(t, disk, now, twoLeft)
	if got := s.reserve("d0", "ann"); got != "two" {
		t.Fatalf("reserved %q", got)
	}
	disk.err, disk.stuck = errors.New("disk on fire"), make(chan struct{})
	const callers = 20
	errs := make([]error, callers)
	var wg sync.WaitGroup
	for i := range callers {
		wg.Go(func() { _, errs[i] = s.Decisions().Reserve(request(fmt.Sprint("d", i+1), fmt.Sprint("c", i))) })
	}
	for s.Decisions().Usage("two").Redemptions < 2 {
		runtime.Gosched()
	}
	close(disk.stuck)
	wg.Wait()
	for i, err := range errs {
		// Those that found no place rest on one that failed, or came after.
		if recommend.CodeOf(err) != recommend.CodeUnavailable {
			t.Errorf("caller %d: %v", i, err)
		}
	}
	if got := s.Decisions().Usage("two").Redemptions; got != 1 {
		t.Errorf("%d redemptions counted, want the one that was stored", got)
	}
	disk.err = nil
	_, err := s.Decisions().Confirm("d0", "")
	wantCode(t, err, recommend.CodeUnavailable, "")
	if got := s.reasons("x"); got != "two:SHOWN" {
		t.Errorf("deciding goes on: %s", got)
	}
	s = openOffers(t, disk, now)
	if _, err := s.Decisions().Confirm("d0", ""); err != nil {
		t.Errorf("after a start: %v", err)
	}
}

// The records of an offer that is gone are dropped in time; those of others and
// of young ones stay.
func TestRecordsOfDeletedOffers(t *testing.T) {
	now := startClock()
	disk := &ledgerStore{Memory: store.NewMemory()}
	s := openOffers(t, disk, now, once, twoLeft)
	s.reserve("d1", "ann")
	if _, err := s.Decisions().Confirm("d1", ""); err != nil {
		t.Fatal(err)
	}
	if err := s.Documents().Delete(recommend.DocumentOffer, "once", func(*recommend.Document) error { return nil }); err != nil {
		t.Fatal(err)
	}
	count := func(offer string) (n int) {
		err := disk.Decisions(func(_ uint64, d *recommend.DecisionRecord) error {
			if d.OfferID == offer {
				n++
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	openOffers(t, disk, now)
	if count("once") != 2 || count("two") != 2 {
		t.Errorf("%d and %d records, want 2 and 2", count("once"), count("two"))
	}
	now.move(offer.MaxCooldownHours*time.Hour + time.Minute)
	s = openOffers(t, disk, now)
	if count("once") != 0 || count("two") != 2 {
		t.Errorf("%d and %d records, want 0 and 2", count("once"), count("two"))
	}
	if got := s.Decisions().Usage("two").Redemptions; got != 1 {
		t.Errorf("%d redemptions after forgetting, want 1", got)
	}
	openOffers(t, disk, now) // and what was forgotten can be read again
	// One young record keeps the others, in whatever order they came.
	for i, days := range []int{-200, -1, -200} {
		show := recommend.DecisionRecord{
			Kind: uint8(offer.RecordShow), DecisionID: fmt.Sprint("late", i), OfferID: "once", CustomerID: "ann", At: now.time().AddDate(0, 0, days),
		}
		if _, err := disk.AppendDecisions([]recommend.DecisionRecord{show}); err != nil {
			t.Fatal(err)
		}
	}
	s = openOffers(t, disk, now)
	if got, want := s.Decisions().Outcomes("once"), (offer.Outcomes{Views: 3}); got != want {
		t.Errorf("outcomes %+v, want %+v", got, want)
	}
}
