package goals

import (
	"os"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"osusume/bench/cold"
	"osusume/bench/complements"
	"osusume/bench/coupons"
	"osusume/bench/eval"
	"osusume/bench/load"
	"osusume/bench/report"
	"osusume/bench/scale"
	"osusume/bench/tune"
)

// TestReadmeCommands parses every command line of bench/README.md and holds that
// each command has one.
func TestReadmeCommands(t *testing.T) {
	text, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	commands := map[string]func() *cobra.Command{
		"eval": eval.Command, "tune": tune.Command, "report": report.Command, "cold": cold.Command,
		"load": func() *cobra.Command { return load.Command(load.Baseline{}) }, "scale": scale.Command, "goals": Command,
		"offers": coupons.Command, "complements": complements.Command,
	}
	found := make(map[string]int)
	for _, section := range strings.Split(string(text), "```sh\n")[1:] {
		body, _, _ := strings.Cut(section, "```")
		for line := range strings.Lines(body) {
			words := strings.Fields(line)
			if len(words) < 3 || words[0] != "osusume" || words[1] != "bench" || commands[words[2]] == nil {
				t.Errorf("%q is no bench command", strings.TrimSpace(line))
				continue
			}
			found[words[2]]++
			cmd := commands[words[2]]()
			err := cmd.ParseFlags(words[3:])
			if err == nil {
				err = cmd.ValidateArgs(cmd.Flags().Args())
			}
			if err != nil {
				t.Errorf("%q: %v", strings.TrimSpace(line), err)
			}
		}
	}
	for name := range commands {
		if found[name] == 0 {
			t.Errorf("no command line of %s", name)
		}
	}
}
