// Command osusume gives a shop recommendations: one binary with an HTTP API,
// its store and its tools.
//
// This file and those beside it hold commands, configuration, wiring and
// signals only; every command is a few calls into the package that does the
// work. run takes its arguments, environment and streams as values, so that
// tests start the whole program in their own process.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"osusume/api/baseline"
	"osusume/bench/cold"
	"osusume/bench/complements"
	"osusume/bench/coupons"
	"osusume/bench/eval"
	"osusume/bench/goals"
	"osusume/bench/load"
	"osusume/bench/report"
	"osusume/bench/scale"
	"osusume/bench/tune"
	"osusume/recommend/engine"
)

// version is set by the linker (-X main.version=1.2.3); a plain build takes
// what the module system knows.
var version string

// process is what a run of the program gets from its surroundings.
type process struct {
	args           []string
	env            func(string) string
	stdin          io.Reader
	stdout, stderr io.Writer
	clock          func() time.Time
	// settings are the index's, out of the configuration file.
	settings engine.Settings
	// ready is called with the base URL once serve accepts requests; may be nil.
	ready func(url string)
}

// The exit codes.
const (
	exitFailed = 1
	exitUsage  = 2
	exitKilled = 130
)

func main() {
	ctx, stop := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	// The first signal asks for an orderly end, the second one is obeyed at
	// once. Default handling would not do: a process started in the background
	// of a script inherits SIGINT as ignored.
	go func() {
		<-signals
		stop()
		<-signals
		os.Exit(exitKilled)
	}()
	err := run(ctx, &process{
		args: os.Args[1:], env: os.Getenv, clock: time.Now,
		stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr,
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, "osusume:", err)
		os.Exit(exitCode(err))
	}
}

// run executes one command line.
func run(ctx context.Context, p *process) error {
	root := newRoot(p)
	started := false
	root.PersistentPreRunE = func(cmd *cobra.Command, _ []string) error {
		settings, err := configure(cmd, p.env)
		p.settings, started = settings, true
		if err != nil {
			return usageError{err}
		}
		return nil
	}
	root.SetArgs(p.args)
	root.SetIn(p.stdin)
	root.SetOut(p.stdout)
	root.SetErr(p.stderr)
	cmd, err := root.ExecuteContextC(ctx)
	if err != nil && !started {
		return usage("%w (see %s --help)", err, cmd.CommandPath())
	}
	return err
}

// newRoot returns all commands.
func newRoot(p *process) *cobra.Command {
	root := &cobra.Command{
		Use:   "osusume",
		Short: "Recommendations for any shop, learned from every event",
		Long: `Osusume (おすすめ) learns from a shop's events and answers what to recommend.

Every option can also be given as a variable OSUSUME_<NAME> (--memory-limit is
OSUSUME_MEMORY_LIMIT) or in a YAML file named by --config with one
"option: value" line each. The command line wins over variables, variables win
over the file. The file may also hold the settings of the index (models,
placements, ...).`,
		Example: `  osusume serve --demo
  osusume import --data ./osusume-data orders.csv.gz
  osusume verify --data ./osusume-data`,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.PersistentFlags().String(configFlag, "", "YAML file with options and settings of the index")
	root.AddCommand(
		newServeCommand(p),
		newImportCommand(p),
		newVerifyCommand(p),
		newBenchCommand(),
		newHealthcheckCommand(p),
		newVersionCommand(),
	)
	return root
}

// usageError is a mistake in what the user asked for, not in what we did.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

func usage(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

func exitCode(err error) int {
	if e := (usageError{}); errors.As(err, &e) {
		return exitUsage
	}
	return exitFailed
}

// dataFlag adds the option every command with a store has.
func dataFlag(cmd *cobra.Command, dir *string) {
	cmd.Flags().StringVar(dir, "data", "./osusume-data", "folder of the store")
}

// memoryFlag adds the option that bounds the Go runtime's memory.
func memoryFlag(cmd *cobra.Command, limit *byteSize) {
	cmd.Flags().Var(limit, "memory-limit", "memory to stay within, such as 512MB; 0 leaves it to GOMEMLIMIT and does not bound the index")
}

// cacheShare is the part of it for rendered answers.
const cacheShare = 0.05

// garbagePercent is how far beyond what is live the heap may grow within a memory
// limit before it is collected, in percent; without one it is 100. Collecting takes
// cores from answers for tenths of a second, so what was given is used.
const garbagePercent = 400

// apply makes b the runtime's memory limit, unless it is 0, and bounds the index.
// GOGC in the environment decides instead of garbagePercent.
func (b byteSize) apply(s *engine.Settings) {
	if b > 0 {
		debug.SetMemoryLimit(int64(b))
		if os.Getenv("GOGC") == "" {
			debug.SetGCPercent(garbagePercent)
		}
		s.MaxBytes = engine.IndexShare(int64(b))
	}
}

// cacheBytes is what rendered answers may take, 0 for the default.
func (b byteSize) cacheBytes() int64 { return int64(cacheShare * float64(b)) }

func newBenchCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "bench",
		Short:   "Measure recommendations on a shop's data",
		Example: "  osusume bench eval --task purchases --train train.csv.gz --test test.csv.gz",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(eval.Command(), report.Command(), tune.Command(), cold.Command(), complements.Command(), coupons.Command(), load.Command(load.Baseline{Name: baseline.Name, Serve: baseline.Serve}), scale.Command(), goals.Command())
	return cmd
}

func newVersionCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print the version",
		Example: "  osusume version",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "osusume %s %s %s/%s\n",
				buildVersion(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return err
		},
	}
}

// buildVersion is the version the linker was told, else the module's, else
// "devel" with the commit when it is known.
func buildVersion() string {
	if version != "" {
		return version
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "devel"
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			return "devel-" + s.Value[:12]
		}
	}
	return "devel"
}
