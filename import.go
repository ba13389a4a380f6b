package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	"osusume/bench/datasets"
)

type importOptions struct {
	data, columns, currency, rejects string
	format                           choice
	memory                           byteSize
}

func newImportCommand(p *process) *cobra.Command {
	o := importOptions{format: choice{
		value:   string(datasets.EventsCSV),
		allowed: []string{string(datasets.EventsCSV), string(datasets.OnlineRetail), string(datasets.CompleteJourney)},
	}}
	cmd := &cobra.Command{
		Use:   "import [flags] FILE...",
		Short: "Import events from files",
		Long: `Import events from CSV files, compressed with gzip or not; "-" is standard input.

The events format has a header with the columns event, time, customer_id,
session_id, order_id, item_id, quantity, price and value; --columns maps any
other header to it. online-retail is the UCI Online Retail file as published,
completejourney a folder with the tables of dunnhumby's Complete Journey.

Importing a file again changes nothing, and an import that was stopped half-way
completes when it is run again. No server may hold the data folder meanwhile.`,
		Example: `  osusume import orders.csv.gz
  osusume import --format online-retail online_retail.csv.gz
  osusume import --format completejourney ./completejourney
  osusume import --columns "event:=purchase,time=ordered_at,customer_id=user,order_id=basket,item_id=sku" shop.csv
  zcat events.csv.gz | osusume import --currency USD --rejects rejects.csv -`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, files []string) error {
			return importFiles(cmd.Context(), p, &o, files)
		},
	}
	dataFlag(cmd, &o.data)
	f := cmd.Flags()
	f.Var(&o.format, "format", "layout of the files")
	f.StringVar(&o.columns, "columns", "", "where columns come from, as name=header,... or name:=text for a fixed one")
	f.StringVar(&o.currency, "currency", "", "currency of prices (default JPY, GBP for online-retail, USD for completejourney)")
	f.StringVar(&o.rejects, "rejects", "", "file for the rows that cannot be used, with line and reason")
	memoryFlag(cmd, &o.memory)
	return cmd
}

func importFiles(ctx context.Context, p *process, o *importOptions, files []string) (err error) {
	if o.rejects != "" && len(files) > 1 {
		return usage("--rejects: lines are counted per file; import one file at a time")
	}
	columns, err := datasets.ParseColumns(o.columns)
	if err != nil {
		return usage("--%w", err)
	}
	var rejects io.Writer
	if o.rejects != "" {
		f, err := os.Create(o.rejects)
		if err != nil {
			return fmt.Errorf("create rejects file: %w", err)
		}
		defer func() { err = errors.Join(err, f.Close()) }()
		rejects = f
	}
	o.memory.apply(&p.settings)
	logger := newLogger(p.stderr, "text", "warn")
	if err := refuseDemo(o.data); err != nil {
		return err
	}
	s, err := openShop(ctx, shopConfig{
		dir: o.data, settings: p.settings, logger: logger, clock: p.clock,
		fillOnly: true, // the server makes lists and learns
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	for _, name := range files {
		if err := importFile(ctx, p, o, s, name, columns, rejects); err != nil {
			return err
		}
	}
	return nil
}

func importFile(ctx context.Context, p *process, o *importOptions, s *shop, name string, columns datasets.Columns, rejects io.Writer) error {
	opts := datasets.Options{Format: datasets.Format(o.format.value), Columns: columns, Currency: o.currency}
	if opts.Format == datasets.CompleteJourney {
		journey, err := datasets.NewJourney(name)
		if err != nil {
			return err
		}
		if opts.Items, err = journey.Products(); err != nil {
			return err
		}
		name = journey.Transactions()
	}
	in, size, err := datasets.Open(name, p.stdin)
	if err != nil {
		return err
	}
	defer in.Close() //nolint:errcheck // only read from
	bar := datasets.NewBar(p.stderr, name, isTerminal(p.stderr), p.clock)
	sum, err := datasets.Import(ctx, in, datasets.ImportOptions{
		Options:    opts,
		Rejects:    rejects,
		TotalBytes: size,
		Progress:   bar.Update,
		Known:      s.View().Item,
		Clock:      p.clock,
	}, s)
	bar.Finish()
	summarize(p.stdout, name, &sum, o.rejects)
	if err != nil && ctx.Err() != nil {
		return fmt.Errorf("%s: stopped half-way; run it again to complete: %w", name, err)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

func summarize(w io.Writer, name string, sum *datasets.Summary, rejects string) {
	rate := ""
	if s := sum.Took.Seconds(); s > 0 {
		rate = fmt.Sprintf(" (%s rows/s)", humanize.Comma(int64(float64(sum.Rows)/s)))
	}
	fmt.Fprintf(w, "%s: %s rows in %s%s\n", name, humanize.Comma(sum.Rows), sum.Took.Round(10*time.Millisecond), rate)
	fmt.Fprintf(w, "  events    %s new, %s already there\n", humanize.Comma(sum.Accepted), humanize.Comma(sum.Duplicates))
	fmt.Fprintf(w, "  items     %s created or changed\n", humanize.Comma(sum.Items))
	if len(sum.Skipped) > 0 {
		var parts []string
		for _, reason := range slices.Sorted(maps.Keys(sum.Skipped)) {
			parts = append(parts, humanize.Comma(sum.Skipped[reason])+" "+reason)
		}
		fmt.Fprintf(w, "  skipped   %s\n", strings.Join(parts, ", "))
	}
	where := ""
	switch {
	case sum.Rejected > 0 && rejects != "":
		where = ", each with its reason in " + rejects
	case sum.Rejected > 0:
		where = "; --rejects FILE writes each with its reason"
	}
	fmt.Fprintf(w, "  rejected  %s rows%s\n", humanize.Comma(sum.Rejected), where)
}
