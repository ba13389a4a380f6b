package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// update writes the answers into the README instead of comparing them:
// go test -run Readme -update .
var update = flag.Bool("update", false, "print the answers anew in README.md")

// block is one fenced block of the README.
type block struct {
	line       int
	lang, body string
}

// blocks cuts the fenced blocks out of a Markdown text.
func blocks(text string) []block {
	var out []block
	var open *block
	for i, line := range strings.Split(text, "\n") {
		lang, fence := strings.CutPrefix(line, "```")
		switch {
		case fence && open == nil:
			open = &block{line: i + 1, lang: lang}
		case fence:
			out = append(out, *open)
			open = nil
		case open != nil:
			open.body += line + "\n"
		}
	}
	return out
}

// TestReadmeAnswers starts the demo shop, runs every curl of the README as it
// stands there, in order, and compares what comes back with what is printed.
func TestReadmeAnswers(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("needs curl")
	}
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	server := startServe(t, "--demo", "--data", filepath.Join(t.TempDir(), "data"))
	ran, compared, fresh := 0, 0, string(readme)
	all := blocks(string(readme))
	for i, b := range all {
		if b.lang != "sh" || !strings.HasPrefix(b.body, "curl ") {
			continue
		}
		ran++
		script := strings.ReplaceAll(b.body, "http://"+defaultAddr, server.url)
		cmd := exec.CommandContext(t.Context(), "sh", "-euc", script)
		var stderr strings.Builder
		cmd.Stderr = &stderr
		out, err := cmd.Output()
		if err != nil {
			t.Errorf("README.md:%d: %v\n%s%s", b.line, err, out, stderr.String())
			continue
		}
		if i+1 == len(all) || all[i+1].lang != "json" {
			continue
		}
		compared++
		if *update {
			fresh = strings.Replace(fresh, all[i+1].body, printed(string(out)), 1)
			continue
		}
		want, err := comparable(all[i+1].body)
		if err != nil {
			t.Fatalf("README.md:%d: %v", all[i+1].line, err)
		}
		got, err := comparable(string(out))
		if err != nil {
			t.Errorf("README.md:%d: answer is not JSON: %v\n%s", b.line, err, out)
			continue
		}
		// Scores decay with the hour of the day.
		if diff := cmp.Diff(want, got, cmpopts.EquateApprox(0.05, 0)); diff != "" {
			t.Errorf("README.md:%d: the answer is not as printed (-printed +got):\n%s\n%s", b.line, diff, out)
		}
	}
	if *update {
		if err := os.WriteFile("README.md", []byte(fresh), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if ran < 3 || compared < 3 {
		t.Errorf("ran %d curls and compared %d answers, want at least three", ran, compared)
	}
}

// printed breaks an answer into lines: one per item, one per reason.
func printed(answer string) string {
	return strings.NewReplacer(
		`{"item_id"`, "\n  {\"item_id\"",
		`{"code"`, "\n    {\"code\"",
		`],"stages"`, "\n],\"stages\"",
		`,"results"`, ",\n\"results\"",
	).Replace(strings.TrimSpace(answer)) + "\n"
}

// comparable decodes an answer without the moment it was made, without the id of a
// decision, which is drawn, and with the first reason of each item: the lesser ones change places as the hours go by.
func comparable(text string) (any, error) {
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		return nil, err
	}
	var strip func(any)
	strip = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			delete(v, "as_of")
			delete(v, "decision_id")
			if reasons, ok := v["reasons"].([]any); ok && len(reasons) > 1 {
				v["reasons"] = reasons[:1]
			}
			for _, x := range v {
				strip(x)
			}
		case []any:
			for _, x := range v {
				strip(x)
			}
		}
	}
	strip(v)
	return v, nil
}

// TestReadmeCommandsExist parses every osusume command line of the README.
func TestReadmeCommandsExist(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	ci, err := os.ReadFile(".ci/run")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, b := range blocks(string(readme)) {
		if b.lang != "sh" {
			continue
		}
		for line := range strings.Lines(strings.ReplaceAll(b.body, "\\\n", " ")) {
			place := fmt.Sprintf("README.md:%d: %s", b.line, strings.TrimSpace(line))
			if strings.HasPrefix(line, "go test") && !strings.Contains(string(ci), strings.TrimSpace(line)) {
				t.Errorf("%s: .ci/run does not run it", place)
			}
			args, ours := strings.CutPrefix(line, "osusume ")
			if !ours {
				args, ours = strings.CutPrefix(line, "go run . ")
			}
			if !ours {
				continue
			}
			found++
			args, _, _ = strings.Cut(args, " #")
			if _, _, err := command(t, append(strings.Fields(strings.ReplaceAll(args, `"`, "")), "--help")...); err != nil {
				t.Errorf("%s: %v", place, err)
			}
		}
	}
	if found == 0 {
		t.Error("no command line found")
	}
}
