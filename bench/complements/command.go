package complements

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"osusume/bench/datasets"
	"osusume/bench/eval"
)

// Command is "complements", to be put under "bench".
func Command() *cobra.Command {
	var train, cases, catalog, from, by, out string
	var seed uint64
	cmd := &cobra.Command{
		Use:   "complements",
		Short: "Measure what is suggested beside an item against raw co-occurrence",
		Long: `complements asks for what goes with one item of a basket and counts how much of
the rest of the basket that foresaw, against the items bought with it most often:
as many cases, lists of the same length. It counts how many of the suggestions
are of the item's own family, which would compete with it.

Files are those of "bench eval --task baskets", and the published Online Retail
file for descriptions, from which families are derived. To choose between two ways
of ranking, leave --cases out and name a day with --from: what the train file holds
of that day and later is asked for, and only what lies before is learned.`,
		Example: `  osusume bench complements --train train.csv.gz --cases baskets.csv.gz --online-retail online_retail.csv.gz
  osusume bench complements --train train.csv.gz --cases baskets.csv.gz --online-retail online_retail.csv.gz --json complements.json
  osusume bench complements --train train.csv.gz --from 2011-10-10 --online-retail online_retail.csv.gz`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			for flag, value := range map[string]string{"train": train, "online-retail": catalog} {
				if value == "" {
					return fmt.Errorf("--%s: name the file", flag)
				}
			}
			if (cases == "") == (from == "") {
				return errors.New("--cases: name the file, or with --from the day from which the train file is asked for")
			}
			events, err := readEvents(train)
			if err != nil {
				return err
			}
			var baskets []datasets.Basket
			if from == "" {
				baskets, err = datasets.ReadBaskets(cases)
			} else {
				events, baskets, err = holdOut(events, from)
			}
			if err != nil {
				return err
			}
			titles, err := readTitles(cmd.Context(), catalog)
			if err != nil {
				return err
			}
			families, err := familiesBy(by, titles)
			if err != nil {
				return err
			}
			update, finish := eval.ShowProgress(cmd.ErrOrStderr())
			defer finish()
			view, err := learn(cmd.Context(), events, families, update)
			if err != nil {
				return err
			}
			result, err := Measure(cmd.Context(), view, baskets, families, seed, update)
			if err != nil {
				return err
			}
			finish()
			return eval.WriteResult(cmd.OutOrStdout(), out, result.writeJSON, result.writeTable)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&train, "train", "", "events CSV to learn from (required)")
	flags.StringVar(&cases, "cases", "", "CSV of basket cases")
	flags.StringVar(&from, "from", "", "day (2011-10-10) of the train file from which orders are cases instead")
	flags.StringVar(&by, "families", byTitles, "what makes a family: titles, or codes for the shop's own variants alone")
	flags.StringVar(&catalog, "online-retail", "", "the UCI Online Retail file, for titles (required)")
	flags.StringVar(&out, "json", "", "file for the result as JSON; - is standard output, without the table")
	flags.Uint64Var(&seed, "seed", 1, "seed of the bootstrap")
	return cmd
}
