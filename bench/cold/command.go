package cold

import (
	"bytes"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"osusume/bench/demoshop"
	"osusume/bench/eval"
	"osusume/recommend/engine"
)

// Command is "cold", to be put under "bench".
func Command() *cobra.Command {
	var retail, config, out string
	var weeks, skip int
	var seed uint64
	cmd := &cobra.Command{
		Use:   "cold",
		Short: "Measure what new items gain from their likeness to known ones",
		Long: `cold takes away the history of some items, as if they had just arrived, and
asks whom they should be shown to: customers who then bought them should see
them first. It compares the engine's answer with bestsellers, a random order and
the order of ids, and tells what exploration costs in the lists as they are
served.

The demo shop is measured always; --online-retail adds the published UCI file
(items first sold in its last weeks).`,
		Example: `  osusume bench cold
  osusume bench cold --online-retail online_retail.csv.gz --json cold.json
  osusume bench cold --online-retail online_retail.csv.gz --skip-weeks 4`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if weeks < 1 || skip < 0 {
				return fmt.Errorf("--weeks %d --skip-weeks %d: want at least 1 and 0", weeks, skip)
			}
			var settings engine.Settings
			if config != "" {
				s, err := eval.ReadSettings(config)
				if err != nil {
					return err
				}
				settings = *s
			}
			shops := []*history{demo(demoshop.Config{Seed: seed})}
			if retail != "" {
				h, err := onlineRetail(cmd.Context(), retail)
				if err != nil {
					return err
				}
				shops = append(shops, h)
			}
			update, finish := eval.ShowProgress(cmd.ErrOrStderr())
			defer finish()
			var results []Result
			for _, h := range shops {
				s, err := newSplit(h, weeks, skip)
				if err != nil {
					return err
				}
				r, err := measure(cmd.Context(), s, settings, seed, update)
				if err != nil {
					return err
				}
				results = append(results, r)
				if out == "-" {
					continue
				}
				finish()
				if err := r.writeTable(cmd.OutOrStdout()); err != nil {
					return err
				}
			}
			return save(cmd, out, results)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&retail, "online-retail", "", "the UCI Online Retail file, compressed or not")
	flags.IntVar(&weeks, "weeks", 4, "weeks after the cut")
	flags.IntVar(&skip, "skip-weeks", 0, "weeks at the end of the history to leave out, for tuning on an earlier part")
	flags.StringVar(&config, "config", "", "YAML file with engine settings")
	flags.StringVar(&out, "json", "", "file for the results as JSON; - is standard output, without the tables")
	flags.Uint64Var(&seed, "seed", 1, "seed of the demo shop, the random order and the bootstrap")
	return cmd
}

func save(cmd *cobra.Command, out string, results []Result) error {
	switch out {
	case "":
		return nil
	case "-":
		return writeJSON(cmd.OutOrStdout(), results)
	}
	var b bytes.Buffer
	if err := writeJSON(&b, results); err != nil {
		return err
	}
	if err := os.WriteFile(out, b.Bytes(), 0o600); err != nil {
		return fmt.Errorf("write --json: %w", err)
	}
	return nil
}
