package load

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"osusume/bench/synthetic"
	"osusume/recommend"
)

func TestStartServer(t *testing.T) {
	t.Cleanup(http.DefaultClient.CloseIdleConnections)
	dir := t.TempDir()
	progress := 0
	s, err := StartServer(t.Context(), ServerConfig{
		Items: 30, Customers: 1000, Events: 25_000, Catalog: true, Dir: dir,
		Progress: func(string, int, int) { progress++ },
	})
	if err != nil {
		t.Fatal(err)
	}
	m, err := scrape(t.Context(), s.URL)
	if err != nil {
		t.Fatal(err)
	}
	if got := m["lines"]; got != 25_030 {
		t.Errorf("the server got %v lines, want 25,000 events and 30 items", got)
	}
	if progress != 4 { // 10,000 + 10,000 + 5,000 events, 30 items
		t.Errorf("%d steps told, want 4", progress)
	}
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "stopped")); err != nil {
		t.Errorf("the server did not end in order: %v", err)
	}
}

func TestServerCPU(t *testing.T) {
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		t.Skip("no /proc here")
	}
	// The system counts in hundredths of a second: use at least one.
	for serverCPU(t.Context(), &Config{PID: os.Getpid()}) == 0 {
		if t.Context().Err() != nil {
			t.Fatal("no processor time is counted")
		}
	}
}

func TestStartServerRemovesItsFolder(t *testing.T) {
	t.Cleanup(http.DefaultClient.CloseIdleConnections)
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	s, err := StartServer(t.Context(), ServerConfig{Events: -1, Items: 10})
	if err != nil {
		t.Fatal(err)
	}
	if found, _ := os.ReadDir(temp); len(found) != 1 {
		t.Errorf("%d folders while it runs, want 1", len(found))
	}
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	if found, _ := os.ReadDir(temp); len(found) != 0 {
		t.Errorf("%d folders left", len(found))
	}
}

func TestStartServerTellsWhyItFailed(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	_, err := StartServer(t.Context(), ServerConfig{Args: []string{"--broken", "the disk is on fire"}})
	if err == nil || !strings.Contains(err.Error(), "the disk is on fire") {
		t.Errorf("error %v, want the server's own words", err)
	}
	if found, _ := os.ReadDir(temp); len(found) != 0 {
		t.Errorf("%d folders left", len(found))
	}
	if _, err := StartServer(t.Context(), ServerConfig{Binary: filepath.Join(temp, "missing")}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v, want a missing program", err)
	}
}

func TestStatic(t *testing.T) {
	t.Cleanup(http.DefaultClient.CloseIdleConnections)
	s, err := StartStatic(t.Context(), "", 1024)
	if err != nil {
		t.Fatal(err)
	}
	r, err := Run(t.Context(), Config{URL: s.URL, PID: s.PID(), Clients: 2, Duration: 50 * time.Millisecond, Shop: smallShop()})
	if err != nil {
		t.Fatal(err)
	}
	if r.Good == 0 || r.Bad != 0 || r.Bytes != 1024 || s.Name != "net/http static" {
		t.Errorf("%s: got %+v, want good answers of 1,024 bytes", s.Name, r)
	}
	if err := s.Stop(); err != nil {
		t.Error(err)
	}
	if b := staticBody(1024); !json.Valid(b) || len(b) != 1024 {
		t.Errorf("a body of %d bytes", len(b))
	}
}

func TestAppendEventIsWhatTheAPITakes(t *testing.T) {
	shop := synthetic.New(synthetic.Config{Items: 50})
	orders := 0
	for e := range shop.Events(100) {
		var got struct {
			Event      string `json:"event"`
			EventID    string `json:"event_id"`
			CustomerID string `json:"customer_id"`
			OrderID    string `json:"order_id"`
			Time       time.Time
			Items      []struct {
				ItemID string `json:"item_id"`
				Price  int64
			}
		}
		if err := json.Unmarshal(appendEvent(nil, &e), &got); err != nil {
			t.Fatal(err)
		}
		if got.Event != e.Type.String() || got.EventID != e.ID || got.CustomerID != e.CustomerID || got.OrderID != e.OrderID ||
			len(got.Items) != len(e.Items) || got.Items[0].ItemID != e.Items[0].ItemID || got.Items[0].Price != e.Items[0].Price.Amount ||
			got.Time.Sub(e.Time).Abs() > time.Second {
			t.Fatalf("sent %+v of %+v", got, e)
		}
		if e.Type == recommend.Purchase {
			orders++
		}
	}
	if orders == 0 {
		t.Error("no order among the events")
	}
}

// TestCommand runs every mode against a server of its own, briefly.
func TestCommand(t *testing.T) {
	t.Cleanup(http.DefaultClient.CloseIdleConnections)
	dir := t.TempDir()
	small := []string{"--items", "50", "--customers", "1000", "--events", "500", "--warmup", "10ms"}
	tests := map[string]struct {
		args []string
		want string // in the table
		fail string // in the error
	}{
		"closed loop":        {args: []string{"--duration", "50ms", "--clients", "2"}, want: "closed loop, 2 connections"},
		"open loop":          {args: []string{"--duration", "50ms", "--rate", "300", "--mix", "ingest", "--batch", "3"}, want: "events acknowledged"},
		"compare":            {args: []string{"--duration", "200ms", "--slice", "20ms", "--compare", "static"}, want: "osusume against net/http static, medians of 5 slices"},
		"ramp":               {args: []string{"--duration", "20ms", "--ramp"}, want: "the knee is at"},
		"soak too short":     {args: []string{"--duration", "50ms", "--rate", "100", "--soak", "--mix", "page"}, want: "NOT OK", fail: "did not hold"},
		"no upsell":          {args: []string{"--mix", "upsell"}, fail: "has no /upsell (status 404)"},
		"an unknown mix":     {args: []string{"--mix", "lunch"}, fail: "want one of page, session"},
		"two modes":          {args: []string{"--ramp", "--soak"}, fail: "want one of them"},
		"a soak at any rate": {args: []string{"--soak"}, fail: "needs --rate"},
		"ids that are not":   {args: []string{"--ids", filepath.Join(dir, "none")}, fail: "read --ids"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var out, errs bytes.Buffer
			jsonFile, htmlFile := filepath.Join(t.TempDir(), "x.json"), filepath.Join(t.TempDir(), "x.html")
			root := &cobra.Command{Use: "osusume", SilenceUsage: true, SilenceErrors: true}
			root.AddCommand(Command(Baseline{}))
			root.SetOut(&out)
			root.SetErr(&errs)
			root.SetArgs(append(append([]string{"load", "--json", jsonFile, "--html", htmlFile}, small...), tt.args...))
			err := root.ExecuteContext(t.Context())
			if (err == nil) != (tt.fail == "") || err != nil && !strings.Contains(err.Error(), tt.fail) {
				t.Fatalf("error %v, want %q", err, tt.fail)
			}
			if !strings.Contains(out.String(), tt.want) {
				t.Errorf("no %q in\n%s", tt.want, &out)
			}
			if tt.want == "" {
				return
			}
			var d Document
			text, err := os.ReadFile(jsonFile)
			if err != nil || json.Unmarshal(text, &d) != nil || d.Machine.Cores == 0 {
				t.Errorf("--json: %v\n%s", err, text)
			}
			if text, err := os.ReadFile(htmlFile); err != nil || !bytes.Contains(text, []byte("</html>")) {
				t.Errorf("--html: %v", err)
			}
		})
	}
}
