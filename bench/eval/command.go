package eval

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/spf13/cobra"

	"osusume/recommend/engine"
)

// Command is "eval", to be put under "bench".
func Command() *cobra.Command {
	var cfg Config
	var task, settings, out string
	cmd := &cobra.Command{
		Use:   "eval",
		Short: "Measure the quality of recommendations on past events",
		Long: `eval trains the engine that serves on one part of a shop's history, asks it
for the customers, carts or sessions of another part and counts what it foresaw.

Tasks:
  purchases  what a customer buys next         --train, --test
  baskets    what else belongs in the cart     --train, --cases
  sessions   the next item of a session        --train, --test, --min-prefix
  ratings    what a customer rates next        --train, --test

Files are events CSVs (event,time,customer_id,session_id,order_id,item_id,
quantity,price,value), compressed or not; --cases is a CSV with the columns
invoice,cart,hidden,seed,rest and "|" between items; --items one with item_id
and category ("/" between levels), which adds the diversity of lists. Cut them by time: --test
must be later than --train.

Models: default is what the placements of a shop answer with; the rest are
plain models to compare with: ` + strings.Join(allModels(), ", ") + `.`,
		Example: `  osusume bench eval --task purchases --train train.csv.gz --test test.csv.gz
  osusume bench eval --task purchases --train train.csv.gz --test test.csv.gz --model cosine
  osusume bench eval --task baskets --train train.csv.gz --cases baskets.csv.gz --json baskets.json
  osusume bench eval --task sessions --train train.csv.gz --test test.csv.gz --min-prefix 2
  osusume bench eval --task ratings --train train.csv.gz --test test.csv.gz --config tuned.yaml`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg.Task = Task(task)
			if cmd.Flags().Changed("min-prefix") && cfg.MinPrefix < 1 {
				return fmt.Errorf("--min-prefix %d: want at least 1", cfg.MinPrefix)
			}
			if settings != "" {
				s, err := ReadSettings(settings)
				if err != nil {
					return err
				}
				cfg.Settings = s
			}
			update, finish := ShowProgress(cmd.ErrOrStderr())
			cfg.Progress = update
			result, err := Run(cmd.Context(), cfg)
			finish()
			if err != nil {
				return err
			}
			return WriteResult(cmd.OutOrStdout(), out, result.WriteJSON, result.WriteTable)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&task, "task", "", "purchases, baskets, sessions or ratings (required)")
	flags.StringVar(&cfg.Train, "train", "", "events CSV to learn from (required)")
	flags.StringVar(&cfg.Test, "test", "", "events CSV to foresee")
	flags.StringVar(&cfg.Cases, "cases", "", "CSV of basket cases")
	flags.StringVar(&cfg.Items, "items", "", "CSV with the columns item_id,category, for the diversity of lists")
	flags.IntVar(&cfg.MinPrefix, "min-prefix", 0, fmt.Sprintf("items of a session known before the first question (default %d)", DefaultMinPrefix))
	flags.StringVar(&settings, "config", "", "YAML file with engine settings")
	flags.StringVar(&cfg.Model, "model", DefaultModel, "model to measure")
	flags.StringVar(&out, "json", "", "file for the result as JSON; - is standard output, without the table")
	flags.Uint64Var(&cfg.Seed, "seed", 1, "seed of the bootstrap")
	return cmd
}

// allModels lists the plain models of all tasks.
func allModels() []string {
	seen := make(itemSet)
	var names []string
	for _, t := range Tasks() {
		for _, m := range Models(t) {
			if m != DefaultModel && !seen.has(m) {
				seen.add(m)
				names = append(names, m)
			}
		}
	}
	return names
}

// ReadSettings reads a YAML file of engine settings; keys it does not know are errors.
func ReadSettings(path string) (*engine.Settings, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read --config: %w", err)
	}
	var s engine.Settings
	d := yaml.NewDecoder(bytes.NewReader(text), yaml.Strict())
	if err := d.Decode(&s); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read --config %s: %w", path, err)
	}
	return &s, nil
}
