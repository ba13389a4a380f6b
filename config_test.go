package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"

	"osusume/recommend/engine"
)

// options are the flags the layering is tried on.
type options struct {
	Addr   string
	Demo   bool
	Memory byteSize
	Format choice
	Names  []string
}

// parseOptions runs configure as the program does and returns what a command sees.
func parseOptions(args []string, env map[string]string) (options, error) {
	got := options{Format: choice{value: "text", allowed: []string{"text", "json"}}}
	root := &cobra.Command{Use: "osusume", SilenceErrors: true, SilenceUsage: true}
	root.PersistentFlags().String(configFlag, "", "")
	cmd := &cobra.Command{
		Use: "try",
		PreRunE: func(cmd *cobra.Command, _ []string) error {
			_, err := configure(cmd, func(name string) string { return env[name] })
			return err
		},
		RunE: func(*cobra.Command, []string) error { return nil },
	}
	cmd.Flags().StringVar(&got.Addr, "addr", "127.0.0.1:8080", "")
	cmd.Flags().BoolVar(&got.Demo, "demo", false, "")
	cmd.Flags().Var(&got.Memory, "memory-limit", "")
	cmd.Flags().Var(&got.Format, "log-format", "")
	cmd.Flags().StringSliceVar(&got.Names, "names", nil, "")
	other := &cobra.Command{Use: "other", RunE: func(*cobra.Command, []string) error { return nil }}
	other.Flags().String("currency", "", "")
	root.AddCommand(cmd, other)
	root.SetArgs(append([]string{"try"}, args...))
	return got, root.Execute()
}

func writeFile(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestConfigLayers(t *testing.T) {
	file := writeFile(t, "shop.yaml", "# a comment\naddr: 127.0.0.1:1\nmemory-limit: 256MB\ndemo: true\nnames: [a, b]\ncurrency: JPY\n")
	text := choice{value: "text", allowed: []string{"text", "json"}}
	tests := map[string]struct {
		args []string
		env  map[string]string
		want options
	}{
		"defaults": {
			want: options{Addr: "127.0.0.1:8080", Format: text},
		},
		"the file beats the default": {
			args: []string{"--config", file},
			want: options{Addr: "127.0.0.1:1", Demo: true, Memory: 256_000_000, Format: text, Names: []string{"a", "b"}},
		},
		"a variable beats the file": {
			args: []string{"--config", file},
			env:  map[string]string{"OSUSUME_ADDR": "127.0.0.1:2", "OSUSUME_DEMO": "false"},
			want: options{Addr: "127.0.0.1:2", Memory: 256_000_000, Format: text, Names: []string{"a", "b"}},
		},
		"the command line beats both": {
			args: []string{"--config", file, "--addr", "127.0.0.1:3", "--memory-limit=2GiB"},
			env:  map[string]string{"OSUSUME_ADDR": "127.0.0.1:2", "OSUSUME_MEMORY_LIMIT": "1GB"},
			want: options{Addr: "127.0.0.1:3", Demo: true, Memory: 2 << 30, Format: text, Names: []string{"a", "b"}},
		},
		"a variable names the file": {
			env:  map[string]string{"OSUSUME_CONFIG": file},
			want: options{Addr: "127.0.0.1:1", Demo: true, Memory: 256_000_000, Format: text, Names: []string{"a", "b"}},
		},
		"an empty variable is not set": {
			env:  map[string]string{"OSUSUME_ADDR": "", "OSUSUME_LOG_FORMAT": "json"},
			want: options{Addr: "127.0.0.1:8080", Format: choice{value: "json", allowed: text.allowed}},
		},
		"the command line may set the empty value": {
			args: []string{"--addr="},
			env:  map[string]string{"OSUSUME_ADDR": "127.0.0.1:2"},
			want: options{Format: text},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := parseOptions(tt.args, tt.env)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got, cmp.AllowUnexported(choice{})); diff != "" {
				t.Errorf("options (-want +got):\n%s", diff)
			}
		})
	}
}

func TestConfigErrorsNameTheirSource(t *testing.T) {
	tests := map[string]struct {
		file string
		env  map[string]string
		want []string
	}{
		"unknown key":       {file: "addr: 127.0.0.1:1\nadress: x\n", want: []string{"shop.yaml:2", `unknown key "adress"`, "addr"}},
		"key given twice":   {file: "addr: a\naddr: b\n", want: []string{"addr"}},
		"bad value in file": {file: "\nmemory-limit: lots\n", want: []string{"shop.yaml:2: memory-limit", `"lots"`, "512MB"}},
		"mapping as value":  {file: "addr:\n  host: x\n", want: []string{"shop.yaml:1: addr", "plain value"}},
		"no value":          {file: "addr:\n", want: []string{"shop.yaml:1: addr", "no value"}},
		"not a mapping":     {file: "- addr\n", want: []string{"shop.yaml:1", "option: value"}},
		"not YAML":          {file: "addr: [\n", want: []string{"shop.yaml", "not valid YAML"}},
		"bad variable":      {env: map[string]string{"OSUSUME_MEMORY_LIMIT": "1kB"}, want: []string{"OSUSUME_MEMORY_LIMIT", `"1kB"`, "64MB"}},
		"bad bool variable": {env: map[string]string{"OSUSUME_DEMO": "maybe"}, want: []string{"OSUSUME_DEMO", `"maybe"`}},
		"not in the set":    {env: map[string]string{"OSUSUME_LOG_FORMAT": "xml"}, want: []string{"OSUSUME_LOG_FORMAT", "text, json"}},
		"missing file":      {env: map[string]string{"OSUSUME_CONFIG": "no/such.yaml"}, want: []string{"no/such.yaml"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var args []string
			if tt.file != "" {
				args = []string{"--config", writeFile(t, "shop.yaml", tt.file)}
			}
			_, err := parseOptions(args, tt.env)
			if err == nil {
				t.Fatal("got no error")
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error %q does not name %q", err, want)
				}
			}
		})
	}
}

func TestOriginsOfServe(t *testing.T) {
	file := writeFile(t, "shop.yaml", "cors-origin: [https://a.example, \"http://localhost:3000\"]\n")
	want := originList{"https://a.example", "http://localhost:3000"}
	tests := map[string]struct {
		args []string
		env  map[string]string
	}{
		"repeated on the command line": {args: []string{"--cors-origin", "https://A.example", "--cors-origin=http://localhost:3000"}},
		"a list in the file":           {args: []string{"--config", file}},
		"a variable with commas":       {env: map[string]string{"OSUSUME_CORS_ORIGIN": "https://a.example, http://localhost:3000"}},
		"the command line wins":        {args: []string{"--cors-origin", "https://a.example,http://localhost:3000"}, env: map[string]string{"OSUSUME_CORS_ORIGIN": "https://b.example"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var got originList
			root := &cobra.Command{Use: "osusume", SilenceErrors: true, SilenceUsage: true}
			root.PersistentFlags().String(configFlag, "", "")
			cmd := &cobra.Command{
				Use: "serve",
				RunE: func(cmd *cobra.Command, _ []string) error {
					_, err := configure(cmd, func(name string) string { return tt.env[name] })
					return err
				},
			}
			cmd.Flags().Var(&got, "cors-origin", "")
			root.AddCommand(cmd)
			root.SetArgs(append([]string{"serve"}, tt.args...))
			if err := root.Execute(); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("origins (-want +got):\n%s", diff)
			}
		})
	}
	if newServeCommand(&process{}).Flags().Lookup("cors-origin") == nil {
		t.Error("serve has no --cors-origin")
	}
}

func TestConfigHoldsSettings(t *testing.T) {
	text := "addr: x\nmax_lines: 50\nplacements:\n  home: {model: popularity}\nrebuy_rate: 0.2\n"
	file, err := parseConfig("shop.yaml", []byte(text), []string{"addr"})
	if err != nil {
		t.Fatal(err)
	}
	want := engine.Settings{
		MaxLines: 50, RebuyRate: 0.2,
		Placements: map[string]engine.Placement{"home": {Model: "popularity"}},
	}
	if diff := cmp.Diff(want, file.settings); diff != "" {
		t.Errorf("settings (-want +got):\n%s", diff)
	}
	for _, text := range []string{"max_lines: many\n", "placements:\n  home: {modle: popularity}\n"} {
		if _, err := parseConfig("shop.yaml", []byte(text), nil); err == nil || !strings.Contains(err.Error(), "shop.yaml: ") {
			t.Errorf("%q: got error %v, want one that names the file", text, err)
		}
	}
}

func FuzzParseConfig(f *testing.F) {
	for _, s := range []string{"addr: x\n", "addr: [a, b]\n", "addr: |\n  x\n", "&a addr: *a\n", "{addr: {}}", "---\n---\n", "? addr", "<<: {addr: 1}"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		file, err := parseConfig("f.yaml", text, []string{"addr"})
		if err != nil {
			return
		}
		for name := range file.options {
			if name != "addr" {
				t.Errorf("accepted unknown key %q", name)
			}
		}
	})
}
