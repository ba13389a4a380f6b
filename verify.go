package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	"osusume/recommend"
	"osusume/recommend/engine"
	"osusume/recommend/live"
	"osusume/store"
)

func newVerifyCommand(p *process) *cobra.Command {
	var dir string
	var index bool
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Check a store from end to end",
		Long: `Read everything in the data folder and check it: checksums, the chain of
batches, gaps, event ids, the high-water mark and the checkpoint. Status 0 says
that all of it is sound; every fault is named. No server may hold the folder.

--index also builds the index twice, from the checkpoint and from the log
alone, and compares the two.`,
		Example: `  osusume verify --data ./osusume-data
  osusume verify --index`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return verify(cmd.Context(), p, dir, index)
		},
	}
	dataFlag(cmd, &dir)
	cmd.Flags().BoolVar(&index, "index", false, "also compare the index with one rebuilt from the log")
	return cmd
}

func verify(ctx context.Context, p *process, dir string, index bool) (err error) {
	log, err := store.Open(dir, store.Options{Logger: newLogger(p.stderr, "text", "warn")})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	report, err := log.Verify(ctx, nil)
	if err != nil {
		return fmt.Errorf("verify store: %w", err)
	}
	for _, problem := range report.Problems {
		fmt.Fprintf(p.stdout, "FAULT  %s: %s\n", problem.Part, problem.Detail)
	}
	if n := len(report.Problems); n > 0 {
		return fmt.Errorf("verify store: %d faults in %s", n, dir)
	}
	for _, gap := range report.AcceptedLoss {
		fmt.Fprintf(p.stdout, "note   %s are missing, which was accepted\n", gap)
	}
	fmt.Fprintf(p.stdout, "store  %s records in %s are sound\n",
		humanize.Comma(int64(report.Records)), humanize.Bytes(report.PayloadBytes))
	if report.Documents+report.Decisions > 0 {
		fmt.Fprintf(p.stdout, "store  %s documents and %s records of offers are sound\n",
			humanize.Comma(int64(report.Documents)), humanize.Comma(int64(report.Decisions)))
	}
	if !index {
		return nil
	}
	// Both are built as of one moment, so that only the way there differs.
	now := p.clock()
	clock := func() time.Time { return now }
	saved, err := indexDigest(ctx, p.settings, log, clock, false)
	if err != nil {
		return err
	}
	rebuilt, err := indexDigest(ctx, p.settings, log, clock, true)
	if err != nil {
		return err
	}
	if saved != rebuilt {
		return fmt.Errorf("verify index: the checkpoint leads to %s, the log alone to %s", saved, rebuilt)
	}
	fmt.Fprintf(p.stdout, "index  %s, from the checkpoint as from the log alone\n", rebuilt)
	return nil
}

// indexDigest builds the index without changing the store and returns what
// identifies its state.
func indexDigest(ctx context.Context, settings engine.Settings, log live.Log, clock func() time.Time, ignoreCheckpoint bool) (digest string, err error) {
	l, err := live.Open(ctx, live.Config{
		Log: readOnlyLog{log}, Settings: settings, Clock: clock, Logger: slog.New(slog.DiscardHandler),
		IgnoreCheckpoint: ignoreCheckpoint, FillOnly: true,
	})
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	return l.Digest(ctx)
}

// readOnlyLog keeps what is checked as it is.
type readOnlyLog struct{ live.Log }

func (readOnlyLog) Append([]recommend.Record) ([]recommend.Appended, error) {
	return nil, errors.New("append to a log that is being verified")
}

func (readOnlyLog) SaveCheckpoint(uint64, func(w io.Writer) error) error { return nil }
