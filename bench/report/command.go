package report

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"osusume/bench/eval"
)

// Command is "report", to be put under "bench".
func Command() *cobra.Command {
	o := Options{}
	var data, out, date string
	named := make(map[eval.Task]*string)
	cmd := &cobra.Command{
		Use:   "report",
		Short: "Write a page that shows how good the recommendations are",
		Long: `report measures the shop's recommendations beside plain models and writes one
HTML page with tables and figures: quality by model, by neighbours kept and by
how much is known of the customer, popularity bias, coverage and novelty, and
speed. The page stands alone; mail it, print it, keep it.

--files names a folder: it and the folders in it may hold train.csv with test.csv
or baskets.csv beside it (and items.csv with item_id,category), compressed (.gz)
or not; the tasks follow from what is in them. Or name the files of a task
yourself, train first. See "osusume bench eval --help" for their columns.

The same inputs give the same page, byte by byte, apart from measured times and
the date; --no-timings and --date settle those.`,
		Example: `  osusume bench report --files ./history --out report.html
  osusume bench report --purchases train.csv.gz,test.csv.gz --out report.html
  osusume bench report --files ./history --config tuned.yaml --out report.html
  osusume bench report --files ./history --quick --out report.html`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var err error
			if o.Date, err = reportDate(date); err != nil {
				return err
			}
			if out == "" {
				return errors.New("--out: name the file to write, such as report.html")
			}
			if o.MinPrefix < 1 {
				return fmt.Errorf("--min-prefix %d: want at least 1", o.MinPrefix)
			}
			if o.Jobs, err = jobs(data, named); err != nil {
				return err
			}
			o.Machine = ThisMachine()
			update, finish := eval.ShowProgress(cmd.ErrOrStderr())
			o.Progress = update
			r, err := Measure(cmd.Context(), &o)
			finish()
			if err != nil {
				return err
			}
			size, err := save(out, r)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s: %d tasks, %s kB\n", out, len(r.Tasks), grouped((size+999)/1000))
			return err
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&out, "out", "", "file to write (required)")
	flags.StringVar(&data, "files", "", "folder with the files of one or more shops")
	for _, t := range eval.Tasks() {
		second := "TEST"
		if t == eval.Baskets {
			second = "CASES"
		}
		named[t] = flags.String(string(t), "", fmt.Sprintf("the files of task %s: TRAIN,%s", t, second))
	}
	flags.StringVar(&o.Config, "config", "", "YAML file with engine settings, compared with the defaults")
	flags.BoolVar(&o.Quick, "quick", false, fmt.Sprintf("ask about %d customers, baskets or sessions only and keep one number of neighbours", quickUnits))
	flags.BoolVar(&o.NoTimings, "no-timings", false, "leave measured times out")
	flags.IntVar(&o.MinPrefix, "min-prefix", eval.DefaultMinPrefix, "items of a session known before the first question")
	flags.Uint64Var(&o.Seed, "seed", 1, "seed of the bootstrap")
	flags.StringVar(&date, "date", "", "date of the report, YYYY-MM-DD (default today)")
	return cmd
}

func reportDate(text string) (time.Time, error) {
	if text == "" {
		return time.Now(), nil
	}
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return time.Time{}, fmt.Errorf("--date %q: want YYYY-MM-DD", text)
	}
	return t, nil
}

// jobs are those of the folder, then those named.
func jobs(data string, named map[eval.Task]*string) ([]Job, error) {
	var all []Job
	if data != "" {
		found, err := Discover(data)
		if err != nil {
			return nil, err
		}
		all = found
	}
	for _, t := range eval.Tasks() {
		if *named[t] == "" {
			continue
		}
		train, second, ok := strings.Cut(*named[t], ",")
		if !ok || train == "" || second == "" || strings.Contains(second, ",") {
			return nil, fmt.Errorf("--%s %q: want two files with a comma between them", t, *named[t])
		}
		job := Job{Name: filepath.Base(filepath.Dir(absolute(train))), Task: t, Train: train}
		if t == eval.Baskets {
			job.Cases = second
		} else {
			job.Test = second
		}
		all = append(all, job)
	}
	if len(all) == 0 {
		return nil, errors.New("--files: name a folder, or the files of a task (--purchases TRAIN,TEST)")
	}
	return all, nil
}

// absolute is path from the root, or path itself where the working folder is
// not known: it only serves as a name.
func absolute(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		return abs
	}
	return path
}

func save(path string, r *Report) (size int, err error) {
	var b bytes.Buffer
	if err := r.WriteHTML(&b); err != nil {
		return 0, err
	}
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		return 0, fmt.Errorf("write --out: %w", err)
	}
	return b.Len(), nil
}
