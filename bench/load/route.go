package load

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"
)

// checkRoute sends one request of each kind that cfg will send, and says which
// route a server does not have before anything is measured. A kind that is
// refused for another reason is left to the run, which counts it.
func checkRoute(ctx context.Context, cfg *Config) error {
	probe := *cfg
	addr, err := probe.defaults()
	if err != nil {
		return err
	}
	shares, err := probe.Mix.shares()
	if err != nil {
		return err
	}
	conn := connection{addr: addr, timeout: probe.Timeout}
	defer conn.close()
	for _, s := range shares {
		if s.op >= opView {
			continue // would change the shop
		}
		w := writer{
			shares: []share{s}, total: s.weight, people: probe.people(), limit: probe.Limit, batch: probe.Batch,
			rng: rand.New(rand.NewPCG(probe.Seed, 0)), head: headers(addr, probe.Header),
		}
		_, request, _ := w.next()
		rep, err := conn.do(ctx, request, time.Now())
		if err != nil {
			return fmt.Errorf("ask %s: %w", cfg.URL, err)
		}
		if rep.status == 404 && s.op == opUpsell {
			return fmt.Errorf("mix %s: %s has no /upsell (status 404)", cfg.Mix, cfg.URL)
		}
	}
	return nil
}
