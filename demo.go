package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/schollz/progressbar/v3"

	"osusume/bench/demoshop"
	"osusume/recommend"
	"osusume/recommend/live"
)

// The demo shop is generated as of demoEnd, midnight in Japan, and then moved
// by whole days to end the evening (UTC) before it is filled: the same shop,
// with the same counts in every window of days, whenever that is.
const (
	demoSeed  = 1
	demoBatch = 2000
	demoFile  = "demo.json"
)

// demoEnd lies in winter, when all of a shop's year is behind it.
func demoEnd() time.Time { return time.Date(2026, time.November, 30, 15, 0, 0, 0, time.UTC) }

// demoMark is the file that tells a demo from a shop's own data. It is written
// before the first event, so a filling that was stopped goes on where it was:
// the generator and its event ids are deterministic.
type demoMark struct {
	Seed  uint64    `json:"seed"`
	Today time.Time `json:"today"`
	Done  bool      `json:"done"`
}

// readDemo returns the mark of a data folder and whether it has one.
func readDemo(dir string) (demoMark, bool, error) {
	text, err := os.ReadFile(filepath.Join(dir, demoFile))
	if errors.Is(err, fs.ErrNotExist) {
		return demoMark{}, false, nil
	}
	var m demoMark
	if err == nil {
		err = json.Unmarshal(text, &m)
	}
	if err != nil {
		return demoMark{}, false, fmt.Errorf("read the mark of the demo shop: %w", err)
	}
	return m, true, nil
}

func (m demoMark) write(dir string) error {
	text, err := json.Marshal(m)
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, demoFile), append(text, '\n'), 0o600)
	}
	if err != nil {
		return fmt.Errorf("write the mark of the demo shop: %w", err)
	}
	return nil
}

// refuseDemo keeps a shop's own events out of a folder with the demo shop.
func refuseDemo(dir string) error {
	if _, demo, err := readDemo(dir); err != nil || !demo {
		return err
	}
	return usage("--data %s holds the demo shop; import into another folder", dir)
}

// prepareDemo makes s the demo shop if that was asked for and s is empty, or if
// it is one half filled. It refuses --demo over a store with anything else in it.
func prepareDemo(ctx context.Context, p *process, s *shop, o *serveOptions, start *live.Start, logger *slog.Logger) error {
	dir := o.data
	mark, demo, err := readDemo(dir)
	switch {
	case err != nil:
		return err
	case mark.Done || !demo && !o.demo:
		return nil
	case !demo && s.Status().Acknowledged > 0:
		return usage("--data %s already holds a shop of its own; --demo needs an empty folder", dir)
	case !demo:
		mark = demoMark{Seed: demoSeed, Today: p.clock().UTC().Truncate(24 * time.Hour)}
		if err := mark.write(dir); err != nil {
			return err
		}
	}
	began := p.clock()
	start.Tell(live.Progress{Phase: live.Filling})
	logger.Info("filling the demo shop")
	items, events, err := mark.fill(ctx, p, s, start)
	if err != nil {
		return fmt.Errorf("fill the demo shop: %w", err)
	}
	if err := putDemoDocuments(s.Documents()); err != nil {
		return fmt.Errorf("fill the demo shop: %w", err)
	}
	// So that the first answer is as good as any later one.
	if err := s.Refresh(ctx); err != nil {
		return fmt.Errorf("fill the demo shop: %w", err)
	}
	logger.Info("the demo shop is filled", "items", items, "events", events,
		"took", p.clock().Sub(began).Round(time.Millisecond))
	mark.Done = true
	if err := mark.write(dir); err != nil {
		return err
	}
	filled := start.Progress()
	filled.Phase = live.Ready
	start.Tell(filled)
	return nil
}

func (m demoMark) fill(ctx context.Context, p *process, s *shop, start *live.Start) (items, events int, err error) {
	shop := demoshop.New(demoshop.Config{Seed: m.Seed, End: demoEnd()})
	start.Tell(live.Progress{Phase: live.Filling, Total: uint64(shop.EventCount())})
	shift := m.Today.Add(-24 * time.Hour).Sub(demoEnd().Truncate(24 * time.Hour))
	if _, err := s.PutItems(ctx, movedItems(shop.Items(), shift)); err != nil {
		return 0, 0, err
	}
	screen := io.Discard
	if isTerminal(p.stderr) {
		screen = p.stderr
	}
	bar := progressbar.NewOptions(shop.EventCount(),
		progressbar.OptionSetWriter(screen),
		progressbar.OptionSetDescription("demo shop"),
		progressbar.OptionShowCount(),
		// Without an interval of its own the bar starts no goroutine.
		progressbar.OptionSetSpinnerChangeInterval(0),
		progressbar.OptionClearOnFinish())
	batch := make([]recommend.Event, 0, demoBatch)
	var last uint64
	began := time.Now()
	send := func() error {
		verdicts, seq, err := s.Ingest(ctx, batch)
		if err != nil {
			return err
		}
		for _, v := range verdicts {
			if v.Status == recommend.Rejected {
				return fmt.Errorf("event %s: %w", v.EventID, v.Err)
			}
		}
		events += len(batch)
		last = max(last, seq)
		start.Tell(live.Progress{Phase: live.Filling, Done: uint64(events), Total: uint64(shop.EventCount()), Read: time.Since(began)})
		_ = bar.Add(len(batch)) // a bar that cannot be drawn stops nothing
		batch = make([]recommend.Event, 0, demoBatch)
		return nil
	}
	for e := range shop.Events() {
		e.Time = e.Time.Add(shift)
		if batch = append(batch, e); len(batch) == demoBatch {
			if err := send(); err != nil {
				return 0, 0, err
			}
		}
	}
	if len(batch) > 0 {
		if err := send(); err != nil {
			return 0, 0, err
		}
	}
	_ = bar.Finish() // as above
	if err := s.Await(ctx, last); err != nil {
		return 0, 0, err
	}
	return len(shop.Items()), events, s.Refresh(ctx)
}

// movedItems moves what items tell of the past by shift, as events are.
func movedItems(items []recommend.Item, shift time.Duration) []recommend.Item {
	for i := range items {
		it := &items[i]
		it.PriceHistory = slices.Clone(it.PriceHistory) // the shop's own stays
		for k := range it.PriceHistory {
			p := &it.PriceHistory[k]
			p.From = p.From.Add(shift)
			if !p.To.IsZero() {
				p.To = p.To.Add(shift)
			}
		}
	}
	return items
}
