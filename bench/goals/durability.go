package goals

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"osusume/bench/scale"
	"osusume/bench/synthetic"
	"osusume/store"
)

// memoryFolder is where Linux keeps files that no sync makes slower.
const memoryFolder = "/dev/shm"

// durabilityBatch is how many events a commit has.
const durabilityBatch = 1000

// measureDurability is the log's part of goal 6: the same commits go, in turns, to
// a store on the disk and to one in memory, where syncing costs nothing.
func measureDurability(ctx context.Context, o *options) ([]Check, error) {
	c := Check{
		Goal: 6, What: "what syncing to disk adds to an event", Bound: atMost(0.2, "µs"),
	}
	disk, err := os.MkdirTemp(o.dir, "osusume-goals-")
	if err != nil {
		return nil, fmt.Errorf("make a folder for the log: %w", err)
	}
	defer os.RemoveAll(disk) //nolint:errcheck // a temporary folder
	memory, err := os.MkdirTemp(memoryFolder, "osusume-goals-")
	if err != nil {
		c.Reason = "needs " + memoryFolder + " to compare with"
		return []Check{c}, nil //nolint:nilerr // a system without it can still measure the rest
	}
	defer os.RemoveAll(memory) //nolint:errcheck // a temporary folder
	if onMemory(disk) {
		c.Reason = fmt.Sprintf("%s is kept in memory; name a folder on a disk with --dir", filepath.Dir(disk))
	}
	var total []float64
	for round := range o.rounds {
		slow, fast, err := o.commitBoth(ctx, filepath.Join(disk, fmt.Sprint(round)), filepath.Join(memory, fmt.Sprint(round)))
		if err != nil {
			return nil, err
		}
		events := float64(o.commits * durabilityBatch)
		c.Values = append(c.Values, float64((slow-fast).Nanoseconds())/1e3/events)
		total = append(total, float64(slow.Nanoseconds())/1e3/events)
	}
	c.Note = fmt.Sprintf("%d commits of %d events; a durable event costs %s in all", o.commits, durabilityBatch, amount(median(total), "µs"))
	return []Check{c}, nil
}

// commitBoth appends the same events to two new stores and returns the time spent
// in each. Whichever goes first has the cache colder, so they take turns at it.
func (o *options) commitBoth(ctx context.Context, slowDir, fastDir string) (slow, fast time.Duration, err error) {
	var logs [2]*store.Store
	var took [2]time.Duration
	for i, dir := range []string{slowDir, fastDir} {
		if logs[i], err = store.Open(dir, store.Options{}); err != nil {
			return 0, 0, err
		}
		defer func() { err = errors.Join(err, logs[i].Close()) }()
	}
	shop := synthetic.New(synthetic.Config{Seed: o.seed})
	turn := 0
	for batch := range scale.Events(shop, o.commits*durabilityBatch, durabilityBatch) {
		if err := ctx.Err(); err != nil {
			return 0, 0, err
		}
		for k := range logs {
			i := (turn + k) % len(logs)
			began := time.Now()
			if _, err := logs[i].Append(batch); err != nil {
				return 0, 0, err
			}
			took[i] += time.Since(began)
		}
		turn++
		o.progress("commit with and without syncing", turn, o.commits)
	}
	return took[0], took[1], nil
}
