package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"osusume/bench/load"
)

// TestBenchLoadRealServer sends every kind of request bench load has to a real
// server: what it sends must be what the API takes.
func TestBenchLoadRealServer(t *testing.T) {
	server := startServe(t, "--data", t.TempDir())
	dir := t.TempDir()
	ids, result := filepath.Join(dir, "ids.txt"), filepath.Join(dir, "load.json")
	if err := os.WriteFile(ids, []byte("i0\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	// Orders come first: they make the one item known.
	for _, mix := range []string{"orders", "ingest", "page", "session", "related", "popular", "mixed"} {
		t.Run(mix, func(t *testing.T) {
			_, stderr, err := command(t, "bench", "load", "--url", server.url, "--ids", ids, "--mix", mix,
				"--rate", "200", "--duration", "150ms", "--warmup", "20ms", "--clients", "8", "--json", result)
			if err != nil {
				t.Fatalf("bench load: %v\n%s", err, stderr)
			}
			var d load.Document
			text, err := os.ReadFile(result)
			if err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(text, &d); err != nil {
				t.Fatal(err)
			}
			if d.Run == nil || d.Run.Good == 0 || d.Run.Bad != 0 {
				t.Errorf("got %+v, want good answers only", d.Run)
			}
		})
	}
}
