package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m,
		// The client of these tests keeps connections for the next request.
		goleak.IgnoreTopFunction("net/http.(*persistConn).readLoop"),
		goleak.IgnoreTopFunction("net/http.(*persistConn).writeLoop"),
		goleak.IgnoreTopFunction("internal/poll.runtime_pollWait"))
}

// command runs one command line in this process and returns its outputs.
func command(t *testing.T, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	var out, errs bytes.Buffer
	err = run(t.Context(), &process{
		args: args, env: noEnv, stdin: strings.NewReader(""), stdout: &out, stderr: &errs, clock: time.Now,
	})
	return out.String(), errs.String(), err
}

func noEnv(string) string { return "" }

// running is a server in this process.
type running struct {
	url  string
	stop func() error // asks for an orderly end and waits
	log  *syncBuffer
}

type syncBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// startServe runs serve on a free port until the test ends or stop is called.
func startServe(t testing.TB, args ...string) *running {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ready, done := make(chan string, 1), make(chan error, 1)
	r := &running{log: &syncBuffer{}}
	go func() {
		done <- run(ctx, &process{
			args: append([]string{"serve", "--addr", "127.0.0.1:0"}, args...), env: noEnv,
			stdin: strings.NewReader(""), stdout: io.Discard, stderr: r.log, clock: time.Now,
			ready: func(url string) { ready <- url },
		})
	}()
	r.stop = sync.OnceValue(func() error {
		cancel()
		return <-done
	})
	select {
	case r.url = <-ready:
	case err := <-done:
		cancel()
		t.Fatalf("serve ended before it was ready: %v\n%s", err, r.log)
	case <-time.After(2 * time.Minute):
		cancel()
		t.Fatalf("serve is not ready after two minutes\n%s", r.log)
	}
	t.Cleanup(func() {
		if err := r.stop(); err != nil {
			t.Errorf("serve: %v\n%s", err, r.log)
		}
	})
	return r
}

func TestVersion(t *testing.T) {
	out, _, err := command(t, "version")
	if err != nil || !strings.HasPrefix(out, "osusume ") {
		t.Errorf("version: got %q, %v", out, err)
	}
}

func TestEveryCommandHelpsWithExamples(t *testing.T) {
	var walk func(*cobra.Command)
	walk = func(c *cobra.Command) {
		if c.Name() == "completion" || c.Name() == "help" {
			return
		}
		if c.Short == "" || c.Example == "" {
			t.Errorf("%s: wants a short text and an example", c.CommandPath())
		}
		for _, sub := range c.Commands() {
			walk(sub)
		}
	}
	walk(newRoot(&process{env: noEnv}))
}

func TestMistakesAreUsageErrors(t *testing.T) {
	data := t.TempDir()
	tests := map[string]struct {
		args []string
		want string
	}{
		"unknown command":     {[]string{"sevre"}, "sevre"},
		"unknown flag":        {[]string{"serve", "--port", "80"}, "--port"},
		"bad flag value":      {[]string{"serve", "--log-level", "loud"}, "debug, info"},
		"stray argument":      {[]string{"serve", "extra"}, "extra"},
		"holdout":             {[]string{"serve", "--data", data, "--offer-holdout", "10001"}, "--offer-holdout"},
		"time zone":           {[]string{"serve", "--data", data, "--zone", "Mars/Olympus"}, "--zone"},
		"no time zone":        {[]string{"serve", "--data", data, "--zone", ""}, "--zone"},
		"open address":        {[]string{"serve", "--data", data, "--addr", "0.0.0.0:0"}, "--insecure"},
		"origin with a path":  {[]string{"serve", "--cors-origin", "https://shop.example/"}, "slash"},
		"import nothing":      {[]string{"import"}, "arg"},
		"unknown format":      {[]string{"import", "--format", "xls", "f.csv"}, "online-retail"},
		"unknown column":      {[]string{"import", "--columns", "sku=x", "f.csv"}, "sku"},
		"missing config file": {[]string{"serve", "--config", filepath.Join(data, "no.yaml")}, "no.yaml"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, _, err := command(t, tt.args...)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("got error %v, want one that names %q", err, tt.want)
			}
			if got := exitCode(err); got != exitUsage {
				t.Errorf("exit status %d, want %d", got, exitUsage)
			}
		})
	}
	entries, err := os.ReadDir(data)
	if err != nil || len(entries) > 0 {
		t.Errorf("a mistake left %v in the data folder, %v", entries, err)
	}
}

const oneView = `{"event":"view_item","event_id":"e1","customer_id":"c1","items":[{"item_id":"kettle"}]}`

// TestServeKeepsWhatItAcknowledged goes through the life of a small shop: an
// event, a stop, the same folder again.
func TestServeKeepsWhatItAcknowledged(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	first := startServe(t, "--data", data)
	if body := post(t, first.url+"/events", oneView, http.StatusOK); !strings.Contains(body, `"seq":1`) {
		t.Errorf("first event: got %s, want seq 1", body)
	}
	if out, _, err := command(t, "healthcheck", "--url", first.url); err != nil || out != "ready\n" {
		t.Errorf("healthcheck: got %q, %v", out, err)
	}

	_, _, err := command(t, "serve", "--data", data, "--addr", "127.0.0.1:0")
	if err == nil || !strings.Contains(err.Error(), "in use by another osusume process") {
		t.Errorf("a second server on one folder: got error %v", err)
	}
	_, _, err = command(t, "import", "--data", data, "-")
	if err == nil || !strings.Contains(err.Error(), "in use by another osusume process") {
		t.Errorf("an import into a served folder: got error %v", err)
	}
	addr := strings.TrimPrefix(first.url, "http://")
	_, _, err = command(t, "serve", "--data", t.TempDir(), "--addr", addr)
	if err == nil || !strings.Contains(err.Error(), addr) {
		t.Errorf("a second server on one port: got error %v", err)
	}
	if err := first.stop(); err != nil {
		t.Fatalf("stop: %v", err)
	}
	if _, _, err := command(t, "healthcheck", "--url", first.url); err == nil {
		t.Error("healthcheck of a stopped server: got no error")
	}

	again := startServe(t, "--data", data)
	if body := post(t, again.url+"/events", "["+oneView+"]", http.StatusOK); !strings.Contains(body, `"duplicates":1`) {
		t.Errorf("the same event after a restart: got %s, want a duplicate", body)
	}
	if err := again.stop(); err != nil {
		t.Fatalf("stop: %v", err)
	}
	if _, _, err := command(t, "serve", "--demo", "--data", data, "--addr", "127.0.0.1:0"); err == nil ||
		exitCode(err) != exitUsage || !strings.Contains(err.Error(), "--demo") {
		t.Errorf("--demo over a shop: got error %v", err)
	}
	if out, _, err := command(t, "verify", "--index", "--data", data); err != nil {
		t.Errorf("verify: %v\n%s", err, out)
	}
}

// TestDemoFillsOnce stops the first filling half-way; the next start completes it.
func TestDemoFillsOnce(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	var log syncBuffer
	ctx, cancel := context.WithCancel(t.Context())
	p := &process{
		args: []string{"serve", "--demo", "--addr", "127.0.0.1:0", "--data", data}, env: noEnv,
		stdin: strings.NewReader(""), stdout: io.Discard, stderr: &log, clock: time.Now,
		ready: func(string) { t.Error("ready although it was stopped before") },
	}
	// The generator's clock is asked when the filling starts.
	p.clock = func() time.Time {
		if strings.Contains(log.String(), "filling the demo shop") {
			cancel()
		}
		return time.Now()
	}
	if err := run(ctx, p); err != nil {
		t.Fatalf("a serve stopped while filling: %v\n%s", err, log.String())
	}

	again := startServe(t, "--data", data)
	if want := "the demo shop is filled"; !strings.Contains(again.log.String(), want) {
		t.Errorf("the second start does not complete the demo:\n%s", again.log)
	}
	body := get(t, again.url+"/recommend?customer_id=c-coffee&limit=1")
	if want := `"applied_seq":15`; !strings.Contains(body, want) { // 150,000 events and the items
		t.Errorf("completed demo: got %s, want %s...", body, want)
	}
	if err := again.stop(); err != nil {
		t.Fatal(err)
	}
	third := startServe(t, "--demo", "--data", data)
	if strings.Contains(third.log.String(), "filling") {
		t.Errorf("the third start fills again:\n%s", third.log)
	}
	if _, _, err := command(t, "import", "--data", data, "-"); err == nil || !strings.Contains(err.Error(), "demo shop") {
		t.Errorf("import into the demo: got error %v", err)
	}
}

func get(t *testing.T, url string) string {
	t.Helper()
	resp, err := http.Get(url) //nolint:noctx // ends with the server
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestImportTwiceChangesNothing(t *testing.T) {
	data, file := filepath.Join(t.TempDir(), "data"), writeFile(t, "orders.csv",
		"event,time,customer_id,session_id,order_id,item_id,quantity,price,value\n"+
			"purchase,2026-11-01T10:00:00Z,c1,,o1,kettle,1,3980,\n"+
			"purchase,2026-11-01T10:00:00Z,c1,,o1,tea,2,540,\n"+
			"purchase,yesterday,c2,,o2,tea,1,540,\n"+
			"view_item,2026-11-02T10:00:00Z,c2,s1,,kettle,,,\n")
	rejects := filepath.Join(t.TempDir(), "rejects.csv")
	out, _, err := command(t, "import", "--data", data, "--rejects", rejects, file)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{": 4 rows", "2 new, 0 already there", "1 rows"} {
		if !strings.Contains(out, want) {
			t.Errorf("first import: %q is not in\n%s", want, out)
		}
	}
	text, err := os.ReadFile(rejects)
	if err != nil || !strings.Contains(string(text), "4,") || !strings.Contains(string(text), "yesterday") {
		t.Errorf("rejects: got %q, %v", text, err)
	}
	out, _, err = command(t, "import", "--data", data, file)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out, "0 new, 2 already there") {
		t.Errorf("second import: got\n%s", out)
	}
}

// post sends a JSON body and returns the answer.
func post(t *testing.T, url, body string, want int) string {
	t.Helper()
	resp, err := http.Post(url, "application/json", strings.NewReader(body)) //nolint:noctx // ends with the server
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != want {
		t.Fatalf("POST %s: status %d, want %d: %s", url, resp.StatusCode, want, text)
	}
	return string(text)
}
