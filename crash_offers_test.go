package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// The shape of the crash test of offers: every round, callers reserve and
// confirm until the server is killed in the middle of it.
const (
	crashOfferRounds  = 8
	crashOfferCallers = 8
	crashOfferBudget  = 1500
)

// TestKillNineOffers kills the real binary while places of a budget are reserved
// and redeemed. Whatever was acknowledged is there after the restart, nothing is
// there twice, and in the end exactly the budget has been redeemed.
func TestKillNineOffers(t *testing.T) {
	rounds := crashOfferRounds
	if testing.Short() {
		rounds = 3
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	binary, data := buildBinary(t), filepath.Join(t.TempDir(), "data")

	server := startBinary(t, binary, data)
	offer := fmt.Sprintf(`{"id":"o","status":"active","budget":{"max_redemptions":%d},"text":{"en":"o"}}`, crashOfferBudget)
	if err := call(t.Context(), http.MethodPut, server.url+"/offers/o", []byte(offer), nil); !created(err) {
		t.Fatalf("create offer: %v", err)
	}
	callers := make([]*offerCaller, crashOfferCallers)
	for i := range callers {
		callers[i] = &offerCaller{name: fmt.Sprintf("caller-%d", i)}
	}
	cut := 0
	for round := range rounds {
		var group sync.WaitGroup
		acked := make(chan struct{}, 1)
		for _, c := range callers {
			group.Go(func() { c.redeem(t, server.url, acked) })
		}
		spent := make(chan struct{})
		go func() {
			group.Wait()
			close(spent)
		}()
		select {
		case <-acked:
		case <-spent: // a fast machine has it all
		case <-time.After(20 * time.Second):
			t.Fatalf("round %d: nothing acknowledged in 20 s\n%s", round, server.log())
		}
		pause := time.NewTimer(time.Duration(rng.IntN(60_000)) * time.Microsecond)
		<-pause.C
		server.kill(t)
		<-spent
		server = startBinary(t, binary, data)
		for _, c := range callers {
			if c.doubtful != "" {
				cut++
			}
			c.settle(t, server.url)
		}
	}
	if cut == 0 {
		t.Error("no request was in flight at a kill: the test tests nothing")
	}
	redeemed := map[string]bool{}
	for _, c := range callers {
		for _, id := range c.confirmed {
			redeemed[id] = true
		}
	}
	before := len(redeemed)
	// The rest of the budget is there, to the last place.
	rest := make([]*offerCaller, 16)
	var group sync.WaitGroup
	for i := range rest {
		rest[i] = &offerCaller{name: fmt.Sprint("rest-", i)}
		group.Go(func() { rest[i].redeem(t, server.url, make(chan struct{}, 1)) })
	}
	group.Wait()
	for _, c := range rest {
		if c.doubtful != "" {
			t.Errorf("%s got no answer", c.doubtful)
		}
		for _, id := range c.confirmed {
			redeemed[id] = true
		}
	}
	if len(redeemed) != crashOfferBudget {
		t.Errorf("%d redeemed, want the budget of %d", len(redeemed), crashOfferBudget)
	}
	server.stop(t)
	t.Logf("%d kills, %d requests in flight at one, %d of %d redeemed by then", rounds, cut, before, crashOfferBudget)
	out, err := exec.CommandContext(t.Context(), binary, "verify", "--data", data).CombinedOutput()
	t.Logf("verify: %s", out)
	if err != nil {
		t.Fatalf("verify: %v", err)
	}
}

// offerCaller reserves and confirms decisions one after the other.
type offerCaller struct {
	name      string
	n         int
	confirmed []string // acknowledged
	// doubtful is the decision that got no answer, and reserved whether its
	// reservation did.
	doubtful string
	reserved bool
}

// redeem goes on until the server goes away, or the budget is spent.
func (c *offerCaller) redeem(t *testing.T, url string, acked chan<- struct{}) {
	for {
		id := fmt.Sprintf("%s-%d", c.name, c.n)
		c.n++
		c.doubtful, c.reserved = id, false
		shown, err := reserve(t, url, id)
		if err != nil {
			return
		}
		if !shown {
			c.doubtful = ""
			return
		}
		c.reserved = true
		if err := confirm(t, url, id); err != nil {
			return
		}
		c.doubtful, c.confirmed = "", append(c.confirmed, id)
		select {
		case acked <- struct{}{}:
		default:
		}
	}
}

// settle asks the restarted server for everything again. What was confirmed is
// confirmed, and what was reserved is reserved; the doubtful step is repeated,
// which does no harm whether it had happened or not.
func (c *offerCaller) settle(t *testing.T, url string) {
	t.Helper()
	for _, id := range c.confirmed {
		if err := confirm(t, url, id); err != nil {
			t.Errorf("%s was confirmed, and after the restart: %v", id, err)
		}
	}
	id := c.doubtful
	if id == "" {
		return
	}
	c.doubtful = ""
	if c.reserved {
		if err := confirm(t, url, id); err != nil {
			t.Errorf("%s was reserved, and after the restart: %v", id, err)
			return
		}
		c.confirmed = append(c.confirmed, id)
		return
	}
	shown, err := reserve(t, url, id)
	if err != nil || !shown {
		t.Errorf("%s asked again: %v, %v", id, shown, err)
		return
	}
	if err := confirm(t, url, id); err != nil {
		t.Errorf("%s: %v", id, err)
		return
	}
	c.confirmed = append(c.confirmed, id)
}

// reserve decides with a reservation and reports whether the offer was had.
func reserve(t *testing.T, url, id string) (bool, error) {
	var got struct{ Offers []struct{} }
	body := fmt.Sprintf(`{"decision_id":%q,"customer_id":%q,"reserve":true}`, id, id)
	err := call(t.Context(), http.MethodPost, url+"/offers/decide", []byte(body), &got)
	return len(got.Offers) > 0, err
}

func confirm(t *testing.T, url, id string) error {
	var got struct{ Confirmed []string }
	return call(t.Context(), http.MethodPost, url+"/offers/decisions/"+id+"/confirm", []byte("{}"), &got)
}

// created reports whether a call that expects 200 was answered with 201.
func created(err error) bool {
	var status statusError
	return errors.As(err, &status) && status.code == http.StatusCreated
}
