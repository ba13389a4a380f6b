package scale

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"strings"
	"syscall"

	"github.com/dustin/go-humanize"
)

// message is one line of what a child writes: how far it is, or what it found.
type message struct {
	Step  string `json:"step,omitempty"`
	Done  int    `json:"done,omitempty"`
	Total int    `json:"total,omitempty"`
	Size  *Size  `json:"size,omitempty"`
}

// child measures one size in this process and writes messages to out. When the
// process would hold more than limit bytes (0 is no limit), it says so and calls
// exit.
func child(ctx context.Context, cfg Config, limit int64, out io.Writer, exit func()) error {
	lines := json.NewEncoder(out) // each message is one Write
	if limit > 0 {
		watched, stop := context.WithCancel(ctx)
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			Guard(watched, limit, func(held int64) {
				skipped := fmt.Sprintf("out of memory: held %s of the %s it may", humanize.Bytes(uint64(held)), humanize.Bytes(uint64(limit)))
				// Whether it can be told or not, this process ends.
				_ = json.NewEncoder(out).Encode(message{Size: &Size{Items: cfg.Items, Events: cfg.Events, Skipped: skipped}})
				exit()
			})
		}()
		defer func() { stop(); <-ended }()
	}
	last := ""
	percent := -1
	cfg.Progress = func(step string, done, total int) {
		p := 0
		if total > 0 {
			p = 100 * done / total
		}
		if step == last && p == percent {
			return
		}
		last, percent = step, p
		_ = lines.Encode(message{Step: step, Done: done, Total: total}) // a reader that is gone ends us by its context
	}
	s, err := Measure(ctx, cfg)
	if err != nil {
		return err
	}
	return lines.Encode(message{Size: &s})
}

// Commander makes the process that measures one size with the given arguments
// after "bench scale".
type Commander func(ctx context.Context, args ...string) *exec.Cmd

// runChild measures one size in a process of its own. A process that ended without a
// result is a Size that says why; only a cancelled ctx is an error.
func runChild(ctx context.Context, command Commander, cfg Config, limit int64) (Size, error) {
	cmd := command(ctx, "--child",
		"--items", strconv.Itoa(cfg.Items), "--events", strconv.Itoa(cfg.Events),
		"--memory", strconv.FormatInt(limit, 10), "--seed", strconv.FormatUint(cfg.Seed, 10),
		"--requests", strconv.Itoa(cfg.Requests), "--dir", cfg.Dir)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return Size{}, fmt.Errorf("start a process: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return Size{}, fmt.Errorf("start a process: %w", err)
	}
	var found *Size
	lines := bufio.NewScanner(stdout)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var m message
		switch err := json.Unmarshal(lines.Bytes(), &m); {
		case err != nil:
		case m.Size != nil:
			found = m.Size
		case cfg.Progress != nil:
			cfg.Progress(m.Step, m.Done, m.Total)
		}
	}
	err = cmd.Wait()
	switch {
	case ctx.Err() != nil:
		return Size{}, ctx.Err()
	case found != nil:
		return *found, nil
	default:
		return Size{Items: cfg.Items, Events: cfg.Events, Skipped: ending(err, stderr.String())}, nil
	}
}

// ending says why a process left no result.
func ending(err error, stderr string) string {
	last := ""
	for line := range strings.Lines(stderr) {
		if line = strings.TrimSpace(line); line != "" && last == "" {
			last = line // the first line names the fault, traces follow
		}
	}
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() && status.Signal() == syscall.SIGKILL {
			return "out of memory: the system ended the process"
		}
	}
	switch {
	case strings.Contains(stderr, "out of memory") || strings.Contains(stderr, "cannot allocate memory"):
		return "out of memory: " + last
	case last != "":
		return "failed: " + last
	case err != nil:
		return "failed: " + err.Error()
	default:
		return "failed: the process ended without a result"
	}
}
