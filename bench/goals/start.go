package goals

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/dustin/go-humanize"

	"osusume/bench/scale"
	"osusume/bench/synthetic"
	"osusume/recommend/engine"
)

const (
	startItems = 100_000
	// largeMemory is the memory limit for the large log, as of serve.
	largeMemory = 4_000_000_000
)

// opening is what a process says that opened a store.
type opening struct {
	Seconds   float64 `json:"seconds"`
	PeakBytes int64   `json:"peak_bytes"`
}

// measureStart is goal 9: a log is written once, then processes of their own open
// it, without and with a checkpoint.
func measureStart(ctx context.Context, o *options) ([]Check, error) {
	rebuild := Check{Goal: 9, What: "rebuild from a log of 10M events", Bound: atMost(8, "s")}
	restart := Check{Goal: 9, What: "restart from a checkpoint at 10M events", Bound: atMost(2, "s")}
	large := Check{Goal: 9, What: "rebuild from a log of 50M events within " + humanize.Bytes(largeMemory), Bound: atMost(30, "s")}
	peak := Check{Goal: 9, What: "memory of that rebuild", Bound: atMost(2, "GB")}
	cold, warm, _, err := o.start(ctx, o.startEvents, o.rounds, true, 0)
	if err != nil {
		return nil, err
	}
	rebuild.Values, restart.Values = cold, warm
	if o.startEvents != 10_000_000 {
		rebuild.Reason = "a log of " + scale.Count(o.startEvents) + " events only"
		restart.Reason = rebuild.Reason
	}
	if o.largeEvents == 0 {
		large.Reason = "left out by --quick"
		peak.Reason = large.Reason
	} else {
		// A disk or a memory too small for this one leaves the others as they are.
		if large.Values, _, peak.Values, err = o.start(ctx, o.largeEvents, 1, false, largeMemory); err != nil {
			large.Reason = "failed: " + err.Error()
			peak.Reason = large.Reason
		} else if len(peak.Values) == 0 {
			peak.Reason = "this system does not tell what a process holds"
		}
	}
	return []Check{rebuild, restart, large, peak}, nil
}

// start writes a log of n events and opens it within so much memory, 0 for any; warm
// is empty unless asked for.
func (o *options) start(ctx context.Context, n, rounds int, checkpoint bool, memory int64) (cold, warm, peaks []float64, err error) {
	folder, err := os.MkdirTemp(o.dir, "osusume-goals-")
	if err != nil {
		return nil, nil, nil, fmt.Errorf("make a folder for the log: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	dir := filepath.Join(folder, "shop")
	shop := synthetic.New(synthetic.Config{Items: o.startItems, Seed: o.seed})
	if _, err := scale.Fill(ctx, dir, shop, n, o.progress); err != nil {
		return nil, nil, nil, fmt.Errorf("write the log: %w", err)
	}
	now := scale.Moment(shop, n)
	for range rounds {
		o.progress("rebuild from "+scale.Count(n)+" events", 0, 0)
		a, err := o.reopen(ctx, dir, now, false, memory)
		if err != nil {
			return nil, nil, nil, err
		}
		cold = append(cold, a.Seconds)
		if a.PeakBytes > 0 {
			peaks = append(peaks, float64(a.PeakBytes)/1e9)
		}
		if !checkpoint {
			continue
		}
		o.progress("restart at "+scale.Count(n)+" events", 0, 0)
		if a, err = o.reopen(ctx, dir, now, true, memory); err != nil {
			return nil, nil, nil, err
		}
		warm = append(warm, a.Seconds)
	}
	return cold, warm, peaks, nil
}

// reopen opens the store in a process of its own.
func (o *options) reopen(ctx context.Context, dir string, now time.Time, checkpoint bool, memory int64) (a opening, err error) {
	cmd := o.command(ctx, "--child", dir, "--now", strconv.FormatInt(now.Unix(), 10), "--checkpoint="+strconv.FormatBool(checkpoint), "--memory", strconv.FormatInt(memory, 10))
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return a, fmt.Errorf("start from the log: %w: %s", err, strings.TrimSpace(stderr.String()))
	}
	if err := json.Unmarshal(out, &a); err != nil {
		return a, fmt.Errorf("start from the log: %w", err)
	}
	return a, nil
}

// openStore is the process that opens the store: without a checkpoint it leaves one
// behind for the next. memory is its limit, as of serve, 0 for none.
// One that would take nearly all memory says so on errs and calls exit.
func openStore(ctx context.Context, dir string, now time.Time, checkpoint bool, memory int64, out, errs io.Writer, exit func()) error {
	watched, stop := context.WithCancel(ctx)
	defer stop()
	peak := make(chan int64, 1)
	go func() {
		peak <- scale.Guard(watched, scale.Available()/10*9, func(held int64) {
			fmt.Fprintf(errs, "out of memory: held %s\n", humanize.Bytes(uint64(held)))
			exit()
		})
	}()
	if memory > 0 {
		debug.SetMemoryLimit(memory)
	}
	settings := engine.Settings{MaxBytes: engine.IndexShare(memory)}
	took, err := scale.Reopen(ctx, dir, settings, now, checkpoint, !checkpoint, func(string, int, int) {})
	stop()
	held := <-peak
	if err != nil {
		return err
	}
	return json.NewEncoder(out).Encode(opening{Seconds: took.Seconds(), PeakBytes: held})
}
