package goals

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"osusume/bench/eval"
	"osusume/bench/report"
	"osusume/bench/scale"
)

// options are the sizes of a run and what it works with.
type options struct {
	quick  bool
	rounds int
	seed   uint64
	dir    string // for logs; "" is the system's for temporary files
	only   []int  // goals to measure; empty is all

	kernelItems  []int
	kernelTime   time.Duration
	ingestItems  int
	ingestEvents int
	commits      int // of the smaller of commitSizes
	startItems   int
	startEvents  int
	largeEvents  int // 0 leaves the large log out
	memoryItems  int
	memoryEvents int

	idleCustomers int
	serverEvents  int
	freshEvents   int
	loadTime      time.Duration

	binary       string          // of serve; "" is the program that runs
	command      scale.Commander // makes "bench goals"
	scaleCommand scale.Commander // makes "bench scale"; nil is the program that runs
	static       static
	progress     func(step string, done, total int)
}

// full are the sizes the goals name.
func full() options {
	return options{
		rounds: 3, kernelItems: []int{100_000, 1_000_000, 10_000_000}, kernelTime: time.Second,
		ingestItems: ingestItems, ingestEvents: 2_000_000, commits: 1000,
		startItems: startItems, startEvents: 10_000_000, largeEvents: 50_000_000,
		memoryItems: 100_000, memoryEvents: 10_000_000, idleCustomers: 1_000_000,
		serverEvents: 1_500_000, freshEvents: 500, loadTime: 10 * time.Second,
	}
}

// quick are sizes for a smoke test of some minutes.
func quick() options {
	return options{
		quick: true, rounds: 1, kernelItems: []int{100_000, 1_000_000}, kernelTime: 300 * time.Millisecond,
		ingestItems: ingestItems, ingestEvents: 300_000, commits: 200,
		startItems: startItems, startEvents: 300_000,
		memoryItems: 100_000, memoryEvents: 1_000_000, idleCustomers: 200_000,
		serverEvents: 200_000, freshEvents: 100, loadTime: 2 * time.Second,
	}
}

// part measures some goals.
type part struct {
	goals   []int
	measure func(context.Context, *options) ([]Check, error)
}

func parts() []part {
	return []part{
		{[]int{1}, measureKernel},
		{[]int{6}, measureIngest},
		{[]int{6}, measureDurability},
		{[]int{10}, measureMemory},
		{[]int{2, 3, 4, 5, 7, 8}, measureHTTP},
		{[]int{9}, measureStart},
	}
}

// wants reports whether a goal was asked for.
func (o *options) wants(goal int) bool { return len(o.only) == 0 || slices.Contains(o.only, goal) }

// run measures the goals asked for, in order of their numbers.
func run(ctx context.Context, o *options) (*Result, error) {
	r := &Result{Machine: report.ThisMachine(), Quick: o.quick, Rounds: o.rounds}
	for _, p := range parts() {
		if !slices.ContainsFunc(p.goals, o.wants) {
			continue
		}
		checks, err := p.measure(ctx, o)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil { // one that fails does not take the others along
			checks = append(checks, failed(p.goals, err)...)
		}
		for i := range checks {
			if o.wants(checks[i].Goal) {
				checks[i].settle()
				r.Checks = append(r.Checks, checks[i])
			}
		}
	}
	slices.SortStableFunc(r.Checks, func(a, b Check) int { return a.Goal - b.Goal })
	return r, nil
}

// failed are the checks of goals whose measurement broke off.
func failed(goals []int, err error) []Check {
	checks := make([]Check, len(goals))
	for i, goal := range goals {
		checks[i] = Check{Goal: goal, What: titles()[goal-1], Reason: "failed: " + err.Error()}
	}
	return checks
}

// itself runs this program's "bench goals".
func itself(ctx context.Context, args ...string) *exec.Cmd {
	path, err := os.Executable()
	if err != nil {
		path = os.Args[0]
	}
	//nolint:gosec // our own program with our own arguments
	return exec.CommandContext(ctx, path, append([]string{"bench", "goals"}, args...)...)
}

// Command is "goals", to be put under "bench".
func Command() *cobra.Command {
	var fast, checkpoint bool
	var jsonOut, child, dir string
	var only []int
	var seed uint64
	var now, memory int64
	rounds := 0
	cmd := &cobra.Command{
		Use:   "goals",
		Short: "Measure the goals for speed and memory and say which are reached",
		Long: `goals measures the goals for speed and memory and prints a table with target,
measured value and verdict.

What is compared is measured in turns on this machine, and the median of the
rounds counts. Rates and times depend on the machine: leave it alone meanwhile.
A full run takes half an hour, writes several GB below --dir (removed afterwards)
and may take most of the memory; --quick takes a few minutes and leaves out, or
does not judge, what it cannot measure at full size.`,
		Example: `  osusume bench goals
  osusume bench goals --quick
  osusume bench goals --only 1,6,10 --rounds 5 --json goals.json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if child != "" {
				return openStore(cmd.Context(), child, time.Unix(now, 0).UTC(), checkpoint, memory, cmd.OutOrStdout(), cmd.ErrOrStderr(), func() { os.Exit(1) })
			}
			o := full()
			if fast {
				o = quick()
			}
			if cmd.Flags().Changed("rounds") {
				if rounds < 1 {
					return fmt.Errorf("--rounds %d: want at least 1", rounds)
				}
				o.rounds = rounds
			}
			for _, goal := range only {
				if goal < 1 || goal > len(titles()) {
					return fmt.Errorf("--only %d: want goals from 1 to %d", goal, len(titles()))
				}
			}
			o.only, o.seed, o.dir, o.command = only, seed, dir, itself
			o.static = startStatic
			update, finish := eval.ShowProgress(cmd.ErrOrStderr())
			o.progress = update
			r, err := run(cmd.Context(), &o)
			finish()
			if err != nil {
				return err
			}
			r.Command = commandLine(fast, only, o.rounds, seed)
			return eval.WriteResult(cmd.OutOrStdout(), jsonOut, r.WriteJSON, r.WriteTable)
		},
	}
	flags := cmd.Flags()
	flags.BoolVar(&fast, "quick", false, "small sizes and one round, for a smoke test")
	flags.IntSliceVar(&only, "only", nil, "goals to measure, such as 1,6,10 (default all)")
	flags.IntVar(&rounds, "rounds", 0, "rounds of each comparison (default 3, with --quick 1)")
	flags.StringVar(&jsonOut, "json", "", "file for the result as JSON; - is standard output, without the table")
	flags.StringVar(&dir, "dir", "", "folder on a disk for the logs (default the system's for temporary files)")
	flags.Uint64Var(&seed, "seed", 1, "seed of the shops")
	flags.StringVar(&child, "child", "", "open the store in this folder and say how long it took")
	flags.Int64Var(&now, "now", 0, "the time for --child, in Unix seconds")
	flags.BoolVar(&checkpoint, "checkpoint", false, "let --child use the checkpoint")
	flags.Int64Var(&memory, "memory", 0, "the memory limit for --child, in bytes")
	for _, name := range []string{"child", "now", "checkpoint", "memory"} {
		if err := flags.MarkHidden(name); err != nil {
			panic(err) // the flags are right above
		}
	}
	return cmd
}

// commandLine is how to get the same again.
func commandLine(fast bool, only []int, rounds int, seed uint64) string {
	line := "osusume bench goals"
	if fast {
		line += " --quick"
	}
	if len(only) > 0 {
		line += " --only " + strings.Trim(strings.Join(strings.Fields(fmt.Sprint(only)), ","), "[]")
	}
	return line + " --rounds " + strconv.Itoa(rounds) + " --seed " + strconv.FormatUint(seed, 10)
}
