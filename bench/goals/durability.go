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

// commitSizes are how many events a commit has: those of one batch, and the most
// that the committer takes together when batches wait.
var commitSizes = [...]int{1000, 8000}

// measureDurability is the log's part of goal 6: the same commits go, in turns, to
// a store on the disk and to one in memory, where syncing costs nothing.
func measureDurability(ctx context.Context, o *options) ([]Check, error) {
	var checks []Check
	for _, size := range commitSizes {
		c, err := o.measureCommits(ctx, size)
		if err != nil {
			return nil, err
		}
		checks = append(checks, c)
	}
	return checks, nil
}

// measureCommits does it for commits of one size.
func (o *options) measureCommits(ctx context.Context, size int) (Check, error) {
	c := Check{
		Goal: 6, What: fmt.Sprintf("what syncing adds to an event, %s a commit", scale.Count(size)), Bound: atMost(0.2, "µs"),
	}
	commits := max(o.commits*commitSizes[0]/size, 1)
	disk, err := os.MkdirTemp(o.dir, "osusume-goals-")
	if err != nil {
		return c, fmt.Errorf("make a folder for the log: %w", err)
	}
	defer os.RemoveAll(disk) //nolint:errcheck // a temporary folder
	memory, err := os.MkdirTemp(memoryFolder, "osusume-goals-")
	if err != nil {
		c.Reason = "needs " + memoryFolder + " to compare with"
		return c, nil //nolint:nilerr // a system without it can still measure the rest
	}
	defer os.RemoveAll(memory) //nolint:errcheck // a temporary folder
	if onMemory(disk) {
		c.Reason = fmt.Sprintf("%s is kept in memory; name a folder on a disk with --dir", filepath.Dir(disk))
	}
	var total []float64
	for round := range o.rounds {
		slow, fast, err := o.commitBoth(ctx, filepath.Join(disk, fmt.Sprint(round)), filepath.Join(memory, fmt.Sprint(round)), commits, size)
		if err != nil {
			return c, err
		}
		events := float64(commits * size)
		c.Values = append(c.Values, float64((slow-fast).Nanoseconds())/1e3/events)
		total = append(total, float64(slow.Nanoseconds())/1e3/events)
	}
	c.Note = fmt.Sprintf("%d commits; a durable event costs %s in all", commits, amount(median(total), "µs"))
	return c, nil
}

// commitBoth appends the same events to two new stores and returns the time spent
// in each. Whichever goes first has the cache colder, so they take turns at it.
func (o *options) commitBoth(ctx context.Context, slowDir, fastDir string, commits, size int) (slow, fast time.Duration, err error) {
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
	for batch := range scale.Events(shop, commits*size, size) {
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
		o.progress("commit with and without syncing", turn, commits)
	}
	return took[0], took[1], nil
}
