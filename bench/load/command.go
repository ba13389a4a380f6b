package load

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"osusume/bench/eval"
	"osusume/bench/report"
	"osusume/bench/synthetic"
)

// options are the flags of the command.
type options struct {
	load   Config
	server ServerConfig
	mix    string
	ids    string
	json   string
	html   string

	ramp, soak  bool
	compare     string
	staticBytes int
	slice       time.Duration
}

// Command is "load", to be put under "bench". The baseline is what --compare
// static holds the server against.
func Command(baseline Baseline) *cobra.Command {
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
machine: the client's own processor time is part of the result.

--ramp finds the rate at which latency explodes, --compare measures two servers
in turns and prints ratios, --soak looks for what grows in a long run. Ctrl-C
ends a run early and prints what there is.`,
		Example: `  osusume bench load --mix page
  osusume bench load --mix mixed --rate 5000 --duration 30s --json load.json
  osusume bench load --mix mixed --ramp --html ramp.html
  osusume bench load --mix related --compare static --duration 40s
  osusume bench load --soak --rate 5000 --duration 30m --html soak.html
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
	f.StringVar(&o.html, "html", "", "file for the result as a page with latency curves")
	f.BoolVar(&o.ramp, "ramp", false, "offer rates that rise from --rate (default a part of the saturation rate), each for --duration (default 5s), and find the knee")
	f.StringVar(&o.compare, "compare", "", "another server, http://host:port, to measure in turns; static is a built-in one with constant answers")
	f.DurationVar(&o.slice, "slice", time.Second, "length of a turn of --compare")
	f.IntVar(&o.staticBytes, "static-bytes", 1024, "length of the answers of --compare static")
	f.BoolVar(&o.soak, "soak", false, "watch memory, goroutines and descriptors, and latency by the minute; fails when they do not hold")
	cmd.AddCommand(newStaticCommand(baseline))
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
	if err := o.check(cmd); err != nil {
		return err
	}
	o.load.Shop = synthetic.New(synthetic.Config{Items: o.server.Items, Customers: o.server.Customers, Seed: o.load.Seed})
	update, finish := eval.ShowProgress(cmd.ErrOrStderr())
	defer finish()
	d := Document{Machine: report.ThisMachine(), Command: "osusume " + strings.Join(os.Args[1:], " "), Shop: "A server at " + o.load.URL + "."}
	if o.load.URL == "" {
		o.server.Progress = update
		server, err := StartServer(ctx, o.server)
		if err != nil {
			return err
		}
		finish()
		defer func() { err = errors.Join(err, server.Stop()) }()
		o.load.URL, o.load.Shop, o.load.PID = server.URL, server.Shop, server.PID()
		d.Shop = fmt.Sprintf("A synthetic shop of %s items, %s customers and %s events.",
			count(float64(o.server.Items)), count(float64(o.server.Customers)), count(float64(max(o.server.Events, 0))))
	}
	if err := checkRoute(ctx, &o.load); err != nil {
		return err
	}
	if err := o.measure(cmd, &d, update); err != nil {
		return err
	}
	finish()
	if o.json != "-" {
		if err := d.writeTables(cmd.OutOrStdout()); err != nil {
			return err
		}
	}
	if err := writeJSON(cmd.OutOrStdout(), o.json, &d); err != nil {
		return err
	}
	if err := writeHTML(o.html, &d); err != nil {
		return err
	}
	if d.Soak != nil && !d.Soak.OK() {
		return errors.New("the soak did not hold")
	}
	return nil
}

// check completes the flags and refuses those that do not fit together.
func (o *options) check(cmd *cobra.Command) (err error) {
	changed := cmd.Flags().Changed
	modes := 0
	for _, on := range []bool{o.ramp, o.compare != "", o.soak} {
		if on {
			modes++
		}
	}
	if modes > 1 {
		return errors.New("--ramp, --compare and --soak: want one of them")
	}
	if o.soak && !changed("mix") {
		o.mix = string(Mixed)
	}
	if o.soak && o.load.Rate <= 0 {
		return errors.New("--soak needs --rate: half of the saturation rate is usual")
	}
	if o.ramp && !changed("duration") {
		o.load.Duration = rampStep
	}
	if o.load.Mix = Mix(o.mix); o.load.Mix != "" {
		if _, err := o.load.Mix.shares(); err != nil {
			return err
		}
	}
	if o.server.Events == 0 {
		o.server.Events = -1
	}
	o.server.Seed = o.load.Seed
	if o.ids != "" {
		o.load.Items, err = readIDs(o.ids)
	}
	return err
}

// measure fills the part of d that was asked for.
func (o *options) measure(cmd *cobra.Command, d *Document, update func(string, int, int)) (err error) {
	ctx := cmd.Context()
	switch {
	case o.ramp:
		r, err := RunRamp(ctx, o.load, update)
		d.Ramp = &r
		return err
	case o.compare != "":
		other, name, cfg := o.compare, o.compare, o.load
		var otherPID int
		if o.compare == staticCommand {
			static, err := StartStatic(ctx, "", o.staticBytes)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, static.Stop()) }()
			other, name, otherPID = static.URL, static.Name, static.PID()
		}
		c, err := RunComparison(ctx, cfg, "osusume", Other{URL: other, Name: name, PID: otherPID}, o.slice, update)
		d.Compare = &c
		return err
	case o.soak:
		s, err := RunSoak(ctx, SoakConfig{Load: o.load, Progress: update})
		d.Soak = &s
		return err
	default:
		start, total := time.Now(), o.load.Warmup+o.load.Duration
		cfg := o.load
		cfg.Window = func(at time.Duration, l Latency, bad int64) {
			update(fmt.Sprintf("seconds (p99 %.3f ms, %d bad)", l.P99, bad), int(time.Since(start).Seconds()), int(total.Seconds()))
		}
		r, err := Run(ctx, cfg)
		d.Run = &r
		return err
	}
}

// writeHTML writes the page to a file, nowhere for "".
func writeHTML(path string, d *Document) error {
	if path == "" {
		return nil
	}
	var b bytes.Buffer
	if err := d.WriteHTML(&b); err != nil {
		return err
	}
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		return fmt.Errorf("write --html: %w", err)
	}
	return nil
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
