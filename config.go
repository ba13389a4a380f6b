package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/dustin/go-humanize"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Every option is a flag. One that is not given on the command line is taken
// from the variable OSUSUME_<NAME>, else from the file named by --config, else
// it keeps its default. An empty variable counts as not set, because compose
// files and shells make those by accident.
const (
	envPrefix  = "OSUSUME_"
	configFlag = "config"
)

// variable is the environment variable of a flag: memory-limit is
// OSUSUME_MEMORY_LIMIT.
func variable(flag string) string {
	return envPrefix + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// fileValue is one setting of the configuration file and where it stands.
type fileValue struct {
	text  string
	place string // "osusume.yaml:3"
}

// configure fills the flags of cmd that the command line left alone. A value
// that does not fit is an error that says where it came from.
func configure(cmd *cobra.Command, env func(string) string) error {
	path, err := cmd.Flags().GetString(configFlag)
	if err != nil {
		return fmt.Errorf("read --config: %w", err)
	}
	if path == "" {
		path = env(variable(configFlag))
	}
	file := map[string]fileValue{}
	if path != "" {
		text, err := os.ReadFile(path)
		if err != nil {
			return fmt.Errorf("read the configuration file: %w", err)
		}
		if file, err = parseConfig(path, text, optionNames(cmd.Root())); err != nil {
			return err
		}
	}
	var errs []error
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if f.Changed || !configurable(f) {
			return
		}
		value, place := env(variable(f.Name)), variable(f.Name)
		if value == "" {
			v, ok := file[f.Name]
			if !ok {
				return
			}
			value, place = v.text, v.place+": "+f.Name
		}
		if err := cmd.Flags().Set(f.Name, value); err != nil {
			errs = append(errs, fmt.Errorf("%s: bad value %q: %w", place, value, cause(err)))
		}
	})
	return errors.Join(errs...)
}

// cause strips what pflag says about the flag: configure names the true place.
func cause(err error) error {
	if inner := new(pflag.InvalidValueError); errors.As(err, &inner) {
		return inner.Unwrap()
	}
	return err
}

func configurable(f *pflag.Flag) bool { return f.Name != configFlag && f.Name != "help" }

// optionNames lists the options of root and all commands below it, so that one
// file can serve every command.
func optionNames(root *cobra.Command) []string {
	var names []string
	var walk func(*cobra.Command)
	walk = func(c *cobra.Command) {
		for _, set := range []*pflag.FlagSet{c.LocalFlags(), c.PersistentFlags()} {
			set.VisitAll(func(f *pflag.Flag) {
				if configurable(f) {
					names = append(names, f.Name)
				}
			})
		}
		for _, sub := range c.Commands() {
			if sub.Name() != "completion" {
				walk(sub)
			}
		}
	}
	walk(root)
	slices.Sort(names)
	return slices.Compact(names)
}

// parseConfig reads a flat YAML mapping of option names to scalars or lists of
// scalars (joined by commas). Unknown and repeated names are errors.
func parseConfig(path string, text []byte, known []string) (map[string]fileValue, error) {
	doc, err := parser.ParseBytes(text, 0)
	if err != nil {
		return nil, fmt.Errorf("%s is not valid YAML: %w", path, err)
	}
	values := map[string]fileValue{}
	for _, d := range doc.Docs {
		if d.Body == nil {
			continue
		}
		mapping, ok := d.Body.(ast.MapNode)
		if !ok {
			return nil, fmt.Errorf("%s:%d: want option: value lines", path, d.Body.GetToken().Position.Line)
		}
		for it := mapping.MapRange(); it.Next(); {
			name := it.Key().GetToken().Value
			place := fmt.Sprintf("%s:%d", path, it.Key().GetToken().Position.Line)
			if !slices.Contains(known, name) {
				return nil, fmt.Errorf("%s: unknown key %q; the keys are %s", place, name, strings.Join(known, ", "))
			}
			if first, ok := values[name]; ok {
				return nil, fmt.Errorf("%s: %s is already set at %s", place, name, first.place)
			}
			value, err := scalars(it.Value())
			if err != nil {
				return nil, fmt.Errorf("%s: %s: %w", place, name, err)
			}
			values[name] = fileValue{text: value, place: place}
		}
	}
	return values, nil
}

// scalars returns a scalar as it is written, or the elements of a list of
// scalars joined by commas.
func scalars(node ast.Node) (string, error) {
	switch n := node.(type) {
	case *ast.NullNode:
		return "", errors.New("has no value")
	case *ast.SequenceNode:
		parts := make([]string, len(n.Values))
		for i, v := range n.Values {
			if _, nested := v.(*ast.SequenceNode); nested {
				return "", errors.New("want a list of plain values")
			}
			part, err := scalars(v)
			if err != nil {
				return "", err
			}
			parts[i] = part
		}
		return strings.Join(parts, ","), nil
	case *ast.LiteralNode:
		return n.Value.Value, nil
	case ast.ScalarNode:
		return n.GetToken().Value, nil
	default:
		return "", errors.New("want a plain value or a list of them")
	}
}

// byteSize is a flag value such as 512MB or 2GiB, in bytes; 0 is "no limit".
type byteSize int64

// minMemory is the least memory limit that is accepted: below it the runtime
// would spend its time collecting garbage.
const minMemory = 64_000_000

func (b *byteSize) Set(s string) error {
	n, err := humanize.ParseBytes(s)
	switch {
	case err != nil:
		return errors.New("want a size such as 512MB or 2GiB")
	case n != 0 && (n < minMemory || n > 1<<50):
		return errors.New("want 0 (no limit) or at least 64MB")
	}
	*b = byteSize(n)
	return nil
}

func (b *byteSize) String() string {
	if *b <= 0 {
		return "0"
	}
	return humanize.Bytes(uint64(*b))
}

func (b *byteSize) Type() string { return "size" }

// choice is a flag value out of a closed set.
type choice struct {
	value   string
	allowed []string
}

func (c *choice) Set(s string) error {
	if !slices.Contains(c.allowed, s) {
		return fmt.Errorf("want one of %s", strings.Join(c.allowed, ", "))
	}
	c.value = s
	return nil
}

func (c *choice) String() string { return c.value }
func (c *choice) Type() string   { return strings.Join(c.allowed, "|") }
