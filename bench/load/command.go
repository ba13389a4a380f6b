package load

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"osusume/bench/eval"
	"osusume/bench/synthetic"
)

// options are the flags of the command.
type options struct {
	load   Config
	server ServerConfig
	mix    string
	ids    string
	json   string
}

// Command is "load", to be put under "bench".
func Command() *cobra.Command {
	o := options{}
	cmd := &cobra.Command{
		Use:   "load",
		Short: "Send load to a server and measure its answers",
		Long: `load sends what a shop's visitors send and measures how long answers take.

With --rate it is an open loop: arrivals are a schedule (Poisson, from --seed),
and latency counts from when a request was due, so a stall of the server counts
for everyone who came meanwhile. Without, it is a closed loop of --clients
connections, which finds the saturation rate.

Without --url it starts a server of its own in a temporary folder, fills it with
a synthetic shop and removes it afterwards. Client and server then share the
machine: the client's own processor time is part of the result.`,
		Example: `  osusume bench load --mix page
  osusume bench load --mix mixed --rate 5000 --duration 30s --json load.json
  osusume bench load --url http://127.0.0.1:8080 --ids items.txt --rate 200`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd) },
	}
	f := cmd.Flags()
	f.StringVar(&o.load.URL, "url", "", "server to measure, http://host:port; default one of its own")
	f.StringVar(&o.ids, "ids", "", "file with an item id a line, best sellers first, to ask for instead of the synthetic ones")
	f.StringVar(&o.mix, "mix", string(Page), "what is sent: "+mixNames())
	f.Float64Var(&o.load.Rate, "rate", 0, "arrivals a second; 0 is a closed loop")
	f.IntVar(&o.load.Clients, "clients", 0, "connections (default 64, or at most 256 with --rate)")
	f.DurationVar(&o.load.Duration, "duration", 10*time.Second, "how long to measure")
	f.DurationVar(&o.load.Warmup, "warmup", 2*time.Second, "how long to send before measuring")
	f.DurationVar(&o.load.Timeout, "timeout", 10*time.Second, "longest wait for an answer")
	f.IntVar(&o.load.Batch, "batch", 100, "events of a batch in --mix ingest")
	f.IntVar(&o.load.Limit, "limit", 10, "length of the lists asked for")
	f.StringArrayVar(&o.load.Header, "header", nil, "further header of every request, such as 'Authorization: Bearer sk_...'; repeat it for more")
	f.Uint64Var(&o.load.Seed, "seed", 1, "seed of the shop, the arrivals and the visitors")
	f.IntVar(&o.server.Items, "items", 100_000, "items of the synthetic shop")
	f.IntVar(&o.server.Customers, "customers", 100_000, "customers of the synthetic shop")
	f.IntVar(&o.server.Events, "events", defaultFill, "events its own server is filled with")
	f.BoolVar(&o.server.Catalog, "catalog", true, "give its own server the items with titles and prices; without, items that had no event are unknown")
	f.StringArrayVar(&o.server.Args, "serve-arg", nil, "further argument of its own server's serve, such as --learn-share=0; repeat it for more")
	f.StringVar(&o.json, "json", "", "file for the result as JSON; - is standard output, without the table")
	return cmd
}

func mixNames() string {
	names := make([]string, 0, len(Mixes()))
	for _, m := range Mixes() {
		names = append(names, string(m))
	}
	return strings.Join(names, ", ")
}

func (o *options) run(cmd *cobra.Command) (err error) {
	ctx := cmd.Context()
	o.load.Mix = Mix(o.mix)
	if _, err := o.load.Mix.shares(); err != nil {
		return err
	}
	if o.server.Events == 0 {
		o.server.Events = -1
	}
	o.server.Seed = o.load.Seed
	if o.ids != "" {
		if o.load.Items, err = readIDs(o.ids); err != nil {
			return err
		}
	}
	o.load.Shop = synthetic.New(synthetic.Config{Items: o.server.Items, Customers: o.server.Customers, Seed: o.server.Seed})
	update, finish := eval.ShowProgress(cmd.ErrOrStderr())
	defer finish()
	if o.load.URL == "" {
		o.server.Progress = update
		fmt.Fprintf(cmd.ErrOrStderr(), "filling a server of its own with %d events\n", max(o.server.Events, 0))
		server, err := StartServer(ctx, o.server)
		if err != nil {
			return err
		}
		finish()
		defer func() { err = errors.Join(err, server.Stop()) }()
		o.load.URL, o.load.Shop = server.URL, server.Shop
	}
	if err := checkRoute(ctx, &o.load); err != nil {
		return err
	}
	result, err := Run(ctx, o.load)
	if err != nil {
		return err
	}
	if o.json != "-" {
		if err := result.writeTable(cmd.OutOrStdout()); err != nil {
			return err
		}
	}
	return writeJSON(cmd.OutOrStdout(), o.json, result)
}

// writeJSON writes v to a file, to out for "-", nowhere for "".
func writeJSON(out io.Writer, path string, v any) error {
	if path == "" {
		return nil
	}
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return fmt.Errorf("write --json: %w", err)
	}
	text = append(text, '\n')
	if path == "-" {
		_, err = out.Write(text)
	} else {
		err = os.WriteFile(path, text, 0o600)
	}
	if err != nil {
		return fmt.Errorf("write --json: %w", err)
	}
	return nil
}

// readIDs reads an id a line.
func readIDs(path string) ([]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read --ids: %w", err)
	}
	defer f.Close()
	var ids []string
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		if id := strings.TrimSpace(lines.Text()); id != "" {
			ids = append(ids, id)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read --ids: %w", err)
	}
	if len(ids) == 0 {
		return nil, fmt.Errorf("read --ids: %s holds no id", path)
	}
	return ids, nil
}
