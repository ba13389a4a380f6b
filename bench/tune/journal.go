package tune

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/go-json-experiment/json"
	"github.com/goccy/go-yaml"

	"osusume/recommend/cooccur"
	"osusume/recommend/engine"
)

// spaceVersion is part of what a journal belongs to. Raise it when equal keys
// no longer mean equal means: other cuts, cases or metrics.
const spaceVersion = 2

// journal remembers means across runs.
type journal struct {
	file  *os.File // nil keeps them in memory alone
	means map[string]float64
}

// heading is the first line of a journal.
type heading struct {
	Journal string `json:"journal"`
	// Of is a hash of everything a mean depends on besides its key.
	Of string `json:"of"`
}

// noted is any other line.
type noted struct {
	Key   string  `json:"key"`
	Value float64 `json:"value"`
}

const journalName = "osusume bench tune"

// openJournal reads the journal at path, if it belongs to of and restart is not
// wanted, and starts a new one otherwise. A line cut short by a crash is taken
// off. An empty path keeps nothing.
func openJournal(path, of string, restart bool) (*journal, error) {
	j := &journal{means: make(map[string]float64)}
	if path == "" {
		return j, nil
	}
	text, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("read progress: %w", err)
	}
	keep := int64(0)
	if !restart {
		keep = j.read(text, of)
	}
	if j.file, err = os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600); err != nil {
		return nil, fmt.Errorf("open progress: %w", err)
	}
	if err := j.file.Truncate(keep); err != nil {
		return nil, errors.Join(fmt.Errorf("cut progress: %w", err), j.file.Close())
	}
	if _, err := j.file.Seek(keep, io.SeekStart); err != nil {
		return nil, errors.Join(fmt.Errorf("open progress: %w", err), j.file.Close())
	}
	if keep == 0 {
		if err := j.append(heading{journalName, of}); err != nil {
			return nil, errors.Join(err, j.file.Close())
		}
	}
	return j, nil
}

// read takes the lines of text that are whole and returns how many bytes they
// are; 0 when the journal belongs to something else.
func (j *journal) read(text []byte, of string) int64 {
	read := int64(0)
	for {
		line, rest, whole := bytes.Cut(text, []byte("\n"))
		if !whole {
			return read
		}
		text = rest
		if read == 0 {
			var h heading
			if json.Unmarshal(line, &h) != nil || h != (heading{journalName, of}) {
				return 0
			}
		} else {
			var n noted
			if json.Unmarshal(line, &n) != nil || n.Key == "" {
				return read
			}
			j.means[n.Key] = n.Value
		}
		read += int64(len(line)) + 1
	}
}

// note remembers a mean.
func (j *journal) note(key string, value float64) error {
	if old, ok := j.means[key]; ok && old == value {
		return nil
	}
	j.means[key] = value
	if j.file == nil {
		return nil
	}
	return j.append(noted{key, value})
}

func (j *journal) append(line any) error {
	text, err := json.Marshal(line)
	if err != nil {
		return fmt.Errorf("note progress: %w", err)
	}
	if _, err := j.file.Write(append(text, '\n')); err != nil {
		return fmt.Errorf("note progress: %w", err)
	}
	return nil
}

func (j *journal) close() error {
	if j.file == nil {
		return nil
	}
	return j.file.Close()
}

// keyOf names one mean: of a model under counts, on the cases of a variant of a
// cut.
func keyOf(c *component, cut int, counts cooccur.Settings, m engine.Model) string {
	text, err := yaml.Marshal(engine.Settings{Counts: counts, Models: map[string]engine.Model{c.model: m}})
	if err != nil {
		panic(fmt.Sprintf("marshal settings: %v", err)) // numbers and strings
	}
	h := sha256.New()
	fmt.Fprintf(h, "%s %v %d\n%s", c.variant, c.metrics, cut, text)
	return hex.EncodeToString(h.Sum(nil)[:12])
}
