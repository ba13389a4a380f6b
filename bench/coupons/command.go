package coupons

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"osusume/bench/eval"
)

// Command is "offers", to be put under "bench".
func Command() *cobra.Command {
	var cutDay, out string
	var seed uint64
	cmd := &cobra.Command{
		Use:   "offers [flags] DIR",
		Short: "Measure how often the offers decided hold the coupon redeemed",
		Long: `offers makes an offer of every coupon of the Complete Journey data in DIR. For
each redemption it decides offers for the household with what was known before that
day, ranks them, and tells how often the first 1, 5 and 10 hold the one redeemed,
against popular and random coupons. Weights are from campaigns that began before
--cut, figures from the later ones.`,
		Example: `  osusume bench offers ./completejourney
  osusume bench offers --json offers.json ./completejourney`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			cut, err := time.Parse(time.DateOnly, cutDay)
			if err != nil {
				return fmt.Errorf("--cut %s: want a day such as 2017-08-01", cutDay)
			}
			h, err := read(args[0])
			if err != nil {
				return err
			}
			update, finish := eval.ShowProgress(cmd.ErrOrStderr())
			defer finish()
			s, err := look(cmd.Context(), h, cut, update)
			if err != nil {
				return err
			}
			update("fit", 0, 0)
			result, err := measure(h, s, cut, seed)
			if err != nil {
				return err
			}
			finish()
			return eval.WriteResult(cmd.OutOrStdout(), out, result.writeJSON, result.writeTable)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&cutDay, "cut", "2017-08-01", "first day of the campaigns that are judged")
	flags.StringVar(&out, "json", "", "file for the result as JSON; - is standard output, without the table")
	flags.Uint64Var(&seed, "seed", 1, "seed of the bootstrap")
	return cmd
}
