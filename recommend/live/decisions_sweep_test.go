package live_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"osusume/recommend"
	"osusume/recommend/live"
	"osusume/recommend/offer"
	"osusume/store"
)

// crashingStore fails from one change on for good, as if the process had ended
// there. The change that fails may be on disk none the less.
type crashingStore struct {
	*store.Memory
	left     int
	persists bool
}

var errEnded = errors.New("the process has ended")

func (s *crashingStore) AppendDecisions(records []recommend.DecisionRecord) (uint64, error) {
	return s.ReplaceDecisions(nil, records)
}

func (s *crashingStore) ReplaceDecisions(drop []uint64, records []recommend.DecisionRecord) (uint64, error) {
	s.left--
	if s.left < 0 {
		if s.left == -1 && s.persists {
			_, _ = s.Memory.ReplaceDecisions(drop, records)
		}
		return 0, errEnded
	}
	return s.Memory.ReplaceDecisions(drop, records)
}

// naming counts the records of a ledger, and those that name a visitor or one of
// the visitor's decisions, which begin with the visitor's name.
func naming(t *testing.T, disk *store.Memory, visitor string) (all, named int) {
	t.Helper()
	err := disk.Decisions(func(_ uint64, r *recommend.DecisionRecord) error {
		all++
		if r.CustomerID == visitor || strings.HasPrefix(r.DecisionID, visitor) {
			named++
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all, named
}

const (
	capped  = `{"id":"capped","status":"active","caps":{"per_customer_total":1},"text":{"en":"Capped"}}`
	limited = `{"id":"limited","status":"active","budget":{"max_redemptions":3},"text":{"en":"Limited"}}`
)

// fill makes a ledger in which ann and bob have seen, redeemed and reserved.
func fill(t *testing.T, s offersShop) {
	t.Helper()
	for _, who := range []string{"ann", "bob"} {
		if got := s.reserve(who+"-1", who); got != "capped limited" {
			t.Fatalf("%s reserved %q", who, got)
		}
		if _, err := s.Decisions().Confirm(who+"-1", "limited"); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Decisions().Release(who+"-1", "capped"); err != nil {
			t.Fatal(err)
		}
		events := []recommend.Event{promotion(who+"-e", who, who+"-2", "capped", noon)}
		if _, _, err := s.Ingest(t.Context(), events); err != nil {
			t.Fatal(err)
		}
	}
	if got := s.reserve("ann-3", "ann"); got != "limited" {
		t.Fatalf("ann reserved %q", got)
	}
}

const (
	annBefore = "capped:CAP_CUSTOMER_TOTAL limited:BUDGET_EXHAUSTED"
	// Her open reservation is given back, what she redeemed stays spent.
	annAfter = "capped:SHOWN limited:SHOWN"
	bobAfter = "capped:CAP_CUSTOMER_TOTAL limited:SHOWN"
)

func wantErased(t *testing.T, s offersShop, disk *store.Memory) {
	t.Helper()
	if all, named := naming(t, disk, "ann"); named != 0 {
		t.Errorf("%d of %d records name her", named, all)
	}
	if got := s.reasons("ann"); got != annAfter {
		t.Errorf("ann: %s, want %s", got, annAfter)
	}
	if got := s.reasons("bob"); got != bobAfter {
		t.Errorf("bob: %s, want %s", got, bobAfter)
	}
	if got := s.Decisions().Usage("limited").Redemptions; got != 2 {
		t.Errorf("%d redemptions, want 2", got)
	}
	if got, want := s.Decisions().Outcomes("capped"), (offer.Outcomes{Views: 2}); got != want {
		t.Errorf("outcomes %+v, want %+v", got, want)
	}
	_, err := s.Decisions().Confirm("ann-3", "")
	wantCode(t, err, recommend.CodeNotFound, "decision_id")
}

func TestEraseDecisions(t *testing.T) {
	now := startClock()
	disk := &ledgerStore{Memory: store.NewMemory()}
	s := openOffers(t, disk, now, capped, limited)
	fill(t, s)
	if got := s.reasons("ann"); got != annBefore {
		t.Fatalf("ann: %s, want %s", got, annBefore)
	}
	if _, named := naming(t, disk.Memory, "ann"); named == 0 {
		t.Fatal("no record names her before")
	}
	if err := s.Decisions().Erase("ann"); err != nil {
		t.Fatal(err)
	}
	wantErased(t, s, disk.Memory)
	all, _ := naming(t, disk.Memory, "")
	for _, who := range []string{"ann", "nobody"} {
		if err := s.Decisions().Erase(who); err != nil {
			t.Errorf("Erase(%s): %v", who, err)
		}
	}
	if again, _ := naming(t, disk.Memory, ""); again != all {
		t.Errorf("%d records after erasing nobody, want %d", again, all)
	}
	wantErased(t, openOffers(t, disk, now), disk.Memory)
}

// However far erasing gets before the process ends, after the next start she is
// there as before or gone without a trace.
func TestEraseEndsAnywhere(t *testing.T) {
	before, after := 0, 0
	for _, persists := range []bool{false, true} {
		for steps := 0; ; steps++ {
			now := startClock()
			disk := &ledgerStore{Memory: store.NewMemory()}
			s := openOffers(t, disk, now, capped, limited)
			fill(t, s)
			crashing := &crashingStore{Memory: disk.Memory, left: steps, persists: persists}
			dying := openOn(t, disk.Memory, crashing, now)
			err := dying.Decisions().Erase("ann")
			again := openOffers(t, disk, now)
			if again.reasons("ann") == annBefore {
				if err == nil || steps > 0 || persists {
					t.Fatalf("erased with %v after %d changes, and she is there", err, steps)
				}
				if _, named := naming(t, disk.Memory, "ann"); named != 6 {
					t.Errorf("%d records name her, want all 6", named)
				}
				before++
				continue
			}
			wantErased(t, again, disk.Memory)
			after++
			if err == nil {
				break
			}
		}
	}
	if before != 1 || after < 6 {
		t.Errorf("ended %d times before it was durable and %d times after, want 1 and 6", before, after)
	}
}

// openOn opens a shop whose ledger is not kept where everything else is.
func openOn(t *testing.T, disk *store.Memory, ledger *crashingStore, now *movingClock) offersShop {
	t.Helper()
	return offersShop{open(t, live.Config{Log: disk, Documents: disk, Decisions: ledger, Clock: now.time}), t}
}

// What erasing could not finish is finished when it is asked for again.
func TestEraseAgain(t *testing.T) {
	now := startClock()
	disk := &ledgerStore{Memory: store.NewMemory()}
	fill(t, openOffers(t, disk, now, capped, limited))
	crashing := &crashingStore{Memory: disk.Memory, left: 1}
	s := openOn(t, disk.Memory, crashing, now)
	wantCode(t, s.Decisions().Erase("ann"), recommend.CodeUnavailable, "")
	if _, named := naming(t, disk.Memory, "ann"); named == 0 {
		t.Fatal("nothing was left to do")
	}
	wantCode(t, s.Decisions().Erase("ann"), recommend.CodeUnavailable, "")
	crashing.left = 1000
	if err := s.Decisions().Erase("ann"); err != nil {
		t.Fatal(err)
	}
	wantErased(t, s, disk.Memory)
}

// A ledger holds what a cool-down may ask for, and sums of the rest.
func TestPruneDecisions(t *testing.T) {
	now := startClock()
	disk := &ledgerStore{Memory: store.NewMemory()}
	s := openOffers(t, disk, now, capped, `{"id":"often","status":"active","caps":{"per_customer_day":5},"text":{"en":"Often"}}`, `{"id":"old","status":"active","caps":{"per_customer_total":9},"text":{"en":"Old"}}`,
		`{"id":"welcome","status":"active","caps":{"per_customer_total":3},"text":{"en":"Welcome"}}`)
	const months = 6
	for month := range months {
		for i := range 30 {
			who := fmt.Sprint("c", i%10)
			d := fmt.Sprintf("%s-%d-%d", who, month, i)
			s.reserve(d, who)
			if _, err := s.Decisions().Confirm(d, "often"); err != nil {
				t.Fatal(err)
			}
			events := []recommend.Event{promotion("e-"+d, who, d, "capped", now.time()), promotion("f-"+d, who, d, "old", now.time())}
			if month == 0 {
				events = append(events, promotion("g-"+d, who, d, "welcome", now.time()))
			}
			if _, _, err := s.Ingest(t.Context(), events); err != nil {
				t.Fatal(err)
			}
		}
		now.move(31 * 24 * time.Hour)
	}
	archived := `{"id":"old","status":"archived","caps":{"per_customer_total":9},"text":{"en":"Old"}}`
	change(t, s.Documents(), recommend.DocumentOffer, "old", archived)
	want := map[string]string{}
	for i := range 11 {
		who := fmt.Sprint("c", i)
		want[who] = s.reasons(who)
	}
	usage, outcomes := s.Decisions().Usage("often"), s.Decisions().Outcomes("old")
	if usage.Redemptions != 30*months || outcomes.Views != 30*months {
		t.Fatalf("usage %+v, outcomes %+v", usage, outcomes)
	}
	all, _ := naming(t, disk.Memory, "")
	if err := s.Decisions().Prune(); err != nil {
		t.Fatal(err)
	}
	pruned, _ := naming(t, disk.Memory, "")
	// Two of six months are younger than 90 days; beside them there are sums of
	// four offers, and tallies of ten customers for the two whose caps count for
	// ever.
	if most := all/months*2 + 4 + 2*10 + 5; pruned > most {
		t.Errorf("%d records of %d are left, want at most %d", pruned, all, most)
	}
	if err := s.Decisions().Prune(); err != nil {
		t.Fatal(err)
	}
	if again, _ := naming(t, disk.Memory, ""); again != pruned {
		t.Errorf("%d records after pruning again, %d before", again, pruned)
	}
	err := disk.Decisions(func(_ uint64, r *recommend.DecisionRecord) error {
		if r.DecisionID == "" && r.CustomerID != "" && r.OfferID == "old" {
			t.Errorf("%s is remembered to have seen an offer that cannot come back", r.CustomerID)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []offersShop{s, openOffers(t, disk, now)} {
		for who, reasons := range want {
			if got := s.reasons(who); got != reasons {
				t.Errorf("%s: %s, want %s", who, got, reasons)
			}
		}
		if got := s.Decisions().Usage("often"); got != usage {
			t.Errorf("usage %+v, want %+v", got, usage)
		}
		if got := s.Decisions().Outcomes("old"); got != outcomes {
			t.Errorf("outcomes %+v, want %+v", got, outcomes)
		}
	}
	_, err = s.Decisions().Confirm("c0-0-0", "")
	wantCode(t, err, recommend.CodeNotFound, "decision_id")
}

// Reservations go on while records are dropped, and exactly as many as there is
// room for.
func TestPruneWhileReserving(t *testing.T) {
	now := startClock()
	disk := &ledgerStore{Memory: store.NewMemory()}
	s := openOffers(t, disk, now, budget)
	var wg sync.WaitGroup
	const callers = 150
	held := make([]bool, callers)
	for i := range callers {
		wg.Go(func() {
			held[i] = s.reserve(fmt.Sprint("d", i), fmt.Sprint("c", i)) != ""
			if held[i] && i%2 == 0 {
				if _, err := s.Decisions().Confirm(fmt.Sprint("d", i), ""); err != nil {
					t.Errorf("Confirm: %v", err)
				}
			}
		})
	}
	for i := range 20 {
		wg.Go(func() {
			if err := s.Decisions().Erase(fmt.Sprint("gone", i)); err != nil {
				t.Errorf("Erase: %v", err)
			}
			if err := s.Decisions().Prune(); err != nil {
				t.Errorf("Prune: %v", err)
			}
		})
	}
	wg.Wait()
	n := 0
	for _, h := range held {
		if h {
			n++
		}
	}
	if n != 100 {
		t.Errorf("%d reserved, want 100", n)
	}
	if got := openOffers(t, disk, now).Decisions().Usage("budget").Redemptions; got != 100 {
		t.Errorf("%d after a start, want 100", got)
	}
}
