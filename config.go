package main

import (
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/dustin/go-humanize"
	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"osusume/api"
	"osusume/recommend/engine"
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

// configFile is what a configuration file says: options, and settings of the
// index, which have no flags.
type configFile struct {
	options  map[string]fileValue
	settings engine.Settings
}

// fileValue is one option of the configuration file and where it stands.
type fileValue struct {
	text  string
	place string // "osusume.yaml:3"
}

// configure fills the flags of cmd that the command line left alone and returns
// the index settings of the file. A value that does not fit is an error that
// says where it came from.
func configure(cmd *cobra.Command, env func(string) string) (engine.Settings, error) {
	path := env(variable(configFlag))
	// A command with a --config of its own means another file by it.
	if own := cmd.LocalNonPersistentFlags().Lookup(configFlag); own == nil {
		if f := cmd.Flags().Lookup(configFlag); f != nil && f.Changed {
			path = f.Value.String()
		}
	}
	var file configFile
	if path != "" {
		text, err := os.ReadFile(path)
		if err != nil {
			return file.settings, fmt.Errorf("read the configuration file: %w", err)
		}
		if file, err = parseConfig(path, text, optionNames(cmd.Root())); err != nil {
			return file.settings, err
		}
	}
	var errs []error
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if f.Changed || !configurable(f) {
			return
		}
		value, place := env(variable(f.Name)), variable(f.Name)
		if value == "" {
			v, ok := file.options[f.Name]
			if !ok {
				return
			}
			value, place = v.text, v.place+": "+f.Name
		}
		if err := cmd.Flags().Set(f.Name, value); err != nil {
			errs = append(errs, fmt.Errorf("%s: bad value %q: %w", place, value, cause(err)))
		}
	})
	return file.settings, errors.Join(errs...)
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

// parseConfig reads a YAML mapping of option names to scalars or lists of
// scalars (joined by commas), and of the keys of engine.Settings. Unknown and
// repeated names are errors.
func parseConfig(path string, text []byte, options []string) (configFile, error) {
	file := configFile{options: map[string]fileValue{}}
	doc, err := parser.ParseBytes(text, 0)
	if err != nil {
		return file, fmt.Errorf("%s is not valid YAML: %w", path, err)
	}
	settings := settingNames()
	lines := map[string]int{}
	for _, d := range doc.Docs {
		if d.Body == nil {
			continue
		}
		mapping, ok := d.Body.(ast.MapNode)
		if !ok {
			return file, fmt.Errorf("%s:%d: want option: value lines", path, d.Body.GetToken().Position.Line)
		}
		for it := mapping.MapRange(); it.Next(); {
			key := it.Key().GetToken()
			name, place := key.Value, fmt.Sprintf("%s:%d", path, key.Position.Line)
			if first, ok := lines[name]; ok {
				return file, fmt.Errorf("%s: %s is already set in line %d", place, name, first)
			}
			lines[name] = key.Position.Line
			switch {
			case slices.Contains(options, name):
				value, err := scalars(it.Value())
				if err != nil {
					return file, fmt.Errorf("%s: %s: %w", place, name, err)
				}
				file.options[name] = fileValue{text: value, place: place}
			case slices.Contains(settings, name):
				if err := yaml.NodeToValue(it.KeyValue(), &file.settings, yaml.Strict()); err != nil {
					return file, fmt.Errorf("%s: %s: %w", path, name, err)
				}
			default:
				return file, fmt.Errorf("%s: unknown key %q; options are %s; settings of the index are %s",
					place, name, strings.Join(options, ", "), strings.Join(settings, ", "))
			}
		}
	}
	return file, nil
}

// settingNames lists the top-level keys of engine.Settings.
func settingNames() []string {
	var names []string
	for f := range reflect.TypeFor[engine.Settings]().Fields() {
		if name, _, _ := strings.Cut(f.Tag.Get("yaml"), ","); name != "-" {
			names = append(names, name)
		}
	}
	return names
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

// originList is a flag value of web origins: repeated, or separated by commas.
type originList []string

func (l *originList) Set(s string) error {
	for part := range strings.SplitSeq(s, ",") {
		origin, err := api.ParseOrigin(strings.TrimSpace(part))
		if err != nil {
			return err
		}
		*l = append(*l, origin)
	}
	return nil
}

func (l *originList) String() string { return strings.Join(*l, ",") }
func (l *originList) Type() string   { return "origin" }
