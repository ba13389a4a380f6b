package tune

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"osusume/bench/eval"
	"osusume/recommend/engine"
)

// A file of settings starts with one block of comment lines per task that was
// tuned into it, each begun by a line such as "# tuned purchases"; what follows
// is YAML. Everything of the file that is not of the task at hand stays.

var blockStart = regexp.MustCompile(`^# tuned (\w+)$`)

// document is a file of settings taken apart.
type document struct {
	// preamble are the comment lines above all blocks.
	preamble []string
	blocks   []block
	text     string // below the blocks, as it was read
	body     yaml.MapSlice
	comments yaml.CommentMap
}

type block struct {
	task  eval.Task
	lines []string // the first one included
}

// readDocument reads path; a file that is not there is an empty one.
func readDocument(path string) (*document, error) {
	d := &document{comments: make(yaml.CommentMap)}
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return d, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read --out: %w", err)
	}
	lines := strings.Split(string(text), "\n")
	at := 0
	// Only up to the last block line and the comments that follow it at once is
	// ours; other comments belong to the key below them.
	end := 0
	for i, line := range lines {
		if !strings.HasPrefix(line, "#") && line != "" {
			break
		}
		if blockStart.MatchString(line) {
			end = i + 1
			for end < len(lines) && strings.HasPrefix(lines[end], "#") && !blockStart.MatchString(lines[end]) {
				end++
			}
		}
	}
	for ; at < end; at++ {
		line := lines[at]
		if m := blockStart.FindStringSubmatch(line); m != nil {
			d.blocks = append(d.blocks, block{task: eval.Task(m[1])})
		}
		switch {
		case line == "":
		case len(d.blocks) == 0:
			d.preamble = append(d.preamble, line)
		default:
			b := &d.blocks[len(d.blocks)-1]
			b.lines = append(b.lines, line)
		}
	}
	d.text = strings.Join(lines[at:], "\n")
	if strings.TrimSpace(d.text) == "" {
		return d, nil
	}
	err = yaml.UnmarshalWithOptions([]byte(d.text), &d.body, yaml.CommentToMap(d.comments), yaml.UseOrderedMap())
	if err != nil {
		return nil, fmt.Errorf("read --out %s: %w", path, err)
	}
	if !plainKeys(d.body) {
		return nil, fmt.Errorf("read --out %s: keys must be words", path)
	}
	// What cannot be written back as it is must not be touched.
	text, err = d.yaml()
	var again yaml.MapSlice
	if err == nil {
		err = yaml.UnmarshalWithOptions(text, &again, yaml.UseOrderedMap())
	}
	if err != nil || !reflect.DeepEqual(d.body, again) {
		return nil, fmt.Errorf("read --out %s: this YAML cannot be updated; name another file", path)
	}
	return d, nil
}

// plainKeys reports whether all keys of a value are strings.
func plainKeys(v any) bool {
	switch v := v.(type) {
	case yaml.MapSlice:
		return !slices.ContainsFunc(v, func(it yaml.MapItem) bool {
			_, ok := it.Key.(string)
			return !ok || !plainKeys(it.Value)
		})
	case []any:
		return !slices.ContainsFunc(v, func(e any) bool { return !plainKeys(e) })
	default:
		return true
	}
}

// yaml is the text of the body.
func (d *document) yaml() ([]byte, error) {
	if len(d.body) == 0 {
		return nil, nil
	}
	return yaml.MarshalWithOptions(d.body, yaml.WithComment(d.comments), yaml.IndentSequence(true))
}

// settings returns the settings of the index in the document; other keys are
// options of commands.
func (d *document) settings() (engine.Settings, error) {
	var s engine.Settings
	if err := yaml.Unmarshal([]byte(d.text), &s); err != nil {
		return s, fmt.Errorf("read --out: %w", err)
	}
	return s, nil
}

// put enters what a run chose.
func (d *document) put(r *Result, command string) error {
	for _, m := range r.Models {
		var value any
		if m.Changed {
			value = m.Settings
		}
		if err := d.set("models", m.Name, value); err != nil {
			return err
		}
	}
	if r.TunesCounts {
		for _, a := range countsAxes(r.Counts) {
			key := strings.NewReplacer(" ", "_", "-", "_").Replace(a.name)
			var value any
			if v := *a.field(&r.Counts); v != 0 {
				value = v
			}
			if err := d.set("counts", key, value); err != nil {
				return err
			}
		}
	}
	lines := []string{"# tuned " + string(r.Task), "#   " + command}
	lines = append(lines, r.summary("#   ")...)
	d.blocks = slices.DeleteFunc(d.blocks, func(b block) bool { return b.task == r.Task })
	d.blocks = append(d.blocks, block{r.Task, lines})
	slices.SortFunc(d.blocks, func(a, b block) int { return strings.Compare(string(a.task), string(b.task)) })
	return nil
}

// set puts a value below body[section][key], or takes it away when it is nil.
func (d *document) set(section, key string, value any) error {
	at := slices.IndexFunc(d.body, func(it yaml.MapItem) bool { return it.Key == section })
	var inner yaml.MapSlice
	if at >= 0 && d.body[at].Value != nil {
		var ok bool
		if inner, ok = d.body[at].Value.(yaml.MapSlice); !ok {
			return fmt.Errorf("read --out: %s must be a mapping", section)
		}
	}
	prefix := "$." + section + "." + key
	for path := range d.comments {
		if path == prefix || strings.HasPrefix(path, prefix+".") || strings.HasPrefix(path, prefix+"[") {
			delete(d.comments, path)
		}
	}
	place := slices.IndexFunc(inner, func(it yaml.MapItem) bool { return it.Key == key })
	switch {
	case value == nil && place < 0:
		return nil
	case value == nil:
		inner = slices.Delete(inner, place, place+1)
	case place < 0:
		inner = append(inner, yaml.MapItem{Key: key, Value: value})
	default:
		inner[place].Value = value
	}
	switch {
	case len(inner) == 0:
		d.body = slices.Delete(d.body, at, at+1)
		delete(d.comments, "$."+section)
	case at < 0:
		d.body = append(d.body, yaml.MapItem{Key: section, Value: inner})
	default:
		d.body[at].Value = inner
	}
	return nil
}

// write replaces the file at path in one step.
func (d *document) write(path string) error {
	var b bytes.Buffer
	for _, line := range d.preamble {
		b.WriteString(line + "\n")
	}
	if len(d.preamble) > 0 {
		b.WriteString("\n")
	}
	for _, block := range d.blocks {
		b.WriteString(strings.Join(block.lines, "\n") + "\n")
	}
	b.WriteString("\n")
	text, err := d.yaml()
	if err != nil {
		return fmt.Errorf("write --out: %w", err)
	}
	b.Write(text)
	if err := writeFile(path, b.Bytes()); err != nil {
		return fmt.Errorf("write --out: %w", err)
	}
	return nil
}

// writeFile replaces the file at path in one step: a reader sees the old or the
// new one. A new file is readable by its owner alone.
func writeFile(path string, text []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if old, statErr := os.Stat(path); statErr == nil {
		// Who could read the old file can read the new one.
		err = errors.Join(err, f.Chmod(old.Mode().Perm()))
	}
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		err = errors.Join(err, os.Remove(f.Name()))
	}
	return err
}
