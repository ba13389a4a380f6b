package tune

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"osusume/bench/datasets"
	"osusume/bench/eval"
)

const defaultBudget = 5 * time.Minute

// Command is "tune", to be put under "bench".
func Command() *cobra.Command {
	var cfg Config
	var task, out string
	cmd := &cobra.Command{
		Use:   "tune",
		Short: "Choose settings for a shop from its own history",
		Long: `tune tries settings of the index on validation cuts inside the train file and
writes those that are better than the defaults as YAML for "osusume serve
--config" and "osusume bench eval --config". It reads no other data.

An existing --out keeps all that is not of this task, so the tasks of a shop can
be tuned into one file. What was measured is noted in OUT.TASK.progress: a run that
was stopped goes on when it is started again, and a finished one searches on;
--restart forgets the notes.

The budget is wall time. Settings then depend on how fast the machine is; with
--trials instead they do not.`,
		Example: `  osusume bench tune --task purchases --train train.csv.gz --out tuned.yaml
  osusume bench tune --task sessions --train views.csv.gz --min-prefix 2 --budget 10m --out tuned.yaml
  osusume bench eval --task purchases --train train.csv.gz --test test.csv.gz --config tuned.yaml`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg.Task = eval.Task(task)
			if cmd.Flags().Changed("min-prefix") && cfg.MinPrefix < 1 {
				return fmt.Errorf("--min-prefix %d: want at least 1", cfg.MinPrefix)
			}
			if cfg.Limits.Trials > 0 && !cmd.Flags().Changed("budget") {
				cfg.Limits.Budget = 0
			}
			if out == "" {
				return errors.New("--out: name the YAML file to write")
			}
			view := newProgressView(cmd.ErrOrStderr(), datasets.IsTerminal(cmd.ErrOrStderr()), time.Now)
			cfg.Progress = view.update
			result, err := tuneInto(cmd.Context(), cfg, out)
			view.finish()
			if err != nil {
				return err
			}
			return result.WriteTable(cmd.OutOrStdout())
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&task, "task", "", "purchases, baskets, sessions or ratings (required)")
	flags.StringVar(&cfg.Train, "train", "", "events CSV to choose by (required)")
	flags.IntVar(&cfg.MinPrefix, "min-prefix", 0, fmt.Sprintf("items of a session known before the first question (default %d)", eval.DefaultMinPrefix))
	flags.DurationVar(&cfg.Limits.Budget, "budget", defaultBudget, "wall time to spend; 0 goes on until nothing gets better")
	flags.IntVar(&cfg.Limits.Trials, "trials", 0, "models to measure instead, once per cut")
	flags.StringVar(&out, "out", "", "YAML file to write or to update (required)")
	flags.BoolVar(&cfg.Restart, "restart", false, "forget what earlier runs measured")
	flags.Uint64Var(&cfg.Seed, "seed", 1, "seed of the cuts and the bootstrap")
	return cmd
}

// tuneInto runs cfg on top of the settings in the file out and puts what it
// chose there.
func tuneInto(ctx context.Context, cfg Config, out string) (Result, error) {
	d, err := readDocument(out)
	if err != nil {
		return Result{}, err
	}
	if cfg.Base, err = d.settings(); err != nil {
		return Result{}, err
	}
	// A folder that is not there should not be found out at the end.
	if _, err := os.Stat(filepath.Dir(out)); err != nil {
		return Result{}, fmt.Errorf("write --out: %w", err)
	}
	cfg.Journal = fmt.Sprintf("%s.%s.progress", out, cfg.Task)
	r, err := Run(ctx, cfg)
	if err != nil {
		if errors.Is(err, context.Canceled) {
			return r, fmt.Errorf("stopped; start again to go on from there (%s): %w", cfg.Journal, err)
		}
		return r, err
	}
	if err := d.put(&r, cfg.commandLine()); err != nil {
		return r, err
	}
	return r, d.write(out)
}

// commandLine is how to get the same again, without the folders of one machine.
func (c *Config) commandLine() string {
	line := fmt.Sprintf("osusume bench tune --task %s --train %s", c.Task, filepath.Base(c.Train))
	if c.MinPrefix > 0 {
		line += fmt.Sprintf(" --min-prefix %d", c.MinPrefix)
	}
	if c.Limits.Budget > 0 {
		line += " --budget " + c.Limits.Budget.String()
	}
	if c.Limits.Trials > 0 {
		line += fmt.Sprintf(" --trials %d", c.Limits.Trials)
	}
	return line + fmt.Sprintf(" --seed %d", c.Seed)
}
