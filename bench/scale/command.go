package scale

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	"osusume/bench/eval"
	"osusume/bench/report"
)

// Options of a run.
type Options struct {
	Items, Events []int
	Seed          uint64
	Requests      int   // per placement; 0 is 2,000
	Memory        int64 // a process may hold, in bytes; 0 is no bound
	Dir           string
	NoLog         bool
	// Command makes the processes; nil runs this program again.
	Command  Commander
	Progress func(step string, done, total int)
}

// Run measures every number of items with every number of events, the smallest
// first.
func Run(ctx context.Context, o *Options) (*Result, error) {
	command := o.Command
	if command == nil {
		command = itself
	}
	if o.Requests == 0 {
		o.Requests = defaultRequests
	}
	r := &Result{Machine: report.ThisMachine()}
	for i, items := range o.Items {
		for k, events := range o.Events {
			if why := tooLarge(items, events, o.Memory); why != "" {
				r.Sizes = append(r.Sizes, Size{Items: items, Events: events, Skipped: why})
				continue
			}
			at := fmt.Sprintf("%d of %d, %s items, %s events: ", i*len(o.Events)+k+1, len(o.Items)*len(o.Events), Count(items), Count(events))
			s, err := o.one(ctx, command, items, events, at)
			if err != nil {
				return nil, err
			}
			r.Sizes = append(r.Sizes, s)
		}
	}
	return r, nil
}

// one measures a size with a folder of its own.
func (o *Options) one(ctx context.Context, command Commander, items, events int, at string) (s Size, err error) {
	cfg := Config{Items: items, Events: events, Seed: o.Seed, Requests: o.Requests}
	if o.Progress != nil {
		cfg.Progress = func(step string, done, total int) { o.Progress(at+step, done, total) }
	}
	if !o.NoLog {
		if cfg.Dir, err = os.MkdirTemp(o.Dir, "osusume-scale-"); err != nil {
			return s, fmt.Errorf("make a folder for the log: %w", err)
		}
		defer func() { err = errors.Join(err, os.RemoveAll(cfg.Dir)) }()
	}
	return runChild(ctx, command, cfg, o.Memory)
}

// itself runs this program's "bench scale".
func itself(ctx context.Context, args ...string) *exec.Cmd {
	path, err := os.Executable()
	if err != nil {
		path = os.Args[0]
	}
	//nolint:gosec // our own program with our own arguments
	return exec.CommandContext(ctx, path, append([]string{"bench", "scale"}, args...)...)
}

// Command is "scale", to be put under "bench".
func Command() *cobra.Command {
	var o Options
	var items, events, memory, jsonOut, htmlOut string
	var asChild bool
	cmd := &cobra.Command{
		Use:   "scale",
		Short: "Measure how time and memory grow with the shop",
		Long: `scale makes synthetic shops of several sizes and measures each in a process of its
own: events applied per second on one core with all lists kept, bytes by part,
the time of a request, of a rebuild from the log and of a restart from a
checkpoint.

Every number of items is measured with every number of events. The defaults take
about half an hour. A size that does not fit into memory is reported as such. The
log is written below --dir, 100 to 150 bytes an event, and removed afterwards.`,
		Example: `  osusume bench scale
  osusume bench scale --items 1k --events 20k
  osusume bench scale --items 10k,100k,1M --events 1M --json scale.json --html scale.html
  osusume bench scale --items 10M --events 10M --no-log`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var err error
			if o.Items, err = ParseCounts(items); err != nil {
				return fmt.Errorf("--items %w", err)
			}
			if o.Events, err = ParseCounts(events); err != nil {
				return fmt.Errorf("--events %w", err)
			}
			if o.Requests < 1 {
				return fmt.Errorf("--requests %d: want at least 1", o.Requests)
			}
			if o.Memory, err = memoryLimit(memory); err != nil {
				return err
			}
			if asChild {
				cfg := Config{Items: o.Items[0], Events: o.Events[0], Seed: o.Seed, Requests: o.Requests, Dir: o.Dir}
				return child(cmd.Context(), cfg, o.Memory, cmd.OutOrStdout(), func() { os.Exit(1) })
			}
			update, finish := eval.ShowProgress(cmd.ErrOrStderr())
			o.Progress = update
			r, err := Run(cmd.Context(), &o)
			finish()
			if err != nil {
				return err
			}
			r.Command = strings.TrimSpace(fmt.Sprintf("osusume bench scale --items %s --events %s --seed %d", items, events, o.Seed))
			return write(cmd.OutOrStdout(), r, jsonOut, htmlOut)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&items, "items", "10k,100k,1M", "numbers of items")
	flags.StringVar(&events, "events", "1M,10M", "numbers of events")
	flags.StringVar(&jsonOut, "json", "", "file for the result as JSON; - is standard output, without the table")
	flags.StringVar(&htmlOut, "html", "", "file for a page with the table and figures")
	flags.StringVar(&memory, "memory", "", "memory a size may take, such as 8GB (default three quarters of what is available)")
	flags.StringVar(&o.Dir, "dir", "", "folder for the logs (default the system's for temporary files)")
	flags.BoolVar(&o.NoLog, "no-log", false, "measure the index alone: no log, no rebuild, no restart")
	flags.IntVar(&o.Requests, "requests", defaultRequests, "requests to time per placement")
	flags.Uint64Var(&o.Seed, "seed", 1, "seed of the shops")
	flags.BoolVar(&asChild, "child", false, "measure one size in this process and write messages")
	if err := flags.MarkHidden("child"); err != nil {
		panic(err) // the flag is two lines above
	}
	return cmd
}

// memoryLimit reads --memory.
func memoryLimit(text string) (int64, error) {
	if text == "" {
		return Available() / 4 * 3, nil
	}
	n, err := humanize.ParseBytes(text)
	if err != nil || n > 1<<50 {
		return 0, fmt.Errorf("--memory %q: want a size such as 8GB", text)
	}
	return int64(n), nil
}

// write puts the result where it was asked for.
func write(stdout io.Writer, r *Result, jsonOut, htmlOut string) error {
	if htmlOut != "" {
		if err := save(htmlOut, r.WriteHTML); err != nil {
			return fmt.Errorf("write --html: %w", err)
		}
	}
	return eval.WriteResult(stdout, jsonOut, r.WriteJSON, r.WriteTable)
}

func save(path string, write func(io.Writer) error) error {
	var b bytes.Buffer
	if err := write(&b); err != nil {
		return err
	}
	return os.WriteFile(path, b.Bytes(), 0o600)
}
