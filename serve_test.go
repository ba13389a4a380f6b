package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// TestServeAnswersWhileItOpens holds a start where the clock is asked after the
// given line of the log, and lets it go on once all answers are looked at.
func TestServeAnswersWhileItOpens(t *testing.T) {
	for name, tt := range map[string]struct {
		flag  string
		after string // of the log
		phase string
	}{
		"a shop":   {"--demo=false", "opening the shop", "opening"},
		"the demo": {"--demo", "filling the demo shop", "filling"},
	} {
		t.Run(name, func(t *testing.T) {
			data := filepath.Join(t.TempDir(), "data")
			var log syncBuffer
			held, goOn := make(chan struct{}), make(chan struct{})
			var first atomic.Bool
			release := sync.OnceFunc(func() { close(goOn) })
			ctx, cancel := context.WithCancel(context.Background())
			ready, done := make(chan string, 1), make(chan error, 1)
			// The requests below ask the clock too and must not be held.
			clock := func() time.Time {
				if strings.Contains(log.String(), tt.after) && first.CompareAndSwap(false, true) {
					close(held)
					<-goOn
				}
				return time.Now()
			}
			go func() {
				done <- run(ctx, &process{
					args: []string{"serve", "--addr", "127.0.0.1:0", "--data", data, tt.flag},
					env:  noEnv, stdin: strings.NewReader(""), stdout: io.Discard, stderr: &log, clock: clock,
					ready: func(url string) { ready <- url },
				})
			}()
			t.Cleanup(func() {
				release()
				cancel()
				if err := <-done; err != nil {
					t.Errorf("serve: %v\n%s", err, log.String())
				}
			})
			select {
			case <-held:
			case <-time.After(time.Minute):
				t.Fatalf("the start does not come to %q\n%s", tt.after, log.String())
			}
			url := regexp.MustCompile(`http://127\.0\.0\.1:\d+`).FindString(log.String())
			for path, want := range map[string]int{
				"/healthz": 200, "/metrics": 200,
				"/readyz": 503, "/popular": 503, "/recommend?customer_id=c-coffee": 503, "/items": 503,
			} {
				status, header, body := fetch(t, url+path)
				if status != want || (want == 503) != (header.Get("Retry-After") != "") {
					t.Errorf("%s: status %d, Retry-After %q, want %d", path, status, header.Get("Retry-After"), want)
				}
				if want != 503 {
					continue
				}
				var p struct{ Progress struct{ Phase string } }
				if err := json.Unmarshal(body, &p); err != nil || p.Progress.Phase != tt.phase {
					t.Errorf("%s: %s, want the phase %q", path, body, tt.phase)
				}
			}
			select {
			case <-ready:
				t.Error("ready while the start is held")
			default:
			}
			release()
			select {
			case <-ready:
			case <-time.After(time.Minute):
				t.Fatalf("not ready\n%s", log.String())
			}
			for _, path := range []string{"/readyz", "/popular"} {
				if status, _, body := fetch(t, url+path); status != http.StatusOK {
					t.Errorf("%s of the open shop: status %d: %s", path, status, body)
				}
			}
		})
	}
}

func fetch(t *testing.T, url string) (int, http.Header, []byte) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, resp.Header, body
}

// TestServeOfADamagedShopFails: that something listened before changes nothing.
func TestServeOfADamagedShopFails(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	s := startServe(t, "--data", data)
	post(t, s.url+"/events", oneView, http.StatusOK)
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}
	tables, err := filepath.Glob(filepath.Join(data, "*", "*.sst"))
	if err != nil || len(tables) == 0 {
		t.Fatalf("tables of the store: %v, %v", tables, err)
	}
	for _, path := range tables {
		if err := os.WriteFile(path, []byte("not a table"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := command(t, "serve", "--data", data, "--addr", "127.0.0.1:0"); err == nil || exitCode(err) != exitFailed {
		t.Errorf("serve of a damaged shop: got error %v", err)
	}
}
